//! The envelope as the use cases see it, whatever protocol it came by.

use mail::{Address, ReversePath};

/// What the sender wants to be told about one recipient (RFC 3461 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notices {
    /// Nothing was said: failures and long delays are told.
    Usual,
    /// `NOTIFY=NEVER`.
    Never,
    /// `NOTIFY=` with this list.
    Exactly {
        /// FAILURE is in the list.
        failure: bool,
        /// DELAY is in the list.
        delay: bool,
    },
}

impl Notices {
    /// Whether a failure is told.
    pub fn tells_failure(self) -> bool {
        match self {
            Notices::Usual => true,
            Notices::Never => false,
            Notices::Exactly { failure, .. } => failure,
        }
    }

    /// Whether a long delay is told.
    pub fn tells_delay(self) -> bool {
        match self {
            Notices::Usual => true,
            Notices::Never => false,
            Notices::Exactly { delay, .. } => delay,
        }
    }

    /// The text that the store keeps.
    pub fn as_stored(self) -> &'static str {
        match self {
            Notices::Usual => "",
            Notices::Never => "never",
            Notices::Exactly { failure: true, delay: true } => "failure,delay",
            Notices::Exactly { failure: true, delay: false } => "failure",
            Notices::Exactly { failure: false, delay: true } => "delay",
            Notices::Exactly { failure: false, delay: false } => "success",
        }
    }

    /// Reads what [`as_stored`](Notices::as_stored) wrote; anything else reads as usual.
    pub fn from_stored(text: &str) -> Notices {
        match text {
            "never" => Notices::Never,
            "failure,delay" => Notices::Exactly { failure: true, delay: true },
            "failure" => Notices::Exactly { failure: true, delay: false },
            "delay" => Notices::Exactly { failure: false, delay: true },
            "success" => Notices::Exactly { failure: false, delay: false },
            _ => Notices::Usual,
        }
    }
}

/// One envelope recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvelopeRecipient {
    /// Where to.
    pub address: Address,
    /// What the sender wants to be told.
    pub notices: Notices,
    /// ORCPT, decoded: `type;address` (RFC 3461 §4.2).
    pub original: Option<String>,
}

impl EnvelopeRecipient {
    /// A recipient with nothing said about notices.
    pub fn new(address: Address) -> EnvelopeRecipient {
        EnvelopeRecipient { address, notices: Notices::Usual, original: None }
    }
}

/// The envelope of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Where failures are told.
    pub reverse_path: ReversePath,
    /// Where to; never empty.
    pub recipients: Vec<EnvelopeRecipient>,
    /// ENVID, decoded (RFC 3461 §4.4).
    pub envelope_id: Option<String>,
}

impl Envelope {
    /// The bare addresses of the recipients.
    pub fn addresses(&self) -> Vec<Address> {
        self.recipients.iter().map(|to| to.address.clone()).collect()
    }
}
