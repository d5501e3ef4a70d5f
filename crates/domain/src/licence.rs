//! What a mailbox would cost in licences where licences are sold.
//!
//! Guichet itself asks for none. Exchange Online does: one for each person, none for a shared
//! mailbox or a group up to 50 GB, and one for a shared mailbox beyond. Whoever leads an
//! organisation in both, or moves from one to the other, wants to see it coming.

use crate::{RecipientKind, RecipientSettings};

/// Bytes that a mailbox without a licence may have in Exchange Online: 50 GB.
pub const LICENCE_FREE_BYTES: u64 = 50 << 30;

/// Whether a mailbox takes a licence in Exchange Online.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Licence {
    /// A person's mailbox: always one.
    OfPerson,
    /// None, and its quota keeps it so.
    Free,
    /// None yet; its quota lets it grow beyond what is free.
    FreeUntilItGrows,
    /// One: it holds more than is free.
    Owed,
    /// It is no mailbox.
    NoMailbox,
}

impl Licence {
    /// What a mailbox with these settings takes that holds so many bytes.
    pub fn of(kind: RecipientKind, settings: &RecipientSettings, used_bytes: u64) -> Licence {
        match kind {
            RecipientKind::User => Licence::OfPerson,
            RecipientKind::Contact | RecipientKind::Channel => Licence::NoMailbox,
            RecipientKind::SharedMailbox | RecipientKind::Group => {
                let is_kept_free =
                    settings.quota_bytes.is_some_and(|limit| limit <= LICENCE_FREE_BYTES);
                match (used_bytes > LICENCE_FREE_BYTES, is_kept_free) {
                    (true, _) => Licence::Owed,
                    (false, true) => Licence::Free,
                    (false, false) => Licence::FreeUntilItGrows,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LICENCE_FREE_BYTES, Licence};
    use crate::{RecipientKind, RecipientSettings};

    #[test]
    fn fifty_gigabytes_are_free_and_a_byte_more_is_not() {
        let of = |kind, quota_bytes, used_bytes| {
            let settings = RecipientSettings { quota_bytes, ..RecipientSettings::default() };
            Licence::of(kind, &settings, used_bytes)
        };
        let shared = RecipientKind::SharedMailbox;
        let free = Some(LICENCE_FREE_BYTES);
        assert_eq!(of(shared, free, LICENCE_FREE_BYTES), Licence::Free);
        assert_eq!(of(shared, free, LICENCE_FREE_BYTES + 1), Licence::Owed);
        let more = Some(LICENCE_FREE_BYTES + 1);
        assert_eq!(of(shared, more, 0), Licence::FreeUntilItGrows);
        assert_eq!(of(RecipientKind::Group, None, 0), Licence::FreeUntilItGrows);
        assert_eq!(of(RecipientKind::Group, None, LICENCE_FREE_BYTES + 1), Licence::Owed);
        assert_eq!(of(RecipientKind::User, None, u64::MAX), Licence::OfPerson);
        assert_eq!(of(RecipientKind::Contact, free, 0), Licence::NoMailbox);
    }
}
