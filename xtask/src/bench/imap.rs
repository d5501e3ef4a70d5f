//! `cargo xtask bench imap`: what members' mail programs do, on Guichet and on Dovecot in turn.
//!
//! Both hold the same mailbox of the same messages. Each operation has a session of its own, so
//! that none profits from the one before but through what the server keeps; one run beforehand is
//! not counted. What an operation brings must be the same from both. Then it is measured how soon a
//! member who idles hears of a message, and with `--cost` what large folders cost.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::Value;

use super::memory::Usage;
use super::program::Programs;
use super::server::{Product, Server};

/// Messages of the mailbox.
const MESSAGES: u64 = 10_000;
/// Octets of each.
const OCTETS: u64 = 4096;
/// Octets of each in the large folders.
const COST_OCTETS: u64 = 1024;
/// Sizes of the large folders.
const COST_MESSAGES: [u64; 3] = [10_000, 100_000, 1_000_000];
/// Runs of each operation on each server.
const REPEATS: u64 = 7;
/// The same with --quick.
const QUICK_REPEATS: u64 = 3;
/// Messages whose way to an idling member is timed.
const HEARD_SAMPLES: u64 = 100;
/// Submissions per second beside.
const BESIDE_RATE: u64 = 200;
/// How long work that was left for later may take.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(900);
/// Between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(200);

/// Measures side by side.
pub(super) fn compare(programs: &Programs, products: &[Product], is_quick: bool) -> Result<()> {
    let servers = products.iter().map(|product| Server::start(*product, programs));
    let servers: Vec<Server> = servers.collect::<Result<_>>()?;
    println!("\nA mailbox of {MESSAGES} messages of {OCTETS} octets, filled by APPEND");
    for server in &servers {
        let seconds = fill(programs, server, ("Bench", MESSAGES, OCTETS))?;
        println!("  {:<18} {:.0} a second", server.product.name(), MESSAGES as f64 / seconds);
    }
    let repeats = if is_quick { QUICK_REPEATS } else { REPEATS };
    let mut rounds: Vec<Vec<Value>> = servers.iter().map(|_| Vec::new()).collect();
    for round in 0..=repeats {
        for turn in 0..servers.len() {
            let at = (turn + usize::try_from(round)?) % servers.len();
            let report = time(programs, &servers[at], ("Bench", round), "")?;
            // The first one fills caches.
            if round > 0 {
                rounds[at].push(report);
            }
        }
    }
    print_operations(&servers, &rounds)?;
    print_heard(programs, &servers)
}

/// Measures folders of three sizes, on Guichet alone.
pub(super) fn cost(programs: &Programs, is_quick: bool) -> Result<()> {
    let server = Server::start(Product::Guichet, programs)?;
    let sizes = if is_quick { &COST_MESSAGES[..2] } else { &COST_MESSAGES };
    println!("\nOne folder, messages of {COST_OCTETS} octets: milliseconds, and what the server's");
    println!("memory grows by while it does this (MiB, proportional)");
    for messages in sizes {
        let mailbox = format!("Bench{messages}");
        let begun_at = Instant::now();
        let seconds = fill(programs, &server, (&mailbox, *messages, COST_OCTETS))?;
        println!(
            "{messages} messages: filled in {seconds:.0} s, indexed {:.0} s later, {} MiB stored",
            begun_at.elapsed().as_secs_f64() - seconds,
            server.stored_bytes()? / (1024 * 1024),
        );
        for operation in ["SELECT", "FETCH 50", "SEARCH SUBJECT", "SEARCH TEXT", "SEARCH UNSEEN"] {
            let before = memory_mib(programs, &server)?;
            let mut millis = Vec::new();
            for round in 0..3 {
                let report = time(programs, &server, (&mailbox, round), operation)?;
                millis.extend(millis_of(&report, operation));
            }
            let grown = memory_mib(programs, &server)? - before;
            println!("  {operation:<18}{:>10.2} ms{grown:>+10.1} MiB", median(millis));
        }
    }
    println!("The server's memory at the end: {:.0} MiB", memory_mib(programs, &server)?);
    Ok(())
}

fn memory_mib(programs: &Programs, server: &Server) -> Result<f64> {
    Ok(Usage::of(programs, &server.processes()?)?.proportional_mib())
}

/// Fills a mailbox and waits for what is left for later. Gives the seconds of the filling.
fn fill(
    programs: &Programs,
    server: &Server,
    (mailbox, messages, octets): (&str, u64, u64),
) -> Result<f64> {
    let (messages, octets) = (messages.to_string(), octets.to_string());
    let mut words = vec!["fill", "--messages", &messages, "--octets", &octets];
    words.extend(login(server, mailbox));
    let report = programs.bench(&words)?;
    let begun_at = Instant::now();
    while !server.is_settled()? {
        ensure!(begun_at.elapsed() < SETTLE_TIMEOUT, "the server never settles");
        sleep(LOOK_PAUSE);
    }
    Ok(report["seconds"].as_f64().unwrap_or(f64::NAN))
}

