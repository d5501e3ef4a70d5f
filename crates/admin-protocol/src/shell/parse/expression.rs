//! Expressions, from the loosest operator down to single values.

use std::rc::Rc;

use super::characters::{is_double_quote, is_name, is_single_quote};
use super::operator::{Level, WORDS};
use super::{Expression, ExpressionKind, Fault, NOT_A_LANGUAGE, Parser, Span, Statement};
use super::{Pipeline, StatementKind};
use crate::shell::syntax::{Cast, UnaryOperator};
use crate::shell::value::Value;
use crate::text;

/// Octets of the units that a number may carry.
const UNITS: [(&str, i64); 5] =
    [("kb", 1 << 10), ("mb", 1 << 20), ("gb", 1 << 30), ("tb", 1 << 40), ("pb", 1 << 50)];

impl Parser<'_> {
    /// Whether what stands here is a value, not the name of a command.
    pub(super) fn begins_expression(&self) -> bool {
        match self.peek() {
            Some('$' | '(' | '@' | '{' | '[' | '!' | ',' | '+') => true,
            Some(letter) if letter.is_ascii_digit() => true,
            Some(letter) if is_double_quote(letter) || is_single_quote(letter) => true,
            Some(letter) => super::characters::is_dash(letter),
            None => false,
        }
    }

    /// An expression with operators.
    pub(super) fn expression(&mut self) -> Result<Expression, Fault> {
        let expression = self.nested(|parser| parser.level(Level::Logical))?;
        // What looks like an operator and is none would else be told as "not expected here".
        self.skip_blanks()?;
        let Some(word) = self.dash_word() else { return Ok(expression) };
        let word = format!("-{word}");
        let near = text::nearest(&word, WORDS.into_iter());
        let span = Span::new(self.at, self.at + word.len());
        Err(Fault::syntax(span, format!("'{word}' is no operator.")).with_nearest(&near))
    }

    fn level(&mut self, level: Level) -> Result<Expression, Fault> {
        let start = self.at;
        let mut left = self.tighter(level)?;
        loop {
            let before = self.at;
            self.skip_blanks()?;
            let Some(operator) = self.take_operator(level) else {
                self.at = before;
                return Ok(left);
            };
            self.skip_lines()?;
            let right = self.tighter(level)?;
            let kind = ExpressionKind::Binary(operator, Box::new(left), Box::new(right));
            left = self.node(kind, start)?;
        }
    }

    fn tighter(&mut self, level: Level) -> Result<Expression, Fault> {
        match level.tighter() {
            Some(tighter) => self.level(tighter),
            None => self.list(),
        }
    }

    /// `a, b`: commas bind tighter than other operators.
    fn list(&mut self) -> Result<Expression, Fault> {
        self.with_commas(Self::unary)
    }

    /// One item, or a list of several with commas between.
    pub(super) fn with_commas(
        &mut self,
        item: fn(&mut Self) -> Result<Expression, Fault>,
    ) -> Result<Expression, Fault> {
        let start = self.at;
        let mut items = vec![item(self)?];
        loop {
            let before = self.at;
            self.skip_blanks()?;
            if self.peek() != Some(',') {
                self.at = before;
                break;
            }
            self.at += 1;
            self.skip_lines()?;
            items.push(item(self)?);
        }
        match items.len() {
            1 => Ok(items.swap_remove(0)),
            _ => self.node(ExpressionKind::List(items), start),
        }
    }

    fn unary(&mut self) -> Result<Expression, Fault> {
        let start = self.at;
        let mut operators = Vec::new();
        while let Some(operator) = self.take_unary() {
            operators.push(operator);
            self.skip_blanks()?;
        }
        let mut value = match self.cast()? {
            Some(cast) => {
                self.skip_blanks()?;
                let value = self.nested(Parser::unary)?;
                self.node(ExpressionKind::Cast(cast, Box::new(value)), start)?
            }
            None => self.postfix()?,
        };
        for operator in operators.into_iter().rev() {
            value = self.node(signed(operator, value), start)?;
        }
        Ok(value)
    }

    /// `[int]` and its like before a value.
    fn cast(&mut self) -> Result<Option<Cast>, Fault> {
        if self.peek() != Some('[') {
            return Ok(None);
        }
        let start = self.at;
        self.at += 1;
        let length =
            self.rest().len() - self.rest().trim_start_matches(|c| is_name(c) || c == '.').len();
        let mut name = self.rest()[..length].to_ascii_lowercase();
        self.at += length;
        if self.take("[]") {
            name.push_str("[]");
        }
        let is_closed = self.take("]");
        let cast = cast_named(name.trim_start_matches("system."))
            .filter(|_| is_closed && !self.rest().starts_with("::"));
        cast.map(Some).ok_or_else(|| {
            let text = format!("[{name}] is not understood here");
            Fault::syntax(self.since(start), text).with_hint(NOT_A_LANGUAGE)
        })
    }

    /// A value and what is taken from it: `.Name`, `[0]`, `.ToLower()`.
    pub(super) fn postfix(&mut self) -> Result<Expression, Fault> {
        let start = self.at;
        let mut value = self.nested(Parser::primary)?;
        loop {
            let kind = match self.peek() {
                Some('.') if self.begins_member() => {
                    self.at += 1;
                    self.member(value)?
                }
                Some('[') => {
                    self.at += 1;
                    self.skip_lines()?;
                    let index = self.expression()?;
                    self.skip_lines()?;
                    self.expect(']')?;
                    ExpressionKind::Index(Box::new(value), Box::new(index))
                }
                Some(':') if self.rest().starts_with("::") => {
                    return Err(Fault::syntax(self.next_span(), "'::' is not understood")
                        .with_hint(NOT_A_LANGUAGE));
                }
                _ => return Ok(value),
            };
            value = self.node(kind, start)?;
        }
    }

    /// Whether the dot here is followed by the name of a member.
    fn begins_member(&self) -> bool {
        self.peek_second().is_some_and(|next| {
            is_name(next)
                || matches!(next, '$' | '(')
                || is_double_quote(next)
                || is_single_quote(next)
        })
    }

    /// A member, its dot taken.
    fn member(&mut self, on: Expression) -> Result<ExpressionKind, Fault> {
        let start = self.at;
        let name = match self.peek() {
            Some('$') => {
                self.at += 1;
                let name = self.variable_name()?.ok_or_else(|| self.missing("a name"))?;
                self.node(ExpressionKind::Variable(name), start)?
            }
            Some('(') => self.nested(Parser::primary)?,
            Some(quote) if is_double_quote(quote) => self.double_quoted()?,
            Some(quote) if is_single_quote(quote) => self.single_quoted()?,
            _ => {
                let length = self.rest().len() - self.rest().trim_start_matches(is_name).len();
                let name = self.rest()[..length].to_owned();
                self.at += length;
                if self.peek() == Some('(') {
                    let arguments = self.nested(Parser::method_arguments)?;
                    return Ok(ExpressionKind::Method { on: Box::new(on), name, arguments });
                }
                self.node(ExpressionKind::Literal(Value::text(&name)), start)?
            }
        };
        Ok(ExpressionKind::Property(Box::new(on), Box::new(name)))
    }

    fn method_arguments(&mut self) -> Result<Vec<Expression>, Fault> {
        self.expect('(')?;
        self.skip_lines()?;
        if self.take(")") {
            return Ok(Vec::new());
        }
        let list = self.expression()?;
        self.skip_lines()?;
        self.expect(')')?;
        Ok(match list.kind {
            ExpressionKind::List(items) => items,
            _ => vec![list],
        })
    }

    /// A single value.
    fn primary(&mut self) -> Result<Expression, Fault> {
        let start = self.at;
        match self.peek() {
            None => Err(self.missing("a value")),
            Some('$') => {
                self.at += 1;
                if self.peek() == Some('(') {
                    return self.sub_expression(start);
                }
                match self.variable_name()? {
                    Some(name) => self.node(ExpressionKind::Variable(name), start),
                    None => Err(Fault::syntax(self.since(start), "a name is expected after '$'")),
                }
            }
            Some('(') => self.group(),
            Some('@') => self.at_sign(),
            Some('{') => {
                let script = self.braced()?;
                self.node(ExpressionKind::Block(Rc::new(script)), start)
            }
            Some(letter) if letter.is_ascii_digit() => self.number(),
            Some(letter) if is_double_quote(letter) => self.double_quoted(),
            Some(letter) if is_single_quote(letter) => self.single_quoted(),
            Some(letter) if letter.is_alphabetic() => {
                let length = self.rest().len()
                    - self.rest().trim_start_matches(|c| is_name(c) || c == '-').len();
                let span = Span::new(start, start + length);
                let word = &self.rest()[..length];
                Err(Fault::syntax(span, format!("'{word}' is not expected here"))
                    .with_hint(format!("a text stands in quotes: '{word}'; a call in (…)")))
            }
            Some(found) => Err(self.unexpected(found)),
        }
    }

    /// `( … )`: a pipeline or an assignment.
    fn group(&mut self) -> Result<Expression, Fault> {
        let start = self.at;
        self.expect('(')?;
        self.skip_lines()?;
        if self.peek() == Some(')') {
            return Err(Fault::syntax(self.next_span(), "a value is expected in '( )'"));
        }
        let begin = self.at;
        let kind = match self.peek() {
            Some('$') => match self.assignment()? {
                Some(kind) => kind,
                None => StatementKind::Pipeline(self.group_pipeline()?),
            },
            _ => StatementKind::Pipeline(self.group_pipeline()?),
        };
        let statement = Statement { kind, span: self.since(begin) };
        self.skip_lines()?;
        self.expect(')')?;
        self.node(ExpressionKind::Group(Box::new(statement)), start)
    }

    fn group_pipeline(&mut self) -> Result<Pipeline, Fault> {
        self.nested(Parser::pipeline)
    }

    /// `$( … )`, the bracket not yet taken.
    pub(super) fn sub_expression(&mut self, start: usize) -> Result<Expression, Fault> {
        self.expect('(')?;
        let script = self.nested(|parser| parser.script(Some(')')))?;
        self.expect(')')?;
        self.node(ExpressionKind::Sub(script), start)
    }

    /// `@( … )`, `@{ … }`, `@" … "@`.
    fn at_sign(&mut self) -> Result<Expression, Fault> {
        let start = self.at;
        match self.peek_second() {
            Some('(') => {
                self.at += 2;
                let script = self.nested(|parser| parser.script(Some(')')))?;
                self.expect(')')?;
                self.node(ExpressionKind::ListOf(script), start)
            }
            Some('{') => {
                self.at += 2;
                let entries = self.nested(Parser::table_entries)?;
                self.expect('}')?;
                self.node(ExpressionKind::Table(entries), start)
            }
            Some(quote) if is_double_quote(quote) || is_single_quote(quote) => self.here_string(),
            None => Err(Fault::incomplete(self.here(), "'(' or '{' is expected after '@'")),
            Some(_) => Err(Fault::syntax(self.next_span(), "'@' is not understood here")
                .with_hint("lists are @( … ), tables @{ … }; addresses stand in quotes")),
        }
    }

    fn table_entries(&mut self) -> Result<Vec<(Expression, Statement)>, Fault> {
        let mut entries = Vec::new();
        loop {
            self.skip_separators()?;
            if matches!(self.peek(), None | Some('}')) {
                return Ok(entries);
            }
            let key = self.table_key()?;
            self.skip_blanks()?;
            self.expect('=')?;
            self.skip_lines()?;
            entries.push((key, self.statement()?));
            self.skip_blanks()?;
            match self.peek() {
                None | Some('}' | ';' | '\n' | '\r') => {}
                Some(found) => return Err(self.unexpected(found)),
            }
        }
    }

    fn table_key(&mut self) -> Result<Expression, Fault> {
        let start = self.at;
        let length = self.rest().len()
            - self.rest().trim_start_matches(|c| is_name(c) || c == '-' || c == '@').len();
        if length == 0 || self.peek() == Some('@') {
            return self.postfix();
        }
        let name = self.rest()[..length].to_owned();
        self.at += length;
        self.node(ExpressionKind::Literal(Value::text(&name)), start)
    }

    fn number(&mut self) -> Result<Expression, Fault> {
        let start = self.at;
        let rest = self.rest();
        let digits =
            |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let mut length = digits(rest);
        let is_hexadecimal = rest.starts_with("0x") || rest.starts_with("0X");
        if !is_hexadecimal && rest[length..].starts_with('.') && digits(&rest[length + 1..]) > 0 {
            length += 1 + digits(&rest[length + 1..]);
        }
        length += rest[length..].len()
            - rest[length..].trim_start_matches(|c: char| c.is_ascii_alphanumeric()).len();
        let word = &rest[..length];
        self.at += length;
        match number(word) {
            Some(value) => self.node(ExpressionKind::Literal(value), start),
            None => Err(Fault::syntax(self.since(start), format!("'{word}' is no number"))
                .with_hint(format!("a text stands in quotes: '{word}'"))),
        }
    }
}

