//! Reads a text into a [`Script`]. PowerShell has two ways of reading, by place: where a command
//! may stand, words are texts; elsewhere they are not. So there is no separate list of tokens: the
//! parser reads characters, and knows where it is.
//!
//! Read leniently, with a [`Note`]: `$\_` (an underscore that a web page escaped), a backtick with
//! blanks behind it, typographic quotes and dashes (PowerShell takes those itself).

mod characters;
mod command;
mod expression;
mod operator;
mod text;

use super::fault::{Fault, Note};
use super::source::Span;
use super::syntax::{
    BinaryOperator, Expression, ExpressionKind, Pipeline, Script, Stage, Statement, StatementKind,
};
use characters::is_name;

pub(super) use characters::is_single_quote;
pub(super) use expression::exact_number;

/// Deepest nesting of brackets; deeper text is refused.
pub const MAX_NESTING: usize = 32;
/// Longest way down an expression, chains of operators included; longer ones are refused.
pub const MAX_HEIGHT: usize = 200;
/// Longest text that is read.
pub const MAX_SOURCE_OCTETS: usize = 4 * 1024 * 1024;

/// What a text means, and what was tolerated in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parsed {
    /// The meaning.
    pub script: Script,
    /// What was tolerated.
    pub notes: Vec<Note>,
}

/// Statements of other languages, and of PowerShell, that this shell does not have.
const REFUSED_WORDS: [&str; 22] = [
    "function", "filter", "class", "enum", "while", "do", "for", "switch", "try", "catch",
    "finally", "throw", "trap", "param", "return", "break", "continue", "using", "workflow",
    "begin", "process", "data",
];

/// What this shell is, for refusals.
const NOT_A_LANGUAGE: &str = "this is a shell of cmdlets and pipelines, not a language: no \
                              functions, no classes, no .NET; `foreach ($x in …) {…}` and \
                              `if (…) {…}` are understood";

/// Reads a text. A [`Fault`] with [`super::fault::Cause::Incomplete`] says that more lines could
/// make it whole.
pub fn parse(source: &str) -> Result<Parsed, Fault> {
    if source.len() > MAX_SOURCE_OCTETS {
        let span = Span::new(0, 0);
        return Err(Fault::syntax(span, "the text is longer than 4 MiB; cut it into several"));
    }
    let mut parser = Parser { source, at: 0, nesting: 0, notes: Vec::new() };
    // A byte order mark of a file from Windows.
    parser.take("\u{feff}");
    let script = parser.script(None)?;
    Ok(Parsed { script, notes: parser.notes })
}

/// The reader: a place in the text, and how deep it is in brackets.
struct Parser<'a> {
    source: &'a str,
    at: usize,
    nesting: usize,
    notes: Vec<Note>,
}

