//! Judging one message by a criterion with three answers: yes, no, and not known yet. No I/O.

use std::collections::HashMap;

use bytes::Bytes;
use domain::Timestamp;
use mail::envelope::FIELD_NAMES;
use mail::mime::Part;
use mail::raw_field::{raw_fields, split_header};
use mail::text;
use store::UidRange;
use store::mailbox::{HeaderRow, Row};
use store::uid::merged;

use super::{CRITERION_DEPTH_MAX, Criterion, DateOf, contains, intersection};

/// What the index says about a text.
pub(super) struct Known {
    /// The messages that have all of its words, ascending.
    pub(super) candidates: Vec<UidRange>,
    /// Whether having them is all that is asked.
    pub(super) is_exact: bool,
}

/// A criterion with what the index knows of it.
pub(super) struct Judge<'a> {
    pub(super) criterion: &'a Criterion,
    /// By the text, and whether it is looked for in the header too.
    pub(super) known: HashMap<(&'a str, bool), Known>,
    /// The index knows messages up to this UID.
    pub(super) indexed_uid: i64,
}

/// What is known of one message so far.
pub(super) struct Facts {
    row: Row,
    /// The fields of [`FIELD_NAMES`] as they stand.
    envelope: Option<Bytes>,
    /// The whole header section.
    pub(super) header: Option<Bytes>,
    whole: Option<Whole>,
}

/// The texts of a message that was read.
struct Whole {
    header_words: String,
    body: String,
}

impl Facts {
    pub(super) fn of(row: HeaderRow) -> Facts {
        Facts { row: row.row, envelope: row.envelope_fields, header: None, whole: None }
    }

    pub(super) fn read_whole(&mut self, content: &Bytes) {
        let (end, _) = split_header(content);
        let header = content.slice(..end);
        let part = Part::read(content);
        self.whole = Some(Whole {
            header_words: text::header_text(&header),
            body: text::body_text(content, &part),
        });
        self.header = Some(header);
    }

