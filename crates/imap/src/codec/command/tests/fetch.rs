//! FETCH, STORE, COPY, MOVE, EXPUNGE.

use super::*;
use crate::codec::{
    FetchItem, Keyword, LIST_ELEMENTS_MAX, PART_NUMBERS_MAX, Partial, Section, SectionText,
    StoreOperation,
};

fn fetch(line: &str) -> Fetch {
    match parsed(line) {
        CommandBody::Fetch(fetch) => fetch,
        other => panic!("{line}: {other:?}"),
    }
}

fn item(text: &str) -> FetchItem {
    let alone = fetch(&format!("FETCH 1 {text}")).items;
    let listed = fetch(&format!("FETCH 1 ({text})")).items;
    assert_eq!(alone, listed, "{text}");
    assert_eq!(alone.len(), 1, "{text}");
    alone.into_iter().next().expect("one")
}

fn section(part: &[u32], text: SectionText) -> FetchItem {
    FetchItem::Section {
        section: Section { part: part.to_vec(), text },
        partial: None,
        is_peek: true,
    }
}

#[test]
fn simple_items_have_names() {
    for (wire, expected) in [
        ("FLAGS", FetchItem::Flags),
        ("internaldate", FetchItem::InternalDate),
        ("ENVELOPE", FetchItem::Envelope),
        ("BODY", FetchItem::Body),
        ("BODYSTRUCTURE", FetchItem::BodyStructure),
        ("UID", FetchItem::Uid),
        ("MODSEQ", FetchItem::ModSeq),
        ("EMAILID", FetchItem::EmailId),
        ("THREADID", FetchItem::ThreadId),
        ("SAVEDATE", FetchItem::SaveDate),
        ("PREVIEW", FetchItem::Preview { is_lazy: false }),
        ("PREVIEW (LAZY)", FetchItem::Preview { is_lazy: true }),
        ("RFC822", FetchItem::Rfc822),
        ("RFC822.HEADER", FetchItem::Rfc822Header),
        ("RFC822.TEXT", FetchItem::Rfc822Text),
        ("RFC822.SIZE", FetchItem::Rfc822Size),
        ("BINARY.SIZE[1.2]", FetchItem::BinarySize { part: vec![1, 2] }),
    ] {
        assert_eq!(item(wire), expected);
    }
}

#[test]
fn macros_stand_alone() {
    use FetchItem::{Body, Envelope, Flags, InternalDate, Rfc822Size};
    assert_eq!(fetch("FETCH 2:4 FAST").items, [Flags, InternalDate, Rfc822Size]);
    assert_eq!(fetch("FETCH 2:4 all").items, [Flags, InternalDate, Rfc822Size, Envelope]);
    let full = fetch("FETCH 1:* FULL (CHANGEDSINCE 12345)");
    assert_eq!(full.items, [Flags, InternalDate, Rfc822Size, Envelope, Body]);
    assert_eq!(full.changed_since, Some(12_345));
    assert_eq!(refused("FETCH 1 (ALL)"), Fault::UnknownFetchItem("ALL".to_owned()));
    assert_eq!(refused("FETCH 1 FASTER"), Fault::UnknownFetchItem("FASTER".to_owned()));
}

