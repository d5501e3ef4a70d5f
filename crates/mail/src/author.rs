//! Who wrote a message: the one mailbox of its From field, read so strictly that no other reader
//! can see another author (RFC 5322 §3.4 and §3.6.2, narrowed).
//!
//! What the gate judges must be what recipients see. So the reader takes exactly one From field
//! with exactly one mailbox, `name@domain` or `Display name <name@domain>`, and refuses whatever
//! the grammar allows but readers disagree about: groups, source routes, comments in other places
//! than behind a bare address, white space inside an address, encoded words that hide addresses.
//! [`write_author`] writes the field anew from the value that was read.
//!
//! An address in a display name is not ambiguous, only misleading: it is read, and
//! [`Author::display_name_addresses`] tells.

use unicode_normalization::UnicodeNormalization;

use crate::{
    address::{Address, AddressError, is_atext},
    encoded_word::{self, UnknownCharset},
    header::Message,
};

mod parse;
mod write;

use parse::Following;
pub use write::write_author;

/// Longest value of a field with one mailbox, in octets as on the wire. Six times what the longest
/// address with a long Japanese name takes.
pub const MAILBOX_OCTETS_MAX: usize = 4000;
/// Longest display name, in characters: the limit of the directory, too.
pub const DISPLAY_NAME_CHARS_MAX: usize = 256;
/// Most mailboxes of a list of authors (Resent-From).
pub const MAILBOXES_MAX: usize = 100;

/// Why a field does not name its one author beyond doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthorError {
    /// There is no From field (RFC 5322 §3.6 wants one).
    #[error("the message has no From field: add one")]
    Missing,
    /// There is more than one From (or Sender) field.
    #[error("the message has more than one field for its author: keep one")]
    SeveralFields,
    /// The field has no value.
    #[error("the field is empty: write name@domain")]
    Empty,
    /// The value is longer than [`MAILBOX_OCTETS_MAX`].
    #[error("the field is longer than 4000 octets: shorten the display name")]
    TooLong,
    /// The display name is longer than [`DISPLAY_NAME_CHARS_MAX`].
    #[error("the display name is longer than 256 characters: shorten it")]
    NameTooLong,
    /// A comma outside quotes.
    #[error("the field names several mailboxes: name one; put a name with a comma in quotes")]
    SeveralMailboxes,
    /// More than [`MAILBOXES_MAX`] mailboxes in a list.
    #[error("the field names more than 100 mailboxes: name fewer")]
    TooManyMailboxes,
    /// Group syntax (RFC 5322 §3.4, RFC 6854).
    #[error("the field has group syntax: write one address; put a name with a colon in quotes")]
    Group,
    /// A source route (RFC 5322 §4.4 `obs-route`).
    #[error("the address has a source route: write name@domain in the angle brackets")]
    SourceRoute,
    /// Parentheses in another place or shape than a plain comment behind a bare address.
    #[error("the field has a comment: remove it; put a name with parentheses in quotes")]
    Comment,
    /// An encoded word in the address (RFC 2047 §5 forbids it).
    #[error("the address has an encoded word: write the address plainly")]
    EncodedWordInAddress,
    /// An encoded word that some readers decode and some do not, with signs of an address in it.
    #[error("the display name hides an address in an encoded word: write the name plainly")]
    HiddenAddress,
    /// An encoded word in a charset in which even ASCII cannot be seen.
    #[error("the display name is in a charset that can hide addresses: use UTF-8")]
    NameCharset,
    /// A control character, also one inside an encoded word.
    #[error("the field has a control character: remove it")]
    ControlCharacter,
    /// A line end that is not folding, or a folded line of white space alone.
    #[error("the field is folded wrongly: fold with CRLF and a space before text")]
    Folding,
    /// White space or folding inside the address (RFC 5322 §4.4, obsolete).
    #[error("the address has white space in it: write name@domain without any")]
    SpaceInAddress,
    /// There is a display name but no address.
    #[error("the field has no address: write name@domain or Name <name@domain>")]
    NoAddress,
    /// Words before a bare address, or a quoted local part without brackets.
    #[error("the address stands behind other words or has quotes: put it in angle brackets")]
    UnbracketedAddress,
    /// `<>`.
    #[error("the angle brackets are empty: write the address of the author in them")]
    EmptyBrackets,
    /// A quote that does not end.
    #[error("a quotation mark is not closed: close it, or write \\\" inside quotes")]
    UnclosedQuote,
    /// An angle bracket that does not end.
    #[error("an angle bracket is not closed: write <name@domain>")]
    UnclosedBracket,
    /// A character that has no place there outside quotes.
    #[error("the character {0} needs quotes: put the display name in quotes")]
    UnexpectedCharacter(char),
    /// Text behind the address.
    #[error("text stands behind the address: remove it, or write Name <name@domain>")]
    TrailingText,
    /// A quoted local part with characters at which other readers end the address.
    #[error("the local part has a quoted special character: use another address")]
    SpecialInLocalPart,
    /// The address itself is wrong.
    #[error("the address is not valid: {0}")]
    Address(#[from] AddressError),
}

