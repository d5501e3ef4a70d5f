//! `guichet token`: bearer tokens for programs.

use admin_protocol::parameters::Parameters;
use admin_protocol::text::timestamp;
use clap::{Args, Subcommand};

use crate::clock::now;

use super::error::Error;
use super::output::{self, Column, JsonOption, ListOptions, column};
use super::session::{Outcome, Session};
use super::when::When;

/// The columns of tokens, and of app passwords.
pub(crate) const COLUMNS: &[Column] = &[
    column("Number", "Identity"),
    column("User", "User"),
    column("Name", "Name"),
    column("Scopes", "Scopes"),
    column("Until", "UntilUTC"),
    column("Last used", "WhenLastUsedUTC"),
];

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  guichet token create admin@contoso.com --name backup --until 90d > token
  guichet --server https://mail.contoso.com --token-file token user list
  guichet token revoke 3")]
pub(crate) enum TokenVerb {
    /// Make a token; it alone is printed, once
    Create(CreateCredential),
    /// List tokens without their secrets
    List(ListCredentials),
    /// Revoke a token
    Revoke(RevokeCredential),
}

/// `token create`, `app-password create`.
#[derive(Debug, Args)]
pub(crate) struct CreateCredential {
    /// Whom it stands for
    user: String,
    /// What it may be used for; may be repeated. Without any: all that the user may
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// What to call it in lists
    #[arg(long)]
    name: Option<String>,
    /// When it ends by itself: 12h, 90d, a date, or a date and time
    #[arg(long, value_name = "WHEN")]
    until: Option<When>,
    #[command(flatten)]
    format: JsonOption,
}

/// `token list`, `app-password list`.
#[derive(Debug, Args)]
pub(crate) struct ListCredentials {
    /// Only this user's
    user: Option<String>,
    #[command(flatten)]
    format: ListOptions,
}

/// `token revoke`, `app-password revoke`.
#[derive(Debug, Args)]
pub(crate) struct RevokeCredential {
    /// Its number, as listed
    number: String,
}

/// Runs the verb.
pub(crate) fn run(verb: TokenVerb, session: &mut Session) -> Result<Outcome, Error> {
    match verb {
        TokenVerb::Create(args) => args.create(("New-ApiToken", "Token"), session)?,
        TokenVerb::List(args) => args.list("Get-ApiToken", session)?,
        TokenVerb::Revoke(args) => args.revoke("Remove-ApiToken", session)?,
    }
    Ok(Outcome::Done)
}

impl CreateCredential {
    /// Makes one and prints its secret, which is the property `secret` of what `cmdlet` gives.
    pub(crate) fn create(
        self,
        (cmdlet, secret): (&'static str, &str),
        session: &mut Session,
    ) -> Result<(), Error> {
        let until = match self.until {
            Some(when) => Some(
                when.as_end_ahead(now())
                    .map_err(|error| Error::Usage(format!("--until: {error}")))?,
            ),
            None => None,
        };
        let parameters = Parameters::new()
            .with("User", self.user.clone())
            .with_list("Scopes", &self.scopes)
            .with_some("Name", self.name)
            .with_some("Until", until.map(timestamp));
        let created = session.call_for_one(cmdlet, parameters, &self.user)?;
        if self.format.json {
            return output::print_one(session, created, true);
        }
        session.output.line(output::text(&created, secret))
    }
}

impl ListCredentials {
    /// Lists what `cmdlet` gives.
    pub(crate) fn list(self, cmdlet: &'static str, session: &mut Session) -> Result<(), Error> {
        let parameters = Parameters::new().with_some("User", self.user);
        output::list(session, (cmdlet, parameters), COLUMNS, self.format)
    }
}

impl RevokeCredential {
    /// Revokes it with `cmdlet`.
    pub(crate) fn revoke(self, cmdlet: &'static str, session: &mut Session) -> Result<(), Error> {
        session.call(cmdlet, Parameters::new().with("Identity", self.number)).map(drop)
    }
}
