//! What hangs on values: variables, properties, casts.

use std::rc::Rc;

use domain::Timestamp;

use super::{Evaluator, Span};
use crate::shell::fault::Fault;
use crate::shell::syntax::Cast;
use crate::shell::value::literal::brief;
use crate::shell::value::{Object, Value, compare, lookup, same_name};
use crate::text;

/// Variables of PowerShell that have a value here before they are set.
const PREFERENCES: [(&str, &str); 4] = [
    ("erroractionpreference", "Continue"),
    ("warningpreference", "Continue"),
    ("confirmpreference", "High"),
    ("ofs", " "),
];

impl Evaluator<'_> {
    /// A variable. One without a value is refused: `-Identity $typo` would else mean all objects.
    pub(super) fn variable(&mut self, name: &str, span: Span) -> Result<Value, Fault> {
        match name {
            "true" => return Ok(Value::Boolean(true)),
            "false" => return Ok(Value::Boolean(false)),
            "null" => return Ok(Value::Null),
            "?" => return Ok(Value::Boolean(self.succeeded)),
            _ => {}
        }
        if let Some(value) = self.variables.get(name) {
            return Ok(value.clone());
        }
        if let Some((_, value)) = PREFERENCES.iter().find(|(known, _)| *known == name) {
            return Ok(Value::text(value));
        }
        if name == "_" {
            return Err(Fault::meaning(span, "$_ has a value only inside { … } of a pipeline"));
        }
        let near = text::nearest(name, self.variables.keys().map(String::as_str));
        let near: Vec<String> = near.iter().map(|name| format!("${name}")).collect();
        let near: Vec<&str> = near.iter().map(String::as_str).collect();
        Err(Fault::meaning(span, format!("${name} has no value.")).with_nearest(&near))
    }

    /// A property of a value; of a list, the property of each item.
    pub(in crate::shell) fn property(&mut self, on: &Value, name: &str) -> Value {
        if let Some(value) = own_property(on, name) {
            return value;
        }
        match on {
            Value::List(items) => {
                let mut found = Vec::new();
                for item in items.iter() {
                    let value = self.property(item, name);
                    if !matches!(value, Value::Null) {
                        found.extend(value.into_items());
                    }
                }
                Value::gathered(found)
            }
            Value::Object(object) => {
                self.warn_of_missing(object, name);
                Value::Null
            }
            _ => Value::Null,
        }
    }

    /// PowerShell silently gives null for a property that is not there; a mistyped name then finds
    /// nothing. It is told once in each statement.
    fn warn_of_missing(&mut self, object: &Object, name: &str) {
        let Some(cmdlet) = object.origin else { return };
        if !self.warned.insert(name.to_lowercase()) {
            return;
        }
        let near = text::nearest(name, object.properties.iter().map(|(known, _)| known.as_str()));
        let question = if near.is_empty() {
            String::new()
        } else {
            format!(" Did you mean {}?", near.join(" or "))
        };
        let what = cmdlet.name;
        self.host.warn(&format!("objects of {what} have no property '{name}'.{question}"));
    }

    /// Says once in each statement that a text without a domain was taken for a login.
    pub(in crate::shell) fn tell_local_part(&mut self, left: &Value, right: &Value) {
        let (login, wanted) = match (left, right) {
            (Value::Login(login), other) | (other, Value::Login(login)) => (login, other),
            _ => return,
        };
        let Some(wanted) = wanted.as_text() else { return };
        let is_news = compare::is_local_part(login, wanted)
            && self.warned.insert(format!("@{}", wanted.to_lowercase()));
        if is_news {
            self.host.warn(&format!(
                "'{wanted}' was compared with the local part of {login}; PowerShell itself wants \
                 the whole login"
            ));
        }
    }

    /// `[int]'5'` and its like.
    pub(super) fn cast(&mut self, cast: Cast, value: Value, span: Span) -> Result<Value, Fault> {
        let no = |what: &str| Err(Fault::meaning(span, format!("{} is no {what}", brief(&value))));
        match cast {
            Cast::Text => Ok(Value::text(value.to_text())),
            Cast::Boolean => Ok(Value::Boolean(value.is_true())),
            Cast::List => Ok(match value {
                Value::List(_) => value,
                Value::Null => Value::list(Vec::new()),
                other => Value::list(vec![other]),
            }),
            Cast::Integer => match compare::to_number(&value) {
                Some(Value::Integer(number)) => Ok(Value::Integer(number)),
                Some(Value::Decimal(number)) if number.abs() < 9e18 => {
                    Ok(Value::Integer(number.round_ties_even() as i64))
                }
                _ => no("whole number"),
            },
            Cast::Decimal => {
                match compare::to_number(&value).as_ref().and_then(compare::as_decimal) {
                    Some(number) => Ok(Value::Decimal(number)),
                    None => no("number"),
                }
            }
            Cast::Time => match compare::to_time(&value) {
                Some(at) => Ok(Value::Time(at)),
                None => no("date, such as 2027-01-31 or 2027-01-31T18:00:00Z"),
            },
            Cast::Object => match &value {
                Value::Table(entries) => {
                    Ok(Value::Object(Rc::new(Object::new(entries.as_ref().clone()))))
                }
                Value::Object(_) => Ok(value),
                _ => no("hashtable"),
            },
            Cast::Table => match &value {
                Value::Table(_) => Ok(value),
                _ => no("hashtable"),
            },
        }
    }
}

/// A property that the value itself has.
pub(in crate::shell) fn own_property(on: &Value, name: &str) -> Option<Value> {
    let count = |number: usize| Some(Value::Integer(i64::try_from(number).unwrap_or(i64::MAX)));
    let is_count = same_name(name, "Count");
    let is_length = same_name(name, "Length");
    match on {
        Value::Object(object) => match object.property(name) {
            Some(value) => Some(value.clone()),
            None => is_count.then_some(Value::Integer(1)),
        },
        Value::Table(entries) => match lookup(entries, name) {
            Some(value) => Some(value.clone()),
            None if is_count => count(entries.len()),
            None if same_name(name, "Keys") => {
                Some(Value::list(entries.iter().map(|(key, _)| Value::text(key)).collect()))
            }
            None if same_name(name, "Values") => {
                Some(Value::list(entries.iter().map(|(_, value)| value.clone()).collect()))
            }
            None => None,
        },
        Value::List(items) if is_count || is_length => count(items.len()),
        Value::Text(text) | Value::Login(text) if is_length => count(text.chars().count()),
        Value::Null if is_count || is_length => Some(Value::Integer(0)),
        Value::Time(at) => time_part(*at, name),
        _ if is_count => Some(Value::Integer(1)),
        _ => None,
    }
}

/// Parts of a point in time, in UTC.
fn time_part(at: Timestamp, name: &str) -> Option<Value> {
    use chrono::{DateTime, Datelike, Timelike};
    let time = DateTime::from_timestamp_millis(at.0)?;
    let number = match name.to_ascii_lowercase().as_str() {
        "year" => i64::from(time.year()),
        "month" => i64::from(time.month()),
        "day" => i64::from(time.day()),
        "hour" => i64::from(time.hour()),
        "minute" => i64::from(time.minute()),
        "second" => i64::from(time.second()),
        "dayofyear" => i64::from(time.ordinal()),
        "dayofweek" => return Some(Value::text(time.format("%A").to_string())),
        "date" => {
            return Some(Value::Time(Timestamp(at.0 - at.0.rem_euclid(86_400_000))));
        }
        _ => return None,
    };
    Some(Value::Integer(number))
}
