//! Message identifiers (RFC 5322 §3.6.4).

use crate::{address::Domain, header::Message};

/// Longest identifier that is read, in octets with its brackets: what fits on a line.
pub const MESSAGE_ID_OCTETS_MAX: usize = 990;

/// Writes a message identifier, `<unique@domain>`.
///
/// `unique` must differ for every message and tell nothing about who wrote it. Characters that an
/// identifier cannot have are left out.
pub fn message_id(unique: &str, domain: &Domain) -> String {
    let left: String =
        unique.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    let left = if left.is_empty() { "0" } else { &left };
    format!("<{left}@{domain}>")
}

/// The identifier of a message with its brackets: the value of its only Message-ID field, if that
/// is a `msg-id` without obsolete syntax (RFC 5322 §3.6.4).
pub fn read_message_id(message: &Message) -> Option<&str> {
    let mut fields = message.fields_named("Message-ID");
    let value = fields.next()?.raw_value();
    if fields.next().is_some() {
        return None;
    }
    // Long identifiers are often folded behind the name.
    let id = value.trim_matches([' ', '\t', '\r', '\n']);
    is_message_id(id).then_some(id)
}

/// `"<" id-left "@" id-right ">"` with dot-atoms, or an address literal on the right.
fn is_message_id(text: &str) -> bool {
    let inside = text.strip_prefix('<').and_then(|t| t.strip_suffix('>'));
    let Some((left, right)) = inside.and_then(|inside| inside.split_once('@')) else {
        return false;
    };
    let is_literal = right
        .strip_prefix('[')
        .and_then(|r| r.strip_suffix(']'))
        .is_some_and(|r| r.bytes().all(|b| b.is_ascii_graphic() && !b"[]\\<>".contains(&b)));
    text.len() <= MESSAGE_ID_OCTETS_MAX && is_dot_atom(left) && (is_literal || is_dot_atom(right))
}

fn is_dot_atom(text: &str) -> bool {
    text.is_ascii()
        && text
            .split('.')
            .all(|atom| !atom.is_empty() && atom.chars().all(crate::address::is_atext))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn read(header: &str) -> Option<String> {
        let message = Message::parse(Bytes::from(format!("{header}\r\n\r\n"))).unwrap();
        read_message_id(&message).map(str::to_owned)
    }

    #[test]
    fn what_is_written_is_read() {
        let domain = Domain::parse("Contoso.com").unwrap();
        assert_eq!(message_id("0190-ab_C", &domain), "<0190-ab_C@contoso.com>");
        assert_eq!(message_id("a b>\r\nX: y<.", &domain), "<abXy@contoso.com>");
        assert_eq!(message_id("…", &domain), "<0@contoso.com>");
        let id = message_id("x", &domain);
        assert_eq!(read(&format!("Message-ID: {id}")), Some(id));
    }

    #[test]
    fn only_one_strict_identifier_counts() {
        assert_eq!(read("message-id:\r\n <a.b$c@x.example>").as_deref(), Some("<a.b$c@x.example>"));
        assert_eq!(read("Message-Id: <a@[127.0.0.1]>").as_deref(), Some("<a@[127.0.0.1]>"));
        for wrong in [
            "",
            "a@b",
            "<a@b",
            "<a>",
            "<a@@b>",
            "<a..b@c>",
            "<a b@c>",
            "<a@b> x",
            "<a@b><c@d>",
            "<a@[b]c]>",
            "<\"a\"@b>",
            "<é@b>",
            "(c) <a@b>",
        ] {
            assert_eq!(read(&format!("Message-ID: {wrong}")), None, "{wrong}");
        }
        assert_eq!(read("Message-ID: <a@b>\r\nMessage-ID: <a@b>"), None);
        assert_eq!(read("Subject: none"), None);
    }

    #[test]
    fn identifiers_have_at_most_990_octets() {
        let fitting = format!("<{}@b>", "a".repeat(MESSAGE_ID_OCTETS_MAX - 4));
        assert_eq!(read(&format!("Message-ID:\r\n {fitting}")), Some(fitting));
        let long = format!("<{}@b>", "a".repeat(MESSAGE_ID_OCTETS_MAX - 3));
        assert_eq!(read(&format!("Message-ID:\r\n {long}")), None);
    }
}
