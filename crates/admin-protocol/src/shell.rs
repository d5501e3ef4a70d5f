//! `guichet shell` without a terminal: a language of cmdlets and pipelines in the shape of
//! PowerShell, so that an Exchange administrator's lines run as written.
//!
//! [`parse`] reads a text into a [`syntax::Script`]; [`Shell`] runs texts one after another and
//! keeps variables between them. What it needs of the world it asks a [`Host`] for: calls of
//! cmdlets, files, the clock, the terminal. Parameters are checked against the table of
//! [`crate::cmdlet`] before anything is sent.
//!
//! It is not a language: no functions, no classes, no .NET. Where PowerShell's silence would hurt,
//! it speaks: variables without a value and empty identities are refused, mistyped properties are
//! warned of.

mod bind;
mod builtin;
mod call;
mod complete;
mod csv;
mod evaluate;
pub mod fault;
pub mod format;
pub mod host;
mod parse;
pub mod source;
pub mod syntax;
pub mod value;
mod wildcard;

use std::collections::BTreeMap;

use evaluate::Evaluator;
use fault::{Cause, Fault};
use host::Host;
use value::Value;

pub use complete::{Completions, complete};
pub use csv::decode;
pub use parse::{MAX_HEIGHT, MAX_NESTING, MAX_SOURCE_OCTETS, Parsed, parse};

/// How a text ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// All of it ran; nothing failed.
    Done,
    /// All of it ran; this failed first, and was told.
    Failed(Box<Fault>),
    /// It stopped at this, which was told.
    Stopped(Box<Fault>),
    /// It asked to end with this status.
    Exit(u8),
}

/// A shell: the variables that its texts share.
#[derive(Debug, Default)]
pub struct Shell {
    variables: BTreeMap<String, Value>,
}

impl Shell {
    /// A shell without variables.
    pub fn new() -> Shell {
        Shell::default()
    }

    /// The names of the variables that are set.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: Value) {
        self.variables.insert(name.to_lowercase(), value);
    }

    /// Runs a text. Nothing of it runs when a part of it cannot be read. Failures are told to the
    /// host; by `$ErrorActionPreference` what follows a failed statement runs or does not.
    pub fn run(&mut self, source: &str, host: &mut dyn Host) -> Ended {
        let parsed = match parse(source) {
            Ok(parsed) => parsed,
            Err(fault) => {
                host.complain(&fault.report(source));
                return Ended::Stopped(Box::new(fault));
            }
        };
        for note in &parsed.notes {
            let place = source::position(source, note.span.start);
            host.warn(&format!("line {}, column {}: {}", place.line, place.column, note.text));
        }
        let mut evaluator = Evaluator::new(host, &mut self.variables, source);
        for statement in &parsed.script.statements {
            let shown = evaluator.top_statement(statement).and_then(|output| {
                let text = format::shown(&output, evaluator.host.style());
                if text.is_empty() {
                    return Ok(());
                }
                let span = statement.span;
                evaluator.host.print(&text).map_err(|refusal| Fault::refused(span, refusal))
            });
            if let Err(fault) = shown {
                if let Cause::Exit(status) = fault.cause {
                    return Ended::Exit(status);
                }
                evaluator.host.complain(&fault.report(source));
                return Ended::Stopped(Box::new(fault));
            }
        }
        match evaluator.first_failure {
            Some(fault) => Ended::Failed(Box::new(fault)),
            None => Ended::Done,
        }
    }
}

#[cfg(test)]
mod tests;
