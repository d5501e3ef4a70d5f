//! The crate as its users see it, against another reader of mail: whatever author the strict reader
//! accepts, the other reader must see the same one, in the message as it came and as it leaves.

mod second_reader;
