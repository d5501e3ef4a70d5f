//! Signing in to the pages at a provider of OpenID Connect (OpenID Connect Core 1.0, authorization
//! code flow with PKCE).
//!
//! The browser is sent to the provider with a random value of ours in a cookie; state, nonce and
//! the verifier of PKCE are all made from it, so that nothing but its hash is kept, and an answer
//! counts only in the browser that asked, once, within [`VISIT_MAX_SECS`]. The provider's word is
//! an ID token, checked in `id_token`. It opens the account that its issuer and subject are linked
//! with. The first time, the link is made with the enabled user who has the address that the
//! provider has verified; a group, a shared mailbox or a contact is never meant, and nobody is
//! created. An account has one identity at a provider, so that an address which changes hands there
//! opens nothing here.

pub mod id_token;
pub mod key_set;
mod provider;

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{RecipientKind, Timestamp};
use mail::Address;
use ring::digest;
use serde_json::json;
use store::WriteSet;
use store::audit::AuditRecord;
use store::linked_identity::{self, ProviderVisit};

use crate::App;
use crate::command::token_hash;
use crate::credentials::random_text;
use crate::second_factor::PasswordAccepted;
use crate::sign_in::SignedIn;
use id_token::Claims;
use provider::{AnswerFault, Exchange, form};

pub use provider::{
    ANSWER_OCTETS_MAX, FAILURE_PAUSE_SECS, Fetch, FetchError, FetchRequest, Fetched, Fetching,
    IdentityProvider, KEYS_PAUSE_SECS, KNOWN_MAX_SECS, ProviderSettings, SecondFactorBy,
};
pub use store::linked_identity::LinkedIdentity;

/// Seconds within which a browser must be back from the provider.
pub const VISIT_MAX_SECS: i64 = 10 * 60;
/// Octets of the path that a browser comes to in the end; a longer one is the first page.
pub const NEXT_OCTETS_MAX: usize = 2048;
/// Where the provider sends browsers back to, on the pages.
pub const CALLBACK_PATH: &str = "/sign-in/provider/back";
/// What failures are counted under beside the address: the login is not known yet.
const THROTTLE_LOGIN: &str = "(provider)";

/// A browser that is to be sent to the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// Where to.
    pub url: String,
    /// What it keeps until it is back.
    pub token: String,
}

/// What a browser brings back from the provider (RFC 6749 §4.1.2, RFC 9207).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Return {
    /// `code`.
    pub code: Option<String>,
    /// `state`.
    pub state: Option<String>,
    /// `iss`.
    pub issuer: Option<String>,
    /// `error`, instead of a code.
    pub error: Option<String>,
}

/// Whoever came back, and the page that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Signed in, or to be asked for the second factor.
    pub accepted: PasswordAccepted,
    /// The page.
    pub next_path: String,
}

/// Why the provider's word opens nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ProviderRefusal {
    /// No provider is set up.
    #[error("no identity provider is set up: see [oidc] in guichet.toml")]
    NotSetUp,
    /// The browser did not begin here, or is back for the second time, or too late.
    #[error("this sign-in was not begun in this browser, or is over: begin again")]
    NotBegun,
    /// The person or the provider said no.
    #[error("the provider did not sign the person in: {0}")]
    Declined(String),
    /// The provider's answer is not to be believed.
    #[error("the provider's answer is not accepted: {0}")]
    NotAccepted(String),
    /// The provider does not answer, or not as it should.
    #[error("the provider cannot be asked: {0}")]
    Unreachable(FetchError),
    /// The provider has not verified the address, or names none.
    #[error("the provider does not say that it has verified the person's address")]
    AddressUnverified,
    /// Nobody who may sign in here has this address.
    #[error("no enabled user has the address {0}")]
    NoUser(String),
    /// The user is linked with another identity of this provider.
    #[error("the user {0} is linked with another identity of the provider")]
    LinkedOtherwise(String),
    /// Too many failures: nothing was looked at.
    #[error("too many failed sign-ins: wait {0} seconds")]
    Throttled(i64),
    /// The database failed.
    #[error(transparent)]
    Unavailable(#[from] store::Failure),
}

impl From<AnswerFault> for ProviderRefusal {
    fn from(fault: AnswerFault) -> ProviderRefusal {
        match fault {
            AnswerFault::Fetch(error) => ProviderRefusal::Unreachable(error),
            AnswerFault::Token(_) | AnswerFault::Refused(_) => {
                ProviderRefusal::NotAccepted(fault.to_string())
            }
        }
    }
}

impl ProviderRefusal {
    /// Whether somebody tried what does not open: such tries are counted.
    fn is_failed_try(&self) -> bool {
        matches!(
            self,
            ProviderRefusal::NotAccepted(_)
                | ProviderRefusal::AddressUnverified
                | ProviderRefusal::NoUser(_)
                | ProviderRefusal::LinkedOtherwise(_)
        )
    }
}

