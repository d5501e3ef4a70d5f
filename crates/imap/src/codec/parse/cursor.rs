//! A place in a collected command, and the small things of the grammar: words, numbers, strings.
//!
//! The text and the literals are two columns of one thing: a literal stands before the octet of
//! its index, and nothing but [`Cursor::string`] and its kin goes past it.

use std::borrow::Cow;
use std::num::NonZeroU32;

use bytes::Bytes;

use super::classes::{is_astring_octet, is_atom_octet, is_list_octet, is_name_octet, is_set_octet};
use crate::codec::reader::Frame;
use crate::codec::{
    Date, Fault, Flag, Keyword, MailboxName, MessageSet, NameEncoding, SequenceSet, date,
    mailbox_name,
};

/// Most elements of a list in parentheses: flags, items, patterns, field names, options.
pub const LIST_ELEMENTS_MAX: usize = 256;
/// Longest part of an unknown word that is repeated to the client.
const REPEATED_OCTETS_MAX: usize = 32;

/// A place in a command.
pub(super) struct Cursor<'a> {
    frame: &'a Frame,
    at: usize,
    next_literal: usize,
    encoding: NameEncoding,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(frame: &'a Frame, encoding: NameEncoding) -> Cursor<'a> {
        Cursor { frame, at: 0, next_literal: 0, encoding }
    }

    /// What follows, up to the next literal.
    pub(super) fn rest(&self) -> &'a [u8] {
        let literal = self.frame.literals.get(self.next_literal);
        let ends_at = literal.map_or(self.frame.text.len(), |literal| literal.at);
        &self.frame.text[self.at..ends_at]
    }

    /// The next octet; none before a literal.
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    /// Whether the next word, behind a space, is this one. Case does not matter.
    pub(super) fn is_next(&self, word: &str) -> bool {
        let Some((b' ', rest)) = self.rest().split_first() else { return false };
        starts_with(rest, word) && !rest.get(word.len()).is_some_and(|octet| is_name_octet(*octet))
    }

    fn is_before_literal(&self) -> bool {
        self.rest().is_empty() && self.next_literal < self.frame.literals.len()
    }

    pub(super) fn expected(&self, expected: &'static str) -> Fault {
        Fault::Expected { expected, at: self.at + 1 }
    }

    /// Goes past these octets, which were looked at.
    pub(super) fn skip(&mut self, octets: usize) {
        self.at += octets.min(self.rest().len());
    }

    /// Goes past this octet if it is next.
    pub(super) fn accept(&mut self, octet: u8) -> bool {
        let is_next = self.peek() == Some(octet);
        self.at += usize::from(is_next);
        is_next
    }

    /// Goes past this octet, which must be next.
    pub(super) fn octet(&mut self, octet: u8, expected: &'static str) -> Result<(), Fault> {
        if self.accept(octet) { Ok(()) } else { Err(self.expected(expected)) }
    }

    pub(super) fn space(&mut self) -> Result<(), Fault> {
        self.octet(b' ', "a space")
    }

    /// The command's end. Spaces before it are forgiven.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        while self.accept(b' ') {}
        if self.rest().is_empty() && !self.is_before_literal() {
            return Ok(());
        }
        Err(self.expected("the end of the command"))
    }

    /// As many octets as belong to a class; may be none.
    pub(super) fn run(&mut self, class: fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let octets = rest.iter().position(|octet| !class(*octet)).unwrap_or(rest.len());
        self.at += octets;
        &rest[..octets]
    }

    fn some(&mut self, class: fn(u8) -> bool, expected: &'static str) -> Result<&'a [u8], Fault> {
        match self.run(class) {
            [] => Err(self.expected(expected)),
            octets => Ok(octets),
        }
    }

    /// The name of an option, key or item, in capitals.
    pub(super) fn name(&mut self, expected: &'static str) -> Result<String, Fault> {
        let name = self.some(is_name_octet, expected)?;
        Ok(name.iter().map(|octet| char::from(octet.to_ascii_uppercase())).collect())
    }

    /// Goes past this name, in any case.
    pub(super) fn this_name(&mut self, name: &'static str) -> Result<(), Fault> {
        let is_next = starts_with(self.rest(), name)
            && !self.rest().get(name.len()).is_some_and(|octet| is_name_octet(*octet));
        if !is_next {
            return Err(self.expected(name));
        }
        self.at += name.len();
        Ok(())
    }

    pub(super) fn atom(&mut self, expected: &'static str) -> Result<String, Fault> {
        self.some(is_atom_octet, expected).map(ascii)
    }

    /// `number64`: at most 63 bits.
    pub(super) fn number64(&mut self) -> Result<u64, Fault> {
        let wrong = self.expected("a number");
        let digits = self.run(|octet| octet.is_ascii_digit());
        let number =
            ascii(digits).parse::<i64>().ok().and_then(|number| u64::try_from(number).ok());
        number.ok_or(wrong)
    }

    /// `number`: at most 32 bits.
    pub(super) fn number(&mut self) -> Result<u32, Fault> {
        let wrong = self.expected("a number of 32 bits");
        u32::try_from(self.number64()?).map_err(|_| wrong)
    }

    /// `nz-number`.
    pub(super) fn nz_number(&mut self) -> Result<NonZeroU32, Fault> {
        let wrong = self.expected("a number from 1");
        NonZeroU32::new(self.number()?).ok_or(wrong)
    }

    /// `mod-sequence-value`: 63 bits, never 0 (RFC 7162 §7).
    pub(super) fn modseq(&mut self) -> Result<u64, Fault> {
        let wrong = self.expected("a modification sequence from 1");
        Some(self.number64()?).filter(|modseq| *modseq > 0).ok_or(wrong)
    }

    /// A quoted string or a literal.
    pub(super) fn string(&mut self, expected: &'static str) -> Result<Cow<'a, [u8]>, Fault> {
        if self.peek() == Some(b'"') {
            return self.quoted();
        }
        match self.literal() {
            Some((_, true)) | None => Err(self.expected(expected)),
            Some((octets, false)) if memchr::memchr(0, octets).is_some() => Err(Fault::Nul),
            Some((octets, false)) => Ok(Cow::Borrowed(octets)),
        }
    }

    /// The literal that stands here, and whether it is a literal8.
    pub(super) fn literal(&mut self) -> Option<(&'a Bytes, bool)> {
        if !self.is_before_literal() {
            return None;
        }
        let literal = &self.frame.literals[self.next_literal];
        self.next_literal += 1;
        Some((&literal.octets, literal.is_literal8))
    }

    fn quoted(&mut self) -> Result<Cow<'a, [u8]>, Fault> {
        self.octet(b'"', "a quoted string")?;
        let inside = self.rest();
        let plain = inside.iter().position(|octet| matches!(octet, b'"' | b'\\'));
        let plain = plain.unwrap_or(inside.len());
        self.at += plain;
        if self.accept(b'"') {
            return Ok(Cow::Borrowed(&inside[..plain]));
        }
        let mut octets = inside[..plain].to_vec();
        loop {
            match self.rest() {
                // RFC 9051 `quoted-specials`: nothing else can be escaped.
                [b'\\', escaped @ (b'"' | b'\\'), ..] => {
                    octets.push(*escaped);
                    self.at += 2;
                }
                [b'"', ..] => {
                    self.at += 1;
                    return Ok(Cow::Owned(octets));
                }
                [b'\\', ..] => return Err(self.expected("\\\" or \\\\")),
                [octet, ..] => {
                    octets.push(*octet);
                    self.at += 1;
                }
                [] => return Err(self.expected("the closing quote")),
            }
        }
    }

    /// `astring`.
    pub(super) fn astring(&mut self, expected: &'static str) -> Result<Cow<'a, [u8]>, Fault> {
        self.string_or(is_astring_octet, expected)
    }

    fn string_or(
        &mut self,
        class: fn(u8) -> bool,
        expected: &'static str,
    ) -> Result<Cow<'a, [u8]>, Fault> {
        if self.peek() == Some(b'"') || self.is_before_literal() {
            return self.string(expected);
        }
        self.some(class, expected).map(Cow::Borrowed)
    }

    /// An `astring` that is text.
    pub(super) fn text(&mut self, expected: &'static str) -> Result<String, Fault> {
        utf8(self.astring(expected)?)
    }

    /// A `string` that is text.
    pub(super) fn string_text(&mut self, expected: &'static str) -> Result<String, Fault> {
        utf8(self.string(expected)?)
    }

    /// Whether NIL comes next; goes past it.
    pub(super) fn nil(&mut self) -> bool {
        let is_nil = starts_with(self.rest(), "NIL")
            && !self.rest().get(3).is_some_and(|octet| is_astring_octet(*octet));
        self.at += if is_nil { 3 } else { 0 };
        is_nil
    }

    pub(super) fn mailbox(&mut self) -> Result<MailboxName, Fault> {
        let octets = self.astring("a mailbox name")?;
        Ok(MailboxName::read(&octets, self.encoding)?)
    }

    /// A mailbox, or nothing for `""`.
    pub(super) fn mailbox_or_server(&mut self) -> Result<Option<MailboxName>, Fault> {
        let octets = self.astring("a mailbox name")?;
        if octets.is_empty() {
            return Ok(None);
        }
        Ok(Some(MailboxName::read(&octets, self.encoding)?))
    }

    /// The reference of LIST: like a name, but may be empty.
    pub(super) fn reference(&mut self) -> Result<String, Fault> {
        let octets = self.astring("a reference")?;
        Ok(mailbox_name::read_pattern(&octets, self.encoding)?)
    }

    /// `list-mailbox`.
    pub(super) fn pattern(&mut self) -> Result<String, Fault> {
        let octets = self.string_or(is_list_octet, "a pattern of mailbox names")?;
        Ok(mailbox_name::read_pattern(&octets, self.encoding)?)
    }

    /// A set without `$`.
    pub(super) fn sequence_set(&mut self) -> Result<SequenceSet, Fault> {
        let octets = self.some(is_set_octet, "a sequence set")?;
        SequenceSet::read(octets)
    }

    /// A set without `$` and `*`.
    pub(super) fn number_set(&mut self) -> Result<SequenceSet, Fault> {
        let set = self.sequence_set()?;
        if set.has_last() { Err(Fault::LastNotAllowed) } else { Ok(set) }
    }

    /// A set, or `$` (RFC 5182 §2.1).
    pub(super) fn message_set(&mut self) -> Result<MessageSet, Fault> {
        if self.accept(b'$') {
            return Ok(MessageSet::Saved);
        }
        self.sequence_set().map(MessageSet::Numbers)
    }

    pub(super) fn keyword(&mut self) -> Result<Keyword, Fault> {
        let atom = self.run(is_atom_octet);
        Keyword::new(&ascii(atom)).ok_or(Fault::Keyword)
    }

    pub(super) fn flag(&mut self) -> Result<Flag, Fault> {
        if !self.accept(b'\\') {
            return self.keyword().map(Flag::Keyword);
        }
        let name = self.run(is_atom_octet);
        let is_named = |wire: &str| wire.as_bytes()[1..].eq_ignore_ascii_case(name);
        let found = Flag::SYSTEM.into_iter().find(|(wire, _)| is_named(wire));
        found.map(|(_, flag)| flag).ok_or(Fault::UnknownFlag)
    }

    /// `date`, with or without quotes.
    pub(super) fn date(&mut self) -> Result<Date, Fault> {
        let octets = self.astring("a date")?;
        Date::read(&octets).ok_or(Fault::Date)
    }

    /// `date-time`, in milliseconds since 1970-01-01T00:00:00Z.
    pub(super) fn date_time(&mut self) -> Result<i64, Fault> {
        let octets = self.quoted()?;
        date::read_date_time(&octets).ok_or(Fault::DateTime)
    }

    /// A list in parentheses, its elements separated by spaces; may be empty.
    pub(super) fn list<T>(
        &mut self,
        expected: &'static str,
        mut element: impl FnMut(&mut Cursor<'a>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        self.octet(b'(', expected)?;
        let mut elements = Vec::new();
        if self.accept(b')') {
            return Ok(elements);
        }
        loop {
            if elements.len() == LIST_ELEMENTS_MAX {
                return Err(Fault::TooMany("elements of a list"));
            }
            elements.push(element(self)?);
            if self.accept(b')') {
                return Ok(elements);
            }
            self.octet(b' ', "a space or )")?;
        }
    }

    /// A list that is not empty.
    pub(super) fn full_list<T>(
        &mut self,
        expected: &'static str,
        element: impl FnMut(&mut Cursor<'a>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let wrong = self.expected(expected);
        let elements = self.list(expected, element)?;
        if elements.is_empty() { Err(wrong) } else { Ok(elements) }
    }
}

/// A word as it may be repeated to the client.
pub(super) fn repeated(word: &str) -> String {
    word.chars().take(REPEATED_OCTETS_MAX).collect()
}

fn starts_with(octets: &[u8], word: &str) -> bool {
    octets.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

/// Octets of a class that has only ASCII.
fn ascii(octets: &[u8]) -> String {
    octets.iter().copied().map(char::from).collect()
}

fn utf8(octets: Cow<'_, [u8]>) -> Result<String, Fault> {
    String::from_utf8(octets.into_owned()).map_err(|_| Fault::NotUtf8)
}
