//! The queue of mail for other servers, one entry per message and recipient. Guichet's own, in the
//! manner of Exchange's Get-Message.

use super::{OPTIONAL_IDENTITY, RESULT_SIZE};
use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter,
    ParameterKind::{Boolean, OneOf, Text, TextList},
    Pause, Property, PropertyKind,
};

const ENTRY: &[Property] = &[
    Property::new("Identity", PropertyKind::Text).says("The entry's number, as text."),
    Property::new("MessageTraceId", PropertyKind::Text),
    Property::new("InternetMessageId", PropertyKind::Text),
    Property::new("FromAddress", PropertyKind::Text).says("The reverse-path; `<>` for a DSN."),
    Property::new("Recipient", PropertyKind::Text),
    Property::new("Subject", PropertyKind::Text),
    Property::new("Status", PropertyKind::Text).says(
        "Ready (due), Active (being transmitted), Retry (waiting for the next attempt), Suspended.",
    ),
    Property::new("AttemptCount", PropertyKind::Integer),
    Property::new("DateReceived", PropertyKind::Timestamp),
    Property::new("NextRetryUTC", PropertyKind::OptionalTimestamp).says("Null while suspended."),
    Property::new("ExpirationUTC", PropertyKind::OptionalTimestamp).says("When it is given up."),
    Property::new("LastError", PropertyKind::OptionalText)
        .says("What the last attempt met; null before the first."),
    Property::new("Size", PropertyKind::Integer).says("In bytes."),
];

const ENTRIES: Parameter =
    Parameter::mandatory("Identity", TextList).at(1).says("Numbers of entries.");

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-QueuedMessage",
        synopsis: "Lists the entries of the queue, oldest first, or shows one.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[
            OPTIONAL_IDENTITY,
            Parameter::optional("Status", OneOf(&["Ready", "Active", "Retry", "Suspended"]))
                .says("Only entries in this state."),
            Parameter::optional("FromAddress", Text)
                .says("Only entries with this reverse-path; `<>` for DSNs."),
            Parameter::optional("Recipient", Text)
                .says("An address, or `@domain` for all of a domain."),
            RESULT_SIZE,
        ],
        output: ENTRY,
        display: &["Identity", "Status", "FromAddress", "Recipient", "NextRetryUTC", "LastError"],
        examples: &[Example::new(
            "Get-QueuedMessage -Recipient '@fabrikam.com'",
            "Lists what waits for a domain.",
        )],
    },
    Cmdlet {
        name: "Retry-QueuedMessage",
        synopsis: "Makes entries due now.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[ENTRIES],
        output: ENTRY,
        display: &["Identity", "Status", "Recipient", "NextRetryUTC"],
        examples: &[Example::new("Retry-QueuedMessage 4,5", "Tries two entries again now.")],
    },
    Cmdlet {
        name: "Suspend-QueuedMessage",
        synopsis: "Holds entries until they are resumed.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[ENTRIES],
        output: ENTRY,
        display: &["Identity", "Status", "Recipient", "NextRetryUTC"],
        examples: &[Example::new("Suspend-QueuedMessage 4", "Holds an entry.")],
    },
    Cmdlet {
        name: "Resume-QueuedMessage",
        synopsis: "Lets suspended entries go on; they are due at once.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[ENTRIES],
        output: ENTRY,
        display: &["Identity", "Status", "Recipient", "NextRetryUTC"],
        examples: &[Example::new("Resume-QueuedMessage 4", "Lets a held entry go on.")],
    },
    Cmdlet {
        name: "Remove-QueuedMessage",
        synopsis: "Gives entries up: as failed with a DSN, or with -WithNDR:$false as discarded.",
        caller: Caller::Administrator,
        pause: Pause::AsksFirst,
        // True when left out.
        parameters: &[
            ENTRIES,
            Parameter::optional("WithNDR", Boolean)
                .says("Whether the sender is told by a DSN; $true when left out."),
        ],
        output: &[],
        display: &[],
        examples: &[Example::new(
            "Remove-QueuedMessage 4 -WithNDR $false",
            "Asks, then gives an entry up without a DSN.",
        )],
    },
];
