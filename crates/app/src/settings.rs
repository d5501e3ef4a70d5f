//! What the application is told at its start.

use domain::retry::RetrySchedule;

use crate::throttle::{SendLimits, SignInLimits};

/// Envelope recipients of one message at most, before expansion. RFC 5321 §4.5.3.1.8 wants 100.
pub const RECIPIENTS_MAX: usize = 1_000;

/// Settings of one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The server's own name in `Received`, DSNs and Message-IDs.
    pub hostname: String,
    /// How failed sign-ins are answered.
    pub sign_in: SignInLimits,
    /// How much one account may send.
    pub sending: SendLimits,
    /// When transmissions are tried again.
    pub retry: RetrySchedule,
}

impl Settings {
    /// Defaults for a server of this name.
    pub fn new(hostname: impl Into<String>) -> Settings {
        Settings {
            hostname: hostname.into(),
            sign_in: SignInLimits::default(),
            sending: SendLimits::default(),
            retry: RetrySchedule::default(),
        }
    }
}
