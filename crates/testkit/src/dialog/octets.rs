//! What stands behind `C:`, `C|` and `S:` in a dialog: repetition, escapes, wildcards.

/// Expands `{x*n}` and `{auth LOGIN PASSWORD}`; the demo's password if none is given.
///
/// # Panics
/// Where a brace is not closed or holds something else.
pub fn expanded(text: &str) -> String {
    let Some((before, rest)) = text.split_once('{') else { return text.to_owned() };
    let (inside, after) = rest.split_once('}').expect("a brace is closed");
    let made = match inside.strip_prefix("auth ") {
        Some(account) => {
            let (login, password) = account.split_once(' ').unwrap_or((account, ""));
            super::plain_response(login, password)
        }
        None => {
            let (what, times) = inside.rsplit_once('*').expect("a star in braces");
            what.repeat(times.parse().expect("a number behind the star"))
        }
    };
    format!("{before}{made}{}", expanded(after))
}

/// Octets of a text with `\r`, `\n`, `\t`, `\0`, `\\` and `\xHH`.
///
/// # Panics
/// At another escape.
pub fn unescaped(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            octets.push(*first);
            continue;
        }
        let (octet, used) = match rest {
            [b'r', ..] => (b'\r', 1),
            [b'n', ..] => (b'\n', 1),
            [b't', ..] => (b'\t', 1),
            [b'0', ..] => (0, 1),
            [b'\\', ..] => (b'\\', 1),
            [b'x', high, low, ..] => {
                let digits = [char::from(*high), char::from(*low)];
                let digits: String = digits.iter().collect();
                (u8::from_str_radix(&digits, 16).expect("two hexadecimal digits"), 3)
            }
            _ => panic!("no such escape in {text}"),
        };
        octets.push(octet);
        rest = &rest[used..];
    }
    octets
}

/// Whether a line is the expected one; a `*` at the end of `expected` matches any text.
pub fn fits(expected: &str, line: &str) -> bool {
    match expected.strip_suffix('*') {
        Some(start) => line.starts_with(start),
        None => line == expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetition_and_responses() {
        assert_eq!(expanded("a{b*3}c{d*0}"), "abbbc");
        assert_eq!(expanded("{auth a@b c}"), "AGFAYgBj");
    }

    #[test]
    fn escapes() {
        assert_eq!(unescaped(r"a\r\n\0\\\xff é"), b"a\r\n\0\\\xff \xc3\xa9");
    }

    #[test]
    fn a_star_matches_the_rest() {
        assert!(fits("250 *", "250 2.0.0 OK") && fits("x", "x") && fits("*", ""));
        assert!(!fits("250 *", "251 x") && !fits("x", "xy"));
    }
}
