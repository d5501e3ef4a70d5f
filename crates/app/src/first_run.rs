//! The one-time link by which the first administrator of a new installation comes in.
//!
//! Whoever has the link chooses the administrator's password. It holds for two days and until the
//! administrator's credentials change, whatever changes them; it is used up before the password is
//! set, so that of two browsers with one link only one succeeds.

use domain::{RecipientId, Timestamp};
use store::one_time_link::LinkPurpose;

use crate::App;
use crate::access::Actor;
use crate::command::{Command, CommandError, Order, Password};
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
        self.offer_link(LinkPurpose::FirstRun, (administrator, FIRST_RUN_MAX_SECS), now).await
    }

    /// Whose link this is, if it still opens.
    pub async fn first_run(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<RecipientId>, store::Failure> {
        self.link_holder(LinkPurpose::FirstRun, token, now).await
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
        if !self.use_link(token).await? {
            return Ok(None);
        }
        self.command(&Actor::System, &order, now).await?;
        Ok(self.signed_in_as(account, None))
    }
}
