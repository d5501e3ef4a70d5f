//! `*-Mailbox`: users and shared mailboxes.

use admin_protocol::cmdlet::Object;
use admin_protocol::failure::Failure;
use app::command::{Command, NewSharedMailbox, NewUser, Password, RecipientChanges};
use domain::{AccountRole, Directory, Recipient, RecipientKind, Timestamp};

use super::call::{Answer, Call};
use super::object::{self, insert};
use super::size;

const KINDS: [RecipientKind; 2] = [RecipientKind::User, RecipientKind::SharedMailbox];

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let show = |directory: &Directory, recipient: &Recipient| show(directory, recipient, call.now);
    match call.cmdlet.name {
        "Get-Mailbox" => list(call),
        "New-Mailbox" => call.order_and_show(create(call)?, show).await,
        "Set-Mailbox" => {
            let identity = call.identity_of(&KINDS)?;
            let changes = Box::new(changes(call)?);
            call.order_and_show(Command::Set { identity, changes }, show).await
        }
        _ => call.order_silently(Command::Remove(call.identity_of(&KINDS)?)).await,
    }
}

fn list(call: &Call<'_>) -> Result<Answer, Failure> {
    let wanted = call.parameters.text_list("RecipientTypeDetails")?;
    let directory = call.app.directory();
    let listed = call.listed(&directory, &KINDS)?.into_iter();
    let is_wanted = |recipient: &&Recipient| {
        let details = object::type_details(recipient.kind);
        wanted.is_empty() || wanted.iter().any(|word| word.eq_ignore_ascii_case(details))
    };
    let objects = listed.filter(is_wanted).map(|found| show(&directory, found, call.now));
    Ok(Answer::of(objects.collect()))
}

fn show(directory: &Directory, recipient: &Recipient, now: Timestamp) -> Object {
    let mut object = object::mailbox(directory, recipient, now);
    let account = recipient.account.as_ref();
    insert(&mut object, "UserPrincipalName", recipient.primary().to_string());
    insert(&mut object, "AccountDisabled", account.is_none_or(|account| account.is_disabled));
    insert(&mut object, "Role", account.map(|account| object::role(account.role)));
    object
}

fn create(call: &Call<'_>) -> Result<Command, Failure> {
    let parameters = &call.parameters;
    let name = parameters.required_text("Name")?;
    let display_name = parameters.text("DisplayName")?.filter(|text| !text.is_empty());
    let display_name = display_name.unwrap_or(name);
    let alias = parameters.text("Alias")?.filter(|text| !text.is_empty());
    let address = parameters.text("PrimarySmtpAddress")?.filter(|text| !text.is_empty());
    let is_hidden = parameters.boolean("HiddenFromAddressListsEnabled")?.unwrap_or(false);
    let notes = parameters.text("Notes")?.unwrap_or_default();
    let members = parameters.text_list("Members")?;
    if parameters.switch("Shared")? {
        if parameters.has_value("Password") || parameters.has_value("Role") {
            let text = "A shared mailbox has no login: leave -Password and -Role out.";
            return Err(Failure::invalid_operation(text));
        }
        let new = NewSharedMailbox { display_name, alias, address, members, is_hidden, notes };
        return Ok(Command::CreateSharedMailbox(new));
    }
    if !members.is_empty() {
        let text = "Only a shared mailbox has members: add -Shared, or leave -Members out.";
        return Err(Failure::invalid_operation(text));
    }
    let password = parameters.secret("Password")?.map(Password);
    let role = role(call)?;
    let new = NewUser { display_name, alias, address, password, role, is_hidden, notes };
    Ok(Command::CreateUser(new))
}

fn role(call: &Call<'_>) -> Result<Option<AccountRole>, Failure> {
    Ok(call.parameters.text("Role")?.as_deref().and_then(object::read_role))
}

fn changes(call: &Call<'_>) -> Result<RecipientChanges, Failure> {
    let parameters = &call.parameters;
    Ok(RecipientChanges {
        display_name: parameters.text("DisplayName")?,
        alias: parameters.text("Alias")?,
        addresses: object::address_change(
            parameters.list_edit("EmailAddresses")?,
            parameters.text("WindowsEmailAddress")?,
        )?,
        is_hidden: parameters.boolean("HiddenFromAddressListsEnabled")?,
        requires_sender_authentication: parameters.boolean("RequireSenderAuthenticationEnabled")?,
        copies_sent_mail_to_person: parameters.boolean("CopySentMailToPersonEnabled")?,
        notes: parameters.text("Notes")?,
        is_disabled: parameters.boolean("AccountDisabled")?,
        role: role(call)?,
        password: parameters.secret("Password")?.map(Password),
        send_on_behalf: call.list_change("GrantSendOnBehalfTo")?,
        ..size::mailbox_changes(parameters)?
    })
}
