//! The corpus of From lines: shapes that people's programs write, and tricks that make readers
//! disagree. Sources of the tricks: published attacks on mail authentication, RFC 5322's obsolete
//! grammar, and what mail servers were seen to do with short names.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::address::Domain;

mod tricks;

fn message(header: &str) -> Message {
    Message::parse(Bytes::from(format!("{header}\r\n\r\nbody\r\n"))).expect("a message")
}

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

#[test]
fn exactly_one_from_field_is_read() {
    let one = message("Subject: x\r\nfROM: Jean <jean@contoso.com>\r\nX-From: other@contoso.com");
    assert_eq!(read_author(&one).unwrap().address, address("jean@contoso.com"));
    assert_eq!(read_author(&message("Subject: x")), Err(AuthorError::Missing));
    let several = message("From: jean@contoso.com\r\nTo: x@y.z\r\nfrom: support@contoso.com");
    assert_eq!(read_author(&several), Err(AuthorError::SeveralFields));
    let same = message("From: jean@contoso.com\r\nFrom: jean@contoso.com");
    assert_eq!(read_author(&same), Err(AuthorError::SeveralFields));
}

#[test]
fn sender_may_be_missing_but_not_doubled() {
    assert_eq!(read_sender(&message("From: a@contoso.com")), Ok(None));
    let one = read_sender(&message("Sender: Jean <jean@contoso.com>")).unwrap().unwrap();
    assert_eq!(one.display_name.as_deref(), Some("Jean"));
    let two = message("Sender: a@contoso.com\r\nSENDER: b@contoso.com");
    assert_eq!(read_sender(&two), Err(AuthorError::SeveralFields));
}

#[test]
fn lists_have_mailboxes_only() {
    let list = read_mailbox_list(" Jean <jean@contoso.com>,\r\n \"M, D\" <m@contoso.com>, c@d.e");
    let names: Vec<_> =
        list.unwrap().iter().map(|a| (a.display_name.clone(), a.address.to_string())).collect();
    assert_eq!(
        names,
        [
            (Some("Jean".to_owned()), "jean@contoso.com".to_owned()),
            (Some("M, D".to_owned()), "m@contoso.com".to_owned()),
            (None, "c@d.e".to_owned()),
        ]
    );
    assert_eq!(read_mailbox_list(""), Err(AuthorError::Empty));
    assert_eq!(read_mailbox_list("a@b.c,"), Err(AuthorError::Empty));
    assert_eq!(read_mailbox_list("a@b.c,,d@e.f"), Err(AuthorError::SeveralMailboxes));
    assert_eq!(read_mailbox_list("Team: a@b.c;"), Err(AuthorError::Group));
    assert_eq!(read_mailbox_list("a@b.c d@e.f"), Err(AuthorError::TrailingText));
}

#[test]
fn limits_hold_at_their_edges() {
    let list = |count: usize| vec!["a@b.c"; count].join(",");
    assert_eq!(read_mailbox_list(&list(MAILBOXES_MAX)).map(|l| l.len()), Ok(MAILBOXES_MAX));
    assert_eq!(read_mailbox_list(&list(MAILBOXES_MAX + 1)), Err(AuthorError::TooManyMailboxes));

    let named = |chars: usize| format!("{} <a@b.c>", "n".repeat(chars));
    assert!(read_mailbox(&named(DISPLAY_NAME_CHARS_MAX)).is_ok());
    assert_eq!(read_mailbox(&named(DISPLAY_NAME_CHARS_MAX + 1)), Err(AuthorError::NameTooLong));

    let padded = |octets: usize| format!("{}a@b.c", " ".repeat(octets - 5));
    assert!(read_mailbox(&padded(MAILBOX_OCTETS_MAX)).is_ok());
    assert_eq!(read_mailbox(&padded(MAILBOX_OCTETS_MAX + 1)), Err(AuthorError::TooLong));
}

