//! The structure of a message (RFC 2045, RFC 2046) with exact places, for mail programs that fetch
//! parts of it.
//!
//! [`Part::read`] never fails: what cannot be read as declared is plain text, or octets without a
//! meaning. Every range lies in the octets that were read, so that a part is found again in the
//! stored message without reading it. An outer boundary ends all inner ones (RFC 2046 §5.1.2).
//!
//! Reading costs at most one search for boundaries over the octets for each level of nesting.

mod decoder;
mod outline;
mod parameters;

use std::ops::Range;

use memchr::{memchr, memmem};

use crate::raw_field::{raw_fields, split_header};

pub use decoder::Decoder;
pub use outline::{OUTLINE_OCTETS_MAX, Outline};
pub use parameters::Parameter;
use parameters::Tokens;

/// Multiparts and messages within each other at most; what lies deeper is not looked into.
pub const DEPTH_MAX: usize = 32;
/// Parts of one message at most; the last one that is read has the rest.
pub const PARTS_MAX: usize = 1_000;
/// Octets of one structure field, such as Content-Type, that are read; RFC 2231 continuations of a
/// long file name stay far below.
pub const FIELD_OCTETS_MAX: usize = 16 * 1024;

/// A type, a subtype and their parameters, or a disposition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType {
    /// `text`, as written.
    pub kind: String,
    /// `plain`, as written.
    pub subtype: String,
    /// In the order in which they stand. RFC 2231 names (`filename*0*`) stay as they are: that is
    /// what BODYSTRUCTURE shows.
    pub parameters: Vec<Parameter>,
}

impl ContentType {
    /// Whether it is this type, in lower case, without regard to parameters.
    pub fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind) && self.subtype.eq_ignore_ascii_case(subtype)
    }

    /// The value of the first parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        parameters::value(&self.parameters, name)
    }

    fn of(kind: &str, subtype: &str) -> ContentType {
        ContentType { kind: kind.into(), subtype: subtype.into(), parameters: Vec::new() }
    }

    /// RFC 2045 §5.2: what holds where nothing is said.
    fn plain() -> ContentType {
        let charset = Parameter { name: "charset".into(), value: "us-ascii".into() };
        ContentType { parameters: vec![charset], ..ContentType::of("text", "plain") }
    }

    fn octets() -> ContentType {
        ContentType::of("application", "octet-stream")
    }
}

/// How a part wants to be shown (RFC 2183).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposition {
    /// `inline` or `attachment`, as written.
    pub kind: String,
    /// As in [`ContentType::parameters`].
    pub parameters: Vec<Parameter>,
}

/// What a part has inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inside {
    /// Nothing that has a structure.
    Nothing,
    /// The parts of a multipart, at least one.
    Parts(Vec<Part>),
    /// The message of a message/rfc822 or message/global.
    Message(Box<Part>),
}

/// A message or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The type; text/plain where none can be read.
    pub content_type: ContentType,
    /// Content-Transfer-Encoding as written; `7BIT` where none is.
    pub encoding: String,
    /// Content-ID.
    pub id: Option<String>,
    /// Content-Description.
    pub description: Option<String>,
    /// Content-Disposition.
    pub disposition: Option<Disposition>,
    /// Content-Language (RFC 3282).
    pub language: Vec<String>,
    /// Content-Location (RFC 2557).
    pub location: Option<String>,
    /// Content-MD5 (RFC 1864).
    pub md5: Option<String>,
    /// The header section with the empty line behind it.
    pub header: Range<usize>,
    /// What is behind the empty line. Without the line end before the next boundary.
    pub body: Range<usize>,
    /// Lines of the body, for text and for messages; zero for everything else.
    pub lines: usize,
    /// What it has inside.
    pub inside: Inside,
}

impl Part {
    /// Reads a whole message.
    pub fn read(octets: &[u8]) -> Part {
        let mut reader = Reader { octets, parts_left: PARTS_MAX };
        reader.part(0..octets.len(), &Around { depth: 0, is_in_digest: false })
    }

    /// Header section and body together.
    pub fn range(&self) -> Range<usize> {
        self.header.start..self.body.end
    }

    /// The part that the numbers of a section name (RFC 9051 §6.4.5.1); without numbers the part
    /// itself. In a message that is no multipart, 1 is the message's own body.
    pub fn section(&self, numbers: &[u32]) -> Option<&Part> {
        let mut part = self;
        for (at, number) in numbers.iter().enumerate() {
            // Numbers behind a message count what the message has inside.
            let is_message = at == 0 || matches!(part.inside, Inside::Message(_));
            let holder = if at > 0 { part.embedded().unwrap_or(part) } else { part };
            part = match &holder.inside {
                Inside::Parts(parts) => {
                    parts.get(usize::try_from(*number).ok()?.checked_sub(1)?)?
                }
                _ if *number == 1 && is_message => holder,
                _ => return None,
            };
        }
        Some(part)
    }

