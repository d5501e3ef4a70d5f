//! The table of cmdlets, one file per noun. Each file lists parameters and output as data, and
//! says in comments what the values mean, so that a server can be written from it.
//!
//! Conventions for all:
//! - `Identity` takes an address, an alias, a GUID, or a display name that only one object has.
//! - Where output names a recipient of ours in one string, it is its primary address.
//! - `ResultSize` is `Unlimited` or a number; 1000 when left out. Pages follow `@odata.nextLink`.
//! - New-, Set- and Add- answer with the object as it is afterwards; Remove- answers nothing.

mod audit;
mod connection;
mod contact;
mod credential;
mod domain;
mod group;
mod identity;
mod mailbox;
mod permission;
mod queue;
mod recipient;
mod trace;

use crate::cmdlet::{Cmdlet, Parameter, ParameterKind, Property, PropertyKind};

/// All parts of the table.
pub(crate) const TABLE: [&[Cmdlet]; 12] = [
    mailbox::CMDLETS,
    group::CMDLETS,
    contact::CMDLETS,
    domain::CMDLETS,
    recipient::CMDLETS,
    permission::CMDLETS,
    identity::CMDLETS,
    trace::CMDLETS,
    audit::CMDLETS,
    queue::CMDLETS,
    credential::CMDLETS,
    connection::CMDLETS,
];

/// `-Identity`, needed and first.
const IDENTITY: Parameter = Parameter::mandatory("Identity", ParameterKind::Text).at(1);
/// `-Identity` of a Get-: without it the cmdlet lists all.
const OPTIONAL_IDENTITY: Parameter = Parameter::optional("Identity", ParameterKind::Text).at(1);
/// How many objects at most.
const RESULT_SIZE: Parameter = Parameter::optional("ResultSize", ParameterKind::IntegerOrUnlimited);

/// The object's name for every `-Identity`: the alias.
const OUT_IDENTITY: Property = Property::new("Identity", PropertyKind::Text);
/// The display name again, where Exchange has both.
const OUT_NAME: Property = Property::new("Name", PropertyKind::Text);
/// The name that people see.
const OUT_DISPLAY_NAME: Property = Property::new("DisplayName", PropertyKind::Text);
/// The alias.
const OUT_ALIAS: Property = Property::new("Alias", PropertyKind::Text);
/// The object's GUID.
const OUT_GUID: Property = Property::new("Guid", PropertyKind::Guid);
/// The same GUID under the name that tools join on.
const OUT_OBJECT_ID: Property = Property::new("ExternalDirectoryObjectId", PropertyKind::Guid);
/// The primary address, as text without prefix.
const OUT_PRIMARY: Property = Property::new("PrimarySmtpAddress", PropertyKind::Text);
/// All addresses: `SMTP:` before the primary one, `smtp:` before the others.
const OUT_ADDRESSES: Property = Property::new("EmailAddresses", PropertyKind::TextList);
/// UserMailbox (users and shared mailboxes), MailUniversalDistributionGroup (groups, channels) or
/// MailContact.
const OUT_TYPE: Property = Property::new("RecipientType", PropertyKind::Text);
/// UserMailbox, SharedMailbox, GroupMailbox, MailContact, or Guichet's own ChannelMailbox.
const OUT_TYPE_DETAILS: Property = Property::new("RecipientTypeDetails", PropertyKind::Text);
/// Whether address lists leave it out.
const OUT_HIDDEN: Property = Property::new("HiddenFromAddressListsEnabled", PropertyKind::Boolean);
/// Whether mail that no account of ours submitted is refused.
const OUT_SENDER_AUTHENTICATION: Property =
    Property::new("RequireSenderAuthenticationEnabled", PropertyKind::Boolean);
/// Who holds Send on behalf at this moment, directly.
const OUT_SEND_ON_BEHALF: Property = Property::new("GrantSendOnBehalfTo", PropertyKind::TextList);
/// Guichet's own: whether the person who sent from here gets a copy in the own Sent folder too.
// Guichet's own: whether each reader has an own state of what is read.
const OUT_PERSONAL_READ_STATE: Property =
    Property::new("PersonalReadStateEnabled", PropertyKind::Boolean);
// Guichet's own: days after which messages leave the bin for good; 0: never.
const OUT_TRASH_RETENTION: Property = Property::new("TrashRetentionDays", PropertyKind::Integer);
// `Unlimited`, or a size such as `50 GB (53,687,091,200 bytes)`.
const OUT_QUOTA: Property = Property::new("ProhibitSendReceiveQuota", PropertyKind::Text);
const OUT_COPY_TO_PERSON: Property =
    Property::new("CopySentMailToPersonEnabled", PropertyKind::Boolean);
/// Free text for the administrator; empty when none.
const OUT_NOTES: Property = Property::new("Notes", PropertyKind::Text);
/// When it was created.
const OUT_CREATED: Property = Property::new("WhenCreatedUTC", PropertyKind::Timestamp);
