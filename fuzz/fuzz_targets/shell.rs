//! Any text as a text of the shell: it is read or refused with a place in it, and completion works
//! at every place.
#![no_main]

use admin_protocol::shell::{complete, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    match parse(source) {
        Ok(parsed) => {
            for note in parsed.notes {
                assert!(note.span.end <= source.len());
            }
        }
        Err(fault) => {
            let span = fault.span.expect("what cannot be read has a place");
            assert!(span.end <= source.len());
            assert!(fault.report(source).starts_with("line "));
        }
    }
    let found = complete(source, source.len() / 2, ["x"].into_iter());
    assert!(source.is_char_boundary(found.start));
});
