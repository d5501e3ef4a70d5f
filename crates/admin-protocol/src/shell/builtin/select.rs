//! Select-Object and Sort-Object, and the properties that they and the formatters are given: names,
//! wildcards, blocks, and tables with a name and an expression.

use std::rc::Rc;

use crate::shell::bind::Binding;
use crate::shell::evaluate::{Evaluator, own_property};
use crate::shell::fault::Fault;
use crate::shell::source::Span;
use crate::shell::syntax::Script;
use crate::shell::value::{Object, Value, compare, same_name};
use crate::shell::wildcard;

/// A property that was asked for.
pub(in crate::shell) enum Wanted {
    /// By name, or by wildcard.
    Name(String),
    /// By an expression, with the name that the result has.
    Calculated { name: String, block: Rc<Script>, is_descending: bool },
}

/// Reads the value of `-Property`.
pub(in crate::shell) fn wanted(binding: &Binding, name: &str) -> Result<Vec<Wanted>, Fault> {
    let span = binding.span_of(name);
    binding.items(name).into_iter().map(|item| one_wanted(item, span)).collect()
}

fn one_wanted(item: Value, span: Span) -> Result<Wanted, Fault> {
    match item {
        Value::Block(block) => {
            Ok(Wanted::Calculated { name: "Value".to_owned(), block, is_descending: false })
        }
        Value::Table(entries) => {
            let part = |names: &[&str]| {
                entries
                    .iter()
                    .find(|(key, _)| names.iter().any(|name| same_name(name, key)))
                    .map(|(_, value)| value.clone())
            };
            let name = part(&["Name", "n", "Label", "l"]).map(|name| name.to_text());
            let is_descending = part(&["Descending"]).is_some_and(|value| value.is_true());
            match part(&["Expression", "e"]) {
                Some(Value::Block(block)) => {
                    let name = name.unwrap_or_else(|| "Value".to_owned());
                    Ok(Wanted::Calculated { name, block, is_descending })
                }
                Some(other) if name.is_none() => Ok(Wanted::Name(other.to_text())),
                _ => Err(Fault::meaning(span, "a calculated property is @{n='Name'; e={…}}")),
            }
        }
        other => Ok(Wanted::Name(other.to_text())),
    }
}

/// The properties of one item that were asked for, in that order.
pub(in crate::shell) fn chosen(
    evaluator: &mut Evaluator<'_>,
    wanted: &[Wanted],
    item: &Value,
) -> Result<Vec<(String, Value)>, Fault> {
    let mut chosen: Vec<(String, Value)> = Vec::new();
    for wanted in wanted {
        match wanted {
            Wanted::Name(pattern) if wildcard::has_wildcard(pattern) => {
                for (name, value) in properties(item) {
                    if wildcard::matches(pattern, &name) {
                        add(&mut chosen, name, value);
                    }
                }
            }
            Wanted::Name(name) => {
                let value = evaluator.property(item, name);
                // Spelt as the object spells it.
                let spelt = properties(item)
                    .into_iter()
                    .find(|(known, _)| same_name(known, name))
                    .map_or_else(|| name.clone(), |(known, _)| known);
                add(&mut chosen, spelt, value);
            }
            Wanted::Calculated { name, block, .. } => {
                let value = Value::gathered(evaluator.block(block, item)?);
                add(&mut chosen, name.clone(), value);
            }
        }
    }
    Ok(chosen)
}

fn add(chosen: &mut Vec<(String, Value)>, name: String, value: Value) {
    if !chosen.iter().any(|(known, _)| same_name(known, &name)) {
        chosen.push((name, value));
    }
}

