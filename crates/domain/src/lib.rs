//! The nouns of Guichet (recipients, groups, grants) and its rules (the gate, routing, retries, and
//! the mail flow and journal rules that an administrator writes).
//!
//! Pure: no I/O, no clock, no randomness. Facts come in as values, decisions go out as values with
//! a named reason; no word here knows SMTP, HTTP or SQL.

pub mod alias;
pub mod directory;
#[cfg(test)]
mod fixture;
pub mod gate;
pub mod grant;
pub mod id;
pub mod language;
pub mod licence;
pub mod recipient;
pub mod retry;
pub mod routing;
pub mod rules;

pub use directory::{Directory, DirectoryEntry, Organization, ReportSchedule};
pub use gate::{Decision, Permission, Refusal, SendMode, SendRequest};
pub use grant::{Grant, Right};
pub use id::{FolderId, GrantId, MessageId, QueueEntryId, RecipientId, RuleId, Timestamp};
pub use language::Language;
pub use licence::{LICENCE_FREE_BYTES, Licence};
pub use recipient::{
    Account, AccountRole, MemberRole, Membership, QUOTA_BYTES, Recipient, RecipientKind,
    RecipientSettings, StandardFolders, TRASH_RETENTION_DAYS,
};
