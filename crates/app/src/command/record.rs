//! What the audit keeps of an entry: its properties under Exchange's names.
//!
//! Of a change only the properties that differ are kept. Of the lists of members and of rights only
//! the differing items are: what went is before, what came is after.

use domain::{Directory, DirectoryEntry, MemberRole, RecipientId, Right};
use serde_json::{Map, Value, json};

/// The key among an audit record's parameters for where the caller was. No cmdlet has it.
pub const CLIENT: &str = "Client";

/// Lists of which only the differing items are kept.
const LISTS: [&str; 6] =
    ["Members", "Owners", "Subscribers", "SendAs", "GrantSendOnBehalfTo", "FullAccess"];

/// All properties of an entry.
pub(crate) fn describe(directory: &Directory, entry: &DirectoryEntry) -> Value {
    Value::Object(properties(directory, entry))
}

/// The properties that differ: as they were, and as they are.
pub(crate) fn difference(
    directory: &Directory,
    before: &DirectoryEntry,
    after: &DirectoryEntry,
) -> (Value, Value) {
    let (old, new) = (properties(directory, before), properties(directory, after));
    let (mut gone, mut come) = (Map::new(), Map::new());
    for (name, new_value) in &new {
        let old_value = old.get(name).unwrap_or(&Value::Null);
        if old_value == new_value {
            continue;
        }
        if LISTS.contains(&name.as_str()) {
            gone.insert(name.clone(), without(old_value, new_value));
            come.insert(name.clone(), without(new_value, old_value));
        } else {
            gone.insert(name.clone(), old_value.clone());
            come.insert(name.clone(), new_value.clone());
        }
    }
    (Value::Object(gone), Value::Object(come))
}

fn without(list: &Value, other: &Value) -> Value {
    let other = other.as_array().map_or(&[][..], Vec::as_slice);
    let items = list.as_array().map_or(&[][..], Vec::as_slice);
    items.iter().filter(|item| !other.contains(item)).cloned().collect()
}

fn properties(directory: &Directory, entry: &DirectoryEntry) -> Map<String, Value> {
    let recipient = &entry.recipient;
    let settings = &recipient.settings;
    let name = |id| name_of(directory, entry, id);
    let members = |wanted: &dyn Fn(&domain::Membership) -> bool| -> Vec<String> {
        entry.members.iter().filter(|of| wanted(of)).map(|of| name(of.member)).collect()
    };
    let grants = |right: Right| -> Vec<String> {
        let held = entry.grants.iter().filter(|grant| grant.right == right);
        held.map(|grant| match grant.until_at {
            Some(until) => {
                format!("{} until {}", name(grant.trustee), crate::dates::instant(until))
            }
            None => name(grant.trustee),
        })
        .collect()
    };
    let addresses: Vec<String> = recipient.addresses.iter().map(ToString::to_string).collect();
    let account = recipient.account.as_ref();
    let object = json!({
        "Kind": recipient.kind.as_str(),
        "DisplayName": recipient.display_name,
        "Alias": recipient.alias,
        "PrimarySmtpAddress": recipient.primary().to_string(),
        "EmailAddresses": addresses,
        "AccountDisabled": account.map(|account| account.is_disabled),
        "Role": account.map(|account| account.role.as_str()),
        "Team": settings.is_team,
        "RequireSenderAuthenticationEnabled": settings.requires_sender_authentication,
        "HiddenFromAddressListsEnabled": settings.is_hidden_from_address_lists,
        "CopySentMailToPersonEnabled": settings.copies_sent_mail_to_person,
        "PersonalReadStateEnabled": recipient.seen_is_personal(),
        "TrashRetentionDays": settings.trash_retention_days,
        "ProhibitSendReceiveQuota": settings.quota_bytes,
        "Notes": settings.notes,
        "Members": members(&|_| true),
        "Owners": members(&|of| of.role == MemberRole::Owner),
        "Subscribers": members(&|of| of.is_subscribed),
        "SendAs": grants(Right::SendAs),
        "GrantSendOnBehalfTo": grants(Right::SendOnBehalf),
        "FullAccess": grants(Right::FullAccess),
    });
    match object {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// The primary address of a recipient, which may be the entry itself and new.
fn name_of(directory: &Directory, entry: &DirectoryEntry, id: RecipientId) -> String {
    let found = directory.recipient(id).or((entry.recipient.id == id).then_some(&entry.recipient));
    found.map_or_else(|| id.to_string(), |recipient| recipient.primary().to_string())
}
