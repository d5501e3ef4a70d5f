//! `guichet throttle`: accounts and client addresses with failed logins.

use admin_protocol::parameters::Parameters;
use clap::{Args, Subcommand};

use super::error::Error;
use super::output::{self, Column, ListOptions, column};
use super::session::{Outcome, Session};

const COLUMNS: &[Column] = &[
    column("Account or address", "Identity"),
    column("Kind", "Kind"),
    column("Failures", "FailureCount"),
    column("Blocked until", "BlockedUntilUTC"),
];

/// What can be done with the throttle of failed logins.
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:
  guichet throttle clear jean.dupont@contoso.com")]
pub(crate) enum ThrottleVerb {
    /// List what counts at this moment
    List(ListThrottles),
    /// Forget the failures of an account or a client address
    Clear(ClearThrottle),
}

/// `throttle list`.
#[derive(Debug, Args)]
pub(crate) struct ListThrottles {
    #[command(flatten)]
    format: ListOptions,
}

/// `throttle clear`.
#[derive(Debug, Args)]
pub(crate) struct ClearThrottle {
    /// A login or an IP address
    identity: String,
}

/// Runs the verb.
pub(crate) fn run(verb: ThrottleVerb, session: &mut Session) -> Result<Outcome, Error> {
    match verb {
        ThrottleVerb::List(args) => {
            let call = ("Get-SignInThrottle", Parameters::new());
            output::list(session, call, COLUMNS, args.format)?;
        }
        ThrottleVerb::Clear(args) => {
            let parameters = Parameters::new().with("Identity", args.identity);
            session.call("Clear-SignInThrottle", parameters)?;
        }
    }
    Ok(Outcome::Done)
}
