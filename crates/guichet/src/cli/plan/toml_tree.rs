//! TOML as a tree of values with places.

use std::path::PathBuf;
use std::rc::Rc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::tree::{Node, Pair, Place, Problem, Value};

/// Reads TOML. All mistakes of its syntax are told at once.
pub(super) fn read(file: &Rc<PathBuf>, text: &str) -> Result<Node, Vec<Problem>> {
    let reader = Reader { file, lines: line_starts(text), text };
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let told = errors.into_iter().map(|error| {
            let place = reader.place(error.span().unwrap_or_default().start);
            Problem { place, text: format!("this is not TOML: {}", error.message()) }
        });
        return Err(told.collect());
    }
    Ok(Node { value: reader.table(table.get_ref()), place: reader.place(0) })
}

struct Reader<'a> {
    file: &'a Rc<PathBuf>,
    text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
}

fn line_starts(text: &str) -> Vec<usize> {
    let breaks = text.bytes().enumerate().filter(|(_, octet)| *octet == b'\n');
    std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect()
}

impl Reader<'_> {
    fn place(&self, offset: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let begin = self.lines[line - 1];
        let before = self.text.get(begin..offset).unwrap_or_default();
        Place { file: Rc::clone(self.file), line, column: before.chars().count() + 1 }
    }

    fn table(&self, table: &DeTable<'_>) -> Value {
        let mut pairs: Vec<Pair> = table
            .iter()
            .map(|(key, value)| {
                let place = self.place(key.span().start);
                Pair { key: key.get_ref().to_string(), node: self.node(value), place }
            })
            .collect();
        // The order of the file, so that what is told first stands first.
        pairs.sort_by_key(|pair| (pair.place.line, pair.place.column));
        Value::Table(pairs)
    }

    fn node(&self, value: &Spanned<DeValue<'_>>) -> Node {
        let place = self.place(value.span().start);
        let value = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Boolean(truth) => Value::Boolean(*truth),
            DeValue::Array(items) => Value::List(items.iter().map(|i| self.node(i)).collect()),
            DeValue::Table(table) => self.table(table),
            // `until = 2027-01-31` needs no quotes.
            DeValue::Datetime(time) => Value::Text(time.to_string()),
            DeValue::Integer(_) => Value::Other("a number"),
            DeValue::Float(_) => Value::Other("a number with a decimal point"),
        };
        Node { value, place }
    }
}
