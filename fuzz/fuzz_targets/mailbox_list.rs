//! Any text as a list of mailboxes: each mailbox that is taken survives being written and read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mail::{read_mailbox, read_mailbox_list, write_author};

fuzz_target!(|text: &str| {
    let Ok(authors) = read_mailbox_list(text) else { return };
    assert!(!authors.is_empty());
    for author in authors {
        let written = write_author(author.display_name.as_deref(), &author.address);
        let again = read_mailbox(&written).expect("what write_author writes can be read");
        assert_eq!(again.address, author.address);
    }
});
