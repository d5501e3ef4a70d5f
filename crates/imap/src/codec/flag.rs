//! Flags and keywords (RFC 9051 §2.3.2).

use std::fmt;

use crate::codec::parse::classes::is_atom_octet;

/// Longest keyword, in octets.
pub const KEYWORD_OCTETS_MAX: usize = 128;

/// A flag that a client can set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Flag {
    /// \Seen: read.
    Seen,
    /// \Answered.
    Answered,
    /// \Flagged: marked as urgent.
    Flagged,
    /// \Deleted: goes with the next EXPUNGE.
    Deleted,
    /// \Draft.
    Draft,
    /// A flag with a name of the client's choice.
    Keyword(Keyword),
}

impl Flag {
    /// The system flags with their names on the wire.
    pub const SYSTEM: [(&'static str, Flag); 5] = [
        ("\\Answered", Flag::Answered),
        ("\\Flagged", Flag::Flagged),
        ("\\Deleted", Flag::Deleted),
        ("\\Seen", Flag::Seen),
        ("\\Draft", Flag::Draft),
    ];

    /// The name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Flag::Seen => "\\Seen",
            Flag::Answered => "\\Answered",
            Flag::Flagged => "\\Flagged",
            Flag::Deleted => "\\Deleted",
            Flag::Draft => "\\Draft",
            Flag::Keyword(keyword) => keyword.as_str(),
        }
    }
}

/// A keyword: an atom of 1 to [`KEYWORD_OCTETS_MAX`] octets, in the case the client wrote.
///
/// Two keywords that differ in case only are the same to a mailbox, but not to `==`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Keyword(String);

impl Keyword {
    /// Takes a keyword, if it is one.
    pub fn new(text: &str) -> Option<Keyword> {
        let is_keyword =
            (1..=KEYWORD_OCTETS_MAX).contains(&text.len()) && text.bytes().all(is_atom_octet);
        is_keyword.then(|| Keyword(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_atoms() {
        for text in ["$Forwarded", "$MDNSent", "NonJunk", "a", "x.y-z", "$label1", "Tag:1/2"] {
            assert_eq!(Keyword::new(text).expect(text).as_str(), text);
        }
        for text in ["", "\\Seen", "a b", "a(b", "a)", "a]", "a{", "a%", "a*", "a\"", "é", "a\n"] {
            assert_eq!(Keyword::new(text), None, "{text}");
        }
        assert!(Keyword::new(&"k".repeat(KEYWORD_OCTETS_MAX)).is_some());
        assert!(Keyword::new(&"k".repeat(KEYWORD_OCTETS_MAX + 1)).is_none());
    }

    #[test]
    fn system_flags_bear_their_names() {
        for (name, flag) in &Flag::SYSTEM {
            assert_eq!(flag.name(), *name);
        }
    }
}
