//! When a transmission that failed for now is tried again, and when it is given up.

use crate::id::Timestamp;

/// The schedule of attempts for one queue entry. Waits double from the first to the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetrySchedule {
    /// Seconds between the first attempt and the second.
    pub first_wait_secs: i64,
    /// No wait is longer. RFC 5321 §4.5.4.1 wants about 30 minutes or more once it has failed.
    pub longest_wait_secs: i64,
    /// Seconds after acceptance when an entry is given up. RFC 5321 §4.5.4.1 wants 4 to 5 days.
    pub lifetime_secs: i64,
    /// Seconds after acceptance when the sender is told once that the message is still waiting.
    pub delay_notice_secs: i64,
}

impl Default for RetrySchedule {
    fn default() -> RetrySchedule {
        RetrySchedule {
            first_wait_secs: 5 * 60,
            longest_wait_secs: 4 * 3600,
            lifetime_secs: 5 * 24 * 3600,
            delay_notice_secs: 4 * 3600,
        }
    }
}

/// What follows an attempt that failed for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAttempt {
    /// Try again at this time.
    At(Timestamp),
    /// The entry has lived long enough: it fails for good.
    Never,
}

impl RetrySchedule {
    /// Says what follows the attempt number `attempts` (1 for the first) made at `now`.
    pub fn after_attempt(
        &self,
        attempts: u32,
        created_at: Timestamp,
        now: Timestamp,
    ) -> NextAttempt {
        let expires_at = created_at.plus_secs(self.lifetime_secs);
        if now >= expires_at {
            return NextAttempt::Never;
        }
        let doublings = attempts.saturating_sub(1).min(30);
        let wait = self.first_wait_secs.saturating_mul(1 << doublings).min(self.longest_wait_secs);
        // The last attempt is made at the end of the lifetime, not skipped.
        NextAttempt::At(now.plus_secs(wait).min(expires_at))
    }

    /// Whether the sender is to be told now that the entry is still waiting.
    pub fn is_delay_notice_due(&self, created_at: Timestamp, now: Timestamp) -> bool {
        now.secs_since(created_at) >= self.delay_notice_secs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_000_000_000);

    fn waits(schedule: &RetrySchedule) -> Vec<i64> {
        let (mut now, mut waits) = (START, Vec::new());
        for attempts in 1.. {
            match schedule.after_attempt(attempts, START, now) {
                NextAttempt::At(next) => {
                    waits.push(next.secs_since(now));
                    now = next;
                }
                NextAttempt::Never => return waits,
            }
        }
        waits
    }

    #[test]
    fn waits_double_from_five_minutes_to_four_hours_for_five_days() {
        let waits = waits(&RetrySchedule::default());
        assert_eq!(waits[..7], [300, 600, 1200, 2400, 4800, 9600, 14400]);
        assert_eq!(waits.iter().sum::<i64>(), 5 * 24 * 3600);
    }

    #[test]
    fn the_last_attempt_is_made_at_the_end_of_the_lifetime() {
        let schedule = RetrySchedule::default();
        let end = START.plus_secs(schedule.lifetime_secs);
        let just_before = end.plus_secs(-1);
        assert_eq!(schedule.after_attempt(40, START, just_before), NextAttempt::At(end));
        assert_eq!(schedule.after_attempt(41, START, end), NextAttempt::Never);
    }

    #[test]
    fn delay_notice_is_due_after_four_hours() {
        let schedule = RetrySchedule::default();
        assert!(!schedule.is_delay_notice_due(START, START.plus_secs(4 * 3600 - 1)));
        assert!(schedule.is_delay_notice_due(START, START.plus_secs(4 * 3600)));
    }
}
