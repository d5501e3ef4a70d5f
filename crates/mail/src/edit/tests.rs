use proptest::prelude::*;

use super::*;
use crate::header::{HEADER_FIELDS_MAX, HEADER_OCTETS_MAX};

fn message(text: &str) -> Message {
    Message::parse(Bytes::copy_from_slice(text.as_bytes())).expect("a message")
}

fn value(text: &str) -> FieldValue {
    FieldValue::new(text).expect("a field value")
}

const RAW: &str = "From: a@b.c\r\nBcc: x@y.z\r\nSubject: one\r\n two\r\nbcc: w@y.z\r\n\r\nBody\r\n";

#[test]
fn nothing_changes_what_is_not_named() {
    let message = message(RAW);
    assert_eq!(HeaderEdit::new(&message).apply(), RAW);
    let same = HeaderEdit::new(&message).remove(FieldName::DATE).apply();
    assert_eq!(same, RAW);
}

#[test]
fn fields_are_removed_replaced_and_added() {
    let message = message(RAW);
    let edited = HeaderEdit::new(&message)
        .remove(FieldName::BCC)
        .replace_first(FieldName::FROM, &value("Support <s@b.c>"))
        .replace_first(FieldName::DATE, &value("now"))
        .prepend(FieldName::RECEIVED, &value("by first"))
        .prepend(FieldName::RETURN_PATH, &value("<>"))
        .append(FieldName::SENDER, &value("a@b.c"))
        .append(FieldName::known("X-Empty"), &value(""))
        .apply();
    assert_eq!(
        edited,
        "Return-Path: <>\r\nReceived: by first\r\nFrom: Support <s@b.c>\r\n\
         Subject: one\r\n two\r\nDate: now\r\nSender: a@b.c\r\nX-Empty:\r\n\r\nBody\r\n"
    );
}

#[test]
fn replacing_leaves_one_field_of_the_name() {
    let message = message("A: 1\r\nB: 2\r\na: 3\r\nA: 4\r\n\r\n");
    let name = FieldName::known("A");
    let edited = HeaderEdit::new(&message).replace_first(name, &value("x")).apply();
    assert_eq!(edited, "A: x\r\nB: 2\r\n\r\n");
    // The later word counts.
    let edit = HeaderEdit::new(&message).replace_first(name, &value("x")).remove(name);
    assert_eq!(edit.apply(), "B: 2\r\n\r\n");
    let edit = HeaderEdit::new(&message).remove(name).replace_first(name, &value("x"));
    assert_eq!(edit.apply(), "A: x\r\nB: 2\r\n\r\n");
}

#[test]
fn fields_are_removed_by_what_they_say() {
    let message = message(RAW);
    let edit = HeaderEdit::new(&message).remove_where(|field| field.raw_value().contains("@y.z"));
    assert_eq!(edit.apply(), "From: a@b.c\r\nSubject: one\r\n two\r\n\r\nBody\r\n");
}

#[test]
fn messages_without_body_or_header_can_be_edited() {
    for (raw, expected) in [
        ("", "P: 1\r\nA: 2\r\n"),
        ("\r\n", "P: 1\r\nA: 2\r\n\r\n"),
        ("X: y\r\n", "P: 1\r\nX: y\r\nA: 2\r\n"),
        ("\r\nbody", "P: 1\r\nA: 2\r\n\r\nbody"),
    ] {
        let message = message(raw);
        let edit = HeaderEdit::new(&message)
            .prepend(FieldName::known("P"), &value("1"))
            .append(FieldName::known("A"), &value("2"));
        assert_eq!(edit.apply(), expected, "{raw:?}");
    }
}

#[test]
fn an_edited_message_knows_its_body() {
    let message = message(&format!("A: b\r\n\r\né{}\r\n", "x".repeat(999)));
    let edited = HeaderEdit::new(&message)
        .append(FieldName::SUBJECT, &FieldValue::text(FieldName::SUBJECT, "été"))
        .into_message()
        .unwrap();
    assert!(edited.has_8bit_body() && edited.has_long_body_line());
    assert_eq!(edited.body(), message.body());
    assert_eq!(edited.first_field("subject").unwrap().decoded(), "été");
}

#[test]
fn added_fields_count_towards_the_limits() {
    let full = message(&"A: b\r\n".repeat(HEADER_FIELDS_MAX));
    let edit = HeaderEdit::new(&full).prepend(FieldName::FROM, &value("a@b.c"));
    assert_eq!(edit.into_message().err(), Some(MessageError::TooManyFields));
    let full = message(&format!("A: {}\r\n", "b".repeat(507)).repeat(HEADER_OCTETS_MAX / 512));
    let edit = HeaderEdit::new(&full).prepend(FieldName::FROM, &value("a@b.c"));
    assert_eq!(edit.into_message().err(), Some(MessageError::HeaderTooBig));
}

#[test]
fn names_and_values_carry_no_line_ends() {
    for wrong in ["", "A B", "A:", "Fröm", "A\r\nB", &"x".repeat(FIELD_NAME_OCTETS_MAX + 1)] {
        assert_eq!(FieldName::new(wrong), Err(FieldError::Name), "{wrong:?}");
    }
    assert!(FieldName::new(&"x".repeat(FIELD_NAME_OCTETS_MAX)).is_ok());
    for (wrong, expected) in [
        ("a\r\nBcc: x", FieldError::LineEnd),
        ("a\r\n", FieldError::LineEnd),
        ("a\r\n \r\n b", FieldError::LineEnd),
        ("a\r\n\r\nbody", FieldError::LineEnd),
        ("a\n b", FieldError::LineEnd),
        ("a\r b", FieldError::LineEnd),
        ("a\0", FieldError::ControlCharacter),
        ("a\u{b}b", FieldError::ControlCharacter),
    ] {
        assert_eq!(FieldValue::new(wrong), Err(expected), "{wrong:?}");
    }
    let line = |octets: usize| FieldValue::new(&format!("a\r\n {}", "b".repeat(octets - 1)));
    assert!(line(VALUE_LINE_OCTETS_MAX).is_ok());
    assert_eq!(line(VALUE_LINE_OCTETS_MAX + 1), Err(FieldError::LineTooLong));
    assert_eq!(value(" a\r\n b ").as_str(), "a\r\n b");
}

fn any_value() -> impl Strategy<Value = String> {
    let piece =
        prop::sample::select(vec!["a", " ", "\r\n ", "\r\n", "\r", "\n", ":", "é", "\0", "\t"]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn whatever_is_added_the_message_stays_one(value in any_value(), text in any_value()) {
        let message = message(RAW);
        let mut edit = HeaderEdit::new(&message)
            .replace_first(FieldName::SUBJECT, &FieldValue::text(FieldName::SUBJECT, &text));
        let accepted = FieldValue::new(&value);
        if let Ok(value) = &accepted {
            edit = edit.prepend(FieldName::RECEIVED, value).append(FieldName::TO, value);
        }
        let edited = edit.reread()?;
        prop_assert_eq!(edited.body(), message.body());
        let added = if accepted.is_ok() { 2 } else { 0 };
        prop_assert_eq!(edited.fields().len(), message.fields().len() + added);
    }
}

impl HeaderEdit<'_> {
    /// Reads the whole result, body too, as a peer would.
    fn reread(self) -> Result<Message, TestCaseError> {
        let raw = self.apply();
        Message::parse(raw).map_err(|e| TestCaseError::fail(e.to_string()))
    }
}
