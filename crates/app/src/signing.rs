//! DKIM signing (RFC 6376, RFC 8463): each accepted domain signs with all of its active keys.
//!
//! A message is signed once, when it is accepted and only if it leaves: so the copy in the Sent
//! folder is to the octet what left, and a retry signs nothing again.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use mail::Domain;
use mail_auth::common::crypto::{Ed25519Key, RsaKey, Sha256};
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::generate::DkimKeyPair;
use mail_auth::dkim::{DkimSigner, Done};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use store::Store;

use crate::App;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Bits of RSA keys that we make (RFC 8301 §3.2 wants at least 1024, advises 2048).
pub const RSA_BITS: usize = 2048;

/// Header fields that are signed. `From` stands twice: a second one added later breaks the
/// signature (RFC 6376 §8.15).
const SIGNED_FIELDS: [&str; 14] = [
    "From",
    "From",
    "Sender",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "To",
    "Cc",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "In-Reply-To",
    "References",
];

/// A DKIM key cannot be made or read.
#[derive(Debug, thiserror::Error)]
#[error("the DKIM key {selector} of {domain} cannot be used: {why}; make a new one")]
pub struct KeyError {
    /// The domain that it signs for.
    pub domain: String,
    /// Its selector.
    pub selector: String,
    /// What is wrong with it.
    pub why: String,
}

/// The algorithms that we sign with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// `rsa-sha256`, which everybody verifies.
    Rsa,
    /// `ed25519-sha256` (RFC 8463).
    Ed25519,
}

impl KeyAlgorithm {
    /// The name in the store and in the `k=` tag of the DNS record.
    pub fn as_str(self) -> &'static str {
        match self {
            KeyAlgorithm::Rsa => "rsa",
            KeyAlgorithm::Ed25519 => "ed25519",
        }
    }
}

/// A key pair as it is kept.
#[derive(Clone)]
pub struct NewKey {
    /// The algorithm.
    pub algorithm: KeyAlgorithm,
    /// PKCS#1 (RSA) or PKCS#8 (Ed25519) in PEM (RFC 7468).
    pub private_key_pem: String,
}

/// Makes a key pair. RSA takes up to a second or two of a core; call it on a blocking thread.
pub fn generate_key(algorithm: KeyAlgorithm) -> Result<NewKey, KeyError> {
    let pair = match algorithm {
        KeyAlgorithm::Rsa => DkimKeyPair::generate_rsa(RSA_BITS),
        KeyAlgorithm::Ed25519 => DkimKeyPair::generate_ed25519(),
    };
    let pair = pair.map_err(|error| unusable("", "", &error.to_string()))?;
    let label = match algorithm {
        KeyAlgorithm::Rsa => "RSA PRIVATE KEY",
        KeyAlgorithm::Ed25519 => "PRIVATE KEY",
    };
    Ok(NewKey { algorithm, private_key_pem: to_pem(label, pair.private_key()) })
}

fn to_pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}

/// The text of the DNS record at `<selector>._domainkey.<domain>` for a private key as kept.
pub fn dns_record(key: &store::dkim_key::DkimKey) -> Result<String, KeyError> {
    let public = match read_key(key)? {
        // RFC 6376 §3.6.1 wants SubjectPublicKeyInfo; RFC 8463 §4.2 the bare key.
        PrivateKey::Rsa(key) => subject_public_key_info(&key.public_key()),
        PrivateKey::Ed25519(key) => key.public_key(),
    };
    Ok(format!("v=DKIM1; k={}; p={}", key.algorithm, STANDARD.encode(public)))
}

enum PrivateKey {
    Rsa(RsaKey<Sha256>),
    Ed25519(Ed25519Key),
}

fn read_key(kept: &store::dkim_key::DkimKey) -> Result<PrivateKey, KeyError> {
    let wrong = |why: &str| unusable(kept.domain.as_str(), &kept.selector, why);
    let der = PrivateKeyDer::from_pem_slice(kept.private_key_pem.as_bytes());
    let der = der.map_err(|error| wrong(&error.to_string()))?;
    let key = match kept.algorithm.as_str() {
        "rsa" => RsaKey::from_key_der(der).map(PrivateKey::Rsa),
        "ed25519" => Ed25519Key::from_pkcs8_der(der.secret_der()).map(PrivateKey::Ed25519),
        other => return Err(wrong(&format!("unknown algorithm {other}"))),
    };
    key.map_err(|error| wrong(&error.to_string()))
}

