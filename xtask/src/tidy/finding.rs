//! What a rule says when it is broken, and the closed list of rules.

use std::fmt;

/// The rules, by the names that `// tidy: allow(…)` uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Rule {
    /// An exception that is malformed, names no rule, or excuses nothing.
    Allow,
    /// Time or randomness read outside the binary.
    Clock,
    /// A dependency between crates, or from outside, that the architecture does not list.
    Dependency,
    /// A file longer than the limit.
    FileLength,
    /// A file whose name says nothing.
    FileName,
    /// A function longer than the limit.
    FunctionLength,
    /// A file that does not open with `//!`.
    Header,
    /// A licence that the project does not accept.
    Licence,
    /// A line wider than the limit.
    LineWidth,
    /// A relative link that leads nowhere.
    Link,
    /// A path that exists on one machine only.
    MachinePath,
    /// A source file that no `mod` mentions.
    Orphan,
    /// A test script that nothing runs.
    Script,
    /// SQL outside the crate `store`.
    Sql,
    /// Work left lying: `todo!`, `dbg!`, ignored tests, a mark in a comment without its ticket.
    Unfinished,
    /// `unsafe` outside the list.
    Unsafe,
}

impl Rule {
    /// Every rule.
    pub(crate) const ALL: [Rule; 16] = [
        Rule::Allow,
        Rule::Clock,
        Rule::Dependency,
        Rule::FileLength,
        Rule::FileName,
        Rule::FunctionLength,
        Rule::Header,
        Rule::Licence,
        Rule::LineWidth,
        Rule::Link,
        Rule::MachinePath,
        Rule::Orphan,
        Rule::Script,
        Rule::Sql,
        Rule::Unfinished,
        Rule::Unsafe,
    ];

    /// The rule's name on the screen and in exceptions.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Rule::Allow => "allow",
            Rule::Clock => "clock",
            Rule::Dependency => "dependency",
            Rule::FileLength => "file-length",
            Rule::FileName => "file-name",
            Rule::FunctionLength => "function-length",
            Rule::Header => "header",
            Rule::Licence => "licence",
            Rule::LineWidth => "line-width",
            Rule::Link => "link",
            Rule::MachinePath => "machine-path",
            Rule::Orphan => "orphan",
            Rule::Script => "script",
            Rule::Sql => "sql",
            Rule::Unfinished => "unfinished",
            Rule::Unsafe => "unsafe",
        }
    }

    /// Finds a rule by its name.
    pub(crate) fn named(name: &str) -> Option<Rule> {
        Rule::ALL.into_iter().find(|rule| rule.name() == name)
    }
}

/// One broken rule at one place; `line` counts from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) rule: Rule,
    pub(crate) reason: String,
}

impl Finding {
    /// Makes a finding.
    pub(crate) fn new(path: &str, line: usize, rule: Rule, reason: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line, rule, reason: reason.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.rule.name(), self.reason)
    }
}
