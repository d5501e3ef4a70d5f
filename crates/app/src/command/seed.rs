//! The first commands of a new installation: organisation, domain, first administrator. They go
//! through the same door as all later ones, with the server itself as actor.

use domain::{AccountRole, Organization, RecipientId, Timestamp};
use serde_json::json;
use store::{CommitError, WriteSet};

use super::{Command, CommandError, NewUser, Order, Password};
use crate::App;
use crate::access::Actor;
use crate::signing::NewKey;

/// What a new installation begins with.
#[derive(Debug, Clone)]
pub struct Seed {
    /// The organisation's GUID: a UUID in lower-case text form.
    pub guid: String,
    /// The organisation's name.
    pub organization: String,
    /// The first accepted domain.
    pub domain: String,
    /// Its DKIM keys, of [`super::generate_domain_keys`].
    pub keys: Vec<NewKey>,
    /// The first administrator's address, in that domain.
    pub administrator: String,
    /// The first administrator's display name.
    pub administrator_name: String,
    /// The first administrator's password.
    pub password: Password,
}

impl App {
    /// Sets an empty directory up; gives the first administrator. Refuses a directory that has
    /// anything in it.
    pub async fn seed(&self, seed: Seed, now: Timestamp) -> Result<RecipientId, CommandError> {
        self.refresh_directory().await?;
        let version = {
            let directory = self.directory();
            if !directory.is_empty() || !directory.accepted_domains().is_empty() {
                return Err(CommandError::in_the_way(
                    "The data directory is set up already. Use another one.",
                ));
            }
            directory.version()
        };
        self.name_organization(&seed, version, now).await?;
        let add = Command::AddDomain { domain: seed.domain, keys: seed.keys };
        self.command(&Actor::System, &Order::new(add), now).await?;
        let administrator = Command::CreateUser(NewUser {
            display_name: seed.administrator_name,
            address: Some(seed.administrator),
            password: Some(seed.password),
            role: Some(AccountRole::Administrator),
            ..NewUser::default()
        });
        let outcome = self.command(&Actor::System, &Order::new(administrator), now).await?;
        Ok(outcome.recipient.expect("creating a user names it"))
    }

    /// Only here does the organisation get its GUID, which no command changes.
    async fn name_organization(
        &self,
        seed: &Seed,
        version: i64,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        let organization = Organization {
            guid: seed.guid.clone(),
            name: super::address::display_name(&seed.organization)?,
            ..Organization::default()
        };
        let mut set = WriteSet::new();
        store::directory::change(&mut set, version);
        store::directory::set_organization(&mut set, &organization)?;
        let parameters = json!({ "DisplayName": organization.name, "Guid": organization.guid });
        store::audit::record(
            &mut set,
            &store::audit::AuditRecord {
                at: now,
                actor: Actor::System.name(&self.directory()),
                operation: "New-Organization".to_owned(),
                object: organization.name.clone(),
                parameters: parameters.to_string(),
                reason: None,
                before: None,
                after: Some(parameters.to_string()),
            },
        );
        match self.store.commit(set).await {
            Ok(()) => Ok(self.refresh_directory().await?),
            Err(CommitError::Conflict(_)) => {
                Err(CommandError::in_the_way("Somebody else is setting it up at this moment."))
            }
            Err(CommitError::Failure(failure)) => Err(failure.into()),
        }
    }
}
