//! Tests of `module`: each cmdlet is in it, and its brackets and quotes close. There is no
//! PowerShell here to load it; what is checked is what a reader of the grammar can check.

use super::*;

/// What of a script remains without comments and strings; panics where one is not closed.
fn bare(script: &str) -> String {
    let mut out = String::new();
    let mut rest = script;
    while let Some(character) = rest.chars().next() {
        let skip = match character {
            '<' if rest.starts_with("<#") => rest.find("#>").expect("the comment ends") + 2,
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '\'' => end_of_string(rest, '\'', None),
            '"' => end_of_string(rest, '"', Some('`')),
            '`' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            other => {
                out.push(other);
                other.len_utf8()
            }
        };
        rest = &rest[skip..];
    }
    out
}

/// Octets of the string that a text begins with.
fn end_of_string(text: &str, quote: char, escape: Option<char>) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if Some(character) == escape {
            characters.next();
        } else if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    panic!("a string is not closed: {}", text.chars().take(60).collect::<String>());
}

#[track_caller]
fn assert_balanced(script: &str) {
    let mut open = Vec::new();
    for (line, text) in bare(script).lines().enumerate() {
        for character in text.chars() {
            match character {
                '(' | '[' | '{' => open.push(character),
                ')' => assert_eq!(open.pop(), Some('('), "line {line}: {text}"),
                ']' => assert_eq!(open.pop(), Some('['), "line {line}: {text}"),
                '}' => assert_eq!(open.pop(), Some('{'), "line {line}: {text}"),
                _ => {}
            }
        }
    }
    assert_eq!(open, Vec::<char>::new(), "everything is closed at the end");
}

#[test]
fn brackets_and_quotes_close() {
    assert_balanced(&powershell());
}

#[test]
#[should_panic(expected = "everything is closed")]
fn an_open_bracket_is_found() {
    assert_balanced("function X { if (1) { 'a }' }");
}

#[test]
fn every_cmdlet_is_a_function_with_all_its_parameters() {
    let module = powershell();
    let bare_text = bare(&module);
    for cmdlet in cmdlet::all() {
        let head = format!("function {} {{", cmdlet.name);
        let at = bare_text.find(&head).unwrap_or_else(|| panic!("{head}"));
        let body = &bare_text[at..];
        let body = &body[..body.find("\n}\n").expect("the function ends")];
        for parameter in cmdlet.parameters {
            let declared = format!(" ${}", parameter.name);
            let is_declared =
                body.lines().any(|line| line.trim_end_matches(',').ends_with(&declared));
            assert!(is_declared, "{} lacks {declared}", cmdlet.name);
        }
        assert!(module.contains(&format!("    '{}'", cmdlet.name)), "{} is exported", cmdlet.name);
        let calls = format!("-Name '{}' -Bound", cmdlet.name);
        assert_eq!(module.matches(&calls).count(), 1, "{calls}");
    }
    let functions = bare_text.matches("\nfunction ").count();
    assert_eq!(functions, cmdlet::all().count() + 6, "the head has six more");
}

#[test]
fn what_changes_can_be_asked_about() {
    let module = powershell();
    for cmdlet in cmdlet::all() {
        let head = format!("function {} {{\n    [CmdletBinding(", cmdlet.name);
        let at = module.find(&head).unwrap_or_else(|| panic!("{head}")) + head.len();
        let asks = module[at..].starts_with("SupportsShouldProcess");
        assert_eq!(asks, !cmdlet.only_reads(), "{}", cmdlet.name);
    }
}

#[test]
fn texts_are_quoted() {
    assert_eq!(quoted("l'aide"), "'l''aide'");
    assert_eq!(in_comment("a #> b"), "a # > b");
}
