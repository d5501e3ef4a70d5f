//! Reading mail over IMAP: signing in, the names, one's own mail, searching, room, set-up.

use testkit::{DEMO_PASSWORD, ImapClient, Options, TestServer, poll};

use crate::imap_team::{deliver, message, on_each_engine};

fn demo() -> TestServer {
    TestServer::start(Options::demo(env!("CARGO_BIN_EXE_guichet")))
}

#[test]
fn nobody_signs_in_before_tls_and_both_ports_serve() {
    on_each_engine(|server| {
        let mut clear = ImapClient::connect(server.port(143)).unwrap();
        assert!(clear.done("CAPABILITY").contains("LOGINDISABLED"));
        let login = format!("LOGIN jean.dupont@contoso.com {DEMO_PASSWORD}");
        assert_eq!(clear.command(&login).status, "NO");
        clear.done("STARTTLS");
        let mut secured = clear.secured();
        let wrong = secured.command("LOGIN jean.dupont@contoso.com wrong");
        assert!(wrong.status == "NO" && wrong.text.contains("AUTHENTICATIONFAILED"), "{wrong:?}");
        secured.done(&login);
        assert!(
            secured
                .done("NAMESPACE")
                .contains(r#"(("" "/")) NIL (("Groups/" "/")("Shared/" "/"))"#)
        );
        secured.done("LOGOUT");
        assert!(server.imap("claire.martin").done("NOOP").is_empty());
    });
}

#[test]
fn everybody_finds_the_own_folders_the_groups_and_what_is_shared() {
    on_each_engine(|server| {
        let mut jean = server.imap("jean.dupont");
        let list = jean.done(r#"LIST "" "*""#);
        for name in [
            "INBOX",
            "Sent",
            "Trash",
            "Groups/Support",
            "Groups/Support/Sent",
            "Groups/Support/Trash",
            "Groups/Support/Channels/Incidents",
            "Shared/Facturation",
            "Shared/Facturation/Drafts",
        ] {
            let is_there = |line: &str| {
                line.ends_with(&format!(" {name}")) || line.ends_with(&format!(" \"{name}\""))
            };
            assert!(list.lines().any(is_there), "{name} in\n{list}");
        }
        let sent: Vec<&str> = list.lines().filter(|line| line.contains("\\Sent")).collect();
        assert_eq!(sent.len(), 1, "special uses are announced in the own tree only: {sent:?}");
        let level =
            list.lines().find(|line| line.ends_with(" Groups") || line.ends_with(" \"Groups\""));
        assert!(level.unwrap().contains("\\Noselect"), "{list}");
        let paul = server.imap("paul.bernard").done(r#"LIST "" "*""#);
        assert!(!paul.contains("Groups/") && !paul.contains("Shared/"), "{paul}");
    });
}

#[test]
fn the_own_inbox_has_what_was_sent_byte_for_byte() {
    on_each_engine(|server| {
        deliver(server, "claire.martin", "jean.dupont@contoso.com", "Bonjour");
        let mut jean = server.imap("jean.dupont");
        let select = jean.done("SELECT INBOX");
        assert!(select.contains("* 1 EXISTS") && select.contains("UIDVALIDITY"), "{select}");
        let fetched = jean.done("FETCH 1 (UID FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[])");
        assert!(fetched.contains("\"Bonjour\""), "{fetched}");
        assert!(fetched.contains("hello from claire.martin"), "{fetched}");
        assert!(fetched.contains("\"claire.martin\" \"contoso.com\""), "{fetched}");
        if server.is_embedded() {
            let stored = server.mailbox().folder("jean.dupont", "Inbox");
            let octets = &stored[0].message.octets;
            assert!(fetched.contains(&String::from_utf8_lossy(octets).into_owned()));
        }
        jean.done("STORE 1 +FLAGS (\\Flagged $Work)");
        jean.done("CREATE Projects/2026");
        let moved = jean.command("MOVE 1 Projects/2026");
        assert!(moved.is_ok() && moved.all().contains("COPYUID"), "{moved:?}");
        assert!(moved.all().contains("EXPUNGE") || moved.all().contains("VANISHED"), "{moved:?}");
        jean.done("SELECT Projects/2026");
        let flags = jean.done("FETCH 1 FLAGS");
        assert!(flags.contains("$Work") && flags.contains("\\Flagged"), "{flags}");
        assert!(jean.done("SELECT INBOX").contains("* 0 EXISTS"));
        assert_eq!(jean.command("DELETE Projects").status, "NO", "it has children");
        jean.done("RENAME Projects Done");
        assert!(jean.done(r#"LIST "" "Done/*""#).contains("Done/2026"));
        assert_eq!(jean.command("CREATE Groups/New").status, "NO");
        assert_eq!(jean.command("SELECT Nowhere").status, "NO");
    });
}

#[test]
fn texts_are_found_before_and_after_they_are_indexed() {
    on_each_engine(|server| {
        let mut jean = server.imap("jean.dupont");
        let text = message("claire.martin", "jean.dupont@contoso.com", "Budget d'été");
        assert!(
            jean.append("INBOX", "", &format!("{text}The quarterly figures, attached.\r\n"))
                .is_ok()
        );
        assert!(jean.append("INBOX", "\\Seen", &message("x", "y@z.org", "Other")).is_ok());
        jean.done("SELECT INBOX");
        let found = |jean: &mut ImapClient, what: &str| {
            let answer = jean.done(&format!("UID SEARCH {what}"));
            answer.trim_start_matches("* SEARCH").trim().to_owned()
        };
        for _ in 0..2 {
            assert_eq!(found(&mut jean, "TEXT quarter"), "1");
            assert_eq!(found(&mut jean, "BODY \"QUARTERLY FIG\""), "1");
            assert_eq!(found(&mut jean, "BODY \"figures quarterly\""), "");
            assert_eq!(found(&mut jean, "SUBJECT \"udget\""), "1");
            assert_eq!(found(&mut jean, "SEEN"), "2");
            assert_eq!(found(&mut jean, "NOT TEXT quarterly"), "2");
            assert_eq!(found(&mut jean, "OR SUBJECT Other BODY figures"), "1 2");
            if !server.is_embedded() {
                return;
            }
            poll::until("the index", || {
                server
                    .mailbox()
                    .indexed_uids()
                    .contains(&("jean.dupont/inbox".to_owned(), 2))
                    .then_some(())
            });
        }
    });
}

#[test]
fn a_full_mailbox_takes_nothing_more() {
    on_each_engine(|server| {
        server.done(&["user", "set", "jean.dupont", "--quota", "20KB"]);
        let mut jean = server.imap("jean.dupont");
        let quota = jean.done("GETQUOTAROOT INBOX");
        assert!(quota.contains("(STORAGE 0 20)"), "{quota}");
        let big = format!("Subject: big\r\n\r\n{}", "x".repeat(15_000));
        assert!(jean.append("INBOX", "", &big).is_ok());
        let over = jean.append("INBOX", "", &big);
        assert!(over.status == "NO" && over.text.contains("OVERQUOTA"), "{over:?}");
        server.done(&["user", "set", "jean.dupont", "--quota", "10KB"]);
        let text = message("claire.martin", "jean.dupont@contoso.com", "no room");
        let mut claire = server.session("claire.martin");
        let reply = claire
            .submit("claire.martin@contoso.com", &["jean.dupont@contoso.com"], &text)
            .unwrap();
        assert_eq!(reply.code, 552, "{}", reply.text());
        assert!(
            reply.text().contains("5.2.2") && reply.text().contains("full"),
            "{}",
            reply.text()
        );
        server.done(&["user", "set", "jean.dupont", "--quota", "unlimited"]);
        deliver(server, "claire.martin", "jean.dupont@contoso.com", "room again");
        assert!(jean.append("INBOX", "", &big).is_ok());
    });
}

#[test]
fn mail_programs_are_told_where_everything_is() {
    let server = demo();
    let output = std::process::Command::new("curl")
        .arg("-s")
        .arg(format!(
            "http://127.0.0.1:{}/.well-known/autoconfig/mail/config-v1.1.xml\
             ?emailaddress=jean.dupont@contoso.com",
            server.port(80)
        ))
        .output();
    let Ok(output) = output else {
        testkit::skip("autoconfig", "curl is missing");
        return;
    };
    let xml = String::from_utf8_lossy(&output.stdout).into_owned();
    for part in [
        "<emailProvider id=\"contoso.com\">".to_owned(),
        format!("<port>{}</port>", server.port(993)),
        format!("<port>{}</port>", server.port(465)),
    ] {
        assert!(xml.contains(&part), "{part} in {xml}");
    }
    let records = server.done(&["dns"]);
    assert!(
        records.contains("_imaps._tcp.contoso.com. IN SRV 0 1 993 mail.contoso.com."),
        "{records}"
    );
}
