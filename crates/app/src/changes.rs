//! What changes, for those who watch: folders whose messages came, went or changed. Nothing is said
//! of what it is; whoever hears of a folder asks again, under the own rights.

use domain::FolderId;
use store::Event;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::App;

/// Hears of changes from when it is made.
#[derive(Debug)]
pub struct Changes(Receiver<Event>);

impl App {
    /// Hears of changes from now on.
    pub fn changes(&self) -> Changes {
        Changes(self.store.subscribe())
    }
}

impl Changes {
    /// Waits for the next change: the folder, or `Some(None)` where any may have changed. `None`:
    /// there will be no more.
    pub async fn next(&mut self) -> Option<Option<FolderId>> {
        loop {
            match self.0.recv().await {
                Ok(Event::FolderChanged { folder }) => return Some(Some(folder)),
                Ok(Event::Resynchronize) | Err(RecvError::Lagged(_)) => return Some(None),
                Ok(Event::DirectoryChanged { .. } | Event::QueueChanged) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
}
