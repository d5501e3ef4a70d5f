//! Reading a folder as pages do: the newest messages first, one page at a time, never the whole
//! folder; one message; and what a reader does to messages.
//!
//! It stands on the `mailbox` module: every function takes a [`Place`] that was asked for a moment
//! ago, and whose rights decide.

mod conversation;
mod structure;

use bytes::Bytes;
use domain::{FolderId, RecipientId, Timestamp};
use store::mailbox::HeaderRow;
use store::message;

pub use conversation::{CONVERSATION_MAX, InConversation, conversation_ids};
/// What [`App::mark`] does.
pub use store::flag::FlagOperation as Marking;
pub use store::folder::{Folder, FolderRole};
pub use store::mailbox::Row;
pub use store::{Flags, UidRange};
pub use structure::{OCTETS_AT_ONCE, Structure};

use crate::App;
use crate::mailbox::search::{Criterion, SearchQuery};
use crate::mailbox::{MailboxError, Place, Rights};

/// UIDs that one step of a search looks through, the newest first.
const SEARCH_SPAN: i64 = 10_000;
/// Steps that one page of a search takes before it answers with what it has.
const SEARCH_STEPS_MAX: u32 = 40;
/// Words of a search that are looked for; the others are passed over.
const SEARCH_WORDS_MAX: usize = 16;
/// Octets of a header section that a list reads where its fields are not kept beside the message.
const HEADER_OCTETS_MAX: u32 = 64 * 1024;
/// The name of the folder for what is kept, where a mailbox has none yet.
const ARCHIVE: &str = "Archive";

/// A message as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its place.
    pub row: Row,
    /// Header fields, at least those of a list.
    pub fields: Bytes,
}

/// A page of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The newest first.
    pub messages: Vec<Listed>,
    /// Ask for those before this UID to go on; `None`: that was the end.
    pub older_before: Option<i64>,
}

impl App {
    /// A folder with its counters for this person, and what the person may do in it. What the
    /// person does not reach is not found.
    pub async fn folder(
        &self,
        person: RecipientId,
        id: FolderId,
        now: Timestamp,
    ) -> Result<(Folder, Place), MailboxError> {
        let folder = store::folder::status(&self.store, id).await?;
        let place = self.place(person, &folder.ok_or(MailboxError::NotFound)?, now)?;
        place.require(Rights::READ).map_err(|_| MailboxError::NotFound)?;
        let folder = store::folder::status_as_read(&self.store, id, place.reader).await?;
        Ok((folder.ok_or(MailboxError::NotFound)?, place))
    }

    /// Up to `limit` messages before a UID.
    pub async fn newest(
        &self,
        place: &Place,
        before: i64,
        limit: u32,
    ) -> Result<Page, MailboxError> {
        place.require(Rights::READ)?;
        let latest = message::latest(&self.store, place.folder, before, limit).await?;
        let (Some(last), Some(first)) = (latest.first(), latest.last()) else {
            return Ok(Page::default());
        };
        let range = UidRange { first: first.uid, last: last.uid };
        let is_full = u32::try_from(latest.len()).is_ok_and(|count| count == limit);
        let rows =
            store::mailbox::headers(&self.store, place.folder, place.reader, range, limit).await?;
        let messages = self.listed(rows).await?;
        let older_before = is_full.then_some(range.first).filter(|first| *first > 1);
        Ok(Page { messages, older_before })
    }

    /// Up to `limit` messages before a UID that have all of these words.
    pub async fn newest_with(
        &self,
        (folder, place): (&Folder, &Place),
        words: &str,
        before: i64,
        limit: usize,
    ) -> Result<Page, MailboxError> {
        if words.trim().is_empty() {
            return self.newest(place, before, u32::try_from(limit).unwrap_or(u32::MAX)).await;
        }
        let words = words.split_whitespace().take(SEARCH_WORDS_MAX);
        let criterion =
            Criterion::And(words.map(|word| Criterion::Text(word.to_owned())).collect());
        let mut last = before.min(folder.uid_next) - 1;
        let mut hits: Vec<i64> = Vec::new();
        let mut steps = 0;
        while last >= 1 && hits.len() < limit && steps < SEARCH_STEPS_MAX {
            let first = (last - SEARCH_SPAN + 1).max(1);
            let mut found = Vec::new();
            let mut from = Some(first);
            while let Some(next) = from {
                steps += 1;
                let uids = vec![UidRange { first: next, last }];
                let query = SearchQuery { uids, criterion: criterion.clone(), modseq: false };
                let page = self.search_folder(place, folder, &query).await?;
                found.extend(page.uids.iter().flat_map(|range| range.first..=range.last));
                from = page.resume_at;
            }
            hits.extend(found.into_iter().rev());
            last = first - 1;
        }
        let is_cut = hits.len() > limit;
        hits.truncate(limit);
        let older_before = if is_cut { hits.last().copied() } else { Some(last + 1) };
        let messages = self.listed_of(place, &hits).await?;
        Ok(Page { messages, older_before: older_before.filter(|before| *before > 1) })
    }

