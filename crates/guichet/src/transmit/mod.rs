//! Transmission: takes due entries from the queue to the next hop and reports what came of it.
//!
//! One task claims; each route (a domain, or the smarthost) is served by tasks of its own, so a
//! dead host delays nobody else. A route that cannot be reached is left alone for a minute: what is
//! due for it meanwhile is deferred without dialling.

mod connection;
mod route;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::App;
use app::transmit::{Outcome, RemoteWord, Transmission};
use domain::Timestamp;
use futures_util::future::join_all;
use mail::ReversePath;
use smtp::client::{ClientError, RecipientOutcome, Severity};
use smtp::{Envelope, MailParameters, RecipientParameters};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::clock;
use connection::Dialled;
pub(crate) use connection::{ClientTls, Connections};
use route::Route;
pub(crate) use route::{Outbound, Smarthost};

/// Entries claimed at once.
const CLAIM_MAX: u32 = 256;
/// Recipients of one transaction (RFC 5321 §4.5.3.1.8 has every server take 100).
const RECIPIENTS_PER_TRANSACTION: usize = 100;
/// The queue is looked at no less often, whatever events say.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// Seconds for which a route that could not be reached is left alone.
const UNREACHABLE_SECS: i64 = 60;

/// Sends what is due until it is told to stop.
pub(crate) struct Transmitter {
    app: Arc<App>,
    connections: Connections,
    outbound: Outbound,
    worker: String,
    groups: Arc<Semaphore>,
    unreachable: Mutex<HashMap<Route, (Timestamp, RemoteWord)>>,
}

/// Entries that go together: one route, one message, one reverse-path.
type Batch = Vec<Transmission>;

/// What came of one try on one connection.
enum Sent {
    /// An outcome for each entry.
    Told(Vec<Outcome>),
    /// The connection was stale: try on another.
    Again,
}

impl Transmitter {
    /// A transmitter; `worker` must be unique over processes and restarts.
    pub(crate) fn new(
        app: Arc<App>,
        connections: Connections,
        outbound: Outbound,
        worker: String,
    ) -> Arc<Transmitter> {
        Arc::new(Transmitter {
            groups: Arc::new(Semaphore::new(outbound.workers)),
            app,
            connections,
            outbound,
            worker,
            unreachable: Mutex::new(HashMap::new()),
        })
    }

