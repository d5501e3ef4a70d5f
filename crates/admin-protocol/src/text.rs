//! The text forms that the protocol uses for points in time and names.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use domain::Timestamp;

/// PowerShell's own parameters, which every cmdlet takes: those that stand alone.
pub(crate) const COMMON_SWITCHES: [&str; 5] = ["Verbose", "Debug", "Confirm", "WhatIf", "AsJob"];
/// And those that want a value.
pub(crate) const COMMON_VALUES: [&str; 10] = [
    "ErrorAction",
    "ErrorVariable",
    "WarningAction",
    "WarningVariable",
    "InformationAction",
    "InformationVariable",
    "ProgressAction",
    "OutVariable",
    "OutBuffer",
    "PipelineVariable",
];
/// What Exchange's module sends besides.
const ROUTING_PARAMETER: &str = "UseCustomRouting";

/// The greatest distance at which a name is still offered instead of a mistyped one.
const NEAR_ENOUGH: usize = 4;
/// Most names offered.
const MAX_SUGGESTIONS: usize = 3;

/// Whether every cmdlet takes the parameter; it is then accepted without being in the table.
pub fn is_common_parameter(name: &str) -> bool {
    let mut common = COMMON_SWITCHES.iter().chain(&COMMON_VALUES).chain([&ROUTING_PARAMETER]);
    common.any(|common| common.eq_ignore_ascii_case(name))
}

/// Writes a point in time as the protocol does: `2027-01-31T18:00:00.0000000Z`.
pub fn timestamp(at: Timestamp) -> String {
    match DateTime::from_timestamp_millis(at.0) {
        Some(time) => format!("{}0000Z", time.format("%Y-%m-%dT%H:%M:%S%.3f")),
        // Outside of chrono's 260,000 years.
        None if at.0 < 0 => "0001-01-01T00:00:00.0000000Z".to_owned(),
        None => "9999-12-31T23:59:59.9990000Z".to_owned(),
    }
}

/// Writes a point in time with an offset, as properties without `UTC` in their names have it:
/// `2027-01-31T18:00:00.0000000+00:00`.
pub fn local_timestamp(at: Timestamp) -> String {
    let text = timestamp(at);
    format!("{}+00:00", text.trim_end_matches('Z'))
}

/// The SID that Entra ID makes of an object's GUID: `S-1-12-1-` and its 16 octets as four numbers,
/// read as Windows keeps a GUID in memory. Empty for what is no GUID.
pub fn sid(guid: &str) -> String {
    let digits: String = guid.chars().filter(|digit| *digit != '-').collect();
    let Ok(number) = u128::from_str_radix(&digits, 16) else { return String::new() };
    let mut octets = number.to_be_bytes();
    // The first three groups are kept least octet first.
    octets[0..4].reverse();
    octets[4..6].reverse();
    octets[6..8].reverse();
    let numbers = octets.chunks_exact(4).map(|four| {
        let four: [u8; 4] = four.try_into().expect("chunks of four");
        format!("-{}", u32::from_le_bytes(four))
    });
    format!("S-1-12-1{}", numbers.collect::<String>())
}

/// Reads a point in time in ISO 8601: with an offset, without one (UTC), or a date alone (its
/// midnight, UTC).
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(Timestamp(time.timestamp_millis()));
    }
    for form in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
    {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, form) {
            return Some(Timestamp(time.and_utc().timestamp_millis()));
        }
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(Timestamp(date.and_time(NaiveTime::MIN).and_utc().timestamp_millis()))
}

/// Whether a text is a UUID in lower-case form.
pub fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups
            .concat()
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The known names nearest to a mistyped one, best first; none when all are far.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    let mut found: Vec<(usize, &str)> = known
        .map(|candidate| (distance(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            *distance <= NEAR_ENOUGH.min(candidate.len().max(wanted.len()) / 3)
        })
        .collect();
    found.sort();
    found.into_iter().take(MAX_SUGGESTIONS).map(|(_, candidate)| candidate).collect()
}

/// Levenshtein distance, with one row of memory.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests;
