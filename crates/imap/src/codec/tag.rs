//! Tags: the client's names for its commands (RFC 9051 §2.2.1).

use std::fmt;

use crate::codec::parse::classes::is_tag_octet;

/// Longest tag, in octets. Clients write four to ten.
pub const TAG_OCTETS_MAX: usize = 64;

/// A client's name for a command: 1 to [`TAG_OCTETS_MAX`] printable ASCII octets, safe to repeat.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tag(String);

impl Tag {
    /// Takes a tag, if it is one.
    pub fn new(octets: &[u8]) -> Option<Tag> {
        let is_tag = (1..=TAG_OCTETS_MAX).contains(&octets.len())
            && octets.iter().all(|octet| is_tag_octet(*octet));
        is_tag.then(|| Tag(octets.iter().copied().map(char::from).collect()))
    }

    /// The tag at the start of a line, if it can be read. A space or the line's end ends it.
    pub fn of_line(line: &[u8]) -> Option<Tag> {
        let ends_at = line.iter().position(|octet| *octet == b' ').unwrap_or(line.len());
        Tag::new(&line[..ends_at])
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_and_bounded() {
        for text in ["a", "A001", "a.1-x", "]", "b!#&'"] {
            assert_eq!(Tag::new(text.as_bytes()).expect(text).as_str(), text);
        }
        for text in ["", "+", "a+", "*", "a b", "a\"", "a(", "a{", "a%", "a\\", "é", "a\x7f"] {
            assert_eq!(Tag::new(text.as_bytes()), None, "{text}");
        }
        assert!(Tag::new(&[b'a'; TAG_OCTETS_MAX]).is_some());
        assert!(Tag::new(&[b'a'; TAG_OCTETS_MAX + 1]).is_none());
    }

    #[test]
    fn a_line_gives_its_tag_even_if_nothing_else_is_right() {
        assert_eq!(Tag::of_line(b"a1 \x00\xff").expect("a1").as_str(), "a1");
        assert_eq!(Tag::of_line(b"a1").expect("a1").as_str(), "a1");
        assert_eq!(Tag::of_line(b" noop"), None);
        assert_eq!(Tag::of_line(b"GET /"), Tag::new(b"GET"));
    }
}
