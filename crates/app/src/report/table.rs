//! A report as rows under names: the one form that pages, downloads and cmdlets show.

use serde_json::{Map, Value};

use super::csv;

/// Rows under names. Names are those of the protocol and the same in all languages.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    columns: &'static [&'static str],
    rows: Vec<Vec<Value>>,
}

impl Table {
    /// Rows that each have a value for every column.
    pub(crate) fn new(columns: &'static [&'static str], rows: Vec<Vec<Value>>) -> Table {
        debug_assert!(rows.iter().all(|row| row.len() == columns.len()), "a row lacks a value");
        Table { columns, rows }
    }

    /// Comma-separated values (RFC 4180), safe to open in a spreadsheet.
    pub fn to_csv(&self) -> String {
        let mut text = self.csv_head();
        self.add_csv_rows(&mut text);
        text
    }

    /// The line with the names of the columns.
    pub fn csv_head(&self) -> String {
        format!("{}\r\n", self.columns.join(","))
    }

    /// The rows behind that line.
    pub fn add_csv_rows(&self, text: &mut String) {
        for row in &self.rows {
            for (place, value) in row.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                match value {
                    Value::Null => {}
                    Value::String(written) => csv::cell(text, written),
                    other => text.push_str(&other.to_string()),
                }
            }
            text.push_str("\r\n");
        }
    }

    /// One JSON array of objects.
    pub fn to_json(&self) -> String {
        let mut text = String::from("[");
        for (place, object) in self.objects().enumerate() {
            text.push_str(if place > 0 { ",\n" } else { "\n" });
            text.push_str(&Value::Object(object).to_string());
        }
        text.push_str("\n]\n");
        text
    }

    /// Each row as an object.
    pub fn objects(&self) -> impl Iterator<Item = Map<String, Value>> {
        self.rows.iter().map(|row| {
            let named = self.columns.iter().zip(row);
            named.map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Table;

    #[test]
    fn both_forms_say_the_same() {
        let rows = vec![
            vec![json!("2026-11-23"), json!("=1+1, \"x\""), json!(3)],
            vec![json!("2026-11-24"), json!(null), json!(0)],
        ];
        let table = Table::new(&["Date", "Name", "Sent"], rows);
        assert_eq!(
            table.to_csv(),
            "Date,Name,Sent\r\n2026-11-23,\"'=1+1, \"\"x\"\"\",3\r\n2026-11-24,,0\r\n"
        );
        let back: Vec<serde_json::Value> = serde_json::from_str(&table.to_json()).unwrap();
        assert_eq!(back[0], json!({ "Date": "2026-11-23", "Name": "=1+1, \"x\"", "Sent": 3 }));
        assert_eq!(back.len(), 2);
        assert_eq!(Table::new(&["Date"], vec![]).to_json(), "[\n]\n");
    }
}
