//! Modified UTF-7: what is read has one form only, and every text has one.
#![no_main]

use imap::codec::mutf7;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    if let Ok(text) = mutf7::decode(octets) {
        assert_eq!(mutf7::encode(&text).as_bytes(), octets);
    }
    if let Ok(text) = str::from_utf8(octets) {
        let encoded = mutf7::encode(text);
        assert_eq!(mutf7::decode(encoded.as_bytes()).as_deref(), Ok(text));
    }
});
