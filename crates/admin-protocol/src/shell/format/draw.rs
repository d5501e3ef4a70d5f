//! Drawing rows: widths, alignment, cuts with `…`, colour.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Form, Layout, Value};
use crate::shell::host::Style;
use crate::shell::value::same_name;

/// Narrowest column.
const MIN_WIDTH: usize = 4;
/// What a cut cell ends in.
const CUT: char = '…';

/// Draws a layout. The blank lines that PowerShell puts around tables are left out: output goes
/// into files and programs as often as to people.
pub(super) fn layout(layout: &Layout, style: Style) -> String {
    let mut text = String::new();
    let mut rest = layout.rows.as_slice();
    while !rest.is_empty() {
        // Nameless values stand between tables as lines of their own.
        let is_loose =
            |row: &Vec<(String, Value)>| matches!(row.as_slice(), [(name, _)] if name.is_empty());
        let length = rest.iter().take_while(|row| !is_loose(row)).count();
        let (run, after) = rest.split_at(length);
        if !run.is_empty() {
            text.push_str(&match layout.form {
                Form::Table { has_header } => table(&layout.columns, run, has_header, style),
                Form::List => list(run, style),
                Form::Wide { columns } => wide(run, columns, style),
            });
        }
        rest = match after.split_first() {
            Some((row, after)) => {
                text.push_str(&row.iter().map(|(_, value)| cell(value) + "\n").collect::<String>());
                after
            }
            None => after,
        };
    }
    text
}

/// A value as one line: lists in braces, without control characters.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(Value::to_text).collect();
            format!("{{{}}}", items.join(", "))
        }
        other => other.to_text(),
    };
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

struct Column {
    name: String,
    cells: Vec<String>,
    is_number: bool,
    width: usize,
}

fn table(
    first: &[String],
    rows: &[Vec<(String, Value)>],
    has_header: bool,
    style: Style,
) -> String {
    let mut columns = columns(first, rows);
    if let Some(width) = style.width {
        narrow(&mut columns, width);
    }
    let mut text = String::new();
    if has_header {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let line = line(&columns, &names);
        text.push_str(&coloured(&line, style));
        let rules: Vec<String> = columns
            .iter()
            .map(|column| "-".repeat(column.name.width().min(column.width)))
            .collect();
        let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
        text.push_str(&coloured(&self::line(&columns, &rules), style));
    }
    for place in 0..rows.len() {
        let cells: Vec<&str> = columns.iter().map(|column| column.cells[place].as_str()).collect();
        text.push_str(&line(&columns, &cells));
        text.push('\n');
    }
    text
}

/// The columns in the order in which the rows bring them.
fn columns(first: &[String], rows: &[Vec<(String, Value)>]) -> Vec<Column> {
    let mut names: Vec<String> = Vec::new();
    // A calculated row spells a column as the object does.
    let spelt = |name: &String| {
        let in_rows = rows.iter().flatten().find(|(known, _)| same_name(known, name));
        in_rows.map_or_else(|| name.clone(), |(known, _)| known.clone())
    };
    let in_rows = rows.iter().flatten().map(|(name, _)| name);
    for name in first.iter().chain(in_rows) {
        if !names.iter().any(|known| same_name(known, name)) {
            names.push(spelt(name));
        }
    }
    names
        .into_iter()
        .map(|name| {
            let values: Vec<Option<&Value>> = rows
                .iter()
                .map(|row| row.iter().find(|(known, _)| same_name(known, &name)))
                .map(|found| found.map(|(_, value)| value))
                .collect();
            let is_number = values
                .iter()
                .all(|value| matches!(value, Some(Value::Integer(_) | Value::Decimal(_))));
            let cells: Vec<String> =
                values.into_iter().map(|value| value.map(cell).unwrap_or_default()).collect();
            let widest = cells.iter().map(|cell| cell.width()).max().unwrap_or(0);
            let width = widest.max(name.width());
            Column { name, cells, is_number, width }
        })
        .collect()
}

/// Takes width from the widest columns until the line fits.
fn narrow(columns: &mut [Column], width: usize) {
    let gaps = columns.len().saturating_sub(1);
    let mut surplus =
        (columns.iter().map(|column| column.width).sum::<usize>() + gaps).saturating_sub(width);
    while surplus > 0 {
        let Some(widest) = columns.iter_mut().max_by_key(|column| column.width) else { return };
        if widest.width <= MIN_WIDTH {
            return;
        }
        widest.width -= 1;
        surplus -= 1;
    }
}

fn line(columns: &[Column], cells: &[&str]) -> String {
    let padded: Vec<String> = columns
        .iter()
        .zip(cells)
        .map(|(column, text)| {
            let text = cut(text, column.width);
            let padding = " ".repeat(column.width.saturating_sub(text.width()));
            if column.is_number { padding + &text } else { text + &padding }
        })
        .collect();
    padded.join(" ").trim_end().to_owned()
}

/// A header line with its end.
fn coloured(line: &str, style: Style) -> String {
    if style.has_colour { format!("\u{1b}[32;1m{line}\u{1b}[0m\n") } else { format!("{line}\n") }
}

/// A text of at most this width.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for letter in text.chars() {
        used += letter.width().unwrap_or(0);
        if used > width {
            break;
        }
        kept.push(letter);
    }
    kept.push(CUT);
    kept
}

fn list(rows: &[Vec<(String, Value)>], style: Style) -> String {
    let mut text = String::new();
    for (place, row) in rows.iter().enumerate() {
        if place > 0 {
            text.push('\n');
        }
        let width = row.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
        for (name, value) in row {
            let padding = " ".repeat(width - name.width());
            let name = if style.has_colour {
                format!("\u{1b}[32;1m{name}\u{1b}[0m")
            } else {
                name.clone()
            };
            text.push_str(format!("{name}{padding} : {}", cell(value)).trim_end());
            text.push('\n');
        }
    }
    text
}

fn wide(rows: &[Vec<(String, Value)>], columns: usize, style: Style) -> String {
    let cells: Vec<String> = rows
        .iter()
        .map(|row| row.first().map(|(_, value)| cell(value)).unwrap_or_default())
        .collect();
    let widest = cells.iter().map(|cell| cell.width()).max().unwrap_or(0);
    let width = match style.width {
        Some(width) => widest.min((width / columns.max(1)).saturating_sub(1).max(MIN_WIDTH)),
        None => widest,
    };
    let mut text = String::new();
    for chunk in cells.chunks(columns.max(1)) {
        let line: Vec<String> = chunk
            .iter()
            .map(|cell| {
                let cell = cut(cell, width);
                let padding = " ".repeat(width.saturating_sub(cell.width()));
                cell + &padding
            })
            .collect();
        text.push_str(line.join(" ").trim_end());
        text.push('\n');
    }
    text
}
