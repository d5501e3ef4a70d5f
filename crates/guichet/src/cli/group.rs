//! `guichet group`: mailboxes that their members read together. What `guichet team` has in common
//! with it is here too.

use admin_protocol::cmdlet::Object;
use admin_protocol::parameters::Parameters;
use clap::{ArgGroup, Args, Subcommand};
use serde_json::Value;

use super::confirm::YesOption;
use super::error::Error;
use super::output::{self, Column, JsonOption, ListOptions, column};
use super::rights;
use super::session::{Outcome, Session};

const COLUMNS: &[Column] = &[
    column("Address", "PrimarySmtpAddress"),
    column("Name", "DisplayName"),
    column("Members", "GroupMemberCount"),
    column("Owners", "ManagedBy"),
    column("From inside only", "RequireSenderAuthenticationEnabled"),
    column("Hidden", "HiddenFromAddressListsEnabled"),
];

const MEMBER_COLUMNS: &[Column] = &[
    column("Member", "PrimarySmtpAddress"),
    column("Name", "DisplayName"),
    column("Role", "Role"),
    column("Subscribed", "IsSubscribed"),
];

/// What can be done with groups.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  guichet group create Comptabilité --alias compta --owner marie.durand@contoso.com
  guichet group set compta --require-sender-authentication false
  guichet group add-member compta jean.dupont@contoso.com")]
pub(crate) enum GroupVerb {
    /// Create a group
    Create(CreateGroup),
    /// What groups and teams share
    #[command(flatten)]
    Existing(ExistingVerb),
}

/// What can be done with an existing group or team.
#[derive(Debug, Subcommand)]
pub(crate) enum ExistingVerb {
    /// List them
    List(ListGroups),
    /// Show one, with its members and the rights on it
    Show(ShowGroup),
    /// Change one
    Set(SetGroup),
    /// Remove one with all mail and all rights on it
    Delete(DeleteGroup),
    /// Add members; membership gives no right to send
    AddMember(MembersArgs),
    /// Remove members
    RemoveMember(MembersArgs),
    /// Make members owners
    AddOwner(MembersArgs),
    /// Make owners plain members
    RemoveOwner(MembersArgs),
    /// Also put mail to the group into these members' own inboxes
    Subscribe(MembersArgs),
    /// No longer put mail to the group into these members' own inboxes
    Unsubscribe(MembersArgs),
}

/// Whether the verb was `group` or `team`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// All groups, teams among them.
    Group,
    /// Groups that are teams.
    Team,
}

/// `group create`; `team create` has channels besides.
#[derive(Debug, Args)]
pub(crate) struct CreateGroup {
    /// The name that people see
    name: String,
    /// The part of its address before the @; without it made from the name
    #[arg(long)]
    alias: Option<String>,
    /// The whole address, where it is not the alias at the default domain
    #[arg(long)]
    address: Option<String>,
    /// An owner, who becomes a member too; may be repeated
    #[arg(long = "owner", value_name = "ADDRESS")]
    owners: Vec<String>,
    /// A member; may be repeated
    #[arg(long = "member", value_name = "ADDRESS")]
    members: Vec<String>,
    /// Refuse mail that no account of ours submitted
    #[arg(long, value_name = "true|false")]
    require_sender_authentication: Option<bool>,
    #[command(flatten)]
    format: JsonOption,
}

impl CreateGroup {
    /// Creates it, with `more` parameters.
    pub(crate) fn run(self, more: Parameters, session: &mut Session) -> Result<(), Error> {
        let parameters = more
            .with("DisplayName", self.name.clone())
            .with_some("Alias", self.alias)
            .with_some("PrimarySmtpAddress", self.address)
            .with_list("Owner", &self.owners)
            .with_list("Members", &self.members)
            .with_some("RequireSenderAuthenticationEnabled", self.require_sender_authentication);
        let created = session.call_for_one("New-UnifiedGroup", parameters, &self.name)?;
        output::print_created(session, created, self.format)
    }
}

/// `group list`.
#[derive(Debug, Args)]
pub(crate) struct ListGroups {
    /// Only those whose name, alias or address has a word that begins so
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    format: ListOptions,
}

/// `group show`.
#[derive(Debug, Args)]
pub(crate) struct ShowGroup {
    /// Address, alias or GUID
    group: String,
    #[command(flatten)]
    format: JsonOption,
}

/// `group set`.
#[derive(Debug, Args)]
#[command(
    override_usage = "guichet group set [OPTIONS] <GROUP>\n       \
                      guichet team set [OPTIONS] <GROUP>",
    group = ArgGroup::new("change").required(true).multiple(true)
)]
pub(crate) struct SetGroup {
    /// Address, alias or GUID
    group: String,
    /// The name that people see
    #[arg(long, value_name = "NAME", group = "change", visible_alias = "name")]
    display_name: Option<String>,
    /// One more address
    #[arg(long, value_name = "ADDRESS", group = "change")]
    add_address: Vec<String>,
    /// An address to give up
    #[arg(long, value_name = "ADDRESS", group = "change")]
    remove_address: Vec<String>,
    /// Make this the primary address; the former one stays as an alias
    #[arg(long, value_name = "ADDRESS", group = "change")]
    primary: Option<String>,
    /// Refuse mail that no account of ours submitted
    #[arg(long, value_name = "true|false", group = "change")]
    require_sender_authentication: Option<bool>,
    /// Leave it out of address lists
    #[arg(long, value_name = "true|false", group = "change")]
    hidden: Option<bool>,
    /// Whether who sends from here gets a copy in the own Sent folder too
    #[arg(long, value_name = "true|false", group = "change")]
    copy_sent_mail_to_person: Option<bool>,
    /// Whether each reader has an own state of what is read
    #[arg(long, value_name = "true|false", group = "change")]
    personal_read_state: Option<bool>,
    /// Days after which messages leave the bin for good; 0 keeps them for ever
    #[arg(long, value_name = "DAYS", group = "change")]
    trash_retention_days: Option<u32>,
    /// The room for all its mail, such as 50GB, or unlimited
    #[arg(long, value_name = "SIZE", group = "change")]
    quota: Option<String>,
    /// Free text for administrators
    #[arg(long, group = "change")]
    notes: Option<String>,
    #[command(flatten)]
    format: JsonOption,
}

