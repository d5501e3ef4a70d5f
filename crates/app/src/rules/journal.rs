//! Journal reports of a message, put into the write set that accepts it: there is no message that
//! a journal rule wants without its report, and no report without its message.

use bytes::Bytes;
use domain::routing::{Expansion, POSTMASTER};
use domain::rules::{JournalCopy, Party, Verdict};
use domain::{Directory, MessageId, SendMode, Timestamp};
use mail::journal::{JournalAs, JournalBy, JournalRecipient, JournalReport};
use mail::{Address, AddressKey};
use serde_json::json;
use store::WriteSet;
use store::trace::{TraceEvent, TraceKind};

use crate::App;
use crate::acceptance::Writer;
use crate::envelope::Envelope;
use crate::outbox::named_in;
use crate::system_mail::{SystemRoute, Written};

/// A message as its reports tell of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Journaled<'a> {
    pub(crate) message: MessageId,
    /// The octets as they are accepted.
    pub(crate) content: &'a Bytes,
    pub(crate) internet_message_id: &'a str,
    pub(crate) author: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) writer: Writer<'a>,
    pub(crate) envelope: &'a Envelope,
    pub(crate) expansion: &'a Expansion,
    pub(crate) verdict: Option<&'a Verdict>,
    pub(crate) now: Timestamp,
}

impl App {
    /// Puts the reports of a message into the set that accepts it.
    pub(crate) async fn journal(
        &self,
        set: &mut WriteSet,
        journaled: &Journaled<'_>,
        copies: &[JournalCopy],
    ) -> Result<(), store::Failure> {
        if copies.is_empty() {
            return Ok(());
        }
        let recipients = journaled.recipients(&self.directory());
        for copy in copies {
            let (route, organization) = {
                let directory = self.directory();
                (route(&directory, &copy.address), directory.organization().guid.clone())
            };
            let Some(route) = route else {
                tracing::error!(rules = ?copy.rules, "a journal report has nowhere to go");
                continue;
            };
            let report = |from: &Address, to: &Address, message_id: &str| {
                journaled.report(&recipients, &organization, (from, to), message_id)
            };
            let written = |message_id: &str| Written {
                subject: journaled.subject.to_owned(),
                content: report(&route.from, &route.to[0], message_id),
            };
            self.put_system_mail(set, &route, journaled.now, written).await?;
            let event = journaled.event(self.store.next_id().await?, &route.to[0], copy);
            store::trace::record(set, &event);
        }
        Ok(())
    }
}

/// The way of a report: to the address of the rule or, where nobody has it any more, to the
/// postmaster, so that it is not lost.
fn route(directory: &Directory, address: &Party) -> Option<SystemRoute> {
    let wanted = address.address(directory).cloned();
    let found = wanted.and_then(|to| SystemRoute::find(directory, vec![to]));
    let found = found.or_else(|| {
        let domain = directory.accepted_domains().first()?.clone();
        tracing::error!(address = %address.shown(directory), "nobody has the journal address");
        SystemRoute::find(directory, vec![Address::new(POSTMASTER, domain).ok()?])
    });
    found.map(SystemRoute::kept)
}

impl Journaled<'_> {
    /// Under Send As nothing tells the person, here as everywhere that leaves the server; the audit
    /// does.
    fn report(
        &self,
        recipients: &[JournalRecipient],
        organization: &str,
        (from, to): (&Address, &Address),
        message_id: &str,
    ) -> Bytes {
        let (sender, on_behalf_of) = match self.writer {
            Writer::Account { login, mode: SendMode::SendOnBehalf, .. } => {
                (login, Some(self.author))
            }
            _ => (self.author, None),
        };
        JournalReport {
            from,
            to,
            organization,
            sender,
            on_behalf_of,
            subject: self.subject,
            original_id: self.internet_message_id,
            recipients,
            content: self.content,
            message_id,
            date_ms: self.now.0,
        }
        .write()
    }

    /// Everybody whom the message reaches, with how it was addressed to them.
    fn recipients(&self, directory: &Directory) -> Vec<JournalRecipient> {
        let named = Named::in_header_of(self.content);
        let addressed = |original: &Address| match self.writer {
            Writer::Account { .. } => named.how(original),
            Writer::Outside { .. } | Writer::System => JournalAs::Recipient,
        };
        let originals = self.originals();
        let mut found: Vec<JournalRecipient> = originals
            .iter()
            .map(|original| JournalRecipient {
                addressed: addressed(original),
                address: original.clone(),
                by: self.left_out_for(original, &originals).map(JournalBy::Forwarded),
            })
            .collect();
        let placed = self.expansion.placements.iter().filter_map(|placed| {
            let holder = directory.resolve(&placed.original).map(|found| found.id);
            let mailbox = directory.recipient(placed.mailbox)?;
            (holder != Some(mailbox.id)).then_some((mailbox.primary(), &placed.original))
        });
        let outside = self.expansion.outside.iter();
        let outside = outside.map(|to| (&to.address, &to.original)).filter(|(to, of)| to != of);
        found.extend(placed.chain(outside).map(|(address, original)| JournalRecipient {
            addressed: addressed(original),
            address: address.clone(),
            by: Some(JournalBy::Expanded(original.clone())),
        }));
        found
    }

    /// The envelope recipients after the rules, in their order.
    fn originals(&self) -> Vec<Address> {
        let changed = self.verdict.and_then(|verdict| verdict.recipients.clone());
        changed.unwrap_or_else(|| self.envelope.addresses())
    }

    /// The recipient that a rule left out for this one.
    fn left_out_for(&self, address: &Address, originals: &[Address]) -> Option<Address> {
        let written = self.envelope.addresses();
        let is_blind = self.verdict.is_some_and(|verdict| verdict.blind.contains(address));
        if is_blind || written.contains(address) {
            return None;
        }
        written.into_iter().find(|first| !originals.contains(first))
    }

    fn event(&self, id: i64, to: &Address, copy: &JournalCopy) -> TraceEvent {
        TraceEvent {
            id,
            at: self.now,
            message: Some(self.message),
            internet_message_id: Some(self.internet_message_id.to_owned()),
            kind: TraceKind::Journal,
            sender: Some(self.author.to_owned()),
            recipient: Some(to.to_string()),
            subject: Some(self.subject.to_owned()),
            size_bytes: i64::try_from(self.content.len()).ok(),
            actor: None,
            detail: json!({ "rules": copy.rules }).to_string(),
            reference: None,
        }
    }
}

/// Whom a header names.
struct Named {
    to: Vec<AddressKey>,
    cc: Vec<AddressKey>,
}

impl Named {
    fn in_header_of(content: &Bytes) -> Named {
        let keys = |name| named_in(content, &[name]).iter().map(Address::key).collect();
        Named { to: keys("To"), cc: keys("Cc") }
    }

    fn how(&self, address: &Address) -> JournalAs {
        let key = address.key();
        if self.to.contains(&key) {
            JournalAs::To
        } else if self.cc.contains(&key) {
            JournalAs::Cc
        } else {
            JournalAs::Bcc
        }
    }
}
