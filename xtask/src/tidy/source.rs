//! A Rust file taken apart just far enough for the rules: code without comments and literals, the
//! comments, the string literals, and (in [`items`]) functions, `mod` lines and test regions.
//!
//! This is a lexer, not a parser: it knows nested block comments, raw strings and the difference
//! between a lifetime and a character, and nothing else.

mod items;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

/// A piece of text and the line, counted from 1, on which it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// A function with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// The line of the word `fn`.
    pub(crate) line: usize,
    /// Lines from there to the closing brace, both counted.
    pub(crate) lines: usize,
    /// Whether the attribute before it expects clippy's `too_many_lines`.
    pub(crate) is_expected_long: bool,
}

/// A line `mod name;`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModLine {
    pub(crate) name: String,
    pub(crate) is_test: bool,
}

/// A lexed file.
#[derive(Debug)]
pub(crate) struct Source {
    /// The text with comments and the insides of literals blanked; line numbers stay.
    pub(crate) code: String,
    /// Comments without their slashes; a block comment is one piece.
    pub(crate) comments: Vec<Piece>,
    /// The insides of string literals.
    pub(crate) strings: Vec<Piece>,
    /// Functions with a body, outermost first.
    pub(crate) functions: Vec<Function>,
    /// Module lines.
    pub(crate) mods: Vec<ModLine>,
    /// Lines under `#[cfg(test)]`.
    pub(crate) test_regions: Vec<RangeInclusive<usize>>,
}

impl Source {
    /// Takes a file apart. Never fails: what does not lex is for the compiler to report.
    pub(crate) fn lex(text: &str) -> Source {
        let mut lexer = Lexer {
            text: text.as_bytes(),
            at: 0,
            line: 1,
            code: Vec::with_capacity(text.len()),
            comments: Vec::new(),
            strings: Vec::new(),
        };
        lexer.run();
        let code = String::from_utf8_lossy(&lexer.code).into_owned();
        let test_regions = items::test_regions(&code);
        let functions = items::functions(&code);
        let mods = items::mods(&code, &test_regions);
        let Lexer { comments, strings, .. } = lexer;
        Source { code, comments, strings, functions, mods, test_regions }
    }

    /// Says whether a line lies under `#[cfg(test)]`.
    pub(crate) fn is_test_line(&self, line: usize) -> bool {
        self.test_regions.iter().any(|region| region.contains(&line))
    }
}

/// Returns the line, counted from 1, of an offset.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset].iter().filter(|octet| **octet == b'\n').count() + 1
}

/// Finds `needle` where it does not continue an identifier on either side; returns offsets.
pub(crate) fn find_words<'t>(text: &'t str, needle: &'t str) -> impl Iterator<Item = usize> + 't {
    text.match_indices(needle).map(|(at, _)| at).filter(move |at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + needle.len()..].chars().next();
        let continues_before = needle.starts_with(is_word) && before.is_some_and(is_word);
        let continues_after = needle.ends_with(is_word) && after.is_some_and(is_word);
        !continues_before && !continues_after
    })
}

/// Says whether a character may stand in an identifier.
pub(crate) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    line: usize,
    code: Vec<u8>,
    comments: Vec<Piece>,
    strings: Vec<Piece>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(octet) = self.text.get(self.at) {
            match octet {
                b'/' if self.follows(b"//") => self.line_comment(),
                b'/' if self.follows(b"/*") => self.block_comment(),
                b'"' => self.string(0, true),
                b'r' if !self.is_inside_word() => self.raw_string(),
                b'\'' => self.quote(),
                _ => self.copy(1),
            }
        }
    }

    fn follows(&self, expected: &[u8]) -> bool {
        self.text[self.at..].starts_with(expected)
    }

    /// Says whether the octet before this one belongs to an identifier, where the prefixes `b` and
    /// `c` of raw strings do not count.
    fn is_inside_word(&self) -> bool {
        let is_word = |octet: Option<&u8>| {
            octet.is_some_and(|octet| octet.is_ascii_alphanumeric() || *octet == b'_')
        };
        let before = self.at.checked_sub(1).and_then(|at| self.text.get(at));
        match before {
            Some(b'b' | b'c') => is_word(self.at.checked_sub(2).and_then(|at| self.text.get(at))),
            other => is_word(other),
        }
    }

    fn copy(&mut self, octets: usize) {
        for octet in &self.text[self.at..self.at + octets] {
            self.line += usize::from(*octet == b'\n');
            self.code.push(*octet);
        }
        self.at += octets;
    }

    /// Goes on by `octets` leaving blanks, and returns the text passed over.
    fn blank(&mut self, octets: usize) -> String {
        let passed = &self.text[self.at..self.at + octets];
        for octet in passed {
            self.line += usize::from(*octet == b'\n');
            self.code.push(if *octet == b'\n' { b'\n' } else { b' ' });
        }
        self.at += octets;
        String::from_utf8_lossy(passed).into_owned()
    }

    fn line_comment(&mut self) {
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|octet| *octet == b'\n').unwrap_or(rest.len());
        let line = self.line;
        let text = self.blank(length);
        let text = text.trim_start_matches('/').trim_start_matches('!').trim().to_owned();
        self.comments.push(Piece { line, text });
    }

    fn block_comment(&mut self) {
        let rest = &self.text[self.at..];
        let mut depth = 0_usize;
        let mut length = 0;
        while length < rest.len() {
            let step = match &rest[length..] {
                [b'/', b'*', ..] => {
                    depth += 1;
                    2
                }
                [b'*', b'/', ..] => {
                    depth -= 1;
                    2
                }
                _ => 1,
            };
            length += step;
            if depth == 0 {
                break;
            }
        }
        let line = self.line;
        let text = self.blank(length);
        self.comments.push(Piece { line, text });
    }

    /// A string whose opening quote is at `self.at`, closed by a quote and `hashes` hashes.
    fn string(&mut self, hashes: usize, has_escapes: bool) {
        self.copy(1);
        let rest = &self.text[self.at..];
        let mut length = 0;
        while length < rest.len() {
            let closing = &rest[length..];
            if has_escapes && closing[0] == b'\\' {
                length += 2;
                continue;
            }
            let hash_count = closing[1..].iter().take_while(|octet| **octet == b'#').count();
            if closing[0] == b'"' && hash_count >= hashes {
                break;
            }
            length += 1;
        }
        let line = self.line;
        let text = self.blank(length.min(rest.len()));
        self.strings.push(Piece { line, text });
        let closing_octets = (1 + hashes).min(self.text.len() - self.at);
        self.copy(closing_octets);
    }

    fn raw_string(&mut self) {
        let rest = &self.text[self.at + 1..];
        let hashes = rest.iter().take_while(|octet| **octet == b'#').count();
        if rest.get(hashes) == Some(&b'"') {
            self.copy(1 + hashes);
            self.string(hashes, false);
        } else {
            self.copy(1);
        }
    }

    /// A character literal or a lifetime.
    fn quote(&mut self) {
        let rest = &self.text[self.at + 1..];
        let width = match rest.first() {
            Some(b'\\') => rest.iter().skip(2).position(|octet| *octet == b'\'').map(|at| at + 2),
            Some(first) => {
                let octets = match first {
                    0..=0x7f => 1,
                    0x80..=0xdf => 2,
                    0xe0..=0xef => 3,
                    _ => 4,
                };
                (rest.get(octets) == Some(&b'\'')).then_some(octets)
            }
            None => None,
        };
        self.copy(1);
        if let Some(width) = width {
            self.blank(width);
            self.copy(1);
        }
    }
}
