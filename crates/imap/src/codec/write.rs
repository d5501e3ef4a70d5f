//! Values to the octets of responses: strings, names, sets, dates, flags, section labels.
//!
//! Everything is written behind what `out` holds already; spaces and line ends between values are
//! the caller's. Nothing here can fail and nothing is cut.

use std::ops::RangeInclusive;

use bytes::BufMut;

use crate::codec::parse::classes::is_atom_octet;
use crate::codec::{Flag, NameEncoding, Partial, Section, SectionText, date, mailbox_name};

/// Longest text that is written in quotes; a longer one is a literal. Some clients read quoted
/// strings into buffers of a line's size.
pub const QUOTED_OCTETS_MAX: usize = 1_000;

/// Writes a string, quoted where it can be, else as a literal.
///
/// It can be if it is short, without NUL, CR and LF, and ASCII; with [`NameEncoding::Utf8`] also
/// UTF-8 (RFC 9051 `quoted`).
pub fn string(out: &mut impl BufMut, octets: &[u8], encoding: NameEncoding) {
    if is_quotable(octets, encoding) { quoted(out, octets) } else { literal(out, octets) }
}

/// Writes a string, or NIL for none.
pub fn nstring(out: &mut impl BufMut, octets: Option<&[u8]>, encoding: NameEncoding) {
    match octets {
        Some(octets) => string(out, octets, encoding),
        None => nil(out),
    }
}

/// Writes an atom where the text is one and not NIL, else a string.
pub fn astring(out: &mut impl BufMut, octets: &[u8], encoding: NameEncoding) {
    let is_atom = !octets.is_empty()
        && octets.iter().all(|octet| is_atom_octet(*octet))
        && !octets.eq_ignore_ascii_case(b"NIL");
    if is_atom { out.put_slice(octets) } else { string(out, octets, encoding) }
}

/// Writes `NIL`.
pub fn nil(out: &mut impl BufMut) {
    out.put_slice(b"NIL");
}

/// Writes a literal.
pub fn literal(out: &mut impl BufMut, octets: &[u8]) {
    literal_head(out, octets.len() as u64);
    out.put_slice(octets);
}

/// Announces a literal whose octets follow piece by piece.
pub fn literal_head(out: &mut impl BufMut, octets: u64) {
    out.put_u8(b'{');
    number(out, octets);
    out.put_slice(b"}\r\n");
}

/// Announces a literal8, which may hold NUL (RFC 3516): only for BINARY.
pub fn literal8_head(out: &mut impl BufMut, octets: u64) {
    out.put_u8(b'~');
    literal_head(out, octets);
}

/// Writes a decimal number.
pub fn number(out: &mut impl BufMut, number: u64) {
    // The most digits that 64 bits have.
    let mut digits = [0; 20];
    let (mut at, mut rest) = (digits.len(), number);
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.put_slice(&digits[at..]);
}

/// Writes the name of a mailbox, always as a string: what is not quoted may look like NIL.
pub fn mailbox(out: &mut impl BufMut, name: &str, encoding: NameEncoding) {
    string(out, mailbox_name::encode(name, encoding).as_bytes(), encoding);
}

/// Writes ascending ranges as a set: `1:3,5`. No range, nothing.
pub fn number_set(out: &mut impl BufMut, ranges: impl IntoIterator<Item = RangeInclusive<u32>>) {
    for (index, range) in ranges.into_iter().enumerate() {
        if index > 0 {
            out.put_u8(b',');
        }
        number(out, u64::from(*range.start()));
        if range.end() != range.start() {
            out.put_u8(b':');
            number(out, u64::from(*range.end()));
        }
    }
}

/// Writes an instant, in milliseconds since 1970-01-01T00:00:00Z, as a quoted `date-time`.
pub fn date_time(out: &mut impl BufMut, at_ms: i64) {
    out.put_u8(b'"');
    out.put_slice(date::write_date_time(at_ms).as_bytes());
    out.put_u8(b'"');
}

