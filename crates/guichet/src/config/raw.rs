//! The configuration exactly as written: the file's values with their places, and the environment
//! variables that override them.
//!
//! Knows TOML and the table of keys, not what a value means. It does not stop at the first
//! mistake: syntax errors and unknown keys are all collected, so that one run of
//! `guichet config check` shows everything there is to mend.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{KEYS, Key, SECTIONS};
use super::problem::{Place, Problem, nearest};

/// The longest piece of the file that an error about its syntax repeats.
const WORD_OCTETS_MAX: usize = 24;

/// A value of TOML, as far as the configuration uses TOML.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// `"text"`.
    Text(String),
    /// `25`.
    Integer(i64),
    /// `true`.
    Boolean(bool),
    /// `["a", "b"]`.
    List(Vec<Value>),
    /// Anything else: no key takes it. What it is called.
    Other(&'static str),
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// What it says.
    pub(crate) value: Value,
    /// The same as the person wrote it, for error texts.
    pub(crate) written: String,
    /// Where it stands.
    pub(crate) place: Place,
}

/// Names and values of environment variables.
pub(crate) type Environment = BTreeMap<String, String>;

/// Everything that is written, by full name of the key.
#[derive(Debug)]
pub(crate) struct Raw {
    /// The file it was read from.
    pub(crate) file: PathBuf,
    /// Known keys that are written.
    pub(crate) entries: BTreeMap<&'static str, Entry>,
    /// What is wrong already: syntax, unknown keys.
    pub(crate) problems: Vec<Problem>,
}

impl Raw {
    /// Reads the text of a file and lays the environment over it.
    pub(crate) fn read(file: &Path, source: &str, environment: &Environment) -> Raw {
        let mut raw = Raw { file: file.to_owned(), entries: BTreeMap::new(), problems: Vec::new() };
        let (table, errors) = DeTable::parse_recoverable(source);
        for error in errors {
            let span = error.span().unwrap_or_default();
            let word = source.get(span.clone()).unwrap_or_default();
            // A longer piece would be half of the file, and could hold a password.
            let is_word = !word.is_empty() && word.len() <= WORD_OCTETS_MAX;
            let word = if is_word { format!(": {}", word.trim()) } else { String::new() };
            let text = format!("this is not TOML: {}{word}", error.message());
            raw.problem(source, span.start, text);
        }
        // What was understood of a broken file would only add mistakes that are none.
        if raw.problems.is_empty() {
            raw.take_file(source, table.get_ref());
        }
        raw.take_environment(environment);
        raw
    }

    fn problem(&mut self, source: &str, offset: usize, text: String) {
        self.problems.push(Problem { place: Place::in_source(&self.file, source, offset), text });
    }

    fn take_file(&mut self, source: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let is_section = SECTIONS.iter().any(|(section, _)| *section == name.get_ref());
            match value.get_ref() {
                DeValue::Table(inner) if is_section => {
                    for (short, value) in inner {
                        let full = format!("{}.{}", name.get_ref(), short.get_ref());
                        self.take_value(source, &full, (short.span(), value));
                    }
                }
                _ if is_section => {
                    let text = format!(
                        "{0} is a section, not a value: write [{0}] and its keys on lines below",
                        name.get_ref()
                    );
                    self.problem(source, name.span().start, text);
                }
                DeValue::Table(_) if !is_key(name.get_ref()) => {
                    let text = unknown_section(name.get_ref());
                    self.problem(source, name.span().start, text);
                }
                _ => self.take_value(source, name.get_ref(), (name.span(), value)),
            }
        }
    }

    fn take_value(
        &mut self,
        source: &str,
        name: &str,
        (name_at, value): (Range<usize>, &Spanned<DeValue<'_>>),
    ) {
        let Some(key) = KEYS.iter().find(|key| key.name == name) else {
            self.problem(source, name_at.start, unknown_key(name));
            return;
        };
        let written = source.get(value.span()).unwrap_or_default().to_owned();
        // The span of a [section] is its heading; the name is the better place then.
        let at = if value.get_ref().is_table() { name_at.start } else { value.span().start };
        let place = Place::in_source(&self.file, source, at);
        let value = Value::from_toml(value.get_ref());
        self.entries.insert(key.name, Entry { value, written, place });
    }

    fn take_environment(&mut self, environment: &Environment) {
        for key in KEYS {
            let variable = key.variable();
            if let Some(written) = environment.get(&variable) {
                let value = value_of_variable(key, written);
                let written = match &value {
                    Value::Text(text) => toml_text(text),
                    _ => written.clone(),
                };
                let place = Place::Variable(variable);
                self.entries.insert(key.name, Entry { value, written, place });
            }
        }
    }
}

