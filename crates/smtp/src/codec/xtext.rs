//! xtext (RFC 3461 §4): printable ASCII with `+`, `=` and everything else written `+HH`.

use std::fmt::Write as _;

/// Decodes; `None` for what is not xtext (lower-case hex digits, say) or decoded not UTF-8.
pub fn decode(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => {
                let (high, low) = (upper_hex(*rest.first()?)?, upper_hex(*rest.get(1)?)?);
                octets.push(high << 4 | low);
                rest = &rest[2..];
            }
            b'=' => return None,
            b'!'..=b'~' => octets.push(*first),
            _ => return None,
        }
    }
    String::from_utf8(octets).ok()
}

/// Encodes any text.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for octet in text.bytes() {
        if octet.is_ascii_graphic() && !b"+=".contains(&octet) {
            encoded.push(char::from(octet));
        } else {
            write!(encoded, "+{octet:02X}").expect("writing to a String cannot fail");
        }
    }
    encoded
}

fn upper_hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_rfc_3461_writes() {
        assert_eq!(decode("Bob@Example.COM").as_deref(), Some("Bob@Example.COM"));
        assert_eq!(decode("a+2Bb+3D").as_deref(), Some("a+b="));
    }

    #[test]
    fn refuses_what_is_not_xtext() {
        for text in ["a=b", "+2b", "+2", "+", "a b", "é", "+FF"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn encoded_text_decodes_to_itself(text in ".*") {
            prop_assert_eq!(decode(&encode(&text)), Some(text));
        }

        #[test]
        fn never_panics(text in ".*") {
            let _ = decode(&text);
        }
    }
}
