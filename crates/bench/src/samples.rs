//! Latencies and counts by label.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

/// Latencies of one kind.
#[derive(Debug, Default)]
pub(crate) struct Samples(Vec<u64>);

/// What is told of them, in milliseconds; absent where there were none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Summary {
    pub(crate) median_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) longest_ms: f64,
}

impl Samples {
    pub(crate) fn push(&mut self, elapsed: Duration) {
        self.0.push(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX));
    }

    pub(crate) fn append(&mut self, mut others: Samples) {
        self.0.append(&mut others.0);
    }

    /// The summary, unless there are none.
    pub(crate) fn summary(mut self) -> Option<Summary> {
        self.0.sort_unstable();
        let last = self.0.len().checked_sub(1)?;
        let at = |share: f64| self.0[(last as f64 * share).round() as usize] as f64 / 1000.0;
        Some(Summary { median_ms: at(0.5), p99_ms: at(0.99), longest_ms: at(1.0) })
    }
}

/// How often each thing happened.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Counts(BTreeMap<String, u64>);

impl Counts {
    pub(crate) fn add(&mut self, label: String) {
        *self.0.entry(label).or_default() += 1;
    }

    pub(crate) fn append(&mut self, others: Counts) {
        for (label, count) in others.0 {
            *self.0.entry(label).or_default() += count;
        }
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        let mut samples = Samples::default();
        for millis in [9, 1, 5] {
            samples.push(Duration::from_millis(millis));
        }
        let expected = Summary { median_ms: 5.0, p99_ms: 9.0, longest_ms: 9.0 };
        assert_eq!(samples.summary(), Some(expected));
        assert_eq!(Samples::default().summary(), None);
    }

    #[test]
    fn counts_of_two_workers_are_added() {
        let (mut left, mut right) = (Counts::default(), Counts::default());
        left.add("a".to_owned());
        right.add("a".to_owned());
        right.add("b".to_owned());
        left.append(right);
        assert_eq!(left.total(), 3);
        assert_eq!(left.0["a"], 2);
    }
}
