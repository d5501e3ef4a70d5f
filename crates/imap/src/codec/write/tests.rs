//! Values as they are written, and read back by the parser.

use bytes::BytesMut;
use proptest::prelude::*;

use super::*;
use crate::codec::{
    Command, CommandBody, Fetch, FetchItem, Frame, Keyword, MailboxName, ReadLimits, Reader, Step,
};

fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).expect("the tests here write UTF-8")
}

fn frame(octets: &[u8]) -> Frame {
    let mut reader = Reader::new(ReadLimits::AFTER_LOGIN);
    let mut input = BytesMut::from(octets);
    loop {
        match reader.feed(&mut input) {
            Step::Literal(_) => reader.take(),
            Step::Complete(frame) => return frame,
            other => panic!("{octets:?}: {other:?}"),
        }
    }
}

#[test]
fn strings_are_quoted_or_literals() {
    use NameEncoding::{ModifiedUtf7, Utf8};
    for (text, encoding, expected) in [
        ("", ModifiedUtf7, "\"\""),
        ("a b", ModifiedUtf7, "\"a b\""),
        ("a\"b\\c", ModifiedUtf7, "\"a\\\"b\\\\c\""),
        ("a\r\nb", Utf8, "{4}\r\na\r\nb"),
        ("é", ModifiedUtf7, "{2}\r\né"),
        ("é", Utf8, "\"é\""),
        ("NIL", Utf8, "\"NIL\""),
    ] {
        assert_eq!(written(|out| string(out, text.as_bytes(), encoding)), expected);
    }
    let mut out = Vec::new();
    string(&mut out, b"\xff", Utf8);
    assert_eq!(out, b"{1}\r\n\xff");
    let longest = "x".repeat(QUOTED_OCTETS_MAX);
    assert!(written(|out| string(out, longest.as_bytes(), Utf8)).starts_with("\"x"));
    let longer = longest + "x";
    assert!(written(|out| string(out, longer.as_bytes(), Utf8)).starts_with("{1001}\r\nx"));
}

#[test]
fn small_things_are_written() {
    use NameEncoding::{ModifiedUtf7, Utf8};
    assert_eq!(written(|out| nstring(out, None, Utf8)), "NIL");
    assert_eq!(written(|out| nstring(out, Some(b"x"), Utf8)), "\"x\"");
    assert_eq!(written(|out| astring(out, b"Date", Utf8)), "Date");
    assert_eq!(written(|out| astring(out, b"nil", Utf8)), "\"nil\"");
    assert_eq!(written(|out| astring(out, b"", Utf8)), "\"\"");
    assert_eq!(written(|out| literal8_head(out, 7)), "~{7}\r\n");
    assert_eq!(written(|out| mailbox(out, "Entwürfe & x", ModifiedUtf7)), "\"Entw&APw-rfe &- x\"");
    assert_eq!(written(|out| mailbox(out, "Entwürfe & x", Utf8)), "\"Entwürfe & x\"");
    assert_eq!(written(|out| number_set(out, [1..=3, 5..=5, 7..=u32::MAX])), "1:3,5,7:4294967295");
    assert_eq!(written(|out| number_set(out, [])), "");
    assert_eq!(written(|out| date_time(out, 0)), "\" 1-Jan-1970 00:00:00 +0000\"");
    let keyword = Flag::Keyword(Keyword::new("$Forwarded").expect("a keyword"));
    assert_eq!(written(|out| flags(out, &[Flag::Seen, keyword])), "(\\Seen $Forwarded)");
    assert_eq!(written(|out| flags(out, &[])), "()");
    assert_eq!(written(|out| atoms(out, ["\\HasChildren", "\\Sent"])), "(\\HasChildren \\Sent)");
}

#[test]
fn labels_of_sections_are_those_that_were_asked() {
    for (asked, label) in [
        ("BODY[]", "BODY[]"),
        ("BODY.PEEK[]<0.2048>", "BODY[]<0>"),
        ("BODY[TEXT]", "BODY[TEXT]"),
        ("BODY.PEEK[1.2.MIME]", "BODY[1.2.MIME]"),
        ("body[4.2.header]<10.1>", "BODY[4.2.HEADER]<10>"),
        ("BODY[HEADER.FIELDS (DATE FROM)]", "BODY[HEADER.FIELDS (DATE FROM)]"),
        ("BODY[1.HEADER.FIELDS.NOT (\"X-[a]\")]", "BODY[1.HEADER.FIELDS.NOT (\"X-[a]\")]"),
        ("BINARY.PEEK[1]<5.6>", "BINARY[1]<5>"),
        ("BINARY[]", "BINARY[]"),
        ("BINARY.SIZE[3.1]", "BINARY.SIZE[3.1]"),
    ] {
        let frame = frame(format!("a FETCH 1 {asked}\r\n").as_bytes());
        let command = Command::parse(&frame, NameEncoding::Utf8).expect(asked);
        let CommandBody::Fetch(Fetch { items, .. }) = command.body else { panic!("{asked}") };
        let answered = written(|out| match &items[0] {
            FetchItem::Section { section, partial, .. } => section_label(out, section, *partial),
            FetchItem::Binary { part, partial, .. } => binary_label(out, part, *partial),
            FetchItem::BinarySize { part } => binary_size_label(out, part),
            other => panic!("{other:?}"),
        });
        assert_eq!(answered, label, "{asked}");
    }
}

/// Gives a written name or string to the parser.
fn reread(value: &[u8], encoding: NameEncoding) -> CommandBody {
    let octets = [b"a LOGIN u ".as_slice(), value, b"\r\n"].concat();
    Command::parse(&frame(&octets), encoding).expect("what is written can be read").body
}

proptest! {
    #[test]
    fn written_strings_are_read(text in "[^\0]{0,40}", utf8: bool) {
        let encoding = if utf8 { NameEncoding::Utf8 } else { NameEncoding::ModifiedUtf7 };
        let mut forms = [Vec::new(), Vec::new()];
        string(&mut forms[0], text.as_bytes(), encoding);
        astring(&mut forms[1], text.as_bytes(), encoding);
        for out in forms {
            let CommandBody::Login(login) = reread(&out, encoding) else { panic!("no login") };
            prop_assert_eq!(login.password.expose(), &text);
        }
    }

    #[test]
    fn written_mailbox_names_are_read(text in "\\PC{1,40}", utf8: bool) {
        let encoding = if utf8 { NameEncoding::Utf8 } else { NameEncoding::ModifiedUtf7 };
        let Ok(name) = MailboxName::new(&text) else { return Ok(()) };
        let mut out = b"a DELETE ".to_vec();
        mailbox(&mut out, name.as_str(), encoding);
        out.extend_from_slice(b"\r\n");
        let read = Command::parse(&frame(&out), encoding).expect("what is written can be read");
        prop_assert_eq!(read.body, CommandBody::Delete(name));
    }
}
