//! SMTP (RFC 5321 and its extensions): wire codec, flow, server session, client session.
//!
//! The crate knows syntax and order; meaning sits behind [`server::Backend`]. Sessions run over
//! anything that is `AsyncRead + AsyncWrite`: TCP, TLS, or `tokio::io::duplex` in tests. Nothing
//! here opens a socket, asks DNS, reads the wall clock or logs: how a session ended is a value.
//!
//! - [`codec`]: bytes to commands, reply lines to values, message content with and without dots
//! - [`flow`]: which verb may come when, as one pure table
//! - [`reply`]: every sentence the server can say
//! - [`server`]: the conversation as the receiving side
//! - [`client`]: the conversation as the sending side

pub mod client;
pub mod codec;
pub mod envelope;
pub mod flow;
pub mod reply;
pub mod sasl;
pub mod server;
mod wire;

pub use envelope::{
    Body, Envelope, MailParameters, Notify, NotifyEvents, OriginalRecipient, RecipientParameters,
    ReturnContent,
};
pub use reply::{EnhancedCode, Reply};
pub use sasl::{Credentials, Mechanism, Secret};
