//! Changing what is in folders: appending, flags, copying, moving, expunging.
//!
//! A member of a group expunges by moving to the group's bin, under the own name. Moving a message
//! out of a group into another mailbox is a copy and a deletion: the group keeps it in its bin.

use bytes::Bytes;
use domain::{MessageId, Timestamp};
use mail::raw_field::{RawField, raw_field, split_header};
use store::append::Appended;
use store::expunge::Which;
use store::flag::{FlagChange, FlagOperation, FlagsChanged};
use store::folder::{Folder, FolderRole};
use store::keyword::Keyword;
use store::message::{NewMessage, NewPlacement};
use store::transfer::{Transfer, Transferred};
use store::{CommitError, Flags, UidRange, WriteSet};

use super::{MailboxError, Place, Rights};
use crate::App;

/// Rows that are read at once.
const PAGE_ROWS: u32 = 1_000;
/// Keywords that are not system flags have bits from here on.
const KEYWORDS: Flags = Flags(!0xff & i64::MAX);
/// Octets of a subject or author that are kept beside a message.
const LISTED_OCTETS_MAX: usize = 1_000;

/// A message that a mail program brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// All of it.
    pub content: Bytes,
    /// Its flags, keywords as bits of the folder.
    pub flags: Flags,
    /// When it was received, where the program says so.
    pub internal_at: Option<Timestamp>,
}

impl App {
    /// Sees that the folder has these keywords; gives all that it then has. Names that found no
    /// free bit are missing from the answer.
    pub async fn keywords(
        &self,
        place: &Place,
        names: &[&str],
    ) -> Result<Vec<Keyword>, MailboxError> {
        let known = store::keyword::list(&self.store, place.folder).await?;
        let is_known =
            |name: &&str| known.iter().any(|keyword| keyword.name.eq_ignore_ascii_case(name));
        if names.iter().all(is_known) || !place.rights.allow(Rights::WRITE) {
            return Ok(known);
        }
        settled(store::keyword::ensure(&self.store, place.folder, names).await)
    }

    /// Requires that messages of so many bytes may be put into a folder.
    pub async fn may_append(
        &self,
        place: &Place,
        bytes: u64,
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        place.require(Rights::INSERT)?;
        let has_room = self.has_room(place.mailbox, bytes, now).await?;
        if has_room { Ok(()) } else { Err(MailboxError::OverQuota) }
    }

    /// Puts messages into a folder, all or none. Flags that the person may not set are left out.
    pub async fn append(
        &self,
        place: &Place,
        brought: Vec<Brought>,
        now: Timestamp,
    ) -> Result<Vec<Appended>, MailboxError> {
        let bytes: usize = brought.iter().map(|message| message.content.len()).sum();
        self.may_append(place, bytes as u64, now).await?;
        let settable = settable(place.rights);
        let mut messages = Vec::with_capacity(brought.len());
        for message in brought {
            let new = new_message(MessageId(self.store.next_id().await?), message.content, now);
            let placement = NewPlacement {
                folder: place.folder,
                message: new.id,
                size_bytes: i64::try_from(new.content.len()).unwrap_or(i64::MAX),
                flags: Flags(message.flags.0 & settable.0),
                internal_at: message.internal_at.unwrap_or(now),
                placed_at: now,
                placed_by: Some(place.person),
            };
            messages.push((new, placement));
        }
        let appended = store::append::append(&self.store, WriteSet::new(), &messages).await;
        let appended = settled(appended)?;
        self.usage.add(place.mailbox, bytes as u64);
        Ok(appended)
    }

    /// Changes flags. Those that the person may not change stay as they are; where none is left,
    /// that is not allowed.
    pub async fn store_flags(
        &self,
        place: &Place,
        uids: &[UidRange],
        operation: FlagOperation,
        unchanged_since: Option<i64>,
    ) -> Result<FlagsChanged, MailboxError> {
        let settable = settable(place.rights);
        let allowed = |flags: Flags| Flags(flags.0 & settable.0);
        let change = |operation, unchanged_since| FlagChange {
            folder: place.folder,
            reader: place.reader,
            uids,
            operation,
            unchanged_since,
        };
        let is_refused = |flags: Flags| allowed(flags).is_empty() && !flags.is_empty();
        let operation = match operation {
            FlagOperation::Add(flags) | FlagOperation::Remove(flags) if is_refused(flags) => {
                return Err(MailboxError::NotAllowed);
            }
            FlagOperation::Replace(_) if settable.is_empty() => {
                return Err(MailboxError::NotAllowed);
            }
            FlagOperation::Add(flags) => FlagOperation::Add(allowed(flags)),
            FlagOperation::Remove(flags) => FlagOperation::Remove(allowed(flags)),
            FlagOperation::Replace(flags) if settable == ALL_FLAGS => FlagOperation::Replace(flags),
            FlagOperation::Replace(flags) => {
                // What the person may not change stays: take off the others, then set.
                let off = FlagOperation::Remove(settable.without(flags));
                let first = change(off, unchanged_since);
                let first = store::flag::store(&self.store, WriteSet::new(), &first).await;
                let first = settled(first)?;
                let on = FlagChange {
                    uids: &without(uids, &first.refused),
                    ..change(FlagOperation::Add(allowed(flags)), None)
                };
                let second = settled(store::flag::store(&self.store, WriteSet::new(), &on).await)?;
                let changed = store::uid::merged(&[first.changed, second.changed].concat());
                let modseq = first.modseq.max(second.modseq);
                return Ok(FlagsChanged { modseq, changed, refused: first.refused });
            }
        };
        let change = change(operation, unchanged_since);
        settled(store::flag::store(&self.store, WriteSet::new(), &change).await)
    }

