//! Strict reader against the `mail-parser` crate, which reads leniently.

use bytes::Bytes;
use mail::{
    Address, Domain, Dsn, DsnAction, DsnRecipient, EnhancedStatus, FieldName, FieldValue,
    HeaderEdit, Message, read_author, write_author,
};
use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;

/// The mailboxes that the lenient reader sees in From: name and address.
fn lenient_authors(raw: &[u8]) -> Vec<(String, String)> {
    let message = MessageParser::default().parse(raw).expect("a message");
    let from = message.from().expect("a From field");
    from.iter()
        .map(|mailbox| {
            let name = mailbox.name().unwrap_or_default().to_owned();
            (name, mailbox.address().unwrap_or_default().to_owned())
        })
        .collect()
}

/// The lenient reader gives the text as it stands: with quotes and U-labels.
fn is_same(seen: &str, address: &Address) -> bool {
    let Some((local, domain)) = seen.rsplit_once('@') else { return false };
    local.trim_matches('"') == address.local()
        && Domain::parse(domain).as_ref() == Ok(address.domain())
}

fn any_from() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "Jean",
        "Dupont",
        "jean@contoso.com",
        "<jean@contoso.com>",
        "<support@contoso.com>",
        "\"",
        "\"Jean\"",
        "\"a, b\"",
        "\\",
        "(",
        ")",
        "(Jean)",
        ",",
        ";",
        ":",
        " ",
        " ",
        "\r\n ",
        ".",
        "@",
        "=?utf-8?q?a=40b?=",
        "=?utf-8?q?caf=C3=A9?=",
        "=?utf-8?b?YQ==?=",
        "é",
        "<",
        ">",
        "[",
        "a%b",
        "x!y@contoso.com",
        "@contoso.com",
        "'",
        "=?",
        "?=",
    ]);
    prop::collection::vec(piece, 1..9).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20000))]

    #[test]
    fn both_readers_see_one_author(from in any_from()) {
        let raw = format!("From: {from}\r\nSubject: x\r\n\r\nbody\r\n");
        let Ok(message) = Message::parse(Bytes::from(raw)) else { return Ok(()) };
        let Ok(author) = read_author(&message) else { return Ok(()) };
        let seen = lenient_authors(message.raw());
        prop_assert_eq!(seen.len(), 1, "{:?}", seen);
        prop_assert!(is_same(&seen[0].1, &author.address), "{:?}", seen);

        let value = write_author(author.display_name.as_deref(), &author.address);
        let value = FieldValue::new(&value).expect("what is written is a value");
        let leaving = HeaderEdit::new(&message).replace_first(FieldName::FROM, &value).apply();
        let seen = lenient_authors(&leaving);
        let name = author.display_name.unwrap_or_default();
        prop_assert_eq!(seen.len(), 1, "{:?}", leaving);
        prop_assert_eq!(&seen[0].0, &name, "{:?}", leaving);
        prop_assert!(is_same(&seen[0].1, &author.address), "{:?}", leaving);
    }

    #[test]
    fn any_display_name_leaves_as_one_author(name in "\\PC{0,80}") {
        let address: mail::Address = "jean@contoso.com".parse().expect("an address");
        let raw = format!("From: {}\r\n\r\n", write_author(Some(&name), &address));
        let seen = lenient_authors(raw.as_bytes());
        prop_assert_eq!(seen.len(), 1, "{:?}", raw);
        prop_assert_eq!(&seen[0].1, "jean@contoso.com");
    }
}

#[test]
fn the_second_reader_shows_why_the_first_is_strict() {
    let raw = "From: support@contoso.com, Jean <jean@contoso.com>\r\n\r\n";
    assert_eq!(lenient_authors(raw.as_bytes()).len(), 2);
    assert!(read_author(&Message::parse(Bytes::from(raw)).expect("a message")).is_err());
}

#[test]
fn subjects_are_shown_alike() {
    for text in ["Réponse à votre message", "plain", "日本語の件名".repeat(9).as_str(), "a=?b?="]
    {
        let name = FieldName::SUBJECT;
        let raw = format!("Subject: {}\r\n\r\n", FieldValue::text(name, text).as_str());
        let seen = MessageParser::default().parse(raw.as_bytes()).expect("a message");
        assert_eq!(seen.subject(), Some(text));
    }
}

#[test]
fn a_notification_has_three_parts() {
    let address: Address = "jean@contoso.com".parse().expect("an address");
    let raw =
        Bytes::from("From: jean@contoso.com\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n\r\nbody\r\n");
    let recipients = [DsnRecipient {
        original_recipient: None,
        final_recipient: "jos\u{e9}@fabrikam.com".parse().expect("an address"),
        action: DsnAction::Failed,
        status: EnhancedStatus::parse("5.1.1").expect("a status"),
        remote_mta: None,
        diagnostic: None,
        last_attempt_at_ms: None,
        will_retry_until_ms: None,
    }];
    let dsn = Dsn {
        reporting_mta: "mx.contoso.com",
        from: &address,
        to: &address,
        recipients: &recipients,
        envelope_id: None,
        arrival_at_ms: 0,
        original: &Message::parse(raw).expect("a message"),
        message_id: "<1@contoso.com>",
        date_ms: 0,
        unique: "1",
    };
    let written = dsn.write();
    let seen = MessageParser::default().parse(&written[..]).expect("a message");
    assert_eq!(seen.subject(), Some("Not delivered: café"));
    let text = seen.body_text(0).expect("a text");
    assert!(text.contains("<jos\u{e9}@fabrikam.com>") && text.contains("Subject: café"), "{text}");
    let types: Vec<_> = seen
        .parts
        .iter()
        .filter_map(|part| part.content_type())
        .map(|t| format!("{}/{}", t.ctype(), t.subtype().unwrap_or_default()))
        .collect();
    assert_eq!(
        types,
        ["multipart/report", "text/plain", "message/delivery-status", "text/rfc822-headers"]
    );
}
