//! Announcements between processes: LISTEN and NOTIFY over a connection of their own.
//!
//! Events wait in a set, where equal ones become one, and are sent together. When the connection is
//! lost, it is opened again for as long as it takes; then the listeners are told to read everything
//! again, because what others said meanwhile is gone.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinHandle};
use tokio_postgres::{AsyncMessage, Client, Config, NoTls};

use super::is_announced_inside;
use crate::event::{Event, EventBus};
use crate::failure::Failure;

/// Pause before a lost connection is opened again.
const RECONNECT_WAIT: Duration = Duration::from_secs(1);
/// Events that wait to be sent; more of them become one "read everything again".
const WAITING_EVENTS_MAX: usize = 4096;

const LISTEN: &str = "listen guichet";
const NOTIFY_ALL: &str = "select pg_notify('guichet', payload) from unnest($1::text[]) as payload";
/// Identifiers are unique over processes, so one of them names this process.
const TAKE_ORIGIN: &str =
    "update id_sequence set next_id = next_id + 1 where id = 1 returning next_id - 1";

/// Sends the events of this process to others and theirs to the listeners here.
#[derive(Debug)]
pub(super) struct Announcer {
    origin: i64,
    shared: Arc<Shared>,
    task: AbortHandle,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<BTreeSet<Event>>,
    wake: Notify,
}

impl Shared {
    fn put(&self, events: impl IntoIterator<Item = Event>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extend(events);
        if waiting.len() > WAITING_EVENTS_MAX {
            *waiting = BTreeSet::from([Event::Resynchronize]);
        }
        if !waiting.is_empty() {
            self.wake.notify_one();
        }
    }

    fn take(&self) -> BTreeSet<Event> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Announcer {
    /// Listens from the moment this returns.
    pub(super) async fn start(config: Config, events: EventBus) -> Result<Announcer, Failure> {
        let (client, connection) = config.connect(NoTls).await?;
        let mut connection = std::pin::pin!(connection);
        // The connection moves only while it is polled.
        let origin = tokio::select! {
            row = client.query_one(TAKE_ORIGIN, &[]) => row?.get(0),
            ended = connection.as_mut() => {
                ended?;
                return Err(Failure::closed());
            }
        };
        drop(client);
        let shared = Arc::new(Shared::default());
        let line = Line::open(&config, origin, &events).await?;
        let serving = serve(line, config, origin, events, Arc::clone(&shared));
        Ok(Announcer { origin, shared, task: tokio::spawn(serving).abort_handle() })
    }

    /// The name of this process in what it sends.
    pub(super) fn origin(&self) -> i64 {
        self.origin
    }

    /// Sends events soon. Those that were sent inside their transaction are left out.
    pub(super) fn announce(&self, events: &[Event]) {
        let events = events.iter().copied().filter(|event| !is_announced_inside(*event));
        self.shared.put(events);
    }
}

impl Drop for Announcer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A connection that listens.
struct Line {
    client: Client,
    /// Ends with the connection.
    hearing: JoinHandle<()>,
}

impl Line {
    async fn open(config: &Config, origin: i64, events: &EventBus) -> Result<Line, Failure> {
        let (client, mut connection) = config.connect(NoTls).await?;
        let events = events.clone();
        let hearing = tokio::spawn(async move {
            let mut messages = stream::poll_fn(|context| connection.poll_message(context));
            while let Some(Ok(message)) = messages.next().await {
                if let AsyncMessage::Notification(notification) = message
                    && let Some((from, event)) = Event::from_payload(notification.payload())
                    && from != origin
                {
                    events.publish(&[event]);
                }
            }
        });
        client.batch_execute(LISTEN).await?;
        Ok(Line { client, hearing })
    }
}

async fn serve(mut line: Line, config: Config, origin: i64, events: EventBus, shared: Arc<Shared>) {
    loop {
        send_until_lost(&mut line, origin, &shared).await;
        tracing::warn!("The connection that hears of other processes was lost");
        line = loop {
            tokio::time::sleep(RECONNECT_WAIT).await;
            match Line::open(&config, origin, &events).await {
                Ok(line) => break line,
                Err(error) => tracing::debug!(%error, "PostgreSQL is still away"),
            }
        };
        events.publish(&[Event::Resynchronize]);
        // What waited meanwhile goes out now.
        shared.wake.notify_one();
    }
}

async fn send_until_lost(line: &mut Line, origin: i64, shared: &Shared) {
    loop {
        tokio::select! {
            _ = &mut line.hearing => return,
            () = shared.wake.notified() => {
                let waiting = shared.take();
                let payloads: Vec<String> =
                    waiting.iter().map(|event| event.to_payload(origin)).collect();
                if let Err(error) = line.client.execute(NOTIFY_ALL, &[&payloads]).await {
                    tracing::debug!(%error, "Other processes could not be told");
                    shared.put(waiting);
                    return;
                }
            }
        }
    }
}
