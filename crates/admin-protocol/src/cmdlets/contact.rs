//! Contacts: names in the directory for addresses elsewhere.

use super::{
    ANR, EXPECTED_VERSION, FILTER, HIDDEN, IDENTITY, NOTES, OPTIONAL_IDENTITY, OUT_ADDRESSES,
    OUT_ALIAS, OUT_CREATED, OUT_CREATED_LOCAL, OUT_DISPLAY_NAME, OUT_GUID, OUT_HIDDEN,
    OUT_IDENTITY, OUT_NAME, OUT_NOTES, OUT_OBJECT_ID, OUT_PRIMARY, OUT_TYPE, OUT_TYPE_DETAILS,
    OUT_VERSION, REASON, RESULT_SIZE, SORT_BY,
};
use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter, ParameterKind::Text, Pause, Property, PropertyKind,
};

const OUTPUT: &[Property] = &[
    OUT_IDENTITY,
    OUT_NAME,
    OUT_DISPLAY_NAME,
    OUT_ALIAS,
    OUT_GUID,
    OUT_OBJECT_ID,
    Property::new("ExternalEmailAddress", PropertyKind::Text)
        .says("`SMTP:` and the address elsewhere."),
    OUT_PRIMARY,
    OUT_ADDRESSES,
    OUT_TYPE,
    OUT_TYPE_DETAILS,
    OUT_HIDDEN,
    OUT_NOTES,
    OUT_CREATED,
    OUT_CREATED_LOCAL,
    OUT_VERSION,
];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-MailContact",
        synopsis: "Lists contacts, or shows one.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[OPTIONAL_IDENTITY, ANR, FILTER, SORT_BY, RESULT_SIZE],
        output: OUTPUT,
        display: &["DisplayName", "Alias", "ExternalEmailAddress"],
        examples: &[Example::new("Get-MailContact", "Lists the contacts.")],
    },
    Cmdlet {
        name: "New-MailContact",
        synopsis: "Creates a contact; its address must not belong to another recipient.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            Parameter::mandatory("Name", Text)
                .at(1)
                .says("The name that people see, unless -DisplayName says otherwise."),
            Parameter::mandatory("ExternalEmailAddress", Text).says("The address elsewhere."),
            Parameter::optional("Alias", Text).says("The alias."),
            Parameter::optional("DisplayName", Text).says("The name that people see."),
            NOTES,
        ],
        output: OUTPUT,
        display: &["DisplayName", "Alias", "ExternalEmailAddress"],
        examples: &[Example::new(
            "New-MailContact 'Fabrikam' -ExternalEmailAddress customer@fabrikam.com",
            "Gives an address elsewhere a name in the directory.",
        )],
    },
    Cmdlet {
        name: "Set-MailContact",
        synopsis: "Changes a contact.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            IDENTITY,
            Parameter::optional("DisplayName", Text).says("The name that people see."),
            Parameter::optional("Alias", Text).says("The alias."),
            Parameter::optional("ExternalEmailAddress", Text).says("The address elsewhere."),
            HIDDEN,
            NOTES,
            EXPECTED_VERSION,
            REASON,
        ],
        output: OUTPUT,
        display: &["DisplayName", "Alias", "ExternalEmailAddress"],
        examples: &[Example::new(
            "Set-MailContact fabrikam -HiddenFromAddressListsEnabled $true",
            "Leaves the contact out of address lists.",
        )],
    },
    Cmdlet {
        name: "Remove-MailContact",
        synopsis: "Removes a contact.",
        caller: Caller::Administrator,
        pause: Pause::AsksFirst,
        parameters: &[IDENTITY, EXPECTED_VERSION, REASON],
        output: &[],
        display: &[],
        examples: &[Example::new("Remove-MailContact fabrikam", "Asks, then removes the contact.")],
    },
];
