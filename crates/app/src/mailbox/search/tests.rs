//! Judging by rows and by texts, and the ranges of a search.

use bytes::Bytes;
use domain::{FolderId, RecipientId, Timestamp};
use proptest::prelude::*;
use store::scan::Depth;

use super::*;

fn range(first: i64, last: i64) -> UidRange {
    UidRange { first, last }
}

const ROW: Row = Row {
    uid: 5,
    modseq: 105,
    flags: Flags::SEEN,
    internal_at: Timestamp(86_400_000 * 10 + 5),
    saved_at: Timestamp(86_400_000 * 20),
    placed_by: Some(RecipientId(1)),
    message: MessageId(7),
    size_bytes: 1_000,
};

fn folder(indexed_uid: i64) -> Folder {
    Folder {
        id: FolderId(1),
        recipient: RecipientId(1),
        name: "Inbox".into(),
        role: None,
        uid_validity: 1,
        uid_next: 100,
        modseq: 200,
        messages: 9,
        unseen: 4,
        deleted: 1,
        size_bytes: 9_000,
        indexed_uid,
        created_at: Timestamp(0),
    }
}

fn facts(envelope: Option<&'static str>) -> Facts<'static> {
    let mark = Mark { uid: ROW.uid, modseq: ROW.modseq, flags: ROW.flags };
    let envelope = envelope.map(str::as_bytes);
    Facts { mark, row: Some(&ROW), envelope, header: None, whole: None }
}

fn at(uid: i64) -> Facts<'static> {
    let bare = facts(None);
    Facts { mark: Mark { uid, ..bare.mark }, ..bare }
}

/// Judges without an index.
fn judge(criterion: &Criterion, facts: &Facts<'_>) -> Option<bool> {
    unindexed(criterion).judge(facts)
}

fn unindexed(criterion: &Criterion) -> Judge {
    judge_before(criterion, &folder(0), Vec::new())
}

fn judge_before(criterion: &Criterion, folder: &Folder, known: Vec<Option<Known>>) -> Judge {
    Judge::new(criterion, Before { folder, unseen: None, known: known.into_iter() })
}

fn not(criterion: Criterion) -> Criterion {
    Criterion::Not(Box::new(criterion))
}

#[test]
fn rows_answer_what_rows_know() {
    let facts = facts(None);
    for (criterion, expected) in [
        (Criterion::All, true),
        (Criterion::And(vec![]), true),
        (Criterion::Or(vec![]), false),
        (Criterion::Flags(Flags::SEEN), true),
        (not(Criterion::Flags(Flags::DELETED)), true),
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
        let depth = unindexed(&criterion).depth(100);
        assert!(matches!(depth, Depth::Marks | Depth::Rows), "{criterion:?}");
    }
}

#[test]
fn fields_are_read_for_what_is_in_them_and_for_nothing_else() {
    let subject = || Criterion::Header { name: "Subject".into(), text: "a".into() };
    for criterion in [
        subject(),
        not(subject()),
        Criterion::And(vec![Criterion::All, subject()]),
        Criterion::Or(vec![Criterion::Flags(Flags::SEEN), Criterion::Body("a".into())]),
        Criterion::Text("a".into()),
        Criterion::OnOrAfter(DateOf::Sent, 1),
    ] {
        let expected = match criterion {
            Criterion::OnOrAfter(..) => Depth::Headers,
            _ => Depth::Fields,
        };
        assert_eq!(unindexed(&criterion).depth(100), expected, "{criterion:?}");
    }
    let marks = Criterion::And(vec![not(Criterion::Flags(Flags::SEEN)), Criterion::ModseqFrom(3)]);
    assert_eq!(unindexed(&marks).depth(100), Depth::Marks);
    assert_eq!(unindexed(&not(Criterion::Larger(3))).depth(100), Depth::Rows);
    let both = Criterion::Or(vec![subject(), Criterion::Larger(3)]);
    assert_eq!(unindexed(&both).depth(100), Depth::Headers);
}

#[test]
fn no_more_is_read_than_the_answer_needs() {
    let subject = |text: &str| Criterion::Header { name: "subject".into(), text: text.into() };
    let facts = facts(Some("Subject: =?utf-8?q?=C3=89t=C3=A9?= news\r\n"));
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
    let whole = Whole::read(&Bytes::from_static(
        "Subject: Meeting notes\r\nDate: Mon, 12 Jan 1970 23:00:00 -0800\r\n\r\n\
         L'\u{e9}t\u{e9} dernier, \u{20ac}!\r\n"
            .as_bytes(),
    ));
    let facts = Facts { header: Some(&whole.header), whole: Some(&whole), ..facts(None) };
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
    let judge = |is_exact| {
        let known = Known { candidates: vec![range(2, 3)], is_exact };
        judge_before(&criterion, &folder(4), vec![Some(known)])
    };
    let exact = judge(true);
    assert_eq!(exact.superset(), [range(2, 3), range(5, i64::MAX)]);
    assert_eq!(exact.matches(), Some((vec![range(2, 3)], 4)));
    assert_eq!(exact.judge(&at(2)), Some(true));
    assert_eq!(exact.judge(&at(4)), Some(false));
    assert_eq!(exact.judge(&at(5)), None, "it is not indexed");
    assert_eq!((exact.depth(4), exact.depth(5)), (Depth::Marks, Depth::Fields));
    let phrase = judge(false);
    assert_eq!(phrase.matches(), None);
    assert_eq!(phrase.judge(&at(2)), None, "the phrase has to be looked for");
    let whole = Whole::read(&Bytes::from_static(b"\r\na word"));
    assert_eq!(phrase.judge(&Facts { whole: Some(&whole), ..at(2) }), Some(true));
}

