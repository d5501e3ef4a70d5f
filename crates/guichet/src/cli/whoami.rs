//! `guichet whoami`: who the caller is to the server, and which server it is.

use admin_protocol::parameters::Parameters;
use clap::Args;

use super::error::Error;
use super::output::{self, JsonOption};
use super::session::{Outcome, Session};

/// `whoami`.
#[derive(Debug, Args)]
pub(crate) struct WhoamiArgs {
    #[command(flatten)]
    format: JsonOption,
}

/// Runs the verb.
pub(crate) fn run(args: &WhoamiArgs, session: &mut Session) -> Result<Outcome, Error> {
    let information =
        session.call_for_one("Get-ConnectionInformation", Parameters::new(), "the connection")?;
    output::print_one(session, information, args.format.json)?;
    Ok(Outcome::Done)
}
