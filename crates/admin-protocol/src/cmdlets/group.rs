//! Groups and teams: the cmdlets of Microsoft 365 groups. A team is a group with channels; `-Team`
//! and `-Channels` are Guichet's own. `*-Group` shows the same groups without what belongs to mail.

use super::{
    ANR, EXPECTED_VERSION, FILTER, HIDDEN, IDENTITY, NOTES, OPTIONAL_IDENTITY, OUT_ADDRESSES,
    OUT_ALIAS, OUT_COPY_TO_PERSON, OUT_CREATED, OUT_CREATED_LOCAL, OUT_DISPLAY_NAME, OUT_GUID,
    OUT_HIDDEN, OUT_IDENTITY, OUT_NAME, OUT_NOTES, OUT_OBJECT_ID, OUT_PERSONAL_READ_STATE,
    OUT_PRIMARY, OUT_QUOTA, OUT_SEND_ON_BEHALF, OUT_SENDER_AUTHENTICATION, OUT_TRASH_RETENTION,
    OUT_TYPE, OUT_TYPE_DETAILS, OUT_VERSION, PERSONAL_READ_STATE, QUOTA, REASON, RESULT_SIZE,
    SENDER_AUTHENTICATION, SORT_BY, TRASH_RETENTION,
};
use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter,
    ParameterKind::{Boolean, OneOf, Switch, Text, TextList},
    Pause, Property, PropertyKind,
};

const LINK_TYPES: &[&str] = &["Members", "Owners", "Subscribers"];

const OUTPUT: &[Property] = &[
    OUT_IDENTITY,
    OUT_NAME,
    OUT_DISPLAY_NAME,
    OUT_ALIAS,
    OUT_GUID,
    Property::new("ExchangeGuid", PropertyKind::Guid).says("The mailbox's GUID: the object's."),
    OUT_OBJECT_ID,
    OUT_PRIMARY,
    OUT_ADDRESSES,
    OUT_TYPE,
    OUT_TYPE_DETAILS,
    Property::new("AccessType", PropertyKind::Text)
        .says("Always Private: only members read. Anyone may write to it."),
    Property::new("IsMailboxConfigured", PropertyKind::Boolean)
        .says("Always true: a group is usable when its creation is answered."),
    Property::new("IsMembershipDynamic", PropertyKind::Boolean).says("Always false."),
    Property::new("ResourceProvisioningOptions", PropertyKind::TextList)
        .says("`Team` for a team, else empty."),
    Property::new("GroupMemberCount", PropertyKind::Integer).says("Members, owners included."),
    Property::new("GroupExternalMemberCount", PropertyKind::Integer)
        .says("Members that are contacts."),
    Property::new("ManagedBy", PropertyKind::TextList).says("Owners."),
    Property::new("ManagedByDetails", PropertyKind::TextList).says("Display names of the owners."),
    Property::new(
        "Channels",
        PropertyKind::Objects(&[
            Property::new("DisplayName", PropertyKind::Text),
            Property::new("EmailAddress", PropertyKind::Text),
        ]),
    )
    .says("Guichet's own: the team's channels and the addresses at which they receive."),
    OUT_HIDDEN,
    OUT_SENDER_AUTHENTICATION,
    OUT_SEND_ON_BEHALF,
    Property::new("GrantSendOnBehalfToWithDisplayNames", PropertyKind::TextList)
        .says("Their display names, with -IncludeGrantSendOnBehalfToWithDisplayNames."),
    Property::new("AutoSubscribeNewMembers", PropertyKind::Boolean)
        .says("Always false: members read in the group's folders until they are made subscribers."),
    Property::new("SubscriptionEnabled", PropertyKind::Boolean).says("Always true."),
    Property::new("WelcomeMessageEnabled", PropertyKind::Boolean)
        .says("Always false: nobody is written to for being made a member."),
    Property::new("ModerationEnabled", PropertyKind::Boolean).says("Always false."),
    OUT_COPY_TO_PERSON,
    OUT_PERSONAL_READ_STATE,
    OUT_TRASH_RETENTION,
    OUT_QUOTA,
    OUT_NOTES,
    OUT_CREATED,
    OUT_CREATED_LOCAL,
    OUT_VERSION,
];

const DISPLAY: &[&str] = &["DisplayName", "Alias", "PrimarySmtpAddress", "GroupMemberCount"];

const LINK_OUTPUT: &[Property] = &[
    OUT_IDENTITY,
    OUT_NAME,
    OUT_DISPLAY_NAME,
    OUT_ALIAS,
    OUT_GUID,
    OUT_PRIMARY,
    OUT_TYPE,
    OUT_TYPE_DETAILS,
    Property::new("Role", PropertyKind::Text).says("Guichet's own: Member or Owner."),
    Property::new("IsSubscribed", PropertyKind::Boolean)
        .says("Guichet's own: whether mail to the group also goes to this member's inbox."),
];

