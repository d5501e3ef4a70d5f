//! Names of mailboxes, as the client writes them and as we do (RFC 9051 §5.1).
//!
//! A session starts with modified UTF-7 and goes over to UTF-8 with `ENABLE IMAP4rev2` or
//! `ENABLE UTF8=ACCEPT`. Inside, a name is always Unicode. Nothing is normalised but INBOX: what a
//! name's parts mean, and which of them look alike, the backend knows.

use std::fmt;

use crate::codec::mutf7::{self, Mutf7Error};

/// Longest name, in octets of UTF-8.
pub const MAILBOX_NAME_OCTETS_MAX: usize = 1_000;

/// How a session writes names of mailboxes, and whether strings may be UTF-8 when quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NameEncoding {
    /// Modified UTF-7 (RFC 3501 §5.1.3).
    #[default]
    ModifiedUtf7,
    /// UTF-8 (RFC 9051 §5.1, RFC 6855).
    Utf8,
}

/// Why octets are not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailboxNameError {
    /// There is nothing.
    #[error("the mailbox name is empty")]
    Empty,
    /// Longer than [`MAILBOX_NAME_OCTETS_MAX`].
    #[error("the mailbox name has more than {MAILBOX_NAME_OCTETS_MAX} octets")]
    TooLong,
    /// Octets that are not UTF-8.
    #[error("the mailbox name is not UTF-8")]
    NotUtf8,
    /// A control character, or one that ends lines (RFC 9051 §5.1, RFC 5198 §2).
    #[error("the mailbox name has a control character")]
    ControlCharacter,
    /// Not modified UTF-7.
    #[error("the mailbox name is not modified UTF-7: {0}")]
    ModifiedUtf7(#[from] Mutf7Error),
}

/// The name of a mailbox: 1 to [`MAILBOX_NAME_OCTETS_MAX`] octets without control characters;
/// `INBOX` in capitals, however it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MailboxName(String);

impl MailboxName {
    /// Takes a decoded name.
    pub fn new(name: &str) -> Result<MailboxName, MailboxNameError> {
        if name.is_empty() {
            return Err(MailboxNameError::Empty);
        }
        check(name)?;
        // RFC 9051 §5.1: INBOX in any case is one name.
        let is_inbox = name.eq_ignore_ascii_case("INBOX");
        Ok(MailboxName(if is_inbox { "INBOX" } else { name }.to_owned()))
    }

    /// Reads a name from the wire.
    pub fn read(octets: &[u8], encoding: NameEncoding) -> Result<MailboxName, MailboxNameError> {
        MailboxName::new(&decode(octets, encoding)?)
    }

    /// The name, decoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the INBOX.
    pub fn is_inbox(&self) -> bool {
        self.0 == "INBOX"
    }
}

impl fmt::Display for MailboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads what is like a name but may be empty and may have wildcards: references and patterns.
pub fn read_pattern(octets: &[u8], encoding: NameEncoding) -> Result<String, MailboxNameError> {
    let text = decode(octets, encoding)?;
    check(&text)?;
    Ok(text)
}

/// Writes a name as the session wants it, not yet quoted.
pub fn encode(name: &str, encoding: NameEncoding) -> String {
    match encoding {
        NameEncoding::ModifiedUtf7 => mutf7::encode(name),
        NameEncoding::Utf8 => name.to_owned(),
    }
}

fn decode(octets: &[u8], encoding: NameEncoding) -> Result<String, MailboxNameError> {
    match encoding {
        NameEncoding::ModifiedUtf7 => Ok(mutf7::decode(octets)?),
        NameEncoding::Utf8 => {
            let text = std::str::from_utf8(octets).map_err(|_| MailboxNameError::NotUtf8)?;
            Ok(text.to_owned())
        }
    }
}

fn check(name: &str) -> Result<(), MailboxNameError> {
    if name.len() > MAILBOX_NAME_OCTETS_MAX {
        return Err(MailboxNameError::TooLong);
    }
    // RFC 5198 §2: neither C0 nor C1; RFC 9051 §5.1 adds the two separators of Unicode.
    let is_wrong = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if name.contains(is_wrong) {
        return Err(MailboxNameError::ControlCharacter);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOTH: [NameEncoding; 2] = [NameEncoding::ModifiedUtf7, NameEncoding::Utf8];

    #[test]
    fn inbox_is_one_name_in_any_case() {
        for (text, encoding) in ["INBOX", "inbox", "InBoX"].into_iter().zip(BOTH.iter().cycle()) {
            let name = MailboxName::read(text.as_bytes(), *encoding).expect(text);
            assert_eq!((name.as_str(), name.is_inbox()), ("INBOX", true));
        }
        let below = MailboxName::new("Inbox/x").expect("a name");
        assert_eq!((below.as_str(), below.is_inbox()), ("Inbox/x", false));
    }

    #[test]
    fn the_session_says_what_an_ampersand_means() {
        let [old, new] = BOTH.map(|e| MailboxName::read(b"R&AOk-sum&AOk-", e).expect("a name"));
        assert_eq!((old.as_str(), new.as_str()), ("Résumé", "R&AOk-sum&AOk-"));
        assert_eq!(encode("R&D é", NameEncoding::ModifiedUtf7), "R&-D &AOk-");
        assert_eq!(encode("R&D é", NameEncoding::Utf8), "R&D é");
    }

    #[test]
    fn wrong_names_are_refused_with_the_reason() {
        let read = |octets: &[u8], encoding| MailboxName::read(octets, encoding).expect_err("bad");
        assert_eq!(read(b"", NameEncoding::Utf8), MailboxNameError::Empty);
        assert_eq!(read(b"\xff", NameEncoding::Utf8), MailboxNameError::NotUtf8);
        assert_eq!(read(b"a\x7fb", NameEncoding::Utf8), MailboxNameError::ControlCharacter);
        // U+0085, U+2028 in their encoded forms.
        for octets in [b"&AIU-".as_slice(), b"&ICg-"] {
            let fault = read(octets, NameEncoding::ModifiedUtf7);
            assert_eq!(fault, MailboxNameError::ControlCharacter);
        }
        let fault = read("Entwürfe".as_bytes(), NameEncoding::ModifiedUtf7);
        assert_eq!(fault, MailboxNameError::ModifiedUtf7(Mutf7Error::NotPrintable));
        assert!(MailboxName::new(&"n".repeat(MAILBOX_NAME_OCTETS_MAX)).is_ok());
        let too_long = MailboxName::new(&"n".repeat(MAILBOX_NAME_OCTETS_MAX + 1));
        assert_eq!(too_long, Err(MailboxNameError::TooLong));
    }

    #[test]
    fn patterns_may_be_empty_and_wild() {
        assert_eq!(read_pattern(b"", NameEncoding::Utf8).as_deref(), Ok(""));
        assert_eq!(read_pattern(b"&AOk-*/%", NameEncoding::ModifiedUtf7).as_deref(), Ok("é*/%"));
        assert!(read_pattern(b"&A*", NameEncoding::ModifiedUtf7).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in "\\PC{1,40}") {
            let Ok(name) = MailboxName::new(&text) else { return Ok(()) };
            for encoding in BOTH {
                let wire = encode(name.as_str(), encoding);
                prop_assert_eq!(MailboxName::read(wire.as_bytes(), encoding), Ok(name.clone()));
            }
        }
    }
}
