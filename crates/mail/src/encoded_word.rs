//! Encoded words: non-ASCII text in header fields (RFC 2047).
//!
//! Decoding knows UTF-8 and the Western single-octet charsets; a word in another charset is left
//! as it stands, never guessed. Encoding always writes UTF-8 and never splits a character.
//! Everything here is linear in the length of the text.

use std::borrow::Cow;

use base64::{
    Engine,
    alphabet::STANDARD as ALPHABET,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};

/// Longest encoded word, in octets (RFC 2047 §2).
pub(crate) const ENCODED_WORD_OCTETS_MAX: usize = 75;
/// Octets of an encoded word around its text: `=?utf-8?q?` and `?=`.
const FRAME_OCTETS: usize = 12;

/// Takes base64 of senders that forget the padding or leave bits in it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// How octets become characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    Utf8,
    /// Also for ISO-8859-1 and US-ASCII, of which it is a superset in practice.
    Windows1252,
    Latin9,
}

impl Charset {
    /// Knows a charset by its name, without the language that RFC 2231 §5 lets follow behind `*`.
    fn named(name: &str) -> Option<Charset> {
        let name = name.split('*').next().unwrap_or_default();
        let is = |known: &[&str]| known.iter().any(|k| k.eq_ignore_ascii_case(name));
        if is(&["utf-8", "utf8"]) {
            Some(Charset::Utf8)
        } else if is(&["iso-8859-1", "us-ascii", "ascii", "windows-1252", "cp1252", "latin1"]) {
            Some(Charset::Windows1252)
        } else if is(&["iso-8859-15", "latin9"]) {
            Some(Charset::Latin9)
        } else {
            None
        }
    }

    /// Appends what the octets mean; what means nothing becomes U+FFFD.
    pub(crate) fn decode_into(self, octets: &[u8], out: &mut String) {
        match self {
            Charset::Utf8 => out.push_str(&String::from_utf8_lossy(octets)),
            Charset::Windows1252 => out.extend(octets.iter().copied().map(windows_1252)),
            Charset::Latin9 => out.extend(octets.iter().copied().map(latin9)),
        }
    }
}

/// What to do with words in a charset that [`Charset`] does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnknownCharset {
    /// Leave the word as it stands.
    Keep,
    /// Read its octets as Western text: wrong for people, right for finding ASCII in it.
    ReadAsWestern,
}

/// One encoded word, taken apart but not decoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EncodedWord<'a> {
    charset: &'a str,
    is_base64: bool,
    text: &'a str,
}

impl<'a> EncodedWord<'a> {
    /// The encoded word at the beginning of `text`, and its length in octets.
    ///
    /// More lenient than RFC 2047 §2 where common senders are: words may be too long and have
    /// spaces in their text.
    pub(crate) fn at_start(text: &'a str) -> Option<(EncodedWord<'a>, usize)> {
        let rest = text.strip_prefix("=?")?;
        let (charset, rest) = rest.split_once('?')?;
        if charset.is_empty() || !charset.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        let (encoding, rest) = rest.split_once('?')?;
        let is_base64 = match encoding {
            "b" | "B" => true,
            "q" | "Q" => false,
            _ => return None,
        };
        let (encoded, rest) = rest.split_once('?')?;
        let rest = rest.strip_prefix('=')?;
        let word = EncodedWord { charset, is_base64, text: encoded };
        Some((word, text.len() - rest.len()))
    }

    /// The encoded word that all of `text` is.
    pub(crate) fn whole(text: &'a str) -> Option<EncodedWord<'a>> {
        EncodedWord::at_start(text).filter(|(_, len)| *len == text.len()).map(|(word, _)| word)
    }

    pub(crate) fn charset(&self) -> Option<Charset> {
        Charset::named(self.charset)
    }

    /// Whether the charset writes ASCII characters with other octets than ASCII does, so that a
    /// reader that knows it sees signs that we cannot.
    pub(crate) fn hides_ascii(&self) -> bool {
        let name = self.charset.to_ascii_lowercase();
        ["utf-7", "utf7", "utf-16", "utf-32", "unicode-1-1-utf-7", "ebcdic", "ibm037", "x-imap"]
            .iter()
            .any(|hiding| name.starts_with(hiding))
    }

    /// The octets the word stands for; `None` where its base64 is not base64.
    pub(crate) fn octets(&self) -> Option<Vec<u8>> {
        if self.is_base64 { decode_word_b(self.text) } else { Some(decode_q(self.text)) }
    }
}

/// RFC 2047 §4.1, with blanks inside and missing padding forgiven.
fn decode_word_b(text: &str) -> Option<Vec<u8>> {
    let mut dense: Vec<u8> =
        text.bytes().filter(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b'=')).collect();
    if dense.len() % 4 == 1 {
        dense.pop();
    }
    LENIENT.decode(dense).ok()
}

