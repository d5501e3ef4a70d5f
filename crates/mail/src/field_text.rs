//! Text of header fields: folding, unfolding and decoding (RFC 5322 §2.2.3, RFC 2047).
//!
//! Decoded text is for people and never for decisions. Folded text is made so that it can be put
//! into a header section as it is: no control characters, lines of at most 78 octets wherever
//! there is a place to break them.

use std::borrow::Cow;

use crate::encoded_word::{self, UnknownCharset};

/// Longest line we write, in octets without the CRLF (RFC 5322 §2.1.1).
pub const FOLDED_LINE_OCTETS: usize = 78;
/// Longest value that [`decode_text`] decodes, in octets as on the wire. Nobody reads a longer
/// subject; the rest is left out.
pub const DECODED_OCTETS_MAX: usize = 16 * 1024;
/// Longest run without a space that [`fold`] leaves as it is; longer ones become encoded words.
const WORD_OCTETS_MAX: usize = 400;

/// Takes the folding out of a field value: line ends go, white space at both ends too
/// (RFC 5322 §2.2.3).
pub fn unfold(raw_value: &str) -> Cow<'_, str> {
    let value = raw_value.trim_matches([' ', '\t', '\r', '\n']);
    if memchr::memchr2(b'\r', b'\n', value.as_bytes()).is_none() {
        return Cow::Borrowed(value);
    }
    Cow::Owned(value.chars().filter(|c| !matches!(c, '\r' | '\n')).collect())
}

/// The text of an unstructured field such as Subject, as people should see it: unfolded, encoded
/// words decoded where the charset is known, control characters replaced by spaces, at most
/// [`DECODED_OCTETS_MAX`] octets of the value.
pub fn decode_text(raw_value: &str) -> String {
    let unfolded = unfold(cut_at(raw_value, DECODED_OCTETS_MAX));
    let decoded = encoded_word::decode_all(&unfolded, UnknownCharset::Keep);
    if decoded.chars().any(char::is_control) {
        return decoded.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    }
    decoded.into_owned()
}

/// Writes text as the value of the unstructured field `name`: control characters become spaces,
/// non-ASCII text becomes encoded words, lines are folded. The text comes back from
/// [`decode_text`] unchanged, but for white space at both ends and control characters.
pub fn fold(name: &str, text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean = clean.trim_matches(' ');
    let column = name.len() + ": ".len();
    let needs_encoding = !clean.is_ascii()
        || clean.contains("=?")
        || clean.split(' ').any(|word| word.len() > WORD_OCTETS_MAX);
    if needs_encoding {
        let words = encoded_word::encode(clean, FOLDED_LINE_OCTETS.saturating_sub(column));
        return join_folded(column, words.iter().map(String::as_str));
    }
    fold_at_spaces(column, clean)
}

/// Joins words with single spaces and folds before those that would pass the end of the line.
/// `column` is where the first one begins.
pub(crate) fn join_folded<'a>(column: usize, words: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    let mut column = column;
    for word in words {
        if out.is_empty() {
            column += word.len();
        } else if column + 1 + word.len() > FOLDED_LINE_OCTETS {
            out.push_str("\r\n ");
            column = 1 + word.len();
        } else {
            out.push(' ');
            column += 1 + word.len();
        }
        out.push_str(word);
    }
    out
}

/// Folds before runs of spaces and keeps each run as it is.
fn fold_at_spaces(column: usize, text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    let mut column = column;
    let mut rest = text;
    while !rest.is_empty() {
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        let word_end = rest[spaces..].find(' ').map_or(rest.len(), |at| spaces + at);
        if spaces > 0 && column + word_end > FOLDED_LINE_OCTETS {
            out.push_str("\r\n");
            column = 0;
        }
        out.push_str(&rest[..word_end]);
        column += word_end;
        rest = &rest[word_end..];
    }
    out
}

/// The longest beginning of `text` that has at most `octets_max` octets and whole characters.
pub(crate) fn cut_at(text: &str, octets_max: usize) -> &str {
    &text[..text.floor_char_boundary(octets_max)]
}

#[cfg(test)]
mod tests;