#[test]
fn utf8_is_told_but_not_refused() {
    let plain = read_mailbox("Jean <jean@contoso.com>").unwrap();
    assert!(!plain.has_utf8_name && !plain.needs_smtputf8());
    let name = read_mailbox("Jérôme <jean@contoso.com>").unwrap();
    assert!(name.has_utf8_name && !name.needs_smtputf8());
    let encoded = read_mailbox("=?utf-8?q?J=C3=A9r=C3=B4me?= <jean@contoso.com>").unwrap();
    assert!(!encoded.has_utf8_name);
    assert_eq!(encoded.display_name, name.display_name);
    assert!(read_mailbox("jérôme@contoso.com").unwrap().needs_smtputf8());
    // The domain is kept as A-labels, so it needs nothing.
    assert!(!read_mailbox("jean@bücher.example").unwrap().needs_smtputf8());
}

#[test]
fn addresses_in_display_names_are_found() {
    let found = |raw: &str| -> Vec<String> {
        let author = read_mailbox(raw).unwrap();
        author.display_name_addresses().iter().map(ToString::to_string).collect()
    };
    assert_eq!(found("\"support@contoso.com\" <j@contoso.com>"), ["support@contoso.com"]);
    assert_eq!(found("\"Help (support@CONTOSO.com.)\" <j@contoso.com>"), ["support@contoso.com"]);
    assert_eq!(found("=?utf-8?q?support=40contoso.com?= <j@contoso.com>"), ["support@contoso.com"]);
    assert_eq!(found("support＠contoso．com <j@contoso.com>"), ["support@contoso.com"]);
    assert_eq!(found("\"sup\u{200b}port @ contoso.com\" <j@c.com>"), ["support@contoso.com"]);
    // A charset we do not decode, but ASCII in it is ASCII.
    assert_eq!(found("=?shift_jis?q?support=40contoso.com?= <j@c.com>"), ["support@contoso.com"]);
    assert_eq!(found("\"a@b.c,d@e.f\" <j@contoso.com>"), ["a@b.c", "d@e.f"]);
    assert_eq!(found("\"Jean @ Contoso!\" <j@contoso.com>"), ["Jean@contoso"]);
    assert!(found("Jean Dupont <j@contoso.com>").is_empty());
    assert!(found("\"@@@\" <j@contoso.com>").is_empty());
    assert!(found("j@contoso.com").is_empty());
}

#[test]
fn authors_are_written_in_the_least_form_that_holds() {
    let to = address("jean@contoso.com");
    let written = |name: &str| write_author(Some(name), &to);
    assert_eq!(write_author(None, &to), "jean@contoso.com");
    assert_eq!(written(" "), "jean@contoso.com");
    assert_eq!(written("Jean Dupont"), "Jean Dupont <jean@contoso.com>");
    assert_eq!(written("Dupont, Jean"), "\"Dupont, Jean\" <jean@contoso.com>");
    assert_eq!(written("Jean \"JD\" \\"), "\"Jean \\\"JD\\\" \\\\\" <jean@contoso.com>");
    assert_eq!(written("Jean  Dupont"), "\"Jean  Dupont\" <jean@contoso.com>");
    assert_eq!(written("Jérôme D"), "=?utf-8?b?SsOpcsO0bWUgRA==?= <jean@contoso.com>");
    assert_eq!(written("=?utf-8?q?x?="), "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <jean@contoso.com>");
}

#[test]
fn nothing_is_injected_through_a_display_name() {
    let name = "Jean\r\nBcc: all@contoso.com\r\n\r\n\0<support@contoso.com>";
    let written = write_author(Some(name), &address("jean@contoso.com"));
    let lines: Vec<&str> = written.split("\r\n").collect();
    assert!(lines[1..].iter().all(|line| line.starts_with(' ')), "{written:?}");
    let author = read_mailbox(&written).unwrap();
    assert_eq!(author.address, address("jean@contoso.com"));
    assert_eq!(author.display_name.unwrap(), "JeanBcc: all@contoso.com<support@contoso.com>");
}

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z .,'\"\\\\()<>@=?_-]{0,80}",
        "\\PC{0,60}",
        "[a-z]{0,256}",
        "[éà日本 ]{0,256}",
        "(=\\?utf-8\\?[qb]\\?[A-Za-z0-9=_]{0,9}\\?= ?){1,4}",
        any::<String>(),
    ]
}

