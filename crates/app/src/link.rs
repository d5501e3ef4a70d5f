//! Links that open something once, for whoever holds them: given out for a person, in force for a
//! time and until the person's credentials change, whatever changes them. Only their hash is kept.

use domain::{RecipientId, Timestamp};
use store::WriteSet;
use store::one_time_link::{self, LinkPurpose, OneTimeLink};

use crate::App;
use crate::command::token_hash;
use crate::credentials::random_text;
use crate::sign_in::SignedIn;

/// Seconds for which the link to the set-up of a device opens: as long as it takes to hold a phone
/// in front of the picture.
pub const DEVICE_LINK_MAX_SECS: i64 = 10 * 60;

impl App {
    /// Makes the link to the set-up of a device of this person; an earlier one ends. Gives what
    /// follows `/device/` in its path; `None` where the account is gone or disabled.
    pub async fn offer_device_link(
        &self,
        person: RecipientId,
        now: Timestamp,
    ) -> Result<Option<String>, store::Failure> {
        self.offer_link(LinkPurpose::DeviceSetup, (person, DEVICE_LINK_MAX_SECS), now).await
    }

    /// Whose device the link sets up, if it still opens. Looking does not use it up.
    pub async fn device_link(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<RecipientId>, store::Failure> {
        self.link_holder(LinkPurpose::DeviceSetup, token, now).await
    }

    /// Uses the link up; `false` where somebody else was quicker.
    pub async fn use_device_link(&self, token: &str) -> Result<bool, store::Failure> {
        self.use_link(token).await
    }

    /// Makes a link for an account; an earlier one for the same purpose ends.
    pub(crate) async fn offer_link(
        &self,
        purpose: LinkPurpose,
        (account, life_secs): (RecipientId, i64),
        now: Timestamp,
    ) -> Result<Option<String>, store::Failure> {
        let Some(standing) = self.signed_in_as(account, None) else { return Ok(None) };
        let token = random_text(self.fill_random);
        let link = OneTimeLink {
            token_hash: token_hash(&token),
            purpose,
            recipient: account,
            credential_epoch: standing.credential_epoch,
            created_at: now,
            expires_at: now.plus_secs(life_secs),
        };
        let mut set = WriteSet::new();
        one_time_link::put(&mut set, &link);
        Ok(self.commit_once(set).await?.then_some(token))
    }

    /// Whose link this is, if it still opens.
    pub(crate) async fn link_holder(
        &self,
        purpose: LinkPurpose,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<RecipientId>, store::Failure> {
        let found = one_time_link::find(&self.store, purpose, &token_hash(token)).await?;
        Ok(found.filter(|link| now < link.expires_at).and_then(|link| {
            let (account, credential_epoch) = (link.recipient, link.credential_epoch);
            self.is_still_signed_in(SignedIn { account, credential_epoch }).then_some(account)
        }))
    }

    /// Uses a link up; `false` where it was used meanwhile.
    pub(crate) async fn use_link(&self, token: &str) -> Result<bool, store::Failure> {
        let mut set = WriteSet::new();
        one_time_link::use_up(&mut set, &token_hash(token));
        self.commit_once(set).await
    }
}
