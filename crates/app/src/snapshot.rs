//! The directory in memory, kept in step with the store.
//!
//! Decisions are taken on this snapshot and committed under the guard that the store is still at
//! its version. Whoever finds the guard failed calls [`Snapshot::refresh`] and decides again.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use domain::Directory;
use store::{Store, directory};

/// The snapshot of one process.
#[derive(Debug)]
pub struct Snapshot {
    directory: RwLock<Directory>,
    /// One refresh at a time: the second finds the work done.
    refreshing: tokio::sync::Mutex<()>,
}

impl Snapshot {
    /// Loads the whole directory.
    pub async fn load(store: &Store) -> Result<Snapshot, store::Failure> {
        let loaded = directory::load(store).await?;
        Ok(Snapshot { directory: RwLock::new(loaded), refreshing: tokio::sync::Mutex::new(()) })
    }

    /// The directory as known now. Hold it briefly, never over an await.
    pub fn read(&self) -> RwLockReadGuard<'_, Directory> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts in what changed since the snapshot's version.
    pub async fn refresh(&self, store: &Store) -> Result<(), store::Failure> {
        let _alone = self.refreshing.lock().await;
        let since = self.read().version();
        let changes = directory::changes_since(store, since).await?;
        if changes.version == since {
            return Ok(());
        }
        let mut directory = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        changes.apply(&mut directory);
        Ok(())
    }
}
