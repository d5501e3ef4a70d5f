//! Postfix's `smtpd_sender_login_maps`, as postmap(1) reads tables: `address login, login`, lines
//! that begin with white space go on the line before, `#` begins a comment line.

use super::{Found, Reading};

/// Reads the table.
pub(super) fn read(text: &str) -> Result<Reading, String> {
    let mut reading = Reading::default();
    for (line, entry) in logical_lines(text) {
        let Some((author, logins)) = entry.split_once(char::is_whitespace) else {
            reading.skip(line, format!("{entry} has no login"));
            continue;
        };
        if author.starts_with('@') || !author.contains('@') {
            reading.skip(line, format!("{author} is not one address"));
            continue;
        }
        if author.starts_with('/') {
            reading.skip(line, format!("{author} is a pattern"));
            continue;
        }
        let logins = logins.split(|c: char| c == ',' || c.is_whitespace());
        for login in logins.filter(|login| !login.is_empty()) {
            reading.found.push(Found { on: author.to_owned(), to: login.to_owned(), line });
        }
    }
    Ok(reading)
}

/// Lines with those that go on them, and where each begins.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        match lines.last_mut() {
            Some((_, last)) if line.starts_with([' ', '\t']) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => lines.push((number + 1, line.trim().to_owned())),
        }
    }
    lines
}
