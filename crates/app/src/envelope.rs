//! The envelope as the use cases see it, whatever protocol it came by.

use mail::{Address, ReversePath};

/// What the sender wants to be told about one recipient (RFC 3461 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notices {
    /// Nothing was said: failures and long delays are told.
    Usual,
    /// `NOTIFY=NEVER`.
    Never,
    /// `NOTIFY=` with a list of events.
    Exactly(NoticeEvents),
}

/// The events of a `NOTIFY=` list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoticeEvents {
    /// SUCCESS: it is in the mailbox, or handed to a server that tells no more.
    pub success: bool,
    /// FAILURE: it will not be delivered.
    pub failure: bool,
    /// DELAY: it takes longer than usual.
    pub delay: bool,
}

impl Notices {
    /// The events that are told.
    pub fn events(self) -> NoticeEvents {
        match self {
            Notices::Usual => NoticeEvents { success: false, failure: true, delay: true },
            Notices::Never => NoticeEvents::default(),
            Notices::Exactly(events) => events,
        }
    }

    /// The text that the store keeps.
    pub fn as_stored(self) -> String {
        match self {
            Notices::Usual => String::new(),
            Notices::Never => "never".to_owned(),
            Notices::Exactly(events) => {
                let names = [
                    ("success", events.success),
                    ("failure", events.failure),
                    ("delay", events.delay),
                ];
                let told = names.into_iter().filter(|(_, is_told)| *is_told);
                told.map(|(name, _)| name).collect::<Vec<_>>().join(",")
            }
        }
    }

    /// Reads what [`as_stored`](Notices::as_stored) wrote; words that it does not know count for
    /// nothing.
    pub fn from_stored(text: &str) -> Notices {
        match text {
            "" => Notices::Usual,
            "never" => Notices::Never,
            list => {
                let has = |name: &str| list.split(',').any(|word| word == name);
                Notices::Exactly(NoticeEvents {
                    success: has("success"),
                    failure: has("failure"),
                    delay: has("delay"),
                })
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_come_back_as_they_were_stored() {
        let exactly =
            |success, failure, delay| Notices::Exactly(NoticeEvents { success, failure, delay });
        for notices in [
            Notices::Usual,
            Notices::Never,
            exactly(true, false, false),
            exactly(false, true, true),
            exactly(true, true, true),
        ] {
            assert_eq!(Notices::from_stored(&notices.as_stored()), notices);
        }
    }
}
