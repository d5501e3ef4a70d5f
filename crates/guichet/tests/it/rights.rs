//! Rights that change while mail is sent: an end that comes by itself, and a grant and a revoke
//! that run against submissions.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use testkit::{Options, TestServer, poll};

const GROUP: &str = "support@contoso.com";
const OUTSIDE: &str = "customer@fabrikam.com";

fn demo() -> TestServer {
    TestServer::start(Options::demo(env!("CARGO_BIN_EXE_guichet")))
}

fn message(subject: &str) -> String {
    format!("From: {GROUP}\r\nSubject: {subject}\r\n\r\ntext\r\n")
}

/// `2026-11-23T10:00:00.250` so long from now, UTC.
fn instant_in(distance: Duration) -> String {
    // The test asks the clock that the server asks.
    #[expect(clippy::disallowed_methods, reason = "an end date is a point in real time")]
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + distance;
    let (days, secs) = (at.as_secs() / 86_400, at.as_secs() % 86_400);
    let (year, month, day) = date_of(i64::try_from(days).unwrap());
    let (hour, minute, second) = (secs / 3600, secs / 60 % 60, secs % 60);
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// The date of a day counted from 1970-01-01, by walking the years.
fn date_of(mut days: i64) -> (i64, usize, i64) {
    let mut year = 1970;
    loop {
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let months = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let in_year: i64 = months.iter().sum();
        if days >= in_year {
            (days, year) = (days - in_year, year + 1);
            continue;
        }
        for (index, in_month) in months.iter().enumerate() {
            if days < *in_month {
                return (year, index + 1, days + 1);
            }
            days -= in_month;
        }
    }
}

#[test]
fn a_right_with_an_end_ends_in_an_open_session() {
    assert_eq!(date_of(20_780), (2026, 11, 23));
    let server = demo();
    let until = instant_in(Duration::from_secs(4));
    server.done(&["grant", "send-as", GROUP, "jean.dupont@contoso.com", "--until", &until]);
    let mut session = server.session("jean.dupont");
    let reply = session.submit(GROUP, &[OUTSIDE], &message("in time")).unwrap();
    assert_eq!(reply.code, 250, "{}", reply.text());
    let refused = poll::until("the end of the right", || {
        let reply = session.submit("jean.dupont@contoso.com", &[OUTSIDE], &message("late"));
        Some(reply.unwrap()).filter(|reply| reply.code != 250)
    });
    assert_eq!(refused.code, 550);
    assert!(refused.lines[0].starts_with("5.7.131 SendAsDenied; "), "{}", refused.text());
    assert!(refused.text().contains("has ended"), "{}", refused.text());
}

/// Grants and revokes while another connection sends: each message is taken or refused, what was
/// taken is there, and nothing else; and once a revoke is committed the very next is refused.
#[test]
fn grants_and_revokes_against_submissions() {
    const TURNS: usize = 15;
    let server = demo();
    let is_over = AtomicBool::new(false);
    let (taken, refused) = std::thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let (mut taken, mut refused) = (Vec::new(), 0);
            for number in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let mut session = server.session("jean.dupont");
                for _ in 0..20 {
                    let subject = format!("race {number} {}", taken.len() + refused);
                    let own = "jean.dupont@contoso.com";
                    let reply = session.submit(own, &[GROUP], &message(&subject)).unwrap();
                    match reply.code {
                        250 => taken.push(subject),
                        550 => {
                            assert!(reply.lines[0].starts_with("5.7.131 "), "{}", reply.text());
                            refused += 1;
                        }
                        code => panic!("{code} {}", reply.text()),
                    }
                }
            }
            (taken, refused)
        });
        for _ in 0..TURNS {
            server.done(&["grant", "send-as", GROUP, "jean.dupont@contoso.com"]);
            server.done(&["revoke", "send-as", GROUP, "jean.dupont@contoso.com"]);
        }
        is_over.store(true, Ordering::Relaxed);
        sender.join().unwrap()
    });
    let reply = server
        .session("jean.dupont")
        .submit("jean.dupont@contoso.com", &[GROUP], &message("after"))
        .unwrap();
    assert_eq!(reply.code, 550, "a committed revoke stops the very next message");
    assert!(!taken.is_empty() && refused > 0, "{} taken, {refused} refused", taken.len());
    let mut kept: Vec<String> =
        server.mailbox().subjects("support", "Inbox").into_iter().map(|(_, s)| s).collect();
    kept.sort();
    let mut expected = taken;
    expected.sort();
    assert_eq!(kept, expected);
    server.done(&["audit", "verify"]);
}

/// What the refused person is told leads to the reason, and the reason goes with the grant.
#[test]
fn a_refusal_can_be_looked_up_by_its_reference() {
    let server = demo();
    let mut session = server.session("jean.dupont");
    let reply = session.command(&format!("MAIL FROM:<{GROUP}>")).unwrap();
    assert_eq!(reply.code, 550);
    let last = reply.lines.last().unwrap();
    let reference = last.split_once("Reference: ").and_then(|(_, rest)| rest.split(' ').next());
    let reference = reference.unwrap_or_else(|| panic!("no reference: {}", reply.text()));
    let told = poll::until("the refusal to be traced", || {
        let ran = server.run(&["diagnose", "--ref", reference]);
        (ran.status != 5).then_some(ran)
    });
    assert_eq!(told.status, 1, "{}{}", told.stdout, told.stderr);
    for part in ["jean.dupont@contoso.com", GROUP] {
        assert!(told.stdout.contains(part), "{part}: {}", told.stdout);
    }
    let diagnosed = |expected: i32| {
        let ran = server.run(&["diagnose", "jean.dupont", "--from", GROUP]);
        assert_eq!(ran.status, expected, "{}{}", ran.stdout, ran.stderr);
    };
    diagnosed(1);
    server.done(&["grant", "send-as", GROUP, "jean.dupont@contoso.com"]);
    diagnosed(0);
    assert_eq!(session.command(&format!("MAIL FROM:<{GROUP}>")).unwrap().code, 250);
}
