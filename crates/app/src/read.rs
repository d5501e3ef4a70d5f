//! The reads of the administration: who holds which right, from which addresses somebody may send,
//! why not, what happened to a message, who changed what.
//!
//! Reads of rights and identities are functions of the directory's snapshot; the others read the
//! store. None of them asks who reads: the surface does, with [`crate::access::allow`].

pub mod audit;
pub mod credentials;
pub mod diagnose;
pub mod dns;
pub mod folders;
pub mod identities;
pub mod queue;
pub mod rights;
pub mod trace;

use domain::{Directory, Recipient, RecipientId};
use mail::{Address, AddressError, Domain};

use crate::command::{RuleKind, find_rule};

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

/// Hex digits of an object's version.
const OBJECT_VERSION_DIGITS: usize = 16;

/// A text that is another one after every change of a recipient, of its members, of the rights on
/// it, or of its channels; empty for who is not there. Whoever changes an object can say which
/// version was seen ([`crate::command::Order::expected_object_version`]).
pub fn object_version(directory: &Directory, id: RecipientId) -> String {
    let Some(entry) = directory.entry(id) else { return String::new() };
    let mut content = format!("{entry:?}");
    if entry.recipient.settings.is_team {
        for channel in channels(directory, id) {
            content.push_str(&format!("{channel:?}"));
        }
    }
    version_of(&content)
}

/// The same for a rule: a text that is another one after every change of it. `None` where there is
/// none of this name.
pub fn rule_version(directory: &Directory, kind: RuleKind, identity: &str) -> Option<String> {
    let rules = directory.rules()?;
    let content = match kind {
        RuleKind::Transport => format!("{:?}", find_rule(&rules.transport, identity)?),
        RuleKind::Journal => format!("{:?}", find_rule(&rules.journal, identity)?),
    };
    Some(version_of(&content))
}

/// What stands for a content. The debug form of a value holds every field in the order of the type:
/// processes of one release agree.
fn version_of(content: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, content.as_bytes());
    let mut hex: String = digest.as_ref().iter().map(|octet| format!("{octet:02x}")).collect();
    hex.truncate(OBJECT_VERSION_DIGITS);
    hex
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
