//! SELECT, CREATE, LIST, STATUS, APPEND and what is near them.

use super::*;
use crate::codec::mailbox_name::MailboxNameError;
use crate::codec::{ListReturns, ListSelection};

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("from 1")
}

#[test]
fn select_reads_what_the_client_remembers() {
    let select = |is_condstore, qresync| {
        CommandBody::Select(Select { mailbox: name("INBOX"), is_condstore, qresync })
    };
    assert_eq!(parsed("SELECT inbox"), select(false, None));
    assert_eq!(parsed("SELECT INBOX (CONDSTORE)"), select(true, None));
    let remembered = |known: Option<&str>, matches: Option<(&str, &str)>| QresyncParameters {
        uid_validity: number(67_890_007),
        modseq: 90_060_115_194_045_000,
        known_uids: known.map(set),
        matches: matches.map(|(numbers, uids)| (set(numbers), set(uids))),
    };
    // RFC 7162 §3.2.5.
    for (arguments, known, matches) in [
        ("67890007 90060115194045000", None, None),
        ("67890007 90060115194045000 41,43:211,214:541", Some("41,43:211,214:541"), None),
        ("67890007 90060115194045000 41:211 (1,3 4,9)", Some("41:211"), Some(("1,3", "4,9"))),
        ("67890007 90060115194045000 (1,3 4,9)", None, Some(("1,3", "4,9"))),
    ] {
        let line = format!("SELECT INBOX (QRESYNC ({arguments}))");
        assert_eq!(parsed(&line), select(false, Some(remembered(known, matches))), "{line}");
    }
    let line = "EXAMINE INBOX (CONDSTORE QRESYNC (1 2))";
    let CommandBody::Examine(examine) = parsed(line) else { panic!("no EXAMINE") };
    assert!(examine.is_condstore && examine.qresync.is_some());
    unexpected(&[
        "SELECT",
        "SELECT a b",
        "SELECT INBOX ()",
        "SELECT INBOX (CONDSTORE",
        "SELECT INBOX (QRESYNC)",
        "SELECT INBOX (QRESYNC (0 5))",
        "SELECT INBOX (QRESYNC (5 0))",
        "SELECT INBOX (QRESYNC (5))",
        "SELECT INBOX (QRESYNC (4294967296 1))",
        "SELECT INBOX (QRESYNC (1 9223372036854775808))",
        "SELECT INBOX (QRESYNC (1 2 (3)))",
        "SELECT INBOX (QRESYNC (1 2 3 4))",
    ]);
    assert_eq!(refused("SELECT a (QRESYNC (1 2 1:*))"), Fault::LastNotAllowed);
    assert_eq!(refused("SELECT a (QRESYNC (1 2) QRESYNC (1 2))"), Fault::Repeated("QRESYNC"));
    assert_eq!(refused("SELECT a (FAST)"), Fault::UnknownOption("FAST".to_owned()));
}

#[test]
fn names_follow_the_session() {
    let delete = |line: &str, encoding| read(format!("DELETE {line}").as_bytes(), encoding);
    let (old, new) = (NameEncoding::ModifiedUtf7, NameEncoding::Utf8);
    assert_eq!(delete("Entw&APw-rfe", old), Ok(CommandBody::Delete(name("Entwürfe"))));
    assert_eq!(delete("\"Entwürfe\"", new), Ok(CommandBody::Delete(name("Entwürfe"))));
    assert_eq!(delete("R&D", new), Ok(CommandBody::Delete(name("R&D"))));
    assert_eq!(delete("{2+}\r\n&-", old), Ok(CommandBody::Delete(name("&"))));
    for line in ["R&D", "\"Entwürfe\"", "&Jjo!"] {
        let fault = delete(line, old).expect_err(line);
        assert!(matches!(fault, Fault::MailboxName(MailboxNameError::ModifiedUtf7(_))), "{line}");
    }
    assert_eq!(delete("\"\"", old), Err(Fault::MailboxName(MailboxNameError::Empty)));
    let not_utf8 = read(b"DELETE \"\xff\"", new);
    assert_eq!(not_utf8, Err(Fault::MailboxName(MailboxNameError::NotUtf8)));
}