/// The author of a message: who it says it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The name for people, decoded and on one line; `None` where there is none.
    pub display_name: Option<String>,
    /// The address.
    pub address: Address,
    /// Whether the name was written as bare UTF-8 (RFC 6532), which a message without SMTPUTF8
    /// should not have. [`write_author`] encodes it.
    pub has_utf8_name: bool,
}

impl Author {
    /// An author with this address and no name.
    pub fn of(address: Address) -> Author {
        Author { display_name: None, address, has_utf8_name: false }
    }

    /// Whether only peers that speak SMTPUTF8 can take the address (RFC 6531 §3.3).
    pub fn needs_smtputf8(&self) -> bool {
        self.address.needs_smtputf8()
    }

    /// The addresses that the display name shows, such as `support@contoso.com` in
    /// `"support@contoso.com" <jean@contoso.com>`. The caller judges whether that is a disguise.
    ///
    /// Looks through compatibility characters such as the fullwidth `＠`, invisible characters,
    /// and encoded words that were left undecoded.
    pub fn display_name_addresses(&self) -> Vec<Address> {
        let Some(name) = &self.display_name else { return Vec::new() };
        let mut found = addresses_within(name);
        if name.contains("=?") {
            found.extend(addresses_within(&encoded_word::decode_all(
                name,
                UnknownCharset::ReadAsWestern,
            )));
        }
        found
    }
}

/// Reads the author of a message: exactly one From field with exactly one mailbox.
pub fn read_author(message: &Message) -> Result<Author, AuthorError> {
    read_only_field(message, "From")?.ok_or(AuthorError::Missing)
}

/// Reads who sent a message on behalf of its author: at most one Sender field with exactly one
/// mailbox (RFC 5322 §3.6.2).
pub fn read_sender(message: &Message) -> Result<Option<Author>, AuthorError> {
    read_only_field(message, "Sender")
}

fn read_only_field(message: &Message, name: &str) -> Result<Option<Author>, AuthorError> {
    let mut fields = message.fields_named(name);
    let Some(field) = fields.next() else { return Ok(None) };
    if fields.next().is_some() {
        return Err(AuthorError::SeveralFields);
    }
    read_mailbox(field.raw_value()).map(Some)
}

/// Reads the value of a field that holds one mailbox, as strictly as [`read_author`].
///
/// `raw_value` is the value as on the wire, folded or not.
pub fn read_mailbox(raw_value: &str) -> Result<Author, AuthorError> {
    if raw_value.len() > MAILBOX_OCTETS_MAX {
        return Err(AuthorError::TooLong);
    }
    let value = parse::unfold_strictly(raw_value)?;
    let mut reader = parse::Reader::new(&value);
    let author = reader.mailbox()?;
    match reader.following() {
        Following::Nothing => Ok(author),
        Following::Comma => Err(AuthorError::SeveralMailboxes),
        Following::Text => Err(AuthorError::TrailingText),
    }
}

/// Reads a list of mailboxes separated by commas, each as strictly as [`read_mailbox`]: at least
/// one, at most [`MAILBOXES_MAX`], no groups, no empty elements.
pub fn read_mailbox_list(raw_value: &str) -> Result<Vec<Author>, AuthorError> {
    let value = parse::unfold_strictly(raw_value)?;
    let mut reader = parse::Reader::new(&value);
    let mut authors = Vec::new();
    loop {
        if authors.len() == MAILBOXES_MAX {
            return Err(AuthorError::TooManyMailboxes);
        }
        authors.push(reader.mailbox()?);
        match reader.following() {
            Following::Nothing => return Ok(authors),
            Following::Comma => {}
            Following::Text => return Err(AuthorError::TrailingText),
        }
    }
}

/// All addresses in a text, wherever an `@` has an address around it.
fn addresses_within(text: &str) -> Vec<Address> {
    let plain: String = text.nfkc().filter(|c| !is_invisible(*c)).collect();
    let mut found = Vec::new();
    let mut from = 0;
    for (at, _) in plain.match_indices('@') {
        let local = plain[from..at].trim_end();
        let local_len: usize =
            local.chars().rev().take_while(|c| is_atext(*c) || *c == '.').map(char::len_utf8).sum();
        let local = local[local.len() - local_len..].trim_matches('.');
        let rest = plain[at + 1..].trim_start();
        let domain_len: usize = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
            .map(char::len_utf8)
            .sum();
        let domain = rest[..domain_len].trim_matches(['.', '-']);
        if let Ok(address) = Address::parse(&format!("{local}@{domain}")) {
            found.push(address);
        }
        // The next local part cannot begin before this domain, so that the work stays linear.
        from = at + 1;
    }
    found
}

/// Characters that take no room on the screen.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests;
