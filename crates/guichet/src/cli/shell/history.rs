//! What a person typed before: `guichet/shell-history` in the user's state directory, readable by
//! its owner alone, one text per line. Texts that hold a secret are not kept.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// Most texts that are kept in mind.
const MAX_ENTRIES: usize = 1000;
/// Beyond this many octets the file is cut to its last entries when it is read.
const MAX_FILE_OCTETS: usize = 512 * 1024;
/// Words of parameters whose values nobody should read later.
const SECRET_WORDS: [&str; 3] = ["password", "secret", "token"];

/// Whether a text may be kept.
pub(super) fn is_kept(text: &str) -> bool {
    let lower = text.to_lowercase();
    !SECRET_WORDS.iter().any(|word| lower.contains(word))
}

/// The texts of earlier times, oldest first. Without a file there are none.
pub(super) fn load() -> Vec<String> {
    let Some(path) = path() else { return Vec::new() };
    let Ok(whole) = fs::read_to_string(&path) else { return Vec::new() };
    let entries = read(&whole);
    if whole.len() > MAX_FILE_OCTETS {
        // History is a convenience: where it cannot be kept, the shell goes on without.
        let _ = fs::remove_file(&path);
        entries.iter().for_each(|entry| append(entry));
    }
    entries
}

/// Keeps a text for later times.
pub(super) fn append(text: &str) {
    let Some(path) = path() else { return };
    if let Some(folder) = path.parent() {
        let _ = fs::create_dir_all(folder);
    }
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    // History is a convenience: where it cannot be kept, the shell goes on without.
    if let Ok(mut file) = file {
        let _ = writeln!(file, "{}", written(text));
    }
}

/// A text on one line.
fn written(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\r', "").replace('\n', "\\n")
}

/// The last texts of a file.
fn read(whole: &str) -> Vec<String> {
    let lines: Vec<&str> = whole.lines().collect();
    let first = lines.len().saturating_sub(MAX_ENTRIES);
    lines[first..].iter().map(|line| unwritten(line)).collect()
}

fn unwritten(line: &str) -> String {
    let mut text = String::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => text.push('\n'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            other => text.push(other),
        }
    }
    text
}

fn path() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_STATE_HOME")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .or_else(|| {
            std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"))
        })?;
    Some(base.join("guichet").join("shell-history"))
}

#[cfg(test)]
mod tests {
    //! Texts come back as they were, and secrets do not.

    use super::*;

    #[test]
    fn texts_come_back() {
        for text in ["Get-Mailbox", "foreach ($x in 1..2) {\n  \\n $x\\\n}", "\\"] {
            assert_eq!(unwritten(&written(text)), text);
        }
        let many: String = (0..MAX_ENTRIES + 5).map(|number| format!("{number}\n")).collect();
        let read = read(&many);
        assert_eq!((read.len(), read[0].as_str()), (MAX_ENTRIES, "5"));
    }

    #[test]
    fn secrets_are_not_kept() {
        assert!(!is_kept("New-Mailbox x -Password 'abc'"));
        assert!(is_kept("Get-Mailbox"));
    }
}
