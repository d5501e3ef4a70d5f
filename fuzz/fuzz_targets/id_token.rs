//! Any octets as a set of keys and a token, and any octets as what a provider has signed: nothing
//! is believed without a signature of the provider, and what is believed is of the issuer, for the
//! client and of the sign-in that were expected.
#![no_main]

use std::sync::LazyLock;

use app::oidc::id_token::{Expected, SUBJECT_OCTETS_MAX, verify};
use app::oidc::key_set::{KEYS_MAX, KeySet};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use libfuzzer_sys::fuzz_target;
// tidy: allow(clock): ring signs with no other randomness
use ring::rand::SystemRandom as Randomness;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::Value;

const EXPECTED: Expected<'_> = Expected {
    issuer: "https://login.example",
    client_id: "guichet",
    nonce: "nonce",
    now: Timestamp(1_790_000_000_000),
};

static PROVIDER: LazyLock<(EcdsaKeyPair, KeySet)> = LazyLock::new(|| {
    let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, Randomness::new());
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
    let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("a key");
    let point = key.public_key().as_ref();
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
    let set = format!(r#"{{"keys":[{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}]}}"#);
    let set = KeySet::parse(set.as_bytes()).expect("a set");
    (key, set)
});

fuzz_target!(|octets: &[u8]| {
    let (key, set) = &*PROVIDER;
    // As strangers send it: the set, a line end, the token.
    let mut parts = octets.splitn(2, |octet| *octet == b'\n');
    let strange = KeySet::parse(parts.next().unwrap_or_default()).unwrap_or_default();
    assert!(strange.len() <= KEYS_MAX);
    if let Ok(token) = std::str::from_utf8(parts.next().unwrap_or_default()) {
        let _ = verify(token, &strange, &EXPECTED);
        assert!(verify(token, set, &EXPECTED).is_err(), "nobody has signed this");
    }
    // As the provider signs it.
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(octets));
    let signature = key.sign(&Randomness::new(), signed.as_bytes()).expect("a signature");
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
    if let Ok(claims) = verify(&token, set, &EXPECTED) {
        let read: Value = serde_json::from_slice(octets).expect("it is JSON");
        assert_eq!((&read["iss"], &read["nonce"]), (&EXPECTED.issuer.into(), &"nonce".into()));
        assert!(read["aud"].to_string().contains(EXPECTED.client_id));
        assert!(!claims.subject.is_empty() && claims.subject.len() <= SUBJECT_OCTETS_MAX);
    }
});
