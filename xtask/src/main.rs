//! Automation of this repository, run as `cargo xtask <task>`.
//!
//! Each task is one file beside this one with a `run(arguments)` function; the table [`TASKS`] is
//! the whole dispatch. To add a task: write `src/<task>.rs`, add its `mod` line and its row.

mod bench;
mod ci;
mod crash;
mod repository;
mod tidy;

use std::process::ExitCode;

use anyhow::{Result, bail};

/// One task: the word on the command line, the line of help, and what runs.
struct Task {
    name: &'static str,
    help: &'static str,
    run: fn(&[String]) -> Result<()>,
}

/// Every task, in the order in which help prints them.
const TASKS: &[Task] = &[
    Task { name: "bench", help: "measure Guichet beside other servers", run: bench::run },
    Task { name: "ci", help: "run what CI runs (.ci/run)", run: ci::run },
    Task { name: "crash", help: "kill the server under load, many times", run: crash::run },
    Task { name: "tidy", help: "check the rules of the house: file, line, rule", run: tidy::run },
    Task { name: "help", help: "print this list", run: help },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let Some((name, rest)) = arguments.split_first() else { return help(&[]) };
    match TASKS.iter().find(|task| task.name == name.trim_start_matches('-')) {
        Some(task) => (task.run)(rest),
        None => bail!("there is no task `{name}`; `cargo xtask help` lists them"),
    }
}

fn help(_: &[String]) -> Result<()> {
    println!("cargo xtask <task>\n");
    for task in TASKS {
        println!("  {:<8}{}", task.name, task.help);
    }
    Ok(())
}