    /// The header fields among which one of this name would be.
    fn fields_for(&self, name: &str) -> Option<&Bytes> {
        let is_kept = FIELD_NAMES.iter().any(|kept| kept.eq_ignore_ascii_case(name));
        self.header.as_ref().or(self.envelope.as_ref().filter(|_| is_kept))
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

/// Whether the header fields that lists show may be needed to judge: what is about flags, numbers
/// and times of arrival is in the rows alone.
pub(super) fn needs_fields(criterion: &Criterion) -> bool {
    match criterion {
        Criterion::And(all) | Criterion::Or(all) => all.iter().any(needs_fields),
        Criterion::Not(inner) => needs_fields(inner),
        Criterion::Header { .. } | Criterion::Body(_) | Criterion::Text(_) => true,
        Criterion::OnOrAfter(date, _) | Criterion::Since(date, _) => *date == DateOf::Sent,
        Criterion::All
        | Criterion::Uids(_)
        | Criterion::Flags(_)
        | Criterion::Larger(_)
        | Criterion::Smaller(_)
        | Criterion::ModseqFrom(_)
        | Criterion::Message(_) => false,
    }
}

/// The words of a text; `None` where it has none.
pub(super) fn words(text: &str) -> Option<Vec<String>> {
    let words: Vec<String> =
        text::folded_words(text).split_whitespace().map(str::to_owned).collect();
    (!words.is_empty()).then_some(words)
}

impl Judge<'_> {
    /// Ranges outside of which nothing can match.
    pub(super) fn superset(&self) -> Vec<UidRange> {
        self.superset_of(self.criterion)
    }

    fn superset_of(&self, criterion: &Criterion) -> Vec<UidRange> {
        match criterion {
            Criterion::Uids(uids) => merged(uids),
            Criterion::And(all) => all
                .iter()
                .map(|inner| self.superset_of(inner))
                .fold(vec![UidRange::ALL], |both, inner| intersection(&both, &inner)),
            Criterion::Or(any) => {
                let all: Vec<UidRange> =
                    any.iter().flat_map(|inner| self.superset_of(inner)).collect();
                merged(&all)
            }
            Criterion::Body(text) => self.superset_of_text(text, false),
            Criterion::Text(text) => self.superset_of_text(text, true),
            _ => vec![UidRange::ALL],
        }
    }

    fn superset_of_text(&self, text: &str, is_in_header_too: bool) -> Vec<UidRange> {
        let Some(known) = self.known.get(&(text, is_in_header_too)) else {
            return vec![UidRange::ALL];
        };
        let beyond = UidRange { first: self.indexed_uid.saturating_add(1), last: i64::MAX };
        merged(&[known.candidates.as_slice(), &[beyond]].concat())
    }

    /// The answer for a message, if what is known of it suffices.
    pub(super) fn judge(&self, facts: &Facts) -> Option<bool> {
        self.judge_one(self.criterion, facts)
    }

    fn judge_one(&self, criterion: &Criterion, facts: &Facts) -> Option<bool> {
        let row = &facts.row;
        Some(match criterion {
            Criterion::All => true,
            Criterion::And(all) => return self.judge_all(all, facts, false),
            Criterion::Or(any) => return self.judge_all(any, facts, true),
            Criterion::Not(inner) => !self.judge_one(inner, facts)?,
            Criterion::Uids(uids) => contains(uids, row.uid),
            Criterion::Flags(flags) => row.flags.contains(*flags),
            Criterion::Header { name, text } => {
                let fields = facts.fields_for(name)?;
                let wanted = text::folded(text);
                raw_fields(fields).filter(|field| field.is(name)).any(|field| {
                    wanted.is_empty() || text::folded(&text::field_text(&field)).contains(&wanted)
                })
            }
            Criterion::Body(text) => return self.judge_text(text, false, facts),
            Criterion::Text(text) => return self.judge_text(text, true, facts),
            Criterion::OnOrAfter(DateOf::Sent, day) => {
                let fields = facts.fields_for("Date")?;
                let sent = raw_fields(fields).find(|field| field.is("Date"));
                let sent = sent.and_then(|field| mail::date::written_day(&field.unfolded()));
                // RFC 9051 §6.4.4 says nothing of messages without a date: they arrived some day.
                sent.unwrap_or_else(|| day_of(row.internal_at)) >= *day
            }
            Criterion::OnOrAfter(date, day) => day_of(at(row, *date)) >= *day,
            Criterion::Since(date, since) => at(row, *date).0.div_euclid(1000) >= *since,
            Criterion::Larger(bytes) => row.size_bytes > *bytes,
            Criterion::Smaller(bytes) => row.size_bytes < *bytes,
            Criterion::ModseqFrom(modseq) => row.modseq >= *modseq,
            Criterion::Message(message) => row.message == *message,
        })
    }

    /// Whether all hold, or with `wanted` whether any does. One that decides is enough.
    fn judge_all(&self, all: &[Criterion], facts: &Facts, wanted: bool) -> Option<bool> {
        let mut is_open = false;
        for criterion in all {
            match self.judge_one(criterion, facts) {
                Some(answer) if answer == wanted => return Some(wanted),
                Some(_) => {}
                None => is_open = true,
            }
        }
        (!is_open).then_some(!wanted)
    }

    fn judge_text(&self, text: &str, is_in_header_too: bool, facts: &Facts) -> Option<bool> {
        let known = self.known.get(&(text, is_in_header_too));
        if let Some(known) = known
            && facts.row.uid <= self.indexed_uid
        {
            let is_candidate = contains(&known.candidates, facts.row.uid);
            if !is_candidate || known.is_exact {
                return Some(is_candidate);
            }
        }
        if text.is_empty() {
            return Some(true);
        }
        let whole = facts.whole.as_ref()?;
        // A text of signs only has no words: it is looked for as it is.
        let is_in = |found: &str| match words(text) {
            Some(_) => text::folded_words(found).contains(text::folded_words(text).trim_end()),
            None => text::folded(found).contains(&text::folded(text)),
        };
        Some(is_in(&whole.body) || is_in_header_too && is_in(&whole.header_words))
    }
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
