//! One case: a kind of load, run once on one server, and what came of it.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::Value;

use super::memory::Usage;
use super::program::Programs;
use super::server::Server;

/// How long everything that was accepted may take to arrive.
const ARRIVAL_TIMEOUT: Duration = Duration::from_secs(120);
/// Between two looks into the mailboxes; looking costs the server's processors.
const LOOK_PAUSE: Duration = Duration::from_millis(50);
/// Who writes to the reception port.
const OUTSIDER: &str = "bench@sender.example";

/// What the connections do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// STARTTLS, sign-in, a message sent as a team that the account may send as.
    Submission,
    /// The same as an address that the account may not send as.
    Refusal,
    /// In the clear, without sign-in, as from another server.
    Reception,
}

/// Whether TLS takes up earlier sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sessions {
    Resumed,
    Fresh,
}

/// A case.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) kind: Kind,
    pub(super) connections: u32,
    /// Messages on each connection; none for all of a run.
    pub(super) per_connection: Option<u32>,
    pub(super) sessions: Sessions,
    /// How many times faster than the peer we want to be: at accepting (or refusing).
    pub(super) aim: Option<f64>,
    /// The same until the messages can be read.
    pub(super) readable_aim: Option<f64>,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    /// Messages accepted, or refused where that is the case, each second.
    pub(super) answered_per_second: f64,
    /// Messages that could be read, each second until the last one could; zero for refusals.
    pub(super) readable_per_second: f64,
    pub(super) median_ms: f64,
    pub(super) p99_ms: f64,
    /// Processor seconds of the server for 1,000 messages.
    pub(super) cpu_seconds_per_1000: f64,
}

impl Case {
    /// The case in words.
    pub(super) fn title(&self) -> String {
        let what = match self.kind {
            Kind::Submission => "submission",
            Kind::Refusal => "refusal",
            Kind::Reception => "reception",
        };
        let sessions = match self.sessions {
            Sessions::Resumed => "",
            Sessions::Fresh => ", full handshakes",
        };
        let each = match self.per_connection {
            None => "kept".to_owned(),
            Some(count) => format!("{count} each"),
        };
        format!("{what}, {} conn., {each}{sessions}", self.connections)
    }

    /// Runs it once.
    pub(super) fn run(&self, server: &Server, programs: &Programs, millis: u32) -> Result<Outcome> {
        let placed_before = server.placed()?;
        let processes = server.processes()?;
        let cpu_before = Usage::of(programs, &processes)?.cpu_seconds;
        let report = self.load(server, programs, &["--millis", &millis.to_string()])?;
        let accepted = report["accepted"].as_u64().unwrap_or_default();
        let lag = wait_for(server, placed_before + accepted)?;
        let cpu = Usage::of(programs, &processes)?.cpu_seconds - cpu_before;
        Ok(self.outcome(&report, lag, cpu))
    }

    /// Runs the load client and checks that the server did what the case is about, and only that.
    pub(super) fn load(
        &self,
        server: &Server,
        programs: &Programs,
        bounds: &[&str],
    ) -> Result<Value> {
        let arguments = self.arguments(server);
        let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        arguments.extend(bounds);
        let report = programs.bench(&arguments)?;
        let count = |name: &str| report[name].as_u64().unwrap_or_default();
        let (wanted, unwanted) = match self.kind {
            Kind::Submission | Kind::Reception => (count("accepted"), count("refused")),
            Kind::Refusal => (count("refused"), count("accepted")),
        };
        let is_whole = report["broken"].as_object().is_some_and(serde_json::Map::is_empty);
        ensure!(wanted > 0 && unwanted == 0 && is_whole, "the load went wrong: {report}");
        Ok(report)
    }

    fn outcome(&self, report: &Value, lag: Duration, cpu_seconds: f64) -> Outcome {
        let number = |name: &str| report[name].as_f64().unwrap_or_default();
        let (answered, latency) = match self.kind {
            Kind::Submission | Kind::Reception => (number("accepted"), &report["message"]),
            Kind::Refusal => (number("refused"), &report["refusal"]),
        };
        let seconds = number("seconds");
        Outcome {
            answered_per_second: answered / seconds,
            readable_per_second: number("accepted") / (seconds + lag.as_secs_f64()),
            median_ms: latency["median_ms"].as_f64().unwrap_or_default(),
            p99_ms: latency["p99_ms"].as_f64().unwrap_or_default(),
            cpu_seconds_per_1000: cpu_seconds / answered * 1000.0,
        }
    }

    fn arguments(&self, server: &Server) -> Vec<String> {
        let stage = &server.stage;
        let (port, author) = match self.kind {
            Kind::Submission => (stage.submission, stage.allowed),
            Kind::Refusal => (stage.submission, stage.forbidden),
            Kind::Reception => (stage.reception, OUTSIDER),
        };
        let mut words = vec!["smtp", "--server", port, "--author", author];
        if self.kind != Kind::Reception {
            words.extend(["--starttls", "--login", stage.login, "--password", stage.password]);
        }
        if self.sessions == Sessions::Fresh {
            words.extend(["--sessions", "fresh"]);
        }
        for recipient in &stage.recipients {
            words.extend(["--to", recipient]);
        }
        let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        if let Some(count) = self.per_connection {
            words.extend(["--per-connection".to_owned(), count.to_string()]);
        }
        words.extend(["--connections".to_owned(), self.connections.to_string()]);
        words.extend(["--tag".to_owned(), tag()]);
        words
    }
}

/// A word that no other run of this process has; the stores are new for each process.
fn tag() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static RUNS: AtomicU32 = AtomicU32::new(0);
    format!("run-{}", RUNS.fetch_add(1, Ordering::Relaxed))
}

/// Waits until exactly `wanted` messages are placed; zero where they are at the first look.
fn wait_for(server: &Server, wanted: u64) -> Result<Duration> {
    let started = Instant::now();
    let mut placed = server.placed()?;
    if placed == wanted {
        return Ok(Duration::ZERO);
    }
    while placed < wanted && started.elapsed() < ARRIVAL_TIMEOUT {
        std::thread::sleep(LOOK_PAUSE);
        placed = server.placed()?;
    }
    ensure!(placed == wanted, "{wanted} messages should be placed and {placed} are");
    Ok(started.elapsed())
}
