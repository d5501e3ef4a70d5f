//! Judging by rows and by texts, and the ranges of a search.

use bytes::Bytes;
use domain::{RecipientId, Timestamp};
use proptest::prelude::*;
use store::mailbox::Row;

use super::*;

fn range(first: i64, last: i64) -> UidRange {
    UidRange { first, last }
}

fn facts(uid: i64, envelope: Option<&'static str>) -> Facts {
    Facts::of(HeaderRow {
        row: Row {
            uid,
            modseq: uid + 100,
            flags: Flags::SEEN,
            internal_at: Timestamp(86_400_000 * 10 + 5),
            saved_at: Timestamp(86_400_000 * 20),
            placed_by: Some(RecipientId(1)),
            message: MessageId(7),
            size_bytes: 1_000,
        },
        envelope_fields: envelope.map(|text| Bytes::from_static(text.as_bytes())),
        header_bytes: None,
    })
}

impl Facts {
    fn with_content(mut self, content: &'static str) -> Facts {
        self.read_whole(&Bytes::from_static(content.as_bytes()));
        self
    }
}

/// Judges without an index.
fn judge(criterion: &Criterion, facts: &Facts) -> Option<bool> {
    let known = HashMap::new();
    Judge { criterion, known, indexed_uid: 0 }.judge(facts)
}

#[test]
fn rows_answer_what_rows_know() {
    let facts = facts(5, None);
    for (criterion, expected) in [
        (Criterion::All, true),
        (Criterion::And(vec![]), true),
        (Criterion::Or(vec![]), false),
        (Criterion::Flags(Flags::SEEN), true),
        (Criterion::Not(Box::new(Criterion::Flags(Flags::DELETED))), true),
        (Criterion::Uids(vec![range(1, 3), range(5, 5)]), true),
        (Criterion::Larger(1_000), false),
        (Criterion::Smaller(1_001), true),
        (Criterion::ModseqFrom(105), true),
        (Criterion::ModseqFrom(106), false),
        (Criterion::Message(MessageId(7)), true),
        (Criterion::OnOrAfter(DateOf::Arrival, 10), true),
        (Criterion::OnOrAfter(DateOf::Arrival, 11), false),
        (Criterion::OnOrAfter(DateOf::Saved, 20), true),
        (Criterion::Since(DateOf::Arrival, 864_000), true),
        (Criterion::Since(DateOf::Arrival, 864_001), false),
    ] {
        assert_eq!(judge(&criterion, &facts), Some(expected), "{criterion:?}");
        assert!(!judge::needs_fields(&criterion), "{criterion:?}");
    }
}

#[test]
fn fields_are_read_for_what_is_in_them_and_for_nothing_else() {
    let subject = || Criterion::Header { name: "Subject".into(), text: "a".into() };
    for criterion in [
        subject(),
        Criterion::Not(Box::new(subject())),
        Criterion::And(vec![Criterion::All, subject()]),
        Criterion::Or(vec![Criterion::Flags(Flags::SEEN), Criterion::Body("a".into())]),
        Criterion::Text("a".into()),
        Criterion::OnOrAfter(DateOf::Sent, 1),
    ] {
        assert!(judge::needs_fields(&criterion), "{criterion:?}");
    }
    let bare = Criterion::And(vec![Criterion::Not(Box::new(Criterion::Flags(Flags::SEEN)))]);
    assert!(!judge::needs_fields(&bare));
}

#[test]
fn no_more_is_read_than_the_answer_needs() {
    let subject = |text: &str| Criterion::Header { name: "subject".into(), text: text.into() };
    let facts = facts(5, Some("Subject: =?utf-8?q?=C3=89t=C3=A9?= news\r\n"));
    assert_eq!(judge(&subject("ete NEWS"), &facts), Some(true));
    assert_eq!(judge(&subject("other"), &facts), Some(false));
    assert_eq!(judge(&subject(""), &facts), Some(true));
    let other = Criterion::Header { name: "X-Other".into(), text: String::new() };
    assert_eq!(judge(&other, &facts), None, "it is not kept beside the message");
    let body = || Criterion::Body("words".into());
    assert_eq!(judge(&Criterion::And(vec![body(), subject("other")]), &facts), Some(false));
    assert_eq!(judge(&Criterion::Or(vec![body(), subject("news")]), &facts), Some(true));
    assert_eq!(judge(&Criterion::And(vec![body(), subject("news")]), &facts), None);
}

