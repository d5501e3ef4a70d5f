//! Creating, deleting, renaming and subscribing to folders.

use std::sync::atomic::Ordering;

use domain::{FolderId, RecipientId, Timestamp};
use store::folder::{Folder, FolderRole, NewFolder};
use store::{CommitError, WriteSet};

use super::names::{self, FolderName};
use super::{MailboxError, Rights, stored_name};
use crate::App;

/// Folders of one mailbox at most.
pub const FOLDERS_MAX: usize = 10_000;

/// A name in a mailbox where a folder is to be.
struct Target {
    mailbox: RecipientId,
    name: String,
    rights: Rights,
}

impl App {
    /// Creates a folder and those above it. Gives its identifier.
    pub async fn create_folder(
        &self,
        person: RecipientId,
        name: &str,
        role: Option<FolderRole>,
        now: Timestamp,
    ) -> Result<FolderId, MailboxError> {
        let target = self.target(person, name, now)?;
        if !target.rights.allow(Rights::CREATE) {
            return Err(MailboxError::NotAllowed);
        }
        let existing = store::folder::list(&self.store, target.mailbox).await?;
        if existing.iter().any(|folder| same_name(&folder.name, &target.name)) {
            return Err(MailboxError::AlreadyExists);
        }
        if role.is_some() && existing.iter().any(|folder| folder.role == role) {
            return Err(MailboxError::Impossible("another mailbox has this special use already"));
        }
        let mut set = WriteSet::new();
        self.add_parents(&mut set, &target, &existing, now).await?;
        let id = self.add_folder(&mut set, &target, role, now).await?;
        self.commit_folders(set).await?;
        Ok(id)
    }

    /// Deletes a folder with its messages.
    pub async fn delete_folder(
        &self,
        person: RecipientId,
        name: &str,
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        let (folder, place) = self.folder_named(person, name, now).await?;
        if folder.role.is_some() {
            return Err(MailboxError::Impossible(
                "this mailbox belongs to every account and stays",
            ));
        }
        place.require(Rights::DELETE_FOLDER)?;
        let prefix = format!("{}/", folder.name);
        let others = store::folder::list(&self.store, folder.recipient).await?;
        if others.iter().any(|other| other.name.starts_with(&prefix)) {
            return Err(MailboxError::HasChildren);
        }
        let mut set = WriteSet::new();
        store::folder::delete(&mut set, folder.id);
        self.commit_folders(set).await
    }

    /// Renames a folder with all below it. The inbox cannot be renamed: what is in it moves to a
    /// new folder of that name (RFC 9051 §6.3.6).
    pub async fn rename_folder(
        &self,
        person: RecipientId,
        (from, to): (&str, &str),
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        let (folder, place) = self.folder_named(person, from, now).await?;
        let is_inbox = folder.role == Some(FolderRole::Inbox);
        if is_inbox && place.mailbox == person {
            self.create_folder(person, to, None, now).await?;
            let (target, target_place) = self.folder_named(person, to, now).await?;
            let all = [store::uid::UidRange::ALL];
            self.move_messages(&place, &all, (&target, &target_place), now).await?;
            return Ok(());
        }
        if folder.role.is_some() {
            return Err(MailboxError::Impossible(
                "this mailbox belongs to every account and stays",
            ));
        }
        place.require(Rights::DELETE_FOLDER)?;
        let target = self.target(person, to, now)?;
        if target.mailbox != folder.recipient {
            return Err(MailboxError::Impossible(
                "a mailbox cannot be renamed into somebody else's: move its messages",
            ));
        }
        if !target.rights.allow(Rights::CREATE) {
            return Err(MailboxError::NotAllowed);
        }
        if target.name.starts_with(&format!("{}/", folder.name)) {
            return Err(MailboxError::Impossible("a mailbox cannot be moved below itself"));
        }
        let existing = store::folder::list(&self.store, target.mailbox).await?;
        if existing
            .iter()
            .any(|other| other.id != folder.id && same_name(&other.name, &target.name))
        {
            return Err(MailboxError::AlreadyExists);
        }
        let mut set = WriteSet::new();
        self.add_parents(&mut set, &target, &existing, now).await?;
        store::folder::rename(&mut set, &folder, &target.name);
        self.commit_folders(set).await
    }