/// A value that is made from what the browser keeps, and does not tell it.
fn derived(token: &str, purpose: &str) -> String {
    let hash = digest::digest(&digest::SHA256, format!("{purpose}:{token}").as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref())
}

fn state_of(token: &str) -> String {
    derived(token, "state")
}

fn nonce_of(token: &str) -> String {
    derived(token, "nonce")
}

/// 43 characters of those that RFC 7636 §4.1 allows.
fn verifier_of(token: &str) -> String {
    derived(token, "verifier")
}

impl App {
    /// The application with a provider at which people sign in to the pages.
    #[must_use]
    pub fn with_identity_provider(mut self, provider: IdentityProvider) -> App {
        self.identity_provider = Some(provider);
        self
    }

    /// The provider at which people sign in, if there is one.
    pub fn identity_provider(&self) -> Option<&IdentityProvider> {
        self.identity_provider.as_ref()
    }

    /// Sends a browser to the provider.
    pub async fn depart_to_provider(
        &self,
        next_path: &str,
        now: Timestamp,
    ) -> Result<Departure, ProviderRefusal> {
        let provider = self.identity_provider().ok_or(ProviderRefusal::NotSetUp)?;
        let metadata = provider.metadata(now).await.map_err(ProviderRefusal::Unreachable)?;
        let token = random_text(self.fill_random);
        let mut set = WriteSet::new();
        let too_old = Timestamp(now.0 - VISIT_MAX_SECS * 1000);
        linked_identity::remove_visits_before(&mut set, too_old);
        let next_path = if next_path.len() <= NEXT_OCTETS_MAX { next_path } else { "/" };
        let visit = ProviderVisit { next_path: next_path.to_owned(), created_at: now };
        linked_identity::put_visit(&mut set, &token_hash(&token), &visit);
        self.commit_once(set).await?;
        let challenge = digest::digest(&digest::SHA256, verifier_of(&token).as_bytes());
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &provider.settings().client_id),
            ("redirect_uri", &self.settings().page(CALLBACK_PATH)),
            ("scope", &provider.settings().scopes.join(" ")),
            ("state", &state_of(&token)),
            ("nonce", &nonce_of(&token)),
            ("code_challenge", &URL_SAFE_NO_PAD.encode(challenge.as_ref())),
            ("code_challenge_method", "S256"),
        ]);
        let endpoint = &metadata.authorization_endpoint;
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        Ok(Departure { url: format!("{endpoint}{joint}{query}"), token })
    }

    /// Signs in whoever comes back from the provider with what `token` was given for.
    pub async fn arrive_from_provider(
        &self,
        token: &str,
        brought: &Return,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<Arrival, ProviderRefusal> {
        if let Some(wait) = self.throttle().wait_secs(THROTTLE_LOGIN, peer, now) {
            return Err(ProviderRefusal::Throttled(wait));
        }
        let arrived = self.arrived(token, brought, (peer, now)).await;
        match &arrived {
            Ok(_) => self.throttle().record_success(THROTTLE_LOGIN, peer),
            Err(refusal) => {
                if refusal.is_failed_try() {
                    self.throttle().record_failure(THROTTLE_LOGIN, peer, now);
                }
                tracing::info!(%peer, %refusal, "sign-in at the provider refused");
            }
        }
        arrived
    }

    async fn arrived(
        &self,
        token: &str,
        brought: &Return,
        at: (IpAddr, Timestamp),
    ) -> Result<Arrival, ProviderRefusal> {
        let provider = self.identity_provider().ok_or(ProviderRefusal::NotSetUp)?;
        let now = at.1;
        let next_path = self.end_visit(token, brought, now).await?;
        let metadata = provider.metadata(now).await.map_err(ProviderRefusal::Unreachable)?;
        if !metadata.is_answer_of(brought.issuer.as_deref()) {
            let why = "it does not come from the issuer that was asked";
            return Err(ProviderRefusal::NotAccepted(why.to_owned()));
        }
        if let Some(error) = &brought.error {
            return Err(ProviderRefusal::Declined(provider::printable(error)));
        }
        let code = brought.code.as_deref();
        let code = code.ok_or_else(|| ProviderRefusal::NotAccepted("it has no code".to_owned()))?;
        let exchange = Exchange {
            code,
            verifier: &verifier_of(token),
            redirect_uri: &self.settings().page(CALLBACK_PATH),
            nonce: &nonce_of(token),
        };
        let claims = provider.claims(&exchange, now).await?;
        let signed_in = self.account_of(provider, &claims, at).await?;
        let asks_here = provider.settings().second_factor == SecondFactorBy::Ourselves;
        let accepted = match asks_here && self.has_second_factor(signed_in.account).await? {
            true => PasswordAccepted::SecondFactorOwed(self.open_pending(signed_in, now).await?),
            false => PasswordAccepted::SignedIn(signed_in),
        };
        Ok(Arrival { accepted, next_path })
    }

    /// Ends the visit that the browser was sent on; the page that it is to come to.
    async fn end_visit(
        &self,
        token: &str,
        brought: &Return,
        now: Timestamp,
    ) -> Result<String, ProviderRefusal> {
        if brought.state.as_deref() != Some(&state_of(token)) {
            return Err(ProviderRefusal::NotBegun);
        }
        let hash = token_hash(token);
        let visit = linked_identity::visit(&self.store, &hash).await?;
        let visit = visit.filter(|visit| now.secs_since(visit.created_at) < VISIT_MAX_SECS);
        let visit = visit.ok_or(ProviderRefusal::NotBegun)?;
        let mut set = WriteSet::new();
        linked_identity::end_visit(&mut set, &hash);
        let is_first = self.commit_once(set).await?;
        is_first.then_some(visit.next_path).ok_or(ProviderRefusal::NotBegun)
    }

    /// The account of the person that the provider means.
    async fn account_of(
        &self,
        provider: &IdentityProvider,
        claims: &Claims,
        at: (IpAddr, Timestamp),
    ) -> Result<SignedIn, ProviderRefusal> {
        let settings = provider.settings();
        let address = claims.text(&settings.address_claim);
        let found = linked_identity::find(&self.store, &settings.issuer, &claims.subject).await?;
        let Some(identity) = found else {
            let address = address.filter(|_| claims.is_address_verified());
            let address = address.ok_or(ProviderRefusal::AddressUnverified)?;
            return self.link(settings, &claims.subject, address, at).await;
        };
        let signed_in = self.signed_in_as(identity.recipient, None);
        let login = self.login_of(identity.recipient);
        let signed_in = signed_in.ok_or(ProviderRefusal::NoUser(login))?;
        let mut set = WriteSet::new();
        linked_identity::used(&mut set, identity.id, address.unwrap_or(&identity.address), at.1);
        self.commit_once(set).await?;
        Ok(signed_in)
    }

    /// Links an identity with the user who has the verified address.
    async fn link(
        &self,
        settings: &ProviderSettings,
        subject: &str,
        address: &str,
        (peer, now): (IpAddr, Timestamp),
    ) -> Result<SignedIn, ProviderRefusal> {
        let user = self.user_of(settings, address);
        let signed_in = user.ok_or_else(|| ProviderRefusal::NoUser(address.to_owned()))?;
        let login = self.login_of(signed_in.account);
        let identity = LinkedIdentity {
            id: self.store.next_id().await?,
            recipient: signed_in.account,
            issuer: settings.issuer.clone(),
            subject: subject.to_owned(),
            address: address.to_owned(),
            created_at: now,
            last_used_at: now,
        };
        let mut set = WriteSet::new();
        linked_identity::put(&mut set, &identity);
        record_link(&mut set, &identity, &login, peer);
        if self.commit_once(set).await? {
            return Ok(signed_in);
        }
        Err(ProviderRefusal::LinkedOtherwise(login))
    }

    /// The enabled user who has an address of a domain of ours that is taken from the provider.
    fn user_of(&self, settings: &ProviderSettings, address: &str) -> Option<SignedIn> {
        let address = Address::parse(address).ok()?;
        let domain = address.domain();
        let is_taken = settings.domains.is_empty()
            || settings.domains.iter().any(|taken| taken.eq_ignore_ascii_case(domain.as_str()));
        let directory = self.directory();
        if !is_taken || !directory.is_accepted(domain) {
            return None;
        }
        let found = directory.holder(&address).filter(|found| found.kind == RecipientKind::User)?;
        let account = found.account.as_ref().filter(|account| !account.is_disabled)?;
        Some(SignedIn { account: found.id, credential_epoch: account.credential_epoch })
    }
}

fn record_link(set: &mut WriteSet, identity: &LinkedIdentity, login: &str, peer: IpAddr) {
    let parameters = json!({
        "User": login,
        "Issuer": identity.issuer,
        crate::command::CLIENT_PARAMETER: peer.to_string(),
    });
    let after = json!({
        "Identity": identity.id.to_string(),
        "Subject": identity.subject,
        "Address": identity.address,
    });
    let record = AuditRecord {
        at: identity.created_at,
        actor: login.to_owned(),
        operation: "New-LinkedIdentity".to_owned(),
        object: login.to_owned(),
        parameters: parameters.to_string(),
        reason: None,
        before: None,
        after: Some(after.to_string()),
    };
    store::audit::record(set, &record);
}
