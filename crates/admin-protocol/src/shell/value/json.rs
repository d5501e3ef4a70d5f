//! Values from JSON and to JSON: objects of the server, ConvertTo-Json, ConvertFrom-Json.

use std::rc::Rc;

use serde_json::{Map, Value as Json};

use super::{Object, Value};
use crate::cmdlet::{self, Cmdlet, Property, PropertyKind};
use crate::text::{parse_timestamp, timestamp};

/// Properties in which the server names a person or a group by its login.
const LOGINS: [&str; 3] = ["Trustee", "User", "GrantedBy"];

/// Any JSON as a value. Objects have no origin.
pub(in crate::shell) fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Boolean(*value),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Integer(whole),
            (None, Some(decimal)) => Value::Decimal(decimal),
            (None, None) => Value::text(number.to_string()),
        },
        Json::String(text) => Value::text(text),
        Json::Array(items) => Value::list(items.iter().map(from_json).collect()),
        Json::Object(object) => Value::object(
            object.iter().map(|(name, value)| (name.clone(), from_json(value))).collect(),
        ),
    }
}

/// An object that a cmdlet gave: its properties in the order of the table, points in time as such.
pub(in crate::shell) fn from_server(cmdlet: &'static Cmdlet, object: &cmdlet::Object) -> Value {
    let properties = ordered(cmdlet.output, object);
    Value::Object(Rc::new(Object { properties, origin: Some(cmdlet) }))
}

fn ordered(table: &[Property], object: &Map<String, Json>) -> Vec<(String, Value)> {
    let known = table.iter().filter_map(|property| {
        let value = object.get(property.name)?;
        Some((property.name.to_owned(), of_kind(property, value)))
    });
    let others = object
        .iter()
        .filter(|(name, _)| !table.iter().any(|property| property.name == name.as_str()))
        .map(|(name, value)| (name.clone(), from_json(value)));
    known.chain(others).collect()
}

fn of_kind(property: &Property, value: &Json) -> Value {
    match (property.kind, value) {
        (PropertyKind::Timestamp | PropertyKind::OptionalTimestamp, Json::String(text)) => {
            parse_timestamp(text).map_or_else(|| Value::text(text), Value::Time)
        }
        (PropertyKind::Text | PropertyKind::OptionalText, Json::String(text))
            if LOGINS.contains(&property.name) && text.contains('@') =>
        {
            Value::Login(Rc::from(text.as_str()))
        }
        (PropertyKind::Objects(parts), Json::Array(items)) => {
            let items = items.iter().map(|item| match item {
                Json::Object(object) => Value::object(ordered(parts, object)),
                other => from_json(other),
            });
            Value::list(items.collect())
        }
        _ => from_json(value),
    }
}

/// A value as JSON, objects down to `depth` levels; deeper ones as text.
pub(in crate::shell) fn to_json(value: &Value, depth: usize) -> Json {
    let properties = |entries: &[(String, Value)]| -> Json {
        if depth == 0 {
            return Json::String(value.to_text());
        }
        entries.iter().map(|(name, value)| (name.clone(), to_json(value, depth - 1))).collect()
    };
    match value {
        Value::Null => Json::Null,
        Value::Boolean(value) => Json::Bool(*value),
        Value::Integer(value) => Json::from(*value),
        Value::Decimal(value) => Json::from(*value),
        Value::Time(at) => Json::String(timestamp(*at)),
        Value::List(items) => items.iter().map(|item| to_json(item, depth)).collect(),
        Value::Object(object) => properties(&object.properties),
        Value::Table(entries) => properties(entries),
        Value::Text(_) | Value::Login(_) | Value::Block(_) | Value::Layout(_) => {
            Json::String(value.to_text())
        }
    }
}
