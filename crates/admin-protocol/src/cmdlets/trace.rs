//! Message trace: what happened to each message for each recipient. Up to the instant, no window.
//!
//! Times are when the message was accepted. A caller who is no auditor sees his own messages and
//! those of mailboxes that he may open.

use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter,
    ParameterKind::{Integer, OneOf, Text, TextList, Timestamp},
    Pause, Property, PropertyKind,
};

/// What a recipient's trace ends in, or is at.
const STATUSES: &[&str] =
    &["Pending", "Delivered", "Failed", "Expanded", "Held", "Discarded", "Redirected", "Refused"];

const MESSAGE: &[Property] = &[
    Property::new("MessageTraceId", PropertyKind::Text)
        .says("One accepted (or refused) message, whatever its recipients."),
    Property::new("MessageId", PropertyKind::Text)
        .says("The Message-ID with its angle brackets; empty for a refusal before the message."),
    Property::new("Received", PropertyKind::Timestamp),
    Property::new("SenderAddress", PropertyKind::Text).says("The author."),
    Property::new("RecipientAddress", PropertyKind::Text),
    Property::new("Subject", PropertyKind::Text),
    Property::new("Status", PropertyKind::Text)
        .says("Pending, Delivered, Failed, Expanded, Held, Discarded, Redirected or Refused."),
    Property::new("FromIP", PropertyKind::OptionalText),
    Property::new("ToIP", PropertyKind::OptionalText),
    Property::new("Size", PropertyKind::Integer).says("In bytes."),
    Property::new("SubmittedBy", PropertyKind::OptionalText).says(
        "Guichet's own: the account that submitted it, and under which right (Self, SendAs, \
         SendOnBehalf); null for mail from outside.",
    ),
    Property::new("Right", PropertyKind::OptionalText),
];

/// The rows of the first version have a few more.
const MESSAGE_V1: &[Property] = &[
    Property::new("Organization", PropertyKind::Text).says("The default domain."),
    Property::new("MessageTraceId", PropertyKind::Text)
        .says("One accepted (or refused) message, whatever its recipients."),
    Property::new("MessageId", PropertyKind::Text)
        .says("The Message-ID with its angle brackets; empty for a refusal before the message."),
    Property::new("Received", PropertyKind::Timestamp),
    Property::new("SenderAddress", PropertyKind::Text).says("The author."),
    Property::new("RecipientAddress", PropertyKind::Text),
    Property::new("Subject", PropertyKind::Text),
    Property::new("Status", PropertyKind::Text)
        .says("Pending, Delivered, Failed, Expanded, Held, Discarded, Redirected or Refused."),
    Property::new("FromIP", PropertyKind::OptionalText),
    Property::new("ToIP", PropertyKind::OptionalText),
    Property::new("Size", PropertyKind::Integer).says("In bytes."),
    Property::new("SubmittedBy", PropertyKind::OptionalText).says(
        "Guichet's own: the account that submitted it, and under which right (Self, SendAs, \
         SendOnBehalf); null for mail from outside.",
    ),
    Property::new("Right", PropertyKind::OptionalText),
    Property::new("StartDate", PropertyKind::Timestamp).says("The window that was searched."),
    Property::new("EndDate", PropertyKind::Timestamp).says("The window that was searched."),
    Property::new("Index", PropertyKind::Integer).says("The row's place in the page, from 0."),
];

const EVENT: &[Property] = &[
    Property::new("MessageTraceId", PropertyKind::Text),
    Property::new("MessageId", PropertyKind::Text),
    Property::new("Date", PropertyKind::Timestamp),
    Property::new("Event", PropertyKind::Text)
        .says("RECEIVE, SUBMIT, EXPAND, DELIVER, SEND, DEFER, FAIL, HOLD, DISCARD, REFUSE."),
    Property::new("RecipientAddress", PropertyKind::Text)
        .says("Empty for an event about the whole message."),
    Property::new("Action", PropertyKind::Text),
    Property::new("Detail", PropertyKind::Text)
        .says("A sentence; for SEND, DEFER and FAIL with the words of the other server."),
    Property::new("Data", PropertyKind::Text)
        .says("What else is known of it, as XML: `<root><MEP Name=\"…\" String=\"…\"/></root>`."),
];

const START_DATE: Parameter = Parameter::optional("StartDate", Timestamp)
    .says("From which acceptance. Without both dates: the last 48 hours; with an id: ever.");
const END_DATE: Parameter =
    Parameter::optional("EndDate", Timestamp).says("Before which acceptance.");
