//! Commands in pieces, literals and their limits.

use proptest::prelude::*;

use super::*;

const SMALL: ReadLimits =
    ReadLimits { line_octets_max: 40, literals_max: 3, skipped_octets_max: 100 };
/// The largest literal that the sessions of these tests take.
const LITERAL_OCTETS_MAX: u64 = 12;

/// Reads all of it, taking literals up to the limit, in pieces of these sizes.
fn steps(octets: &[u8], pieces: &[usize]) -> Vec<Step> {
    let mut reader = Reader::new(SMALL);
    let mut input = BytesMut::new();
    let mut steps = Vec::new();
    let mut rest = octets;
    let mut sizes = pieces.iter().copied().chain(std::iter::repeat(usize::MAX));
    loop {
        let step = reader.feed(&mut input);
        match &step {
            Step::NeedMore if rest.is_empty() => return steps,
            Step::NeedMore => {
                assert!(input.is_empty(), "octets were left");
                let size = sizes.next().expect("endless").clamp(1, rest.len());
                input.extend_from_slice(&rest[..size]);
                rest = &rest[size..];
                continue;
            }
            Step::Literal(announced) if announced.octets <= LITERAL_OCTETS_MAX => reader.take(),
            Step::Literal(_) => reader.refuse(),
            Step::Refused(refused) if !refused.is_in_step => {
                steps.push(step);
                return steps;
            }
            Step::Complete(_) | Step::Refused(_) => assert!(reader.is_between_commands()),
        }
        steps.push(step);
    }
}

fn refusals(octets: &[u8]) -> Vec<(Option<String>, Fault, bool)> {
    let refused = steps(octets, &[]).into_iter().filter_map(|step| match step {
        Step::Refused(refused) => Some(refused),
        _ => None,
    });
    refused.map(|r| (r.tag.map(|tag| tag.to_string()), r.fault, r.is_in_step)).collect()
}

fn frames(octets: &[u8]) -> Vec<Frame> {
    let complete = steps(octets, &[]).into_iter().filter_map(|step| match step {
        Step::Complete(frame) => Some(frame),
        _ => None,
    });
    complete.collect()
}

#[test]
fn commands_follow_each_other() {
    let frames = frames(b"a1 NOOP\r\n\r\nb CHECK\r\nc LOG");
    let texts: Vec<_> = frames.iter().map(|frame| &frame.text[..]).collect();
    assert_eq!(texts, [b"a1 NOOP".as_slice(), b"", b"b CHECK"]);
}

#[test]
fn literals_are_announced_with_all_that_is_known() {
    let steps = steps(b"a7 uid append x {3}\r\na\r\n y ~{0+}\r\n\r\n", &[]);
    let [Step::Literal(first), Step::Literal(second), Step::Complete(frame)] = &steps[..] else {
        panic!("{steps:?}")
    };
    let expected = Announced {
        octets: 3,
        is_synchronizing: true,
        is_literal8: false,
        index: 0,
        taken_octets: 0,
        tag: Tag::new(b"a7"),
        verb: Some(Verb::Append),
    };
    assert_eq!(*first, expected);
    assert_eq!((second.octets, second.index, second.taken_octets), (0, 1, 3));
    assert!(second.is_literal8 && !second.is_synchronizing);
    assert_eq!(&frame.text[..], b"a7 uid append x  y ");
    let literals: Vec<_> = frame.literals.iter().map(|l| (l.at, &l.octets[..])).collect();
    assert_eq!(literals, [(16, b"a\r\n".as_slice()), (19, b"")]);
}

#[test]
fn an_announced_size_reserves_nothing() {
    let mut reader = Reader::new(ReadLimits::AFTER_LOGIN);
    let mut input = BytesMut::from(&b"a APPEND x {9223372036854775807}\r\n"[..]);
    let Step::Literal(announced) = reader.feed(&mut input) else { panic!("no literal") };
    assert_eq!(announced.octets, i64::MAX as u64);
    assert_eq!(reader.literal.capacity(), 0);
    reader.take();
    assert!(reader.literal.capacity() as u64 <= 2 * LITERAL_RESERVED_OCTETS);
}

#[test]
fn the_step_repeats_until_the_session_has_spoken() {
    let mut reader = Reader::new(SMALL);
    let mut input = BytesMut::from(&b"a X {2}\r\nab\r\n"[..]);
    let step = reader.feed(&mut input);
    assert!(matches!(step, Step::Literal(_)));
    assert_eq!(reader.feed(&mut input), step);
    reader.take();
    assert!(matches!(reader.feed(&mut input), Step::Complete(_)));
}

#[test]
fn lines_end_at_their_limit() {
    let line = |octets: usize| format!("t {}\r\n", "x".repeat(octets - 2)).into_bytes();
    assert_eq!(frames(&line(40)).len(), 1);
    for too_long in [41, 42, 43, 80] {
        let octets = [line(too_long), b"b NOOP\r\n".to_vec()].concat();
        let fault = Fault::TooLong { max_octets: 40 };
        assert_eq!(refusals(&octets), [(Some("t".to_owned()), fault, true)], "{too_long}");
        assert_eq!(frames(&octets).len(), 1, "the next command is found");
    }
    // The lines of one command count together, its literals do not.
    let two = |octets: usize| format!("t x {{3+}}\r\nabc{}\r\n", "y".repeat(octets)).into_bytes();
    assert_eq!(frames(&two(36)).len(), 1);
    assert_eq!(refusals(&two(37)).len(), 1);
}

