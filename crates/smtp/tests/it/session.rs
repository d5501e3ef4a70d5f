//! What dialogs cannot show: time, shutdown, when replies are written, how a session ended.

use std::time::Duration;

use proptest::prelude::*;
use smtp::server::{Ended, Opening, Role, ServerSettings, TlsFacts, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::fake::Fake;

type Served = JoinHandle<Ended<DuplexStream>>;

fn start(pipe_octets: usize) -> (DuplexStream, Served, watch::Sender<bool>, Fake) {
    let (client, stream) = tokio::io::duplex(pipe_octets);
    let (shutdown, is_down) = watch::channel(false);
    let backend = Fake::new();
    let mut used = backend.clone();
    let session = tokio::spawn(async move {
        let settings = ServerSettings::new("mx.example.org", Role::Reception);
        serve(stream, Opening::Clear, &mut used, &settings, is_down).await
    });
    (client, session, shutdown, backend)
}

/// Reads until the other side waits for us, or has closed.
async fn heard(client: &mut DuplexStream) -> String {
    let mut octets = Vec::new();
    let moment = Duration::from_millis(1);
    while let Ok(Ok(1..)) = timeout(moment, client.read_buf(&mut octets)).await {}
    String::from_utf8(octets).unwrap()
}

const TRANSACTION: &[u8] =
    b"EHLO c.test\r\nMAIL FROM:<x@c.test>\r\nRCPT TO:<anna@example.org>\r\nDATA\r\n";

#[tokio::test(start_paused = true)]
async fn silence_ends_a_session_after_five_minutes() {
    let (mut client, session, _shutdown, _) = start(4096);
    let began_at = Instant::now();
    let mut said = String::new();
    client.read_to_string(&mut said).await.unwrap();
    assert!(said.ends_with("421 4.4.2 Nothing came for too long, closing\r\n"), "{said}");
    assert_eq!(began_at.elapsed(), Duration::from_secs(300));
    assert!(matches!(session.await.unwrap(), Ended::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn a_line_sent_octet_by_octet_has_five_minutes_in_all() {
    let (mut client, session, _shutdown, _) = start(4096);
    let began_at = Instant::now();
    while client.write_all(b"x").await.is_ok() && !session.is_finished() {
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    assert!(began_at.elapsed() <= Duration::from_secs(320), "{:?}", began_at.elapsed());
    assert!(matches!(session.await.unwrap(), Ended::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn content_sent_octet_by_octet_has_an_hour_in_all() {
    let (mut client, session, _shutdown, backend) = start(4096);
    client.write_all(TRANSACTION).await.unwrap();
    let began_at = Instant::now();
    while client.write_all(b"x").await.is_ok() && !session.is_finished() {
        tokio::time::sleep(Duration::from_secs(120)).await;
    }
    let took = began_at.elapsed();
    assert!(took > Duration::from_secs(3500) && took < Duration::from_secs(3800), "{took:?}");
    assert!(matches!(session.await.unwrap(), Ended::TimedOut));
    assert!(backend.messages().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_left() {
    let (mut client, session, _shutdown, _) = start(64);
    let flood = b"NOOP\r\n".repeat(10_000);
    let _ = timeout(Duration::from_secs(600), client.write_all(&flood)).await;
    assert!(matches!(session.await.unwrap(), Ended::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn shutdown_is_told_to_a_waiting_client() {
    let (mut client, session, shutdown, _) = start(4096);
    assert!(heard(&mut client).await.starts_with("220 "));
    shutdown.send(true).unwrap();
    assert_eq!(
        heard(&mut client).await,
        "421 4.3.2 The server is shutting down, try again later\r\n"
    );
    assert!(matches!(session.await.unwrap(), Ended::ShutDown));
}

#[tokio::test(start_paused = true)]
async fn shutdown_waits_for_content_under_way() {
    let (mut client, session, shutdown, backend) = start(4096);
    client.write_all(TRANSACTION).await.unwrap();
    assert!(heard(&mut client).await.contains("\r\n354 "));
    shutdown.send(true).unwrap();
    assert_eq!(heard(&mut client).await, "");
    client.write_all(b"a\r\n.\r\nNOOP\r\n").await.unwrap();
    let said = heard(&mut client).await;
    assert!(said.starts_with("250 2.0.0 Message taken as q1\r\n421 4.3.2 "), "{said}");
    assert!(matches!(session.await.unwrap(), Ended::ShutDown));
    assert_eq!(backend.messages().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_shutdown_sender_changes_nothing() {
    let (mut client, session, shutdown, _) = start(4096);
    drop(shutdown);
    client.write_all(b"NOOP\r\nQUIT\r\n").await.unwrap();
    assert!(heard(&mut client).await.contains("221 2.0.0"));
    assert!(matches!(session.await.unwrap(), Ended::Quit));
}

#[tokio::test(start_paused = true)]
async fn replies_are_written_once_no_whole_command_is_left() {
    let (mut client, _session, _shutdown, _) = start(4096);
    heard(&mut client).await;
    client.write_all(b"NOOP\r\nNOOP\r\nRS").await.unwrap();
    assert_eq!(heard(&mut client).await, "250 2.0.0 OK\r\n250 2.0.0 OK\r\n");
    client.write_all(b"ET\r\n").await.unwrap();
    assert_eq!(heard(&mut client).await, "250 2.0.0 Reset\r\n");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_without_quit_is_noticed() {
    let (client, session, _shutdown, _) = start(4096);
    drop(client);
    assert!(matches!(session.await.unwrap(), Ended::PeerGone | Ended::Failed(_)));
}

#[tokio::test(start_paused = true)]
async fn errors_slow_a_session_down() {
    let (mut client, session, _shutdown, _) = start(1 << 16);
    let began_at = Instant::now();
    client.write_all(&b"FOO\r\n".repeat(21)).await.unwrap();
    let mut said = String::new();
    client.read_to_string(&mut said).await.unwrap();
    assert_eq!(said.matches("500 5.5.1").count(), 20);
    assert!(said.ends_with("421 4.7.0 Too many errors on this connection, closing\r\n"));
    // Half a second for the 11th, a second for the 12th, five seconds for the 20th.
    assert_eq!(began_at.elapsed(), Duration::from_millis(500 * (1..=10).sum::<u64>()));
    assert!(matches!(session.await.unwrap(), Ended::TooManyErrors));
}

#[tokio::test(start_paused = true)]
async fn a_large_message_arrives_whole() {
    let (mut client, session, _shutdown, backend) = start(1 << 16);
    client.write_all(TRANSACTION).await.unwrap();
    let content = b"0123456789012345678901234567890123456789012345678901234567\r\n".repeat(50_000);
    client.write_all(&content).await.unwrap();
    client.write_all(b".\r\nQUIT\r\n").await.unwrap();
    heard(&mut client).await;
    session.await.unwrap();
    assert_eq!(backend.messages()[0].1, content);
}

/// Pieces that a hostile client may put together in any order.
const PIECES: [&str; 26] = [
    "EHLO c.test\r\n",
    "HELO c.test\r\n",
    "MAIL FROM:<x@c.test>\r\n",
    "MAIL FROM:<> SMTPUTF8 BODY=8BITMIME\r\n",
    "RCPT TO:<anna@example.org>\r\n",
    "RCPT TO:<nobody@example.org>\r\n",
    "RCPT TO:<closing@example.org>\r\n",
    "DATA\r\n",
    "BDAT 4\r\n",
    "BDAT 4 LAST\r\n",
    "BDAT 0 LAST\r\n",
    "BDAT x\r\n",
    "RSET\r\n",
    "NOOP\r\n",
    "QUIT\r\n",
    "STARTTLS\r\n",
    "AUTH PLAIN AGFubmEAc2VjcmV0\r\n",
    "AUTH LOGIN\r\n",
    "*\r\n",
    ".\r\n",
    "\r\n.\r\n",
    "\n.\r\n",
    "\r",
    "\n",
    "\0",
    "text",
];

/// Gives everything to a server at once and returns what it said; fails if the session panics.
fn said_to(pieces: &[&str], role: Role) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let (mut client, stream) = tokio::io::duplex(1 << 16);
        let session = tokio::spawn(async move {
            let (_shutdown, is_down) = watch::channel(false);
            let settings = ServerSettings::new("mx.example.org", role);
            let opening = Opening::ImplicitTls(TlsFacts::default());
            serve(stream, opening, &mut Fake::new(), &settings, is_down).await;
        });
        for piece in pieces {
            // The server may have closed already.
            let _ = client.write_all(piece.as_bytes()).await;
            tokio::task::yield_now().await;
        }
        let _ = client.shutdown().await;
        let mut said = String::new();
        client.read_to_string(&mut said).await.unwrap();
        session.await.unwrap();
        said
    })
}

proptest! {
    #[test]
    fn whatever_a_client_says_the_answers_are_replies(
        pieces in proptest::collection::vec(prop::sample::select(PIECES.to_vec()), 0..40),
        is_submission in any::<bool>()
    ) {
        let role = if is_submission { Role::Submission } else { Role::Reception };
        let said = said_to(&pieces, role);
        let body = said.strip_suffix("\r\n").expect("the last line ends");
        for line in body.split("\r\n") {
            prop_assert!(line.len() + 2 <= smtp::reply::LINE_OCTETS_MAX);
            prop_assert!(!line.contains(['\r', '\n']));
            prop_assert!(smtp::codec::reply_line::parse(line.as_bytes()).is_some(), "{}", line);
        }
    }
}
