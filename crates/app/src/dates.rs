//! Points in time as texts for people and for names of keys. Always UTC.

use chrono::DateTime;
use domain::Timestamp;

/// `2027-01-31T18:00:00Z`, to the second (RFC 3339).
pub(crate) fn instant(at: Timestamp) -> String {
    format(at, "%Y-%m-%dT%H:%M:%SZ")
}

/// `2027-01-31 18:00`, for tables that people read; in UTC like all.
pub(crate) fn minute(at: Timestamp) -> String {
    format(at, "%Y-%m-%d %H:%M")
}

/// `2027-01`.
pub(crate) fn month(at: Timestamp) -> String {
    format(at, "%Y-%m")
}

/// `20270131`.
pub(crate) fn day(at: Timestamp) -> String {
    format(at, "%Y%m%d")
}

fn format(at: Timestamp, form: &str) -> String {
    match DateTime::from_timestamp_millis(at.0) {
        Some(time) => time.format(form).to_string(),
        // Outside of chrono's 260,000 years.
        None => format!("{} ms", at.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_time_are_written_in_utc() {
        assert_eq!(instant(Timestamp(1_772_719_629_999)), "2026-03-05T14:07:09Z");
        assert_eq!(day(Timestamp(951_782_400_000)), "20000229");
        assert_eq!(minute(Timestamp(1_772_719_629_999)), "2026-03-05 14:07");
        assert_eq!(month(Timestamp(951_782_400_000)), "2000-02");
        assert_eq!(instant(Timestamp(i64::MAX)), format!("{} ms", i64::MAX));
    }
}