const GROUP_OUTPUT: &[Property] = &[
    OUT_IDENTITY,
    OUT_NAME,
    OUT_DISPLAY_NAME,
    OUT_GUID,
    OUT_OBJECT_ID,
    OUT_TYPE,
    OUT_TYPE_DETAILS,
    Property::new("ManagedBy", PropertyKind::TextList).says("Owners."),
    Property::new("Members", PropertyKind::TextList).says("Members, owners included."),
    OUT_NOTES,
    OUT_CREATED,
];

const GROUP_DISPLAY: &[&str] = &["DisplayName", "Identity", "ManagedBy"];

const LINK_TYPE: Parameter = Parameter::mandatory("LinkType", OneOf(LINK_TYPES)).says(
    "Members read the group's mail, owners manage the group too, subscribers also get each message \
     in their own inbox.",
);

const LINKS: &[Parameter] = &[
    IDENTITY,
    LINK_TYPE,
    Parameter::mandatory("Links", TextList).says("Who: addresses, aliases or GUIDs."),
    EXPECTED_VERSION,
    REASON,
];

/// What Exchange can switch on a group and Guichet cannot; taken with the value that holds here.
const ACCESS_TYPE: Parameter = Parameter::optional("AccessType", OneOf(&["Public", "Private"]))
    .says("Only Private is taken: what a group receives is read by its members alone.");
const AUTO_SUBSCRIBE: Parameter = Parameter::optional("AutoSubscribeNewMembers", Boolean)
    .says("Only $false is taken: add subscribers with Add-UnifiedGroupLinks.");
