//! The clock and the source of randomness: read here and nowhere else.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::Timestamp;
use rand::TryRng as _;

/// The time now.
pub(crate) fn now() -> Timestamp {
    // A clock before 1970 is as wrong as any other wrong clock; zero is as good an answer.
    let since = system_now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The time now, for libraries that want the standard type.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub(crate) fn system_now() -> SystemTime {
    SystemTime::now()
}

/// Fills a buffer from the operating system's generator.
///
/// # Panics
/// Where the system has no randomness to give: nothing secret can be made then.
pub(crate) fn fill_random(buffer: &mut [u8]) {
    rand::rngs::SysRng.try_fill_bytes(buffer).expect("the operating system gives random octets");
}

/// A new random UUID (RFC 9562 §5.4) in lower-case text form.
pub(crate) fn new_guid() -> String {
    let mut octets = [0u8; 16];
    fill_random(&mut octets);
    uuid::Builder::from_random_bytes(octets).into_uuid().to_string()
}
