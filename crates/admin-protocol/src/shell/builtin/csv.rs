//! Export-Csv, Import-Csv and their like.

use super::output::{read, write};
use super::select::properties;
use crate::shell::bind::Binding;
use crate::shell::csv;
use crate::shell::evaluate::Evaluator;
use crate::shell::fault::Fault;
use crate::shell::value::{Value, lookup};

/// Between fields when nothing is said.
const COMMA: char = ',';
/// Between the items of a list in one field.
const LIST_SEPARATOR: &str = ";";

/// Export-Csv.
pub(super) fn export(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let path = binding.required_text("Path")?;
    let lines = lines(binding, &input.unwrap_or_default())?;
    // A file that is continued has its header already.
    let begins =
        if binding.switch("Append") && evaluator.host.read_file(&path).is_ok() { 1 } else { 0 };
    let text: String = lines.iter().skip(begins).map(|line| format!("{line}\r\n")).collect();
    write(evaluator, binding, &path, &text)?;
    Ok(Vec::new())
}

/// ConvertTo-Csv: one text per line.
pub(super) fn convert_to(
    _: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    Ok(lines(binding, &input.unwrap_or_default())?.iter().map(Value::text).collect())
}

/// The header and a line for each object. The first object's properties are the columns.
fn lines(binding: &Binding, items: &[Value]) -> Result<Vec<String>, Fault> {
    let delimiter = delimiter(binding)?;
    let Some(first) = items.first() else { return Ok(Vec::new()) };
    let columns: Vec<String> = properties(first).into_iter().map(|(name, _)| name).collect();
    if columns.is_empty() || matches!(first, Value::Layout(_)) {
        let text = format!("{} has no properties to be columns", first.kind_name());
        return Err(Fault::meaning(binding.span, text)
            .with_hint("Format-Table comes last; before CSV use Select-Object"));
    }
    let mut lines = vec![csv::line(columns.iter().map(String::as_str), delimiter)];
    for item in items {
        let values = properties(item);
        let fields: Vec<String> = columns
            .iter()
            .map(|column| lookup(&values, column).map(field).unwrap_or_default())
            .collect();
        lines.push(csv::line(fields.iter().map(String::as_str), delimiter));
    }
    Ok(lines)
}

fn field(value: &Value) -> String {
    match value {
        Value::List(items) => {
            items.iter().map(Value::to_text).collect::<Vec<_>>().join(LIST_SEPARATOR)
        }
        // In full: people's form has no fractions of a second.
        Value::Time(at) => crate::text::timestamp(*at),
        other => other.to_text(),
    }
}

fn delimiter(binding: &Binding) -> Result<char, Fault> {
    let Some(text) = binding.text("Delimiter") else { return Ok(COMMA) };
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(delimiter), None) if delimiter != '"' && !delimiter.is_control() || text == "\t" => {
            Ok(delimiter)
        }
        _ => Err(Fault::meaning(binding.span_of("Delimiter"), "-Delimiter wants one character")
            .with_hint("a semicolon is ';' and a tab \"`t\"")),
    }
}

/// Import-Csv.
pub(super) fn import(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    _: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let path = binding.required_text("Path")?;
    let text = read(evaluator, binding, &path)?;
    objects(binding, &text, &path)
}

/// ConvertFrom-Csv.
pub(super) fn convert_from(
    _: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let text = binding.input_text(input);
    objects(binding, &text, "the CSV")
}

fn objects(binding: &Binding, text: &str, name: &str) -> Result<Vec<Value>, Fault> {
    let delimiter = delimiter(binding)?;
    let wrong = |why: String| Err(Fault::file(binding.span, why));
    let records = match csv::read(text, delimiter) {
        Ok(records) => records,
        Err(line) => return wrong(format!("{name}, line {line}: a quote is missing")),
    };
    let mut records = records.into_iter();
    let header: Vec<String> = match binding.bound("Header") {
        Some(_) => binding.items("Header").iter().map(Value::to_text).collect(),
        None => match records.next() {
            Some((_, header)) => header,
            None => return Ok(Vec::new()),
        },
    };
    for (place, column) in header.iter().enumerate() {
        if header[..place].iter().any(|other| other.eq_ignore_ascii_case(column)) {
            return wrong(format!("{name}: the column '{column}' is there twice"));
        }
    }
    let mut objects = Vec::new();
    for (line, record) in records {
        if record.len() > header.len() {
            let (found, expected) = (record.len(), header.len());
            return wrong(format!("{name}, line {line}: {found} fields for {expected} columns"));
        }
        let mut fields = record.into_iter();
        let properties = header
            .iter()
            .map(|column| (column.clone(), fields.next().map_or(Value::Null, Value::text)));
        objects.push(Value::object(properties.collect()));
    }
    Ok(objects)
}
