//! The text of stored messages: what a search looks through, and what a list shows of a body.
//!
//! Everything here is lenient and bounded. Two foldings make texts comparable: [`folded`] for
//! substrings of header fields, [`folded_words`] for the words of bodies. The words that are
//! indexed and those that are read directly are made by the same functions, so both find the same.

mod charset;
mod html;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::mime::{Inside, Parameter, Part};
use crate::raw_field::{RawField, raw_fields};

/// Octets of decoded text that are looked through in one message. What lies behind is not found.
pub const TEXT_OCTETS_MAX: usize = 1024 * 1024;
/// Octets of header text that are looked through in one message.
pub const HEADER_TEXT_OCTETS_MAX: usize = 64 * 1024;
/// Longest preview, in characters (RFC 8970 §3.1 wants no more than 256).
pub const PREVIEW_CHARS_MAX: usize = 200;
/// Longest word that is told apart from others, in characters; what follows is left out.
pub const WORD_CHARS_MAX: usize = 40;

/// Octets of a text part that a preview is made from.
const PREVIEW_OCTETS_MAX: usize = 16 * 1024;

/// Fields that programs write for programs. Nobody looks for their words, and they would be most of
/// an index.
const MACHINE_FIELDS: [&str; 12] = [
    "Received",
    "Return-Path",
    "DKIM-Signature",
    "Authentication-Results",
    "Received-SPF",
    "ARC-Seal",
    "ARC-Message-Signature",
    "ARC-Authentication-Results",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "X-Google-DKIM-Signature",
];

/// The value of a field for people: unfolded, encoded words decoded in every charset that we know.
pub fn field_text(field: &RawField<'_>) -> String {
    decode_words(&field.unfolded())
}

/// Whether the text of a field, folded, has a text in it that is [`folded`] already.
pub fn field_has(field: &RawField<'_>, wanted: &str) -> bool {
    match plain(field.value) {
        Some(value) => has_folded(value, wanted.as_bytes()),
        None => folded(&field_text(field)).contains(wanted),
    }
}

/// A value that is its own text: ASCII on one line, without control characters or encoded words.
fn plain(value: &[u8]) -> Option<&[u8]> {
    let is_space = |octet: &u8| matches!(octet, b' ' | b'\t' | b'\r' | b'\n');
    let first = value.iter().position(|octet| !is_space(octet)).unwrap_or(value.len());
    let end = value.iter().rposition(|octet| !is_space(octet)).map_or(first, |last| last + 1);
    let value = &value[first..end];
    let is_plain = |octet: &u8| matches!(octet, b' '..=b'~');
    let has_encoded_word =
        memchr::memchr_iter(b'?', value).any(|at| at > 0 && value[at - 1] == b'=');
    (value.iter().all(is_plain) && !has_encoded_word).then_some(value)
}

/// Whether ASCII text has `wanted` in it, which is in lower case.
fn has_folded(text: &[u8], wanted: &[u8]) -> bool {
    let Some((first, rest)) = wanted.split_first() else { return true };
    let starts = memchr::memchr2_iter(*first, first.to_ascii_uppercase(), text);
    starts
        .filter_map(|at| text.get(at + 1..at + 1 + rest.len()))
        .any(|found| found.eq_ignore_ascii_case(rest))
}

/// The text of the header fields that people write and read, one line each.
pub fn header_text(header_section: &[u8]) -> String {
    let mut out = String::new();
    for field in raw_fields(header_section) {
        if MACHINE_FIELDS.iter().any(|name| field.is(name)) {
            continue;
        }
        if out.len() + field.value.len() > HEADER_TEXT_OCTETS_MAX {
            break;
        }
        out.push_str(&field_text(&field));
        out.push('\n');
    }
    out
}

/// The text of a body: all text parts, the names of attachments, and messages inside with the text
/// of their headers. `octets` are those that the structure was read from.
pub fn body_text(octets: &[u8], message: &Part) -> String {
    let mut out = String::new();
    add_text(octets, message, &mut out);
    out
}

fn add_text(octets: &[u8], part: &Part, out: &mut String) {
    let room = TEXT_OCTETS_MAX.saturating_sub(out.len());
    if room == 0 {
        return;
    }
    if let Some(name) = attachment_name(part) {
        out.push_str(&name);
        out.push('\n');
    }
    match &part.inside {
        Inside::Parts(parts) => {
            for part in parts {
                add_text(octets, part, out);
            }
        }
        Inside::Message(message) => {
            let header = octets.get(message.header.clone()).unwrap_or_default();
            out.push_str(&header_text(header));
            add_text(octets, message, out);
        }
        Inside::Nothing => {
            if let Some(text) = part_text(octets, part, room) {
                out.push_str(&text);
                out.push('\n');
            }
        }
    }
}

/// The text of a text part as it stands, markup included, at most about `octets_max` octets of it.
/// `octets` are those that the structure was read from.
pub fn decoded_text(octets: &[u8], part: &Part, octets_max: usize) -> String {
    charset::decode(part.content_type.parameter("charset"), &part.decoded(octets, octets_max))
}

/// The text of one part, without markup; `None` where it is no text.
pub fn part_text(octets: &[u8], part: &Part, octets_max: usize) -> Option<String> {
    if !part.content_type.kind.eq_ignore_ascii_case("text") {
        return None;
    }
    let text = decoded_text(octets, part, octets_max);
    let is_html = part.content_type.subtype.eq_ignore_ascii_case("html");
    Some(if is_html { html::to_text(&text) } else { text })
}

/// The name of an attachment for people, from Content-Disposition or else Content-Type, in any of
/// the forms that are used: plain, encoded words, RFC 2231 with or without continuations.
pub fn attachment_name(part: &Part) -> Option<String> {
    let disposition = part.disposition.as_ref().map(|found| found.parameters.as_slice());
    let name = disposition.and_then(|parameters| joined(parameters, "filename"));
    name.or_else(|| joined(&part.content_type.parameters, "name"))
}

