//! Addresses: `local-part@domain` as RFC 5321 §4.1.2 and RFC 6531 define them.
//!
//! An [`Address`] that exists is valid: the domain is in its lower-case A-label form, the local
//! part is kept as written. Two addresses mean the same mailbox exactly when their
//! [`AddressKey`]s are equal; everything that looks an address up uses the key.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// Longest local part, in octets (RFC 5321 §4.5.3.1.1).
pub const LOCAL_PART_OCTETS_MAX: usize = 64;
/// Longest domain, in octets of its A-label form (RFC 5321 §4.5.3.1.2).
pub const DOMAIN_OCTETS_MAX: usize = 255;

/// Why a text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is no `@` outside a quoted string.
    #[error("it has no @: write it as name@domain")]
    NoAt,
    /// The part before the `@` is empty or has characters that need quoting.
    #[error("the part before the @ is not a valid local part (RFC 5321 section 4.1.2)")]
    LocalPart,
    /// The part before the `@` is longer than [`LOCAL_PART_OCTETS_MAX`].
    #[error("the part before the @ is longer than 64 octets")]
    LocalPartTooLong,
    /// The part behind the `@` is not a host name in the sense of IDNA.
    #[error("the part behind the @ is not a valid domain name")]
    Domain,
    /// The domain is longer than [`DOMAIN_OCTETS_MAX`].
    #[error("the domain is longer than 255 octets")]
    DomainTooLong,
}

/// A domain name in lower-case A-label form (RFC 5890), or an address literal in brackets.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Domain(Box<str>);

impl Domain {
    /// Reads a domain as a person or a peer writes it: any case, U-labels or A-labels.
    ///
    /// An address literal such as `[192.0.2.1]` or `[IPv6:2001:db8::1]` is taken too
    /// (RFC 5321 §4.1.3); it never equals an accepted domain.
    pub fn parse(text: &str) -> Result<Domain, AddressError> {
        if let Some(literal) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            return Domain::literal(literal);
        }
        if text.is_ascii() && text.len() <= DOMAIN_OCTETS_MAX && !text.contains("xn--") {
            // The common case needs no IDNA tables.
            let lower = text.to_ascii_lowercase();
            if !lower.contains("xn--") {
                return if is_host_name(&lower) {
                    Ok(Domain(lower.into()))
                } else {
                    Err(AddressError::Domain)
                };
            }
        }
        let ascii = idna::domain_to_ascii_strict(text).map_err(|_| AddressError::Domain)?;
        if ascii.len() > DOMAIN_OCTETS_MAX {
            return Err(AddressError::DomainTooLong);
        }
        if is_host_name(&ascii) { Ok(Domain(ascii.into())) } else { Err(AddressError::Domain) }
    }

    fn literal(inside: &str) -> Result<Domain, AddressError> {
        let is_address = match inside.strip_prefix("IPv6:") {
            Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
            None => inside.parse::<std::net::Ipv4Addr>().is_ok(),
        };
        if is_address {
            Ok(Domain(format!("[{inside}]").into()))
        } else {
            Err(AddressError::Domain)
        }
    }

    /// The A-label form, lower case: what DNS and the directory are asked.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form for people: U-labels where the domain has any.
    pub fn to_unicode(&self) -> String {
        idna::domain_to_unicode(&self.0).0
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Labels of letters, digits and inner hyphens (RFC 5321 §4.1.2 `sub-domain`), 63 octets each.
fn is_host_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= DOMAIN_OCTETS_MAX
        && text.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

/// What addresses are compared by: the local part in lower case and NFC without quotes, `@`, the
/// domain. RFC 5321 §2.4 lets the receiving host fold case; like every mail system people use, we
/// do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressKey(Box<str>);

impl AddressKey {
    /// The key as text, as the store keeps it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes a key that the store kept. The text is not checked again.
    pub fn from_stored(text: &str) -> AddressKey {
        AddressKey(text.into())
    }
}

/// A valid mail address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// As written, without the quotes of a quoted string.
    local: Box<str>,
    domain: Domain,
}

impl Address {
    /// Reads an addr-spec as SMTP writes it inside the angle brackets: dot-string or quoted string,
    /// `@`, domain. No comments, no folding white space, no source route, no display name.
    pub fn parse(text: &str) -> Result<Address, AddressError> {
        let (local, domain) = split_at_sign(text)?;
        let local = parse_local(local)?;
        Ok(Address { local: local.into(), domain: Domain::parse(domain)? })
    }

    /// Puts an address together from an unquoted local part and a domain.
    pub fn new(local: &str, domain: Domain) -> Result<Address, AddressError> {
        check_unquoted(local)?;
        Ok(Address { local: local.into(), domain })
    }