    /// Copies messages to a folder, all or none.
    pub async fn copy_messages(
        &self,
        from: &Place,
        uids: &[UidRange],
        to: (&Folder, &Place),
        now: Timestamp,
    ) -> Result<Transferred, MailboxError> {
        from.require(Rights::READ)?;
        to.1.require(Rights::INSERT)?;
        self.require_room(from, uids, to.1, now).await?;
        let transfer = transfer(from, uids, to.1, now);
        settled(store::transfer::copy_to(&self.store, WriteSet::new(), &transfer).await)
    }

    /// Moves messages to a folder.
    pub async fn move_messages(
        &self,
        from: &Place,
        uids: &[UidRange],
        to: (&Folder, &Place),
        now: Timestamp,
    ) -> Result<Transferred, MailboxError> {
        from.require(Rights::READ.with(Rights::DELETE))?;
        to.1.require(Rights::INSERT)?;
        let leaves_group = from.bin_of.is_some_and(|bin| {
            let directory = self.directory();
            let target = directory.recipient(to.1.mailbox);
            target.is_none_or(|found| found.team.unwrap_or(found.id) != bin)
        });
        if leaves_group {
            let copied = self.copy_messages(from, uids, to, now).await?;
            self.move_to_bin(from, &copied.from, now).await?;
            return Ok(copied);
        }
        if from.mailbox != to.1.mailbox {
            self.require_room(from, uids, to.1, now).await?;
        }
        let transfer = transfer(from, uids, to.1, now);
        settled(store::transfer::move_to(&self.store, WriteSet::new(), &transfer).await)
    }

    /// Removes those of the messages that are flagged `\Deleted`: to the bin in a group, for good
    /// everywhere else.
    pub async fn expunge(
        &self,
        place: &Place,
        uids: &[UidRange],
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        place.require(Rights::DELETE)?;
        if place.bin_of.is_none() {
            let gone = store::expunge::expunge(
                &self.store,
                WriteSet::new(),
                place.folder,
                uids,
                Which::Deleted,
            );
            return settled(gone.await).map(drop);
        }
        for range in uids {
            let mut from = range.first;
            loop {
                let left = UidRange { first: from, last: range.last };
                let found =
                    store::mailbox::deleted(&self.store, place.folder, left, PAGE_ROWS).await?;
                let Some(last) = found.last().copied() else { break };
                self.move_to_bin(place, &store::uid::runs(found), now).await?;
                from = last + 1;
            }
        }
        Ok(())
    }

    async fn move_to_bin(
        &self,
        place: &Place,
        uids: &[UidRange],
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        let Some(group) = place.bin_of else { return Err(MailboxError::NotAllowed) };
        let folders = store::folder::list(&self.store, group).await?;
        let bin = folders.into_iter().find(|folder| folder.role == Some(FolderRole::Trash));
        let bin = bin.ok_or(MailboxError::Impossible("the group has no bin"))?;
        let to = Place { folder: bin.id, ..*place };
        // In the bin the flag would mean: purge.
        let transfer = Transfer { without: Flags::DELETED, ..transfer(place, uids, &to, now) };
        let moved = store::transfer::move_to(&self.store, WriteSet::new(), &transfer).await;
        settled(moved).map(drop)
    }

    /// Requires that the messages have room in another mailbox.
    async fn require_room(
        &self,
        from: &Place,
        uids: &[UidRange],
        to: &Place,
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        let mut bytes: i64 = 0;
        for range in store::uid::merged(uids) {
            let mut first = range.first;
            loop {
                let left = UidRange { first, last: range.last };
                let rows =
                    store::mailbox::rows(&self.store, from.folder, from.reader, left, PAGE_ROWS);
                let rows = rows.await?;
                bytes += rows.iter().map(|row| row.size_bytes).sum::<i64>();
                match rows.last() {
                    Some(last) if last.uid < range.last => first = last.uid + 1,
                    _ => break,
                }
            }
        }
        let bytes = u64::try_from(bytes).unwrap_or_default();
        if !self.has_room(to.mailbox, bytes, now).await? {
            return Err(MailboxError::OverQuota);
        }
        self.usage.add(to.mailbox, bytes);
        Ok(())
    }
}

