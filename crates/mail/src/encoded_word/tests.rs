use proptest::prelude::*;

use super::*;

fn decode(text: &str) -> String {
    decode_all(text, UnknownCharset::Keep).into_owned()
}

#[test]
fn words_of_known_charsets_are_decoded() {
    for (text, expected) in [
        ("=?utf-8?q?caf=C3=A9?=", "café"),
        ("=?UTF-8?B?Y2Fmw6k=?=", "café"),
        ("=?utf-8?b?Y2Fmw6k?=", "café"),
        ("=?iso-8859-1?q?caf=e9?=", "café"),
        ("=?iso-8859-15?q?=A4?=", "€"),
        ("=?windows-1252?q?=80_=99?=", "€ ™"),
        ("=?us-ascii*en?q?a_b?=", "a b"),
        ("a =?utf-8?q?b?= c", "a b c"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=   =?iso-8859-1?q?b?=", "ab"),
        ("=?utf-8?q?a?= - =?utf-8?q?b?=", "a - b"),
        ("=?utf-8?b?w6nD?= =?utf-8?b?qQ==?=", "éé"),
        ("=?utf-8?q?=FF?=", "\u{fffd}"),
        ("=?utf-8?q?a b?=", "a b"),
        ("=?utf-8?q??=", ""),
        ("x=?utf-8?q?y?=z", "xyz"),
    ] {
        assert_eq!(decode(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_word_stays() {
    for text in [
        "=?koi8-r?q?=C1?=",
        "=?utf-8?x?a?=",
        "=?utf-8?q?a",
        "=?utf-8?q?a?",
        "=?utf-8?b?!!!?=",
        "=??q?a?=",
        "=?utf-8",
        "=?=?=?",
        "a = ? b",
    ] {
        assert_eq!(decode(text), text);
    }
    assert_eq!(decode("=?x?q?a?= =?utf-8?q?b?="), "=?x?q?a?= b");
    assert_eq!(decode_all("=?koi8-r?q?a=40b?=", UnknownCharset::ReadAsWestern), "a@b");
    assert_eq!(decode("=?utf-8?q?a=4?="), "a=4");
}

#[test]
fn the_shorter_encoding_is_written() {
    assert_eq!(encode("cafés", 75), ["=?utf-8?b?Y2Fmw6lz?="]);
    assert_eq!(encode("le café", 75), ["=?utf-8?q?le_caf=C3=A9?="]);
    assert_eq!(encode("日本語", 75), ["=?utf-8?b?5pel5pys6Kqe?="]);
    assert_eq!(encode("a long text?=_", 75), ["=?utf-8?q?a_long_text=3F=3D=5F?="]);
}

#[test]
fn hidden_ascii_is_recognised() {
    let hides = |text| EncodedWord::whole(text).unwrap().hides_ascii();
    assert!(hides("=?UTF-7?q?a?=") && hides("=?utf-16le?b?YQA=?="));
    assert!(!hides("=?utf-8?q?a?=") && !hides("=?shift_jis?q?a?="));
}

proptest! {
    #[test]
    fn encoded_text_comes_back(text in "\\PC{1,200}", first in 0..100usize) {
        let words = encode(&text, first);
        prop_assert!(words.iter().all(|word| word.len() <= ENCODED_WORD_OCTETS_MAX));
        prop_assert!(words[0].len() <= first.max(FRAME_OCTETS + 12));
        prop_assert_eq!(decode(&words.join(" ")), text);
    }

    #[test]
    fn no_text_makes_the_decoder_panic(
        text in "(=\\?|\\?=|utf-8|\\?q\\?|\\?b\\?|=40|é|[ -~]){0,40}",
    ) {
        let decoded = decode(&text);
        prop_assert!(text.contains("=?") || decoded == text);
    }
}

/// Shapes in which a careless decoder looks for the end of each word again and again.
#[test]
fn decoding_is_linear() {
    for piece in ["=?utf-8?q?", "=?utf-8?b?", "=?", "=?a?q?b", "=?utf-8?q?a?= ", "?="] {
        let long = piece.repeat(400_000 / piece.len());
        assert!(decode(&long).len() <= long.len());
    }
}
