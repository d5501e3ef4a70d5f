//! IMAP (RFC 9051, RFC 3501 and extensions): wire codec, flow, server session.
//!
//! The crate knows syntax and order; meaning sits behind the backend of [`server`]. Sessions run
//! over anything that is `AsyncRead + AsyncWrite`. Nothing here opens a socket, reads the wall
//! clock or logs: how a session ended is a value.
//!
//! - [`codec`]: octets to commands, values to the octets of responses
//! - [`flow`]: which command may come when, as one pure table
//! - [`reply`]: how a command can end, with its response code
//! - [`server`]: the conversation as the serving side

pub mod codec;
pub mod flow;
pub mod reply;
pub mod server;
mod wire;
