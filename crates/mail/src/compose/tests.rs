use bytes::Bytes;
use proptest::prelude::*;

use super::{Attachment, Draft, Mailbox, safe_file_name};
use crate::{Address, Message, read_author};

fn mailbox(name: &str, address: &str) -> Mailbox {
    let name = Some(name.to_owned()).filter(|name| !name.is_empty());
    Mailbox { name, address: Address::parse(address).unwrap() }
}

fn draft() -> Draft {
    Draft {
        from: mailbox("Support", "support@contoso.com"),
        to: vec![mailbox("", "customer@fabrikam.com")],
        cc: Vec::new(),
        bcc: vec![mailbox("", "secret@fabrikam.com")],
        keeps_bcc: false,
        subject: "Votre demande".into(),
        text: "Bonjour,\n\nc’est réglé.\n".into(),
        html: None,
        attachments: Vec::new(),
        references: vec!["<1@fabrikam.com>".into(), "<2@fabrikam.com>".into()],
        at_ms: 1_772_719_629_000,
        boundary: "b7".into(),
    }
}

#[test]
fn a_plain_message() {
    let expected = "Date: Thu, 5 Mar 2026 14:07:09 +0000\r\n\
        From: Support <support@contoso.com>\r\n\
        To: customer@fabrikam.com\r\n\
        Subject: Votre demande\r\n\
        In-Reply-To: <2@fabrikam.com>\r\n\
        References: <1@fabrikam.com>\r\n <2@fabrikam.com>\r\n\
        MIME-Version: 1.0\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: quoted-printable\r\n\r\n\
        Bonjour,\r\n\r\nc=E2=80=99est r=C3=A9gl=C3=A9.\r\n";
    assert_eq!(String::from_utf8(draft().write().to_vec()).unwrap(), expected);
}

#[test]
fn text_html_and_files_nest() {
    let mut draft = draft();
    draft.html = Some("<p>Bonjour</p>".into());
    draft.attachments = vec![Attachment {
        file_name: "../../étude.pdf".into(),
        media_type: "application/pdf".into(),
        content: Bytes::from_static(&[0; 100]),
    }];
    let written = String::from_utf8(draft.write().to_vec()).unwrap();
    let order = [
        "multipart/mixed; boundary=\"m-b7\"",
        "--m-b7\r\nContent-Type: multipart/alternative; boundary=\"a-b7\"",
        "--a-b7\r\nContent-Type: text/plain",
        "--a-b7\r\nContent-Type: text/html",
        "--a-b7--",
        "--m-b7\r\nContent-Type: application/pdf\r\n",
        "filename*=utf-8''%C3%A9tude.pdf\r\n",
        "--m-b7--\r\n",
    ];
    let mut rest = written.as_str();
    for part in order {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part:?} in {rest}"));
        rest = &rest[at + part.len()..];
    }
    assert!(written.lines().all(|line| line.len() <= 78), "{written}");
}

#[test]
fn blind_copies_are_named_in_drafts_only() {
    let mut draft = draft();
    assert!(!String::from_utf8_lossy(&draft.write()).contains("secret@"));
    draft.keeps_bcc = true;
    assert!(String::from_utf8_lossy(&draft.write()).contains("Bcc: secret@fabrikam.com\r\n"));
}

#[test]
fn nothing_typed_becomes_a_field() {
    let mut draft = draft();
    draft.subject = "Hi\r\nBcc: victim@example.com\r\n\r\nbody".into();
    draft.from.name = Some("Support\r\nX-Evil: 1".into());
    draft.references = vec!["<a>\r\nX-Evil: 2".into(), "no id".into()];
    draft.attachments = vec![Attachment {
        file_name: "a\"\r\nX-Evil: 3.pdf".into(),
        media_type: "text/html\r\nX-Evil: 4".into(),
        content: Bytes::new(),
    }];
    let written = draft.write();
    let message = Message::parse(written.clone()).unwrap();
    assert_eq!(message.count_fields("Bcc"), 0);
    assert_eq!(message.count_fields("X-Evil"), 0);
    assert_eq!(message.count_fields("References"), 0);
    assert!(!String::from_utf8_lossy(&written).contains("\r\nX-Evil"));
    assert!(String::from_utf8_lossy(&written).contains("application/octet-stream"));
}

#[test]
fn names_of_files_are_no_paths() {
    for (given, kept) in [
        ("C:\\temp\\a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("..", "file"),
        ("", "file"),
        ("a\u{202e}fdp.exe", "afdp.exe"),
        ("a\nb.txt", "ab.txt"),
    ] {
        assert_eq!(safe_file_name(given), kept, "{given:?}");
    }
}

proptest! {
    #[test]
    fn whatever_is_typed_the_author_is_read_back(
        subject in any::<String>(),
        text in any::<String>(),
        html in proptest::option::of(any::<String>()),
        name in any::<String>(),
        file in any::<String>(),
        kind in any::<String>(),
    ) {
        let mut draft = draft();
        draft.subject = subject;
        draft.text = text;
        draft.html = html;
        draft.to[0].name = Some(name);
        draft.attachments =
            vec![Attachment { file_name: file, media_type: kind, content: Bytes::from("x") }];
        let message = Message::parse(draft.write()).unwrap();
        prop_assert_eq!(read_author(&message).unwrap().address, draft.from.address);
        let names: Vec<&str> = message.fields().map(|field| field.name()).collect();
        let expected =
            ["Date", "From", "To", "Subject", "In-Reply-To", "References", "MIME-Version",
             "Content-Type"];
        prop_assert_eq!(names, expected);
        prop_assert!(message.raw().is_ascii());
    }
}
