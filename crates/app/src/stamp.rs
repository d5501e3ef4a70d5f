//! Stamping: the header of a submitted message as it leaves.
//!
//! The author field is written anew from the value that the gate judged, so no later reader can
//! see another author. `Sender` is ours alone: present exactly when somebody sends on behalf. Under
//! Send As nothing that tells the person stays.

use bytes::Bytes;
use domain::{Directory, Permission, Recipient, SendMode, Timestamp};
use mail::edit::{FieldName, FieldValue, HeaderEdit};
use mail::{Address, Field, Message, ReversePath};

/// Fields that clients and servers write about a person or her machine. Removed under Send As.
const PERSONAL_FIELDS: [&str; 12] = [
    "Received",
    "X-Sender",
    "X-Originating-IP",
    "X-Originating-Email",
    "X-Originating-Client",
    "X-Authenticated-Sender",
    "X-Authenticated-User",
    "X-Authentication-Warning",
    "X-Original-From",
    "X-X-Sender",
    "Originator",
    "X-Envelope-From",
];

/// Fields that the writer fills in for the reader. Under Send As they stay even where they name
/// the person: she wrote so. In all others her address is there without her doing.
const WRITTEN_FIELDS: [&str; 12] = [
    "From",
    "To",
    "Cc",
    "Reply-To",
    "Subject",
    "Comments",
    "Keywords",
    "References",
    "In-Reply-To",
    "Date",
    "Message-ID",
    "MIME-Version",
];

/// Fields that only a server writes, or that must not leave. Removed always.
const SERVER_FIELDS: [&str; 10] = [
    "Bcc",
    "Return-Path",
    "Sender",
    "DKIM-Signature",
    "Delivered-To",
    "X-Original-To",
    "Resent-Bcc",
    "Authentication-Results",
    "X-MS-Journal-Report",
    "X-Guichet-Journal-Report",
];

/// Who the message is from, as decided.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// The name in the author field.
    pub author_name: String,
    /// The address in the author field.
    pub author: Address,
    /// The person, where she sends on behalf: name and address for `Sender`.
    pub sender: Option<(String, Address)>,
    /// The person's own addresses, that must not show under Send As.
    pub hidden: Vec<Address>,
    /// Where failures are told.
    pub reverse_path: ReversePath,
}

impl Stamp {
    /// Works out the stamp for a permission. `None` where the directory no longer has one of the
    /// two recipients.
    pub fn new(
        directory: &Directory,
        permission: &Permission,
        actor: &Recipient,
        asked: &Address,
        reverse_path: &ReversePath,
    ) -> Option<Stamp> {
        let represented = directory.recipient(permission.represented)?;
        let author = if directory.organization().keeps_alias_as_author {
            asked.clone()
        } else {
            represented.primary().clone()
        };
        let on_behalf = permission.mode == SendMode::SendOnBehalf;
        let told = if on_behalf { actor.primary() } else { &author };
        Some(Stamp {
            author_name: represented.display_name.clone(),
            sender: on_behalf.then(|| (actor.display_name.clone(), actor.primary().clone())),
            hidden: match permission.mode {
                SendMode::SendAs => actor.addresses.clone(),
                SendMode::Own | SendMode::SendOnBehalf => Vec::new(),
            },
            reverse_path: match reverse_path {
                ReversePath::Null => ReversePath::Null,
                ReversePath::Address(_) => ReversePath::Address(told.clone()),
            },
            author,
        })
    }
}

/// What the server adds to a submitted message.
#[derive(Debug, Clone, Copy)]
pub struct Trace<'a> {
    /// The `Received` field's value.
    pub received: &'a str,
    /// Unique text for a Message-ID, used where the client gave none.
    pub unique: &'a str,
    /// When it was accepted; the `Date` where the client gave none.
    pub now: Timestamp,
}

/// Writes the header anew; the body stays to the octet. Also gives the Message-ID.
pub fn stamp(message: &Message, stamp: &Stamp, trace: &Trace<'_>) -> (Bytes, String) {
    let kept_id = mail::read_message_id(message).filter(|id| !tells(id, &stamp.hidden));
    let is_kept = kept_id.is_some();
    let message_id = kept_id
        .map_or_else(|| mail::message_id(trace.unique, stamp.author.domain()), str::to_owned);
    let is_told_by_resent = message.fields().any(|f| is_resent(&f) && tells_field(&f, stamp));
    let mut edit = HeaderEdit::new(message)
        .remove_where(|field| is_told_by_resent && is_resent(field) || is_unwanted(field, stamp))
        .replace_first(FieldName::FROM, &author_value(&stamp.author_name, &stamp.author));
    if let Some((name, address)) = &stamp.sender {
        edit = edit.append(FieldName::SENDER, &author_value(name, address));
    }
    if !is_kept {
        edit = edit.remove(FieldName::MESSAGE_ID);
        edit = edit.append(FieldName::MESSAGE_ID, &ready(&message_id));
    }
    if message.first_field("Date").is_none() {
        edit = edit.append(FieldName::DATE, &ready(&mail::rfc5322_date(trace.now.0)));
    }
    let bytes = edit.prepend(FieldName::RECEIVED, &ready(trace.received)).apply();
    (bytes, message_id)
}

/// A mailbox as a field value; without the name where the name cannot be one.
fn author_value(name: &str, address: &Address) -> FieldValue {
    FieldValue::new(&mail::write_author(Some(name), address))
        .unwrap_or_else(|_| ready(&mail::write_author(None, address)))
}

/// A value that `mail` made and that therefore is one.
fn ready(value: &str) -> FieldValue {
    FieldValue::new(value).expect("values made by the mail crate are valid")
}

fn is_unwanted(field: &Field<'_>, stamp: &Stamp) -> bool {
    if SERVER_FIELDS.iter().any(|name| field.is(name)) {
        return true;
    }
    if stamp.hidden.is_empty() {
        return false;
    }
    // Without its Content- fields a message is not what was written.
    let is_written =
        WRITTEN_FIELDS.iter().any(|name| field.is(name)) || begins_with(field, "Content-");
    PERSONAL_FIELDS.iter().any(|name| field.is(name)) || (!is_written && tells_field(field, stamp))
}

/// Whether a field belongs to a block about resending (RFC 5322 §3.6.6). The blocks go together:
/// one without its Resent-From is none.
fn is_resent(field: &Field<'_>) -> bool {
    begins_with(field, "Resent-")
}

fn begins_with(field: &Field<'_>, start: &str) -> bool {
    field.name().get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
}

fn tells_field(field: &Field<'_>, stamp: &Stamp) -> bool {
    tells(field.raw_value(), &stamp.hidden) || tells(&field.decoded(), &stamp.hidden)
}

/// Whether a text has one of the addresses, or its local part as a word by itself.
fn tells(text: &str, hidden: &[Address]) -> bool {
    let text = text.to_lowercase();
    hidden.iter().any(|address| {
        let local = address.local().to_lowercase();
        text.match_indices(&local).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + local.len()..].chars().next();
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        })
    })
}

#[cfg(test)]
mod tests;