#[test]
fn texts_are_found_as_beginnings_of_words_and_as_phrases() {
    let facts = facts(5, None).with_content(
        "Subject: Meeting notes\r\nDate: Mon, 12 Jan 1970 23:00:00 -0800\r\n\r\n\
         L'\u{e9}t\u{e9} dernier, \u{20ac}!\r\n",
    );
    let body = |text: &str| judge(&Criterion::Body(text.into()), &facts);
    let text = |text: &str| judge(&Criterion::Text(text.into()), &facts);
    assert_eq!(body("ETE DERN"), Some(true));
    assert_eq!(body("te dernier"), Some(false), "a word from its middle");
    assert_eq!(body("dernier ete"), Some(false));
    assert_eq!(body("meeting"), Some(false));
    assert_eq!(text("meeting not"), Some(true));
    assert_eq!(body("\u{20ac}"), Some(true), "signs are looked for as they are");
    assert_eq!(body("\u{a3}"), Some(false));
    assert_eq!(body(""), Some(true));
    let sent = |day| judge(&Criterion::OnOrAfter(DateOf::Sent, day), &facts);
    assert_eq!((sent(11), sent(12)), (Some(true), Some(false)));
}

#[test]
fn the_index_answers_up_to_where_it_has_come() {
    let criterion = Criterion::Body("word".into());
    let known = |is_exact| {
        let candidates = vec![range(2, 3)];
        HashMap::from([(("word", false), Known { candidates, is_exact })])
    };
    let judge = Judge { criterion: &criterion, known: known(true), indexed_uid: 4 };
    assert_eq!(judge.superset(), [range(2, 3), range(5, i64::MAX)]);
    assert_eq!(judge.judge(&facts(2, None)), Some(true));
    assert_eq!(judge.judge(&facts(4, None)), Some(false));
    assert_eq!(judge.judge(&facts(5, None)), None, "it is not indexed");
    let judge = Judge { criterion: &criterion, known: known(false), indexed_uid: 4 };
    assert_eq!(judge.judge(&facts(2, None)), None, "the phrase has to be looked for");
    assert_eq!(judge.judge(&facts(2, None).with_content("\r\na word")), Some(true));
}

#[test]
fn depth_is_limited() {
    let nested =
        |depth: usize| (0..depth).fold(Criterion::All, |inner, _| Criterion::Not(Box::new(inner)));
    assert!(judge::collect_texts(&nested(CRITERION_DEPTH_MAX), 0, &mut Vec::new()));
    assert!(!judge::collect_texts(&nested(CRITERION_DEPTH_MAX + 1), 0, &mut Vec::new()));
}

#[test]
fn near_ranges_are_read_together() {
    let ranges = [range(1, 2), range(10, 10), range(10 + NEAR, 200), range(201 + NEAR, 300)];
    assert_eq!(batches(&ranges), [range(1, 200), range(201 + NEAR, 300)]);
}

proptest! {
    #[test]
    fn an_intersection_has_what_both_have(
        one in proptest::collection::vec((0i64..40, 0i64..5), 0..6),
        other in proptest::collection::vec((0i64..40, 0i64..5), 0..6),
    ) {
        let ranges = |of: &[(i64, i64)]| {
            merged(&of.iter().map(|(first, more)| range(*first, first + more)).collect::<Vec<_>>())
        };
        let (one, other) = (ranges(&one), ranges(&other));
        let both = intersection(&one, &other);
        for uid in 0..50 {
            prop_assert_eq!(contains(&both, uid), contains(&one, uid) && contains(&other, uid));
        }
    }
}
