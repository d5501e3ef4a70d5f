//! Reading characters: what is a blank, a quote, a dash; skipping blanks, comments and continued
//! lines; names of variables.

use super::{Fault, Note, Parser, Span};

/// Letters of names.
pub(super) fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Blanks within a line, the no-break space of web pages included.
pub(super) fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\u{b}' | '\u{c}' | '\u{a0}' | '\u{202f}' | '\u{feff}')
}

/// Dashes that PowerShell takes for `-`.
pub(super) fn is_dash(letter: char) -> bool {
    matches!(letter, '-' | '\u{2013}' | '\u{2014}' | '\u{2015}')
}

/// Quotes around a text with variables.
pub(super) fn is_double_quote(letter: char) -> bool {
    matches!(letter, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}')
}

/// Quotes around a text as it stands.
pub(in crate::shell) fn is_single_quote(letter: char) -> bool {
    matches!(letter, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}')
}

impl<'a> Parser<'a> {
    pub(super) fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The character after the next one.
    pub(super) fn peek_second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    /// Takes a text that stands here.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let is_here = self.rest().starts_with(text);
        if is_here {
            self.at += text.len();
        }
        is_here
    }

    /// Takes a whole word that stands here, in any case.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.rest().get(..word.len());
        let is_here = found.is_some_and(|found| found.eq_ignore_ascii_case(word))
            && !self.rest()[word.len()..].chars().next().is_some_and(is_name);
        if is_here {
            self.at += word.len();
        }
        is_here
    }

    pub(super) fn expect(&mut self, letter: char) -> Result<(), Fault> {
        if self.peek() == Some(letter) {
            self.at += letter.len_utf8();
            return Ok(());
        }
        Err(self.missing(&format!("'{letter}'")))
    }

    /// What is expected is not here.
    pub(super) fn missing(&self, what: &str) -> Fault {
        match self.peek() {
            None => Fault::incomplete(self.here(), format!("{what} is expected")),
            Some(_) => Fault::syntax(self.next_span(), format!("{what} is expected here")),
        }
    }

    /// The empty span here.
    pub(super) fn here(&self) -> Span {
        Span::new(self.at, self.at)
    }

    /// The span of the next character.
    pub(super) fn next_span(&self) -> Span {
        Span::new(self.at, self.at + self.peek().map_or(0, char::len_utf8))
    }

    /// From `start` to here.
    pub(super) fn since(&self, start: usize) -> Span {
        Span::new(start, self.at)
    }

    pub(super) fn note(&mut self, span: Span, text: &str) {
        self.notes.push(Note { text: text.to_owned(), span });
    }

    /// Skips blanks, comments, and backticks that continue the line.
    pub(super) fn skip_blanks(&mut self) -> Result<(), Fault> {
        loop {
            match self.peek() {
                Some(letter) if is_blank(letter) => self.at += letter.len_utf8(),
                Some('#') => {
                    self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                }
                Some('<') if self.rest().starts_with("<#") => self.skip_long_comment()?,
                Some('`') if self.is_continuation() => self.skip_continuation()?,
                _ => return Ok(()),
            }
        }
    }

    fn skip_long_comment(&mut self) -> Result<(), Fault> {
        let span = Span::new(self.at, self.at + 2);
        match self.rest().find("#>") {
            Some(length) => {
                self.at += length + 2;
                Ok(())
            }
            None => Err(Fault::incomplete(span, "this comment has no end: '#>'")),
        }
    }

    /// Whether the backtick here stands before a blank or a line's end.
    fn is_continuation(&self) -> bool {
        self.peek_second().is_none_or(|next| is_blank(next) || next == '\n' || next == '\r')
    }

    fn skip_continuation(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        let blanks = self.rest().len() - self.rest().trim_start_matches(is_blank).len();
        self.at += blanks;
        let is_line_end = self.take("\r\n") || self.take("\n") || self.take("\r");
        if self.peek().is_none() && !is_line_end {
            return Err(Fault::incomplete(self.here(), "the next line is expected after '`'"));
        }
        if blanks > 0 {
            let text = "a backtick continues a line only as its last character; read as a space";
            self.note(Span::new(start, start + 1), text);
        }
        Ok(())
    }

    /// Skips blanks and line ends.
    pub(super) fn skip_lines(&mut self) -> Result<(), Fault> {
        self.skip_while(&['\n', '\r'])
    }

    /// Skips blanks, line ends and semicolons.
    pub(super) fn skip_separators(&mut self) -> Result<(), Fault> {
        self.skip_while(&['\n', '\r', ';'])
    }

    fn skip_while(&mut self, separators: &[char]) -> Result<(), Fault> {
        loop {
            self.skip_blanks()?;
            match self.peek() {
                Some(letter) if separators.contains(&letter) => self.at += 1,
                _ => return Ok(()),
            }
        }
    }

    /// The name after a `$` that was taken: in lower case, without a scope. `None`, and nothing
    /// taken, where no name stands.
    pub(super) fn variable_name(&mut self) -> Result<Option<String>, Fault> {
        let start = self.at;
        if self.take("\\_") {
            let text = "`$\\_` was read as `$_`: the backslash comes from a web page";
            self.note(Span::new(start.saturating_sub(1), self.at), text);
            return Ok(Some("_".to_owned()));
        }
        if self.take("?") {
            return Ok(Some("?".to_owned()));
        }
        if self.take("{") {
            let Some(length) = self.rest().find('}') else {
                return Err(Fault::incomplete(self.here(), "'}' is expected after the name"));
            };
            let name = self.rest()[..length].to_lowercase();
            self.at += length + 1;
            return self.scoped(start, &name).map(Some);
        }
        let length = self.name_length();
        if length == 0 {
            return Ok(None);
        }
        let name = self.rest()[..length].to_lowercase();
        self.at += length;
        self.scoped(start, &name).map(Some)
    }

    /// Octets of a name here, with a scope before it.
    fn name_length(&self) -> usize {
        let rest = self.rest();
        let length = |text: &str| text.len() - text.trim_start_matches(is_name).len();
        let first = length(rest);
        let after = &rest[first..];
        match after.strip_prefix(':') {
            Some(second) if first > 0 && length(second) > 0 => first + 1 + length(second),
            _ => first,
        }
    }

    fn scoped(&self, start: usize, name: &str) -> Result<String, Fault> {
        let Some((scope, bare)) = name.split_once(':') else {
            return Ok(if name == "psitem" { "_".to_owned() } else { name.to_owned() });
        };
        match scope {
            "script" | "global" | "local" | "private" => Ok(bare.to_owned()),
            _ => Err(Fault::meaning(
                Span::new(start.saturating_sub(1), self.at),
                format!("'${name}' is not understood: there are only the shell's own variables"),
            )),
        }
    }
}
