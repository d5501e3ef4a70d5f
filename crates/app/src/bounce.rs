//! Notifications about our own deliveries (RFC 3464): built here, accepted like any other message,
//! in the same write set as the fate that they tell.
//!
//! A notification is never about a notification: the null reverse-path ends it (RFC 5321 §6.1).

use bytes::Bytes;
use domain::Timestamp;
use domain::routing::Expansion;
use mail::{Address, Dsn, DsnAction, DsnRecipient, EnhancedStatus, Message, ReversePath};
use store::WriteSet;
use store::queue::QueueEntry;

use crate::App;
use crate::envelope::Envelope;
use crate::system_mail::{SystemRoute, Written};
use crate::transmit::{RemoteWord, status_of};

/// What is to be told about an entry.
#[derive(Debug)]
pub(crate) struct Notice<'a> {
    pub(crate) entry: &'a QueueEntry,
    pub(crate) action: DsnAction,
    pub(crate) word: &'a RemoteWord,
    pub(crate) now: Timestamp,
}

/// A notification to be written and accepted.
struct Report<'a> {
    to: &'a Address,
    original: &'a Message,
    recipients: &'a [DsnRecipient],
    envelope_id: Option<&'a str>,
    arrival_at: Timestamp,
    now: Timestamp,
}

/// Deliveries into our folders whose sender may want to hear of them.
#[derive(Debug)]
pub(crate) struct Deliveries<'a> {
    pub(crate) reverse_path: &'a ReversePath,
    pub(crate) envelope: &'a Envelope,
    pub(crate) expansion: &'a Expansion,
    pub(crate) content: &'a Bytes,
    pub(crate) now: Timestamp,
}

impl App {
    /// Tells the sender of an entry's fate, in the set that decides it, unless nobody is to be
    /// told.
    pub(crate) async fn notify(
        &self,
        set: &mut WriteSet,
        notice: &Notice<'_>,
    ) -> Result<(), store::Failure> {
        let (entry, now) = (notice.entry, notice.now);
        let ReversePath::Address(to) = &entry.reverse_path else { return Ok(()) };
        let original = self.message_content(entry.message).await?;
        let Ok(original) = Message::parse(original) else {
            tracing::error!(message = entry.message.0, "a stored message cannot be read");
            return Ok(());
        };
        let recipient = DsnRecipient {
            original_recipient: entry.wishes.orcpt.clone(),
            final_recipient: entry.recipient.clone(),
            action: notice.action,
            status: status_of(notice.word, notice.action),
            remote_mta: notice.word.host.clone(),
            diagnostic: Some(notice.word.text.clone()),
            last_attempt_at_ms: Some(now.0),
            will_retry_until_ms: (notice.action == DsnAction::Delayed)
                .then_some(entry.expires_at.0),
        };
        let report = Report {
            to,
            original: &original,
            recipients: &[recipient],
            envelope_id: entry.wishes.envid.as_deref(),
            arrival_at: entry.created_at,
            now,
        };
        self.send_report(set, &report).await
    }

    /// Tells the sender of deliveries that were asked for with `NOTIFY=SUCCESS` (RFC 3461 §5.2),
    /// in the set that makes them.
    pub(crate) async fn confirm(
        &self,
        set: &mut WriteSet,
        deliveries: &Deliveries<'_>,
    ) -> Result<(), store::Failure> {
        let ReversePath::Address(to) = deliveries.reverse_path else { return Ok(()) };
        let recipients = confirmed(deliveries);
        if recipients.is_empty() {
            return Ok(());
        }
        let Ok(original) = Message::parse(deliveries.content.clone()) else { return Ok(()) };
        let report = Report {
            to,
            original: &original,
            recipients: &recipients,
            envelope_id: deliveries.envelope.envelope_id.as_deref(),
            arrival_at: deliveries.now,
            now: deliveries.now,
        };
        self.send_report(set, &report).await
    }

    async fn send_report(
        &self,
        set: &mut WriteSet,
        report: &Report<'_>,
    ) -> Result<(), store::Failure> {
        let (to, now) = (report.to, report.now);
        let route = SystemRoute::find(&self.directory(), vec![to.clone()]);
        let Some(route) = route else {
            tracing::info!(%to, "nobody is left to be notified");
            return Ok(());
        };
        let written = |message_id: &str| {
            let content = self.write_dsn(report, &route.from, message_id);
            let subject = Message::parse(content.clone())
                .map(|m| crate::submit::subject(&m))
                .unwrap_or_default();
            Written { subject, content }
        };
        self.put_system_mail(set, &route, now, written).await
    }

    fn write_dsn(&self, report: &Report<'_>, from: &Address, message_id: &str) -> Bytes {
        Dsn {
            reporting_mta: &self.settings.hostname,
            from,
            to: report.to,
            recipients: report.recipients,
            envelope_id: report.envelope_id,
            arrival_at_ms: report.arrival_at.0,
            original: report.original,
            message_id,
            date_ms: report.now.0,
            unique: message_id.trim_matches(['<', '>']),
        }
        .write()
    }
}

/// What is told of the recipients that asked for it and are ours.
fn confirmed(deliveries: &Deliveries<'_>) -> Vec<DsnRecipient> {
    let asked = deliveries.envelope.recipients.iter().filter(|to| to.notices.events().success);
    let ours = asked.filter(|to| {
        deliveries.expansion.placements.iter().any(|placed| placed.original == to.address)
    });
    ours.map(|to| {
        let is_expanded = deliveries.expansion.expanded.iter().any(|(_, of)| *of == to.address);
        DsnRecipient {
            original_recipient: to.original.clone(),
            final_recipient: to.address.clone(),
            action: if is_expanded { DsnAction::Expanded } else { DsnAction::Delivered },
            status: EnhancedStatus::DONE,
            remote_mta: None,
            diagnostic: None,
            last_attempt_at_ms: None,
            will_retry_until_ms: None,
        }
    })
    .collect()
}
