//! Bytes on the wire to values and back. Pure, no I/O; every parser is bounded by what it is given.

pub mod command;
pub mod content;
mod parameters;
mod path;
pub mod reply_line;
pub mod xtext;

pub use command::{Chunk, Command, Hello, HelloVerb, ParseError};
pub use content::{ContentFault, Decoder, Fed, Framing};
