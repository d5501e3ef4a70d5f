//! `guichet team`: groups with channels.

use admin_protocol::parameters::Parameters;
use clap::{Args, Subcommand};

use super::error::Error;
use super::group::{self, CreateGroup, ExistingVerb, Kind};
use super::session::{Outcome, Session};

/// What can be done with teams.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  guichet team create Support --alias support --owner marie.durand@contoso.com
  guichet team add-member support jean.dupont@contoso.com
  guichet grant send-as support jean.dupont@contoso.com --until 30d
  guichet team show support")]
pub(crate) enum TeamVerb {
    /// Create a team
    Create(CreateTeam),
    /// Add channels, each with an address of its own
    AddChannel(ChannelsArgs),
    /// Remove channels
    RemoveChannel(ChannelsArgs),
    /// What groups and teams share
    #[command(flatten)]
    Existing(ExistingVerb),
}

/// `team create`.
#[derive(Debug, Args)]
pub(crate) struct CreateTeam {
    #[command(flatten)]
    group: CreateGroup,
    /// A channel; may be repeated. Without any, the channel General
    #[arg(long = "channel", value_name = "NAME")]
    channels: Vec<String>,
}

/// `team add-channel` and `team remove-channel`.
#[derive(Debug, Args)]
pub(crate) struct ChannelsArgs {
    /// Address, alias or GUID of the team
    team: String,
    /// Names of channels
    #[arg(required = true, value_name = "NAME")]
    channels: Vec<String>,
}

/// Runs the verb.
pub(crate) fn run(verb: TeamVerb, session: &mut Session) -> Result<Outcome, Error> {
    match verb {
        TeamVerb::Create(args) => {
            let more = Parameters::new().with("Team", true).with_list("Channels", &args.channels);
            args.group.run(more, session)?;
        }
        TeamVerb::AddChannel(args) => {
            let parameters = Parameters::new().with("Identity", args.team).with_edit(
                "Channels",
                &args.channels,
                &[],
            );
            session.call("Set-UnifiedGroup", parameters)?;
        }
        TeamVerb::RemoveChannel(args) => {
            let parameters = Parameters::new().with("Identity", args.team).with_edit(
                "Channels",
                &[],
                &args.channels,
            );
            session.call("Set-UnifiedGroup", parameters)?;
        }
        TeamVerb::Existing(verb) => group::existing(verb, Kind::Team, session)?,
    }
    Ok(Outcome::Done)
}
