//! What end-to-end tests need around the real server. Nothing here is linked into the product.
//!
//! [`TestServer`] runs the binary on a data directory of its own and on ports of its own;
//! [`SmtpClient`] speaks to it octet by octet; [`Sink`] and [`StubDns`] play the rest of the world;
//! [`Mailbox`] looks into folders and records beside the server; [`dialog`] runs conversations
//! that are written down as text. Everything blocks, and nothing sleeps but [`poll`], with a limit.

mod client;
mod database;
pub mod dialog;
mod dns;
mod http_stand_in;
mod imap;
mod mailbox;
mod outside;
pub mod poll;
mod ports;
mod received;
mod server;
mod sink;
mod skip;
mod tls;

pub use client::{Reply, SmtpClient};
pub use dns::{Record, StubDns};
pub use http_stand_in::{HttpStandIn, StandInAnswer, StandInRequest};
pub use imap::{ImapAnswer, ImapClient};
pub use mailbox::{Mailbox, Placed, QueueRow, TraceRow, WriteLock};
pub use outside::{Departure, Outside};
pub use ports::PortRange;
pub use received::ReceivedMessage;
pub use server::{DEMO_PASSWORD, Options, Ran, TestServer};
pub use sink::{Answer, Sink, SinkTransaction, Stage};
pub use skip::{Verdict, is_installed, skip};
