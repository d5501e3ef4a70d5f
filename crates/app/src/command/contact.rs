//! Creating contacts: names in the directory for addresses elsewhere.

use domain::{DirectoryEntry, RecipientId, RecipientKind};
use mail::Address;
use serde_json::json;

use super::CommandError;
use super::address::{notes, parse};
use super::draft::{Draft, Operation};
use crate::access::Need;

/// A contact to create.
#[derive(Debug, Clone, Default)]
pub struct NewContact {
    /// The name that people see.
    pub display_name: String,
    /// The alias; made from the name where there is none.
    pub alias: Option<String>,
    /// The address elsewhere.
    pub external_address: String,
    /// Free text for the administrator.
    pub notes: String,
}

impl Draft<'_> {
    pub(crate) fn create_contact(&mut self, new: &NewContact) -> Result<(), CommandError> {
        self.allow(Need::Administrator)?;
        let mut recipient = self.new_recipient(RecipientKind::Contact, &new.display_name)?;
        recipient.addresses = vec![self.external_address(&new.external_address, None)?];
        recipient.alias = match &new.alias {
            Some(alias) => self.typed_alias(alias, None)?,
            None => self.made_alias(&recipient.display_name)?,
        };
        recipient.settings.notes = notes(&new.notes)?;
        let parameters = json!({
            "Name": recipient.display_name,
            "ExternalEmailAddress": recipient.primary().to_string(),
        });
        let entry = DirectoryEntry { recipient, grants: Vec::new(), members: Vec::new() };
        self.create(&entry, &[], Operation::new("New-MailContact", parameters))
    }

    /// Reads an address elsewhere that no recipient of ours has.
    pub(crate) fn external_address(
        &mut self,
        text: &str,
        holder: Option<RecipientId>,
    ) -> Result<Address, CommandError> {
        let address = self.claim(parse(text)?, holder)?;
        if self.directory.is_accepted(address.domain()) {
            let why = format!(
                "{address} is in an accepted domain; a contact is for an address elsewhere. Create \
                 a user, a group or a shared mailbox instead"
            );
            return Err(CommandError::invalid("address", why));
        }
        Ok(address)
    }
}
