//! The tokenizer behind [`read_mailbox`](super::read_mailbox): one pass, no backtracking, no
//! recursion. It works on a value that is unfolded and free of control characters.

use std::borrow::Cow;

use super::{Author, AuthorError, DISPLAY_NAME_CHARS_MAX};
use crate::{
    address::Address,
    encoded_word::{self, EncodedWord, UnknownCharset, WordRun},
};

/// Characters at which a reader that does not know quoted local parts ends an address, or by
/// which it would split a decoded display name.
const SPECIALS: [char; 10] = ['@', '<', '>', ',', ';', ':', '"', '\\', '(', ')'];

/// Takes out folding, and nothing but folding: every CRLF must stand before white space with text
/// behind it (RFC 5322 §2.2.3 and §3.2.2).
pub(super) fn unfold_strictly(raw_value: &str) -> Result<Cow<'_, str>, AuthorError> {
    let wrong = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
    if raw_value.contains(wrong) {
        return Err(AuthorError::ControlCharacter);
    }
    if memchr::memchr2(b'\r', b'\n', raw_value.as_bytes()).is_none() {
        return Ok(Cow::Borrowed(raw_value));
    }
    let mut lines = raw_value.split("\r\n");
    let mut unfolded = String::with_capacity(raw_value.len());
    unfolded.push_str(lines.next().unwrap_or_default());
    for line in lines {
        let is_folded = line.starts_with([' ', '\t']) && !line.trim_matches([' ', '\t']).is_empty();
        if !is_folded {
            return Err(AuthorError::Folding);
        }
        unfolded.push_str(line);
    }
    if unfolded.contains(['\r', '\n']) {
        return Err(AuthorError::Folding);
    }
    Ok(Cow::Owned(unfolded))
}

/// What stands behind a mailbox.
pub(super) enum Following {
    Nothing,
    Comma,
    Text,
}

