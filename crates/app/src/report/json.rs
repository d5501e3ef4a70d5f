//! The report as JSON: one array of objects, one object a line.

use serde::Serialize;
use serde_json::Value;

use super::rows::ReportRow;
use crate::dates::instant;

/// A row under the names of the protocol. Points in time are in UTC, to the second (RFC 3339).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown<'a> {
    recipient: String,
    recipient_display_name: &'a str,
    recipient_type: String,
    right: String,
    holder: String,
    holder_display_name: &'a str,
    via: Vec<String>,
    state: &'static str,
    #[serde(rename = "WhenGrantedUTC")]
    granted_at: String,
    granted_by: &'a str,
    reason: Option<&'a str>,
    #[serde(rename = "UntilUTC")]
    until_at: Option<String>,
    #[serde(rename = "LastUsedUTC")]
    last_used_at: Option<String>,
    is_unused: bool,
}

impl<'a> Shown<'a> {
    fn of(row: &'a ReportRow<'_>) -> Shown<'a> {
        Shown {
            recipient: row.recipient.primary().to_string(),
            recipient_display_name: &row.recipient.display_name,
            recipient_type: row.recipient.kind.to_string(),
            right: row.grant.right.to_string(),
            holder: row.holder.primary().to_string(),
            holder_display_name: &row.holder.display_name,
            via: row.via.iter().map(|group| group.primary().to_string()).collect(),
            state: row.state.as_str(),
            granted_at: instant(row.grant.granted_at),
            granted_by: &row.grant.granted_by,
            reason: row.grant.reason.as_deref(),
            until_at: row.grant.until_at.map(instant),
            last_used_at: row.last_used_at.map(instant),
            is_unused: row.is_unused,
        }
    }
}

/// A row as an object.
pub fn row(row: &ReportRow<'_>) -> Value {
    serde_json::to_value(Shown::of(row)).unwrap_or_default()
}

/// Writes a row on a line of its own.
pub(super) fn write(text: &mut String, written: &ReportRow<'_>, has_row_before: bool) {
    text.push_str(if has_row_before { ",\n" } else { "\n" });
    text.push_str(&serde_json::to_string(&Shown::of(written)).unwrap_or_default());
}
