//! Credentials beside the password: API tokens and app passwords; and the throttle of failed
//! logins. Guichet's own.
//!
//! A secret is in the output of New- alone, once.

use super::{IDENTITY, OPTIONAL_IDENTITY};
use crate::cmdlet::{
    Caller, Cmdlet, Parameter,
    ParameterKind::{Text, TextList, Timestamp},
    Pause, Property, PropertyKind,
};

/// The credential's number, as text.
const OUT_IDENTITY: Property = Property::new("Identity", PropertyKind::Text);
/// The user it stands for.
const OUT_USER: Property = Property::new("User", PropertyKind::Text);
/// What the user calls it; empty when nothing.
const OUT_NAME: Property = Property::new("Name", PropertyKind::Text);
/// What it may be used for; empty for all that the user may.
const OUT_SCOPES: Property = Property::new("Scopes", PropertyKind::TextList);
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
    // The bearer token.
    Property::new("Token", PropertyKind::Text),
];
const NEW_APP_PASSWORD: &[Property] = &[
    OUT_IDENTITY,
    OUT_USER,
    OUT_NAME,
    OUT_SCOPES,
    OUT_CREATED,
    OUT_UNTIL,
    OUT_LAST_USED,
    // The password.
    Property::new("Password", PropertyKind::Text),
];

/// What New- takes. Without -User: the caller.
const NEW: &[Parameter] = &[
    Parameter::optional("User", Text).at(1),
    Parameter::optional("Name", Text),
    Parameter::optional("Scopes", TextList),
    Parameter::optional("Until", Timestamp),
];
/// Whose to list. An auditor or administrator who names no user sees all.
const LIST: &[Parameter] = &[Parameter::optional("User", Text).at(1)];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "New-ApiToken",
        synopsis: "Makes a bearer token for a user and shows it once.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: NEW,
        output: NEW_TOKEN,
    },
    Cmdlet {
        name: "Get-ApiToken",
        synopsis: "Lists API tokens without their secrets.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: LIST,
        output: CREDENTIAL,
    },
    Cmdlet {
        name: "Remove-ApiToken",
        synopsis: "Revokes an API token.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: &[IDENTITY],
        output: &[],
    },
    Cmdlet {
        name: "New-AppPassword",
        synopsis: "Makes a password for one mail program of a user and shows it once.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: NEW,
        output: NEW_APP_PASSWORD,
    },
    Cmdlet {
        name: "Get-AppPassword",
        synopsis: "Lists app passwords without their secrets.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: LIST,
        output: CREDENTIAL,
    },
    Cmdlet {
        name: "Remove-AppPassword",
        synopsis: "Revokes an app password.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: &[IDENTITY],
        output: &[],
    },
    Cmdlet {
        name: "Remove-SecondFactor",
        synopsis: "Takes second factor, recovery codes and passkeys of a user away.",
        caller: Caller::Oneself,
        pause: Pause::None,
        parameters: &[IDENTITY],
        output: &[],
    },
    Cmdlet {
        name: "Get-SignInThrottle",
        synopsis: "Lists accounts and client addresses with failed logins that count now.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[OPTIONAL_IDENTITY],
        output: &[
            // A login or an IP address.
            OUT_IDENTITY,
            // Account, ClientIP or SecondFactor.
            Property::new("Kind", PropertyKind::Text),
            Property::new("FailureCount", PropertyKind::Integer),
            // Until when logins are refused unheard; null when they are not.
            Property::new("BlockedUntilUTC", PropertyKind::OptionalTimestamp),
        ],
    },
    Cmdlet {
        name: "Clear-SignInThrottle",
        synopsis: "Forgets the failed logins of an account or a client address.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[IDENTITY],
        output: &[],
    },
];
