//! The report as JSON: one array of objects, one object a line.

use serde_json::{Value, json};

use super::rows::ReportRow;
use crate::dates::instant;

/// A row as an object. Points in time are in UTC, to the second (RFC 3339).
pub fn row(row: &ReportRow<'_>) -> Value {
    let via: Vec<String> = row.via.iter().map(|group| group.primary().to_string()).collect();
    json!({
        "Recipient": row.recipient.primary().to_string(),
        "RecipientDisplayName": row.recipient.display_name,
        "RecipientType": row.recipient.kind.to_string(),
        "Right": row.grant.right.to_string(),
        "Holder": row.holder.primary().to_string(),
        "HolderDisplayName": row.holder.display_name,
        "Via": via,
        "State": row.state.as_str(),
        "WhenGrantedUTC": instant(row.grant.granted_at),
        "GrantedBy": row.grant.granted_by,
        "Reason": row.grant.reason,
        "UntilUTC": row.grant.until_at.map(instant),
        "LastUsedUTC": row.last_used_at.map(instant),
        "IsUnused": row.is_unused,
    })
}

/// Writes a row on a line of its own.
pub(super) fn write(text: &mut String, written: &ReportRow<'_>, has_row_before: bool) {
    text.push_str(if has_row_before { ",\n" } else { "\n" });
    text.push_str(&row(written).to_string());
}
