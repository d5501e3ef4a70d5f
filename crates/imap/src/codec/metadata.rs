//! What GETMETADATA and SETMETADATA ask (RFC 5464).

use std::fmt;

use bytes::Bytes;

use crate::codec::MailboxName;

/// Longest entry name, in octets.
pub const ENTRY_NAME_OCTETS_MAX: usize = 1_000;

/// The arguments of GETMETADATA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetMetadata {
    /// The mailbox; `None` for the server itself.
    pub mailbox: Option<MailboxName>,
    /// Leave out values larger than that (RFC 5464 §4.2.1), in octets.
    pub max_size: Option<u32>,
    /// Whether entries below are meant, too.
    pub depth: EntryDepth,
    /// The entries asked for, at least one.
    pub entries: Vec<EntryName>,
}

/// Which entries below the named ones are meant (RFC 5464 §4.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EntryDepth {
    /// None.
    #[default]
    Zero,
    /// Those one level below.
    One,
    /// All below.
    Infinity,
}

/// The arguments of SETMETADATA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetMetadata {
    /// The mailbox; `None` for the server itself.
    pub mailbox: Option<MailboxName>,
    /// What to set, at least one.
    pub entries: Vec<MetadataEntry>,
}

/// An entry with its new value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataEntry {
    /// The entry.
    pub name: EntryName,
    /// The value; `None` removes the entry.
    pub value: Option<Bytes>,
}

/// The name of an entry, in lower case: names do not depend on case (RFC 5464 §3.2).
///
/// It starts with `/private/` or `/shared/`, has no `*`, `%`, control character, `//`, nor a `/`
/// at its end.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryName(String);

impl EntryName {
    /// Takes a name, if it is one.
    pub fn new(text: &str) -> Option<EntryName> {
        let name = text.to_ascii_lowercase();
        let has_scope = ["/private", "/shared"].iter().any(|scope| {
            name.strip_prefix(scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        let is_sound = name.len() <= ENTRY_NAME_OCTETS_MAX
            && name.bytes().all(|b| b.is_ascii_graphic() && b != b'*' && b != b'%')
            && !name.contains("//")
            && !name.ends_with('/');
        (has_scope && is_sound).then_some(EntryName(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether everybody who may read the mailbox sees the entry.
    pub fn is_shared(&self) -> bool {
        self.0.starts_with("/shared")
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_names_are_checked_and_lowered() {
        let name = EntryName::new("/Shared/Comment").expect("a name");
        assert_eq!((name.as_str(), name.is_shared()), ("/shared/comment", true));
        assert!(!EntryName::new("/private/vendor/cmu/x").expect("a name").is_shared());
        for scope in ["/private", "/shared"] {
            assert!(EntryName::new(scope).is_some(), "asked with a depth: {scope}");
        }
        let wrong =
            ["", "/", "shared/a", "/other/a", "/sharedx", "/shared/", "/shared//a", "/shared/a*"];
        for text in wrong.iter().chain(&["/shared/a%", "/shared/a b", "/shared/é"]) {
            assert_eq!(EntryName::new(text), None, "{text}");
        }
        let longest = format!("/shared/{}", "a".repeat(ENTRY_NAME_OCTETS_MAX - 8));
        assert!(EntryName::new(&longest).is_some());
        assert!(EntryName::new(&format!("{longest}a")).is_none());
    }
}
