//! Mailboxes of persons (users) and shared mailboxes: Get-, New-, Set-, Remove-Mailbox.
//!
//! A user is a mailbox with a login. `RecipientTypeDetails` tells the two apart: UserMailbox or
//! SharedMailbox. Groups are not listed here without `-GroupMailbox`.

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
    ParameterKind::{Boolean, OneOf, Secret, Switch, Text, TextList},
    Pause, Property, PropertyKind,
};

/// What an account may do beside its own mail.
pub(super) const ROLES: &[&str] = &["Member", "Auditor", "Administrator"];

/// Exchange's switches for copies of sent mail. Here a copy always stays where it was sent from, so
/// they are shown and cannot be switched.
const OUT_COPY_SENT_AS: Property =
    Property::new("MessageCopyForSentAsEnabled", PropertyKind::Boolean)
        .says("Always true: mail sent as it stays in its own Sent folder.");
const OUT_COPY_ON_BEHALF: Property =
    Property::new("MessageCopyForSendOnBehalfEnabled", PropertyKind::Boolean)
        .says("Always true: mail sent on its behalf stays in its own Sent folder.");
const OUT_COPY_SUBMISSION: Property =
    Property::new("MessageCopyForSMTPClientSubmissionEnabled", PropertyKind::Boolean).says(
        "Always true: mail that a mail program submits as itself stays in its own Sent folder.",
    );

const OUTPUT: &[Property] = &[
    OUT_IDENTITY,
    OUT_NAME,
    OUT_DISPLAY_NAME,
    OUT_ALIAS,
    OUT_GUID,
    Property::new("ExchangeGuid", PropertyKind::Guid).says("The mailbox's GUID: the object's."),
    OUT_OBJECT_ID,
    Property::new("UserPrincipalName", PropertyKind::Text)
        .says("The login of a user; the primary address of a shared mailbox."),
    OUT_PRIMARY,
    OUT_ADDRESSES,
    OUT_TYPE,
    OUT_TYPE_DETAILS,
    Property::new("IsShared", PropertyKind::Boolean).says("True for a shared mailbox."),
    Property::new("IsMailboxEnabled", PropertyKind::Boolean).says("Always true."),
    Property::new("AccountDisabled", PropertyKind::Boolean)
        .says("True for a disabled user, and always for a shared mailbox."),
    Property::new("Role", PropertyKind::OptionalText)
        .says("Guichet's own: Member, Auditor or Administrator; null for a shared mailbox."),
    OUT_HIDDEN,
    OUT_SENDER_AUTHENTICATION,
    OUT_SEND_ON_BEHALF,
    Property::new("GrantSendOnBehalfToWithDisplayNames", PropertyKind::TextList)
        .says("Their display names, with -IncludeGrantSendOnBehalfToWithDisplayNames."),
    OUT_COPY_TO_PERSON,
    OUT_PERSONAL_READ_STATE,
    OUT_TRASH_RETENTION,
    OUT_QUOTA,
    OUT_COPY_SENT_AS,
    OUT_COPY_ON_BEHALF,
    OUT_COPY_SUBMISSION,
    Property::new("RecipientLimits", PropertyKind::Text)
        .says("Recipients of one message at most, as text."),
    Property::new("AuditEnabled", PropertyKind::Boolean).says("Always true."),
    OUT_NOTES,
    OUT_CREATED,
    OUT_CREATED_LOCAL,
    OUT_VERSION,
];

