//! Wildcards of PowerShell: `*`, `?`, `[a-z]`; a backtick takes the meaning away.

/// Whether a text matches a pattern as a whole, without regard to case.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    matches_exactly(&pattern.to_lowercase(), &text.to_lowercase())
}

/// The same with regard to case. The time is at most the product of the lengths.
pub(crate) fn matches_exactly(pattern: &str, text: &str) -> bool {
    let pattern = parts(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut place) = (0, 0);
    // The last `*`, and how much of the text it was taken for.
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match pattern.get(at) {
            Some(Part::Any) => {
                star = Some((at, place));
                at += 1;
            }
            Some(part) if part.takes(text[place]) => {
                at += 1;
                place += 1;
            }
            _ => match star {
                Some((star_at, taken)) => {
                    star = Some((star_at, taken + 1));
                    at = star_at + 1;
                    place = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|part| matches!(part, Part::Any))
}

/// Whether a text has a wildcard in it.
pub(crate) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

enum Part {
    Any,
    One,
    Letter(char),
    Set(Vec<(char, char)>),
}

impl Part {
    fn takes(&self, letter: char) -> bool {
        match self {
            Part::Any | Part::One => true,
            Part::Letter(wanted) => *wanted == letter,
            Part::Set(ranges) => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&letter))
            }
        }
    }
}

fn parts(pattern: &str) -> Vec<Part> {
    let letters: Vec<char> = pattern.chars().collect();
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        at += 1;
        parts.push(match letter {
            '*' => Part::Any,
            '?' => Part::One,
            '`' if at < letters.len() => {
                at += 1;
                Part::Letter(letters[at - 1])
            }
            '[' => match letters[at..].iter().position(|letter| *letter == ']') {
                Some(length) if length > 0 => {
                    let set = ranges(&letters[at..at + length]);
                    at += length + 1;
                    Part::Set(set)
                }
                _ => Part::Letter('['),
            },
            other => Part::Letter(*other),
        });
    }
    parts
}

fn ranges(letters: &[char]) -> Vec<(char, char)> {
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        if letters.get(at + 1) == Some(&'-') && at + 2 < letters.len() {
            ranges.push((letters[at], letters[at + 2]));
            at += 3;
        } else {
            ranges.push((letters[at], letters[at]));
            at += 1;
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    //! Patterns as people write them.

    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("support*", "Support@contoso.com", true),
            ("*@contoso.com", "a@CONTOSO.com", true),
            ("*a*b*c", "xxaxxbxxbc", true),
            ("*a*b*c", "xxaxxbxxb", false),
            ("?", "é", true),
            ("?", "", false),
            ("[a-c]x", "Bx", true),
            ("[a-c]x", "dx", false),
            ("[", "[", true),
            ("[]", "[]", true),
            ("`*", "*", true),
            ("`*", "a", false),
            ("a", "ab", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