/// The properties that an item has; a text has its length.
pub(in crate::shell) fn properties(item: &Value) -> Vec<(String, Value)> {
    match item {
        Value::Object(object) => object.properties.clone(),
        Value::Table(entries) => entries.as_ref().clone(),
        Value::Text(_) | Value::Login(_) => own_property(item, "Length")
            .map(|value| ("Length".to_owned(), value))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// Select-Object.
pub(super) fn select(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let items = counted(binding, input.unwrap_or_default())?;
    let wanted = wanted(binding, "Property")?;
    let excluded: Vec<String> =
        binding.items("ExcludeProperty").iter().map(Value::to_text).collect();
    let expanded = binding.text("ExpandProperty");
    let mut output = Vec::new();
    for item in items {
        if let Some(name) = &expanded {
            let value = evaluator.property(&item, name);
            output.extend(value.into_items());
        } else if wanted.is_empty() && excluded.is_empty() {
            output.push(item);
        } else {
            let mut properties = if wanted.is_empty() {
                properties(&item)
            } else {
                chosen(evaluator, &wanted, &item)?
            };
            properties.retain(|(name, _)| {
                !excluded.iter().any(|pattern| wildcard::matches(pattern, name))
            });
            output.push(Value::Object(Rc::new(Object::new(properties))));
        }
    }
    Ok(if binding.switch("Unique") { unique(output) } else { output })
}

/// The items that -First, -Last, -Skip, -SkipLast and -Index leave.
fn counted(binding: &Binding, mut items: Vec<Value>) -> Result<Vec<Value>, Fault> {
    if binding.bound("Index").is_some() {
        let places = binding.items("Index");
        let found = places.iter().filter_map(|place| match compare::to_number(place) {
            Some(Value::Integer(place)) => items.get(usize::try_from(place).ok()?).cloned(),
            _ => None,
        });
        return Ok(found.collect());
    }
    let (first, last) = (binding.count("First")?, binding.count("Last")?);
    let skipped = binding.count("Skip")?.unwrap_or(0).min(items.len());
    // With -Last alone, -Skip counts from the end.
    if last.is_some() && first.is_none() {
        items.truncate(items.len() - skipped);
    } else {
        items.drain(..skipped);
    }
    if let Some(skipped) = binding.count("SkipLast")? {
        items.truncate(items.len().saturating_sub(skipped));
    }
    Ok(match (first, last) {
        (None, None) => items,
        (Some(first), None) => {
            items.truncate(first);
            items
        }
        (None, Some(last)) => items.split_off(items.len().saturating_sub(last)),
        (Some(first), Some(last)) => {
            let tail = items.len().saturating_sub(last).max(first.min(items.len()));
            let end = items.split_off(tail);
            items.truncate(first);
            items.extend(end);
            items
        }
    })
}

/// The first of all that are the same.
pub(in crate::shell) fn unique(items: Vec<Value>) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    items.into_iter().filter(|item| seen.insert(compare::key(item))).collect()
}

/// Sort-Object; what is equal stays in its order.
pub(super) fn sort(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let wanted = wanted(binding, "Property")?;
    let mut keyed = Vec::new();
    for item in input.unwrap_or_default() {
        keyed.push((keys(evaluator, &wanted, &item)?, item));
    }
    let is_descending = binding.switch("Descending");
    keyed.sort_by(|(left, _), (right, _)| {
        for (place, (left, right)) in left.iter().zip(right).enumerate() {
            let turned = match wanted.get(place) {
                Some(Wanted::Calculated { is_descending: true, .. }) => !is_descending,
                _ => is_descending,
            };
            let order = compare::sort_order(left, right);
            let order = if turned { order.reverse() } else { order };
            if order.is_ne() {
                return order;
            }
        }
        std::cmp::Ordering::Equal
    });
    if binding.switch("Unique") {
        keyed.dedup_by(|(left, _), (right, _)| {
            left.iter().zip(right.iter()).all(|(left, right)| compare::same(left, right))
        });
    }
    let mut sorted: Vec<Value> = keyed.into_iter().map(|(_, item)| item).collect();
    if let Some(top) = binding.count("Top")? {
        sorted.truncate(top);
    }
    if let Some(bottom) = binding.count("Bottom")? {
        sorted = sorted.split_off(sorted.len().saturating_sub(bottom));
    }
    Ok(sorted)
}

/// What an item is sorted by.
fn keys(
    evaluator: &mut Evaluator<'_>,
    wanted: &[Wanted],
    item: &Value,
) -> Result<Vec<Value>, Fault> {
    if wanted.is_empty() {
        return Ok(vec![item.clone()]);
    }
    wanted
        .iter()
        .map(|wanted| match wanted {
            Wanted::Name(name) => Ok(evaluator.property(item, name)),
            Wanted::Calculated { block, .. } => evaluator.block(block, item).map(Value::gathered),
        })
        .collect()
}
