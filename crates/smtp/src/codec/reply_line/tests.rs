//! Reply lines as servers write them.

use proptest::prelude::*;

use super::*;

fn line(code: u16, is_last: bool, text: &[u8]) -> Option<ReplyLine<'_>> {
    Some(ReplyLine { code, is_last, text })
}

#[test]
fn reads_lines_with_any_line_end() {
    assert_eq!(parse(b"250 OK\r\n"), line(250, true, b"OK"));
    assert_eq!(parse(b"250-SIZE 5\n"), line(250, false, b"SIZE 5"));
    assert_eq!(parse(b"354\r\n"), line(354, true, b""));
    assert_eq!(parse(b"599 "), line(599, true, b""));
}

#[test]
fn refuses_what_is_no_reply() {
    for text in ["", "25", "25x OK", "199 no", "600 no", "250_OK", "HTTP/1.1 400"] {
        assert_eq!(parse(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn enhanced_codes_are_split_off_only_if_of_the_same_class() {
    let code = EnhancedCode::new(5, 1, 1);
    assert_eq!(split_enhanced(550, "5.1.1 unknown"), (Some(code), "unknown"));
    assert_eq!(split_enhanced(550, "5.1.1"), (Some(code), ""));
    assert_eq!(split_enhanced(450, "5.1.1 unknown"), (None, "5.1.1 unknown"));
    assert_eq!(split_enhanced(550, "5.1 unknown"), (None, "5.1 unknown"));
}

proptest! {
    #[test]
    fn never_panics(octets in proptest::collection::vec(any::<u8>(), 0..40)) {
        let _ = parse(&octets);
    }

    #[test]
    fn enhanced_codes_read_what_they_write(class in prop::sample::select(vec![2_u8, 4, 5]),
        subject in 0_u16..1000, detail in 0_u16..1000) {
        let code = EnhancedCode::new(class, subject, detail);
        prop_assert_eq!(EnhancedCode::parse(&code.to_string()), Some(code));
    }

    #[test]
    fn enhanced_parse_never_panics(text in ".*") {
        let _ = EnhancedCode::parse(&text);
    }
}
