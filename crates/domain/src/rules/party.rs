//! Whom a rule names: a recipient of ours, whatever its addresses become, or an address elsewhere.

use mail::Address;
use serde::{Deserialize, Serialize};

use crate::directory::Directory;
use crate::id::RecipientId;

/// Before the number of a recipient in the stored text; no address has it without an at sign.
const RECIPIENT_PREFIX: &str = "recipient:";

/// Somebody that a rule names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Party {
    /// A recipient of ours; the rule follows it when its addresses change.
    Recipient(RecipientId),
    /// An address that no recipient of ours had when the rule was written.
    Address(Address),
}

impl Party {
    /// Whether the address is this party's: one of its addresses now, sub-addresses included.
    pub fn has(&self, directory: &Directory, address: &Address) -> bool {
        match self {
            Party::Recipient(id) => directory.resolve(address).is_some_and(|held| held.id == *id),
            Party::Address(named) => named.key() == address.key(),
        }
    }

    /// The address that mail to this party goes to; `None` where the recipient is gone.
    pub fn address<'a>(&'a self, directory: &'a Directory) -> Option<&'a Address> {
        match self {
            Party::Recipient(id) => directory.recipient(*id).map(|found| found.primary()),
            Party::Address(address) => Some(address),
        }
    }

    /// The party as people see it: an address, or the number of a recipient that is gone.
    pub fn shown(&self, directory: &Directory) -> String {
        match (self.address(directory), self) {
            (Some(address), _) => address.to_string(),
            (None, Party::Recipient(id)) => format!("(removed recipient {id})"),
            (None, Party::Address(address)) => address.to_string(),
        }
    }
}

impl From<Party> for String {
    fn from(party: Party) -> String {
        match party {
            Party::Recipient(id) => format!("{RECIPIENT_PREFIX}{id}"),
            Party::Address(address) => address.to_string(),
        }
    }
}

impl TryFrom<String> for Party {
    type Error = String;

    fn try_from(text: String) -> Result<Party, String> {
        let id = text.strip_prefix(RECIPIENT_PREFIX).and_then(|id| id.parse().ok());
        match id {
            Some(id) => Ok(Party::Recipient(RecipientId(id))),
            None => Address::parse(&text)
                .map(Party::Address)
                .map_err(|error| format!("{text:?} is no party of a rule: {error}")),
        }
    }
}
