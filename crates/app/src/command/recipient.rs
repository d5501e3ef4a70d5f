//! Changing and removing recipients of any kind.

use domain::{AccountRole, DirectoryEntry, MemberRole, Recipient, RecipientId, RecipientKind};
use serde_json::{Map, Value, json};

use super::address::{AddressChange, display_name, notes};
use super::draft::{Draft, Operation};
use super::{CommandError, ListChange, Password, Warning, record};
use crate::access::{self, Need};
use crate::read::channels as channels_of;

/// Longest time in the bin that can be set, in days: a hundred years.
pub const RETENTION_DAYS_MAX: u32 = 36_500;

/// What changes of a recipient. What is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct RecipientChanges {
    /// The name that people see.
    pub display_name: Option<String>,
    /// The alias. Addresses stay.
    pub alias: Option<String>,
    /// The addresses; for a contact exactly one, elsewhere.
    pub addresses: Option<AddressChange>,
    /// Whether lists of recipients leave it out.
    pub is_hidden: Option<bool>,
    /// Refuse mail that no account of ours submitted.
    pub requires_sender_authentication: Option<bool>,
    /// Whether who sends from it gets a copy in the own Sent folder.
    pub copies_sent_mail_to_person: Option<bool>,
    /// Whether each reader has an own state of what is read.
    pub seen_is_personal: Option<bool>,
    /// Days after which messages leave the bin for good; 0: never.
    pub trash_retention_days: Option<u32>,
    /// Bytes of mail in all folders; `Some(None)`: no limit.
    pub quota_bytes: Option<Option<u64>>,
    /// Free text for the administrator.
    pub notes: Option<String>,
    /// Whether the user may neither sign in nor send.
    pub is_disabled: Option<bool>,
    /// What the user may do beside its own mail.
    pub role: Option<AccountRole>,
    /// The user's new password.
    pub password: Option<Password>,
    /// Who holds Send on behalf on it.
    pub send_on_behalf: Option<ListChange>,
    /// The names of the team's channels.
    pub channels: Option<ListChange>,
}

impl RecipientChanges {
    /// Whether only things change that an owner may change.
    fn is_for_owners(&self) -> bool {
        self.alias.is_none()
            && self.addresses.is_none()
            && self.is_hidden.is_none()
            && self.requires_sender_authentication.is_none()
            && self.copies_sent_mail_to_person.is_none()
            && self.seen_is_personal.is_none()
            && self.trash_retention_days.is_none()
            && self.quota_bytes.is_none()
            && self.is_disabled.is_none()
            && self.role.is_none()
            && self.password.is_none()
    }
}

