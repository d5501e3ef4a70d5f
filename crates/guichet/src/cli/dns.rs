//! `guichet dns`: the records that each accepted domain needs, and whether DNS has them.
//!
//! Without `--check` the plain output is in zone file form, ready to be pasted.

use admin_protocol::cmdlet::Object;
use admin_protocol::parameters::Parameters;
use clap::Args;

use super::error::Error;
use super::output::{self, Column, ListOptions, column};
use super::session::{Outcome, Session};

const COLUMNS: &[Column] = &[
    column("Status", "Status"),
    column("Purpose", "Purpose"),
    column("Name", "Name"),
    column("Type", "Type"),
    column("Wanted", "Value"),
    column("Found", "Actual"),
];

/// `dns`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet dns > records.zone
  guichet dns --domain contoso.com --check")]
pub(crate) struct DnsArgs {
    /// Only this domain's records
    #[arg(long)]
    domain: Option<String>,
    /// Compare with what DNS answers now; exit status 1 when something is missing or differs
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    format: ListOptions,
}

/// Runs the verb.
pub(crate) fn run(args: DnsArgs, session: &mut Session) -> Result<Outcome, Error> {
    let parameters = Parameters::new()
        .with_some("DomainName", args.domain)
        .with_some("Check", args.check.then_some(true));
    let records = session.call("Get-DnsRecord", parameters)?;
    let all_found = records.iter().all(|record| output::text(record, "Status") == "Found");
    if args.check || args.format.is_json() {
        output::print_gathered(session, records, COLUMNS, args.format)?;
    } else {
        for record in &records {
            session.output.line(&zone_line(record))?;
        }
    }
    Ok(if args.check && !all_found { Outcome::No } else { Outcome::Done })
}

fn zone_line(record: &Object) -> String {
    let [name, kind, value, purpose] =
        ["Name", "Type", "Value", "Purpose"].map(|property| output::text(record, property));
    format!("{name}. IN {kind} {value} ; {purpose}")
}
