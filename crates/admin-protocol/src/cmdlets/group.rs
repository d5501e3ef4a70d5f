//! Groups and teams: the cmdlets of Microsoft 365 groups. A team is a group with channels; `-Team`
//! and `-Channels` are Guichet's own.

use super::{
    IDENTITY, OPTIONAL_IDENTITY, OUT_ADDRESSES, OUT_ALIAS, OUT_COPY_TO_PERSON, OUT_CREATED,
    OUT_DISPLAY_NAME, OUT_GUID, OUT_HIDDEN, OUT_IDENTITY, OUT_NAME, OUT_NOTES, OUT_OBJECT_ID,
    OUT_PERSONAL_READ_STATE, OUT_PRIMARY, OUT_QUOTA, OUT_SEND_ON_BEHALF, OUT_SENDER_AUTHENTICATION,
    OUT_TRASH_RETENTION, OUT_TYPE, OUT_TYPE_DETAILS, RESULT_SIZE,
};
use crate::cmdlet::{
    Caller, Cmdlet, Parameter,
    ParameterKind::{Boolean, Integer, OneOf, Switch, Text, TextList},
    Pause, Property, PropertyKind,
};

/// Members read the group's mail, owners manage the group too, subscribers also get each message
/// in their own inbox.
const LINK_TYPES: &[&str] = &["Members", "Owners", "Subscribers"];

const OUTPUT: &[Property] = &[
    OUT_IDENTITY,
    OUT_NAME,
    OUT_DISPLAY_NAME,
    OUT_ALIAS,
    OUT_GUID,
    OUT_OBJECT_ID,
    OUT_PRIMARY,
    OUT_ADDRESSES,
    OUT_TYPE,
    OUT_TYPE_DETAILS,
    // `["Team"]` for a team, else empty.
    Property::new("ResourceProvisioningOptions", PropertyKind::TextList),
    // Members, owners included.
    Property::new("GroupMemberCount", PropertyKind::Integer),
    // Owners.
    Property::new("ManagedBy", PropertyKind::TextList),
    // Guichet's own: the team's channels and the addresses at which they receive.
    Property::new(
        "Channels",
        PropertyKind::Objects(&[
            Property::new("DisplayName", PropertyKind::Text),
            Property::new("EmailAddress", PropertyKind::Text),
        ]),
    ),
    OUT_HIDDEN,
    OUT_SENDER_AUTHENTICATION,
    OUT_SEND_ON_BEHALF,
    OUT_COPY_TO_PERSON,
    OUT_PERSONAL_READ_STATE,
    OUT_TRASH_RETENTION,
    OUT_QUOTA,
    OUT_NOTES,
    OUT_CREATED,
];

const LINK_OUTPUT: &[Property] = &[
    OUT_IDENTITY,
    OUT_NAME,
    OUT_DISPLAY_NAME,
    OUT_ALIAS,
    OUT_GUID,
    OUT_PRIMARY,
    OUT_TYPE,
    OUT_TYPE_DETAILS,
    // Guichet's own: Member or Owner.
    Property::new("Role", PropertyKind::Text),
    // Guichet's own: whether mail to the group also goes to this member's inbox.
    Property::new("IsSubscribed", PropertyKind::Boolean),
];

const LINKS: &[Parameter] = &[
    IDENTITY,
    Parameter::mandatory("LinkType", OneOf(LINK_TYPES)),
    Parameter::mandatory("Links", TextList),
];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-UnifiedGroup",
        synopsis: "Lists groups and teams, or shows one.",
        // Without -Identity an owner sees the groups that he owns.
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[
            OPTIONAL_IDENTITY,
            // Matches the start of a word of the display name, the alias or an address.
            Parameter::optional("Anr", Text),
            // Guichet's own: true for teams only, false for groups without a team.
            Parameter::optional("Team", Boolean),
            RESULT_SIZE,
        ],
        output: OUTPUT,
    },
    Cmdlet {
        name: "New-UnifiedGroup",
        synopsis: "Creates a group, or with -Team a team.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            Parameter::mandatory("DisplayName", Text).at(1),
            // Without it: made from the display name.
            Parameter::optional("Alias", Text),
            // Without it: alias at the default domain. Not together with -EmailAddresses.
            Parameter::optional("PrimarySmtpAddress", Text),
            Parameter::optional("EmailAddresses", TextList),
            // Become members as well. Neither owners nor members get a right to send.
            Parameter::optional("Owner", TextList),
            Parameter::optional("Members", TextList),
            Parameter::optional("RequireSenderAuthenticationEnabled", Boolean),
            Parameter::optional("HiddenFromAddressListsEnabled", Boolean),
            Parameter::optional("Notes", Text),
            Parameter::optional("Team", Switch),
            // Names of channels, each of which gets an address; with -Team. `General` when left
            // out.
            Parameter::optional("Channels", TextList),
        ],
        output: OUTPUT,
    },
    Cmdlet {
        name: "Set-UnifiedGroup",
        synopsis: "Changes a group or a team.",
        // An owner may change DisplayName, Notes and GrantSendOnBehalfTo; the rest is for
        // administrators.
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[
            IDENTITY,
            Parameter::optional("DisplayName", Text),
            Parameter::optional("Alias", Text),
            // Overwrites, or edits with add/remove; `SMTP:` names the primary one.
            Parameter::optional("EmailAddresses", TextList),
            // Makes this address the primary one; the former stays as an alias.
            Parameter::optional("PrimarySmtpAddress", Text),
            Parameter::optional("GrantSendOnBehalfTo", TextList),
            Parameter::optional("HiddenFromAddressListsEnabled", Boolean),
            Parameter::optional("RequireSenderAuthenticationEnabled", Boolean),
            Parameter::optional("CopySentMailToPersonEnabled", Boolean),
            // Guichet's own: whether each reader has an own state of what is read.
            Parameter::optional("PersonalReadStateEnabled", Boolean),
            // Guichet's own: days in the bin; 0: for ever.
            Parameter::optional("TrashRetentionDays", Integer),
            // `Unlimited`, or a size: `50 GB`, `500MB`, or bytes.
            Parameter::optional("ProhibitSendReceiveQuota", Text),
            Parameter::optional("Notes", Text),
            // Names of channels to add and to remove; for teams.
            Parameter::optional("Channels", TextList),
        ],
        output: OUTPUT,
    },
    Cmdlet {
        name: "Remove-UnifiedGroup",
        synopsis: "Removes a group or team, its mail, its channels, and all rights on it.",
        caller: Caller::Administrator,
        pause: Pause::AsksFirst,
        parameters: &[IDENTITY, Parameter::optional("Force", Switch)],
        output: &[],
    },
    Cmdlet {
        name: "Get-UnifiedGroupLinks",
        synopsis: "Lists the members, owners or subscribers of a group.",
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[IDENTITY, Parameter::mandatory("LinkType", OneOf(LINK_TYPES)), RESULT_SIZE],
        output: LINK_OUTPUT,
    },
    Cmdlet {
        name: "Add-UnifiedGroupLinks",
        synopsis: "Adds members, owners (who become members) or subscribers among the members.",
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: LINKS,
        output: &[],
    },
    Cmdlet {
        name: "Remove-UnifiedGroupLinks",
        synopsis: "Removes members, owners or subscribers; the last owner stays.",
        caller: Caller::Owner,
        pause: Pause::AsksFirst,
        parameters: LINKS,
        output: &[],
    },
];
