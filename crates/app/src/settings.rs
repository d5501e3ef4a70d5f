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
    /// Where browsers reach the pages, without a slash at the end; `https://` and the host name
    /// where nothing else is said.
    pub public_url: Option<String>,
}

impl Settings {
    /// The address of a page, for mail and refusals.
    pub fn page(&self, path: &str) -> String {
        match &self.public_url {
            Some(url) => format!("{url}{path}"),
            None => format!("https://{}{path}", self.hostname),
        }
    }

    /// Defaults for a server of this name.
    pub fn new(hostname: impl Into<String>) -> Settings {
        Settings {
            hostname: hostname.into(),
            sign_in: SignInLimits::default(),
            sending: SendLimits::default(),
            retry: RetrySchedule::default(),
            public_url: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn pages_are_found_where_browsers_reach_them() {
        let mut settings = Settings::new("mail.contoso.com");
        assert_eq!(settings.page("/why/G1"), "https://mail.contoso.com/why/G1");
        settings.public_url = Some("https://guichet.contoso.com:8443".into());
        assert_eq!(settings.page("/why/G1"), "https://guichet.contoso.com:8443/why/G1");
    }
}
