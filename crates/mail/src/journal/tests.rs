use proptest::prelude::*;

use super::*;
use crate::mime::{Inside, Part};

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// Writes a report about `content` and takes it apart: the text about the envelope, the message.
fn written(subject: &str, content: &[u8], recipients: &[JournalRecipient]) -> (String, Vec<u8>) {
    let report = report(subject, content, recipients);
    let part = Part::read(&report);
    let [envelope, original] = part.parts() else { panic!("two parts") };
    assert!(matches!(original.inside, Inside::Message(_)), "{original:?}");
    let text = String::from_utf8(envelope.decoded(&report, usize::MAX)).unwrap();
    (text, report[original.body.clone()].to_vec())
}

fn report(subject: &str, content: &[u8], recipients: &[JournalRecipient]) -> Bytes {
    let content = Bytes::copy_from_slice(content);
    JournalReport {
        from: &address("postmaster@contoso.com"),
        to: &address("archive@fabrikam.com"),
        organization: "11111111-2222-4333-8444-555555555555",
        sender: "claire.martin@contoso.com",
        on_behalf_of: Some("support@contoso.com"),
        subject,
        original_id: "<1@contoso.com>",
        recipients,
        content: &content,
        message_id: "<2@contoso.com>",
        date_ms: 1_772_719_629_000,
    }
    .write()
}

#[test]
fn a_report_has_the_envelope_and_the_message_as_it_is() {
    let recipient =
        |addressed, by| JournalRecipient { addressed, address: address("d@contoso.com"), by };
    let team = || address("team@contoso.com");
    let recipients = [
        recipient(JournalAs::To, None),
        recipient(JournalAs::Cc, Some(JournalBy::Expanded(team()))),
        recipient(JournalAs::Bcc, None),
        recipient(JournalAs::Recipient, Some(JournalBy::Forwarded(team()))),
    ];
    let content = b"From: a@b.c\r\nSubject: Q3\r\n\r\nbody \xff\r\n";
    let (text, original) = written("Q3", content, &recipients);
    assert_eq!(
        text,
        "Sender: claire.martin@contoso.com\r\nSubject: Q3\r\nMessage-ID: <1@contoso.com>\r\n\
         On-Behalf-Of: support@contoso.com\r\nTo: d@contoso.com\r\n\
         Cc: d@contoso.com, Expanded: team@contoso.com\r\nBcc: d@contoso.com\r\n\
         Recipient: d@contoso.com, Forwarded: team@contoso.com\r\n"
    );
    assert_eq!(original, content);
    let header = Message::parse(report("Q3", content, &[])).unwrap();
    assert!(header.first_field("X-MS-Journal-Report").is_some());
    let organization = reported_organization(&header);
    assert_eq!(organization, Some("11111111-2222-4333-8444-555555555555"));
}

#[test]
fn no_subject_adds_a_line() {
    let (text, _) = written("a\r\nBcc: x@y.z\u{2028}b\u{85}c", b"From: a@b.c\r\n\r\n", &[]);
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.contains("Subject: a  Bcc: x@y.z b c\r\n"));
}

#[test]
fn a_message_that_guesses_the_boundary_stays_whole() {
    let content = b"From: a@b.c\r\n\r\n--=_journal_2contosocom_0--\r\nmore\r\n";
    assert_eq!(written("x", content, &[]).1, content);
}

#[test]
fn header_sections_with_utf8_have_their_own_type() {
    let report = report("x", "From: a@b.c\r\nSubject: été\r\n\r\n".as_bytes(), &[]);
    assert!(memmem::find(&report, b"Content-Type: message/global").is_some());
}

proptest! {
    #[test]
    fn every_message_and_subject_survives(subject in "\\PC{0,40}", body in "[ -~\r\n]{0,200}") {
        let body = body.replace(['\r', '\n'], "\r\n");
        let content = format!("From: a@b.c\r\n\r\n{body}");
        let (text, original) = written(&subject, content.as_bytes(), &[]);
        prop_assert_eq!(text.lines().count(), 4);
        prop_assert_eq!(original, content.as_bytes());
    }
}
