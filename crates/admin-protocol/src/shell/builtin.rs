//! The shell's own commands: the table of them, and their short names. What each does is in the
//! files of `builtin/`.

pub(super) mod connection;
pub(super) mod csv;
pub(super) mod filter;
pub(super) mod group;
pub(super) mod help;
pub(super) mod json;
pub(super) mod layout;
pub(super) mod output;
pub(super) mod select;
pub(super) mod table;

use super::bind::{Binding, Slot};
use super::evaluate::Evaluator;
use super::fault::Fault;
use super::value::Value;

/// One command of the shell itself.
#[derive(Debug)]
pub(super) struct BuiltIn {
    /// Verb and noun.
    pub(super) name: &'static str,
    /// Short names.
    pub(super) aliases: &'static [&'static str],
    /// One sentence of help.
    pub(super) synopsis: &'static str,
    /// What may be passed.
    pub(super) slots: &'static [Slot],
    /// Whether unknown parameters are taken and ignored.
    pub(super) takes_anything: bool,
    /// Whether values without a name may follow without end.
    pub(super) takes_rest: bool,
    /// A line that shows it.
    pub(super) example: &'static str,
    /// What it does.
    pub(super) run: Run,
}

/// What a command does with its input; `None` at the beginning of a pipeline.
pub(super) type Run =
    fn(&mut Evaluator<'_>, &Binding, Option<Vec<Value>>) -> Result<Vec<Value>, Fault>;

/// The command with this name or short name, whatever its case.
pub(super) fn find(name: &str) -> Option<&'static BuiltIn> {
    table::ALL.iter().find(|known| {
        known.name.eq_ignore_ascii_case(name)
            || known.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    })
}

/// All names, without the short ones.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    table::ALL.iter().map(|known| known.name)
}

/// Runs a command; failures of its own are treated by `-ErrorAction`.
pub(super) fn run(
    known: &'static BuiltIn,
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    input: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let action = binding.error_action()?;
    match ((known.run)(evaluator, binding, input), action) {
        (Err(fault), Some(action)) => evaluator.fail(fault, action).map(|()| Vec::new()),
        (result, _) => result,
    }
}
