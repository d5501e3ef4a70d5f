//! Tests of whole sessions: dialogs as text, limits in time, and client against server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod client;
mod fake;
mod scripts;
mod session;