    /// Runs until `shutdown` turns true; attempts under way are finished first.
    pub(crate) async fn run(self: Arc<Self>, mut shutdown: watch::Receiver<bool>) {
        let mut events = self.app.store().subscribe_without_folders();
        while !*shutdown.borrow() {
            let sleep = self.round().await;
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                // Any event is worth a look; a lagging receiver has missed some.
                _ = wait_for_queue(&mut events) => {}
                _ = shutdown.changed() => {}
            }
        }
        // Taking all permits waits for the tasks that hold them.
        let all = u32::try_from(self.outbound.workers).unwrap_or(u32::MAX);
        let _ = self.groups.acquire_many(all).await;
        self.connections.close().await;
    }

    /// Claims what is due and starts its transmission. Says how long there is nothing to do.
    async fn round(self: &Arc<Self>) -> Duration {
        loop {
            let Ok(permit) = Arc::clone(&self.groups).acquire_owned().await else {
                return LONGEST_SLEEP;
            };
            let claimed = self.app.claim_transmissions(&self.worker, clock::now(), CLAIM_MAX).await;
            match claimed {
                Ok(claimed) if claimed.is_empty() => break,
                Ok(claimed) => self.start(claimed, permit).await,
                Err(error) => {
                    tracing::error!(%error, "the queue cannot be read");
                    return Duration::from_secs(5);
                }
            }
        }
        match store::queue::next_due_at(self.app.store()).await {
            Ok(Some(next)) => {
                let wait = u64::try_from(next.0 - clock::now().0).unwrap_or(0);
                Duration::from_millis(wait.max(20)).min(LONGEST_SLEEP)
            }
            Ok(None) => LONGEST_SLEEP,
            Err(error) => {
                tracing::error!(%error, "the queue cannot be read");
                Duration::from_secs(5)
            }
        }
    }

    /// Splits what was claimed by route; each route gets tasks of its own.
    async fn start(self: &Arc<Self>, claimed: Vec<Transmission>, permit: OwnedSemaphorePermit) {
        let mut routes: HashMap<Route, Vec<Batch>> = HashMap::new();
        for transmission in claimed {
            let route = self.outbound.route(transmission.entry.recipient.domain());
            let batches = routes.entry(route).or_default();
            match batches.iter_mut().find(|batch| goes_with(batch, &transmission)) {
                Some(batch) => batch.push(transmission),
                None => batches.push(vec![transmission]),
            }
        }
        let mut permit = Some(permit);
        for (route, mut batches) in routes {
            let share = batches.len().div_ceil(self.outbound.connections_per_host.max(1));
            while !batches.is_empty() {
                let rest = batches.split_off(share.min(batches.len()));
                let part = std::mem::replace(&mut batches, rest);
                let permit = match permit.take() {
                    Some(permit) => permit,
                    None => match Arc::clone(&self.groups).acquire_owned().await {
                        Ok(permit) => permit,
                        Err(_) => return,
                    },
                };
                let (this, route) = (Arc::clone(self), route.clone());
                tokio::spawn(async move {
                    let _permit = permit;
                    this.transmit_all(&route, part).await;
                });
            }
        }
    }

    async fn transmit_all(&self, route: &Route, batches: Vec<Batch>) {
        for batch in batches {
            let outcomes = match self.known_unreachable(route) {
                Some(word) => vec![Outcome::Deferred(word); batch.len()],
                None => self.transmit(route, &batch).await,
            };
            self.report(&batch, &outcomes).await;
        }
    }

    async fn transmit(&self, route: &Route, batch: &Batch) -> Vec<Outcome> {
        loop {
            // Ends: each turn uses up a kept connection, and a new one is never tried again.
            match self.transmit_once(route, batch).await {
                Sent::Told(outcomes) => return outcomes,
                Sent::Again => {}
            }
        }
    }

    async fn transmit_once(&self, route: &Route, batch: &Batch) -> Sent {
        let dialled = match self.connections.open(route).await {
            Ok(dialled) => dialled,
            Err(failure) => {
                let outcome = failure.outcome();
                if let Outcome::Deferred(word) = &outcome {
                    self.mark_unreachable(route, word);
                }
                return Sent::Told(vec![outcome; batch.len()]);
            }
        };
        let Dialled { mut session, host, is_kept } = dialled;
        match session.transmit(&envelope(batch), &batch[0].content).await {
            Ok(done) => {
                let outcomes = done.recipients.iter().map(|outcome| told(outcome, &host)).collect();
                if session.is_usable() {
                    self.connections.keep(route, Dialled { session, host, is_kept });
                }
                Sent::Told(outcomes)
            }
            // The peer closed a connection that waited; nothing of this message was taken.
            Err(ClientError::Lost { .. }) if is_kept => Sent::Again,
            Err(error) => Sent::Told(vec![failed(&error, &host); batch.len()]),
        }
    }

    async fn report(&self, batch: &Batch, outcomes: &[Outcome]) {
        let now = clock::now();
        let reports = batch.iter().zip(outcomes).map(|(transmission, outcome)| async move {
            log(transmission, outcome);
            let reported = self.app.report_transmission(&transmission.entry, outcome, now).await;
            if let Err(error) = reported {
                // The lease will end and the entry be sent again: better twice than never.
                let entry = transmission.entry.id.0;
                tracing::error!(entry, %error, "an outcome could not be stored");
            }
        });
        join_all(reports).await;
    }

    fn known_unreachable(&self, route: &Route) -> Option<RemoteWord> {
        let mut unreachable = self.unreachable.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, word) = unreachable.get(route)?;
        if clock::now() < *until {
            return Some(word.clone());
        }
        unreachable.remove(route);
        None
    }

    fn mark_unreachable(&self, route: &Route, word: &RemoteWord) {
        let secs = UNREACHABLE_SECS.min(self.app.settings().retry.first_wait_secs / 2);
        let until = clock::now().plus_secs(secs);
        let mut unreachable = self.unreachable.lock().unwrap_or_else(PoisonError::into_inner);
        unreachable.insert(route.clone(), (until, word.clone()));
    }
}

