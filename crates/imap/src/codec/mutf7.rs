//! Modified UTF-7, which old sessions write mailbox names in (RFC 3501 §5.1.3).
//!
//! Each text has exactly one encoded form, and only that is decoded: two forms of one name would be
//! two names to whoever compares octets.

use base64::Engine as _;
use base64::alphabet::Alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// BASE64 with `,` in place of `/`.
const ALPHABET: Alphabet =
    match Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,") {
        Ok(alphabet) => alphabet,
        Err(_) => panic!("64 different printable characters are an alphabet"),
    };

/// No padding, and no bits behind the last octet.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Why octets are not modified UTF-7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mutf7Error {
    /// A control character or an octet above 126.
    #[error("it has octets outside printable ASCII; write them in the form &AOk-")]
    NotPrintable,
    /// An `&` without its `-`.
    #[error("an & has no - behind it; a lone & is written &-")]
    NotClosed,
    /// What stands between `&` and `-` is not BASE64 of UTF-16.
    #[error("what stands between & and - is not UTF-16 in modified BASE64")]
    NotUtf16,
    /// Printable ASCII was encoded, or two encoded runs stand side by side.
    #[error("it is encoded in a roundabout way; encode only what must be, and in one run")]
    Roundabout,
}

/// Writes a text.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    let mut run: Vec<u8> = Vec::new();
    for character in text.chars() {
        if is_plain(character) {
            close(&mut encoded, &mut run);
            encoded.push(character);
            if character == '&' {
                encoded.push('-');
            }
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                run.extend_from_slice(&unit.to_be_bytes());
            }
        }
    }
    close(&mut encoded, &mut run);
    encoded
}

fn close(encoded: &mut String, run: &mut Vec<u8>) {
    if !run.is_empty() {
        encoded.push('&');
        BASE64.encode_string(&mut *run, encoded);
        encoded.push('-');
        run.clear();
    }
}

/// Reads a text.
pub fn decode(octets: &[u8]) -> Result<String, Mutf7Error> {
    if !octets.iter().all(|octet| is_plain(char::from(*octet))) {
        return Err(Mutf7Error::NotPrintable);
    }
    let mut text = String::with_capacity(octets.len());
    let mut rest = octets;
    let mut follows_run = false;
    while let Some((first, after)) = rest.split_first() {
        if *first != b'&' {
            text.push(char::from(*first));
            rest = after;
            follows_run = false;
            continue;
        }
        let ends_at = after.iter().position(|b| *b == b'-').ok_or(Mutf7Error::NotClosed)?;
        let run = &after[..ends_at];
        rest = &after[ends_at + 1..];
        if run.is_empty() {
            text.push('&');
            follows_run = false;
        } else if follows_run {
            return Err(Mutf7Error::Roundabout);
        } else {
            decode_run(run, &mut text)?;
            follows_run = true;
        }
    }
    Ok(text)
}

fn decode_run(run: &[u8], text: &mut String) -> Result<(), Mutf7Error> {
    let octets = BASE64.decode(run).map_err(|_| Mutf7Error::NotUtf16)?;
    if octets.len() % 2 != 0 {
        return Err(Mutf7Error::NotUtf16);
    }
    let units = octets.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    for character in char::decode_utf16(units) {
        let character = character.map_err(|_| Mutf7Error::NotUtf16)?;
        if is_plain(character) {
            return Err(Mutf7Error::Roundabout);
        }
        text.push(character);
    }
    Ok(())
}

/// Whether a character stands for itself; `&` does with a `-` behind it.
fn is_plain(character: char) -> bool {
    matches!(character, ' '..='~')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_writes_the_examples_of_rfc_3501() {
        for (encoded, text) in [
            ("~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"),
            ("&Jjo-!", "☺!"),
            ("&U,BTF2XlZyyKng-", "台北日本語"),
            ("Entw&APw-rfe", "Entwürfe"),
            ("Envoy&AOk-s", "Envoyés"),
            ("A&-B", "A&B"),
            ("&-&-", "&&"),
            ("&AOk-&-", "é&"),
            ("&2D3cqQ-", "💩"),
            ("", ""),
        ] {
            assert_eq!(decode(encoded.as_bytes()).as_deref(), Ok(text), "{encoded}");
            assert_eq!(encode(text), encoded);
        }
    }

    #[test]
    fn refuses_what_has_another_form_or_none() {
        for (encoded, fault) in [
            // The two that RFC 3501 names as wrong.
            ("&Jjo!", Mutf7Error::NotClosed),
            ("&U,BTFw-&ZeVnLIqe-", Mutf7Error::Roundabout),
            ("&", Mutf7Error::NotClosed),
            ("a&AOk", Mutf7Error::NotClosed),
            ("&AGE-", Mutf7Error::Roundabout),
            ("&ACY-", Mutf7Error::Roundabout),
            ("&A-", Mutf7Error::NotUtf16),
            ("&AO-", Mutf7Error::NotUtf16),
            ("&AOl-", Mutf7Error::NotUtf16),
            ("&AOk=-", Mutf7Error::NotUtf16),
            ("&AO/-", Mutf7Error::NotUtf16),
            ("&2D0-", Mutf7Error::NotUtf16),
            ("&3Kk-", Mutf7Error::NotUtf16),
            ("&A O-", Mutf7Error::NotUtf16),
            ("é", Mutf7Error::NotPrintable),
            ("a\tb", Mutf7Error::NotPrintable),
            ("a\x7f", Mutf7Error::NotPrintable),
        ] {
            assert_eq!(decode(encoded.as_bytes()), Err(fault), "{encoded}");
        }
        assert_eq!(decode(&[0xff]), Err(Mutf7Error::NotPrintable));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in any::<String>()) {
            let encoded = encode(&text);
            prop_assert!(encoded.bytes().all(|b| (b' '..=b'~').contains(&b)));
            prop_assert_eq!(decode(encoded.as_bytes()), Ok(text));
        }

        #[test]
        fn what_is_read_has_one_form(encoded in "[&AOkU,BTFw2D3cqQ+ -]{0,16}") {
            if let Ok(text) = decode(encoded.as_bytes()) {
                prop_assert_eq!(encode(&text), encoded);
            }
        }
    }
}
