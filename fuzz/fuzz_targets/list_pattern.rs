//! A pattern and a name, one line each: what matches below a name was said to be possible, `*`
//! matches all, and a name matches itself.
#![no_main]

use imap::codec::list_pattern::{could_match_below, matches};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some((pattern, name)) = text.split_once('\n') else { return };
    if pattern.len() > 300 || name.len() > 300 {
        return;
    }
    assert!(matches("*", name, '/'));
    assert_eq!(matches("%", name, '/'), !name.contains('/'));
    if !name.contains(['*', '%']) {
        assert!(matches(name, name, '/'));
    }
    let does_match = matches(pattern, name, '/');
    if let Some((parent, _)) = name.rsplit_once('/').filter(|_| does_match) {
        assert!(name.ends_with('/') || could_match_below(pattern, parent, '/'));
    }
});
