//! Judging one message by a criterion with three answers: yes, no, and not known yet. No I/O.
//!
//! A criterion is prepared once for a page: texts are folded, what the index of words and the
//! folder's counters know is put into it. Judging a message then allocates nothing, where its
//! header fields are plain.

use bytes::Bytes;
use domain::{MessageId, Timestamp};
use mail::envelope::FIELD_NAMES;
use mail::mime::Part;
use mail::raw_field::{raw_fields, split_header};
use mail::text;
use store::folder::Folder;
use store::mailbox::{Mark, Row};
use store::scan::Depth;
use store::uid::merged;
use store::{Flags, UidRange};

use super::{CRITERION_DEPTH_MAX, Criterion, DateOf, contains, intersection};

/// What the index says about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// The messages that have all of its words, ascending.
    pub(super) candidates: Vec<UidRange>,
    /// Whether having them is all that is asked.
    pub(super) is_exact: bool,
}

/// What is known before any message is looked at.
pub(super) struct Before<'a> {
    /// With its counters.
    pub(super) folder: &'a Folder,
    /// What is unread, where somebody has looked.
    pub(super) unseen: Option<Vec<UidRange>>,
    /// What the index knows of each text, in the order in which [`collect_texts`] gives them.
    pub(super) known: std::vec::IntoIter<Option<Known>>,
}

/// A criterion, prepared.
#[derive(Debug)]
pub(super) struct Judge {
    test: Test,
    /// The index knows messages up to this UID.
    indexed_uid: i64,
}

#[derive(Debug)]
enum Test {
    Always(bool),
    /// Whether all hold, or with `false` whether any does.
    Several(bool, Vec<Test>),
    Not(Box<Test>),
    Uids(Vec<UidRange>),
    Flags(Flags),
    Header {
        name: String,
        /// Folded.
        wanted: String,
        /// Whether the field is among those kept beside the message.
        is_kept: bool,
    },
    Words(Words),
    OnOrAfter(DateOf, i64),
    Since(DateOf, i64),
    Larger(i64),
    Smaller(i64),
    ModseqFrom(i64),
    Message(MessageId),
}

#[derive(Debug)]
struct Words {
    /// Folded words, or folded signs where it has no words.
    wanted: String,
    has_words: bool,
    is_in_header_too: bool,
    known: Option<Known>,
}

/// What is known of one message so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'r> {
    pub(super) mark: Mark,
    pub(super) row: Option<&'r Row>,
    /// The fields of [`FIELD_NAMES`] as they stand.
    pub(super) envelope: Option<&'r [u8]>,
    /// The whole header section.
    pub(super) header: Option<&'r [u8]>,
    pub(super) whole: Option<&'r Whole>,
}

/// The texts of a message that was read.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) header: Bytes,
    header_words: String,
    body: String,
}

impl Whole {
    pub(super) fn read(content: &Bytes) -> Whole {
        let (end, _) = split_header(content);
        let header = content.slice(..end);
        Whole {
            header_words: text::header_text(&header),
            body: text::body_text(content, &Part::read(content)),
            header,
        }
    }
}

impl<'r> Facts<'r> {
    /// The header fields among which one of this name would be.
    fn fields_for(&self, is_kept: bool) -> Option<&'r [u8]> {
        self.header.or(self.envelope.filter(|_| is_kept))
    }
}

/// The texts of a criterion that are looked for as words, each with whether the header counts too.
/// False where it is nested too deeply.
pub(super) fn collect_texts<'a>(
    criterion: &'a Criterion,
    depth: usize,
    out: &mut Vec<(&'a str, bool)>,
) -> bool {
    if depth > CRITERION_DEPTH_MAX {
        return false;
    }
    match criterion {
        Criterion::And(all) | Criterion::Or(all) => {
            all.iter().all(|inner| collect_texts(inner, depth + 1, out))
        }
        Criterion::Not(inner) => collect_texts(inner, depth + 1, out),
        Criterion::Body(text) => {
            out.push((text, false));
            true
        }
        Criterion::Text(text) => {
            out.push((text, true));
            true
        }
        _ => true,
    }
}

