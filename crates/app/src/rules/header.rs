//! Carrying out what rules say about the header section. The author fields are out of reach: names
//! are checked once more here, whatever the database holds.

use bytes::Bytes;
use domain::rules::{HeaderChange, check_header_name};
use mail::edit::{FieldName, FieldValue, HeaderEdit};
use mail::{Address, Message};

/// The message with its header changed; as it was where nothing changes, or where the changed
/// header would be bigger than a message's may be.
pub(crate) fn changed(content: Bytes, changes: &[HeaderChange]) -> Bytes {
    if changes.is_empty() {
        return content;
    }
    let Ok(message) = Message::parse(content.clone()) else { return content };
    match edited(&message, changes).into_message() {
        Ok(changed) => changed.raw().clone(),
        Err(error) => {
            tracing::warn!(%error, "a rule made the header too big; it stays as it was");
            content
        }
    }
}

fn edited<'m>(message: &'m Message, changes: &[HeaderChange]) -> HeaderEdit<'m> {
    let mut edit = HeaderEdit::new(message);
    // Of several words about one field the last counts.
    for (at, change) in changes.iter().enumerate() {
        let Some(name) = field_of(change) else { continue };
        let is_last = !changes[at + 1..]
            .iter()
            .filter_map(field_of)
            .any(|later| later.as_str().eq_ignore_ascii_case(name.as_str()));
        if !is_last {
            continue;
        }
        edit = match change {
            HeaderChange::Set { value, .. } => {
                edit.replace_first(name, &FieldValue::text(name, value))
            }
            _ => edit.remove(name),
        };
    }
    if let Some(subject) = subject(message, changes) {
        edit = edit.replace_first(FieldName::SUBJECT, &subject);
    }
    match recipients(message, changes) {
        Some(to) => edit.replace_first(FieldName::TO, &to),
        None => edit,
    }
}

/// The field that a change is about, where rules may touch it.
fn field_of(change: &HeaderChange) -> Option<FieldName<'_>> {
    match change {
        HeaderChange::Set { name, .. } | HeaderChange::Remove(name) => {
            check_header_name(name).ok()?;
            FieldName::new(name).ok()
        }
        HeaderChange::PrependSubject(_) | HeaderChange::AddTo(_) => None,
    }
}

/// The subject with what is put before it. What was written stays as it was written, unless its
/// encoded words would run together with ours (RFC 2047 §6.2).
fn subject(message: &Message, changes: &[HeaderChange]) -> Option<FieldValue> {
    let prefix = prefix(changes);
    if prefix.is_empty() {
        return None;
    }
    let Some(field) = message.first_field("Subject") else {
        return Some(FieldValue::text(FieldName::SUBJECT, &prefix));
    };
    let written = field.raw_value().trim_matches([' ', '\t']);
    let kept = FieldValue::new(&format!("{prefix} {written}")).ok();
    kept.filter(|_| prefix.is_ascii() && !prefix.contains("=?")).or_else(|| {
        Some(FieldValue::text(FieldName::SUBJECT, &format!("{prefix} {}", field.decoded())))
    })
}

/// What is put before the subject.
pub(super) fn prefix(changes: &[HeaderChange]) -> String {
    let texts = changes.iter().rev().filter_map(|change| match change {
        HeaderChange::PrependSubject(text) => Some(text.as_str()),
        HeaderChange::Set { .. } | HeaderChange::Remove(_) | HeaderChange::AddTo(_) => None,
    });
    texts.collect::<Vec<_>>().join(" ")
}

/// `To` with the addresses that rules add, one a line.
fn recipients(message: &Message, changes: &[HeaderChange]) -> Option<FieldValue> {
    let mut added = changes.iter().filter_map(|change| match change {
        HeaderChange::AddTo(to) => Some(to),
        _ => None,
    });
    let first = added.next()?;
    let written = message.fields_named("To").map(|field| field.raw_value().trim());
    let items = written
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .chain(std::iter::once(first).chain(added).map(Address::to_string));
    let list: Vec<String> = items.collect();
    FieldValue::new(&list.join(",\r\n ")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(header: &str, changes: &[HeaderChange]) -> String {
        let content = Bytes::from(format!("{header}\r\nbody\r\n"));
        String::from_utf8(changed(content, changes).to_vec()).unwrap()
    }

    fn set(name: &str, value: &str) -> HeaderChange {
        HeaderChange::Set { name: name.into(), value: value.into() }
    }

    #[test]
    fn fields_are_set_and_removed_and_the_last_word_counts() {
        let header = "From: a@b.c\r\nX-A: 1\r\nx-a: 2\r\nX-B: 3\r\n";
        let changes = [
            set("X-A", "é"),
            HeaderChange::Remove("X-B".into()),
            set("x-new", "1"),
            set("X-New", "2"),
        ];
        let expected = "From: a@b.c\r\nX-A: =?utf-8?B?w6k=?=\r\nX-New: 2\r\n\r\nbody\r\n";
        assert_eq!(change(header, &changes).to_lowercase(), expected.to_lowercase());
    }

    #[test]
    fn no_field_about_the_author_is_touched_whatever_is_stored() {
        let header = "From: a@b.c\r\nSender: d@b.c\r\nReply-To: e@b.c\r\nDKIM-Signature: x\r\n";
        for name in ["From", "sender", "Reply-To", "DKIM-Signature", "Received"] {
            let changes = [set(name, "evil@x.y"), HeaderChange::Remove(name.into())];
            assert_eq!(change(header, &changes), format!("{header}\r\nbody\r\n"));
        }
    }

    #[test]
    fn a_value_adds_no_field() {
        let changed = change("From: a@b.c\r\n", &[set("X-A", "1\r\nFrom: evil@x.y\r\n\r\nbody")]);
        let message = Message::parse(Bytes::from(changed)).unwrap();
        assert_eq!((message.fields().count(), message.count_fields("From")), (2, 1));
    }

    #[test]
    fn the_subject_keeps_how_it_was_written() {
        let prefix = |text: &str| HeaderChange::PrependSubject(text.into());
        let subject = |header: &str, changes: &[HeaderChange]| {
            let changed = Bytes::from(change(header, changes));
            let message = Message::parse(changed).unwrap();
            let field = message.first_field("Subject").unwrap();
            (field.raw_value().trim().to_owned(), field.decoded())
        };
        let encoded = "Subject: =?iso-8859-1?Q?=E9t=E9?=\r\n";
        let (raw, text) = subject(encoded, &[prefix("[A]"), prefix("[B]")]);
        assert_eq!(
            (raw.as_str(), text.as_str()),
            ("[B] [A] =?iso-8859-1?Q?=E9t=E9?=", "[B] [A] été")
        );
        assert_eq!(subject(encoded, &[prefix("[à]")]).1, "[à] été");
        assert_eq!(subject("From: a@b.c\r\n", &[prefix("[A]")]).1, "[A]");
    }

    #[test]
    fn recipients_come_behind_those_in_to() {
        let add = |text: &str| HeaderChange::AddTo(Address::parse(text).unwrap());
        let changes = [add("x@y.z"), add("v@y.z")];
        let to = |header: &str| {
            let changed = Bytes::from(change(header, &changes));
            let message = Message::parse(changed).unwrap();
            assert_eq!(message.count_fields("To"), 1);
            mail::unfold(message.first_field("To").unwrap().raw_value()).trim().to_owned()
        };
        assert_eq!(to("To: a@b.c\r\nTo: d@b.c\r\n"), "a@b.c, d@b.c, x@y.z, v@y.z");
        assert_eq!(to("From: a@b.c\r\n"), "x@y.z, v@y.z");
    }
}
