//! Format-Table, Format-List, Format-Wide: they choose the properties; `format` draws.

use std::rc::Rc;

use super::select::{Wanted, chosen, properties, wanted};
use crate::shell::bind::Binding;
use crate::shell::evaluate::Evaluator;
use crate::shell::fault::Fault;
use crate::shell::format::{self, Form, Layout};
use crate::shell::value::Value;

/// Columns of Format-Wide when nothing is said.
const WIDE_COLUMNS: usize = 2;

/// Format-Table.
pub(super) fn table(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let form = Form::Table { has_header: !binding.switch("HideTableHeaders") };
    laid_out(evaluator, binding, input, form)
}

/// Format-List.
pub(super) fn list(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    laid_out(evaluator, binding, input, Form::List)
}

/// Format-Wide.
pub(super) fn wide(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let columns = binding.count("Column")?.unwrap_or(WIDE_COLUMNS).clamp(1, 20);
    laid_out(evaluator, binding, input, Form::Wide { columns })
}

fn laid_out(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
    form: Form,
) -> Result<Vec<Value>, Fault> {
    let items = input.unwrap_or_default();
    let wanted = wanted(binding, "Property")?;
    let mut rows = Vec::new();
    for item in items {
        let is_object = matches!(item, Value::Object(_) | Value::Table(_));
        if !is_object && wanted.is_empty() {
            rows.push(vec![(String::new(), item)]);
            continue;
        }
        rows.push(if wanted.is_empty() {
            match form {
                Form::List => properties(&item),
                Form::Table { .. } | Form::Wide { .. } => format::table_properties(&item),
            }
        } else {
            let wanted = match form {
                Form::Wide { .. } => &wanted[..1],
                Form::Table { .. } | Form::List => wanted.as_slice(),
            };
            chosen(evaluator, wanted, &item)?
        });
    }
    let group_by = binding.text("GroupBy");
    if group_by.is_some() {
        evaluator.host.warn("-GroupBy is not understood; use Group-Object");
    }
    // Columns are shown even where no row has a value.
    let columns = wanted.iter().filter_map(|wanted| match wanted {
        Wanted::Name(name) | Wanted::Calculated { name, .. } => {
            (!crate::shell::wildcard::has_wildcard(name)).then(|| name.clone())
        }
    });
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let columns = columns.collect();
    Ok(vec![Value::Layout(Rc::new(Layout { form, columns, rows }))])
}
