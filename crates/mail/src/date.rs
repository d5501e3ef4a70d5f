//! Dates of header fields (RFC 5322 §3.3).

use chrono::{DateTime, Datelike as _, NaiveDate, SecondsFormat, Utc};

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

/// The day that an unfolded Date field names, in days since 1970-01-01, without regard to its time
/// and zone (RFC 9051 §6.4.4, SENTON). `None` where there is no day in it.
pub fn written_day(value: &str) -> Option<i64> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let mut words = value.split(|c: char| c.is_whitespace() || c == ',').filter(|w| !w.is_empty());
    let first = words.next()?;
    let day: u32 = match first.parse() {
        Ok(day) => day,
        Err(_) => words.next()?.parse().ok()?,
    };
    let month = words.next()?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|name| month.starts_with(name))?;
    let year: i32 = words.next()?.parse().ok()?;
    // RFC 5322 §4.3: years of two or three digits.
    let year = match year {
        0..50 => year + 2000,
        50..1000 => year + 1900,
        _ => year,
    };
    let date = NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()? + 1, day)?;
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1)?;
    Some(i64::from(date.num_days_from_ce()) - i64::from(epoch.num_days_from_ce()))
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
    fn the_written_day_is_read_whatever_the_zone() {
        assert_eq!(written_day("Thu, 1 Jan 1970 23:59:00 -1200"), Some(0));
        assert_eq!(written_day("05 March 2026 14:07 (x)"), Some(20_517));
        assert_eq!(written_day("Tue, 29 Feb 00 0:0"), Some(11_016));
        for none in ["", "yesterday", "Thu, 31 Feb 2020 00:00", "1", "Thu, 1 Foo 2020"] {
            assert_eq!(written_day(none), None, "{none}");
        }
    }

    #[test]
    fn years_stay_between_1900_and_9999() {
        assert_eq!(rfc5322_date(EARLIEST_MS), "Mon, 1 Jan 1900 00:00:00 +0000");
        assert_eq!(rfc5322_date(i64::MIN), "Mon, 1 Jan 1900 00:00:00 +0000");
        assert_eq!(rfc5322_date(LATEST_MS), "Fri, 31 Dec 9999 23:59:59 +0000");
        assert_eq!(rfc5322_date(i64::MAX), "Fri, 31 Dec 9999 23:59:59 +0000");
    }
}
