//! A signed statement in the place of a client's secret (RFC 7523 §2.2): a JWT under RS256, whose
//! header names the certificate by its hashes.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use ring::{digest, rand};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cli::error::Error;
use crate::clock::now;

/// Seconds for which the statement is good; it is sent at once.
const LIFE_SECS: i64 = 600;

/// Signs a statement for the token endpoint at `url` with the key in a PEM file, which also has the
/// certificate.
pub(super) fn sign(file: &Path, client_id: &str, url: &str) -> Result<String, Error> {
    let unusable = |why: &str| Error::Usage(format!("{}: {why}", file.display()));
    let pem = fs::read(file).map_err(|source| Error::File { path: file.to_owned(), source })?;
    let certificate = CertificateDer::from_pem_slice(&pem)
        .map_err(|_| unusable("it has no certificate (BEGIN CERTIFICATE)"))?;
    let key = PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|_| unusable("it has no private key (BEGIN PRIVATE KEY)"))?;
    let key = match &key {
        PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
        PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
        _ => return Err(unusable("the key is not RSA")),
    };
    let key = key.map_err(|error| unusable(&format!("the key cannot be used: {error}")))?;
    let hash = |algorithm| URL_SAFE_NO_PAD.encode(digest::digest(algorithm, &certificate));
    let header = json!({
        "alg": "RS256",
        "typ": "JWT",
        // RFC 7515 §4.1.7: Microsoft's login host knows certificates by their SHA-1.
        "x5t": hash(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        "x5t#S256": hash(&digest::SHA256),
    });
    let at = now().0 / 1000;
    let claims = json!({
        "aud": url,
        "iss": client_id,
        "sub": client_id,
        "jti": Uuid::new_v4().to_string(),
        "iat": at,
        "nbf": at,
        "exp": at + LIFE_SECS,
    });
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", encode(&header), encode(&claims));
    let mut signature = vec![0; key.public().modulus_len()];
    let random = rand::SystemRandom::new();
    key.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature)
        .map_err(|_| unusable("the key does not sign"))?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
