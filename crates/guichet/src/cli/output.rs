//! How results are printed: tables on a terminal, aligned text elsewhere, one JSON document, or one
//! JSON object per line. Property names in JSON are the protocol's.

use std::io::{self, IsTerminal, Write};

use admin_protocol::cmdlet::Object;
use admin_protocol::parameters::Parameters;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use super::error::Error;
use super::session::Session;

/// `--json` of what shows one thing or a short list.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(crate) struct JsonOption {
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// `--json` and `--ndjson` of lists that can be long.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(crate) struct ListOptions {
    /// Print one JSON document: an array of objects
    #[arg(long, conflicts_with = "ndjson")]
    json: bool,
    /// Print one JSON object per line, as they come
    #[arg(long)]
    ndjson: bool,
}

impl ListOptions {
    /// Whether either kind of JSON is wanted.
    pub(crate) fn is_json(self) -> bool {
        self.json || self.ndjson
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// What stands above it.
    pub(crate) title: &'static str,
    /// The property that it shows.
    pub(crate) property: &'static str,
}

/// A column.
pub(crate) const fn column(title: &'static str, property: &'static str) -> Column {
    Column { title, property }
}

/// Where results go.
pub(crate) struct Output {
    to: Box<dyn Write>,
    is_terminal: bool,
    has_colour: bool,
}

impl Output {
    /// The process's stdout. Colour needs a terminal and no `NO_COLOR`.
    pub(crate) fn stdout() -> Output {
        let is_terminal = io::stdout().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Output { to: Box::new(io::stdout()), is_terminal, has_colour: is_terminal && !no_colour }
    }

    /// A line.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Error> {
        writeln!(self.to, "{text}")?;
        Ok(self.to.flush()?)
    }

    /// A text as it is, without a line end of its own.
    pub(crate) fn raw(&mut self, text: &str) -> Result<(), Error> {
        self.to.write_all(text.as_bytes())?;
        Ok(self.to.flush()?)
    }

    /// A line in one of the terminal's colours, where there are any.
    pub(crate) fn coloured(&mut self, colour: u8, text: &str) -> Result<(), Error> {
        let text = on_one_line(text);
        if self.has_colour {
            self.line(&format!("\u{1b}[{colour}m{text}\u{1b}[0m"))
        } else {
            self.line(&text)
        }
    }

    /// A value as one JSON document.
    pub(crate) fn json(&mut self, value: &Value) -> Result<(), Error> {
        self.line(&format!("{value:#}"))
    }

    /// Objects as JSON, one per line.
    pub(crate) fn json_lines(&mut self, objects: Vec<Object>) -> Result<(), Error> {
        objects.into_iter().try_for_each(|object| self.line(&Value::Object(object).to_string()))
    }

    /// Objects as a table.
    pub(crate) fn table(&mut self, columns: &[Column], objects: &[Object]) -> Result<(), Error> {
        let mut table = Table::new();
        if self.is_terminal {
            table.load_style(presets::UTF8_FULL_CONDENSED);
            table.set_content_arrangement(ContentArrangement::Dynamic);
        } else {
            table.load_style(presets::NOTHING);
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
        table.set_header(columns.iter().map(|column| column.title));
        for object in objects {
            table.add_row(columns.iter().map(|column| shown(object, column.property)));
        }
        for line in table.to_string().lines() {
            // Padding of the last column would only be noise in files.
            self.line(line.trim_end().strip_prefix(' ').unwrap_or(line.trim_end()))?;
        }
        Ok(())
    }

    /// One object as lines of name and value; empty values are left out.
    pub(crate) fn record(&mut self, object: &Object) -> Result<(), Error> {
        let shown: Vec<(&String, String)> = object
            .iter()
            .map(|(name, value)| (name, plain(value)))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let width = shown.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, text) in shown {
            self.line(&format!("{name:<width$}  {text}"))?;
        }
        Ok(())
    }

    /// A mark for passed, failed, or not reached.
    pub(crate) fn mark(&self, passed: Option<bool>) -> &'static str {
        match (passed, self.has_colour) {
            (Some(true), true) => "\u{1b}[32m✓\u{1b}[0m",
            (Some(true), false) => "✓",
            (Some(false), true) => "\u{1b}[31m✗\u{1b}[0m",
            (Some(false), false) => "✗",
            (None, _) => "–",
        }
    }
}

