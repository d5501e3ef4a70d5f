//! Identifiers and points in time. All are 64-bit integers, so that both databases, JSON and a
//! person at a prompt can hold them; the types keep them apart.

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z. Time is always a parameter; only the
/// binary reads the clock.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This point moved by a number of seconds; stays at the ends of the range.
    #[must_use]
    pub fn plus_secs(self, secs: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(secs.saturating_mul(1000)))
    }

    /// Seconds from `earlier` to this point; negative where `earlier` is later.
    #[must_use]
    pub fn secs_since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0) / 1000
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A recipient: whatever holds an address.
    RecipientId
    /// A right given to a trustee; never used again after it is revoked.
    GrantId
    /// A stored message.
    MessageId
    /// A folder of a mailbox.
    FolderId
    /// One message on its way to one recipient outside.
    QueueEntryId
    /// A mail flow rule or a journal rule; never used again after it is removed.
    RuleId
}
