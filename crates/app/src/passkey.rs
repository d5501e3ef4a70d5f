//! Passkeys: registering the key of an authenticator, and signing in with it alone.
//!
//! An authenticator recognises the person by itself (PIN, finger, face) and signs for one site
//! only, so a passkey stands for password and second factor together. Each question is answered
//! once, within minutes. What an answer must hold is in `ceremony`.

mod cbor;
mod ceremony;

use std::net::IpAddr;

use domain::{RecipientId, Timestamp};
use serde_json::json;
use store::WriteSet;
use store::audit::AuditRecord;
use store::passkey::{self, Challenge, Passkey};

use crate::App;
use crate::command::token_hash;
use crate::credentials::random_text;
use crate::sign_in::{SignInRefusal, SignedIn};

pub use ceremony::RelyingParty;

/// Seconds within which an authenticator must answer.
pub const CHALLENGE_MAX_SECS: i64 = 5 * 60;
/// Keys of one account at most.
pub const PASSKEYS_MAX: usize = 20;
/// Characters of a key's name that are kept.
pub const NAME_CHARACTERS_MAX: usize = 100;
/// What failures are counted under beside the address: a passkey names no login.
const THROTTLE_LOGIN: &str = "(passkey)";

/// A new key, as the browser gives it: base 64 for URLs.
#[derive(Debug, Clone)]
pub struct Registration<'a> {
    /// What the person calls it.
    pub name: &'a str,
    /// `clientDataJSON`.
    pub client_data: &'a str,
    /// `attestationObject`.
    pub attestation_object: &'a str,
}

/// An answer to a sign-in, as the browser gives it: base 64 for URLs.
#[derive(Debug, Clone)]
pub struct Assertion<'a> {
    /// `rawId`.
    pub credential_id: &'a str,
    /// `clientDataJSON`.
    pub client_data: &'a str,
    /// `authenticatorData`.
    pub authenticator_data: &'a str,
    /// `signature`.
    pub signature: &'a str,
}

/// Why a key is not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationRefusal {
    /// The answer is not one to the question, or too late, or of a kind that we cannot verify.
    #[error("the answer of the authenticator cannot be used: try again, or use another one")]
    Unusable,
    /// It is registered already.
    #[error("this authenticator is registered already")]
    Known,
    /// As many as there may be.
    #[error("an account has at most {PASSKEYS_MAX} passkeys: remove one first")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Unavailable(#[from] store::Failure),
}

impl App {
    /// Asks a question: for `registrant`'s new key, or for whoever signs in.
    pub async fn ask_passkey(
        &self,
        registrant: Option<RecipientId>,
        now: Timestamp,
    ) -> Result<String, store::Failure> {
        let challenge = random_text(self.fill_random);
        let mut set = WriteSet::new();
        let too_old = Timestamp(now.0 - CHALLENGE_MAX_SECS * 1000);
        passkey::remove_challenges_before(&mut set, too_old);
        let asked = Challenge { recipient: registrant, created_at: now };
        passkey::put_challenge(&mut set, &token_hash(&challenge), asked);
        self.commit_once(set).await?;
        Ok(challenge)
    }

    /// Registers a key for an account.
    pub async fn register_passkey(
        &self,
        account: RecipientId,
        site: &RelyingParty,
        registration: &Registration<'_>,
        (peer, now): (IpAddr, Timestamp),
    ) -> Result<(), RegistrationRefusal> {
        let unusable = || RegistrationRefusal::Unusable;
        let client_data = ceremony::decode(registration.client_data).ok_or_else(unusable)?;
        let challenge = ceremony::challenge_of(&client_data, "webauthn.create", site);
        let challenge = challenge.ok_or_else(unusable)?;
        let object = ceremony::decode(registration.attestation_object).ok_or_else(unusable)?;
        let data = ceremony::attested_data(&object).ok_or_else(unusable)?;
        let data = ceremony::authenticator_data(data, site).ok_or_else(unusable)?;
        let (credential_id, public_key) = data.key.ok_or_else(unusable)?;
        if !ceremony::is_usable(public_key) {
            return Err(RegistrationRefusal::Unusable);
        }
        if passkey::by_credential(&self.store, credential_id).await?.is_some() {
            return Err(RegistrationRefusal::Known);
        }
        if passkey::list(&self.store, account).await?.len() >= PASSKEYS_MAX {
            return Err(RegistrationRefusal::TooMany);
        }
        let mut set = WriteSet::new();
        if !self.answer(&mut set, &challenge, Some(account), now).await? {
            return Err(RegistrationRefusal::Unusable);
        }
        let key = Passkey {
            id: self.store.next_id().await?,
            recipient: account,
            credential_id: credential_id.to_vec().into(),
            public_key: public_key.to_vec().into(),
            sign_count: i64::from(data.sign_count),
            name: registration.name.trim().chars().take(NAME_CHARACTERS_MAX).collect(),
            created_at: now,
            last_used_at: None,
        };
        passkey::put(&mut set, &key);
        self.record_registration(&mut set, &key, peer);
        if self.commit_once(set).await? { Ok(()) } else { Err(RegistrationRefusal::Unusable) }
    }

