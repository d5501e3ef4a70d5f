//! Any octets as a command line, and as what AUTH carries: no panic, no overrun.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smtp::codec::{Command, xtext};
use smtp::sasl;

fuzz_target!(|line: &[u8]| {
    let _ = Command::parse(line);
    let Ok(text) = str::from_utf8(line) else { return };
    if let Some(decoded) = xtext::decode(text) {
        assert_eq!(xtext::decode(&xtext::encode(&decoded)), Some(decoded));
    }
    if let Ok(message) = sasl::decode(text) {
        let _ = sasl::read_plain(&message);
        let _ = sasl::read_oauth_bearer(&message);
        let _ = sasl::read_xoauth2(&message);
    }
});