/// Reads mailboxes from a value, left to right.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Reader<'a> {
        Reader { text, at: 0 }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// Steps over white space; says whether there was any.
    fn skip_space(&mut self) -> bool {
        let start = self.at;
        while matches!(self.text.as_bytes().get(self.at), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        self.at > start
    }

    /// Steps over all characters that `belongs` names.
    fn run(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let len = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }

    /// What follows the mailbox that was read; a comma is stepped over.
    pub(super) fn following(&mut self) -> Following {
        self.skip_space();
        match self.peek() {
            None => Following::Nothing,
            Some(',') => {
                self.at += 1;
                Following::Comma
            }
            Some(_) => Following::Text,
        }
    }

    /// `mailbox` of RFC 5322 §3.4, narrowed as the module above says.
    pub(super) fn mailbox(&mut self) -> Result<Author, AuthorError> {
        self.skip_space();
        let start = self.at;
        let mut name = Name::default();
        loop {
            let spaced = self.skip_space();
            match self.peek() {
                None if name.words == 0 => return Err(AuthorError::Empty),
                None => return Err(no_address(&self.text[start..])),
                Some('<') => {
                    let address = self.angle_address()?;
                    return author(name.finish()?, address);
                }
                Some('@') => return self.bare_address(start, &name, spaced),
                Some('"') => name.push_quoted(&self.quoted_string()?, spaced),
                Some(c) if is_word(c) => name.push_atom(self.run(is_word), spaced)?,
                Some(',') => return Err(AuthorError::SeveralMailboxes),
                Some(':') => return Err(AuthorError::Group),
                Some('(') => return Err(AuthorError::Comment),
                Some(c) => return Err(AuthorError::UnexpectedCharacter(c)),
            }
        }
    }

    /// `quoted-string` without its quotes and backslashes (RFC 5322 §3.2.4).
    fn quoted_string(&mut self) -> Result<String, AuthorError> {
        let mut content = String::new();
        let mut chars = self.text[self.at + 1..].char_indices();
        while let Some((offset, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += offset + 2;
                    return Ok(content);
                }
                '\\' => content.push(chars.next().ok_or(AuthorError::UnclosedQuote)?.1),
                '\t' => content.push(' '),
                c => content.push(c),
            }
        }
        Err(AuthorError::UnclosedQuote)
    }

    /// The address that stands without brackets; the reader is at its `@`, the word before it is
    /// its local part. A plain comment behind it is the name, as old Unix programs write it.
    fn bare_address(
        &mut self,
        start: usize,
        name: &Name,
        spaced: bool,
    ) -> Result<Author, AuthorError> {
        match name.words {
            0 => return Err(AuthorError::Address(crate::AddressError::LocalPart)),
            1 if spaced => return Err(AuthorError::SpaceInAddress),
            // Some readers take a quoted local part without brackets for a display name.
            1 if self.text[start..].starts_with('"') => {
                return Err(AuthorError::UnbracketedAddress);
            }
            1 => {}
            _ if encloses_one_word(&self.text[start..self.at]) => {
                return Err(AuthorError::Address(crate::AddressError::LocalPart));
            }
            _ => return Err(AuthorError::UnbracketedAddress),
        }
        self.domain_behind_at()?;
        let address = read_address(&self.text[start..self.at])?;
        let spaced = self.skip_space();
        match self.peek() {
            Some('(') if spaced => {
                let comment = self.plain_comment()?;
                author(comment, address)
            }
            Some('(') => Err(AuthorError::Comment),
            Some(',') | None => author((None, false), address),
            Some(_) => Err(AuthorError::TrailingText),
        }
    }

    /// `<addr-spec>`; the reader is at the bracket.
    fn angle_address(&mut self) -> Result<Address, AuthorError> {
        self.at += 1;
        let start = self.at;
        match self.peek() {
            None => return Err(AuthorError::UnclosedBracket),
            Some('>') => return Err(AuthorError::EmptyBrackets),
            // RFC 5322 §4.4: an obsolete route begins with the @ of its first domain.
            Some('@') => return Err(AuthorError::SourceRoute),
            Some('"') => {
                self.quoted_string()?;
            }
            Some(_) => {
                self.run(is_word);
            }
        }
        self.expect_in_address('@')?;
        self.at -= 1;
        self.domain_behind_at()?;
        let address = read_address(&self.text[start..self.at])?;
        self.expect_in_address('>')?;
        Ok(address)
    }

    /// Steps over `expected`, or says what is wrong about an address that has something else.
    fn expect_in_address(&mut self, expected: char) -> Result<(), AuthorError> {
        match self.peek() {
            Some(c) if c == expected => {
                self.at += c.len_utf8();
                Ok(())
            }
            None => Err(AuthorError::UnclosedBracket),
            Some(' ' | '\t') => Err(AuthorError::SpaceInAddress),
            Some('(') => Err(AuthorError::Comment),
            Some(',') => Err(AuthorError::SeveralMailboxes),
            Some('>') => Err(AuthorError::Address(crate::AddressError::NoAt)),
            Some(c) => Err(AuthorError::UnexpectedCharacter(c)),
        }
    }

    /// Steps over `@` and the domain or address literal behind it.
    fn domain_behind_at(&mut self) -> Result<(), AuthorError> {
        self.at += 1;
        match self.peek() {
            Some(' ' | '\t') => Err(AuthorError::SpaceInAddress),
            Some('(') => Err(AuthorError::Comment),
            Some('[') => {
                self.at += 1;
                self.run(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':'));
                self.expect_in_address(']')
            }
            _ => {
                self.run(is_word);
                match self.peek() {
                    Some('@') => Err(AuthorError::UnexpectedCharacter('@')),
                    _ => Ok(()),
                }
            }
        }
    }

    /// A comment without anything another reader could take for an address; the reader is at its
    /// parenthesis.
    fn plain_comment(&mut self) -> Result<(Option<String>, bool), AuthorError> {
        self.at += 1;
        let content = self.run(|c| !SPECIALS.contains(&c));
        if self.peek() != Some(')') {
            return Err(AuthorError::Comment);
        }
        self.at += 1;
        let decoded = encoded_word::decode_all(content, UnknownCharset::Keep);
        if decoded.contains(SPECIALS) {
            return Err(AuthorError::Comment);
        }
        finish_name(decoded.replace('\t', " "), !content.is_ascii())
    }
}

fn author(
    (display_name, has_utf8_name): (Option<String>, bool),
    address: Address,
) -> Result<Author, AuthorError> {
    Ok(Author { display_name, address, has_utf8_name })
}

