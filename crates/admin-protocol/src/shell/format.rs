//! Draws values for people: tables, lists, columns. What has no form of its own is drawn as
//! PowerShell draws it: objects with few properties as a table, others as a list.
//!
//! Text from mail and from servers never reaches the terminal with control characters in it.

mod draw;

use super::host::Style;
use super::value::Value;

/// Most properties that are shown as a table when nobody asked for one.
const MAX_TABLE_PROPERTIES: usize = 4;

/// How rows are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Columns under their names.
    Table {
        /// Whether the names are drawn.
        has_header: bool,
    },
    /// A line for each property.
    List,
    /// One property of each row, in so many columns.
    Wide {
        /// At least 1.
        columns: usize,
    },
}

/// What Format-Table and its like made: rows that are drawn when it is known where to.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// How.
    pub form: Form,
    /// Columns that come first, and are drawn even where no row has them.
    pub columns: Vec<String>,
    /// Names and values. A row with one nameless value is a line of its own.
    pub rows: Vec<Vec<(String, Value)>>,
}

impl Layout {
    /// Draws it.
    pub fn render(&self, style: Style) -> String {
        draw::layout(self, style)
    }
}

/// Draws what a statement gave, each line with its end.
pub fn shown(items: &[Value], style: Style) -> String {
    let mut text = String::new();
    let mut rest = items;
    while let Some(first) = rest.first() {
        let length = rest.iter().take_while(|item| group(item) == group(first)).count().max(1);
        let (run, after) = rest.split_at(length);
        text.push_str(&match group(first) {
            Group::Scalar => run.iter().map(scalar).collect::<String>(),
            Group::Layout => run.iter().map(|item| drawn(item, style)).collect::<String>(),
            Group::Table(_) => {
                let rows = run.iter().map(table_properties).collect();
                let form = Form::Table { has_header: true };
                Layout { form, columns: Vec::new(), rows }.render(style)
            }
            Group::List(_) => {
                let rows = run.iter().map(own_properties).collect();
                Layout { form: Form::List, columns: Vec::new(), rows }.render(style)
            }
        });
        rest = after;
    }
    text
}

/// Kinds of values that are drawn together.
#[derive(PartialEq, Eq)]
enum Group {
    Scalar,
    Layout,
    Table(Vec<String>),
    List(Vec<String>),
}

fn group(item: &Value) -> Group {
    match item {
        Value::Layout(_) => Group::Layout,
        Value::Table(_) => Group::Table(vec!["Name".to_owned(), "Value".to_owned()]),
        Value::Object(object) => {
            let whole: Vec<String> =
                object.properties.iter().map(|(name, _)| name.to_lowercase()).collect();
            let has_columns = object.origin.is_some_and(|cmdlet| !cmdlet.display.is_empty());
            if has_columns || whole.len() <= MAX_TABLE_PROPERTIES {
                Group::Table(whole)
            } else {
                Group::List(whole)
            }
        }
        _ => Group::Scalar,
    }
}

/// The properties of an item that a table shows when nobody says which.
pub(super) fn table_properties(item: &Value) -> Vec<(String, Value)> {
    match item {
        Value::Object(object) => {
            let columns = object.origin.map_or(&[] as &[&str], |cmdlet| cmdlet.display);
            if columns.is_empty() {
                return object.properties.clone();
            }
            columns
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), object.property(name)?.clone())))
                .collect()
        }
        // PowerShell shows a hashtable as a table of its keys; one row here stands for one table.
        Value::Table(entries) => entries.as_ref().clone(),
        other => vec![(String::new(), other.clone())],
    }
}

fn own_properties(item: &Value) -> Vec<(String, Value)> {
    match item {
        Value::Object(object) => object.properties.clone(),
        other => table_properties(other),
    }
}

fn drawn(item: &Value, style: Style) -> String {
    match item {
        Value::Layout(layout) => layout.render(style),
        other => scalar(other),
    }
}

/// A value on lines of its own; null is nothing.
fn scalar(item: &Value) -> String {
    match item {
        Value::Null => String::new(),
        Value::List(items) => items.iter().map(scalar).collect(),
        other => {
            let text = plain_lines(&other.to_text());
            if text.ends_with('\n') { text } else { format!("{text}\n") }
        }
    }
}

/// A text whose control characters, but for line ends and tabs, are spaces.
pub(super) fn plain_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| if c.is_control() && c != '\n' && c != '\t' { ' ' } else { c })
        .collect()
}
