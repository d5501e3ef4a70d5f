//! Functions, module lines and test regions, found in code whose comments and literals are blanked.

use std::ops::RangeInclusive;

use super::{Function, ModLine, find_words, is_word, line_of};

/// What an item has after its signature.
enum Body {
    /// A block; the offsets of its braces.
    Block(usize),
    /// Nothing but a semicolon, at this offset.
    Semicolon(usize),
}

/// Finds where the item whose signature starts at `from` ends.
fn body_after(code: &str, from: usize) -> Option<Body> {
    let mut depth = 0_usize;
    for (at, octet) in code.bytes().enumerate().skip(from) {
        match octet {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'{' if depth == 0 => return closing_brace(code, at).map(Body::Block),
            b';' if depth == 0 => return Some(Body::Semicolon(at)),
            _ => {}
        }
    }
    None
}

fn closing_brace(code: &str, opening: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, octet) in code.bytes().enumerate().skip(opening) {
        match octet {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Returns the identifier that starts at or after `from`, past blanks.
fn identifier(code: &str, from: usize) -> Option<&str> {
    let rest = code[from..].trim_start();
    let end = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
    (end > 0).then(|| &rest[..end])
}

/// Finds every function that has a body.
pub(super) fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for at in find_words(code, "fn") {
        // A pointer type `fn(…)` has no name.
        let Some(name) = identifier(code, at + 2) else { continue };
        let Some(Body::Block(end)) = body_after(code, at) else { continue };
        let line = line_of(code, at);
        found.push(Function {
            name: name.to_owned(),
            line,
            lines: line_of(code, end) - line + 1,
            is_expected_long: attributes_before(code, at).contains("clippy::too_many_lines"),
        });
    }
    found
}

/// Returns what stands between the end of the item before and `at`: attributes and qualifiers.
fn attributes_before(code: &str, at: usize) -> &str {
    let before = &code[..at];
    &before[before.rfind(['}', ';', '{']).map_or(0, |end| end + 1)..]
}

/// Finds the lines under an attribute `#[cfg(test)]`, the attribute included.
pub(super) fn test_regions(code: &str) -> Vec<RangeInclusive<usize>> {
    let mut regions = Vec::new();
    for start in ["#[cfg(test", "#[cfg(any(test", "#[cfg(all(test"] {
        for at in find_words(code, start) {
            // From the attribute's own bracket on, brackets balance, so the body is the item's.
            let end = match body_after(code, at) {
                Some(Body::Block(end) | Body::Semicolon(end)) => end,
                None => code.len(),
            };
            regions.push(line_of(code, at)..=line_of(code, end));
        }
    }
    regions
}

/// Finds the lines `mod name;`.
pub(super) fn mods(code: &str, test_regions: &[RangeInclusive<usize>]) -> Vec<ModLine> {
    let mut found = Vec::new();
    for at in find_words(code, "mod") {
        let Some(name) = identifier(code, at + 3) else { continue };
        if let Some(Body::Semicolon(_)) = body_after(code, at) {
            let line = line_of(code, at);
            let is_test = test_regions.iter().any(|region| region.contains(&line));
            found.push(ModLine { name: name.to_owned(), is_test });
        }
    }
    found
}
