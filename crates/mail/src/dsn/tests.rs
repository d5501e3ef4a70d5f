use super::*;

const ORIGINAL: &str = "Received: by mx.contoso.com; Thu, 5 Mar 2026 14:07:09 +0000\r\n\
    From: Jean <jean@contoso.com>\r\nSubject: Hello\r\nMessage-ID: <1@contoso.com>\r\n\r\nBody\r\n";

fn message(text: &str) -> Message {
    Message::parse(Bytes::copy_from_slice(text.as_bytes())).expect("a message")
}

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn recipient(action: DsnAction) -> DsnRecipient {
    DsnRecipient {
        original_recipient: Some("rfc822;bob@fabrikam.com".to_owned()),
        final_recipient: address("bob@fabrikam.com"),
        action,
        status: EnhancedStatus::new(5, 1, 1).expect("a status"),
        remote_mta: Some("mx.fabrikam.com".to_owned()),
        diagnostic: Some("550 5.1.1 User unknown".to_owned()),
        last_attempt_at_ms: Some(1_772_719_630_000),
        will_retry_until_ms: Some(1_772_800_000_000),
    }
}

fn write(original: &Message, recipients: &[DsnRecipient]) -> String {
    let (from, to) = (address("postmaster@contoso.com"), address("jean@contoso.com"));
    let dsn = Dsn {
        reporting_mta: "mx.contoso.com",
        from: &from,
        to: &to,
        recipients,
        envelope_id: Some("QQ314159"),
        arrival_at_ms: 1_772_719_629_000,
        original,
        message_id: "<2@contoso.com>",
        date_ms: 1_772_719_631_000,
        unique: "u1",
    };
    String::from_utf8(dsn.write().to_vec()).expect("7-bit")
}

/// The contents of the three parts.
fn parts(written: &str) -> Vec<String> {
    let body = written.split_once("\r\n\r\n").expect("a body").1;
    let mut parts: Vec<String> = format!("\r\n{body}")
        .split("\r\n--=_dsn_u1")
        .map(|part| part.split_once("\r\n\r\n").map_or("", |(_, content)| content).to_owned())
        .collect();
    assert!(body.ends_with("\r\n--=_dsn_u1--\r\n"));
    parts.pop();
    parts.split_off(1)
}

#[test]
fn a_failure_is_told_to_people_and_programs() {
    let written = write(&message(ORIGINAL), &[recipient(DsnAction::Failed)]);
    let (header, _) = written.split_once("\r\n\r\n").unwrap();
    assert_eq!(
        header,
        "Date: Thu, 5 Mar 2026 14:07:11 +0000\r\n\
         From: Mail Delivery System <postmaster@contoso.com>\r\n\
         To: jean@contoso.com\r\nSubject: Not delivered: Hello\r\nMessage-ID: <2@contoso.com>\r\n\
         In-Reply-To:\r\n <1@contoso.com>\r\nReferences:\r\n <1@contoso.com>\r\n\
         Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"=_dsn_u1\""
    );
    let parts = parts(&written);
    assert_eq!(parts.len(), 3);
    for sentence in [
        "mail server mx.contoso.com",
        "<bob@fabrikam.com>",
        "does not exist at the other server (5.1.1).",
        "What to do: check the part before the @",
        "The server mx.fabrikam.com said:\r\n        550 5.1.1 User unknown",
    ] {
        assert!(parts[0].contains(sentence), "{sentence}: {}", parts[0]);
    }
    assert!(parts[0].split("\r\n").all(|line| line.len() <= 78), "{}", parts[0]);
    assert_eq!(
        parts[1],
        "Original-Envelope-Id: QQ314159\r\nReporting-MTA: dns; mx.contoso.com\r\n\
         Arrival-Date: Thu, 5 Mar 2026 14:07:09 +0000\r\n\r\n\
         Original-Recipient: rfc822; bob@fabrikam.com\r\n\
         Final-Recipient: rfc822; bob@fabrikam.com\r\nAction: failed\r\nStatus: 5.1.1\r\n\
         Remote-MTA: dns; mx.fabrikam.com\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\
         Last-Attempt-Date: Thu, 5 Mar 2026 14:07:10 +0000\r\n"
    );
    assert_eq!(parts[2], ORIGINAL.split_once("Body").unwrap().0.strip_suffix("\r\n").unwrap());
}

#[test]
fn a_notification_is_a_message_with_an_author() {
    let original = message("Subject: é\r\n\r\n");
    let written = write(&original, &[recipient(DsnAction::Failed)]);
    let read = message(&written);
    let author = crate::read_author(&read).unwrap();
    assert_eq!(author.display_name.as_deref(), Some("Mail Delivery System"));
    assert_eq!(read.first_field("Subject").unwrap().decoded(), "Not delivered: é");
    assert!(!read.has_8bit_body() && !read.has_utf8_header());
    // RFC 6533 §6
    assert!(written.contains("Content-Type: message/global-headers\r\n"));
    assert_eq!(parts(&written)[2], "Subject: =C3=A9\r\n");
}