/// Whether a criterion asks for what is unread, or for what is not.
pub(super) fn asks_seen(criterion: &Criterion) -> bool {
    match criterion {
        Criterion::And(all) | Criterion::Or(all) => all.iter().any(asks_seen),
        Criterion::Not(inner) => asks_seen(inner),
        Criterion::Flags(flags) => *flags == Flags::SEEN,
        _ => false,
    }
}

/// The words of a text; `None` where it has none.
pub(super) fn words(text: &str) -> Option<Vec<String>> {
    let words: Vec<String> =
        text::folded_words(text).split_whitespace().map(str::to_owned).collect();
    (!words.is_empty()).then_some(words)
}

impl Judge {
    /// Prepares a criterion.
    pub(super) fn new(criterion: &Criterion, mut before: Before<'_>) -> Judge {
        let test = prepared(criterion, &mut before);
        Judge { test, indexed_uid: before.folder.indexed_uid }
    }

    /// Ranges outside of which nothing can match.
    pub(super) fn superset(&self) -> Vec<UidRange> {
        self.superset_of(&self.test)
    }

    fn superset_of(&self, test: &Test) -> Vec<UidRange> {
        match test {
            Test::Always(false) => Vec::new(),
            Test::Uids(uids) => uids.clone(),
            Test::Several(true, all) => all
                .iter()
                .map(|inner| self.superset_of(inner))
                .fold(vec![UidRange::ALL], |both, inner| intersection(&both, &inner)),
            Test::Several(false, any) => {
                let all: Vec<UidRange> =
                    any.iter().flat_map(|inner| self.superset_of(inner)).collect();
                merged(&all)
            }
            Test::Words(Words { known: Some(known), .. }) => {
                let beyond = UidRange { first: self.indexed_uid.saturating_add(1), last: i64::MAX };
                merged(&[known.candidates.as_slice(), &[beyond]].concat())
            }
            _ => vec![UidRange::ALL],
        }
    }

    /// The matching UIDs, where they are known without looking at any message, and up to which UID
    /// they are. Some may be of messages that are gone.
    pub(super) fn matches(&self) -> Option<(Vec<UidRange>, i64)> {
        let uids = matches_of(&self.test)?;
        Some((uids, if has_words(&self.test) { self.indexed_uid } else { i64::MAX }))
    }

    /// What has to be read of messages up to a UID.
    pub(super) fn depth(&self, last: i64) -> Depth {
        self.depth_of(&self.test, last)
    }

    fn depth_of(&self, test: &Test, last: i64) -> Depth {
        match test {
            Test::Several(_, all) => {
                let depths = all.iter().map(|inner| self.depth_of(inner, last));
                depths.fold(Depth::Marks, Depth::with)
            }
            Test::Not(inner) => self.depth_of(inner, last),
            Test::Always(_) | Test::Uids(_) | Test::Flags(_) | Test::ModseqFrom(_) => Depth::Marks,
            Test::Words(Words { known: Some(Known { is_exact: true, .. }), .. })
                if last <= self.indexed_uid =>
            {
                Depth::Marks
            }
            Test::Header { .. } | Test::Words(_) => Depth::Fields,
            Test::OnOrAfter(date, _) | Test::Since(date, _) if *date == DateOf::Sent => {
                Depth::Headers
            }
            Test::OnOrAfter(..)
            | Test::Since(..)
            | Test::Larger(_)
            | Test::Smaller(_)
            | Test::Message(_) => Depth::Rows,
        }
    }

    /// Whether the header section alone may tell more than the fields that are kept.
    pub(super) fn asks_header(&self) -> bool {
        fn asks(test: &Test) -> bool {
            match test {
                Test::Several(_, all) => all.iter().any(asks),
                Test::Not(inner) => asks(inner),
                Test::Header { .. } => true,
                Test::OnOrAfter(date, _) => *date == DateOf::Sent,
                _ => false,
            }
        }
        asks(&self.test)
    }

    /// The answer for a message, if what is known of it suffices.
    pub(super) fn judge(&self, facts: &Facts<'_>) -> Option<bool> {
        self.judge_one(&self.test, facts)
    }

