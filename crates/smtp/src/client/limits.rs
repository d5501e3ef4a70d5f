//! Settings of the client, and what it bears from a peer.

use std::time::Duration;

/// Longest reply line taken, in octets. RFC 5321 §4.5.3.1.5 says 512; some peers write more.
pub const REPLY_LINE_OCTETS_MAX: usize = 4096;
/// Most lines of one reply. An EHLO answer has some twenty.
pub const REPLY_LINES_MAX: usize = 128;
/// Most commands sent ahead of their replies. More could fill the buffers of both directions, each
/// side waiting for the other to read (RFC 2920 §3.1).
pub const PIPELINED_COMMANDS_MAX: usize = 100;

/// How long the client waits (RFC 5321 §4.5.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientTimeouts {
    /// For the greeting.
    pub greeting: Duration,
    /// For the answer to a command, MAIL and RCPT among them.
    pub command: Duration,
    /// For 354 after DATA.
    pub data_start: Duration,
    /// For the peer to take a block of content.
    pub data_block: Duration,
    /// For the answer to the final dot.
    pub data_end: Duration,
    /// For the answer to QUIT, which changes nothing any more.
    pub quit: Duration,
}

impl ClientTimeouts {
    /// The minimum values of RFC 5321 §4.5.3.2; QUIT is ours.
    pub const STANDARD: ClientTimeouts = ClientTimeouts {
        greeting: Duration::from_secs(5 * 60),
        command: Duration::from_secs(5 * 60),
        data_start: Duration::from_secs(2 * 60),
        data_block: Duration::from_secs(3 * 60),
        data_end: Duration::from_secs(10 * 60),
        quit: Duration::from_secs(5),
    };
}

/// Settings of a client session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSettings {
    /// The name said in EHLO: the host's own, as DNS knows it (RFC 5321 §2.3.5).
    pub hello_name: String,
    /// How long the session waits.
    pub timeouts: ClientTimeouts,
}

impl ClientSettings {
    /// Settings with the standard timeouts.
    pub fn new(hello_name: impl Into<String>) -> ClientSettings {
        ClientSettings { hello_name: hello_name.into(), timeouts: ClientTimeouts::STANDARD }
    }
}
