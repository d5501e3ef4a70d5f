//! Commands and their arguments.

use super::characters::{is_dash, is_double_quote, is_name, is_single_quote};
use super::text::ends_word;
use super::{Fault, NOT_A_LANGUAGE, Parser, Span};
use crate::shell::syntax::{Argument, Command, Expression};

impl Parser<'_> {
    /// A command with all its arguments.
    pub(super) fn command(&mut self) -> Result<Command, Fault> {
        let start = self.at;
        if self.begins_expression() {
            let text = "a command is expected here; only the first part of a pipeline may be a \
                        value";
            return Err(Fault::syntax(self.next_span(), text));
        }
        let (name, name_span) = self.command_word()?;
        if name.is_empty() {
            return Err(match self.peek() {
                None => Fault::incomplete(self.here(), "a command is expected"),
                Some('|') => Fault::syntax(self.next_span(), "a command is expected before '|'"),
                Some(found) => self.unexpected(found),
            });
        }
        if name == "." {
            return Err(
                Fault::syntax(self.since(start), "'.' is not understood").with_hint(NOT_A_LANGUAGE)
            );
        }
        let mut arguments = Vec::new();
        loop {
            self.skip_blanks()?;
            match self.peek() {
                None | Some('\r' | '\n' | '|' | ';' | ')' | '}') => {
                    return Ok(Command { name, name_span, arguments });
                }
                Some(found @ ('<' | '>' | '&')) => return Err(self.unexpected(found)),
                Some(_) => arguments.push(self.argument()?),
            }
        }
    }

    fn argument(&mut self) -> Result<Argument, Fault> {
        let is_parameter = self.peek().is_some_and(is_dash)
            && self.peek_second().is_some_and(|next| next.is_alphabetic());
        if !is_parameter {
            return self.argument_value().map(Argument::Value);
        }
        let start = self.at;
        self.bump();
        let length = self.rest().len() - self.rest().trim_start_matches(is_name).len();
        let name = self.rest()[..length].to_owned();
        self.at += length;
        let span = self.since(start);
        if !self.take(":") {
            return Ok(Argument::Parameter { name, span, value: None });
        }
        self.skip_blanks()?;
        let value = Some(self.argument_value()?);
        Ok(Argument::Parameter { name, span, value })
    }

    /// One value, or several with commas.
    fn argument_value(&mut self) -> Result<Expression, Fault> {
        self.with_commas(Self::argument_item)
    }

    fn argument_item(&mut self) -> Result<Expression, Fault> {
        let start = self.at;
        let found = self.peek();
        match found {
            None => Err(self.missing("a value")),
            Some('$') if !self.is_word_with_variable() => self.postfix(),
            Some('(' | '{') => self.postfix(),
            Some('@') => match self.peek_second() {
                Some('(' | '{') => self.postfix(),
                Some(next) if is_double_quote(next) || is_single_quote(next) => self.postfix(),
                Some(next) if is_name(next) => Err(Fault::syntax(
                    Span::new(start, start + 1),
                    "splatting (@name) is not understood; write the parameters",
                )),
                _ => self.bare_word(),
            },
            Some(quote) if is_double_quote(quote) || is_single_quote(quote) => {
                let text = self.postfix()?;
                match self.peek() {
                    // `"a"b` is one word.
                    Some(next) if !ends_word(next) && next != '`' => {
                        self.at = start;
                        self.bare_word()
                    }
                    _ => Ok(text),
                }
            }
            Some(found) if ends_word(found) => Err(self.unexpected(found)),
            Some(_) => self.bare_word(),
        }
    }

    /// Whether the `$x` here goes on as a word: `$alias@contoso.com`.
    fn is_word_with_variable(&self) -> bool {
        let after = self.rest()[1..].trim_start_matches(is_name);
        let is_name_there = after.len() + 1 < self.rest().len();
        is_name_there
            && after.chars().next().is_some_and(|next| {
                !ends_word(next) && !matches!(next, '.' | '[' | ':' | '`' | '{' | '?' | '(' | '\\')
            })
    }
}
