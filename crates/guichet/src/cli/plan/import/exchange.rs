//! Exports of Exchange: `Get-RecipientPermission | Export-Csv`, and the property
//! `GrantSendOnBehalfTo` of `Get-Mailbox` or `Get-UnifiedGroup`.

use super::table::Table;
use super::{Found, Reading};

/// Columns that name an object, the surest first.
const OBJECT: &[&str] = &["PrimarySmtpAddress", "Identity", "Name", "DisplayName", "Alias"];

/// Reads `Identity, Trustee, AccessControlType, AccessRights`.
pub(super) fn read_recipient_permissions(text: &str) -> Result<Reading, String> {
    let table = Table::read(text)?;
    let (object, trustee) = (table.needed(OBJECT)?, table.needed(&["Trustee"])?);
    let (kind, rights) = (table.column(&["AccessControlType"]), table.column(&["AccessRights"]));
    let mut reading = Reading::default();
    for row in &table.rows {
        let line = row.line;
        let (on, to) = (last_part(row.cell(object)), row.cell(trustee));
        let is_send_as = rights.is_none_or(|column| row.cell(column).contains("SendAs"));
        let is_denied = kind.is_some_and(|column| row.cell(column).eq_ignore_ascii_case("Deny"));
        if to.eq_ignore_ascii_case("NT AUTHORITY\\SELF") {
            // Everybody's own right on the own address, which is no grant here.
        } else if is_denied || !is_send_as {
            reading.skip(line, "only Allow of SendAs has a meaning here");
        } else if to.starts_with("S-1-5-") {
            reading.skip(line, format!("{to} is the identifier of an account that is gone"));
        } else if on.is_empty() || to.is_empty() {
            reading.skip(line, "it names nobody");
        } else {
            let to = to.rsplit('\\').next().unwrap_or(to).to_owned();
            reading.found.push(Found { on: on.to_owned(), to, line });
        }
    }
    Ok(reading)
}

/// Reads an object and its `GrantSendOnBehalfTo`: names separated by commas or semicolons.
pub(super) fn read_send_on_behalf(text: &str) -> Result<Reading, String> {
    let table = Table::read(text)?;
    let (object, holders) = (table.needed(OBJECT)?, table.needed(&["GrantSendOnBehalfTo"])?);
    let mut reading = Reading::default();
    for row in &table.rows {
        let (line, on, list) = (row.line, last_part(row.cell(object)), row.cell(holders));
        if list.starts_with("Microsoft.Exchange.") || list.starts_with("System.") {
            let why = "the list was exported as the name of its type; export it with \
                       @{n='GrantSendOnBehalfTo';e={$_.GrantSendOnBehalfTo -join ';'}}";
            reading.skip(line, why);
            continue;
        }
        let list = list.trim_matches(['{', '}']);
        for holder in list.split([',', ';', '|']).map(str::trim).filter(|name| !name.is_empty()) {
            let to = last_part(holder).to_owned();
            reading.found.push(Found { on: on.to_owned(), to, line });
        }
    }
    Ok(reading)
}

/// The name in a canonical name: `contoso.com/Users/Jean Dupont`.
fn last_part(name: &str) -> &str {
    if name.contains('@') { name } else { name.rsplit('/').next().unwrap_or(name) }
}
