//! Signing in: from a login and a secret to the account, for every protocol.
//!
//! Every failure looks the same from outside and takes the same time; the throttle slows guessing
//! down per login and per address.

use std::net::IpAddr;
use std::sync::PoisonError;

use domain::{RecipientId, Timestamp};
use mail::Address;

use crate::App;
use crate::access::Scope;
use crate::credentials::{Match, PASSWORD_OCTETS_MAX};
use crate::throttle::{Failures, ThrottleKey};

/// Why a sign-in is refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SignInRefusal {
    /// The login or the secret is wrong, or the account is disabled. Never says which.
    #[error("the login or the password is wrong")]
    Wrong,
    /// Too many failures: nothing was looked at.
    #[error(
        "too many failed sign-ins: wait {0} seconds, or ask an administrator to reset the count"
    )]
    Throttled(i64),
    /// The database failed.
    #[error(transparent)]
    Unavailable(#[from] store::Failure),
}

/// Who signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn {
    /// The user.
    pub account: RecipientId,
    /// The account's state at that moment; a later state ends what was signed in.
    pub credential_epoch: i64,
}

impl App {
    /// Verifies a login (any address of a user) and its password or one of its app passwords, for
    /// programs. Where the account has a second factor, which programs cannot ask for, only app
    /// passwords count. Browsers sign in by [`App::sign_in_browser`].
    pub async fn sign_in(
        &self,
        login: &str,
        password: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<SignedIn, SignInRefusal> {
        let key = login.to_lowercase();
        if let Some(wait) = self.throttle().wait_secs(&key, peer, now) {
            return Err(SignInRefusal::Throttled(wait));
        }
        let account = self.active_account(login);
        let verified = match account {
            Some(found) if self.remembers(found, password, now) => true,
            _ => self.verify(account, password, now).await?,
        };
        match account {
            Some(found) if verified => {
                self.throttle().record_success(&key, peer);
                Ok(found)
            }
            _ => {
                self.throttle().record_failure(&key, peer, now);
                tracing::info!(login, peer = %peer, "sign-in refused");
                Err(SignInRefusal::Wrong)
            }
        }
    }

    /// Verifies an API token with the scope `send`, as mail programs give one by OAUTHBEARER or
    /// XOAUTH2. Where the client names a login it must be an address of the token's account.
    pub async fn sign_in_with_token(
        &self,
        token: &str,
        login: Option<&str>,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<SignedIn, SignInRefusal> {
        let key = login.unwrap_or("(token)").to_lowercase();
        if let Some(wait) = self.throttle().wait_secs(&key, peer, now) {
            return Err(SignInRefusal::Throttled(wait));
        }
        let found = self.actor_of_token(token, now).await?;
        let account = found.filter(|(actor, _)| actor.scopes().cover(Scope::Send));
        let account = account.and_then(|(actor, _)| actor.account());
        match account.and_then(|account| self.signed_in_as(account, login)) {
            Some(signed_in) => {
                self.throttle().record_success(&key, peer);
                Ok(signed_in)
            }
            None => {
                self.throttle().record_failure(&key, peer, now);
                tracing::info!(login = key, peer = %peer, "sign-in by token refused");
                Err(SignInRefusal::Wrong)
            }
        }
    }

    /// The account, if it is enabled and the login, where there is one, is an address of it.
    pub(crate) fn signed_in_as(
        &self,
        account: RecipientId,
        login: Option<&str>,
    ) -> Option<SignedIn> {
        let directory = self.snapshot.read();
        let found = directory.recipient(account)?;
        let state = found.account.as_ref().filter(|state| !state.is_disabled)?;
        let is_named = match login {
            None => true,
            Some(login) => {
                let address = Address::parse(login).ok()?;
                directory.holder(&address).is_some_and(|holder| holder.id == account)
            }
        };
        is_named.then_some(SignedIn { account, credential_epoch: state.credential_epoch })
    }

    /// Whether what was signed in still stands: the account exists, is enabled, and its password
    /// was not changed since.
    pub fn is_still_signed_in(&self, signed_in: SignedIn) -> bool {
        let directory = self.snapshot.read();
        let account =
            directory.recipient(signed_in.account).and_then(|found| found.account.as_ref());
        account.is_some_and(|account| {
            !account.is_disabled && account.credential_epoch == signed_in.credential_epoch
        })
    }

    /// What the throttle counts at the moment.
    pub fn throttled_sign_ins(&self) -> Vec<(ThrottleKey, Failures)> {
        self.throttle().list()
    }

    /// Forgets failures of a login or of an address given as text; says how many entries went.
    pub fn clear_sign_in_throttle(&self, login_or_address: &str) -> usize {
        self.throttle().clear(&login_or_address.to_lowercase())
    }

    pub(crate) fn active_account(&self, login: &str) -> Option<SignedIn> {
        let address = Address::parse(login).ok()?;
        let directory = self.snapshot.read();
        let found = directory.holder(&address)?;
        let account = found.account.as_ref().filter(|account| !account.is_disabled)?;
        Some(SignedIn { account: found.id, credential_epoch: account.credential_epoch })
    }

    fn remembers(&self, account: SignedIn, password: &str, now: Timestamp) -> bool {
        self.verifier.remembers(account.account, account.credential_epoch, password, now)
    }

    async fn verify(
        &self,
        account: Option<SignedIn>,
        password: &str,
        now: Timestamp,
    ) -> Result<bool, store::Failure> {
        if password.len() > PASSWORD_OCTETS_MAX {
            return Ok(false);
        }
        let hashes = match account {
            Some(found) => self.password_hashes(found.account).await?,
            None => Vec::new(),
        };
        let is_known_by_now = || account.is_some_and(|found| self.remembers(found, password, now));
        let matched = self.verifier.verify(password, hashes, is_known_by_now).await;
        let Some(found) = account else { return Ok(false) };
        if let Match::Hash(hash) = &matched {
            self.verifier.remember(found.account, found.credential_epoch, password, now);
            self.supply_scram(found.account, password, hash).await?;
        }
        Ok(matched != Match::None)
    }

    /// The hashes that a program's password may match: the account's own, unless a second factor
    /// protects that, and its app passwords'.
    async fn password_hashes(&self, account: RecipientId) -> Result<Vec<String>, store::Failure> {
        let mut hashes: Vec<String> = match self.has_second_factor(account).await? {
            true => Vec::new(),
            false => store::credential::password(&self.store, account).await?.into_iter().collect(),
        };
        let apps = store::credential::app_passwords(&self.store, account).await?;
        hashes.extend(apps.into_iter().map(|app| app.hash));
        Ok(hashes)
    }

    pub(crate) fn throttle(&self) -> std::sync::MutexGuard<'_, crate::throttle::SignInThrottle> {
        self.sign_ins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