/// Calls a cmdlet and prints what it lists.
pub(crate) fn list(
    session: &mut Session,
    call: (&'static str, Parameters),
    columns: &[Column],
    options: ListOptions,
) -> Result<(), Error> {
    let (cmdlet, parameters) = call;
    if options.ndjson {
        return session
            .call_by_page(cmdlet, parameters, |output, objects| output.json_lines(objects));
    }
    let objects = session.call(cmdlet, parameters)?;
    print_gathered(session, objects, columns, options)
}

/// Prints objects that were gathered from several calls.
pub(crate) fn print_gathered(
    session: &mut Session,
    objects: Vec<Object>,
    columns: &[Column],
    options: ListOptions,
) -> Result<(), Error> {
    if options.ndjson {
        return session.output.json_lines(objects);
    }
    if options.json {
        return session.output.json(&objects.into_iter().map(Value::Object).collect());
    }
    if objects.is_empty() {
        eprintln!("nothing found");
        return Ok(());
    }
    session.output.table(columns, &objects)
}

/// Prints one object as lines or as a JSON object.
pub(crate) fn print_one(session: &mut Session, object: Object, as_json: bool) -> Result<(), Error> {
    if as_json {
        session.output.json(&Value::Object(object))
    } else {
        session.output.record(&object)
    }
}

/// Prints what a change left behind: with `--json` the object, else nothing.
pub(crate) fn print_changed(
    session: &mut Session,
    objects: Vec<Object>,
    format: JsonOption,
) -> Result<(), Error> {
    match objects.into_iter().next() {
        Some(object) if format.json => print_one(session, object, true),
        _ => Ok(()),
    }
}

/// Prints what was created: with `--json` the object, else its address alone.
pub(crate) fn print_created(
    session: &mut Session,
    object: Object,
    format: JsonOption,
) -> Result<(), Error> {
    if format.json {
        return print_one(session, object, true);
    }
    session.output.line(text(&object, "PrimarySmtpAddress"))
}

/// The text of a property; empty when absent or null.
pub(crate) fn text<'a>(object: &'a Object, property: &str) -> &'a str {
    object.get(property).and_then(Value::as_str).unwrap_or_default()
}

/// The texts of a property that is a list.
pub(crate) fn texts<'a>(object: &'a Object, property: &str) -> Vec<&'a str> {
    object
        .get(property)
        .and_then(Value::as_array)
        .map(|items| items.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

/// A property as a person reads it; empty when absent or null.
pub(crate) fn shown(object: &Object, property: &str) -> String {
    object.get(property).map(plain).unwrap_or_default()
}

/// A value as a person reads it: points in time to the second, lists with commas.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => short_time(text).unwrap_or_else(|| on_one_line(text)),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(object) => {
            let parts: Vec<String> = object.values().map(plain).collect();
            parts.join(" ").trim().to_owned()
        }
    }
}

/// Control characters from mail (a Subject) must not reach the terminal.
fn on_one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// `2027-01-31 18:00:00Z` for a point in time as the protocol writes it.
pub(crate) fn short_time(text: &str) -> Option<String> {
    let is_ours = text.len() == 28 && text.ends_with('Z') && text.is_ascii();
    if !is_ours || admin_protocol::text::parse_timestamp(text).is_none() {
        return None;
    }
    Some(format!("{} {}Z", &text[..10], &text[11..19]))
}

#[cfg(test)]
mod tests {
    //! Values as a person reads them.

    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_plain() {
        let check = |value: Value, expected: &str| assert_eq!(plain(&value), expected);
        check(json!(null), "");
        check(json!("2027-01-31T18:00:00.0000000Z"), "2027-01-31 18:00:00Z");
        check(json!("2027-01-31T18:00:00.000000éZ"), "2027-01-31T18:00:00.000000éZ");
        check(json!("two\nlines\u{1b}[31m"), "two lines [31m");
        check(json!(["a", "b"]), "a, b");
        check(json!({"DisplayName": "General", "EmailAddress": "g@x"}), "General g@x");
        check(json!(true), "yes");
    }
}
