//! The directory as a whole, for whoever compares it with a file. Guichet's own.

use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter,
    ParameterKind::{Integer, IntegerOrUnlimited},
    Pause, Property, PropertyKind,
};

const MEMBER: &[Property] = &[
    Property::new("Address", PropertyKind::Text),
    Property::new("Role", PropertyKind::Text).says("Member or Owner."),
    Property::new("IsSubscribed", PropertyKind::Boolean),
];

const GRANT: &[Property] = &[
    Property::new("Right", PropertyKind::Text).says("SendAs, SendOnBehalf or FullAccess."),
    Property::new("Trustee", PropertyKind::Text),
    Property::new("UntilUTC", PropertyKind::OptionalTimestamp),
    Property::new("Reason", PropertyKind::OptionalText),
    Property::new("IsInForce", PropertyKind::Boolean),
];

const ENTRY: &[Property] = &[
    Property::new("DirectoryVersion", PropertyKind::Integer).says(
        "The version of the directory that this is about. Sent back in the header \
         X-Directory-Version of a change, it makes the change fail if somebody changed the \
         directory since.",
    ),
    Property::new("Number", PropertyKind::Integer).says("For the next call's -StartAfter."),
    Property::new("Type", PropertyKind::Text).says(
        "Organization (always the first), User, SharedMailbox, Group, Team, Contact or Channel.",
    ),
    Property::new("DisplayName", PropertyKind::Text),
    Property::new("Alias", PropertyKind::Text).says("Empty for the organisation."),
    Property::new("Addresses", PropertyKind::TextList)
        .says("The primary one first; for the organisation its accepted domains."),
    Property::new("Team", PropertyKind::OptionalText).says("Of a channel: its team's address."),
    Property::new("Members", PropertyKind::Objects(MEMBER)),
    Property::new("Grants", PropertyKind::Objects(GRANT)).says("Rights on it, ended ones too."),
    Property::new("Role", PropertyKind::OptionalText).says("Of a user."),
    Property::new("AccountDisabled", PropertyKind::OptionalBoolean).says("Of a user."),
    Property::new("HiddenFromAddressListsEnabled", PropertyKind::Boolean),
    Property::new("RequireSenderAuthenticationEnabled", PropertyKind::Boolean),
    Property::new("CopySentMailToPersonEnabled", PropertyKind::Boolean),
    Property::new("Notes", PropertyKind::Text),
    Property::new("SendFromAliasEnabled", PropertyKind::OptionalBoolean)
        .says("Of the organisation."),
    Property::new("SendAsReportSchedule", PropertyKind::OptionalText).says("Of the organisation."),
    Property::new("Language", PropertyKind::OptionalText).says("Of the organisation."),
];

pub(super) const CMDLETS: &[Cmdlet] = &[Cmdlet {
    name: "Get-DirectoryState",
    synopsis: "Lists the organisation and every recipient with members, rights and settings.",
    caller: Caller::Auditor,
    pause: Pause::None,
    parameters: &[
        Parameter::optional("StartAfter", Integer)
            .says("Number of the last entry that is known; from the beginning without it."),
        Parameter::optional("ResultSize", IntegerOrUnlimited)
            .says("How many entries at most; 1000 when left out."),
    ],
    output: ENTRY,
    display: &["Number", "Type", "DisplayName", "Addresses", "DirectoryVersion"],
    examples: &[Example::new(
        "Get-DirectoryState -StartAfter 1000",
        "Lists the entries behind the one with number 1000.",
    )],
}];