impl Draft<'_> {
    pub(crate) fn set_recipient(
        &mut self,
        identity: &str,
        changes: &RecipientChanges,
    ) -> Result<(), CommandError> {
        let recipient = self.find(identity)?;
        let by_owner = recipient.kind == RecipientKind::Group && changes.is_for_owners();
        self.allow(if by_owner { Need::OwnerOf(recipient.id) } else { Need::Administrator })?;
        let mut entry = self.entry(recipient.id)?;
        self.change_names(&mut entry.recipient, changes)?;
        change_settings(&mut entry.recipient, changes)?;
        self.change_account(&mut entry.recipient, changes)?;
        if let Some(change) = &changes.send_on_behalf {
            self.edit_send_on_behalf(&mut entry, change)?;
        }
        let channels = match &changes.channels {
            Some(change) => Some(self.change_channels(recipient, change)?),
            None => None,
        };
        self.write_changes(&entry, changes, channels)
    }

    /// Writes the changed entry with one record, channels and password included.
    fn write_changes(
        &mut self,
        after: &DirectoryEntry,
        changes: &RecipientChanges,
        channels: Option<(Vec<String>, Vec<String>)>,
    ) -> Result<(), CommandError> {
        let before = self.entry(after.recipient.id)?;
        let identity = before.recipient.primary().to_string();
        self.outcome().recipient = Some(after.recipient.id);
        let is_changed = self.write_difference(&before, after)?;
        let (removed, added) = channels.unwrap_or_default();
        let has_channels = !removed.is_empty() || !added.is_empty();
        if !is_changed && !has_channels {
            self.warn(Warning::NothingChanged(identity));
            return Ok(());
        }
        let (mut old, mut new) = record::difference(self.directory, &before, after);
        if has_channels {
            old["Channels"] = json!(removed);
            new["Channels"] = json!(added);
        }
        if changes.password.is_some() {
            self.put_password(after.recipient.id);
        }
        let parameters = parameters(&identity, &new, changes);
        let operation = Operation::new(set_cmdlet(after.recipient.kind), parameters);
        self.record(operation, &identity, Some(old), Some(new));
        Ok(())
    }

    fn change_names(
        &mut self,
        recipient: &mut Recipient,
        changes: &RecipientChanges,
    ) -> Result<(), CommandError> {
        if let Some(name) = &changes.display_name {
            recipient.display_name = display_name(name)?;
        }
        if let Some(alias) = &changes.alias {
            recipient.alias = self.typed_alias(alias, Some(recipient.id))?;
        }
        if let Some(change) = &changes.addresses {
            recipient.addresses = match (recipient.kind, change) {
                (RecipientKind::Contact, AddressChange::Replace(list)) if list.len() == 1 => {
                    vec![self.external_address(&list[0], Some(recipient.id))?]
                }
                (RecipientKind::Contact, _) => {
                    let why = "a contact has exactly one address, elsewhere";
                    return Err(CommandError::invalid("address", why));
                }
                _ => self.changed_addresses(recipient, change)?,
            };
        }
        Ok(())
    }

    fn change_account(
        &self,
        recipient: &mut Recipient,
        changes: &RecipientChanges,
    ) -> Result<(), CommandError> {
        let is_wanted =
            changes.is_disabled.is_some() || changes.role.is_some() || changes.password.is_some();
        if !is_wanted {
            return Ok(());
        }
        let id = recipient.id;
        let Some(account) = recipient.account.as_mut() else {
            let why =
                format!("{} is a {} and has no login", recipient.display_name, recipient.kind);
            return Err(CommandError::invalid("recipient", why));
        };
        let was_disabled = account.is_disabled;
        account.is_disabled = changes.is_disabled.unwrap_or(was_disabled);
        account.role = changes.role.unwrap_or(account.role);
        if changes.password.is_some() || account.is_disabled != was_disabled {
            account.credential_epoch += 1;
        }
        if account.is_disabled || account.role != AccountRole::Administrator {
            self.keep_an_administrator(id)?;
        }
        Ok(())
    }

    /// Refuses what would leave no account that administers.
    pub(crate) fn keep_an_administrator(&self, without: RecipientId) -> Result<(), CommandError> {
        let administers = |found: &&Recipient| {
            let account = found.account.as_ref();
            account.is_some_and(|a| !a.is_disabled && a.role == AccountRole::Administrator)
        };
        let administrators: Vec<RecipientId> =
            self.directory.recipients().filter(administers).map(|found| found.id).collect();
        let is_last = administrators == [without];
        if is_last {
            return Err(CommandError::in_the_way(
                "It is the last account that may administer. Make another one administrator first.",
            ));
        }
        Ok(())
    }

    pub(crate) fn remove(&mut self, identity: &str) -> Result<(), CommandError> {
        let recipient = self.find(identity)?;
        let need = match recipient.team {
            Some(team) => Need::OwnerOf(team),
            None => Need::Administrator,
        };
        self.allow(need)?;
        if let Some(team) = recipient.team.and_then(|team| self.directory.recipient(team)) {
            let name = recipient.display_name.clone();
            let change = ListChange::Edit { add: Vec::new(), remove: vec![name] };
            let difference = self.change_channels(team, &change)?;
            self.record_channels(team, difference);
            return Ok(());
        }
        if recipient.kind == RecipientKind::User {
            self.keep_an_administrator(recipient.id)?;
            self.warn_of_ownerless_groups(recipient.id);
        }
        self.no_rule_sends_to(recipient.id)?;
        let entry = self.entry(recipient.id)?;
        let revocation = self.revocation();
        for channel in channels_of(self.directory, recipient.id) {
            self.no_rule_sends_to(channel.id)?;
            store::directory::remove_recipient(self.directory_set(), channel.id, &revocation);
        }
        store::directory::remove_recipient(self.directory_set(), recipient.id, &revocation);
        let identity = recipient.primary().to_string();
        let operation =
            Operation::new(remove_cmdlet(recipient.kind), json!({ "Identity": identity }));
        let before = record::describe(self.directory, &entry);
        self.record(operation, &identity, Some(before), None);
        Ok(())
    }

    fn warn_of_ownerless_groups(&mut self, owner: RecipientId) {
        for group in self.directory.groups_of(owner) {
            let members = self.directory.members_of(*group);
            let owners = members.iter().filter(|of| of.role == MemberRole::Owner);
            let is_only =
                owners.clone().count() == 1 && owners.clone().any(|of| of.member == owner);
            if let (true, Some(found)) = (is_only, self.directory.recipient(*group)) {
                self.warn(Warning::GroupWithoutOwner(found.display_name.clone()));
            }
        }
    }

    /// Writes what is kept of the command's password, if it has one.
    pub(crate) fn put_password(&mut self, user: RecipientId) {
        let (supplies, now) = (self.supplies, self.now);
        let Some(kept) = &supplies.password else { return };
        let set = self.directory_set();
        store::credential::put_password(set, user, &kept.password_hash, now);
        store::scram::put(set, user, kept);
    }

    /// Sets a password: the user's own, or anybody's for an administrator.
    pub(crate) fn set_own_password(&mut self, user: &str) -> Result<(), CommandError> {
        let found = self.find(user)?;
        self.allow(Need::Oneself(found.id))?;
        if self.actor.scopes() != access::Scopes::ALL {
            // A token that leaked must not be able to lock its owner out.
            return Err(access::Denied::NeedsPassword.into());
        }
        let mut entry = self.entry(found.id)?;
        let Some(account) = entry.recipient.account.as_mut() else {
            let why = format!("{user} is a {} and has no login", found.kind);
            return Err(CommandError::invalid("user", why));
        };
        account.credential_epoch += 1;
        let changes =
            RecipientChanges { password: Some(Password(String::new())), ..Default::default() };
        self.write_changes(&entry, &changes, None)
    }
}

