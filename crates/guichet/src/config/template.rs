//! The commented `guichet.toml` that `guichet init` writes: every key there is, explained, with
//! its default commented out.

use super::keys::{Fallback, KEYS, Key, SECTIONS};
use super::raw::toml_text;

const HEAD: &str = "\
# Guichet reads this file when it starts; nothing ever rewrites it. After a change:
#     guichet config check --dir DIR
# Lines that begin with \"#name =\" show the default: take the # away to change one.
# Users, teams, rights and domains are not here but in the database: see guichet --help.
";

/// The text of a fresh file for a server of that name.
pub(crate) fn file_text(hostname: &str) -> String {
    let mut text = HEAD.to_owned();
    let before_sections = KEYS.iter().filter(|key| key.section().is_none());
    for key in before_sections {
        push_key(&mut text, key, hostname);
    }
    for (section, explanation) in SECTIONS {
        text.push_str(&format!("\n# {explanation}\n[{section}]\n"));
        for key in KEYS.iter().filter(|key| key.section() == Some(*section)) {
            push_key(&mut text, key, hostname);
        }
    }
    text
}

/// The same text with a value in the place of the first commented default of `name`.
pub(crate) fn with_value(text: &str, name: &str, value: &str) -> String {
    let commented = format!("#{name} = ");
    let mut is_written = false;
    let lines = text.lines().map(|line| {
        if is_written || !line.starts_with(&commented) {
            return line.to_owned();
        }
        is_written = true;
        format!("{name} = {}", toml_text(value))
    });
    lines.map(|line| line + "\n").collect()
}

fn push_key(text: &mut String, key: &Key, hostname: &str) {
    text.push('\n');
    for line in key.doc {
        text.push_str(&format!("# {line}\n"));
    }
    let name = key.short_name();
    text.push_str(&match key.fallback {
        Fallback::Value(default) => format!("#{name} = {default}\n"),
        Fallback::Required => format!("{name} = {}\n", toml_text(hostname)),
        Fallback::Unset => format!("# Not set by default.\n#{name} = {}\n", key.example),
        Fallback::Derived(from) => format!("# By default {from}.\n#{name} = {}\n", key.example),
    });
}
