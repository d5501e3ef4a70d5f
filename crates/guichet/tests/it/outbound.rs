//! Mail on its way out, seen by the server at the other end: retries, notifications, routes by MX,
//! and what is on the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use testkit::{Answer, Options, Record, Sink, Stage, StubDns, TestServer, poll};

const BINARY: &str = env!("CARGO_BIN_EXE_guichet");

/// An organisation with jean, marie and claire, the group support, claire sending as it and marie
/// on behalf of it; deferred mail is tried again after a second.
fn organisation(options: Options) -> TestServer {
    let options = options.set("queue.first_wait_secs", "1").set("limits.loopback_exempt", "true");
    let server = TestServer::start(options);
    server.create_users(&["jean.dupont", "marie.durand", "claire.martin"]);
    let owner = "marie.durand@contoso.com";
    server.done(&["team", "create", "Support", "--alias", "support", "--owner", owner]);
    server.done(&["group", "set", "support", "--require-sender-authentication", "false"]);
    server.done(&["grant", "send-as", "support", "claire.martin@contoso.com"]);
    server.done(&["grant", "send-on-behalf", "support", owner]);
    server
}

fn through(sink: &Sink) -> TestServer {
    let smarthost = format!("127.0.0.1:{}", sink.port());
    organisation(
        Options::serve(BINARY)
            .set("outbound.smarthost", &smarthost)
            .set("outbound.smarthost_tls", "off")
            .set("dns.enabled", "false"),
    )
}

/// Sends as `login` from `author`; the message must be taken.
fn send(server: &TestServer, login: &str, author: &str, to: &[&str], text: &str) {
    let message = format!("From: {author}\r\nSubject: {login} writes\r\n\r\n{text}\r\n");
    let reply = server.session(login).submit(&format!("{login}@contoso.com"), to, &message);
    let reply = reply.unwrap();
    assert_eq!(reply.code, 250, "{}", reply.text());
}

fn wait_for_empty_queue(server: &TestServer) {
    poll::until("the queue to be empty", || server.mailbox().queue().is_empty().then_some(()));
}

/// The notifications in an inbox, each as text.
fn notifications(server: &TestServer, alias: &str) -> Vec<String> {
    let placed = server.mailbox().folder(alias, "Inbox").into_iter();
    let reports = placed.filter(|placed| {
        let kinds = placed.message.fields("Content-Type");
        kinds.iter().any(|kind| kind.contains("multipart/report"))
    });
    reports.map(|report| String::from_utf8_lossy(&report.message.octets).into_owned()).collect()
}

#[test]
fn deferred_mail_is_tried_again_and_arrives_once() {
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let sink = Sink::answering(move |stage| match stage {
        Stage::Recipient(_) if counted.fetch_add(1, Ordering::SeqCst) < 2 => {
            Answer::Say("451 4.7.1 greylisted".to_owned())
        }
        _ => Answer::Take,
    });
    let server = through(&sink);
    send(&server, "claire.martin", "support@contoso.com", &["a@fabrikam.com"], "text");
    wait_for_empty_queue(&server);
    assert_eq!(sink.transactions().len(), 1);
    assert_eq!(tries.load(Ordering::SeqCst), 3);
    assert_eq!(sink.transactions()[0].from, "support@contoso.com");
    let trace = server.mailbox().trace_since(0);
    let events: Vec<&str> = trace.iter().map(|row| row.event.as_str()).collect();
    let of = |event: &str| events.iter().filter(|found| **found == event).count();
    assert_eq!((of("submit"), of("defer"), of("send")), (1, 2, 1), "{events:?}");
}

#[test]
fn a_connection_cut_after_the_final_dot_is_tried_again() {
    let cuts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&cuts);
    let sink = Sink::answering(move |stage| match stage {
        Stage::Content(_) if counted.fetch_add(1, Ordering::SeqCst) == 0 => Answer::Close,
        _ => Answer::Take,
    });
    let server = through(&sink);
    send(&server, "jean.dupont", "jean.dupont@contoso.com", &["a@fabrikam.com"], "text");
    wait_for_empty_queue(&server);
    let transactions = sink.transactions();
    assert_eq!(transactions.len(), 2, "at most one duplicate");
    assert_eq!(transactions[0].content, transactions[1].content);
    assert!(!transactions[0].is_taken && transactions[1].is_taken);
}

