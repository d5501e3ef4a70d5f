//! Rights, quotas, metadata.

use super::*;
use crate::codec::{EntryDepth, EntryName, MetadataEntry};

#[test]
fn rights_are_given_and_taken() {
    let change = |kind, rights: &str| {
        CommandBody::SetAcl(AclChange {
            mailbox: name("INBOX/Drafts"),
            identifier: "David".to_owned(),
            kind,
            rights: rights.to_owned(),
        })
    };
    // RFC 4314 §3.1.
    let set = "SETACL INBOX/Drafts David";
    assert_eq!(parsed(&format!("{set} +lrswida")), change(AclChangeKind::Add, "lrswida"));
    assert_eq!(parsed(&format!("{set} -lrswida")), change(AclChangeKind::Remove, "lrswida"));
    assert_eq!(parsed(&format!("{set} lrq5")), change(AclChangeKind::Replace, "lrq5"));
    assert_eq!(parsed(&format!("{set} \"\"")), change(AclChangeKind::Replace, ""));
    assert_eq!(refused(&format!("{set} LR")), Fault::Rights);
    assert_eq!(refused(&format!("{set} +-l")), Fault::Rights);
    unexpected(&["SETACL a b", "SETACL a", "SETACL a b c d"]);
    let identifier = || "-Fred".to_owned();
    let deleted = CommandBody::DeleteAcl { mailbox: name("INBOX"), identifier: identifier() };
    assert_eq!(parsed("DELETEACL INBOX -Fred"), deleted);
    let listed = CommandBody::ListRights { mailbox: name("a"), identifier: identifier() };
    assert_eq!(parsed("LISTRIGHTS a -Fred"), listed);
    assert_eq!(parsed("MYRIGHTS INBOX"), CommandBody::MyRights(name("INBOX")));
}

#[test]
fn quotas_are_read() {
    // RFC 9208 §4.1.
    assert_eq!(parsed("GETQUOTA \"!partition/sda4\""), {
        CommandBody::GetQuota("!partition/sda4".to_owned())
    });
    assert_eq!(parsed("GETQUOTA \"\""), CommandBody::GetQuota(String::new()));
    assert_eq!(parsed("GETQUOTAROOT INBOX"), CommandBody::GetQuotaRoot(name("INBOX")));
    let limit = QuotaLimit { resource: "STORAGE".to_owned(), limit: 512 };
    let expected = CommandBody::SetQuota { root: String::new(), limits: vec![limit] };
    assert_eq!(parsed("SETQUOTA \"\" (storage 512)"), expected);
    let none = CommandBody::SetQuota { root: "a".to_owned(), limits: Vec::new() };
    assert_eq!(parsed("SETQUOTA a ()"), none);
    unexpected(&["GETQUOTA", "SETQUOTA a", "SETQUOTA a (STORAGE)", "SETQUOTA a STORAGE 5"]);
}

#[test]
fn metadata_is_asked_with_options_on_either_side() {
    let entry = |text: &str| EntryName::new(text).expect("a name");
    let asked = |line: &str| match parsed(line) {
        CommandBody::GetMetadata(asked) => asked,
        other => panic!("{line}: {other:?}"),
    };
    // RFC 5464 §4.2.
    let server = asked("GETMETADATA \"\" /shared/comment");
    assert_eq!((server.mailbox, server.entries), (None, vec![entry("/shared/comment")]));
    let line = "GETMETADATA (MAXSIZE 1024 DEPTH infinity) INBOX (/shared/comment /private/x)";
    let front = asked(line);
    assert_eq!((front.max_size, front.depth), (Some(1_024), EntryDepth::Infinity));
    assert_eq!((front.mailbox, front.entries.len()), (Some(name("INBOX")), 2));
    let behind = asked("GETMETADATA \"INBOX\" (DEPTH 1) (/private/filters/values)");
    assert_eq!((behind.depth, behind.entries.len()), (EntryDepth::One, 1));
    assert_eq!(asked("GETMETADATA (DEPTH 0) a /shared/b").depth, EntryDepth::Zero);
    assert_eq!(refused("GETMETADATA a /other"), Fault::EntryName);
    assert_eq!(refused("GETMETADATA a (\"/shared/*\")"), Fault::EntryName);
    assert_eq!(refused("GETMETADATA (SIZE 5) a /shared/b"), Fault::UnknownOption("SIZE".into()));
    unexpected(&["GETMETADATA a", "GETMETADATA a ()", "GETMETADATA (DEPTH 2) a /shared/b"]);
}

#[test]
fn metadata_is_set_and_removed() {
    let entry = |text: &str, value: Option<&'static str>| MetadataEntry {
        name: EntryName::new(text).expect("a name"),
        value: value.map(|value| Bytes::from_static(value.as_bytes())),
    };
    // RFC 5464 §4.3.
    let line =
        "SETMETADATA INBOX (/private/comment {9}\r\nMy \0 note /SHARED/a NIL /shared/b \"\")";
    let line = line.replace("{9}", "~{9}");
    let CommandBody::SetMetadata(set) = parsed(&line) else { panic!("no SETMETADATA") };
    assert_eq!(set.mailbox, Some(name("INBOX")));
    let entries = [
        entry("/private/comment", Some("My \0 note")),
        entry("/shared/a", None),
        entry("/shared/b", Some("")),
    ];
    assert_eq!(set.entries, entries);
    unexpected(&["SETMETADATA a", "SETMETADATA a ()", "SETMETADATA a (/shared/b)"]);
    unexpected(&["SETMETADATA a (/shared/b c)", "SETMETADATA a /shared/b \"c\""]);
}
