//! What holds for every command: no panic, and nothing depends on how it came.

use proptest::prelude::*;

use super::*;

/// Pieces of the grammar.
const WORDS: &[&[u8]] = &[
    b" ",
    b" ",
    b" ",
    b"(",
    b")",
    b"[",
    b"]",
    b"<0.5>",
    b"\"",
    b"\\",
    b"NIL",
    b"$",
    b"*",
    b"1",
    b"2:*",
    b"1,5:9",
    b"UID ",
    b"FETCH ",
    b"STORE ",
    b"SEARCH ",
    b"SORT ",
    b"THREAD ",
    b"LIST ",
    b"STATUS ",
    b"APPEND ",
    b"SELECT ",
    b"CREATE ",
    b"COPY ",
    b"LOGIN ",
    b"ID ",
    b"SETACL ",
    b"GETMETADATA ",
    b"SETMETADATA ",
    b"SETQUOTA ",
    b"AUTHENTICATE ",
    b"ENABLE ",
    b"BODY",
    b"BODY.PEEK[",
    b"BINARY[",
    b"HEADER.FIELDS",
    b"TEXT",
    b"1.2.",
    b"FLAGS",
    b"+FLAGS.SILENT",
    b"\\Seen",
    b"$Label",
    b"RETURN ",
    b"CHARSET ",
    b"UTF-8",
    b"NOT ",
    b"OR ",
    b"FROM ",
    b"SINCE ",
    b"1-Feb-1994",
    b"\"17-Jul-1996 02:44:25 -0700\"",
    b"{0+}\r\n",
    b"{2+}\r\nab",
    b"~{2+}\r\n\0b",
    b"(CONDSTORE)",
    b"(QRESYNC (1 2 3:4 (1 2)))",
    b"INBOX",
    b"&AOk-",
    b"&",
    b"\"\"",
    b"/shared/a",
    b"USE ",
    b"\\Sent",
    b"MESSAGES",
    b"DATE",
    b"REVERSE ",
    b"\xc3\xa9",
    b"\xff",
    b"MODSEQ ",
    b"PREVIEW",
    b" (LAZY)",
    b"CHANGEDSINCE 5",
    b"VANISHED",
    b"UTF8 (",
];

/// Pieces in any order.
fn jumble() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(proptest::sample::select(WORDS), 0..14).prop_map(|w| w.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn never_panics_on_jumbled_grammar(words in jumble(), utf8: bool) {
        let encoding = if utf8 { NameEncoding::Utf8 } else { NameEncoding::ModifiedUtf7 };
        let line = [b"t1 ".as_slice(), &words].concat();
        // A word may announce a literal that is not there; then there is no command.
        if let Some(frame) = whole_frame(&line) {
            let read = Command::parse(&frame, encoding);
            let tag = match &read {
                Ok(command) => Some(&command.tag),
                Err(error) => error.tag.as_ref(),
            };
            prop_assert!(tag.is_some(), "the tag is always readable here");
            if let Err(error) = read {
                let text = error.to_string();
                prop_assert!(!text.is_empty() && text.len() < 200);
                prop_assert!(text.bytes().all(|b| (b' '..=b'~').contains(&b)), "{}", text);
            }
        }
    }

    #[test]
    fn never_panics_on_octets(octets in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Some(frame) = whole_frame(&octets) {
            let _ = Command::parse(&frame, NameEncoding::Utf8);
        }
    }

    #[test]
    fn pieces_give_the_same_command(words in jumble(), size in 1_usize..9) {
        let line = [b"t1 ".as_slice(), &words, b"\r\n"].concat();
        let mut whole = Reader::new(ReadLimits::AFTER_LOGIN);
        let mut pieces = Reader::new(ReadLimits::AFTER_LOGIN);
        let expected = next(&mut whole, &[&line]);
        let chunks: Vec<&[u8]> = line.chunks(size).collect();
        let read = next(&mut pieces, &chunks);
        let parse = |frame: Option<Frame>| frame.map(|f| Command::parse(&f, NameEncoding::Utf8));
        prop_assert_eq!(parse(read), parse(expected));
    }
}

fn whole_frame(line: &[u8]) -> Option<Frame> {
    let mut reader = Reader::new(ReadLimits::AFTER_LOGIN);
    next(&mut reader, &[line, b"\r\n"])
}

/// The first command in these pieces.
fn next(reader: &mut Reader, pieces: &[&[u8]]) -> Option<Frame> {
    for piece in pieces {
        let mut input = BytesMut::from(*piece);
        loop {
            match reader.feed(&mut input) {
                Step::NeedMore => break,
                Step::Literal(_) => reader.take(),
                Step::Complete(frame) => return Some(frame),
                Step::Refused(_) => return None,
            }
        }
    }
    None
}
