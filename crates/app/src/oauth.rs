//! OAuth 2 (RFC 6749): how a registered client comes to an access token.
//!
//! A client acts for its own account (client credentials), or for a person who allowed it, by a
//! code in the browser (`code`) or on another device (`device`). What a person allowed is a
//! grant; refresh tokens are exchanged once, and showing one twice ends its grant with all that
//! came of it, because one of the two who showed it stole it. Access tokens are API tokens like
//! those that people make, and are listed, used and revoked like them.

mod code;
mod device;
mod redirect;

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{RecipientId, Timestamp};
use ring::digest;
use store::credential::ApiToken;
use store::oauth::{Grant, Voucher, VoucherKind};
use store::{CommitError, WriteSet};

pub use code::{Authorization, AuthorizationRefusal, CODE_LIFE_SECS};
pub use device::{
    DEVICE_INTERVAL_SECS, DEVICE_LIFE_SECS, Decision, DeviceRefusal, DeviceRequest, DeviceStart,
};
pub use redirect::{REDIRECT_URI_OCTETS_MAX, may_register, names};
pub use store::oauth::Client;

use crate::access::{Scope, Scopes};
use crate::command::token_hash;
use crate::credentials::random_text;
use crate::{App, SignedIn};

/// Seconds for which an access token is valid, as of Microsoft's.
pub const ACCESS_LIFE_SECS: i64 = 3600;
/// Seconds for which a refresh token is valid; each exchange gives a new one.
pub const REFRESH_LIFE_SECS: i64 = 90 * 24 * 3600;
/// Octets of a client's identifier at most; ours are UUIDs. What is longer is not even counted.
const CLIENT_ID_OCTETS_MAX: usize = 64;
/// The word among stored scopes for "gives refresh tokens". No scope has it.
const OFFLINE: &str = "offline";

/// Why no token is given. Every surface has its own words for these.
#[derive(Debug, thiserror::Error)]
pub enum OAuthRefusal {
    /// Something is missing or malformed.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// There is no such client, or its secret is wrong. Never says which.
    #[error("the client is unknown or its secret is wrong")]
    InvalidClient,
    /// What was to be exchanged is wrong, ended, or was exchanged before.
    #[error("{0}")]
    InvalidGrant(&'static str),
    /// The client may not do it in this way.
    #[error("{0}")]
    UnauthorizedClient(&'static str),
    /// The client asks for more than it was registered for.
    #[error("the client is not registered for what it asks: see `guichet app list`")]
    InvalidScope,
    /// Nobody has decided yet (RFC 8628 §3.5).
    #[error("nobody has allowed the device yet")]
    AuthorizationPending,
    /// The device asks too often (RFC 8628 §3.5).
    #[error("the device polls too often: wait longer between two requests")]
    SlowDown,
    /// The device's code has ended (RFC 8628 §3.5).
    #[error("the code has ended: start again")]
    ExpiredToken,
    /// A person said no.
    #[error("the request was declined")]
    AccessDenied,
    /// Too many failures; seconds to wait.
    #[error("too many failures: wait {0} seconds")]
    Throttled(i64),
    /// The database failed.
    #[error(transparent)]
    Unavailable(#[from] store::Failure),
}

impl From<CommitError> for OAuthRefusal {
    fn from(error: CommitError) -> OAuthRefusal {
        match error {
            CommitError::Failure(failure) => OAuthRefusal::Unavailable(failure),
            CommitError::Conflict(_) => OAuthRefusal::InvalidGrant("it was exchanged before"),
        }
    }
}

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The scopes; all that the client may, where it names none.
    pub scopes: Option<Scopes>,
    /// Whether it wants to go on without the person: refresh tokens.
    pub is_offline: bool,
}

/// What was allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// The scopes.
    pub scopes: Scopes,
    /// Whether refresh tokens are given.
    pub is_offline: bool,
}

impl Allowed {
    fn to_stored(self) -> String {
        let scopes = self.scopes.to_stored();
        if self.is_offline { format!("{scopes} {OFFLINE}") } else { scopes }
    }

    fn from_stored(text: &str) -> Allowed {
        let is_offline = text.split_whitespace().any(|word| word == OFFLINE);
        Allowed { scopes: Scopes::from_stored(text), is_offline }
    }
}

/// Tokens that were given.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// The access token.
    pub access_token: String,
    /// What it may be used for.
    pub scopes: Scopes,
    /// What gives the next one, where that was allowed.
    pub refresh_token: Option<String>,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

/// In whose name tokens are made.
struct Basis<'a> {
    client: &'a Client,
    account: RecipientId,
    allowed: Allowed,
    grant: Option<i64>,
}

