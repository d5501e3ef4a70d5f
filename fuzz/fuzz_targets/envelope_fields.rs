//! Any octets as a header section: the fields that are kept beside a message give the envelope that
//! the whole header section gives.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mail::envelope::{Envelope, fields};
use mail::raw_field::split_header;
use mail::text::header_text;

fuzz_target!(|octets: &[u8]| {
    let (end, body) = split_header(octets);
    assert!(end <= body && body <= octets.len());
    let header = &octets[..end];
    if let Some(kept) = fields(header) {
        assert_eq!(Envelope::read(&kept), Envelope::read(header));
    }
    header_text(header);
});