impl Parser<'_> {
    /// Statements up to `end`, which is not taken, or to the end of the text.
    fn script(&mut self, end: Option<char>) -> Result<Script, Fault> {
        let mut statements = Vec::new();
        loop {
            self.skip_separators()?;
            match self.peek() {
                found if found == end => return Ok(Script { statements }),
                None => return Err(self.unclosed(end)),
                Some(_) => {}
            }
            statements.push(self.statement()?);
            self.skip_blanks()?;
            match self.peek() {
                None | Some('\n' | '\r' | ';') => {}
                found if found == end => {}
                // Blocks end their statement by themselves.
                _ if matches!(
                    statements.last().map(|last| &last.kind),
                    Some(StatementKind::If { .. } | StatementKind::ForEach { .. })
                ) => {}
                Some(found) => return Err(self.unexpected(found)),
            }
        }
    }

    fn unclosed(&self, end: Option<char>) -> Fault {
        let end = end.map(String::from).unwrap_or_default();
        Fault::incomplete(self.here(), format!("the text ends before its '{end}'"))
    }

    fn unexpected(&self, found: char) -> Fault {
        let span = self.next_span();
        match found {
            '>' | '<' => Fault::syntax(span, "redirections are not understood")
                .with_hint("use `| Out-File PATH` or `| Export-Csv PATH`"),
            '&' => Fault::syntax(span, "'&' is not understood: no programs are run here")
                .with_hint(NOT_A_LANGUAGE),
            ')' | '}' | ']' => Fault::syntax(span, format!("nothing opens this '{found}'")),
            '=' => Fault::syntax(span, "only a plain variable can be assigned: $x = …"),
            _ => Fault::syntax(span, format!("'{}' is not expected here", printable(found)))
                .with_hint("separate statements by ';' or new lines"),
        }
    }

    fn statement(&mut self) -> Result<Statement, Fault> {
        let start = self.at;
        let kind = match self.peek() {
            Some('$') => match self.assignment()? {
                Some(kind) => kind,
                None => StatementKind::Pipeline(self.pipeline()?),
            },
            Some(letter) if letter.is_ascii_alphabetic() => self.worded_statement()?,
            _ => StatementKind::Pipeline(self.pipeline()?),
        };
        Ok(Statement { kind, span: self.since(start) })
    }

    /// A statement that begins with a word: a keyword or a command.
    fn worded_statement(&mut self) -> Result<StatementKind, Fault> {
        let start = self.at;
        let word: String =
            self.rest().chars().take_while(|letter| is_name(*letter) || *letter == '-').collect();
        let lower = word.to_ascii_lowercase();
        let span = Span::new(start, start + word.len());
        match lower.as_str() {
            "if" => {
                self.at += word.len();
                self.nested(Parser::if_statement)
            }
            "foreach" if self.is_bracket_after(word.len()) => {
                self.at += word.len();
                self.nested(Parser::foreach_statement)
            }
            "exit" => {
                self.at += word.len();
                self.skip_blanks()?;
                let has_status = self.peek().is_some_and(|found| !"\r\n;|)}".contains(found));
                let status = if has_status { Some(self.expression()?) } else { None };
                Ok(StatementKind::Exit(status))
            }
            _ if REFUSED_WORDS.contains(&lower.as_str()) => {
                Err(Fault::syntax(span, format!("'{word}' is not understood"))
                    .with_hint(NOT_A_LANGUAGE))
            }
            _ => Ok(StatementKind::Pipeline(self.pipeline()?)),
        }
    }

    /// Whether `(` follows after so many octets and blanks.
    fn is_bracket_after(&self, octets: usize) -> bool {
        self.rest()[octets..].trim_start_matches([' ', '\t']).starts_with('(')
    }

    /// `$x = …`, or nothing taken.
    fn assignment(&mut self) -> Result<Option<StatementKind>, Fault> {
        let (start, notes) = (self.at, self.notes.len());
        self.at += 1;
        let Some(variable) = self.variable_name()? else {
            self.at = start;
            return Ok(None);
        };
        self.skip_blanks()?;
        let operators = [
            ("+=", Some(BinaryOperator::Add)),
            ("-=", Some(BinaryOperator::Subtract)),
            ("*=", Some(BinaryOperator::Multiply)),
            ("/=", Some(BinaryOperator::Divide)),
            ("=", None),
        ];
        let Some((_, operator)) = operators.into_iter().find(|(sign, _)| self.take(sign)) else {
            self.at = start;
            self.notes.truncate(notes);
            return Ok(None);
        };
        if is_fixed(&variable) {
            let text = format!("${variable} cannot be assigned");
            return Err(Fault::meaning(self.since(start), text));
        }
        self.skip_lines()?;
        if self.peek().is_none() {
            return Err(Fault::incomplete(self.here(), "a value is expected after '='"));
        }
        let value = Box::new(self.nested(Parser::statement)?);
        Ok(Some(StatementKind::Assignment { variable, operator, value }))
    }

    fn if_statement(&mut self) -> Result<StatementKind, Fault> {
        let mut branches = vec![self.branch()?];
        loop {
            let before = self.at;
            self.skip_lines()?;
            if self.take_word("elseif") {
                branches.push(self.branch()?);
            } else if self.take_word("else") {
                self.skip_lines()?;
                let otherwise = Some(self.braced()?);
                return Ok(StatementKind::If { branches, otherwise });
            } else {
                self.at = before;
                return Ok(StatementKind::If { branches, otherwise: None });
            }
        }
    }

    fn branch(&mut self) -> Result<(Pipeline, Script), Fault> {
        self.skip_lines()?;
        self.expect('(')?;
        self.skip_lines()?;
        let condition = self.pipeline()?;
        self.skip_lines()?;
        self.expect(')')?;
        self.skip_lines()?;
        Ok((condition, self.braced()?))
    }

    fn foreach_statement(&mut self) -> Result<StatementKind, Fault> {
        self.skip_blanks()?;
        self.expect('(')?;
        self.skip_lines()?;
        self.expect('$')?;
        let variable = self.variable_name()?.ok_or_else(|| {
            Fault::syntax(self.here(), "a variable is expected: foreach ($x in …) {…}")
        })?;
        self.skip_lines()?;
        if !self.take_word("in") {
            return Err(self.missing("'in'"));
        }
        self.skip_lines()?;
        let over = self.pipeline()?;
        self.skip_lines()?;
        self.expect(')')?;
        self.skip_lines()?;
        Ok(StatementKind::ForEach { variable, over, body: self.braced()? })
    }

    /// `{ … }`
    fn braced(&mut self) -> Result<Script, Fault> {
        self.expect('{')?;
        let script = self.nested(|parser| parser.script(Some('}')))?;
        self.expect('}')?;
        Ok(script)
    }

    /// Reads something that stands in brackets, unless there are too many around it.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.nesting >= MAX_NESTING {
            let text = format!("brackets are nested deeper than {MAX_NESTING} levels");
            return Err(Fault::syntax(self.here(), text));
        }
        self.nesting += 1;
        let read = read(self);
        self.nesting -= 1;
        read
    }

    fn pipeline(&mut self) -> Result<Pipeline, Fault> {
        let start = self.at;
        let mut stages = vec![self.first_stage()?];
        loop {
            self.skip_blanks()?;
            let is_pipe = self.peek() == Some('|');
            if !is_pipe {
                return Ok(Pipeline { stages, span: self.since(start) });
            }
            if self.rest().starts_with("||") {
                return Err(Fault::syntax(self.next_span(), "'||' is not understood")
                    .with_hint("use `if ($?) {…} else {…}`"));
            }
            self.at += 1;
            self.skip_lines()?;
            match self.peek() {
                None => {
                    return Err(Fault::incomplete(self.here(), "a command is expected after '|'"));
                }
                Some(_) => stages.push(Stage::Command(self.command()?)),
            }
        }
    }

    /// The first stage may be a value.
    fn first_stage(&mut self) -> Result<Stage, Fault> {
        if self.begins_expression() {
            self.expression().map(Stage::Expression)
        } else {
            self.command().map(Stage::Command)
        }
    }

    /// An expression node, unless it is too high.
    fn node(&self, kind: ExpressionKind, start: usize) -> Result<Expression, Fault> {
        let expression = Expression::new(kind, self.since(start));
        if expression.height > MAX_HEIGHT {
            let text = "this expression is too long; assign parts of it to variables";
            return Err(Fault::syntax(expression.span, text));
        }
        Ok(expression)
    }
}

/// Variables that the shell itself sets.
fn is_fixed(variable: &str) -> bool {
    ["true", "false", "null", "_", "?"].contains(&variable)
}

/// A character for a message.
fn printable(letter: char) -> String {
    if letter.is_control() { format!("U+{:04X}", u32::from(letter)) } else { letter.to_string() }
}
