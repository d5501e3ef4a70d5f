//! Tags, verbs, and the commands about the session itself.

use super::*;
use crate::codec::ID_FIELDS_MAX;

#[test]
fn every_verb_is_known_in_any_case() {
    for (wire, verb) in Verb::ALL {
        assert_eq!(Verb::from_name(wire.to_lowercase().as_bytes()), Some(verb));
        assert_eq!(verb.name(), wire);
        // Without arguments it may be wrong, but never unknown.
        let body = read(wire.to_lowercase().as_bytes(), NameEncoding::Utf8);
        match body {
            Ok(body) => assert_eq!(body.verb(), verb),
            Err(fault) => assert!(matches!(fault, Fault::Expected { .. }), "{wire}: {fault}"),
        }
    }
}

#[test]
fn commands_without_arguments_take_none() {
    for (line, body) in [
        ("CAPABILITY", CommandBody::Capability),
        ("noop", CommandBody::Noop),
        ("Logout", CommandBody::Logout),
        ("STARTTLS", CommandBody::StartTls),
        ("NAMESPACE", CommandBody::Namespace),
        ("IDLE", CommandBody::Idle),
        ("CHECK", CommandBody::Check),
        ("CLOSE", CommandBody::Close),
        ("UNSELECT", CommandBody::Unselect),
        ("EXPUNGE", CommandBody::Expunge),
    ] {
        assert_eq!(parsed(line), body);
        assert_eq!(parsed(&format!("{line}  ")), body, "spaces at the end are forgiven");
        unexpected(&[&format!("{line} now"), &format!("{line} {{1+}}\r\nx"), &format!("{line}(")]);
    }
}

#[test]
fn faults_come_with_the_tag_where_there_is_one() {
    let error = |line: &[u8]| Command::parse(&frame(line), NameEncoding::Utf8).expect_err("bad");
    for line in [b"".as_slice(), b" ", b" NOOP", b"* NOOP", b"a+ NOOP", b"\xff NOOP", b"(a) NOOP"] {
        assert_eq!(error(line), ParseError { tag: None, fault: Fault::Tag }, "{line:?}");
    }
    for (line, fault) in [
        ("t1", Fault::Tag),
        ("t1 ", Fault::UnknownCommand),
        ("t1  NOOP", Fault::UnknownCommand),
        ("t1 FLY", Fault::UnknownCommand),
        ("t1 NOOPS", Fault::UnknownCommand),
        ("t1 UID", Fault::Expected { expected: "a space", at: 7 }),
        ("t1 UID NOOP", Fault::UidOf),
        ("t1 UID UID FETCH 1 UID", Fault::UidOf),
        ("t1{3+}\r\nabc NOOP", Fault::Tag),
    ] {
        assert_eq!(error(line.as_bytes()), ParseError { tag: Tag::new(b"t1"), fault }, "{line}");
    }
}

#[test]
fn idle_ends_with_done() {
    assert!(parse_done(b"DONE") && parse_done(b"done"));
    assert!(!parse_done(b"DONE ") && !parse_done(b"a DONE") && !parse_done(b""));
}

