//! The keys by which a provider signs (RFC 7517), of the two kinds that we verify: RSA for RS256
//! and P-256 for ES256. Keys of other kinds and for other uses are passed over, since a set may
//! hold them beside ours. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

/// Keys of one set that are kept; providers have two to five.
pub const KEYS_MAX: usize = 100;
/// Octets of a coordinate on P-256.
const COORDINATE_OCTETS: usize = 32;

/// How a token is signed (RFC 7518 §3.1). No other way is ever taken: neither `none` nor one with
/// a shared secret, for which the provider's public key would do as the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    /// The algorithm of that name, if it is one of the two.
    pub fn parse(name: &str) -> Option<Algorithm> {
        match name {
            "RS256" => Some(Algorithm::Rs256),
            "ES256" => Some(Algorithm::Es256),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Es256 => "ES256",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum PublicKey {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// The uncompressed point.
    P256(Vec<u8>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    id: Option<String>,
    public: PublicKey,
}

/// The keys of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeySet(Vec<Key>);

/// A set as it is written (RFC 7517 §5).
#[derive(Deserialize)]
struct WrittenSet {
    keys: Vec<serde_json::Value>,
}

/// A key as it is written (RFC 7517 §4, RFC 7518 §6).
#[derive(Deserialize)]
struct WrittenKey {
    kty: String,
    kid: Option<String>,
    r#use: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Reads a set; `None` where it is none. Keys that we cannot verify with are left out (RFC 7517
    /// §5 asks for that).
    pub fn parse(json: &[u8]) -> Option<KeySet> {
        let written: WrittenSet = serde_json::from_slice(json).ok()?;
        let keys = written.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        Some(KeySet(keys.filter_map(read).take(KEYS_MAX).collect()))
    }

    /// How many keys can be verified with.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no key can be verified with.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a signature is right; `None` where the set has no key for it. A token that names no
    /// key may be meant for the only one of its kind (OpenID Connect Core §10.1).
    pub(super) fn verify(
        &self,
        (algorithm, key_id): (Algorithm, Option<&str>),
        signed: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        let mut fitting = self.0.iter().filter(|key| {
            key.public.algorithm() == algorithm && (key_id.is_none() || key.id.as_deref() == key_id)
        });
        let key = fitting.next()?;
        if key_id.is_none() && fitting.next().is_some() {
            return None;
        }
        Some(key.public.is_signed(signed, signature))
    }
}

impl PublicKey {
    fn algorithm(&self) -> Algorithm {
        match self {
            PublicKey::Rsa { .. } => Algorithm::Rs256,
            PublicKey::P256(_) => Algorithm::Es256,
        }
    }

    fn is_signed(&self, signed: &[u8], signature: &[u8]) -> bool {
        match self {
            PublicKey::Rsa { modulus, exponent } => {
                let key = RsaPublicKeyComponents { n: modulus, e: exponent };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature).is_ok()
            }
            PublicKey::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(signed, signature)
                .is_ok(),
        }
    }
}

fn read(written: WrittenKey) -> Option<Key> {
    if written.r#use.is_some_and(|usage| usage != "sig") {
        return None;
    }
    let octets = |field: Option<String>| URL_SAFE_NO_PAD.decode(field?).ok();
    let public = match (written.kty.as_str(), written.crv.as_deref()) {
        ("RSA", _) => {
            // RFC 7518 §6.3.1.1: some write zeros in front, which *ring* does not take.
            let modulus = octets(written.n)?;
            let zeros = modulus.iter().take_while(|octet| **octet == 0).count();
            let modulus = modulus[zeros..].to_vec();
            PublicKey::Rsa { modulus, exponent: octets(written.e)? }
        }
        ("EC", Some("P-256")) => {
            let coordinate =
                |field| octets(field).filter(|octets| octets.len() == COORDINATE_OCTETS);
            let point = [vec![0x04], coordinate(written.x)?, coordinate(written.y)?].concat();
            PublicKey::P256(point)
        }
        _ => return None,
    };
    if written.alg.is_some_and(|name| name != public.algorithm().as_str()) {
        return None;
    }
    Some(Key { id: written.kid, public })
}
