//! `guichet domain`: the domains whose addresses are ours.

use admin_protocol::parameters::Parameters;
use clap::{Args, Subcommand};

use super::confirm::YesOption;
use super::error::Error;
use super::output::{self, Column, JsonOption, ListOptions, column};
use super::session::{Outcome, Session};

const COLUMNS: &[Column] =
    &[column("Domain", "DomainName"), column("Default", "Default"), column("Type", "DomainType")];

/// What can be done with accepted domains.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  guichet domain create contoso.fr
  guichet dns --domain contoso.fr
  guichet domain set contoso.fr --default")]
pub(crate) enum DomainVerb {
    /// Accept mail for one more domain
    Create(CreateDomain),
    /// List accepted domains
    List(ListDomains),
    /// Show one accepted domain
    Show(ShowDomain),
    /// Change an accepted domain
    Set(SetDomain),
    /// Give up a domain in which nobody has an address
    Delete(DeleteDomain),
}

/// `domain create`.
#[derive(Debug, Args)]
pub(crate) struct CreateDomain {
    /// The domain
    domain: String,
    #[command(flatten)]
    format: JsonOption,
}

/// `domain list`.
#[derive(Debug, Args)]
pub(crate) struct ListDomains {
    #[command(flatten)]
    format: ListOptions,
}

/// `domain show`.
#[derive(Debug, Args)]
pub(crate) struct ShowDomain {
    /// The domain
    domain: String,
    #[command(flatten)]
    format: JsonOption,
}

/// `domain set`.
#[derive(Debug, Args)]
pub(crate) struct SetDomain {
    /// The domain
    domain: String,
    /// Give new addresses this domain when none is named
    #[arg(long = "default", required = true)]
    is_default: bool,
    #[command(flatten)]
    format: JsonOption,
}

/// `domain delete`.
#[derive(Debug, Args)]
pub(crate) struct DeleteDomain {
    /// The domain
    domain: String,
    #[command(flatten)]
    yes: YesOption,
}

/// Runs the verb.
pub(crate) fn run(verb: DomainVerb, session: &mut Session) -> Result<Outcome, Error> {
    match verb {
        DomainVerb::Create(args) => {
            let parameters =
                Parameters::new().with("Name", args.domain.clone()).with("DomainName", args.domain);
            let created = session.call("New-AcceptedDomain", parameters)?;
            eprintln!("see `guichet dns` for the records that it needs");
            output::print_changed(session, created, args.format)?;
        }
        DomainVerb::List(args) => {
            let call = ("Get-AcceptedDomain", Parameters::new());
            output::list(session, call, COLUMNS, args.format)?;
        }
        DomainVerb::Show(args) => {
            let parameters = Parameters::new().with("Identity", args.domain.clone());
            let domain = session.call_for_one("Get-AcceptedDomain", parameters, &args.domain)?;
            output::print_one(session, domain, args.format.json)?;
        }
        DomainVerb::Set(args) => {
            let parameters = Parameters::new()
                .with("Identity", args.domain)
                .with("MakeDefault", args.is_default);
            let changed = session.call("Set-AcceptedDomain", parameters)?;
            output::print_changed(session, changed, args.format)?;
        }
        DomainVerb::Delete(args) => {
            args.yes.ask(&format!("Stop accepting mail for {}?", args.domain))?;
            session
                .call("Remove-AcceptedDomain", Parameters::new().with("Identity", args.domain))?;
        }
    }
    Ok(Outcome::Done)
}
