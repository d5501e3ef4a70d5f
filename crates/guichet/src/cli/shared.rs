//! `guichet shared`: mailboxes without a login, opened by those who hold Full Access.

use admin_protocol::parameters::Parameters;
use clap::{ArgGroup, Args, Subcommand};
use serde_json::Value;

use super::confirm::YesOption;
use super::convert::{self, ConvertShared};
use super::error::Error;
use super::output::{self, Column, JsonOption, ListOptions, column};
use super::rights;
use super::session::{Outcome, Session};
use super::user::SetMailbox;

const COLUMNS: &[Column] = &[
    column("Address", "PrimarySmtpAddress"),
    column("Name", "DisplayName"),
    column("Hidden", "HiddenFromAddressListsEnabled"),
    column("Notes", "Notes"),
];

/// What can be done with shared mailboxes.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  guichet shared create facturation --name Facturation --member jean.dupont@contoso.com
  guichet grant send-as facturation jean.dupont@contoso.com
  guichet shared show facturation
  guichet shared convert ventes")]
pub(crate) enum SharedVerb {
    /// Create a shared mailbox
    Create(CreateShared),
    /// List shared mailboxes
    List(ListShared),
    /// Show one, with the rights on it
    Show(ShowShared),
    /// Change one
    Set(SetShared),
    /// Make one of a group or a user, after showing what that means
    Convert(ConvertShared),
    /// Remove one with all mail and all rights on it
    Delete(DeleteShared),
}

/// `shared create`.
#[derive(Debug, Args)]
pub(crate) struct CreateShared {
    /// The alias, or a whole address
    alias: String,
    /// The name that people see
    #[arg(long)]
    name: String,
    /// Who receives Full Access at once; may be repeated
    #[arg(long = "member", value_name = "ADDRESS")]
    members: Vec<String>,
    #[command(flatten)]
    format: JsonOption,
}

/// `shared list`.
#[derive(Debug, Args)]
pub(crate) struct ListShared {
    /// Only those whose name, alias or address has a word that begins so
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    format: ListOptions,
}

/// `shared show`.
#[derive(Debug, Args)]
pub(crate) struct ShowShared {
    /// Address, alias or GUID
    mailbox: String,
    #[command(flatten)]
    format: JsonOption,
}

/// `shared set`.
#[derive(Debug, Args)]
#[command(
    override_usage = "guichet shared set [OPTIONS] <MAILBOX>",
    group = ArgGroup::new("change").required(true).multiple(true)
)]
pub(crate) struct SetShared {
    /// Address, alias or GUID
    mailbox: String,
    #[command(flatten)]
    common: SetMailbox,
    #[command(flatten)]
    format: JsonOption,
}

/// `shared delete`.
#[derive(Debug, Args)]
pub(crate) struct DeleteShared {
    /// Address, alias or GUID
    mailbox: String,
    #[command(flatten)]
    yes: YesOption,
}

/// Runs the verb.
pub(crate) fn run(verb: SharedVerb, session: &mut Session) -> Result<Outcome, Error> {
    match verb {
        SharedVerb::Create(args) => create(args, session)?,
        SharedVerb::List(args) => {
            let parameters = Parameters::new()
                .with("RecipientTypeDetails", "SharedMailbox")
                .with_some("Anr", args.search)
                .with("ResultSize", "Unlimited");
            output::list(session, ("Get-Mailbox", parameters), COLUMNS, args.format)?;
        }
        SharedVerb::Show(args) => show(&args, session)?,
        SharedVerb::Set(args) => {
            let parameters = args.common.onto(Parameters::new().with("Identity", args.mailbox));
            let changed = session.call("Set-Mailbox", parameters)?;
            output::print_changed(session, changed, args.format)?;
        }
        SharedVerb::Convert(args) => convert::run(&args, session)?,
        SharedVerb::Delete(args) => {
            args.yes.ask(&format!("Remove {} and all mail in it?", args.mailbox))?;
            session.call("Remove-Mailbox", Parameters::new().with("Identity", args.mailbox))?;
        }
    }
    Ok(Outcome::Done)
}

fn create(args: CreateShared, session: &mut Session) -> Result<(), Error> {
    let place = if args.alias.contains('@') { "PrimarySmtpAddress" } else { "Alias" };
    let parameters = Parameters::new()
        .with("Shared", true)
        .with("Name", args.name)
        .with(place, args.alias.clone())
        .with_list("Members", &args.members);
    let created = session.call_for_one("New-Mailbox", parameters, &args.alias)?;
    output::print_created(session, created, args.format)
}

fn show(args: &ShowShared, session: &mut Session) -> Result<(), Error> {
    let parameters = Parameters::new()
        .with("Identity", args.mailbox.clone())
        .with("RecipientTypeDetails", "SharedMailbox");
    let mut mailbox = session.call_for_one("Get-Mailbox", parameters, &args.mailbox)?;
    let granted = rights::on(session, &args.mailbox)?;
    if args.format.json {
        mailbox.insert("Rights".to_owned(), granted.into_iter().map(Value::Object).collect());
        return output::print_one(session, mailbox, true);
    }
    output::print_one(session, mailbox, false)?;
    rights::print_below(session, &granted)
}
