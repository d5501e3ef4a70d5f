//! The lexer on what confuses lexers.

use super::*;

#[test]
fn comments_and_literals_leave_the_code() {
    let text = "let a = \"x // y\"; // todo\nlet b = r#\"{\"#; /* { /* { */ } */ let c = '{';\n";
    let source = Source::lex(text);
    assert!(!source.code.contains(['{', '}', '/']), "{}", source.code);
    assert!(source.code.contains("let c ="));
    assert_eq!(source.code.lines().count(), 2);
    assert_eq!(source.comments[0], Piece { line: 1, text: "todo".into() });
    let strings: Vec<_> = source.strings.iter().map(|piece| piece.text.as_str()).collect();
    assert_eq!(strings, ["x // y", "{"]);
}

#[test]
fn quotes_are_characters_or_lifetimes() {
    let source = Source::lex("fn a<'a>(x: &'a str) { b'\\''; '\"'; 'é'; '\\u{7d}'; \"s\" }");
    assert_eq!(source.functions.len(), 1);
    assert_eq!(source.strings, [Piece { line: 1, text: "s".into() }]);
}

#[test]
fn escapes_and_raw_strings_end_where_they_end() {
    let source = Source::lex(r####"a("\"\\", r"\", br##"" "#"##, r#type, "z")"####);
    let strings: Vec<_> = source.strings.iter().map(|piece| piece.text.as_str()).collect();
    assert_eq!(strings, [r#"\"\\"#, r"\", r##"" "#"##, "z"]);
}

#[test]
fn an_unfinished_file_does_not_panic() {
    for text in
        ["\"abc", "\"abc\\", "r#\"abc", "/* abc", "'", "'\\", "fn a() {", "#[cfg(test)]", "r"]
    {
        Source::lex(text);
    }
}

#[test]
fn functions_are_measured_from_fn_to_closing_brace() {
    let text = "/// Doc.\npub fn a(\n  x: [u8; 3],\n) -> u8\n{\n  b()\n}\nfn c();\ntype F = fn(u8) -> u8;\n";
    let functions = Source::lex(text).functions;
    let expected = Function { name: "a".into(), line: 2, lines: 6, is_expected_long: false };
    assert_eq!(functions, [expected]);
}

#[test]
fn the_expectation_of_clippy_is_seen_on_its_own_function_only() {
    let text = "#[expect(clippy::too_many_lines, reason = \"x\")]\npub fn a() {}\nfn b() {}\n";
    let expected: Vec<_> =
        Source::lex(text).functions.iter().map(|function| function.is_expected_long).collect();
    assert_eq!(expected, [true, false]);
}

#[test]
fn test_regions_cover_the_item() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nfn c() {}\n";
    let source = Source::lex(text);
    let tested: Vec<_> = (1..=6).filter(|line| source.is_test_line(*line)).collect();
    assert_eq!(tested, [2, 3, 4, 5]);
}

#[test]
fn mod_lines_know_whether_they_are_tests() {
    let source = Source::lex("pub mod a;\n#[cfg(test)]\nmod tests;\nmod c { }\n// mod d;\n");
    let mods: Vec<_> = source.mods.iter().map(|line| (line.name.as_str(), line.is_test)).collect();
    assert_eq!(mods, [("a", false), ("tests", true)]);
}