/// `group delete`.
#[derive(Debug, Args)]
pub(crate) struct DeleteGroup {
    /// Address, alias or GUID
    group: String,
    #[command(flatten)]
    yes: YesOption,
}

/// `group add-member` and its like.
#[derive(Debug, Args)]
pub(crate) struct MembersArgs {
    /// Address, alias or GUID of the group
    group: String,
    /// Addresses, aliases or GUIDs of the people
    #[arg(required = true)]
    members: Vec<String>,
}

/// Runs the verb.
pub(crate) fn run(verb: GroupVerb, session: &mut Session) -> Result<Outcome, Error> {
    match verb {
        GroupVerb::Create(args) => args.run(Parameters::new(), session)?,
        GroupVerb::Existing(verb) => existing(verb, Kind::Group, session)?,
    }
    Ok(Outcome::Done)
}

/// Runs what groups and teams share.
pub(crate) fn existing(verb: ExistingVerb, kind: Kind, session: &mut Session) -> Result<(), Error> {
    match verb {
        ExistingVerb::List(args) => {
            let parameters = Parameters::new()
                .with_some("Anr", args.search)
                .with_some("Team", (kind == Kind::Team).then_some(true))
                .with("ResultSize", "Unlimited");
            output::list(session, ("Get-UnifiedGroup", parameters), COLUMNS, args.format)
        }
        ExistingVerb::Show(args) => show(&args, session),
        ExistingVerb::Set(args) => set(args, session),
        ExistingVerb::Delete(args) => {
            args.yes.ask(&format!("Remove {} and all mail in it?", args.group))?;
            session.call("Remove-UnifiedGroup", Parameters::new().with("Identity", args.group))?;
            Ok(())
        }
        ExistingVerb::AddMember(args) => args.link("Add-UnifiedGroupLinks", "Members", session),
        ExistingVerb::RemoveMember(args) => {
            args.link("Remove-UnifiedGroupLinks", "Members", session)
        }
        ExistingVerb::AddOwner(args) => args.link("Add-UnifiedGroupLinks", "Owners", session),
        ExistingVerb::RemoveOwner(args) => args.link("Remove-UnifiedGroupLinks", "Owners", session),
        ExistingVerb::Subscribe(args) => args.link("Add-UnifiedGroupLinks", "Subscribers", session),
        ExistingVerb::Unsubscribe(args) => {
            args.link("Remove-UnifiedGroupLinks", "Subscribers", session)
        }
    }
}

impl MembersArgs {
    fn link(
        self,
        cmdlet: &'static str,
        link_type: &'static str,
        session: &mut Session,
    ) -> Result<(), Error> {
        let parameters = Parameters::new()
            .with("Identity", self.group)
            .with("LinkType", link_type)
            .with("Links", self.members);
        session.call(cmdlet, parameters).map(drop)
    }
}

fn set(args: SetGroup, session: &mut Session) -> Result<(), Error> {
    let parameters = Parameters::new()
        .with("Identity", args.group)
        .with_some("DisplayName", args.display_name)
        .with_edit("EmailAddresses", &args.add_address, &args.remove_address)
        .with_some("PrimarySmtpAddress", args.primary)
        .with_some("RequireSenderAuthenticationEnabled", args.require_sender_authentication)
        .with_some("HiddenFromAddressListsEnabled", args.hidden)
        .with_some("CopySentMailToPersonEnabled", args.copy_sent_mail_to_person)
        .with_some("PersonalReadStateEnabled", args.personal_read_state)
        .with_some("TrashRetentionDays", args.trash_retention_days)
        .with_some("ProhibitSendReceiveQuota", args.quota)
        .with_some("Notes", args.notes);
    let changed = session.call("Set-UnifiedGroup", parameters)?;
    output::print_changed(session, changed, args.format)
}

fn show(args: &ShowGroup, session: &mut Session) -> Result<(), Error> {
    let identity = Parameters::new().with("Identity", args.group.clone());
    let mut group = session.call_for_one("Get-UnifiedGroup", identity.clone(), &args.group)?;
    let members = session.call(
        "Get-UnifiedGroupLinks",
        identity.with("LinkType", "Members").with("ResultSize", "Unlimited"),
    )?;
    let granted = rights::on(session, &args.group)?;
    if args.format.json {
        let array = |objects: Vec<Object>| objects.into_iter().map(Value::Object).collect();
        group.insert("Members".to_owned(), array(members));
        group.insert("Rights".to_owned(), array(granted));
        return output::print_one(session, group, true);
    }
    output::print_one(session, group, false)?;
    if !members.is_empty() {
        session.output.line("")?;
        session.output.table(MEMBER_COLUMNS, &members)?;
    }
    rights::print_below(session, &granted)
}
