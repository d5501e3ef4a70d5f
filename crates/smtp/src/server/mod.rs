//! The receiving side: one session a connection.
//!
//! [`serve`] holds the conversation and asks the [`Backend`] what things mean. It returns how the
//! conversation ended; where that is [`Ended::StartTls`], the caller does the handshake and calls
//! `serve` again on the secured stream with the same backend.
//!
//! ```text
//! loop { read a line → parse → may this verb come now? → backend → reply → apply the step }
//! ```
//!
//! Replies are held back while whole commands wait in the input (RFC 2920 §3.2).

mod auth;
mod backend;
mod bdat;
mod data;
mod limits;
mod mail;
mod rcpt;
mod room;
mod session;
mod starttls;

pub use backend::{Accepted, Backend, TlsFacts};
pub use limits::{
    AUTH_LINE_OCTETS_MAX, COMMAND_LINE_OCTETS_MAX, ERRORS_MAX, MESSAGE_OCTETS_MAX, RECIPIENTS_MAX,
    Role, ServerSettings, StartTls, Timeouts,
};
pub use room::{ContentRoom, ROOM_OCTETS, ROOM_UNIT_OCTETS};
pub use session::{Ended, Opening, serve};
