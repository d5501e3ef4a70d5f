//! A person at a terminal: line editing, history, completion with Tab, texts over several lines,
//! Ctrl-C for the line or for what runs, Ctrl-D for the end.

use std::cell::RefCell;
use std::collections::BTreeSet;

use admin_protocol::shell::fault::Cause;
use admin_protocol::shell::{Ended, Shell, complete, parse};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use super::history;
use super::world::World;
use crate::cli::error::Error;
use crate::cli::session::{Outcome, Session};

/// What stands before the line.
const PROMPT: &str = "PS guichet> ";

/// Helps the editor: what could stand here, and whether the text is whole.
#[derive(Default)]
struct Reader {
    variables: RefCell<BTreeSet<String>>,
}

impl Helper for Reader {}
impl Highlighter for Reader {}

impl Hinter for Reader {
    type Hint = String;
}

impl Completer for Reader {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        place: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let variables = self.variables.borrow();
        let found = complete(line, place, variables.iter().map(String::as_str));
        Ok((found.start, found.candidates))
    }
}

impl Validator for Reader {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match parse(context.input()) {
            Err(fault) if fault.cause == Cause::Incomplete => ValidationResult::Incomplete,
            // What is wrong is told by running it, with its place.
            _ => ValidationResult::Valid(None),
        })
    }
}

/// Asks for texts and runs them until the person has enough.
pub(super) fn converse(session: &mut Session) -> Result<Outcome, Error> {
    eprintln!("Speaking to {}. Get-Help helps, exit ends.", session.server());
    // Before the editor, which puts back the handler of Ctrl-C that it finds.
    let mut world = World::new(session);
    let config = Config::builder().completion_type(CompletionType::List).build();
    let entries = MemHistory::with_config(&config);
    let mut editor: Editor<Reader, MemHistory> =
        Editor::with_history(config, entries).map_err(|error| unusable(&error))?;
    editor.set_helper(Some(Reader::default()));
    for line in history::load() {
        editor.add_history_entry(line).map_err(|error| unusable(&error))?;
    }
    let mut shell = Shell::new();
    loop {
        let text = match editor.readline(PROMPT) {
            Ok(text) => text,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(Outcome::Done),
            Err(error) => return Err(unusable(&error)),
        };
        if text.trim().is_empty() {
            continue;
        }
        if history::is_kept(&text) {
            editor.add_history_entry(text.as_str()).map_err(|error| unusable(&error))?;
            history::append(&text);
        }
        world.begin();
        let ended = shell.run(&text, &mut world);
        if let Ended::Exit(status) = ended {
            return Ok(if status == 0 { Outcome::Done } else { Outcome::Status(status) });
        }
        if let Some(reader) = editor.helper() {
            *reader.variables.borrow_mut() = shell.variables().map(str::to_owned).collect();
        }
    }
}

fn unusable(error: &ReadlineError) -> Error {
    Error::Usage(format!("this terminal cannot be used: {error}; try -c TEXT or a file"))
}
