//! The report on rights to send. Guichet's own: Exchange has no list of who may send as what that
//! says since when, by whom, why, and whether anybody still uses it.

use super::{OPTIONAL_IDENTITY, RESULT_SIZE};
use crate::cmdlet::{
    Caller, Cmdlet, Example, Parameter,
    ParameterKind::{Integer, OneOf, Switch, Text},
    Pause, Property, PropertyKind,
};

/// The forms of a report.
const FORMATS: &[&str] = &["Csv", "Json", "Html"];

const UNUSED_DAYS: Parameter = Parameter::optional("UnusedDays", Integer)
    .says("After how many days without use a right is marked as unused. 90 when left out.");

const ROW: &[Property] = &[
    Property::new("Recipient", PropertyKind::Text).says("As whom may be sent: an address."),
    Property::new("RecipientDisplayName", PropertyKind::Text),
    Property::new("RecipientType", PropertyKind::Text).says("`group`, `shared mailbox` or `user`."),
    Property::new("Right", PropertyKind::Text).says("`Send As` or `Send on behalf`."),
    Property::new("Holder", PropertyKind::Text)
        .says("Who holds it: a person, or the group that it was given to."),
    Property::new("HolderDisplayName", PropertyKind::Text),
    Property::new("Via", PropertyKind::TextList)
        .says("The groups through which a person holds it; empty for the right itself."),
    Property::new("State", PropertyKind::Text).says("InForce or Ended."),
    Property::new("WhenGrantedUTC", PropertyKind::Timestamp),
    Property::new("GrantedBy", PropertyKind::Text),
    Property::new("Reason", PropertyKind::OptionalText),
    Property::new("UntilUTC", PropertyKind::OptionalTimestamp),
    Property::new("LastUsedUTC", PropertyKind::OptionalTimestamp)
        .says("When a message was last accepted under it, to the minute; null for never."),
    Property::new("IsUnused", PropertyKind::Boolean)
        .says("Whether it holds and nobody used it for -UnusedDays, counted from its grant."),
];

const PART: &[Property] = &[
    Property::new("Content", PropertyKind::Text).says("The next piece of the document."),
    Property::new("NextCursor", PropertyKind::OptionalText)
        .says("For the next call's -Cursor; null where the document is complete."),
    Property::new("Rights", PropertyKind::Integer).says("Rights to send, counted so far."),
    Property::new("Unused", PropertyKind::Integer),
    Property::new("NeverUsed", PropertyKind::Integer),
    Property::new("Ended", PropertyKind::Integer),
];

pub(super) const CMDLETS: &[Cmdlet] = &[
    Cmdlet {
        name: "Get-SendAsReport",
        synopsis: "Lists who may send as whom, since when, why, until when, and the last use.",
        // Without -Identity an owner sees the groups that he owns.
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[
            OPTIONAL_IDENTITY,
            UNUSED_DAYS,
            Parameter::optional("OnlyUnused", Switch).says("Only rights that nobody uses."),
            RESULT_SIZE,
        ],
        output: ROW,
        display: &["Recipient", "Right", "Holder", "Via", "UntilUTC", "LastUsedUTC", "IsUnused"],
        examples: &[Example::new(
            "Get-SendAsReport -OnlyUnused",
            "Lists the rights that nobody used for 90 days.",
        )],
    },
    Cmdlet {
        name: "Get-SendAsReportDocument",
        synopsis: "Makes the report as CSV, JSON or a page that prints well, piece by piece.",
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[
            OPTIONAL_IDENTITY,
            Parameter::mandatory("Format", OneOf(FORMATS)).says("What to make."),
            Parameter::optional("Language", Text)
                .says("`en` or `fr`, for the page. The organisation's when left out."),
            UNUSED_DAYS,
            Parameter::optional("Cursor", Text)
                .says("NextCursor of the piece before; the first piece without it."),
        ],
        output: PART,
        display: &["Rights", "Unused", "NeverUsed", "Ended", "NextCursor"],
        examples: &[Example::new(
            "(Get-SendAsReportDocument -Format Html).Content",
            "Shows the first piece of the page, which is all of it for most organisations.",
        )],
    },
];
