//! Lenient reading of header fields, for showing mail that is stored already.
//!
//! Unlike [`Message`](crate::Message), nothing is refused here: mail may have been appended by a
//! mail program, and the parts inside a message were never judged. Lines end with CRLF or LF, a
//! line that begins with white space continues the field before it, and a line without a colon is
//! passed over. No decision about who wrote a message may rest on this reading.

use memchr::{memchr, memchr_iter};

use crate::field_text;

/// One header field as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawField<'a> {
    /// What stands before the colon, without white space at its end.
    pub name: &'a [u8],
    /// What stands behind the colon, folded, with the last line end.
    pub value: &'a [u8],
    /// The whole field with its last line end.
    pub whole: &'a [u8],
}

impl RawField<'_> {
    /// Whether the field has this name, without regard to case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// The value on one line, encoded words left as they are; octets that are not UTF-8 become
    /// U+FFFD, control characters spaces.
    pub fn unfolded(&self) -> String {
        let text = String::from_utf8_lossy(self.value);
        let unfolded = field_text::unfold(&text);
        if unfolded.chars().any(char::is_control) {
            return unfolded.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        }
        unfolded.into_owned()
    }
}

/// Where the header section at the beginning of `octets` ends, and where what follows begins. The
/// empty line lies between; without one everything is header section.
pub fn split_header(octets: &[u8]) -> (usize, usize) {
    let mut line_start = 0;
    for lf in memchr_iter(b'\n', octets) {
        let line = &octets[line_start..lf];
        if line.is_empty() || line == b"\r" {
            return (line_start, lf + 1);
        }
        line_start = lf + 1;
    }
    if &octets[line_start..] == b"\r" {
        return (line_start, octets.len());
    }
    (octets.len(), octets.len())
}

/// The fields of a header section, in order.
pub fn raw_fields(header_section: &[u8]) -> impl Iterator<Item = RawField<'_>> {
    let mut rest = header_section;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let end = field_end(rest);
            let (whole, behind) = rest.split_at(end);
            rest = behind;
            let Some(colon) = memchr(b':', whole) else { continue };
            let name = whole[..colon].trim_ascii_end();
            if name.is_empty() || name.contains(&b'\n') {
                continue;
            }
            return Some(RawField { name, value: &whole[colon + 1..], whole });
        }
    })
}

/// The first field of this name.
pub fn raw_field<'a>(header_section: &'a [u8], name: &str) -> Option<RawField<'a>> {
    raw_fields(header_section).find(|field| field.is(name))
}

/// Behind the last line of the field at the beginning of `octets`.
fn field_end(octets: &[u8]) -> usize {
    for lf in memchr_iter(b'\n', octets) {
        if !matches!(octets.get(lf + 1), Some(b' ' | b'\t')) {
            return lf + 1;
        }
    }
    octets.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_header_ends_at_the_first_empty_line() {
        assert_eq!(split_header(b"A: b\r\n\r\nbody"), (6, 8));
        assert_eq!(split_header(b"A: b\n\nbody"), (5, 6));
        assert_eq!(split_header(b"\r\nbody"), (0, 2));
        assert_eq!(split_header(b"A: b\r\n"), (6, 6));
        assert_eq!(split_header(b"A: b\r\n\r"), (6, 7));
        assert_eq!(split_header(b""), (0, 0));
    }

    #[test]
    fn folded_fields_stay_together_and_garbage_is_passed_over() {
        let header = b"Subject: a\r\n b\r\nno colon\r\nX : y\n: z\nLast:";
        let found: Vec<(&[u8], String)> =
            raw_fields(header).map(|field| (field.name, field.unfolded())).collect();
        let expected: [(&[u8], String); 3] =
            [(b"Subject", "a b".into()), (b"X", "y".into()), (b"Last", String::new())];
        assert_eq!(found, expected);
        assert_eq!(raw_field(header, "SUBJECT").unwrap().whole, b"Subject: a\r\n b\r\n");
        assert_eq!(raw_field(header, "absent"), None);
    }

    proptest! {
        #[test]
        fn any_octets_are_read_to_their_end(octets in "[a:\\r\\n \\t\u{e9}]{0,60}") {
            let (end, body) = split_header(octets.as_bytes());
            prop_assert!(end <= body && body <= octets.len());
            let fields: usize =
                raw_fields(octets.as_bytes()).map(|field| field.whole.len()).sum();
            prop_assert!(fields <= octets.len());
        }
    }
}