const SENDER: Parameter =
    Parameter::optional("SenderAddress", TextList).says("Authors: addresses, or `*@domain`.");
const RECIPIENT: Parameter =
    Parameter::optional("RecipientAddress", TextList).says("Recipients: addresses, or `*@domain`.");
const MESSAGE_ID: Parameter =
    Parameter::optional("MessageId", TextList).says("Message-IDs, with or without angle brackets.");
const TRACE_ID: Parameter =
    Parameter::optional("MessageTraceId", Text).says("One message, whatever its recipients.");
const STATUS: Parameter = Parameter::optional("Status", OneOf(STATUSES))
    .says("What a recipient's trace ends in, or is at.");
const FROM_IP: Parameter =
    Parameter::optional("FromIP", Text).says("The address of the client or server it came from.");
const TO_IP: Parameter =
    Parameter::optional("ToIP", Text).says("The server that took it, as ToIP shows it.");

const DETAIL: &[Parameter] = &[
    Parameter::mandatory("MessageTraceId", Text).at(1).says("Which message."),
    Parameter::optional("RecipientAddress", Text)
        .at(2)
        .says("Only what concerns this recipient; without it all."),
    Parameter::optional("Event", TextList).says("Only these events."),
    Parameter::optional("Action", TextList).says("Taken for Exchange's sake."),
    Parameter::optional("StartDate", Timestamp).says("Only events from then on."),
    Parameter::optional("EndDate", Timestamp).says("Only events until then."),
];

const DISPLAY: &[&str] = &["Received", "SenderAddress", "RecipientAddress", "Subject", "Status"];
const DETAIL_DISPLAY: &[&str] = &["Date", "Event", "RecipientAddress", "Detail"];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-MessageTrace",
        synopsis: "Lists messages of the last ten days by page, as Exchange's first version does.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: &[
            Parameter::optional("StartDate", Timestamp).says(
                "From which acceptance; at most ten days ago. The last 48 hours when left out.",
            ),
            END_DATE,
            SENDER,
            RECIPIENT,
            MESSAGE_ID,
            TRACE_ID,
            STATUS,
            FROM_IP,
            TO_IP,
            Parameter::optional("Page", Integer).says("1 to 1000; 1 when left out."),
            Parameter::optional("PageSize", Integer).says("1 to 5000; 1000 when left out."),
        ],
        output: MESSAGE_V1,
        display: DISPLAY,
        examples: &[Example::new(
            "Get-MessageTrace -SenderAddress support@contoso.com -PageSize 100",
            "Lists what the group sent in the last two days.",
        )],
    },
    Cmdlet {
        name: "Get-MessageTraceV2",
        synopsis: "Lists messages and what became of each, newest first.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: &[
            START_DATE,
            END_DATE,
            SENDER,
            RECIPIENT,
            MESSAGE_ID,
            TRACE_ID,
            STATUS,
            FROM_IP,
            TO_IP,
            Parameter::optional("Subject", Text).says("Words of the subject."),
            Parameter::optional(
                "SubjectFilterType",
                OneOf(&["Contains", "StartsWith", "EndsWith"]),
            )
            .says("How Subject is compared. Contains when left out."),
            Parameter::optional("StartingRecipientAddress", Text)
                .says("Continues after this recipient of the message accepted at EndDate."),
            Parameter::optional("ResultSize", Integer).says("1 to 5000; 1000 when left out."),
        ],
        output: MESSAGE,
        display: DISPLAY,
        examples: &[
            Example::new("Get-MessageTraceV2 -Status Failed", "Lists what failed lately."),
            Example::new(
                "Get-MessageTraceV2 -Subject facture -SubjectFilterType StartsWith",
                "Lists messages by subject.",
            ),
        ],
    },
    Cmdlet {
        name: "Get-MessageTraceDetail",
        synopsis: "Lists the events of one message, oldest first.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: DETAIL,
        output: EVENT,
        display: DETAIL_DISPLAY,
        examples: &[Example::new("Get-MessageTraceDetail 42", "Shows what happened to a message.")],
    },
    Cmdlet {
        name: "Get-MessageTraceDetailV2",
        synopsis: "Lists the events of one message, oldest first.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: DETAIL,
        output: EVENT,
        display: DETAIL_DISPLAY,
        examples: &[Example::new(
            "Get-MessageTraceV2 | ForEach-Object { Get-MessageTraceDetailV2 $_.MessageTraceId }",
            "Shows what happened to each message.",
        )],
    },
];
