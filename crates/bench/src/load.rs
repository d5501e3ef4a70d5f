//! `guichet-bench smtp`: sessions beside each other that send until the time or the messages end.
//!
//! A rate counts what the server answered positively (or, for refusals, negatively) between the
//! first connection and the last reply. Messages go to the recipients in turn.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::connection::{Sessions, TlsClient};
use crate::message::Messages;
use crate::samples::{Counts, Samples, Summary};
use crate::session::{Broken, Session, Verdict};

/// After a broken connection a worker rests, so that a dead server is not hammered.
const BROKEN_PAUSE: Duration = Duration::from_millis(20);

/// What a run does.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct LoadArgs {
    /// The server, on loopback: 127.0.0.1:587
    #[arg(long)]
    pub(crate) server: SocketAddr,
    /// Secure each connection by STARTTLS
    #[arg(long)]
    pub(crate) starttls: bool,
    /// Whether TLS takes up earlier sessions
    #[arg(long, value_enum, default_value = "resumed")]
    pub(crate) sessions: Sessions,
    /// Sign in as this account
    #[arg(long)]
    pub(crate) login: Option<String>,
    /// Its password
    #[arg(long, default_value = "")]
    pub(crate) password: String,
    /// Reverse-path and author of each message
    #[arg(long)]
    pub(crate) author: String,
    /// A recipient; messages go to all of them in turn
    #[arg(long = "to", required = true)]
    pub(crate) recipients: Vec<String>,
    /// Octets of a body
    #[arg(long, default_value_t = 4096)]
    pub(crate) octets: usize,
    /// Connections at the same time
    #[arg(long, default_value_t = 8)]
    pub(crate) connections: u64,
    /// Messages on one connection; without it, all
    #[arg(long)]
    pub(crate) per_connection: Option<u64>,
    /// Begin no message after this many milliseconds
    #[arg(long, default_value_t = 2000)]
    pub(crate) millis: u64,
    /// Send no more messages than this
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) messages: u64,
    /// Stands in each message; must differ from run to run
    #[arg(long)]
    pub(crate) tag: String,
    /// The Date field of each message
    #[arg(long, default_value = "Thu, 1 Jan 2026 00:00:00 +0000")]
    pub(crate) date: String,
}

/// What a run came to.
#[derive(Debug, Serialize)]
struct Report {
    seconds: f64,
    accepted: u64,
    refused: u64,
    refused_by: Counts,
    broken: Counts,
    connections: u64,
    resumed: u64,
    message: Option<Summary>,
    refusal: Option<Summary>,
    opening: Option<Summary>,
}

#[derive(Debug, Default)]
struct Tally {
    accepted: u64,
    refused: Counts,
    broken: Counts,
    connections: u64,
    resumed: u64,
    message: Samples,
    refusal: Samples,
    opening: Samples,
}

impl Tally {
    fn append(&mut self, other: Tally) {
        self.accepted += other.accepted;
        self.refused.append(other.refused);
        self.broken.append(other.broken);
        self.connections += other.connections;
        self.resumed += other.resumed;
        self.message.append(other.message);
        self.refusal.append(other.refusal);
        self.opening.append(other.opening);
    }

    fn report(self, elapsed: Duration) -> Report {
        Report {
            seconds: elapsed.as_secs_f64(),
            accepted: self.accepted,
            refused: self.refused.total(),
            refused_by: self.refused,
            broken: self.broken,
            connections: self.connections,
            resumed: self.resumed,
            message: self.message.summary(),
            refusal: self.refusal.summary(),
            opening: self.opening.summary(),
        }
    }
}

/// What all workers of a run share.
struct Run {
    args: LoadArgs,
    tls: TlsClient,
    messages: Messages,
    next: AtomicU64,
    until: Instant,
}

/// Runs the load and prints the report.
pub(crate) fn run(args: LoadArgs) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(send(args))?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

async fn send(args: LoadArgs) -> anyhow::Result<Report> {
    let tls = TlsClient::new(args.sessions)?;
    let messages = Messages::new(args.octets, &args.tag, &args.date);
    let connections = args.connections;
    let started = Instant::now();
    let until = started + Duration::from_millis(args.millis);
    let run = Arc::new(Run { args, tls, messages, next: AtomicU64::new(0), until });
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..connections {
        workers.spawn(Worker { run: Arc::clone(&run), tally: Tally::default() }.work());
    }
    let mut tally = Tally::default();
    while let Some(worker) = workers.join_next().await {
        tally.append(worker?);
    }
    Ok(tally.report(started.elapsed()))
}

struct Worker {
    run: Arc<Run>,
    tally: Tally,
}

impl Worker {
    async fn work(mut self) -> Tally {
        let run = Arc::clone(&self.run);
        while let Some(first) = run.take() {
            let opened_at = Instant::now();
            match Session::open(&run.args, &run.tls).await {
                Ok(session) => {
                    self.tally.opening.push(opened_at.elapsed());
                    self.tally.connections += 1;
                    self.tally.resumed += u64::from(session.is_resumed);
                    if let Err(broken) = self.use_session(session, first).await {
                        self.note(broken).await;
                    }
                }
                Err(broken) => self.note(broken).await,
            }
        }
        self.tally
    }

    async fn note(&mut self, Broken(step): Broken) {
        self.tally.broken.add(step);
        tokio::time::sleep(BROKEN_PAUSE).await;
    }

    async fn use_session(&mut self, mut session: Session, first: u64) -> Result<(), Broken> {
        let run = Arc::clone(&self.run);
        let mut left = run.args.per_connection.unwrap_or(u64::MAX);
        let mut number = first;
        loop {
            self.send_one(&mut session, number).await?;
            left -= 1;
            if left == 0 {
                break;
            }
            match run.take() {
                Some(next) => number = next,
                None => break,
            }
        }
        session.quit().await;
        Ok(())
    }

    async fn send_one(&mut self, session: &mut Session, number: u64) -> Result<(), Broken> {
        let args = &self.run.args;
        let recipient = &args.recipients[number as usize % args.recipients.len()];
        let content = self.run.messages.content(number, &args.author, recipient);
        let sent_at = Instant::now();
        match session.transmit(&args.author, recipient, content.as_bytes()).await? {
            Verdict::Accepted => {
                self.tally.message.push(sent_at.elapsed());
                self.tally.accepted += 1;
            }
            Verdict::Refused(label) => {
                self.tally.refusal.push(sent_at.elapsed());
                self.tally.refused.add(label);
                session.reset().await?;
            }
        }
        Ok(())
    }
}

impl Run {
    /// The number of the next message, unless the run is over.
    fn take(&self) -> Option<u64> {
        if Instant::now() >= self.until {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.args.messages).then_some(number)
    }
}
