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

const DAYS: Parameter = Parameter::optional("Days", Integer)
    .says("Of so many days up to and with today, at most 92. 30 when left out. Days are in UTC.");

const VOLUME: &[Property] = &[
    Property::new("Date", PropertyKind::Text).says("The day in UTC, such as 2027-01-31."),
    Property::new("Recipient", PropertyKind::Text).says("The team or shared mailbox: an address."),
    Property::new("RecipientDisplayName", PropertyKind::Text),
    Property::new("Sent", PropertyKind::Integer).says("Messages sent as it or on its behalf."),
    Property::new("Received", PropertyKind::Integer).says("Messages that came into its mailbox."),
];

const REFUSALS: &[Property] = &[
    Property::new("Date", PropertyKind::Text).says("The day in UTC, such as 2027-01-31."),
    Property::new("Reason", PropertyKind::Text).says("Such as `no_right` or `right_ended`."),
    Property::new("Account", PropertyKind::Text).says("Who was refused: a login."),
    Property::new("Author", PropertyKind::Text).says("As whom the account wanted to send."),
    Property::new("Count", PropertyKind::Integer),
    Property::new("LastRefusedUTC", PropertyKind::Timestamp),
];

const STORAGE: &[Property] = &[
    Property::new("Mailbox", PropertyKind::Text).says("An address."),
    Property::new("DisplayName", PropertyKind::Text),
    Property::new("RecipientType", PropertyKind::Text).says("`group`, `shared mailbox` or `user`."),
    Property::new("Bytes", PropertyKind::Integer).says("All its messages together."),
    Property::new("Messages", PropertyKind::Integer),
    Property::new("QuotaBytes", PropertyKind::Text).says("A number of bytes, or `Unlimited`."),
    Property::new("Licence", PropertyKind::Text).says(
        "What it takes in Exchange Online: `Person`, `NotNeeded`, `NotNeededYet` (its quota lets \
         it grow beyond 50 GB) or `Needed`.",
    ),
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
    Cmdlet {
        name: "Get-VolumeReport",
        synopsis: "Lists how many messages each team sent and received on each day.",
        // Without -Identity an owner sees the groups that he owns.
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[OPTIONAL_IDENTITY, DAYS],
        output: VOLUME,
        display: &["Date", "Recipient", "Sent", "Received"],
        examples: &[Example::new(
            "Get-VolumeReport -Days 7 | Export-Csv volume.csv",
            "Writes the last week's messages of each team into a file.",
        )],
    },
    Cmdlet {
        name: "Get-SendAsDeniedReport",
        synopsis: "Lists who was refused as which sender, on which day, how often and why.",
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[OPTIONAL_IDENTITY, DAYS],
        output: REFUSALS,
        display: &["Date", "Reason", "Account", "Author", "Count"],
        examples: &[Example::new(
            "Get-SendAsDeniedReport -Identity support",
            "Lists who wanted to send as Support and was refused.",
        )],
    },
    Cmdlet {
        name: "Get-StorageReport",
        synopsis: "Lists how full mailboxes are, and which would take a licence elsewhere.",
        caller: Caller::Owner,
        pause: Pause::None,
        parameters: &[OPTIONAL_IDENTITY],
        output: STORAGE,
        display: &["Mailbox", "RecipientType", "Bytes", "QuotaBytes", "Licence"],
        examples: &[Example::new(
            "Get-StorageReport | Where-Object Licence -eq Needed",
            "Lists shared mailboxes that hold more than 50 GB.",
        )],
    },
];
