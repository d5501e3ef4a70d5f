//! What mail flow rules do, and which header fields they may touch.

use mail::edit::FieldName;
use serde::{Deserialize, Serialize};

use super::party::Party;

/// The detail of the enhanced status code `5.7.x` of a refusal where the rule names none.
pub const REJECT_DETAIL: u16 = 1;
/// The other details that a rule may name: Exchange's range for refusals by rules.
pub const REJECT_DETAILS: std::ops::RangeInclusive<u16> = 900..=999;

/// Fields that say who wrote a message, to whom, when, and how it is to be read (RFC 5322 §3.6,
/// RFC 2045), and those by which its way and its authenticity are known. No rule touches them;
/// there are actions of their own for the subject and for recipients.
const UNTOUCHABLE_FIELDS: [&str; 20] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Subject",
    "MIME-Version",
    "Return-Path",
    "Delivered-To",
    "X-Original-To",
    "Authentication-Results",
    "DKIM-Signature",
    "DomainKey-Signature",
    "X-MS-Journal-Report",
    "X-Guichet-Journal-Report",
];
/// The same for whole families of fields: resending (RFC 5322 §3.6.6), MIME, trace, ARC (RFC 8617).
const UNTOUCHABLE_FAMILIES: [&str; 4] = ["Resent-", "Content-", "Received", "ARC-"];

/// One thing that a rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Refuses the message, in the dialogue in which it is handed in.
    Reject {
        /// The `x` of the enhanced status code `5.7.x`.
        detail: u16,
        /// What the sender is told.
        text: String,
    },
    /// Further recipients that nobody is told of.
    BlindCopyTo(Vec<Party>),
    /// Further recipients that are named in `To`.
    AddToRecipients(Vec<Party>),
    /// Other recipients in the place of all that there are.
    RedirectMessageTo(Vec<Party>),
    /// A header field that is written, in the place of the one that there is.
    SetHeader {
        /// Its name.
        name: String,
        /// Its value: any text.
        value: String,
    },
    /// Header fields of this name that are taken away.
    RemoveHeader(String),
    /// A text before the subject, unless the subject has it already.
    PrependSubject(String),
}

/// Why a rule may not touch a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderRefusal {
    /// It is no name of a field.
    #[error("a field name has 1 to 76 printable ASCII characters and no colon or space")]
    NoName,
    /// It is one that no rule touches.
    #[error(
        "no rule touches fields about author, recipients, date, subject, content, trace or \
         signatures: choose a field of your own, such as X-Contoso-Class"
    )]
    Untouchable,
}

/// Says whether a rule may write or remove fields of this name.
pub fn check_header_name(name: &str) -> Result<(), HeaderRefusal> {
    if FieldName::new(name).is_err() {
        return Err(HeaderRefusal::NoName);
    }
    let starts = |family: &&str| {
        name.get(..family.len()).is_some_and(|start| start.eq_ignore_ascii_case(family))
    };
    let is_untouchable = UNTOUCHABLE_FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name))
        || UNTOUCHABLE_FAMILIES.iter().any(starts);
    if is_untouchable { Err(HeaderRefusal::Untouchable) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_touch_only_fields_of_their_own() {
        for name in ["X-Contoso-Class", "X-Priority", "Importance", "List-Unsubscribe"] {
            assert_eq!(check_header_name(name), Ok(()), "{name}");
        }
        for name in [
            "From",
            "FROM",
            "sender",
            "Reply-To",
            "Resent-From",
            "received",
            "Received-SPF",
            "Content-Type",
            "ARC-Seal",
            "DKIM-Signature",
            "Subject",
            "Bcc",
            "return-path",
        ] {
            assert_eq!(check_header_name(name), Err(HeaderRefusal::Untouchable), "{name}");
        }
        for name in ["", "X Y", "X:", "X-\u{e9}", "X\r\nFrom", &"x".repeat(77)] {
            assert_eq!(check_header_name(name), Err(HeaderRefusal::NoName), "{name}");
        }
    }
}
