//! Takes the transfer encoding off a body that comes piece by piece (RFC 2045 §6). What comes out
//! together is what [`Part::decoded`](super::Part::decoded) gives of the whole body.

use crate::encoded_word::decode_b;
use crate::quoted_printable;

/// Octets of a quoted-printable line that are waited for; a longer one is cut between octets.
const LINE_OCTETS_MAX: usize = 64 * 1024;

/// Decodes piece by piece.
#[derive(Debug)]
pub struct Decoder {
    encoding: Encoding,
    /// What cannot be decoded before more is there.
    waiting: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// The octets are what they are.
    None,
    Base64,
    /// Base64 behind its padding.
    Ended,
    QuotedPrintable,
}

impl Decoder {
    /// For a Content-Transfer-Encoding; unknown ones leave the octets as they are.
    pub fn new(encoding: &str) -> Decoder {
        let encoding = if encoding.eq_ignore_ascii_case("base64") {
            Encoding::Base64
        } else if encoding.eq_ignore_ascii_case("quoted-printable") {
            Encoding::QuotedPrintable
        } else {
            Encoding::None
        };
        Decoder { encoding, waiting: Vec::new() }
    }

    /// What a further piece gives.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        match self.encoding {
            Encoding::None => piece.to_vec(),
            Encoding::Ended => Vec::new(),
            Encoding::Base64 => self.push_base64(piece),
            Encoding::QuotedPrintable => self.push_lines(piece),
        }
    }

    /// What is left at the end.
    pub fn finish(self) -> Vec<u8> {
        match self.encoding {
            Encoding::None | Encoding::Ended => Vec::new(),
            Encoding::Base64 => decode_b(&self.waiting),
            Encoding::QuotedPrintable => quoted_printable::decode(&self.waiting),
        }
    }

    fn push_base64(&mut self, piece: &[u8]) -> Vec<u8> {
        let is_sign = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
        let end = memchr::memchr(b'=', piece);
        let signs = piece[..end.unwrap_or(piece.len())].iter().copied().filter(is_sign);
        self.waiting.extend(signs);
        if end.is_some() {
            self.encoding = Encoding::Ended;
            return decode_b(&std::mem::take(&mut self.waiting));
        }
        let rest = self.waiting.split_off(self.waiting.len() / 4 * 4);
        decode_b(&std::mem::replace(&mut self.waiting, rest))
    }

    fn push_lines(&mut self, piece: &[u8]) -> Vec<u8> {
        self.waiting.extend_from_slice(piece);
        let whole = memchr::memrchr(b'\n', &self.waiting).map(|lf| lf + 1);
        let is_long = self.waiting.len() > LINE_OCTETS_MAX;
        let Some(end) = whole.or_else(|| is_long.then(|| between_octets(&self.waiting))) else {
            return Vec::new();
        };
        let rest = self.waiting.split_off(end);
        quoted_printable::decode(&std::mem::replace(&mut self.waiting, rest))
    }
}

/// Where a line without end can be cut: behind a sign that is neither white space nor part of an
/// encoded octet.
fn between_octets(line: &[u8]) -> usize {
    let is_plain = |octet: &u8| octet.is_ascii_graphic() && *octet != b'=';
    let cut = (3..=line.len()).rev().find(|at| line[at - 3..*at].iter().all(is_plain));
    cut.unwrap_or(line.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::mime::Part;

    fn in_pieces(encoding: &str, body: &[u8], piece: usize) -> Vec<u8> {
        let mut decoder = Decoder::new(encoding);
        let mut out: Vec<u8> =
            body.chunks(piece.max(1)).flat_map(|piece| decoder.push(piece)).collect();
        out.extend(decoder.finish());
        out
    }

    fn whole(encoding: &str, body: &[u8]) -> Vec<u8> {
        let header = format!("Content-Transfer-Encoding: {encoding}\r\n\r\n");
        let message = [header.as_bytes(), body].concat();
        Part::read(&message).decoded(&message, message.len())
    }

    #[test]
    fn long_lines_are_cut_between_octets() {
        let body = "=C3=A9x".repeat(40_000);
        assert_eq!(
            in_pieces("quoted-printable", body.as_bytes(), 999),
            "éx".repeat(40_000).as_bytes()
        );
    }

    proptest! {
        #[test]
        fn pieces_give_what_the_whole_gives(
            body in "[A-Za-z0-9+/=\r\n \t.é-]{0,200}",
            piece in 1usize..30,
            encoding in prop_oneof![
                Just("base64"), Just("BASE64"), Just("quoted-printable"), Just("8bit"), Just("x"),
            ],
        ) {
            prop_assert_eq!(in_pieces(encoding, body.as_bytes(), piece), whole(encoding, body.as_bytes()));
        }
    }
}