#[test]
fn commands_on_one_or_two_mailboxes() {
    let a = || name("a/b");
    assert_eq!(parsed("DELETE a/b"), CommandBody::Delete(a()));
    assert_eq!(parsed("SUBSCRIBE a/b"), CommandBody::Subscribe(a()));
    assert_eq!(parsed("UNSUBSCRIBE \"a/b\""), CommandBody::Unsubscribe(a()));
    assert_eq!(parsed("GETACL a/b"), CommandBody::GetAcl(a()));
    let renamed = CommandBody::Rename { from: a(), to: name("c d") };
    assert_eq!(parsed("RENAME a/b \"c d\""), renamed);
    unexpected(&["DELETE", "DELETE a b", "RENAME a", "RENAME a b c", "DELETE a*", "DELETE %"]);
}

#[test]
fn create_may_say_what_for() {
    let create = |special_uses: &[SpecialUse]| {
        CommandBody::Create(Create {
            mailbox: name("MySpecial"),
            special_uses: special_uses.to_vec(),
        })
    };
    assert_eq!(parsed("CREATE MySpecial"), create(&[]));
    // RFC 6154 §5.3.
    let uses = [SpecialUse::Drafts, SpecialUse::Sent];
    assert_eq!(parsed("CREATE MySpecial (USE (\\Drafts \\sent))"), create(&uses));
    assert_eq!(parsed("CREATE MySpecial (USE ())"), create(&[]));
    let fault = refused("CREATE MySpecial (USE (\\NewName))");
    assert_eq!(fault, Fault::UnknownOption("NewName".to_owned()));
    unexpected(&[
        "CREATE a (USE",
        "CREATE a (USE \\Sent)",
        "CREATE a (X)",
        "CREATE a (USE (Sent))",
    ]);
}

