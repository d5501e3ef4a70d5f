//! Mailboxes as people read them: which folders there are for somebody, what the person may do in
//! each, and everything that is done to them and to the messages inside.
//!
//! Every function takes the person and asks the directory's snapshot at that moment. A folder that
//! is open gives nothing by having been opened: each use goes through [`App::place`] again.
//!
//! In a group nothing that a member deletes is gone: it moves to the group's bin, with who did it,
//! until an owner purges it or the days of the bin are over.

pub mod change;
pub mod folders;
pub mod jobs;
pub mod metadata;
pub mod names;
pub mod quota;
pub mod rights;
pub mod search;

use domain::{FolderId, RecipientId, Timestamp};
use store::folder::{Folder, FolderRole};
use store::mailbox::Reader;

use crate::App;
use crate::acceptance::ConflictsExceeded;

pub use names::{FolderName, NamedMailbox};
pub use rights::{Reach, Reached, Rights};

/// Why something is not done to a mailbox.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    /// There is no such folder, or none that the person reaches.
    #[error("there is no such mailbox")]
    NotFound,
    /// The person reaches the folder and may not do this.
    #[error("you have no right to do this here")]
    NotAllowed,
    /// A folder of this name is there.
    #[error("a mailbox of this name is there already")]
    AlreadyExists,
    /// The folder has others below it.
    #[error("it has mailboxes below it: delete those first")]
    HasChildren,
    /// It can never be done.
    #[error("{0}")]
    Impossible(&'static str),
    /// The mailbox has no room for it.
    #[error("the mailbox is full: delete messages or ask an administrator for more room")]
    OverQuota,
    /// A limit of the server would be passed.
    #[error("{0}")]
    Limit(&'static str),
    /// The folder changed again and again meanwhile.
    #[error(transparent)]
    Conflicts(#[from] ConflictsExceeded),
    /// The database failed.
    #[error(transparent)]
    Unavailable(#[from] store::Failure),
}

/// A folder as one person may use it at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Who.
    pub person: RecipientId,
    /// The folder.
    pub folder: FolderId,
    /// Whose folder it is.
    pub mailbox: RecipientId,
    /// What it is for.
    pub role: Option<FolderRole>,
    /// What the person may do there.
    pub rights: Rights,
    /// Whose Seen is meant.
    pub reader: Reader,
    /// The mailbox whose bin receives what is deleted here; `None` where deleting destroys.
    pub bin_of: Option<RecipientId>,
}

impl Place {
    /// Requires rights.
    pub fn require(&self, rights: Rights) -> Result<(), MailboxError> {
        if self.rights.allow(rights) { Ok(()) } else { Err(MailboxError::NotAllowed) }
    }
}

/// One line of a list of folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderEntry {
    /// The full name for this person.
    pub name: String,
    /// The folder with its counters; unseen is the person's.
    pub folder: Folder,
    /// What the person may do there.
    pub rights: Rights,
    /// Whether it is in the person's own mailbox.
    pub is_own: bool,
}

/// Whose Seen is meant when a person reads a mailbox.
fn reader_of(reached: &Reached<'_>, person: RecipientId) -> Reader {
    if reached.mailbox.seen_is_personal() { Reader::Person(person) } else { Reader::Everyone }
}

fn place_of(reached: &Reached<'_>, person: RecipientId, folder: &Folder) -> Place {
    let mailbox = reached.mailbox;
    let bin_of = reached.deletes_to_bin() && folder.role != Some(FolderRole::Trash);
    Place {
        person,
        folder: folder.id,
        mailbox: mailbox.id,
        role: folder.role,
        rights: reached.rights(folder.role),
        reader: reader_of(reached, person),
        bin_of: bin_of.then(|| mailbox.team.unwrap_or(mailbox.id)),
    }
}

impl App {
    /// What the person may do in a folder at this moment; `NotFound` where the person does not
    /// reach it any more.
    pub fn place(
        &self,
        person: RecipientId,
        folder: &Folder,
        now: Timestamp,
    ) -> Result<Place, MailboxError> {
        let directory = self.directory();
        let reached = rights::reach(&directory, person, folder.recipient, now);
        let reached = reached.ok_or(MailboxError::NotFound)?;
        Ok(place_of(&reached, person, folder))
    }

    /// The same by the folder's identifier.
    pub async fn place_of(
        &self,
        person: RecipientId,
        folder: FolderId,
        now: Timestamp,
    ) -> Result<Place, MailboxError> {
        let folder = store::folder::status(&self.store, folder).await?;
        self.place(person, &folder.ok_or(MailboxError::NotFound)?, now)
    }

    /// All folders that the person sees, the own ones first, parents before children.
    pub async fn folder_list(
        &self,
        person: RecipientId,
        now: Timestamp,
    ) -> Result<Vec<FolderEntry>, MailboxError> {
        // What the list needs of each mailbox, so that the directory is not held over the reads.
        struct Wanted {
            root: String,
            mailbox: RecipientId,
            reader: Reader,
            is_own: bool,
        }
        let wanted: Vec<Wanted> = {
            let directory = self.directory();
            let named = names::named(&directory, person, now);
            let wanted = named.into_iter().map(|named| Wanted {
                mailbox: named.reached.mailbox.id,
                reader: reader_of(&named.reached, person),
                is_own: named.reached.reach == Reach::Own,
                root: named.root,
            });
            wanted.collect()
        };
        let mut entries = Vec::new();
        for wanted in wanted {
            let folders =
                store::folder::list_as_read(&self.store, wanted.mailbox, wanted.reader).await?;
            let mut of_mailbox = Vec::with_capacity(folders.len());
            for folder in folders {
                let Ok(place) = self.place(person, &folder, now) else { continue };
                of_mailbox.push(FolderEntry {
                    name: full_name(&wanted.root, &folder),
                    rights: place.rights,
                    is_own: wanted.is_own,
                    folder,
                });
            }
            // The inbox is above the others where it is the root of a group.
            of_mailbox.sort_by_key(|entry| {
                (entry.folder.role != Some(FolderRole::Inbox), entry.name.to_lowercase())
            });
            entries.extend(of_mailbox);
        }
        Ok(entries)
    }

    /// The folder of this name, if it exists and the person sees it.
    pub async fn folder_named(
        &self,
        person: RecipientId,
        name: &str,
        now: Timestamp,
    ) -> Result<(Folder, Place), MailboxError> {
        let (mailbox, reader, inbox, name) = {
            let directory = self.directory();
            let mailboxes = names::named(&directory, person, now);
            let (found, folder) = names::resolve(&mailboxes, name).ok_or(MailboxError::NotFound)?;
            let mailbox = found.reached.mailbox;
            let inbox = mailbox.folders.map(|folders| folders.inbox);
            let name = match folder {
                FolderName::Inbox => None,
                FolderName::Named(name) => Some(stored_name(name)),
            };
            (mailbox.id, reader_of(&found.reached, person), inbox, name)
        };
        let folder = match name {
            None => {
                let inbox = inbox.ok_or(MailboxError::NotFound)?;
                store::folder::status_as_read(&self.store, inbox, reader).await?
            }
            Some(name) => {
                let named = store::folder::named_as_read(&self.store, mailbox, &name, reader);
                // The inbox has its own name already.
                named.await?.filter(|folder| folder.role != Some(FolderRole::Inbox))
            }
        };
        let folder = folder.ok_or(MailboxError::NotFound)?;
        let place = self.place(person, &folder, now)?;
        Ok((folder, place))
    }
}

/// The name of a folder for somebody who reaches its mailbox at `root`.
fn full_name(root: &str, folder: &Folder) -> String {
    match (root, folder.role) {
        ("", Some(FolderRole::Inbox)) => names::INBOX.to_owned(),
        ("", _) => {
            // What is below the inbox is below INBOX.
            match folder.name.strip_prefix(INBOX_PREFIX) {
                Some(rest) => format!("{}/{rest}", names::INBOX),
                None => folder.name.clone(),
            }
        }
        (root, Some(FolderRole::Inbox)) => root.to_owned(),
        (root, _) => format!("{root}/{}", folder.name),
    }
}

/// The stored name begins so for folders below the inbox.
const INBOX_PREFIX: &str = "Inbox/";

/// The name as it is stored: INBOX as first level in one spelling (RFC 9051 §5.1).
fn stored_name(name: &str) -> String {
    match name.split_once(names::DELIMITER) {
        Some((first, rest)) if first.eq_ignore_ascii_case(names::INBOX) => {
            format!("{INBOX_PREFIX}{rest}")
        }
        _ => name.to_owned(),
    }
}
