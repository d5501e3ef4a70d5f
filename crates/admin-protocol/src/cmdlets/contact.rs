//! Contacts: names in the directory for addresses elsewhere.

use super::{
    IDENTITY, OPTIONAL_IDENTITY, OUT_ADDRESSES, OUT_ALIAS, OUT_CREATED, OUT_DISPLAY_NAME, OUT_GUID,
    OUT_HIDDEN, OUT_IDENTITY, OUT_NAME, OUT_NOTES, OUT_OBJECT_ID, OUT_PRIMARY, OUT_TYPE,
    OUT_TYPE_DETAILS, RESULT_SIZE,
};
use crate::cmdlet::{
    Caller, Cmdlet, Parameter,
    ParameterKind::{Boolean, Text},
    Pause, Property, PropertyKind,
};

const OUTPUT: &[Property] = &[
    OUT_IDENTITY,
    OUT_NAME,
    OUT_DISPLAY_NAME,
    OUT_ALIAS,
    OUT_GUID,
    OUT_OBJECT_ID,
    // `SMTP:` and the address elsewhere.
    Property::new("ExternalEmailAddress", PropertyKind::Text),
    OUT_PRIMARY,
    OUT_ADDRESSES,
    OUT_TYPE,
    OUT_TYPE_DETAILS,
    OUT_HIDDEN,
    OUT_NOTES,
    OUT_CREATED,
];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-MailContact",
        synopsis: "Lists contacts, or shows one.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[OPTIONAL_IDENTITY, Parameter::optional("Anr", Text), RESULT_SIZE],
        output: OUTPUT,
    },
    Cmdlet {
        name: "New-MailContact",
        synopsis: "Creates a contact; its address must not belong to another recipient.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            Parameter::mandatory("Name", Text).at(1),
            Parameter::mandatory("ExternalEmailAddress", Text),
            Parameter::optional("Alias", Text),
            Parameter::optional("DisplayName", Text),
            Parameter::optional("Notes", Text),
        ],
        output: OUTPUT,
    },
    Cmdlet {
        name: "Set-MailContact",
        synopsis: "Changes a contact.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            IDENTITY,
            Parameter::optional("DisplayName", Text),
            Parameter::optional("Alias", Text),
            Parameter::optional("ExternalEmailAddress", Text),
            Parameter::optional("HiddenFromAddressListsEnabled", Boolean),
            Parameter::optional("Notes", Text),
        ],
        output: OUTPUT,
    },
    Cmdlet {
        name: "Remove-MailContact",
        synopsis: "Removes a contact.",
        caller: Caller::Administrator,
        pause: Pause::AsksFirst,
        parameters: &[IDENTITY],
        output: &[],
    },
];