async fn wait_for_queue(events: &mut tokio::sync::broadcast::Receiver<store::Event>) {
    use tokio::sync::broadcast::error::RecvError;
    loop {
        match events.recv().await {
            Ok(store::Event::QueueChanged | store::Event::Resynchronize)
            | Err(RecvError::Lagged(_)) => return,
            Ok(store::Event::DirectoryChanged { .. } | store::Event::FolderChanged { .. }) => {}
            // The store is gone; the next look at the queue says so.
            Err(RecvError::Closed) => return tokio::time::sleep(LONGEST_SLEEP).await,
        }
    }
}

fn goes_with(batch: &Batch, transmission: &Transmission) -> bool {
    let first = &batch[0].entry;
    batch.len() < RECIPIENTS_PER_TRANSACTION
        && first.message == transmission.entry.message
        && first.reverse_path == transmission.entry.reverse_path
        && first.wishes.envid == transmission.entry.wishes.envid
}

fn envelope(batch: &Batch) -> Envelope {
    let first = &batch[0];
    let header_is_ascii = first.content.iter().take_while(|byte| **byte != 0).all(u8::is_ascii);
    let needs_utf8 = |path: &ReversePath| path.address().is_some_and(mail::Address::needs_smtputf8);
    let mut parameters = MailParameters::new(first.entry.reverse_path.clone());
    parameters.size_octets = Some(first.content.len() as u64);
    parameters.body = if header_is_ascii { smtp::Body::SevenBit } else { smtp::Body::EightBitMime };
    parameters.smtputf8 = needs_utf8(&first.entry.reverse_path)
        || batch.iter().any(|to| to.entry.recipient.needs_smtputf8())
        || route::has_utf8_header(&first.content);
    parameters.envelope_id = first.entry.wishes.envid.clone();
    let envelope = Envelope::new(parameters);
    batch.iter().fold(envelope, |envelope, to| {
        envelope.with(RecipientParameters::new(to.entry.recipient.clone()))
    })
}

/// What the peer's answer for a recipient means.
fn told(outcome: &RecipientOutcome, host: &str) -> Outcome {
    let word = |reply: &smtp::client::RemoteReply| RemoteWord {
        host: Some(host.to_owned()),
        status: reply.enhanced.map(|code| code.to_string()).unwrap_or_default(),
        text: reply.to_string(),
    };
    match outcome {
        RecipientOutcome::Accepted(reply) => Outcome::Delivered(word(reply)),
        RecipientOutcome::Deferred(reply) => Outcome::Deferred(word(reply)),
        RecipientOutcome::Refused(reply) => Outcome::Failed(word(reply)),
        RecipientOutcome::Unsendable(why) => Outcome::Failed(RemoteWord {
            host: Some(host.to_owned()),
            text: why.to_string(),
            status: match why {
                smtp::client::Unsendable::Content(_) => "5.6.0",
                smtp::client::Unsendable::TooLarge { .. } => "5.3.4",
                smtp::client::Unsendable::NeedsSmtputf8 => "5.6.7",
            }
            .to_owned(),
        }),
    }
}

/// What a session that broke means for all recipients.
fn failed(error: &ClientError, host: &str) -> Outcome {
    let word = RemoteWord {
        host: Some(host.to_owned()),
        text: error.to_string(),
        // RFC 3463 §3.5: no answer from host, or bad connection.
        status: "4.4.2".to_owned(),
    };
    match error.severity() {
        Severity::Temporary => Outcome::Deferred(word),
        Severity::Permanent => Outcome::Failed(RemoteWord { status: "5.0.0".to_owned(), ..word }),
    }
}

fn log(transmission: &Transmission, outcome: &Outcome) {
    let (outcome, word) = match outcome {
        Outcome::Delivered(word) => ("delivered", word),
        Outcome::Deferred(word) => ("deferred", word),
        Outcome::Failed(word) => ("failed", word),
    };
    tracing::info!(
        message = transmission.entry.message.0,
        to = %transmission.entry.recipient,
        attempt = transmission.entry.attempts,
        host = word.host.as_deref().unwrap_or("-"),
        reply = %word.text,
        "{outcome}"
    );
}
