//! The authorization code grant (RFC 6749 §4.1) with PKCE (RFC 7636): a person allows a client in
//! the browser, and the client exchanges the code that the browser brings it.
//!
//! Every client must prove that it is the one that began, with S256; a request without a challenge
//! or with another method is refused, so nothing can be downgraded.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use store::WriteSet;
use store::oauth::{Voucher, VoucherKind};

use super::{Allowed, Client, Issued, OAuthRefusal, Wanted, hash, redirect, within};
use crate::{App, SignedIn};

/// Seconds in which a code must be exchanged (RFC 6749 §4.1.2 allows ten minutes).
pub const CODE_LIFE_SECS: i64 = 120;
/// Octets of a SHA-256, which an S256 challenge is.
const CHALLENGE_OCTETS: usize = 32;
/// Characters of a verifier (RFC 7636 §4.1).
const VERIFIER_LENGTHS: std::ops::RangeInclusive<usize> = 43..=128;

/// What a client asks a person for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// Who asks.
    pub client: Client,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// For what.
    pub allowed: Allowed,
    code_challenge: String,
}

/// Why a person is not asked.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizationRefusal {
    /// Who asks, or where the answer would go, is not to be trusted: the answer must not be sent
    /// there (RFC 6749 §4.1.2.1).
    #[error("{0}")]
    Untrusted(&'static str),
    /// The client is to be told why.
    #[error(transparent)]
    Refused(#[from] OAuthRefusal),
}

impl From<store::Failure> for AuthorizationRefusal {
    fn from(failure: store::Failure) -> AuthorizationRefusal {
        AuthorizationRefusal::Refused(failure.into())
    }
}

impl App {
    /// The client that asks, and where its answers go, or why neither is trusted. Without a
    /// redirection URI it is the registered one, if there is one alone (RFC 6749 §3.1.2.3).
    pub async fn asking_client(
        &self,
        client_id: &str,
        redirect_uri: Option<&str>,
    ) -> Result<(Client, String), AuthorizationRefusal> {
        let client = self.oauth_client_named(client_id).await?.ok_or(
            AuthorizationRefusal::Untrusted("no client is registered under this client_id"),
        )?;
        let known = &client.redirect_uris;
        let redirect_uri = match (redirect_uri, known.as_slice()) {
            (Some(asked), known) if known.iter().any(|uri| redirect::names(uri, asked)) => asked,
            (None, [only]) => only,
            _ => {
                let why = "the client is not registered for this redirect_uri";
                return Err(AuthorizationRefusal::Untrusted(why));
            }
        };
        let redirect_uri = redirect_uri.to_owned();
        Ok((client, redirect_uri))
    }

    /// Checks the rest of what a client asks for.
    pub fn authorization(
        &self,
        (client, redirect_uri): (Client, String),
        wanted: Wanted,
        challenge: Option<&str>,
        method: Option<&str>,
    ) -> Result<Authorization, OAuthRefusal> {
        // RFC 7636 §4.3: a missing method means "plain", which is not enough here.
        let Some(challenge) = challenge.filter(|_| method == Some("S256")) else {
            let why = "code_challenge with code_challenge_method=S256 is needed";
            return Err(OAuthRefusal::InvalidRequest(why));
        };
        let decoded = URL_SAFE_NO_PAD.decode(challenge);
        if decoded.is_ok_and(|octets| octets.len() == CHALLENGE_OCTETS) {
            let allowed = within(&client, wanted)?;
            let code_challenge = challenge.to_owned();
            return Ok(Authorization { client, redirect_uri, allowed, code_challenge });
        }
        Err(OAuthRefusal::InvalidRequest("code_challenge is no base64url of a SHA-256"))
    }

    /// Gives the code for what a person allowed.
    pub async fn allow_authorization(
        &self,
        authorization: &Authorization,
        person: SignedIn,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<String, OAuthRefusal> {
        let client = &authorization.client;
        let grant = self.new_grant(client, person, authorization.allowed, now).await?;
        let code = self.fresh_secret("guc_");
        let voucher = Voucher {
            hash: hash(&code),
            kind: VoucherKind::Code,
            grant: grant.id,
            redirect_uri: Some(authorization.redirect_uri.clone()),
            code_challenge: Some(authorization.code_challenge.clone()),
            expires_at: now.plus_secs(CODE_LIFE_SECS),
        };
        let mut set = WriteSet::new();
        self.record_consent(&mut set, (client, &grant), peer);
        store::oauth::put_grant(&mut set, &grant);
        store::oauth::put_voucher(&mut set, &voucher);
        self.store.commit(set).await?;
        Ok(code)
    }

    /// Exchanges a code (RFC 6749 §4.1.3, RFC 7636 §4.6).
    pub async fn redeem_code(
        &self,
        client: &Client,
        (code, redirect_uri): (&str, Option<&str>),
        verifier: Option<&str>,
        now: Timestamp,
    ) -> Result<Issued, OAuthRefusal> {
        let (voucher, grant) = self.voucher(client, code, VoucherKind::Code, now).await?;
        let is_same_place = match redirect_uri {
            Some(given) => voucher.redirect_uri.as_deref() == Some(given),
            None => client.redirect_uris.len() == 1,
        };
        if !is_same_place {
            return Err(OAuthRefusal::InvalidGrant("redirect_uri is not the one of the code"));
        }
        let Some(verifier) = verifier.filter(|text| is_verifier(text)) else {
            return Err(OAuthRefusal::InvalidGrant("code_verifier is missing or malformed"));
        };
        // S256 is the hash that is kept of secrets, in the same letters.
        if voucher.code_challenge != Some(hash(verifier)) {
            return Err(OAuthRefusal::InvalidGrant("code_verifier is not the one of the code"));
        }
        let allowed = Allowed::from_stored(&grant.scopes);
        self.exchange(client, &voucher, (&grant, allowed), now).await
    }
}

fn is_verifier(text: &str) -> bool {
    VERIFIER_LENGTHS.contains(&text.len())
        && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(is_verifier(verifier));
        assert_eq!(hash(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn verifiers_have_their_length() {
        assert!(!is_verifier(&"a".repeat(42)));
        assert!(is_verifier(&"a".repeat(43)) && is_verifier(&"~".repeat(128)));
        assert!(!is_verifier(&"a".repeat(129)));
        assert!(!is_verifier(&"é".repeat(43)));
    }
}
