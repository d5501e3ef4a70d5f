//! Mail that the server itself writes: notifications, reports, news of requests. It comes from the
//! postmaster with the null reverse-path, and is accepted like any other message, in the write set
//! that it tells of.

use bytes::Bytes;
use domain::routing::{self, Expansion};
use domain::{Directory, MessageId, Timestamp};
use mail::{Address, ReversePath};
use store::WriteSet;

use crate::App;
use crate::acceptance::{Acceptance, Ids, Writer};
use crate::envelope::{Envelope, EnvelopeRecipient};

/// From whom and to whom a mail goes, decided on a version of the directory.
#[derive(Debug)]
pub(crate) struct SystemRoute {
    version: i64,
    pub(crate) from: Address,
    pub(crate) to: Vec<Address>,
    expansion: Expansion,
    /// Whether it is held in the queue where other mail fails for good.
    is_kept: bool,
}

impl SystemRoute {
    /// The way to these addresses; `None` where nobody can be reached.
    pub(crate) fn find(directory: &Directory, to: Vec<Address>) -> Option<SystemRoute> {
        let domain = directory.accepted_domains().first()?.clone();
        let from = Address::new(routing::POSTMASTER, domain).ok()?;
        let expansion = routing::expand(directory, &to);
        let is_reachable = !expansion.placements.is_empty() || !expansion.outside.is_empty();
        let version = directory.version();
        is_reachable.then_some(SystemRoute { version, from, to, expansion, is_kept: false })
    }

    /// The same for mail that must not be lost.
    pub(crate) fn kept(self) -> SystemRoute {
        SystemRoute { is_kept: true, ..self }
    }
}

/// A mail as it was written.
pub(crate) struct Written {
    /// The subject, for listings.
    pub(crate) subject: String,
    /// All of it.
    pub(crate) content: Bytes,
}

impl App {
    /// Puts a mail into the set that it tells of, under the version that its way was decided on.
    /// `write` gets its Message-ID.
    pub(crate) async fn put_system_mail(
        &self,
        set: &mut WriteSet,
        route: &SystemRoute,
        now: Timestamp,
        write: impl FnOnce(&str) -> Written + Send,
    ) -> Result<(), store::Failure> {
        let ids = Ids::reserve(&self.store, Acceptance::ids_needed(&route.expansion, &[])).await?;
        let message = MessageId(ids.first());
        let unique = format!("{:x}-{:x}", now.0, message.0);
        let internet_message_id = mail::message_id(&unique, route.from.domain());
        let Written { subject, content } = write(&internet_message_id);
        let content = if route.expansion.outside.is_empty() {
            content
        } else {
            self.signing.sign(route.from.domain(), content)
        };
        let envelope = Envelope {
            reverse_path: ReversePath::Null,
            recipients: route.to.iter().cloned().map(EnvelopeRecipient::new).collect(),
            envelope_id: None,
        };
        store::directory::expect_version(set, route.version);
        Acceptance {
            message,
            content,
            internet_message_id,
            author: route.from.to_string(),
            subject,
            reverse_path: ReversePath::Null,
            envelope: &envelope,
            expansion: &route.expansion,
            writer: Writer::System,
            sent_folders: &[],
            rules: &[],
            blind: &[],
            is_kept: route.is_kept,
            retry: &self.settings.retry,
            now,
        }
        .write(set, ids);
        Ok(())
    }
}
