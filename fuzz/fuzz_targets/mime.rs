//! Any octets as a stored message: every part lies inside the one around it, parts follow each
//! other, and the texts made from it stay within their limits.
#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use mail::mime::Part;
use mail::text;

fn check(part: &Part, around: &Range<usize>) {
    assert!(around.start <= part.header.start && part.body.end <= around.end);
    assert!(part.header.start <= part.header.end && part.header.end == part.body.start);
    let mut at = part.body.start;
    for child in part.parts() {
        assert!(child.header.start >= at);
        at = child.body.end;
        check(child, &part.body);
    }
    if let Some(message) = part.embedded() {
        assert_eq!(message.range(), part.body);
        check(message, &part.body);
    }
}

fuzz_target!(|octets: &[u8]| {
    let part = Part::read(octets);
    check(&part, &(0..octets.len()));
    for numbers in [&[1][..], &[2], &[1, 1], &[1, 2, 1]] {
        part.section(numbers);
    }
    assert!(text::preview(octets, &part).chars().count() <= text::PREVIEW_CHARS_MAX);
    text::folded_words(&text::body_text(octets, &part));
});
