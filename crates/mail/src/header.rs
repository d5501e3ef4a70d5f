//! Strict reading of a message's header section (RFC 5322 §2.2, RFC 6532).
//!
//! A [`Message`] is immutable bytes of which every reader sees the same fields: line ends are CRLF
//! only, nothing in the header section can be taken for something else, and all header octets are
//! UTF-8. What could be read in two ways is refused with a sentence for the person who wrote the
//! program that made it. The body is checked for line ends and NUL and is otherwise opaque.
//!
//! Reading is linear: one vectorised pass over all octets, one over the header's lines.

use std::{fmt, ops::Range, sync::Arc};

use bytes::Bytes;
use memchr::{memchr, memrchr};

use crate::field_text;

/// Longest line of a header section, in octets without its CRLF (RFC 5322 §2.1.1).
pub const HEADER_LINE_OCTETS_MAX: usize = 998;
/// Longest body line that goes through SMTP unchanged, without its CRLF (RFC 5322 §2.1.1).
pub const BODY_LINE_OCTETS: usize = 998;
/// Longest body line we take, without its CRLF. Programs that forget to wrap their HTML or base64
/// exist and people want their mail; a mebibyte in one line is more than any of them writes.
pub const BODY_LINE_OCTETS_MAX: usize = 1024 * 1024;
/// Biggest header section, in octets. Ten times what a long list of recipients needs, small enough
/// that work proportional to it is never felt.
pub const HEADER_OCTETS_MAX: usize = 256 * 1024;
/// Most fields of a header section. Mail with many hops has about a hundred.
pub const HEADER_FIELDS_MAX: usize = 1000;

/// Why bytes are not a message. The numbers are those of lines, which count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// A CR without LF behind it (RFC 5322 §2.3).
    #[error("line {0} has a CR without LF: end every line with CRLF")]
    BareCr(usize),
    /// A LF without CR before it (RFC 5322 §2.3).
    #[error("line {0} ends with LF alone: end every line with CRLF")]
    BareLf(usize),
    /// An octet 0 (RFC 5322 §4).
    #[error("line {0} has a NUL octet: encode binary content as base64")]
    Nul(usize),
    /// A header line longer than [`HEADER_LINE_OCTETS_MAX`].
    #[error("header line {0} is longer than 998 octets: fold it")]
    HeaderLineTooLong(usize),
    /// A body line longer than [`BODY_LINE_OCTETS_MAX`].
    #[error("body line {0} is longer than 1 MiB: use quoted-printable or base64")]
    BodyLineTooLong(usize),
    /// The header section is bigger than [`HEADER_OCTETS_MAX`].
    #[error("the header section is bigger than 256 KiB: send fewer or shorter fields")]
    HeaderTooBig,
    /// The header section has more than [`HEADER_FIELDS_MAX`] fields.
    #[error("the header section has more than 1000 fields: send fewer")]
    TooManyFields,
    /// The last header line has no CRLF.
    #[error("the header section breaks off at line {0}: end its last line with CRLF")]
    HeaderNotEnded(usize),
    /// A line without a colon, or with nothing before it.
    #[error("line {0} is not a header field: write Name: value, and an empty line before the body")]
    NotAField(usize),
    /// `From : …`, which some readers take for a field and some do not.
    #[error("line {0} has a space before the colon: write the field name and colon together")]
    SpaceBeforeColon(usize),
    /// A field name with characters other than printable ASCII (RFC 5322 §2.2).
    #[error("line {0} has a field name with other than printable ASCII characters: rename it")]
    FieldName(usize),
    /// The message begins with white space.
    #[error("the first line begins with white space: begin the message with a header field")]
    FoldedFirstLine,
    /// A folded line of white space only, which some readers take for the end of the header.
    #[error("header line {0} is only white space: remove it, or make it empty to begin the body")]
    BlankFoldedLine(usize),
    /// `From jean Mon …` or `>From`, a line of a mailbox file.
    #[error("line {0} is a separator of a mailbox file: remove it from the message")]
    MboxLine(usize),
    /// A control character other than tab, which some readers take for a line end.
    #[error("header line {0} has a control character: remove it, or encode it (RFC 2047)")]
    ControlCharacter(usize),
    /// 8-bit header octets that are not UTF-8 (RFC 6532 §3).
    #[error("header line {0} is not UTF-8: encode it as RFC 2047 says, or send UTF-8")]
    NotUtf8(usize),
}

