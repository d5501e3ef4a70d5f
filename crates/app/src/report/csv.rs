//! The report as comma-separated values (RFC 4180).
//!
//! A cell that a spreadsheet would take for a formula is written behind an apostrophe: names and
//! reasons are typed by people, and the file is opened by an administrator.

use std::fmt::Write as _;

use super::rows::ReportRow;
use crate::dates::write_instant;

/// The names of the columns, which are those of the JSON.
const COLUMNS: [&str; 14] = [
    "Recipient",
    "RecipientDisplayName",
    "RecipientType",
    "Right",
    "Holder",
    "HolderDisplayName",
    "Via",
    "State",
    "WhenGrantedUTC",
    "GrantedBy",
    "Reason",
    "UntilUTC",
    "LastUsedUTC",
    "IsUnused",
];

pub(super) fn begin(text: &mut String) {
    text.push_str(&COLUMNS.join(","));
    text.push_str("\r\n");
}

/// Writes a row; `scratch` is a buffer that all rows share.
pub(super) fn row(text: &mut String, scratch: &mut String, row: &ReportRow<'_>) {
    let grant = row.grant;
    let mut put = |shown: &dyn std::fmt::Display, mark: char| {
        scratch.clear();
        // Writing to a String cannot fail.
        let _ = write!(scratch, "{shown}");
        cell(text, scratch);
        text.push(mark);
    };
    put(row.recipient.primary(), ',');
    put(&row.recipient.display_name, ',');
    put(&row.recipient.kind, ',');
    put(&grant.right, ',');
    put(row.holder.primary(), ',');
    put(&row.holder.display_name, ',');
    match &*row.via {
        [] => put(&"", ','),
        via => {
            let names: Vec<String> = via.iter().map(|of| of.primary().to_string()).collect();
            put(&names.join(" "), ',');
        }
    }
    put(&row.state.as_str(), ',');
    write_instant(text, grant.granted_at);
    text.push(',');
    let mut put = |shown: &str| {
        cell(text, shown);
        text.push(',');
    };
    put(&grant.granted_by);
    put(grant.reason.as_deref().unwrap_or_default());
    for at in [grant.until_at, row.last_used_at] {
        if let Some(at) = at {
            write_instant(text, at);
        }
        text.push(',');
    }
    text.push_str(if row.is_unused { "true\r\n" } else { "false\r\n" });
}

/// Writes one cell (RFC 4180 §2, rules 5 to 7).
pub(crate) fn cell(text: &mut String, written: &str) {
    let is_formula = written.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let needs_quotes = is_formula || written.bytes().any(|octet| b",\"\r\n\t;".contains(&octet));
    if !needs_quotes {
        text.push_str(written);
        return;
    }
    let guard = if is_formula { "'" } else { "" };
    // Writing to a String cannot fail.
    let _ = write!(text, "\"{guard}{}\"", written.replace('"', "\"\""));
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_never_formulas() {
        for (written, expected) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("jean@contoso.com", "jean@contoso.com"),
        ] {
            let mut text = String::new();
            cell(&mut text, written);
            assert_eq!(text, expected, "{written:?}");
        }
    }
}