/// The type that a name in brackets means.
fn cast_named(name: &str) -> Option<Cast> {
    Some(match name {
        "string" => Cast::Text,
        "int" | "int32" | "int64" | "long" => Cast::Integer,
        "double" | "decimal" | "float" => Cast::Decimal,
        "bool" | "boolean" | "switch" => Cast::Boolean,
        "array" | "string[]" | "object[]" | "int[]" => Cast::List,
        "datetime" => Cast::Time,
        "pscustomobject" | "psobject" => Cast::Object,
        "ordered" | "hashtable" => Cast::Table,
        _ => return None,
    })
}

/// A sign or word before a value; a minus before a number makes the number.
fn signed(operator: UnaryOperator, value: Expression) -> ExpressionKind {
    match (operator, &value.kind) {
        (UnaryOperator::Minus, ExpressionKind::Literal(Value::Integer(number))) => {
            ExpressionKind::Literal(Value::Integer(number.saturating_neg()))
        }
        (UnaryOperator::Minus, ExpressionKind::Literal(Value::Decimal(number))) => {
            ExpressionKind::Literal(Value::Decimal(-number))
        }
        _ => ExpressionKind::Unary(operator, Box::new(value)),
    }
}

/// Reads a number without a sign: `12`, `1.5`, `0x1F`, `25MB`, `1e3`.
fn number(word: &str) -> Option<Value> {
    if !word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    if let Some(digits) = lower.strip_prefix("0x") {
        return i64::from_str_radix(digits, 16).ok().map(Value::Integer);
    }
    let (digits, unit) = UNITS
        .iter()
        .find_map(|(name, octets)| Some((lower.strip_suffix(name)?, *octets)))
        .unwrap_or((lower.as_str(), 1));
    if let Ok(whole) = digits.parse::<i64>() {
        return whole.checked_mul(unit).map(Value::Integer);
    }
    let is_decimal = digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e'));
    let decimal = digits.parse::<f64>().ok().filter(|value| is_decimal && value.is_finite())?;
    Some(Value::Decimal(decimal * unit as f64))
}

/// A bare word that is a number and nothing else: written out again it is the same word, or it has
/// a unit. `007` and `1.50` stay texts.
pub(in crate::shell) fn exact_number(word: &str) -> Option<Value> {
    let (is_negative, digits) = match word.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, word),
    };
    let value = match number(digits)? {
        Value::Integer(number) if is_negative => Value::Integer(-number),
        Value::Decimal(number) if is_negative => Value::Decimal(-number),
        other => other,
    };
    let has_unit = UNITS.iter().any(|(unit, _)| digits.to_ascii_lowercase().ends_with(unit));
    (has_unit || value.to_text() == word).then_some(value)
}
