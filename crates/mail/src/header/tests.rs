use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<Message, MessageError> {
    Message::parse(Bytes::copy_from_slice(text.as_bytes()))
}

fn error(raw: &[u8]) -> MessageError {
    Message::parse(Bytes::copy_from_slice(raw)).expect_err("not a message")
}

#[test]
fn fields_are_found_as_they_stand() {
    let raw =
        "From: jean@contoso.com\r\nSubject:Hello\r\n\tworld\r\nX:\r\nsubject: 2\r\n\r\nBody\r\n";
    let message = parse(raw).unwrap();
    let fields: Vec<_> = message.fields().map(|f| (f.name(), f.raw_value())).collect();
    assert_eq!(
        fields,
        [
            ("From", " jean@contoso.com"),
            ("Subject", "Hello\r\n\tworld"),
            ("X", ""),
            ("subject", " 2")
        ]
    );
    assert_eq!(message.first_field("SUBJECT").unwrap().raw(), b"Subject:Hello\r\n\tworld\r\n");
    assert_eq!(
        message.first_field("subject").unwrap().decoded(),
        "Hello\tworld".replace('\t', " ")
    );
    assert_eq!(message.count_fields("Subject"), 2);
    assert!(message.first_field("Sub").is_none());
    assert_eq!(message.body(), "Body\r\n");
    assert_eq!(message.header_section(), &raw.as_bytes()[..raw.len() - 8]);
}

#[test]
fn a_message_may_be_short() {
    for (raw, fields, body) in [
        ("", 0, ""),
        ("\r\n", 0, ""),
        ("\r\nbody", 0, "body"),
        ("A: b\r\n", 1, ""),
        ("A: b\r\n\r\n", 1, ""),
        ("A: b\r\n\r\n\r\n", 1, "\r\n"),
        ("A: b\r\n\r\nFrom jean\r\n x\r\n:\r\n", 1, "From jean\r\n x\r\n:\r\n"),
    ] {
        let message = parse(raw).unwrap_or_else(|e| panic!("{raw:?}: {e}"));
        assert_eq!((message.fields().len(), &message.body()[..]), (fields, body.as_bytes()));
    }
}

#[test]
fn line_ends_are_crlf_everywhere() {
    assert_eq!(error(b"A: b\rc\r\n"), MessageError::BareCr(1));
    assert_eq!(error(b"A: b\r\nB: c\n\r\n"), MessageError::BareLf(2));
    assert_eq!(error(b"\nA: b\r\n"), MessageError::BareLf(1));
    assert_eq!(error(b"A: b\r\n\r\nbody\r"), MessageError::BareCr(3));
    assert_eq!(error(b"A: b\r\n\r\nbody\r\r\n"), MessageError::BareCr(3));
    assert_eq!(error(b"A: b\r\n\r\nx\r\n.\n\r\n"), MessageError::BareLf(4));
    assert_eq!(error(b"A: b\r\n\r\nx\n.\r\n"), MessageError::BareLf(3));
    assert_eq!(error(b"A: b\r\n\r\nx\0y"), MessageError::Nul(3));
    assert_eq!(error(b"\0"), MessageError::Nul(1));
    assert_eq!(error(b"\r"), MessageError::BareCr(1));
}

#[test]
fn lines_that_are_no_fields_are_refused() {
    for (raw, expected) in [
        ("From : a@b.c\r\n", MessageError::SpaceBeforeColon(1)),
        ("A: b\r\nSubject\t: x\r\n", MessageError::SpaceBeforeColon(2)),
        ("From jean Mon Jan  1 00:00:00 2026\r\nA: b\r\n", MessageError::MboxLine(1)),
        ("A: b\r\n>From: jean\r\n", MessageError::MboxLine(2)),
        (" A: b\r\n", MessageError::FoldedFirstLine),
        ("\t\r\nA: b\r\n", MessageError::FoldedFirstLine),
        ("A: b\r\n \r\nB: c\r\n", MessageError::BlankFoldedLine(2)),
        ("A: b\r\n c\r\n\t \r\n\r\n", MessageError::BlankFoldedLine(3)),
        ("A: b\r\nbody without empty line\r\n", MessageError::NotAField(2)),
        (": a@b.c\r\n", MessageError::NotAField(1)),
        ("Fro m: a@b.c\r\n", MessageError::FieldName(1)),
        ("Fr\u{e9}: a\r\n", MessageError::FieldName(1)),
        ("\u{feff}From: a@b.c\r\n", MessageError::FieldName(1)),
        ("A: b\r\nB: c", MessageError::HeaderNotEnded(2)),
        ("A: b\u{b}From: x@y.z\r\n", MessageError::ControlCharacter(1)),
        ("A: b\r\nB: \u{7f}\r\n", MessageError::ControlCharacter(2)),
    ] {
        assert_eq!(parse(raw).expect_err(raw), expected, "{raw:?}");
    }
    assert_eq!(error(b"A: b\r\nB: caf\xe9\r\n"), MessageError::NotUtf8(2));
    assert_eq!(error(b"Fr\0m: b\r\n"), MessageError::Nul(1));
    assert_eq!(error(b"Fr\x01m: b\r\n"), MessageError::FieldName(1));
}

