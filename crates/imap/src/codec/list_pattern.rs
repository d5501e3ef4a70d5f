//! Which names a pattern of LIST means (RFC 9051 §6.3.9).
//!
//! `*` stands for any characters, `%` for any but the delimiter. INBOX is matched in any case,
//! as a whole name only. Matching takes time in the product of both lengths at most, whatever the
//! pattern.

/// Whether `name` matches `pattern`, both decoded.
pub fn matches(pattern: &str, name: &str, delimiter: char) -> bool {
    if name == "INBOX" {
        // RFC 9051 §6.3.9: INBOX is compared without regard to case.
        return run(&pattern.to_ascii_uppercase(), name, delimiter);
    }
    run(pattern, name, delimiter)
}

/// Whether a name below `name` could match: if not, nobody needs to look there.
pub fn could_match_below(pattern: &str, name: &str, delimiter: char) -> bool {
    let mut parent = String::with_capacity(name.len() + delimiter.len_utf8());
    parent.push_str(name);
    parent.push(delimiter);
    let reached = states_after(pattern, &parent, delimiter);
    // What is left of the pattern, whatever it is, some child's name completes.
    reached.iter().rev().skip(1).any(|is_reached| *is_reached)
}

fn run(pattern: &str, name: &str, delimiter: char) -> bool {
    states_after(pattern, name, delimiter).last().copied().unwrap_or(false)
}

/// For each place between the pattern's characters, whether all of `name` leads there.
fn states_after(pattern: &str, name: &str, delimiter: char) -> Vec<bool> {
    let pattern: Vec<char> = pattern.chars().collect();
    let mut reached = vec![false; pattern.len() + 1];
    reached[0] = true;
    pass_wildcards(&pattern, &mut reached);
    for character in name.chars() {
        // From the end, so that a place is read before it is written.
        for at in (0..=pattern.len()).rev() {
            let stays = reached[at]
                && pattern.get(at).is_some_and(|wild| consumes(*wild, character, delimiter));
            let comes = at > 0 && reached[at - 1] && is_literal(pattern[at - 1], character);
            reached[at] = stays || comes;
        }
        pass_wildcards(&pattern, &mut reached);
    }
    reached
}

/// A wildcard may stand for nothing.
fn pass_wildcards(pattern: &[char], reached: &mut [bool]) {
    for (at, character) in pattern.iter().enumerate() {
        if reached[at] && matches!(character, '*' | '%') {
            reached[at + 1] = true;
        }
    }
}

fn consumes(wild: char, character: char, delimiter: char) -> bool {
    wild == '*' || (wild == '%' && character != delimiter)
}

fn is_literal(expected: char, character: char) -> bool {
    !matches!(expected, '*' | '%') && expected == character
}

#[cfg(test)]
mod tests;
