//! The audit log: who changed what, who sent as whom; and the check of its hash chain.
//!
//! `AuditData` is a JSON text with the fields of Microsoft's schema: `Id`, `RecordType` (1 for a
//! change, 2 for a message), `CreationTime`, `Operation` (the cmdlet; or `SendAs`, `SendOnBehalf`,
//! `SendAsDenied`), `OrganizationId`, `UserType`, `UserId`, `ClientIP`, `ObjectId`, `ResultStatus`,
//! `Workload`, `Parameters:[{Name,Value}]`, `ModifiedProperties:[{Name,NewValue,OldValue}]`,
//! `SendAsUserSmtp`, `SendOnBehalfOfUserSmtp`, `Item:{Subject,InternetMessageId,SizeInBytes}`; and
//! Guichet's own `Reason`, `PreviousHash` and `Hash`.

use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter,
    ParameterKind::{Integer, OneOf, Switch, Text, TextList, Timestamp},
    Pause, Property, PropertyKind,
};

const RECORD: &[Property] = &[
    Property::new("Identity", PropertyKind::Text)
        .says("The record's number in the chain, as text."),
    Property::new("RecordType", PropertyKind::Text).says("ExchangeAdmin or ExchangeItem."),
    Property::new("CreationDate", PropertyKind::Timestamp),
    Property::new("UserIds", PropertyKind::Text)
        .says("The actor: one address, or the name of a local administrator."),
    Property::new("Operations", PropertyKind::Text).says("The operation."),
    Property::new("ObjectIds", PropertyKind::Text)
        .says("Guichet's own: what it was done to, as in AuditData."),
    Property::new("AuditData", PropertyKind::Text),
    Property::new("ResultIndex", PropertyKind::Integer).says("From 1, over all pages."),
    Property::new("ResultCount", PropertyKind::Integer).says("How many records matched in all."),
    Property::new("IsValid", PropertyKind::Boolean)
        .says("Always true; kept for tools that select it."),
    Property::new("ObjectState", PropertyKind::Text).says("Always `Unchanged`."),
];

const CHAIN: &[Property] = &[
    Property::new("IsValid", PropertyKind::Boolean)
        .says("Whether every record's hash fits its content and its predecessor."),
    Property::new("RecordCount", PropertyKind::Integer),
    Property::new("FirstInvalidIdentity", PropertyKind::OptionalText)
        .says("The first record that does not fit; null when all do."),
    Property::new("LastHash", PropertyKind::Text)
        .says("The hash of the last record, in hex: to be kept elsewhere and compared later."),
    Property::new("Detail", PropertyKind::Text).says("The result in one sentence."),
];

const ADMIN: &[Property] = &[
    Property::new("Identity", PropertyKind::Text)
        .says("The record's number in the chain, as text."),
    Property::new("CmdletName", PropertyKind::Text),
    Property::new(
        "CmdletParameters",
        PropertyKind::Objects(&[
            Property::new("Name", PropertyKind::Text),
            Property::new("Value", PropertyKind::Text),
        ]),
    )
    .says("What it was called with; values are text."),
    Property::new("ObjectModified", PropertyKind::Text).says("What it was done to."),
    Property::new("RunDate", PropertyKind::Timestamp),
    Property::new("Caller", PropertyKind::Text)
        .says("Who: an address, or the name of a local administrator."),
    Property::new("Succeeded", PropertyKind::Boolean)
        .says("Always true: what was refused changed nothing."),
    Property::new("ClientIP", PropertyKind::Text)
        .says("Where the caller was; empty at the administration socket."),
    Property::new("Reason", PropertyKind::OptionalText).says("Guichet's own: why."),
];

const START_DATE: Parameter = Parameter::optional("StartDate", Timestamp)
    .says("Mandatory in Exchange; without it: from the beginning.");
const END_DATE: Parameter =
    Parameter::optional("EndDate", Timestamp).says("Mandatory in Exchange; without it: until now.");
const USER_IDS: Parameter = Parameter::optional("UserIds", TextList).says("By whom: logins.");
const OBJECT_IDS: Parameter =
    Parameter::optional("ObjectIds", TextList).says("On what: addresses, aliases or names.");

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Search-UnifiedAuditLog",
        synopsis: "Searches the audit log, newest first.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[
            START_DATE,
            END_DATE,
            Parameter::optional("RecordType", OneOf(&["ExchangeAdmin", "ExchangeItem"]))
                .says("Changes of the configuration, or messages."),
            Parameter::optional("Operations", TextList)
                .says("Names of cmdlets, or SendAs, SendOnBehalf, SendAsDenied."),
            USER_IDS,
            OBJECT_IDS,
            Parameter::optional("IPAddresses", TextList).says("Where the caller was."),
            Parameter::optional("FreeText", Text)
                .says("Found anywhere in AuditData, whatever the case."),
            Parameter::optional("ResultSize", Integer).says("1 to 5000; 100 when left out."),
            Parameter::optional("SessionId", Text).says(
                "A name of the caller's choice: each further call with it and the same filters \
                 gives the records after those given, until none is left.",
            ),
            Parameter::optional(
                "SessionCommand",
                OneOf(&["ReturnLargeSet", "ReturnNextPreviewPage", "Initialize"]),
            )
            .says("Taken with -SessionId; both ways give all records, newest first."),
            Parameter::optional("Formatted", Switch).says("Taken for Exchange's sake."),
            Parameter::optional("HighCompleteness", Switch)
                .says("Taken for Exchange's sake: every search is complete."),
        ],
        output: RECORD,
        display: &["CreationDate", "UserIds", "Operations", "ObjectIds"],
        examples: &[
            Example::new(
                "Search-UnifiedAuditLog -Operations SendAs,SendOnBehalf -StartDate 2027-01-01",
                "Who sent as whom this year.",
            ),
            Example::new(
                "Search-UnifiedAuditLog -SessionId year -SessionCommand ReturnLargeSet -ResultSize \
                 5000",
                "The first of several portions; the same line again gives the next.",
            ),
        ],
    },
    Cmdlet {
        name: "Search-AdminAuditLog",
        synopsis: "Searches the changes of the configuration, in the older shape.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[
            START_DATE,
            END_DATE,
            Parameter::optional("Cmdlets", TextList).says("Names of cmdlets."),
            Parameter::optional("Parameters", TextList)
                .says("Only calls that had one of these parameters."),
            USER_IDS,
            OBJECT_IDS,
            Parameter::optional("ResultSize", Integer).says("1 to 250000; 1000 when left out."),
        ],
        output: ADMIN,
        display: &["RunDate", "Caller", "CmdletName", "ObjectModified"],
        examples: &[Example::new(
            "Search-AdminAuditLog -Cmdlets Add-RecipientPermission",
            "Who gave Send As.",
        )],
    },
    Cmdlet {
        name: "Test-UnifiedAuditLog",
        synopsis: "Checks the hash chain of the audit log from the first record to the last.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[],
        output: CHAIN,
        display: &["IsValid", "RecordCount", "Detail"],
        examples: &[Example::new("Test-UnifiedAuditLog", "Says whether somebody edited the log.")],
    },
];
