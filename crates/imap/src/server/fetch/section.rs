//! Which octets of a message a section means (RFC 9051 §6.4.5.1).

use std::borrow::Cow;

use mail::mime::Part;
use mail::raw_field::{raw_fields, split_header};

use crate::codec::{Partial, Section, SectionText};

/// What there is of a message.
pub(super) struct Source<'a> {
    /// The header section with the empty line behind it, or the fields of it that are kept beside
    /// the message; empty where neither was read.
    pub(super) header: &'a [u8],
    /// The whole message, where it was read.
    pub(super) content: &'a [u8],
    /// Its structure, where it was wanted.
    pub(super) structure: Option<&'a Part>,
    /// `content` is the very piece that was asked for, and not the message.
    pub(super) is_piece: bool,
}

impl<'a> Source<'a> {
    /// A message that was read to its end.
    pub(super) fn whole(content: &'a [u8], structure: Option<&'a Part>) -> Source<'a> {
        let (_, body_at) = split_header(content);
        Source { header: &content[..body_at], content, structure, is_piece: false }
    }

    /// What stands behind the header section.
    fn text(&self) -> &'a [u8] {
        &self.content[self.header.len().min(self.content.len())..]
    }

    /// The octets of a section; `None` where the message has no such part.
    pub(super) fn section(&self, section: &Section) -> Option<Cow<'a, [u8]>> {
        if section.part.is_empty() {
            return Some(match &section.text {
                SectionText::Whole => Cow::Borrowed(self.content),
                SectionText::Text => Cow::Borrowed(self.text()),
                SectionText::Header | SectionText::Mime => Cow::Borrowed(self.header),
                text => subset(self.header, text),
            });
        }
        let part = self.part(&section.part)?;
        Some(match &section.text {
            SectionText::Whole => Cow::Borrowed(self.content.get(part.body.clone())?),
            SectionText::Mime => Cow::Borrowed(self.content.get(part.header.clone())?),
            // RFC 9051 §6.4.5.1: these are of a message inside.
            SectionText::Text => Cow::Borrowed(self.content.get(part.embedded()?.body.clone())?),
            SectionText::Header => {
                Cow::Borrowed(self.content.get(part.embedded()?.header.clone())?)
            }
            text => subset(self.content.get(part.embedded()?.header.clone())?, text),
        })
    }

    /// The part that numbers name.
    pub(super) fn part(&self, numbers: &[u32]) -> Option<&'a Part> {
        self.structure?.section(numbers)
    }
}

/// Some fields of a header section, and the empty line behind them.
fn subset<'a>(header: &[u8], text: &SectionText) -> Cow<'a, [u8]> {
    let (names, is_without) = match text {
        SectionText::HeaderFields(names) => (names, false),
        SectionText::HeaderFieldsNot(names) => (names, true),
        SectionText::Whole | SectionText::Header | SectionText::Text | SectionText::Mime => {
            return Cow::Borrowed(b"");
        }
    };
    let mut kept = Vec::new();
    for field in raw_fields(header) {
        if names.iter().any(|name| field.is(name)) != is_without {
            kept.extend_from_slice(field.whole);
        }
    }
    kept.extend_from_slice(b"\r\n");
    Cow::Owned(kept)
}

/// The piece of some octets that was asked for; empty where it begins behind their end.
pub(super) fn cut(octets: &[u8], partial: Option<Partial>) -> &[u8] {
    let Some(partial) = partial else { return octets };
    let start = usize::try_from(partial.offset).unwrap_or(usize::MAX).min(octets.len());
    let length = usize::try_from(partial.octets).unwrap_or(usize::MAX);
    &octets[start..start.saturating_add(length).min(octets.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b"From: a@b\r\nX-A: 1\r\n folded\r\nSubject: s\r\n\r\nbody\r\n";

    fn told(text: SectionText) -> String {
        let source = Source::whole(MESSAGE, None);
        let found = source.section(&Section { part: Vec::new(), text }).unwrap();
        String::from_utf8(found.into_owned()).unwrap()
    }

    #[test]
    fn a_message_falls_into_header_and_text() {
        assert_eq!(told(SectionText::Whole).as_bytes(), MESSAGE);
        assert_eq!(told(SectionText::Header) + &told(SectionText::Text), told(SectionText::Whole));
        assert_eq!(told(SectionText::Text), "body\r\n");
    }

    #[test]
    fn fields_are_told_as_they_stand_with_an_empty_line() {
        let names = vec!["x-a".to_owned(), "None".to_owned()];
        assert_eq!(told(SectionText::HeaderFields(names.clone())), "X-A: 1\r\n folded\r\n\r\n");
        assert_eq!(told(SectionText::HeaderFieldsNot(names)), "From: a@b\r\nSubject: s\r\n\r\n");
    }

    #[test]
    fn pieces_end_with_the_octets() {
        let piece = |offset, octets| cut(b"0123456789", Some(Partial { offset, octets }));
        assert_eq!(piece(0, 4), b"0123");
        assert_eq!(piece(8, 4), b"89");
        assert_eq!(piece(10, 1), b"");
        assert_eq!(piece(u64::MAX, u64::MAX), b"");
        assert_eq!(cut(b"01", None), b"01");
    }
}
