//! Points in time as pages write them: in UTC until a person's zone is known to the server; the
//! script of the pages turns `<time>` elements into the browser's zone.

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::Timestamp;

fn utc(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.0).unwrap_or_default()
}

/// To the minute, as `2026-11-23 16:08`.
pub(crate) fn minute(at: Timestamp) -> String {
    utc(at).format("%Y-%m-%d %H:%M").to_string()
}

/// For the attribute `datetime` (RFC 3339).
pub(crate) fn machine(at: Timestamp) -> String {
    utc(at).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The first instant after a day, in UTC.
pub(crate) fn end_of_day(day: &str) -> Option<Timestamp> {
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
    let next = day.checked_add_days(Days::new(1))?.and_hms_opt(0, 0, 0)?;
    Some(Timestamp(next.and_utc().timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::{end_of_day, machine, minute};

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(minute(Timestamp(1_790_000_000_000)), "2026-09-21 14:13");
        assert_eq!(machine(Timestamp(1_790_000_000_000)), "2026-09-21T14:13:20Z");
    }

    #[test]
    fn a_right_holds_to_the_end_of_its_last_day() {
        assert_eq!(end_of_day("2026-11-30"), Some(Timestamp(1_796_083_200_000)));
        for wrong in ["", "30.11.2026", "2026-02-30", "2026-11-30T12:00"] {
            assert_eq!(end_of_day(wrong), None, "{wrong:?}");
        }
    }
}