impl MessageError {
    /// Whether readers may disagree about which header fields there are, so that nobody can say who
    /// the author is. Otherwise the header can be read, and something else is wrong.
    pub fn hides_author(&self) -> bool {
        match self {
            MessageError::HeaderNotEnded(_)
            | MessageError::NotAField(_)
            | MessageError::SpaceBeforeColon(_)
            | MessageError::FieldName(_)
            | MessageError::FoldedFirstLine
            | MessageError::BlankFoldedLine(_)
            | MessageError::MboxLine(_)
            | MessageError::ControlCharacter(_)
            | MessageError::NotUtf8(_) => true,
            MessageError::BareCr(_)
            | MessageError::BareLf(_)
            | MessageError::Nul(_)
            | MessageError::HeaderLineTooLong(_)
            | MessageError::BodyLineTooLong(_)
            | MessageError::HeaderTooBig
            | MessageError::TooManyFields => false,
        }
    }
}

/// Where a field lies in the message. A header section is far smaller than 4 GiB.
#[derive(Debug, Clone, Copy)]
struct FieldSpan {
    start: u32,
    colon: u32,
    /// Behind the CRLF of its last line.
    end: u32,
}

/// What is known of a body without looking at it again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyFacts {
    is_8bit: bool,
    has_long_line: bool,
}

/// A message: immutable bytes with a header section that can be read in one way only.
///
/// Cloning shares the bytes.
#[derive(Clone)]
pub struct Message {
    raw: Bytes,
    header_len: usize,
    body_start: usize,
    fields: Arc<[FieldSpan]>,
    body_facts: BodyFacts,
}

impl Message {
    /// Reads a message. The bytes are kept as they are; a message of a header section alone, with
    /// or without the empty line, is a message too.
    pub fn parse(raw: Bytes) -> Result<Message, MessageError> {
        check_line_ends(&raw)?;
        let header = read_header(&raw)?;
        let body = &raw[header.body_start..];
        let body_facts = BodyFacts {
            is_8bit: !body.is_ascii(),
            has_long_line: has_long_line(body)
                .map_err(|offset| too_long_at(&raw, header.body_start + offset))?,
        };
        Ok(Message::of(raw, header, body_facts))
    }

    /// Reads the header section of bytes whose body is one that was read before.
    pub(crate) fn with_known_body(
        raw: Bytes,
        body_facts: BodyFacts,
    ) -> Result<Message, MessageError> {
        let header = read_header(&raw)?;
        Ok(Message::of(raw, header, body_facts))
    }

    fn of(raw: Bytes, header: Header, body_facts: BodyFacts) -> Message {
        Message {
            raw,
            header_len: header.len,
            body_start: header.body_start,
            fields: header.fields.into(),
            body_facts,
        }
    }

    /// All bytes, as they came.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// All bytes, as they came.
    pub fn into_raw(self) -> Bytes {
        self.raw
    }

    /// The header section with the CRLF of its last field, without the empty line.
    pub fn header_section(&self) -> &[u8] {
        &self.raw[..self.header_len]
    }

    /// Octets of [`header_section`](Message::header_section).
    pub fn header_len(&self) -> usize {
        self.header_len
    }

    /// What is behind the empty line. Sharing, not copying.
    pub fn body(&self) -> Bytes {
        self.raw.slice(self.body_start..)
    }

    /// Whether a peer must speak 8BITMIME to get the body unchanged (RFC 6152).
    pub fn has_8bit_body(&self) -> bool {
        self.body_facts.is_8bit
    }

    /// Whether some body line is longer than [`BODY_LINE_OCTETS`], which peers may break or refuse.
    pub fn has_long_body_line(&self) -> bool {
        self.body_facts.has_long_line
    }

    /// Whether the header section has non-ASCII text, so that peers must speak SMTPUTF8 to get it
    /// unchanged (RFC 6531 §3.2).
    pub fn has_utf8_header(&self) -> bool {
        !self.header_section().is_ascii()
    }

