//! Message trace: what happened to each message for each recipient. Up to the instant, no window.
//!
//! Times are when the message was accepted. A caller who is no auditor sees his own messages and
//! those of mailboxes that he may open.

use crate::cmdlet::{
    Caller, Cmdlet, Parameter,
    ParameterKind::{Integer, OneOf, Text, TextList, Timestamp},
    Pause, Property, PropertyKind,
};

/// What a recipient's trace ends in, or is at.
const STATUSES: &[&str] =
    &["Pending", "Delivered", "Failed", "Expanded", "Held", "Discarded", "Refused"];

const MESSAGE: &[Property] = &[
    // One accepted (or refused) message, whatever its recipients.
    Property::new("MessageTraceId", PropertyKind::Text),
    // The Message-ID with its angle brackets; empty for a refusal before the message.
    Property::new("MessageId", PropertyKind::Text),
    Property::new("Received", PropertyKind::Timestamp),
    // The author.
    Property::new("SenderAddress", PropertyKind::Text),
    Property::new("RecipientAddress", PropertyKind::Text),
    Property::new("Subject", PropertyKind::Text),
    // Pending, Delivered, Failed, Expanded, Held, Discarded or Refused.
    Property::new("Status", PropertyKind::Text),
    Property::new("FromIP", PropertyKind::OptionalText),
    Property::new("ToIP", PropertyKind::OptionalText),
    // In bytes.
    Property::new("Size", PropertyKind::Integer),
    // Guichet's own: the account that submitted it, and under which right (Self, SendAs,
    // SendOnBehalf); null for mail from outside.
    Property::new("SubmittedBy", PropertyKind::OptionalText),
    Property::new("Right", PropertyKind::OptionalText),
];

const EVENT: &[Property] = &[
    Property::new("MessageTraceId", PropertyKind::Text),
    Property::new("MessageId", PropertyKind::Text),
    Property::new("Date", PropertyKind::Timestamp),
    // RECEIVE, SUBMIT, EXPAND, DELIVER, SEND, DEFER, FAIL, HOLD, DISCARD, REFUSE.
    Property::new("Event", PropertyKind::Text),
    // Empty for an event about the whole message.
    Property::new("RecipientAddress", PropertyKind::Text),
    Property::new("Action", PropertyKind::Text),
    // A sentence; for SEND, DEFER and FAIL with the words of the other server.
    Property::new("Detail", PropertyKind::Text),
];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-MessageTraceV2",
        synopsis: "Lists messages and what became of each, newest first.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: &[
            // From and before which acceptance. Without both: the last 48 hours; with an id: ever.
            Parameter::optional("StartDate", Timestamp),
            Parameter::optional("EndDate", Timestamp),
            Parameter::optional("SenderAddress", TextList),
            Parameter::optional("RecipientAddress", TextList),
            // With or without angle brackets.
            Parameter::optional("MessageId", TextList),
            Parameter::optional("MessageTraceId", Text),
            Parameter::optional("Status", OneOf(STATUSES)),
            Parameter::optional("FromIP", Text),
            Parameter::optional("Subject", Text),
            // Contains when left out.
            Parameter::optional(
                "SubjectFilterType",
                OneOf(&["Contains", "StartsWith", "EndsWith"]),
            ),
            // Continues after this recipient of the message accepted at EndDate.
            Parameter::optional("StartingRecipientAddress", Text),
            // 1 to 5000; 1000 when left out.
            Parameter::optional("ResultSize", Integer),
        ],
        output: MESSAGE,
    },
    Cmdlet {
        name: "Get-MessageTraceDetailV2",
        synopsis: "Lists the events of one message, oldest first.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: &[
            Parameter::mandatory("MessageTraceId", Text).at(1),
            // Without it: the events of all recipients.
            Parameter::optional("RecipientAddress", Text).at(2),
        ],
        output: EVENT,
    },
];
