//! Sets of messages as a client writes them (RFC 9051 `sequence-set`, RFC 5182 `$`).

use std::fmt;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;

use crate::codec::Fault;

/// Most elements of one set. A line holds about as many UIDs of six digits.
pub const SEQUENCE_ELEMENTS_MAX: usize = 10_000;

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// This number.
    Number(NonZeroU32),
    /// `*`: the highest number there is.
    Last,
}

/// A range, or a single number where both ends are the same. The ends come in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequenceRange {
    /// The end written first.
    pub first: Bound,
    /// The end written last.
    pub last: Bound,
}

/// A set: 1 to [`SEQUENCE_ELEMENTS_MAX`] ranges as the client wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceSet(Vec<SequenceRange>);

/// Which messages a command means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageSet {
    /// These numbers.
    Numbers(SequenceSet),
    /// `$`: what the last SEARCH with SAVE found.
    Saved,
}

impl SequenceSet {
    /// Reads a set, all of `text`.
    pub fn read(text: &[u8]) -> Result<SequenceSet, Fault> {
        let mut ranges = Vec::new();
        for element in text.split(|octet| *octet == b',') {
            if ranges.len() == SEQUENCE_ELEMENTS_MAX {
                return Err(Fault::TooMany("elements of a sequence set"));
            }
            ranges.push(range(element).ok_or(Fault::SequenceSet)?);
        }
        Ok(SequenceSet(ranges))
    }

    /// Makes a set of ranges, if there are as many as a set may have.
    pub fn new(ranges: Vec<SequenceRange>) -> Option<SequenceSet> {
        (1..=SEQUENCE_ELEMENTS_MAX).contains(&ranges.len()).then_some(SequenceSet(ranges))
    }

    /// The ranges as written.
    pub fn ranges(&self) -> &[SequenceRange] {
        &self.0
    }

    /// Whether `*` occurs.
    pub fn has_last(&self) -> bool {
        self.0.iter().any(|range| range.first == Bound::Last || range.last == Bound::Last)
    }

    /// The numbers meant where `last` is the highest there is: ascending, without overlap, ranges
    /// that touch merged. Numbers above `last` are kept. With `last` 0, `*` alone means nothing.
    pub fn resolve(&self, last: u32) -> Vec<RangeInclusive<u32>> {
        let number = |bound| match bound {
            Bound::Number(number) => number.get(),
            Bound::Last => last,
        };
        let mut ranges: Vec<(u32, u32)> = self
            .0
            .iter()
            .map(|range| (number(range.first), number(range.last)))
            .map(|(a, b)| (a.min(b).max(1), a.max(b)))
            .filter(|(low, high)| low <= high)
            .collect();
        ranges.sort_unstable();
        let mut merged: Vec<RangeInclusive<u32>> = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            match merged.last_mut() {
                Some(before) if low <= before.end().saturating_add(1) => {
                    *before = *before.start()..=high.max(*before.end());
                }
                _ => merged.push(low..=high),
            }
        }
        merged
    }
}

fn range(element: &[u8]) -> Option<SequenceRange> {
    match element.iter().position(|octet| *octet == b':') {
        Some(at) => {
            Some(SequenceRange { first: bound(&element[..at])?, last: bound(&element[at + 1..])? })
        }
        None => bound(element).map(|both| SequenceRange { first: both, last: both }),
    }
}

fn bound(text: &[u8]) -> Option<Bound> {
    if text == b"*" {
        return Some(Bound::Last);
    }
    // RFC 9051 `nz-number`: no sign, no leading zero.
    if !matches!(text.first(), Some(b'1'..=b'9')) || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number: u32 = std::str::from_utf8(text).ok()?.parse().ok()?;
    NonZeroU32::new(number).map(Bound::Number)
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::Number(number) => number.fmt(f),
            Bound::Last => f.write_str("*"),
        }
    }
}

impl fmt::Display for SequenceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            range.first.fmt(f)?;
            if range.first != range.last {
                write!(f, ":{}", range.last)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
