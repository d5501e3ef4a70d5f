//! App passwords and API tokens: made by the user or for the user, shown once, kept as hashes; and
//! the forgetting of failed sign-ins.

use domain::{Recipient, RecipientId, Timestamp};
use ring::digest;
use serde_json::json;
use store::WriteSet;
use store::credential::{ApiToken, AppPassword, TOKEN_HASH_OCTETS};

use super::draft::{Draft, Operation};
use super::{CommandError, ShownOnce};
use crate::App;
use crate::access::{Actor, Denied, Need, Scope, Scopes};
use crate::credentials::{FillRandom, random_text};

/// A token's last use is known to so many seconds: a write for each call would cost more than it
/// tells.
const LAST_USED_GRAIN_SECS: i64 = 300;
/// What every token begins with, so that a leaked one can be recognised in texts.
const TOKEN_PREFIX: &str = "gui_";
/// Letters of an app password: 16 of 32, which is 80 bits.
const APP_PASSWORD_LETTERS: usize = 16;
/// Characters of the name of a credential at most.
pub(crate) const NAME_CHARACTERS_MAX: usize = 100;

/// An app password to make.
#[derive(Debug, Clone)]
pub struct NewAppPassword {
    /// Whose.
    pub user: String,
    /// What the user calls it.
    pub name: String,
}

/// An API token to make.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// In whose name it acts.
    pub user: String,
    /// What the user calls it.
    pub name: String,
    /// What it may be used for; empty for all that the user may.
    pub scopes: Vec<Scope>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

impl<'a> Draft<'a> {
    pub(crate) fn create_app_password(&mut self, new: &NewAppPassword) -> Result<(), CommandError> {
        let user = self.user_for_credential(&new.user)?;
        if self.actor.scopes() != Scopes::ALL {
            // A password opens everything, so only a full sign-in may make one.
            return Err(Denied::NeedsPassword.into());
        }
        let name = checked_name(&new.name)?;
        let id = self.next_id();
        let now = self.now;
        let keys = self.supplies.secret_kept.as_ref().expect("gathered for this command");
        let hash = keys.password_hash.clone();
        let recipient = user.id;
        let kept = AppPassword { id, recipient, name, hash, created_at: now, last_used_at: None };
        let object = user.primary().to_string();
        let parameters = json!({ "User": object, "Name": kept.name });
        store::credential::put_app_password(self.set(), &kept);
        store::scram::put(self.set(), recipient, keys);
        self.show_once(id);
        let after = Some(json!({ "Identity": id.to_string(), "Name": kept.name }));
        self.record(Operation::new("New-AppPassword", parameters), &object, None, after);
        Ok(())
    }

    pub(crate) fn remove_app_password(
        &mut self,
        user: RecipientId,
        id: i64,
    ) -> Result<(), CommandError> {
        self.allow(Need::Oneself(user))?;
        let supplies = self.supplies;
        let found = supplies.app_passwords.iter().find(|kept| kept.id == id);
        let found = found.ok_or_else(|| CommandError::not_found(&id.to_string()))?;
        let mut entry = self.entry(user)?;
        // Sign-ins that are remembered must die with the password.
        if let Some(account) = entry.recipient.account.as_mut() {
            account.credential_epoch += 1;
        }
        let before = self.entry(user)?;
        self.write_difference(&before, &entry)?;
        store::credential::remove_app_password(self.set(), user, id);
        let object = entry.recipient.primary().to_string();
        let parameters = json!({ "Identity": id.to_string() });
        let before = Some(json!({ "Identity": id.to_string(), "Name": found.name }));
        self.record(Operation::new("Remove-AppPassword", parameters), &object, before, None);
        Ok(())
    }

    pub(crate) fn create_token(&mut self, new: &NewToken) -> Result<(), CommandError> {
        let user = self.user_for_credential(&new.user)?;
        let scopes = Scopes::of(&new.scopes);
        if !scopes.are_within(self.actor.scopes()) {
            // Otherwise a token could make itself a mightier one.
            return Err(Denied::OutOfScope(missing(scopes, self.actor.scopes())).into());
        }
        if new.expires_at.is_some_and(|until| until <= self.now) {
            return Err(CommandError::invalid("until", "it must be in the future"));
        }
        let name = checked_name(&new.name)?;
        let id = self.next_id();
        let token = ApiToken {
            id,
            token_hash: token_hash(&self.supplies.secret),
            recipient: user.id,
            name,
            scopes: scopes.to_stored(),
            created_at: self.now,
            expires_at: new.expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        store::credential::put_token(self.set(), &token);
        self.show_once(id);
        let object = user.primary().to_string();
        let after = json!({
            "Identity": id.to_string(),
            "Name": token.name,
            "Scopes": token.scopes,
            "Until": new.expires_at.map(crate::dates::instant),
        });
        let parameters = json!({
            "User": object,
            "Name": token.name,
            "Scopes": token.scopes,
            "Until": new.expires_at.map(crate::dates::instant),
        });
        self.record(Operation::new("New-ApiToken", parameters), &object, None, Some(after));
        Ok(())
    }

    pub(crate) fn revoke_token(&mut self, user: RecipientId, id: i64) -> Result<(), CommandError> {
        self.allow(Need::Oneself(user))?;
        let supplies = self.supplies;
        let found = supplies.tokens.iter().find(|token| token.id == id);
        let found = found.filter(|token| token.revoked_at.is_none());
        let found = found.ok_or_else(|| CommandError::not_found(&id.to_string()))?;
        let now = self.now;
        store::credential::revoke_token(self.set(), id, now);
        store::oauth::revoke_grant_of_token(self.set(), id, now);
        let user = self.directory.recipient(user);
        let object = user.map_or_else(String::new, |found| found.primary().to_string());
        let parameters = json!({ "Identity": id.to_string() });
        let before = Some(json!({ "Identity": id.to_string(), "Name": found.name }));
        self.record(Operation::new("Remove-ApiToken", parameters), &object, before, None);
        Ok(())
    }

    pub(crate) fn clear_throttle(&mut self, login_or_address: &str) -> Result<(), CommandError> {
        self.allow(Need::Administrator)?;
        let parameters = json!({ "Identity": login_or_address });
        let operation = Operation::new("Clear-SignInThrottle", parameters);
        self.record(operation, login_or_address, None, None);
        Ok(())
    }

    /// A user for whom the actor may make credentials.
    fn user_for_credential(&self, name: &str) -> Result<&'a Recipient, CommandError> {
        let user = self.find(name)?;
        if user.account.is_none() {
            let why = format!("{name} is a {} and has no login", user.kind);
            return Err(CommandError::invalid("user", why));
        }
        self.allow(Need::Oneself(user.id))?;
        Ok(user)
    }

