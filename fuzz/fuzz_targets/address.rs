//! Any text as an address: what is taken prints as text that reads back to the same address and
//! the same key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mail::{Address, Domain};

fuzz_target!(|text: &str| {
    if let Ok(domain) = Domain::parse(text) {
        assert_eq!(Domain::parse(domain.as_str()).expect("a domain reads back"), domain);
        domain.to_unicode();
    }
    if let Ok(address) = Address::parse(text) {
        let again = Address::parse(&address.to_string()).expect("an address reads back");
        assert_eq!(again, address);
        assert_eq!(again.key(), address.key());
        assert!(!address.to_string().contains(['\r', '\n', '\0']));
    }
});