fn unusable(domain: &str, selector: &str, why: &str) -> KeyError {
    KeyError { domain: domain.into(), selector: selector.into(), why: why.into() }
}

/// Wraps a PKCS#1 public key into SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 3279 §2.3.1).
fn subject_public_key_info(pkcs1: &[u8]) -> Vec<u8> {
    const RSA_ENCRYPTION: [u8; 15] =
        [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let mut bits = der_header(0x03, pkcs1.len() + 1);
    bits.push(0);
    bits.extend_from_slice(pkcs1);
    let mut info = der_header(0x30, RSA_ENCRYPTION.len() + bits.len());
    info.extend_from_slice(&RSA_ENCRYPTION);
    info.extend_from_slice(&bits);
    info
}

/// Tag and length of a DER value of up to 65,535 octets.
fn der_header(tag: u8, length: usize) -> Vec<u8> {
    match length {
        0..=0x7f => vec![tag, length as u8],
        0x80..=0xff => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    }
}

enum Signer {
    Rsa(Box<DkimSigner<RsaKey<Sha256>, Done>>),
    Ed25519(Box<DkimSigner<Ed25519Key, Done>>),
}

impl Signer {
    fn signature(&self, message: &[u8]) -> mail_auth::Result<String> {
        Ok(match self {
            Signer::Rsa(signer) => signer.sign(message)?.to_header(),
            Signer::Ed25519(signer) => signer.sign(message)?.to_header(),
        })
    }
}

type DomainSigners = HashMap<String, Vec<Signer>>;

impl App {
    /// Loads the signing keys again, after a domain came or went.
    pub async fn reload_signing_keys(&self) -> Result<(), crate::StartError> {
        self.signing.reload(&self.store).await
    }
}

/// The keys of all accepted domains, ready to sign.
#[derive(Default)]
pub struct SigningKeys(RwLock<Arc<DomainSigners>>);

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKeys(..)")
    }
}

impl SigningKeys {
    /// Reads the active keys from the store.
    pub async fn load(store: &Store) -> Result<SigningKeys, crate::StartError> {
        let keys = SigningKeys::default();
        keys.reload(store).await?;
        Ok(keys)
    }

    /// Reads them again, after keys were added or retired.
    pub async fn reload(&self, store: &Store) -> Result<(), crate::StartError> {
        let mut signers = DomainSigners::new();
        let kept = store::dkim_key::list(store).await?;
        for kept in kept.into_iter().filter(|key| key.retired_at.is_none()) {
            let signer = match read_key(&kept)? {
                PrivateKey::Rsa(key) => Signer::Rsa(Box::new(
                    DkimSigner::from_key(key)
                        .domain(kept.domain.as_str())
                        .selector(&kept.selector)
                        .headers(SIGNED_FIELDS),
                )),
                PrivateKey::Ed25519(key) => Signer::Ed25519(Box::new(
                    DkimSigner::from_key(key)
                        .domain(kept.domain.as_str())
                        .selector(&kept.selector)
                        .headers(SIGNED_FIELDS),
                )),
            };
            signers.entry(kept.domain.as_str().to_owned()).or_default().push(signer);
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(signers);
        Ok(())
    }

    /// The message with a signature of each key of the author's domain in front; unchanged where
    /// the domain has no key.
    pub fn sign(&self, author_domain: &Domain, message: Bytes) -> Bytes {
        let signers = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        let Some(signers) = signers.get(author_domain.as_str()) else { return message };
        let mut signed = Vec::with_capacity(message.len() + 1024);
        for signer in signers {
            match signer.signature(&message) {
                Ok(field) => signed.extend_from_slice(field.as_bytes()),
                Err(error) => {
                    tracing::error!(domain = %author_domain, %error, "DKIM signing failed");
                }
            }
        }
        signed.extend_from_slice(&message);
        Bytes::from(signed)
    }
}
