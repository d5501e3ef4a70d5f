//! Dates and date-times (RFC 9051 `date`, `date-time`).
//!
//! Instants are milliseconds since 1970-01-01T00:00:00Z. The zone a client gives is applied and
//! then forgotten; what we write is in UTC.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, Timelike as _};

/// The names of the months.
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// A calendar day, as SEARCH names it: without time and zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Days since 1970-01-01; earlier days are negative.
    pub day_number: i32,
}

impl Date {
    /// The day of an instant, in UTC.
    pub fn of_instant(at_ms: i64) -> Date {
        let days = at_ms.div_euclid(DAY_MS);
        Date {
            day_number: i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX }),
        }
    }

    /// The first instant of the day, in UTC.
    pub fn starts_at_ms(self) -> i64 {
        i64::from(self.day_number) * DAY_MS
    }

    /// Reads `1-Feb-1994`; the day has one or two digits.
    pub fn read(text: &[u8]) -> Option<Date> {
        let (day, month, year) = split_date(text)?;
        let day = match day {
            [digit] => decimal(&[b'0', *digit])?,
            [_, _] => decimal(day)?,
            _ => return None,
        };
        Some(Date { day_number: days_of(calendar_day(day, month, year)?) })
    }
}

/// Reads `17-Jul-1996 02:44:25 -0700`, as it stands between its quotes; a day of one digit has a
/// space before it. Milliseconds since 1970-01-01T00:00:00Z.
pub fn read_date_time(text: &[u8]) -> Option<i64> {
    let (date, rest) = text.split_at_checked(11)?;
    let (day, month, year) = split_date(date)?;
    let day = match day {
        // RFC 9051 `date-day-fixed`.
        [b' ', digit] => decimal(&[b'0', *digit])?,
        _ => decimal(day)?,
    };
    let [b' ', h1, h2, b':', m1, m2, b':', s1, s2, b' ', sign, z1, z2, z3, z4] = rest else {
        return None;
    };
    let (hour, minute, second) =
        (decimal(&[*h1, *h2])?, decimal(&[*m1, *m2])?, decimal(&[*s1, *s2])?);
    // A leap second is the last one of its minute to us.
    let second = if second == 60 { 59 } else { second };
    let (zone_hours, zone_minutes) = (decimal(&[*z1, *z2])?, decimal(&[*z3, *z4])?);
    if zone_hours > 23 || zone_minutes > 59 {
        return None;
    }
    let offset_ms = i64::from(zone_hours * 60 + zone_minutes) * 60_000;
    let local = calendar_day(day, month, year)?.and_hms_opt(hour, minute, second)?;
    let local_ms = local.and_utc().timestamp_millis();
    match sign {
        b'+' => Some(local_ms - offset_ms),
        b'-' => Some(local_ms + offset_ms),
        _ => None,
    }
}

/// Writes an instant as `date-time` without its quotes, in UTC. Years end at 0 and 9999.
pub fn write_date_time(at_ms: i64) -> String {
    let at = civil(at_ms);
    let month = MONTHS[at.month0() as usize];
    let (day, year) = (at.day(), at.year());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    format!("{day:>2}-{month}-{year:04} {hour:02}:{minute:02}:{second:02} +0000")
}

fn civil(at_ms: i64) -> NaiveDateTime {
    // 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
    let at_ms = at_ms.clamp(-62_167_219_200_000, 253_402_300_799_000);
    let instant = DateTime::from_timestamp_millis(at_ms);
    instant.expect("years from 0 to 9999 are in the range of chrono").naive_utc()
}

/// Splits `day-Mon-year`; the month counts from 1.
fn split_date(text: &[u8]) -> Option<(&[u8], u32, u32)> {
    let (day, rest) = text.split_at_checked(text.len().checked_sub(9)?)?;
    let [b'-', month @ .., b'-', y1, y2, y3, y4] = rest else { return None };
    let month = MONTHS.iter().position(|name| name.as_bytes().eq_ignore_ascii_case(month))?;
    let month = u32::try_from(month + 1).expect("there are twelve months");
    Some((day, month, decimal(&[*y1, *y2])? * 100 + decimal(&[*y3, *y4])?))
}

fn calendar_day(day: u32, month: u32, year: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

fn days_of(day: NaiveDate) -> i32 {
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).expect("the epoch is a day");
    i32::try_from((day - epoch).num_days()).expect("years of four digits are few days")
}

/// Two digits.
fn decimal(digits: &[u8]) -> Option<u32> {
    match digits {
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(u32::from(a - b'0') * 10 + u32::from(b - b'0')),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
