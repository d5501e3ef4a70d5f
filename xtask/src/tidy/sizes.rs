//! Sizes a reader can hold: lines, functions, files; and that each file says what it is for.

use super::finding::{Finding, Rule};
use super::modules::Modules;
use super::source::Source;
use super::tree::{File, Tree};

/// Longest function outside tests, from `fn` to the closing brace. Clippy's limit is the same but
/// leaves blank lines and comments out.
const FUNCTION_LINES_MAX: usize = 70;

/// Longest file, its tests left out.
const FILE_LINES_MAX: usize = 800;

/// Widest line in characters; rustfmt keeps code below it, but not comments and literals.
const LINE_CHARACTERS_MAX: usize = 100;

/// File names that hide what is inside.
const EMPTY_NAMES: &[&str] = &["common", "helper", "helpers", "manager", "misc", "util", "utils"];

/// Checks every file.
pub(super) fn check(tree: &Tree, modules: &Modules) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.rust() {
        let is_test = modules.is_test(&file.path);
        if !is_test {
            findings.extend(header(file));
            findings.extend(long_functions(file, source));
            findings.extend(long_file(file, source));
        }
        findings.extend(empty_name(file));
        findings.extend(wide_lines(file, |line| is_test || source.is_test_line(line)));
    }
    for file in tree.files().filter(|file| matches!(file.ending(), "sql" | "sh")) {
        findings.extend(wide_lines(file, |_| false));
    }
    findings
}

/// Test modules are left out: the file they test speaks for them.
fn header(file: &File) -> Option<Finding> {
    let is_plain_comment = |line: &str| line.starts_with("// ");
    let first = file.text.lines().find(|line| !line.trim().is_empty() && !is_plain_comment(line));
    let says = first.and_then(|line| line.strip_prefix("//!")).is_some_and(|text| !text.is_empty());
    let reason = "the file does not open with `//!` and what it is for";
    (!says).then(|| Finding::new(&file.path, 1, Rule::Header, reason))
}

fn long_functions(file: &File, source: &Source) -> Vec<Finding> {
    let functions = source.functions.iter();
    let long = functions.filter(|function| {
        function.lines > FUNCTION_LINES_MAX
            && !function.is_expected_long
            && !source.is_test_line(function.line)
    });
    long.map(|function| {
        let (name, lines) = (&function.name, function.lines);
        let reason = format!("`{name}` has {lines} lines, the limit is {FUNCTION_LINES_MAX}");
        Finding::new(&file.path, function.line, Rule::FunctionLength, reason)
    })
    .collect()
}

fn long_file(file: &File, source: &Source) -> Option<Finding> {
    let lines = file.text.lines().count();
    let lines = (1..=lines).filter(|line| !source.is_test_line(*line)).count();
    let reason = format!("{lines} lines without tests, the limit is {FILE_LINES_MAX}");
    (lines > FILE_LINES_MAX).then(|| Finding::new(&file.path, 1, Rule::FileLength, reason))
}

fn empty_name(file: &File) -> Option<Finding> {
    let stem = file.path.rsplit('/').next()?.strip_suffix(".rs")?;
    let reason = format!("`{stem}` says nothing about what is inside; use the noun it is about");
    EMPTY_NAMES.contains(&stem).then(|| Finding::new(&file.path, 1, Rule::FileName, reason))
}

/// A line with a URL cannot be broken; a literal in a test may be as wide as what it quotes.
fn wide_lines(file: &File, is_test_line: impl Fn(usize) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, text) in file.text.lines().enumerate() {
        let width = text.chars().count();
        let quotes = text.contains('"') || !text.trim_start().starts_with("//");
        let is_excused = text.contains("://") || (is_test_line(index + 1) && quotes);
        if width > LINE_CHARACTERS_MAX && !is_excused {
            let reason = format!("{width} characters, the limit is {LINE_CHARACTERS_MAX}");
            findings.push(Finding::new(&file.path, index + 1, Rule::LineWidth, reason));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(Rule, usize)> {
        let tree = Tree::of(&[(path, text)]);
        let findings = check(&tree, &Modules::walk(&tree));
        findings.iter().map(|finding| (finding.rule, finding.line)).collect()
    }

    fn function(lines: usize) -> String {
        format!("//! A.\nfn a() {{\n{}}}\n", "    b();\n".repeat(lines - 2))
    }

    #[test]
    fn a_function_may_have_70_lines_and_not_71() {
        assert!(found("crates/a/src/lib.rs", &function(70)).is_empty());
        assert_eq!(found("crates/a/src/lib.rs", &function(71)), [(Rule::FunctionLength, 2)]);
        assert!(found("crates/a/tests/it/main.rs", &function(71)).is_empty());
        let expected = function(71).replace("fn a", "#[expect(clippy::too_many_lines)]\nfn a");
        assert!(found("crates/a/src/lib.rs", &expected).is_empty());
    }

    #[test]
    fn a_file_may_have_800_lines_without_its_tests() {
        let code = |lines: usize| format!("//! A.\n{}", "use b;\n".repeat(lines - 1));
        assert!(found("crates/a/src/lib.rs", &code(800)).is_empty());
        assert_eq!(found("crates/a/src/lib.rs", &code(801)), [(Rule::FileLength, 1)]);
        let tests = "#[cfg(test)]\nmod tests {\n    use b;\n}\n";
        assert!(found("crates/a/src/lib.rs", &(code(800) + tests)).is_empty());
    }

    #[test]
    fn lines_end_at_column_100() {
        let line = |width: usize| format!("//! {}\n", "é".repeat(width - 4));
        assert!(found("crates/a/src/lib.rs", &line(100)).is_empty());
        assert_eq!(found("crates/a/src/lib.rs", &line(101)), [(Rule::LineWidth, 1)]);
        let url = format!("//! https://example.org/{}\n", "a".repeat(100));
        assert!(found("crates/a/src/lib.rs", &url).is_empty());
        let literal = format!("//! A.\nconst A: &str = \"{}\";\n", "a".repeat(100));
        assert_eq!(found("crates/a/src/lib.rs", &literal), [(Rule::LineWidth, 2)]);
        assert!(found("crates/a/tests/it/main.rs", &literal).is_empty());
        assert_eq!(found("a.sql", &format!("-- {}\n", "a".repeat(98))), [(Rule::LineWidth, 1)]);
    }

    #[test]
    fn a_file_opens_with_what_it_is_for() {
        assert_eq!(found("crates/a/src/lib.rs", "use b;\n"), [(Rule::Header, 1)]);
        assert_eq!(found("crates/a/src/lib.rs", ""), [(Rule::Header, 1)]);
        assert_eq!(found("crates/a/src/lib.rs", "//!\nuse b;\n"), [(Rule::Header, 1)]);
        assert!(found("crates/a/src/lib.rs", "// tidy: x\n\n//! A.\n").is_empty());
    }

    #[test]
    fn a_file_name_says_what_is_inside() {
        assert_eq!(found("crates/a/tests/it/util.rs", "//! A.\n"), [(Rule::FileName, 1)]);
    }
}
