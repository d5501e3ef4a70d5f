//! Ranges of UIDs, both ends included: how sets of messages come in and go out, so that a million
//! messages are one value.

/// The UIDs from `first` to `last`. Empty where `last` is lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UidRange {
    /// The lowest.
    pub first: i64,
    /// The highest.
    pub last: i64,
}

impl UidRange {
    /// Every UID that there can be.
    pub const ALL: UidRange = UidRange { first: 1, last: i64::MAX };

    /// A range; the ends may come in either order.
    pub fn new(one: i64, other: i64) -> UidRange {
        UidRange { first: one.min(other), last: one.max(other) }
    }

    /// One UID.
    pub fn of(uid: i64) -> UidRange {
        UidRange { first: uid, last: uid }
    }

    /// Whether a UID is in it.
    pub fn contains(self, uid: i64) -> bool {
        self.first <= uid && uid <= self.last
    }

    /// How many UIDs are in it, live or not.
    pub fn span(self) -> i64 {
        self.last.saturating_sub(self.first).saturating_add(1).max(0)
    }
}

/// The same UIDs in ascending ranges that neither overlap nor touch.
pub fn merged(ranges: &[UidRange]) -> Vec<UidRange> {
    let mut sorted: Vec<UidRange> =
        ranges.iter().copied().filter(|range| range.first <= range.last).collect();
    sorted.sort_unstable();
    let mut merged: Vec<UidRange> = Vec::with_capacity(sorted.len());
    for range in sorted {
        match merged.last_mut() {
            Some(before) if range.first <= before.last.saturating_add(1) => {
                before.last = before.last.max(range.last);
            }
            _ => merged.push(range),
        }
    }
    merged
}

/// UIDs, in any order, as ranges.
pub fn runs(mut uids: Vec<i64>) -> Vec<UidRange> {
    uids.sort_unstable();
    let mut runs: Vec<UidRange> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some(run) if uid <= run.last.saturating_add(1) => run.last = uid,
            _ => runs.push(UidRange::of(uid)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::{UidRange, merged, runs};

    fn range(first: i64, last: i64) -> UidRange {
        UidRange { first, last }
    }

    #[test]
    fn ranges_that_touch_become_one() {
        let given = [range(7, 9), range(1, 3), range(4, 4), range(8, 12), range(20, 15)];
        assert_eq!(merged(&given), [range(1, 4), range(7, 12)]);
        let to_the_end = [range(5, i64::MAX), range(i64::MAX, i64::MAX)];
        assert_eq!(merged(&to_the_end), [range(5, i64::MAX)]);
        assert_eq!(merged(&[]), []);
    }

    #[test]
    fn numbers_become_runs() {
        assert_eq!(runs(vec![5, 1, 2, 2, 3, 9]), [range(1, 3), range(5, 5), range(9, 9)]);
        assert_eq!(runs(Vec::new()), []);
    }

    #[test]
    fn a_span_counts_both_ends() {
        assert_eq!((range(3, 3).span(), range(1, 4).span(), range(2, 1).span()), (1, 4, 0));
        assert_eq!(UidRange::ALL.span(), i64::MAX);
        assert!(UidRange::new(9, 2).contains(2) && !UidRange::new(9, 2).contains(10));
    }
}
