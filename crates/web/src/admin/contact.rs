//! `*-MailContact`: names in the directory for addresses elsewhere.

use admin_protocol::cmdlet::Object;
use admin_protocol::failure::Failure;
use app::command::{AddressChange, Command, NewContact, RecipientChanges};
use app::read::object_version;
use domain::{Directory, Recipient, RecipientKind};

use super::call::{Answer, Call};
use super::object::{self, insert, primary_first};
use super::settings;

const KINDS: [RecipientKind; 1] = [RecipientKind::Contact];

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    match call.cmdlet.name {
        "Get-MailContact" => {
            let directory = call.app.directory();
            let listed = call.listed(&directory, &KINDS)?;
            Ok(call.show_listed(listed, |contact| show(&directory, contact)))
        }
        "New-MailContact" => call.order_and_show(create(call)?, show).await,
        "Set-MailContact" => {
            let identity = call.identity_of(&KINDS)?;
            let changes = Box::new(changes(call)?);
            call.order_and_show(Command::Set { identity, changes }, show).await
        }
        _ => call.order_silently(Command::Remove(call.identity_of(&KINDS)?)).await,
    }
}

fn show(directory: &Directory, contact: &Recipient) -> Object {
    let mut object = object::recipient(contact);
    insert(&mut object, "ObjectVersion", object_version(directory, contact.id));
    insert(&mut object, "ExternalEmailAddress", format!("SMTP:{}", contact.primary()));
    insert(&mut object, "Notes", contact.settings.notes.as_str());
    object
}

fn create(call: &Call<'_>) -> Result<Command, Failure> {
    let parameters = &call.parameters;
    let name = parameters.required_text("Name")?;
    let display_name = parameters.text("DisplayName")?.filter(|text| !text.is_empty());
    Ok(Command::CreateContact(NewContact {
        display_name: display_name.unwrap_or(name),
        alias: parameters.text("Alias")?.filter(|text| !text.is_empty()),
        external_address: external(parameters.required_text("ExternalEmailAddress")?),
        notes: parameters.text("Notes")?.unwrap_or_default(),
    }))
}

/// The address without its prefix `SMTP:`.
fn external(text: String) -> String {
    primary_first(std::slice::from_ref(&text)).pop().unwrap_or(text)
}

fn changes(call: &Call<'_>) -> Result<RecipientChanges, Failure> {
    let address = call.parameters.text("ExternalEmailAddress")?.map(external);
    let addresses = address.map(|address| AddressChange::Replace(vec![address]));
    Ok(RecipientChanges { addresses, ..settings::changes(call)? })
}
