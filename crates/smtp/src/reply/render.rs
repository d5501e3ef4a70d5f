//! A [`Reply`] to bytes: codes on every line, texts cleaned, long lines wrapped.

use std::borrow::Cow;

use bytes::{BufMut as _, BytesMut};

use super::Reply;

/// Longest reply line with its CR LF, in octets (RFC 5321 §4.5.3.1.5). Longer texts are wrapped.
pub const LINE_OCTETS_MAX: usize = 512;
/// Most lines of one reply after wrapping; the rest is cut off. No sentence of ours comes near.
pub const LINES_MAX: usize = 64;

/// What characters the peer can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextForm {
    /// ASCII only; other characters become `?`.
    Ascii,
    /// UTF-8, because the transaction is an SMTPUTF8 one (RFC 6531 §3.7.4.2).
    Utf8,
}

impl Reply {
    /// Writes the reply as the wire has it.
    pub fn render(&self, form: TextForm, out: &mut BytesMut) {
        let enhanced = self.enhanced.map(|code| format!("{code} ")).unwrap_or_default();
        let room = LINE_OCTETS_MAX - "250 ".len() - enhanced.len() - "\r\n".len();
        let mut put = |text: &str, separator: u8| {
            let digits = [self.code / 100, self.code / 10 % 10, self.code % 10];
            out.extend(digits.map(|digit| b'0' + u8::try_from(digit % 10).unwrap_or(0)));
            out.put_u8(separator);
            out.extend_from_slice(enhanced.as_bytes());
            out.extend_from_slice(text.as_bytes());
            out.extend_from_slice(b"\r\n");
        };
        let mut clean = self.lines.iter().map(|line| cleaned(line, form));
        if let (Some(line), None) = (clean.next(), clean.next())
            && line.len() <= room
        {
            return put(&line, b' ');
        }
        let clean: Vec<_> = self.lines.iter().map(|line| cleaned(line, form)).collect();
        let pieces = clean.iter().flat_map(|line| wrapped(line, room)).take(LINES_MAX);
        let pieces: Vec<&str> = pieces.collect();
        let Some((last, before)) = pieces.split_last() else { return put("", b' ') };
        before.iter().for_each(|piece| put(piece, b'-'));
        put(last, b' ');
    }
}

/// The text without anything that could start another line or hide what was said.
fn cleaned(text: &str, form: TextForm) -> Cow<'_, str> {
    if text.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
        return Cow::Borrowed(text);
    }
    let clean = |c: char| match c {
        c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => ' ',
        c if !c.is_ascii() && form == TextForm::Ascii => '?',
        c => c,
    };
    Cow::Owned(text.chars().map(clean).collect())
}

/// The text in pieces of at most `room` octets, cut at spaces where there are any.
fn wrapped(text: &str, room: usize) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        if text.len() <= room {
            rest = None;
            return Some(text);
        }
        let fits = text.floor_char_boundary(room);
        let cut = text[..fits].rfind(' ').filter(|at| *at > 0).unwrap_or(fits);
        rest = Some(text[cut..].trim_start_matches(' '));
        Some(&text[..cut])
    })
}
