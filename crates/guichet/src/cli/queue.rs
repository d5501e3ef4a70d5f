//! `guichet queue`: mail waiting for other servers.

use admin_protocol::parameters::Parameters;
use clap::{Args, Subcommand, ValueEnum};

use super::confirm::YesOption;
use super::error::Error;
use super::output::{self, Column, JsonOption, ListOptions, column};
use super::session::{Outcome, Session};

const COLUMNS: &[Column] = &[
    column("Entry", "Identity"),
    column("Received", "DateReceived"),
    column("From", "FromAddress"),
    column("To", "Recipient"),
    column("Status", "Status"),
    column("Attempts", "AttemptCount"),
    column("Next", "NextRetryUTC"),
    column("Last error", "LastError"),
];

/// What can be done with the queue.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  guichet queue list --to @fabrikam.com
  guichet queue retry 17 18
  guichet queue drop 17 --silent")]
pub(crate) enum QueueVerb {
    /// List waiting mail, oldest first
    List(ListQueue),
    /// Show one entry
    Show(ShowEntry),
    /// Try entries again now
    Retry(EntriesArgs),
    /// Hold entries until they are released
    Hold(EntriesArgs),
    /// Let held entries go on
    Release(EntriesArgs),
    /// Give entries up; their senders are told
    Drop(DropArgs),
}

/// The state of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Status {
    /// Due
    Ready,
    /// Being transmitted
    Active,
    /// Waiting for the next attempt
    Retry,
    /// Held
    Suspended,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Status::Ready => "Ready",
            Status::Active => "Active",
            Status::Retry => "Retry",
            Status::Suspended => "Suspended",
        }
    }
}

/// `queue list`.
#[derive(Debug, Args)]
pub(crate) struct ListQueue {
    /// Only entries in this state
    #[arg(long)]
    status: Option<Status>,
    /// Only entries with this reverse-path
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// Only entries for this address, or @domain
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    #[command(flatten)]
    format: ListOptions,
}

/// `queue show`.
#[derive(Debug, Args)]
pub(crate) struct ShowEntry {
    /// The entry's number
    entry: String,
    #[command(flatten)]
    format: JsonOption,
}

/// `queue retry`, `hold` and `release`.
#[derive(Debug, Args)]
pub(crate) struct EntriesArgs {
    /// Numbers of entries
    #[arg(required = true, value_name = "ENTRY")]
    entries: Vec<String>,
    #[command(flatten)]
    format: ListOptions,
}

/// `queue drop`.
#[derive(Debug, Args)]
pub(crate) struct DropArgs {
    /// Numbers of entries
    #[arg(required = true, value_name = "ENTRY")]
    entries: Vec<String>,
    /// Do not tell the senders
    #[arg(long)]
    silent: bool,
    #[command(flatten)]
    yes: YesOption,
}

/// Runs the verb.
pub(crate) fn run(verb: QueueVerb, session: &mut Session) -> Result<Outcome, Error> {
    match verb {
        QueueVerb::List(args) => {
            let parameters = Parameters::new()
                .with_some("Status", args.status.map(Status::as_str))
                .with_some("FromAddress", args.from)
                .with_some("Recipient", args.to)
                .with("ResultSize", "Unlimited");
            output::list(session, ("Get-QueuedMessage", parameters), COLUMNS, args.format)?;
        }
        QueueVerb::Show(args) => {
            let parameters = Parameters::new().with("Identity", args.entry.clone());
            let entry = session.call_for_one("Get-QueuedMessage", parameters, &args.entry)?;
            output::print_one(session, entry, args.format.json)?;
        }
        QueueVerb::Retry(args) => args.call("Retry-QueuedMessage", session)?,
        QueueVerb::Hold(args) => args.call("Suspend-QueuedMessage", session)?,
        QueueVerb::Release(args) => args.call("Resume-QueuedMessage", session)?,
        QueueVerb::Drop(args) => {
            args.yes.ask(&format!("Give up {} entries for good?", args.entries.len()))?;
            let parameters =
                Parameters::new().with("Identity", args.entries).with("WithNDR", !args.silent);
            session.call("Remove-QueuedMessage", parameters)?;
        }
    }
    Ok(Outcome::Done)
}

impl EntriesArgs {
    fn call(self, cmdlet: &'static str, session: &mut Session) -> Result<(), Error> {
        let call = (cmdlet, Parameters::new().with("Identity", self.entries));
        output::list(session, call, COLUMNS, self.format)
    }
}