/// The value of a parameter, its continuations put together (RFC 2231 §3, §4.1).
fn joined(parameters: &[Parameter], name: &str) -> Option<String> {
    let mut pieces: Vec<(usize, &Parameter)> = parameters
        .iter()
        .filter(|parameter| is_name(&parameter.name, name))
        .map(|parameter| {
            let number = parameter.name.split('*').nth(1).and_then(|text| text.parse().ok());
            (number.unwrap_or(0), parameter)
        })
        .collect();
    // The sort is stable: of two with the same number the first counts.
    pieces.sort_by_key(|(number, _)| *number);
    pieces.dedup_by_key(|(number, _)| *number);
    let (_, first) = pieces.first()?;
    let is_extended = first.name.ends_with('*');
    if pieces.len() == 1 {
        return Some(decode_words(&percent_decoded(&first.name, &first.value)));
    }
    let value: String = pieces.iter().map(|(_, piece)| piece.value.as_str()).collect();
    Some(if is_extended { percent_decoded(&first.name, &value) } else { decode_words(&value) })
}

/// Whether a parameter is `name`, or the beginning of it in RFC 2231 form.
fn is_name(written: &str, name: &str) -> bool {
    written.split('*').next().is_some_and(|front| front.eq_ignore_ascii_case(name))
}

/// The text of an extended parameter value (RFC 2231 §4), any other as it is.
fn percent_decoded(name: &str, value: &str) -> String {
    let extended = name.ends_with('*').then(|| value.splitn(3, '\'').collect::<Vec<_>>());
    let Some([charset, _, encoded]) = extended.as_deref() else { return value.to_owned() };
    let mut octets = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let [first, behind @ ..] = rest {
        let hex = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let octet = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (first, octet) {
            (b'%', Some(octet)) => {
                octets.push(octet);
                rest = &behind[2..];
            }
            _ => {
                octets.push(*first);
                rest = behind;
            }
        }
    }
    charset::decode(Some(charset), &octets)
}

/// The beginning of what a person would read, on one line (RFC 8970). Empty where there is no text.
pub fn preview(octets: &[u8], message: &Part) -> String {
    let text = first_text(message).and_then(|part| part_text(octets, part, PREVIEW_OCTETS_MAX));
    let mut out = String::new();
    let mut chars = 0;
    for word in text.unwrap_or_default().split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if chars > 0 {
            out.push(' ');
            chars += 1;
        }
        let room = PREVIEW_CHARS_MAX.saturating_sub(chars);
        out.extend(word.chars().take(room));
        chars += word.chars().count();
        if chars >= PREVIEW_CHARS_MAX {
            break;
        }
    }
    out.trim_end().to_owned()
}

/// The first text that is not an attachment; plain text before HTML of the same alternative.
pub fn first_text(part: &Part) -> Option<&Part> {
    let is_leaf_text =
        |part: &Part| part.content_type.kind.eq_ignore_ascii_case("text") && !part.is_attachment();
    match &part.inside {
        Inside::Nothing => Some(part).filter(|part| is_leaf_text(part)),
        Inside::Message(message) => first_text(message),
        Inside::Parts(parts) => {
            let plain = part
                .content_type
                .is("multipart", "alternative")
                .then(|| parts.iter().find(|part| part.content_type.is("text", "plain")));
            plain.flatten().or_else(|| parts.iter().find_map(first_text))
        }
    }
}

/// Decodes the encoded words of an unfolded text, whatever their charset (RFC 2047 §6).
pub fn decode_words(text: &str) -> String {
    crate::encoded_word::decode_all_with(text, |charset, octets| {
        charset::decode(Some(charset), octets)
    })
}

/// A text of which case and accents are taken away, for comparing substrings (in the spirit of
/// RFC 5051).
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, |c| out.push(c));
    out
}

/// The words of a text, folded, each behind one space: ` jean dupont `. A text contains a phrase
/// where its folded words contain those of the phrase without the space at the end; the last word
/// of the phrase may then be a beginning.
pub fn folded_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let mut word_chars = 0;
    fold_into(text, |c| {
        if !c.is_alphanumeric() {
            word_chars = 0;
            return;
        }
        // Scripts without spaces between words: each sign is one.
        let stands_alone = is_ideograph(c);
        if word_chars == 0 || stands_alone {
            out.push(' ');
            word_chars = 0;
        }
        if word_chars < WORD_CHARS_MAX {
            out.push(c);
        }
        word_chars = if stands_alone { 0 } else { word_chars + 1 };
    });
    out.push(' ');
    out
}

/// Gives each character of a text, decomposed (NFKD), without marks, in lower case.
///
/// ASCII decomposes to itself and no mark moves across it, so it goes without the tables: most mail
/// is nothing else.
fn fold_into(text: &str, mut take: impl FnMut(char)) {
    let mut rest = text;
    while !rest.is_empty() {
        let plain = rest.bytes().position(|octet| !octet.is_ascii()).unwrap_or(rest.len());
        rest[..plain].bytes().for_each(|octet| take(char::from(octet.to_ascii_lowercase())));
        rest = &rest[plain..];
        let foreign = rest.bytes().position(|octet| octet.is_ascii()).unwrap_or(rest.len());
        fold_chars(&rest[..foreign]).for_each(&mut take);
        rest = &rest[foreign..];
    }
}

fn fold_chars(text: &str) -> impl Iterator<Item = char> {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase)
}

/// Han, Hiragana and Katakana.
fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff
        | 0x2_0000..=0x3_ffff)
}

#[cfg(test)]
mod tests;