#[test]
fn sections_name_parts_and_fields() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    for (text, expected) in [
        ("BODY.PEEK[]", section(&[], SectionText::Whole)),
        ("BODY.PEEK[HEADER]", section(&[], SectionText::Header)),
        ("body.peek[text]", section(&[], SectionText::Text)),
        ("BODY.PEEK[4.2.2.1]", section(&[4, 2, 2, 1], SectionText::Whole)),
        ("BODY.PEEK[4.1.MIME]", section(&[4, 1], SectionText::Mime)),
        ("BODY.PEEK[3.HEADER]", section(&[3], SectionText::Header)),
        ("BODY.PEEK[4.2.TEXT]", section(&[4, 2], SectionText::Text)),
        (
            "BODY.PEEK[HEADER.FIELDS (DATE \"From\" {2+}\r\nTo)]",
            section(&[], SectionText::HeaderFields(names(&["DATE", "From", "To"]))),
        ),
        (
            "BODY.PEEK[1.HEADER.FIELDS.NOT (Received)]",
            section(&[1], SectionText::HeaderFieldsNot(names(&["Received"]))),
        ),
    ] {
        assert_eq!(item(text), expected, "{text}");
    }
    let partial = Some(Partial { offset: 0, octets: 2_048 });
    let whole = Section { part: Vec::new(), text: SectionText::Whole };
    let expected = FetchItem::Section { section: whole, partial, is_peek: false };
    assert_eq!(item("BODY[]<0.2048>"), expected);
    let binary = FetchItem::Binary { part: vec![2], partial, is_peek: true };
    assert_eq!(item("BINARY.PEEK[2]<0.2048>"), binary);
    let binary = FetchItem::Binary { part: Vec::new(), partial: None, is_peek: false };
    assert_eq!(item("BINARY[]"), binary);
    unexpected(&[
        "FETCH 1 BODY[",
        "FETCH 1 BODY[1",
        "FETCH 1 BODY[1.]",
        "FETCH 1 BODY[0]",
        "FETCH 1 BODY[1.0]",
        "FETCH 1 BODY[.1]",
        "FETCH 1 BODY[MIME]",
        "FETCH 1 BODY[HEADER.FIELDS]",
        "FETCH 1 BODY[HEADER.FIELDS ()]",
        "FETCH 1 BODY[HEADER.FIELDS (a:b)]",
        "FETCH 1 BODY[HEADER.FIELDS (\"a b\")]",
        "FETCH 1 BODY[HEADER.FIELDS (\"\")]",
        "FETCH 1 BODY[FOOTER]",
        "FETCH 1 BODY[1TEXT]",
        "FETCH 1 BODY[]<0>",
        "FETCH 1 BODY[]<0.0>",
        "FETCH 1 BODY[]<.5>",
        "FETCH 1 BODY[]<9223372036854775808.5>",
        "FETCH 1 BODY.PEEK",
        "FETCH 1 BINARY",
        "FETCH 1 BINARY[1.]",
        "FETCH 1 BINARY[TEXT]",
        "FETCH 1 BINARY.SIZE[1]<0.1>",
        "FETCH 1 FLAGS[]",
    ]);
    let deep = |n: usize| format!("FETCH 1 BODY[{}]", vec!["1"; n].join("."));
    assert_eq!(fetch(&deep(PART_NUMBERS_MAX)).items.len(), 1);
    assert_eq!(refused(&deep(PART_NUMBERS_MAX + 1)), Fault::TooMany("numbers of a part"));
}

#[test]
fn fetch_lists_items_and_modifiers() {
    // RFC 9051 §6.4.5.
    let asked = fetch("FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])");
    assert_eq!((asked.items.len(), asked.numbering), (2, Numbering::Sequence));
    assert_eq!(asked.messages, numbers("2:4"));
    // RFC 7162 §3.2.6.
    let asked = fetch("UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 12345 VANISHED)");
    assert_eq!(asked.numbering, Numbering::Uid);
    assert!(asked.is_vanished);
    assert_eq!(fetch("UID FETCH $ FLAGS").messages, MessageSet::Saved);
    let asked = fetch("FETCH 1 PREVIEW (CHANGEDSINCE 5)");
    assert_eq!(asked.items, [FetchItem::Preview { is_lazy: false }]);
    assert_eq!(asked.changed_since, Some(5));
    let asked = fetch("FETCH 1 PREVIEW (LAZY) (CHANGEDSINCE 5)");
    assert_eq!((asked.items.len(), asked.changed_since), (1, Some(5)));
    let needs = refused("UID FETCH 1 FLAGS (VANISHED)");
    assert_eq!(needs, Fault::Needs("VANISHED", "CHANGEDSINCE"));
    let needs = refused("FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)");
    assert_eq!(needs, Fault::Needs("VANISHED", "UID FETCH"));
    assert_eq!(refused("FETCH 1 FLAGS (FAST)"), Fault::UnknownOption("FAST".to_owned()));
    unexpected(&[
        "FETCH",
        "FETCH 1",
        "FETCH 1 ",
        "FETCH FLAGS",
        "FETCH 1 ()",
        "FETCH 1 (FLAGS",
        "FETCH 1 FLAGS UID",
        "FETCH 1 (FLAGS  UID)",
        "FETCH 1 FLAGS ()",
        "FETCH 1 FLAGS (CHANGEDSINCE 0)",
        "FETCH 1 FLAGS (CHANGEDSINCE)",
    ]);
    assert_eq!(refused("FETCH 0 FLAGS"), Fault::SequenceSet);
    assert_eq!(refused("FETCH 1,$ FLAGS"), Fault::SequenceSet);
    let items = |n: usize| format!("FETCH 1 ({})", vec!["UID"; n].join(" "));
    assert_eq!(fetch(&items(LIST_ELEMENTS_MAX)).items.len(), LIST_ELEMENTS_MAX);
    assert_eq!(refused(&items(LIST_ELEMENTS_MAX + 1)), Fault::TooMany("elements of a list"));
}