    /// The message inside a message/rfc822.
    pub fn embedded(&self) -> Option<&Part> {
        match &self.inside {
            Inside::Message(message) => Some(message),
            Inside::Nothing | Inside::Parts(_) => None,
        }
    }

    /// The parts of a multipart.
    pub fn parts(&self) -> &[Part] {
        match &self.inside {
            Inside::Parts(parts) => parts,
            Inside::Nothing | Inside::Message(_) => &[],
        }
    }

    /// Whether the part asks to be kept apart from the text.
    pub fn is_attachment(&self) -> bool {
        self.disposition.as_ref().is_some_and(|found| found.kind.eq_ignore_ascii_case("attachment"))
    }

    /// The body's octets with the transfer encoding taken off, at most about `octets_max` of them.
    /// `octets` are those that the structure was read from.
    pub fn decoded(&self, octets: &[u8], octets_max: usize) -> Vec<u8> {
        let body = octets.get(self.body.clone()).unwrap_or_default();
        if self.encoding.eq_ignore_ascii_case("base64") {
            // Four octets carry three; line ends are two in seventy-eight.
            let enough = octets_max.saturating_mul(2);
            return crate::encoded_word::decode_b(&body[..body.len().min(enough)]);
        }
        let body = &body[..body.len().min(octets_max)];
        if self.encoding.eq_ignore_ascii_case("quoted-printable") {
            return crate::quoted_printable::decode(body);
        }
        body.to_vec()
    }
}

/// Where a part stands.
struct Around {
    depth: usize,
    /// RFC 2046 §5.1.5: parts of a digest are messages unless they say otherwise.
    is_in_digest: bool,
}

struct Reader<'a> {
    octets: &'a [u8],
    parts_left: usize,
}

impl Reader<'_> {
    fn part(&mut self, range: Range<usize>, around: &Around) -> Part {
        self.parts_left = self.parts_left.saturating_sub(1);
        let octets = &self.octets[range.clone()];
        let (_, body_start) = split_header(octets);
        let header = range.start..range.start + body_start;
        let body = header.end..range.end;
        let mut part = described(&self.octets[header.clone()], header, body);
        if around.is_in_digest && part.content_type == ContentType::plain() {
            part.content_type = ContentType::of("message", "rfc822");
        }
        self.look_inside(&mut part, around.depth);
        if part.embedded().is_some() || part.content_type.kind.eq_ignore_ascii_case("text") {
            part.lines = memchr::memchr_iter(b'\n', &self.octets[part.body.clone()]).count();
        }
        part
    }

    fn look_inside(&mut self, part: &mut Part, depth: usize) {
        let kind = &part.content_type;
        let is_multipart = kind.kind.eq_ignore_ascii_case("multipart");
        let is_message = kind.is("message", "rfc822") || kind.is("message", "global");
        if !is_multipart && !is_message {
            return;
        }
        let is_plain = ["7bit", "8bit", "binary"]
            .iter()
            .any(|plain| plain.eq_ignore_ascii_case(&part.encoding));
        if depth == DEPTH_MAX || self.parts_left == 0 || is_message && !is_plain {
            part.content_type = ContentType::octets();
            return;
        }
        if is_message {
            let around = Around { depth: depth + 1, is_in_digest: false };
            part.inside = Inside::Message(Box::new(self.part(part.body.clone(), &around)));
            return;
        }
        let around = Around { depth: depth + 1, is_in_digest: kind.is("multipart", "digest") };
        let boundary = kind.parameter("boundary").unwrap_or_default().to_owned();
        let parts = self.parts(part.body.clone(), boundary.as_bytes(), &around);
        if parts.is_empty() {
            part.content_type = ContentType::plain();
        } else {
            part.inside = Inside::Parts(parts);
        }
    }

    /// The parts between the boundaries in a range; none where there is no boundary.
    fn parts(&mut self, range: Range<usize>, boundary: &[u8], around: &Around) -> Vec<Part> {
        let mut parts = Vec::new();
        if boundary.is_empty() {
            return parts;
        }
        let octets = self.octets;
        let marks = Marks::new(&octets[range.clone()], boundary);
        let mut open: Option<usize> = None;
        for mark in marks {
            if let Some(start) = open.take() {
                if self.parts_left <= 1 {
                    // The last part that is counted has everything that is left.
                    open = Some(start);
                    break;
                }
                // RFC 2046 §5.1.1: the line end before a boundary belongs to the boundary. Two
                // boundaries one behind the other have an empty part between them.
                let end = (range.start + mark.before).max(start);
                parts.push(self.part(start..end, around));
            }
            if mark.is_last {
                return parts;
            }
            open = Some(range.start + mark.behind);
        }
        if let Some(start) = open {
            parts.push(self.part(start..range.end, around));
        }
        parts
    }
}

