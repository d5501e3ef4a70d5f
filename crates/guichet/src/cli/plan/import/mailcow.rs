//! mailcow's table `sender_acl`: columns `logged_in_as`, `send_as` and `external`, as CSV or TSV
//! with a head (`mysql --batch`), as a JSON array of objects, or as the lines of an SQL dump that
//! fill it.

use serde_json::Value;

use super::table::Table;
use super::{Found, Reading};

/// How a line of a dump begins that fills a table; it is read here, never run.
// tidy: allow(sql): the words of a file that is read
const FILLS: &str = "INSERT INTO";

/// Reads the table in whichever form it is.
pub(super) fn read(text: &str) -> Result<Reading, String> {
    let begin = text.trim_start();
    if begin.starts_with('[') {
        read_json(begin)
    } else if begin.to_ascii_uppercase().contains(FILLS) {
        read_sql(text)
    } else {
        read_table(text)
    }
}

/// One row of the table.
struct Entry<'a> {
    line: usize,
    login: &'a str,
    send_as: &'a str,
    is_external: bool,
}

fn take(reading: &mut Reading, entry: &Entry<'_>) {
    let Entry { line, login, send_as, is_external } = *entry;
    if is_external {
        reading.skip(line, format!("{send_as} is an address elsewhere"));
    } else if send_as == "*" || send_as.starts_with('@') || !send_as.contains('@') {
        reading.skip(line, format!("{send_as} of {login} stands for many addresses: name each"));
    } else {
        reading.found.push(Found { on: send_as.to_owned(), to: login.to_owned(), line });
    }
}

fn read_table(text: &str) -> Result<Reading, String> {
    let table = Table::read(text)?;
    let (login, send_as) = (table.needed(&["logged_in_as"])?, table.needed(&["send_as"])?);
    let external = table.column(&["external"]);
    let mut reading = Reading::default();
    for row in &table.rows {
        let is_external = external.is_some_and(|column| row.cell(column) == "1");
        let (login, send_as) = (row.cell(login), row.cell(send_as));
        take(&mut reading, &Entry { line: row.line, login, send_as, is_external });
    }
    Ok(reading)
}

fn read_json(text: &str) -> Result<Reading, String> {
    let rows: Vec<Value> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut reading = Reading::default();
    for (place, row) in rows.iter().enumerate() {
        let text = |name: &str| row[name].as_str().unwrap_or_default();
        let (login, send_as, line) = (text("logged_in_as"), text("send_as"), place + 1);
        if login.is_empty() || send_as.is_empty() {
            reading.skip(line, "it has no logged_in_as or no send_as");
            continue;
        }
        let external = &row["external"];
        let is_external =
            external == &Value::from(1) || external == &Value::from(true) || external == "1";
        take(&mut reading, &Entry { line, login, send_as, is_external });
    }
    Ok(reading)
}

/// Reads the lines `… sender_acl [(columns)] VALUES (…),(…);`. Without columns they are those of
/// mailcow: id, logged_in_as, send_as, external.
fn read_sql(text: &str) -> Result<Reading, String> {
    let mut reading = Reading::default();
    let mut is_found = false;
    for (number, line) in text.lines().enumerate() {
        let plain = line.replace('`', "");
        let Some(rest) = after_word(&plain, FILLS).and_then(|rest| after_word(rest, "sender_acl"))
        else {
            continue;
        };
        is_found = true;
        let (columns, values) = match rest.trim_start().strip_prefix('(') {
            Some(listed) => listed.split_once(')').ok_or("the list of columns is not closed")?,
            None => ("id,logged_in_as,send_as,external", rest),
        };
        let columns: Vec<&str> = columns.split(',').map(str::trim).collect();
        let place = |name: &str| columns.iter().position(|column| *column == name);
        let (Some(login), Some(send_as)) = (place("logged_in_as"), place("send_as")) else {
            return Err("the INSERT has no columns logged_in_as and send_as".to_owned());
        };
        let values = after_word(values, "values").ok_or("the INSERT has no VALUES")?;
        for tuple in tuples(values) {
            let cell = |column: usize| tuple.get(column).map_or("", String::as_str);
            let is_external = place("external").is_some_and(|column| cell(column) == "1");
            let (login, send_as) = (cell(login), cell(send_as));
            take(&mut reading, &Entry { line: number + 1, login, send_as, is_external });
        }
    }
    if is_found { Ok(reading) } else { Err("it fills no table sender_acl".to_owned()) }
}

/// What follows a beginning, whatever its case.
fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let text = text.trim_start();
    let begin = text.get(..word.len())?;
    begin.eq_ignore_ascii_case(word).then(|| &text[word.len()..])
}

/// The values of `(1,'a','b',0),(…)`; MySQL's escapes in strings.
fn tuples(text: &str) -> Vec<Vec<String>> {
    let mut tuples = Vec::new();
    let mut cells: Vec<String> = Vec::new();
    let (mut cell, mut is_quoted, mut is_inside) = (String::new(), false, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if is_quoted => cell.extend(letters.next()),
            '\'' if is_quoted && letters.peek() == Some(&'\'') => {
                letters.next();
                cell.push('\'');
            }
            '\'' => is_quoted = !is_quoted,
            _ if is_quoted => cell.push(letter),
            '(' => is_inside = true,
            ',' if is_inside => cells.push(std::mem::take(&mut cell)),
            ')' if is_inside => {
                cells.push(std::mem::take(&mut cell));
                tuples.push(std::mem::take(&mut cells));
                is_inside = false;
            }
            other if is_inside && !other.is_whitespace() => cell.push(other),
            _ => {}
        }
    }
    tuples
}
