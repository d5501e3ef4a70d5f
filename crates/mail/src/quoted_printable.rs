//! The quoted-printable content transfer encoding (RFC 2045 §6.7) for text.
//!
//! Encoding is strict; decoding takes whatever senders write, and never fails.

/// Longest encoded line, in octets without its CRLF (RFC 2045 §6.7 rule 5).
const LINE_OCTETS_MAX: usize = 76;

/// Encodes text of which line ends are CRLF; they stay line ends. All else that is not printable
/// ASCII is encoded, and so is white space before a line end.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for (number, line) in text.split("\r\n").enumerate() {
        if number > 0 {
            out.push_str("\r\n");
        }
        encode_line(line, &mut out);
    }
    out
}

fn encode_line(line: &str, out: &mut String) {
    let mut column = 0;
    for (at, octet) in line.bytes().enumerate() {
        let is_last = at + 1 == line.len();
        let is_literal = match octet {
            b' ' | b'\t' => !is_last,
            // RFC 2045 §6.7 rule 2 asks for nothing here, but gateways stumble over a lone dot.
            b'.' => column > 0,
            b'=' => false,
            _ => octet.is_ascii_graphic(),
        };
        let octets = if is_literal { 1 } else { 3 };
        // One octet is kept for the = of a soft line break.
        if column + octets > LINE_OCTETS_MAX - 1 {
            out.push_str("=\r\n");
            column = 0;
        }
        if is_literal {
            out.push(char::from(octet));
        } else {
            out.push_str(&format!("={octet:02X}"));
        }
        column += octets;
    }
}

/// Decodes. An `=` that begins neither an octet nor a soft line break stands for itself.
pub(crate) fn decode(encoded: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(encoded.len());
    for line in encoded.split_inclusive(|octet| *octet == b'\n') {
        decode_line(line, &mut out);
    }
    out
}

fn decode_line(line: &[u8], out: &mut Vec<u8>) {
    let line_end = match line {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n'] => 1,
        _ => 0,
    };
    let (text, line_end) = line.split_at(line.len() - line_end);
    // RFC 2045 §6.7 rule 3: white space at the end of a line was added on the way.
    let text = text.trim_ascii_end();
    let (text, is_soft) = match text {
        [front @ .., b'='] => (front, true),
        _ => (text, false),
    };
    let mut at = 0;
    while at < text.len() {
        let escaped = (text[at] == b'=')
            .then(|| Some(hex(*text.get(at + 1)?)? << 4 | hex(*text.get(at + 2)?)?))
            .flatten();
        out.push(escaped.unwrap_or(text[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    if !is_soft {
        out.extend_from_slice(line_end);
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_undoes_encoding_and_forgives() {
        for text in ["a=b é\r\n.dot\r\nend \r\n", &"é".repeat(99), ""] {
            assert_eq!(decode(encode(text).as_bytes()), text.as_bytes());
        }
        assert_eq!(decode(b"a=\nb=  \r\nc=e9=zz=4"), b"abc\xe9=zz=4");
        assert_eq!(decode(b"blank \r\n="), b"blank\r\n");
    }

    #[test]
    fn text_is_encoded_as_rfc_2045_says() {
        assert_eq!(encode("a=b é\r\n.dot\r\nend \r\n"), "a=3Db =C3=A9\r\n=2Edot\r\nend=20\r\n");
        assert_eq!(encode("\u{0}\n"), "=00=0A");
        assert_eq!(encode(""), "");
    }

    #[test]
    fn lines_have_at_most_76_octets() {
        let encoded = encode(&"a".repeat(76));
        assert_eq!(encoded, format!("{}=\r\na", "a".repeat(75)));
        assert_eq!(encode(&"a".repeat(75)), "a".repeat(75));
        assert!(encode(&"é".repeat(99)).split("\r\n").all(|line| line.len() <= 76));
    }
}