/// A boundary line.
struct Mark {
    /// Where the line end before it begins.
    before: usize,
    /// Behind its own line end.
    behind: usize,
    is_last: bool,
}

/// The boundary lines of a body.
struct Marks<'a> {
    octets: &'a [u8],
    delimiter: Vec<u8>,
    at: usize,
}

impl<'a> Marks<'a> {
    fn new(octets: &'a [u8], boundary: &[u8]) -> Marks<'a> {
        Marks { octets, delimiter: [b"--", boundary].concat(), at: 0 }
    }

    /// The boundary line that begins at `start`, if that is one.
    fn mark(&self, start: usize) -> Option<Mark> {
        let rest = &self.octets[start + self.delimiter.len()..];
        let line_len = memchr(b'\n', rest).map_or(rest.len(), |lf| lf + 1);
        let line = rest[..line_len].trim_ascii();
        // RFC 2046 §5.1.1 allows white space behind the boundary.
        let is_last = line == b"--";
        if !is_last && !line.is_empty() {
            return None;
        }
        let before = match &self.octets[..start] {
            [front @ .., b'\r', b'\n'] => front.len(),
            [front @ .., b'\n'] => front.len(),
            front => front.len(),
        };
        let behind = start + self.delimiter.len() + line_len;
        Some(Mark { before, behind, is_last })
    }
}

impl Iterator for Marks<'_> {
    type Item = Mark;

    fn next(&mut self) -> Option<Mark> {
        loop {
            let found = memmem::find(self.octets.get(self.at..)?, &self.delimiter)?;
            let start = self.at + found;
            self.at = start + self.delimiter.len();
            if start > 0 && self.octets[start - 1] != b'\n' {
                continue;
            }
            if let Some(mark) = self.mark(start) {
                self.at = mark.behind;
                return Some(mark);
            }
        }
    }
}

/// A part with what its header section says, nothing inside yet.
fn described(section: &[u8], header: Range<usize>, body: Range<usize>) -> Part {
    let mut part = Part {
        content_type: ContentType::plain(),
        encoding: "7BIT".to_owned(),
        id: None,
        description: None,
        disposition: None,
        language: Vec::new(),
        location: None,
        md5: None,
        header,
        body,
        lines: 0,
        inside: Inside::Nothing,
    };
    let mut has_type = false;
    for field in raw_fields(section) {
        if field.name.len() < 8 || !field.name[..8].eq_ignore_ascii_case(b"content-") {
            continue;
        }
        let text = || {
            let cut = &field.value[..field.value.len().min(FIELD_OCTETS_MAX)];
            crate::raw_field::RawField { value: cut, ..field }.unfolded()
        };
        let some = || Some(text()).filter(|text| !text.is_empty());
        match field.name[8..].to_ascii_lowercase().as_slice() {
            // The first field counts: a second one is how one reader is shown what another is not.
            b"type" if !has_type => {
                has_type = true;
                part.content_type = content_type(&text());
            }
            b"transfer-encoding" if part.encoding == "7BIT" => {
                if let Some(encoding) = Tokens::new(&text()).token() {
                    part.encoding = encoding;
                }
            }
            b"id" => part.id = part.id.or_else(some),
            b"description" => part.description = part.description.or_else(some),
            b"disposition" => part.disposition = part.disposition.or_else(|| disposition(&text())),
            b"language" if part.language.is_empty() => part.language = languages(&text()),
            b"location" => part.location = part.location.or_else(some),
            b"md5" => part.md5 = part.md5.or_else(some),
            _ => {}
        }
    }
    part
}

/// RFC 2045 §5.2: what cannot be read is plain text.
fn content_type(text: &str) -> ContentType {
    let mut tokens = Tokens::new(text);
    let (Some(kind), true, Some(subtype)) = (tokens.token(), tokens.sign('/'), tokens.token())
    else {
        return ContentType::plain();
    };
    ContentType { kind, subtype, parameters: tokens.parameters() }
}

fn disposition(text: &str) -> Option<Disposition> {
    let mut tokens = Tokens::new(text);
    Some(Disposition { kind: tokens.token()?, parameters: tokens.parameters() })
}

fn languages(text: &str) -> Vec<String> {
    let mut tokens = Tokens::new(text);
    let mut found = Vec::new();
    while let Some(language) = tokens.token() {
        found.push(language);
        if !tokens.sign(',') {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests;
