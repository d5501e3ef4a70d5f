//! How many calls of cmdlets one account may make: so many in each window of time, counted from its
//! first call. Kept in memory per process; whoever is at the administration socket is not counted.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::{RecipientId, Timestamp};

/// Calls of one account in one window, as Exchange advertises them.
pub const CALLS_PER_WINDOW: u32 = 30_000;
/// Seconds of a window.
pub const WINDOW_SECS: i64 = 300;
/// Accounts that are counted at most; beyond it those whose window has passed go first.
const ACCOUNTS_MAX: usize = 100_000;

/// How many calls are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallLimits {
    /// Calls of one account in one window.
    pub calls_per_window: u32,
    /// Seconds of a window.
    pub window_secs: i64,
}

impl Default for CallLimits {
    fn default() -> CallLimits {
        CallLimits { calls_per_window: CALLS_PER_WINDOW, window_secs: WINDOW_SECS }
    }
}

/// What is left of an account's window, for the headers of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    pub(crate) resets_at: Timestamp,
}

/// No call is left in this window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted {
    pub(crate) budget: Budget,
    pub(crate) wait_secs: i64,
}

/// Counts calls.
#[derive(Debug, Default)]
pub(crate) struct CallMeter {
    limits: CallLimits,
    windows: Mutex<HashMap<RecipientId, Window>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    began_at: Timestamp,
    calls: u32,
}

impl CallMeter {
    /// Starts with nothing counted.
    pub(crate) fn new(limits: CallLimits) -> CallMeter {
        CallMeter { limits, windows: Mutex::default() }
    }

    /// Counts a call, if there is one left.
    pub(crate) fn count(&self, account: RecipientId, now: Timestamp) -> Result<Budget, Exhausted> {
        let CallLimits { calls_per_window, window_secs } = self.limits;
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let has_passed = |window: &Window| now.secs_since(window.began_at) >= window_secs;
        if windows.len() >= ACCOUNTS_MAX && !windows.contains_key(&account) {
            windows.retain(|_, window| !has_passed(window));
            if windows.len() >= ACCOUNTS_MAX {
                windows.clear();
            }
        }
        let fresh = Window { began_at: now, calls: 0 };
        let window = windows.entry(account).or_insert(fresh);
        if has_passed(window) {
            *window = fresh;
        }
        let resets_at = window.began_at.plus_secs(window_secs);
        if window.calls >= calls_per_window {
            let budget = Budget { limit: calls_per_window, remaining: 0, resets_at };
            return Err(Exhausted { budget, wait_secs: resets_at.secs_since(now).max(1) });
        }
        window.calls += 1;
        let remaining = calls_per_window - window.calls;
        Ok(Budget { limit: calls_per_window, remaining, resets_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JEAN: RecipientId = RecipientId(7);
    const START: Timestamp = Timestamp(1_790_000_000_000);

    #[test]
    fn the_last_call_is_answered_and_the_next_is_not() {
        let meter = CallMeter::new(CallLimits { calls_per_window: 2, window_secs: 60 });
        assert_eq!(meter.count(JEAN, START).map(|budget| budget.remaining), Ok(1));
        let later = START.plus_secs(20);
        assert_eq!(meter.count(JEAN, later).map(|budget| budget.remaining), Ok(0));
        let exhausted = meter.count(JEAN, later).expect_err("nothing is left");
        assert_eq!(exhausted.wait_secs, 40);
        assert_eq!(exhausted.budget.resets_at, START.plus_secs(60));
        assert!(meter.count(RecipientId(8), later).is_ok(), "others are not slowed down");
        assert!(meter.count(JEAN, START.plus_secs(59)).is_err());
        assert!(meter.count(JEAN, START.plus_secs(60)).is_ok(), "a new window");
    }
}
