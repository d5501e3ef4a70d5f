//! The directory as every decision sees it: an in-memory snapshot of all recipients, memberships
//! and rights at one version.
//!
//! The store numbers each change of the directory; a process keeps its snapshot in step by putting
//! the entries that changed ([`Directory::put`]). Whoever decides on a snapshot commits under the
//! guard that the store is still at [`Directory::version`]; so a decision on old facts is never
//! carried out.

use std::collections::HashMap;
use std::sync::Arc;

use mail::{Address, AddressKey, Domain};
use serde::{Deserialize, Serialize};

use crate::grant::Grant;
use crate::id::RecipientId;
use crate::language::Language;
use crate::recipient::{Membership, Recipient};
use crate::rules::RuleSet;

/// A recipient with all that hangs on it: the unit in which the snapshot is loaded and changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The recipient.
    pub recipient: Recipient,
    /// Rights on this recipient, ended ones included.
    pub grants: Vec<Grant>,
    /// Its members, for a group.
    pub members: Vec<Membership>,
}

/// Settings of the whole organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Organization {
    /// A UUID; the tenant's name in the administration protocol beside the accepted domains.
    pub guid: String,
    /// The name that people see.
    pub name: String,
    /// Exchange's SendFromAliasEnabled: whether an alias stays in the author field. Off: the
    /// primary address is written instead.
    pub keeps_alias_as_author: bool,
    /// When the report on rights to send goes to owners and auditors by itself.
    pub report_schedule: ReportSchedule,
    /// The language of mail that the server writes to people of the organisation.
    pub language: Language,
}

/// When the report on rights to send is mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportSchedule {
    /// Never.
    #[default]
    Never,
    /// In the first hours of each month, UTC.
    Monthly,
}

impl Default for Organization {
    fn default() -> Organization {
        Organization {
            guid: String::new(),
            name: "Guichet".to_owned(),
            keeps_alias_as_author: false,
            report_schedule: ReportSchedule::Never,
            language: Language::English,
        }
    }
}

/// The snapshot.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    version: i64,
    organization: Organization,
    /// The first one is the default domain.
    accepted_domains: Vec<Domain>,
    entries: HashMap<RecipientId, Arc<DirectoryEntry>>,
    by_address: HashMap<AddressKey, RecipientId>,
    by_alias: HashMap<String, RecipientId>,
    /// Groups that a recipient is a direct member of.
    groups_of: HashMap<RecipientId, Vec<RecipientId>>,
    /// Recipients on which a trustee holds a right directly.
    granted_to: HashMap<RecipientId, Vec<RecipientId>>,
    /// None while nobody has written a rule, so that mail without rules costs one look.
    rules: Option<Arc<RuleSet>>,
}

impl Directory {
    /// The version of the store that this snapshot shows.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Says which version the snapshot shows now, after the changes up to it were put in.
    pub fn advance_to(&mut self, version: i64) {
        self.version = version;
    }

    /// The organisation's settings.
    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    /// The domains whose addresses are ours; the first is the default.
    pub fn accepted_domains(&self) -> &[Domain] {
        &self.accepted_domains
    }

    /// Whether addresses in this domain are ours.
    pub fn is_accepted(&self, domain: &Domain) -> bool {
        self.accepted_domains.contains(domain)
    }

    /// Replaces the organisation's settings and domains.
    pub fn set_organization(&mut self, organization: Organization, accepted_domains: Vec<Domain>) {
        self.organization = organization;
        self.accepted_domains = accepted_domains;
    }

    /// The mail flow and journal rules; `None` where there is none.
    pub fn rules(&self) -> Option<&Arc<RuleSet>> {
        self.rules.as_ref()
    }

    /// Replaces all rules.
    pub fn set_rules(&mut self, rules: RuleSet) {
        self.rules = (!rules.is_empty()).then(|| Arc::new(rules));
    }

    /// Puts an entry in, in the place of the one with the same identifier if there is one.
    pub fn put(&mut self, entry: DirectoryEntry) {
        let id = entry.recipient.id;
        self.remove(id);
        for address in &entry.recipient.addresses {
            self.by_address.insert(address.key(), id);
        }
        self.by_alias.insert(entry.recipient.alias.to_lowercase(), id);
        for membership in &entry.members {
            append_once(self.groups_of.entry(membership.member).or_default(), id);
        }
        for grant in &entry.grants {
            append_once(self.granted_to.entry(grant.trustee).or_default(), id);
        }
        self.entries.insert(id, Arc::new(entry));
    }

