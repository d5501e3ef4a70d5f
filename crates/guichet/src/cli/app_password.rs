//! `guichet app-password`: passwords for single mail programs.

use clap::Subcommand;

use super::error::Error;
use super::session::{Outcome, Session};
use super::token::{CreateCredential, ListCredentials, RevokeCredential};

/// What can be done with app passwords.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  guichet app-password create jean.dupont@contoso.com --name \"Thunderbird at home\"
  guichet app-password list jean.dupont@contoso.com")]
pub(crate) enum AppPasswordVerb {
    /// Make an app password; it alone is printed, once
    Create(CreateCredential),
    /// List app passwords without their secrets
    List(ListCredentials),
    /// Revoke an app password
    Revoke(RevokeCredential),
}

/// Runs the verb.
pub(crate) fn run(verb: AppPasswordVerb, session: &mut Session) -> Result<Outcome, Error> {
    match verb {
        AppPasswordVerb::Create(args) => args.create(("New-AppPassword", "Password"), session)?,
        AppPasswordVerb::List(args) => args.list("Get-AppPassword", session)?,
        AppPasswordVerb::Revoke(args) => args.revoke("Remove-AppPassword", session)?,
    }
    Ok(Outcome::Done)
}
