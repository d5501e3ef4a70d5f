//! The envelope of a message: who sent it, who shall get it, and what the sender asked for.
//!
//! The server builds it from MAIL and RCPT; the client writes MAIL and RCPT from it. Parameters of
//! delivery status notifications (RFC 3461) are kept decoded; the client encodes them again.

use mail::{Address, ReversePath};

/// What the sender says the content is (RFC 6152 §2, parameter `BODY`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Body {
    /// Nothing was said, or `7BIT`.
    #[default]
    SevenBit,
    /// `8BITMIME`: octets above 127 may occur.
    EightBitMime,
}

/// How much of the message a failure notice shall carry (RFC 3461 §4.3, parameter `RET`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnContent {
    /// `FULL`: the whole message.
    Full,
    /// `HDRS`: its header section only.
    Headers,
}

/// A set of events a recipient's sender wants to hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NotifyEvents(u8);

impl NotifyEvents {
    /// The message was delivered.
    pub const SUCCESS: NotifyEvents = NotifyEvents(1);
    /// The message could not be delivered.
    pub const FAILURE: NotifyEvents = NotifyEvents(2);
    /// Delivery takes longer than usual.
    pub const DELAY: NotifyEvents = NotifyEvents(4);

    /// Whether all of `events` are in the set.
    pub fn contains(self, events: NotifyEvents) -> bool {
        self.0 & events.0 == events.0
    }

    /// The set with `events` in it.
    #[must_use]
    pub fn with(self, events: NotifyEvents) -> NotifyEvents {
        NotifyEvents(self.0 | events.0)
    }
}

/// When the sender wants to hear of a recipient (RFC 3461 §4.1, parameter `NOTIFY`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notify {
    /// Not said: failures are told, delays may be.
    #[default]
    Unstated,
    /// `NEVER`: nothing is told.
    Never,
    /// Exactly these events are told.
    On(NotifyEvents),
}

/// The recipient as the first sender knew it (RFC 3461 §4.2, parameter `ORCPT`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalRecipient {
    /// The type of the address, `rfc822` or `utf-8` as a rule; case as written.
    pub address_type: String,
    /// The address, with xtext decoded. An `utf-8` address is kept as written (RFC 6533 §3).
    pub address: String,
}

/// What MAIL said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailParameters {
    /// Where failures are told.
    pub reverse_path: ReversePath,
    /// The announced size in octets (RFC 1870); a hint, never what memory is reserved by.
    pub size_octets: Option<u64>,
    /// Whether the content may have octets above 127.
    pub body: Body,
    /// Whether addresses and header fields may be UTF-8 (RFC 6531).
    pub smtputf8: bool,
    /// What a failure notice shall carry.
    pub ret: Option<ReturnContent>,
    /// The sender's own name for this envelope (RFC 3461 §4.4), xtext decoded, printable ASCII.
    pub envelope_id: Option<String>,
}

impl MailParameters {
    /// Parameters with nothing said but the reverse-path.
    pub fn new(reverse_path: ReversePath) -> MailParameters {
        MailParameters {
            reverse_path,
            size_octets: None,
            body: Body::SevenBit,
            smtputf8: false,
            ret: None,
            envelope_id: None,
        }
    }
}

/// What RCPT said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientParameters {
    /// The recipient.
    pub to: Address,
    /// When the sender wants to hear of this recipient.
    pub notify: Notify,
    /// The recipient as the first sender knew it.
    pub original: Option<OriginalRecipient>,
}

impl RecipientParameters {
    /// Parameters with nothing said but the address.
    pub fn new(to: Address) -> RecipientParameters {
        RecipientParameters { to, notify: Notify::Unstated, original: None }
    }
}

/// A reverse-path with its recipients, in the order they were accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What MAIL said.
    pub mail: MailParameters,
    /// What each accepted RCPT said. The same address may occur twice.
    pub recipients: Vec<RecipientParameters>,
}

impl Envelope {
    /// An envelope without recipients.
    pub fn new(mail: MailParameters) -> Envelope {
        Envelope { mail, recipients: Vec::new() }
    }

    /// The envelope with one recipient more.
    #[must_use]
    pub fn with(mut self, recipient: RecipientParameters) -> Envelope {
        self.recipients.push(recipient);
        self
    }
}
