//! `guichet plan`, `apply` and `snapshot`: teams, members and rights as a file.
//!
//! `tree` reads TOML and YAML with the place of every value, `document` says what the file wants,
//! `live` what there is, `difference` what must change. `plan` shows that, `apply` does it under
//! the version of the directory that was read, and `snapshot` writes the directory in the form
//! that the other two read.

mod apply;
mod change;
mod difference;
mod document;
mod live;
mod print;
mod snapshot;
#[cfg(test)]
mod tests;
mod toml_tree;
mod tree;
mod yaml_tree;

pub(super) mod import;

use std::fs;
use std::path::PathBuf;

use clap::Args;

use crate::clock::now;

use super::error::Error;
use super::session::{Outcome, Session};
use difference::Plan;
use document::Document;
use tree::{FILE_OCTETS_MAX, Problem};

pub(super) use snapshot::SnapshotArgs;

/// Rights and memberships that `apply` takes away without being told that it may.
pub(super) const REMOVALS_FREE_MAX: usize = 5;

/// What `--help` says of the file, behind the examples.
macro_rules! with_file_help {
    ($examples:literal) => {
        concat!(
            $examples,
            "

The file is TOML, or YAML where its name ends in .yaml:

  [[team]]
  address = \"support@contoso.com\"
  name = \"Support\"
  owners = [\"marie.durand@contoso.com\"]
  members = [\"jean.dupont@contoso.com\", \"claire.martin@contoso.com\"]

  [[team.grants]]
  right = \"send-as\"
  to = \"jean.dupont@contoso.com\"
  until = 2027-01-31
  reason = \"first-line support\"

A list that is written is the whole list; what is not written is left alone. Objects and rights
go with state = \"absent\". `guichet snapshot` writes such a file."
        )
    };
}

/// `plan`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet snapshot > contoso.toml
  guichet plan -f contoso.toml
  guichet plan -f teams.yaml -f rights.toml --json

The exit status is 1 where the directory differs from the files.",
after_long_help = with_file_help!("Examples:
  guichet snapshot > contoso.toml
  guichet plan -f contoso.toml
  guichet plan -f teams.yaml -f rights.toml --json

The exit status is 1 where the directory differs from the files."))]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    files: Files,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// `apply`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet apply -f contoso.toml
  guichet apply -f contoso.toml --allow-removals --reason \"reorganisation\"

Nothing is overwritten: if somebody changes the directory meanwhile, apply stops with status 6.
Deleting an object or a channel always needs --allow-removals.",
after_long_help = with_file_help!("Examples:
  guichet apply -f contoso.toml
  guichet apply -f contoso.toml --allow-removals --reason \"reorganisation\"

Nothing is overwritten: if somebody changes the directory meanwhile, apply stops with status 6.
Deleting an object or a channel always needs --allow-removals."))]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    how: apply::How,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Which files.
#[derive(Debug, Args)]
struct Files {
    /// What is wanted, TOML or YAML; may be given several times
    #[arg(short = 'f', long = "file", value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// Runs `plan`.
pub(crate) fn plan(args: &PlanArgs, session: &mut Session) -> Result<Outcome, Error> {
    let document = read(&args.files.files)?;
    let plan = plan_for(&document, session)?;
    if args.json {
        session.output.json(&print::to_json(&plan))?;
    } else {
        print::print(&mut session.output, &plan)?;
    }
    Ok(if plan.changes.is_empty() { Outcome::Done } else { Outcome::No })
}

/// Runs `apply`.
pub(crate) fn apply(args: &ApplyArgs, session: &mut Session) -> Result<Outcome, Error> {
    let document = read(&args.files.files)?;
    let plan = plan_for(&document, session)?;
    if args.json {
        apply::apply(&plan, &args.how, session)?;
        session.output.json(&print::to_json(&plan))?;
    } else {
        print::print(&mut session.output, &plan)?;
        apply::apply(&plan, &args.how, session)?;
    }
    Ok(Outcome::Done)
}

/// Runs `snapshot`.
pub(crate) fn snapshot(args: &SnapshotArgs, session: &mut Session) -> Result<Outcome, Error> {
    let live = live::read(session)?;
    session.output.line(args.write(&live, now()).trim_end())?;
    Ok(Outcome::Done)
}

/// Reads all files into one document.
fn read(files: &[PathBuf]) -> Result<Document, Error> {
    let mut trees = Vec::new();
    let mut problems = Vec::new();
    for path in files {
        let unreadable = |source| Error::File { path: path.clone(), source };
        let octets = fs::metadata(path).map_err(unreadable)?.len();
        if octets > FILE_OCTETS_MAX {
            let most = FILE_OCTETS_MAX / 1024 / 1024;
            let text = format!("{} is larger than {most} MiB: split it", path.display());
            return Err(Error::Usage(text));
        }
        let text = fs::read_to_string(path).map_err(unreadable)?;
        match tree::read(path, &text) {
            Ok(tree) => trees.push(tree),
            Err(mut told) => problems.append(&mut told),
        }
    }
    if !problems.is_empty() {
        return Err(mistakes(&problems));
    }
    document::read(&trees).map_err(|problems| mistakes(&problems))
}

/// Compares a document with the directory as it is now.
fn plan_for(document: &Document, session: &mut Session) -> Result<Plan, Error> {
    let live = live::read(session)?;
    difference::plan(document, &live, now()).map_err(|problems| mistakes(&problems))
}

fn mistakes(problems: &[Problem]) -> Error {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    let count = match problems.len() {
        1 => "a mistake".to_owned(),
        count => format!("{count} mistakes"),
    };
    Error::Usage(format!("the plan has {count}:\n{}", lines.join("\n")))
}