    /// The fields, in order.
    pub fn fields(&self) -> impl DoubleEndedIterator<Item = Field<'_>> + ExactSizeIterator {
        self.fields.iter().map(|span| Field { raw: &self.raw, span: *span })
    }

    /// All fields of this name, in order; names are compared without regard to case.
    pub fn fields_named<'m>(&'m self, name: &'m str) -> impl Iterator<Item = Field<'m>> {
        self.fields().filter(move |field| field.is(name))
    }

    /// The first field of this name.
    pub fn first_field(&self, name: &str) -> Option<Field<'_>> {
        self.fields().find(|field| field.is(name))
    }

    /// How many fields have this name.
    pub fn count_fields(&self, name: &str) -> usize {
        self.fields().filter(|field| field.is(name)).count()
    }

    pub(crate) fn body_facts(&self) -> BodyFacts {
        self.body_facts
    }
}

/// Only sizes: messages are private and do not belong in logs.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("octets", &self.raw.len())
            .field("header_octets", &self.header_len)
            .field("fields", &self.fields.len())
            .finish()
    }
}

/// One header field of a [`Message`].
#[derive(Clone, Copy)]
pub struct Field<'m> {
    raw: &'m Bytes,
    span: FieldSpan,
}

impl<'m> Field<'m> {
    /// The name as written.
    pub fn name(&self) -> &'m str {
        self.text(self.span.start as usize..self.span.colon as usize)
    }

    /// Whether the field has this name, without regard to case.
    pub fn is(&self, name: &str) -> bool {
        self.raw[self.span.start as usize..self.span.colon as usize]
            .eq_ignore_ascii_case(name.as_bytes())
    }

    /// The value as on the wire: folded, with the white space behind the colon, without the CRLF
    /// at the end.
    pub fn raw_value(&self) -> &'m str {
        self.text(self.span.colon as usize + 1..self.span.end as usize - 2)
    }

    /// The whole field with its CRLF.
    pub fn raw(&self) -> &'m [u8] {
        &self.raw[self.range()]
    }

    /// Where the whole field with its CRLF lies in the message.
    pub fn range(&self) -> Range<usize> {
        self.span.start as usize..self.span.end as usize
    }

    /// The value on one line with encoded words decoded, for showing (RFC 2047 §6).
    pub fn decoded(&self) -> String {
        field_text::decode_text(self.raw_value())
    }

    fn text(&self, range: Range<usize>) -> &'m str {
        std::str::from_utf8(&self.raw[range]).expect("the header section was checked to be UTF-8")
    }
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("name", &self.name()).field("range", &self.range()).finish()
    }
}

struct Header {
    len: usize,
    body_start: usize,
    fields: Vec<FieldSpan>,
}

/// Every CR is followed by LF, every LF follows a CR, and there is no NUL.
fn check_line_ends(raw: &[u8]) -> Result<(), MessageError> {
    let (Some(first), Some(last)) = (raw.first(), raw.last()) else { return Ok(()) };
    // Without branches, so that the compiler looks at many octets at once.
    let mut wrong = u8::from(*first == b'\n' || *first == 0 || *last == b'\r');
    for (before, octet) in raw.iter().zip(&raw[1..]) {
        wrong |= u8::from(*before == b'\r') ^ u8::from(*octet == b'\n');
        wrong |= u8::from(*octet == 0);
    }
    if wrong == 0 { Ok(()) } else { Err(first_wrong_octet(raw)) }
}

fn first_wrong_octet(raw: &[u8]) -> MessageError {
    let mut line = 1;
    for (at, octet) in raw.iter().enumerate() {
        match octet {
            0 => return MessageError::Nul(line),
            b'\r' if raw.get(at + 1) != Some(&b'\n') => return MessageError::BareCr(line),
            b'\n' if at == 0 || raw[at - 1] != b'\r' => return MessageError::BareLf(line),
            b'\n' => line += 1,
            _ => {}
        }
    }
    MessageError::BareCr(line)
}

/// Reads the header section of bytes whose line ends are known to be CRLF.
fn read_header(raw: &[u8]) -> Result<Header, MessageError> {
    let mut fields: Vec<FieldSpan> = Vec::with_capacity(32);
    let mut at = 0;
    let mut line_number = 0;
    let body_start = loop {
        if at == raw.len() {
            break at;
        }
        line_number += 1;
        let line = header_line(&raw[at..], line_number)?;
        let end = at + line.len() + 2;
        if line.is_empty() {
            break end;
        }
        if end > HEADER_OCTETS_MAX {
            return Err(MessageError::HeaderTooBig);
        }
        if matches!(line[0], b' ' | b'\t') {
            let folded = fields.last_mut().ok_or(MessageError::FoldedFirstLine)?;
            // RFC 5322 §3.2.2: folding must not make lines of white space alone.
            if line.iter().all(|octet| matches!(octet, b' ' | b'\t')) {
                return Err(MessageError::BlankFoldedLine(line_number));
            }
            folded.end = offset(end);
        } else {
            if fields.len() == HEADER_FIELDS_MAX {
                return Err(MessageError::TooManyFields);
            }
            let colon = at + name_len(line, line_number)?;
            fields.push(FieldSpan { start: offset(at), colon: offset(colon), end: offset(end) });
        }
        at = end;
    };
    check_header_octets(&raw[..at])?;
    Ok(Header { len: at, body_start, fields })
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("a header section is not bigger than HEADER_OCTETS_MAX")
}

