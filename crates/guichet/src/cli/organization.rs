//! `guichet organization`: settings of the whole organisation.

use admin_protocol::parameters::Parameters;
use clap::{ArgGroup, Args, Subcommand};

use super::error::Error;
use super::output::{self, JsonOption};
use super::session::{Outcome, Session};

/// What can be done with the organisation's settings.
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:
  guichet organization set --send-from-alias true")]
pub(crate) enum OrganizationVerb {
    /// Show the settings
    Show(ShowOrganization),
    /// Change settings
    Set(SetOrganization),
}

/// `organization show`.
#[derive(Debug, Args)]
pub(crate) struct ShowOrganization {
    #[command(flatten)]
    format: JsonOption,
}

/// `organization set`.
#[derive(Debug, Args)]
#[command(
    override_usage = "guichet organization set [OPTIONS]",
    group = ArgGroup::new("change").required(true).multiple(true)
)]
pub(crate) struct SetOrganization {
    /// The organisation's name
    #[arg(long, group = "change")]
    name: Option<String>,
    /// Whether an alias stays in From; otherwise the primary address is written instead
    #[arg(long, value_name = "true|false", group = "change")]
    send_from_alias: Option<bool>,
    /// When the report on rights to send goes to owners and auditors
    #[arg(
        long,
        value_name = "never|monthly",
        value_parser = ["never", "monthly"],
        group = "change"
    )]
    report: Option<String>,
    /// The language of mail that the server writes
    #[arg(long, value_name = "en|fr", value_parser = ["en", "fr"], group = "change")]
    language: Option<String>,
    #[command(flatten)]
    format: JsonOption,
}

/// Runs the verb.
pub(crate) fn run(verb: OrganizationVerb, session: &mut Session) -> Result<Outcome, Error> {
    match verb {
        OrganizationVerb::Show(args) => {
            let settings = session.call_for_one(
                "Get-OrganizationConfig",
                Parameters::new(),
                "the organisation",
            )?;
            output::print_one(session, settings, args.format.json)?;
        }
        OrganizationVerb::Set(args) => {
            let parameters = Parameters::new()
                .with_some("DisplayName", args.name)
                .with_some("SendFromAliasEnabled", args.send_from_alias)
                .with_some("SendAsReportSchedule", args.report)
                .with_some("Language", args.language);
            let changed = session.call("Set-OrganizationConfig", parameters)?;
            output::print_changed(session, changed, args.format)?;
        }
    }
    Ok(Outcome::Done)
}
