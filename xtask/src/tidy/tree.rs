//! The files that belong to the repository, held in memory: what git tracks and what it would
//! track, so that a rule meets a new file before it is committed.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::source::Source;
use crate::repository;

/// One text file.
#[derive(Debug)]
pub(crate) struct File {
    /// Relative to the top folder, with forward slashes.
    pub(crate) path: String,
    /// The whole text.
    pub(crate) text: String,
    /// The lexed source, for Rust files.
    pub(crate) rust: Option<Source>,
}

impl File {
    fn new(path: &str, text: &str) -> File {
        let rust = path.ends_with(".rs").then(|| Source::lex(text));
        File { path: path.to_owned(), text: text.to_owned(), rust }
    }

    /// Returns the ending of the name after its last dot, or nothing.
    pub(crate) fn ending(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, ending)| ending)
    }
}

/// All text files, by path. Binary files are known by their path only.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, File>,
    binaries: Vec<String>,
}

impl Tree {
    /// Reads the files of the repository from disk.
    pub(crate) fn load() -> Result<Tree> {
        let root = repository::root()?;
        let listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let listed = repository::output_of("git", &listing)?;
        let mut tree = Tree::default();
        for path in listed.split_terminator('\0') {
            let place = root.join(path);
            // A link is checked where it leads; a deleted file is still listed until committed.
            if !place.is_file() || place.is_symlink() {
                continue;
            }
            let octets = std::fs::read(&place).with_context(|| format!("cannot read {path}"))?;
            match String::from_utf8(octets) {
                Ok(text) => tree.insert(path, &text),
                Err(_) => tree.binaries.push(path.to_owned()),
            }
        }
        Ok(tree)
    }

    /// Adds a file, lexing it if it is Rust.
    pub(crate) fn insert(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), File::new(path, text));
    }

    /// Builds a tree from paths and texts.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::default();
        for (path, text) in files {
            tree.insert(path, text);
        }
        tree
    }

    /// Returns the text files in order of path.
    pub(crate) fn files(&self) -> impl ExactSizeIterator<Item = &File> {
        self.files.values()
    }

    /// Returns the Rust files with their source.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&File, &Source)> {
        self.files.values().filter_map(|file| file.rust.as_ref().map(|source| (file, source)))
    }

    /// Finds a text file.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// Says whether a file or a folder lies at `path`; the empty path is the top folder.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        let is_there = |held: &str| held == path || held.starts_with(&folder);
        path.is_empty()
            || self.files.contains_key(path)
            || self.files.range(folder.clone()..).next().is_some_and(|(held, _)| is_there(held))
            || self.binaries.iter().any(|held| is_there(held))
    }
}
