//! Operators: how they are written, and how tightly they bind.

use super::characters::is_dash;
use super::{BinaryOperator, Parser};
use crate::shell::syntax::{Case, UnaryOperator, comparison};

/// Levels of binding between two values, loosest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Logical,
    Comparison,
    Additive,
    Multiplicative,
    Format,
    Range,
}

impl Level {
    /// The next tighter one; `None` above lists with commas.
    pub(super) fn tighter(self) -> Option<Level> {
        match self {
            Level::Logical => Some(Level::Comparison),
            Level::Comparison => Some(Level::Additive),
            Level::Additive => Some(Level::Multiplicative),
            Level::Multiplicative => Some(Level::Format),
            Level::Format => Some(Level::Range),
            Level::Range => None,
        }
    }
}

impl<'a> Parser<'a> {
    /// Takes an operator of this level that stands here.
    pub(super) fn take_operator(&mut self, level: Level) -> Option<BinaryOperator> {
        if let Some(word) = self.dash_word() {
            let (at, operator) = word_operator(word)?;
            if at != level {
                return None;
            }
            self.bump();
            self.at += word.len();
            return Some(operator);
        }
        let (sign, operator) = match (level, self.peek()?) {
            (Level::Additive, '+') => ("+", BinaryOperator::Add),
            (Level::Additive, dash) if is_dash(dash) => {
                self.bump();
                return Some(BinaryOperator::Subtract);
            }
            (Level::Multiplicative, '*') => ("*", BinaryOperator::Multiply),
            (Level::Multiplicative, '/') => ("/", BinaryOperator::Divide),
            (Level::Multiplicative, '%') => ("%", BinaryOperator::Remainder),
            (Level::Range, '.') => ("..", BinaryOperator::Range),
            _ => return None,
        };
        self.take(sign).then_some(operator)
    }

    /// Takes an operator before a value.
    pub(super) fn take_unary(&mut self) -> Option<UnaryOperator> {
        if let Some(word) = self.dash_word() {
            let operator = match word.to_ascii_lowercase().as_str() {
                "not" => UnaryOperator::Not,
                "join" => UnaryOperator::Join,
                "split" => UnaryOperator::Split,
                _ => return None,
            };
            self.bump();
            self.at += word.len();
            return Some(operator);
        }
        let operator = match self.peek()? {
            '!' => UnaryOperator::Not,
            '+' => UnaryOperator::Plus,
            ',' => UnaryOperator::List,
            dash if is_dash(dash) => UnaryOperator::Minus,
            _ => return None,
        };
        self.bump();
        Some(operator)
    }

    /// The letters after a dash here.
    pub(super) fn dash_word(&self) -> Option<&'a str> {
        let dash = self.peek().filter(|letter| is_dash(*letter))?;
        let after = &self.rest()[dash.len_utf8()..];
        let length =
            after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        (length > 0).then(|| &after[..length])
    }
}

/// The operator that a word after a dash names, and its level.
pub(super) fn word_operator(word: &str) -> Option<(Level, BinaryOperator)> {
    if let Some((comparison, case)) = comparison(word) {
        return Some((Level::Comparison, BinaryOperator::Compare(comparison, case)));
    }
    let found = match word.to_ascii_lowercase().as_str() {
        "and" => (Level::Logical, BinaryOperator::And),
        "or" => (Level::Logical, BinaryOperator::Or),
        "xor" => (Level::Logical, BinaryOperator::Xor),
        "replace" | "ireplace" => (Level::Comparison, BinaryOperator::Replace(Case::Ignored)),
        "creplace" => (Level::Comparison, BinaryOperator::Replace(Case::Minded)),
        "split" | "isplit" => (Level::Comparison, BinaryOperator::Split(Case::Ignored)),
        "csplit" => (Level::Comparison, BinaryOperator::Split(Case::Minded)),
        "join" => (Level::Comparison, BinaryOperator::Join),
        "f" => (Level::Format, BinaryOperator::Format),
        _ => return None,
    };
    Some(found)
}

/// Every word operator, for suggestions.
pub(super) const WORDS: [&str; 24] = [
    "-eq",
    "-ne",
    "-gt",
    "-ge",
    "-lt",
    "-le",
    "-like",
    "-notlike",
    "-match",
    "-notmatch",
    "-contains",
    "-notcontains",
    "-in",
    "-notin",
    "-and",
    "-or",
    "-xor",
    "-not",
    "-replace",
    "-split",
    "-join",
    "-f",
    "-ceq",
    "-clike",
];
