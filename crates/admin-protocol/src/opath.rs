//! Exchange's filter language (OPATH) as far as administrators use it: `"Alias -eq 'support'"`,
//! compared over the properties of output objects.
//!
//! ```text
//! filter     = term *( ("-and" / "-or") term )      ; -and binds closer
//! term       = ["-not" / "!"] ( "(" filter ")" / comparison )
//! comparison = property operator value
//! operator   = -eq -ne -like -notlike -gt -ge -lt -le
//! value      = 'text' / "text" / $true / $false / $null / word
//! ```
//! Names, operators and texts are compared without regard to case; `*` in `-like` stands for any
//! characters. A comparison with a list holds when it holds for one of its items.

use std::cmp::Ordering;

use serde_json::Value;

use crate::cmdlet::{Object, Property};
use crate::failure::Failure;
use crate::text;

/// The parameter that carries it.
const PARAMETER: &str = "Filter";
/// Parentheses and negations within each other at most.
pub const DEPTH_MAX: usize = 32;
/// Characters of a filter at most.
pub const CHARACTERS_MAX: usize = 4_096;

/// A filter that was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Both hold.
    And(Box<Filter>, Box<Filter>),
    /// One of them holds.
    Or(Box<Filter>, Box<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A property compared with a value.
    Compare(Comparison),
}

/// A property compared with a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    property: &'static str,
    operator: Operator,
    value: Value,
}

