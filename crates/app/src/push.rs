//! Telling browsers of new mail while no page is open (RFC 8030).
//!
//! It is off until the person turns it on in a browser, which is then told of the own inbox and of
//! the mailboxes that the person chooses. What is told is where mail came, never whose or what. A
//! subscription lives as long as the session that asked for it, and each telling asks again whether
//! the person still reads the mailbox.
//!
//! Telling is advanced before it is done: a browser is told once or, where the push service fails,
//! not at all; the next mail tells again.

use bytes::Bytes;
use domain::{FolderId, RecipientId, Timestamp};
use store::mailbox::Row;
use store::push::{self, PushDue, PushSubscription};
use store::{CommitError, Flags, UidRange, WriteSet};

use crate::App;
use crate::mailbox::MailboxError;
use crate::web_session::WebSession;

/// Octets of an endpoint's address at most.
pub const ENDPOINT_OCTETS_MAX: usize = 1_024;
/// Mailboxes that one browser follows at most.
pub const FOLLOWED_MAX: usize = 100;
/// Octets of an uncompressed point on P-256 (RFC 8291 §3.1).
const POINT_OCTETS: usize = 65;
/// Octets of the secret that a browser shares (RFC 8291 §3.2).
const AUTH_OCTETS: usize = 16;
/// New messages that are looked at to find one worth telling of.
const LOOKED_AT_MAX: u32 = 200;
/// The name of the installation's secret with the key that signs.
const KEY_SECRET: &str = "web-push-key";

/// What a browser says when it asks to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribing {
    /// Where its push service takes messages.
    pub endpoint: String,
    /// Its point on P-256.
    pub public_key: Vec<u8>,
    /// The secret that it shares.
    pub auth: Vec<u8>,
    /// The language of the person, as a tag.
    pub language: String,
}

/// Why a browser is not told.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// The endpoint is no https address of a named host, or too long.
    #[error("the browser's push service has an address that cannot be used")]
    Endpoint,
    /// The keys do not have the form of RFC 8291.
    #[error("the browser's keys cannot be used")]
    Keys,
    /// The mailbox is not there for this person.
    #[error(transparent)]
    Mailbox(#[from] MailboxError),
    /// The database failed.
    #[error(transparent)]
    Unavailable(#[from] store::Failure),
}

/// Something to tell a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// The subscription.
    pub id: i64,
    /// Where to.
    pub endpoint: String,
    /// The browser's point on P-256.
    pub public_key: Bytes,
    /// The secret that it shares.
    pub auth: Bytes,
    /// The folder where mail came.
    pub folder: FolderId,
    /// What is told, as the JSON that our service worker reads.
    pub payload: String,
}

impl App {
    /// The key that signs what is told (RFC 8292), in PKCS #8; `fresh` becomes it where there is
    /// none yet.
    pub async fn push_key(&self, fresh: &[u8]) -> Result<Bytes, store::Failure> {
        store::scram::secret(&self.store, KEY_SECRET, fresh).await
    }

    /// Tells the browser of a session from now on of new mail in the person's own inbox.
    pub async fn subscribe_to_push(
        &self,
        session: &WebSession,
        asked: Subscribing,
        now: Timestamp,
    ) -> Result<(), SubscribeError> {
        if !is_endpoint(&asked.endpoint) {
            return Err(SubscribeError::Endpoint);
        }
        let is_point = asked.public_key.len() == POINT_OCTETS && asked.public_key[0] == 4;
        if !is_point || asked.auth.len() != AUTH_OCTETS {
            return Err(SubscribeError::Keys);
        }
        let subscription = PushSubscription {
            id: self.store.next_id().await?,
            recipient: session.recipient,
            session: session.id,
            endpoint: asked.endpoint,
            public_key: asked.public_key.into(),
            auth: asked.auth.into(),
            language: asked.language,
            created_at: now,
        };
        let mut set = WriteSet::new();
        for earlier in push::of_session(&self.store, session.id).await? {
            push::remove(&mut set, earlier.id);
        }
        push::put(&mut set, &subscription);
        if let Some(inbox) = self.inbox_of(session.recipient) {
            push::follow(&mut set, subscription.id, inbox);
        }
        Ok(self.write_push(set).await?)
    }

    /// The mailboxes of which the browser of a session is told; `None` where it is told nothing.
    pub async fn followed_by_push(
        &self,
        session: &WebSession,
    ) -> Result<Option<Vec<RecipientId>>, store::Failure> {
        let found = push::of_session(&self.store, session.id).await?;
        let Some(subscription) = found.first() else { return Ok(None) };
        let mut mailboxes = Vec::new();
        for folder in push::followed(&self.store, subscription.id).await? {
            let folder = store::folder::status(&self.store, folder).await?;
            mailboxes.extend(folder.map(|folder| folder.recipient));
        }
        Ok(Some(mailboxes))
    }

    /// Tells the browser of a session of these mailboxes and of no others. Those that the person
    /// does not read are passed over.
    pub async fn follow_by_push(
        &self,
        session: &WebSession,
        mailboxes: &[RecipientId],
        now: Timestamp,
    ) -> Result<(), SubscribeError> {
        let mut wanted = Vec::new();
        for mailbox in mailboxes.iter().take(FOLLOWED_MAX) {
            match self.desk_of(session.recipient, *mailbox, now).await {
                Ok(place) => wanted.push(place.folder),
                Err(MailboxError::Unavailable(failure)) => return Err(failure.into()),
                Err(_) => {}
            }
        }
        let mut set = WriteSet::new();
        for subscription in push::of_session(&self.store, session.id).await? {
            for folder in push::followed(&self.store, subscription.id).await? {
                if !wanted.contains(&folder) {
                    push::unfollow(&mut set, subscription.id, folder);
                }
            }
            for folder in &wanted {
                push::follow(&mut set, subscription.id, *folder);
            }
        }
        Ok(self.write_push(set).await?)
    }

