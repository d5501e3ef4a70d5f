//! Words that belong to one place only: SQL, the clock, randomness, `unsafe`; and words that
//! belong nowhere: unfinished work, paths of somebody's machine.

use super::finding::{Finding, Rule};
use super::modules::Modules;
use super::source::{Source, find_words, is_word, line_of};
use super::tree::{File, Tree};

/// Expressions that read the clock or a source of randomness.
const CLOCK_WORDS: &[&str] = &[
    "SystemTime::now",
    "Instant::now",
    "Utc::now",
    "Local::now",
    "rand::",
    "OsRng",
    "SystemRandom",
    "getrandom",
    "Uuid::new_v4",
    "Uuid::now_v7",
];

/// Where they may stand: the binary, and what only measures or tests.
const CLOCK_PLACES: &[&str] = &["crates/guichet/", "crates/bench/", "crates/testkit/", "xtask/"];

/// A single word allowed in a single place.
struct Exception {
    place: &'static str,
    word: &'static str,
}

/// Clock words allowed elsewhere, each with its reason.
const CLOCK_EXCEPTIONS: &[Exception] = &[
    // Tokio's clock, for the time-outs of sessions only; tests pause it.
    Exception { place: "crates/smtp/src/", word: "Instant::now" },
    Exception { place: "crates/imap/src/", word: "Instant::now" },
];

/// Where SQL may stand.
const SQL_PLACE: &str = "crates/store/";

/// Statements: the word that opens one and a word that follows it.
const SQL_WORDS: &[(&str, &str)] = &[
    ("select", "from"),
    ("insert", "into"),
    ("update", "set"),
    ("delete", "from"),
    ("create", "table"),
    ("alter", "table"),
];

/// Files that may contain `unsafe`. Each entry needs a reason beside it.
const UNSAFE_FILES: &[&str] = &[];

/// Folders that exist on one machine only. Put together here, so that this file does not hold one.
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// Marks of unfinished work in comments; allowed with a ticket behind them.
const MARKS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];

/// Checks every file.
pub(super) fn check(tree: &Tree, modules: &Modules) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.rust() {
        let is_test_file = modules.is_test(&file.path);
        findings.extend(clock(file, source, |line| is_test_file || source.is_test_line(line)));
        findings.extend(sql(file, source));
        findings.extend(left_lying(file, source));
        findings.extend(unsafe_code(file, source));
        for comment in &source.comments {
            findings.extend(marks(file, comment.line, &comment.text));
        }
    }
    for file in tree.files() {
        findings.extend(machine_paths(file));
        if matches!(file.ending(), "sh" | "sql" | "toml" | "py") {
            let lines = file.text.lines().enumerate();
            findings.extend(lines.flat_map(|(index, line)| marks(file, index + 1, line)));
        }
    }
    findings
}

fn clock(file: &File, source: &Source, is_test_line: impl Fn(usize) -> bool) -> Vec<Finding> {
    if CLOCK_PLACES.iter().any(|place| file.path.starts_with(place)) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for word in CLOCK_WORDS {
        let is_allowed = CLOCK_EXCEPTIONS
            .iter()
            .any(|exception| exception.word == *word && file.path.starts_with(exception.place));
        for at in find_words(&source.code, word).filter(|_| !is_allowed) {
            let line = line_of(&source.code, at);
            if !is_test_line(line) {
                let reason = format!("`{word}`: time and randomness are parameters here");
                findings.push(Finding::new(&file.path, line, Rule::Clock, reason));
            }
        }
    }
    findings
}

fn sql(file: &File, source: &Source) -> Vec<Finding> {
    if file.path.starts_with(SQL_PLACE) {
        return Vec::new();
    }
    let statements = source.strings.iter().filter(|literal| is_sql(&literal.text));
    let reason = "SQL stands in crates/store and nowhere else";
    statements.map(|literal| Finding::new(&file.path, literal.line, Rule::Sql, reason)).collect()
}

/// Says whether a literal opens like a statement and has the word that belongs to it.
fn is_sql(literal: &str) -> bool {
    let lower = literal.to_lowercase();
    let mut words = lower.split(|character| !is_word(character)).filter(|word| !word.is_empty());
    let Some(first) = words.next() else { return false };
    let rest: Vec<&str> = words.collect();
    // A statement starts with its verb or, with a CTE, has it further on.
    let openings = SQL_WORDS.iter().filter(|(verb, _)| {
        first == *verb || (first == "with" && lower.contains(" as (") && rest.contains(verb))
    });
    openings.into_iter().any(|(_, second)| rest.contains(second)) && !is_sentence(literal)
}

/// Prose for people opens with a capital and ends with a full stop.
fn is_sentence(literal: &str) -> bool {
    let text = literal.trim();
    let is_capital = text.chars().next().is_some_and(char::is_uppercase);
    let second_is_small = text.chars().nth(1).is_some_and(char::is_lowercase);
    is_capital && second_is_small
}

fn left_lying(file: &File, source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for word in ["todo!", "unimplemented!", "dbg!", "#[ignore", "allow(dead_code"] {
        for at in find_words(&source.code, word) {
            let line = line_of(&source.code, at);
            let reason = format!("`{word}` is not finished work");
            findings.push(Finding::new(&file.path, line, Rule::Unfinished, reason));
        }
    }
    findings
}

/// A mark is followed by its ticket: `(#123)`.
fn marks(file: &File, line: usize, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for mark in MARKS {
        for at in find_words(text, mark) {
            let ticket = text[at + mark.len()..].strip_prefix("(#");
            let digits = ticket.and_then(|rest| rest.split_once(')')).map(|(digits, _)| digits);
            let is_ticket = |digits: &str| {
                !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit())
            };
            if !digits.is_some_and(is_ticket) {
                let reason = format!("{mark} without its ticket: {mark}(#123)");
                findings.push(Finding::new(&file.path, line, Rule::Unfinished, reason));
            }
        }
    }
    findings
}

fn unsafe_code(file: &File, source: &Source) -> Vec<Finding> {
    if UNSAFE_FILES.contains(&file.path.as_str()) {
        return Vec::new();
    }
    let reason = "`unsafe` outside the files listed in xtask/src/tidy/words.rs";
    find_words(&source.code, "unsafe")
        .map(|at| Finding::new(&file.path, line_of(&source.code, at), Rule::Unsafe, reason))
        .collect()
}

fn machine_paths(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for path in MACHINE_PATHS {
            let is_start = |at: usize| {
                let before = line[..at].chars().next_back();
                !before.is_some_and(|character| is_word(character) || "./}>".contains(character))
            };
            if line.match_indices(path).any(|(at, _)| is_start(at)) {
                let reason = format!("`{path}` is there on one machine only");
                findings.push(Finding::new(&file.path, index + 1, Rule::MachinePath, reason));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests;
