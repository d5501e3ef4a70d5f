//! Patterns: regular expressions that look at texts in linear time, whatever they say and whatever
//! the text is.

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// Characters of a pattern at most. Exchange's limit.
pub const PATTERN_CHARACTERS_MAX: usize = 128;
/// Octets that a compiled pattern may take; `\w{1,100}` alone needs a tenth of it.
const PATTERN_OCTETS_MAX: usize = 1 << 20;

/// A regular expression, compared without regard to case. Kept and shown as it was written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(Regex);

/// Why a text is not a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Longer than [`PATTERN_CHARACTERS_MAX`].
    #[error("a pattern has 1 to 128 characters")]
    Length,
    /// It cannot be read, or would take too much memory.
    #[error("the pattern cannot be used: {0}")]
    Unreadable(String),
}

impl Pattern {
    /// Reads a pattern.
    pub fn new(text: &str) -> Result<Pattern, PatternError> {
        if text.is_empty() || text.chars().count() > PATTERN_CHARACTERS_MAX {
            return Err(PatternError::Length);
        }
        RegexBuilder::new(text)
            .case_insensitive(true)
            .size_limit(PATTERN_OCTETS_MAX)
            .build()
            .map(Pattern)
            .map_err(|error| PatternError::Unreadable(last_line(&error.to_string())))
    }

    /// Whether a part of the text is as the pattern says.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// The sentence at the end of what the reader of regular expressions says; a drawing is before it.
fn last_line(text: &str) -> String {
    let line = text.lines().next_back().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> String {
        pattern.as_str().to_owned()
    }
}

impl TryFrom<String> for Pattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Pattern, PatternError> {
        Pattern::new(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_look_without_regard_to_case_and_at_a_part() {
        let pattern = Pattern::new(r"invoice\s+\d{3}\b").unwrap();
        assert!(pattern.is_in("Your INVOICE 123!"));
        assert!(!pattern.is_in("invoice 12"));
    }

    #[test]
    fn what_is_too_long_too_big_or_no_pattern_is_refused() {
        assert!(Pattern::new(&"a".repeat(PATTERN_CHARACTERS_MAX)).is_ok());
        let long = Pattern::new(&"a".repeat(PATTERN_CHARACTERS_MAX + 1));
        assert_eq!(long.unwrap_err(), PatternError::Length);
        assert_eq!(Pattern::new("").unwrap_err(), PatternError::Length);
        for bad in ["(", "(?=x)", r"(a)\1", r"((\w{100}){100}){100}"] {
            assert!(matches!(Pattern::new(bad), Err(PatternError::Unreadable(_))), "{bad}");
        }
    }

    #[test]
    fn a_pattern_made_to_be_slow_is_not() {
        let pattern = Pattern::new("(a+)+$").unwrap();
        assert!(!pattern.is_in(&format!("{}!", "a".repeat(100_000))));
    }
}
