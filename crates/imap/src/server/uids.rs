//! Sets of UIDs as runs: what a session holds of a mailbox, and what goes over the border.
//!
//! A mailbox of a million messages without holes is one run. Message sequence numbers (RFC 9051
//! §2.3.1.2) are ranks in such a set; translating one costs a binary search over the runs.

/// A unique identifier of a message in its mailbox (RFC 9051 §2.3.1.1), 1 or more.
pub type Uid = u32;

/// UIDs from `first` to `last`, both included; `first <= last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UidRange {
    /// The lowest.
    pub first: Uid,
    /// The highest.
    pub last: Uid,
}

impl UidRange {
    /// Every UID there can be.
    pub const ALL: UidRange = UidRange { first: 1, last: Uid::MAX };

    /// A range; the ends may come in any order.
    pub fn new(one: Uid, other: Uid) -> UidRange {
        UidRange { first: one.min(other), last: one.max(other) }
    }

    /// One UID.
    pub fn one(uid: Uid) -> UidRange {
        UidRange { first: uid, last: uid }
    }

    /// The same as a range of the language.
    pub fn inclusive(self) -> std::ops::RangeInclusive<Uid> {
        self.first..=self.last
    }

    /// How many UIDs it spans.
    pub fn count(self) -> u64 {
        u64::from(self.last - self.first) + 1
    }
}

/// A set of UIDs: ascending runs that neither overlap nor touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UidSet {
    runs: Vec<UidRange>,
    /// How many UIDs come before each run; as long as `runs`.
    before: Vec<u32>,
}

impl UidSet {
    /// The set of some ranges, in any order.
    pub fn new(mut ranges: Vec<UidRange>) -> UidSet {
        ranges.sort_unstable_by_key(|range| range.first);
        let mut runs: Vec<UidRange> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match runs.last_mut() {
                Some(run) if u64::from(range.first) <= u64::from(run.last) + 1 => {
                    run.last = run.last.max(range.last);
                }
                _ => runs.push(range),
            }
        }
        UidSet::of_runs(runs)
    }

    fn of_runs(runs: Vec<UidRange>) -> UidSet {
        let mut before = Vec::with_capacity(runs.len());
        let mut count = 0_u32;
        for run in &runs {
            before.push(count);
            count = count.saturating_add(u32::try_from(run.count()).unwrap_or(u32::MAX));
        }
        UidSet { runs, before }
    }

    /// What lives in a mailbox: 1 to `uid_next - 1` without the ascending `gaps`.
    pub fn live(uid_next: Uid, gaps: &[UidRange]) -> UidSet {
        let mut all = UidSet::default();
        all.extend(1, uid_next);
        all.without(&UidSet::new(gaps.to_vec()))
    }

    /// The runs, ascending.
    pub fn runs(&self) -> &[UidRange] {
        &self.runs
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// How many UIDs are in it.
    pub fn count(&self) -> u32 {
        match (self.runs.last(), self.before.last()) {
            (Some(run), Some(before)) => before + (run.last - run.first + 1),
            _ => 0,
        }
    }

    /// The lowest and the highest.
    pub fn bounds(&self) -> Option<UidRange> {
        Some(UidRange { first: self.runs.first()?.first, last: self.runs.last()?.last })
    }

    /// Whether `uid` is in it.
    pub fn contains(&self, uid: Uid) -> bool {
        self.rank(uid).is_some()
    }

    /// The place of `uid` among its UIDs, from 1: its message sequence number.
    pub fn rank(&self, uid: Uid) -> Option<u32> {
        let at = self.runs.partition_point(|run| run.last < uid);
        let run = self.runs.get(at).filter(|run| run.first <= uid)?;
        Some(self.before[at] + (uid - run.first) + 1)
    }

    /// The UID at a place, from 1.
    pub fn at(&self, rank: u32) -> Option<Uid> {
        let at = self.before.partition_point(|before| *before < rank).checked_sub(1)?;
        let uid = self.runs[at].first.checked_add(rank - self.before[at] - 1)?;
        (uid <= self.runs[at].last).then_some(uid)
    }

    /// The UIDs at the places `first` to `last`, both included and both there.
    pub fn between_ranks(&self, first: u32, last: u32) -> Option<UidSet> {
        let bounds = UidRange { first: self.at(first)?, last: self.at(last)? };
        Some(self.within(&[bounds]))
    }

    /// Adds `first` to `end - 1`, which are all higher than what is in the set.
    pub fn extend(&mut self, first: Uid, end: Uid) {
        if first >= end {
            return;
        }
        debug_assert!(self.runs.last().is_none_or(|run| run.last < first), "UIDs only ascend");
        match self.runs.last_mut() {
            Some(run) if run.last + 1 == first => run.last = end - 1,
            _ => {
                self.before.push(self.count());
                self.runs.push(UidRange { first, last: end - 1 });
            }
        }
    }

    /// What is in it and in one of the ascending, disjoint `ranges`.
    pub fn within(&self, ranges: &[UidRange]) -> UidSet {
        let mut runs = Vec::new();
        for range in ranges {
            let start = self.runs.partition_point(|run| run.last < range.first);
            for run in self.runs[start..].iter().take_while(|run| run.first <= range.last) {
                runs.push(UidRange {
                    first: run.first.max(range.first),
                    last: run.last.min(range.last),
                });
            }
        }
        UidSet::new(runs)
    }

    /// What is in it and not in `other`.
    pub fn without(&self, other: &UidSet) -> UidSet {
        let mut runs = Vec::with_capacity(self.runs.len());
        for run in &self.runs {
            let mut first = Some(run.first);
            let start = other.runs.partition_point(|gone| gone.last < run.first);
            for gone in other.runs[start..].iter().take_while(|gone| gone.first <= run.last) {
                if let Some(from) = first.filter(|from| *from < gone.first) {
                    runs.push(UidRange { first: from, last: gone.first - 1 });
                }
                first = gone.last.checked_add(1);
            }
            if let Some(from) = first.filter(|from| *from <= run.last) {
                runs.push(UidRange { first: from, last: run.last });
            }
        }
        UidSet::of_runs(runs)
    }

    /// What is in one of both.
    pub fn union(&self, other: &UidSet) -> UidSet {
        UidSet::new(self.runs.iter().chain(&other.runs).copied().collect())
    }

    /// What is in it from `uid` on.
    pub fn from(&self, uid: Uid) -> UidSet {
        self.within(&[UidRange { first: uid, last: Uid::MAX }])
    }

    /// Each UID, ascending.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Uid> + '_ {
        self.runs.iter().flat_map(|run| run.first..=run.last)
    }
}

impl FromIterator<Uid> for UidSet {
    fn from_iter<I: IntoIterator<Item = Uid>>(uids: I) -> UidSet {
        let mut runs: Vec<UidRange> = Vec::new();
        for uid in uids {
            match runs.last_mut() {
                Some(run) if run.last.checked_add(1) == Some(uid) => run.last = uid,
                _ => runs.push(UidRange::one(uid)),
            }
        }
        UidSet::new(runs)
    }
}

#[cfg(test)]
mod tests;
