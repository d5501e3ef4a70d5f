//! The gate's own answers: from which addresses may somebody send, and why (not). Guichet's own.

use crate::cmdlet::{
    Caller, Cmdlet, Parameter, ParameterKind::Text, Pause, Property, PropertyKind,
};

const IDENTITY: &[Property] = &[
    // An address that may stand in `From` now.
    Property::new("Address", PropertyKind::Text),
    // The name that goes with it.
    Property::new("DisplayName", PropertyKind::Text),
    // Of the recipient that holds the address.
    Property::new("RecipientTypeDetails", PropertyKind::Text),
    // False for an alias.
    Property::new("IsPrimary", PropertyKind::Boolean),
    // Self (the user's own address), SendAs or SendOnBehalf; the stronger one when both are held.
    Property::new("Right", PropertyKind::Text),
    // The header field bodies and the reverse-path that would leave. Sender is null with Self and
    // Send As.
    Property::new("WritesFrom", PropertyKind::Text),
    Property::new("WritesSender", PropertyKind::OptionalText),
    Property::new("WritesReversePath", PropertyKind::Text),
    // The groups through which the right is held; empty when directly.
    Property::new("Via", PropertyKind::TextList),
    // When the right ends.
    Property::new("UntilUTC", PropertyKind::OptionalTimestamp),
];

const VERDICT: &[Property] = &[
    Property::new("Allowed", PropertyKind::Boolean),
    Property::new("User", PropertyKind::Text),
    Property::new("From", PropertyKind::Text),
    Property::new("To", PropertyKind::OptionalText),
    // Self, SendAs, SendOnBehalf; null when refused.
    Property::new("Right", PropertyKind::OptionalText),
    // The reason's name when refused, such as `NoRight`, `Expired`, `AccountDisabled`; else null.
    Property::new("Cause", PropertyKind::OptionalText),
    // The verdict in one sentence.
    Property::new("Explanation", PropertyKind::Text),
    // Commands of `guichet` that would mend it, best first; empty when allowed.
    Property::new("Remedies", PropertyKind::TextList),
    // Who can grant what is missing: owners' and administrators' addresses.
    Property::new("CanBeGrantedBy", PropertyKind::TextList),
    // What would be written, as in Get-SendIdentity; null when refused.
    Property::new("WritesFrom", PropertyKind::OptionalText),
    Property::new("WritesSender", PropertyKind::OptionalText),
    Property::new("WritesReversePath", PropertyKind::OptionalText),
    // The reply that SMTP gives (or gave), first line; null when allowed.
    Property::new("Reply", PropertyKind::OptionalText),
    // Reference and instant of the refusal that -Reference named; else null.
    Property::new("Reference", PropertyKind::OptionalText),
    Property::new("RefusedUTC", PropertyKind::OptionalTimestamp),
    // Every check of the gate in its order. Passed is null for one that was not reached.
    Property::new(
        "Checks",
        PropertyKind::Objects(&[
            Property::new("Name", PropertyKind::Text),
            Property::new("Passed", PropertyKind::OptionalBoolean),
            Property::new("Detail", PropertyKind::Text),
        ]),
    ),
];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-SendIdentity",
        synopsis: "Lists the addresses that a user may send from now, and as what.",
        caller: Caller::Oneself,
        pause: Pause::None,
        // Without -User: the caller.
        parameters: &[Parameter::optional("User", Text).at(1)],
        output: IDENTITY,
    },
    Cmdlet {
        name: "Test-SendAs",
        synopsis: "Asks the gate whether a user may send from an address, or why it refused.",
        caller: Caller::Oneself,
        pause: Pause::None,
        // Either -From (with -User, without which it is the caller), or -Reference alone.
        parameters: &[
            Parameter::optional("User", Text).at(1),
            Parameter::optional("From", Text).at(2),
            // Also checks that this recipient would be accepted.
            Parameter::optional("To", Text),
            // The reference in the text of a refusal.
            Parameter::optional("Reference", Text),
        ],
        output: VERDICT,
    },
];
