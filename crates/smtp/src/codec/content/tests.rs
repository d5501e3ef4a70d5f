//! Content in one piece and in many, with every way to end it wrongly.

use proptest::prelude::*;

use super::*;

/// Feeds `wire` in pieces of `step` octets; gives the content and what follows its end.
fn read(wire: &[u8], step: usize) -> Option<(Result<Bytes, ContentFault>, Vec<u8>)> {
    let mut decoder = Decoder::new(Framing::Dots, 1000);
    let mut taken = 0;
    for piece in wire.chunks(step) {
        let fed = decoder.feed(piece);
        taken += fed.octets;
        if fed.is_ended {
            return Some((decoder.finish(), wire[taken..].to_vec()));
        }
    }
    None
}

fn check_read(wire: &[u8], expected: Result<&[u8], ContentFault>, rest: &[u8]) {
    for step in 1..=wire.len() {
        let (content, left) = read(wire, step).expect("the end is there");
        assert_eq!(content.as_deref().map_err(|fault| *fault), expected, "in pieces of {step}");
        assert_eq!(left, rest, "in pieces of {step}");
    }
}

#[test]
fn dots_are_taken_away_and_the_end_is_found() {
    check_read(b"a\r\n.\r\n", Ok(b"a\r\n"), b"");
    check_read(b".\r\nNOOP\r\n", Ok(b""), b"NOOP\r\n");
    check_read(b"..\r\n...b\r\nc.\r\n.\r\nQUIT\r\n", Ok(b".\r\n..b\r\nc.\r\n"), b"QUIT\r\n");
    check_read(b"\r\n\r\n.x\r\n.\r\n", Ok(b"\r\n\r\nx\r\n"), b"");
}

#[test]
fn only_cr_lf_dot_cr_lf_ends_and_the_rest_is_refused() {
    use ContentFault::{BareCr, BareLf, Nul};
    for (variant, fault) in [
        (&b"a\n.\nMAIL"[..], BareLf),
        (b"a\n.\r\nMAIL", BareLf),
        (b"a\r\n.\nMAIL", BareLf),
        (b"a\r.\rMAIL", BareCr),
        (b"a\r.\r\nMAIL", BareCr),
        (b"a\r\n.\rMAIL", BareCr),
        (b"a\r\r\n.MAIL", BareCr),
        (b"a\n.\rMAIL", BareLf),
        (b"a\0\r\n.MAIL", Nul),
        (b"a\r\n\0.\r\nMAIL", Nul),
        (b"a\r\n.\0\r\nMAIL", Nul),
        (b"a\n\r\n.MAIL", BareLf),
    ] {
        let mut wire = variant.to_vec();
        wire.extend_from_slice(b" FROM:<x@y.test>\r\n.\r\nNOOP\r\n");
        check_read(&wire, Err(fault), b"NOOP\r\n");
    }
}

#[test]
fn the_limit_counts_octets_without_stuffed_dots() {
    let mut decoder = Decoder::new(Framing::Dots, 4);
    assert!(decoder.feed(b"..a\r\n.\r\n").is_ended);
    assert_eq!(decoder.finish().as_deref(), Ok(&b".a\r\n"[..]));
    let mut decoder = Decoder::new(Framing::Dots, 4);
    assert!(decoder.feed(b"..ab\r\n.\r\n").is_ended);
    assert_eq!(decoder.finish(), Err(ContentFault::TooLarge));
}

#[test]
fn counted_content_keeps_dots_and_ends_its_last_line() {
    let mut decoder = Decoder::new(Framing::Counted, 100);
    assert!(!decoder.feed(b".\r\n.\r").is_ended);
    decoder.feed(b"\nx");
    assert_eq!(decoder.finish().as_deref(), Ok(&b".\r\n.\r\nx\r\n"[..]));
    let mut decoder = Decoder::new(Framing::Counted, 100);
    decoder.feed(b"x\r");
    assert_eq!(decoder.finish(), Err(ContentFault::BareCr));
    assert_eq!(Decoder::new(Framing::Counted, 100).finish().as_deref(), Ok(&b""[..]));
}

#[test]
fn check_finds_what_must_not_go_out() {
    assert_eq!(check(b"a\r\n\r\nb"), Ok(()));
    assert_eq!(check(b"a\nb"), Err(ContentFault::BareLf));
    assert_eq!(check(b"a\rb"), Err(ContentFault::BareCr));
    assert_eq!(check(b"a\r"), Err(ContentFault::BareCr));
    assert_eq!(check(b"a\r\r\n"), Err(ContentFault::BareCr));
    assert_eq!(check(b"a\0"), Err(ContentFault::Nul));
}

#[test]
fn stuffing_doubles_dots_and_ends() {
    let sent = |message: &[u8]| stuffed(message).collect::<Vec<_>>().concat();
    assert_eq!(sent(b""), b".\r\n");
    assert_eq!(sent(b"a\r\n"), b"a\r\n.\r\n");
    assert_eq!(sent(b"a"), b"a\r\n.\r\n");
    assert_eq!(sent(b".\r\n..\r\n."), b"..\r\n...\r\n..\r\n.\r\n");
}

proptest! {
    #[test]
    fn what_is_stuffed_is_read_back(
        lines in proptest::collection::vec("[.a-zé]{0,6}", 0..20), step in 1_usize..40
    ) {
        let message: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let wire = stuffed(message.as_bytes()).collect::<Vec<_>>().concat();
        let (content, rest) = read(&wire, step).expect("the end is there");
        prop_assert_eq!(content.as_deref(), Ok(message.as_bytes()));
        prop_assert!(rest.is_empty());
    }

    #[test]
    fn pieces_make_no_difference(
        octets in proptest::collection::vec(prop::sample::select(b"\r\n.\0ab".to_vec()), 1..60),
        step in 1_usize..10
    ) {
        prop_assert_eq!(read(&octets, step), read(&octets, octets.len()));
    }

    #[test]
    fn what_was_read_may_go_out(
        octets in proptest::collection::vec(prop::sample::select(b"\r\n.\0ab".to_vec()), 1..60)
    ) {
        if let Some((Ok(content), _)) = read(&octets, octets.len()) {
            prop_assert_eq!(check(&content), Ok(()));
        }
    }
}
