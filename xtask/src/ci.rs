//! `cargo xtask ci`: the same script that continuous integration runs, so that "green here" and
//! "green there" mean the same thing.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::repository;

/// Runs `.ci/run`; arguments are passed through to it.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let script = repository::root()?.join(".ci/run");
    let status = Command::new(&script)
        .args(arguments)
        .status()
        .with_context(|| format!("cannot start {}", script.display()))?;
    ensure!(status.success(), "{} ended with {status}", script.display());
    Ok(())
}
