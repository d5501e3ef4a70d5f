//! Which Rust files the compiler sees, which of them are tests only, and which nobody mentions.
//!
//! The walk starts at the files that cargo takes as roots and follows `mod name;`.

use std::collections::BTreeMap;

use super::finding::{Finding, Rule};
use super::tree::Tree;

/// The files reached from the roots; the value says whether only tests reach them.
#[derive(Debug)]
pub(crate) struct Modules {
    reached: BTreeMap<String, bool>,
}

/// What kind of root cargo takes a path for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    Code,
    Test,
}

impl Modules {
    /// Walks all module trees.
    pub(crate) fn walk(tree: &Tree) -> Modules {
        let mut modules = Modules { reached: BTreeMap::new() };
        for (file, _) in tree.rust() {
            if let Some(root) = root(&file.path) {
                modules.visit(tree, &file.path, root == Root::Test);
            }
        }
        modules
    }

    fn visit(&mut self, tree: &Tree, path: &str, is_test: bool) {
        let Some(source) = tree.file(path).and_then(|file| file.rust.as_ref()) else { return };
        // Seen already, unless this way shows that it is more than a test.
        if self.reached.get(path).is_some_and(|was_test| !was_test || is_test) {
            return;
        }
        self.reached.insert(path.to_owned(), is_test);
        let folder = folder_of_children(path);
        for line in &source.mods {
            for child in
                [format!("{folder}/{}.rs", line.name), format!("{folder}/{}/mod.rs", line.name)]
            {
                self.visit(tree, &child, is_test || line.is_test);
            }
        }
    }

    /// Says whether the whole file is a test. A file that nobody mentions is not.
    pub(crate) fn is_test(&self, path: &str) -> bool {
        self.reached.get(path).copied().unwrap_or(false)
    }

    /// Reports files outside the module trees, and more than one test binary in a crate.
    pub(super) fn findings(&self, tree: &Tree) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (file, _) in tree.rust() {
            let path = &file.path;
            if !self.reached.contains_key(path) {
                let reason = "no `mod` mentions this file, so nothing compiles it";
                findings.push(Finding::new(path, 1, Rule::Orphan, reason));
            } else if is_second_test_binary(path) {
                let reason = "one test binary for each crate: make it a module of tests/it/main.rs";
                findings.push(Finding::new(path, 1, Rule::Orphan, reason));
            }
            findings.extend(unlisted_fuzz_target(tree, path));
        }
        findings
    }
}

/// Each binary links the whole crate again, which costs more than it gives.
fn is_second_test_binary(path: &str) -> bool {
    root(path) == Some(Root::Test)
        && path.contains("/tests/")
        && !path.ends_with("/tests/it/main.rs")
}

/// Fuzz targets have no automatic discovery: the manifest lists them.
fn unlisted_fuzz_target(tree: &Tree, path: &str) -> Option<Finding> {
    let listed = path.strip_prefix("fuzz/").filter(|path| path.starts_with("fuzz_targets/"))?;
    let manifest = tree.file("fuzz/Cargo.toml").map_or("", |file| file.text.as_str());
    let reason = "fuzz/Cargo.toml does not list this target";
    (!manifest.contains(&format!("\"{listed}\"")))
        .then(|| Finding::new(path, 1, Rule::Orphan, reason))
}

/// Says whether cargo starts compiling at `path`.
fn root(path: &str) -> Option<Root> {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [.., "src", "lib.rs" | "main.rs"]
        | [.., "src", "bin", _]
        | [.., "src", "bin", _, "main.rs"]
        | [.., "build.rs"]
        | ["fuzz", "fuzz_targets", _] => Some(Root::Code),
        ["crates", _, "tests" | "benches" | "examples", _]
        | ["crates", _, "tests" | "benches" | "examples", _, "main.rs"] => Some(Root::Test),
        _ => None,
    }
}

/// Returns the folder in which the modules of a file lie.
fn folder_of_children(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.trim_end_matches(".rs");
    if stem == "mod" || root(path).is_some() {
        folder.to_owned()
    } else {
        format!("{folder}/{stem}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orphans(files: &[(&str, &str)]) -> Vec<String> {
        let tree = Tree::of(files);
        Modules::walk(&tree).findings(&tree).into_iter().map(|finding| finding.path).collect()
    }

    #[test]
    fn files_are_reached_through_mod_lines_of_both_styles() {
        let files = [
            ("crates/a/src/lib.rs", "mod b; mod c;"),
            ("crates/a/src/b.rs", "mod d;"),
            ("crates/a/src/b/d.rs", ""),
            ("crates/a/src/c/mod.rs", "mod e;"),
            ("crates/a/src/c/e.rs", ""),
            ("crates/a/tests/it/main.rs", "mod f;"),
            ("crates/a/tests/it/f.rs", ""),
        ];
        assert!(orphans(&files).is_empty());
    }

    #[test]
    fn a_file_without_a_mod_line_is_reported() {
        let files = [
            ("crates/a/src/lib.rs", "// mod b;\nmod c { }"),
            ("crates/a/src/b.rs", ""),
            ("crates/a/src/b/mod.rs", ""),
        ];
        assert_eq!(orphans(&files), ["crates/a/src/b.rs", "crates/a/src/b/mod.rs"]);
    }

    #[test]
    fn a_crate_has_one_test_binary() {
        assert_eq!(orphans(&[("crates/a/tests/b.rs", "")]), ["crates/a/tests/b.rs"]);
    }

    #[test]
    fn fuzz_targets_are_listed() {
        let target = ("fuzz/fuzz_targets/a.rs", "");
        let listed = ("fuzz/Cargo.toml", "path = \"fuzz_targets/a.rs\"");
        assert!(orphans(&[target, listed]).is_empty());
        assert_eq!(orphans(&[target]), ["fuzz/fuzz_targets/a.rs"]);
    }

    #[test]
    fn what_only_tests_mention_is_a_test() {
        let tree = Tree::of(&[
            ("crates/a/src/lib.rs", "#[cfg(test)]\nmod fixture;\nmod b;\nmod both;"),
            ("crates/a/src/fixture.rs", "mod more;"),
            ("crates/a/src/fixture/more.rs", ""),
            ("crates/a/src/b.rs", ""),
            ("crates/a/src/both.rs", ""),
        ]);
        let modules = Modules::walk(&tree);
        assert!(modules.is_test("crates/a/src/fixture.rs"));
        assert!(modules.is_test("crates/a/src/fixture/more.rs"));
        assert!(!modules.is_test("crates/a/src/b.rs"));
        assert!(!modules.is_test("crates/a/src/lib.rs"));
    }
}
