//! Turning a second factor on and off, new recovery codes, and what signs in beside the password
//! being taken away. Only the person turns one on; an administrator can take one away from whoever
//! lost the device, and sign somebody out everywhere.

use domain::RecipientId;
use serde_json::json;
use store::second_factor::SecondFactor;

use super::credential::token_hash;
use super::draft::{Draft, Operation};
use super::{CommandError, ShownOnce};
use crate::access::{Denied, Need, Scopes};
use crate::credentials::FillRandom;
use crate::totp;

/// Recovery codes that are made at once.
pub const RECOVERY_CODES: usize = 10;

impl Draft<'_> {
    pub(crate) fn confirm_second_factor(
        &mut self,
        user: RecipientId,
        code: &str,
    ) -> Result<(), CommandError> {
        self.allow_by_oneself(user)?;
        let offered = self.supplies.second_factor.as_ref();
        let offered = offered.filter(|factor| factor.confirmed_at.is_none()).ok_or_else(|| {
            CommandError::in_the_way("No second factor is waiting for a code: begin again.")
        })?;
        let typed: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        let step = totp::matching_step(&offered.secret, &typed, self.now).ok_or_else(|| {
            let why = "it is not the one that belongs to this secret now; check the device's clock";
            CommandError::invalid("code", why)
        })?;
        let now = self.now;
        self.begin_epoch(user)?;
        store::second_factor::confirm(self.set(), user, offered, step, now);
        self.put_recovery_codes(user);
        self.record_of(user, "Enable-SecondFactor")
    }

    pub(crate) fn renew_recovery_codes(&mut self, user: RecipientId) -> Result<(), CommandError> {
        self.allow_by_oneself(user)?;
        if !is_on(self.supplies.second_factor.as_ref()) {
            return Err(CommandError::in_the_way("The account has no second factor."));
        }
        self.put_recovery_codes(user);
        self.record_of(user, "New-RecoveryCode")
    }

    pub(crate) fn remove_second_factor(&mut self, user: RecipientId) -> Result<(), CommandError> {
        self.allow(Need::Oneself(user))?;
        self.allow_no_token()?;
        let supplies = self.supplies;
        if supplies.second_factor.is_none() && supplies.passkeys.is_empty() {
            return Err(CommandError::in_the_way("The account has no second factor."));
        }
        self.begin_epoch(user)?;
        store::second_factor::remove(self.set(), user);
        store::passkey::remove_all(self.set(), user);
        self.record_of(user, "Remove-SecondFactor")
    }

    pub(crate) fn end_sign_ins(&mut self, user: RecipientId) -> Result<(), CommandError> {
        self.allow(Need::Oneself(user))?;
        self.begin_epoch(user)?;
        self.record_of(user, "Remove-UserSession")
    }

    pub(crate) fn remove_passkey(
        &mut self,
        user: RecipientId,
        id: i64,
    ) -> Result<(), CommandError> {
        self.allow(Need::Oneself(user))?;
        self.allow_no_token()?;
        let found = self.supplies.passkeys.iter().find(|key| key.id == id);
        let name = found.ok_or_else(|| CommandError::not_found(&id.to_string()))?.name.clone();
        self.begin_epoch(user)?;
        store::passkey::remove(self.set(), user, id);
        let object = self.address_of(user);
        let parameters = json!({ "Identity": id.to_string() });
        let before = Some(json!({ "Identity": id.to_string(), "Name": name }));
        self.record(Operation::new("Remove-Passkey", parameters), &object, before, None);
        Ok(())
    }

    /// Ends sessions too: one may have been opened by that identity.
    pub(crate) fn unlink_identity(
        &mut self,
        user: RecipientId,
        id: i64,
    ) -> Result<(), CommandError> {
        self.allow(Need::Oneself(user))?;
        self.allow_no_token()?;
        let found = self.supplies.linked_identities.iter().find(|known| known.id == id);
        let found = found.ok_or_else(|| CommandError::not_found(&id.to_string()))?;
        let before = json!({
            "Identity": id.to_string(),
            "Issuer": found.issuer,
            "Subject": found.subject,
            "Address": found.address,
        });
        self.begin_epoch(user)?;
        store::linked_identity::remove(self.set(), user, id);
        let object = self.address_of(user);
        let parameters = json!({ "Identity": id.to_string() });
        let operation = Operation::new("Remove-LinkedIdentity", parameters);
        self.record(operation, &object, Some(before), None);
        Ok(())
    }

    fn put_recovery_codes(&mut self, user: RecipientId) {
        let codes = &self.supplies.recovery_codes;
        let hashes: Vec<_> = codes.iter().map(|code| recovery_code_hash(code)).collect();
        let secret = codes.join("\n");
        store::second_factor::put_recovery_codes(self.set(), user, &hashes);
        self.outcome().secret = Some(ShownOnce { id: user.0, secret });
    }

    /// Only the account itself: nobody makes a second factor for another.
    fn allow_by_oneself(&self, user: RecipientId) -> Result<(), CommandError> {
        self.allow(Need::Oneself(user))?;
        if self.actor.account() != Some(user) {
            return Err(Denied::NotEntitled(Need::Oneself(user)).into());
        }
        self.allow_no_token()
    }

    fn allow_no_token(&self) -> Result<(), CommandError> {
        if self.actor.scopes() == Scopes::ALL { Ok(()) } else { Err(Denied::NeedsPassword.into()) }
    }

    /// Ends sessions and remembered sign-ins: what was enough before is not any more.
    fn begin_epoch(&mut self, user: RecipientId) -> Result<(), CommandError> {
        let before = self.entry(user)?;
        let mut after = before.clone();
        let account = after.recipient.account.as_mut();
        account.ok_or_else(|| CommandError::not_found("account"))?.credential_epoch += 1;
        self.write_difference(&before, &after)?;
        Ok(())
    }

    fn record_of(&mut self, user: RecipientId, name: &'static str) -> Result<(), CommandError> {
        let object = self.address_of(user);
        let parameters = json!({ "User": object });
        self.record(Operation::new(name, parameters), &object, None, None);
        Ok(())
    }

    fn address_of(&self, user: RecipientId) -> String {
        let found = self.directory.recipient(user);
        found.map_or_else(String::new, |found| found.primary().to_string())
    }
}

fn is_on(factor: Option<&SecondFactor>) -> bool {
    factor.is_some_and(|factor| factor.confirmed_at.is_some())
}

/// Fresh recovery codes.
pub(crate) fn recovery_codes(fill_random: FillRandom) -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| super::credential::app_password(fill_random)).collect()
}

/// What is kept of a recovery code. It has 80 random bits; hyphens, spaces and case do not matter.
pub(crate) fn recovery_code_hash(typed: &str) -> [u8; store::credential::TOKEN_HASH_OCTETS] {
    let letters = typed.chars().filter(char::is_ascii_alphanumeric);
    token_hash(&letters.map(|letter| letter.to_ascii_lowercase()).collect::<String>())
}