#[test]
fn each_action_has_its_words() {
    let original = message(ORIGINAL);
    for (action, subject, word, sentence) in [
        (
            DsnAction::Delayed,
            "Delivery delayed: ",
            "delayed",
            "tried again until 2026-03-06 12:26:40Z",
        ),
        (DsnAction::Delivered, "Delivery report: ", "delivered", "    Delivered."),
        (DsnAction::Relayed, "Delivery report: ", "relayed", "does not report whether"),
        (DsnAction::Expanded, "Delivery report: ", "expanded", "members of the group"),
    ] {
        let written = write(&original, &[recipient(action)]);
        let parts = parts(&written);
        assert!(written.contains(&format!("Subject: {subject}Hello\r\n")), "{written}");
        assert!(parts[0].contains(sentence), "{}", parts[0]);
        assert!(parts[1].contains(&format!("\r\nAction: {word}\r\n")), "{}", parts[1]);
        let is_delayed = action == DsnAction::Delayed;
        assert_eq!(parts[1].contains("Will-Retry-Until: Fri, 6 Mar 2026"), is_delayed);
    }
}

#[test]
fn each_recipient_has_a_block() {
    let recipients = [recipient(DsnAction::Delivered), recipient(DsnAction::Failed)];
    let written = write(&message(ORIGINAL), &recipients);
    assert!(written.contains("Subject: Not delivered: Hello"));
    assert_eq!(parts(&written)[1].matches("\r\n\r\nOriginal-Recipient:").count(), 2);
}

#[test]
fn non_ascii_recipients_are_written_in_ascii() {
    let mut unicode = recipient(DsnAction::Failed);
    unicode.final_recipient = address("jos\u{e9}+x@fabrikam.com");
    unicode.original_recipient = Some("utf-8;jos\u{e9}@fabrikam.com".to_owned());
    let written = write(&message(ORIGINAL), &[unicode]);
    let parts = parts(&written);
    assert!(parts[1].contains("Final-Recipient: utf-8; jos\\x{E9}\\x{2B}x@fabrikam.com\r\n"));
    assert!(parts[1].contains("Original-Recipient: utf-8; jos\\x{E9}@fabrikam.com\r\n"));
    assert!(parts[0].contains("<jos=C3=A9+x@fabrikam.com>"), "{}", parts[0]);
}

#[test]
fn foreign_text_is_cleaned_and_cut() {
    let mut hostile = recipient(DsnAction::Failed);
    hostile.diagnostic =
        Some(format!("550 no\r\n\r\n--=_dsn_u1--\r\nX: \0é\u{1b}[31m {}", "z".repeat(2000)));
    hostile.remote_mta = Some("mx\r\nAction: delivered".to_owned());
    hostile.original_recipient = Some("x\r\ny;a\r\nStatus: 2.0.0".to_owned());
    let written = write(&message(ORIGINAL), &[hostile]);
    let parts = parts(&written);
    assert_eq!(parts.len(), 3);
    assert_eq!(parts[1].matches("\r\nAction:").count(), 1);
    assert_eq!(parts[1].matches("\r\nStatus:").count(), 1);
    assert!(parts[1].contains("Diagnostic-Code: smtp; 550 no --=_dsn_u1-- X: ? [31m\r\n zzz"));
    assert!(parts[1].contains("Original-Recipient: xy; a Status: 2.0.0\r\n"));
    assert_eq!(
        parts[1].matches('z').count() + "550 no --=_dsn_u1-- X: ? [31m ".len(),
        DIAGNOSTIC_OCTETS_MAX
    );
    message(&written);
}

#[test]
fn the_returned_header_is_bounded_and_ends_no_part() {
    let field = format!("A: {}\r\n", "b".repeat(507));
    let fitting = field.repeat(RETURNED_HEADER_OCTETS_MAX / field.len());
    let longer = format!("{fitting}B: c\r\n\r\n");
    assert_eq!(returned_header(&message(&longer)), fitting);
    let tricky = message("--=_dsn_u1--: x\r\nB: c\r\n\r\n");
    assert_eq!(returned_header(&tricky), "B: c\r\n");
}

#[test]
fn long_subjects_are_shortened() {
    let subject = |text: &str| subject_of(&message(&format!("Subject: {text}\r\n\r\n")));
    let fitting = "s".repeat(SUBJECT_OCTETS_MAX);
    assert_eq!(subject(&fitting), fitting);
    assert_eq!(subject(&format!("{fitting}s")), format!("{fitting}…"));
    assert_eq!(subject(""), "(no subject)");
    assert_eq!(subject_of(&message("A: b\r\n\r\n")), "(no subject)");
}

#[test]
fn sentences_are_given_for_all_codes() {
    for code in [
        "5.1.2", "4.2.2", "5.2.3", "4.4.1", "5.4.6", "4.4.7", "5.5.0", "5.6.7", "5.7.1", "5.7.26",
        "5.0.0", "5.999.1",
    ] {
        let status = EnhancedStatus::parse(code).unwrap();
        let written =
            write(&message(ORIGINAL), &[DsnRecipient { status, ..recipient(DsnAction::Failed) }]);
        assert!(parts(&written)[0].contains(&format!("({code}).")), "{code}");
    }
}
