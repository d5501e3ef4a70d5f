//! The queue of mail for other servers, one entry per message and recipient. Guichet's own, in the
//! manner of Exchange's Get-Message.

use super::{OPTIONAL_IDENTITY, RESULT_SIZE};
use crate::cmdlet::{
    Caller, Cmdlet, Parameter,
    ParameterKind::{Boolean, OneOf, Text, TextList},
    Pause, Property, PropertyKind,
};

const ENTRY: &[Property] = &[
    // The entry's number, as text.
    Property::new("Identity", PropertyKind::Text),
    Property::new("MessageTraceId", PropertyKind::Text),
    Property::new("InternetMessageId", PropertyKind::Text),
    // The reverse-path; `<>` for a DSN.
    Property::new("FromAddress", PropertyKind::Text),
    Property::new("Recipient", PropertyKind::Text),
    Property::new("Subject", PropertyKind::Text),
    // Ready (due), Active (being transmitted), Retry (waiting for the next attempt), Suspended.
    Property::new("Status", PropertyKind::Text),
    Property::new("AttemptCount", PropertyKind::Integer),
    Property::new("DateReceived", PropertyKind::Timestamp),
    // Null while suspended.
    Property::new("NextRetryUTC", PropertyKind::OptionalTimestamp),
    // When it is given up.
    Property::new("ExpirationUTC", PropertyKind::OptionalTimestamp),
    // What the last attempt met; null before the first.
    Property::new("LastError", PropertyKind::OptionalText),
    // In bytes.
    Property::new("Size", PropertyKind::Integer),
];

/// Numbers of entries.
const ENTRIES: Parameter = Parameter::mandatory("Identity", TextList).at(1);

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-QueuedMessage",
        synopsis: "Lists the entries of the queue, oldest first, or shows one.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[
            OPTIONAL_IDENTITY,
            Parameter::optional("Status", OneOf(&["Ready", "Active", "Retry", "Suspended"])),
            Parameter::optional("FromAddress", Text),
            // An address, or `@domain` for all of a domain.
            Parameter::optional("Recipient", Text),
            RESULT_SIZE,
        ],
        output: ENTRY,
    },
    Cmdlet {
        name: "Retry-QueuedMessage",
        synopsis: "Makes entries due now.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[ENTRIES],
        output: ENTRY,
    },
    Cmdlet {
        name: "Suspend-QueuedMessage",
        synopsis: "Holds entries until they are resumed.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[ENTRIES],
        output: ENTRY,
    },
    Cmdlet {
        name: "Resume-QueuedMessage",
        synopsis: "Lets suspended entries go on; they are due at once.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[ENTRIES],
        output: ENTRY,
    },
    Cmdlet {
        name: "Remove-QueuedMessage",
        synopsis: "Gives entries up: as failed with a DSN, or with -WithNDR:$false as discarded.",
        caller: Caller::Administrator,
        pause: Pause::AsksFirst,
        // True when left out.
        parameters: &[ENTRIES, Parameter::optional("WithNDR", Boolean)],
        output: &[],
    },
];
