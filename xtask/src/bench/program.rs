//! The programs that take part, built for release, and the load client's answers.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::repository;

/// Where the programs are.
#[derive(Debug)]
pub(super) struct Programs {
    /// The server.
    pub(super) guichet: PathBuf,
    bench: PathBuf,
}

impl Programs {
    /// Builds both; with `given`, only the load client.
    pub(super) fn build(given: Option<&Path>) -> Result<Programs> {
        let metadata =
            repository::output_of("cargo", &["metadata", "--format-version", "1", "--no-deps"])?;
        let metadata: Value = serde_json::from_str(&metadata)?;
        let target =
            metadata["target_directory"].as_str().context("cargo names no target folder")?;
        let release = Path::new(target).join("release");
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--release", "--package", "guichet-bench"]);
        if given.is_none() {
            cargo.args(["--package", "guichet"]);
        }
        let status = cargo.current_dir(repository::root()?).status()?;
        ensure!(status.success(), "the release build failed");
        let guichet = match given {
            Some(file) => file.canonicalize().with_context(|| format!("{}", file.display()))?,
            None => release.join("guichet"),
        };
        Ok(Programs { guichet, bench: release.join("guichet-bench") })
    }

    /// Runs the load client and reads the line it prints.
    pub(super) fn bench(&self, arguments: &[&str]) -> Result<Value> {
        let program = self.bench.to_str().context("the target folder has an unreadable name")?;
        let printed = repository::output_of(program, arguments)?;
        serde_json::from_str(&printed).with_context(|| format!("not JSON: {printed}"))
    }
}
