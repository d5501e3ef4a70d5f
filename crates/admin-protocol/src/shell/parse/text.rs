//! Texts: in single quotes, in double quotes with variables, here-strings, and bare words.

use super::characters::{is_blank, is_double_quote, is_single_quote};
use super::{Expression, ExpressionKind, Fault, Parser, Span};
use crate::shell::syntax::TextPart;
use crate::shell::value::Value;

/// Parts of a text that is being read; plain parts grow together.
#[derive(Default)]
struct Parts(Vec<TextPart>);

impl Parts {
    fn push(&mut self, letter: char) {
        match self.0.last_mut() {
            Some(TextPart::Plain(text)) => text.push(letter),
            _ => self.0.push(TextPart::Plain(letter.to_string())),
        }
    }

    fn push_text(&mut self, text: &str) {
        text.chars().for_each(|letter| self.push(letter));
    }

    /// A literal where there is no variable.
    fn into_kind(self) -> ExpressionKind {
        let mut parts = self.0;
        match parts.as_mut_slice() {
            [] => ExpressionKind::Literal(Value::text("")),
            [TextPart::Plain(text)] => ExpressionKind::Literal(Value::text(std::mem::take(text))),
            _ => ExpressionKind::Expandable(parts),
        }
    }
}

impl Parser<'_> {
    /// `'…'`, the quote not yet taken.
    pub(super) fn single_quoted(&mut self) -> Result<Expression, Fault> {
        let start = self.at;
        let mut parts = Parts::default();
        self.single_quoted_into(&mut parts)?;
        self.node(parts.into_kind(), start)
    }

    fn single_quoted_into(&mut self, parts: &mut Parts) -> Result<(), Fault> {
        let start = self.at;
        self.bump();
        loop {
            match self.bump() {
                None => return Err(unended(start)),
                Some(letter) if is_single_quote(letter) => {
                    // Twice means once.
                    match self.peek() {
                        Some(next) if is_single_quote(next) => {
                            self.bump();
                            parts.push(letter);
                        }
                        _ => return Ok(()),
                    }
                }
                Some(letter) => parts.push(letter),
            }
        }
    }

    /// `"…"`, the quote not yet taken.
    pub(super) fn double_quoted(&mut self) -> Result<Expression, Fault> {
        let start = self.at;
        let mut parts = Parts::default();
        self.double_quoted_into(&mut parts)?;
        self.node(parts.into_kind(), start)
    }

    fn double_quoted_into(&mut self, parts: &mut Parts) -> Result<(), Fault> {
        let start = self.at;
        self.bump();
        loop {
            match self.peek() {
                None => return Err(unended(start)),
                Some(letter) if is_double_quote(letter) => {
                    self.bump();
                    match self.peek() {
                        Some(next) if is_double_quote(next) => {
                            self.bump();
                            parts.push(letter);
                        }
                        _ => return Ok(()),
                    }
                }
                Some(_) => self.expandable_letter(parts)?,
            }
        }
    }

    /// One character, escape or variable of a text with variables.
    fn expandable_letter(&mut self, parts: &mut Parts) -> Result<(), Fault> {
        match self.bump() {
            Some('`') => match self.bump() {
                None => return Err(Fault::incomplete(self.here(), "the text ends after '`'")),
                Some(letter) => parts.push(escaped(letter)),
            },
            Some('$') => {
                let start = self.at - 1;
                match self.expansion(start)? {
                    Some(value) => parts.0.push(TextPart::Value(value)),
                    None => parts.push('$'),
                }
            }
            Some(letter) => parts.push(letter),
            None => {}
        }
        Ok(())
    }

    /// What stands after a `$` in a text: `$x`, `${x}`, `$( … )`; or nothing.
    fn expansion(&mut self, start: usize) -> Result<Option<Expression>, Fault> {
        if self.peek() == Some('(') {
            return self.sub_expression(start).map(Some);
        }
        // `$?` in a text is usually a question.
        if self.peek() == Some('?') {
            return Ok(None);
        }
        match self.variable_name()? {
            Some(name) => self.node(ExpressionKind::Variable(name), start).map(Some),
            None => Ok(None),
        }
    }

    /// `@"` or `@'`, a line end, lines, and the quote with `@` at the beginning of a line.
    pub(super) fn here_string(&mut self) -> Result<Expression, Fault> {
        let start = self.at;
        self.bump();
        let expands = self.bump().is_some_and(is_double_quote);
        let head = self.rest();
        let blanks = head.len() - head.trim_start_matches(is_blank).len();
        self.at += blanks;
        if !(self.take("\r\n") || self.take("\n")) {
            return match self.peek() {
                None => Err(unended(start)),
                Some(_) => Err(Fault::syntax(
                    self.next_span(),
                    "the text of a here-string begins on the next line",
                )),
            };
        }
        let mut parts = Parts::default();
        loop {
            if self.ends_here_string(expands) {
                drop_line_end(&mut parts);
                return self.node(parts.into_kind(), start);
            }
            self.here_string_line(expands, &mut parts, start)?;
        }
    }

    /// Whether the mark of the end stands here; then it is taken.
    fn ends_here_string(&mut self, expands: bool) -> bool {
        let is_quote = if expands { is_double_quote } else { is_single_quote };
        let is_end = self.peek().is_some_and(is_quote) && self.peek_second() == Some('@');
        if is_end {
            self.bump();
            self.bump();
        }
        is_end
    }

    fn here_string_line(
        &mut self,
        expands: bool,
        parts: &mut Parts,
        start: usize,
    ) -> Result<(), Fault> {
        loop {
            match self.peek() {
                None => return Err(unended(start)),
                Some('\n') => {
                    self.bump();
                    parts.push('\n');
                    return Ok(());
                }
                // Lines end in LF whatever the file has.
                Some('\r') if self.peek_second() == Some('\n') => self.at += 1,
                Some(_) if expands => self.expandable_letter(parts)?,
                Some(letter) => {
                    self.bump();
                    parts.push(letter);
                }
            }
        }
    }

    /// A word where a command's argument stands: a text with variables, or a number.
    pub(super) fn bare_word(&mut self) -> Result<Expression, Fault> {
        let start = self.at;
        let mut parts = Parts::default();
        let mut is_plain = true;
        while let Some(letter) = self.peek() {
            if ends_word(letter) {
                break;
            }
            if is_double_quote(letter) {
                is_plain = false;
                self.double_quoted_into(&mut parts)?;
            } else if is_single_quote(letter) {
                is_plain = false;
                self.single_quoted_into(&mut parts)?;
            } else if letter == '`' && self.peek_second().is_none_or(char::is_whitespace) {
                // A line goes on after it: the word ends here.
                break;
            } else {
                is_plain &= letter != '`' && letter != '$';
                self.expandable_letter(&mut parts)?;
            }
        }
        if self.at == start {
            return Err(self.missing("a value"));
        }
        let word = &self.source[start..self.at];
        if let (true, Some(number)) = (is_plain, super::expression::exact_number(word)) {
            return self.node(ExpressionKind::Literal(number), start);
        }
        self.node(parts.into_kind(), start)
    }

    /// The name of a command: letters, digits, `-`, and the short names `?` and `%`.
    pub(super) fn command_word(&mut self) -> Result<(String, Span), Fault> {
        let start = self.at;
        let mut parts = Parts::default();
        while let Some(letter) = self.peek() {
            if ends_word(letter) || letter == '`' || letter == '$' {
                break;
            }
            self.bump();
            // Dashes of web pages are hyphens.
            if super::characters::is_dash(letter) {
                parts.push('-');
            } else {
                parts.push_text(letter.encode_utf8(&mut [0; 4]));
            }
        }
        let name = match parts.0.into_iter().next() {
            Some(TextPart::Plain(name)) => name,
            _ => String::new(),
        };
        Ok((name, self.since(start)))
    }
}

/// What ends a bare word.
pub(super) fn ends_word(letter: char) -> bool {
    is_blank(letter) || "\r\n|;(){},&<>".contains(letter)
}

fn unended(start: usize) -> Fault {
    Fault::incomplete(Span::new(start, start + 1), "this text has no end: its quote is missing")
}

fn drop_line_end(parts: &mut Parts) {
    if let Some(TextPart::Plain(text)) = parts.0.last_mut() {
        if text.ends_with('\n') {
            text.pop();
        }
        if text.is_empty() {
            parts.0.pop();
        }
    }
}

/// The character that a backtick and this one mean.
fn escaped(letter: char) -> char {
    match letter {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'e' => '\u{1b}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        other => other,
    }
}
