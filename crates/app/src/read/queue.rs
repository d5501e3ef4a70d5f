//! The queue as administrators see it: each entry with its message.

use domain::QueueEntryId;

use crate::App;

pub use store::message::MessageSummary;
pub use store::queue::{QueueEntry, QueueState};

/// Entries that are read at once.
const PAGE_ENTRIES: u32 = 1_000;

/// An entry with what is known of its message.
#[derive(Debug, Clone)]
pub struct QueueRow {
    /// The entry.
    pub entry: QueueEntry,
    /// The message.
    pub message: Option<MessageSummary>,
}

impl App {
    /// Entries that a filter lets through, oldest first, at most `limit`.
    pub async fn queue(
        &self,
        limit: usize,
        filter: impl Fn(&QueueEntry) -> bool,
    ) -> Result<Vec<QueueRow>, store::Failure> {
        let mut rows = Vec::new();
        let mut after: Option<QueueEntryId> = None;
        loop {
            let entries = store::queue::list(&self.store, None, after, PAGE_ENTRIES).await?;
            let is_last = entries.len() < PAGE_ENTRIES as usize;
            after = entries.last().map(|entry| entry.id);
            for entry in entries.into_iter().filter(&filter) {
                if rows.len() >= limit {
                    return Ok(rows);
                }
                rows.push(self.queue_row(entry).await?);
            }
            if is_last {
                return Ok(rows);
            }
        }
    }

    /// One entry.
    pub async fn queue_entry(&self, id: i64) -> Result<Option<QueueRow>, store::Failure> {
        match store::queue::show(&self.store, QueueEntryId(id)).await? {
            Some(entry) => Ok(Some(self.queue_row(entry).await?)),
            None => Ok(None),
        }
    }

    async fn queue_row(&self, entry: QueueEntry) -> Result<QueueRow, store::Failure> {
        let message = store::message::show(&self.store, entry.message).await?;
        Ok(QueueRow { entry, message })
    }
}