#[test]
fn header_lines_have_at_most_998_octets() {
    let header = |octets: usize| format!("A: {}\r\n\r\n", "b".repeat(octets - 3));
    assert!(parse(&header(HEADER_LINE_OCTETS_MAX)).is_ok());
    assert_eq!(
        parse(&header(HEADER_LINE_OCTETS_MAX + 1)).err(),
        Some(MessageError::HeaderLineTooLong(1))
    );
}

#[test]
fn header_sections_have_at_most_1000_fields_and_256_kib() {
    let fields = |count: usize| format!("{}\r\n", "A: b\r\n".repeat(count));
    assert!(parse(&fields(HEADER_FIELDS_MAX)).is_ok());
    assert_eq!(parse(&fields(HEADER_FIELDS_MAX + 1)).err(), Some(MessageError::TooManyFields));

    // 512 lines of 512 octets.
    let line = format!("A: {}\r\n", "b".repeat(507));
    let section = line.repeat(HEADER_OCTETS_MAX / line.len());
    assert_eq!(section.len(), HEADER_OCTETS_MAX);
    assert!(parse(&format!("{section}\r\nbody")).is_ok());
    let longer = section.replacen("A:", "AA:", 1);
    assert_eq!(parse(&longer).err(), Some(MessageError::HeaderTooBig));
}

#[test]
fn long_body_lines_are_told_and_then_refused() {
    let long = |octets: usize, end: &str| {
        parse(&format!("A: b\r\n\r\nx\r\n{}{end}", "b".repeat(octets)))
            .map(|m| m.has_long_body_line())
    };
    for end in ["", "\r\n", "\r\nmore\r\n"] {
        assert_eq!(long(BODY_LINE_OCTETS, end), Ok(false), "{end:?}");
        assert_eq!(long(BODY_LINE_OCTETS + 1, end), Ok(true), "{end:?}");
        assert_eq!(long(BODY_LINE_OCTETS + 5, end), Ok(true), "{end:?}");
        assert_eq!(long(BODY_LINE_OCTETS_MAX, end), Ok(true), "{end:?}");
        let refused = Err(MessageError::BodyLineTooLong(4));
        assert_eq!(long(BODY_LINE_OCTETS_MAX + 1, end), refused, "{end:?}");
    }
}

#[test]
fn bodies_and_headers_tell_what_peers_they_need() {
    let message = parse("A: b\r\n\r\nascii").unwrap();
    assert!(!message.has_8bit_body() && !message.has_utf8_header());
    let message = parse("A: é\r\n\r\nascii").unwrap();
    assert!(!message.has_8bit_body() && message.has_utf8_header());
    let message = parse("A: b\r\n\r\né").unwrap();
    assert!(message.has_8bit_body() && !message.has_utf8_header());
}

#[test]
fn debug_output_keeps_messages_private() {
    let shown = format!("{:?}", parse("Subject: secret\r\n\r\nsecret").unwrap());
    assert!(!shown.contains("secret"), "{shown}");
}

/// Pieces that header sections are made of, so that random bytes reach far into the reader.
fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "From: ", "Subject", ":", " ", "\t", "\r\n", "\r\n", "\r\n ", "\r", "\n", "\0", "a@b.c",
        "é", "\u{1}", "From x", ">From", "\r\n\r\n", "text",
    ]);
    prop_oneof![
        prop::collection::vec(piece, 0..24).prop_map(|p| p.concat().into_bytes()),
        prop::collection::vec(any::<u8>(), 0..200),
    ]
}

proptest! {
    #[test]
    fn fields_cover_the_header_section_and_nothing_else(raw in any_message()) {
        let has_wrong_line_end = {
            let text: Vec<u8> = raw.clone();
            let mut rest = Vec::new();
            let mut at = 0;
            while at < text.len() {
                if text[at..].starts_with(b"\r\n") { at += 2 } else { rest.push(text[at]); at += 1 }
            }
            rest.iter().any(|b| matches!(b, b'\r' | b'\n' | 0))
        };
        let parsed = Message::parse(Bytes::from(raw.clone()));
        prop_assert!(!(has_wrong_line_end && parsed.is_ok()));
        if let Ok(message) = parsed {
            let fields: Vec<u8> = message.fields().flat_map(|f| f.raw().to_vec()).collect();
            prop_assert_eq!(&fields[..], message.header_section());
            for field in message.fields() {
                prop_assert!(!field.name().is_empty());
                prop_assert!(!field.decoded().contains(char::is_control));
            }
            let blank = raw.len() - message.header_len() - message.body().len();
            prop_assert!(blank == 2 || blank == 0 && message.body().is_empty());
        }
    }
}
