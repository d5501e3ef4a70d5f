//! Sets, right, wrong and resolved.

use proptest::prelude::*;

use super::*;

fn set(text: &str) -> SequenceSet {
    SequenceSet::read(text.as_bytes()).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

#[test]
fn sets_are_read_as_written() {
    for text in ["1", "*", "1:*", "*:4", "2,4:7,9,12:*", "4294967295", "5:3,1,1"] {
        assert_eq!(set(text).to_string(), text);
    }
    assert_eq!(set("3:3").to_string(), "3");
    assert!(set("1,2:*").has_last() && set("*").has_last() && !set("1:4").has_last());
}

#[test]
fn wrong_sets_are_refused() {
    for text in [
        "",
        "0",
        "01",
        "-1",
        "+1",
        "1,",
        ",1",
        "1,,2",
        "1:",
        ":1",
        "1:2:3",
        "1 ,2",
        "a",
        "1-2",
        "4294967296",
        "**",
        "$",
        "1:$",
        "1,$",
        "0:*",
    ] {
        assert_eq!(SequenceSet::read(text.as_bytes()), Err(Fault::SequenceSet), "{text}");
    }
}

#[test]
fn sets_end_at_their_limit() {
    let longest = vec!["1"; SEQUENCE_ELEMENTS_MAX].join(",");
    assert_eq!(set(&longest).ranges().len(), SEQUENCE_ELEMENTS_MAX);
    let fault = SequenceSet::read(format!("{longest},1").as_bytes());
    assert_eq!(fault, Err(Fault::TooMany("elements of a sequence set")));
    assert_eq!(SequenceSet::new(Vec::new()), None);
}

#[test]
fn sets_are_resolved() {
    for (text, last, expected) in [
        // The example of RFC 9051 §9 `sequence-set`: for 15 messages.
        ("2,4:7,9,12:*", 15, vec![2..=2, 4..=7, 9..=9, 12..=15]),
        ("*:4,5:7", 10, vec![4..=10]),
        ("5:3,1,2", 9, vec![1..=5]),
        ("*", 7, vec![7..=7]),
        // RFC 9051 `seq-range`: n:* always means the last one, too.
        ("559:*", 20, vec![20..=559]),
        ("*", 0, vec![]),
        ("5:*", 0, vec![1..=5]),
        ("1:4294967295,4294967295", 3, vec![1..=u32::MAX]),
    ] {
        assert_eq!(set(text).resolve(last), expected, "{text} of {last}");
    }
}

fn any_range() -> impl Strategy<Value = SequenceRange> {
    let bound = prop_oneof![
        4 => (1_u32..60).prop_map(|n| Bound::Number(NonZeroU32::new(n).expect("from 1"))),
        1 => Just(Bound::Last),
    ];
    (bound.clone(), bound).prop_map(|(first, last)| SequenceRange { first, last })
}

proptest! {
    #[test]
    fn what_is_written_is_read(ranges in proptest::collection::vec(any_range(), 1..20)) {
        let written = SequenceSet::new(ranges).expect("between the limits");
        prop_assert_eq!(SequenceSet::read(written.to_string().as_bytes()), Ok(written));
    }

    #[test]
    fn resolving_keeps_every_number_once(
        ranges in proptest::collection::vec(any_range(), 1..20), last in 1_u32..70,
    ) {
        let set = SequenceSet::new(ranges).expect("between the limits");
        let resolved = set.resolve(last);
        for pair in resolved.windows(2) {
            prop_assert!(pair[0].end() + 1 < *pair[1].start(), "{:?}", resolved);
        }
        let number = |bound| match bound { Bound::Number(n) => n.get(), Bound::Last => last };
        for n in 1..80 {
            let is_in = set.ranges().iter().any(|range| {
                let (a, b) = (number(range.first), number(range.last));
                (a.min(b)..=a.max(b)).contains(&n)
            });
            prop_assert_eq!(resolved.iter().any(|range| range.contains(&n)), is_in, "{}", n);
        }
    }

    #[test]
    fn never_panics(text in proptest::collection::vec(any::<u8>(), 0..40)) {
        let _ = SequenceSet::read(&text);
    }
}
