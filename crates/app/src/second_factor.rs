//! Signing in to the pages: the password, then the second factor where the account has one.
//!
//! Between the two steps the browser holds 32 random octets, whose hash is kept with the account's
//! state; nothing else can be done with them. Only a finished sign-in opens a session, which is
//! always a new one. A code counts once, in all processes together. Wrong codes are counted for
//! the account, wherever they come from: whoever tries them knows the password already.
//!
//! Mail programs cannot ask for a code. Where the second factor is on, the account's password
//! opens nothing but the pages, and each program has an app password.

use std::net::IpAddr;

use domain::{RecipientId, Timestamp};
use serde_json::json;
use store::audit::AuditRecord;
use store::second_factor::{self, PendingSignIn};
use store::{CommitError, WriteSet};

use crate::App;
use crate::command::{recovery_code_hash, token_hash};
use crate::credentials::{Match, PASSWORD_OCTETS_MAX, random_text};
use crate::sign_in::{SignInRefusal, SignedIn};
use crate::totp;

/// Seconds within which the second factor must follow the password.
pub const PENDING_MAX_SECS: i64 = 10 * 60;
/// Octets of a code that are looked at; recovery codes with their hyphens have fewer.
const CODE_OCTETS_MAX: usize = 64;

/// The password is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordAccepted {
    /// Nothing more is asked for.
    SignedIn(SignedIn),
    /// The second factor must follow; the browser shows this with it.
    SecondFactorOwed(String),
}

/// Why the second step is refused.
#[derive(Debug, thiserror::Error)]
pub enum SecondStepRefusal {
    /// The code is wrong or was used before. Never says which.
    #[error("the code is wrong or was used before")]
    Wrong,
    /// Too many wrong codes: nothing was looked at.
    #[error("too many wrong codes: wait {0} seconds")]
    Throttled(i64),
    /// The password was too long ago, or the account changed since.
    #[error("the sign-in took too long: begin again with the password")]
    Expired,
    /// The database failed.
    #[error(transparent)]
    Unavailable(#[from] store::Failure),
}

/// What an account has beside the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecondFactorState {
    /// Nothing.
    Off,
    /// A secret was shown; no code of it has come back yet.
    Offered {
        /// The secret in base 32, as people type it.
        secret: String,
        /// The address for the picture.
        uri: String,
    },
    /// Codes are asked for.
    On {
        /// Since when.
        confirmed_at: Timestamp,
        /// Recovery codes that are left.
        recovery_codes: i64,
    },
}

