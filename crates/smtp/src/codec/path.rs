//! Paths: what stands in the angle brackets of MAIL and RCPT (RFC 5321 §4.1.2).

use mail::{Address, AddressError, ReversePath};

use crate::codec::ParseError;

/// The recipient of a RCPT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipientPath {
    /// A mailbox with its domain.
    Address(Address),
    /// `<Postmaster>` without a domain, which every server must take (RFC 5321 §4.5.1).
    Postmaster,
}

/// Octets of the bracketed path at the start of `text`, both brackets counted.
///
/// A `>` inside a quoted string does not end it.
pub(super) fn bracketed_octets(text: &str) -> Option<usize> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, octet) in text.bytes().enumerate() {
        match octet {
            b'<' if at == 0 => {}
            _ if at == 0 => return None,
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b'>' if !is_quoted => return Some(at + 1),
            _ => {}
        }
    }
    None
}

pub(super) fn reverse_path(inside: &str) -> Result<ReversePath, ParseError> {
    if inside.is_empty() {
        return Ok(ReversePath::Null);
    }
    address(inside, ParseError::ReversePath).map(ReversePath::Address)
}

pub(super) fn recipient(inside: &str) -> Result<RecipientPath, ParseError> {
    if inside.eq_ignore_ascii_case("postmaster") {
        return Ok(RecipientPath::Postmaster);
    }
    address(inside, ParseError::ForwardPath).map(RecipientPath::Address)
}

fn address(inside: &str, wrong: fn(AddressError) -> ParseError) -> Result<Address, ParseError> {
    // RFC 5321 appendix F.2: a server may decline mail that names hosts to go by.
    if inside.starts_with('@') {
        return Err(ParseError::SourceRoute);
    }
    Address::parse(inside).map_err(wrong)
}
