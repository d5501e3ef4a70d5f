//! Rights: who holds what on which recipient, until when and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{GrantId, RecipientId, Timestamp};

/// What a grant allows. Names and meanings are Exchange's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// Send in the recipient's name; nothing on the wire tells the person.
    SendAs,
    /// Send for the recipient; `Sender` names the person.
    SendOnBehalf,
    /// Open the mailbox and everything in it. Gives no right to send.
    FullAccess,
}

impl Right {
    /// All rights, in the order in which they are listed.
    pub const ALL: [Right; 3] = [Right::SendAs, Right::SendOnBehalf, Right::FullAccess];

    /// The name on the command line and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Right::SendAs => "send-as",
            Right::SendOnBehalf => "send-on-behalf",
            Right::FullAccess => "full-access",
        }
    }

    /// Reads what [`as_str`](Right::as_str) wrote.
    pub fn from_stored(text: &str) -> Option<Right> {
        Right::ALL.into_iter().find(|right| right.as_str() == text)
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Right::SendAs => "Send As",
            Right::SendOnBehalf => "Send on behalf",
            Right::FullAccess => "Full Access",
        })
    }
}

/// A right that somebody gave and nobody has taken back. It may have ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its identifier.
    pub id: GrantId,
    /// The recipient that it is a right on.
    pub recipient: RecipientId,
    /// Who holds it: a user, or a group whose members then hold it.
    pub trustee: RecipientId,
    /// What it allows.
    pub right: Right,
    /// When it ends by itself, if ever. At this instant it no longer holds.
    pub until_at: Option<Timestamp>,
    /// Why it was given.
    pub reason: Option<String>,
    /// Who gave it: an address, or the name of a local administrator.
    pub granted_by: String,
    /// When it was given.
    pub granted_at: Timestamp,
}

impl Grant {
    /// Whether the grant holds at `now`.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.until_at.is_none_or(|until| now < until)
    }
}
