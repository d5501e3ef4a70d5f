//! Command lines, right and wrong.

use mail::Address;
use proptest::prelude::*;

use super::*;
use crate::envelope::{Body, NotifyEvents, ReturnContent};

fn parsed(line: &str) -> Command {
    Command::parse(line.as_bytes()).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn refused(line: &str) -> ParseError {
    Command::parse(line.as_bytes()).expect_err(line)
}

fn mail(line: &str) -> MailParameters {
    let Command::Mail(mail) = parsed(line) else { panic!("{line} is no MAIL") };
    mail
}

fn rcpt(line: &str) -> Rcpt {
    let Command::Rcpt(rcpt) = parsed(line) else { panic!("{line} is no RCPT") };
    rcpt
}

#[test]
fn verbs_are_taken_in_any_case_and_with_trailing_space() {
    for line in ["RSET", "rset", "RsEt  ", "RSET\t"] {
        assert_eq!(parsed(line), Command::Reset, "{line:?}");
    }
    assert_eq!(parsed("noop whatever you like"), Command::Noop);
    assert_eq!(parsed("HELP MAIL"), Command::Help);
    assert_eq!(parsed("STARTTLS"), Command::StartTls);
    assert_eq!(parsed("VRFY anna"), Command::Verify);
    assert_eq!(parsed("EXPN list"), Command::Expand);
}

#[test]
fn verbs_without_arguments_take_none() {
    for line in ["RSET now", "QUIT x", "DATA 5", "STARTTLS please"] {
        assert!(matches!(refused(line), ParseError::Expected { .. }), "{line}");
    }
    assert_eq!(refused("VRFY"), ParseError::Expected { expected: "a name", at: 5 });
}

#[test]
fn greetings_keep_the_name_the_client_claims() {
    let hello = |verb, name: &str| Command::Hello(Hello { verb, name: name.to_owned() });
    assert_eq!(parsed("EHLO client.test"), hello(HelloVerb::Ehlo, "client.test"));
    assert_eq!(parsed("helo my_pc"), hello(HelloVerb::Helo, "my_pc"));
    assert_eq!(parsed("EHLO [IPv6:2001:db8::1]"), hello(HelloVerb::Ehlo, "[IPv6:2001:db8::1]"));
    for line in ["EHLO", "EHLO a b", "EHLO <script>", "HELO a(b", "EHLO a;b"] {
        assert!(matches!(refused(line), ParseError::Expected { .. }), "{line}");
    }
    let longest = format!("EHLO {}", "a".repeat(HELLO_NAME_OCTETS_MAX));
    assert!(Command::parse(longest.as_bytes()).is_ok());
    assert!(Command::parse(format!("{longest}a").as_bytes()).is_err());
}

#[test]
fn mail_reads_paths_and_parameters() {
    assert_eq!(mail("MAIL FROM:<>").reverse_path, mail::ReversePath::Null);
    assert_eq!(mail("mail from: <a@b.test>").reverse_path.to_string(), "a@b.test");
    assert_eq!(mail(r#"MAIL FROM:<"a>b c"@d.test>"#).reverse_path.to_string(), r#""a>b c"@d.test"#);
    let full =
        mail("MAIL FROM:<a@b.test> SIZE=12 body=8bitmime SMTPUTF8 RET=HDRS ENVID=q+2B1 AUTH=<>");
    assert_eq!(full.size_octets, Some(12));
    assert_eq!(full.body, Body::EightBitMime);
    assert!(full.smtputf8);
    assert_eq!(full.ret, Some(ReturnContent::Headers));
    assert_eq!(full.envelope_id.as_deref(), Some("q+1"));
}

#[test]
fn mail_refuses_what_is_no_path() {
    for line in ["MAIL", "MAIL FROM", "MAIL FROM:", "MAIL FROM:a@b.test", "MAIL TO:<a@b.test>"] {
        assert!(matches!(refused(line), ParseError::Expected { .. }), "{line}");
    }
    for line in ["MAIL FROM:<a@b.test", "MAIL FROM:<a@b.test>SIZE=1", r#"MAIL FROM:<"a@b.test>"#] {
        assert!(matches!(refused(line), ParseError::Expected { .. }), "{line}");
    }
    assert_eq!(refused("MAIL FROM:<anna>"), ParseError::ReversePath(AddressError::NoAt));
    assert_eq!(refused("MAIL FROM:<@a.test:b@c.test>"), ParseError::SourceRoute);
    assert_eq!(refused("RCPT TO:<@a.test,@d.test:b@c.test>"), ParseError::SourceRoute);
    assert_eq!(refused("RCPT TO:<>"), ParseError::ForwardPath(AddressError::NoAt));
}

#[test]
fn parameters_are_strict() {
    let after_mail = |parameters: &str| refused(&format!("MAIL FROM:<a@b.test> {parameters}"));
    assert_eq!(after_mail("SIZE=1 SIZE=1"), ParseError::RepeatedParameter("SIZE"));
    for (text, name) in [
        ("SIZE=", "SIZE"),
        ("SIZE", "SIZE"),
        ("SIZE=-1", "SIZE"),
        ("SIZE=123456789012345678901", "SIZE"),
        ("BODY=9BIT", "BODY"),
        ("RET=SOME", "RET"),
        ("ENVID=", "ENVID"),
        ("ENVID=a+0A", "ENVID"),
        ("ENVID=a=b", "ENVID"),
        ("SMTPUTF8=1", "SMTPUTF8"),
        ("AUTH=a+zz", "AUTH"),
    ] {
        assert_eq!(after_mail(text), ParseError::ParameterValue(name), "{text}");
    }
    assert_eq!(after_mail("BODY=BINARYMIME"), ParseError::ValueNotOffered("BODY"));
    assert_eq!(after_mail("X-Own=1"), ParseError::UnknownParameter("X-Own".to_owned()));
    let after_rcpt = |parameters: &str| refused(&format!("RCPT TO:<a@b.test> {parameters}"));
    for text in ["NOTIFY=NEVER,FAILURE", "NOTIFY=", "NOTIFY=FAILURE,", "NOTIFY=SOON"] {
        assert_eq!(after_rcpt(text), ParseError::ParameterValue("NOTIFY"), "{text}");
    }
    for text in ["ORCPT=", "ORCPT=a@b.test", "ORCPT=;a@b", "ORCPT=rfc822;", "ORCPT=rfc822;a+0Ab"] {
        assert_eq!(after_rcpt(text), ParseError::ParameterValue("ORCPT"), "{text}");
    }
}

#[test]
fn parameters_end_at_their_limits() {
    let envid = |octets: usize| format!("MAIL FROM:<a@b.test> ENVID={}", "e".repeat(octets));
    assert!(Command::parse(envid(100).as_bytes()).is_ok());
    assert!(Command::parse(envid(101).as_bytes()).is_err());
    let orcpt = |octets: usize| {
        format!("RCPT TO:<a@b.test> ORCPT=rfc822;{}", "o".repeat(octets - "rfc822;".len()))
    };
    assert!(Command::parse(orcpt(500).as_bytes()).is_ok());
    assert!(Command::parse(orcpt(501).as_bytes()).is_err());
    assert_eq!(mail("MAIL FROM:<> SIZE=99999999999999999999").size_octets, Some(u64::MAX));
}

#[test]
fn rcpt_reads_recipients_and_wishes() {
    let address = Address::parse("anna@example.org").unwrap();
    let plain = rcpt("RCPT TO:<anna@example.org>");
    assert_eq!(plain.to, RecipientPath::Address(address));
    assert_eq!(plain.notify, Notify::Unstated);
    assert_eq!(rcpt("RCPT TO:<PostMaster>").to, RecipientPath::Postmaster);
    let full = rcpt("rcpt to:<a@b.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bob+2Bx@Example.COM");
    let Notify::On(events) = full.notify else { panic!("events expected") };
    assert!(events.contains(NotifyEvents::SUCCESS) && events.contains(NotifyEvents::DELAY));
    assert!(!events.contains(NotifyEvents::FAILURE));
    let original = full.original.unwrap();
    assert_eq!(original.address_type, "rfc822");
    assert_eq!(original.address, "Bob+x@Example.COM");
    assert_eq!(rcpt("RCPT TO:<a@b.test> NOTIFY=never").notify, Notify::Never);
}

#[test]
fn addresses_outside_ascii_need_smtputf8() {
    assert_eq!(refused("MAIL FROM:<zoé@b.test>"), ParseError::NeedsSmtputf8);
    assert!(mail("MAIL FROM:<zoé@b.test> SMTPUTF8").smtputf8);
    assert!(!rcpt("RCPT TO:<zoé@b.test>").is_ascii);
    assert!(rcpt("RCPT TO:<zoe@b.test>").is_ascii);
    assert_eq!(Command::parse(b"MAIL FROM:<zo\xe9@b.test>"), Err(ParseError::NotUtf8));
}

#[test]
fn bdat_reads_sizes_and_nothing_else() {
    let chunk = |octets, is_last| Command::Bdat(Chunk { octets, is_last });
    assert_eq!(parsed("BDAT 86"), chunk(86, false));
    assert_eq!(parsed("bdat 0 last"), chunk(0, true));
    for line in ["BDAT", "BDAT x", "BDAT -1", "BDAT 1 FIRST", "BDAT 0x10", "BDAT 1 LAST 2"] {
        assert_eq!(refused(line), ParseError::ChunkSize, "{line}");
    }
}

#[test]
fn auth_keeps_the_response_out_of_debug_output() {
    let command = parsed("AUTH plain AGEAc2VjcmV0");
    let Command::Auth(auth) = &command else { panic!("no AUTH") };
    assert_eq!(auth.mechanism, Some(Mechanism::Plain));
    assert_eq!(auth.initial.as_ref().unwrap().expose(), "AGEAc2VjcmV0");
    assert!(!format!("{command:?}").contains("AGEAc2VjcmV0"));
    let Command::Auth(unknown) = parsed("AUTH CRAM-MD5") else { panic!("no AUTH") };
    assert_eq!(unknown, Auth { mechanism: None, initial: None });
    assert!(matches!(refused("AUTH PLAIN a b"), ParseError::Expected { .. }));
}

#[test]
fn other_protocols_are_recognised() {
    for line in ["GET / HTTP/1.1", "post /x HTTP/1.0", "CONNECT a:25 HTTP/1.1", "\u{16}\u{3}\u{1}"]
    {
        assert_eq!(refused(line), ParseError::ForeignProtocol, "{line:?}");
    }
    for line in ["Host: localhost", "", "GETTER", "FOO", " MAIL FROM:<>"] {
        assert_eq!(refused(line), ParseError::UnknownVerb, "{line:?}");
    }
}

#[test]
fn control_characters_spoil_a_line() {
    for line in ["MAIL FROM:<a\0@b.test>", "NOOP a\rRSET", "EHLO a\u{7f}"] {
        assert_eq!(refused(line), ParseError::ControlCharacter, "{line:?}");
    }
}

#[test]
fn the_longest_unknown_name_is_cut() {
    let line = format!("MAIL FROM:<> {}<>=1", "X".repeat(100));
    assert_eq!(refused(&line), ParseError::UnknownParameter("X".repeat(32)));
}

proptest! {
    #[test]
    fn any_octets_are_read_without_panic(line in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Command::parse(&line);
    }

    #[test]
    fn any_arguments_are_read_without_panic(
        verb in "(MAIL FROM:|RCPT TO:|BDAT |AUTH |EHLO )",
        text in "[<>@a-z\"\\\\;=+é .0-9A-Z]{0,60}"
    ) {
        let _ = Command::parse(format!("{verb}{text}").as_bytes());
    }
}
