//! Where-Object and ForEach-Object.

use crate::shell::bind::Binding;
use crate::shell::evaluate::{Evaluator, compared};
use crate::shell::fault::Fault;
use crate::shell::syntax::comparison;
use crate::shell::value::Value;

/// Where-Object, with a block or in its short form.
pub(super) fn filter(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let mut kept = Vec::new();
    for item in input.unwrap_or_default() {
        if holds(evaluator, binding, &item)? {
            kept.push(item);
        }
    }
    Ok(kept)
}

fn holds(evaluator: &mut Evaluator<'_>, binding: &Binding, item: &Value) -> Result<bool, Fault> {
    let condition = binding.bound("Property").or_else(|| binding.bound("FilterScript"));
    let Some(condition) = condition else {
        return Err(Fault::meaning(binding.span, "Where-Object needs a condition")
            .with_hint("{$_.Property -eq 'value'}, or: Property -eq 'value'"));
    };
    if let Value::Block(block) = &condition.value {
        return Ok(Value::gathered(evaluator.block(block, item)?).is_true());
    }
    let value = evaluator.property(item, &condition.value.to_text());
    let operator = binding.all().iter().find_map(|bound| {
        let (comparison, case) = comparison(bound.name)?;
        Some((comparison, case, bound))
    });
    match operator {
        Some((comparison, case, wanted)) => {
            evaluator.tell_local_part(&value, &wanted.value);
            let found = compared(comparison, case, &value, &wanted.value, wanted.span)?;
            Ok(found.is_true())
        }
        None => match binding.bound("Value") {
            Some(surplus) => Err(Fault::meaning(
                surplus.span,
                "an operator is missing: Where-Object Property -eq 'value'",
            )),
            None => Ok(value.is_true() != binding.switch("Not")),
        },
    }
}

/// ForEach-Object, with a block or the name of a property.
pub(super) fn for_each(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let member = binding.bound("MemberName").or_else(|| binding.bound("Process"));
    let Some(member) = member else {
        return Err(Fault::meaning(binding.span, "ForEach-Object needs a block: {$_.Alias}"));
    };
    let mut output = Vec::new();
    if let Some(Value::Block(begin)) = binding.value("Begin") {
        output.extend(evaluator.script(begin)?);
    }
    for item in input.unwrap_or_default() {
        match &member.value {
            Value::Block(block) => output.extend(evaluator.block(block, &item)?),
            name => {
                let value = evaluator.property(&item, &name.to_text());
                output.extend(value.into_items());
            }
        }
    }
    if let Some(Value::Block(end)) = binding.value("End") {
        output.extend(evaluator.script(end)?);
    }
    Ok(output)
}
