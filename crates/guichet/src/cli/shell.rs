//! `guichet shell`: cmdlets and pipelines from a text, a file, standard input, or a person at a
//! terminal. What the language means is in `admin_protocol::shell`; here are the server, the files
//! and the terminal that it asks for.
//!
//! A failed text gives the exit status of its first failure; `exit N` gives N.

mod history;
mod terminal;
mod world;

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use admin_protocol::shell::fault::{Cause, Fault};
use admin_protocol::shell::{Ended, Shell};

use super::error::{Error, STATUS_USAGE};
use super::session::{Outcome, Session};
use world::World;

/// What `guichet shell` is told.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ShellArgs {
    /// Run this text
    #[arg(short = 'c', long = "command", value_name = "TEXT", conflicts_with = "file")]
    command: Option<String>,
    /// Run this file; - is standard input. Without both, a terminal is asked for lines
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  guichet shell
  guichet shell -c 'Get-RecipientPermission support | Format-Table Trustee, AccessRights'
  guichet shell -c 'Get-Mailbox | Export-Csv mailboxes.csv'
  guichet shell grants.ps1";

/// Runs the verb.
pub(crate) fn run(args: &ShellArgs, session: &mut Session) -> Result<Outcome, Error> {
    let source = match (&args.command, &args.file) {
        (Some(text), _) => text.clone(),
        (None, Some(path)) if path.as_os_str() != "-" => script(path)?,
        (None, None) if io::stdin().is_terminal() => return terminal::converse(session),
        (None, _) => standard_input()?,
    };
    let mut world = World::new(session);
    let status = status(&Shell::new().run(&source, &mut world));
    Ok(if status == 0 { Outcome::Done } else { Outcome::Status(status) })
}

/// The text of a file, which Windows may have written.
fn script(path: &Path) -> Result<String, Error> {
    let failed = |source| Error::File { path: path.to_owned(), source };
    let octets = fs::read(path).map_err(failed)?;
    let unreadable = || failed(io::Error::from(io::ErrorKind::InvalidData));
    admin_protocol::shell::decode(&octets).ok_or_else(unreadable)
}

fn standard_input() -> Result<String, Error> {
    let mut octets = Vec::new();
    let failed = |source| Error::File { path: PathBuf::from("standard input"), source };
    io::stdin().lock().read_to_end(&mut octets).map_err(failed)?;
    admin_protocol::shell::decode(&octets)
        .ok_or_else(|| failed(io::Error::from(io::ErrorKind::InvalidData)))
}

/// The exit status of a text.
fn status(ended: &Ended) -> u8 {
    match ended {
        Ended::Done => 0,
        Ended::Failed(fault) | Ended::Stopped(fault) => fault_status(fault),
        Ended::Exit(status) => *status,
    }
}

fn fault_status(fault: &Fault) -> u8 {
    match &fault.cause {
        Cause::Refused(refusal) => refusal.exit_status,
        Cause::Exit(status) => *status,
        Cause::Incomplete | Cause::Syntax | Cause::Meaning | Cause::File => STATUS_USAGE,
    }
}
