//! `guichet audit`: who changed what, who sent as whom; and the check of the log's hash chain.

use admin_protocol::parameters::Parameters;
use admin_protocol::text::timestamp;
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::clock::now;

use super::error::Error;
use super::output::{self, Column, JsonOption, ListOptions, column};
use super::session::{Outcome, Session};
use super::trace;
use super::when::When;

const COLUMNS: &[Column] = &[
    column("Date", "CreationDate"),
    column("Who", "UserIds"),
    column("What", "Operations"),
    column("On", "ObjectIds"),
    column("Record", "Identity"),
];

/// `audit`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  guichet audit --operation Add-GuichetPermission --since 30d
  guichet audit --user jean.dupont@contoso.com --operation SendAs --json
  guichet audit --object support@contoso.com
  guichet audit verify"
)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    verb: Option<AuditVerb>,
    #[command(flatten)]
    search: SearchArgs,
}

/// What can be done besides searching.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditVerb {
    /// Check the hash chain from the first record to the last; exit status 1 when it is broken
    Verify(VerifyArgs),
}

/// `audit verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    format: JsonOption,
}

/// What to search for.
#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// Who did it; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    user: Vec<String>,
    /// What was done: a cmdlet, or SendAs, SendOnBehalf; may be repeated
    #[arg(long, value_name = "NAME")]
    operation: Vec<String>,
    /// What it was done to; may be repeated
    #[arg(long, value_name = "NAME")]
    object: Vec<String>,
    /// From when on: 2h, 30d, a date, or a date and time
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,
    /// Up to when
    #[arg(long, value_name = "WHEN")]
    until: Option<When>,
    /// Text anywhere in the record
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// At most so many records; 1 to 5000
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1000,
        value_parser = clap::value_parser!(u64).range(1..=5000)
    )]
    limit: u64,
    #[command(flatten)]
    format: ListOptions,
}

/// Runs the verb.
pub(crate) fn run(args: AuditArgs, session: &mut Session) -> Result<Outcome, Error> {
    match args.verb {
        Some(AuditVerb::Verify(args)) => verify(&args, session),
        None => search(args.search, session),
    }
}

fn search(args: SearchArgs, session: &mut Session) -> Result<Outcome, Error> {
    let now = now();
    let parameters = Parameters::new()
        .with_list("UserIds", &args.user)
        .with_list("Operations", &args.operation)
        .with_list("ObjectIds", &args.object)
        .with_some("StartDate", args.since.map(|when| timestamp(when.as_start(now))))
        .with_some("EndDate", args.until.map(|when| timestamp(trace::end(when, now))))
        .with_some("FreeText", args.text)
        .with("ResultSize", args.limit);
    output::list(session, ("Search-UnifiedAuditLog", parameters), COLUMNS, args.format)?;
    Ok(Outcome::Done)
}

fn verify(args: &VerifyArgs, session: &mut Session) -> Result<Outcome, Error> {
    let chain = session.call_for_one("Test-UnifiedAuditLog", Parameters::new(), "the audit log")?;
    let is_valid = chain.get("IsValid").and_then(Value::as_bool) == Some(true);
    if args.format.json {
        output::print_one(session, chain, true)?;
    } else {
        let mark = session.output.mark(Some(is_valid));
        session.output.line(&format!("{mark} {}", output::text(&chain, "Detail")))?;
        session.output.line(&format!("  last hash {}", output::text(&chain, "LastHash")))?;
    }
    Ok(if is_valid { Outcome::Done } else { Outcome::No })
}
