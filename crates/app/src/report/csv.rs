//! The report as comma-separated values (RFC 4180).
//!
//! A cell that a spreadsheet would take for a formula is written behind an apostrophe: names and
//! reasons are typed by people, and the file is opened by an administrator.

use std::fmt::Write as _;

use super::rows::ReportRow;
use crate::dates::instant;

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

pub(super) fn row(text: &mut String, row: &ReportRow<'_>) {
    let via: Vec<String> = row.via.iter().map(|group| group.primary().to_string()).collect();
    let time = |at: Option<domain::Timestamp>| at.map(instant).unwrap_or_default();
    let cells = [
        row.recipient.primary().to_string(),
        row.recipient.display_name.clone(),
        row.recipient.kind.to_string(),
        row.grant.right.to_string(),
        row.holder.primary().to_string(),
        row.holder.display_name.clone(),
        via.join(" "),
        row.state.as_str().to_owned(),
        instant(row.grant.granted_at),
        row.grant.granted_by.clone(),
        row.grant.reason.clone().unwrap_or_default(),
        time(row.grant.until_at),
        time(row.last_used_at),
        row.is_unused.to_string(),
    ];
    for (place, written) in cells.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        cell(text, written);
    }
    text.push_str("\r\n");
}

/// Writes one cell (RFC 4180 §2, rules 5 to 7).
fn cell(text: &mut String, written: &str) {
    let is_formula = written.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let needs_quotes = is_formula || written.contains([',', '"', '\r', '\n', '\t', ';']);
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
