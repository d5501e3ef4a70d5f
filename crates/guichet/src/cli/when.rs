//! Points in time as people type them: `30d`, `12h`, `2027-01-31`, `2027-01-31T18:00`.
//!
//! The parser is pure; the present instant is passed in when the value is used. Dates and times
//! without an offset are in UTC.

use std::str::FromStr;

use admin_protocol::text::{parse_timestamp, timestamp};
use domain::Timestamp;
use thiserror::Error;

/// Seconds of a day.
const DAY_SECS: i64 = 86_400;

/// A point in time, perhaps relative to the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// So many seconds from now; before now where a beginning is asked for.
    Distance(i64),
    /// A whole day, named by its first instant.
    Day(Timestamp),
    /// An instant.
    Instant(Timestamp),
}

/// A text that is no point in time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("give a distance such as 12h, 30d or 2w, or a date such as 2027-01-31 or 2027-01-31T18:00")]
pub(crate) struct NotATime;

/// An end that lies in the past.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0} is in the past")]
pub(crate) struct InThePast(String);

impl FromStr for When {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<When, NotATime> {
        let text = text.trim();
        if let Some(secs) = distance_secs(text) {
            return Ok(When::Distance(secs));
        }
        let at = parse_timestamp(text).ok_or(NotATime)?;
        let is_day = text.len() == "2027-01-31".len();
        Ok(if is_day { When::Day(at) } else { When::Instant(at) })
    }
}

impl When {
    /// As the end of something: a day counts to its last instant, a distance from `now` on.
    pub(crate) fn as_end(self, now: Timestamp) -> Timestamp {
        match self {
            When::Distance(secs) => now.plus_secs(secs),
            When::Day(first) => first.plus_secs(DAY_SECS),
            When::Instant(at) => at,
        }
    }

    /// As the end of a right, which must lie ahead.
    pub(crate) fn as_end_ahead(self, now: Timestamp) -> Result<Timestamp, InThePast> {
        let end = self.as_end(now);
        if end > now { Ok(end) } else { Err(InThePast(timestamp(end))) }
    }

    /// As the beginning of something: a day counts from its first instant, a distance back from
    /// `now`.
    pub(crate) fn as_start(self, now: Timestamp) -> Timestamp {
        match self {
            When::Distance(secs) => now.plus_secs(secs.saturating_neg()),
            When::Day(at) | When::Instant(at) => at,
        }
    }
}

/// Seconds of `45m`, `12h`, `30d`, `2w`.
fn distance_secs(text: &str) -> Option<i64> {
    let unit = text.chars().next_back()?;
    let unit_secs = match unit {
        'm' => 60,
        'h' => 3600,
        'd' => DAY_SECS,
        'w' => 7 * DAY_SECS,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<i64>().ok()?.checked_mul(unit_secs)
}

#[cfg(test)]
mod tests {
    //! What people type, and what it means at a fixed instant.

    use super::*;

    /// 2027-01-01T12:00:00Z.
    const NOW: Timestamp = Timestamp(1_798_804_800_000);

    #[test]
    fn ends_and_beginnings() {
        let check = |typed: &str, end: &str, start: &str| {
            let when: When = typed.parse().expect(typed);
            assert_eq!(timestamp(when.as_end(NOW)), format!("{end}.0000000Z"), "{typed}");
            assert_eq!(timestamp(when.as_start(NOW)), format!("{start}.0000000Z"), "{typed}");
        };
        check("45m", "2027-01-01T12:45:00", "2027-01-01T11:15:00");
        check("12h", "2027-01-02T00:00:00", "2027-01-01T00:00:00");
        check("30d", "2027-01-31T12:00:00", "2026-12-02T12:00:00");
        check("2w", "2027-01-15T12:00:00", "2026-12-18T12:00:00");
        check("2027-01-31", "2027-02-01T00:00:00", "2027-01-31T00:00:00");
        check("2027-01-31T18:00", "2027-01-31T18:00:00", "2027-01-31T18:00:00");
        check("2027-01-31 18:00", "2027-01-31T18:00:00", "2027-01-31T18:00:00");
        check("2027-01-31T18:00:00+01:00", "2027-01-31T17:00:00", "2027-01-31T17:00:00");
    }

    #[test]
    fn other_texts_are_refused() {
        for typed in ["", "d", "soon", "-3d", "3", "3y", "1.5h", "31/01/2027", "2027-02-30", "é"] {
            assert_eq!(typed.parse::<When>(), Err(NotATime), "{typed}");
        }
        assert_eq!("99999999999999999w".parse::<When>(), Err(NotATime));
    }

    #[test]
    fn an_end_must_lie_ahead() {
        let ahead = |typed: &str| typed.parse::<When>().expect(typed).as_end_ahead(NOW);
        assert!(ahead("1m").is_ok());
        assert!(ahead("2027-01-01").is_ok(), "today ends tonight");
        assert!(ahead("2026-12-31").is_err());
        assert!(ahead("0d").is_err(), "a right that ends now never held");
    }
}
