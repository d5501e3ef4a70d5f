//! What a provider says about a person under its signature (OpenID Connect Core §2), checked in the
//! order of §3.1.3.7. Pure: keys, expectations and the time are parameters.
//!
//! Nothing of a token is believed before its signature is verified with a key of the provider, and
//! only RS256 and ES256 are signatures. Everything after that is compared with what we asked for:
//! the provider, ourselves, this very sign-in, and now.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::key_set::{Algorithm, KeySet};

/// Octets of a token that are looked at; real ones have one or two thousand.
pub const ID_TOKEN_OCTETS_MAX: usize = 16 * 1024;
/// Seconds by which the provider's clock and ours may differ.
pub const LEEWAY_SECS: i64 = 60;
/// Seconds before which a token was issued to be of this sign-in: it comes straight from the
/// provider.
pub const AGE_MAX_SECS: i64 = 10 * 60;
/// Octets of a subject at most (OpenID Connect Core §2).
pub const SUBJECT_OCTETS_MAX: usize = 255;

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The provider.
    pub issuer: &'a str,
    /// Our name there.
    pub client_id: &'a str,
    /// What this sign-in was begun with.
    pub nonce: &'a str,
    /// The time.
    pub now: Timestamp,
}

/// What is wrong with a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenFault {
    /// It is not three parts of base 64 with JSON in them, or too long, or lacks a claim.
    #[error("the ID token cannot be read")]
    Unreadable,
    /// It is signed in another way than RS256 or ES256, or not at all.
    #[error("the ID token is signed by {0}; only RS256 and ES256 are accepted")]
    Algorithm(String),
    /// The provider has no such key.
    #[error("the ID token is signed by a key that the provider does not publish")]
    UnknownKey,
    /// The signature is another one.
    #[error("the signature of the ID token is wrong")]
    Signature,
    /// It comes from somebody else.
    #[error("the ID token is of another issuer: {0}")]
    Issuer(String),
    /// It was made for somebody else.
    #[error("the ID token was made for another client")]
    Audience,
    /// It has ended.
    #[error("the ID token has ended; check the clocks of this server and of the provider")]
    Ended,
    /// It is of another time.
    #[error("the ID token is of another time; check the clocks of this server and of the provider")]
    IssuedAt,
    /// It is of another sign-in.
    #[error("the ID token is of another sign-in")]
    Nonce,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    /// The person, as the provider never calls another.
    pub subject: String,
    rest: Map<String, Value>,
}

impl Claims {
    /// A claim that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.rest.get(name)?.as_str()
    }

    /// Whether the provider has verified the address: `email_verified`, which some write as text.
    pub fn is_address_verified(&self) -> bool {
        match self.rest.get("email_verified") {
            Some(Value::Bool(is_verified)) => *is_verified,
            Some(Value::String(text)) => text == "true",
            _ => false,
        }
    }
}

/// RFC 7515 §4.1.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// OpenID Connect Core §2. Times are numbers that may have a fraction (RFC 7519 §2).
#[derive(Deserialize)]
struct Payload {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Checks a token and gives what it says.
pub fn verify(token: &str, keys: &KeySet, expected: &Expected<'_>) -> Result<Claims, IdTokenFault> {
    if token.len() > ID_TOKEN_OCTETS_MAX {
        return Err(IdTokenFault::Unreadable);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(IdTokenFault::Unreadable)?;
    let (header, payload) = signed.split_once('.').ok_or(IdTokenFault::Unreadable)?;
    let header: Header = read(header)?;
    let algorithm = Algorithm::parse(&header.alg);
    let algorithm = algorithm.ok_or_else(|| {
        let printable = header.alg.chars().filter(|letter| letter.is_ascii_graphic());
        IdTokenFault::Algorithm(printable.take(20).collect())
    })?;
    // RFC 7515 §4.1.11: extensions that we would have to understand, and do not.
    if header.crit.is_some() {
        return Err(IdTokenFault::Unreadable);
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| IdTokenFault::Unreadable)?;
    let chosen = (algorithm, header.kid.as_deref());
    match keys.verify(chosen, signed.as_bytes(), &signature) {
        None => return Err(IdTokenFault::UnknownKey),
        Some(false) => return Err(IdTokenFault::Signature),
        Some(true) => {}
    }
    check(read(payload)?, expected)
}

fn read<T: for<'a> Deserialize<'a>>(part: &str) -> Result<T, IdTokenFault> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| IdTokenFault::Unreadable)?;
    serde_json::from_slice(&json).map_err(|_| IdTokenFault::Unreadable)
}

/// §3.1.3.7 steps 2–5 and 9–11.
fn check(payload: Payload, expected: &Expected<'_>) -> Result<Claims, IdTokenFault> {
    if payload.iss != expected.issuer {
        let printable = payload.iss.chars().filter(|letter| letter.is_ascii_graphic());
        return Err(IdTokenFault::Issuer(printable.take(200).collect()));
    }
    if !is_for(&payload, expected.client_id) {
        return Err(IdTokenFault::Audience);
    }
    let now = expected.now.0 as f64 / 1000.0;
    let (leeway, age_max) = (LEEWAY_SECS as f64, AGE_MAX_SECS as f64);
    if payload.exp + leeway <= now {
        return Err(IdTokenFault::Ended);
    }
    let starts_at = payload.nbf.unwrap_or(payload.iat).max(payload.iat);
    if starts_at > now + leeway || payload.iat + age_max + leeway < now {
        return Err(IdTokenFault::IssuedAt);
    }
    if payload.nonce.as_deref() != Some(expected.nonce) {
        return Err(IdTokenFault::Nonce);
    }
    if payload.sub.is_empty() || payload.sub.len() > SUBJECT_OCTETS_MAX {
        return Err(IdTokenFault::Unreadable);
    }
    Ok(Claims { subject: payload.sub, rest: payload.rest })
}

/// Whether a token was made for us: we are its audience, and nobody else is the party that it was
/// given to. With several audiences it must name that party.
fn is_for(payload: &Payload, client_id: &str) -> bool {
    let is_party = payload.azp.as_deref().map(|party| party == client_id);
    match &payload.aud {
        Audience::One(audience) => audience == client_id && is_party != Some(false),
        Audience::Several(all) => {
            let is_only = all.len() == 1 && is_party != Some(false);
            all.iter().any(|audience| audience == client_id) && (is_only || is_party == Some(true))
        }
    }
}
