//! Notifications about our own deliveries (RFC 3464): built here, accepted like any other message,
//! in the same write set as the fate that they tell.
//!
//! A notification is never about a notification: the null reverse-path ends it (RFC 5321 §6.1).

use domain::routing;
use domain::{MessageId, Timestamp};
use mail::{Address, Dsn, DsnAction, DsnRecipient, Message, ReversePath};
use store::WriteSet;
use store::queue::QueueEntry;

use crate::App;
use crate::acceptance::{Acceptance, Ids, Writer};
use crate::envelope::{Envelope, EnvelopeRecipient};
use crate::transmit::{RemoteWord, status_of};

/// What is to be told about an entry.
#[derive(Debug)]
pub(crate) struct Notice<'a> {
    pub(crate) entry: &'a QueueEntry,
    pub(crate) action: DsnAction,
    pub(crate) word: &'a RemoteWord,
    pub(crate) now: Timestamp,
}

/// The addresses and the name of a notification.
struct Letterhead<'a> {
    from: &'a Address,
    to: &'a Address,
    message_id: &'a str,
}

impl App {
    /// Adds a notification to the set, unless there is nobody to tell.
    pub(crate) async fn notify(
        &self,
        set: &mut WriteSet,
        notice: &Notice<'_>,
    ) -> Result<(), store::Failure> {
        let now = notice.now;
        let ReversePath::Address(to) = &notice.entry.reverse_path else { return Ok(()) };
        let original = self.message_content(notice.entry.message).await?;
        let Ok(original) = Message::parse(original) else {
            tracing::error!(message = notice.entry.message.0, "a stored message cannot be read");
            return Ok(());
        };
        let (version, postmaster, expansion) = {
            let directory = self.directory();
            let Some(domain) = directory.accepted_domains().first().cloned() else {
                return Ok(());
            };
            let Ok(postmaster) = Address::new(routing::POSTMASTER, domain) else { return Ok(()) };
            let expansion = routing::expand(&directory, std::slice::from_ref(to));
            (directory.version(), postmaster, expansion)
        };
        if expansion.placements.is_empty() && expansion.outside.is_empty() {
            tracing::info!(%to, "nobody is left to be told of a failure");
            return Ok(());
        }
        let ids = Ids::reserve(&self.store, Acceptance::ids_needed(&expansion)).await?;
        let id = MessageId(ids.first());
        let unique = format!("{:x}-{:x}", now.0, id.0);
        let message_id = mail::message_id(&unique, postmaster.domain());
        let content = self.write_dsn(
            notice,
            &original,
            &Letterhead { from: &postmaster, to, message_id: &message_id },
        );
        let envelope = Envelope {
            reverse_path: ReversePath::Null,
            recipients: vec![EnvelopeRecipient::new(to.clone())],
            envelope_id: None,
        };
        let content = if expansion.outside.is_empty() {
            content
        } else {
            self.signing.sign(postmaster.domain(), content)
        };
        store::directory::expect_version(set, version);
        Acceptance {
            message: id,
            subject: Message::parse(content.clone())
                .map(|m| crate::submit::subject(&m))
                .unwrap_or_default(),
            content,
            internet_message_id: message_id,
            author: postmaster.to_string(),
            reverse_path: ReversePath::Null,
            envelope: &envelope,
            expansion: &expansion,
            writer: Writer::System,
            sent_folders: &[],
            retry: &self.settings.retry,
            now,
        }
        .write(set, ids);
        Ok(())
    }

    fn write_dsn(
        &self,
        notice: &Notice<'_>,
        original: &Message,
        head: &Letterhead<'_>,
    ) -> bytes::Bytes {
        let (entry, now) = (notice.entry, notice.now);
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
        Dsn {
            reporting_mta: &self.settings.hostname,
            from: head.from,
            to: head.to,
            recipients: &[recipient],
            envelope_id: entry.wishes.envid.as_deref(),
            arrival_at_ms: entry.created_at.0,
            original,
            message_id: head.message_id,
            date_ms: now.0,
            unique: head.message_id.trim_matches(['<', '>']),
        }
        .write()
    }
}
