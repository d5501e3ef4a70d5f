//! What is left after SIGKILL at any instant: everything that was acknowledged, once, and nothing
//! that was not sent. Each round loads the server over eight connections, kills it, starts it again
//! on the same directory, and compares what the clients were told with what is there.
//!
//! `GUICHET_CRASH_ROUNDS` sets the number of rounds, `GUICHET_CRASH_SEED` the instants.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use testkit::{Mailbox, Options, ReceivedMessage, Sink, SmtpClient, TestServer, poll};

const ROUNDS: u64 = 20;
/// Connections at the same time; two of them play other servers.
const CONNECTIONS: usize = 8;
/// The kill comes so many milliseconds after the load began, at most.
const LOAD_MS_MAX: u64 = 900;

/// What a client knows about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// The server said 250.
    Acknowledged,
    /// The final dot was on its way, and no answer came.
    InDoubt,
    /// The final dot was never sent, or the server refused.
    NotSent,
}

/// A message and where it must be if it is anywhere.
#[derive(Debug, Clone)]
struct Sent {
    subject: String,
    told: Told,
    folders: &'static [(&'static str, &'static str)],
    is_for_outside: bool,
}

/// `submit` and `receive` reach these folders with the recipients that the clients name.
const OF_SUBMISSION: &[(&str, &str)] = &[
    ("support", "Inbox"),
    ("jean.dupont", "Inbox"),
    ("support", "Sent"),
    ("claire.martin", "Sent"),
];
const OF_RECEPTION: &[(&str, &str)] =
    &[("support", "Inbox"), ("jean.dupont", "Inbox"), ("marie.durand", "Inbox")];

#[test]
fn nothing_acknowledged_is_lost_and_nothing_appears_from_nowhere() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let rounds = number("GUICHET_CRASH_ROUNDS").unwrap_or(ROUNDS);
    let mut random = number("GUICHET_CRASH_SEED").unwrap_or(u64::from(std::process::id()));
    println!("GUICHET_CRASH_SEED={random}");
    // The outside lives on in this process: what it was given before a kill, it has.
    let sink = Sink::start();
    let smarthost = format!("127.0.0.1:{}", sink.port());
    let options = Options::demo(env!("CARGO_BIN_EXE_guichet"));
    let mut server = TestServer::start(options.set("outbound.smarthost", &smarthost));
    let mut total = Tally::default();
    for round in 0..rounds {
        let wait = Duration::from_millis(next(&mut random) % LOAD_MS_MAX);
        let sent = load_and_kill(&mut server, round, wait);
        server.start_again();
        total.add(&check(&server, &sink, round, &sent));
    }
    println!("{rounds} rounds: {total:?}");
    assert!(total.acknowledged > 0, "no round acknowledged anything: {total:?}");
    assert_eq!(server.mailbox().integrity(), "ok");
    server.done(&["audit", "verify"]);
}

/// SplitMix64: the instants of the kills.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33
}

fn load_and_kill(server: &mut TestServer, round: u64, wait: Duration) -> Vec<Sent> {
    let all = Mutex::new(Vec::new());
    let is_killed = AtomicBool::new(false);
    let (submissions, reception) = (server.port(465), server.port(25));
    std::thread::scope(|scope| {
        for connection in 0..CONNECTIONS {
            let (all, is_killed) = (&all, &is_killed);
            scope.spawn(move || {
                let is_reception = connection < 2;
                let port = if is_reception { reception } else { submissions };
                let label = format!("r{round}-c{connection}");
                let sent = load(port, is_reception, &label, is_killed);
                all.lock().unwrap().extend(sent);
            });
        }
        // Killing before the first message is in some rounds the instant that is wanted.
        let started = std::time::Instant::now();
        poll::within(wait, || None::<()>);
        server.kill9();
        is_killed.store(true, Ordering::Relaxed);
        assert!(started.elapsed() < Duration::from_secs(10));
    });
    all.into_inner().unwrap()
}

/// Sends until the connection breaks or the server is killed.
fn load(port: u16, is_reception: bool, label: &str, is_killed: &AtomicBool) -> Vec<Sent> {
    let mut sent = Vec::new();
    let Ok(mut client) = open(port, is_reception) else { return sent };
    for number in 0.. {
        if is_killed.load(Ordering::Relaxed) {
            break;
        }
        let subject = format!("{label}-{number}");
        let is_for_outside = !is_reception && number % 2 == 0;
        let told = send(&mut client, is_reception, is_for_outside, &subject);
        let folders = if is_reception { OF_RECEPTION } else { OF_SUBMISSION };
        sent.push(Sent { subject, told, folders, is_for_outside });
        if told != Told::Acknowledged {
            break;
        }
    }
    sent
}

fn open(port: u16, is_reception: bool) -> std::io::Result<SmtpClient> {
    if is_reception {
        let mut client = SmtpClient::connect(port)?;
        client.reply()?;
        client.command("EHLO mx.fabrikam.com")?;
        return Ok(client);
    }
    let mut client = SmtpClient::connect_tls(port)?;
    client.log_in("claire.martin@contoso.com", testkit::DEMO_PASSWORD)?;
    Ok(client)
}

