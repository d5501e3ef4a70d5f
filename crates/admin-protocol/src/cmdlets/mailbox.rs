//! Mailboxes of persons (users) and shared mailboxes: Get-, New-, Set-, Remove-Mailbox.
//!
//! A user is a mailbox with a login. `RecipientTypeDetails` tells the two apart: UserMailbox or
//! SharedMailbox. Groups are not listed here.

use super::{
    IDENTITY, OPTIONAL_IDENTITY, OUT_ADDRESSES, OUT_ALIAS, OUT_COPY_TO_PERSON, OUT_CREATED,
    OUT_DISPLAY_NAME, OUT_GUID, OUT_HIDDEN, OUT_IDENTITY, OUT_NAME, OUT_NOTES, OUT_OBJECT_ID,
    OUT_PERSONAL_READ_STATE, OUT_PRIMARY, OUT_QUOTA, OUT_SEND_ON_BEHALF, OUT_SENDER_AUTHENTICATION,
    OUT_TRASH_RETENTION, OUT_TYPE, OUT_TYPE_DETAILS, RESULT_SIZE,
};
use crate::cmdlet::{
    Caller, Cmdlet, Parameter,
    ParameterKind::{Boolean, Integer, OneOf, Secret, Switch, Text, TextList},
    Pause, Property, PropertyKind,
};

/// What an account may do beside its own mail.
const ROLES: &[&str] = &["Member", "Auditor", "Administrator"];

const OUTPUT: &[Property] = &[
    OUT_IDENTITY,
    OUT_NAME,
    OUT_DISPLAY_NAME,
    OUT_ALIAS,
    OUT_GUID,
    OUT_OBJECT_ID,
    // The login of a user; the primary address of a shared mailbox.
    Property::new("UserPrincipalName", PropertyKind::Text),
    OUT_PRIMARY,
    OUT_ADDRESSES,
    OUT_TYPE,
    OUT_TYPE_DETAILS,
    // True for a disabled user, and always for a shared mailbox.
    Property::new("AccountDisabled", PropertyKind::Boolean),
    // Guichet's own: Member, Auditor or Administrator; null for a shared mailbox.
    Property::new("Role", PropertyKind::OptionalText),
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

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-Mailbox",
        synopsis: "Lists users and shared mailboxes, or shows one.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[
            OPTIONAL_IDENTITY,
            // One or both of UserMailbox, SharedMailbox.
            Parameter::optional("RecipientTypeDetails", TextList),
            // Matches the start of a word of the display name, the alias or an address.
            Parameter::optional("Anr", Text),
            RESULT_SIZE,
        ],
        output: OUTPUT,
    },
    Cmdlet {
        name: "New-Mailbox",
        synopsis: "Creates a user, or with -Shared a shared mailbox.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            // The display name, unless -DisplayName says otherwise.
            Parameter::mandatory("Name", Text).at(1),
            Parameter::optional("DisplayName", Text),
            // Without -Alias: the local part of the address, or made from Name.
            Parameter::optional("Alias", Text),
            // Without it: alias at the default domain.
            Parameter::optional("PrimarySmtpAddress", Text),
            Parameter::optional("Shared", Switch),
            // A user's password; without it the user cannot log in until one is set. Not with
            // -Shared.
            Parameter::optional("Password", Secret),
            // Guichet's own; Member when left out. Not with -Shared.
            Parameter::optional("Role", OneOf(ROLES)),
            // Guichet's own, with -Shared: who receives Full Access at once.
            Parameter::optional("Members", TextList),
            Parameter::optional("HiddenFromAddressListsEnabled", Boolean),
            Parameter::optional("Notes", Text),
        ],
        output: OUTPUT,
    },
    Cmdlet {
        name: "Set-Mailbox",
        synopsis: "Changes a user or a shared mailbox.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[
            IDENTITY,
            Parameter::optional("DisplayName", Text),
            Parameter::optional("Alias", Text),
            // Overwrites, or edits with add/remove; `SMTP:` names the primary one.
            Parameter::optional("EmailAddresses", TextList),
            // Makes this address the primary one; the former stays as an alias.
            Parameter::optional("WindowsEmailAddress", Text),
            // A new password; ends remembered logins. Users only.
            Parameter::optional("Password", Secret),
            Parameter::optional("AccountDisabled", Boolean),
            Parameter::optional("Role", OneOf(ROLES)),
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
        ],
        output: OUTPUT,
    },
    Cmdlet {
        name: "Remove-Mailbox",
        synopsis: "Removes a user or a shared mailbox, its mail, and all its rights.",
        caller: Caller::Administrator,
        pause: Pause::AsksFirst,
        parameters: &[IDENTITY, Parameter::optional("Force", Switch)],
        output: &[],
    },
];
