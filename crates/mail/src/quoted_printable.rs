//! The quoted-printable content transfer encoding (RFC 2045 §6.7) for text.

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

#[cfg(test)]
mod tests {
    use super::*;

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
