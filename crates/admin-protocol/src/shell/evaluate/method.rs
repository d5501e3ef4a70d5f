//! The few methods that values have: those of texts that administrators use, and moving points in
//! time. Everything else is refused by name.

use domain::Timestamp;

use super::Span;
use crate::shell::fault::Fault;
use crate::shell::value::{Value, compare, lookup};
use crate::text;

/// All methods, for suggestions and for the refusal.
const METHODS: [&str; 22] = [
    "ToLower",
    "ToUpper",
    "Contains",
    "StartsWith",
    "EndsWith",
    "Split",
    "Trim",
    "TrimStart",
    "TrimEnd",
    "Replace",
    "Substring",
    "IndexOf",
    "PadLeft",
    "PadRight",
    "ToString",
    "AddDays",
    "AddHours",
    "AddMinutes",
    "AddMonths",
    "ToUniversalTime",
    "ContainsKey",
    "AddYears",
];

/// Longest text that padding makes.
const MAX_PADDING: i64 = 10_000;
/// Milliseconds of a day.
const DAY_MS: f64 = 86_400_000.0;

/// Calls a method.
pub(super) fn call(
    on: &Value,
    name: &str,
    arguments: &[Value],
    span: Span,
) -> Result<Value, Fault> {
    let method = METHODS.iter().find(|known| known.eq_ignore_ascii_case(name));
    let Some(method) = method else {
        let near = text::nearest(name, METHODS.into_iter());
        return Err(Fault::meaning(span, format!("the method {name}() is not understood."))
            .with_nearest(&near)
            .with_hint(format!("this is not .NET; methods are {}", METHODS.join(", "))));
    };
    if let (&"ToString", []) = (method, arguments) {
        return Ok(Value::text(on.to_text()));
    }
    let found = match on {
        Value::Text(text) | Value::Login(text) => of_text(text, method, arguments),
        Value::Time(at) => of_time(*at, method, arguments),
        Value::List(items) if *method == "Contains" => arguments.first().map(|wanted| {
            let case = crate::shell::syntax::Case::Minded;
            Value::Boolean(items.iter().any(|item| compare::equal(item, wanted, case)))
        }),
        Value::Table(entries) if matches!(*method, "ContainsKey" | "Contains") => arguments
            .first()
            .map(|wanted| Value::Boolean(lookup(entries, &wanted.to_text()).is_some())),
        Value::List(items) => {
            let each: Result<Vec<Value>, Fault> =
                items.iter().map(|item| call(item, name, arguments, span)).collect();
            return each.map(Value::list);
        }
        _ => None,
    };
    found.ok_or_else(|| {
        let kind = on.kind_name();
        let count = arguments.len();
        Fault::meaning(span, format!("{kind} has no method {method}() of {count} such values"))
    })
}

fn of_text(text: &str, method: &str, arguments: &[Value]) -> Option<Value> {
    let texts: Vec<String> = arguments.iter().map(Value::to_text).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    Some(match (method, texts.as_slice()) {
        ("ToLower", []) => Value::text(text.to_lowercase()),
        ("ToUpper", []) => Value::text(text.to_uppercase()),
        ("Contains", [part]) => Value::Boolean(text.contains(part)),
        ("StartsWith", [part]) => Value::Boolean(text.starts_with(part)),
        ("EndsWith", [part]) => Value::Boolean(text.ends_with(part)),
        ("Split", []) => split(text, &[' ', '\t', '\n', '\r']),
        ("Split", [separators]) => split(text, &separators.chars().collect::<Vec<_>>()),
        ("Trim", []) => Value::text(text.trim()),
        ("TrimStart", []) => Value::text(text.trim_start()),
        ("TrimEnd", []) => Value::text(text.trim_end()),
        ("Trim", [set]) => Value::text(text.trim_matches(|c| set.contains(c))),
        ("TrimStart", [set]) => Value::text(text.trim_start_matches(|c| set.contains(c))),
        ("TrimEnd", [set]) => Value::text(text.trim_end_matches(|c| set.contains(c))),
        ("Replace", [from, to]) if !from.is_empty() => Value::text(text.replace(from, to)),
        ("IndexOf", [part]) => {
            let place = text.find(part).map(|octet| text[..octet].chars().count());
            Value::Integer(place.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1))
        }
        ("Substring", [_]) => {
            let start = usize::try_from(number(&arguments[0])?).ok()?;
            (start <= text.chars().count())
                .then(|| Value::text(text.chars().skip(start).collect::<String>()))?
        }
        ("Substring", [_, _]) => {
            let start = usize::try_from(number(&arguments[0])?).ok()?;
            let length = usize::try_from(number(&arguments[1])?).ok()?;
            let end = start.checked_add(length)?;
            (end <= text.chars().count())
                .then(|| Value::text(text.chars().skip(start).take(length).collect::<String>()))?
        }
        ("PadLeft" | "PadRight", [_]) => {
            let width = number(&arguments[0]).filter(|width| (0..=MAX_PADDING).contains(width))?;
            let width = usize::try_from(width).ok()?;
            let is_left = method == "PadLeft";
            Value::text(if is_left { format!("{text:>width$}") } else { format!("{text:<width$}") })
        }
        _ => return None,
    })
}

fn split(text: &str, separators: &[char]) -> Value {
    Value::list(text.split(separators).map(Value::text).collect())
}

fn of_time(at: Timestamp, method: &str, arguments: &[Value]) -> Option<Value> {
    let moved = match (method, arguments) {
        ("ToUniversalTime", []) => at,
        ("AddDays", [days]) => moved(at, days, DAY_MS)?,
        ("AddHours", [hours]) => moved(at, hours, DAY_MS / 24.0)?,
        ("AddMinutes", [minutes]) => moved(at, minutes, DAY_MS / 1440.0)?,
        ("AddMonths", [months]) => moved_months(at, number(months)?)?,
        ("AddYears", [years]) => moved_months(at, number(years)?.checked_mul(12)?)?,
        _ => return None,
    };
    Some(Value::Time(moved))
}

fn moved(at: Timestamp, amount: &Value, unit_ms: f64) -> Option<Timestamp> {
    let amount = compare::as_decimal(&compare::to_number(amount)?)?;
    let distance = amount * unit_ms;
    // Beyond this, dates have no written form.
    if distance.abs() > 1e14 {
        return None;
    }
    at.0.checked_add(distance as i64).map(Timestamp)
}

fn moved_months(at: Timestamp, months: i64) -> Option<Timestamp> {
    use chrono::{DateTime, Months};
    let time = DateTime::from_timestamp_millis(at.0)?;
    let count = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    let moved =
        if months < 0 { time.checked_sub_months(count)? } else { time.checked_add_months(count)? };
    Some(Timestamp(moved.timestamp_millis()))
}

fn number(value: &Value) -> Option<i64> {
    match compare::to_number(value)? {
        Value::Integer(number) => Some(number),
        _ => None,
    }
}