/// How it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Like,
    NotLike,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Operator {
    const ALL: [(&'static str, Operator); 8] = [
        ("-eq", Operator::Equal),
        ("-ne", Operator::NotEqual),
        ("-like", Operator::Like),
        ("-notlike", Operator::NotLike),
        ("-gt", Operator::Greater),
        ("-ge", Operator::GreaterOrEqual),
        ("-lt", Operator::Less),
        ("-le", Operator::LessOrEqual),
    ];
}

impl Filter {
    /// Reads a filter over objects with these properties.
    pub fn parse(text: &str, properties: &'static [Property]) -> Result<Filter, Failure> {
        if text.chars().count() > CHARACTERS_MAX {
            let why = format!("it has at most {CHARACTERS_MAX} characters.");
            return Err(Failure::bad_parameter(PARAMETER, &why));
        }
        let mut reader = Reader { tokens: tokens(text)?, at: 0, properties };
        // Braces around the whole, as in a script block, mean nothing.
        let filter = reader.filter(0)?;
        match reader.next() {
            None => Ok(filter),
            Some(surplus) => Err(unexpected(&surplus.to_string(), "-and, -or or the end")),
        }
    }

    /// Whether it holds for an object.
    pub fn holds(&self, object: &Object) -> bool {
        match self {
            Filter::And(left, right) => left.holds(object) && right.holds(object),
            Filter::Or(left, right) => left.holds(object) || right.holds(object),
            Filter::Not(inner) => !inner.holds(object),
            Filter::Compare(comparison) => comparison.holds(object),
        }
    }
}

impl Comparison {
    fn holds(&self, object: &Object) -> bool {
        let value = object.get(self.property).unwrap_or(&Value::Null);
        let any = |wanted: &dyn Fn(&Value) -> bool| match value {
            Value::Array(items) => items.iter().any(wanted),
            single => wanted(single),
        };
        let is_equal = |found: &Value| order(found, &self.value) == Some(Ordering::Equal);
        let is_like = |found: &Value| match (plain(found), plain(&self.value)) {
            (Some(found), Some(pattern)) => matches(&pattern.to_lowercase(), &found.to_lowercase()),
            _ => false,
        };
        let is_empty_list = value.as_array().is_some_and(Vec::is_empty);
        match self.operator {
            Operator::Equal if self.value.is_null() => value.is_null() || is_empty_list,
            Operator::NotEqual if self.value.is_null() => !value.is_null() && !is_empty_list,
            Operator::Equal => any(&is_equal),
            Operator::NotEqual => !any(&is_equal),
            Operator::Like => any(&is_like),
            Operator::NotLike => !any(&is_like),
            Operator::Greater => any(&|found| order(found, &self.value) == Some(Ordering::Greater)),
            Operator::GreaterOrEqual => {
                any(&|found| order(found, &self.value).is_some_and(Ordering::is_ge))
            }
            Operator::Less => any(&|found| order(found, &self.value) == Some(Ordering::Less)),
            Operator::LessOrEqual => {
                any(&|found| order(found, &self.value).is_some_and(Ordering::is_le))
            }
        }
    }
}

/// Orders two values of one kind: numbers, points in time, else texts without regard to case.
pub fn order(left: &Value, right: &Value) -> Option<Ordering> {
    if let (Some(left), Some(right)) = (number(left), number(right)) {
        return left.partial_cmp(&right);
    }
    let (left, right) = (plain(left)?, plain(right)?);
    match (text::parse_timestamp(&left), text::parse_timestamp(&right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => Some(left.to_lowercase().cmp(&right.to_lowercase())),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_f64(),
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Whether a text fits a pattern with `*`. Both in lower case. Linear in the text for each star.
fn matches(pattern: &str, text: &str) -> bool {
    let parts: Vec<&str> = pattern.split('*').collect();
    let [first, middle @ .., last] = parts.as_slice() else { return pattern == text };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Open,
    Close,
    Not,
    Quoted(String),
    Word(String),
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Token::Open => f.write_str("("),
            Token::Close => f.write_str(")"),
            Token::Not => f.write_str("!"),
            Token::Quoted(text) | Token::Word(text) => f.write_str(text),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Failure> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            _ if character.is_whitespace() => {}
            '(' | '{' => tokens.push(Token::Open),
            ')' | '}' => tokens.push(Token::Close),
            '!' => tokens.push(Token::Not),
            '\'' | '"' => {
                let mut quoted = String::new();
                loop {
                    match characters.next() {
                        // A doubled quote stands for itself.
                        Some(inner) if inner == character => {
                            if characters.next_if_eq(&character).is_none() {
                                break;
                            }
                            quoted.push(inner);
                        }
                        Some(inner) => quoted.push(inner),
                        None => return Err(unexpected("the end", &character.to_string())),
                    }
                }
                tokens.push(Token::Quoted(quoted));
            }
            first => {
                let mut word = String::from(first);
                let goes_on = |next: &char| !next.is_whitespace() && !"(){}'\"".contains(*next);
                while let Some(next) = characters.next_if(goes_on) {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    properties: &'static [Property],
}

impl Reader {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is_it = matches!(self.tokens.get(self.at), Some(Token::Word(found))
            if found.eq_ignore_ascii_case(word));
        if is_it {
            self.at += 1;
        }
        is_it
    }

    fn filter(&mut self, depth: usize) -> Result<Filter, Failure> {
        let mut left = self.conjunction(depth)?;
        while self.takes_word("-or") {
            left = Filter::Or(Box::new(left), Box::new(self.conjunction(depth)?));
        }
        Ok(left)
    }

    fn conjunction(&mut self, depth: usize) -> Result<Filter, Failure> {
        let mut left = self.term(depth)?;
        while self.takes_word("-and") {
            left = Filter::And(Box::new(left), Box::new(self.term(depth)?));
        }
        Ok(left)
    }

    fn term(&mut self, depth: usize) -> Result<Filter, Failure> {
        if depth > DEPTH_MAX {
            let why = format!("it goes deeper than {DEPTH_MAX} parentheses.");
            return Err(Failure::bad_parameter(PARAMETER, &why));
        }
        if self.takes_word("-not") {
            return Ok(Filter::Not(Box::new(self.term(depth + 1)?)));
        }
        match self.next() {
            Some(Token::Not) => Ok(Filter::Not(Box::new(self.term(depth + 1)?))),
            Some(Token::Open) => {
                let inner = self.filter(depth + 1)?;
                match self.next() {
                    Some(Token::Close) => Ok(inner),
                    Some(other) => Err(unexpected(&other.to_string(), ")")),
                    None => Err(unexpected("the end", ")")),
                }
            }
            Some(Token::Word(name)) => self.comparison(&name),
            Some(other) => Err(unexpected(&other.to_string(), "a property")),
            None => Err(unexpected("the end", "a property")),
        }
    }

    fn comparison(&mut self, name: &str) -> Result<Filter, Failure> {
        // Both `Alias` and `$_.Alias` are written.
        let bare = name.strip_prefix("$_.").unwrap_or(name);
        let property = self.properties.iter().find(|known| known.name.eq_ignore_ascii_case(bare));
        let Some(property) = property else {
            let near = text::nearest(bare, self.properties.iter().map(|known| known.name));
            let hint = match near.first() {
                Some(near) => format!("; did you mean {near}?"),
                None => ".".to_owned(),
            };
            let why = format!("'{bare}' is not a property of the output{hint}");
            return Err(Failure::bad_parameter(PARAMETER, &why));
        };
        let operator = match self.next() {
            Some(Token::Word(word)) => Operator::ALL
                .into_iter()
                .find(|(spelt, _)| spelt.eq_ignore_ascii_case(&word))
                .map(|(_, operator)| operator)
                .ok_or_else(|| unexpected(&word, OPERATORS))?,
            Some(other) => return Err(unexpected(&other.to_string(), OPERATORS)),
            None => return Err(unexpected("the end", OPERATORS)),
        };
        let value = match self.next() {
            Some(Token::Quoted(text)) => Value::String(text),
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "$true" => Value::Bool(true),
                "$false" => Value::Bool(false),
                "$null" => Value::Null,
                _ => Value::String(word),
            },
            Some(other) => return Err(unexpected(&other.to_string(), "a value")),
            None => return Err(unexpected("the end", "a value")),
        };
        Ok(Filter::Compare(Comparison { property: property.name, operator, value }))
    }
}

/// The operators, for errors.
const OPERATORS: &str = "-eq, -ne, -like, -notlike, -gt, -ge, -lt or -le";

fn unexpected(found: &str, wanted: &str) -> Failure {
    let why = format!("'{found}' stands where {wanted} is expected.");
    Failure::bad_parameter(PARAMETER, &why)
}

#[cfg(test)]
mod tests;
