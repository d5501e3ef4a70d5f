//! `guichet config show`: the effective configuration as a file, each value with its origin.

use std::fmt::Write as _;

use super::keys::{SECTIONS, named};
use super::resolved::{Config, Effective, Origin};

/// The effective configuration as TOML that could be a `guichet.toml`, save for the passwords,
/// which are replaced by `***`. Behind each value stands where it comes from.
pub(crate) fn show(config: &Config) -> String {
    let mut text = String::new();
    let sections = std::iter::once(None).chain(SECTIONS.iter().map(|(name, _)| Some(*name)));
    for section in sections {
        if let Some(section) = section {
            text.push_str(&format!("\n[{section}]\n"));
        }
        let in_section = |row: &&Effective| named(row.key).section() == section;
        let lines: Vec<(String, String)> =
            config.effective.iter().filter(in_section).map(line).collect();
        let width = lines.iter().map(|(value, _)| value.chars().count()).max().unwrap_or(0);
        for (value, origin) in lines {
            writeln!(text, "{value:width$}  # {origin}").expect("a String takes everything");
        }
    }
    text
}

fn line(row: &Effective) -> (String, String) {
    let name = named(row.key).short_name();
    let setting = format!("{name} = {}", row.value);
    match &row.origin {
        Origin::Default => (setting, "default".to_owned()),
        Origin::Derived(from) => (setting, format!("from {from}")),
        Origin::Written(place) => (setting, place.to_string()),
        Origin::Unset => (format!("# {name}"), "not set".to_owned()),
    }
}