    fn judge_one(&self, test: &Test, facts: &Facts<'_>) -> Option<bool> {
        Some(match test {
            Test::Always(answer) => *answer,
            Test::Several(is_all, tests) => return self.judge_several(*is_all, tests, facts),
            Test::Not(inner) => !self.judge_one(inner, facts)?,
            Test::Uids(uids) => contains(uids, facts.mark.uid),
            Test::Flags(flags) => facts.mark.flags.contains(*flags),
            Test::Header { name, wanted, is_kept } => {
                let fields = facts.fields_for(*is_kept)?;
                raw_fields(fields).any(|field| field.is(name) && text::field_has(&field, wanted))
            }
            Test::Words(words) => return self.judge_words(words, facts),
            Test::OnOrAfter(DateOf::Sent, day) => {
                let fields = facts.fields_for(true)?;
                let sent = raw_fields(fields).find(|field| field.is("Date"));
                let sent = sent.and_then(|field| mail::date::written_day(&field.unfolded()));
                // RFC 9051 §6.4.4 says nothing of messages without a date: they arrived some day.
                sent.unwrap_or(day_of(facts.row?.internal_at)) >= *day
            }
            Test::OnOrAfter(date, day) => day_of(at(facts.row?, *date)) >= *day,
            Test::Since(date, since) => at(facts.row?, *date).0.div_euclid(1000) >= *since,
            Test::Larger(bytes) => facts.row?.size_bytes > *bytes,
            Test::Smaller(bytes) => facts.row?.size_bytes < *bytes,
            Test::ModseqFrom(modseq) => facts.mark.modseq >= *modseq,
            Test::Message(message) => facts.row?.message == *message,
        })
    }

    /// One that decides is enough.
    fn judge_several(&self, is_all: bool, tests: &[Test], facts: &Facts<'_>) -> Option<bool> {
        let mut is_open = false;
        for test in tests {
            match self.judge_one(test, facts) {
                Some(answer) if answer != is_all => return Some(answer),
                Some(_) => {}
                None => is_open = true,
            }
        }
        (!is_open).then_some(is_all)
    }

    fn judge_words(&self, words: &Words, facts: &Facts<'_>) -> Option<bool> {
        if let Some(known) = &words.known
            && facts.mark.uid <= self.indexed_uid
        {
            let is_candidate = contains(&known.candidates, facts.mark.uid);
            if !is_candidate || known.is_exact {
                return Some(is_candidate);
            }
        }
        let whole = facts.whole?;
        // A text of signs only has no words: it is looked for as it is.
        let is_in = |found: &str| match words.has_words {
            true => text::folded_words(found).contains(&words.wanted),
            false => text::folded(found).contains(&words.wanted),
        };
        Some(is_in(&whole.body) || words.is_in_header_too && is_in(&whole.header_words))
    }
}

fn prepared(criterion: &Criterion, before: &mut Before<'_>) -> Test {
    match criterion {
        Criterion::All => Test::Always(true),
        Criterion::And(all) => several(true, all, before),
        Criterion::Or(any) => several(false, any, before),
        Criterion::Not(inner) => not(prepared(inner, before)),
        Criterion::Uids(uids) => Test::Uids(merged(uids)),
        Criterion::Flags(flags) => match (counted(*flags, before.folder), &before.unseen) {
            (Some(answer), _) => Test::Always(answer),
            (None, Some(unseen)) if *flags == Flags::SEEN => not(Test::Uids(unseen.clone())),
            (None, _) => Test::Flags(*flags),
        },
        Criterion::Header { name, text } => Test::Header {
            is_kept: FIELD_NAMES.iter().any(|kept| kept.eq_ignore_ascii_case(name)),
            wanted: text::folded(text),
            name: name.clone(),
        },
        Criterion::Body(text) => sought(text, false, before.known.next().flatten()),
        Criterion::Text(text) => sought(text, true, before.known.next().flatten()),
        Criterion::OnOrAfter(date, day) => Test::OnOrAfter(*date, *day),
        Criterion::Since(date, since) => Test::Since(*date, *since),
        Criterion::Larger(bytes) => Test::Larger(*bytes),
        Criterion::Smaller(bytes) => Test::Smaller(*bytes),
        Criterion::ModseqFrom(modseq) => Test::ModseqFrom(*modseq),
        Criterion::Message(message) => Test::Message(*message),
    }
}