fn store(line: &str) -> Store {
    match parsed(line) {
        CommandBody::Store(store) => store,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn store_changes_flags() {
    let keyword = |text: &str| Flag::Keyword(Keyword::new(text).expect("a keyword"));
    let change = store("STORE 2:4 +FLAGS (\\Deleted)");
    assert_eq!((change.operation, change.is_silent), (StoreOperation::Add, false));
    assert_eq!((change.messages, change.flags), (numbers("2:4"), vec![Flag::Deleted]));
    let change = store("uid store 1 -flags.silent (\\seen \\ANSWERED $Junk)");
    assert_eq!((change.operation, change.is_silent), (StoreOperation::Remove, true));
    assert_eq!(change.flags, [Flag::Seen, Flag::Answered, keyword("$Junk")]);
    assert_eq!(change.numbering, Numbering::Uid);
    let change = store("STORE $ FLAGS ()");
    assert_eq!((change.operation, change.flags.len()), (StoreOperation::Replace, 0));
    assert_eq!(store("STORE 1 FLAGS \\Draft a").flags, [Flag::Draft, keyword("a")]);
    // RFC 7162 §3.1.3.
    let change = store("STORE 7,5,9 (UNCHANGEDSINCE 320162338) +FLAGS.SILENT (\\Deleted)");
    assert_eq!(change.unchanged_since, Some(320_162_338));
    assert_eq!(store("STORE 1 (UNCHANGEDSINCE 0) FLAGS ()").unchanged_since, Some(0));
    for line in ["STORE 1 FLAGS (\\Recent)", "STORE 1 FLAGS \\Own", "STORE 1 FLAGS (\\*)"] {
        assert_eq!(refused(line), Fault::UnknownFlag, "{line}");
    }
    for line in ["STORE 1 FLAGS (é)", "STORE 1 FLAGS ( )", "STORE 1 FLAGS (\"a\")"] {
        assert_eq!(refused(line), Fault::Keyword, "{line}");
    }
    unexpected(&[
        "STORE 1",
        "STORE 1 FLAGS",
        "STORE 1 *FLAGS ()",
        "STORE 1 FLAG ()",
        "STORE 1 FLAGS.LOUD ()",
        "STORE 1 FLAGS (a",
        "STORE 1 FLAGS (a) b",
        "STORE 1 () FLAGS ()",
        "STORE 1 (CHANGEDSINCE 1) FLAGS ()",
    ]);
    let flags = |n: usize| format!("STORE 1 FLAGS {}", vec!["a"; n].join(" "));
    assert_eq!(store(&flags(LIST_ELEMENTS_MAX)).flags.len(), LIST_ELEMENTS_MAX);
    assert_eq!(refused(&flags(LIST_ELEMENTS_MAX + 1)), Fault::TooMany("flags"));
}

#[test]
fn messages_go_elsewhere_or_away() {
    let transfer = |numbering, messages| Transfer { numbering, messages, mailbox: name("MEETING") };
    let copy = transfer(Numbering::Sequence, numbers("2:4"));
    assert_eq!(parsed("COPY 2:4 MEETING"), CommandBody::Copy(copy));
    let moved = transfer(Numbering::Uid, numbers("42:69"));
    assert_eq!(parsed("UID MOVE 42:69 MEETING"), CommandBody::Move(moved));
    let saved = transfer(Numbering::Uid, MessageSet::Saved);
    assert_eq!(parsed("UID COPY $ MEETING"), CommandBody::Copy(saved));
    assert_eq!(parsed("UID EXPUNGE 3000:3002"), CommandBody::UidExpunge(numbers("3000:3002")));
    unexpected(&["COPY 1", "COPY MEETING", "MOVE 1 a b", "UID EXPUNGE", "EXPUNGE 1"]);
}
