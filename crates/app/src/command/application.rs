//! Registering the clients of OAuth 2, and taking them away with all that they were given.

use serde_json::json;
use store::oauth::Client;

use super::credential::{NAME_CHARACTERS_MAX, checked_name, missing};
use super::draft::{Draft, Operation};
use super::{CommandError, new_guid};
use crate::access::{Denied, Need, Scope, Scopes};
use crate::oauth::{hash, may_register};

/// Redirection URIs of one client at most.
pub const REDIRECT_URIS_MAX: usize = 20;

/// How a client proves that it is itself (RFC 6749 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientKind {
    /// By a secret, which is shown once.
    Confidential,
    /// It cannot keep a secret: a program on somebody's machine.
    Public,
}

/// A client to register.
#[derive(Debug, Clone)]
pub struct NewApplication {
    /// What people call it; they see it when they are asked.
    pub name: String,
    /// Whether it has a secret.
    pub kind: ClientKind,
    /// The user for whom it acts by itself, if it may.
    pub account: Option<String>,
    /// What it may ask for at most.
    pub scopes: Vec<Scope>,
    /// Where a browser may bring it answers.
    pub redirect_uris: Vec<String>,
    /// Its identifier, where a program has one of its own; otherwise it is made.
    pub client_id: Option<String>,
}

impl Draft<'_> {
    pub(crate) fn create_application(&mut self, new: &NewApplication) -> Result<(), CommandError> {
        self.allow(Need::Administrator)?;
        let name = checked_name(&new.name)?;
        if name.is_empty() {
            let why = format!("a name of 1 to {NAME_CHARACTERS_MAX} characters is needed");
            return Err(CommandError::invalid("name", why));
        }
        let scopes = self.application_scopes(&new.scopes)?;
        let account = self.application_account(new)?;
        let client_id = match &new.client_id {
            Some(given) => checked_client_id(given)?,
            None => new_guid(self.supplies.fill_random),
        };
        let clients = &self.supplies.oauth_clients;
        if clients.iter().any(|known| known.client_id == client_id) {
            return Err(CommandError::AlreadyExists { what: "client", name: client_id });
        }
        if clients.iter().any(|known| known.name.eq_ignore_ascii_case(&name)) {
            return Err(CommandError::AlreadyExists { what: "client", name });
        }
        check_redirect_uris(&new.redirect_uris)?;
        let is_confidential = new.kind == ClientKind::Confidential;
        let client = Client {
            id: self.next_id(),
            client_id,
            secret_hash: is_confidential.then(|| hash(&self.supplies.secret)),
            name,
            account,
            scopes: scopes.to_stored(),
            redirect_uris: new.redirect_uris.clone(),
            created_at: self.now,
        };
        store::oauth::put_client(self.set(), &client);
        if is_confidential {
            self.show_once(client.id);
        }
        let after = self.describe(&client);
        let operation = Operation::new("New-Application", after.clone());
        self.record(operation, &client.client_id, None, Some(after));
        Ok(())
    }

    pub(crate) fn remove_application(&mut self, identity: &str) -> Result<(), CommandError> {
        self.allow(Need::Administrator)?;
        let supplies = self.supplies;
        let found = supplies.oauth_clients.iter().find(|client| {
            client.client_id.eq_ignore_ascii_case(identity)
                || client.name.eq_ignore_ascii_case(identity)
        });
        let found = found.ok_or_else(|| CommandError::not_found(identity))?;
        let now = self.now;
        store::oauth::remove_client(self.set(), found.id, now);
        let parameters = json!({ "Identity": found.client_id });
        let before = self.describe(found);
        let operation = Operation::new("Remove-Application", parameters);
        self.record(operation, &found.client_id, Some(before), None);
        Ok(())
    }

    fn application_scopes(&self, wanted: &[Scope]) -> Result<Scopes, CommandError> {
        if wanted.is_empty() {
            let why = "name what the client may ask for: admin, read or send";
            return Err(CommandError::invalid("scopes", why));
        }
        let scopes = Scopes::of(wanted);
        if !scopes.are_within(self.actor.scopes()) {
            return Err(Denied::OutOfScope(missing(scopes, self.actor.scopes())).into());
        }
        Ok(scopes)
    }

    fn application_account(
        &self,
        new: &NewApplication,
    ) -> Result<Option<domain::RecipientId>, CommandError> {
        let Some(name) = &new.account else { return Ok(None) };
        let found = self.find(name)?;
        if found.account.is_none() {
            let why = format!("{name} is a {} and has no login", found.kind);
            return Err(CommandError::invalid("account", why));
        }
        if new.kind == ClientKind::Public {
            let why = "a public client acts for nobody by itself: it has no secret to show";
            return Err(CommandError::invalid("account", why));
        }
        Ok(Some(found.id))
    }

    fn describe(&self, client: &Client) -> serde_json::Value {
        let account = client.account.and_then(|id| self.directory.recipient(id));
        json!({
            "Identity": client.client_id,
            "Name": client.name,
            "User": account.map(|found| found.primary().to_string()),
            "Scopes": client.scopes,
            "RedirectUris": client.redirect_uris,
            "Public": client.secret_hash.is_none(),
        })
    }
}

/// Identifiers look like those of Microsoft's: a UUID, kept in lower case.
fn checked_client_id(given: &str) -> Result<String, CommandError> {
    let lower = given.to_ascii_lowercase();
    let is_guid = lower.len() == 36
        && lower.char_indices().all(|(place, letter)| match place {
            8 | 13 | 18 | 23 => letter == '-',
            _ => letter.is_ascii_hexdigit(),
        });
    if is_guid {
        return Ok(lower);
    }
    let why = "a client's identifier is a UUID; without one it is made";
    Err(CommandError::invalid("client", why))
}

fn check_redirect_uris(uris: &[String]) -> Result<(), CommandError> {
    if uris.len() > REDIRECT_URIS_MAX {
        let why = format!("at most {REDIRECT_URIS_MAX} redirection URIs");
        return Err(CommandError::invalid("redirect URI", why));
    }
    match uris.iter().find(|uri| !may_register(uri)) {
        None => Ok(()),
        Some(bad) => {
            let why = format!(
                "{bad} cannot be registered: use https, http to 127.0.0.1, [::1] or localhost, or \
                 a private scheme such as com.contoso.app:/, without a fragment"
            );
            Err(CommandError::invalid("redirect URI", why))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_uuids() {
        let id = checked_client_id("FB78D390-0C51-40CD-8E17-FDBFAB77341B").ok();
        assert_eq!(id.as_deref(), Some("fb78d390-0c51-40cd-8e17-fdbfab77341b"));
        for bad in ["", "x", "fb78d390-0c51-40cd-8e17-fdbfab77341", "fb78d390x0c51-40cd-8e17-fdb"] {
            assert!(checked_client_id(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn redirection_uris_are_counted() {
        let uris = |count| vec!["https://app.fabrikam.com/".to_owned(); count];
        assert!(check_redirect_uris(&uris(REDIRECT_URIS_MAX)).is_ok());
        assert!(check_redirect_uris(&uris(REDIRECT_URIS_MAX + 1)).is_err());
        assert!(check_redirect_uris(&["javascript:alert(1)".to_owned()]).is_err());
    }
}
