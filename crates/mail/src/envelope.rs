//! The envelope of a message as IMAP shows it (RFC 9051 §7.5.2), and the header fields that it is
//! made of.
//!
//! This is display of mail that is stored already: values are taken as they stand, encoded words
//! included, and nothing is refused. The author gate reads with [`crate::author`].

mod addresses;

use bytes::Bytes;

use crate::raw_field::{raw_field, raw_fields};

pub use addresses::{EnvelopeAddress, addresses};

/// Octets that [`fields`] keeps at most. Beyond it lists read the message itself: a message to a
/// thousand people would otherwise make every list heavy.
pub const FIELDS_OCTETS_MAX: usize = 8 * 1024;
/// Addresses of one field that an envelope shows at most.
pub const ADDRESSES_MAX: usize = 10_000;

/// The fields that [`fields`] keeps: those of ENVELOPE, and what threads are made of.
pub const FIELD_NAMES: [&str; 11] = [
    "Date",
    "Subject",
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "In-Reply-To",
    "Message-ID",
    "References",
];

/// The envelope. Texts are unfolded and otherwise as they stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Envelope {
    /// Date.
    pub date: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// From.
    pub from: Vec<EnvelopeAddress>,
    /// Sender; From where it is absent or empty.
    pub sender: Vec<EnvelopeAddress>,
    /// Reply-To; From where it is absent or empty.
    pub reply_to: Vec<EnvelopeAddress>,
    /// To.
    pub to: Vec<EnvelopeAddress>,
    /// Cc.
    pub cc: Vec<EnvelopeAddress>,
    /// Bcc.
    pub bcc: Vec<EnvelopeAddress>,
    /// In-Reply-To.
    pub in_reply_to: Option<String>,
    /// Message-ID.
    pub message_id: Option<String>,
}

impl Envelope {
    /// Reads the envelope from a header section, or from what [`fields`] kept of it.
    pub fn read(header_section: &[u8]) -> Envelope {
        let text = |name: &str| raw_field(header_section, name).map(|field| field.unfolded());
        let list = |name: &str| {
            let mut found = Vec::new();
            for field in raw_fields(header_section).filter(|field| field.is(name)) {
                found.extend(addresses(&field.unfolded()));
            }
            found.truncate(ADDRESSES_MAX);
            found
        };
        let from = list("From");
        // RFC 9051 §7.5.2: absent or empty Sender and Reply-To are From.
        let or_from = |found: Vec<EnvelopeAddress>| {
            if found.is_empty() { from.clone() } else { found }
        };
        Envelope {
            date: text("Date"),
            subject: text("Subject"),
            sender: or_from(list("Sender")),
            reply_to: or_from(list("Reply-To")),
            to: list("To"),
            cc: list("Cc"),
            bcc: list("Bcc"),
            in_reply_to: text("In-Reply-To"),
            message_id: text("Message-ID"),
            from,
        }
    }
}

/// The fields of [`FIELD_NAMES`] as they stand in a header section, one behind the other. `None`
/// where they are longer than [`FIELDS_OCTETS_MAX`].
pub fn fields(header_section: &[u8]) -> Option<Bytes> {
    let mut kept = Vec::new();
    for field in raw_fields(header_section) {
        if !FIELD_NAMES.iter().any(|name| field.is(name)) {
            continue;
        }
        if kept.len() + field.whole.len() > FIELDS_OCTETS_MAX {
            return None;
        }
        kept.extend_from_slice(field.whole);
    }
    Some(Bytes::from(kept))
}

#[cfg(test)]
mod tests;
