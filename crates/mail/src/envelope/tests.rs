//! Envelopes of RFC 9051's example, of groups, and of what strangers write.

use proptest::prelude::*;

use super::*;

fn show(list: &str) -> String {
    let shown: Vec<String> = addresses(list)
        .into_iter()
        .map(|address| match address {
            EnvelopeAddress::Mailbox { name, route, local, domain } => {
                format!(
                    "{}|{}|{local}|{domain}",
                    name.unwrap_or_default(),
                    route.unwrap_or_default()
                )
            }
            EnvelopeAddress::GroupStart(name) => format!("[{name}"),
            EnvelopeAddress::GroupEnd => "]".to_owned(),
        })
        .collect();
    shown.join(" ")
}

#[test]
fn the_example_of_rfc_9051_is_read() {
    let header = b"Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n\
        From: Terry Gray <gray@cac.washington.edu>\r\n\
        Subject: IMAP4rev2 WG mtg\r\n summary and minutes\r\n\
        To: imap@cac.washington.edu\r\n\
        cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n\
        Message-Id: <B27397-0100000@cac.washington.edu>\r\n\
        Sender:\r\n\
        MIME-Version: 1.0\r\n";
    let envelope = Envelope::read(header);
    assert_eq!(envelope.subject.as_deref(), Some("IMAP4rev2 WG mtg summary and minutes"));
    assert_eq!(envelope.message_id.as_deref(), Some("<B27397-0100000@cac.washington.edu>"));
    assert_eq!(envelope.sender, envelope.from);
    assert_eq!(envelope.reply_to, envelope.from);
    assert_eq!(envelope.cc.len(), 2);
    assert_eq!(envelope.in_reply_to, None);
    let kept = fields(header).unwrap();
    assert_eq!(Envelope::read(&kept), envelope);
    assert!(!kept.windows(4).any(|window| window == b"MIME"));
}

#[test]
fn addresses_are_read_as_they_stand() {
    assert_eq!(show("a@b"), "||a|b");
    assert_eq!(show("\"Doe, J.\" <j@x.org>, k@y"), "Doe, J.||j|x.org ||k|y");
    assert_eq!(show("=?utf-8?q?Andr=C3=A9?= X <a@b>"), "=?utf-8?q?Andr=C3=A9?= X||a|b");
    assert_eq!(show("a@b (Old Style)"), "Old Style||a|b");
    assert_eq!(show("<@r1,@r2:a@b>"), "|@r1,@r2|a|b");
    assert_eq!(show("Team: a@b, C <c@d>;, e@f"), "[Team ||a|b C||c|d ] ||e|f");
    assert_eq!(show("undisclosed-recipients:;"), "[undisclosed-recipients ]");
    assert_eq!(show("\"a b\"@c"), "||a b|c");
    assert_eq!(show("a . b @ c . d"), "||a.b|c.d");
    assert_eq!(show("nobody"), "||nobody|");
    assert_eq!(show(" , ,"), "");
    assert_eq!(show("Open: a@b"), "[Open ||a|b ]");
    assert_eq!(show("\"never closed"), "||never closed|");
    assert_eq!(show("<>"), "|||");
}

#[test]
fn fields_end_at_their_limit() {
    let header = |octets: usize| format!("To: {}\r\n", "x".repeat(octets - 6)).into_bytes();
    assert_eq!(fields(&header(FIELDS_OCTETS_MAX)).map(|kept| kept.len()), Some(FIELDS_OCTETS_MAX));
    assert_eq!(fields(&header(FIELDS_OCTETS_MAX + 1)), None);
    assert_eq!(fields(b"X-Other: y\r\n"), Some(Bytes::new()));
}

proptest! {
    #[test]
    fn any_list_is_read(list in "[a@,:;<>()\" \\\\.é]{0,60}") {
        let found = addresses(&list);
        let open = found.iter().filter(|of| matches!(of, EnvelopeAddress::GroupStart(_))).count();
        let closed = found.iter().filter(|of| **of == EnvelopeAddress::GroupEnd).count();
        prop_assert_eq!(open, closed);
    }

    #[test]
    fn what_is_kept_has_the_envelope_of_the_header(
        lines in proptest::collection::vec(
            "(From|Subject|X|Cc|cc): [a-z@, é]{0,10}\r\n( f\r\n)?",
            0..8,
        )
    ) {
        let header = lines.concat();
        let kept = fields(header.as_bytes()).unwrap();
        prop_assert_eq!(Envelope::read(&kept), Envelope::read(header.as_bytes()));
    }
}
