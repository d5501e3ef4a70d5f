//! ConvertTo-Json and ConvertFrom-Json.

use crate::shell::bind::Binding;
use crate::shell::evaluate::Evaluator;
use crate::shell::fault::Fault;
use crate::shell::value::Value;
use crate::shell::value::json::{from_json, to_json};

/// Levels of objects that are written when nothing is said. PowerShell writes 2.
const DEPTH: usize = 8;
/// Most levels.
const MAX_DEPTH: usize = 100;

/// ConvertTo-Json: one object stands alone, several are an array.
pub(super) fn convert_to(
    _: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let depth = binding.count("Depth")?.unwrap_or(DEPTH).min(MAX_DEPTH);
    let items = match input {
        Some(items) => items,
        None => binding.value("InputObject").cloned().into_iter().collect(),
    };
    let whole = match items.as_slice() {
        [single] if !binding.switch("AsArray") => to_json(single, depth),
        several => several.iter().map(|item| to_json(item, depth)).collect(),
    };
    Ok(vec![Value::text(if binding.switch("Compress") {
        whole.to_string()
    } else {
        format!("{whole:#}")
    })])
}

/// ConvertFrom-Json.
pub(super) fn convert_from(
    _: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let text = binding.input_text(input);
    match serde_json::from_str(&text) {
        Ok(json) => Ok(from_json(&json).into_items()),
        Err(error) => Err(Fault::meaning(binding.span, format!("this is no JSON: {error}"))),
    }
}
