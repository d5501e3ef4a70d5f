//! What an authenticator said, checked (W3C Web Authentication Level 2, §7.1 and §7.2). Pure.
//!
//! The scope is small on purpose: no attestation, user verification always, keys of ES256 or
//! Ed25519. The browser's word in `clientDataJSON` says for which site and which question the
//! person was asked; the authenticator's data says the same under the signature.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use ring::signature::{ECDSA_P256_SHA256_ASN1, ED25519, UnparsedPublicKey};
use serde::Deserialize;

use super::cbor::{self, Value};

/// Octets of what a browser sends as one field at most; real ones have some hundred.
const FIELD_OCTETS_MAX: usize = 16 * 1024;
/// Octets of a credential's identifier at most (Web Authentication §5.8.3).
pub(super) const CREDENTIAL_ID_OCTETS_MAX: usize = 1023;

/// The person touched the authenticator.
const USER_PRESENT: u8 = 0x01;
/// The person was recognised: by PIN, finger or face.
const USER_VERIFIED: u8 = 0x04;
/// A new key follows.
const KEY_INCLUDED: u8 = 0x40;

/// The site, as browsers and authenticators name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    /// The host's name.
    pub id: String,
    /// Scheme, host and port.
    pub origin: String,
}

/// What the authenticator said under its signature, or along with a new key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AuthenticatorData<'a> {
    pub(super) sign_count: u32,
    /// The new key: its identifier and its COSE form.
    pub(super) key: Option<(&'a [u8], &'a [u8])>,
}

#[derive(Deserialize)]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    is_cross_origin: bool,
}

/// Decodes a field of the form.
pub(super) fn decode(field: &str) -> Option<Vec<u8>> {
    if field.len() > FIELD_OCTETS_MAX {
        return None;
    }
    URL_SAFE_NO_PAD.decode(field.trim_end_matches('=')).ok()
}

/// §7.1 steps 5–9 and §7.2 steps 10–13: the challenge that was answered, if the browser says that
/// it was asked for this `kind` of ceremony by a page of ours.
pub(super) fn challenge_of(json: &[u8], kind: &str, site: &RelyingParty) -> Option<String> {
    let data: ClientData = serde_json::from_slice(json).ok()?;
    let is_ours = data.r#type == kind && data.origin == site.origin && !data.is_cross_origin;
    is_ours.then_some(data.challenge)
}

/// §6.1: reads authenticator data; nothing where it is for another site, or the person was not
/// recognised.
pub(super) fn authenticator_data<'a>(
    octets: &'a [u8],
    site: &RelyingParty,
) -> Option<AuthenticatorData<'a>> {
    let (site_hash, rest) = octets.split_at_checked(32)?;
    let ([flags, count @ ..], rest) = rest.split_first_chunk::<5>()?;
    let expected = digest::digest(&digest::SHA256, site.id.as_bytes());
    let needed = USER_PRESENT | USER_VERIFIED;
    if site_hash != expected.as_ref() || flags & needed != needed {
        return None;
    }
    let key = match flags & KEY_INCLUDED {
        0 => None,
        _ => Some(attested_key(rest)?),
    };
    Some(AuthenticatorData { sign_count: u32::from_be_bytes(*count), key })
}

/// §6.5.1: AAGUID, the identifier's length, the identifier, the key.
fn attested_key(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_, rest) = octets.split_at_checked(16)?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length == 0 || length > CREDENTIAL_ID_OCTETS_MAX {
        return None;
    }
    let (id, rest) = rest.split_at_checked(length)?;
    let (_, after) = cbor::read(rest)?;
    Some((id, &rest[..rest.len() - after.len()]))
}

/// §6.5.4: the authenticator data in an attestation object. The attestation itself is not asked
/// for and not looked at.
pub(super) fn attested_data(object: &[u8]) -> Option<&[u8]> {
    let (object, rest) = cbor::read(object)?;
    if !rest.is_empty() {
        return None;
    }
    object.field("authData")?.bytes()
}

/// A public key that we can verify with.
#[derive(Debug, PartialEq, Eq)]
enum Key {
    /// The uncompressed point.
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// RFC 9053 §7: the key in a COSE map; only the two kinds that were offered.
fn key(cose: &[u8]) -> Option<Key> {
    let (map, _) = cbor::read(cose)?;
    let number = |label| map.number(label).and_then(Value::int);
    let coordinate = |label| map.number(label)?.bytes().filter(|octets| octets.len() == 32);
    match (number(1)?, number(3)?, number(-1)?) {
        // kty EC2, alg ES256, crv P-256.
        (2, -7, 1) => {
            let point = [&[0x04], coordinate(-2)?, coordinate(-3)?].concat();
            Some(Key::P256(point))
        }
        // kty OKP, alg EdDSA, crv Ed25519.
        (1, -8, 6) => Some(Key::Ed25519(coordinate(-2)?.to_vec())),
        _ => None,
    }
}

/// Whether we can verify with this key.
pub(super) fn is_usable(cose: &[u8]) -> bool {
    key(cose).is_some()
}

/// §7.2 steps 19–20: the signature is over the authenticator data and the hash of the client data.
pub(super) fn is_signed(cose: &[u8], data: &[u8], client_data: &[u8], signature: &[u8]) -> bool {
    let hash = digest::digest(&digest::SHA256, client_data);
    let signed = [data, hash.as_ref()].concat();
    match key(cose) {
        Some(Key::P256(point)) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
            .verify(&signed, signature)
            .is_ok(),
        Some(Key::Ed25519(point)) => {
            UnparsedPublicKey::new(&ED25519, point).verify(&signed, signature).is_ok()
        }
        None => false,
    }
}
