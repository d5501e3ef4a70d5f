//! A value written so that the shell reads it back: for messages, and for scripts made by scripts.

use super::{Value, time_text};
use crate::shell::parse::is_single_quote;
use crate::text;

/// Writes a value as an expression that gives the value back. Objects become
/// `[pscustomobject]@{…}`; blocks and formatted output have no written form and become `$null`.
pub fn literal(value: &Value) -> String {
    match value {
        Value::Null | Value::Block(_) | Value::Layout(_) => "$null".to_owned(),
        Value::Boolean(true) => "$true".to_owned(),
        Value::Boolean(false) => "$false".to_owned(),
        // Its positive twin is no whole number of 64 bits.
        Value::Integer(i64::MIN) => format!("({} - 1)", i64::MIN + 1),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => decimal(*number),
        Value::Text(text) | Value::Login(text) => quoted(text),
        Value::Time(at) => format!("[datetime]'{}'", text::timestamp(*at)),
        Value::List(items) => match items.as_slice() {
            // The comma keeps it from being unrolled.
            [single @ Value::List(_)] => format!("@(,{})", literal(single)),
            _ => {
                let items: Vec<String> = items.iter().map(literal).collect();
                format!("@({})", items.join(", "))
            }
        },
        Value::Object(object) => format!("[pscustomobject]{}", table(&object.properties)),
        Value::Table(entries) => table(entries),
    }
}

fn decimal(number: f64) -> String {
    let text = format!("{number:?}");
    // Rust leaves the sign of the exponent away where it is positive, as the shell reads it.
    if text.contains("e-") {
        format!("{number:.340}").trim_end_matches('0').to_owned()
    } else {
        text
    }
}

fn table(entries: &[(String, Value)]) -> String {
    let entries: Vec<String> = entries
        .iter()
        .map(|(name, value)| format!("{} = {}", quoted(name), literal(value)))
        .collect();
    format!("@{{{}}}", entries.join("; "))
}

fn quoted(text: &str) -> String {
    let doubled: String = text
        .chars()
        .flat_map(|letter| {
            let is_quote = is_single_quote(letter);
            std::iter::repeat_n(letter, if is_quote { 2 } else { 1 })
        })
        .collect();
    format!("'{doubled}'")
}

/// A short form for messages.
pub(in crate::shell) fn brief(value: &Value) -> String {
    /// Longest text that a message shows.
    const MAX_CHARS: usize = 60;
    let whole = match value {
        Value::Time(at) => time_text(*at),
        other => literal(other),
    };
    match whole.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &whole[..end]),
        None => whole,
    }
}