/// Base64 of a body (RFC 2045 §6.8): signs outside the alphabet are passed over, and it ends at the
/// padding.
pub(crate) fn decode_b(body: &[u8]) -> Vec<u8> {
    let is_sign = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
    let body = body.split(|octet| *octet == b'=').next().unwrap_or_default();
    let mut dense: Vec<u8> = body.iter().copied().filter(is_sign).collect();
    if dense.len() % 4 == 1 {
        dense.pop();
    }
    LENIENT.decode(dense).unwrap_or_default()
}

/// RFC 2047 §4.2; an `=` that begins no octet stands for itself.
fn decode_q(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut octets = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'=')
            .then(|| Some(hex(*bytes.get(at + 1)?)? << 4 | hex(*bytes.get(at + 2)?)?))
            .flatten();
        match (bytes[at], escaped) {
            (_, Some(octet)) => {
                octets.push(octet);
                at += 2;
            }
            (b'_', None) => octets.push(b' '),
            (octet, None) => octets.push(octet),
        }
        at += 1;
    }
    octets
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Octets of neighbouring words of one charset. Senders split characters between words although
/// RFC 2047 §5 forbids it, so the octets are put together before they are decoded.
#[derive(Debug, Default)]
pub(crate) struct WordRun {
    octets: Vec<u8>,
    charset: Option<Charset>,
}

impl WordRun {
    pub(crate) fn is_empty(&self) -> bool {
        self.charset.is_none()
    }

    /// Adds the octets of a word; the run so far goes to `out` where the charset changes.
    pub(crate) fn push(&mut self, charset: Charset, octets: &[u8], out: &mut String) {
        if self.charset != Some(charset) {
            self.flush(out);
            self.charset = Some(charset);
        }
        self.octets.extend_from_slice(octets);
    }

    /// Ends the run.
    pub(crate) fn flush(&mut self, out: &mut String) {
        if let Some(charset) = self.charset.take() {
            charset.decode_into(&self.octets, out);
            self.octets.clear();
        }
    }
}

/// Decodes all encoded words of an unfolded text wherever they stand.
pub(crate) fn decode_all(text: &str, unknown: UnknownCharset) -> Cow<'_, str> {
    if !text.contains("=?") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut run = WordRun::default();
    let mut rest = text;
    while let Some(at) = rest.find("=?") {
        let before = &rest[..at];
        let Some((charset, octets, len)) = readable_word(&rest[at..], unknown) else {
            run.flush(&mut out);
            out.push_str(&rest[..at + 2]);
            rest = &rest[at + 2..];
            continue;
        };
        // RFC 2047 §6.2: white space between two encoded words is not shown.
        if run.is_empty() || !before.trim().is_empty() {
            run.flush(&mut out);
            out.push_str(before);
        }
        run.push(charset, &octets, &mut out);
        rest = &rest[at + len..];
    }
    run.flush(&mut out);
    out.push_str(rest);
    Cow::Owned(out)
}

