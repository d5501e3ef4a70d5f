//! What dialogs cannot show: time, shutdown, compression, backpressure, how a session ended.

use std::time::Duration;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use imap::server::{
    APPEND_MESSAGES_MAX, Ended, LITERAL_OCTETS_MAX, Opening, SORTED_MESSAGES_MAX, TlsFacts, serve,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::fake::Fake;
use crate::scripts::{letter, settings};

type Served = JoinHandle<Ended<DuplexStream>>;

const LOGIN: &[u8] = b"x LOGIN anna secret\r\n";

fn start(pipe_octets: usize) -> (DuplexStream, Served, watch::Sender<bool>, Fake) {
    let (client, stream) = tokio::io::duplex(pipe_octets);
    let (shutdown, is_down) = watch::channel(false);
    let backend = Fake::new();
    let mut used = backend.clone();
    let session = tokio::spawn(async move {
        let opening = Opening::ImplicitTls(TlsFacts::default());
        serve(stream, opening, &mut used, &settings(), is_down).await
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

fn fill(backend: &Fake, count: u32) {
    backend.elsewhere(|world| {
        for number in 1..=count {
            let message = world.new_message(letter(number).as_bytes());
            world.mailboxes.get_mut("INBOX").unwrap().put(message);
        }
    });
}

#[tokio::test(start_paused = true)]
async fn silence_before_the_login_ends_a_session_after_a_minute() {
    let (mut client, session, _shutdown, _) = start(4096);
    let began_at = Instant::now();
    let mut said = String::new();
    client.read_to_string(&mut said).await.unwrap();
    assert!(said.ends_with("* BYE Nothing came for too long, closing\r\n"), "{said}");
    assert_eq!(began_at.elapsed(), Duration::from_secs(60));
    assert!(matches!(session.await.unwrap(), Ended::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn a_login_comes_within_five_minutes() {
    let (mut client, session, _shutdown, _) = start(4096);
    let began_at = Instant::now();
    while !session.is_finished() && client.write_all(b"a NOOP\r\n").await.is_ok() {
        heard(&mut client).await;
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    assert!(began_at.elapsed() <= Duration::from_secs(331), "{:?}", began_at.elapsed());
    assert!(matches!(session.await.unwrap(), Ended::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn silence_after_the_login_ends_a_session_after_half_an_hour() {
    let (mut client, session, _shutdown, _) = start(4096);
    client.write_all(LOGIN).await.unwrap();
    let began_at = Instant::now();
    let mut said = String::new();
    client.read_to_string(&mut said).await.unwrap();
    assert_eq!(began_at.elapsed(), Duration::from_secs(30 * 60));
    assert!(matches!(session.await.unwrap(), Ended::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn idle_ends_after_half_an_hour() {
    let (mut client, session, _shutdown, backend) = start(4096);
    client.write_all(LOGIN).await.unwrap();
    client.write_all(b"a SELECT INBOX\r\nb IDLE\r\n").await.unwrap();
    assert!(heard(&mut client).await.ends_with("+ idling\r\n"));
    let began_at = Instant::now();
    tokio::time::sleep(Duration::from_secs(29 * 60)).await;
    fill(&backend, 1);
    assert_eq!(heard(&mut client).await, "* 1 EXISTS\r\n");
    let mut said = String::new();
    client.read_to_string(&mut said).await.unwrap();
    assert!(began_at.elapsed() <= Duration::from_secs(30 * 60), "{:?}", began_at.elapsed());
    assert!(matches!(session.await.unwrap(), Ended::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn a_literal_that_stops_coming_ends_the_session() {
    let (mut client, session, _shutdown, backend) = start(4096);
    client.write_all(LOGIN).await.unwrap();
    client.write_all(b"a APPEND INBOX {10+}\r\nhalf").await.unwrap();
    let began_at = Instant::now();
    let mut said = String::new();
    client.read_to_string(&mut said).await.unwrap();
    assert_eq!(began_at.elapsed(), Duration::from_secs(5 * 60));
    assert!(matches!(session.await.unwrap(), Ended::TimedOut));
    assert!(backend.world().mailboxes["INBOX"].messages.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_wrong_login_is_answered_slowly() {
    let (mut client, _session, _shutdown, _) = start(4096);
    heard(&mut client).await;
    let began_at = Instant::now();
    client.write_all(b"a LOGIN anna wrong\r\n").await.unwrap();
    let mut octet = [0];
    client.read_exact(&mut octet).await.unwrap();
    assert_eq!(began_at.elapsed(), imap::server::SIGN_IN_PAUSE);
}

#[tokio::test(start_paused = true)]
async fn shutdown_is_told_to_a_waiting_client_and_to_an_idling_one() {
    for command in [&b""[..], b"b IDLE\r\n"] {
        let (mut client, session, shutdown, _) = start(4096);
        client.write_all(LOGIN).await.unwrap();
        client.write_all(command).await.unwrap();
        heard(&mut client).await;
        shutdown.send(true).unwrap();
        let said = heard(&mut client).await;
        assert!(said.starts_with("* BYE [UNAVAILABLE] The server is shutting down"), "{said}");
        assert!(matches!(session.await.unwrap(), Ended::ShutDown));
    }
}

#[tokio::test(start_paused = true)]
async fn shutdown_waits_for_a_message_under_way() {
    let (mut client, session, shutdown, backend) = start(4096);
    client.write_all(LOGIN).await.unwrap();
    client.write_all(b"a APPEND INBOX {6}\r\n").await.unwrap();
    assert!(heard(&mut client).await.ends_with("+ Go ahead\r\n"));
    shutdown.send(true).unwrap();
    assert_eq!(heard(&mut client).await, "");
    client.write_all(b"A: 1\r\n\r\nb NOOP\r\n").await.unwrap();
    let said = heard(&mut client).await;
    assert!(said.starts_with("a OK [APPENDUID 1 1] The message is kept\r\n* BYE "), "{said}");
    assert!(matches!(session.await.unwrap(), Ended::ShutDown));
    assert_eq!(backend.world().mailboxes["INBOX"].messages.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_left() {
    let (mut client, session, _shutdown, backend) = start(64);
    fill(&backend, 500);
    let _ = timeout(Duration::from_secs(60), client.write_all(LOGIN)).await;
    let said = b"a SELECT INBOX\r\nb FETCH 1:* (FLAGS ENVELOPE BODY[])\r\n";
    // The pipe is small: something is read so that the commands get through.
    let (mut from, mut to) = tokio::io::split(client);
    let reading = tokio::spawn(async move {
        let mut some = vec![0; 2000];
        from.read_exact(&mut some).await.unwrap();
        from
    });
    to.write_all(said).await.unwrap();
    let _from = reading.await.unwrap();
    let began_at = Instant::now();
    assert!(matches!(session.await.unwrap(), Ended::TimedOut));
    assert!(began_at.elapsed() <= Duration::from_secs(11 * 60), "{:?}", began_at.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_slow_client_gets_a_large_message_whole() {
    let (mut client, _session, _shutdown, backend) = start(64 * 1024);
    let content = "0123456789abcde\n".repeat(128 * 1024);
    backend.elsewhere(|world| {
        let message = world.new_message(content.as_bytes());
        world.mailboxes.get_mut("INBOX").unwrap().put(message);
    });
    client.write_all(LOGIN).await.unwrap();
    client.write_all(b"a SELECT INBOX\r\n").await.unwrap();
    heard(&mut client).await;
    client.write_all(b"b FETCH 1 BODY.PEEK[]\r\n").await.unwrap();
    let mut received = Vec::new();
    while !received.ends_with(b"b OK That is what was asked for\r\n") {
        tokio::time::sleep(Duration::from_secs(60)).await;
        let mut room = vec![0; 64 * 1024];
        let octets = client.read(&mut room).await.unwrap();
        assert_ne!(octets, 0, "closed after {}", received.len());
        received.extend_from_slice(&room[..octets]);
    }
    assert!(received.len() > content.len());
}

#[tokio::test(start_paused = true)]
async fn one_append_has_a_hundred_messages_at_most() {
    for (count, is_fine) in [(APPEND_MESSAGES_MAX, true), (APPEND_MESSAGES_MAX + 1, false)] {
        let (mut client, _session, _shutdown, backend) = start(1 << 20);
        client.write_all(LOGIN).await.unwrap();
        let messages = " {6+}\r\nA: 1\r\n".repeat(count);
        client.write_all(format!("a APPEND INBOX{messages}\r\n").as_bytes()).await.unwrap();
        let said = heard(&mut client).await;
        assert_eq!(said.contains("a OK [APPENDUID"), is_fine, "{said}");
        assert_eq!(said.contains("a NO [LIMIT]"), !is_fine, "{said}");
        let kept = backend.world().mailboxes["INBOX"].messages.len();
        assert_eq!(kept, if is_fine { count } else { 0 });
    }
}

#[tokio::test(start_paused = true)]
async fn literals_of_a_command_have_a_limit_together() {
    let octets_max = usize::try_from(LITERAL_OCTETS_MAX).unwrap();
    for (octets, is_fine) in [(octets_max, true), (octets_max + 1, false)] {
        let (mut client, _session, _shutdown, _) = start(1 << 20);
        client.write_all(LOGIN).await.unwrap();
        client.write_all(b"a SELECT INBOX\r\n").await.unwrap();
        heard(&mut client).await;
        let (one, two) = ("x".repeat(octets / 2), "y".repeat(octets - octets / 2));
        let command = format!(
            "b SEARCH TEXT {{{}+}}\r\n{one} TEXT {{{}+}}\r\n{two}\r\n",
            one.len(),
            two.len()
        );
        client.write_all(command.as_bytes()).await.unwrap();
        let said = heard(&mut client).await;
        assert_eq!(said.contains("b OK"), is_fine, "{said}");
        assert_eq!(said.contains("b NO [TOOBIG]"), !is_fine, "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn sorting_has_its_limit() {
    let (mut client, stream) = tokio::io::duplex(1 << 22);
    let mut backend = Fake::new();
    backend.page = usize::try_from(SORTED_MESSAGES_MAX).unwrap() + 1;
    backend.elsewhere(|world| {
        let message = world.new_message(b"A: 1\r\n\r\n");
        let inbox = world.mailboxes.get_mut("INBOX").unwrap();
        (0..=SORTED_MESSAGES_MAX).for_each(|_| {
            inbox.put(message.clone());
        });
    });
    let (_shutdown, is_down) = watch::channel(false);
    tokio::spawn(async move {
        let opening = Opening::ImplicitTls(TlsFacts::default());
        serve(stream, opening, &mut backend, &settings(), is_down).await
    });
    client.write_all(LOGIN).await.unwrap();
    client.write_all(b"a SELECT INBOX\r\nb SORT (ARRIVAL) UTF-8 ALL\r\n").await.unwrap();
    let said = heard(&mut client).await;
    assert!(said.contains("b NO [LIMIT] At most 200000 messages are sorted"), "{said}");
    client.write_all(b"c SORT (REVERSE ARRIVAL) UTF-8 2:*\r\n").await.unwrap();
    let said = heard(&mut client).await;
    assert!(said.starts_with("* SORT 2 3 ") && said.contains("\r\nc OK"), "{}", said.len());
}

#[tokio::test(start_paused = true)]
async fn logging_out_and_going_away_are_told_apart() {
    let (mut client, session, _shutdown, _) = start(4096);
    client.write_all(b"a LOGOUT\r\n").await.unwrap();
    assert!(matches!(session.await.unwrap(), Ended::LoggedOut));
    let (client, session, _shutdown, _) = start(4096);
    drop(client);
    assert!(matches!(session.await.unwrap(), Ended::PeerGone | Ended::Failed(_)));
}

#[tokio::test(start_paused = true)]
async fn compression_holds_in_both_directions() {
    let (mut client, _session, _shutdown, backend) = start(1 << 20);
    fill(&backend, 300);
    client.write_all(LOGIN).await.unwrap();
    client.write_all(b"a COMPRESS DEFLATE\r\n").await.unwrap();
    let said = heard(&mut client).await;
    assert!(said.contains("COMPRESS=DEFLATE"), "{said}");
    assert!(said.ends_with("a OK Compression begins\r\n"), "{said}");
    let commands = b"b SELECT INBOX\r\nc FETCH 1:300 (BODY.PEEK[])\r\nd COMPRESS DEFLATE\r\n\
                     e CAPABILITY\r\nf LOGOUT\r\n";
    let mut packed = Vec::with_capacity(4096);
    let mut compress = Compress::new(Compression::best(), false);
    compress.compress_vec(commands, &mut packed, FlushCompress::Sync).unwrap();
    client.write_all(&packed).await.unwrap();
    let mut received = Vec::new();
    client.read_to_end(&mut received).await.unwrap();
    let mut inflated = Vec::with_capacity(1 << 20);
    let mut decompress = Decompress::new(false);
    decompress.decompress_vec(&received, &mut inflated, FlushDecompress::Sync).unwrap();
    let said = String::from_utf8(inflated).unwrap();
    assert!(received.len() < said.len() / 5, "{} for {}", received.len(), said.len());
    assert!((1..=300).all(|number| said.contains(&format!("\r\nbody {number}\r\n"))));
    assert!(said.contains("d NO [COMPRESSIONACTIVE] "), "{said}");
    let last = said.split("d NO").nth(1).unwrap();
    assert!(last.contains("* CAPABILITY ") && !last.contains("COMPRESS=DEFLATE"), "{last}");
    assert!(said.ends_with("f OK Logged out\r\n"));
}

#[tokio::test(start_paused = true)]
async fn octets_that_are_no_compression_end_the_session() {
    let (mut client, session, _shutdown, _) = start(4096);
    client.write_all(LOGIN).await.unwrap();
    client.write_all(b"a COMPRESS DEFLATE\r\n").await.unwrap();
    heard(&mut client).await;
    client.write_all(&[0xff; 64]).await.unwrap();
    assert!(matches!(session.await.unwrap(), Ended::Failed(_)));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_closes_its_mailbox_and_two_share_a_world() {
    let (mut client, _session, _shutdown, backend) = start(4096);
    fill(&backend, 2);
    client.write_all(LOGIN).await.unwrap();
    client.write_all(b"a SELECT INBOX\r\nb IDLE\r\n").await.unwrap();
    heard(&mut client).await;
    let (mut other, stream) = tokio::io::duplex(4096);
    let mut used = backend.clone();
    let (_shutdown2, is_down) = watch::channel(false);
    let second = tokio::spawn(async move {
        let opening = Opening::ImplicitTls(TlsFacts::default());
        serve(stream, opening, &mut used, &settings(), is_down).await
    });
    other.write_all(LOGIN).await.unwrap();
    other.write_all(b"a SELECT INBOX\r\nb STORE 1 +FLAGS (\\Seen)\r\n").await.unwrap();
    heard(&mut other).await;
    assert_eq!(heard(&mut client).await, "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n");
    other.write_all(b"c MOVE 2 Archive\r\nd LOGOUT\r\n").await.unwrap();
    assert!(matches!(second.await.unwrap(), Ended::LoggedOut));
    assert_eq!(heard(&mut client).await, "* 2 EXPUNGE\r\n");
}
