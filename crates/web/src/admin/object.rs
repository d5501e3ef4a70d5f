//! Recipients as output objects: the properties that the families share.

use admin_protocol::cmdlet::Object;
use admin_protocol::failure::Failure;
use admin_protocol::parameters::ListEdit;
use admin_protocol::text::timestamp;
use app::command::AddressChange;
use domain::{
    AccountRole, Directory, Recipient, RecipientId, RecipientKind, Right, SendMode, Timestamp,
};
use serde_json::{Value, json};

use super::call::object;
use super::size;

/// The prefix of the primary address in a list of addresses.
const PRIMARY_PREFIX: &str = "SMTP";

/// Exchange's RecipientTypeDetails; ChannelMailbox is our own.
pub(crate) fn type_details(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::User => "UserMailbox",
        RecipientKind::SharedMailbox => "SharedMailbox",
        RecipientKind::Group => "GroupMailbox",
        RecipientKind::Contact => "MailContact",
        RecipientKind::Channel => "ChannelMailbox",
    }
}

/// Exchange's RecipientType.
fn recipient_type(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::User | RecipientKind::SharedMailbox => "UserMailbox",
        RecipientKind::Group | RecipientKind::Channel => "MailUniversalDistributionGroup",
        RecipientKind::Contact => "MailContact",
    }
}

/// What names a recipient in every listing.
pub(crate) fn names(recipient: &Recipient) -> Object {
    object(json!({
        "Identity": recipient.alias,
        "Name": recipient.display_name,
        "DisplayName": recipient.display_name,
        "Alias": recipient.alias,
        "Guid": recipient.guid,
        "PrimarySmtpAddress": recipient.primary().to_string(),
        "RecipientType": recipient_type(recipient.kind),
        "RecipientTypeDetails": type_details(recipient.kind),
    }))
}

/// What every recipient has.
pub(crate) fn recipient(recipient: &Recipient) -> Object {
    let mut object = names(recipient);
    let settings = &recipient.settings;
    insert(&mut object, "ExternalDirectoryObjectId", recipient.guid.as_str());
    insert(&mut object, "EmailAddresses", proxy_addresses(recipient));
    insert(&mut object, "HiddenFromAddressListsEnabled", settings.is_hidden_from_address_lists);
    insert(&mut object, "WhenCreatedUTC", timestamp(recipient.created_at));
    object
}

/// What every mailbox has besides.
pub(crate) fn mailbox(directory: &Directory, of: &Recipient, now: Timestamp) -> Object {
    let mut object = recipient(of);
    let settings = &of.settings;
    let requires = settings.requires_sender_authentication;
    insert(&mut object, "RequireSenderAuthenticationEnabled", requires);
    insert(&mut object, "GrantSendOnBehalfTo", send_on_behalf(directory, of, now));
    insert(&mut object, "CopySentMailToPersonEnabled", settings.copies_sent_mail_to_person);
    insert(&mut object, "PersonalReadStateEnabled", of.seen_is_personal());
    insert(&mut object, "TrashRetentionDays", settings.trash_retention_days);
    insert(&mut object, "ProhibitSendReceiveQuota", size::write(settings.quota_bytes));
    insert(&mut object, "Notes", settings.notes.as_str());
    object
}

pub(crate) fn insert(object: &mut Object, name: &str, value: impl Into<Value>) {
    object.insert(name.to_owned(), value.into());
}

/// All addresses with their prefixes, the primary one first.
fn proxy_addresses(recipient: &Recipient) -> Vec<String> {
    let all = recipient.addresses.iter().enumerate();
    all.map(|(place, address)| match place {
        0 => format!("SMTP:{address}"),
        _ => format!("smtp:{address}"),
    })
    .collect()
}

fn send_on_behalf(directory: &Directory, of: &Recipient, now: Timestamp) -> Vec<String> {
    let grants = directory.grants_on(of.id).iter();
    grants
        .filter(|grant| grant.right == Right::SendOnBehalf && grant.is_in_force(now))
        .map(|grant| primary(directory, grant.trustee))
        .collect()
}

/// The primary address of a recipient.
pub(crate) fn primary(directory: &Directory, id: RecipientId) -> String {
    let found = directory.recipient(id);
    found.map_or_else(|| id.to_string(), |recipient| recipient.primary().to_string())
}