/// Decodes all encoded words wherever they stand, the octets of neighbouring words of one charset
/// together, by a function that knows all charsets.
pub(crate) fn decode_all_with(text: &str, decode: impl Fn(&str, &[u8]) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run: Option<(&str, Vec<u8>)> = None;
    let mut rest = text;
    while let Some(at) = rest.find("=?") {
        let before = &rest[..at];
        let word = EncodedWord::at_start(&rest[at..]);
        let Some((charset, octets, len)) =
            word.and_then(|(word, len)| Some((word.charset, word.octets()?, len)))
        else {
            out.extend(run.take().map(|(charset, octets)| decode(charset, &octets)));
            out.push_str(&rest[..at + 2]);
            rest = &rest[at + 2..];
            continue;
        };
        let continues = before.trim().is_empty()
            && run.as_ref().is_some_and(|(known, _)| known.eq_ignore_ascii_case(charset));
        match &mut run {
            Some((_, gathered)) if continues => gathered.extend(octets),
            _ => {
                let is_between_words = run.is_some() && before.trim().is_empty();
                out.extend(run.take().map(|(charset, octets)| decode(charset, &octets)));
                if !is_between_words {
                    out.push_str(before);
                }
                run = Some((charset, octets));
            }
        }
        rest = &rest[at + len..];
    }
    out.extend(run.take().map(|(charset, octets)| decode(charset, &octets)));
    out.push_str(rest);
    out
}

fn readable_word(text: &str, unknown: UnknownCharset) -> Option<(Charset, Vec<u8>, usize)> {
    let (word, len) = EncodedWord::at_start(text)?;
    let charset = match (word.charset(), unknown) {
        (Some(charset), _) => charset,
        (None, UnknownCharset::ReadAsWestern) => Charset::Windows1252,
        (None, UnknownCharset::Keep) => return None,
    };
    Some((charset, word.octets()?, len))
}

/// Writes text as encoded words of at most [`ENCODED_WORD_OCTETS_MAX`] octets each, the first of
/// at most `first_octets_max`, in whichever encoding is shorter. Readers join them without spaces.
pub(crate) fn encode(text: &str, first_octets_max: usize) -> Vec<String> {
    let q_octets: usize = text.bytes().map(q_len).sum();
    let is_base64 = text.len().div_ceil(3) * 4 < q_octets;
    let cost = |bytes: &str| {
        if is_base64 { bytes.len() } else { bytes.bytes().map(q_len).sum() }
    };
    // In base64 four octets of text carry three of content.
    let room = |word_octets: usize| {
        let text_octets = word_octets.saturating_sub(FRAME_OCTETS).max(12);
        if is_base64 { text_octets / 4 * 3 } else { text_octets }
    };
    let mut words = Vec::new();
    let (mut start, mut used) = (0, 0);
    let mut available = room(first_octets_max.min(ENCODED_WORD_OCTETS_MAX));
    let mut buffer = [0; 4];
    for (at, c) in text.char_indices() {
        let octets = cost(c.encode_utf8(&mut buffer));
        if used + octets > available {
            words.push(encode_one(&text[start..at], is_base64));
            (start, used) = (at, 0);
            available = room(ENCODED_WORD_OCTETS_MAX);
        }
        used += octets;
    }
    words.push(encode_one(&text[start..], is_base64));
    words
}

fn encode_one(text: &str, is_base64: bool) -> String {
    if is_base64 {
        return format!("=?utf-8?b?{}?=", STANDARD.encode(text));
    }
    let mut word = String::from("=?utf-8?q?");
    for octet in text.bytes() {
        match octet {
            b' ' => word.push('_'),
            _ if q_len(octet) == 1 => word.push(char::from(octet)),
            _ => word.push_str(&format!("={octet:02X}")),
        }
    }
    word.push_str("?=");
    word
}

/// Octets that an octet takes in the Q encoding. Only what RFC 2047 §5 (3) allows in a phrase
/// stands for itself, so that the words can be used in any field.
fn q_len(octet: u8) -> usize {
    if octet.is_ascii_alphanumeric() || b" !*+-/".contains(&octet) { 1 } else { 3 }
}

fn windows_1252(octet: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž',
        '\u{fffd}', '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ',
        '\u{fffd}', 'ž', 'Ÿ',
    ];
    match octet {
        0x80..=0x9f => HIGH[usize::from(octet - 0x80)],
        _ => char::from(octet),
    }
}

fn latin9(octet: u8) -> char {
    match octet {
        0xa4 => '€',
        0xa6 => 'Š',
        0xa8 => 'š',
        0xb4 => 'Ž',
        0xb8 => 'ž',
        0xbc => 'Œ',
        0xbd => 'œ',
        0xbe => 'Ÿ',
        _ => char::from(octet),
    }
}

#[cfg(test)]
mod tests;
