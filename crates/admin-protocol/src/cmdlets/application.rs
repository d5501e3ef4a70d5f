//! Clients of OAuth 2: programs that are registered once and then get tokens by themselves or in
//! the name of persons who allow it. Guichet's own.
//!
//! A secret is in the output of New- alone, once.

use super::OPTIONAL_IDENTITY;
use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter,
    ParameterKind::{Switch, Text, TextList},
    Pause, Property, PropertyKind,
};

const OUT_IDENTITY: Property = Property::new("Identity", PropertyKind::Guid)
    .says("The client's identifier, which programs send as client_id.");
const OUT_NAME: Property = Property::new("Name", PropertyKind::Text)
    .says("What persons see when they are asked to allow it.");
const OUT_USER: Property = Property::new("User", PropertyKind::OptionalText)
    .says("The account that it acts for by itself; null where it needs a person.");
const OUT_SCOPES: Property =
    Property::new("Scopes", PropertyKind::TextList).says("What it may ask for at most.");
const OUT_REDIRECTS: Property = Property::new("RedirectUris", PropertyKind::TextList)
    .says("Where a browser may bring it answers.");
const OUT_PUBLIC: Property = Property::new("Public", PropertyKind::Boolean)
    .says("Whether it has no secret: a program on somebody's machine.");
const OUT_CREATED: Property = Property::new("WhenCreatedUTC", PropertyKind::Timestamp);

const APPLICATION: &[Property] =
    &[OUT_IDENTITY, OUT_NAME, OUT_USER, OUT_SCOPES, OUT_REDIRECTS, OUT_PUBLIC, OUT_CREATED];
const NEW_APPLICATION: &[Property] = &[
    OUT_IDENTITY,
    OUT_NAME,
    OUT_USER,
    OUT_SCOPES,
    OUT_REDIRECTS,
    OUT_PUBLIC,
    OUT_CREATED,
    Property::new("ClientSecret", PropertyKind::OptionalText)
        .says("The secret; null for a public client."),
];

const NEW: &[Parameter] = &[
    Parameter::mandatory("Name", Text).at(1).says("What persons see when they are asked."),
    Parameter::mandatory("Scopes", TextList)
        .says("What it may ask for at most: admin, read, send."),
    Parameter::optional("User", Text)
        .says("The account that it acts for by itself, with client credentials."),
    Parameter::optional("RedirectUris", TextList)
        .says("Where a browser may bring it answers. The port of 127.0.0.1 may differ."),
    Parameter::optional("Public", Switch)
        .says("It keeps no secret: device codes and codes with PKCE only."),
    Parameter::optional("ClientId", Text)
        .says("The identifier, where the program has one of its own. Made when left out."),
];
const IDENTITY: Parameter = Parameter::mandatory("Identity", Text)
    .at(1)
    .says("Which one: the client's identifier or its name.");

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "New-Application",
        synopsis: "Registers a client of OAuth 2 and shows its secret once.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: NEW,
        output: NEW_APPLICATION,
        display: &["Identity", "Name", "User", "ClientSecret"],
        examples: &[
            Example::new(
                "New-Application Backup -Scopes read -User backup@contoso.com",
                "Registers a program that reads by itself, as the account backup.",
            ),
            Example::new(
                "New-Application Console -Scopes admin -Public",
                "Registers a program that asks persons by a device code.",
            ),
        ],
    },
    Cmdlet {
        name: "Get-Application",
        synopsis: "Lists the clients of OAuth 2 without their secrets.",
        caller: Caller::Auditor,
        pause: Pause::None,
        parameters: &[OPTIONAL_IDENTITY],
        output: APPLICATION,
        display: &["Identity", "Name", "User", "Scopes", "Public"],
        examples: &[Example::new("Get-Application", "Lists all clients.")],
    },
    Cmdlet {
        name: "Remove-Application",
        synopsis: "Takes a client of OAuth 2 away, with all tokens that it was given.",
        caller: Caller::Administrator,
        pause: Pause::None,
        parameters: &[IDENTITY],
        output: &[],
        display: &[],
        examples: &[Example::new("Remove-Application Backup", "Ends all that Backup may.")],
    },
];
