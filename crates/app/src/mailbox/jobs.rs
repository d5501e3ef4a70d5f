//! What the server does for mailboxes by itself, in steps that are over soon: it indexes words,
//! empties bins of what is too old, and throws away what nothing needs any more.

use std::panic;

use bytes::Bytes;
use domain::{FolderId, MessageId, Timestamp};
use mail::mime::Part;
use mail::raw_field::split_header;
use mail::text;
use store::folder::FolderRole;
use store::{CommitError, WriteSet};

use crate::App;

/// Folders that one step of indexing looks at.
const FOLDERS_PER_STEP: u32 = 16;
/// Messages of a folder that one step indexes.
const MESSAGES_PER_STEP: u32 = 64;
/// Octets of messages that one step reads, beyond which it stops early.
const OCTETS_PER_STEP: usize = 16 * 1024 * 1024;
/// Messages that are purged at once.
const PURGED_AT_ONCE: u32 = 256;
/// Seconds of a day.
const DAY_SECS: i64 = 24 * 3600;

impl App {
    /// Indexes some messages. Gives how many; 0 means that the index is up to date.
    pub async fn index_words(&self) -> Result<usize, CommitError> {
        let behind = store::search::folders_behind(&self.store, FOLDERS_PER_STEP).await?;
        let mut count = 0;
        for (folder, indexed_uid) in behind {
            count += self.index_folder(folder, indexed_uid).await?;
        }
        Ok(count)
    }

    async fn index_folder(&self, folder: FolderId, indexed_uid: i64) -> Result<usize, CommitError> {
        let next =
            store::search::not_indexed(&self.store, folder, indexed_uid, MESSAGES_PER_STEP).await?;
        let mut contents = Vec::new();
        let (mut count, mut octets, mut last) = (0, 0, None);
        for message in next {
            if octets > OCTETS_PER_STEP {
                break;
            }
            last = Some(message.uid);
            count += 1;
            if message.is_known {
                continue;
            }
            let content = store::message::content(&self.store, message.message).await?;
            let Some(content) = content else { continue };
            octets += content.len();
            contents.push((message.message, content));
        }
        // This takes a moment that those who write to us should not wait for.
        let indexed = tokio::task::spawn_blocking(move || index_all(&contents)).await;
        // Only a server that goes down lets it not end; the next start goes on from here.
        let Ok(mut set) = indexed else { return Ok(0) };
        if let Some(last) = last {
            store::search::advance(&mut set, folder, last);
            self.store.commit(set).await?;
        }
        Ok(count)
    }

    /// Takes messages out of bins that were there for longer than their mailbox keeps them. Gives
    /// how many.
    pub async fn purge_bins(&self, now: Timestamp) -> Result<usize, CommitError> {
        let mut count = 0;
        for bin in store::folder::with_role(&self.store, FolderRole::Trash).await? {
            let days = {
                let directory = self.directory();
                directory.recipient(bin.recipient).map(|found| found.settings.trash_retention_days)
            };
            let Some(days) = days.filter(|days| *days > 0) else { continue };
            if bin.messages == 0 {
                continue;
            }
            let before = now.plus_secs(-i64::from(days) * DAY_SECS);
            loop {
                let gone = store::expunge::purge_older(&self.store, bin.id, before, PURGED_AT_ONCE)
                    .await?;
                count += gone;
                if gone < PURGED_AT_ONCE as usize {
                    break;
                }
            }
        }
        Ok(count)
    }

    /// Throws away some of what nothing needs any more. Gives how much; 0 means that nothing is
    /// left.
    pub async fn reap(&self) -> Result<usize, CommitError> {
        store::expunge::reap(&self.store).await
    }
}

fn index_all(contents: &[(MessageId, Bytes)]) -> WriteSet {
    let mut set = WriteSet::new();
    for (message, content) in contents {
        // What cannot be read for words is found by its flags and dates all the same, and must not
        // keep the others out.
        let words = panic::catch_unwind(|| words_of(content));
        let (header, body) = words.unwrap_or_default();
        store::search::index(&mut set, *message, &header, &body);
    }
    set
}

/// The words of the header and of the body, folded.
fn words_of(content: &[u8]) -> (String, String) {
    let (end, _) = split_header(content);
    let header = text::folded_words(&text::header_text(&content[..end]));
    let body = text::folded_words(&text::body_text(content, &Part::read(content)));
    (header, body)
}
