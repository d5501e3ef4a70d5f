//! `guichet user`: persons with a mailbox and a login.

use std::path::PathBuf;

use admin_protocol::parameters::Parameters;
use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use super::confirm::YesOption;
use super::error::Error;
use super::output::{self, Column, JsonOption, ListOptions, column};
use super::password;
use super::session::{Outcome, Session};

const COLUMNS: &[Column] = &[
    column("Address", "PrimarySmtpAddress"),
    column("Name", "DisplayName"),
    column("Role", "Role"),
    column("Disabled", "AccountDisabled"),
    column("Hidden", "HiddenFromAddressListsEnabled"),
];

/// What can be done with users.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  guichet user create jean.dupont@contoso.com --name \"Jean Dupont\"
  guichet user list --search jean
  guichet user set jean.dupont@contoso.com --disable
  guichet user password jean.dupont@contoso.com
  guichet user set jean.dupont@contoso.com --password-file - < new-password")]
pub(crate) enum UserVerb {
    /// Create a user; without --password-file a password is made and printed
    Create(CreateUser),
    /// List users
    List(ListUsers),
    /// Show one user
    Show(ShowUser),
    /// Change a user
    Set(SetUser),
    /// Set a password, one's own or as administrator anybody's; without --password-file one is made
    /// and printed
    Password(SetPassword),
    /// Sign a user out everywhere, in browsers and mail programs; the password stays
    SignOut(SignOutUser),
    /// Remove a user with all mail, and all rights held by or given on the user
    Delete(DeleteUser),
}

/// What an account may do beside its own mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Nothing more
    Member,
    /// Read everything in the administration
    Auditor,
    /// Read and change everything
    Administrator,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Role::Member => "Member",
            Role::Auditor => "Auditor",
            Role::Administrator => "Administrator",
        }
    }
}

/// `user create`.
#[derive(Debug, Args)]
pub(crate) struct CreateUser {
    /// The address, which is the login too
    address: String,
    /// The name that people see
    #[arg(long)]
    name: String,
    /// File with the password; `-` is standard input
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// The alias; without it the part before the @
    #[arg(long)]
    alias: Option<String>,
    /// What the account may do beside its own mail
    #[arg(long)]
    role: Option<Role>,
    #[command(flatten)]
    format: JsonOption,
}

/// `user list`.
#[derive(Debug, Args)]
pub(crate) struct ListUsers {
    /// Only those whose name, alias or address has a word that begins so
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    format: ListOptions,
}

/// `user show`.
#[derive(Debug, Args)]
pub(crate) struct ShowUser {
    /// Address, alias or GUID
    user: String,
    #[command(flatten)]
    format: JsonOption,
}

/// `user set`.
#[derive(Debug, Args)]
#[command(
    override_usage = "guichet user set [OPTIONS] <USER>",
    group = ArgGroup::new("change").required(true).multiple(true)
)]
pub(crate) struct SetUser {
    /// Address, alias or GUID
    user: String,
    /// Refuse the user's logins; rights stay recorded
    #[arg(long, group = "change", conflicts_with = "enable")]
    disable: bool,
    /// Accept the user's logins again
    #[arg(long, group = "change")]
    enable: bool,
    /// File with the new password; `-` is standard input
    #[arg(long, value_name = "FILE", group = "change")]
    password_file: Option<PathBuf>,
    /// Take second factor, recovery codes and passkeys away: the password alone signs in
    #[arg(long, group = "change")]
    reset_second_factor: bool,
    /// What the account may do beside its own mail
    #[arg(long, group = "change")]
    role: Option<Role>,
    #[command(flatten)]
    common: SetMailbox,
    #[command(flatten)]
    format: JsonOption,
}

