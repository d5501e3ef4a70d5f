//! When each right to send was last used.
//!
//! Noting a use costs an accepted message one entry of a map in memory. The map is written to the
//! store every [`WRITE_INTERVAL_SECS`] and when the server stops. What a crash loses is still in
//! the trace and the audit. Uses are kept to the minute: more would only mean more to write.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{Permission, RecipientId, Right, SendMode, Timestamp};
use store::right_use::{self, RightUse};
use store::{CommitError, WriteSet};

use crate::App;

/// How long a use stays in memory only, in seconds.
pub const WRITE_INTERVAL_SECS: u64 = 3_600;
/// To how many milliseconds uses are kept.
const ACCURACY_MS: i64 = 60_000;
/// Uses written in one transaction.
const WRITTEN_AT_ONCE: usize = 5_000;

/// Uses that the store does not know yet.
#[derive(Debug, Default)]
pub(crate) struct LastUses(Mutex<HashMap<RightUse, Timestamp>>);

impl LastUses {
    /// Notes that a message was accepted under this permission.
    pub(crate) fn note(&self, actor: RecipientId, permission: &Permission, now: Timestamp) {
        let right = match permission.mode {
            SendMode::Own => return,
            SendMode::SendAs => Right::SendAs,
            SendMode::SendOnBehalf => Right::SendOnBehalf,
        };
        let recipient = permission.represented;
        let trustee = permission.through.unwrap_or(actor);
        let used = RightUse { recipient, trustee, right, actor };
        let at = Timestamp(now.0 - now.0.rem_euclid(ACCURACY_MS));
        self.keep([(used, at)]);
    }

    fn keep(&self, uses: impl IntoIterator<Item = (RightUse, Timestamp)>) {
        let mut kept = self.lock();
        for (used, at) in uses {
            let last = kept.entry(used).or_insert(at);
            *last = at.max(*last);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RightUse, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Writes down the uses that only the memory knows. What cannot be written stays in memory.
    pub async fn write_last_uses(&self) -> Result<(), store::Failure> {
        let taken = std::mem::take(&mut *self.last_uses.lock());
        let mut waiting: Vec<(RightUse, Timestamp)> = taken.into_iter().collect();
        while !waiting.is_empty() {
            let part = waiting.len().saturating_sub(WRITTEN_AT_ONCE);
            let mut set = WriteSet::new();
            for (used, at) in &waiting[part..] {
                right_use::put(&mut set, used, *at);
            }
            match self.store.commit(set).await {
                // The set has no guard, so nothing can be in conflict with it.
                Ok(()) | Err(CommitError::Conflict(_)) => waiting.truncate(part),
                Err(CommitError::Failure(failure)) => {
                    self.last_uses.keep(waiting);
                    return Err(failure);
                }
            }
        }
        Ok(())
    }

    /// When rights on these recipients were last used: what the store knows and what the memory
    /// knows.
    pub(crate) async fn last_uses_of(
        &self,
        recipients: &[RecipientId],
    ) -> Result<HashMap<RightUse, Timestamp>, store::Failure> {
        let stored = right_use::of_recipients(&self.store, recipients).await?;
        let mut uses: HashMap<RightUse, Timestamp> = stored.into_iter().collect();
        for (used, at) in self.last_uses.lock().iter() {
            let last = uses.entry(*used).or_insert(*at);
            *last = (*at).max(*last);
        }
        Ok(uses)
    }
}
