//! Points in time as texts for people and for names of keys. Always UTC.

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta};
use domain::Timestamp;

/// Seconds of a day.
const DAY_SECS: i64 = 86_400;
/// 1970-01-01.
const EPOCH: NaiveDate = NaiveDate::from_ymd_opt(1970, 1, 1).expect("it is a day");

/// `2027-01-31T18:00:00Z`, to the second (RFC 3339).
pub(crate) fn instant(at: Timestamp) -> String {
    let mut text = String::with_capacity("2027-01-31T18:00:00Z".len());
    write_instant(&mut text, at);
    text
}

/// The same behind a text. Reports write millions of them, so what is usual (years of four digits)
/// goes without chrono's format language.
pub(crate) fn write_instant(text: &mut String, at: Timestamp) {
    let secs = at.0.div_euclid(1000);
    let (days, of_day) = (secs.div_euclid(DAY_SECS), secs.rem_euclid(DAY_SECS));
    let day = i32::try_from(days)
        .ok()
        .and_then(|days| EPOCH.checked_add_signed(TimeDelta::days(days.into())));
    let Some(day) = day.filter(|day| (0..=9999).contains(&day.year())) else {
        text.push_str(&format(at, "%Y-%m-%dT%H:%M:%SZ"));
        return;
    };
    let year = day.year().unsigned_abs();
    let clock = u32::try_from(of_day).unwrap_or(0);
    push_digits(text, year / 100);
    push_digits(text, year % 100);
    for (mark, number) in [
        ('-', day.month()),
        ('-', day.day()),
        ('T', clock / 3600),
        (':', clock / 60 % 60),
        (':', clock % 60),
    ] {
        text.push(mark);
        push_digits(text, number);
    }
    text.push('Z');
}

fn push_digits(text: &mut String, number: u32) {
    for digit in [number / 10, number % 10] {
        text.push(char::from_digit(digit % 10, 10).unwrap_or('0'));
    }
}

/// `2027-01-31 18:00`, for tables that people read; in UTC like all.
pub(crate) fn minute(at: Timestamp) -> String {
    format(at, "%Y-%m-%d %H:%M")
}

/// `2027-01`.
pub(crate) fn month(at: Timestamp) -> String {
    format(at, "%Y-%m")
}

/// `2027-01-31`.
pub(crate) fn date(at: Timestamp) -> String {
    format(at, "%Y-%m-%d")
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
        assert_eq!(date(Timestamp(951_782_400_000)), "2000-02-29");
        assert_eq!(day(Timestamp(951_782_400_000)), "20000229");
        assert_eq!(minute(Timestamp(1_772_719_629_999)), "2026-03-05 14:07");
        assert_eq!(month(Timestamp(951_782_400_000)), "2000-02");
        assert_eq!(instant(Timestamp(-1)), "1969-12-31T23:59:59Z");
        assert_eq!(instant(Timestamp(253_402_300_799_999)), "9999-12-31T23:59:59Z");
        assert_eq!(instant(Timestamp(253_402_300_800_000)), "+10000-01-01T00:00:00Z");
        assert_eq!(instant(Timestamp(i64::MAX)), format!("{} ms", i64::MAX));
    }
}
