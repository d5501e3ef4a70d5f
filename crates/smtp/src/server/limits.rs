//! What a session allows: settings, and the limits that are not settings.

use std::time::Duration;

use super::room::{ContentRoom, ROOM_OCTETS};

/// Longest command line with its CR LF, in octets. RFC 5321 §4.5.3.1.4 asks for 512 and each
/// extension for some more (SIZE 26, SMTPUTF8 10, AUTH= 500, DSN 500); this holds them all.
pub const COMMAND_LINE_OCTETS_MAX: usize = 2048;
/// Longest AUTH command or response with its CR LF, in octets (RFC 4954 §4).
pub const AUTH_LINE_OCTETS_MAX: usize = 12_288;
/// Default for [`ServerSettings::message_octets_max`]: 35 MiB, what Exchange Online takes.
pub const MESSAGE_OCTETS_MAX: u64 = 35 * 1024 * 1024;
/// Default for [`ServerSettings::recipients_max`]; RFC 5321 §4.5.3.1.8 asks for at least 100.
pub const RECIPIENTS_MAX: usize = 1000;
/// Default for [`ServerSettings::errors_max`].
pub const ERRORS_MAX: u32 = 20;
/// Longest pause before one error reply, whatever the number of errors.
const ERROR_PAUSE_MAX: Duration = Duration::from_secs(5);

/// What a listener is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Mail from other servers (RFC 5321). AUTH is not offered.
    Reception,
    /// Mail from our own people (RFC 6409): TLS and a login come before MAIL.
    Submission,
}

/// Whether a connection in the clear can be secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartTls {
    /// STARTTLS is offered.
    Offered,
    /// There is no certificate: STARTTLS is not offered.
    Unavailable,
}

/// How long the session waits (RFC 5321 §4.5.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For one whole command line, and for the peer to take a reply.
    pub command: Duration,
    /// For the next octets of content.
    pub data_block: Duration,
    /// For the content in all, so that a peer cannot hold a connection by one octet a minute.
    pub data_total: Duration,
}

impl Timeouts {
    /// RFC 5321 §4.5.3.2.7: a server waits at least 5 minutes for the next command.
    pub const STANDARD: Timeouts = Timeouts {
        command: Duration::from_secs(5 * 60),
        data_block: Duration::from_secs(5 * 60),
        data_total: Duration::from_secs(60 * 60),
    };
}

/// Settings of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSettings {
    /// The name the server greets with.
    pub hostname: String,
    /// What the listener is for.
    pub role: Role,
    /// Whether STARTTLS is offered.
    pub starttls: StartTls,
    /// Largest message in octets, as announced by SIZE (RFC 1870).
    pub message_octets_max: u64,
    /// Most recipients of one transaction.
    pub recipients_max: usize,
    /// Most negative 5xx replies since the last accepted message; the next one ends the session.
    pub errors_max: u32,
    /// Pause before an error reply, for each error beyond half of `errors_max`. Zero: none.
    pub error_pause: Duration,
    /// How long the session waits.
    pub timeouts: Timeouts,
    /// The memory for content that all sessions with a clone of it share.
    pub room: ContentRoom,
}

impl ServerSettings {
    /// Settings with the defaults of this module; STARTTLS offered.
    pub fn new(hostname: impl Into<String>, role: Role) -> ServerSettings {
        ServerSettings {
            hostname: hostname.into(),
            role,
            starttls: StartTls::Offered,
            message_octets_max: MESSAGE_OCTETS_MAX,
            recipients_max: RECIPIENTS_MAX,
            errors_max: ERRORS_MAX,
            error_pause: Duration::from_millis(500),
            timeouts: Timeouts::STANDARD,
            room: ContentRoom::new(ROOM_OCTETS),
        }
    }

    /// The pause due before the reply to error number `errors`.
    pub(super) fn pause_before_error(&self, errors: u32) -> Duration {
        let beyond = errors.saturating_sub(self.errors_max / 2);
        self.error_pause.saturating_mul(beyond).min(ERROR_PAUSE_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_beyond_half_of_the_errors_and_stop_growing() {
        let settings = ServerSettings::new("mx.example.org", Role::Reception);
        assert_eq!(settings.pause_before_error(10), Duration::ZERO);
        assert_eq!(settings.pause_before_error(11), Duration::from_millis(500));
        assert_eq!(settings.pause_before_error(19), Duration::from_millis(4500));
        assert_eq!(settings.pause_before_error(1000), Duration::from_secs(5));
    }
}
