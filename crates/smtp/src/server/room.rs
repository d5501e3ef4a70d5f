//! Room for content in memory, shared by all sessions of a process: what bounds the memory however
//! many clients send large messages at once. A session takes room as content comes, never on an
//! announced size, and gives it back when the message is answered.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room is counted in units of so many octets; every message under way holds at least one.
pub const ROOM_UNIT_OCTETS: usize = 64 * 1024;
/// Default for the room of all sessions together: 256 MiB, seven messages of the largest size.
pub const ROOM_OCTETS: u64 = 256 * 1024 * 1024;

/// The room of all sessions that share it. Cloning gives another handle to the same room.
#[derive(Debug, Clone)]
pub struct ContentRoom(Arc<Semaphore>);

impl ContentRoom {
    /// Room for so many octets, rounded up to whole units.
    pub fn new(octets: u64) -> ContentRoom {
        let units = octets.div_ceil(ROOM_UNIT_OCTETS as u64);
        let units = usize::try_from(units).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        ContentRoom(Arc::new(Semaphore::new(units)))
    }

    /// Makes `held` cover `octets`. `false` where there is no room for them now.
    pub(super) fn cover(&self, held: &mut HeldRoom, octets: usize) -> bool {
        let wanted = octets.div_ceil(ROOM_UNIT_OCTETS);
        let missing = wanted.saturating_sub(held.units());
        if missing == 0 {
            return true;
        }
        let Ok(missing) = u32::try_from(missing) else { return false };
        match Arc::clone(&self.0).try_acquire_many_owned(missing) {
            Ok(more) => {
                held.add(more);
                true
            }
            Err(_) => false,
        }
    }
}

impl PartialEq for ContentRoom {
    fn eq(&self, other: &ContentRoom) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for ContentRoom {}

/// The room that one session holds; given back when dropped.
#[derive(Debug, Default)]
pub(super) struct HeldRoom(Option<OwnedSemaphorePermit>);

impl HeldRoom {
    fn units(&self) -> usize {
        self.0.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }

    fn add(&mut self, more: OwnedSemaphorePermit) {
        match &mut self.0 {
            Some(held) => held.merge(more),
            None => self.0 = Some(more),
        }
    }

    /// Gives all of it back.
    pub(super) fn release(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_ends_at_its_edge_and_comes_back() {
        let room = ContentRoom::new(2 * ROOM_UNIT_OCTETS as u64);
        let (mut one, mut two) = (HeldRoom::default(), HeldRoom::default());
        assert!(room.cover(&mut one, 1));
        assert!(room.cover(&mut one, ROOM_UNIT_OCTETS));
        assert!(room.cover(&mut two, ROOM_UNIT_OCTETS));
        assert!(!room.cover(&mut two, ROOM_UNIT_OCTETS + 1));
        one.release();
        assert!(room.cover(&mut two, ROOM_UNIT_OCTETS + 1));
    }
}
