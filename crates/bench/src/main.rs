//! Load client for mail servers and measurements of processes and of the machine.
//!
//! It knows no product: what it measures is named on the command line, so that the same client
//! runs against Guichet and against others. It speaks to loopback only, does not verify
//! certificates, and every run is bounded in time and in messages. Each command prints one line of
//! JSON, which `cargo xtask bench` reads.

mod connection;
mod heard;
mod imap;
mod limits;
mod load;
mod mailbox;
mod message;
mod process;
mod samples;
mod session;

use std::process::ExitCode;

use clap::Parser;

/// Load client and measurements for mail servers on loopback.
#[derive(Debug, Parser)]
#[command(name = "guichet-bench", version)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Send messages by SMTP or submission: rates, latencies, refusals
    Smtp(load::LoadArgs),
    /// Fill a mailbox by IMAP
    Fill(mailbox::FillArgs),
    /// Time what IMAP clients do in a mailbox
    Imap(mailbox::TimeArgs),
    /// Time from a submission to the EXISTS that an idling session hears
    Heard(heard::HeardArgs),
    /// Memory and CPU time of process trees, now
    Process(process::ProcessArgs),
    /// What this machine can do: durable writes, loopback round trips
    Limits(limits::LimitsArgs),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().verb {
        Verb::Smtp(args) => load::run(args),
        Verb::Fill(args) => mailbox::fill(&args),
        Verb::Imap(args) => mailbox::time(&args),
        Verb::Heard(args) => heard::run(args),
        Verb::Process(args) => process::run(&args),
        Verb::Limits(args) => limits::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("guichet-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
