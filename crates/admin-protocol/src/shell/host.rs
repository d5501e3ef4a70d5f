//! What the shell asks of the program around it: calls of cmdlets, files, the clock, the terminal.
//! The shell itself has none of these.

use domain::Timestamp;

use crate::cmdlet::{Cmdlet, Object};
use crate::parameters::Parameters;

/// Why the server, or the way to it, said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The sentence for the person.
    pub text: String,
    /// What the person could do next.
    pub hint: Option<String>,
    /// The exit status that the program gives to this.
    pub exit_status: u8,
    /// Whether later calls would fail too: no server answers, or the person pressed Ctrl-C.
    pub ends_all: bool,
}

/// What a call of a cmdlet gave: all pages of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// The objects, without annotations.
    pub objects: Vec<Object>,
    /// Sentences of the server: it succeeded, but.
    pub warnings: Vec<String>,
    /// The question of a call with `Confirm:true`, or what a call with `WhatIf` would do.
    pub question: Option<String>,
}

/// What a person answers to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// This once.
    Yes,
    /// This and all others of the same command.
    YesToAll,
    /// Not this one.
    No,
    /// Neither this nor the others.
    NoToAll,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteMode {
    /// Made, or overwritten.
    Replace,
    /// Made; refused where it exists.
    Create,
    /// Continued, or made.
    Append,
}

/// How output is laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// Characters in a line; without one, lines are as long as they come.
    pub width: Option<usize>,
    /// Whether there may be colour.
    pub has_colour: bool,
}

/// The program around the shell.
pub trait Host {
    /// Calls a cmdlet and collects all pages. `parameters` are checked against the table.
    fn invoke(
        &mut self,
        cmdlet: &'static Cmdlet,
        parameters: Parameters,
    ) -> Result<Answer, Refusal>;

    /// Whether a person is there to be asked. Scripts mean what they say and are not.
    fn asks(&self) -> bool;

    /// Asks a person. Only called where [`Host::asks`].
    fn ask(&mut self, question: &str) -> Consent;

    /// The whole file, or why not.
    fn read_file(&mut self, path: &str) -> Result<Vec<u8>, String>;

    /// Writes a file, or says why not.
    fn write_file(&mut self, path: &str, octets: &[u8], mode: WriteMode) -> Result<(), String>;

    /// The present instant.
    fn now(&self) -> Timestamp;

    /// Where results go: whole lines, each with its line break. A failure ends the script.
    fn print(&mut self, text: &str) -> Result<(), Refusal>;

    /// A sentence to the person, beside the results.
    fn warn(&mut self, text: &str);

    /// A failure to the person, beside the results; several lines.
    fn complain(&mut self, report: &str);

    /// Why everything should end now: the person pressed Ctrl-C. Asked again and again in loops.
    fn interruption(&mut self) -> Option<Refusal>;

    /// How results are laid out.
    fn style(&self) -> Style;

    /// The server, as people name it.
    fn server(&self) -> String;
}