    pub(crate) fn show_once(&mut self, id: i64) {
        let secret = self.supplies.secret.clone();
        self.outcome().secret = Some(ShownOnce { id, secret });
    }
}

impl App {
    /// Whom a bearer token stands for, if it is in force: not expired, not revoked, and of an
    /// account that is enabled.
    pub async fn actor_of_token(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<(Actor, ApiToken)>, store::Failure> {
        let found = store::credential::token_by_hash(&self.store, &token_hash(token)).await?;
        let is_in_force = |token: &ApiToken| {
            token.revoked_at.is_none() && token.expires_at.is_none_or(|until| now < until)
        };
        let Some(token) = found.filter(is_in_force) else { return Ok(None) };
        let actor = Actor::User { id: token.recipient, scopes: Scopes::from_stored(&token.scopes) };
        let is_active = actor.role(&self.directory()).is_some();
        if is_active {
            self.note_use(&token, now).await;
        }
        Ok(is_active.then_some((actor, token)))
    }

    /// Notes when a token was used, not more often than anybody wants to know.
    async fn note_use(&self, token: &ApiToken, now: Timestamp) {
        let is_recent =
            |last_used_at: Timestamp| now.secs_since(last_used_at) < LAST_USED_GRAIN_SECS;
        if token.last_used_at.is_some_and(is_recent) {
            return;
        }
        let mut set = WriteSet::new();
        store::credential::use_token(&mut set, token.id, now);
        self.later.commit(set).await;
    }
}

/// A fresh token.
pub(crate) fn token(fill_random: FillRandom) -> String {
    format!("{TOKEN_PREFIX}{}", random_text(fill_random))
}

/// A fresh app password, in groups of four letters that are hard to mistake.
pub(crate) fn app_password(fill_random: FillRandom) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut octets = [0u8; APP_PASSWORD_LETTERS];
    fill_random(&mut octets);
    let letters: Vec<char> =
        octets.iter().map(|octet| char::from(LETTERS[usize::from(octet % 32)])).collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// What is kept of a token. It has 256 random bits, so a plain hash is as good as a slow one.
pub(crate) fn token_hash(token: &str) -> [u8; TOKEN_HASH_OCTETS] {
    let mut hash = [0u8; TOKEN_HASH_OCTETS];
    hash.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    hash
}

pub(crate) fn missing(wanted: Scopes, held: Scopes) -> Scope {
    Scope::ALL
        .into_iter()
        .find(|scope| wanted.cover(*scope) && !held.cover(*scope))
        .unwrap_or(Scope::Admin)
}

pub(crate) fn checked_name(name: &str) -> Result<String, CommandError> {
    if name.chars().count() > NAME_CHARACTERS_MAX || name.chars().any(char::is_control) {
        let why = format!("it has at most {NAME_CHARACTERS_MAX} characters, on one line");
        return Err(CommandError::invalid("name", why));
    }
    Ok(name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting(buffer: &mut [u8]) {
        for (octet, number) in buffer.iter_mut().zip(0u8..) {
            *octet = number;
        }
    }

    #[test]
    fn secrets_have_their_shape() {
        assert_eq!(app_password(counting), "abcd-efgh-ijkm-npqr");
        let token = token(counting);
        assert!(token.starts_with("gui_AAECAwQF"));
        assert_eq!(token.len(), TOKEN_PREFIX.len() + 43);
    }

    #[test]
    fn a_token_cannot_make_a_mightier_one() {
        let read = Scopes::of(&[Scope::Read]);
        let admin = Scopes::of(&[Scope::Admin]);
        assert!(read.are_within(admin));
        assert!(!admin.are_within(read));
        assert!(!Scopes::ALL.are_within(admin));
        assert_eq!(missing(Scopes::ALL, admin), Scope::Send);
    }
}
