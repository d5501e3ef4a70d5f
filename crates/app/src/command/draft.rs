//! A draft: one decision of one command, from the snapshot to the write set. No I/O.
//!
//! Commands say what an entry of the directory is to become; the draft finds out what that changes,
//! writes exactly that, and records it in the audit. So a command that changes nothing writes
//! nothing, and no command can change something without a record.

use std::collections::HashSet;

use domain::{
    Directory, DirectoryEntry, FolderId, Recipient, RecipientId, StandardFolders, Timestamp,
};
use mail::AddressKey;
use serde_json::Value;
use store::WriteSet;
use store::audit::AuditRecord;
use store::directory::Revocation;
use store::folder::{FolderRole, NewFolder};

use super::supplies::Supplies;
use super::{Command, CommandError, Order, Outcome, Warning, record};
use crate::access::{self, Actor, Need, Purpose};
use crate::credentials::FillRandom;

/// A decision that may be committed.
pub(crate) struct Decided {
    /// What to write; none where nothing changes.
    pub(crate) set: Option<WriteSet>,
    pub(crate) outcome: Outcome,
}

/// What is recorded of a command beside the change itself.
pub(crate) struct Operation {
    /// The cmdlet that does it.
    pub(crate) name: &'static str,
    /// Its parameters, without secrets.
    pub(crate) parameters: Value,
}

impl Operation {
    pub(crate) fn new(name: &'static str, parameters: Value) -> Operation {
        Operation { name, parameters }
    }
}