    /// Tells the browser of a session nothing more.
    pub async fn end_push(&self, session: &WebSession) -> Result<(), store::Failure> {
        let mut set = WriteSet::new();
        for subscription in push::of_session(&self.store, session.id).await? {
            push::remove(&mut set, subscription.id);
        }
        self.write_push(set).await
    }

    /// A subscription of which the push service knows nothing any more.
    pub async fn forget_push(&self, id: i64) -> Result<(), store::Failure> {
        let mut set = WriteSet::new();
        push::remove(&mut set, id);
        self.write_push(set).await
    }

    /// Removes the subscriptions of sessions that ended.
    pub async fn forget_ended_pushes(&self) -> Result<(), store::Failure> {
        let mut set = WriteSet::new();
        push::remove_left(&mut set);
        self.write_push(set).await
    }

    /// The folders of which some browser is told.
    pub async fn folders_told_of(&self) -> Result<Vec<FolderId>, store::Failure> {
        push::followed_by_anybody(&self.store).await
    }

    /// What browsers are to be told of a folder now. Asked once it is taken as told.
    pub async fn take_pushes(
        &self,
        folder: FolderId,
        now: Timestamp,
    ) -> Result<Vec<Push>, store::Failure> {
        let mut out = Vec::new();
        for due in push::due(&self.store, folder).await? {
            let is_ours = match push::advance(&self.store, folder, &due).await {
                Ok(is_ours) => is_ours,
                Err(CommitError::Failure(failure)) => return Err(failure),
                Err(CommitError::Conflict(_)) => false,
            };
            if is_ours && let Some(payload) = self.payload(folder, &due, now).await? {
                let PushSubscription { id, endpoint, public_key, auth, .. } = due.subscription;
                out.push(Push { id, endpoint, public_key, auth, folder, payload });
            }
        }
        Ok(out)
    }

    /// What a browser is told; `None` where there is nothing to tell.
    async fn payload(
        &self,
        folder: FolderId,
        due: &PushDue,
        now: Timestamp,
    ) -> Result<Option<String>, store::Failure> {
        let PushSubscription { recipient: person, session, language, .. } = &due.subscription;
        let sessions = self.web_sessions(*person, now).await?;
        if sessions.iter().all(|found| found.id != *session) {
            return Ok(None);
        }
        let place = match self.place_of(*person, folder, now).await {
            Ok(place) => place,
            Err(MailboxError::Unavailable(failure)) => return Err(failure),
            Err(_) => return Ok(None),
        };
        let range = UidRange { first: due.told_uid + 1, last: due.uid_next - 1 };
        let rows =
            store::mailbox::rows(&self.store, folder, place.reader, range, LOOKED_AT_MAX).await?;
        let is_news =
            |row: &Row| row.placed_by != Some(*person) && !row.flags.contains(Flags::SEEN);
        if !rows.iter().any(is_news) {
            return Ok(None);
        }
        let directory = self.directory();
        let Some(mailbox) = directory.recipient(place.mailbox) else { return Ok(None) };
        let name = &mailbox.display_name;
        let is_own = mailbox.id == *person;
        let body = match (language.as_str(), is_own) {
            ("fr", true) => "Nouveau courrier dans votre boîte de réception".to_owned(),
            ("fr", false) => format!("Nouveau courrier dans {name}"),
            (_, true) => "New mail in your inbox".to_owned(),
            (_, false) => format!("New mail in {name}"),
        };
        let told = serde_json::json!({
            "title": "Guichet",
            "body": body,
            "url": format!("/mail/{}", folder.0),
            "tag": format!("folder-{}", folder.0),
            "language": language,
        });
        Ok(Some(told.to_string()))
    }

    fn inbox_of(&self, person: RecipientId) -> Option<FolderId> {
        let directory = self.directory();
        let found = directory.recipient(person);
        found.and_then(|found| found.folders).map(|folders| folders.inbox)
    }

    async fn write_push(&self, set: WriteSet) -> Result<(), store::Failure> {
        match self.store.commit(set).await {
            Ok(()) => Ok(()),
            Err(CommitError::Failure(failure)) => Err(failure),
            // The sets have no guards.
            Err(error @ CommitError::Conflict(_)) => {
                tracing::error!(%error, "a push subscription met an unexpected conflict");
                Ok(())
            }
        }
    }
}

/// An address under https of a host that has a name (RFC 8030 §8), without a person in it.
fn is_endpoint(endpoint: &str) -> bool {
    let Some(rest) = endpoint.strip_prefix("https://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.split(':').next().unwrap_or_default();
    let is_name = host.contains('.')
        && host.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-'))
        && host.bytes().any(|octet| octet.is_ascii_alphabetic());
    is_name
        && endpoint.len() <= ENDPOINT_OCTETS_MAX
        && endpoint.bytes().all(|octet| octet.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::{ENDPOINT_OCTETS_MAX, is_endpoint};

    #[test]
    fn only_named_hosts_under_https_are_told() {
        let longest = format!("https://a.example/{}", "x".repeat(ENDPOINT_OCTETS_MAX - 18));
        for good in ["https://fcm.example/send/abc:d_e-f", "https://push.example:8443/x", &longest]
        {
            assert!(is_endpoint(good), "{good}");
        }
        let longer = format!("{longest}x");
        for bad in [
            "",
            "http://push.example/x",
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://localhost/x",
            "https://user@push.example/x",
            "https://push.example/\r\nHost: x",
            "https:///x",
            &longer,
        ] {
            assert!(!is_endpoint(bad), "{bad}");
        }
    }
}
