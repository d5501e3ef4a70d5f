//! The changes that the Set- cmdlets of mailboxes, groups and contacts have in common: one reading
//! of one vocabulary. A parameter that a cmdlet does not have was refused before.

use admin_protocol::failure::Failure;
use app::command::{Password, RecipientChanges};
use domain::AccountRole;

use super::call::Call;
use super::object;
use super::size;

/// What changes of the recipient that a Set- names.
pub(crate) fn changes(call: &Call<'_>) -> Result<RecipientChanges, Failure> {
    let parameters = &call.parameters;
    // Each cmdlet has one of the two.
    let primary = match parameters.text("PrimarySmtpAddress")? {
        Some(primary) => Some(primary),
        None => parameters.text("WindowsEmailAddress")?,
    };
    Ok(RecipientChanges {
        display_name: parameters.text("DisplayName")?,
        alias: parameters.text("Alias")?,
        addresses: object::address_change(parameters.list_edit("EmailAddresses")?, primary)?,
        is_hidden: parameters.boolean("HiddenFromAddressListsEnabled")?,
        requires_sender_authentication: parameters.boolean("RequireSenderAuthenticationEnabled")?,
        copies_sent_mail_to_person: parameters.boolean("CopySentMailToPersonEnabled")?,
        notes: parameters.text("Notes")?,
        is_disabled: parameters.boolean("AccountDisabled")?,
        role: role(call)?,
        password: parameters.secret("Password")?.map(Password),
        send_on_behalf: call.list_change("GrantSendOnBehalfTo")?,
        channels: call.list_change("Channels")?,
        ..size::mailbox_changes(parameters)?
    })
}

/// The role in `-Role`.
pub(crate) fn role(call: &Call<'_>) -> Result<Option<AccountRole>, Failure> {
    Ok(call.parameters.text("Role")?.as_deref().and_then(object::read_role))
}