#[test]
fn one_refused_recipient_of_three_is_told_to_whom_the_path_names() {
    let sink = Sink::answering(|stage| match stage {
        Stage::Recipient("unknown@fabrikam.com") => {
            Answer::Say("550 5.1.1 <unknown@fabrikam.com>: no such user".to_owned())
        }
        _ => Answer::Take,
    });
    let server = through(&sink);
    let to = ["a@fabrikam.com", "unknown@fabrikam.com", "b@fabrikam.com"];
    send(&server, "claire.martin", "support@contoso.com", &to, "as");
    send(&server, "marie.durand", "support@contoso.com", &to, "behalf");
    send(&server, "jean.dupont", "jean.dupont@contoso.com", &to, "own");
    wait_for_empty_queue(&server);
    let taken: Vec<_> = sink.transactions().into_iter().map(|t| t.to).collect();
    assert_eq!(taken.len(), 3);
    assert!(taken.iter().all(|to| *to == ["a@fabrikam.com", "b@fabrikam.com"]), "{taken:?}");
    // Under Send As the group is told, on behalf the person, and the person of her own.
    for (alias, subject) in [
        ("support", "Subject: claire.martin writes"),
        ("marie.durand", "Subject: marie.durand writes"),
        ("jean.dupont", "Subject: jean.dupont writes"),
    ] {
        let told = notifications(&server, alias);
        assert_eq!(told.len(), 1, "{alias}: {told:#?}");
        let report = &told[0];
        for part in [
            "report-type=delivery-status",
            "Final-Recipient: rfc822;",
            "unknown@fabrikam.com",
            "Action: failed",
            "Status: 5.1.1",
            subject,
        ] {
            assert!(report.contains(part), "{alias} misses {part}:\n{report}");
        }
        assert!(!report.contains("Final-Recipient: rfc822; a@fabrikam.com"), "{report}");
    }
    assert_eq!(notifications(&server, "claire.martin"), [""; 0]);
}

#[test]
fn a_null_path_is_told_nothing() {
    let sink = Sink::answering(|stage| match stage {
        Stage::Content(_) => Answer::Say("554 5.7.1 not wanted".to_owned()),
        _ => Answer::Take,
    });
    let server = through(&sink);
    let message = "From: support@contoso.com\r\n\r\ntext\r\n";
    let reply = server.session("claire.martin").submit("", &["a@fabrikam.com"], message).unwrap();
    assert_eq!(reply.code, 250);
    wait_for_empty_queue(&server);
    assert_eq!(sink.transactions().len(), 1, "a permanent refusal is not tried again");
    for alias in ["support", "claire.martin", "admin"] {
        assert_eq!(notifications(&server, alias), [""; 0]);
    }
}

#[test]
fn nothing_on_the_wire_can_be_read_as_two_messages() {
    let sink = Sink::start();
    let server = through(&sink);
    let text = ".\r\n..\r\n.a\r\n\r\n.\r\nMAIL FROM:<support@contoso.com>\r\n";
    send(&server, "jean.dupont", "jean.dupont@contoso.com", &["a@fabrikam.com"], text);
    wait_for_empty_queue(&server);
    let [transaction] = &sink.transactions()[..] else { panic!("{:?}", sink.transactions()) };
    let content = &transaction.content;
    let bare = content.iter().enumerate().any(|(at, octet)| match octet {
        0 => true,
        b'\r' => content.get(at + 1) != Some(&b'\n'),
        b'\n' => at == 0 || content[at - 1] != b'\r',
        _ => false,
    });
    assert!(!bare, "{}", String::from_utf8_lossy(content));
    let text = String::from_utf8_lossy(content);
    assert!(text.ends_with(
        "\r\n\r\n..\r\n...\r\n..a\r\n\r\n..\r\nMAIL FROM:<support@contoso.com>\r\n\r\n"
    ));
    assert!(text.lines().filter(|line| line.starts_with('.')).all(|line| line.starts_with("..")));
}

fn with_dns(dns: &StubDns, sink: &Sink) -> TestServer {
    organisation(
        Options::serve(BINARY)
            .set("dns.servers", &dns.as_setting())
            .set("outbound.mx_port", &sink.port().to_string()),
    )
}

