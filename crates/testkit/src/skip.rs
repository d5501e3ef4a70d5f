//! Tests that need a program or a right that this machine does not have.

use std::io::Write as _;

/// Whether a test may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is there.
    Runs,
    /// Something is missing; the test returns.
    Skipped,
}

/// Notes that `test` is skipped because of `reason`, in the file that `GUICHET_SKIPPED` names.
///
/// # Panics
/// Where `GUICHET_REQUIRE_PEERS` is 1: nothing may be skipped then.
pub fn skip(test: &str, reason: &str) -> Verdict {
    let line = format!("{test}: {reason}");
    let is_required = std::env::var("GUICHET_REQUIRE_PEERS").is_ok_and(|value| value == "1");
    assert!(!is_required, "{line} (and GUICHET_REQUIRE_PEERS is 1)");
    eprintln!("skipped: {line}");
    if let Ok(path) = std::env::var("GUICHET_SKIPPED") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let written = file.and_then(|mut file| writeln!(file, "{line}"));
        written.expect("the list of skipped tests can be written");
    }
    Verdict::Skipped
}

/// Whether a program is in the path, or in the folders that Debian keeps for the administrator.
pub fn is_installed(program: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default();
    let folders = path.split(':').chain(["/usr/sbin", "/sbin"]);
    folders.into_iter().any(|folder| std::path::Path::new(folder).join(program).is_file())
}