/// The line at the beginning of `rest`, without its CRLF.
fn header_line(rest: &[u8], line: usize) -> Result<&[u8], MessageError> {
    let window = &rest[..rest.len().min(HEADER_LINE_OCTETS_MAX + 2)];
    match memchr(b'\n', window) {
        Some(lf) => Ok(&window[..lf - 1]),
        None if window.len() < HEADER_LINE_OCTETS_MAX + 2 => {
            Err(MessageError::HeaderNotEnded(line))
        }
        None => Err(MessageError::HeaderLineTooLong(line)),
    }
}

/// Octets of the field name that `line` begins with (RFC 5322 §2.2).
fn name_len(text: &[u8], line: usize) -> Result<usize, MessageError> {
    if text.starts_with(b"From ") || text.starts_with(b">From") {
        // `From : x` is a field with a space, not the separator of a mailbox file.
        return Err(match text.strip_prefix(b"From ").map(<[u8]>::trim_ascii_start) {
            Some(rest) if rest.starts_with(b":") => MessageError::SpaceBeforeColon(line),
            _ => MessageError::MboxLine(line),
        });
    }
    let colon = memchr(b':', text).filter(|at| *at > 0).ok_or(MessageError::NotAField(line))?;
    let name = &text[..colon];
    if name.iter().all(u8::is_ascii_graphic) {
        return Ok(colon);
    }
    if name.trim_ascii_end().iter().all(u8::is_ascii_graphic) {
        return Err(MessageError::SpaceBeforeColon(line));
    }
    Err(MessageError::FieldName(line))
}

/// No control character but tab and line ends, and UTF-8 throughout.
fn check_header_octets(header: &[u8]) -> Result<(), MessageError> {
    let is_control =
        |octet: &u8| octet.is_ascii_control() && !matches!(octet, b'\t' | b'\r' | b'\n');
    let mut wrong = 0;
    for octet in header {
        wrong |= u8::from(is_control(octet));
    }
    if wrong != 0 {
        let at = header.iter().position(is_control).unwrap_or_default();
        return Err(MessageError::ControlCharacter(line_of(header, at)));
    }
    match std::str::from_utf8(header) {
        Ok(_) => Ok(()),
        Err(e) => Err(MessageError::NotUtf8(line_of(header, e.valid_up_to()))),
    }
}

/// Whether a line of the body is longer than [`BODY_LINE_OCTETS`]; the place where a line begins
/// that is longer than [`BODY_LINE_OCTETS_MAX`] as the error.
///
/// Looks only at the last line end of each window, so most octets are never visited.
fn has_long_line(body: &[u8]) -> Result<bool, usize> {
    let mut at = 0;
    let mut found = false;
    while body.len() - at > BODY_LINE_OCTETS + 2 {
        let window = &body[at..at + BODY_LINE_OCTETS + 2];
        if let Some(lf) = memrchr(b'\n', window) {
            at += lf + 1;
            continue;
        }
        found = true;
        let rest = &body[at..];
        let line_len = memchr(b'\n', rest).map_or(rest.len(), |lf| lf - 1);
        if line_len > BODY_LINE_OCTETS_MAX {
            return Err(at);
        }
        at += (line_len + 2).min(rest.len());
    }
    // What is left has no CRLF at its end, or is short enough with it.
    Ok(found || memchr(b'\n', &body[at..]).is_none() && body.len() - at > BODY_LINE_OCTETS)
}

fn too_long_at(raw: &[u8], at: usize) -> MessageError {
    MessageError::BodyLineTooLong(line_of(raw, at))
}

fn line_of(raw: &[u8], at: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', &raw[..at]).count()
}

#[cfg(test)]
mod tests;
