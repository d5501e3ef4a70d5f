//! Each word where it is allowed and where it is not.

use super::*;

fn found(path: &str, text: &str) -> Vec<(Rule, usize)> {
    let tree = Tree::of(&[(path, text)]);
    let findings = check(&tree, &Modules::walk(&tree));
    findings.iter().map(|finding| (finding.rule, finding.line)).collect()
}

#[test]
fn only_the_binary_reads_the_clock() {
    for word in CLOCK_WORDS {
        let text = format!("//! A.\nfn a() {{ {word}x(); }}\n").replace("::x()", "::x");
        let is_whole = !find_words(&text, word).collect::<Vec<_>>().is_empty();
        let text = if is_whole { text } else { format!("//! A.\nfn a() {{ {word}(); }}\n") };
        assert_eq!(found("crates/app/src/lib.rs", &text), [(Rule::Clock, 2)], "{word}");
        assert!(found("crates/guichet/src/main.rs", &text).is_empty(), "{word}");
        assert!(found("crates/app/tests/it/main.rs", &text).is_empty(), "{word}");
    }
}

#[test]
fn clock_words_in_comments_literals_and_tests_do_not_count() {
    let text = "// SystemTime::now\nconst A: &str = \"rand::x\";\n\
                #[cfg(test)]\nmod tests {\n fn a() { Instant::now(); }\n}\n";
    assert!(found("crates/app/src/lib.rs", text).is_empty());
    assert!(found("crates/app/src/lib.rs", "fn a() { brand::new(); }\n").is_empty());
}

#[test]
fn the_exception_for_time_outs_is_for_sessions_and_its_word_only() {
    let now = "fn a() { Instant::now(); }\n";
    assert!(found("crates/smtp/src/lib.rs", now).is_empty());
    assert!(found("crates/imap/src/lib.rs", now).is_empty());
    assert_eq!(found("crates/mail/src/lib.rs", now), [(Rule::Clock, 1)]);
    let wall = "fn a() { SystemTime::now(); }\n";
    assert_eq!(found("crates/smtp/src/lib.rs", wall), [(Rule::Clock, 1)]);
}

#[test]
fn sql_stands_in_store_only() {
    let pair = |(verb, second): &(&str, &str)| format!("{verb} a {second} b");
    let mut statements: Vec<String> = SQL_WORDS.iter().map(pair).collect();
    statements.extend(SQL_WORDS.iter().map(|words| pair(words).to_uppercase()));
    statements.extend(SQL_WORDS.iter().map(|words| format!("with c as (d) {}", pair(words))));
    statements.extend(SQL_WORDS.iter().map(|words| pair(words).replace(' ', "\\n    ")));
    for statement in statements {
        let text = format!("//! A.\nconst A: &str = \"{statement}\";\n");
        assert_eq!(found("crates/app/src/lib.rs", &text), [(Rule::Sql, 2)], "{statement}");
        assert_eq!(found("crates/app/tests/it/main.rs", &text), [(Rule::Sql, 2)], "{statement}");
        assert!(found("crates/store/src/lib.rs", &text).is_empty(), "{statement}");
    }
}

#[test]
fn prose_is_not_sql() {
    for prose in ["Select a mailbox from the list.", "update the group", "selected from", "with a"]
    {
        let text = format!("const A: &str = \"{prose}\";\n");
        assert!(found("crates/app/src/lib.rs", &text).is_empty(), "{prose}");
    }
}

#[test]
fn unfinished_work_is_reported_in_tests_too() {
    for code in [
        "todo!()",
        "unimplemented!()",
        "dbg!(x)",
        "#[ignore]",
        "#[ignore = \"x\"]",
        "#[allow(dead_code)]",
    ] {
        let text = format!("fn a() {{}}\n{code}\n");
        assert_eq!(found("crates/a/src/lib.rs", &text), [(Rule::Unfinished, 2)], "{code}");
        assert_eq!(found("crates/a/tests/it/main.rs", &text), [(Rule::Unfinished, 2)], "{code}");
    }
    assert!(found("crates/a/src/lib.rs", "// todo!() is a macro\nfn todo() {}\n").is_empty());
}

#[test]
fn marks_need_a_ticket() {
    for mark in MARKS {
        let with = format!("// {mark}(#12): later\n");
        assert!(found("crates/a/src/lib.rs", &with).is_empty());
        for tail in ["", ": later", "(later)", "(#)", "(#12", "(#x1)"] {
            let without = format!("// {mark}{tail}\n");
            assert_eq!(
                found("crates/a/src/lib.rs", &without),
                [(Rule::Unfinished, 1)],
                "{without}"
            );
        }
        assert_eq!(found("a.sql", &format!("-- {mark}\n")), [(Rule::Unfinished, 1)]);
    }
}

#[test]
fn unsafe_code_is_reported() {
    assert_eq!(found("crates/a/src/lib.rs", "fn a() { unsafe { b() } }\n"), [(Rule::Unsafe, 1)]);
    assert!(found("crates/a/src/lib.rs", "#![forbid(unsafe_code)] // unsafe\n").is_empty());
}

#[test]
fn paths_of_one_machine_are_reported_in_any_file() {
    for path in MACHINE_PATHS {
        assert_eq!(found("a.md", &format!("\nsee {path}x\n")), [(Rule::MachinePath, 2)]);
        assert_eq!(found("a.rs", &format!("const A: &str = \"{path}\";\n")).len(), 1);
        assert!(found("a.md", &format!("see home{path}x, $DIR}}{path}\n")).is_empty());
    }
}
