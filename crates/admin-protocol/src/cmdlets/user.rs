//! Users as accounts, without what belongs to their mailboxes: Get-User, and the password.

use super::{
    ANR, FILTER, OPTIONAL_IDENTITY, OUT_CREATED, OUT_DISPLAY_NAME, OUT_GUID, OUT_IDENTITY,
    OUT_NAME, OUT_NOTES, OUT_OBJECT_ID, OUT_TYPE, OUT_TYPE_DETAILS, REASON, RESULT_SIZE, SORT_BY,
};
use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter,
    ParameterKind::{Secret, Text, TextList},
    Pause, Property, PropertyKind,
};

const OUTPUT: &[Property] = &[
    OUT_IDENTITY,
    OUT_NAME,
    OUT_DISPLAY_NAME,
    OUT_GUID,
    OUT_OBJECT_ID,
    Property::new("UserPrincipalName", PropertyKind::Text).says("The login."),
    Property::new("WindowsEmailAddress", PropertyKind::Text).says("The primary address."),
    OUT_TYPE,
    OUT_TYPE_DETAILS,
    Property::new("AccountDisabled", PropertyKind::Boolean)
        .says("True for a disabled user, and always for a shared mailbox."),
    Property::new("Role", PropertyKind::OptionalText)
        .says("Guichet's own: Member, Auditor or Administrator; null for a shared mailbox."),
    OUT_NOTES,
    OUT_CREATED,
];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-User",
        synopsis: "Lists the accounts behind users and shared mailboxes, or shows one.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[
            OPTIONAL_IDENTITY,
            Parameter::optional("RecipientTypeDetails", TextList)
                .says("One or both of UserMailbox, SharedMailbox."),
            ANR,
            FILTER,
            SORT_BY,
            RESULT_SIZE,
        ],
        output: OUTPUT,
        display: &["DisplayName", "UserPrincipalName", "Role", "AccountDisabled"],
        examples: &[Example::new(
            "Get-User -Filter \"Role -eq 'Administrator'\"",
            "Lists the administrators.",
        )],
    },
    Cmdlet {
        name: "Set-UserPassword",
        synopsis: "Sets the caller's own password, or for an administrator anybody's.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: &[
            Parameter::optional("User", Text).at(1).says("Whose. Without it: the caller."),
            Parameter::mandatory("Password", Secret).says(
                "The new password; ends remembered logins. A token may not set one: the caller \
                 signs in with the present password, or is at the administration socket.",
            ),
            REASON,
        ],
        output: &[],
        display: &[],
        examples: &[Example::new(
            "Set-UserPassword jean.dupont@contoso.com -Password 'a long sentence of my own'",
            "Sets Jean's password.",
        )],
    },
];
