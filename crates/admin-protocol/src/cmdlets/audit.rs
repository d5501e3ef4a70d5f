//! The audit log: who changed what, who sent as whom; and the check of its hash chain.
//!
//! `AuditData` is a JSON text with the fields of Microsoft's schema: `Id`, `RecordType` (1 for a
//! change, 2 for a message), `CreationTime`, `Operation` (the cmdlet; or `SendAs`, `SendOnBehalf`,
//! `SendAsDenied`), `OrganizationId`, `UserType`, `UserId`, `ClientIP`, `ObjectId`, `ResultStatus`,
//! `Workload`, `Parameters:[{Name,Value}]`, `ModifiedProperties:[{Name,NewValue,OldValue}]`,
//! `SendAsUserSmtp`, `SendOnBehalfOfUserSmtp`, `Item:{Subject,InternetMessageId,SizeInBytes}`; and
//! Guichet's own `Reason`, `PreviousHash` and `Hash`.

use crate::cmdlet::{
    Caller, Cmdlet, Parameter,
    ParameterKind::{Integer, OneOf, Text, TextList, Timestamp},
    Pause, Property, PropertyKind,
};

const RECORD: &[Property] = &[
    // The record's number in the chain, as text.
    Property::new("Identity", PropertyKind::Text),
    // ExchangeAdmin or ExchangeItem.
    Property::new("RecordType", PropertyKind::Text),
    Property::new("CreationDate", PropertyKind::Timestamp),
    // The actor: one address, or the name of a local administrator.
    Property::new("UserIds", PropertyKind::Text),
    // The operation.
    Property::new("Operations", PropertyKind::Text),
    // Guichet's own: what it was done to, as in AuditData.
    Property::new("ObjectIds", PropertyKind::Text),
    Property::new("AuditData", PropertyKind::Text),
    // From 1, over all pages.
    Property::new("ResultIndex", PropertyKind::Integer),
    // How many records matched in all.
    Property::new("ResultCount", PropertyKind::Integer),
    // Always true; kept for tools that select it.
    Property::new("IsValid", PropertyKind::Boolean),
];

const CHAIN: &[Property] = &[
    // Whether every record's hash fits its content and its predecessor.
    Property::new("IsValid", PropertyKind::Boolean),
    Property::new("RecordCount", PropertyKind::Integer),
    // The first record that does not fit; null when all do.
    Property::new("FirstInvalidIdentity", PropertyKind::OptionalText),
    // The hash of the last record, in hex: to be kept elsewhere and compared later.
    Property::new("LastHash", PropertyKind::Text),
    // The result in one sentence.
    Property::new("Detail", PropertyKind::Text),
];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Search-UnifiedAuditLog",
        synopsis: "Searches the audit log, newest first.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[
            // Mandatory in Exchange; without it: from the beginning.
            Parameter::optional("StartDate", Timestamp),
            Parameter::optional("EndDate", Timestamp),
            Parameter::optional("RecordType", OneOf(&["ExchangeAdmin", "ExchangeItem"])),
            Parameter::optional("Operations", TextList),
            Parameter::optional("UserIds", TextList),
            Parameter::optional("ObjectIds", TextList),
            // Found anywhere in AuditData, whatever the case.
            Parameter::optional("FreeText", Text),
            // 1 to 5000; 100 when left out.
            Parameter::optional("ResultSize", Integer),
        ],
        output: RECORD,
    },
    Cmdlet {
        name: "Test-UnifiedAuditLog",
        synopsis: "Checks the hash chain of the audit log from the first record to the last.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[],
        output: CHAIN,
    },
];