    /// The part before the `@`, unquoted, case as written.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The part behind the `@`.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// What this address is looked up and compared by.
    pub fn key(&self) -> AddressKey {
        let mut key = String::with_capacity(self.local.len() + 1 + self.domain.0.len());
        if self.local.is_ascii() {
            key.extend(self.local.chars().map(|c| c.to_ascii_lowercase()));
        } else {
            key.extend(self.local.nfc().flat_map(char::to_lowercase).nfc());
        }
        key.push('@');
        key.push_str(&self.domain.0);
        AddressKey(key.into())
    }

    /// The address without its sub-address (RFC 5233): `support+x@d` gives `support@d`.
    /// `None` where there is no `+` behind at least one character.
    pub fn without_detail(&self) -> Option<Address> {
        let at = self.local.find('+').filter(|at| *at > 0)?;
        Some(Address { local: self.local[..at].into(), domain: self.domain.clone() })
    }

    /// Whether only peers that speak SMTPUTF8 can take it (RFC 6531 §3.3).
    pub fn needs_smtputf8(&self) -> bool {
        !self.local.is_ascii()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_dot_string(&self.local) {
            write!(f, "{}@{}", self.local, self.domain)
        } else {
            f.write_str("\"")?;
            for c in self.local.chars() {
                if matches!(c, '"' | '\\') {
                    f.write_str("\\")?;
                }
                write!(f, "{c}")?;
            }
            write!(f, "\"@{}", self.domain)
        }
    }
}

impl std::str::FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        Address::parse(text)
    }
}

/// The reverse-path of a transaction (RFC 5321 §4.1.1.2): an address, or null (`<>`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ReversePath {
    /// `<>`: nobody is told of failures.
    Null,
    /// Failures are told to this address.
    Address(Address),
}

impl ReversePath {
    /// The address, unless the path is null.
    pub fn address(&self) -> Option<&Address> {
        match self {
            ReversePath::Null => None,
            ReversePath::Address(address) => Some(address),
        }
    }

    /// Reads what [`Display`](fmt::Display) writes: an addr-spec, or nothing for the null path.
    pub fn from_stored(text: &str) -> Result<ReversePath, AddressError> {
        if text.is_empty() {
            return Ok(ReversePath::Null);
        }
        Address::parse(text).map(ReversePath::Address)
    }
}

impl fmt::Display for ReversePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReversePath::Null => Ok(()),
            ReversePath::Address(address) => address.fmt(f),
        }
    }
}

/// Splits at the `@` that ends the local part: behind a quoted string, else the only one.
fn split_at_sign(text: &str) -> Result<(&str, &str), AddressError> {
    if !text.starts_with('"') {
        let at = text.find('@').ok_or(AddressError::NoAt)?;
        return Ok((&text[..at], &text[at + 1..]));
    }
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                let rest = text[at + 1..].strip_prefix('@').ok_or(AddressError::NoAt)?;
                return Ok((&text[..=at], rest));
            }
            _ => {}
        }
    }
    Err(AddressError::LocalPart)
}

fn parse_local(text: &str) -> Result<String, AddressError> {
    let local = match text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        Some(inside) => unquote(inside)?,
        None if is_dot_string(text) => text.to_owned(),
        None => return Err(AddressError::LocalPart),
    };
    check_unquoted(&local)?;
    Ok(local)
}

fn check_unquoted(local: &str) -> Result<(), AddressError> {
    if local.is_empty() || local.chars().any(char::is_control) {
        return Err(AddressError::LocalPart);
    }
    if local.len() > LOCAL_PART_OCTETS_MAX {
        return Err(AddressError::LocalPartTooLong);
    }
    Ok(())
}

fn unquote(inside: &str) -> Result<String, AddressError> {
    let mut local = String::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => local.push(chars.next().ok_or(AddressError::LocalPart)?),
            '"' => return Err(AddressError::LocalPart),
            _ => local.push(c),
        }
    }
    Ok(local)
}

/// `Dot-string` of RFC 5321 §4.1.2, widened by RFC 6531 §3.3 to all non-ASCII characters that are
/// neither white space nor control characters.
fn is_dot_string(text: &str) -> bool {
    !text.is_empty() && text.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

/// `atext` of RFC 5322 §3.2.3 and RFC 6532 §3.2.
pub(crate) fn is_atext(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => true,
        _ if c.is_ascii() => "!#$%&'*+-/=?^_`{|}~".contains(c),
        _ => !c.is_control() && !c.is_whitespace(),
    }
}

#[cfg(test)]
mod tests;