    /// Shows a folder in the person's mail programs, or shows it no more. A folder that is gone can
    /// be hidden.
    pub async fn subscribe(
        &self,
        person: RecipientId,
        name: &str,
        is_wanted: bool,
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        let folder = match self.folder_named(person, name, now).await {
            Ok((folder, _)) => folder.id,
            Err(MailboxError::NotFound) if !is_wanted => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut set = WriteSet::new();
        if is_wanted {
            store::subscription::subscribe(&mut set, person, folder);
        } else {
            store::subscription::unsubscribe(&mut set, person, folder);
        }
        self.commit_folders(set).await
    }

    /// The folders that the person does not want to see.
    pub async fn unsubscribed(&self, person: RecipientId) -> Result<Vec<FolderId>, MailboxError> {
        Ok(store::subscription::unsubscribed(&self.store, person).await?)
    }

    /// The mailbox that a name is in, and the name there.
    fn target(
        &self,
        person: RecipientId,
        name: &str,
        now: Timestamp,
    ) -> Result<Target, MailboxError> {
        const RESERVED: MailboxError =
            MailboxError::Impossible("groups and shared mailboxes are made by an administrator");
        let name = name.trim_end_matches(names::DELIMITER);
        let directory = self.directory();
        let mailboxes = names::named(&directory, person, now);
        let (found, folder) = names::resolve(&mailboxes, name).ok_or(RESERVED)?;
        let name = match folder {
            FolderName::Inbox => return Err(MailboxError::AlreadyExists),
            FolderName::Named(name) => stored_name(name),
        };
        if !names::is_valid(&name) {
            return Err(MailboxError::Impossible(
                "a name has levels of plain characters, not *, % or control characters",
            ));
        }
        let rights = found.reached.rights(None);
        Ok(Target { mailbox: found.reached.mailbox.id, name, rights })
    }

    /// Adds the folders above a name that are not there yet.
    async fn add_parents(
        &self,
        set: &mut WriteSet,
        target: &Target,
        existing: &[Folder],
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        let ends = target.name.match_indices(names::DELIMITER).map(|(at, _)| at);
        let parents: Vec<&str> = ends.map(|end| &target.name[..end]).collect();
        if existing.len() + parents.len() >= FOLDERS_MAX {
            return Err(MailboxError::Limit("the mailbox has as many folders as it may have"));
        }
        for parent in parents {
            if existing.iter().any(|folder| same_name(&folder.name, parent)) {
                continue;
            }
            let above = Target { name: parent.to_owned(), ..*target };
            self.add_folder(set, &above, None, now).await?;
        }
        Ok(())
    }

    async fn add_folder(
        &self,
        set: &mut WriteSet,
        target: &Target,
        role: Option<FolderRole>,
        now: Timestamp,
    ) -> Result<FolderId, MailboxError> {
        let id = FolderId(self.store.next_id().await?);
        let new = NewFolder {
            id,
            recipient: target.mailbox,
            name: target.name.clone(),
            role,
            uid_validity: self.next_uid_validity(now),
            created_at: now,
        };
        store::folder::create(set, &new);
        Ok(id)
    }

    /// RFC 9051 §2.3.1.1: the time in seconds, and never the same twice: a folder may be deleted
    /// and created again within one.
    fn next_uid_validity(&self, now: Timestamp) -> u32 {
        let secs = u32::try_from(now.0 / 1000).unwrap_or(1).max(1);
        let next = |last: u32| Some(secs.max(last.saturating_add(1)));
        match self.uid_validity.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next) {
            Ok(last) | Err(last) => secs.max(last.saturating_add(1)),
        }
    }

    async fn commit_folders(&self, set: WriteSet) -> Result<(), MailboxError> {
        match self.store.commit(set).await {
            Ok(()) => Ok(()),
            Err(CommitError::Failure(failure)) => Err(failure.into()),
            Err(error) => Err(match error.conflict() {
                Some("folder_name") => MailboxError::AlreadyExists,
                _ => MailboxError::NotFound,
            }),
        }
    }
}

/// Names are told apart by their octets; only the inbox has one spelling more.
fn same_name(one: &str, other: &str) -> bool {
    one == other || (one.eq_ignore_ascii_case(names::INBOX) && other.eq_ignore_ascii_case(one))
}
