//! Tables of separated values (RFC 4180), as Export-Csv, spreadsheets and `mysql --batch` write
//! them: with commas, semicolons or tabs, with or without a byte order mark.

/// A row with the line at which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: usize,
    cells: Vec<String>,
}

/// A table with named columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    columns: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// The text of a file: UTF-8, or UTF-16 with a byte order mark as Windows programs write it.
pub(super) fn decode(octets: &[u8]) -> String {
    let utf16 = |read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> =
            octets[2..].chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match octets {
        [0xff, 0xfe, ..] => utf16(u16::from_le_bytes),
        [0xfe, 0xff, ..] => utf16(u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(octets).into_owned(),
    }
}

impl Table {
    /// Reads a table whose first row names the columns. A line `#TYPE …` of Export-Csv before it
    /// is passed over.
    pub(super) fn read(text: &str) -> Result<Table, String> {
        let is_type_line = text.starts_with("#TYPE");
        let rest =
            if is_type_line { text.split_once('\n').map_or("", |(_, rest)| rest) } else { text };
        let head = rest.lines().next().unwrap_or_default();
        let separator =
            ['\t', ';', ','].into_iter().max_by_key(|separator| head.matches(*separator).count());
        let mut rows = rows(rest, separator.unwrap_or(','), 1 + usize::from(is_type_line))?;
        if rows.is_empty() {
            return Err("it is empty".to_owned());
        }
        let columns = rows.remove(0).cells;
        Ok(Table { columns, rows })
    }

    /// The number of the column with one of these names.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| {
            self.columns.iter().position(|column| column.trim().eq_ignore_ascii_case(name))
        })
    }

    /// The column with one of these names, which must be there.
    pub(super) fn needed(&self, names: &[&str]) -> Result<usize, String> {
        self.column(names).ok_or_else(|| {
            format!("it has no column {}; there are {}", names[0], self.columns.join(", "))
        })
    }
}

impl Row {
    /// The cell of a column; empty where the row is short.
    pub(super) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |cell| cell.trim())
    }
}

fn rows(text: &str, separator: char, first_line: usize) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let mut cells: Vec<String> = Vec::new();
    let mut cell = String::new();
    let (mut line, mut row_line) = (first_line, first_line);
    let mut is_quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        line += usize::from(letter == '\n');
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            '"' if cell.trim().is_empty() => {
                cell.clear();
                is_quoted = true;
            }
            '\n' if !is_quoted => {
                cells.push(std::mem::take(&mut cell));
                push_row(&mut rows, row_line, std::mem::take(&mut cells));
                row_line = line;
            }
            '\r' if !is_quoted => {}
            other if other == separator && !is_quoted => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    if is_quoted {
        return Err(format!("the quotes of line {row_line} are not closed"));
    }
    cells.push(cell);
    push_row(&mut rows, row_line, cells);
    Ok(rows)
}

/// Keeps a row that is not an empty line.
fn push_row(rows: &mut Vec<Row>, line: usize, cells: Vec<String>) {
    if cells.iter().any(|cell| !cell.trim().is_empty()) {
        rows.push(Row { line, cells });
    }
}
