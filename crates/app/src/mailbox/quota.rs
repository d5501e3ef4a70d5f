//! How much mail a mailbox may hold, and whether there is room for more.
//!
//! What is used is remembered for a while, so that taking a message asks the database nothing. Near
//! the limit it is asked each time. The limit is about keeping, not exact to the byte: messages
//! that are taken at the same moment may pass it together once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::routing::Expansion;
use domain::{RecipientId, Timestamp};
use mail::Address;
use store::folder::QuotaUsed;

use super::MailboxError;
use crate::App;

/// Seconds for which what is used is believed.
const REMEMBERED_SECS: i64 = 60;
/// Within this part of the limit what is used is asked anew: a twentieth.
const NEAR_PART: u64 = 20;
/// Mailboxes that are remembered at most.
const REMEMBERED_MAX: usize = 100_000;

/// What mailboxes hold, as far as it was asked lately.
#[derive(Debug, Default)]
pub(crate) struct Usage(Mutex<HashMap<RecipientId, (u64, Timestamp)>>);

impl Usage {
    fn remembered(&self, mailbox: RecipientId, now: Timestamp) -> Option<u64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (bytes, at) = known.get(&mailbox)?;
        (now.secs_since(*at) < REMEMBERED_SECS).then_some(*bytes)
    }

    fn remember(&self, mailbox: RecipientId, bytes: u64, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(mailbox, (bytes, now));
    }

    /// Counts bytes that came, where what is used is remembered.
    pub(crate) fn add(&self, mailbox: RecipientId, bytes: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((used, _)) = known.get_mut(&mailbox) {
            *used = used.saturating_add(bytes);
        }
    }
}

/// What is used of a mailbox's room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaUse {
    /// Bytes and messages in all folders.
    pub used: QuotaUsed,
    /// Bytes allowed; `None`: no limit.
    pub limit_bytes: Option<u64>,
}

impl App {
    /// What is used of a mailbox's room, and how much there is.
    pub async fn quota(&self, mailbox: RecipientId) -> Result<QuotaUse, MailboxError> {
        let limit_bytes = self.quota_limit(mailbox)?;
        let used = store::folder::quota_used(&self.store, mailbox).await?;
        Ok(QuotaUse { used, limit_bytes })
    }

    /// The same of several mailboxes, in their order; those that are gone hold nothing.
    pub async fn quotas(&self, mailboxes: &[RecipientId]) -> Result<Vec<QuotaUse>, store::Failure> {
        let used = store::folder::quotas_used(&self.store, mailboxes).await?;
        let directory = self.directory();
        let uses = mailboxes.iter().zip(used).map(|(mailbox, used)| {
            let found = directory.recipient(*mailbox);
            QuotaUse { used, limit_bytes: found.and_then(|found| found.settings.quota_bytes) }
        });
        Ok(uses.collect())
    }

    /// Whether a mailbox has room for so many bytes more. A mailbox without a limit always has.
    pub async fn has_room(
        &self,
        mailbox: RecipientId,
        bytes: u64,
        now: Timestamp,
    ) -> Result<bool, MailboxError> {
        let Some(limit) = self.quota_limit(mailbox)? else { return Ok(true) };
        let near = limit - limit / NEAR_PART;
        let is_far = |used: &u64| used.saturating_add(bytes) <= near;
        if self.usage.remembered(mailbox, now).filter(is_far).is_some() {
            return Ok(true);
        }
        let used = store::folder::quota_used(&self.store, mailbox).await?;
        let used = u64::try_from(used.size_bytes).unwrap_or_default();
        self.usage.remember(mailbox, used, now);
        Ok(used.saturating_add(bytes) <= limit)
    }

    /// Whether the mailbox that mail to an address goes to has room. Addresses of others have, and
    /// so has one that cannot be looked at now: taking the message will say why.
    pub async fn has_room_for(&self, to: &Address, now: Timestamp) -> bool {
        let mailbox = {
            let directory = self.directory();
            directory.resolve(to).filter(|found| found.folders.is_some()).map(|found| found.id)
        };
        match mailbox {
            None => true,
            Some(mailbox) => self.has_room(mailbox, 1, now).await.unwrap_or(true),
        }
    }

    /// Counts what an accepted message adds to mailboxes.
    pub(crate) fn count_delivery(&self, expansion: &Expansion, bytes: usize) {
        for placement in &expansion.placements {
            self.usage.add(placement.mailbox, bytes as u64);
        }
    }

    fn quota_limit(&self, mailbox: RecipientId) -> Result<Option<u64>, MailboxError> {
        let directory = self.directory();
        let found = directory.recipient(mailbox).ok_or(MailboxError::NotFound)?;
        Ok(found.settings.quota_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    #[test]
    fn usage_is_believed_for_a_while_and_counted_up() {
        let usage = Usage::default();
        let mailbox = RecipientId(1);
        usage.add(mailbox, 5);
        assert_eq!(usage.remembered(mailbox, NOW), None);
        usage.remember(mailbox, 10, NOW);
        usage.add(mailbox, 5);
        assert_eq!(usage.remembered(mailbox, NOW.plus_secs(REMEMBERED_SECS - 1)), Some(15));
        assert_eq!(usage.remembered(mailbox, NOW.plus_secs(REMEMBERED_SECS)), None);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let usage = Usage::default();
        for id in 0..REMEMBERED_MAX as i64 + 1 {
            usage.remember(RecipientId(id), 1, NOW);
        }
        assert_eq!(usage.0.lock().map(|known| known.len()).ok(), Some(1));
    }
}
