//! From which addresses somebody may send now, and what would then stand on the wire.

use domain::gate::{self, SendRequest};
use domain::{Directory, Permission, Recipient, RecipientKind, SendMode, Timestamp};
use mail::{Address, ReversePath};

use crate::stamp::Stamp;

/// What leaves when somebody sends under an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writes {
    /// The body of `From`.
    pub from: String,
    /// The body of `Sender`; absent with Send As and for the own address.
    pub sender: Option<String>,
    /// The reverse-path.
    pub reverse_path: String,
}

/// An address that may stand in the author field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRow {
    /// The address.
    pub address: Address,
    /// The name that goes with it.
    pub display_name: String,
    /// What holds it.
    pub kind: RecipientKind,
    /// False for an alias.
    pub is_primary: bool,
    /// As what one sends.
    pub mode: SendMode,
    /// What leaves.
    pub writes: Writes,
    /// The primary address of the group through which the right is held, if not directly.
    pub through: Option<String>,
    /// When the right ends by itself.
    pub until_at: Option<Timestamp>,
}

/// All addresses that `actor` may write now, its own first. Each is what the gate says of it.
pub fn identities(directory: &Directory, actor: &Recipient, now: Timestamp) -> Vec<IdentityRow> {
    let mut rows = Vec::new();
    for identity in gate::identities(directory, actor.id, now) {
        let Some(recipient) = directory.recipient(identity.recipient) else { continue };
        for address in &recipient.addresses {
            let request = SendRequest { actor: actor.id, author: address, now };
            let Ok(permission) = gate::decide(directory, &request) else { continue };
            let Some(writes) = writes(directory, &permission, actor, address) else { continue };
            rows.push(IdentityRow {
                address: address.clone(),
                display_name: recipient.display_name.clone(),
                kind: recipient.kind,
                is_primary: address == recipient.primary(),
                mode: permission.mode,
                writes,
                through: permission.through.map(|group| primary_of(directory, group)),
                until_at: until(directory, &permission),
            });
        }
    }
    rows
}

/// What leaves under a permission.
pub(crate) fn writes(
    directory: &Directory,
    permission: &Permission,
    actor: &Recipient,
    asked: &Address,
) -> Option<Writes> {
    let path = ReversePath::Address(asked.clone());
    let stamp = Stamp::new(directory, permission, actor, asked, &path)?;
    let field =
        |name: &str, address| mail::unfold(&mail::write_author(Some(name), address)).into_owned();
    Some(Writes {
        from: field(&stamp.author_name, &stamp.author),
        sender: stamp.sender.as_ref().map(|(name, address)| field(name, address)),
        reverse_path: stamp.reverse_path.to_string(),
    })
}

/// When the right that a permission rests on ends by itself.
pub(crate) fn until(directory: &Directory, permission: &Permission) -> Option<Timestamp> {
    let grants = directory.grants_on(permission.represented);
    grants.iter().find(|grant| Some(grant.id) == permission.grant)?.until_at
}

pub(crate) fn primary_of(directory: &Directory, id: domain::RecipientId) -> String {
    let found = directory.recipient(id);
    found.map_or_else(|| id.to_string(), |recipient| recipient.primary().to_string())
}
