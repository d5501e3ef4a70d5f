//! Credentials beside the password, without their secrets.

use domain::RecipientId;

use crate::App;

pub use store::credential::{ApiToken, AppPassword};
pub use store::linked_identity::LinkedIdentity;
pub use store::passkey::Passkey;

impl App {
    /// The tokens of these users that are not revoked.
    pub async fn tokens(&self, users: &[RecipientId]) -> Result<Vec<ApiToken>, store::Failure> {
        let mut found = Vec::new();
        for user in users {
            let tokens = store::credential::tokens(&self.store, *user).await?;
            found.extend(tokens.into_iter().filter(|token| token.revoked_at.is_none()));
        }
        Ok(found)
    }

    /// The app passwords of these users.
    pub async fn app_passwords(
        &self,
        users: &[RecipientId],
    ) -> Result<Vec<AppPassword>, store::Failure> {
        let mut found = Vec::new();
        for user in users {
            found.extend(store::credential::app_passwords(&self.store, *user).await?);
        }
        Ok(found)
    }

    /// The passkeys of a user.
    pub async fn passkeys(&self, user: RecipientId) -> Result<Vec<Passkey>, store::Failure> {
        store::passkey::list(&self.store, user).await
    }

    /// The identities of a user at providers.
    pub async fn linked_identities(
        &self,
        user: RecipientId,
    ) -> Result<Vec<LinkedIdentity>, store::Failure> {
        store::linked_identity::list(&self.store, user).await
    }
}