impl App {
    /// Finds out which client asks (RFC 6749 §2.3): a confidential one by its secret, a public one
    /// by its identifier alone. Guessing secrets is slowed down.
    pub async fn oauth_client(
        &self,
        client_id: &str,
        secret: Option<&str>,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<Client, OAuthRefusal> {
        if client_id.len() > CLIENT_ID_OCTETS_MAX {
            return Err(OAuthRefusal::InvalidClient);
        }
        let key = format!("client {}", client_id.to_lowercase());
        if let Some(wait) = self.throttle().wait_secs(&key, peer, now) {
            return Err(OAuthRefusal::Throttled(wait));
        }
        let found = store::oauth::client(&self.store, &client_id.to_lowercase()).await?;
        let given = secret.filter(|secret| !secret.is_empty()).map(hash);
        match found.filter(|client| client.secret_hash == given) {
            Some(client) => {
                self.throttle().record_success(&key, peer);
                Ok(client)
            }
            None => {
                self.throttle().record_failure(&key, peer, now);
                tracing::info!(client_id, %peer, "an OAuth client was refused");
                Err(OAuthRefusal::InvalidClient)
            }
        }
    }

    /// The client with this identifier, for showing who asks.
    pub async fn oauth_client_named(
        &self,
        client_id: &str,
    ) -> Result<Option<Client>, store::Failure> {
        store::oauth::client(&self.store, &client_id.to_lowercase()).await
    }

    /// All registered clients.
    pub async fn oauth_clients(&self) -> Result<Vec<Client>, store::Failure> {
        store::oauth::clients(&self.store).await
    }

    /// Gives a confidential client a token for its own account (RFC 6749 §4.4). There is no
    /// refresh token: the secret gives the next one.
    pub async fn token_for_client(
        &self,
        client: &Client,
        wanted: Wanted,
        now: Timestamp,
    ) -> Result<Issued, OAuthRefusal> {
        if client.secret_hash.is_none() {
            let why = "a public client cannot act for itself: register one with a secret";
            return Err(OAuthRefusal::UnauthorizedClient(why));
        }
        let Some(account) = client.account else {
            let why = "the client acts for no account: register it with --account";
            return Err(OAuthRefusal::UnauthorizedClient(why));
        };
        if self.enabled_account(account).is_none() {
            let why = "the client's account is disabled or gone";
            return Err(OAuthRefusal::UnauthorizedClient(why));
        }
        let allowed = Allowed { is_offline: false, ..within(client, wanted)? };
        let basis = Basis { client, account, allowed, grant: None };
        self.issue(WriteSet::new(), basis, now).await
    }

    /// Exchanges a refresh token for new tokens (RFC 6749 §6). The one shown is worth nothing from
    /// then on; shown again it ends the grant (RFC 9700 §4.14.2).
    pub async fn refresh(
        &self,
        client: &Client,
        refresh_token: &str,
        wanted: Wanted,
        now: Timestamp,
    ) -> Result<Issued, OAuthRefusal> {
        let (voucher, grant) =
            self.voucher(client, refresh_token, VoucherKind::Refresh, now).await?;
        let allowed = Allowed::from_stored(&grant.scopes);
        let scopes = match wanted.scopes {
            None => allowed.scopes,
            Some(scopes) if scopes.are_within(allowed.scopes) => scopes,
            Some(_) => return Err(OAuthRefusal::InvalidScope),
        };
        let allowed = Allowed { scopes, ..allowed };
        self.exchange(client, &voucher, (&grant, allowed), now).await
    }

    /// Takes a token back that a client was given (RFC 7009): an access token alone, or with a
    /// refresh token all of its grant. A token that the client was not given is left alone.
    pub async fn revoke_issued(
        &self,
        client: &Client,
        token: &str,
        now: Timestamp,
    ) -> Result<(), OAuthRefusal> {
        let mut set = WriteSet::new();
        if let Some(voucher) = store::oauth::voucher(&self.store, &hash(token)).await? {
            let grant = store::oauth::grant(&self.store, voucher.grant).await?;
            if let Some(grant) = grant.filter(|grant| grant.client == client.id) {
                store::oauth::revoke_grant(&mut set, grant.id, now);
            }
        }
        let found = store::credential::token_by_hash(&self.store, &token_hash(token)).await?;
        if let Some(found) = found {
            let origin = store::oauth::origin_of_token(&self.store, found.id).await?;
            if origin.is_some_and(|(of, _)| of == client.id) {
                store::credential::revoke_token(&mut set, found.id, now);
            }
        }
        if !set.is_empty() {
            self.store.commit(set).await?;
        }
        Ok(())
    }

    /// Forgets codes, refresh tokens and access tokens that ended a day ago or before.
    pub async fn purge_oauth(&self, now: Timestamp) -> Result<(), CommitError> {
        let mut set = WriteSet::new();
        store::oauth::purge(&mut set, now.plus_secs(-24 * 3600));
        self.store.commit(set).await
    }

    /// The voucher that a client shows, and its grant, if both are good. A voucher of another
    /// client is as unknown as none.
    async fn voucher(
        &self,
        client: &Client,
        shown: &str,
        kind: VoucherKind,
        now: Timestamp,
    ) -> Result<(Voucher, Grant), OAuthRefusal> {
        const WRONG: OAuthRefusal = OAuthRefusal::InvalidGrant("it is unknown or has ended");
        let found = store::oauth::voucher(&self.store, &hash(shown)).await?;
        let found = found.filter(|voucher| voucher.kind == kind).ok_or(WRONG)?;
        let grant = store::oauth::grant(&self.store, found.grant).await?;
        let grant = grant.filter(|grant| grant.client == client.id).ok_or(WRONG)?;
        let person =
            SignedIn { account: grant.recipient, credential_epoch: grant.credential_epoch };
        if grant.revoked_at.is_some() || now >= found.expires_at {
            return Err(WRONG);
        }
        // A new password ends what was allowed under the old one.
        if !self.is_still_signed_in(person) {
            return Err(OAuthRefusal::InvalidGrant("the account or its password has changed"));
        }
        Ok((found, grant))
    }

    /// Exchanges a voucher. Where it was exchanged before, its grant ends.
    async fn exchange(
        &self,
        client: &Client,
        voucher: &Voucher,
        (grant, allowed): (&Grant, Allowed),
        now: Timestamp,
    ) -> Result<Issued, OAuthRefusal> {
        let mut set = WriteSet::new();
        store::oauth::spend(&mut set, &voucher.hash, now);
        let basis = Basis { client, account: grant.recipient, allowed, grant: Some(grant.id) };
        let issued = self.issue(set, basis, now).await;
        if let Err(OAuthRefusal::InvalidGrant(_)) = &issued {
            tracing::warn!(client = client.name, "a code or refresh token was shown twice");
            let mut set = WriteSet::new();
            store::oauth::revoke_grant(&mut set, grant.id, now);
            self.store.commit(set).await?;
        }
        issued
    }

    /// Makes the tokens and commits them with what the set holds.
    async fn issue(
        &self,
        mut set: WriteSet,
        basis: Basis<'_>,
        now: Timestamp,
    ) -> Result<Issued, OAuthRefusal> {
        let Basis { client, account, allowed, grant } = basis;
        let access_token = crate::command::token(self.fill_random);
        let id = self.store.next_id().await?;
        let token = ApiToken {
            id,
            token_hash: token_hash(&access_token),
            recipient: account,
            name: format!("{} (OAuth)", client.name),
            scopes: allowed.scopes.to_stored(),
            created_at: now,
            expires_at: Some(now.plus_secs(ACCESS_LIFE_SECS)),
            revoked_at: None,
            last_used_at: None,
        };
        store::oauth::put_access(&mut set, (id, client.id), grant, now);
        store::credential::put_token(&mut set, &token);
        let refresh_token = match grant {
            Some(grant) if allowed.is_offline => {
                let secret = self.fresh_secret("gur_");
                let voucher = Voucher {
                    hash: hash(&secret),
                    kind: VoucherKind::Refresh,
                    grant,
                    redirect_uri: None,
                    code_challenge: None,
                    expires_at: now.plus_secs(REFRESH_LIFE_SECS),
                };
                store::oauth::put_voucher(&mut set, &voucher);
                Some(secret)
            }
            _ => None,
        };
        self.store.commit(set).await?;
        Ok(Issued { access_token, scopes: allowed.scopes, refresh_token })
    }

    fn enabled_account(&self, account: RecipientId) -> Option<SignedIn> {
        let directory = self.directory();
        let state = directory.recipient(account)?.account.as_ref()?;
        let signed_in = SignedIn { account, credential_epoch: state.credential_epoch };
        (!state.is_disabled).then_some(signed_in)
    }

    fn fresh_secret(&self, prefix: &str) -> String {
        secret(prefix, self.fill_random)
    }
}

/// A fresh secret of a client.
pub(crate) fn client_secret(fill_random: crate::FillRandom) -> String {
    secret("gus_", fill_random)
}

fn secret(prefix: &str, fill_random: crate::FillRandom) -> String {
    format!("{prefix}{}", random_text(fill_random))
}

/// What is kept of a secret that has 256 random bits.
pub(crate) fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, secret.as_bytes()))
}

/// What the client gets of what it asks for; it may not ask for more than it was registered for.
fn within(client: &Client, wanted: Wanted) -> Result<Allowed, OAuthRefusal> {
    let registered = Scopes::from_stored(&client.scopes);
    let scopes = wanted.scopes.unwrap_or(registered);
    let is_empty = Scope::ALL.into_iter().all(|scope| !scopes.cover(scope));
    if is_empty || !scopes.are_within(registered) {
        return Err(OAuthRefusal::InvalidScope);
    }
    Ok(Allowed { scopes, is_offline: wanted.is_offline })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_allowed_survives_being_stored() {
        for is_offline in [true, false] {
            for scopes in [Scopes::ALL, Scopes::of(&[Scope::Send])] {
                let allowed = Allowed { scopes, is_offline };
                assert_eq!(Allowed::from_stored(&allowed.to_stored()), allowed);
            }
        }
    }
}
