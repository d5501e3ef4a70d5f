//! A file as a tree of values, each with its line and column, whether it was written as TOML or as
//! YAML. What the values mean is read in `document`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::{toml_tree, yaml_tree};

/// Octets of a plan file at most; ten thousand teams have about five million.
pub(super) const FILE_OCTETS_MAX: u64 = 64 * 1024 * 1024;

/// Where something stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The file.
    pub(super) file: Rc<PathBuf>,
    /// From 1.
    pub(super) line: usize,
    /// From 1, in characters.
    pub(super) column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

/// Something to mend in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// Where.
    pub(super) place: Place,
    /// What is wrong, and what would be right.
    pub(super) text: String,
}

impl Problem {
    pub(super) fn new(place: &Place, text: impl Into<String>) -> Problem {
        Problem { place: place.clone(), text: text.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) place: Place,
}

/// A key with its place, and what it holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pair {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) node: Node,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Boolean(bool),
    List(Vec<Node>),
    Table(Vec<Pair>),
    /// Nothing: a key of YAML without a value.
    Null,
    /// What no key takes, and what it is called.
    Other(&'static str),
}

impl Value {
    /// What kind of value it is, for error texts.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "text",
            Value::Boolean(_) => "true or false",
            Value::List(_) => "a list",
            Value::Table(_) => "a section",
            Value::Null => "nothing",
            Value::Other(kind) => kind,
        }
    }
}

/// Reads a file: YAML where its name ends in `.yaml` or `.yml`, else TOML.
pub(super) fn read(path: &Path, text: &str) -> Result<Node, Vec<Problem>> {
    let file = Rc::new(path.to_owned());
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "yaml" | "yml" => yaml_tree::read(&file, text).map_err(|problem| vec![problem]),
        _ => toml_tree::read(&file, text),
    }
}
