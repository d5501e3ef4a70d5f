//! Room for appended messages in memory, shared by all sessions of a process: what bounds the
//! memory however many clients append large messages at once.
//!
//! A session takes room when a message is announced, and gives it back with the next command.
//! Where there is none the message is refused before its first octet; nobody waits for room, as two
//! that wait for each other would wait forever.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room is counted in units of so many octets.
const UNIT_OCTETS: u64 = 64 * 1024;
/// Default for the room of all sessions together: 256 MiB, seven messages of the largest size.
pub const ROOM_OCTETS: u64 = 256 * 1024 * 1024;

/// The room of all sessions that share it. Cloning gives another handle to the same room.
#[derive(Debug, Clone)]
pub struct AppendRoom(Arc<Semaphore>);

impl AppendRoom {
    /// Room for so many octets, rounded up to units of 64 KiB.
    pub fn new(octets: u64) -> AppendRoom {
        let units = usize::try_from(octets.div_ceil(UNIT_OCTETS)).unwrap_or(usize::MAX);
        AppendRoom(Arc::new(Semaphore::new(units.min(Semaphore::MAX_PERMITS))))
    }

    /// Takes room; `None` where there is not so much now. Dropping gives it back.
    pub(super) fn take(&self, octets: u64) -> Option<OwnedSemaphorePermit> {
        let units = u32::try_from(octets.div_ceil(UNIT_OCTETS)).ok()?;
        Arc::clone(&self.0).try_acquire_many_owned(units).ok()
    }
}

impl PartialEq for AppendRoom {
    fn eq(&self, other: &AppendRoom) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for AppendRoom {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_ends_at_its_edge_and_comes_back() {
        let room = AppendRoom::new(2 * UNIT_OCTETS);
        let one = room.take(1).unwrap();
        let two = room.take(UNIT_OCTETS).unwrap();
        assert!(room.take(1).is_none());
        drop(one);
        assert!(room.take(UNIT_OCTETS + 1).is_none());
        drop(two);
        assert!(room.take(2 * UNIT_OCTETS).is_some());
    }
}