const DISPLAY: &[&str] =
    &["DisplayName", "Alias", "PrimarySmtpAddress", "RecipientTypeDetails", "AccountDisabled"];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-Mailbox",
        synopsis: "Lists users and shared mailboxes, or shows one.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[
            OPTIONAL_IDENTITY,
            Parameter::optional("RecipientTypeDetails", TextList)
                .says("One or both of UserMailbox, SharedMailbox."),
            ANR,
            FILTER,
            SORT_BY,
            Parameter::optional("GroupMailbox", Switch)
                .says("Lists the mailboxes of groups instead."),
            Parameter::optional("IncludeGrantSendOnBehalfToWithDisplayNames", Switch)
                .says("Fills GrantSendOnBehalfToWithDisplayNames."),
            RESULT_SIZE,
        ],
        output: OUTPUT,
        display: DISPLAY,
        examples: &[
            Example::new("Get-Mailbox", "Lists all users and shared mailboxes."),
            Example::new(
                "Get-Mailbox -Filter \"RecipientTypeDetails -eq 'SharedMailbox'\" -SortBy Alias",
                "Lists the shared mailboxes by alias.",
            ),
        ],
    },
    Cmdlet {
        name: "New-Mailbox",
        synopsis: "Creates a user, or with -Shared a shared mailbox.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            Parameter::mandatory("Name", Text)
                .at(1)
                .says("The display name, unless -DisplayName says otherwise."),
            Parameter::optional("DisplayName", Text).says("The name that people see."),
            Parameter::optional("Alias", Text)
                .says("Without it: the local part of the address, or made from Name."),
            Parameter::optional("PrimarySmtpAddress", Text)
                .says("Without it: alias at the default domain."),
            Parameter::optional("Shared", Switch)
                .says("Makes a shared mailbox: one without a login."),
            Parameter::optional("Password", Secret).says(
                "A user's password; without it the user cannot log in until one is set. Not with \
                 -Shared.",
            ),
            Parameter::optional("Role", OneOf(ROLES)).says(
                "Guichet's own: what the user may do beside its own mail. Member when left out. \
                 Not with -Shared.",
            ),
            Parameter::optional("Members", TextList)
                .says("Guichet's own, with -Shared: who receives Full Access at once."),
            HIDDEN,
            NOTES,
        ],
        output: OUTPUT,
        display: DISPLAY,
        examples: &[Example::new(
            "New-Mailbox -Shared -Name Facturation -Members jean.dupont@contoso.com",
            "Creates a shared mailbox that Jean may open.",
        )],
    },
    Cmdlet {
        name: "Set-Mailbox",
        synopsis: "Changes a user or a shared mailbox, or makes the one of the other.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            IDENTITY,
            Parameter::optional("DisplayName", Text).says("The name that people see."),
            Parameter::optional("Alias", Text).says("The alias. Addresses stay."),
            Parameter::optional("EmailAddresses", TextList).says(
                "All addresses, or an edit @{Add=…; Remove=…}; `SMTP:` marks the primary one.",
            ),
            Parameter::optional("WindowsEmailAddress", Text)
                .says("Makes this address the primary one; the former stays as an alias."),
            Parameter::optional("Type", OneOf(&["Regular", "Shared"])).says(
                "Shared takes the login from a user, or makes a shared mailbox of a group, whose \
                 members receive Full Access. Regular gives a shared mailbox a login; set a \
                 password next. Alone in a call.",
            ),
            Parameter::optional("RemoveChannels", Switch).says(
                "Guichet's own, with -Type Shared on a team: removes its channels with the mail in \
                 them.",
            ),
            Parameter::optional("Password", Secret)
                .says("A new password; ends remembered logins. Users only."),
            Parameter::optional("AccountDisabled", Boolean)
                .says("Whether the user may neither log in nor send."),
            Parameter::optional("Role", OneOf(ROLES))
                .says("Guichet's own: what the user may do beside its own mail."),
            Parameter::optional("GrantSendOnBehalfTo", TextList)
                .says("Who holds Send on behalf: all, or an edit @{Add=…; Remove=…}."),
            HIDDEN,
            SENDER_AUTHENTICATION,
            Parameter::optional("CopySentMailToPersonEnabled", Boolean).says(
                "Guichet's own: whether who sends from here gets a copy in the own Sent folder \
                 too.",
            ),
            Parameter::optional("MessageCopyForSentAsEnabled", Boolean)
                .says("Always on; only $true is taken."),
            Parameter::optional("MessageCopyForSendOnBehalfEnabled", Boolean)
                .says("Always on; only $true is taken."),
            Parameter::optional("MessageCopyForSMTPClientSubmissionEnabled", Boolean)
                .says("Always on; only $true is taken."),
            PERSONAL_READ_STATE,
            TRASH_RETENTION,
            QUOTA,
            NOTES,
            EXPECTED_VERSION,
            REASON,
        ],
        output: OUTPUT,
        display: DISPLAY,
        examples: &[
            Example::new(
                "Set-Mailbox facturation -GrantSendOnBehalfTo @{Add='marie.durand@contoso.com'}",
                "Lets Marie send on behalf of the shared mailbox.",
            ),
            Example::new(
                "Set-Mailbox support@contoso.com -Type Shared -WhatIf",
                "Says whether the group could become a shared mailbox.",
            ),
        ],
    },
    Cmdlet {
        name: "Remove-Mailbox",
        synopsis: "Removes a user or a shared mailbox, its mail, and all its rights.",
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
        examples: &[Example::new(
            "Remove-Mailbox facturation -Confirm:$false",
            "Removes a shared mailbox without being asked.",
        )],
    },
];
