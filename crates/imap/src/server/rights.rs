//! Rights on a mailbox by their letters (RFC 4314 §2.1).

use std::fmt;

/// A set of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights(u16);

/// The letters in the order they are written.
const LETTERS: &[u8] = b"lrswipkxtea";

impl Rights {
    /// None.
    pub const NONE: Rights = Rights(0);
    /// Every right.
    pub const ALL: Rights = Rights((1 << LETTERS.len()) - 1);
    /// `l`: it is in LIST.
    pub const LOOKUP: Rights = Rights(1);
    /// `r`: open it, read its messages.
    pub const READ: Rights = Rights(1 << 1);
    /// `s`: \Seen is kept.
    pub const SEEN: Rights = Rights(1 << 2);
    /// `w`: change other flags and keywords.
    pub const WRITE: Rights = Rights(1 << 3);
    /// `i`: APPEND and COPY into it.
    pub const INSERT: Rights = Rights(1 << 4);
    /// `p`: send as, or on behalf of, the address of the mailbox.
    pub const POST: Rights = Rights(1 << 5);
    /// `k`: create mailboxes below it.
    pub const CREATE: Rights = Rights(1 << 6);
    /// `x`: delete it.
    pub const DELETE_MAILBOX: Rights = Rights(1 << 7);
    /// `t`: change \Deleted.
    pub const DELETE_MESSAGES: Rights = Rights(1 << 8);
    /// `e`: expunge.
    pub const EXPUNGE: Rights = Rights(1 << 9);
    /// `a`: administer: ACL commands.
    pub const ADMINISTER: Rights = Rights(1 << 10);

    /// Reads letters; `c` and `d` of RFC 2086 stand for `k` and `te` (RFC 4314 §2.1.1).
    pub fn parse(letters: &str) -> Option<Rights> {
        letters.bytes().try_fold(Rights::NONE, |rights, letter| {
            Some(rights.with(match letter {
                b'c' => Rights::CREATE,
                b'd' => Rights::DELETE_MESSAGES.with(Rights::EXPUNGE),
                _ => Rights(1 << LETTERS.iter().position(|known| *known == letter)?),
            }))
        })
    }

    /// These and those.
    #[must_use]
    pub const fn with(self, other: Rights) -> Rights {
        Rights(self.0 | other.0)
    }

    /// These but not those.
    #[must_use]
    pub const fn without(self, other: Rights) -> Rights {
        Rights(self.0 & !other.0)
    }

    /// Whether all of `other` are among them.
    pub const fn allow(self, other: Rights) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether one of `other` is among them.
    pub const fn allow_any(self, other: Rights) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = LETTERS.iter().enumerate().filter(|(bit, _)| self.0 & (1 << bit) != 0);
        letters.into_iter().try_for_each(|(_, letter)| write!(f, "{}", char::from(*letter)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_and_written_in_one_order() {
        assert_eq!(Rights::parse("aetlr").map(|r| r.to_string()), Some("lrtea".to_owned()));
        assert_eq!(Rights::ALL.to_string(), "lrswipkxtea");
        assert_eq!(Rights::parse(""), Some(Rights::NONE));
        assert_eq!(Rights::parse("z"), None);
        assert_eq!(Rights::parse("L"), None);
    }

    #[test]
    fn the_old_letters_stand_for_new_ones() {
        assert_eq!(Rights::parse("c"), Some(Rights::CREATE));
        assert_eq!(Rights::parse("d").map(|r| r.to_string()), Some("te".to_owned()));
    }
}
