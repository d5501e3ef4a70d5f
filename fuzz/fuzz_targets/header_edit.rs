//! Any value into the header of any message: fields that are not named and the body stay octet for
//! octet, and no value brings a second field or ends the header section.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use mail::{FieldName, FieldValue, HeaderEdit, Message};

fuzz_target!(|input: (&str, &[u8])| {
    let (value, octets) = input;
    let Ok(message) = Message::parse(Bytes::copy_from_slice(octets)) else { return };
    let name = |name| FieldName::new(name).expect("a field name");
    let mut values = vec![FieldValue::text(name("X-Guichet"), value)];
    values.extend(FieldValue::new(value));
    for value in &values {
        let edited = HeaderEdit::new(&message)
            .remove(name("Bcc"))
            .replace_first(name("From"), value)
            .prepend(name("X-Guichet"), value);
        let Ok(edited) = edited.into_message() else { continue };
        assert_eq!(edited.body(), message.body());
        assert_eq!(edited.count_fields("Bcc"), 0);
        assert_eq!(edited.count_fields("From"), 1);
        assert_eq!(edited.count_fields("X-Guichet"), message.count_fields("X-Guichet") + 1);
        let touched = ["Bcc", "From", "X-Guichet"];
        let kept = |message: &Message| -> Vec<Vec<u8>> {
            let others =
                message.fields().filter(|field| !touched.iter().any(|name| field.is(name)));
            others.map(|field| field.raw().to_vec()).collect()
        };
        assert_eq!(kept(&edited), kept(&message));
    }
});