#[test]
fn login_takes_any_kind_of_string() {
    let login = |login: &str, password: &str| {
        let password = Secret::new(password);
        CommandBody::Login(Login { login: login.to_owned(), password })
    };
    assert_eq!(parsed("LOGIN SMITH SESAME"), login("SMITH", "SESAME"));
    assert_eq!(parsed(r#"LOGIN "a b" "p\"q\\r""#), login("a b", "p\"q\\r"));
    // RFC 9051 §4.3 and §6.2.3.
    assert_eq!(parsed("LOGIN {11}\r\nFRED FOOBAR {7}\r\nfat man"), login("FRED FOOBAR", "fat man"));
    assert_eq!(parsed("LOGIN {4+}\r\na\r\nb {0+}\r\n"), login("a\r\nb", ""));
    assert_eq!(parsed("LOGIN a] p}+"), login("a]", "p}+"));
    assert_eq!(parsed("LOGIN \"é\" \"\tü\""), login("é", "\tü"));
    unexpected(&[
        "LOGIN",
        "LOGIN a",
        "LOGIN a ",
        "LOGIN  a b",
        "LOGIN a  b",
        "LOGIN a b c",
        "LOGIN a(b c",
        "LOGIN é p",
        "LOGIN \"a b",
        "LOGIN \"a\\b\" c",
        "LOGIN \"a\\\" c",
        "LOGIN a \"b\"c",
        "LOGIN {1+}\r\na{1+}\r\nb",
        "LOGIN ~{1+}\r\na b",
        "LOGIN a* b",
    ]);
    assert_eq!(read(b"LOGIN {2+}\r\na\0 b", NameEncoding::Utf8), Err(Fault::Nul));
    assert_eq!(read(b"LOGIN \"\xff\" b", NameEncoding::Utf8), Err(Fault::NotUtf8));
    assert!(!format!("{:?}", parsed("LOGIN anna secret-word")).contains("secret-word"));
}

#[test]
fn faults_point_at_the_octet() {
    let fault = refused("LOGIN \"anna\" (");
    assert_eq!(fault, Fault::Expected { expected: "a password", at: 17 });
    assert_eq!(fault.to_string(), "at octet 17: a password was expected");
}

#[test]
fn authenticate_may_bring_its_first_response() {
    let authenticate = |mechanism: &str, initial: Option<&str>| {
        let (mechanism, initial) = (mechanism.to_owned(), initial.map(Secret::new));
        CommandBody::Authenticate(Authenticate { mechanism, initial })
    };
    assert_eq!(parsed("AUTHENTICATE plain"), authenticate("PLAIN", None));
    // RFC 4959 §3 and §4.
    let line = "AUTHENTICATE PLAIN dGVzdAB0ZXN0AHRlc3Q=";
    assert_eq!(parsed(line), authenticate("PLAIN", Some("dGVzdAB0ZXN0AHRlc3Q=")));
    assert_eq!(parsed("AUTHENTICATE EXTERNAL ="), authenticate("EXTERNAL", Some("=")));
    assert_eq!(parsed("AUTHENTICATE SCRAM-SHA-256"), authenticate("SCRAM-SHA-256", None));
    unexpected(&["AUTHENTICATE", "AUTHENTICATE PLAIN  ", "AUTHENTICATE PLAIN a b"]);
    unexpected(&["AUTHENTICATE PLAIN \"a\"", "AUTHENTICATE PLAIN {1+}\r\na"]);
}

#[test]
fn enable_and_compress_name_what_they_mean() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(parsed("ENABLE condstore"), CommandBody::Enable(names(&["CONDSTORE"])));
    let both = CommandBody::Enable(names(&["UTF8=ACCEPT", "X-GOOD-IDEA"]));
    assert_eq!(parsed("ENABLE UTF8=ACCEPT X-GOOD-IDEA"), both);
    unexpected(&["ENABLE", "ENABLE ", "ENABLE (A)", "ENABLE A  B"]);
    assert_eq!(parsed("COMPRESS deflate"), CommandBody::CompressDeflate);
    assert_eq!(refused("COMPRESS GZIP"), Fault::Compression);
}

#[test]
fn id_names_the_client() {
    let field = |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
    assert_eq!(parsed("ID NIL"), CommandBody::Id(Vec::new()));
    assert_eq!(parsed("ID ()"), CommandBody::Id(Vec::new()));
    // RFC 2971 §3.1.
    let line = r#"ID ("name" "sodr" "version" "19.34" "vendor" NIL)"#;
    let fields = [("name", Some("sodr")), ("version", Some("19.34")), ("vendor", None)];
    let fields = fields.map(|(name, value)| field(name, value)).to_vec();
    assert_eq!(parsed(line), CommandBody::Id(fields));
    let nil = r#"ID ("name" "NIL")"#;
    assert_eq!(parsed(nil), CommandBody::Id(vec![field("name", Some("NIL"))]));
    unexpected(&["ID", "ID name", "ID (\"a\")", "ID (\"a\" \"b\"", "ID (a b)", "ID NILS"]);
    let fields = |n: usize| format!("ID ({})", vec!["\"a\" \"b\""; n].join(" "));
    assert!(matches!(parsed(&fields(ID_FIELDS_MAX)), CommandBody::Id(_)));
    assert_eq!(refused(&fields(ID_FIELDS_MAX + 1)), Fault::TooMany("fields"));
}
