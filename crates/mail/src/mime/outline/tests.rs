//! What is read in pieces is what is read whole.

use proptest::prelude::*;

use super::*;

fn outlined(octets: &[u8], piece: usize) -> (Part, Vec<u8>, usize) {
    let mut outline = Outline::default();
    octets.chunks(piece.max(1)).for_each(|piece| outline.push(piece));
    let kept = outline.kept.len();
    let (part, header) = outline.finish();
    (part, header, kept)
}

/// The structure without the counted lines.
fn uncounted(mut part: Part) -> Part {
    part.lines = 0;
    part.inside = match part.inside {
        Inside::Nothing => Inside::Nothing,
        Inside::Parts(parts) => Inside::Parts(parts.into_iter().map(uncounted).collect()),
        Inside::Message(message) => Inside::Message(Box::new(uncounted(*message))),
    };
    part
}

#[test]
fn a_large_attachment_is_found_and_not_kept() {
    let line = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAx\r\n";
    let message = format!(
        "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\n\r\nText\r\n--b\r\nContent-Type: application/pdf\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}--b--\r\n",
        line.repeat(20_000)
    );
    let (part, header, kept) = outlined(message.as_bytes(), 4_096);
    assert_eq!(part, uncounted(Part::read(message.as_bytes())));
    assert!(kept < 300, "{kept} octets are kept");
    assert!(header.starts_with(b"Subject: x\r\n") && header.ends_with(b"\r\n\r\n"));
    let attached = &part.parts()[1];
    assert_eq!(attached.body.len(), line.len() * 20_000 - 2);
    let octets = &message.as_bytes()[attached.body.clone()];
    let alone = attached.by_itself();
    assert_eq!(alone.decoded(octets, 6), attached.decoded(message.as_bytes(), 6));
}

#[test]
fn what_is_kept_has_a_bound() {
    let lines = "--x\r\n".repeat(OUTLINE_OCTETS_MAX / 4);
    let message = format!("Content-Type: multipart/mixed; boundary=x\r\n\r\n{lines}");
    let (part, _, kept) = outlined(message.as_bytes(), 100_000);
    assert!(kept <= OUTLINE_OCTETS_MAX && part.body.end == message.len());
}

proptest! {
    #[test]
    fn what_is_read_in_pieces_is_what_is_read_whole(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("Content-Type: multipart/mixed; boundary=b\r\n"),
                Just("Content-Type: multipart/digest; boundary=\"c\"\r\n"),
                Just("Content-Type: message/rfc822\r\n"),
                Just("Content-Transfer-Encoding: base64\r\n"),
                Just("\r\n"), Just("\n"), Just("--b\r\n"), Just("--b--\r\n"), Just("--c\n"),
                Just("--c--"), Just("text é\r\n"), Just(" folded\r\n"), Just("\r"), Just("-"),
                Just("a\n"), Just("--b"),
            ],
            0..40,
        ),
        piece in 1usize..20,
    ) {
        let octets = pieces.concat();
        let (part, header, _) = outlined(octets.as_bytes(), piece);
        let whole = uncounted(Part::read(octets.as_bytes()));
        prop_assert_eq!(&header, &octets.as_bytes()[whole.header.clone()]);
        prop_assert_eq!(part, whole);
    }
}
