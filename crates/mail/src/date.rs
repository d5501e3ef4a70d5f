//! Dates of header fields (RFC 5322 §3.3).

use chrono::{DateTime, SecondsFormat, Utc};

/// The first instant that a date-time of RFC 5322 can name: 1900-01-01T00:00:00Z.
const EARLIEST_MS: i64 = -2_208_988_800_000;
/// The last instant with a year of four digits: 9999-12-31T23:59:59Z.
const LATEST_MS: i64 = 253_402_300_799_000;

/// Writes an instant, in milliseconds since 1970-01-01T00:00:00Z, as `date-time` in UTC:
/// `Thu, 5 Mar 2026 14:07:09 +0000`. Instants before 1900 or behind 9999 are moved to these.
pub fn rfc5322_date(at_ms: i64) -> String {
    instant(at_ms).to_rfc2822()
}

/// Writes an instant as RFC 3339 in UTC, to the second, for sentences: `2026-03-05 14:07:09Z`.
pub(crate) fn readable_date(at_ms: i64) -> String {
    instant(at_ms).to_rfc3339_opts(SecondsFormat::Secs, true).replace('T', " ")
}

fn instant(at_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms.clamp(EARLIEST_MS, LATEST_MS))
        .expect("years from 1900 to 9999 are in the range of chrono")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_in_utc() {
        assert_eq!(rfc5322_date(0), "Thu, 1 Jan 1970 00:00:00 +0000");
        assert_eq!(rfc5322_date(1_772_719_629_999), "Thu, 5 Mar 2026 14:07:09 +0000");
        assert_eq!(rfc5322_date(951_782_400_000), "Tue, 29 Feb 2000 00:00:00 +0000");
        assert_eq!(readable_date(1_772_719_629_999), "2026-03-05 14:07:09Z");
    }

    #[test]
    fn years_stay_between_1900_and_9999() {
        assert_eq!(rfc5322_date(EARLIEST_MS), "Mon, 1 Jan 1900 00:00:00 +0000");
        assert_eq!(rfc5322_date(i64::MIN), "Mon, 1 Jan 1900 00:00:00 +0000");
        assert_eq!(rfc5322_date(LATEST_MS), "Fri, 31 Dec 9999 23:59:59 +0000");
        assert_eq!(rfc5322_date(i64::MAX), "Fri, 31 Dec 9999 23:59:59 +0000");
    }
}
