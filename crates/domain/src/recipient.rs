//! Recipients: everything that holds an address, in the words of an Exchange administrator.

use std::fmt;

use mail::Address;
use serde::{Deserialize, Serialize};

use crate::id::{FolderId, RecipientId, Timestamp};

/// What a recipient is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecipientKind {
    /// A person with a mailbox and a login.
    User,
    /// A mailbox without a login, opened by those who hold Full Access.
    SharedMailbox,
    /// A mailbox that its members read together; a team's, or one by itself.
    Group,
    /// A name in the directory for an address elsewhere; has no mailbox.
    Contact,
    /// A team's channel: its address receives posts and never sends.
    Channel,
}

impl RecipientKind {
    /// Whether mail to it is kept in folders of ours.
    pub fn has_mailbox(self) -> bool {
        !matches!(self, RecipientKind::Contact)
    }

    /// The name as the store keeps it.
    pub fn as_str(self) -> &'static str {
        match self {
            RecipientKind::User => "user",
            RecipientKind::SharedMailbox => "shared_mailbox",
            RecipientKind::Group => "group",
            RecipientKind::Contact => "contact",
            RecipientKind::Channel => "channel",
        }
    }

    /// Reads what [`as_str`](RecipientKind::as_str) wrote.
    pub fn from_stored(text: &str) -> Option<RecipientKind> {
        Some(match text {
            "user" => RecipientKind::User,
            "shared_mailbox" => RecipientKind::SharedMailbox,
            "group" => RecipientKind::Group,
            "contact" => RecipientKind::Contact,
            "channel" => RecipientKind::Channel,
            _ => return None,
        })
    }
}

impl fmt::Display for RecipientKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RecipientKind::User => "user",
            RecipientKind::SharedMailbox => "shared mailbox",
            RecipientKind::Group => "group",
            RecipientKind::Contact => "contact",
            RecipientKind::Channel => "channel",
        })
    }
}

/// The folders that every mailbox has from its first second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandardFolders {
    /// Where mail arrives.
    pub inbox: FolderId,
    /// Where copies of what was sent are kept.
    pub sent: FolderId,
}

/// A user's login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// A disabled account neither logs in nor sends; rights that it holds stay recorded.
    pub is_disabled: bool,
    /// What the account may do beside its own mail.
    pub role: AccountRole,
    /// Changes with every password or state change, so that remembered logins die with it.
    pub credential_epoch: i64,
}

/// What an account may do beside reading and sending its own mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountRole {
    /// Nothing more.
    Member,
    /// Reads everything in the administration, changes nothing.
    Auditor,
    /// Reads and changes everything in the administration.
    Administrator,
}

impl AccountRole {
    /// The name as the store keeps it.
    pub fn as_str(self) -> &'static str {
        match self {
            AccountRole::Member => "member",
            AccountRole::Auditor => "auditor",
            AccountRole::Administrator => "administrator",
        }
    }

    /// Reads what [`as_str`](AccountRole::as_str) wrote.
    pub fn from_stored(text: &str) -> Option<AccountRole> {
        Some(match text {
            "member" => AccountRole::Member,
            "auditor" => AccountRole::Auditor,
            "administrator" => AccountRole::Administrator,
            _ => return None,
        })
    }
}

/// Whatever holds an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its identifier.
    pub id: RecipientId,
    /// Its identifier towards the outside: a UUID in lower-case text form.
    pub guid: String,
    /// What it is.
    pub kind: RecipientKind,
    /// The Exchange alias: short, unique among recipients, the default local part.
    pub alias: String,
    /// The name that people see.
    pub display_name: String,
    /// All addresses; the first is the primary one. Never empty. For a contact the primary address
    /// is the one elsewhere.
    pub addresses: Vec<Address>,
    /// The login, for users.
    pub account: Option<Account>,
    /// The standard folders, for all kinds that have a mailbox.
    pub folders: Option<StandardFolders>,
    /// The team, for a channel.
    pub team: Option<RecipientId>,
    /// Settings that the administrator changes one by one.
    pub settings: RecipientSettings,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Recipient {
    /// The address that names it.
    pub fn primary(&self) -> &Address {
        &self.addresses[0]
    }

    /// Whether what is read is each reader's own business. Unless somebody said otherwise it is in
    /// groups and channels, and it is not where a few people share a desk.
    pub fn seen_is_personal(&self) -> bool {
        self.settings.seen_is_personal.unwrap_or(match self.kind {
            RecipientKind::Group | RecipientKind::Channel => true,
            RecipientKind::User | RecipientKind::SharedMailbox | RecipientKind::Contact => false,
        })
    }
}

/// Settings of a recipient. Absent keys read as the default, so that adding one needs no migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecipientSettings {
    /// Whether the group belongs to a team (has channels).
    pub is_team: bool,
    /// Exchange's RequireSenderAuthenticationEnabled: refuse mail that no account of ours
    /// submitted. About receiving only; it says nothing about the right to send.
    pub requires_sender_authentication: bool,
    /// Whether lists of recipients leave it out. It still receives, and rights on it still count.
    pub is_hidden_from_address_lists: bool,
    /// Whether the person who sent from this mailbox gets a copy in the own Sent folder too.
    pub copies_sent_mail_to_person: bool,
    /// Free text for the administrator.
    pub notes: String,
    /// Whether each reader has an own state of what is read; `None`: as is usual for its kind.
    pub seen_is_personal: Option<bool>,
    /// Days after which messages leave the bin for good; 0: never.
    pub trash_retention_days: u32,
    /// Bytes of mail in all folders together; `None`: no limit.
    pub quota_bytes: Option<u64>,
}

/// Days that thrown away messages are kept where nobody says otherwise.
pub const TRASH_RETENTION_DAYS: u32 = 30;
/// Bytes of a mailbox where nobody says otherwise: 50 GiB, as Exchange gives one.
pub const QUOTA_BYTES: u64 = 50 << 30;

impl Default for RecipientSettings {
    fn default() -> RecipientSettings {
        RecipientSettings {
            is_team: false,
            requires_sender_authentication: false,
            is_hidden_from_address_lists: false,
            copies_sent_mail_to_person: true,
            notes: String::new(),
            seen_is_personal: None,
            trash_retention_days: TRASH_RETENTION_DAYS,
            quota_bytes: Some(QUOTA_BYTES),
        }
    }
}

/// One person's (or nested group's) place in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// Who.
    pub member: RecipientId,
    /// Owners are members who may also manage the group. Neither gives a right to send.
    pub role: MemberRole,
    /// Whether a copy of mail to the group goes to the member's own inbox.
    pub is_subscribed: bool,
}

/// Member or owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// Reads the group's mail.
    Member,
    /// Reads the group's mail and manages its members.
    Owner,
}

impl MemberRole {
    /// The name as the store keeps it.
    pub fn as_str(self) -> &'static str {
        match self {
            MemberRole::Member => "member",
            MemberRole::Owner => "owner",
        }
    }

    /// Reads what [`as_str`](MemberRole::as_str) wrote.
    pub fn from_stored(text: &str) -> Option<MemberRole> {
        Some(match text {
            "member" => MemberRole::Member,
            "owner" => MemberRole::Owner,
            _ => return None,
        })
    }
}