fn login<'a>(server: &Server, mailbox: &'a str) -> [&'a str; 8] {
    let stage = &server.stage;
    let (server, name, password) = (stage.imap, stage.login, stage.password);
    let login = ["--imap-server", server, "--imap-login", name];
    let [a, b, c, d] = login;
    [a, b, c, d, "--imap-password", password, "--mailbox", mailbox]
}

/// Times every operation whose name begins with `only`, once.
fn time(
    programs: &Programs,
    server: &Server,
    (mailbox, round): (&str, u64),
    only: &str,
) -> Result<Value> {
    let appended_to = if server.product == Product::Guichet { "Archive" } else { "INBOX" };
    let first = round.to_string();
    let mut words = vec!["imap", "--appended-to", appended_to, "--repeats", "1"];
    words.extend(["--first", &first, "--only", only]);
    words.extend(login(server, mailbox));
    programs.bench(&words)
}

fn millis_of(report: &Value, operation: &str) -> Vec<f64> {
    let reports = report.as_object().into_iter().flatten();
    let of = reports.filter(|(name, _)| name.starts_with(operation));
    let millis = of.flat_map(|(_, told)| told["millis"].as_array().into_iter().flatten());
    millis.filter_map(Value::as_f64).collect()
}

/// Prints medians and ratios; an operation must have brought the same everywhere.
fn print_operations(servers: &[Server], rounds: &[Vec<Value>]) -> Result<()> {
    println!("\nMilliseconds, median (lowest-highest); how many times faster Guichet is");
    print!("{:<26}", "");
    for server in servers {
        print!("{:>28}", server.product.name());
    }
    println!("{:>8}", "ratio");
    let Some(first) = rounds.first().and_then(|round| round.first()) else { return Ok(()) };
    for name in first.as_object().into_iter().flatten().map(|(name, _)| name) {
        print!("{name:<26}");
        let mut medians = Vec::new();
        for (server, reports) in servers.iter().zip(rounds) {
            for what in ["found", "literal_octets"] {
                // Each round asks for other messages, and asks every server for the same.
                let same =
                    reports.iter().zip(&rounds[0]).all(|(a, b)| a[name][what] == b[name][what]);
                ensure!(same, "{name}: {} brings another {what}", server.product.name());
            }
            let millis: Vec<f64> = reports.iter().flat_map(|r| millis_named(r, name)).collect();
            let low = millis.iter().copied().fold(f64::INFINITY, f64::min);
            let high = millis.iter().copied().fold(0.0, f64::max);
            let middle = median(millis);
            print!("{:>28}", format!("{middle:.2} ({low:.2}-{high:.2})"));
            medians.push(middle);
        }
        match medians.as_slice() {
            [ours, theirs] => println!("{:>8.1}", theirs / ours),
            _ => println!(),
        }
    }
    Ok(())
}

fn millis_named(report: &Value, name: &str) -> Vec<f64> {
    let millis = report[name]["millis"].as_array();
    millis.into_iter().flatten().filter_map(Value::as_f64).collect()
}

/// From a submission to the EXISTS that an idling member hears.
fn print_heard(programs: &Programs, servers: &[Server]) -> Result<()> {
    println!("\nFrom the submission to the EXISTS of a member who idles, {HEARD_SAMPLES} messages");
    for rate in [0, BESIDE_RATE] {
        for server in servers {
            let report = heard(programs, server, rate)?;
            let number = |of: &Value, name: &str| of[name].as_f64().unwrap_or(f64::NAN);
            println!(
                "  {:<18} {:>4.0} submissions a second beside: median {:.2} ms, 99th percentile \
                 {:.2} ms, longest {:.2} ms",
                server.product.name(),
                number(&report, "beside_per_second"),
                number(&report["heard"], "median_ms"),
                number(&report["heard"], "p99_ms"),
                number(&report["heard"], "longest_ms"),
            );
        }
    }
    Ok(())
}

fn heard(programs: &Programs, server: &Server, rate: u64) -> Result<Value> {
    let (stage, watched) = (&server.stage, &server.stage.watched);
    let (samples, rate) = (HEARD_SAMPLES.to_string(), rate.to_string());
    let tag = format!("heard{rate}");
    let mut words = vec!["heard", "--samples", &samples, "--beside-rate", &rate, "--tag", &tag];
    words.extend(["--server", stage.submission, "--starttls", "--author", stage.login]);
    words.extend(["--login", stage.login, "--password", stage.password]);
    words.extend(["--to", watched.recipient, "--imap-server", stage.imap]);
    words.extend(["--imap-login", watched.login, "--imap-password", watched.password]);
    words.extend(["--mailbox", watched.mailbox]);
    // Not the one whose mailbox is watched.
    for recipient in stage.recipients.iter().filter(|name| *name != watched.login) {
        words.extend(["--beside-to", recipient]);
    }
    programs.bench(&words)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_an_operation_are_found_by_its_name() {
        let report = serde_json::json!({
            "SEARCH TEXT": { "millis": [2.0, 1.0, 9.0] }, "SEARCH SUBJECT": { "millis": [5.0] },
        });
        assert_eq!(median(millis_of(&report, "SEARCH TEXT")), 2.0);
        assert_eq!(millis_named(&report, "SEARCH SUBJECT"), [5.0]);
        assert!(median(millis_named(&report, "SEARCH")).is_nan());
    }
}
