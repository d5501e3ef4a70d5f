//! `guichet identities`: from which addresses may somebody send now, and as what.

use admin_protocol::parameters::Parameters;
use clap::Args;

use super::error::Error;
use super::output::{self, Column, ListOptions, column};
use super::session::{Outcome, Session};

const COLUMNS: &[Column] = &[
    column("Address", "Address"),
    column("As", "Right"),
    column("From", "WritesFrom"),
    column("Sender", "WritesSender"),
    column("Through", "Via"),
    column("Until", "UntilUTC"),
];

/// `identities`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  guichet identities jean.dupont@contoso.com")]
pub(crate) struct IdentitiesArgs {
    /// Address, alias or GUID of the user
    user: String,
    #[command(flatten)]
    format: ListOptions,
}

/// Runs the verb.
pub(crate) fn run(args: IdentitiesArgs, session: &mut Session) -> Result<Outcome, Error> {
    let parameters = Parameters::new().with("User", args.user);
    output::list(session, ("Get-SendIdentity", parameters), COLUMNS, args.format)?;
    Ok(Outcome::Done)
}