const SUBSCRIPTION: Parameter =
    Parameter::optional("SubscriptionEnabled", Boolean).says("Only $true is taken.");

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-UnifiedGroup",
        synopsis: "Lists groups and teams, or shows one.",
        // Without -Identity an owner sees the groups that he owns.
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[
            OPTIONAL_IDENTITY,
            ANR,
            FILTER,
            SORT_BY,
            Parameter::optional("Team", Boolean)
                .says("Guichet's own: $true for teams only, $false for groups without a team."),
            Parameter::optional("IncludeAllProperties", Switch)
                .says("Taken for Exchange's sake: all properties are always there."),
            Parameter::optional("IncludeGrantSendOnBehalfToWithDisplayNames", Switch)
                .says("Fills GrantSendOnBehalfToWithDisplayNames."),
            RESULT_SIZE,
        ],
        output: OUTPUT,
        display: DISPLAY,
        examples: &[
            Example::new("Get-UnifiedGroup support | Format-List", "Shows all of one group."),
            Example::new("Get-UnifiedGroup -Team $true", "Lists the teams."),
        ],
    },
    Cmdlet {
        name: "New-UnifiedGroup",
        synopsis: "Creates a group, or with -Team a team.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            Parameter::mandatory("DisplayName", Text).at(1).says("The name that people see."),
            Parameter::optional("Alias", Text).says("Without it: made from the display name."),
            Parameter::optional("PrimarySmtpAddress", Text).says(
                "Without it: alias at the default domain. Not together with -EmailAddresses.",
            ),
            Parameter::optional("EmailAddresses", TextList)
                .says("All addresses; `SMTP:` marks the primary one."),
            Parameter::optional("Owner", TextList)
                .says("Owners become members as well. Neither get a right to send by it."),
            Parameter::optional("Members", TextList).says("Who reads its mail."),
            ACCESS_TYPE,
            AUTO_SUBSCRIBE,
            SUBSCRIPTION,
            SENDER_AUTHENTICATION,
            HIDDEN,
            NOTES,
            Parameter::optional("Team", Switch).says("Guichet's own: makes a team."),
            Parameter::optional("Channels", TextList).says(
                "Guichet's own, with -Team: names of channels, each of which gets an address. \
                 `General` when left out.",
            ),
        ],
        output: OUTPUT,
        display: DISPLAY,
        examples: &[Example::new(
            "New-UnifiedGroup Ventes -Owner marie.durand@contoso.com -Team",
            "Creates a team that Marie manages.",
        )],
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
            Parameter::optional("DisplayName", Text).says("The name that people see."),
            Parameter::optional("Alias", Text).says("The alias. Addresses stay."),
            Parameter::optional("EmailAddresses", TextList).says(
                "All addresses, or an edit @{Add=…; Remove=…}; `SMTP:` marks the primary one.",
            ),
            Parameter::optional("PrimarySmtpAddress", Text)
                .says("Makes this address the primary one; the former stays as an alias."),
            Parameter::optional("GrantSendOnBehalfTo", TextList)
                .says("Who holds Send on behalf: all, or an edit @{Add=…; Remove=…}."),
            ACCESS_TYPE,
            AUTO_SUBSCRIBE,
            SUBSCRIPTION,
            Parameter::optional("ModerationEnabled", Boolean).says("Only $false is taken."),
            Parameter::optional("UnifiedGroupWelcomeMessageEnabled", Switch)
                .says("Only $false is taken."),
            HIDDEN,
            SENDER_AUTHENTICATION,
            Parameter::optional("CopySentMailToPersonEnabled", Boolean).says(
                "Guichet's own: whether who sends from here gets a copy in the own Sent folder \
                 too.",
            ),
            PERSONAL_READ_STATE,
            TRASH_RETENTION,
            QUOTA,
            NOTES,
            Parameter::optional("Channels", TextList)
                .says("Guichet's own: names of channels to add and to remove; for teams."),
            EXPECTED_VERSION,
            REASON,
        ],
        output: OUTPUT,
        display: DISPLAY,
        examples: &[
            Example::new(
                "Set-UnifiedGroup support -GrantSendOnBehalfTo @{Add='paul.bernard@contoso.com'}",
                "Lets Paul send on behalf of the group.",
            ),
            Example::new(
                "Set-UnifiedGroup support -RequireSenderAuthenticationEnabled $false",
                "Lets people outside write to the group.",
            ),
        ],
    },
    Cmdlet {
        name: "Remove-UnifiedGroup",
        synopsis: "Removes a group or team, its mail, its channels, and all rights on it.",
        caller: Caller::Administrator,
        pause: Pause::AsksFirst,
        parameters: &[
            IDENTITY,
            Parameter::optional("Force", Switch).says("Taken for Exchange's sake."),
            EXPECTED_VERSION,
            REASON,
        ],
        output: &[],
        display: &[],
        examples: &[Example::new("Remove-UnifiedGroup ventes", "Asks, then removes the group.")],
    },
    Cmdlet {
        name: "Get-UnifiedGroupLinks",
        synopsis: "Lists the members, owners or subscribers of a group.",
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[IDENTITY, LINK_TYPE, RESULT_SIZE],
        output: LINK_OUTPUT,
        display: &["DisplayName", "PrimarySmtpAddress", "Role", "IsSubscribed"],
        examples: &[Example::new(
            "Get-UnifiedGroupLinks support -LinkType Owners",
            "Lists the owners.",
        )],
    },
    Cmdlet {
        name: "Add-UnifiedGroupLinks",
        synopsis: "Adds members, owners (who become members) or subscribers among the members.",
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: LINKS,
        output: &[],
        display: &[],
        examples: &[Example::new(
            "Add-UnifiedGroupLinks support -LinkType Members -Links paul.bernard@contoso.com",
            "Makes Paul a member.",
        )],
    },
    Cmdlet {
        name: "Remove-UnifiedGroupLinks",
        synopsis: "Removes members, owners or subscribers; the last owner stays.",
        caller: Caller::Owner,
        pause: Pause::AsksFirst,
        parameters: LINKS,
        output: &[],
        display: &[],
        examples: &[Example::new(
            "Remove-UnifiedGroupLinks support -LinkType Subscribers -Links jean.dupont@contoso.com",
            "Stops the copies in Jean's own inbox; he stays a member.",
        )],
    },
    Cmdlet {
        name: "Get-Group",
        synopsis: "Lists groups and teams without what belongs to mail, or shows one.",
        // Without -Identity an owner sees the groups that he owns.
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[
            OPTIONAL_IDENTITY,
            ANR,
            FILTER,
            SORT_BY,
            Parameter::optional("RecipientTypeDetails", TextList)
                .says("All groups of ours are of the type GroupMailbox."),
            RESULT_SIZE,
        ],
        output: GROUP_OUTPUT,
        display: GROUP_DISPLAY,
        examples: &[Example::new("Get-Group support", "Shows one group with its members.")],
    },
    Cmdlet {
        name: "Set-Group",
        synopsis: "Changes names and notes of a group.",
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[
            IDENTITY,
            Parameter::optional("DisplayName", Text).says("The name that people see."),
            NOTES,
            Parameter::optional("RequireSenderAuthenticationEnabled", Boolean)
                .says("A parameter of Set-UnifiedGroup; done all the same, with a warning."),
            EXPECTED_VERSION,
            REASON,
        ],
        output: GROUP_OUTPUT,
        display: GROUP_DISPLAY,
        examples: &[Example::new(
            "Set-Group support -Notes 'Second level'",
            "Changes the notes on a group.",
        )],
    },
];
