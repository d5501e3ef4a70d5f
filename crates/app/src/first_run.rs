//! The one-time link by which the first administrator of a new installation comes in.
//!
//! Whoever has the link chooses the administrator's password. It holds for two days and until the
//! administrator's credentials change, whatever changes them; it is used up before the password is
//! set, so that of two browsers with one link only one succeeds.

use domain::{RecipientId, Timestamp};
use store::WriteSet;
use store::one_time_link::{self, LinkPurpose, OneTimeLink};

use crate::App;
use crate::access::Actor;
use crate::command::{Command, CommandError, Order, Password, token_hash};
use crate::credentials::random_text;
use crate::sign_in::SignedIn;

/// Seconds for which the link opens.
pub const FIRST_RUN_MAX_SECS: i64 = 48 * 3600;

impl App {
    /// Makes the link of this administrator; an earlier one ends. Gives what follows
    /// `/first-run/` in its path; `None` where the account is gone or disabled.
    pub async fn offer_first_run(
        &self,
        administrator: RecipientId,
        now: Timestamp,
    ) -> Result<Option<String>, store::Failure> {
        let Some(standing) = self.signed_in_as(administrator, None) else { return Ok(None) };
        let token = random_text(self.fill_random);
        let link = OneTimeLink {
            token_hash: token_hash(&token),
            purpose: LinkPurpose::FirstRun,
            recipient: administrator,
            credential_epoch: standing.credential_epoch,
            created_at: now,
            expires_at: now.plus_secs(FIRST_RUN_MAX_SECS),
        };
        let mut set = WriteSet::new();
        one_time_link::put(&mut set, &link);
        Ok(self.commit_once(set).await?.then_some(token))
    }

    /// Whose link this is, if it still opens.
    pub async fn first_run(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<RecipientId>, store::Failure> {
        let hash = token_hash(token);
        let found = one_time_link::find(&self.store, LinkPurpose::FirstRun, &hash).await?;
        Ok(found.filter(|link| now < link.expires_at).and_then(|link| {
            let (account, credential_epoch) = (link.recipient, link.credential_epoch);
            self.is_still_signed_in(SignedIn { account, credential_epoch }).then_some(account)
        }))
    }

    /// Uses the link up: sets the administrator's password, and signs in with it. `None` where the
    /// link opens nothing any more. A password that cannot be taken leaves the link as it was.
    pub async fn begin_first_run(
        &self,
        token: &str,
        password: Password,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, CommandError> {
        let Some(account) = self.first_run(token, now).await? else { return Ok(None) };
        let command = Command::SetPassword { user: self.login_of(account), password };
        let order = Order::new(command).because(Some("first run".to_owned()));
        self.command(&Actor::System, &order.clone().to_check(), now).await?;
        let mut set = WriteSet::new();
        one_time_link::use_up(&mut set, &token_hash(token));
        if !self.commit_once(set).await? {
            return Ok(None);
        }
        self.command(&Actor::System, &order, now).await?;
        Ok(self.signed_in_as(account, None))
    }
}
