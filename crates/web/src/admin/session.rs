//! Sessions of audit searches: where the last portion of a search ended, so that the same call
//! gives the next one. Exchange's way of paging; kept in memory, per process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::Timestamp;

/// Sessions kept at most; beyond it the one that was not used for the longest time goes.
const SESSIONS_MAX: usize = 1_000;
/// Seconds after which a session that nobody used is forgotten.
const SESSION_SECS: i64 = 3_600;

/// Which search of whom: the caller, the session's name, and the search itself.
pub(crate) type SessionKey = (String, String, String);

/// Where a search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// Number of the last record that was given.
    pub(crate) last: i64,
    /// How many were given.
    pub(crate) given: u64,
    /// How many there were when the search began.
    pub(crate) count: u64,
    /// When it was asked last.
    pub(crate) used_at: Timestamp,
}

/// All sessions.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<SessionKey, Position>>);

impl Sessions {
    /// Where the search is, if it has begun.
    pub(crate) fn position(&self, key: &SessionKey, now: Timestamp) -> Option<Position> {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, position| now.secs_since(position.used_at) < SESSION_SECS);
        sessions.get(key).copied()
    }

    /// Keeps where the search is.
    pub(crate) fn keep(&self, key: SessionKey, position: Position) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= SESSIONS_MAX && !sessions.contains_key(&key) {
            let oldest = sessions.iter().min_by_key(|(_, position)| position.used_at);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                sessions.remove(&oldest);
            }
        }
        sessions.insert(key, position);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn key(number: usize) -> SessionKey {
        ("admin".to_owned(), number.to_string(), String::new())
    }

    fn position(used_at: Timestamp) -> Position {
        Position { last: 1, given: 1, count: 2, used_at }
    }

    #[test]
    fn a_session_is_forgotten_after_an_hour() {
        let sessions = Sessions::default();
        sessions.keep(key(1), position(NOW));
        assert!(sessions.position(&key(1), NOW.plus_secs(SESSION_SECS - 1)).is_some());
        assert!(sessions.position(&key(1), NOW.plus_secs(SESSION_SECS)).is_none());
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let sessions = Sessions::default();
        for (number, secs) in (0..=SESSIONS_MAX).zip(0..) {
            sessions.keep(key(number), position(NOW.plus_secs(secs)));
        }
        let now = NOW.plus_secs(1_001);
        assert!(sessions.position(&key(0), now).is_none());
        assert!(sessions.position(&key(1), now).is_some());
    }
}