fn change_settings(
    recipient: &mut Recipient,
    changes: &RecipientChanges,
) -> Result<(), CommandError> {
    let settings = &mut recipient.settings;
    if let Some(is_hidden) = changes.is_hidden {
        settings.is_hidden_from_address_lists = is_hidden;
    }
    if let Some(requires) = changes.requires_sender_authentication {
        settings.requires_sender_authentication = requires;
    }
    if let Some(copies) = changes.copies_sent_mail_to_person {
        settings.copies_sent_mail_to_person = copies;
    }
    if let Some(is_personal) = changes.seen_is_personal {
        settings.seen_is_personal = Some(is_personal);
    }
    if let Some(days) = changes.trash_retention_days {
        if days > RETENTION_DAYS_MAX {
            let why = format!("0 (for ever) to {RETENTION_DAYS_MAX}");
            return Err(CommandError::invalid("days in the bin", why));
        }
        settings.trash_retention_days = days;
    }
    if let Some(quota) = changes.quota_bytes {
        settings.quota_bytes = quota;
    }
    if let Some(text) = &changes.notes {
        settings.notes = notes(text)?;
    }
    Ok(())
}

/// The parameters of a Set- cmdlet: what became of what was set. A password is only said to be set.
fn parameters(identity: &str, after: &Value, changes: &RecipientChanges) -> Value {
    let mut parameters = Map::new();
    parameters.insert("Identity".to_owned(), identity.into());
    if let Value::Object(after) = after {
        parameters.extend(after.clone());
    }
    if changes.password.is_some() {
        parameters.insert("Password".to_owned(), "(set)".into());
    }
    Value::Object(parameters)
}

fn set_cmdlet(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::User | RecipientKind::SharedMailbox => "Set-Mailbox",
        RecipientKind::Group | RecipientKind::Channel => "Set-UnifiedGroup",
        RecipientKind::Contact => "Set-MailContact",
    }
}

fn remove_cmdlet(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::User | RecipientKind::SharedMailbox => "Remove-Mailbox",
        RecipientKind::Group | RecipientKind::Channel => "Remove-UnifiedGroup",
        RecipientKind::Contact => "Remove-MailContact",
    }
}
