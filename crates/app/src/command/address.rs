//! Names and addresses that a command gives to recipients: whether they may be had.

use domain::{Recipient, RecipientId, alias};
use mail::{Address, Domain};

use super::CommandError;
use super::draft::Draft;

/// Characters of a display name at most, as in Exchange.
pub(crate) const DISPLAY_NAME_CHARACTERS_MAX: usize = 256;
/// Characters of the administrator's notes at most.
pub(crate) const NOTES_CHARACTERS_MAX: usize = 1024;
/// Addresses of one recipient at most.
pub(crate) const ADDRESSES_MAX: usize = 400;
/// How many numbers are tried behind an alias that is taken.
const ALIAS_NUMBERS_MAX: u32 = 10_000;

/// What happens to the addresses of a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressChange {
    /// These are its addresses now; the first is the primary one.
    Replace(Vec<String>),
    /// Some go, some come, one may become the primary one.
    Edit {
        /// What comes in.
        add: Vec<String>,
        /// What goes out.
        remove: Vec<String>,
        /// What becomes the primary one; comes in where it is not there. The former one stays.
        primary: Option<String>,
    },
}

impl Draft<'_> {
    /// Reads an address of ours: well-formed, in an accepted domain, and nobody else's.
    pub(crate) fn own_address(
        &mut self,
        text: &str,
        holder: Option<RecipientId>,
    ) -> Result<Address, CommandError> {
        let address = parse(text)?;
        if !self.directory.is_accepted(address.domain()) {
            let accepted: Vec<&str> =
                self.directory.accepted_domains().iter().map(Domain::as_str).collect();
            let why = format!(
                "{text} is in no accepted domain; those are {}. Add the domain first, or take one \
                 of them",
                accepted.join(", ")
            );
            return Err(CommandError::invalid("address", why));
        }
        self.claim(address, holder)
    }

    /// Takes an address for a recipient, if nobody else has it.
    pub(crate) fn claim(
        &mut self,
        address: Address,
        holder: Option<RecipientId>,
    ) -> Result<Address, CommandError> {
        if let Some(found) = self.directory.holder(&address)
            && Some(found.id) != holder
        {
            return Err(CommandError::AddressInUse {
                address: address.to_string(),
                holder: found.display_name.clone(),
            });
        }
        let is_new = self.directory.holder(&address).is_none();
        if is_new && !self.taken_addresses.insert(address.key()) {
            return Err(CommandError::invalid("address", format!("{address} is given twice")));
        }
        Ok(address)
    }

    /// The address that an alias makes in the default domain.
    pub(crate) fn default_address(&mut self, alias: &str) -> Result<Address, CommandError> {
        let Some(domain) = self.directory.accepted_domains().first().cloned() else {
            return Err(CommandError::in_the_way(
                "There is no accepted domain yet. Add one first.",
            ));
        };
        let address = Address::new(alias, domain)
            .map_err(|error| CommandError::invalid("alias", error.to_string()))?;
        self.claim(address, None)
    }

    /// Checks an alias that was typed and takes it.
    pub(crate) fn typed_alias(
        &mut self,
        text: &str,
        holder: Option<RecipientId>,
    ) -> Result<String, CommandError> {
        alias::check(text).map_err(|error| CommandError::invalid("alias", error.to_string()))?;
        if !self.is_alias_free(text, holder) {
            return Err(CommandError::AlreadyExists { what: "alias", name: text.to_owned() });
        }
        self.taken_aliases.insert(text.to_lowercase());
        Ok(text.to_owned())
    }

    /// Makes an alias from a name, with a number behind it where it is taken.
    pub(crate) fn made_alias(&mut self, name: &str) -> Result<String, CommandError> {
        let plain = alias::derive(name);
        let numbered = (1..ALIAS_NUMBERS_MAX).map(|number| alias::numbered(&plain, number));
        let free = std::iter::once(plain.clone())
            .chain(numbered)
            .find(|candidate| self.is_alias_free(candidate, None));
        let Some(free) = free else {
            return Err(CommandError::AlreadyExists { what: "alias", name: plain });
        };
        self.taken_aliases.insert(free.to_lowercase());
        Ok(free)
    }

    fn is_alias_free(&self, alias: &str, holder: Option<RecipientId>) -> bool {
        let is_taken =
            |found: &Recipient| found.alias.eq_ignore_ascii_case(alias) && Some(found.id) != holder;
        !self.taken_aliases.contains(&alias.to_lowercase())
            && !self.directory.find(alias).is_some_and(is_taken)
    }

    /// The addresses of a recipient after a change.
    pub(crate) fn changed_addresses(
        &mut self,
        recipient: &Recipient,
        change: &AddressChange,
    ) -> Result<Vec<Address>, CommandError> {
        let id = Some(recipient.id);
        let mut addresses = match change {
            AddressChange::Replace(list) => {
                list.iter().map(|text| self.own_address(text, id)).collect::<Result<Vec<_>, _>>()?
            }
            AddressChange::Edit { add, remove, .. } => {
                let gone = remove.iter().map(|text| parse(text)).collect::<Result<Vec<_>, _>>()?;
                let stays = |address: &&Address| !gone.iter().any(|g| g.key() == address.key());
                let mut kept: Vec<Address> =
                    recipient.addresses.iter().filter(stays).cloned().collect();
                for text in add {
                    kept.push(self.own_address(text, id)?);
                }
                kept
            }
        };
        if let AddressChange::Edit { primary: Some(primary), .. } = change {
            let primary = parse(primary)?;
            if !addresses.iter().any(|address| address.key() == primary.key()) {
                self.own_address(&primary.to_string(), id)?;
            }
            addresses.retain(|address| address.key() != primary.key());
            addresses.insert(0, primary);
        } else if let AddressChange::Edit { .. } = change
            && addresses.first().map(Address::key) != Some(recipient.primary().key())
        {
            let why = format!(
                "{} is the primary address; make another one the primary one first",
                recipient.primary()
            );
            return Err(CommandError::invalid("address", why));
        }
        let mut seen = std::collections::HashSet::new();
        addresses.retain(|address| seen.insert(address.key()));
        match addresses.len() {
            0 => Err(CommandError::invalid("address", "a recipient needs at least one address")),
            1..=ADDRESSES_MAX => Ok(addresses),
            _ => {
                let why = format!("a recipient has at most {ADDRESSES_MAX} addresses");
                Err(CommandError::invalid("address", why))
            }
        }
    }
}

/// Reads an address.
pub(crate) fn parse(text: &str) -> Result<Address, CommandError> {
    Address::parse(text.trim())
        .map_err(|error| CommandError::invalid("address", format!("'{text}': {error}")))
}

/// Checks a display name.
pub(crate) fn display_name(text: &str) -> Result<String, CommandError> {
    let name = text.trim();
    if name.is_empty() {
        return Err(CommandError::invalid("display name", "it must not be empty"));
    }
    if name.chars().any(char::is_control) {
        return Err(CommandError::invalid("display name", "it must not have control characters"));
    }
    if name.chars().count() > DISPLAY_NAME_CHARACTERS_MAX {
        let why = format!("it has at most {DISPLAY_NAME_CHARACTERS_MAX} characters");
        return Err(CommandError::invalid("display name", why));
    }
    Ok(name.to_owned())
}

/// Checks notes.
pub(crate) fn notes(text: &str) -> Result<String, CommandError> {
    if text.chars().count() > NOTES_CHARACTERS_MAX {
        let why = format!("they have at most {NOTES_CHARACTERS_MAX} characters");
        return Err(CommandError::invalid("notes", why));
    }
    Ok(text.to_owned())
}