/// Reads an address whose extent is known, and refuses what only this reader would read so.
fn read_address(text: &str) -> Result<Address, AuthorError> {
    // RFC 2047 §5: an encoded word must not be part of an addr-spec. Some readers decode it.
    if text.contains("=?") {
        return Err(AuthorError::EncodedWordInAddress);
    }
    let address = Address::parse(text)?;
    if address.local().contains(SPECIALS) {
        return Err(AuthorError::SpecialInLocalPart);
    }
    Ok(address)
}

fn no_address(text: &str) -> AuthorError {
    let decoded = encoded_word::decode_all(text, UnknownCharset::ReadAsWestern);
    if decoded != text && decoded.contains('@') {
        return AuthorError::EncodedWordInAddress;
    }
    AuthorError::NoAddress
}

/// Whether a text of several words has no space, such as `a"b"c`.
fn encloses_one_word(text: &str) -> bool {
    !text.contains([' ', '\t'])
}

/// Characters of `atom`, of the dots that display names may have (RFC 5322 §4.1 `obs-phrase`), and
/// all non-ASCII ones (RFC 6532 §3.2). Control characters are gone by now.
fn is_word(c: char) -> bool {
    match c {
        ' ' | '\t' | '[' | ']' => false,
        _ => !SPECIALS.contains(&c),
    }
}

/// A display name in the making: words, with single spaces where there was white space.
#[derive(Default)]
struct Name {
    text: String,
    words: usize,
    /// Encoded words that are not yet part of `text`.
    run: WordRun,
    has_utf8: bool,
}

impl Name {
    fn push_quoted(&mut self, content: &str, spaced: bool) {
        self.begin_word(spaced);
        self.has_utf8 |= !content.is_ascii();
        self.text.push_str(content);
    }

    fn push_atom(&mut self, atom: &str, spaced: bool) -> Result<(), AuthorError> {
        let word = EncodedWord::whole(atom);
        if word.is_some_and(|word| word.hides_ascii()) {
            return Err(AuthorError::NameCharset);
        }
        let readable = word.and_then(|word| Some((word.charset()?, word.octets()?)));
        let Some((charset, octets)) = readable else {
            self.begin_word(spaced);
            self.has_utf8 |= !atom.is_ascii();
            self.text.push_str(atom);
            return Ok(());
        };
        // RFC 2047 §6.2: white space between two encoded words is not shown.
        if self.run.is_empty() {
            self.begin_word(spaced);
        } else {
            self.words += 1;
        }
        self.run.push(charset, &octets, &mut self.text);
        Ok(())
    }

    fn begin_word(&mut self, spaced: bool) {
        self.run.flush(&mut self.text);
        if spaced && self.words > 0 {
            self.text.push(' ');
        }
        self.words += 1;
    }

    fn finish(mut self) -> Result<(Option<String>, bool), AuthorError> {
        self.run.flush(&mut self.text);
        finish_name(self.text, self.has_utf8)
    }
}

/// Checks a decoded display name; one of white space alone is none.
fn finish_name(name: String, has_utf8: bool) -> Result<(Option<String>, bool), AuthorError> {
    if name.contains(char::is_control) {
        return Err(AuthorError::ControlCharacter);
    }
    if hides_address(&name) {
        return Err(AuthorError::HiddenAddress);
    }
    let trimmed = name.trim_matches(' ');
    if trimmed.chars().count() > DISPLAY_NAME_CHARS_MAX {
        return Err(AuthorError::NameTooLong);
    }
    match trimmed {
        "" => Ok((None, false)),
        _ if trimmed.len() == name.len() => Ok((Some(name), has_utf8)),
        _ => Ok((Some(trimmed.to_owned()), has_utf8)),
    }
}

/// Whether a decoded name still has an encoded word with signs of an address in it. Such a word
/// stood in quotes or was encoded twice: RFC 2047 §5 says it is literal text, many readers decode
/// it all the same.
pub(super) fn hides_address(name: &str) -> bool {
    if !name.contains("=?") {
        return false;
    }
    let again = encoded_word::decode_all(name, UnknownCharset::Keep);
    again != name && again.contains(|c: char| c.is_control() || SPECIALS.contains(&c))
}
