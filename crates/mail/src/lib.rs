//! Mail formats without I/O: addresses, strict header reading and writing, delivery status
//! notifications and trace fields; and lenient reading of what is stored, for showing and finding
//! it. Pure: bytes in, values out; no clock, no randomness, no logging.

pub mod address;
pub mod author;
pub mod compose;
pub mod date;
pub mod dsn;
pub mod edit;
mod encoded_word;
pub mod envelope;
pub mod field_text;
pub mod header;
pub mod journal;
pub mod message_id;
pub mod mime;
mod quoted_printable;
pub mod raw_field;
pub mod received;
pub mod text;

pub use address::{Address, AddressError, AddressKey, Domain, ReversePath};
pub use author::{
    Author, AuthorError, read_author, read_mailbox, read_mailbox_list, read_sender, write_author,
};
pub use date::rfc5322_date;
pub use dsn::{Dsn, DsnAction, DsnRecipient, EnhancedStatus};
pub use edit::{FieldError, FieldName, FieldValue, HeaderEdit};
pub use field_text::{decode_text, fold, unfold};
pub use header::{Field, Message, MessageError};
pub use message_id::{message_id, read_message_id};
pub use received::{Protocol, Received, ReceivedFrom, count_received, count_received_by};
