//! The days that a report is about, in UTC.

use domain::Timestamp;

use crate::dates;

/// Milliseconds of a day.
pub(crate) const DAY_MS: i64 = 86_400_000;
/// Days of a report where nothing else is said.
pub const PERIOD_DAYS_DEFAULT: u32 = 30;
/// Days of one report at most: a quarter. The report on volume reads every event of the trace of
/// these days.
pub const PERIOD_DAYS_MAX: u32 = 92;

/// Whole days one after the other; the last one may not be over yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    first: Timestamp,
    days: u32,
}

impl Period {
    /// So many days up to and with the present one; at least one and at most
    /// [`PERIOD_DAYS_MAX`].
    pub fn ending(now: Timestamp, days: u32) -> Period {
        let days = days.clamp(1, PERIOD_DAYS_MAX);
        let today = now.0 - now.0.rem_euclid(DAY_MS);
        Period { first: Timestamp(today - i64::from(days - 1) * DAY_MS), days }
    }

    /// How many days.
    pub fn days(self) -> u32 {
        self.days
    }

    /// The first instant of a day, counted from 0.
    pub fn day(self, number: u32) -> Timestamp {
        Timestamp(self.first.0 + i64::from(number) * DAY_MS)
    }

    /// The first instant, and the first one that does not belong to it any more.
    pub fn bounds(self) -> (Timestamp, Timestamp) {
        (self.first, self.day(self.days))
    }

    /// The days as texts, as `2027-01-31`.
    pub fn names(self) -> Vec<String> {
        (0..self.days).map(|number| dates::date(self.day(number))).collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::{DAY_MS, PERIOD_DAYS_MAX, Period};

    #[test]
    fn a_period_has_whole_days_and_the_present_one() {
        let now = Timestamp(20_000 * DAY_MS + 1);
        let period = Period::ending(now, 2);
        assert_eq!(period.bounds(), (Timestamp(19_999 * DAY_MS), Timestamp(20_001 * DAY_MS)));
        assert_eq!(period.names(), ["2024-10-03", "2024-10-04"]);
        assert_eq!(Period::ending(Timestamp(20_000 * DAY_MS), 1).names(), ["2024-10-04"]);
        assert_eq!(Period::ending(now, 0).days(), 1);
        assert_eq!(Period::ending(now, PERIOD_DAYS_MAX).days(), PERIOD_DAYS_MAX);
        assert_eq!(Period::ending(now, PERIOD_DAYS_MAX + 1).days(), PERIOD_DAYS_MAX);
    }
}