#[test]
fn list_reads_old_and_new_forms() {
    let list = |line: &str| match parsed(line) {
        CommandBody::List(list) => list,
        other => panic!("{line}: {other:?}"),
    };
    let plain = list("LIST \"\" \"\"");
    assert_eq!((plain.reference.as_str(), plain.patterns.as_slice()), ("", &[String::new()][..]));
    assert!(!plain.is_extended);
    let plain = list("LIST ~/Mail/ %/&AOk-*");
    assert_eq!((plain.reference.as_str(), plain.patterns[0].as_str()), ("~/Mail/", "%/é*"));
    // RFC 5258 §5, RFC 5819 §3, RFC 6154 §5.
    let wide = list(r#"LIST (SUBSCRIBED RECURSIVEMATCH) "" ("INBOX" "Drafts" Sent/%)"#);
    assert!(wide.is_extended);
    assert_eq!(wide.patterns, ["INBOX", "Drafts", "Sent/%"]);
    let both = ListSelection::SUBSCRIBED.with(ListSelection::RECURSIVE_MATCH);
    assert_eq!(wide.selection, both);
    let returns = "RETURN (SUBSCRIBED CHILDREN SPECIAL-USE MYRIGHTS STATUS (MESSAGES UNSEEN))";
    let asked = list(&format!("LIST () \"\" % {returns}"));
    let expected = ListReturns {
        is_subscribed: true,
        has_children: true,
        is_special_use: true,
        has_my_rights: true,
        status: vec![StatusItem::Messages, StatusItem::Unseen],
    };
    assert_eq!((asked.returns, asked.selection), (expected, ListSelection::default()));
    assert!(list("LIST \"\" * return ()").is_extended);
    let alone = Fault::Needs("RECURSIVEMATCH", "SUBSCRIBED");
    assert_eq!(refused("LIST (RECURSIVEMATCH REMOTE) \"\" %"), alone);
    assert_eq!(refused("LIST (NEW) \"\" %"), Fault::UnknownOption("NEW".to_owned()));
    assert_eq!(refused("LIST \"\" % RETURN (NEW)"), Fault::UnknownOption("NEW".to_owned()));
    unexpected(&["LIST", "LIST \"\"", "LIST \"\" ()", "LIST \"\" % (CHILDREN)", "LIST \"\" % X"]);
    unexpected(&["LIST \"\" % RETURN", "LIST \"\" % RETURN (STATUS)", "LIST * %", "LIST(A) a b"]);
    let lsub = CommandBody::Lsub { reference: "#news.".to_owned(), pattern: "c%.*".to_owned() };
    assert_eq!(parsed("LSUB \"#news.\" \"c%.*\""), lsub);
}

#[test]
fn status_items_have_names() {
    for (wire, item) in StatusItem::ALL {
        let expected = CommandBody::Status { mailbox: name("INBOX"), items: vec![item] };
        assert_eq!(parsed(&format!("STATUS inbox ({})", wire.to_lowercase())), expected);
    }
    let CommandBody::Status { items, .. } = parsed("STATUS blurdybloop (UIDNEXT MESSAGES)") else {
        panic!("no STATUS")
    };
    assert_eq!(items, [StatusItem::UidNext, StatusItem::Messages]);
    unexpected(&["STATUS a", "STATUS a ()", "STATUS a MESSAGES", "STATUS a (MESSAGES UNSEEN"]);
    assert_eq!(refused("STATUS a (SEEN)"), Fault::UnknownOption("SEEN".to_owned()));
}

fn appended(line: &str) -> Vec<AppendMessage> {
    match parsed(line) {
        CommandBody::Append(append) => {
            assert_eq!(append.mailbox, name("saved-messages"));
            append.messages
        }
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn append_takes_messages_with_flags_and_dates() {
    let message = |content: &'static str, is_literal8| AppendMessage {
        flags: Vec::new(),
        internal_at_ms: None,
        content: Bytes::from_static(content.as_bytes()),
        is_literal8,
    };
    assert_eq!(appended("APPEND saved-messages {3}\r\nabc"), [message("abc", false)]);
    assert_eq!(appended("APPEND saved-messages {0+}\r\n"), [message("", false)]);
    assert_eq!(appended("APPEND saved-messages ~{3+}\r\na\0b"), [message("a\0b", true)]);
    assert_eq!(appended("APPEND saved-messages UTF8 (~{1+}\r\nx)"), [message("x", true)]);
    let line = "APPEND saved-messages (\\Seen $Work) \"17-Jul-1996 02:44:25 -0700\" {2}\r\nab";
    let keyword = Flag::Keyword(crate::codec::Keyword::new("$Work").expect("a keyword"));
    let full = AppendMessage {
        flags: vec![Flag::Seen, keyword],
        internal_at_ms: Some(837_596_665_000),
        ..message("ab", false)
    };
    assert_eq!(appended(line), std::slice::from_ref(&full));
    // RFC 3502 §6.3.11: several at once.
    let line = format!("{line} () {{1+}}\r\nc (\\Seen $Work) \"17-Jul-1996 09:44:25 +0000\" {{2}}");
    let several = appended(&format!("{line}\r\nab"));
    assert_eq!(several, [full.clone(), message("c", false), full]);
    unexpected(&[
        "APPEND a",
        "APPEND a ",
        "APPEND a abc",
        "APPEND a (\\Seen)",
        "APPEND a \\Seen {1}\r\nx",
        "APPEND a {1}\r\nx y",
        "APPEND a {1}\r\nx {1}\r\ny ()",
        "APPEND a {1}\r\nx{1}\r\ny",
        "APPEND a UTF8 {1}\r\nx",
        "APPEND a UTF8 (~{1}\r\nx",
        "APPEND a CATENATE (URL \"x\")",
    ]);
    assert_eq!(refused("APPEND a \"yesterday\" {1}\r\nx"), Fault::DateTime);
    assert_eq!(refused("APPEND a (\\Recent) {1}\r\nx"), Fault::UnknownFlag);
}