fn send(client: &mut SmtpClient, is_reception: bool, outside: bool, subject: &str) -> Told {
    let (author, mut to) = if is_reception {
        ("customer@fabrikam.com", vec!["support", "jean.dupont", "marie.durand"])
    } else {
        ("support@contoso.com", vec!["support", "jean.dupont"])
    };
    let mut commands = format!("MAIL FROM:<{author}>\r\n");
    for local in to.drain(..) {
        commands.push_str(&format!("RCPT TO:<{local}@contoso.com>\r\n"));
    }
    if outside {
        commands.push_str("RCPT TO:<customer@fabrikam.com>\r\n");
    }
    commands.push_str("DATA\r\n");
    let lines = commands.matches("\r\n").count();
    let began = client.send(commands.as_bytes()).is_ok()
        && (1..=lines).all(|line| match client.reply() {
            Ok(reply) => reply.code == if line == lines { 354 } else { 250 },
            Err(_) => false,
        });
    if !began {
        return Told::NotSent;
    }
    let filler = "x".repeat(70) + "\r\n";
    let content = format!("From: {author}\r\nSubject: {subject}\r\n\r\n{}", filler.repeat(30));
    if client.send(content.as_bytes()).is_err() {
        return Told::NotSent;
    }
    if client.send(b".\r\n").is_err() {
        return Told::InDoubt;
    }
    match client.reply() {
        Ok(reply) if reply.code == 250 => Told::Acknowledged,
        Ok(reply) if reply.code == 421 => Told::NotSent,
        Ok(reply) => panic!("{subject} was answered {} {}", reply.code, reply.text()),
        Err(_) => Told::InDoubt,
    }
}

/// What came of all rounds.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    acknowledged: usize,
    in_doubt_kept: usize,
    in_doubt_gone: usize,
    not_sent: usize,
    /// Copies outside beyond the first: the outside had the message, and the kill came before that
    /// was written down.
    duplicates_outside: usize,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.acknowledged += other.acknowledged;
        self.in_doubt_kept += other.in_doubt_kept;
        self.in_doubt_gone += other.in_doubt_gone;
        self.not_sent += other.not_sent;
        self.duplicates_outside += other.duplicates_outside;
    }
}

fn check(server: &TestServer, sink: &Sink, round: u64, sent: &[Sent]) -> Tally {
    let mailbox = server.mailbox();
    for row in mailbox.queue() {
        assert_eq!(row.state, "waiting", "{row:?}");
        assert!(row.has_message, "{row:?}");
        assert_eq!(row.reverse_path, "support@contoso.com");
    }
    assert_eq!(mailbox.inconsistent_folders(), [""; 0]);
    let drained = poll::within(poll::PATIENCE, || mailbox.queue().is_empty().then_some(()));
    assert!(drained.is_some(), "the queue stands still: {:?}", mailbox.queue());
    let found = Found::read(sink, &mailbox, round);
    let mut tally = Tally::default();
    for message in sent {
        let places: Vec<usize> =
            message.folders.iter().map(|folder| found.count(folder, &message.subject)).collect();
        let outside = found.outside.get(&message.subject).copied().unwrap_or(0);
        let is_whole =
            places.iter().all(|count| *count == 1) && message.is_for_outside == (outside > 0);
        let is_absent = places.iter().all(|count| *count == 0) && outside == 0;
        let is_legal = match message.told {
            Told::Acknowledged => is_whole,
            Told::InDoubt => is_whole || is_absent,
            Told::NotSent => is_absent,
        };
        assert!(is_legal, "{message:?}: in folders {places:?}, outside {outside}");
        tally.duplicates_outside += outside.saturating_sub(1);
        match message.told {
            Told::Acknowledged => tally.acknowledged += 1,
            Told::InDoubt if is_whole => tally.in_doubt_kept += 1,
            Told::InDoubt => tally.in_doubt_gone += 1,
            Told::NotSent => tally.not_sent += 1,
        }
    }
    let known: HashMap<&str, ()> = sent.iter().map(|s| (s.subject.as_str(), ())).collect();
    for subject in found.all_subjects() {
        assert!(known.contains_key(subject.as_str()), "{subject} came from nowhere");
    }
    // One transmission for each worker can have been taken and not yet written down.
    assert!(tally.duplicates_outside <= 64, "{tally:?}");
    tally
}

/// What is in folders and outside of one round, counted by subject.
struct Found {
    folders: HashMap<(&'static str, &'static str), HashMap<String, usize>>,
    outside: HashMap<String, usize>,
}

impl Found {
    fn read(sink: &Sink, mailbox: &Mailbox, round: u64) -> Found {
        let prefix = format!("r{round}-");
        let mut folders = HashMap::new();
        for (alias, name) in OF_SUBMISSION.iter().chain(OF_RECEPTION) {
            let counts: &mut HashMap<String, usize> = folders.entry((*alias, *name)).or_default();
            if !counts.is_empty() {
                continue;
            }
            for (_, subject) in mailbox.subjects(alias, name) {
                if subject.starts_with(&prefix) {
                    *counts.entry(subject).or_default() += 1;
                }
            }
        }
        let mut outside = HashMap::new();
        for transaction in sink.transactions() {
            let subjects = ReceivedMessage::new(transaction.content).fields("Subject");
            if let Some(subject) = subjects.into_iter().find(|s| s.starts_with(&prefix)) {
                *outside.entry(subject).or_default() += 1;
            }
        }
        Found { folders, outside }
    }

    fn count(&self, folder: &(&'static str, &'static str), subject: &str) -> usize {
        self.folders.get(folder).and_then(|counts| counts.get(subject)).copied().unwrap_or(0)
    }

    fn all_subjects(&self) -> impl Iterator<Item = &String> {
        self.folders.values().flat_map(HashMap::keys).chain(self.outside.keys())
    }
}
