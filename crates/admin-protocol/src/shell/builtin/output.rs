//! Where output goes, and small sources of values: Out-*, Write-*, Get-Content, Get-Date.

use crate::shell::bind::Binding;
use crate::shell::csv;
use crate::shell::evaluate::Evaluator;
use crate::shell::fault::Fault;
use crate::shell::format;
use crate::shell::host::{Style, WriteMode};
use crate::shell::value::{Value, compare};
use crate::shell::wildcard;

/// Out-Null.
pub(super) fn out_null(
    _: &mut Evaluator<'_>,
    _: &Binding,
    _: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    Ok(Vec::new())
}

/// Out-Default: what would happen anyway.
pub(super) fn pass(
    _: &mut Evaluator<'_>,
    _: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    Ok(input.unwrap_or_default())
}

/// Out-String.
pub(super) fn out_string(
    _: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let style = Style { width: binding.count("Width")?, has_colour: false };
    let text = format::shown(&input.unwrap_or_default(), style);
    if binding.switch("Stream") {
        return Ok(text.lines().map(Value::text).collect());
    }
    Ok(vec![Value::text(text)])
}

/// Out-File.
pub(super) fn out_file(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let path = binding.required_text("FilePath")?;
    let style = Style { width: binding.count("Width")?, has_colour: false };
    let text = format::shown(&input.unwrap_or_default(), style);
    write(evaluator, binding, &path, &text)?;
    Ok(Vec::new())
}

/// Writes a text as `-Encoding`, `-Append` and `-NoClobber` say.
pub(super) fn write(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    path: &str,
    text: &str,
) -> Result<(), Fault> {
    let mode = match (binding.switch("Append"), binding.switch("NoClobber")) {
        (true, _) => WriteMode::Append,
        (false, true) => WriteMode::Create,
        (false, false) => WriteMode::Replace,
    };
    let encoding = csv::Encoding::of(binding)?;
    let octets = encoding.encode(text, mode != WriteMode::Append);
    evaluator
        .host
        .write_file(path, &octets, mode)
        .map_err(|why| Fault::file(binding.span, format!("cannot write {path}: {why}")))
}

/// Reads a file as text, whatever encoding its first octets announce.
pub(super) fn read(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    path: &str,
) -> Result<String, Fault> {
    let octets = evaluator.host.read_file(path).map_err(|why| {
        Fault::file(binding.span_of("Path"), format!("cannot read {path}: {why}"))
    })?;
    csv::decode(&octets).ok_or_else(|| {
        Fault::file(binding.span_of("Path"), format!("{path} is no text in UTF-8 or UTF-16"))
    })
}

/// Write-Output.
pub(super) fn write_output(
    _: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let given = binding.rest.iter().cloned().flat_map(Value::into_items);
    Ok(input.unwrap_or_default().into_iter().chain(given).collect())
}

/// Write-Host.
pub(super) fn write_host(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let separator = binding.text("Separator").unwrap_or_else(|| " ".to_owned());
    let words: Vec<String> =
        input.unwrap_or_default().iter().chain(&binding.rest).map(Value::to_text).collect();
    let mut text = format::plain_lines(&words.join(&separator));
    if !binding.switch("NoNewline") {
        text.push('\n');
    }
    evaluator.host.print(&text).map_err(|refusal| Fault::refused(binding.span, refusal))?;
    Ok(Vec::new())
}

/// Write-Warning.
pub(super) fn write_warning(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    for message in input.unwrap_or_default().iter().chain(binding.value("Message")) {
        evaluator.host.warn(&format::plain_lines(&message.to_text()));
    }
    Ok(Vec::new())
}

/// Write-Error.
pub(super) fn write_error(
    _: &mut Evaluator<'_>,
    binding: &Binding,
    _: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    Err(Fault::meaning(binding.span, binding.required_text("Message")?))
}

/// Get-Content.
pub(super) fn get_content(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    _: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let path = binding.required_text("Path")?;
    let text = read(evaluator, binding, &path)?;
    if binding.switch("Raw") {
        return Ok(vec![Value::text(text)]);
    }
    Ok(text.lines().map(Value::text).collect())
}

/// Get-Date.
pub(super) fn get_date(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    _: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let at = match binding.bound("Date") {
        None => evaluator.host.now(),
        Some(bound) => compare::to_time(&bound.value).ok_or_else(|| {
            let text = "a date is expected, such as 2027-01-31 or 2027-01-31T18:00:00Z";
            Fault::meaning(bound.span, text)
        })?,
    };
    let Some(form) = binding.text("Format") else { return Ok(vec![Value::Time(at)]) };
    match dated(at, &form) {
        Some(text) => Ok(vec![Value::text(text)]),
        None => {
            let text = "only yyyy, MM, dd, HH, mm, ss and punctuation are understood in -Format";
            Err(Fault::meaning(binding.span_of("Format"), text))
        }
    }
}

/// A point in time in a form such as `yyyy-MM-dd HH:mm`, in UTC.
fn dated(at: domain::Timestamp, form: &str) -> Option<String> {
    let exact = crate::text::timestamp(at);
    let parts = [
        ("yyyy", 0..4),
        ("MM", 5..7),
        ("dd", 8..10),
        ("HH", 11..13),
        ("mm", 14..16),
        ("ss", 17..19),
        ("fff", 20..23),
    ];
    let mut text = String::new();
    let mut rest = form;
    while let Some(letter) = rest.chars().next() {
        if let Some((name, place)) = parts.iter().find(|(name, _)| rest.starts_with(name)) {
            text.push_str(exact.get(place.clone())?);
            rest = &rest[name.len()..];
        } else if letter.is_alphabetic() && letter != 'T' && letter != 'Z' {
            return None;
        } else {
            text.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    Some(text)
}

/// Get-Variable.
pub(super) fn get_variable(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    _: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let pattern = binding.text("Name").unwrap_or_else(|| "*".to_owned());
    let found = evaluator.variables.iter().filter(|(name, _)| wildcard::matches(&pattern, name));
    Ok(found
        .map(|(name, value)| {
            Value::object(vec![
                ("Name".to_owned(), Value::text(name)),
                ("Value".to_owned(), value.clone()),
            ])
        })
        .collect())
}
