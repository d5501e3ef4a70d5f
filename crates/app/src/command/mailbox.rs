//! Creating the mailboxes of persons and shared mailboxes.

use domain::{
    Account, AccountRole, DirectoryEntry, Grant, GrantId, Recipient, RecipientId, RecipientKind,
    RecipientSettings, Right,
};
use mail::Address;
use serde_json::json;
use store::folder::FolderRole;

use super::address::{display_name, notes};
use super::draft::{Draft, Operation};
use super::{CommandError, Password};
use crate::access::Need;

/// Folders of a person's or shared mailbox from its first second.
const MAILBOX_FOLDERS: [FolderRole; 6] = [
    FolderRole::Inbox,
    FolderRole::Sent,
    FolderRole::Drafts,
    FolderRole::Archive,
    FolderRole::Junk,
    FolderRole::Trash,
];

/// A user to create.
#[derive(Debug, Clone, Default)]
pub struct NewUser {
    /// The name that people see.
    pub display_name: String,
    /// The alias; made from the address, or from the name, where there is none.
    pub alias: Option<String>,
    /// The primary address, which is the login; the alias in the default domain where there is
    /// none.
    pub address: Option<String>,
    /// The password; without one nobody can sign in until one is set.
    pub password: Option<Password>,
    /// What the account may do beside its own mail; nothing more where nothing is said.
    pub role: Option<AccountRole>,
    /// Whether lists of recipients leave it out.
    pub is_hidden: bool,
    /// Free text for the administrator.
    pub notes: String,
}

/// A shared mailbox to create.
#[derive(Debug, Clone, Default)]
pub struct NewSharedMailbox {
    /// The name that people see.
    pub display_name: String,
    /// The alias; made from the address, or from the name, where there is none.
    pub alias: Option<String>,
    /// The primary address; the alias in the default domain where there is none.
    pub address: Option<String>,
    /// Who receives Full Access at once.
    pub members: Vec<String>,
    /// Whether lists of recipients leave it out.
    pub is_hidden: bool,
    /// Free text for the administrator.
    pub notes: String,
}

impl Draft<'_> {
    pub(crate) fn create_user(&mut self, new: &NewUser) -> Result<(), CommandError> {
        self.allow(Need::Administrator)?;
        let mut recipient = self.new_recipient(RecipientKind::User, &new.display_name)?;
        self.name(&mut recipient, new.alias.as_deref(), new.address.as_deref())?;
        recipient.account = Some(Account {
            is_disabled: false,
            role: new.role.unwrap_or(AccountRole::Member),
            credential_epoch: 1,
        });
        recipient.settings.is_hidden_from_address_lists = new.is_hidden;
        recipient.settings.notes = notes(&new.notes)?;
        let (standard, folders) = self.new_folders(recipient.id, &MAILBOX_FOLDERS);
        recipient.folders = Some(standard);
        let id = recipient.id;
        let parameters = json!({
            "Name": recipient.display_name,
            "PrimarySmtpAddress": recipient.primary().to_string(),
            "Role": new.role.map(AccountRole::as_str),
        });
        let entry = DirectoryEntry { recipient, grants: Vec::new(), members: Vec::new() };
        self.create(&entry, &folders, Operation::new("New-Mailbox", parameters))?;
        self.put_password(id);
        Ok(())
    }

    pub(crate) fn create_shared_mailbox(
        &mut self,
        new: &NewSharedMailbox,
    ) -> Result<(), CommandError> {
        self.allow(Need::Administrator)?;
        let mut recipient = self.new_recipient(RecipientKind::SharedMailbox, &new.display_name)?;
        self.name(&mut recipient, new.alias.as_deref(), new.address.as_deref())?;
        recipient.settings.is_hidden_from_address_lists = new.is_hidden;
        recipient.settings.notes = notes(&new.notes)?;
        let (standard, folders) = self.new_folders(recipient.id, &MAILBOX_FOLDERS);
        recipient.folders = Some(standard);
        let mut grants: Vec<Grant> = Vec::new();
        for member in &new.members {
            let trustee = self.trustee(member)?;
            if !grants.iter().any(|grant| grant.trustee == trustee) {
                grants.push(self.new_grant(recipient.id, trustee, Right::FullAccess));
            }
        }
        let parameters = json!({
            "Name": recipient.display_name,
            "Shared": true,
            "PrimarySmtpAddress": recipient.primary().to_string(),
            "Members": new.members,
        });
        let entry = DirectoryEntry { recipient, grants, members: Vec::new() };
        self.create(&entry, &folders, Operation::new("New-Mailbox", parameters))
    }

    /// A recipient with nothing but its kind and its name yet.
    pub(crate) fn new_recipient(
        &mut self,
        kind: RecipientKind,
        name: &str,
    ) -> Result<Recipient, CommandError> {
        Ok(Recipient {
            id: RecipientId(self.next_id()),
            guid: self.new_guid(),
            kind,
            alias: String::new(),
            display_name: display_name(name)?,
            addresses: Vec::new(),
            account: None,
            folders: None,
            team: None,
            settings: RecipientSettings::default(),
            created_at: self.now,
        })
    }

    /// Gives a new recipient its alias and its address. Each is made from the other, or from the
    /// display name, where it is not given.
    pub(crate) fn name(
        &mut self,
        recipient: &mut Recipient,
        alias: Option<&str>,
        address: Option<&str>,
    ) -> Result<(), CommandError> {
        let address = address.map(|text| self.own_address(text, None)).transpose()?;
        recipient.alias = match (alias, &address) {
            (Some(alias), _) => self.typed_alias(alias, None)?,
            (None, Some(address)) => self.made_alias(address.local())?,
            (None, None) => self.made_alias(&recipient.display_name)?,
        };
        let primary: Address = match address {
            Some(address) => address,
            None => self.default_address(&recipient.alias)?,
        };
        recipient.addresses = vec![primary];
        Ok(())
    }

    /// A right that is given now, without an end.
    pub(crate) fn new_grant(
        &mut self,
        recipient: RecipientId,
        trustee: RecipientId,
        right: Right,
    ) -> Grant {
        Grant {
            id: GrantId(self.next_id()),
            recipient,
            trustee,
            right,
            until_at: None,
            reason: self.reason().map(str::to_owned),
            granted_by: self.actor_name().to_owned(),
            granted_at: self.now,
        }
    }
}
