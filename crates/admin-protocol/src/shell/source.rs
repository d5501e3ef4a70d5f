//! Places in a text: spans of octets, lines and columns for people, and the picture of a line with
//! a caret under what is meant.

/// Octets from `start` to before `end` of a source text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// The first octet.
    pub start: usize,
    /// The octet after the last one.
    pub end: usize,
}

/// A place as people count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// Most characters of a line that are drawn to the left of the caret.
const MAX_DRAWN_LEFT: usize = 60;
/// Most characters of a line that are drawn.
const MAX_DRAWN: usize = 100;

impl Span {
    /// From `start` to before `end`.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start, end: end.max(start) }
    }

    /// From the beginning of this one to the end of the other.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span::new(self.start, other.end.max(self.end))
    }
}

/// Line and column of an octet; the place after the last one where it lies behind the text.
pub fn position(source: &str, octet: usize) -> Position {
    let before = upto(source, octet);
    let line_start = before.rfind('\n').map_or(0, |index| index + 1);
    Position {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

/// The text before an octet, or before the character that it lies in.
fn upto(source: &str, octet: usize) -> &str {
    let mut end = octet.min(source.len());
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    &source[..end]
}

/// The line of a span and, under it, marks: two lines without a final line break. Of a long line
/// the part around the span is drawn; control characters are drawn as spaces.
pub fn picture(source: &str, span: Span) -> String {
    let place = position(source, span.start);
    let line = source.lines().nth(place.line - 1).unwrap_or_default();
    let skipped = (place.column - 1).saturating_sub(MAX_DRAWN_LEFT);
    let drawn: String = line
        .chars()
        .skip(skipped)
        .take(MAX_DRAWN)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    let before = place.column - 1 - skipped;
    let meant = upto(source, span.end).len().saturating_sub(upto(source, span.start).len());
    let meant = upto(source, span.start).len()..upto(source, span.start).len() + meant;
    let width = source[meant].chars().take_while(|letter| *letter != '\n').count();
    let room = drawn.chars().count().saturating_sub(before).max(1);
    let gutter = place.line.to_string();
    format!(
        "  {gutter} | {drawn}\n  {} | {}^{}",
        " ".repeat(gutter.len()),
        " ".repeat(before),
        "~".repeat(width.min(room).saturating_sub(1)),
    )
}

#[cfg(test)]
mod tests {
    //! Lines, columns and carets.

    use super::*;

    #[test]
    fn columns_count_characters() {
        assert_eq!(position("é\nàb", 5), Position { line: 2, column: 2 });
        assert_eq!(position("", 9), Position { line: 1, column: 1 });
        assert_eq!(position("é", 1), Position { line: 1, column: 1 });
    }

    #[test]
    fn carets_stand_under_what_is_meant() {
        assert_eq!(picture("one\ntwo tree", Span::new(8, 12)), "  2 | two tree\n    |     ^~~~");
        assert_eq!(picture("abc", Span::new(3, 3)), "  1 | abc\n    |    ^");
    }

    #[test]
    fn long_lines_are_cut_around_the_caret() {
        let source = format!("{}bad{}", "x".repeat(500), "y".repeat(500));
        let picture = picture(&source, Span::new(500, 503));
        let lines: Vec<&str> = picture.lines().collect();
        assert!(lines[0].contains("bad"));
        assert_eq!(lines[0].find("bad"), lines[1].find('^'));
    }
}
