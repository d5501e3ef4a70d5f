//! `cargo xtask bench directory [RECIPIENTS [GRANTS_EACH]]`: a large directory by itself. What is
//! measured stands in `crates/app/examples/directory_scale.rs`.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::repository;

/// Builds the measurement with optimisation and runs it.
pub(super) fn run(arguments: &[String]) -> Result<()> {
    let example = ["run", "--release", "-p", "guichet-app", "--example", "directory_scale", "--"];
    let mut cargo = Command::new(env!("CARGO"));
    let status = cargo.args(example).args(arguments).current_dir(repository::root()?).status()?;
    ensure!(status.success(), "the measurement failed: {status}");
    Ok(())
}
