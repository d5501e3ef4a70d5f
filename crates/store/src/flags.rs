//! Flags of placed messages: a bit each, so that a change is arithmetic in the database.
//!
//! Bits 0 to 4 are the system flags of RFC 9051 §2.3.2. Bits 8 to 62 are keywords; what a bit means
//! in a folder is written in that folder's keywords (see [`keyword`](crate::keyword)). Bits 5 to 7
//! stay free, and 63 is the sign.

/// Keywords that a folder can have.
pub const KEYWORDS_MAX: usize = 55;
/// The first bit of a keyword.
const KEYWORD_BIT_FIRST: u32 = 8;
/// The last bit of a keyword.
const KEYWORD_BIT_LAST: u32 = 62;

/// A set of flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags(pub i64);

impl Flags {
    /// No flag.
    pub const NONE: Flags = Flags(0);
    /// `\Seen`
    pub const SEEN: Flags = Flags(1);
    /// `\Answered`
    pub const ANSWERED: Flags = Flags(2);
    /// `\Flagged`
    pub const FLAGGED: Flags = Flags(4);
    /// `\Deleted`
    pub const DELETED: Flags = Flags(8);
    /// `\Draft`
    pub const DRAFT: Flags = Flags(16);
    /// The five system flags.
    pub const SYSTEM: Flags = Flags(31);

    /// The flag of a keyword's bit; `None` for bits that no keyword has.
    pub fn of_keyword_bit(bit: u32) -> Option<Flags> {
        (KEYWORD_BIT_FIRST..=KEYWORD_BIT_LAST).contains(&bit).then(|| Flags(1 << bit))
    }

    /// Whether all of `other` are in it.
    #[must_use]
    pub fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// These and those.
    #[must_use]
    pub fn with(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// These but not those.
    #[must_use]
    pub fn without(self, other: Flags) -> Flags {
        Flags(self.0 & !other.0)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::{Flags, KEYWORDS_MAX};

    #[test]
    fn keywords_have_the_bits_between_the_system_flags_and_the_sign() {
        let keywords: Vec<Flags> = (0..=64).filter_map(Flags::of_keyword_bit).collect();
        assert_eq!(keywords.len(), KEYWORDS_MAX);
        assert!(keywords.iter().all(|flag| flag.0 > 0 && flag.0 & Flags::SYSTEM.0 == 0));
    }

    #[test]
    fn sets_of_flags_join_and_part() {
        let both = Flags::SEEN.with(Flags::DELETED);
        assert_eq!(both, Flags(9));
        assert!(both.contains(Flags::SEEN) && !both.contains(Flags::SEEN.with(Flags::DRAFT)));
        assert_eq!(both.without(Flags::SEEN.with(Flags::DRAFT)), Flags::DELETED);
        assert!(Flags::NONE.is_empty() && !both.is_empty());
    }
}
