//! Patterns against names, by example and against a plain definition.

use proptest::prelude::*;

use super::*;

#[test]
fn wildcards_respect_the_delimiter() {
    for (pattern, name, is_match) in [
        ("*", "INBOX", true),
        ("*", "Groups/Support/Sent", true),
        ("%", "Groups", true),
        ("%", "Groups/Support", false),
        ("Groups/%", "Groups/Support", true),
        ("Groups/%", "Groups/Support/Sent", false),
        ("Groups/%", "Groups", false),
        ("Groups/*", "Groups/Support/Sent", true),
        ("Groups*", "Groups", true),
        ("%/%", "Groups/Support", true),
        ("%/%", "Groups", false),
        ("*Sent", "Groups/Support/Sent", true),
        ("%Sent", "Groups/Support/Sent", false),
        ("*a*b*", "xaxbx", true),
        ("*a*b*", "xbxax", false),
        ("%%", "a", true),
        ("%*", "a/b", true),
        ("", "", true),
        ("", "a", false),
        ("a", "", false),
        ("%", "", true),
        ("sent", "Sent", false),
        ("Entw?rfe", "Entwürfe", false),
        ("Entw%rfe", "Entwürfe", true),
        // RFC 9051 §6.3.9: INBOX in any case, as a whole.
        ("inbox", "INBOX", true),
        ("In%x", "INBOX", true),
        ("inbox/%", "INBOX", false),
        ("inbox/%", "INBOX/a", false),
    ] {
        assert_eq!(matches(pattern, name, '/'), is_match, "{pattern:?} {name:?}");
    }
    assert!(matches("a.%", "a.b/c", '.') && !matches("%", "a.b", '.'));
}

#[test]
fn patterns_say_where_to_look() {
    for (pattern, name, is_possible) in [
        ("*", "a", true),
        ("%", "a", false),
        ("a/%", "a", true),
        ("a/%", "b", false),
        ("a/%", "a/b", false),
        ("%/b/%", "a/b", true),
        ("%/b/%", "a/c", false),
        ("*x", "a", true),
        ("a/", "a", false),
        ("a/b", "a", true),
        ("", "a", false),
    ] {
        assert_eq!(could_match_below(pattern, name, '/'), is_possible, "{pattern:?} {name:?}");
    }
}

#[test]
fn a_hostile_pattern_is_cheap() {
    let pattern = "*a".repeat(300) + "b";
    assert!(!matches(&pattern, &"a".repeat(1_000), '/'));
}

/// The definition itself, with exponential cost.
fn plain(pattern: &[char], name: &[char]) -> bool {
    match pattern {
        [] => name.is_empty(),
        [wild @ ('*' | '%'), rest @ ..] => {
            let widest = name.iter().position(|c| *wild == '%' && *c == '/').unwrap_or(name.len());
            (0..=widest).any(|taken| plain(rest, &name[taken..]))
        }
        [first, rest @ ..] => name.first() == Some(first) && plain(rest, &name[1..]),
    }
}

proptest! {
    #[test]
    fn matching_is_what_it_is_defined_as(pattern in "[ab/*%é]{0,8}", name in "[ab/é]{0,8}") {
        let characters = |text: &str| text.chars().collect::<Vec<_>>();
        let expected = plain(&characters(&pattern), &characters(&name));
        prop_assert_eq!(matches(&pattern, &name, '/'), expected);
    }

    #[test]
    fn what_matches_below_was_possible(pattern in "[ab/*%]{0,8}", name in "[ab]{1,3}", child in "[ab/]{1,4}") {
        let below = format!("{name}/{child}");
        if matches(&pattern, &below, '/') {
            prop_assert!(could_match_below(&pattern, &name, '/'));
        }
    }

    #[test]
    fn names_match_themselves(name in "[^*%]{0,20}") {
        prop_assert!(matches(&name, &name, '/'));
    }

    #[test]
    fn never_panics(pattern in any::<String>(), name in any::<String>(), delimiter: char) {
        let _ = matches(&pattern, &name, delimiter);
        let _ = could_match_below(&pattern, &name, delimiter);
    }
}
