//! The sending side: one session a connection, any number of messages.
//!
//! [`Session::open`] reads the greeting and says EHLO; [`Session::starttls`] gives the stream back
//! for the handshake, after which the caller opens again with [`Opening::AfterStartTls`];
//! [`Session::transmit`] sends one message and reports an outcome for each recipient. Dialling,
//! DNS, TLS and retries are the caller's.
//!
//! Who may be told what: an outcome is final for that recipient, a [`ClientError`] means that
//! nothing was decided, and [`ClientError::InDoubt`] that the peer may have taken the message.

mod extensions;
mod limits;
mod outcome;
mod session;
mod transmit;

pub use extensions::{Extension, Extensions};
pub use limits::{
    ClientSettings, ClientTimeouts, PIPELINED_COMMANDS_MAX, REPLY_LINE_OCTETS_MAX, REPLY_LINES_MAX,
};
pub use outcome::{
    ClientError, Gone, RecipientOutcome, RemoteReply, Severity, Stage, Transmission, Unsendable,
};
pub use session::{Opening, Session};
