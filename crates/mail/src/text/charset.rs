//! Charsets of stored mail, as text for finding and showing. What a charset does not define becomes
//! U+FFFD; an unknown charset is read as UTF-8 where it is that, as Western text where it is not.

use mail_parser::decoders::charsets::map::charset_decoder;

/// The text that octets are in a charset; US-ASCII where none is named.
pub(super) fn decode(charset: Option<&str>, octets: &[u8]) -> String {
    let name = charset.unwrap_or("us-ascii").split('*').next().unwrap_or_default().trim();
    // Mail that says US-ASCII, or nothing, and is UTF-8 all the same is common.
    if let Ok(text) = std::str::from_utf8(octets)
        && (octets.is_ascii() && !hides_ascii(name) || !is_multi_byte(name))
    {
        return text.to_owned();
    }
    let known = (!name.is_empty()).then(|| charset_decoder(name.as_bytes())).flatten();
    match known {
        Some(decoder) => decoder(octets),
        None if name.eq_ignore_ascii_case("utf-8") => String::from_utf8_lossy(octets).into_owned(),
        None => octets.iter().map(|octet| char::from(*octet)).collect(),
    }
}

/// Charsets that write ASCII characters otherwise, or other characters with ASCII octets.
fn hides_ascii(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["utf-7", "utf7", "utf-16", "utf-32", "iso-2022", "hz-"].iter().any(|of| name.starts_with(of))
}

/// Charsets of which valid text can look like UTF-8 by chance.
fn is_multi_byte(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let known = ["gb", "big5", "shift", "sjis", "euc", "ks_c", "cp9", "windows-31j"];
    hides_ascii(&name) || known.iter().any(|of| name.starts_with(of))
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn charsets_become_text() {
        assert_eq!(decode(Some("iso-8859-1"), b"caf\xe9"), "café");
        assert_eq!(decode(Some("ISO-8859-15"), b"\xa4"), "€");
        assert_eq!(decode(Some("utf-8"), "é".as_bytes()), "é");
        assert_eq!(decode(None, "é".as_bytes()), "é");
        assert_eq!(decode(Some("iso-2022-jp"), b"\x1b$B2q5D\x1b(B"), "会議");
        assert_eq!(decode(Some("gb2312"), b"\xbb\xe1\xd2\xe9"), "会议");
        assert_eq!(decode(Some("koi8-r"), b"\xf4\xc5\xd3\xd4"), "Тест");
        assert_eq!(decode(Some("x-nobody-knows"), b"a\xe9"), "aé");
        assert_eq!(decode(Some(""), b"a\xe9"), "aé");
    }
}
