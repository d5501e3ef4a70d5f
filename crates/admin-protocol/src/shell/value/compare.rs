//! Comparing values as PowerShell does: the left one says how. Texts ignore case unless asked.

use std::cmp::Ordering;

use super::Value;
use crate::shell::syntax::Case;
use crate::text::parse_timestamp;

/// Whether two values are equal. A right value that cannot be read as the left one's kind is not.
pub(in crate::shell) fn equal(left: &Value, right: &Value, case: Case) -> bool {
    match (left, right) {
        (Value::Null, right) => matches!(right, Value::Null),
        (_, Value::Null) => false,
        (Value::Boolean(left), right) => *left == right.is_true(),
        (Value::Login(login), other) | (other, Value::Login(login)) => match other.as_text() {
            Some(wanted) => same_text(login, wanted, case) || is_local_part(login, wanted),
            None => same_text(&left.to_text(), &right.to_text(), case),
        },
        _ => order(left, right, case) == Some(Ordering::Equal),
    }
}

/// Whether `wanted` has no domain and is the local part of `login`.
pub(in crate::shell) fn is_local_part(login: &str, wanted: &str) -> bool {
    !wanted.contains('@')
        && login.split_once('@').is_some_and(|(local, _)| same_text(local, wanted, Case::Ignored))
}

/// Which of two values comes first; `None` where the right one cannot be read as the left one's
/// kind.
pub(in crate::shell) fn order(left: &Value, right: &Value, case: Case) -> Option<Ordering> {
    match left {
        Value::Integer(_) | Value::Decimal(_) => {
            let right = to_number(right)?;
            match (left, &right) {
                (Value::Integer(left), Value::Integer(right)) => Some(left.cmp(right)),
                _ => as_decimal(left)?.partial_cmp(&as_decimal(&right)?),
            }
        }
        Value::Time(left) => Some(left.cmp(&to_time(right)?)),
        Value::Boolean(left) => Some(left.cmp(&right.is_true())),
        Value::Null => {
            Some(if matches!(right, Value::Null) { Ordering::Equal } else { Ordering::Less })
        }
        // A text that is a date compares with a point in time as one.
        Value::Text(_) if matches!(right, Value::Time(_)) => {
            Some(to_time(left)?.cmp(&to_time(right)?))
        }
        _ => Some(text_order(&left.to_text(), &right.to_text(), case)),
    }
}

/// Order for sorting: null first, then numbers, times, texts; never undecided.
pub(in crate::shell) fn sort_order(left: &Value, right: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Boolean(_) => 1,
        Value::Integer(_) | Value::Decimal(_) => 2,
        Value::Time(_) => 3,
        _ => 4,
    };
    rank(left)
        .cmp(&rank(right))
        .then_with(|| order(left, right, Case::Ignored).unwrap_or(Ordering::Equal))
}

/// Whether two values are the same for -Unique and Group-Object: also deep inside.
pub(in crate::shell) fn same(left: &Value, right: &Value) -> bool {
    key(left) == key(right)
}

/// A text that two values share only when they are the same.
pub(in crate::shell) fn key(value: &Value) -> String {
    let properties = |entries: &[(String, Value)]| {
        entries
            .iter()
            .map(|(name, value)| format!("{}={}", name.to_lowercase(), key(value)))
            .collect::<Vec<_>>()
            .join("\u{1}")
    };
    match value {
        Value::Object(object) => format!("object\u{2}{}\u{3}", properties(&object.properties)),
        Value::Table(entries) => format!("table\u{2}{}\u{3}", properties(entries)),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(key).collect();
            format!("list\u{2}{}\u{3}", items.join("\u{1}"))
        }
        other => other.to_text().to_lowercase(),
    }
}

fn text_order(left: &str, right: &str, case: Case) -> Ordering {
    match case {
        Case::Minded => left.cmp(right),
        Case::Ignored => left.to_lowercase().cmp(&right.to_lowercase()),
    }
}

fn same_text(left: &str, right: &str, case: Case) -> bool {
    text_order(left, right, case) == Ordering::Equal
}

/// A value read as a number.
pub(in crate::shell) fn to_number(value: &Value) -> Option<Value> {
    match value {
        Value::Null => Some(Value::Integer(0)),
        Value::Boolean(value) => Some(Value::Integer(i64::from(*value))),
        Value::Integer(_) | Value::Decimal(_) => Some(value.clone()),
        Value::Text(text) | Value::Login(text) => {
            let text = text.trim();
            if text.is_empty() {
                return Some(Value::Integer(0));
            }
            crate::shell::parse::exact_number(text).or_else(|| {
                let number = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
                Some(match text.parse::<i64>() {
                    Ok(whole) => Value::Integer(whole),
                    Err(_) => Value::Decimal(number),
                })
            })
        }
        Value::List(items) => match items.as_slice() {
            [single] => to_number(single),
            _ => None,
        },
        Value::Time(_)
        | Value::Object(_)
        | Value::Table(_)
        | Value::Block(_)
        | Value::Layout(_) => None,
    }
}

/// A number as a number with a fraction.
pub(in crate::shell) fn as_decimal(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Decimal(number) => Some(*number),
        _ => None,
    }
}

/// A value read as a point in time.
pub(in crate::shell) fn to_time(value: &Value) -> Option<domain::Timestamp> {
    match value {
        Value::Time(at) => Some(*at),
        Value::Text(text) => parse_timestamp(text),
        _ => None,
    }
}
