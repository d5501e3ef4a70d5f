//! What a session allows: settings, and the limits that are not settings.

use std::time::Duration;

use super::room::{AppendRoom, ROOM_OCTETS};

/// All literals of one command together, messages of APPEND left out: names, texts to look for.
pub const LITERAL_OCTETS_MAX: u64 = 64 * 1024;
/// The same before a login: a name and a password.
pub const LITERAL_OCTETS_BEFORE_LOGIN_MAX: u64 = 1024;
/// Longest command before a login, in octets: AUTHENTICATE with a token, or the response to a
/// challenge. The same as for SMTP (RFC 4954 §4).
pub const LINE_OCTETS_BEFORE_LOGIN_MAX: usize = 12_288;
/// Longest value of an annotation (RFC 5464 §4.3, `METADATA MAXSIZE`).
pub const METADATA_VALUE_OCTETS_MAX: usize = 64 * 1024;
/// Most messages of one APPEND (RFC 3502); all of them are held until the last has come.
pub const APPEND_MESSAGES_MAX: usize = 100;
/// Most messages that SORT and THREAD put in order: what they need for each is held in memory.
pub const SORTED_MESSAGES_MAX: u32 = 200_000;
/// Octets of a message up to which they are copied into the answer; more go out on their own.
pub(super) const LITERAL_COPIED_OCTETS_MAX: usize = 4 * 1024;
/// Default for [`ServerSettings::append_octets_max`]: 35 MiB, as for SMTP.
pub const APPEND_OCTETS_MAX: u64 = 35 * 1024 * 1024;
/// Default for [`ServerSettings::errors_max`].
pub const ERRORS_MAX: u32 = 20;
/// The pause after a wrong login, so that guessing is slow.
pub const SIGN_IN_PAUSE: Duration = Duration::from_secs(2);

/// Whether a connection in the clear can be secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartTls {
    /// STARTTLS is offered.
    Offered,
    /// There is no certificate: STARTTLS is not offered.
    Unavailable,
}

/// How long the session waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For one command of a client that is not logged in.
    pub before_login: Duration,
    /// For the login, whatever is said before it.
    pub login: Duration,
    /// For the next command, in IDLE too (RFC 9051 §5.4: at least 30 minutes).
    pub idle: Duration,
    /// For the next octets of a command that has begun, and for the client to take an answer.
    pub block: Duration,
    /// For a whole command, so that nobody holds a connection by one octet a minute.
    pub command: Duration,
}

impl Timeouts {
    /// What is used.
    pub const STANDARD: Timeouts = Timeouts {
        before_login: Duration::from_secs(60),
        login: Duration::from_secs(5 * 60),
        idle: Duration::from_secs(30 * 60),
        block: Duration::from_secs(5 * 60),
        command: Duration::from_secs(60 * 60),
    };
}

/// Where mailboxes are (RFC 2342): prefixes with their delimiter, such as `Groups/`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Namespaces {
    /// Of the person; the empty prefix is always there.
    pub personal: Vec<String>,
    /// Of other people.
    pub others: Vec<String>,
    /// Shared.
    pub shared: Vec<String>,
}

/// Settings of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSettings {
    /// The name the server greets with.
    pub hostname: String,
    /// Whether STARTTLS is offered.
    pub starttls: StartTls,
    /// Largest message in octets that APPEND takes, as announced by APPENDLIMIT (RFC 7889); all
    /// messages of one APPEND together have to keep to it.
    pub append_octets_max: u64,
    /// Most BAD answers in a row and wrong logins; the next one ends the session.
    pub errors_max: u32,
    /// How long the session waits.
    pub timeouts: Timeouts,
    /// Where mailboxes are.
    pub namespaces: Namespaces,
    /// The memory for appended messages that all sessions with a clone of it share.
    pub room: AppendRoom,
}

impl ServerSettings {
    /// Settings with the defaults of this module; STARTTLS offered.
    pub fn new(hostname: impl Into<String>) -> ServerSettings {
        let namespaces = Namespaces { personal: vec![String::new()], ..Namespaces::default() };
        ServerSettings {
            hostname: hostname.into(),
            starttls: StartTls::Offered,
            append_octets_max: APPEND_OCTETS_MAX,
            errors_max: ERRORS_MAX,
            timeouts: Timeouts::STANDARD,
            namespaces,
            room: AppendRoom::new(ROOM_OCTETS),
        }
    }
}
