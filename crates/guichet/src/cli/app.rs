//! `guichet app`: the clients of OAuth 2, which get tokens by themselves or in the name of persons
//! who allow it.

use admin_protocol::parameters::Parameters;
use clap::{Args, Subcommand};

use super::error::Error;
use super::output::{self, Column, JsonOption, ListOptions, column};
use super::session::{Outcome, Session};

const COLUMNS: &[Column] = &[
    column("Client id", "Identity"),
    column("Name", "Name"),
    column("User", "User"),
    column("Scopes", "Scopes"),
    column("Public", "Public"),
    column("Redirect URIs", "RedirectUris"),
];

/// What can be done with clients.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  guichet app create Backup --scope read --account backup@contoso.com
  guichet app create Console --scope admin --public
  guichet app create Portal --scope send --redirect-uri https://portal.contoso.com/signed-in
  guichet app delete Backup")]
pub(crate) enum AppVerb {
    /// Register a client; its identifier and its secret are printed, the secret once
    Create(CreateArgs),
    /// List clients without their secrets
    List(ListOptions),
    /// Take a client away with all tokens that it was given
    Delete(DeleteArgs),
}

/// `app create`.
#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// What persons see when they are asked to allow it
    name: String,
    /// What it may ask for at most: admin, read, send; may be repeated
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    scopes: Vec<String>,
    /// The account that it acts for by itself, with its secret
    #[arg(long, value_name = "USER")]
    account: Option<String>,
    /// Where a browser may bring it answers; may be repeated
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// It keeps no secret: a program on somebody's machine
    #[arg(long)]
    public: bool,
    /// The identifier, where the program has one of its own
    #[arg(long, value_name = "UUID")]
    client_id: Option<String>,
    #[command(flatten)]
    format: JsonOption,
}

/// `app delete`.
#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// The client's identifier or its name
    client: String,
}

/// Runs the verb.
pub(crate) fn run(verb: AppVerb, session: &mut Session) -> Result<Outcome, Error> {
    match verb {
        AppVerb::Create(args) => create(args, session)?,
        AppVerb::List(format) => {
            output::list(session, ("Get-Application", Parameters::new()), COLUMNS, format)?;
        }
        AppVerb::Delete(args) => {
            let identity = Parameters::new().with("Identity", args.client);
            session.call("Remove-Application", identity)?;
        }
    }
    Ok(Outcome::Done)
}

fn create(args: CreateArgs, session: &mut Session) -> Result<(), Error> {
    let mut parameters = Parameters::new()
        .with("Name", args.name.clone())
        .with_list("Scopes", &args.scopes)
        .with_some("User", args.account)
        .with_list("RedirectUris", &args.redirect_uris)
        .with_some("ClientId", args.client_id);
    if args.public {
        parameters = parameters.with("Public", true);
    }
    let created = session.call_for_one("New-Application", parameters, &args.name)?;
    if args.format.json {
        return output::print_one(session, created, true);
    }
    session.output.line(&format!("client_id: {}", output::text(&created, "Identity")))?;
    if !args.public {
        let secret = output::text(&created, "ClientSecret");
        session.output.line(&format!("client_secret: {secret}"))?;
    }
    Ok(())
}