    /// The messages with these UIDs, in their order.
    pub(crate) async fn listed_of(
        &self,
        place: &Place,
        uids: &[i64],
    ) -> Result<Vec<Listed>, MailboxError> {
        let mut messages = Vec::with_capacity(uids.len());
        for uid in uids {
            let range = UidRange::of(*uid);
            let rows =
                store::mailbox::headers(&self.store, place.folder, place.reader, range, 1).await?;
            messages.extend(self.listed(rows).await?);
        }
        Ok(messages)
    }

    /// The rows with their fields, the newest first.
    pub(crate) async fn listed(&self, rows: Vec<HeaderRow>) -> Result<Vec<Listed>, MailboxError> {
        let mut out = Vec::with_capacity(rows.len());
        for header in rows.into_iter().rev() {
            let fields = match header.envelope_fields {
                Some(fields) => Some(fields),
                None => {
                    let id = header.row.message;
                    message::content_part(&self.store, id, 0, HEADER_OCTETS_MAX).await?
                }
            };
            out.push(Listed { row: header.row, fields: fields.unwrap_or_default() });
        }
        Ok(out)
    }

    /// One message with all of its octets.
    pub async fn message(&self, place: &Place, uid: i64) -> Result<(Row, Bytes), MailboxError> {
        let row = self.message_row(place, uid).await?;
        let content = message::content(&self.store, row.message).await?;
        Ok((row, content.ok_or(MailboxError::NotFound)?))
    }

    /// The place of one message.
    pub async fn message_row(&self, place: &Place, uid: i64) -> Result<Row, MailboxError> {
        place.require(Rights::READ).map_err(|_| MailboxError::NotFound)?;
        let range = UidRange::of(uid);
        let rows = store::mailbox::rows(&self.store, place.folder, place.reader, range, 1).await?;
        rows.into_iter().next().ok_or(MailboxError::NotFound)
    }

    /// Sets or takes off a flag.
    pub async fn mark(
        &self,
        place: &Place,
        uids: &[UidRange],
        operation: Marking,
    ) -> Result<(), MailboxError> {
        self.store_flags(place, uids, operation, None).await.map(drop)
    }

    /// Throws messages away: to the bin of the mailbox; out of the bin, for good.
    pub async fn throw_away(
        &self,
        place: &Place,
        uids: &[UidRange],
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        place.require(Rights::DELETE)?;
        let bin = match place.bin_of {
            // Expunging moves to the bin of the group.
            Some(_) => None,
            None if place.role == Some(FolderRole::Trash) => None,
            None => self.folder_of_role(place.mailbox, FolderRole::Trash).await?,
        };
        if let Some(bin) = bin {
            let bin_place = self.place(place.person, &bin, now)?;
            self.move_messages(place, uids, (&bin, &bin_place), now).await?;
            return Ok(());
        }
        self.purge(place, uids, now).await
    }

    /// Takes messages out as expunging does: for good, or to the bin of the group.
    pub(crate) async fn purge(
        &self,
        place: &Place,
        uids: &[UidRange],
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        self.mark(place, uids, Marking::Add(Flags::DELETED)).await?;
        self.expunge(place, uids, now).await
    }

    /// Moves messages to the folder for what is kept; makes it where there is none.
    pub async fn archive(
        &self,
        place: &Place,
        uids: &[UidRange],
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        let archive = match self.folder_of_role(place.mailbox, FolderRole::Archive).await? {
            Some(found) => found,
            None => {
                let entries = self.folder_list(place.person, now).await?;
                let inbox = entries.iter().find(|entry| {
                    entry.folder.recipient == place.mailbox
                        && entry.folder.role == Some(FolderRole::Inbox)
                });
                let inbox = inbox.ok_or(MailboxError::NotFound)?;
                let name = match inbox.is_own {
                    true => ARCHIVE.to_owned(),
                    false => format!("{}/{ARCHIVE}", inbox.name),
                };
                let role = Some(FolderRole::Archive);
                let id = self.create_folder(place.person, &name, role, now).await?;
                self.folder(place.person, id, now).await?.0
            }
        };
        let to = self.place(place.person, &archive, now)?;
        self.move_messages(place, uids, (&archive, &to), now).await.map(drop)
    }

    /// The folder of a mailbox that is for this.
    pub(crate) async fn folder_of_role(
        &self,
        mailbox: RecipientId,
        role: FolderRole,
    ) -> Result<Option<Folder>, MailboxError> {
        let folders = store::folder::list(&self.store, mailbox).await?;
        Ok(folders.into_iter().find(|folder| folder.role == Some(role)))
    }
}