    /// Takes an entry out, with its addresses and everything that it says about others.
    pub fn remove(&mut self, id: RecipientId) {
        let Some(entry) = self.entries.remove(&id) else { return };
        for address in &entry.recipient.addresses {
            let key = address.key();
            if self.by_address.get(&key) == Some(&id) {
                self.by_address.remove(&key);
            }
        }
        let alias = entry.recipient.alias.to_lowercase();
        if self.by_alias.get(&alias) == Some(&id) {
            self.by_alias.remove(&alias);
        }
        for membership in &entry.members {
            remove_from(&mut self.groups_of, membership.member, id);
        }
        for grant in &entry.grants {
            remove_from(&mut self.granted_to, grant.trustee, id);
        }
    }

    /// The entry with this identifier.
    pub fn entry(&self, id: RecipientId) -> Option<&Arc<DirectoryEntry>> {
        self.entries.get(&id)
    }

    /// The recipient with this identifier.
    pub fn recipient(&self, id: RecipientId) -> Option<&Recipient> {
        self.entries.get(&id).map(|entry| &entry.recipient)
    }

    /// The recipient that holds exactly this address.
    pub fn holder(&self, address: &Address) -> Option<&Recipient> {
        self.by_address.get(&address.key()).and_then(|id| self.recipient(*id))
    }

    /// The recipient that mail to this address is for: its holder, or the holder of the address
    /// without its sub-address (RFC 5233).
    pub fn resolve(&self, address: &Address) -> Option<&Recipient> {
        self.holder(address).or_else(|| self.holder(&address.without_detail()?))
    }

    /// The recipient that an administrator names: by address, alias, GUID, or a display name that
    /// only one recipient has.
    pub fn find(&self, identity: &str) -> Option<&Recipient> {
        if let Ok(address) = Address::parse(identity)
            && let Some(found) = self.holder(&address)
        {
            return Some(found);
        }
        if let Some(id) = self.by_alias.get(&identity.to_lowercase()) {
            return self.recipient(*id);
        }
        let mut named = self.recipients().filter(|recipient| {
            recipient.guid.eq_ignore_ascii_case(identity)
                || recipient.display_name.eq_ignore_ascii_case(identity)
        });
        match (named.next(), named.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// All recipients, in no order.
    pub fn recipients(&self) -> impl Iterator<Item = &Recipient> {
        self.entries.values().map(|entry| &entry.recipient)
    }

    /// How many recipients there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Rights on a recipient, ended ones included.
    pub fn grants_on(&self, recipient: RecipientId) -> &[Grant] {
        self.entries.get(&recipient).map_or(&[], |entry| &entry.grants)
    }

    /// Recipients on which `trustee` holds some right directly.
    pub fn granted_to(&self, trustee: RecipientId) -> &[RecipientId] {
        self.granted_to.get(&trustee).map_or(&[], Vec::as_slice)
    }

    /// Members of a group.
    pub fn members_of(&self, group: RecipientId) -> &[Membership] {
        self.entries.get(&group).map_or(&[], |entry| &entry.members)
    }

    /// Groups that a recipient is a direct member of.
    pub fn groups_of(&self, member: RecipientId) -> &[RecipientId] {
        self.groups_of.get(&member).map_or(&[], Vec::as_slice)
    }
}

/// Appends what is not the last item already. One entry is put at a time, and what it said before
/// was taken out, so a repeated item can only be the last; searching a long list each time would
/// make loading a directory quadratic.
fn append_once(list: &mut Vec<RecipientId>, id: RecipientId) {
    if list.last() != Some(&id) {
        list.push(id);
    }
}

fn remove_from(
    map: &mut HashMap<RecipientId, Vec<RecipientId>>,
    key: RecipientId,
    id: RecipientId,
) {
    if let Some(list) = map.get_mut(&key) {
        list.retain(|kept| *kept != id);
        if list.is_empty() {
            map.remove(&key);
        }
    }
}
