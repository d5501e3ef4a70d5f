//! The reads of the administration: who holds which right, from which addresses somebody may send,
//! why not, what happened to a message, who changed what.
//!
//! Reads of rights and identities are functions of the directory's snapshot; the others read the
//! store. None of them asks who reads: the surface does, with [`crate::access::allow`].

pub mod audit;
pub mod credentials;
pub mod diagnose;
pub mod dns;
pub mod identities;
pub mod queue;
pub mod rights;
pub mod trace;

use domain::{Directory, Recipient, RecipientId};
use mail::{Address, AddressError, Domain};

/// The recipient that a name stands for: an address, an alias, a GUID, a display name that only one
/// recipient has, or a local part in the default domain.
pub fn find<'a>(directory: &'a Directory, identity: &str) -> Option<&'a Recipient> {
    let identity = identity.trim();
    directory.find(identity).or_else(|| {
        let domain = directory.accepted_domains().first()?;
        if identity.contains('@') {
            return None;
        }
        directory.holder(&Address::new(identity, domain.clone()).ok()?)
    })
}

/// The channels of a team, in the order in which they were created.
pub fn channels(directory: &Directory, team: RecipientId) -> Vec<&Recipient> {
    let mut channels: Vec<&Recipient> =
        directory.recipients().filter(|found| found.team == Some(team)).collect();
    channels.sort_by_key(|channel| channel.id);
    channels
}

/// The accepted domain of this name.
pub fn accepted_domain<'a>(directory: &'a Directory, name: &str) -> Option<&'a Domain> {
    let wanted = Domain::parse(name.trim()).ok()?;
    directory.accepted_domains().iter().find(|domain| **domain == wanted)
}

/// The address that a text stands for: written out, or the primary one of the recipient that it
/// names.
pub fn address(directory: &Directory, text: &str) -> Result<Address, AddressError> {
    let parsed = Address::parse(text.trim());
    match find(directory, text) {
        Some(found) if parsed.is_err() => Ok(found.primary().clone()),
        _ => parsed,
    }
}