    fn record_registration(&self, set: &mut WriteSet, key: &Passkey, peer: IpAddr) {
        let login = self.login_of(key.recipient);
        let parameters = json!({
            "User": login,
            "Name": key.name,
            crate::command::CLIENT_PARAMETER: peer.to_string(),
        });
        let record = AuditRecord {
            at: key.created_at,
            actor: login.clone(),
            operation: "New-Passkey".to_owned(),
            object: login,
            parameters: parameters.to_string(),
            reason: None,
            before: None,
            after: Some(json!({ "Identity": key.id.to_string(), "Name": key.name }).to_string()),
        };
        store::audit::record(set, &record);
    }

    /// Signs in with a passkey alone.
    pub async fn sign_in_with_passkey(
        &self,
        site: &RelyingParty,
        assertion: &Assertion<'_>,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<SignedIn, SignInRefusal> {
        if let Some(wait) = self.throttle().wait_secs(THROTTLE_LOGIN, peer, now) {
            return Err(SignInRefusal::Throttled(wait));
        }
        match self.asserted(site, assertion, now).await? {
            Some(signed_in) => {
                self.throttle().record_success(THROTTLE_LOGIN, peer);
                Ok(signed_in)
            }
            None => {
                self.throttle().record_failure(THROTTLE_LOGIN, peer, now);
                tracing::info!(%peer, "sign-in by passkey refused");
                Err(SignInRefusal::Wrong)
            }
        }
    }

    async fn asserted(
        &self,
        site: &RelyingParty,
        assertion: &Assertion<'_>,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, store::Failure> {
        let fields = [
            assertion.credential_id,
            assertion.client_data,
            assertion.authenticator_data,
            assertion.signature,
        ];
        let [Some(id), Some(client_data), Some(octets), Some(signature)] =
            fields.map(ceremony::decode)
        else {
            return Ok(None);
        };
        let challenge = ceremony::challenge_of(&client_data, "webauthn.get", site);
        let data = ceremony::authenticator_data(&octets, site);
        let (Some(challenge), Some(data)) = (challenge, data) else { return Ok(None) };
        let Some(key) = passkey::by_credential(&self.store, &id).await? else { return Ok(None) };
        let sign_count = i64::from(data.sign_count);
        // §7.2 step 21: a count that does not grow is that of a copy. Keys without one say 0.
        let is_copy = (sign_count != 0 || key.sign_count != 0) && sign_count <= key.sign_count;
        if is_copy || !ceremony::is_signed(&key.public_key, &octets, &client_data, &signature) {
            return Ok(None);
        }
        let mut set = WriteSet::new();
        if !self.answer(&mut set, &challenge, None, now).await? {
            return Ok(None);
        }
        passkey::used(&mut set, key.id, sign_count, now);
        let is_first = self.commit_once(set).await?;
        Ok(self.signed_in_as(key.recipient, None).filter(|_| is_first))
    }

    /// Puts into the set what ends the question; says whether it was asked, for this registrant,
    /// and not too long ago.
    async fn answer(
        &self,
        set: &mut WriteSet,
        challenge: &str,
        registrant: Option<RecipientId>,
        now: Timestamp,
    ) -> Result<bool, store::Failure> {
        let hash = token_hash(challenge);
        let asked = passkey::challenge(&self.store, &hash).await?;
        passkey::end_challenge(set, &hash);
        Ok(asked.is_some_and(|asked| {
            asked.recipient == registrant && now.secs_since(asked.created_at) < CHALLENGE_MAX_SECS
        }))
    }
}