/// One decision.
pub(crate) struct Draft<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) actor: &'a Actor,
    pub(crate) supplies: &'a Supplies,
    pub(crate) now: Timestamp,
    /// Addresses and aliases that this command gives away, which the snapshot does not know yet.
    pub(crate) taken_addresses: HashSet<AddressKey>,
    pub(crate) taken_aliases: HashSet<String>,
    order: &'a Order,
    actor_name: String,
    set: WriteSet,
    ids_taken: usize,
    is_begun: bool,
    outcome: Outcome,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(
        directory: &'a Directory,
        actor: &'a Actor,
        order: &'a Order,
        supplies: &'a Supplies,
        now: Timestamp,
    ) -> Draft<'a> {
        Draft {
            directory,
            actor,
            supplies,
            now,
            taken_addresses: HashSet::new(),
            taken_aliases: HashSet::new(),
            order,
            actor_name: actor.name(directory),
            set: WriteSet::new(),
            ids_taken: 0,
            is_begun: false,
            outcome: Outcome::default(),
        }
    }

    /// Decides the command of the order.
    pub(crate) fn decide(mut self) -> Result<Decided, CommandError> {
        let order = self.order;
        self.expect_object()?;
        match &order.command {
            Command::CreateUser(user) => self.create_user(user)?,
            Command::CreateSharedMailbox(shared) => self.create_shared_mailbox(shared)?,
            Command::CreateGroup(group) => self.create_group(group)?,
            Command::CreateChannel(channel) => self.create_channel(channel)?,
            Command::CreateContact(contact) => self.create_contact(contact)?,
            Command::Set { identity, changes } => self.set_recipient(identity, changes)?,
            Command::ConvertToSharedMailbox(order) => self.convert_to_shared_mailbox(order)?,
            Command::ConvertToUser(identity) => self.convert_to_user(identity)?,
            Command::Remove(identity) => self.remove(identity)?,
            Command::AddLinks(links) => self.add_links(links)?,
            Command::RemoveLinks(links) => self.remove_links(links)?,
            Command::Grant(grant) => self.grant(grant)?,
            Command::Revoke(revoke) => self.revoke(revoke)?,
            Command::AddDomain { domain, keys } => self.add_domain(domain, keys)?,
            Command::SetDefaultDomain(domain) => self.set_default_domain(domain)?,
            Command::RemoveDomain(domain) => self.remove_domain(domain)?,
            Command::SetOrganization(changes) => self.change_organization(changes)?,
            Command::SetPassword { user, .. } => self.set_own_password(user)?,
            Command::CreateAppPassword(new) => self.create_app_password(new)?,
            Command::RemoveAppPassword { user, id } => self.remove_app_password(*user, *id)?,
            Command::CreateToken(new) => self.create_token(new)?,
            Command::RevokeToken { user, id } => self.revoke_token(*user, *id)?,
            Command::CreateApplication(new) => self.create_application(new)?,
            Command::RemoveApplication(identity) => self.remove_application(identity)?,
            Command::ConfirmSecondFactor { user, code } => {
                self.confirm_second_factor(*user, code)?;
            }
            Command::RenewRecoveryCodes(user) => self.renew_recovery_codes(*user)?,
            Command::RemoveSecondFactor(user) => self.remove_second_factor(*user)?,
            Command::EndSignIns(user) => self.end_sign_ins(*user)?,
            Command::RemovePasskey { user, id } => self.remove_passkey(*user, *id)?,
            Command::RemoveLinkedIdentity { user, id } => self.unlink_identity(*user, *id)?,
            Command::Rule { kind, order } => self.change_rule(*kind, order)?,
            Command::ClearThrottle(who) => self.clear_throttle(who)?,
            Command::RetryQueueEntry(_)
            | Command::HoldQueueEntry(_)
            | Command::ReleaseQueueEntry(_)
            | Command::DropQueueEntry { .. } => {
                return Err(CommandError::in_the_way("The queue has its own way."));
            }
        }
        Ok(self.finish())
    }

    /// Refuses where the object is not the one that the caller saw. The decision commits under the
    /// directory's version, so the object cannot change in between.
    fn expect_object(&self) -> Result<(), CommandError> {
        let Some(expected) = &self.order.expected_object_version else { return Ok(()) };
        if let Command::Rule { kind, order } = &self.order.command {
            let Some(identity) = order.object() else { return Ok(()) };
            let version = crate::read::rule_version(self.directory, *kind, identity);
            return match version {
                Some(version) if version != expected.trim() => {
                    Err(CommandError::ObjectChangedMeanwhile(identity.to_owned()))
                }
                _ => Ok(()),
            };
        }
        let Some(identity) = self.order.command.object() else { return Ok(()) };
        let found = self.find(identity)?;
        let version = crate::read::object_version(self.directory, found.id);
        if version == expected.trim() {
            Ok(())
        } else {
            Err(CommandError::ObjectChangedMeanwhile(found.primary().to_string()))
        }
    }

    fn finish(mut self) -> Decided {
        // Every change of the directory makes exactly one new version of it.
        self.outcome.version = self.directory.version() + i64::from(self.is_begun);
        if self.set.is_empty() {
            return Decided { set: None, outcome: self.outcome };
        }
        if !self.is_begun {
            // Who may was decided on the directory too.
            store::directory::expect_version(&mut self.set, self.directory.version());
        }
        Decided { set: Some(self.set), outcome: self.outcome }
    }

    /// Checks that the actor is what it takes.
    pub(crate) fn allow(&self, need: Need) -> Result<(), CommandError> {
        Ok(access::allow(self.directory, self.actor, need, Purpose::Change)?)
    }

    /// The entry with this identifier.
    pub(crate) fn entry(&self, id: RecipientId) -> Result<DirectoryEntry, CommandError> {
        let found = self.directory.entry(id);
        found
            .map(|entry| entry.as_ref().clone())
            .ok_or_else(|| CommandError::not_found("recipient"))
    }

    /// The recipient that a name stands for; a name without a domain also for the address in the
    /// default domain.
    pub(crate) fn find(&self, identity: &str) -> Result<&'a Recipient, CommandError> {
        crate::read::find(self.directory, identity).ok_or_else(|| CommandError::not_found(identity))
    }

    pub(crate) fn next_id(&mut self) -> i64 {
        let id = self.supplies.ids.get(self.ids_taken).copied();
        self.ids_taken += 1;
        id.expect("Supplies reserves what a command can take")
    }

    pub(crate) fn new_guid(&self) -> String {
        new_guid(self.supplies.fill_random)
    }

    pub(crate) fn warn(&mut self, warning: Warning) {
        self.outcome.warnings.push(warning);
    }

    pub(crate) fn outcome(&mut self) -> &mut Outcome {
        &mut self.outcome
    }

    /// The set, for changes that leave the directory as it is.
    pub(crate) fn set(&mut self) -> &mut WriteSet {
        &mut self.set
    }

    /// The set, for changes of the directory.
    pub(crate) fn directory_set(&mut self) -> &mut WriteSet {
        if !self.is_begun {
            store::directory::change(&mut self.set, self.directory.version());
            self.is_begun = true;
        }
        &mut self.set
    }

    pub(crate) fn actor_name(&self) -> &str {
        &self.actor_name
    }

    pub(crate) fn reason(&self) -> Option<&str> {
        self.order.reason.as_deref()
    }

    /// Who ends something now, and why.
    pub(crate) fn revocation(&self) -> Revocation {
        Revocation { by: self.actor_name.clone(), at: self.now, reason: self.order.reason.clone() }
    }

    /// Puts a new entry in, with its folders.
    pub(crate) fn create(
        &mut self,
        entry: &DirectoryEntry,
        folders: &[NewFolder],
        operation: Operation,
    ) -> Result<(), CommandError> {
        let id = entry.recipient.id;
        self.outcome.recipient = Some(id);
        self.write_new(entry, folders)?;
        let after = record::describe(self.directory, entry);
        self.record(operation, &entry.recipient.primary().to_string(), None, Some(after));
        Ok(())
    }

    /// Puts a new entry in without a record of its own: it belongs to another one.
    pub(crate) fn write_new(
        &mut self,
        entry: &DirectoryEntry,
        folders: &[NewFolder],
    ) -> Result<(), CommandError> {
        let id = entry.recipient.id;
        let set = self.directory_set();
        store::directory::put_recipient(set, &entry.recipient)?;
        for folder in folders {
            store::folder::create(set, folder);
        }
        for membership in &entry.members {
            store::directory::put_member(set, id, *membership);
        }
        for grant in &entry.grants {
            store::directory::put_grant(set, grant);
        }
        Ok(())
    }

    /// Makes an entry what it is to become: writes what differs, and records it.
    pub(crate) fn replace(
        &mut self,
        after: &DirectoryEntry,
        operation: Operation,
    ) -> Result<(), CommandError> {
        let before = self.entry(after.recipient.id)?;
        self.outcome.recipient = Some(after.recipient.id);
        if !self.write_difference(&before, after)? {
            let identity = before.recipient.primary().to_string();
            self.warn(Warning::NothingChanged(identity));
            return Ok(());
        }
        let (old, new) = record::difference(self.directory, &before, after);
        self.record(operation, &before.recipient.primary().to_string(), Some(old), Some(new));
        Ok(())
    }

    /// Writes what differs between two states of an entry; says whether anything does.
    pub(crate) fn write_difference(
        &mut self,
        before: &DirectoryEntry,
        after: &DirectoryEntry,
    ) -> Result<bool, CommandError> {
        if before == after {
            return Ok(false);
        }
        let id = after.recipient.id;
        let revocation = self.revocation();
        let set = self.directory_set();
        if before.recipient != after.recipient {
            store::directory::put_recipient(set, &after.recipient)?;
        }
        for old in before.members.iter().filter(|old| !has_member(after, old.member)) {
            store::directory::remove_member(set, id, old.member);
        }
        for new in after.members.iter().filter(|new| !before.members.contains(new)) {
            store::directory::put_member(set, id, *new);
        }
        // A right that is replaced is revoked first: its place is free once.
        for old in before.grants.iter().filter(|old| !after.grants.contains(old)) {
            store::directory::revoke_grant(set, old.id, &revocation);
        }
        for new in after.grants.iter().filter(|new| !before.grants.contains(new)) {
            store::directory::put_grant(set, new);
        }
        Ok(true)
    }

    /// Adds the audit record.
    pub(crate) fn record(
        &mut self,
        operation: Operation,
        object: &str,
        before: Option<Value>,
        after: Option<Value>,
    ) {
        let mut parameters = operation.parameters;
        if let (Some(client), Some(table)) = (&self.order.client, parameters.as_object_mut()) {
            table.insert(record::CLIENT.to_owned(), client.as_str().into());
        }
        let record = AuditRecord {
            at: self.now,
            actor: self.actor_name.clone(),
            operation: operation.name.to_owned(),
            object: object.to_owned(),
            parameters: parameters.to_string(),
            reason: self.order.reason.clone(),
            before: before.map(|value| value.to_string()),
            after: after.map(|value| value.to_string()),
        };
        store::audit::record(&mut self.set, &record);
    }

    /// The folders that a new mailbox has, and the two of them that mail is placed in.
    pub(crate) fn new_folders(
        &mut self,
        owner: RecipientId,
        roles: &[FolderRole],
    ) -> (StandardFolders, Vec<NewFolder>) {
        let folders: Vec<NewFolder> = roles
            .iter()
            .map(|role| NewFolder {
                id: FolderId(self.next_id()),
                recipient: owner,
                name: folder_name(*role).to_owned(),
                role: Some(*role),
                uid_validity: uid_validity(self.now),
                created_at: self.now,
            })
            .collect();
        let with_role = |role| folders.iter().find(|folder| folder.role == Some(role));
        let inbox = with_role(FolderRole::Inbox).map_or(FolderId(0), |folder| folder.id);
        // A channel only receives; what it is asked to keep as sent stays with what it received.
        let sent = with_role(FolderRole::Sent).map_or(inbox, |folder| folder.id);
        (StandardFolders { inbox, sent }, folders)
    }
}

