//! Annotations of folders and of the server (RFC 5464): what people keep there, and two that the
//! server tells by itself. Who placed a message in a group's Sent or bin is one; the addresses that
//! the person may write now is the other.

use bytes::Bytes;
use domain::{RecipientId, SendMode, Timestamp};
use store::annotation::{Annotation, Scope};
use store::folder::Folder;
use store::uid::UidRange;
use store::{CommitError, WriteSet};

use super::{MailboxError, Place, Rights};
use crate::App;

/// The entry with who placed the latest messages of a folder: a line each of UID, address and time.
pub const PLACED_BY: &str = "/shared/vendor/guichet/placed-by";
/// The entry of the server with the addresses that the person may write now.
pub const IDENTITIES: &str = "/private/vendor/guichet/identities";
/// Entries that belong to the server begin so.
const OWN_ENTRIES: &str = "/vendor/guichet/";
/// Messages that [`PLACED_BY`] tells of.
const PLACED_BY_MAX: u32 = 1_000;
/// Entries that one folder, or the server, keeps for everybody or for one person.
pub const ENTRIES_MAX: usize = 100;

/// A folder, or the server.
#[derive(Debug, Clone, Copy)]
pub enum Annotated<'a> {
    /// A folder, as the person may use it.
    Folder(&'a Folder, &'a Place),
    /// The server, and who asks.
    Server(RecipientId),
}

impl Annotated<'_> {
    fn person(&self) -> RecipientId {
        match self {
            Annotated::Folder(_, place) => place.person,
            Annotated::Server(person) => *person,
        }
    }

    fn scope(&self, is_private: bool) -> Scope {
        let folder = match self {
            Annotated::Folder(folder, _) => Some(folder.id),
            Annotated::Server(_) => None,
        };
        Scope { folder, person: is_private.then(|| self.person()) }
    }
}

impl App {
    /// All annotations that the person sees, with full names in lower case.
    pub async fn annotations(
        &self,
        of: Annotated<'_>,
        now: Timestamp,
    ) -> Result<Vec<Annotation>, MailboxError> {
        if let Annotated::Folder(_, place) = of {
            place.require(Rights::READ)?;
        }
        let mut all = Vec::new();
        for (is_private, prefix) in [(false, "/shared"), (true, "/private")] {
            let kept = store::annotation::list(&self.store, of.scope(is_private)).await?;
            all.extend(kept.into_iter().map(|annotation| Annotation {
                entry: format!("{prefix}{}", annotation.entry),
                ..annotation
            }));
        }
        let (entry, value) = match of {
            Annotated::Folder(folder, place) => (PLACED_BY, self.placed_by(folder, place).await?),
            Annotated::Server(person) => (IDENTITIES, Some(self.identities_text(person, now))),
        };
        all.extend(value.map(|text| Annotation { entry: entry.to_owned(), value: text.into() }));
        Ok(all)
    }

    /// Sets and removes annotations, all or none. Names are in lower case.
    pub async fn annotate(
        &self,
        of: Annotated<'_>,
        entries: Vec<(String, Option<Bytes>)>,
    ) -> Result<(), MailboxError> {
        let mut set = WriteSet::new();
        for is_private in [false, true] {
            let prefix = if is_private { "/private" } else { "/shared" };
            let of_kind: Vec<(&str, &Option<Bytes>)> = entries
                .iter()
                .filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, value)))
                .collect();
            if of_kind.is_empty() {
                continue;
            }
            self.may_annotate(of, is_private)?;
            if of_kind.iter().any(|(name, _)| name.starts_with(OWN_ENTRIES)) {
                return Err(MailboxError::NotAllowed);
            }
            let scope = of.scope(is_private);
            let kept = store::annotation::list(&self.store, scope).await?;
            let is_new = |name: &str| !kept.iter().any(|found| found.entry == name);
            let new =
                of_kind.iter().filter(|(name, value)| value.is_some() && is_new(name)).count();
            if kept.len() + new > ENTRIES_MAX {
                return Err(MailboxError::Limit("there are as many annotations as there may be"));
            }
            for (name, value) in of_kind {
                store::annotation::put(&mut set, scope, name, value.clone());
            }
        }
        match self.store.commit(set).await {
            Ok(()) => Ok(()),
            Err(CommitError::Failure(failure)) => Err(failure.into()),
            Err(CommitError::Conflict(_)) => Err(MailboxError::NotFound),
        }
    }

    /// RFC 5464 §3.3: shared ones need the right to write; those of the server are nobody's.
    fn may_annotate(&self, of: Annotated<'_>, is_private: bool) -> Result<(), MailboxError> {
        match of {
            Annotated::Folder(_, place) if is_private => place.require(Rights::READ),
            Annotated::Folder(_, place) => place.require(Rights::WRITE),
            Annotated::Server(_) if is_private => Ok(()),
            Annotated::Server(_) => Err(MailboxError::NotAllowed),
        }
    }

    /// Who placed the latest messages; `None` where nobody of ours placed any.
    async fn placed_by(
        &self,
        folder: &Folder,
        place: &Place,
    ) -> Result<Option<String>, MailboxError> {
        let first = (folder.uid_next - i64::from(PLACED_BY_MAX)).max(1);
        let range = UidRange { first, last: folder.uid_next };
        let rows = store::mailbox::rows(&self.store, folder.id, place.reader, range, PLACED_BY_MAX);
        let rows = rows.await?;
        let directory = self.directory();
        let mut text = String::new();
        for row in rows {
            let Some(by) = row.placed_by else { continue };
            let name = crate::read::identities::primary_of(&directory, by);
            let at = crate::dates::instant(row.saved_at);
            text.push_str(&format!("{}\t{name}\t{at}\n", row.uid));
        }
        Ok((!text.is_empty()).then_some(text))
    }

    /// The addresses that a person may write now: a line each of what stands in From, and what in
    /// Sender.
    fn identities_text(&self, person: RecipientId, now: Timestamp) -> String {
        let directory = self.directory();
        let Some(actor) = directory.recipient(person) else { return String::new() };
        let rows = crate::read::identities::identities(&directory, actor, now);
        let lines = rows.into_iter().map(|row| match (row.mode, row.writes.sender) {
            (SendMode::SendOnBehalf, Some(sender)) => {
                format!("From: {}\tSender: {sender}\n", row.writes.from)
            }
            _ => format!("From: {}\n", row.writes.from),
        });
        lines.collect()
    }
}
