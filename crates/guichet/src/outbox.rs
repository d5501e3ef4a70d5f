//! What waits for a moment: messages from the pages that can still be taken back are sent when
//! their time has come, with what a process left that ended meanwhile; and messages that a team put
//! off come back.

use std::sync::Arc;
use std::time::Duration;

use app::App;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::clock;

/// Between two looks at what another process left.
const OVERDUE_EVERY: Duration = Duration::from_secs(60);

/// Runs until shutdown.
pub(crate) async fn run(app: Arc<App>, mut shutdown: watch::Receiver<bool>) {
    loop {
        let now = clock::now();
        if let Err(error) = app.send_overdue(now).await {
            tracing::error!(%error, "what waits to be sent could not be read");
        }
        if let Err(error) = app.end_snoozes(now).await {
            tracing::error!(%error, "what a team put off could not be brought back");
        }
        let look_again = sleep(OVERDUE_EVERY);
        tokio::pin!(look_again);
        loop {
            let next_at = app.send_due(clock::now()).await;
            let wait = next_at.map_or(OVERDUE_EVERY, |at| {
                Duration::from_millis(u64::try_from(at.0 - clock::now().0).unwrap_or(0))
            });
            tokio::select! {
                () = sleep(wait) => {}
                () = app.outbox_changed() => {}
                () = &mut look_again => break,
                _ = shutdown.changed() => return,
            }
        }
    }
}
