//! Commits that nobody waits for: traces of what was refused.
//!
//! They are bounded: where too many are under way the next one is waited for, so a flood of
//! refusals cannot fill the memory.

use std::sync::Arc;

use store::{Store, WriteSet};
use tokio::sync::Semaphore;

/// Commits under way that nobody waits for.
const UNDER_WAY_MAX: u32 = 1024;

/// Starts commits and remembers how many are under way.
#[derive(Debug)]
pub(crate) struct Later(Arc<Semaphore>);

impl Later {
    pub(crate) fn new() -> Later {
        Later(Arc::new(Semaphore::new(UNDER_WAY_MAX as usize)))
    }

    /// Starts a commit. A failure is logged: there is nobody to tell.
    pub(crate) async fn commit(&self, store: &Store, set: WriteSet) {
        let Ok(permit) = Arc::clone(&self.0).acquire_owned().await else { return };
        let store = store.clone();
        tokio::spawn(async move {
            let _permit = permit;
            if let Err(error) = store.commit(set).await {
                tracing::error!(%error, "a refusal could not be traced");
            }
        });
    }

    /// Waits for all commits that were started.
    pub(crate) async fn finish(&self) {
        // The semaphore is never closed; all permits together mean that nothing is under way.
        let _ = self.0.acquire_many(UNDER_WAY_MAX).await;
    }
}