impl App {
    /// The first step of a browser: the account's own password. App passwords are for programs,
    /// and open no page.
    pub async fn sign_in_browser(
        &self,
        login: &str,
        password: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<PasswordAccepted, SignInRefusal> {
        let key = login.to_lowercase();
        if let Some(wait) = self.throttle().wait_secs(&key, peer, now) {
            return Err(SignInRefusal::Throttled(wait));
        }
        let account = self.active_account(login);
        if !self.is_account_password(account.map(|found| found.account), password).await? {
            self.throttle().record_failure(&key, peer, now);
            tracing::info!(login, peer = %peer, "sign-in to the pages refused");
            return Err(SignInRefusal::Wrong);
        }
        let Some(found) = account else { return Err(SignInRefusal::Wrong) };
        if !self.has_second_factor(found.account).await? {
            self.throttle().record_success(&key, peer);
            return Ok(PasswordAccepted::SignedIn(found));
        }
        // Failures are not forgiven yet: the password alone is no success.
        Ok(PasswordAccepted::SecondFactorOwed(self.open_pending(found, now).await?))
    }

    /// Whether this is the password of the account: asked again before something that opens it.
    pub async fn confirm_password(
        &self,
        account: RecipientId,
        password: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<(), SignInRefusal> {
        let key = self.login_of(account);
        if let Some(wait) = self.throttle().wait_secs(&key, peer, now) {
            return Err(SignInRefusal::Throttled(wait));
        }
        if self.is_account_password(Some(account), password).await? {
            return Ok(());
        }
        self.throttle().record_failure(&key, peer, now);
        Err(SignInRefusal::Wrong)
    }

    /// The second step: a one-time code or a recovery code.
    pub async fn finish_sign_in(
        &self,
        token: &str,
        typed: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<SignedIn, SecondStepRefusal> {
        let pending = self.pending_sign_in(token, now).await?;
        let pending = pending.ok_or(SecondStepRefusal::Expired)?;
        let login = self.login_of(pending.account);
        if let Some(wait) = self.throttle().second_factor_wait_secs(&login, peer, now) {
            return Err(SecondStepRefusal::Throttled(wait));
        }
        let mut set = WriteSet::new();
        second_factor::end_pending(&mut set, &token_hash(token));
        let is_right = self.use_code(&mut set, pending.account, typed, (peer, now)).await?;
        let is_used = is_right && self.commit_once(set).await?;
        if !is_used {
            self.throttle().record_second_factor_failure(&login, peer, now);
            tracing::info!(login, peer = %peer, "second factor refused");
            return Err(SecondStepRefusal::Wrong);
        }
        self.throttle().record_second_factor_success(&login, peer);
        Ok(pending)
    }

    /// Whose second step it is that a browser shows, if it is still time for it.
    pub async fn pending_sign_in(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, store::Failure> {
        let found = second_factor::pending(&self.store, &token_hash(token)).await?;
        Ok(found.and_then(|pending| {
            let account = pending.recipient;
            let signed_in = SignedIn { account, credential_epoch: pending.credential_epoch };
            let is_in_time = now.secs_since(pending.created_at) < PENDING_MAX_SECS;
            (is_in_time && self.is_still_signed_in(signed_in)).then_some(signed_in)
        }))
    }

    /// What the account has beside its password.
    pub async fn second_factor(
        &self,
        account: RecipientId,
    ) -> Result<SecondFactorState, store::Failure> {
        let Some(found) = second_factor::find(&self.store, account).await? else {
            return Ok(SecondFactorState::Off);
        };
        if let Some(confirmed_at) = found.confirmed_at {
            let recovery_codes = second_factor::recovery_codes(&self.store, account).await?;
            return Ok(SecondFactorState::On { confirmed_at, recovery_codes });
        }
        let issuer = self.directory().organization().name.clone();
        let uri = totp::uri(&issuer, &self.login_of(account), &found.secret);
        Ok(SecondFactorState::Offered { secret: totp::base32(&found.secret), uri })
    }

    /// Makes a secret to be shown. It asks for nothing until a code of it was confirmed; where the
    /// second factor is on, nothing changes.
    pub async fn offer_second_factor(
        &self,
        account: RecipientId,
        now: Timestamp,
    ) -> Result<(), store::Failure> {
        let mut secret = [0u8; totp::SECRET_OCTETS];
        (self.fill_random)(&mut secret);
        let mut set = WriteSet::new();
        second_factor::offer(&mut set, account, &secret, now);
        self.commit_once(set).await.map(|_| ())
    }

    pub(crate) async fn has_second_factor(
        &self,
        account: RecipientId,
    ) -> Result<bool, store::Failure> {
        let found = second_factor::find(&self.store, account).await?;
        Ok(found.is_some_and(|factor| factor.confirmed_at.is_some()))
    }

    /// Verifies without the memory of verified passwords: what mail programs may use and what a
    /// browser may use are not the same.
    async fn is_account_password(
        &self,
        account: Option<RecipientId>,
        password: &str,
    ) -> Result<bool, store::Failure> {
        if password.len() > PASSWORD_OCTETS_MAX {
            return Ok(false);
        }
        let hash = match account {
            Some(account) => store::credential::password(&self.store, account).await?,
            None => None,
        };
        let matched = self.verifier.verify(password, hash.into_iter().collect(), || false).await;
        Ok(matched != Match::None)
    }

    pub(crate) async fn open_pending(
        &self,
        account: SignedIn,
        now: Timestamp,
    ) -> Result<String, store::Failure> {
        let token = random_text(self.fill_random);
        let pending = PendingSignIn {
            recipient: account.account,
            credential_epoch: account.credential_epoch,
            created_at: now,
        };
        let mut set = WriteSet::new();
        let too_old = Timestamp(now.0 - PENDING_MAX_SECS * 1000);
        second_factor::remove_pending_before(&mut set, too_old);
        second_factor::put_pending(&mut set, &pending, &token_hash(&token));
        self.commit_once(set).await?;
        Ok(token)
    }

    /// Puts into the set what uses the code up; says whether the code is right.
    async fn use_code(
        &self,
        set: &mut WriteSet,
        account: RecipientId,
        typed: &str,
        (peer, now): (IpAddr, Timestamp),
    ) -> Result<bool, store::Failure> {
        if typed.len() > CODE_OCTETS_MAX {
            return Ok(false);
        }
        let found = second_factor::find(&self.store, account).await?;
        let Some(factor) = found.filter(|factor| factor.confirmed_at.is_some()) else {
            return Ok(false);
        };
        // Some apps show the digits in two groups.
        let digits: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
        if digits.len() == totp::DIGITS && digits.bytes().all(|octet| octet.is_ascii_digit()) {
            let step = totp::matching_step(&factor.secret, &digits, now);
            if let Some(step) = step {
                second_factor::use_step(set, account, step);
            }
            return Ok(step.is_some());
        }
        second_factor::use_recovery_code(set, account, &recovery_code_hash(typed));
        let login = self.login_of(account);
        let record = AuditRecord {
            at: now,
            actor: login.clone(),
            operation: "Use-RecoveryCode".to_owned(),
            object: login,
            parameters: json!({ crate::command::CLIENT_PARAMETER: peer.to_string() }).to_string(),
            reason: None,
            before: None,
            after: None,
        };
        store::audit::record(set, &record);
        Ok(true)
    }

    /// Commits; `false` where a guard says that something was used already.
    pub(crate) async fn commit_once(&self, set: WriteSet) -> Result<bool, store::Failure> {
        match self.store.commit(set).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict(_)) => Ok(false),
            Err(CommitError::Failure(failure)) => Err(failure),
        }
    }

    pub(crate) fn login_of(&self, account: RecipientId) -> String {
        let directory = self.directory();
        let found = directory.recipient(account);
        found.map_or_else(String::new, |found| found.primary().to_string().to_lowercase())
    }
}