impl Value {
    fn from_toml(value: &DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => {
                let digits = number.as_str().replace('_', "");
                // What does not fit is outside every range, and is told so like all others.
                let beyond = if digits.starts_with('-') { i64::MIN } else { i64::MAX };
                Value::Integer(i64::from_str_radix(&digits, number.radix()).unwrap_or(beyond))
            }
            DeValue::Boolean(truth) => Value::Boolean(*truth),
            DeValue::Array(items) => {
                Value::List(items.iter().map(|item| Value::from_toml(item.get_ref())).collect())
            }
            DeValue::Float(_) => Value::Other("a number with a decimal point"),
            DeValue::Datetime(_) => Value::Other("a date"),
            DeValue::Table(_) => Value::Other("a section"),
        }
    }

    /// Reads a single value, as the table of keys writes defaults.
    pub(crate) fn parse(text: &str) -> Option<Value> {
        DeValue::parse(text).ok().map(|value| Value::from_toml(value.get_ref()))
    }

    /// What kind of value it is, for error texts.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "text in quotes",
            Value::Integer(_) => "a number",
            Value::Boolean(_) => "true or false",
            Value::List(_) => "a list",
            Value::Other(kind) => kind,
        }
    }
}

/// Variables hold text without quotes where the key takes text, and TOML otherwise.
fn value_of_variable(key: &Key, written: &str) -> Value {
    let is_text = key.example.starts_with('"') && !written.starts_with(['"', '[']);
    let parsed = if is_text { None } else { Value::parse(written) };
    parsed.unwrap_or_else(|| Value::Text(written.to_owned()))
}

/// Text as TOML writes it.
pub(crate) fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn is_key(name: &str) -> bool {
    KEYS.iter().any(|key| key.name == name)
}

fn unknown_section(name: &str) -> String {
    match nearest(name, SECTIONS.iter().map(|(section, _)| *section)) {
        Some(near) => format!("[{name}] is not a known section. Did you mean [{near}]?"),
        None => {
            let known: Vec<_> =
                SECTIONS.iter().map(|(section, _)| format!("[{section}]")).collect();
            format!("[{name}] is not a known section. Known are {}.", known.join(" "))
        }
    }
}

fn unknown_key(name: &str) -> String {
    let short = name.rsplit('.').next().unwrap_or(name);
    // The right name in the wrong section is the commonest mistake.
    let elsewhere = KEYS.iter().find(|key| key.short_name() == short);
    let near = elsewhere
        .map(|key| key.name)
        .or_else(|| nearest(name, KEYS.iter().map(|key| key.name)))
        .or_else(|| {
            let near = nearest(short, KEYS.iter().map(Key::short_name))?;
            KEYS.iter().find(|key| key.short_name() == near).map(|key| key.name)
        });
    match near {
        Some(near) => match near.split_once('.') {
            Some((section, short)) if name.split_once('.').is_none_or(|(s, _)| s != section) => {
                format!("{name} is not a known key. Did you mean {short} in [{section}]?")
            }
            None if name.contains('.') => format!(
                "{name} is not a known key. Did you mean {near}, above the first [section]?"
            ),
            _ => format!("{name} is not a known key. Did you mean {near}?"),
        },
        None => format!("{name} is not a known key. guichet config show lists every key there is."),
    }
}
