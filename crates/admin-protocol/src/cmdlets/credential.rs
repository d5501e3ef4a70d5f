//! Credentials beside the password: API tokens and app passwords; and the throttle of failed
//! logins. Guichet's own.
//!
//! A secret is in the output of New- alone, once.

use super::{IDENTITY, OPTIONAL_IDENTITY};
use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter,
    ParameterKind::{Text, TextList, Timestamp},
    Pause, Property, PropertyKind,
};

const OUT_IDENTITY: Property =
    Property::new("Identity", PropertyKind::Text).says("The credential's number, as text.");
const OUT_USER: Property =
    Property::new("User", PropertyKind::Text).says("The user it stands for.");
const OUT_NAME: Property =
    Property::new("Name", PropertyKind::Text).says("What the user calls it; empty when nothing.");
const OUT_SCOPES: Property = Property::new("Scopes", PropertyKind::TextList)
    .says("What it may be used for; empty for all that the user may.");
const OUT_CREATED: Property = Property::new("WhenCreatedUTC", PropertyKind::Timestamp);
const OUT_UNTIL: Property = Property::new("UntilUTC", PropertyKind::OptionalTimestamp);
const OUT_LAST_USED: Property = Property::new("WhenLastUsedUTC", PropertyKind::OptionalTimestamp);

const CREDENTIAL: &[Property] =
    &[OUT_IDENTITY, OUT_USER, OUT_NAME, OUT_SCOPES, OUT_CREATED, OUT_UNTIL, OUT_LAST_USED];
const NEW_TOKEN: &[Property] = &[
    OUT_IDENTITY,
    OUT_USER,
    OUT_NAME,
    OUT_SCOPES,
    OUT_CREATED,
    OUT_UNTIL,
    OUT_LAST_USED,
    Property::new("Token", PropertyKind::Text).says("The bearer token."),
];
const NEW_APP_PASSWORD: &[Property] = &[
    OUT_IDENTITY,
    OUT_USER,
    OUT_NAME,
    OUT_SCOPES,
    OUT_CREATED,
    OUT_UNTIL,
    OUT_LAST_USED,
    Property::new("Password", PropertyKind::Text).says("The password."),
];

/// What New- takes. Without -User: the caller.
const NEW: &[Parameter] = &[
    Parameter::optional("User", Text).at(1).says("Who. Without it: the caller."),
    Parameter::optional("Name", Text).says("What the user calls it."),
    Parameter::optional("Scopes", TextList)
        .says("What it may be used for: admin, read, send. All that the user may, when left out."),
    Parameter::optional("Until", Timestamp).says("When it ends by itself."),
];
/// Whose to list. An auditor or administrator who names no user sees all.
const LIST: &[Parameter] =
    &[Parameter::optional("User", Text).at(1).says("Who. Without it: the caller.")];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "New-ApiToken",
        synopsis: "Makes a bearer token for a user and shows it once.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: NEW,
        output: NEW_TOKEN,
        display: &["Identity", "User", "Name", "Token"],
        examples: &[Example::new(
            "New-ApiToken -Name backup -Scopes read -Until 2027-12-31",
            "Makes a token that reads, for the caller.",
        )],
    },
    Cmdlet {
        name: "Get-ApiToken",
        synopsis: "Lists API tokens without their secrets.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: LIST,
        output: CREDENTIAL,
        display: &["Identity", "User", "Name", "Scopes", "WhenLastUsedUTC"],
        examples: &[Example::new("Get-ApiToken jean.dupont", "Lists Jean's tokens.")],
    },
    Cmdlet {
        name: "Remove-ApiToken",
        synopsis: "Revokes an API token.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: &[IDENTITY],
        output: &[],
        display: &[],
        examples: &[Example::new("Remove-ApiToken 17", "Revokes a token by its number.")],
    },
    Cmdlet {
        name: "New-AppPassword",
        synopsis: "Makes a password for one mail program of a user and shows it once.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: NEW,
        output: NEW_APP_PASSWORD,
        display: &["Identity", "User", "Name", "Password"],
        examples: &[Example::new(
            "New-AppPassword -Name phone",
            "Makes a password for one mail program of the caller.",
        )],
    },
    Cmdlet {
        name: "Get-AppPassword",
        synopsis: "Lists app passwords without their secrets.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: LIST,
        output: CREDENTIAL,
        display: &["Identity", "User", "Name", "WhenLastUsedUTC"],
        examples: &[Example::new("Get-AppPassword", "Lists the caller's app passwords.")],
    },
    Cmdlet {
        name: "Remove-AppPassword",
        synopsis: "Revokes an app password.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: &[IDENTITY],
        output: &[],
        display: &[],
        examples: &[Example::new(
            "Remove-AppPassword 18",
            "Revokes an app password by its number.",
        )],
    },
    Cmdlet {
        name: "Remove-SecondFactor",
        synopsis: "Takes second factor, recovery codes and passkeys of a user away.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: &[IDENTITY],
        output: &[],
        display: &[],
        examples: &[Example::new(
            "Remove-SecondFactor jean.dupont@contoso.com",
            "Lets Jean sign in by the password alone, after the telephone was lost.",
        )],
    },
    Cmdlet {
        name: "Remove-UserSession",
        synopsis: "Signs a user out everywhere: browsers and mail programs. The password stays.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: &[IDENTITY],
        output: &[],
        display: &[],
        examples: &[Example::new(
            "Remove-UserSession jean.dupont@contoso.com",
            "Signs Jean out everywhere. His password, app passwords and tokens stay what they are.",
        )],
    },
    Cmdlet {
        name: "Get-SignInThrottle",
        synopsis: "Lists accounts and client addresses with failed logins that count now.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[OPTIONAL_IDENTITY],
        output: &[
            OUT_IDENTITY,
            Property::new("Kind", PropertyKind::Text).says("Account, ClientIP or SecondFactor."),
            Property::new("FailureCount", PropertyKind::Integer),
            Property::new("BlockedUntilUTC", PropertyKind::OptionalTimestamp)
                .says("Until when logins are refused unheard; null when they are not."),
        ],
        display: &["Identity", "Kind", "FailureCount", "BlockedUntilUTC"],
        examples: &[Example::new("Get-SignInThrottle", "Lists who is slowed down.")],
    },
    Cmdlet {
        name: "Clear-SignInThrottle",
        synopsis: "Forgets the failed logins of an account or a client address.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[IDENTITY],
        output: &[],
        display: &[],
        examples: &[Example::new(
            "Clear-SignInThrottle jean.dupont@contoso.com",
            "Lets Jean try again at once.",
        )],
    },
];