/// `user password`.
#[derive(Debug, Args)]
pub(crate) struct SetPassword {
    /// Address, alias or GUID; without it the caller
    user: Option<String>,
    /// File with the new password; `-` is standard input
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// `user sign-out`.
#[derive(Debug, Args)]
pub(crate) struct SignOutUser {
    /// Address, alias or GUID
    user: String,
}

/// Changes that users and shared mailboxes have in common.
#[derive(Debug, Args)]
pub(crate) struct SetMailbox {
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
    /// Leave it out of address lists
    #[arg(long, value_name = "true|false", group = "change")]
    hidden: Option<bool>,
    /// Refuse mail that no account of ours submitted
    #[arg(long, value_name = "true|false", group = "change")]
    require_sender_authentication: Option<bool>,
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
    /// Only if nobody changed it since: the ObjectVersion that `show` printed
    #[arg(long, value_name = "VERSION")]
    expected_version: Option<String>,
}

impl SetMailbox {
    /// Adds the changes to the parameters of `Set-Mailbox`.
    pub(crate) fn onto(&self, parameters: Parameters) -> Parameters {
        parameters
            .with_some("DisplayName", self.display_name.clone())
            .with_edit("EmailAddresses", &self.add_address, &self.remove_address)
            .with_some("WindowsEmailAddress", self.primary.clone())
            .with_some("HiddenFromAddressListsEnabled", self.hidden)
            .with_some("RequireSenderAuthenticationEnabled", self.require_sender_authentication)
            .with_some("CopySentMailToPersonEnabled", self.copy_sent_mail_to_person)
            .with_some("PersonalReadStateEnabled", self.personal_read_state)
            .with_some("TrashRetentionDays", self.trash_retention_days)
            .with_some("ProhibitSendReceiveQuota", self.quota.clone())
            .with_some("Notes", self.notes.clone())
            .with_some("ExpectedVersion", self.expected_version.clone())
    }
}

/// `user delete`.
#[derive(Debug, Args)]
pub(crate) struct DeleteUser {
    /// Address, alias or GUID
    user: String,
    #[command(flatten)]
    yes: YesOption,
}

/// Runs the verb.
pub(crate) fn run(verb: UserVerb, session: &mut Session) -> Result<Outcome, Error> {
    match verb {
        UserVerb::Create(args) => create(args, session)?,
        UserVerb::List(args) => {
            let parameters = Parameters::new()
                .with("RecipientTypeDetails", "UserMailbox")
                .with_some("Anr", args.search)
                .with("ResultSize", "Unlimited");
            output::list(session, ("Get-Mailbox", parameters), COLUMNS, args.format)?;
        }
        UserVerb::Show(args) => {
            let parameters = Parameters::new()
                .with("Identity", args.user.clone())
                .with("RecipientTypeDetails", "UserMailbox");
            let user = session.call_for_one("Get-Mailbox", parameters, &args.user)?;
            output::print_one(session, user, args.format.json)?;
        }
        UserVerb::Set(args) => set(args, session)?,
        UserVerb::Password(args) => set_password(args, session)?,
        UserVerb::SignOut(args) => {
            session.call("Remove-UserSession", Parameters::new().with("Identity", args.user))?;
        }
        UserVerb::Delete(args) => {
            args.yes.ask(&format!("Remove {} and all mail in the mailbox?", args.user))?;
            session.call("Remove-Mailbox", Parameters::new().with("Identity", args.user))?;
        }
    }
    Ok(Outcome::Done)
}

fn create(args: CreateUser, session: &mut Session) -> Result<(), Error> {
    let (password, is_made) = match &args.password_file {
        Some(path) => (password::read(path)?, false),
        None => (password::make(), true),
    };
    let parameters = Parameters::new()
        .with("Name", args.name)
        .with("PrimarySmtpAddress", args.address.clone())
        .with("Password", password.clone())
        .with_some("Alias", args.alias)
        .with_some("Role", args.role.map(Role::as_str));
    let mut user = session.call_for_one("New-Mailbox", parameters, &args.address)?;
    eprintln!("created user {}", output::text(&user, "PrimarySmtpAddress"));
    if args.format.json {
        if is_made {
            user.insert("Password".to_owned(), password.into());
        }
        return output::print_one(session, user, true);
    }
    if is_made { session.output.line(&password) } else { Ok(()) }
}

fn set(args: SetUser, session: &mut Session) -> Result<(), Error> {
    let disabled = (args.disable || args.enable).then_some(args.disable);
    let password = args.password_file.as_deref().map(password::read).transpose()?;
    if args.reset_second_factor {
        let user = Parameters::new().with("Identity", args.user.clone());
        session.call("Remove-SecondFactor", user)?;
    }
    let parameters = Parameters::new()
        .with("Identity", args.user)
        .with_some("AccountDisabled", disabled)
        .with_some("Password", password)
        .with_some("Role", args.role.map(Role::as_str));
    let parameters = args.common.onto(parameters);
    if args.reset_second_factor && parameters.sets_nothing() {
        return Ok(());
    }
    let changed = session.call("Set-Mailbox", parameters)?;
    output::print_changed(session, changed, args.format)
}

fn set_password(args: SetPassword, session: &mut Session) -> Result<(), Error> {
    let (password, is_made) = match &args.password_file {
        Some(path) => (password::read(path)?, false),
        None => (password::make(), true),
    };
    let parameters =
        Parameters::new().with_some("User", args.user).with("Password", password.clone());
    session.call("Set-UserPassword", parameters)?;
    eprintln!("the password is set; remembered logins have ended");
    if is_made { session.output.line(&password) } else { Ok(()) }
}
