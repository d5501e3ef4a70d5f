//! The table of cmdlets, one file per noun. Each file lists parameters and output as data, and
//! says in comments what the values mean, so that a server can be written from it.
//!
//! Conventions for all:
//! - `Identity` takes an address, an alias, a GUID, or a display name that only one object has.
//! - Where output names a recipient of ours in one string, it is its primary address.
//! - `ResultSize` is `Unlimited` or a number; 1000 when left out. Pages follow `@odata.nextLink`.
//! - New-, Set- and Add- answer with the object as it is afterwards; Remove- answers nothing.

mod application;
mod audit;
mod connection;
mod contact;
mod credential;
mod distribution;
mod domain;
mod folder;
mod group;
mod identity;
mod mailbox;
mod permission;
mod queue;
mod recipient;
mod report;
mod rule;
mod state;
mod trace;
mod user;

use crate::cmdlet::{Cmdlet, Parameter, ParameterKind, Property, PropertyKind};

/// All parts of the table.
pub(crate) const TABLE: [&[Cmdlet]; 19] = [
    mailbox::CMDLETS,
    user::CMDLETS,
    group::CMDLETS,
    distribution::CMDLETS,
    contact::CMDLETS,
    domain::CMDLETS,
    recipient::CMDLETS,
    permission::CMDLETS,
    folder::CMDLETS,
    identity::CMDLETS,
    report::CMDLETS,
    state::CMDLETS,
    trace::CMDLETS,
    audit::CMDLETS,
    queue::CMDLETS,
    rule::CMDLETS,
    credential::CMDLETS,
    application::CMDLETS,
    connection::CMDLETS,
];

const IDENTITY: Parameter = Parameter::mandatory("Identity", ParameterKind::Text).at(1).says(NAMES);
const OPTIONAL_IDENTITY: Parameter =
    Parameter::optional("Identity", ParameterKind::Text).at(1).says(
        "Which one: an address, an alias, a GUID, or a display name that only one object has. \
         Without it all are listed.",
    );
/// What names an object.
const NAMES: &str = "Which one: an address, an alias, a GUID, or a display name that only one \
                     object has.";
const RESULT_SIZE: Parameter = Parameter::optional("ResultSize", ParameterKind::IntegerOrUnlimited)
    .says("How many objects at most: a number, or Unlimited. 1000 when left out.");
const ANR: Parameter = Parameter::optional("Anr", ParameterKind::Text)
    .says("Only those whose display name, alias or address has a word that begins so.");
const FILTER: Parameter = Parameter::optional("Filter", ParameterKind::Text).says(
    "Only those for which this holds: \"Property -op 'value'\" with eq, ne, like, notlike, gt, ge, \
     lt, le, joined by -and, -or, -not and parentheses.",
);
const SORT_BY: Parameter = Parameter::optional("SortBy", ParameterKind::Text)
    .says("The property to order by. DisplayName when left out.");
const EXPECTED_VERSION: Parameter = Parameter::optional("ExpectedVersion", ParameterKind::Text)
    .says(
        "Guichet's own: the ObjectVersion that was seen. If somebody changed the object since, \
         nothing is done and the answer is a conflict. The header If-Match does the same.",
    );
const NOTES: Parameter =
    Parameter::optional("Notes", ParameterKind::Text).says("Free text for administrators.");
const HIDDEN: Parameter =
    Parameter::optional("HiddenFromAddressListsEnabled", ParameterKind::Boolean).says(
        "Whether address lists leave it out. It still receives, and rights on it still count.",
    );
const SENDER_AUTHENTICATION: Parameter =
    Parameter::optional("RequireSenderAuthenticationEnabled", ParameterKind::Boolean).says(
        "Whether mail that no account of ours submitted is refused. It is about receiving only: it \
         gives nobody a right to send.",
    );
const REASON: Parameter = Parameter::optional("Reason", ParameterKind::Text)
    .says("Guichet's own: why; kept in the audit, and with the right that is given.");

const OUT_IDENTITY: Property = Property::new("Identity", PropertyKind::Text)
    .says("The object's name for every `-Identity`: the alias.");
