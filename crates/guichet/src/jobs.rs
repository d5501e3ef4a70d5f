//! What the server does by the clock, beside transmitting: it writes down when rights were last
//! used, forgets OAuth codes, tokens and push subscriptions that ended, and sends the monthly
//! report where the organisation wants it.

use std::sync::Arc;
use std::time::Duration;

use app::{App, WRITE_INTERVAL_SECS};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::clock;

/// Does the jobs at the start and then every hour, until the server stops.
pub(crate) async fn run(app: Arc<App>, mut shutdown: watch::Receiver<bool>) {
    let mut hours = tokio::time::interval(Duration::from_secs(WRITE_INTERVAL_SECS));
    hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = hours.tick() => {}
            _ = shutdown.changed() => return,
        }
        if let Err(error) = app.write_last_uses().await {
            tracing::error!(%error, "the last uses of rights could not be written down");
        }
        if let Err(error) = app.purge_oauth(clock::now()).await {
            tracing::error!(%error, "ended OAuth codes and tokens could not be forgotten");
        }
        if let Err(error) = app.forget_ended_pushes().await {
            tracing::error!(%error, "push subscriptions of ended sessions could not be forgotten");
        }
        match app.send_due_reports(clock::now()).await {
            Ok(0) => {}
            Ok(sent) => tracing::info!(sent, "the monthly report on rights to send went out"),
            Err(error) => tracing::error!(%error, "the monthly report could not be sent"),
        }
    }
}
