//! `--growth`: whether accepting costs more when more is stored.

use anyhow::Result;

use super::plan::kept;
use super::program::Programs;
use super::server::{Product, Server};

/// Messages between two lines of the curve.
const STEP_MESSAGES: u64 = 20_000;
/// Lines of the curve.
const STEPS: u64 = 10;
/// Connections that send.
const CONNECTIONS: u32 = 32;
/// A step ends after its messages, not after this.
const STEP_MILLIS: &str = "600000";

/// Fills a store and prints the rate of each step.
pub(super) fn run(programs: &Programs) -> Result<()> {
    let server = Server::start(Product::Guichet, programs)?;
    let case = kept(CONNECTIONS);
    println!("\n{}: the rate while the store grows", case.title());
    println!(
        "{:>10}{:>12}{:>12}{:>12}{:>12}",
        "messages", "per second", "50th ms", "99th ms", "MiB"
    );
    let bounds = ["--messages", &STEP_MESSAGES.to_string(), "--millis", STEP_MILLIS];
    for step in 1..=STEPS {
        let report = case.load(&server, programs, &bounds)?;
        let number = |name: &str| report[name].as_f64().unwrap_or_default();
        let latency = |name: &str| report["message"][name].as_f64().unwrap_or_default();
        println!(
            "{:>10}{:>12.0}{:>12.2}{:>12.2}{:>12}",
            step * STEP_MESSAGES,
            number("accepted") / number("seconds"),
            latency("median_ms"),
            latency("p99_ms"),
            server.stored_bytes()? / (1024 * 1024),
        );
    }
    Ok(())
}
