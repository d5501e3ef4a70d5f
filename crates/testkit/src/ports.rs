//! Port bases for servers under test: several test programs run at the same time on one machine.

use std::fs::{File, OpenOptions};
use std::net::{Ipv4Addr, TcpListener};

/// What the server adds to its base, and what the demo's sink adds.
const OFFSETS: [u16; 8] = [25, 26, 80, 143, 443, 465, 587, 993];
/// The first base. Below the ports that the system gives to clients (from 32768 on).
const FIRST: u16 = 21_000;
/// Bases are a thousand apart, and within each thousand two apart: no two bases share a port, for
/// 993 + 20 is less than 1000 + 25 and no two offsets differ by an even number below 22.
const THOUSANDS: u16 = 11;
const IN_A_THOUSAND: u16 = 11;

/// A base whose ports nobody else uses, as long as it lives.
#[derive(Debug)]
pub struct PortRange {
    base: u16,
    /// Tells other test programs that the base is taken.
    _lock: File,
}

impl PortRange {
    /// Finds a free base.
    ///
    /// # Panics
    /// Where there is none.
    pub fn reserve() -> PortRange {
        let first = std::process::id() % u32::from(THOUSANDS);
        let first = u16::try_from(first).expect("a remainder of a small number is small");
        (0..THOUSANDS * IN_A_THOUSAND)
            .map(|turn| {
                let thousand = (first + turn) % THOUSANDS;
                FIRST + thousand * 1000 + (turn / THOUSANDS) * 2
            })
            .find_map(PortRange::take)
            .expect("a machine has a free port range for a test")
    }

    fn take(base: u16) -> Option<PortRange> {
        let path = std::env::temp_dir().join(format!("guichet-test-ports-{base}.lock"));
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(path).ok()?;
        lock.try_lock().ok()?;
        let is_free =
            |offset: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, base + offset)).is_ok();
        OFFSETS.iter().all(is_free).then_some(PortRange { base, _lock: lock })
    }

    /// What `--port-base` is given.
    pub fn base(&self) -> u16 {
        self.base
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_bases_share_a_port() {
        let mut ports: Vec<u16> = (0..THOUSANDS)
            .flat_map(|t| (0..IN_A_THOUSAND).map(move |i| FIRST + t * 1000 + i * 2))
            .flat_map(|base| OFFSETS.map(|offset| base + offset))
            .collect();
        let count = ports.len();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), count);
        assert!(ports.iter().all(|port| *port < 32_768));
    }

    #[test]
    fn a_base_that_is_held_is_not_given_again() {
        let first = PortRange::reserve();
        let second = PortRange::reserve();
        assert_ne!(first.base(), second.base());
    }
}