/// Every flag that there is.
const ALL_FLAGS: Flags = Flags(Flags::SYSTEM.0 | KEYWORDS.0);

/// The flags that the rights let somebody change (RFC 4314 §4).
fn settable(rights: Rights) -> Flags {
    let pairs = [
        (Rights::SEEN, Flags::SEEN),
        (Rights::DELETE, Flags::DELETED),
        (Rights::WRITE, ALL_FLAGS.without(Flags::SEEN).without(Flags::DELETED)),
    ];
    let held = pairs.into_iter().filter(|(right, _)| rights.allow(*right));
    held.fold(Flags::NONE, |all, (_, flags)| all.with(flags))
}

fn transfer<'a>(from: &Place, uids: &'a [UidRange], to: &Place, now: Timestamp) -> Transfer<'a> {
    Transfer {
        from: from.folder,
        to: to.folder,
        uids,
        from_reader: from.reader,
        to_reader: to.reader,
        without: Flags::NONE,
        by: Some(from.person),
        at: now,
    }
}

/// The UIDs of ranges without those of others.
fn without(ranges: &[UidRange], others: &[UidRange]) -> Vec<UidRange> {
    let others = store::uid::merged(others);
    let mut out = Vec::new();
    for range in store::uid::merged(ranges) {
        let mut first = range.first;
        for gone in others.iter().filter(|gone| gone.last >= range.first) {
            if gone.first > range.last {
                break;
            }
            if first < gone.first {
                out.push(UidRange { first, last: gone.first - 1 });
            }
            first = gone.last.saturating_add(1);
        }
        if first <= range.last {
            out.push(UidRange { first, last: range.last });
        }
    }
    out
}

/// A message to store, with what lists show of it.
fn new_message(id: MessageId, content: Bytes, now: Timestamp) -> NewMessage {
    let (end, body) = split_header(&content);
    let header = content.slice(..end);
    let text = |name: &str, show: fn(&RawField<'_>) -> String| {
        let text = raw_field(&header, name).map(|field| show(&field))?;
        Some(text[..text.floor_char_boundary(LISTED_OCTETS_MAX)].to_owned())
    };
    NewMessage {
        id,
        internet_message_id: text("Message-ID", |field| field.unfolded()),
        author: text("From", mail::text::field_text),
        subject: text("Subject", mail::text::field_text),
        stored_at: now,
        envelope_fields: mail::envelope::fields(&header),
        header_bytes: i64::try_from(body).ok(),
        content,
    }
}

/// What a commit says, in the words of this module: every conflict is a folder that is gone.
fn settled<T>(result: Result<T, CommitError>) -> Result<T, MailboxError> {
    result.map_err(|error| match error {
        CommitError::Failure(failure) => failure.into(),
        CommitError::Conflict(_) => MailboxError::NotFound,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: i64, last: i64) -> UidRange {
        UidRange { first, last }
    }

    #[test]
    fn ranges_are_taken_out_of_ranges() {
        let all = [range(1, 10), range(20, 30)];
        assert_eq!(without(&all, &[]), all);
        let gone = [range(0, 2), range(5, 5), range(9, 21), range(30, 40)];
        assert_eq!(without(&all, &gone), [range(3, 4), range(6, 8), range(22, 29)]);
        assert_eq!(without(&all, &[range(1, i64::MAX)]), []);
    }

    #[test]
    fn rights_say_which_flags_can_be_changed() {
        let all = Rights::SEEN.with(Rights::DELETE).with(Rights::WRITE);
        assert_eq!(settable(all), ALL_FLAGS);
        assert_eq!(settable(Rights::SEEN), Flags::SEEN);
        assert_eq!(settable(Rights::READ), Flags::NONE);
        assert!(!settable(Rights::WRITE).contains(Flags::DELETED));
        let last_keyword = Flags::of_keyword_bit(62).map(|flag| settable(all).contains(flag));
        assert_eq!(last_keyword, Some(true));
    }

    #[test]
    fn what_lists_show_is_kept_beside_the_message() {
        let content = Bytes::from_static(b"Subject: =?utf-8?q?=C3=A9?=\r\nX: y\r\n\r\nbody");
        let new = new_message(MessageId(1), content, Timestamp(5));
        assert_eq!(new.subject.as_deref(), Some("é"));
        assert_eq!(new.header_bytes, Some(37));
        let kept = new.envelope_fields.map(|fields| fields.len());
        assert_eq!(kept, Some(29));
        assert_eq!(new.author, None);
    }
}
