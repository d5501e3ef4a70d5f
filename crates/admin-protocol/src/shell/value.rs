//! Values: what variables hold and pipelines carry.
//!
//! Copying one is cheap: what is large is shared. Objects keep the order of their properties.
//! Names are compared without regard to case.

pub(super) mod compare;
pub(super) mod json;
pub(super) mod literal;

use std::rc::Rc;

use domain::Timestamp;

use super::format::Layout;
use super::syntax::Script;
use crate::cmdlet::Cmdlet;
use crate::text;

pub use literal::literal;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `$null`
    Null,
    /// `$true`, `$false`
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction; never infinite.
    Decimal(f64),
    /// A text.
    Text(Rc<str>),
    /// A login that the server wrote. Compared with a text that has no `@`, its local part counts.
    Login(Rc<str>),
    /// A point in time.
    Time(Timestamp),
    /// Several values.
    List(Rc<Vec<Value>>),
    /// An object.
    Object(Rc<Object>),
    /// A hashtable, in the order in which it was written.
    Table(Rc<Vec<(String, Value)>>),
    /// `{ … }`, not run yet.
    Block(Rc<Script>),
    /// What Format-Table and its like make.
    Layout(Rc<Layout>),
}

/// An object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object {
    /// Names and values, in order.
    pub properties: Vec<(String, Value)>,
    /// The cmdlet that gave it, as long as no property was taken away.
    pub origin: Option<&'static Cmdlet>,
}

impl Object {
    /// An object of our own making.
    pub fn new(properties: Vec<(String, Value)>) -> Object {
        Object { properties, origin: None }
    }

    /// A property, whatever the case of its name.
    pub fn property(&self, name: &str) -> Option<&Value> {
        lookup(&self.properties, name)
    }
}

/// A value by its name, whatever the case.
pub(super) fn lookup<'a>(entries: &'a [(String, Value)], name: &str) -> Option<&'a Value> {
    entries.iter().find(|(known, _)| same_name(known, name)).map(|(_, value)| value)
}

/// Whether two names are the same one.
pub(super) fn same_name(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right) || left.to_lowercase() == right.to_lowercase()
}

impl Value {
    /// A text.
    pub fn text(text: impl AsRef<str>) -> Value {
        Value::Text(Rc::from(text.as_ref()))
    }

    /// Several values.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Rc::new(items))
    }

    /// An object of our own making.
    pub fn object(properties: Vec<(String, Value)>) -> Value {
        Value::Object(Rc::new(Object::new(properties)))
    }

    /// What a pipeline's output is as one value: nothing is null, one stands for itself.
    pub(super) fn gathered(mut items: Vec<Value>) -> Value {
        match items.len() {
            0 => Value::Null,
            1 => items.swap_remove(0),
            _ => Value::list(items),
        }
    }

    /// The values that it gives to a pipeline: a list gives its items, null itself, all others
    /// themselves.
    pub(super) fn into_items(self) -> Vec<Value> {
        match self {
            Value::List(items) => Rc::try_unwrap(items).unwrap_or_else(|items| (*items).clone()),
            other => vec![other],
        }
    }

    /// The text of a text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Login(text) => Some(text),
            _ => None,
        }
    }

    /// Whether an `if` would take it for true: not null, false, zero, the empty text or the empty
    /// list.
    pub fn is_true(&self) -> bool {
        match self {
            Value::Null => false,
            Value::Boolean(value) => *value,
            Value::Integer(value) => *value != 0,
            Value::Decimal(value) => *value != 0.0,
            Value::Text(text) | Value::Login(text) => !text.is_empty(),
            Value::List(items) => match items.as_slice() {
                [] => false,
                [single] => single.is_true(),
                _ => true,
            },
            Value::Time(_)
            | Value::Object(_)
            | Value::Table(_)
            | Value::Block(_)
            | Value::Layout(_) => true,
        }
    }

    /// As it stands in a text: `"$x"`.
    pub fn to_text(&self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Boolean(true) => "True".to_owned(),
            Value::Boolean(false) => "False".to_owned(),
            Value::Integer(value) => value.to_string(),
            Value::Decimal(value) => value.to_string(),
            Value::Text(text) | Value::Login(text) => text.to_string(),
            Value::Time(at) => time_text(*at),
            Value::List(items) => items.iter().map(Value::to_text).collect::<Vec<_>>().join(" "),
            Value::Object(object) => match object.origin.and(object.property("Identity")) {
                Some(identity) => identity.to_text(),
                None => braced(&object.properties),
            },
            Value::Table(entries) => braced(entries),
            Value::Block(_) => "{…}".to_owned(),
            Value::Layout(layout) => layout.render(super::host::Style::default()),
        }
    }

    /// What it is, for messages: `a text`, `a list`.
    pub(super) fn kind_name(&self) -> &'static str {
        match self {
            Value::Null => "$null",
            Value::Boolean(_) => "a boolean",
            Value::Integer(_) => "a whole number",
            Value::Decimal(_) => "a number",
            Value::Text(_) | Value::Login(_) => "a text",
            Value::Time(_) => "a point in time",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
            Value::Table(_) => "a hashtable",
            Value::Block(_) => "a script block",
            Value::Layout(_) => "formatted output",
        }
    }

    /// The name of its type as Get-Member shows it.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Boolean(_) => "bool",
            Value::Integer(_) => "long",
            Value::Decimal(_) => "double",
            Value::Text(_) | Value::Login(_) => "string",
            Value::Time(_) => "datetime",
            Value::List(_) => "array",
            Value::Object(_) => "object",
            Value::Table(_) => "hashtable",
            Value::Block(_) => "scriptblock",
            Value::Layout(_) => "format",
        }
    }
}

fn braced(entries: &[(String, Value)]) -> String {
    let parts: Vec<String> =
        entries.iter().map(|(name, value)| format!("{name}={}", value.to_text())).collect();
    format!("@{{{}}}", parts.join("; "))
}

/// A point in time for people: `2027-01-31 18:00:00Z`.
pub(super) fn time_text(at: Timestamp) -> String {
    let exact = text::timestamp(at);
    match (exact.get(..10), exact.get(11..19)) {
        (Some(date), Some(time)) => format!("{date} {time}Z"),
        _ => exact,
    }
}
