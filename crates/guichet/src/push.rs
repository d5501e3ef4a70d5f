//! Telling browsers of new mail while no page is open (RFC 8030): follows what changes, asks the
//! application who is to be told, encrypts for each browser and hands it to its push service.
//!
//! Push services are somebody else's: they learn when something is told, not what. They are reached
//! over HTTPS at public addresses only. One that says that a subscription is gone (404, 410) is
//! believed; any other failure is passed over, since the next mail tells again.

mod delivery;
mod encryption;
mod hosts;
mod vapid;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use app::App;
use app::push::Push;
use domain::FolderId;
use store::Event;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, watch};
use tokio::time::sleep;

use crate::clock;
use delivery::{Delivered, Delivery};

pub(crate) use vapid::Signer;

/// After a change so long is waited for further ones: mail often comes in bursts.
const PAUSE: Duration = Duration::from_secs(2);
/// Deliveries at the same time.
const DELIVERIES_MAX: usize = 16;

/// Runs until shutdown.
pub(crate) async fn run(app: Arc<App>, signer: Signer, mut shutdown: watch::Receiver<bool>) {
    let delivery = match Delivery::to_public_hosts(signer) {
        Ok(delivery) => Arc::new(delivery),
        Err(error) => {
            tracing::warn!(%error, "nobody is told of new mail: no push service can be verified");
            return;
        }
    };
    let places = Arc::new(Semaphore::new(DELIVERIES_MAX));
    let mut events = app.store().subscribe();
    // What came while no process ran is told at the start.
    let mut changed = Changed::Everything;
    loop {
        for push in due(&app, &changed).await {
            let place = tokio::select! {
                place = Arc::clone(&places).acquire_owned() => place,
                _ = shutdown.changed() => return,
            };
            let (app, delivery) = (Arc::clone(&app), Arc::clone(&delivery));
            tokio::spawn(async move {
                let _place = place;
                deliver(&app, &delivery, &push).await;
            });
        }
        changed = tokio::select! {
            changed = next(&mut events) => match changed {
                Some(changed) => changed,
                None => return,
            },
            _ = shutdown.changed() => return,
        };
    }
}

/// What may have new mail.
#[derive(Debug, PartialEq, Eq)]
enum Changed {
    Folders(BTreeSet<FolderId>),
    Everything,
}

/// Waits for a change and gathers those behind it; `None` when there will be none.
async fn next(events: &mut tokio::sync::broadcast::Receiver<Event>) -> Option<Changed> {
    let mut folders = BTreeSet::new();
    let mut is_everything = false;
    let pause = sleep(Duration::MAX);
    tokio::pin!(pause);
    loop {
        let event = tokio::select! {
            event = events.recv() => event,
            () = &mut pause => break,
        };
        let was_quiet = folders.is_empty() && !is_everything;
        match event {
            Ok(Event::FolderChanged { folder }) => drop(folders.insert(folder)),
            Ok(Event::Resynchronize) | Err(RecvError::Lagged(_)) => is_everything = true,
            Ok(Event::DirectoryChanged { .. } | Event::QueueChanged) => {}
            Err(RecvError::Closed) => return None,
        }
        if was_quiet && (is_everything || !folders.is_empty()) {
            pause.as_mut().reset(tokio::time::Instant::now() + PAUSE);
        }
    }
    Some(if is_everything { Changed::Everything } else { Changed::Folders(folders) })
}

async fn due(app: &App, changed: &Changed) -> Vec<Push> {
    let mut out = Vec::new();
    let read = async {
        for folder in app.folders_told_of().await? {
            let is_meant = match changed {
                Changed::Everything => true,
                Changed::Folders(folders) => folders.contains(&folder),
            };
            if is_meant {
                out.extend(app.take_pushes(folder, clock::now()).await?);
            }
        }
        Ok::<_, app::Failure>(())
    };
    if let Err(error) = read.await {
        tracing::error!(%error, "whom to tell of new mail could not be read");
    }
    out
}

async fn deliver(app: &App, delivery: &Delivery, push: &Push) {
    match delivery.deliver(push, clock::now()).await {
        Ok(Delivered::Taken) => {}
        Ok(Delivered::Gone) => {
            if let Err(error) = app.forget_push(push.id).await {
                tracing::error!(%error, "a push subscription that is gone could not be forgotten");
            }
        }
        Ok(Delivered::Refused(status)) => {
            tracing::info!(status, "a push service did not take a message");
        }
        Err(why) => tracing::info!(%why, "a push service could not be reached"),
    }
}
