use proptest::prelude::*;

use super::*;

#[test]
fn folding_is_taken_out() {
    assert_eq!(unfold(" a\r\n b\r\n\tc "), "a b\tc");
    assert_eq!(unfold("\r\n a"), "a");
    assert!(matches!(unfold(" plain"), Cow::Borrowed("plain")));
    assert_eq!(unfold(""), "");
}

#[test]
fn decoded_text_is_one_clean_line() {
    assert_eq!(decode_text(" =?utf-8?q?caf=C3=A9=0D=0ABcc:_x?="), "café  Bcc: x");
    assert_eq!(decode_text(" a\r\n\tb"), "a b");
    assert_eq!(decode_text(" =?utf-8?q?a?=\r\n =?utf-8?q?b?="), "ab");
}

#[test]
fn decoded_text_is_cut_at_its_limit() {
    let text = |octets: usize| decode_text(&"x".repeat(octets)).len();
    assert_eq!(text(DECODED_OCTETS_MAX), DECODED_OCTETS_MAX);
    assert_eq!(text(DECODED_OCTETS_MAX + 1), DECODED_OCTETS_MAX);
    assert_eq!(decode_text(&"é".repeat(DECODED_OCTETS_MAX)).len(), DECODED_OCTETS_MAX);
    assert_eq!(cut_at("aé", 2), "a");
}

#[test]
fn text_is_folded_at_spaces() {
    let text = "word ".repeat(30);
    let folded = fold("Subject", &text);
    let lines: Vec<&str> = folded.split("\r\n").collect();
    assert_eq!(lines.len(), 3);
    assert_eq!("Subject: ".len() + lines[0].len(), FOLDED_LINE_OCTETS);
    assert_eq!(unfold(&folded), text.trim());
    assert_eq!(fold("Subject", "a\r\nBcc: b"), "a  Bcc: b");
    assert_eq!(fold("Subject", ""), "");
    assert_eq!(fold("Subject", "été"), "=?utf-8?b?w6l0w6k=?=");
    assert!(fold("Subject", &"x".repeat(WORD_OCTETS_MAX + 1)).starts_with("=?utf-8?q?xx"));
    assert_eq!(fold("Subject", &"x".repeat(WORD_OCTETS_MAX)).len(), WORD_OCTETS_MAX);
}

proptest! {
    #[test]
    fn folded_text_comes_back(text in prop_oneof!["[ -~]{0,300}", "\\PC{0,120}", any::<String>()]) {
        let folded = fold("Subject", &text);
        let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        prop_assert_eq!(decode_text(&folded), clean.trim_matches(' '));
        prop_assert!(folded.is_ascii());
        for line in folded.split("\r\n").skip(1) {
            prop_assert!(line.starts_with(' ') && !line.trim().is_empty());
        }
    }
}
