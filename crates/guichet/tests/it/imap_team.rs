//! What a team sees of its mail over IMAP: rights that come and go at the next command, unread that
//! is personal, a bin that tells who, sent mail that is there once.

use testkit::{Options, TestServer};

/// Runs a story on the sample organisation, once for each engine at hand.
pub(crate) fn on_each_engine(story: impl Fn(&TestServer)) {
    for options in Options::demo(env!("CARGO_BIN_EXE_guichet")).on_each_engine() {
        story(&TestServer::start(options));
    }
}

/// A message from somebody of Contoso.
pub(crate) fn message(from: &str, to: &str, subject: &str) -> String {
    let from_address =
        if from.contains('@') { from.to_owned() } else { format!("{from}@contoso.com") };
    format!(
        "From: {from_address}\r\nTo: {to}\r\nSubject: {subject}\r\n\
         Date: Thu, 5 Mar 2026 14:07:09 +0000\r\n\r\nhello from {from}\r\n"
    )
}

/// Submits a message that must be taken.
pub(crate) fn deliver(server: &TestServer, from: &str, to: &str, subject: &str) {
    let path = format!("{from}@contoso.com");
    let reply = server.session(from).submit(&path, &[to], &message(from, to, subject)).unwrap();
    assert_eq!(reply.code, 250, "{}", reply.text());
}

const SUPPORT: &str = "support@contoso.com";

