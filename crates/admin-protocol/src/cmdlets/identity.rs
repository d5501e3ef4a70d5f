//! The gate's own answers: from which addresses may somebody send, and why (not). Guichet's own.

use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter, ParameterKind::Text, Pause, Property, PropertyKind,
};

const IDENTITY: &[Property] = &[
    Property::new("Address", PropertyKind::Text).says("An address that may stand in `From` now."),
    Property::new("DisplayName", PropertyKind::Text).says("The name that goes with it."),
    Property::new("RecipientTypeDetails", PropertyKind::Text)
        .says("Of the recipient that holds the address."),
    Property::new("IsPrimary", PropertyKind::Boolean).says("False for an alias."),
    Property::new("Right", PropertyKind::Text).says(
        "Self (the user's own address), SendAs or SendOnBehalf; the stronger one when both are \
         held.",
    ),
    Property::new("WritesFrom", PropertyKind::Text).says(
        "The header field bodies and the reverse-path that would leave. Sender is null with Self \
         and Send As.",
    ),
    Property::new("WritesSender", PropertyKind::OptionalText),
    Property::new("WritesReversePath", PropertyKind::Text),
    Property::new("Via", PropertyKind::TextList)
        .says("The groups through which the right is held; empty when directly."),
    Property::new("UntilUTC", PropertyKind::OptionalTimestamp).says("When the right ends."),
];

const VERDICT: &[Property] = &[
    Property::new("Allowed", PropertyKind::Boolean),
    Property::new("User", PropertyKind::Text),
    Property::new("From", PropertyKind::Text),
    Property::new("To", PropertyKind::OptionalText),
    Property::new("Right", PropertyKind::OptionalText)
        .says("Self, SendAs, SendOnBehalf; null when refused."),
    Property::new("Cause", PropertyKind::OptionalText).says(
        "The reason's name when refused, such as `NoRight`, `Expired`, `AccountDisabled`; else \
         null.",
    ),
    Property::new("Explanation", PropertyKind::Text).says("The verdict in one sentence."),
    Property::new("Remedies", PropertyKind::TextList)
        .says("Commands of `guichet` that would mend it, best first; empty when allowed."),
    Property::new("CanBeGrantedBy", PropertyKind::TextList)
        .says("Who can grant what is missing: owners' and administrators' addresses."),
    Property::new("WritesFrom", PropertyKind::OptionalText)
        .says("What would be written, as in Get-SendIdentity; null when refused."),
    Property::new("WritesSender", PropertyKind::OptionalText),
    Property::new("WritesReversePath", PropertyKind::OptionalText),
    Property::new("Reply", PropertyKind::OptionalText)
        .says("The reply that SMTP gives (or gave), first line; null when allowed."),
    Property::new("Reference", PropertyKind::OptionalText)
        .says("Reference and instant of the refusal that -Reference named; else null."),
    Property::new("RefusedUTC", PropertyKind::OptionalTimestamp),
    Property::new(
        "Checks",
        PropertyKind::Objects(&[
            Property::new("Name", PropertyKind::Text),
            Property::new("Passed", PropertyKind::OptionalBoolean),
            Property::new("Detail", PropertyKind::Text),
            Property::new("Fix", PropertyKind::OptionalText)
                .says("The command of `guichet` that mends it, where it did not pass."),
        ]),
    )
    .says("Every check of the gate in its order. Passed is null for one that was not reached."),
];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-SendIdentity",
        synopsis: "Lists the addresses that a user may send from now, and as what.",
        caller: Caller::Oneself,
        pause: Pause::None,
        // Without -User: the caller.
        parameters: &[Parameter::optional("User", Text).at(1).says("Who. Without it: the caller.")],
        output: IDENTITY,
        display: &["Address", "DisplayName", "Right", "WritesSender"],
        examples: &[Example::new(
            "Get-SendIdentity jean.dupont",
            "Lists the addresses that Jean may send from.",
        )],
    },
    Cmdlet {
        name: "Test-SendAs",
        synopsis: "Asks the gate whether a user may send from an address, or why it refused.",
        caller: Caller::Oneself,
        pause: Pause::None,
        // Either -From (with -User, without which it is the caller), or -Reference alone.
        parameters: &[
            Parameter::optional("User", Text).at(1).says("Who. Without it: the caller."),
            Parameter::optional("From", Text)
                .at(2)
                .says("The address that would stand in the author field."),
            Parameter::optional("To", Text)
                .says("Also checks that this recipient would be accepted."),
            Parameter::optional("Reference", Text).says("The reference in the text of a refusal."),
            Parameter::optional("Language", Text)
                .says("`en` or `fr`, for the sentences; names are the same in both."),
        ],
        output: VERDICT,
        display: &["Allowed", "Right", "Explanation", "Remedies"],
        examples: &[Example::new(
            "Test-SendAs jean.dupont support@contoso.com",
            "Says whether Jean may send as the group, and why not.",
        )],
    },
];
