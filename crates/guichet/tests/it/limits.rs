//! Clients that ask for too much: what they get, that others are served meanwhile, and that the
//! server's memory stays where it was.

use std::time::{Duration, Instant};

use testkit::{Options, SmtpClient, TestServer};

/// Others wait no longer for a whole session.
const SERVED_WITHIN: Duration = Duration::from_secs(5);
/// The server may grow by so much.
const GROWTH_MAX_KB: u64 = 50 * 1024;

fn demo() -> TestServer {
    TestServer::start(Options::demo(env!("CARGO_BIN_EXE_guichet")))
}

/// Resident memory of a process.
fn resident_kb(process_id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process_id}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn assert_served(server: &TestServer) {
    let started = Instant::now();
    let message = "From: jean.dupont@contoso.com\r\n\r\ntext\r\n";
    let mut session = server.session("jean.dupont");
    let to = ["marie.durand@contoso.com"];
    let reply = session.submit("jean.dupont@contoso.com", &to, message).unwrap();
    assert_eq!(reply.code, 250, "{}", reply.text());
    assert!(started.elapsed() < SERVED_WITHIN, "{:?}", started.elapsed());
}

fn greeted(server: &TestServer) -> SmtpClient {
    let mut client = SmtpClient::connect(server.port(25)).unwrap();
    assert_eq!(client.reply().unwrap().code, 220);
    client
}

#[test]
fn idle_and_slow_clients_hold_nobody_up() {
    let server = demo();
    let before = resident_kb(server.process_id());
    let mut idle: Vec<SmtpClient> = (0..120).map(|_| greeted(&server)).collect();
    let mut slow: Vec<SmtpClient> = (0..20).map(|_| greeted(&server)).collect();
    for octet in b"EHLO a-client-that-types-one-letter" {
        for client in &mut slow {
            client.send(&[*octet]).unwrap();
        }
    }
    assert_served(&server);
    let grown = resident_kb(server.process_id()).saturating_sub(before);
    assert!(grown < GROWTH_MAX_KB, "{grown} kB more");
    for client in idle.iter_mut().take(3) {
        assert_eq!(client.command("NOOP").unwrap().code, 250);
    }
    for client in &mut slow {
        assert_eq!(client.command("-by-letter.example").unwrap().code, 250);
    }
}

#[test]
fn a_command_without_an_end_costs_nothing() {
    let server = demo();
    let before = resident_kb(server.process_id());
    let mut clients: Vec<SmtpClient> = (0..10).map(|_| greeted(&server)).collect();
    let block = vec![b'A'; 64 * 1024];
    for client in &mut clients {
        for _ in 0..64 {
            // A server that has had enough may close.
            let _ = client.send(&block);
        }
    }
    let grown = resident_kb(server.process_id()).saturating_sub(before);
    assert!(grown < GROWTH_MAX_KB, "{grown} kB more");
    assert_served(&server);
    let reply = clients[0].command("").unwrap();
    assert_eq!(reply.code, 500, "{}", reply.text());
}

#[test]
fn who_makes_nothing_but_errors_is_cut() {
    let server = demo();
    std::thread::scope(|scope| {
        for command in ["NONSENSE", "RCPT TO:<nobody@contoso.com>", "AUTH PLAIN AAAA"] {
            let client = greeted(&server);
            scope.spawn(move || assert_cut(client, command));
        }
        assert_served(&server);
    });
}

/// Says the command three hundred times at once: nobody waits for the pauses that the server makes.
fn assert_cut(mut client: SmtpClient, command: &str) {
    client.command("EHLO mx.fabrikam.com").unwrap();
    client.command("MAIL FROM:<x@fabrikam.com>").unwrap();
    client.send(format!("{command}\r\n").repeat(300).as_bytes()).unwrap();
    for replies in 1.. {
        let reply = client.reply().unwrap_or_else(|error| {
            panic!("{command}: closed without 421 at reply {replies}: {error}")
        });
        if reply.code == 421 {
            break;
        }
        assert!(replies <= 50, "{command}: {replies} replies, the last {}", reply.text());
    }
}

#[test]
fn messages_up_to_the_limit_and_not_beyond() {
    const LIMIT: usize = 36_700_160;
    let server = demo();
    let mut session = server.session("jean.dupont");
    let header = "From: jean.dupont@contoso.com\r\nSubject: large\r\n\r\n";
    let line = "z".repeat(998) + "\r\n";
    let own = "jean.dupont@contoso.com";
    let large = header.to_owned() + &line.repeat((LIMIT - header.len()) / line.len());
    let to = ["marie.durand@contoso.com"];
    assert_eq!(session.submit(own, &to, &large).unwrap().code, 250);
    let reply = session.submit(own, &to, &(large + &line)).unwrap();
    assert_eq!(reply.code, 552, "{}", reply.text());
    let announced = session.command(&format!("MAIL FROM:<{own}> SIZE={}", LIMIT + 1)).unwrap();
    assert_eq!(announced.code, 552);
    assert_eq!(server.mailbox().subjects("marie.durand", "Inbox").len(), 1);
    assert_served(&server);
}

#[test]
fn large_messages_at_once_are_taken_and_the_memory_is_used_again() {
    let server = demo();
    let rounds: Vec<u64> = (1..=4)
        .map(|round| {
            let codes = large_messages_at_once(&server);
            assert!(codes.iter().all(|code| *code == 250), "{codes:?}");
            let kept = server.mailbox().subjects("marie.durand", "Inbox").len();
            assert_eq!(kept, round * codes.len());
            resident_kb(server.process_id())
        })
        .collect();
    // Forty messages of five MiB have passed at the end; memory that leaked would be 100 MiB more.
    let grown = rounds[3].saturating_sub(rounds[1]);
    assert!(grown < GROWTH_MAX_KB, "{rounds:?} kB");
    assert_served(&server);
}

fn large_messages_at_once(server: &TestServer) -> Vec<u16> {
    let line = "z".repeat(998) + "\r\n";
    let message = format!("From: jean.dupont@contoso.com\r\n\r\n{}", line.repeat(5 * 1024));
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..10)
            .map(|_| {
                let message = &message;
                scope.spawn(move || {
                    let mut session = server.session("jean.dupont");
                    let to = ["marie.durand@contoso.com"];
                    session.submit("jean.dupont@contoso.com", &to, message).unwrap().code
                })
            })
            .collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    })
}