#[test]
fn a_long_line_may_end_in_a_literal() {
    let octets = format!("t {} {{7+}}\r\nb NOOP\r more\r\nc NOOP\r\n", "x".repeat(50));
    assert_eq!(refusals(octets.as_bytes()).len(), 1);
    assert_eq!(frames(octets.as_bytes()).len(), 1, "what is in the literal is no command");
    let octets = format!("t {} {{7}}\r\nc NOOP\r\n", "x".repeat(50));
    assert_eq!(frames(octets.as_bytes()).len(), 1, "an unsolicited literal does not come");
}

#[test]
fn what_is_passed_over_is_limited() {
    let long = |octets: usize| format!("t {}\r\nb NOOP\r\n", "x".repeat(octets - 4));
    assert!(refusals(long(100).as_bytes())[0].2);
    let [(tag, _, is_in_step)] = &refusals(long(101).as_bytes())[..] else { panic!("one") };
    assert_eq!((tag.as_deref(), *is_in_step), (Some("t"), false));
    let fault = Fault::LiteralRefused;
    let large = refusals(b"t APPEND x {101+}\r\n");
    assert_eq!(large, [(Some("t".to_owned()), fault, false)]);
}

#[test]
fn literals_the_session_refuses_end_their_command() {
    let refused = (Some("t".to_owned()), Fault::LiteralRefused, true);
    // The client waits: it sends the next command in place of the literal.
    let waiting = b"t APPEND x {13}\r\nb NOOP\r\n";
    assert_eq!(refusals(waiting), std::slice::from_ref(&refused));
    assert_eq!(frames(waiting).len(), 1);
    // It does not wait: literal and what follows it are passed over.
    let hasty = b"t APPEND x {13+}\r\nb NOOP\r\n12345 {3+}\r\nabc {2}\r\nb NOOP\r\n";
    assert_eq!(refusals(hasty), [refused]);
    assert_eq!(frames(hasty).len(), 1);
}

#[test]
fn literals_end_at_their_number() {
    let command = |n: usize| format!("t{}\r\nb NOOP\r\n", " {1+}\r\nx".repeat(n));
    assert_eq!(frames(command(3).as_bytes()).len(), 2);
    let fault = Fault::TooMany("literals in one command");
    assert_eq!(refusals(command(4).as_bytes()), [(Some("t".to_owned()), fault, true)]);
    assert_eq!(frames(command(4).as_bytes()).len(), 1);
}

#[test]
fn sizes_that_are_none_are_refused() {
    let tag = || Some("t".to_owned());
    for digits in ["9223372036854775808", "18446744073709551616", "99999999999999999999"] {
        let waiting = refusals(format!("t x {{{digits}}}\r\n").as_bytes());
        assert_eq!(waiting, [(tag(), Fault::LiteralSize, true)]);
        let hasty = refusals(format!("t x {{{digits}+}}\r\n").as_bytes());
        assert_eq!(hasty, [(tag(), Fault::LiteralSize, false)]);
    }
    // Not announcements, but text for the parser to refuse.
    for text in ["{}", "{+}", "{-1}", "{1 }", "{1-}", "{a}", "1}", "{000000000000000000001}"] {
        assert_eq!(frames(format!("t x {text}\r\n").as_bytes()).len(), 1, "{text}");
    }
}

#[test]
fn lines_are_clean() {
    let refused = |octets: &[u8], fault| {
        assert_eq!(refusals(octets), [(Some("t".to_owned()), fault, true)], "{octets:?}");
    };
    refused(b"t NOOP\n", Fault::BareLf);
    refused(b"t NO\0OP\r\n", Fault::ControlCharacter);
    refused(b"t NO\rOP\r\n", Fault::ControlCharacter);
    refused(b"t NOOP\r\r\n", Fault::ControlCharacter);
    refused(b"t x {3+}\nabc\r\n", Fault::BareLf);
    assert_eq!(refusals(b"\n"), [(None, Fault::BareLf, true)]);
    assert_eq!(refusals(b"\xff\xfe {1}\n")[0].0, None);
    // RFC 9051 §4.3: any octet in a literal.
    assert_eq!(frames(b"t x {3+}\r\n\r\n\0\r\n").len(), 1);
}

#[test]
fn lone_lines_have_no_literals() {
    let mut reader = Reader::new(SMALL);
    reader.set_framing(Framing::Line);
    let mut input = BytesMut::from(&b"abc{3}\r\nDONE\r\n"[..]);
    for expected in [b"abc{3}".as_slice(), b"DONE"] {
        let Step::Complete(frame) = reader.feed(&mut input) else { panic!("no line") };
        assert_eq!(&frame.text()[..], expected);
    }
}

/// Octets that look like commands often enough.
fn conversation() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        Just(b"t1 LOGIN ".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\0".to_vec()),
        Just(b"x".repeat(30)),
        (0_u64..30).prop_map(|n| format!(" {{{n}}}\r\n").into_bytes()),
        (0_u64..30).prop_map(|n| format!(" {{{n}+}}\r\n").into_bytes()),
        (0_u64..9).prop_map(|n| format!("~{{{n}+}}\r\n").into_bytes()),
        Just(b"{99999999999999999999+}\r\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(word, 0..16).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn pieces_do_not_matter(
        octets in conversation(), pieces in proptest::collection::vec(1_usize..20, 0..60),
    ) {
        let whole = steps(&octets, &[]);
        prop_assert_eq!(&steps(&octets, &pieces), &whole);
        prop_assert_eq!(&steps(&octets, &vec![1; octets.len()]), &whole);
    }

    #[test]
    fn memory_is_bounded(octets in conversation()) {
        let mut reader = Reader::new(SMALL);
        for octet in octets {
            let mut input = BytesMut::from(&[octet][..]);
            while !matches!(reader.feed(&mut input), Step::NeedMore) {
                reader.take();
            }
            prop_assert!(reader.text.len() <= SMALL.line_octets_max + 2);
            prop_assert!(reader.literals.len() <= SMALL.literals_max);
        }
    }
}