#[test]
fn memberships_and_grants_come_and_go_at_the_next_command() {
    on_each_engine(|server| {
        let mut paul = server.imap("paul.bernard");
        assert_eq!(paul.command("SELECT Groups/Support").status, "NO");
        server.done(&["team", "add-member", "support", "paul.bernard"]);
        assert!(paul.done(r#"LIST "" "Groups/*""#).contains("Groups/Support/Trash"));
        paul.done("SELECT Groups/Support");
        assert!(paul.done("MYRIGHTS Groups/Support").contains(" lrswite"));
        server.done(&["grant", "send-as", "support", "paul.bernard"]);
        assert!(paul.done("MYRIGHTS Groups/Support").contains(" lrswipte"));
        server.done(&["team", "remove-member", "support", "paul.bernard"]);
        let mut other = server.imap("paul.bernard");
        assert!(!other.done(r#"LIST "" "*""#).contains("Groups/"));
        // The open folder is closed under him.
        let tag = paul.begin("NOOP").unwrap();
        let gone = paul.end(&tag);
        let is_out = gone.is_err() || gone.is_ok_and(|answer| answer.status != "OK");
        assert!(is_out, "he may not read on");
        server.done(&["grant", "full-access", "facturation", "paul.bernard"]);
        other.done("SELECT Shared/Facturation");
        assert!(other.done("MYRIGHTS Shared/Facturation/Trash").contains(" lrswiktea"));
        other.done("UNSELECT");
        server.done(&["revoke", "full-access", "facturation", "paul.bernard"]);
        assert_eq!(other.command("STATUS Shared/Facturation (MESSAGES)").status, "NO");
    });
}

#[test]
fn unread_is_personal_in_a_group_and_common_in_a_shared_mailbox() {
    on_each_engine(|server| {
        server.done(&["grant", "full-access", "facturation", "marie.durand"]);
        deliver(server, "claire.martin", SUPPORT, "for the team");
        deliver(server, "claire.martin", "facturation@contoso.com", "for the desk");
        let (mut jean, mut marie) = (server.imap("jean.dupont"), server.imap("marie.durand"));
        let unseen = |client: &mut testkit::ImapClient, mailbox: &str| {
            let status = client.done(&format!("STATUS {mailbox} (UNSEEN)"));
            status.chars().filter(char::is_ascii_digit).collect::<String>()
        };
        for (mailbox, expected) in [("Groups/Support", "1"), ("Shared/Facturation", "0")] {
            assert_eq!(unseen(&mut jean, mailbox), "1");
            jean.done(&format!("SELECT {mailbox}"));
            jean.done("STORE 1 +FLAGS (\\Seen)");
            assert!(jean.done("FETCH 1 FLAGS").contains("\\Seen"));
            assert_eq!(unseen(&mut jean, mailbox), "0");
            assert_eq!(unseen(&mut marie, mailbox), expected, "{mailbox}");
        }
        server.done(&["team", "set", "support", "--personal-read-state", "false"]);
        jean.done("SELECT Groups/Support");
        assert!(!jean.done("FETCH 1 FLAGS").contains("\\Seen"), "what was personal counts no more");
    });
}

#[test]
fn a_member_deletes_to_the_bin_with_the_own_name_and_an_owner_purges_it() {
    on_each_engine(|server| {
        deliver(server, "claire.martin", SUPPORT, "first");
        deliver(server, "claire.martin", SUPPORT, "second");
        let (mut jean, mut marie) = (server.imap("jean.dupont"), server.imap("marie.durand"));
        jean.done("SELECT Groups/Support");
        jean.done("STORE 1 +FLAGS (\\Deleted)");
        jean.done("EXPUNGE");
        assert!(jean.done("STATUS Groups/Support (MESSAGES)").contains("MESSAGES 1"));
        let in_bin = |client: &mut testkit::ImapClient, count: u32| {
            let status = client.done("STATUS Groups/Support/Trash (MESSAGES)");
            status.contains(&format!("MESSAGES {count})"))
        };
        assert!(in_bin(&mut jean, 1));
        // Moving it to the own mailbox leaves it in the bin too.
        jean.done("MOVE 1 INBOX");
        assert!(in_bin(&mut jean, 2));
        assert!(jean.done("STATUS INBOX (MESSAGES)").contains("MESSAGES 1"));
        jean.done("SELECT Groups/Support/Trash");
        let refused = jean.command("STORE 1 +FLAGS (\\Deleted)");
        assert!(refused.status == "NO" && refused.text.contains("NOPERM"), "{refused:?}");
        let who = jean.done("GETMETADATA Groups/Support/Trash (/shared/vendor/guichet/placed-by)");
        assert_eq!(who.matches("jean.dupont@contoso.com").count(), 2, "{who}");
        assert!(!marie.done("SELECT Groups/Support/Trash").contains("READ-ONLY"));
        assert!(!marie.done("FETCH 1:* FLAGS").contains("\\Deleted"));
        marie.done("STORE 1:* +FLAGS (\\Deleted)");
        marie.done("EXPUNGE");
        assert!(in_bin(&mut marie, 0));
    });
}

#[test]
fn sent_mail_is_in_the_groups_sent_once_and_read() {
    on_each_engine(|server| {
        let text = message(SUPPORT, "customer@fabrikam.com", "From the team");
        let mut claire = server.session("claire.martin");
        let reply = claire.submit(SUPPORT, &["customer@fabrikam.com"], &text).unwrap();
        assert_eq!(reply.code, 250, "{}", reply.text());
        let mut reader = server.imap("jean.dupont");
        reader.done("SELECT Groups/Support/Sent");
        let found = reader.done("FETCH 1:* (FLAGS BODY.PEEK[])");
        assert_eq!(found.matches("Subject: From the team").count(), 1, "{found}");
        assert!(found.contains("\\Seen"), "{found}");
        // A mail program that appends its own copy puts it into the own Sent.
        let mut own = server.imap("claire.martin");
        assert!(own.append("Sent", "\\Seen", &text).is_ok());
        assert!(reader.done("STATUS Groups/Support/Sent (MESSAGES)").contains("MESSAGES 1"));
        let identities = own.done(r#"GETMETADATA "" (/private/vendor/guichet/identities)"#);
        assert!(identities.contains("support@contoso.com"), "{identities}");
    });
}

#[test]
fn an_idling_member_hears_of_mail_at_once() {
    on_each_engine(|server| {
        let mut jean = server.imap("jean.dupont");
        jean.done("SELECT Groups/Support");
        let tag = jean.begin("IDLE").unwrap();
        assert!(jean.response().unwrap().starts_with('+'));
        deliver(server, "claire.martin", SUPPORT, "news");
        assert!(jean.response().unwrap().contains("1 EXISTS"));
        jean.line("DONE").unwrap();
        assert!(jean.end(&tag).unwrap().is_ok());
        assert!(jean.done("FETCH 1 ENVELOPE").contains("news"));
    });
}

#[test]
fn an_owner_makes_folders_for_the_group_and_a_member_does_not() {
    on_each_engine(|server| {
        let (mut jean, mut marie) = (server.imap("jean.dupont"), server.imap("marie.durand"));
        let refused = jean.command("CREATE Groups/Support/Kunden");
        assert!(refused.status == "NO" && refused.text.contains("NOPERM"), "{refused:?}");
        marie.done("CREATE Groups/Support/Kunden");
        assert!(jean.done(r#"LIST "" "Groups/Support/%""#).contains("Kunden"));
        let acl = marie.done("GETACL Groups/Support");
        assert!(acl.contains("jean.dupont@contoso.com lrswite"), "{acl}");
        assert_eq!(marie.command("SETACL Groups/Support paul.bernard@contoso.com lr").status, "NO");
        jean.done("UNSUBSCRIBE Groups/Support/Kunden");
        assert!(!jean.done(r#"LSUB "" "*""#).contains("Kunden"));
        assert!(marie.done(r#"LSUB "" "*""#).contains("Kunden"));
    });
}

#[test]
fn the_acl_names_everybody_whatever_groups_are_between() {
    on_each_engine(|server| {
        server.done(&["group", "create", "Night", "--alias", "night"]);
        server.done(&["group", "create", "Desk", "--alias", "desk"]);
        server.done(&["group", "add-member", "night", "paul.bernard"]);
        server.done(&["group", "add-member", "desk", "night"]);
        let mut marie = server.imap("marie.durand");
        let acl = |marie: &mut testkit::ImapClient, name: &str| {
            let told = marie.done(&format!("GETACL {name}"));
            let words: Vec<&str> = told.split_whitespace().collect();
            let at = words.iter().position(|word| *word == "paul.bernard@contoso.com");
            at.map(|at| words[at + 1].to_owned())
        };
        assert_eq!(acl(&mut marie, "Groups/Support"), None);
        server.done(&["team", "add-member", "support", "desk"]);
        assert_eq!(acl(&mut marie, "Groups/Support").as_deref(), Some("lrswite"));
        let mut paul = server.imap("paul.bernard");
        assert!(paul.done("MYRIGHTS Groups/Support").contains(" lrswite"));
        server.done(&["grant", "full-access", "facturation", "marie.durand"]);
        server.done(&["grant", "full-access", "facturation", "desk"]);
        assert_eq!(acl(&mut marie, "Shared/Facturation").as_deref(), Some("lrswiktea"));
    });
}
