//! `guichet contact`: names in the directory for addresses elsewhere.

use admin_protocol::parameters::Parameters;
use clap::{ArgGroup, Args, Subcommand};

use super::confirm::YesOption;
use super::error::Error;
use super::output::{self, Column, JsonOption, ListOptions, column};
use super::session::{Outcome, Session};

const COLUMNS: &[Column] = &[
    column("Address", "PrimarySmtpAddress"),
    column("Name", "DisplayName"),
    column("Alias", "Alias"),
    column("Hidden", "HiddenFromAddressListsEnabled"),
];

/// What can be done with contacts.
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:
  guichet contact create customer@fabrikam.com --name \"Fabrikam\"")]
pub(crate) enum ContactVerb {
    /// Create a contact
    Create(CreateContact),
    /// List contacts
    List(ListContacts),
    /// Show one contact
    Show(ShowContact),
    /// Change a contact
    Set(SetContact),
    /// Remove a contact
    Delete(DeleteContact),
}

/// `contact create`.
#[derive(Debug, Args)]
pub(crate) struct CreateContact {
    /// The address elsewhere
    address: String,
    /// The name that people see
    #[arg(long)]
    name: String,
    /// The alias; without it made from the name
    #[arg(long)]
    alias: Option<String>,
    #[command(flatten)]
    format: JsonOption,
}

/// `contact list`.
#[derive(Debug, Args)]
pub(crate) struct ListContacts {
    /// Only those whose name, alias or address has a word that begins so
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    format: ListOptions,
}

/// `contact show`.
#[derive(Debug, Args)]
pub(crate) struct ShowContact {
    /// Address, alias or GUID
    contact: String,
    #[command(flatten)]
    format: JsonOption,
}

/// `contact set`.
#[derive(Debug, Args)]
#[command(
    override_usage = "guichet contact set [OPTIONS] <CONTACT>",
    group = ArgGroup::new("change").required(true).multiple(true)
)]
pub(crate) struct SetContact {
    /// Address, alias or GUID
    contact: String,
    /// The name that people see
    #[arg(long, value_name = "NAME", group = "change", visible_alias = "name")]
    display_name: Option<String>,
    /// The address elsewhere
    #[arg(long, group = "change")]
    address: Option<String>,
    /// Leave it out of address lists
    #[arg(long, value_name = "true|false", group = "change")]
    hidden: Option<bool>,
    /// Free text for administrators
    #[arg(long, group = "change")]
    notes: Option<String>,
    #[command(flatten)]
    format: JsonOption,
}

/// `contact delete`.
#[derive(Debug, Args)]
pub(crate) struct DeleteContact {
    /// Address, alias or GUID
    contact: String,
    #[command(flatten)]
    yes: YesOption,
}

/// Runs the verb.
pub(crate) fn run(verb: ContactVerb, session: &mut Session) -> Result<Outcome, Error> {
    match verb {
        ContactVerb::Create(args) => {
            let parameters = Parameters::new()
                .with("Name", args.name)
                .with("ExternalEmailAddress", args.address.clone())
                .with_some("Alias", args.alias);
            let created = session.call_for_one("New-MailContact", parameters, &args.address)?;
            output::print_created(session, created, args.format)?;
        }
        ContactVerb::List(args) => {
            let parameters =
                Parameters::new().with_some("Anr", args.search).with("ResultSize", "Unlimited");
            output::list(session, ("Get-MailContact", parameters), COLUMNS, args.format)?;
        }
        ContactVerb::Show(args) => {
            let parameters = Parameters::new().with("Identity", args.contact.clone());
            let contact = session.call_for_one("Get-MailContact", parameters, &args.contact)?;
            output::print_one(session, contact, args.format.json)?;
        }
        ContactVerb::Set(args) => {
            let parameters = Parameters::new()
                .with("Identity", args.contact)
                .with_some("DisplayName", args.display_name)
                .with_some("ExternalEmailAddress", args.address)
                .with_some("HiddenFromAddressListsEnabled", args.hidden)
                .with_some("Notes", args.notes);
            let changed = session.call("Set-MailContact", parameters)?;
            output::print_changed(session, changed, args.format)?;
        }
        ContactVerb::Delete(args) => {
            args.yes.ask(&format!("Remove the contact {}?", args.contact))?;
            session.call("Remove-MailContact", Parameters::new().with("Identity", args.contact))?;
        }
    }
    Ok(Outcome::Done)
}