/// The name of a role.
pub(crate) fn role(role: AccountRole) -> &'static str {
    match role {
        AccountRole::Member => "Member",
        AccountRole::Auditor => "Auditor",
        AccountRole::Administrator => "Administrator",
    }
}

/// Reads the name of a role.
pub(crate) fn read_role(text: &str) -> Option<AccountRole> {
    [AccountRole::Member, AccountRole::Auditor, AccountRole::Administrator]
        .into_iter()
        .find(|known| role(*known).eq_ignore_ascii_case(text))
}

/// The name of a right.
pub(crate) fn right(right: Right) -> &'static str {
    match right {
        Right::SendAs => "SendAs",
        Right::SendOnBehalf => "SendOnBehalf",
        Right::FullAccess => "FullAccess",
    }
}

/// As what somebody sends.
pub(crate) fn mode(mode: SendMode) -> &'static str {
    match mode {
        SendMode::Own => "Self",
        SendMode::SendAs => "SendAs",
        SendMode::SendOnBehalf => "SendOnBehalf",
    }
}

/// An optional point in time.
pub(crate) fn optional_timestamp(at: Option<Timestamp>) -> Value {
    at.map(timestamp).into()
}

/// The change of addresses that `EmailAddresses` or one primary address asks for.
pub(crate) fn address_change(
    edit: Option<ListEdit>,
    primary: Option<String>,
) -> Result<Option<AddressChange>, Failure> {
    let primary = primary.filter(|text| !text.is_empty()).map(|text| without_prefix(&text));
    match (edit, primary) {
        (Some(_), Some(_)) => Err(Failure::invalid_operation(
            "EmailAddresses can't be combined with a parameter that sets the primary address.",
        )),
        (None, None) => Ok(None),
        (None, Some(primary)) => Ok(Some(AddressChange::Edit {
            add: Vec::new(),
            remove: Vec::new(),
            primary: Some(primary),
        })),
        (Some(ListEdit::Replace(list)), None) => {
            Ok(Some(AddressChange::Replace(primary_first(&list))))
        }
        (Some(ListEdit::Change { add, remove }), None) => {
            let marked = add.iter().find(|text| is_marked_primary(text));
            let primary = marked.map(|text| without_prefix(text));
            let strip = |list: &[String]| smtp_only(list).map(|t| without_prefix(t)).collect();
            Ok(Some(AddressChange::Edit { add: strip(&add), remove: strip(&remove), primary }))
        }
    }
}

/// The addresses of a list without prefixes, the one marked `SMTP:` first. Proxy addresses of other
/// kinds (`SIP:`, `X500:`, `SPO:`) mean nothing here and are left out.
pub(crate) fn primary_first(list: &[String]) -> Vec<String> {
    let mut addresses: Vec<&String> = smtp_only(list).collect();
    addresses.sort_by_key(|text| !is_marked_primary(text));
    addresses.into_iter().map(|text| without_prefix(text)).collect()
}

fn smtp_only(list: &[String]) -> impl Iterator<Item = &String> {
    list.iter().filter(|text| {
        text.split_once(':').is_none_or(|(kind, _)| kind.eq_ignore_ascii_case(PRIMARY_PREFIX))
    })
}

fn is_marked_primary(text: &str) -> bool {
    text.split_once(':').is_some_and(|(kind, _)| kind == PRIMARY_PREFIX)
}

fn without_prefix(text: &str) -> String {
    text.split_once(':').map_or(text, |(_, address)| address).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn proxy_addresses_are_read() {
        let given = list(&["smtp:a@x.org", "SMTP:b@x.org", "SIP:c@x.org", "d@x.org"]);
        assert_eq!(primary_first(&given), ["b@x.org", "a@x.org", "d@x.org"]);
        assert_eq!(primary_first(&list(&["a@x.org", "b@x.org"])), ["a@x.org", "b@x.org"]);
    }

    #[test]
    fn an_edit_may_name_a_new_primary_address() {
        let edit =
            ListEdit::Change { add: list(&["SMTP:new@x.org"]), remove: list(&["smtp:old@x.org"]) };
        let expected = AddressChange::Edit {
            add: list(&["new@x.org"]),
            remove: list(&["old@x.org"]),
            primary: Some("new@x.org".to_owned()),
        };
        assert_eq!(address_change(Some(edit), None), Ok(Some(expected)));
        let both =
            address_change(Some(ListEdit::Replace(list(&["a@x.org"]))), Some("b@x.org".into()));
        assert!(both.is_err(), "the two are mutually exclusive");
    }
}
