//! `cargo xtask crash [rounds]`: the kill -9 test of the server, with more rounds than in CI.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::repository;

/// Rounds where none are asked for.
const ROUNDS: u32 = 200;

/// Runs the crash test; the one argument is the number of rounds.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let rounds = match arguments.first() {
        None => ROUNDS,
        Some(text) => text.parse().with_context(|| format!("{text} is no number of rounds"))?,
    };
    let status = Command::new("cargo")
        .args(["test", "--locked", "--package", "guichet", "--test", "it"])
        .args(["crash", "--", "--nocapture"])
        .env("GUICHET_CRASH_ROUNDS", rounds.to_string())
        .current_dir(repository::root()?)
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "the crash test ended with {status}");
    Ok(())
}
