//! Tokens, quoted strings and parameters of the structure fields (RFC 2045 §5.1), read leniently:
//! comments are passed over, a missing quotation mark ends with the text, and values that should
//! have been quoted are taken up to the next semicolon.

/// Parameters of one field that are read; the others are passed over.
pub(super) const PARAMETERS_MAX: usize = 100;

/// A parameter as it stands, its value without quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The name as written.
    pub name: String,
    /// The value.
    pub value: String,
}

/// The value of the first parameter of this name.
pub(super) fn value<'a>(parameters: &'a [Parameter], name: &str) -> Option<&'a str> {
    let found = parameters.iter().find(|parameter| parameter.name.eq_ignore_ascii_case(name))?;
    Some(&found.value)
}

/// Reads an unfolded value from its beginning.
pub(super) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Tokens<'a> {
        Tokens { rest: text }
    }

    /// Passes over white space and comments (RFC 5322 §3.2.2).
    fn skip_blank(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('(') {
                return;
            }
            let mut depth = 0usize;
            let mut is_escaped = false;
            let end = self.rest.char_indices().find_map(|(at, c)| {
                match c {
                    _ if is_escaped => is_escaped = false,
                    '\\' => is_escaped = true,
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    _ => {}
                }
                (depth == 0).then_some(at + 1)
            });
            self.rest = &self.rest[end.unwrap_or(self.rest.len())..];
        }
    }

    /// A token (RFC 2045 §5.1).
    pub(super) fn token(&mut self) -> Option<String> {
        self.skip_blank();
        let is_special = |c: char| c.is_whitespace() || "()<>@,;:\\\"/[]?=".contains(c);
        let end = self.rest.find(is_special).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!token.is_empty()).then(|| token.to_owned())
    }

    /// Passes over a sign; says whether it was there.
    pub(super) fn sign(&mut self, sign: char) -> bool {
        self.skip_blank();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// All parameters up to the end of the field.
    pub(super) fn parameters(&mut self) -> Vec<Parameter> {
        let mut found = Vec::new();
        while found.len() < PARAMETERS_MAX {
            // Whatever stands before the next semicolon is none.
            let Some(at) = self.rest.find(';') else { break };
            self.rest = &self.rest[at + 1..];
            let Some(name) = self.token() else { continue };
            if self.sign('=') {
                let value = self.value();
                found.push(Parameter { name, value });
            }
        }
        found
    }

    fn value(&mut self) -> String {
        self.skip_blank();
        let Some(quoted) = self.rest.strip_prefix('"') else {
            let end = self.rest.find(';').unwrap_or(self.rest.len());
            let (value, rest) = self.rest.split_at(end);
            self.rest = rest;
            // A comment may follow a token, but a boundary may have parentheses in it only quoted.
            let value = value.split(" (").next().unwrap_or_default();
            return value.trim().to_owned();
        };
        let mut value = String::new();
        let mut signs = quoted.char_indices();
        while let Some((at, c)) = signs.next() {
            match c {
                '"' => {
                    self.rest = &quoted[at + 1..];
                    return value;
                }
                '\\' => value.extend(signs.next().map(|(_, escaped)| escaped)),
                _ => value.push(c),
            }
        }
        self.rest = "";
        value
    }
}
