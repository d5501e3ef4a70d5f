//! Writes that nobody waits for: traces of what was refused, and when a token was last used.
//!
//! They are gathered for a moment and committed as one write set, so that a flood of refusals
//! costs the disk some fifty commits a second, however many refusals there are. What waits is
//! bounded: beyond it the next one waits for a place. Whoever reads what is written here calls
//! [`finish`](Later::finish) first and so always finds it.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use store::{Store, WriteSet};
use tokio::sync::{Notify, Semaphore};

/// Writes that wait or are being committed. Beyond it, whoever has one more waits for a place.
pub(crate) const WAITING_MAX: u32 = 1024;
/// Writes that are committed at once without gathering more.
pub(crate) const GATHERED_MAX: u32 = 256;
/// How long writes are gathered: what a crash can lose, and nobody notices.
pub(crate) const GATHER_TIME: Duration = Duration::from_millis(20);

/// Gathers writes and commits them.
#[derive(Debug)]
pub(crate) struct Later(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    store: Store,
    /// A permit for each write that may still come.
    places: Semaphore,
    gathered: Mutex<Gathered>,
    /// Ends the gathering before its time.
    is_urgent: Notify,
}

#[derive(Debug, Default)]
struct Gathered {
    set: WriteSet,
    /// Writes in the set.
    count: u32,
    /// A task will commit the set.
    is_awaited: bool,
}

impl Later {
    pub(crate) fn new(store: Store) -> Later {
        Later(Arc::new(Shared {
            store,
            places: Semaphore::new(WAITING_MAX as usize),
            gathered: Mutex::default(),
            is_urgent: Notify::new(),
        }))
    }

    /// Takes a write, to be committed within moments. A failure is logged: there is nobody to tell.
    pub(crate) async fn commit(&self, write: WriteSet) {
        let Ok(place) = self.0.places.acquire().await else { return };
        // Given back when the write is committed.
        place.forget();
        let mut gathered = self.0.gathered();
        gathered.set.append(write);
        gathered.count += 1;
        if gathered.count == GATHERED_MAX {
            self.0.is_urgent.notify_one();
        }
        if !mem::replace(&mut gathered.is_awaited, true) {
            tokio::spawn(Arc::clone(&self.0).commit_gathered());
        }
    }

    /// Has everything committed that was taken so far, and waits for it.
    pub(crate) async fn finish(&self) {
        self.0.is_urgent.notify_one();
        // Never closed; all permits together mean that nothing waits and nothing is under way.
        let _ = self.0.places.acquire_many(WAITING_MAX).await;
    }
}

impl Shared {
    fn gathered(&self) -> std::sync::MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits what is gathered, time after time, until nothing more came meanwhile.
    async fn commit_gathered(self: Arc<Self>) {
        loop {
            // A left-over notice only makes one gathering shorter.
            let _ = tokio::time::timeout(GATHER_TIME, self.is_urgent.notified()).await;
            let (set, count) = {
                let mut gathered = self.gathered();
                if gathered.count == 0 {
                    gathered.is_awaited = false;
                    return;
                }
                (mem::take(&mut gathered.set), mem::take(&mut gathered.count))
            };
            if let Err(error) = self.store.commit(set).await {
                tracing::error!(%error, writes = count, "refusals could not be traced");
            }
            self.places.add_permits(count as usize);
        }
    }
}

#[cfg(test)]
mod tests;
