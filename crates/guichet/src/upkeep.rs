//! Upkeep: what the server does for mailboxes by itself, one bounded step after the other. Words
//! are indexed soon after mail comes; bins are emptied and leftovers thrown away now and then.

use std::sync::Arc;
use std::time::Duration;

use app::App;
use store::Event;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::clock;

/// After mail came, indexing waits so long, so that it does one step for many messages.
const INDEX_PAUSE: Duration = Duration::from_secs(2);
/// Between two steps, so that mail goes first: as long as the step took, and at most this.
const STEP_PAUSE_MAX: Duration = Duration::from_millis(50);
/// Between two looks at what is old or left over.
const TIDY_EVERY: Duration = Duration::from_secs(600);

/// Runs until shutdown.
pub(crate) async fn run(app: Arc<App>, mut shutdown: watch::Receiver<bool>) {
    let mut events = app.store().subscribe();
    let mut tidy_at = Instant::now();
    loop {
        index(&app, &shutdown).await;
        if Instant::now() >= tidy_at {
            tidy(&app, &shutdown).await;
            tidy_at = Instant::now() + TIDY_EVERY;
        }
        loop {
            let event = tokio::select! {
                event = events.recv() => event,
                () = sleep_until(tidy_at) => break,
                _ = shutdown.changed() => return,
            };
            match event {
                Ok(Event::FolderChanged { .. } | Event::Resynchronize)
                | Err(RecvError::Lagged(_)) => break,
                Ok(Event::DirectoryChanged { .. } | Event::QueueChanged) => {}
                Err(RecvError::Closed) => return,
            }
        }
        tokio::select! {
            () = sleep(INDEX_PAUSE) => {}
            _ = shutdown.changed() => return,
        }
        // What was heard meanwhile is read with the rest.
        events = app.store().subscribe();
    }
}

async fn index(app: &App, shutdown: &watch::Receiver<bool>) {
    while !*shutdown.borrow() {
        let begun_at = Instant::now();
        match app.index_words().await {
            Ok(0) => return,
            Ok(_) => sleep(begun_at.elapsed().min(STEP_PAUSE_MAX)).await,
            Err(error) => {
                tracing::error!(%error, "words could not be indexed");
                return;
            }
        }
    }
}

async fn tidy(app: &App, shutdown: &watch::Receiver<bool>) {
    match app.purge_bins(clock::now()).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "old messages left the bins"),
        Err(error) => tracing::error!(%error, "bins could not be emptied"),
    }
    while !*shutdown.borrow() {
        let begun_at = Instant::now();
        match app.reap().await {
            Ok(0) => return,
            Ok(_) => sleep(begun_at.elapsed().min(STEP_PAUSE_MAX)).await,
            Err(error) => {
                tracing::error!(%error, "leftovers could not be thrown away");
                return;
            }
        }
    }
}
