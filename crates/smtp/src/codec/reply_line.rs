//! Lines of a server's reply, as the client reads them (RFC 5321 §4.2).

use crate::reply::EnhancedCode;

/// One line of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyLine<'a> {
    /// The reply code, 200 to 599.
    pub code: u16,
    /// Whether the reply ends with this line.
    pub is_last: bool,
    /// The text behind the code. Octets that are not UTF-8 are the caller's to replace.
    pub text: &'a [u8],
}

/// Reads a line with or without its line end; `None` if it is no reply line.
pub fn parse(line: &[u8]) -> Option<ReplyLine<'_>> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (digits, rest) = line.split_at_checked(3)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    if !(200..=599).contains(&code) {
        return None;
    }
    // RFC 5321 §4.2.1: some servers leave out even the space of the last line.
    match rest {
        [] => Some(ReplyLine { code, is_last: true, text: b"" }),
        [b' ', text @ ..] => Some(ReplyLine { code, is_last: true, text }),
        [b'-', text @ ..] => Some(ReplyLine { code, is_last: false, text }),
        _ => None,
    }
}

/// Splits an enhanced status code (RFC 2034 §3) off the text of a reply with that code.
pub fn split_enhanced(code: u16, text: &str) -> (Option<EnhancedCode>, &str) {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    match EnhancedCode::parse(word) {
        Some(enhanced) if u16::from(enhanced.class) == code / 100 => (Some(enhanced), rest),
        _ => (None, text),
    }
}

#[cfg(test)]
mod tests;