#[test]
fn what_counters_know_is_not_looked_for() {
    let matches = |criterion: Criterion, counted: fn(&mut Folder)| {
        let mut folder = folder(50);
        counted(&mut folder);
        judge_before(&criterion, &folder, Vec::new()).matches()
    };
    let all = Some((vec![UidRange::ALL], i64::MAX));
    let none = Some((Vec::new(), i64::MAX));
    let seen = || Criterion::Flags(Flags::SEEN);
    let flagged = || Criterion::Flags(Flags::FLAGGED);
    assert_eq!(matches(not(seen()), |_| {}), None);
    assert_eq!(matches(not(seen()), |folder| folder.unseen = 9), all);
    assert_eq!(matches(seen(), |folder| folder.unseen = 9), none);
    assert_eq!(matches(not(seen()), |folder| folder.unseen = 0), none);
    assert_eq!(matches(Criterion::Flags(Flags::DELETED), |folder| folder.deleted = 0), none);
    let both = Criterion::Flags(Flags::SEEN.with(Flags::FLAGGED));
    assert_eq!(matches(both.clone(), |folder| folder.unseen = 0), None, "some may be flagged");
    assert_eq!(matches(both, |folder| folder.unseen = 9), none);
    let some = Criterion::And(vec![not(seen()), flagged()]);
    assert_eq!(matches(some.clone(), |folder| folder.unseen = 0), none);
    assert_eq!(matches(some, |folder| folder.unseen = 9), None);
    let uids = Criterion::And(vec![not(Criterion::Uids(vec![range(3, 4)])), not(seen())]);
    let expected = vec![range(1, 2), range(5, i64::MAX)];
    assert_eq!(matches(uids, |folder| folder.unseen = 9), Some((expected, i64::MAX)));
    assert_eq!(matches(Criterion::Or(vec![flagged(), Criterion::All]), |_| {}), all);
}

#[test]
fn what_is_unread_is_known_beforehand() {
    let judge = |criterion: &Criterion| {
        let unseen = Some(vec![range(3, 4), range(7, 7)]);
        Judge::new(criterion, Before { folder: &folder(0), unseen, known: Vec::new().into_iter() })
    };
    let seen = || Criterion::Flags(Flags::SEEN);
    let unread = judge(&not(seen()));
    assert_eq!(unread.matches(), Some((vec![range(3, 4), range(7, 7)], i64::MAX)));
    assert!(
        judge(&seen()).matches().is_some_and(|(uids, _)| uids[..2] == [range(1, 2), range(5, 6)])
    );
    let subject = Criterion::Header { name: "Subject".into(), text: "a".into() };
    let both = judge(&Criterion::And(vec![subject.clone(), not(seen())]));
    assert_eq!((both.matches(), both.superset()), (None, vec![range(3, 4), range(7, 7)]));
    assert_eq!(judge(&Criterion::Or(vec![subject, seen()])).superset(), [UidRange::ALL]);
}

#[test]
fn runs_of_hits_and_room_for_what_is_open() {
    let body = unindexed(&Criterion::And(vec![
        not(Criterion::Uids(vec![range(4, 4)])),
        Criterion::Or(vec![
            Criterion::Uids(vec![range(1, 5), range(8, 8)]),
            Criterion::Text("word".into()),
        ]),
    ]));
    let mut judged = Judged::with_room(1);
    let mut stopped_at = None;
    for uid in [1, 2, 3, 4, 5, 6, 7, 8] {
        let mark = Mark { uid, ..at(uid).mark };
        let row = Some(Row { uid, ..ROW });
        let message = Some(MessageId(7));
        let view = RowView { mark, message, row, envelope_fields: None, header_bytes: None };
        if judged.take(&body, &view).is_break() {
            stopped_at = Some(uid);
            break;
        }
    }
    assert_eq!((judged.hits, stopped_at), (vec![range(1, 3), range(5, 5)], Some(7)));
    assert_eq!(judged.open.iter().map(|open| open.mark.uid).collect::<Vec<_>>(), [6]);
}

#[test]
fn depth_is_limited() {
    let nested =
        |depth: usize| (0..depth).fold(Criterion::All, |inner, _| Criterion::Not(Box::new(inner)));
    assert!(judge::collect_texts(&nested(CRITERION_DEPTH_MAX), 0, &mut Vec::new()));
    assert!(!judge::collect_texts(&nested(CRITERION_DEPTH_MAX + 1), 0, &mut Vec::new()));
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
