//! Points in time as pages write them: in UTC until a person's zone is known to the server; the
//! script of the pages turns `<time>` elements into the browser's zone.

use chrono::{DateTime, Utc};
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

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::{machine, minute};

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(minute(Timestamp(1_790_000_000_000)), "2026-09-21 14:13");
        assert_eq!(machine(Timestamp(1_790_000_000_000)), "2026-09-21T14:13:20Z");
    }
}
