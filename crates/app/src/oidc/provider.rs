//! The provider as we know it: what it publishes about itself, its keys, and the exchange of a code
//! for an ID token.
//!
//! What it publishes is kept for [`KNOWN_MAX_SECS`]. A key that is not among those we know is
//! looked for anew, since keys are rotated, but not more often than every [`KEYS_PAUSE_SECS`]: the
//! key's name is what anybody may write into a token. A provider that does not answer is left alone
//! for [`FAILURE_PAUSE_SECS`].

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use tokio::sync::{Mutex, MutexGuard};

use super::id_token::{self, Claims, Expected, IdTokenFault};
use super::key_set::KeySet;
use crate::command::Password;

/// Seconds for which what a provider publishes is kept.
pub const KNOWN_MAX_SECS: i64 = 3600;
/// Seconds between two looks for a key that is not known.
pub const KEYS_PAUSE_SECS: i64 = 60;
/// Seconds for which a provider that failed is not asked for what it publishes.
pub const FAILURE_PAUSE_SECS: i64 = 10;
/// Octets of an answer of a provider at most; key sets with certificates have some ten thousand.
pub const ANSWER_OCTETS_MAX: usize = 256 * 1024;

/// Who answers for the second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactorBy {
    /// We do: whoever has one-time codes here is asked for one after the provider too.
    Ourselves,
    /// The provider does: its word opens the pages.
    Provider,
}

/// What the operator says about the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSettings {
    /// Its issuer: an `https` address, exactly as the provider writes it.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// Our secret there; a public client has none.
    pub client_secret: Option<Password>,
    /// What is asked for, `openid` among it.
    pub scopes: Vec<String>,
    /// The claim that is the person's address here.
    pub address_claim: String,
    /// The domains whose addresses are taken; empty for all of ours.
    pub domains: Vec<String>,
    /// What the button calls the provider.
    pub label: String,
    /// Who answers for the second factor.
    pub second_factor: SecondFactorBy,
}

/// A request to the provider.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchRequest {
    /// Where: always `https`.
    pub url: String,
    /// The form to post; a GET has none.
    pub form: Option<String>,
    /// The value of `Authorization`.
    pub authorization: Option<String>,
}

impl fmt::Debug for FetchRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchRequest").field("url", &self.url).finish_non_exhaustive()
    }
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The HTTP status. Redirections are answers like others: none is followed.
    pub status: u16,
    /// At most [`ANSWER_OCTETS_MAX`].
    pub body: Bytes,
}

/// The provider cannot be asked, or its answer cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url}: {why}")]
pub struct FetchError {
    /// Where.
    pub url: String,
    /// What went wrong.
    pub why: String,
}

impl FetchError {
    /// Names the place and what went wrong there.
    pub fn new(url: impl Into<String>, why: impl Into<String>) -> FetchError {
        FetchError { url: url.into(), why: why.into() }
    }
}

/// What a fetch will give.
pub type Fetching = Pin<Box<dyn Future<Output = Result<Fetched, FetchError>> + Send>>;

/// Asks a provider; whoever opens sockets implements it, with limits of time and size.
pub type Fetch = dyn Fn(FetchRequest) -> Fetching + Send + Sync;

/// Why there is no word of the provider about a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum AnswerFault {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Token(#[from] IdTokenFault),
    #[error("the provider refuses the code: {0}")]
    Refused(String),
}

/// OpenID Connect Discovery §3.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    pub(super) authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    /// Where it says nothing, `client_secret_basic`.
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// RFC 9207 §3.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// RFC 9207 §2.4: whether an answer that names, or does not name, its issuer may be this
    /// provider's.
    pub(super) fn is_answer_of(&self, issuer: Option<&str>) -> bool {
        match issuer {
            Some(issuer) => issuer == self.issuer,
            None => !self.authorization_response_iss_parameter_supported,
        }
    }

    fn takes_secret_in_form(&self) -> bool {
        let methods = self.token_endpoint_auth_methods_supported.as_deref().unwrap_or_default();
        let has = |method: &str| methods.iter().any(|known| known == method);
        has("client_secret_post") && !has("client_secret_basic")
    }
}

#[derive(Default)]
struct Known {
    metadata: Option<(Arc<Metadata>, Timestamp)>,
    keys: Option<(Arc<KeySet>, Timestamp)>,
    failed: Option<(FetchError, Timestamp)>,
}

/// A provider of OpenID Connect at which people sign in.
pub struct IdentityProvider {
    settings: ProviderSettings,
    fetch: Arc<Fetch>,
    known: Mutex<Known>,
}

impl fmt::Debug for IdentityProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityProvider({})", self.settings.issuer)
    }
}

/// RFC 6749 §5.
#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenAnswer {
    id_token: Option<String>,
    error: Option<String>,
}

/// What a code is exchanged with.
pub(super) struct Exchange<'a> {
    pub(super) code: &'a str,
    pub(super) verifier: &'a str,
    pub(super) redirect_uri: &'a str,
    pub(super) nonce: &'a str,
}

impl IdentityProvider {
    /// A provider that is asked by `fetch`. Nothing is asked before somebody signs in.
    pub fn new(settings: ProviderSettings, fetch: Arc<Fetch>) -> IdentityProvider {
        IdentityProvider { settings, fetch, known: Mutex::default() }
    }

    /// What the operator says about it.
    pub fn settings(&self) -> &ProviderSettings {
        &self.settings
    }

    /// What it publishes about itself (OpenID Connect Discovery §4).
    pub(super) async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, FetchError> {
        let mut known = self.known.lock().await;
        if let Some((metadata, at)) = &known.metadata
            && now.secs_since(*at) < KNOWN_MAX_SECS
        {
            return Ok(Arc::clone(metadata));
        }
        let metadata = self.ask_once(&mut known, now, self.discover()).await?;
        let metadata = Arc::new(metadata);
        known.metadata = Some((Arc::clone(&metadata), now));
        Ok(metadata)
    }

