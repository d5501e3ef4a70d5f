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

/// The end that a text names: of a day, or the instant that [`machine`] writes.
pub(crate) fn end(text: &str) -> Option<Timestamp> {
    let instant = || {
        let at = DateTime::parse_from_rfc3339(text).ok()?;
        Some(Timestamp(at.timestamp_millis()))
    };
    end_of_day(text).or_else(instant)
}

/// What a field for a day stands for: nothing where it is empty, and the text itself where it is no
/// day.
pub(crate) fn day_or_none(
    text: &str,
    read: fn(&str) -> Option<Timestamp>,
) -> Result<Option<Timestamp>, &str> {
    match text.trim() {
        "" => Ok(None),
        day => read(day).map(Some).ok_or(day),
    }
}

/// The first instant of a day, in UTC.
pub(crate) fn start_of_day(day: &str) -> Option<Timestamp> {
    let first = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?;
    Some(Timestamp(first.and_utc().timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::{end, end_of_day, machine, minute, start_of_day};

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(minute(Timestamp(1_790_000_000_000)), "2026-09-21 14:13");
        assert_eq!(machine(Timestamp(1_790_000_000_000)), "2026-09-21T14:13:20Z");
    }

    #[test]
    fn a_right_holds_to_the_end_of_its_last_day() {
        assert_eq!(end_of_day("2026-11-30"), Some(Timestamp(1_796_083_200_000)));
        assert_eq!(end("2026-11-30"), end_of_day("2026-11-30"));
        assert_eq!(end("2026-11-30T12:00:00Z"), Some(Timestamp(1_796_040_000_000)));
        assert_eq!(end("2026-11-30T12:00"), None);
        assert_eq!(start_of_day("2026-11-30"), Some(Timestamp(1_795_996_800_000)));
        for wrong in ["", "30.11.2026", "2026-02-30", "2026-11-30T12:00"] {
            assert_eq!(end_of_day(wrong), None, "{wrong:?}");
        }
    }
}