fn has_member(entry: &DirectoryEntry, member: RecipientId) -> bool {
    entry.members.iter().any(|of| of.member == member)
}

/// The name of a standard folder: those of
/// RFC 6154 as mail programs show them.
fn folder_name(role: FolderRole) -> &'static str {
    match role {
        FolderRole::Inbox => "Inbox",
        FolderRole::Sent => "Sent",
        FolderRole::Drafts => "Drafts",
        FolderRole::Archive => "Archive",
        FolderRole::Junk => "Junk",
        FolderRole::Trash => "Trash",
    }
}

/// RFC 9051 §2.3.1.1 advises the time of creation, in seconds.
fn uid_validity(now: Timestamp) -> u32 {
    u32::try_from(now.0 / 1000).unwrap_or(1).max(1)
}

/// A UUID of 122 random bits.
pub(crate) fn new_guid(fill_random: FillRandom) -> String {
    let mut octets = [0u8; 16];
    fill_random(&mut octets);
    uuid_v4(octets)
}

/// RFC 9562 §5.4.
fn uuid_v4(mut octets: [u8; 16]) -> String {
    octets[6] = (octets[6] & 0x0f) | 0x40;
    octets[8] = (octets[8] & 0x3f) | 0x80;
    let hex: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_have_their_version_and_variant() {
        assert_eq!(uuid_v4([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid_v4([0; 16]), "00000000-0000-4000-8000-000000000000");
    }

    #[test]
    fn uid_validity_is_never_zero() {
        assert_eq!(uid_validity(Timestamp(0)), 1);
        assert_eq!(uid_validity(Timestamp(-5_000)), 1);
        assert_eq!(uid_validity(Timestamp(1_750_000_000_000)), 1_750_000_000);
    }
}
