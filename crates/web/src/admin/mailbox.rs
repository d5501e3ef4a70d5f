//! `*-Mailbox`: users and shared mailboxes, and making the one of the other.

use admin_protocol::cmdlet::Object;
use admin_protocol::failure::Failure;
use admin_protocol::text::is_common_parameter;
use app::command::{ChannelFate, Command, ConvertOrder, NewSharedMailbox, NewUser, Password};
use app::settings::RECIPIENTS_MAX;
use domain::{Directory, Recipient, RecipientKind};

use super::call::{Answer, Call};
use super::object::{self, insert};
use super::settings;

const KINDS: [RecipientKind; 2] = [RecipientKind::User, RecipientKind::SharedMailbox];
const GROUPS: [RecipientKind; 1] = [RecipientKind::Group];
/// What a shared mailbox can be made of.
const CONVERTIBLE: [RecipientKind; 3] =
    [RecipientKind::User, RecipientKind::SharedMailbox, RecipientKind::Group];
/// What may stand beside `-Type`.
const BESIDE_TYPE: [&str; 5] = ["Identity", "Type", "RemoveChannels", "ExpectedVersion", "Reason"];

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let show = |directory: &Directory, recipient: &Recipient| show(directory, recipient, call);
    match call.cmdlet.name {
        "Get-Mailbox" => {
            let kinds = if call.is_on("GroupMailbox") { &GROUPS[..] } else { &KINDS[..] };
            let directory = call.app.directory();
            let listed = call.listed(&directory, kinds)?;
            Ok(call.show_listed(listed, |found| show(&directory, found)))
        }
        "New-Mailbox" => call.order_and_show(create(call)?, show).await,
        "Set-Mailbox" if call.parameters.has_value("Type") => {
            call.order_and_show(convert(call)?, show).await
        }
        "Set-Mailbox" => {
            if call.is_on("RemoveChannels") {
                let text = "-RemoveChannels belongs to -Type Shared.";
                return Err(Failure::invalid_operation(text));
            }
            let identity = call.identity_of(&KINDS)?;
            let changes = Box::new(settings::changes(call)?);
            call.order_and_show(Command::Set { identity, changes }, show).await
        }
        _ => call.order_silently(Command::Remove(call.identity_of(&KINDS)?)).await,
    }
}

fn show(directory: &Directory, recipient: &Recipient, call: &Call<'_>) -> Object {
    let mut object = object::mailbox(directory, recipient, call);
    let account = recipient.account.as_ref();
    insert(&mut object, "UserPrincipalName", recipient.primary().to_string());
    insert(&mut object, "IsShared", recipient.kind == RecipientKind::SharedMailbox);
    insert(&mut object, "IsMailboxEnabled", true);
    insert(&mut object, "AccountDisabled", account.is_none_or(|account| account.is_disabled));
    insert(&mut object, "Role", account.map(|account| object::role(account.role)));
    insert(&mut object, "RecipientLimits", RECIPIENTS_MAX.to_string());
    // Held by the sending itself; nobody can switch them.
    for fixed in [
        "MessageCopyForSentAsEnabled",
        "MessageCopyForSendOnBehalfEnabled",
        "MessageCopyForSMTPClientSubmissionEnabled",
        "AuditEnabled",
    ] {
        insert(&mut object, fixed, true);
    }
    object
}

/// `-Type`: a conversion, which is a command of its own.
fn convert(call: &Call<'_>) -> Result<Command, Failure> {
    let surplus = call.parameters.names().find(|name| {
        !is_common_parameter(name)
            && !BESIDE_TYPE.iter().any(|known| known.eq_ignore_ascii_case(name))
    });
    if let Some(surplus) = surplus {
        let text = format!("-Type stands alone: give -{surplus} in a call of its own.");
        return Err(Failure::invalid_operation(text));
    }
    let wanted = call.parameters.text("Type")?.unwrap_or_default();
    if wanted.eq_ignore_ascii_case("Regular") {
        return Ok(Command::ConvertToUser(call.identity_of(&KINDS)?));
    }
    let removes = call.is_on("RemoveChannels");
    Ok(Command::ConvertToSharedMailbox(ConvertOrder {
        identity: call.identity_of(&CONVERTIBLE)?,
        channels: if removes { ChannelFate::Removed } else { ChannelFate::InTheWay },
    }))
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
    let role = settings::role(call)?;
    let new = NewUser { display_name, alias, address, password, role, is_hidden, notes };
    Ok(Command::CreateUser(new))
}