#[test]
fn mail_exchangers_are_tried_in_order_and_dead_ends_are_told() {
    let (dns, sink) = (StubDns::start(), Sink::start());
    let loopback = std::net::Ipv4Addr::LOCALHOST;
    let host = |name: &str| Record::Mx(10, name.to_owned());
    dns.add("fabrikam.com", Record::Mx(5, "nothing.fabrikam.com".to_owned()))
        .add("fabrikam.com", host("mx.fabrikam.com"))
        .add("mx.fabrikam.com", Record::A(loopback))
        .add("address-only.example", Record::A(loopback))
        .add("null.example", Record::Mx(0, ".".to_owned()))
        .fail("broken.example");
    let server = with_dns(&dns, &sink);
    let to = [
        "a@fabrikam.com",
        "b@address-only.example",
        "c@null.example",
        "d@nowhere.example",
        "e@broken.example",
    ];
    send(&server, "jean.dupont", "jean.dupont@contoso.com", &to, "text");
    poll::until("all but one to be settled", || {
        let queue = server.mailbox().queue();
        (queue.len() == 1 && queue[0].attempts > 0).then_some(())
    });
    let mut taken: Vec<String> = sink.transactions().into_iter().flat_map(|t| t.to).collect();
    taken.sort();
    assert_eq!(taken, ["a@fabrikam.com", "b@address-only.example"]);
    let told = notifications(&server, "jean.dupont").concat();
    // RFC 7505 §4.1, RFC 3463 §3.2.
    for part in ["c@null.example", "Status: 5.1.10", "d@nowhere.example", "Status: 5.1.2"] {
        assert!(told.contains(part), "{part}:\n{told}");
    }
    let waiting = server.mailbox().queue();
    assert_eq!(waiting[0].recipient, "e@broken.example");
    assert!(waiting[0].last_reply.as_deref().is_some_and(|reply| reply.contains("DNS")));
    server.done(&["queue", "list"]);
}

/// Hands in a message at the port for other servers and gives the last reply.
fn hand_in(server: &TestServer, path: &str, from: &str) -> testkit::Reply {
    let mut client = testkit::SmtpClient::connect(server.port(25)).unwrap();
    assert_eq!(client.reply().unwrap().code, 220);
    assert_eq!(client.command("EHLO mx.fabrikam.com").unwrap().code, 250);
    let message = format!("From: {from}\r\nSubject: {from}\r\n\r\ntext\r\n");
    client.submit(path, &["jean.dupont@contoso.com"], &message).unwrap()
}

#[test]
fn what_others_publish_decides_what_is_taken() {
    let (dns, sink) = (StubDns::start(), Sink::start());
    let text = |text: &str| Record::Txt(text.to_owned());
    dns.add("good.example", text("v=spf1 ip4:127.0.0.1 -all"))
        .add("_dmarc.good.example", text("v=DMARC1; p=reject"))
        .add("bad.example", text("v=spf1 ip4:192.0.2.1 -all"))
        .add("_dmarc.bad.example", text("v=DMARC1; p=reject"))
        .add("lax.example", text("v=spf1 ip4:192.0.2.1 -all"))
        .add("_dmarc.lax.example", text("v=DMARC1; p=none"))
        .add("loop.example", text("v=spf1 include:loop.example -all"));
    let server = with_dns(&dns, &sink);
    let results = |subject: &str| {
        let inbox = server.mailbox().folder("jean.dupont", "Inbox");
        let placed = inbox.into_iter().find(|placed| placed.subject == subject).unwrap();
        placed.message.fields("Authentication-Results").join("|")
    };
    let taken = |path: &str, from: &str| {
        let reply = hand_in(&server, path, from);
        assert_eq!(reply.code, 250, "{from}: {}", reply.text());
        results(from)
    };
    let good = taken("a@good.example", "a@good.example");
    assert!(good.starts_with("mail.contoso.com"), "{good}");
    assert!(good.contains("spf=pass") && good.contains("dmarc=pass"), "{good}");
    let lax = taken("a@lax.example", "a@lax.example");
    assert!(lax.contains("spf=fail") && lax.contains("dmarc=fail"), "{lax}");
    let circular = taken("a@loop.example", "a@loop.example");
    assert!(circular.contains("spf=permerror"), "{circular}");
    let unknown = taken("a@unpublished.example", "a@unpublished.example");
    assert!(unknown.contains("spf=none"), "{unknown}");

    let refused = |path: &str, from: &str| {
        let reply = hand_in(&server, path, from);
        assert_eq!((reply.code, reply.lines[0].get(..5)), (550, Some("5.7.1")), "{from}");
    };
    refused("a@bad.example", "a@bad.example");
    // A path that passes vouches for its own domain, not for another author's.
    refused("a@good.example", "a@bad.example");
    refused("a@good.example", "support@contoso.com");
    assert!(dns.questions() > 0);
}

#[test]
fn our_domain_from_outside_needs_a_proof() {
    let (dns, sink) = (StubDns::start(), Sink::start());
    dns.add("contoso.com", Record::Txt("v=spf1 ip4:127.0.0.1 -all".to_owned()));
    let server = with_dns(&dns, &sink);
    let reply = hand_in(&server, "news@contoso.com", "news@contoso.com");
    assert_eq!(reply.code, 250, "our own SPF record vouches for it: {}", reply.text());
}
