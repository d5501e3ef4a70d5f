//! Any octets as a message: what is read stays inside the octets, and an author that was taken is
//! the author that any further reading of the rewritten field finds.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use mail::{
    Message, count_received, read_author, read_mailbox, read_message_id, read_sender, write_author,
};

fuzz_target!(|octets: &[u8]| {
    let Ok(message) = Message::parse(Bytes::copy_from_slice(octets)) else { return };
    assert_eq!(message.raw(), octets);
    let mut end = 0;
    for field in message.fields() {
        assert!(field.range().start >= end && field.range().end <= message.header_len());
        end = field.range().end;
        field.decoded();
    }
    count_received(&message);
    read_message_id(&message);
    let _ = read_sender(&message);
    if let Ok(author) = read_author(&message) {
        assert_eq!(message.count_fields("From"), 1);
        author.display_name_addresses();
        let written = write_author(author.display_name.as_deref(), &author.address);
        let again = read_mailbox(&written).expect("what write_author writes can be read");
        assert_eq!(again.address, author.address);
    }
});
