//! Group-Object and Measure-Object.

use std::collections::HashMap;
use std::rc::Rc;

use super::select::{Wanted, chosen, wanted};
use crate::shell::bind::Binding;
use crate::shell::evaluate::Evaluator;
use crate::shell::fault::Fault;
use crate::shell::value::{Value, compare};

/// Group-Object: one object per group with Count, Name and Group, in the order of first sight.
pub(super) fn group(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let wanted = wanted(binding, "Property")?;
    let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for item in input.unwrap_or_default() {
        let name = if wanted.is_empty() {
            item.to_text()
        } else {
            let values = chosen(evaluator, &wanted, &item)?;
            values.iter().map(|(_, value)| value.to_text()).collect::<Vec<_>>().join(", ")
        };
        let place = *places.entry(name.to_lowercase()).or_insert_with(|| {
            groups.push((name, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(item);
    }
    if binding.switch("AsHashTable") {
        let table = groups.into_iter().map(|(name, items)| (name, Value::list(items))).collect();
        return Ok(vec![Value::Table(Rc::new(table))]);
    }
    let is_bare = binding.switch("NoElement");
    Ok(groups
        .into_iter()
        .map(|(name, items)| {
            let mut properties = vec![
                ("Count".to_owned(), count(items.len())),
                ("Name".to_owned(), Value::text(name)),
            ];
            if !is_bare {
                properties.push(("Group".to_owned(), Value::list(items)));
            }
            Value::object(properties)
        })
        .collect())
}

fn count(number: usize) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Measure-Object: the count, and what was asked for of a property.
pub(super) fn measure(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let items = input.unwrap_or_default();
    let wanted = wanted(binding, "Property")?;
    if wanted.is_empty() {
        return measured(binding, None, &items).map(|object| vec![object]);
    }
    let mut output = Vec::new();
    for one in &wanted {
        let name = match one {
            Wanted::Name(name) | Wanted::Calculated { name, .. } => name.clone(),
        };
        let mut values = Vec::new();
        for item in &items {
            let found = chosen(evaluator, std::slice::from_ref(one), item)?;
            let found = found.into_iter().map(|(_, value)| value);
            values.extend(found.filter(|value| !matches!(value, Value::Null)));
        }
        output.push(measured(binding, Some(name), &values)?);
    }
    Ok(output)
}

fn measured(binding: &Binding, name: Option<String>, values: &[Value]) -> Result<Value, Fault> {
    let is_all = binding.switch("AllStats");
    let wants = |switch: &str| is_all || binding.switch(switch);
    let (sum, average) = if wants("Sum") || wants("Average") {
        sum(binding, values)?
    } else {
        (Value::Null, Value::Null)
    };
    let sorted = |left: &&Value, right: &&Value| compare::sort_order(left, right);
    let pick = |is_wanted: bool, value: Option<&Value>| match value {
        Some(value) if is_wanted => value.clone(),
        _ => Value::Null,
    };
    let mut properties = vec![
        ("Count", count(values.len())),
        ("Average", if wants("Average") { average } else { Value::Null }),
        ("Sum", if wants("Sum") { sum } else { Value::Null }),
        ("Maximum", pick(wants("Maximum"), values.iter().max_by(sorted))),
        ("Minimum", pick(wants("Minimum"), values.iter().min_by(sorted))),
        ("Property", name.map_or(Value::Null, Value::text)),
    ];
    properties.retain(|(name, value)| *name == "Count" || !matches!(value, Value::Null));
    let properties = properties.into_iter().map(|(name, value)| (name.to_owned(), value));
    Ok(Value::object(properties.collect()))
}

fn sum(binding: &Binding, values: &[Value]) -> Result<(Value, Value), Fault> {
    let mut whole: Option<i64> = Some(0);
    let mut decimal = 0.0;
    for value in values {
        let Some(number) = compare::to_number(value) else {
            let text = format!("{} cannot be added up", value.kind_name());
            return Err(Fault::meaning(binding.span_of("Property"), text));
        };
        whole = match (whole, &number) {
            (Some(sum), Value::Integer(number)) => sum.checked_add(*number),
            _ => None,
        };
        decimal += compare::as_decimal(&number).unwrap_or(0.0);
    }
    if values.is_empty() {
        return Ok((Value::Integer(0), Value::Null));
    }
    let average = Value::Decimal(decimal / values.len() as f64);
    Ok((whole.map_or(Value::Decimal(decimal), Value::Integer), average))
}