/// Writes flags in parentheses.
pub fn flags<'a>(out: &mut impl BufMut, flags: impl IntoIterator<Item = &'a Flag>) {
    atoms(out, flags.into_iter().map(Flag::name));
}

/// Writes words in parentheses as they are: flags, attributes of LIST, capabilities.
pub fn atoms<'a>(out: &mut impl BufMut, words: impl IntoIterator<Item = &'a str>) {
    out.put_u8(b'(');
    for (index, word) in words.into_iter().enumerate() {
        if index > 0 {
            out.put_u8(b' ');
        }
        out.put_slice(word.as_bytes());
    }
    out.put_u8(b')');
}

/// Writes `BODY[…]<offset>`, the name under which FETCH answers a section.
pub fn section_label(out: &mut impl BufMut, section: &Section, partial: Option<Partial>) {
    out.put_slice(b"BODY[");
    part(out, &section.part);
    if !section.part.is_empty() && section.text != SectionText::Whole {
        out.put_u8(b'.');
    }
    match &section.text {
        SectionText::Whole => {}
        SectionText::Header => out.put_slice(b"HEADER"),
        SectionText::Text => out.put_slice(b"TEXT"),
        SectionText::Mime => out.put_slice(b"MIME"),
        SectionText::HeaderFields(names) => field_names(out, "HEADER.FIELDS", names),
        SectionText::HeaderFieldsNot(names) => field_names(out, "HEADER.FIELDS.NOT", names),
    }
    out.put_u8(b']');
    origin(out, partial);
}

/// Writes `BINARY[…]<offset>`, the name under which FETCH answers decoded octets (RFC 3516).
pub fn binary_label(out: &mut impl BufMut, numbers: &[u32], partial: Option<Partial>) {
    out.put_slice(b"BINARY[");
    part(out, numbers);
    out.put_u8(b']');
    origin(out, partial);
}

/// Writes `BINARY.SIZE[…]` (RFC 3516).
pub fn binary_size_label(out: &mut impl BufMut, numbers: &[u32]) {
    out.put_slice(b"BINARY.SIZE[");
    part(out, numbers);
    out.put_u8(b']');
}

fn part(out: &mut impl BufMut, numbers: &[u32]) {
    for (index, each) in numbers.iter().enumerate() {
        if index > 0 {
            out.put_u8(b'.');
        }
        number(out, u64::from(*each));
    }
}

fn field_names(out: &mut impl BufMut, what: &str, names: &[String]) {
    out.put_slice(what.as_bytes());
    out.put_slice(b" (");
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            out.put_u8(b' ');
        }
        astring(out, name.as_bytes(), NameEncoding::ModifiedUtf7);
    }
    out.put_u8(b')');
}

/// RFC 9051 §7.5.2: the answer says where it starts, not how long it was asked to be.
fn origin(out: &mut impl BufMut, partial: Option<Partial>) {
    if let Some(partial) = partial {
        out.put_u8(b'<');
        number(out, partial.offset);
        out.put_u8(b'>');
    }
}

fn is_quotable(octets: &[u8], encoding: NameEncoding) -> bool {
    let is_text = match encoding {
        NameEncoding::ModifiedUtf7 => octets.is_ascii(),
        NameEncoding::Utf8 => std::str::from_utf8(octets).is_ok(),
    };
    octets.len() <= QUOTED_OCTETS_MAX
        && is_text
        && memchr::memchr3(0, b'\r', b'\n', octets).is_none()
}

fn quoted(out: &mut impl BufMut, octets: &[u8]) {
    out.put_u8(b'"');
    for octet in octets {
        if matches!(octet, b'"' | b'\\') {
            out.put_u8(b'\\');
        }
        out.put_u8(*octet);
    }
    out.put_u8(b'"');
}

#[cfg(test)]
mod tests;
