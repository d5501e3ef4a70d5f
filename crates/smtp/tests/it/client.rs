//! The client against our own server, and against servers that are scripted to be difficult.

use std::time::Duration;

use bytes::Bytes;
use mail::{Address, ReversePath};
use proptest::prelude::*;
use smtp::client::{
    ClientError, ClientSettings, Extension, Gone, Opening, RecipientOutcome, Session, Severity,
    Stage, Unsendable,
};
use smtp::codec::ContentFault;
use smtp::server::{self, Role, ServerSettings, TlsFacts};
use smtp::{
    Envelope, MailParameters, Notify, NotifyEvents, OriginalRecipient, RecipientParameters,
    ReturnContent, Secret,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::fake::Fake;

fn envelope(to: &[&str]) -> Envelope {
    let sender = Address::parse("x@client.test").unwrap();
    let mut envelope = Envelope::new(MailParameters::new(ReversePath::Address(sender)));
    for address in to {
        envelope = envelope.with(RecipientParameters::new(Address::parse(address).unwrap()));
    }
    envelope
}

fn settings() -> ClientSettings {
    ClientSettings::new("client.test")
}

fn message() -> Bytes {
    Bytes::from_static(b"Subject: x\r\n\r\n.dot\r\n")
}

/// Our own server at the other end.
fn own_server(settings: ServerSettings, opening: server::Opening) -> (DuplexStream, Fake) {
    let (client, mut stream) = tokio::io::duplex(1 << 16);
    let backend = Fake::new();
    let mut used = backend.clone();
    tokio::spawn(async move {
        let (_shutdown, is_down) = watch::channel(false);
        let mut opening = opening;
        while let server::Ended::StartTls(plain) =
            server::serve(stream, opening, &mut used, &settings, is_down.clone()).await
        {
            stream = plain;
            opening = server::Opening::AfterStartTls(TlsFacts::default());
        }
    });
    (client, backend)
}

fn reception() -> ServerSettings {
    ServerSettings::new("mx.example.org", Role::Reception)
}

/// A server that reads up to each `expect`ed text, then says what belongs to it, then closes. Gives
/// what it read in all.
fn scripted(script: &'static [(&'static str, &'static str)]) -> (DuplexStream, JoinHandle<String>) {
    let (client, mut stream) = tokio::io::duplex(1 << 16);
    let server = tokio::spawn(async move {
        let mut all = String::new();
        let mut used = 0;
        for (expected, answer) in script {
            let at = loop {
                if let Some(at) = all[used..].find(expected) {
                    break at;
                }
                let mut octets = [0; 1024];
                match stream.read(&mut octets).await.unwrap() {
                    0 => return all,
                    read => all.push_str(std::str::from_utf8(&octets[..read]).unwrap()),
                }
            };
            used += at + expected.len();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        all
    });
    (client, server)
}

const HELLO: (&str, &str) = ("", "220 mx.test\r\n");
const SIMPLE: (&str, &str) = ("EHLO client.test\r\n", "250 mx.test\r\n");
const PIPELINING: (&str, &str) =
    ("EHLO client.test\r\n", "250-mx.test\r\n250-PIPELINING\r\n250 SIZE 1000\r\n");

async fn opened(stream: DuplexStream) -> Session<DuplexStream> {
    Session::open(stream, Opening::Clear, &settings()).await.unwrap()
}

fn codes(outcomes: &[RecipientOutcome]) -> Vec<String> {
    let code = |outcome: &RecipientOutcome| match outcome {
        RecipientOutcome::Accepted(reply) => format!("accepted {}", reply.code),
        RecipientOutcome::Deferred(reply) => format!("deferred {}", reply.code),
        RecipientOutcome::Refused(reply) => format!("refused {}", reply.code),
        RecipientOutcome::Unsendable(why) => format!("unsendable: {why}"),
    };
    outcomes.iter().map(code).collect()
}

#[tokio::test(start_paused = true)]
async fn messages_reach_our_own_server() {
    let (stream, backend) = own_server(reception(), server::Opening::Clear);
    let mut session = opened(stream).await;
    let to = ["anna@example.org", "nobody@example.org", "full@example.org", "bob@example.org"];
    let mut wishes = envelope(&to);
    wishes.mail.ret = Some(ReturnContent::Headers);
    wishes.mail.envelope_id = Some("a+b".to_owned());
    wishes.recipients[0].notify = Notify::On(NotifyEvents::SUCCESS.with(NotifyEvents::DELAY));
    wishes.recipients[0].original = Some(OriginalRecipient {
        address_type: "rfc822".to_owned(),
        address: "Anna=Old@client.test".to_owned(),
    });
    for _ in 0..2 {
        let sent = session.transmit(&wishes, &message()).await.unwrap();
        assert_eq!(
            codes(&sent.recipients),
            ["accepted 250", "refused 550", "deferred 452", "accepted 250"]
        );
    }
    session.quit().await;
    let messages = backend.messages();
    assert_eq!(messages.len(), 2);
    let (arrived, content) = &messages[1];
    assert_eq!(content, &message());
    assert_eq!(arrived.mail.size_octets, Some(message().len() as u64));
    assert_eq!(arrived.mail.ret, wishes.mail.ret);
    assert_eq!(arrived.mail.envelope_id, wishes.mail.envelope_id);
    assert_eq!(arrived.recipients[0], wishes.recipients[0]);
    assert_eq!(arrived.recipients[1], wishes.recipients[3]);
}

#[tokio::test(start_paused = true)]
async fn a_transaction_without_recipients_does_not_spoil_the_next() {
    let (stream, backend) = own_server(reception(), server::Opening::Clear);
    let mut session = opened(stream).await;
    let sent = session.transmit(&envelope(&["nobody@example.org"]), &message()).await.unwrap();
    assert_eq!(codes(&sent.recipients), ["refused 550"]);
    let sent = session.transmit(&envelope(&["anna@example.org"]), &message()).await.unwrap();
    assert_eq!(codes(&sent.recipients), ["accepted 250"]);
    assert_eq!(backend.messages().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_recipients_are_sent_in_groups() {
    let (stream, backend) = own_server(reception(), server::Opening::Clear);
    let mut session = opened(stream).await;
    let to = vec!["anna@example.org"; 1000];
    let sent = session.transmit(&envelope(&to), &message()).await.unwrap();
    assert_eq!(sent.recipients.len(), 1000);
    assert!(codes(&sent.recipients).iter().all(|code| code == "accepted 250"));
    assert_eq!(backend.messages()[0].0.recipients.len(), 1000);
}

#[tokio::test(start_paused = true)]
async fn starttls_and_login_open_a_submission() {
    let submission = ServerSettings::new("mx.example.org", Role::Submission);
    let (stream, backend) = own_server(submission, server::Opening::Clear);
    let mut session = opened(stream).await;
    let secret = Secret::new("secret");
    let refused = session.authenticate("anna", &secret).await.unwrap_err();
    assert!(matches!(refused, ClientError::AuthInTheClear));
    assert_eq!(refused.severity(), Severity::Permanent);
    let stream = session.starttls().await.unwrap();
    let mut session = Session::open(stream, Opening::AfterStartTls, &settings()).await.unwrap();
    assert!(!session.extensions().offers(Extension::StartTls));
    let wrong = session.authenticate("anna", &Secret::new("wrong")).await.unwrap_err();
    assert!(matches!(wrong, ClientError::Refused { stage: Stage::Auth, .. }), "{wrong}");
    session.authenticate("anna", &secret).await.unwrap();
    let sent = session.transmit(&envelope(&["anna@example.org"]), &message()).await.unwrap();
    assert_eq!(codes(&sent.recipients), ["accepted 250"]);
    assert_eq!(backend.messages().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn auth_login_is_spoken_where_plain_is_not_offered() {
    let (stream, server) = scripted(&[
        HELLO,
        ("EHLO client.test\r\n", "250-mx.test\r\n250 AUTH LOGIN\r\n"),
        ("AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n"),
        ("YW5uYQ==\r\n", "334 UGFzc3dvcmQ6\r\n"),
        ("c2VjcmV0\r\n", "235 OK\r\n"),
    ]);
    let mut session = Session::open(stream, Opening::ImplicitTls, &settings()).await.unwrap();
    session.authenticate("anna", &Secret::new("secret")).await.unwrap();
    drop(session);
    server.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn helo_is_said_to_old_servers_and_nothing_is_sent_ahead() {
    let (stream, server) = scripted(&[
        ("", "220-mx.test\r\n220-several\r\n220 lines\r\n"),
        ("EHLO client.test\r\n", "502 what?\r\n"),
        ("HELO client.test\r\n", "250 hi\r\n"),
        ("MAIL FROM:<x@client.test>\r\n", "250\r\n"),
        ("RCPT TO:<a@b.test>\r\n", "251 will forward\r\n"),
        ("RCPT TO:<c@b.test>\r\n", "552 too many\r\n"),
        ("DATA\r\n", "354 go\r\n"),
        ("Subject: x\r\n\r\n..dot\r\n.\r\n", "250-2.0.0 well\r\n250 2.0.0 done\r\n"),
    ]);
    let mut session = opened(stream).await;
    let sent = session.transmit(&envelope(&["a@b.test", "c@b.test"]), &message()).await.unwrap();
    assert_eq!(codes(&sent.recipients), ["accepted 250", "deferred 552"]);
    let RecipientOutcome::Accepted(reply) = &sent.recipients[0] else { panic!("not accepted") };
    assert_eq!(reply.to_string(), "250 2.0.0 well done");
    server.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_refused_sender_decides_for_all() {
    let (stream, server) = scripted(&[
        HELLO,
        SIMPLE,
        ("MAIL FROM:<x@client.test>\r\n", "451-4.7.1 Greylisted\r\n451 4.7.1 Come again\r\n"),
        ("RSET\r\n", "250 OK\r\n"),
        ("MAIL FROM:<x@client.test>\r\n", "550 5.7.1 No\r\n"),
        ("QUIT\r\n", "221 bye\r\n"),
    ]);
    let mut session = opened(stream).await;
    let to = envelope(&["a@b.test", "c@b.test"]);
    let sent = session.transmit(&to, &message()).await.unwrap();
    assert_eq!(codes(&sent.recipients), ["deferred 451", "deferred 451"]);
    let sent = session.transmit(&to, &message()).await.unwrap();
    assert_eq!(codes(&sent.recipients), ["refused 550", "refused 550"]);
    session.quit().await;
    assert!(!server.await.unwrap().contains("RCPT"));
}

#[tokio::test(start_paused = true)]
async fn a_354_for_nobody_gets_a_lone_dot() {
    let (stream, server) = scripted(&[
        HELLO,
        PIPELINING,
        ("DATA\r\n", "250 OK\r\n550 5.1.1 who?\r\n354 go\r\n"),
        (".\r\n", "554 no recipients\r\n"),
        ("DATA\r\n", "250 OK\r\n250 OK\r\n354 go\r\n"),
        ("\r\n.\r\n", "250 OK\r\n"),
    ]);
    let mut session = opened(stream).await;
    for expected in ["refused 550", "accepted 250"] {
        let sent = session.transmit(&envelope(&["a@b.test"]), &message()).await.unwrap();
        assert_eq!(codes(&sent.recipients), [expected]);
    }
    let said = server.await.unwrap();
    assert_eq!(said.matches("Subject").count(), 1, "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_data_and_refused_content_decide() {
    let (stream, _server) = scripted(&[
        HELLO,
        PIPELINING,
        ("DATA\r\n", "250 OK\r\n250 OK\r\n452 4.3.1 full\r\n"),
        ("RSET\r\n", "250 OK\r\n"),
        ("DATA\r\n", "250 OK\r\n250 OK\r\n354 go\r\n"),
        ("\r\n.\r\n", "554 5.6.0 spam\r\n"),
    ]);
    let mut session = opened(stream).await;
    for expected in ["deferred 452", "refused 554"] {
        let sent = session.transmit(&envelope(&["a@b.test"]), &message()).await.unwrap();
        assert_eq!(codes(&sent.recipients), [expected]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_421_defers_and_ends() {
    let (stream, _server) = scripted(&[
        HELLO,
        PIPELINING,
        ("DATA\r\n", "250 OK\r\n250 OK\r\n550 5.1.1 who?\r\n421 4.3.2 going down\r\n"),
    ]);
    let mut session = opened(stream).await;
    let to = envelope(&["a@b.test", "c@b.test", "d@b.test"]);
    let sent = session.transmit(&to, &message()).await.unwrap();
    assert_eq!(codes(&sent.recipients), ["deferred 421", "refused 550", "deferred 421"]);
    assert!(!session.is_usable());
}

#[tokio::test(start_paused = true)]
async fn vanishing_before_the_dot_and_after_it_are_told_apart() {
    let (stream, _server) = scripted(&[HELLO, PIPELINING, ("DATA\r\n", "250 OK\r\n250 OK\r\n")]);
    let lost = opened(stream).await.transmit(&envelope(&["a@b.test"]), &message()).await;
    assert!(
        matches!(lost, Err(ClientError::Lost { stage: Stage::DataStart, cause: Gone::Closed })),
        "{lost:?}"
    );
    let (stream, _server) = scripted(&[
        HELLO,
        PIPELINING,
        ("DATA\r\n", "250 OK\r\n250 OK\r\n354 go\r\n"),
        ("\r\n.\r\n", ""),
    ]);
    let mut session = opened(stream).await;
    let error = session.transmit(&envelope(&["a@b.test"]), &message()).await.unwrap_err();
    assert!(matches!(error, ClientError::InDoubt { cause: Gone::Closed }), "{error}");
    assert_eq!(error.severity(), Severity::Temporary);
    assert!(!session.is_usable());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_why_it_cuts_the_content_off_is_heard() {
    let (stream, _server) = scripted(&[
        HELLO,
        ("EHLO client.test\r\n", "250-mx.test\r\n250 PIPELINING\r\n"),
        ("DATA\r\n", "250 OK\r\n250 OK\r\n354 go\r\n552 5.3.4 too large\r\n"),
    ]);
    let mut session = opened(stream).await;
    let large = Bytes::from("a line\r\n".repeat(100_000));
    let sent = session.transmit(&envelope(&["a@b.test"]), &large).await.unwrap();
    assert_eq!(codes(&sent.recipients), ["refused 552"]);
    assert!(!session.is_usable());
}

#[tokio::test(start_paused = true)]
async fn silence_after_the_dot_is_borne_for_ten_minutes() {
    let (stream, server) = scripted(&[
        HELLO,
        PIPELINING,
        ("DATA\r\n", "250 OK\r\n250 OK\r\n354 go\r\n"),
        ("never", ""),
    ]);
    let mut session = opened(stream).await;
    let began_at = tokio::time::Instant::now();
    let error = session.transmit(&envelope(&["a@b.test"]), &message()).await.unwrap_err();
    assert!(matches!(error, ClientError::InDoubt { cause: Gone::TimedOut }), "{error}");
    assert_eq!(began_at.elapsed(), Duration::from_secs(600));
    server.abort();
}

#[tokio::test(start_paused = true)]
async fn refused_greetings_keep_their_reply() {
    for (greeting, severity) in
        [("554 no\r\n", Severity::Permanent), ("421 4.3.2 later\r\n", Severity::Temporary)]
    {
        let (client, mut stream) = tokio::io::duplex(1024);
        stream.write_all(greeting.as_bytes()).await.unwrap();
        let error = Session::open(client, Opening::Clear, &settings()).await.err().unwrap();
        assert!(matches!(error, ClientError::Refused { stage: Stage::Greeting, .. }), "{error}");
        assert_eq!(error.severity(), severity);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_reply_ends_the_session() {
    let endless = "250-more\r\n".repeat(smtp::client::REPLY_LINES_MAX) + "250 end\r\n";
    let long = format!("220 {}\r\n", "x".repeat(smtp::client::REPLY_LINE_OCTETS_MAX - 5));
    for greeting in ["SSH-2.0-x\r\n", "220-a\r\n250 b\r\n", "354 go\r\n", &endless, &long] {
        let (client, mut stream) = tokio::io::duplex(1 << 16);
        stream.write_all(greeting.as_bytes()).await.unwrap();
        let error = Session::open(client, Opening::Clear, &settings()).await.err().unwrap();
        let is_lost =
            matches!(error, ClientError::Lost { stage: Stage::Greeting, cause: Gone::NotAReply });
        assert!(is_lost, "{greeting:.40}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn replies_at_the_limits_are_read() {
    let lines = "220-more\r\n".repeat(smtp::client::REPLY_LINES_MAX - 1);
    let text = "x".repeat(smtp::client::REPLY_LINE_OCTETS_MAX - "220 \r\n".len());
    let (client, mut stream) = tokio::io::duplex(1 << 16);
    stream.write_all(format!("{lines}220 {text}\r\n250 mx.test\r\n").as_bytes()).await.unwrap();
    assert!(Session::open(client, Opening::Clear, &settings()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn octets_behind_the_answer_to_starttls_are_an_attack() {
    let (stream, _server) = scripted(&[
        HELLO,
        ("EHLO client.test\r\n", "250-mx.test\r\n250 STARTTLS\r\n"),
        ("STARTTLS\r\n", "220 go\r\n250-mx.test\r\n250 AUTH PLAIN\r\n"),
    ]);
    let error = opened(stream).await.starttls().await.err().unwrap();
    assert!(matches!(error, ClientError::Lost { stage: Stage::StartTls, .. }), "{error}");
    let (stream, _server) = scripted(&[HELLO, SIMPLE]);
    let error = opened(stream).await.starttls().await.err().unwrap();
    assert!(matches!(error, ClientError::StartTlsNotOffered), "{error}");
}

#[tokio::test(start_paused = true)]
async fn messages_that_must_not_go_out_do_not() {
    let (stream, server) = scripted(&[HELLO, PIPELINING, ("QUIT\r\n", "221 bye\r\n")]);
    let mut session = opened(stream).await;
    let to = envelope(&["a@b.test"]);
    for (content, expected) in [
        (b"a\n.\r\nb\r\n".to_vec(), Unsendable::Content(ContentFault::BareLf)),
        (b"a\rb\r\n".to_vec(), Unsendable::Content(ContentFault::BareCr)),
        (b"a\0\r\n".to_vec(), Unsendable::Content(ContentFault::Nul)),
        (vec![b'x'; 1001], Unsendable::TooLarge { octets_max: 1000 }),
    ] {
        let sent = session.transmit(&to, &content.into()).await.unwrap();
        assert_eq!(sent.recipients, [RecipientOutcome::Unsendable(expected)]);
    }
    let mut utf8_header = envelope(&["a@b.test"]);
    utf8_header.mail.smtputf8 = true;
    let sent = session.transmit(&utf8_header, &"Subject: é\r\n\r\n".into()).await.unwrap();
    assert_eq!(sent.recipients, [RecipientOutcome::Unsendable(Unsendable::NeedsSmtputf8)]);
    let sent = session.transmit(&envelope(&["zoé@b.test"]), &message()).await.unwrap();
    assert_eq!(sent.recipients, [RecipientOutcome::Unsendable(Unsendable::NeedsSmtputf8)]);
    session.quit().await;
    assert!(!server.await.unwrap().contains("MAIL"));
}

#[tokio::test(start_paused = true)]
async fn utf8_is_said_to_who_takes_it() {
    let (stream, backend) = own_server(reception(), server::Opening::Clear);
    let mut session = opened(stream).await;
    let to = envelope(&["zoé@example.org"]);
    let sent = session.transmit(&to, &"Subject: é\r\n\r\né\r\n".into()).await.unwrap();
    assert_eq!(codes(&sent.recipients), ["accepted 250"]);
    let (arrived, _) = &backend.messages()[0];
    assert!(arrived.mail.smtputf8);
    assert_eq!(arrived.mail.body, smtp::Body::EightBitMime);
}

#[tokio::test(start_paused = true)]
async fn a_large_message_with_dots_arrives_whole() {
    let (stream, backend) = own_server(reception(), server::Opening::Clear);
    let mut session = opened(stream).await;
    let message = Bytes::from("..a line\r\n.\r\nanother line\r\n".repeat(40_000));
    session.transmit(&envelope(&["anna@example.org"]), &message).await.unwrap();
    assert_eq!(backend.messages()[0].1, message);
}

/// Replies that a hostile server may put together in any order.
const REPLIES: [&str; 12] = [
    "220 mx.test\r\n",
    "250-PIPELINING\r\n",
    "250 OK\r\n",
    "354 go\r\n",
    "421 later\r\n",
    "451 4.7.1 not now\r\n",
    "550 5.1.1 never\r\n",
    "552 too much\r\n",
    "334 \r\n",
    "250",
    "\r\n",
    "nonsense\r\n",
];

proptest! {
    #[test]
    fn whatever_a_server_says_each_recipient_has_one_outcome(
        replies in proptest::collection::vec(prop::sample::select(REPLIES.to_vec()), 0..20)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let sent = runtime.block_on(async {
            let (client, mut stream) = tokio::io::duplex(1 << 16);
            let all = format!("220 mx\r\n250-mx\r\n250 PIPELINING\r\n{}", replies.concat());
            stream.write_all(all.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            let mut session = Session::open(client, Opening::Clear, &settings()).await.unwrap();
            session.transmit(&envelope(&["a@b.test", "c@b.test"]), &message()).await
        });
        if let Ok(sent) = sent {
            prop_assert_eq!(sent.recipients.len(), 2);
        }
    }
}
