use domain::Timestamp;

use super::*;

const NOW: Timestamp = Timestamp(1_750_000_000_000);

fn address(text: &str) -> Address {
    Address::parse(text).expect("valid")
}

fn send_as() -> Stamp {
    Stamp {
        author_name: "Support".to_owned(),
        author: address("support@contoso.com"),
        sender: None,
        hidden: vec![address("jean.dupont@contoso.com"), address("jd@contoso.com")],
        reverse_path: ReversePath::Address(address("support@contoso.com")),
    }
}

fn on_behalf() -> Stamp {
    Stamp {
        sender: Some(("Marie Durand".to_owned(), address("marie.durand@contoso.com"))),
        hidden: Vec::new(),
        ..send_as()
    }
}

/// Stamps a message of these header lines and gives the whole result.
fn stamped(lines: &[&str], with: &Stamp) -> String {
    let raw = format!("{}\r\n\r\nBody stays.\r\n", lines.join("\r\n"));
    let message = Message::parse(Bytes::from(raw)).expect("a readable message");
    let trace = Trace { received: "by mx.contoso.com with ESMTPSA id 7", unique: "u1", now: NOW };
    let (bytes, _) = stamp(&message, with, &trace);
    String::from_utf8(bytes.to_vec()).expect("text")
}

fn has_field(message: &str, name: &str) -> bool {
    let start = format!("{}:", name.to_lowercase());
    message
        .split("\r\n\r\n")
        .next()
        .unwrap_or_default()
        .to_lowercase()
        .split("\r\n")
        .any(|line| line.starts_with(&start))
}

#[test]
fn the_author_is_written_anew_in_its_place() {
    let out = stamped(
        &["Subject: a", "From: \"Boss\" <SUPPORT@contoso.com>", "To: c@fabrikam.com"],
        &send_as(),
    );
    assert!(
        out.contains("Subject: a\r\nFrom: Support <support@contoso.com>\r\nTo: c@fabrikam.com")
    );
    assert!(!out.contains("Boss"));
    assert!(out.ends_with("\r\n\r\nBody stays.\r\n"));
    assert!(out.starts_with("Received: by mx.contoso.com"));
}

#[test]
fn a_sender_is_there_exactly_when_somebody_sends_on_behalf() {
    let lines = ["From: support@contoso.com", "Sender: marie.durand@contoso.com"];
    assert!(!has_field(&stamped(&lines, &send_as()), "Sender"));
    let out = stamped(&lines, &on_behalf());
    assert_eq!(out.matches("Sender:").count(), 1);
    assert!(out.contains("Sender: Marie Durand <marie.durand@contoso.com>\r\n"));
}

#[test]
fn under_send_as_nothing_tells_the_person() {
    let lines = [
        "Received: from laptop (jean.dupont) by mua; Mon, 1 Jan 2024 00:00:00 +0000",
        "From: support@contoso.com",
        "Message-ID: <1.jean.dupont@contoso.com>",
        "X-Sender: jean.dupont@contoso.com",
        "X-Originating-IP: [192.0.2.7]",
        "X-Custom: written by JD at home",
        "Disposition-Notification-To: jean.dupont@contoso.com",
        "Resent-From: jean.dupont@contoso.com",
        "X-Mailer: Mutt",
    ];
    let out = stamped(&lines, &send_as());
    let lower = out.to_lowercase();
    assert!(!lower.contains("jean"), "{out}");
    assert!(!lower.contains("192.0.2.7"), "{out}");
    assert!(!has_field(&out, "X-Custom"), "{out}");
    assert!(has_field(&out, "X-Mailer"), "{out}");
    assert!(out.contains("Message-ID: <u1@contoso.com>"), "{out}");
    assert_eq!(out.matches("Received:").count(), 1, "{out}");
}

#[test]
fn what_the_writer_says_of_herself_stays() {
    let lines = ["From: support@contoso.com", "Subject: Ask JD", "Reply-To: jd@contoso.com"];
    let out = stamped(&lines, &send_as());
    assert!(out.contains("Subject: Ask JD\r\nReply-To: jd@contoso.com\r\n"), "{out}");
}

#[test]
fn fields_that_make_a_message_readable_stay_whatever_the_person_is_called() {
    let hidden = ["mon@contoso.com", "mixed@contoso.com", "1.0@contoso.com", "html@contoso.com"];
    let named = Stamp { hidden: hidden.map(address).to_vec(), ..send_as() };
    let lines = [
        "From: support@contoso.com",
        "Date: Mon, 1 Jan 2024 00:00:00 +0000",
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=html",
    ];
    let out = stamped(&lines, &named);
    for line in &lines[1..] {
        assert!(out.contains(line), "{line} in {out}");
    }
}

#[test]
fn a_message_id_that_tells_nobody_is_kept() {
    let out = stamped(&["From: a@b.example", "Message-ID: <x1@contoso.com>"], &send_as());
    assert!(out.contains("Message-ID: <x1@contoso.com>"));
    assert!(!out.contains("<u1@"));
}

#[test]
fn missing_fields_are_added_and_server_fields_removed() {
    let lines = [
        "From: support@contoso.com",
        "Bcc: secret@contoso.com",
        "Return-Path: <x@y.example>",
        "DKIM-Signature: v=1; d=contoso.com",
        "Authentication-Results: mx.contoso.com; dkim=pass",
    ];
    let out = stamped(&lines, &on_behalf());
    for name in ["Bcc", "Return-Path", "DKIM-Signature", "Authentication-Results"] {
        assert!(!has_field(&out, name), "{name} in {out}");
    }
    assert!(has_field(&out, "Date") && has_field(&out, "Message-ID"));
}

#[test]
fn a_local_part_inside_a_longer_word_tells_nobody() {
    let hidden = [address("al@contoso.com")];
    assert!(tells("from Al, at home", &hidden));
    assert!(!tells("internal", &hidden));
}
