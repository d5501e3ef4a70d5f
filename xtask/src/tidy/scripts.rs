//! Test scripts that nothing runs look like tests and are none.
//!
//! A dialog under `tests/scripts/<set>/` counts as run if its name ends in `.txt` and Rust code
//! names the set (`scripts/<set>`) in a literal. The cases under `tests/bad-config/` need a literal
//! that names their folder. A shell or Python script under `tests/` counts as run if some other
//! file names it.

use super::finding::{Finding, Rule};
use super::tree::{File, Tree};

/// Where the dialogs are.
const DIALOGS: &str = "tests/scripts/";

/// Where the broken configurations are, each with the sentence it is to be answered with.
const BAD_CONFIGURATIONS: &str = "tests/bad-config/";

/// Checks every file below `tests/`. What is wrong with a whole folder is said once, at its first
/// file.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for file in tree.files().filter(|file| file.path.starts_with("tests/")) {
        let Some(reason) = why_idle(tree, file) else { continue };
        if !findings.iter().any(|found| found.reason == reason) {
            findings.push(Finding::new(&file.path, 1, Rule::Script, reason));
        }
    }
    findings
}

fn why_idle(tree: &Tree, file: &File) -> Option<String> {
    if let Some(rest) = file.path.strip_prefix(DIALOGS) {
        let (set, name) = rest.rsplit_once('/').unwrap_or(("", rest));
        if !name.ends_with(".txt") {
            return Some(format!("the runner takes files that end in .txt, not `{name}`"));
        }
        return unnamed(tree, &format!("scripts/{set}"));
    }
    if file.path.starts_with(BAD_CONFIGURATIONS) {
        return unnamed(tree, BAD_CONFIGURATIONS.trim_end_matches('/'));
    }
    if !matches!(file.ending(), "sh" | "py") {
        return None;
    }
    let name = file.path.rsplit('/').next()?;
    let is_named = tree.files().any(|other| other.path != file.path && other.text.contains(name));
    (!is_named).then(|| format!("no file names `{name}`, so nothing runs it"))
}

/// Says so if no literal of a Rust file ends with the name of a folder.
fn unnamed(tree: &Tree, folder: &str) -> Option<String> {
    let names_it = |literal: &str| literal.trim_end_matches('/').ends_with(folder);
    // This crate names folders to check them, not to run what is inside.
    let mut sources = tree.rust().filter(|(file, _)| !file.path.starts_with("xtask/"));
    let is_named = sources.any(|(_, source)| source.strings.iter().any(|s| names_it(&s.text)));
    (!is_named).then(|| format!("no Rust test names `{folder}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn idle(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).into_iter().map(|finding| finding.path).collect()
    }

    #[test]
    fn dialogs_are_run_when_a_test_names_their_set() {
        let dialog = ("tests/scripts/smtp/helo.txt", "");
        let runner = ("crates/a/tests/it/main.rs", "const D: &str = \"../../tests/scripts/smtp\";");
        assert!(idle(&[dialog, runner]).is_empty());
        assert_eq!(idle(&[dialog]), ["tests/scripts/smtp/helo.txt"]);
        let other = ("tests/scripts/smtp/noop.txt", "");
        assert_eq!(idle(&[dialog, other]), ["tests/scripts/smtp/helo.txt"]);
        let comment = ("crates/a/tests/it/main.rs", "// tests/scripts/smtp");
        assert_eq!(idle(&[dialog, comment]), ["tests/scripts/smtp/helo.txt"]);
    }

    #[test]
    fn a_dialog_with_another_ending_is_not_run() {
        let runner = ("crates/a/tests/it/main.rs", "const D: &str = \"tests/scripts/smtp/\";");
        assert_eq!(idle(&[("tests/scripts/smtp/helo.text", ""), runner]).len(), 1);
    }

    #[test]
    fn broken_configurations_need_a_test_that_names_their_folder() {
        let case = ("tests/bad-config/unknown-key/guichet.toml", "");
        let runner = ("crates/a/src/b.rs", "const D: &str = \"../../tests/bad-config\";");
        assert!(idle(&[case, runner]).is_empty());
        assert_eq!(idle(&[case]).len(), 1);
        let checker = ("xtask/src/main.rs", "const D: &str = \"tests/bad-config/\";");
        assert_eq!(idle(&[case, checker]).len(), 1);
    }

    #[test]
    fn shell_scripts_are_named_by_another_file() {
        let script = ("tests/services/postgres.sh", "# postgres.sh");
        assert_eq!(idle(&[script]), ["tests/services/postgres.sh"]);
        assert!(idle(&[script, ("test", "tests/services/postgres.sh start")]).is_empty());
    }
}