fn any_address() -> impl Strategy<Value = Address> {
    let local = prop_oneof![
        "[a-zA-Z0-9!#$%&'*+/=^_`{|}~-]{1,30}(\\.[a-z0-9]{1,9}){0,3}",
        "[a-z]{1,8} [a-z. ]{1,8}",
        "[éñ漢a-z]{1,12}",
    ];
    let domain = "[a-z0-9]{1,12}(\\.[a-z]{2,12}){0,3}";
    (local, domain).prop_filter_map("an address", |(local, domain)| {
        Address::new(&local, Domain::parse(&domain).ok()?).ok()
    })
}

/// Pieces that From lines are made of, so that random lines reach far into the grammar.
fn any_line() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "jean",
        "contoso.com",
        "@",
        "<",
        ">",
        "\"",
        "\\",
        "(",
        ")",
        ",",
        ";",
        ":",
        " ",
        "\r\n ",
        "\t",
        ".",
        "[",
        "]",
        "=?utf-8?q?",
        "=?utf-8?b?",
        "?=",
        "=40",
        "é",
        "[192.0.2.1]",
        "\r",
        "\n",
        "\0",
        "a@b.c",
        "<a@b.c>",
        "\"x\" ",
    ]);
    prop_oneof![prop::collection::vec(piece, 0..24).prop_map(|p| p.concat()), any::<String>()]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(name in any_name(), to in any_address()) {
        let written = write_author(Some(&name), &to);
        let read = read_mailbox(&written);
        prop_assert!(read.is_ok(), "{:?} {:?}", written, read);
        let read = read.unwrap();
        let kept: String =
            name.chars().filter(|c| !c.is_control()).take(DISPLAY_NAME_CHARS_MAX).collect();
        let kept = kept.trim_matches(' ');
        prop_assert_eq!(&read.address, &to);
        prop_assert!(!read.has_utf8_name);
        let expected = match parse::hides_address(kept) {
            true => kept.replace("=?", "=."),
            false => kept.to_owned(),
        };
        prop_assert_eq!(read.display_name.unwrap_or_default(), expected);
                // The address alone may be too long to fit on a line, the name never is.
        let is_short = |line: &str| line.len() <= 78 || line.trim_start().starts_with('<');
        prop_assert!(written.split("\r\n").all(is_short));
    }

    #[test]
    fn a_read_author_stays_the_same_when_written_anew(line in any_line()) {
        if let Ok(author) = read_mailbox(&line) {
            let anew = write_author(author.display_name.as_deref(), &author.address);
            let again = read_mailbox(&anew);
            prop_assert_eq!(again, Ok(Author { has_utf8_name: false, ..author.clone() }));
            prop_assert!(!author.display_name.unwrap_or_default().contains(char::is_control));
        }
    }

    #[test]
    fn no_line_makes_the_readers_panic(line in any_line()) {
        let one = read_mailbox(&line);
        let list = read_mailbox_list(&line);
        if let Ok(author) = &one {
            author.display_name_addresses();
            prop_assert_eq!(list, Ok(vec![author.clone()]));
        }
    }
}

/// Hostile shapes far beyond every limit: if the time grew with the square of their length, this
/// would take many minutes.
#[test]
fn reading_is_linear() {
    for piece in
        ["=?utf-8?q?", "=?", "\"\\\"", "a.", "(", "<", "a ", "=?utf-8?b?YQ==?= ", "@", "\r\n a"]
    {
        let long = piece.repeat(400_000 / piece.len());
        assert!(read_mailbox(&long).is_err());
        let _ = read_mailbox_list(&long);
        let author = Author { display_name: Some(long), ..Author::of(address("a@b.c")) };
        author.display_name_addresses();
    }
}