fn not(test: Test) -> Test {
    match test {
        Test::Always(answer) => Test::Always(!answer),
        Test::Not(inner) => *inner,
        test => Test::Not(Box::new(test)),
    }
}

/// All of several, or any of them, without those whose answer is known beforehand.
fn several(is_all: bool, criteria: &[Criterion], before: &mut Before<'_>) -> Test {
    // Every one is prepared, because each text takes its turn of what is known.
    let mut tests: Vec<Test> = criteria.iter().map(|inner| prepared(inner, before)).collect();
    if tests.iter().any(|test| matches!(test, Test::Always(answer) if *answer != is_all)) {
        return Test::Always(!is_all);
    }
    tests.retain(|test| !matches!(test, Test::Always(_)));
    if tests.is_empty() { Test::Always(is_all) } else { Test::Several(is_all, tests) }
}

/// Whether all messages have the flags, or none, as the folder's counters tell: where nothing is
/// unread, nobody has to look for it.
pub(super) fn counted(flags: Flags, folder: &Folder) -> Option<bool> {
    let seen = folder.messages - folder.unseen;
    let counts = [(Flags::SEEN, seen), (Flags::DELETED, folder.deleted)];
    let of_flags = || counts.iter().filter(|(flag, _)| flags.contains(*flag));
    if of_flags().any(|(_, count)| *count == 0) {
        return Some(false);
    }
    of_flags().any(|(flag, count)| *flag == flags && *count == folder.messages).then_some(true)
}

fn sought(text: &str, is_in_header_too: bool, known: Option<Known>) -> Test {
    if text.is_empty() {
        return Test::Always(true);
    }
    let has_words = words(text).is_some();
    let wanted = match has_words {
        true => text::folded_words(text).trim_end().to_owned(),
        false => text::folded(text),
    };
    Test::Words(Words { wanted, has_words, is_in_header_too, known })
}

/// The UIDs that match; `None` where messages have to be looked at.
fn matches_of(test: &Test) -> Option<Vec<UidRange>> {
    Some(match test {
        Test::Always(true) => vec![UidRange::ALL],
        Test::Always(false) => Vec::new(),
        Test::Uids(uids) => uids.clone(),
        Test::Words(Words { known: Some(Known { candidates, is_exact: true }), .. }) => {
            candidates.clone()
        }
        Test::Not(inner) => complement(&matches_of(inner)?),
        Test::Several(true, all) => {
            let mut both = vec![UidRange::ALL];
            for inner in all {
                both = intersection(&both, &matches_of(inner)?);
            }
            both
        }
        Test::Several(false, any) => {
            let each: Option<Vec<Vec<UidRange>>> = any.iter().map(matches_of).collect();
            merged(&each?.concat())
        }
        _ => return None,
    })
}

fn has_words(test: &Test) -> bool {
    match test {
        Test::Words(_) => true,
        Test::Not(inner) => has_words(inner),
        Test::Several(_, all) => all.iter().any(has_words),
        _ => false,
    }
}

/// What ascending ranges that do not touch leave out.
fn complement(ranges: &[UidRange]) -> Vec<UidRange> {
    let mut out = Vec::with_capacity(ranges.len() + 1);
    let mut first = UidRange::ALL.first;
    for range in ranges {
        if first < range.first {
            out.push(UidRange { first, last: range.first - 1 });
        }
        let Some(next) = range.last.checked_add(1) else { return out };
        first = next;
    }
    out.push(UidRange { first, last: i64::MAX });
    out
}

fn at(row: &Row, date: DateOf) -> Timestamp {
    match date {
        DateOf::Saved => row.saved_at,
        DateOf::Arrival | DateOf::Sent => row.internal_at,
    }
}

/// Days since 1970-01-01, in UTC.
fn day_of(at: Timestamp) -> i64 {
    at.0.div_euclid(24 * 3600 * 1000)
}