    async fn discover(&self) -> Result<Metadata, FetchError> {
        let issuer = &self.settings.issuer;
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let body = self.read(&url).await?;
        let metadata: Metadata = serde_json::from_slice(&body)
            .map_err(|error| FetchError::new(&url, format!("it cannot be read: {error}")))?;
        // §4.3: whoever publishes under this address must call himself by it.
        if metadata.issuer != *issuer {
            let why = "it is of another issuer; write [oidc] issuer exactly as the provider does";
            return Err(FetchError::new(url, why));
        }
        let named =
            [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
        for endpoint in named {
            only_https(endpoint)?;
        }
        Ok(metadata)
    }

    /// Its keys, fetched after `newer_than` where that is given, if a fetch is due by then.
    async fn keys(
        &self,
        newer_than: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(Arc<KeySet>, Timestamp), FetchError> {
        let metadata = self.metadata(now).await?;
        let mut known = self.known.lock().await;
        if let Some((keys, at)) = &known.keys {
            let is_wanted = newer_than.is_none_or(|other| *at > other);
            let pause = if is_wanted { KNOWN_MAX_SECS } else { KEYS_PAUSE_SECS };
            if now.secs_since(*at) < pause {
                return Ok((Arc::clone(keys), *at));
            }
        }
        let url = &metadata.jwks_uri;
        let fetching = async {
            let body = self.read(url).await?;
            KeySet::parse(&body).ok_or_else(|| FetchError::new(url, "it is no set of keys"))
        };
        let keys = Arc::new(self.ask_once(&mut known, now, fetching).await?);
        known.keys = Some((Arc::clone(&keys), now));
        Ok((keys, now))
    }

    /// Asks, unless the provider has just failed. Whoever waits for the lock meanwhile gets the
    /// same failure without waiting once more.
    async fn ask_once<T>(
        &self,
        known: &mut MutexGuard<'_, Known>,
        now: Timestamp,
        asking: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        if let Some((failure, at)) = &known.failed
            && now.secs_since(*at) < FAILURE_PAUSE_SECS
        {
            return Err(failure.clone());
        }
        let asked = asking.await;
        known.failed = asked.as_ref().err().map(|failure| (failure.clone(), now));
        asked
    }

    async fn read(&self, url: &str) -> Result<Bytes, FetchError> {
        only_https(url)?;
        let request = FetchRequest { url: url.to_owned(), form: None, authorization: None };
        let fetched = (self.fetch)(request).await?;
        match fetched.status {
            200 => Ok(fetched.body),
            status => Err(FetchError::new(url, format!("it answers with status {status}"))),
        }
    }

    /// Exchanges a code and checks the token that comes back.
    pub(super) async fn claims(
        &self,
        exchange: &Exchange<'_>,
        now: Timestamp,
    ) -> Result<Claims, AnswerFault> {
        let token = self.exchange(exchange, now).await?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: exchange.nonce,
            now,
        };
        let (keys, fetched_at) = self.keys(None, now).await?;
        match id_token::verify(&token, &keys, &expected) {
            Err(IdTokenFault::UnknownKey) => {
                let (keys, _) = self.keys(Some(fetched_at), now).await?;
                Ok(id_token::verify(&token, &keys, &expected)?)
            }
            verified => Ok(verified?),
        }
    }

    /// OpenID Connect Core §3.1.3.
    async fn exchange(
        &self,
        exchange: &Exchange<'_>,
        now: Timestamp,
    ) -> Result<String, AnswerFault> {
        let metadata = self.metadata(now).await?;
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", exchange.code),
            ("redirect_uri", exchange.redirect_uri),
            ("code_verifier", exchange.verifier),
        ];
        let client_id = self.settings.client_id.as_str();
        let mut authorization = None;
        match &self.settings.client_secret {
            Some(secret) if metadata.takes_secret_in_form() => {
                fields.extend([("client_id", client_id), ("client_secret", &secret.0)]);
            }
            Some(secret) => {
                // RFC 6749 §2.3.1: both are encoded before they are joined.
                let pair = format!("{}:{}", encoded(client_id), encoded(&secret.0));
                authorization = Some(format!("Basic {}", STANDARD.encode(pair)));
            }
            None => fields.push(("client_id", client_id)),
        }
        let url = metadata.token_endpoint.clone();
        let request = FetchRequest { url: url.clone(), form: Some(form(&fields)), authorization };
        let fetched = (self.fetch)(request).await?;
        let answer: TokenAnswer = serde_json::from_slice(&fetched.body).map_err(|_| {
            let status = fetched.status;
            FetchError::new(&url, format!("its answer, of status {status}, cannot be read"))
        })?;
        match (fetched.status, answer) {
            (200, TokenAnswer { id_token: Some(token), .. }) => Ok(token),
            (_, TokenAnswer { error: Some(error), .. }) => {
                Err(AnswerFault::Refused(printable(&error)))
            }
            (status, _) => {
                let why = format!("its answer, of status {status}, has no id_token");
                Err(FetchError::new(url, why).into())
            }
        }
    }
}

/// Fields as a form or a query.
pub(super) fn form(fields: &[(&str, &str)]) -> String {
    let parts: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    parts.join("&")
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// A code of an error as it may stand in a log.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).take(100).collect()
}

fn only_https(url: &str) -> Result<(), FetchError> {
    if url.starts_with("https://") {
        return Ok(());
    }
    Err(FetchError::new(url, "it is not reached under https, so nothing of it can be believed"))
}