const OUT_NAME: Property = Property::new("Name", PropertyKind::Text)
    .says("The display name again, where Exchange has both.");
const OUT_DISPLAY_NAME: Property =
    Property::new("DisplayName", PropertyKind::Text).says("The name that people see.");
const OUT_ALIAS: Property = Property::new("Alias", PropertyKind::Text).says("The alias.");
const OUT_GUID: Property = Property::new("Guid", PropertyKind::Guid).says("The object's GUID.");
const OUT_OBJECT_ID: Property = Property::new("ExternalDirectoryObjectId", PropertyKind::Guid)
    .says("The same GUID under the name that tools join on.");
const OUT_PRIMARY: Property = Property::new("PrimarySmtpAddress", PropertyKind::Text)
    .says("The primary address, as text without prefix.");
const OUT_ADDRESSES: Property = Property::new("EmailAddresses", PropertyKind::TextList)
    .says("All addresses: `SMTP:` before the primary one, `smtp:` before the others.");
const OUT_TYPE: Property = Property::new("RecipientType", PropertyKind::Text).says(
    "UserMailbox (users and shared mailboxes), MailUniversalDistributionGroup (groups, channels) \
     or MailContact.",
);
const OUT_TYPE_DETAILS: Property = Property::new("RecipientTypeDetails", PropertyKind::Text).says(
    "UserMailbox, SharedMailbox, GroupMailbox, MailContact, or Guichet's own ChannelMailbox.",
);
const OUT_HIDDEN: Property = Property::new("HiddenFromAddressListsEnabled", PropertyKind::Boolean)
    .says("Whether address lists leave it out.");
const OUT_SENDER_AUTHENTICATION: Property =
    Property::new("RequireSenderAuthenticationEnabled", PropertyKind::Boolean)
        .says("Whether mail that no account of ours submitted is refused.");
const OUT_SEND_ON_BEHALF: Property = Property::new("GrantSendOnBehalfTo", PropertyKind::TextList)
    .says("Who holds Send on behalf at this moment, directly.");
const OUT_COPY_TO_PERSON: Property =
    Property::new("CopySentMailToPersonEnabled", PropertyKind::Boolean).says(
        "Guichet's own: whether the person who sent from here gets a copy in the own Sent folder \
         too.",
    );
const OUT_PERSONAL_READ_STATE: Property =
    Property::new("PersonalReadStateEnabled", PropertyKind::Boolean)
        .says("Guichet's own: whether each reader has an own state of what is read.");
const OUT_TRASH_RETENTION: Property = Property::new("TrashRetentionDays", PropertyKind::Integer)
    .says("Guichet's own: days after which messages leave the bin for good; 0: never.");
const OUT_QUOTA: Property = Property::new("ProhibitSendReceiveQuota", PropertyKind::Text)
    .says("`Unlimited`, or a size such as `50 GB (53,687,091,200 bytes)`.");
const PERSONAL_READ_STATE: Parameter =
    Parameter::optional("PersonalReadStateEnabled", ParameterKind::Boolean)
        .says("Guichet's own: whether each reader has an own state of what is read.");
const TRASH_RETENTION: Parameter =
    Parameter::optional("TrashRetentionDays", ParameterKind::Integer)
        .says("Guichet's own: days in the bin; 0: for ever.");
const QUOTA: Parameter = Parameter::optional("ProhibitSendReceiveQuota", ParameterKind::Text)
    .says("`Unlimited`, or a size: `50 GB`, `500MB`, or bytes.");
const OUT_NOTES: Property = Property::new("Notes", PropertyKind::Text)
    .says("Free text for the administrator; empty when none.");
const OUT_CREATED: Property =
    Property::new("WhenCreatedUTC", PropertyKind::Timestamp).says("When it was created.");
const OUT_CREATED_LOCAL: Property =
    Property::new("WhenCreated", PropertyKind::Timestamp).says("The same with an offset.");
const OUT_VERSION: Property = Property::new("ObjectVersion", PropertyKind::Text).says(
    "Guichet's own: changes with every change of the object, its members or the rights on it; for \
     -ExpectedVersion.",
);
