//! Tokens that are none, one fault each; and that no other octets are ever a token.

use app::oidc::id_token::{
    AGE_MAX_SECS, Expected, ID_TOKEN_OCTETS_MAX, IdTokenFault, LEEWAY_SECS, SUBJECT_OCTETS_MAX,
    verify,
};
use app::oidc::key_set::{KEYS_MAX, KeySet};
use proptest::prelude::*;
use ring::hmac;
use serde_json::{Value, json};

use super::provider::{CLIENT, ISSUER, Key, base64url, with};
use crate::office::NOW;

const NONCE: &str = "nonce";

fn claims() -> Value {
    let now = NOW.0 / 1000;
    json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "jean", "iat": now, "exp": now + 300,
        "nonce": NONCE, "email": "jean.dupont@contoso.com", "email_verified": true,
    })
}

fn keys(written: &[Value]) -> KeySet {
    KeySet::parse(json!({ "keys": written }).to_string().as_bytes()).unwrap()
}

fn tried(token: &str, keys: &KeySet) -> Result<String, IdTokenFault> {
    let expected = Expected { issuer: ISSUER, client_id: CLIENT, nonce: NONCE, now: NOW };
    verify(token, keys, &expected).map(|claims| claims.subject)
}

#[test]
fn both_kinds_of_signature_are_taken() {
    let (p256, rsa) = (Key::p256(), Key::rsa());
    let set = keys(&[p256.jwk("a"), rsa.jwk("b")]);
    for (key, id) in [(&p256, "a"), (&rsa, "b")] {
        assert_eq!(tried(&key.sign(id, &claims()), &set).as_deref(), Ok("jean"));
    }
    for (key, id) in [(&p256, "b"), (&rsa, "a")] {
        assert_eq!(tried(&key.sign(id, &claims()), &set), Err(IdTokenFault::UnknownKey));
    }
    let strange = Key::p256().sign("a", &claims());
    assert_eq!(tried(&strange, &set), Err(IdTokenFault::Signature));
    let mut zeros = rsa.jwk("b");
    let modulus = zeros["n"].as_str().unwrap().to_owned();
    assert_eq!(modulus.len() % 4, 2, "256 octets");
    // One zero octet in front of a number of 256 octets, in base 64 anew.
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let octets = [vec![0], engine.decode(modulus).unwrap()].concat();
    zeros["n"] = json!(base64url(&octets));
    assert!(tried(&rsa.sign("b", &claims()), &keys(&[zeros])).is_ok());
}

#[test]
fn a_token_that_names_no_key_means_the_only_one_of_its_kind() {
    let (one, other, rsa) = (Key::p256(), Key::p256(), Key::rsa());
    let token = one.sign_as(&json!({ "alg": "ES256" }), &claims());
    assert!(tried(&token, &keys(&[one.jwk("a"), rsa.jwk("b")])).is_ok());
    let two = keys(&[one.jwk("a"), other.jwk("b")]);
    assert_eq!(tried(&token, &two), Err(IdTokenFault::UnknownKey));
}

#[test]
fn no_signature_and_a_shared_secret_are_no_signature() {
    let rsa = Key::rsa();
    let set = keys(&[rsa.jwk("k")]);
    for name in ["none", "None", "HS256", "RS384", "PS256", "EdDSA", "rs256", ""] {
        let token = rsa.sign_as(&json!({ "alg": name, "kid": "k" }), &claims());
        assert_eq!(tried(&token, &set), Err(IdTokenFault::Algorithm(name.to_owned())));
    }
    let part = |value: Value| base64url(value.to_string().as_bytes());
    let unsigned = format!("{}.{}.", part(json!({ "alg": "none" })), part(claims()));
    assert_eq!(tried(&unsigned, &set), Err(IdTokenFault::Algorithm("none".into())));
    // The published key as the secret of HS256, in the forms in which it is at hand.
    let jwk = rsa.jwk("k");
    let signed = format!("{}.{}", part(json!({ "alg": "HS256", "kid": "k" })), part(claims()));
    for secret in [jwk["n"].as_str().unwrap().to_owned(), jwk.to_string()] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = base64url(hmac::sign(&key, signed.as_bytes()).as_ref());
        let fault = tried(&format!("{signed}.{tag}"), &set);
        assert_eq!(fault, Err(IdTokenFault::Algorithm("HS256".into())));
    }
    let header = json!({ "alg": "RS256", "kid": "k", "crit": ["b64"], "b64": false });
    assert_eq!(tried(&rsa.sign_as(&header, &claims()), &set), Err(IdTokenFault::Unreadable));
}

#[test]
fn each_claim_is_held_against_what_was_asked_for() {
    let key = Key::p256();
    let set = keys(&[key.jwk("k")]);
    let now = NOW.0 / 1000;
    let others = json!([CLIENT, "other"]);
    let both = |claims| with(claims, "aud", others.clone());
    let mut table = vec![
        (with(claims(), "iss", json!("https://evil.example")), "another issuer"),
        (with(claims(), "iss", json!("https://login.example/")), "another issuer"),
        (with(claims(), "iss", Value::Null), "cannot be read"),
        (with(claims(), "aud", json!("other")), "another client"),
        (with(claims(), "aud", json!([])), "another client"),
        (with(claims(), "aud", json!(["other"])), "another client"),
        (with(claims(), "aud", Value::Null), "cannot be read"),
        (with(claims(), "azp", json!("other")), "another client"),
        (both(claims()), "another client"),
        (with(both(claims()), "azp", json!("other")), "another client"),
        (with(claims(), "exp", json!(now - LEEWAY_SECS)), "has ended"),
        (with(claims(), "exp", Value::Null), "cannot be read"),
        (with(claims(), "exp", json!("tomorrow")), "cannot be read"),
        (with(claims(), "iat", json!(now + LEEWAY_SECS + 1)), "another time"),
        (with(claims(), "iat", json!(now - AGE_MAX_SECS - LEEWAY_SECS - 1)), "another time"),
        (with(claims(), "iat", Value::Null), "cannot be read"),
        (with(claims(), "nbf", json!(now + LEEWAY_SECS + 1)), "another time"),
        (with(claims(), "nonce", json!("other")), "another sign-in"),
        (with(claims(), "nonce", Value::Null), "another sign-in"),
        (with(claims(), "sub", json!("")), "cannot be read"),
        (with(claims(), "sub", json!("x".repeat(SUBJECT_OCTETS_MAX + 1))), "cannot be read"),
        (with(claims(), "sub", Value::Null), "cannot be read"),
        (with(claims(), "more", json!("x".repeat(ID_TOKEN_OCTETS_MAX))), "cannot be read"),
    ];
    for (wrong, why) in table.drain(..) {
        let fault = tried(&key.sign("k", &wrong), &set).unwrap_err().to_string();
        assert!(fault.contains(why), "{why}: {fault}");
    }
    for right in [
        with(claims(), "aud", json!([CLIENT])),
        with(claims(), "azp", json!(CLIENT)),
        with(both(claims()), "azp", json!(CLIENT)),
        with(claims(), "exp", json!(now - LEEWAY_SECS + 1)),
        with(claims(), "exp", json!((now + 60) as f64 + 0.5)),
        with(claims(), "iat", json!(now + LEEWAY_SECS)),
        with(claims(), "iat", json!(now - AGE_MAX_SECS - LEEWAY_SECS)),
        with(claims(), "nbf", json!(now + LEEWAY_SECS)),
    ] {
        assert!(tried(&key.sign("k", &right), &set).is_ok(), "{right}");
    }
}

#[test]
fn keys_of_other_kinds_and_uses_are_passed_over() {
    let key = Key::p256();
    let good = key.jwk("k");
    let changed = |name: &str, value: Value| with(good.clone(), name, value);
    for other in [
        json!({}),
        json!("no key"),
        json!({ "kty": "oct", "k": "c2VjcmV0" }),
        changed("kty", json!("OKP")),
        changed("crv", json!("P-384")),
        changed("use", json!("enc")),
        changed("alg", json!("ES384")),
        changed("x", json!("AA")),
        changed("y", Value::Null),
    ] {
        assert!(keys(std::slice::from_ref(&other)).is_empty(), "{other}");
        assert_eq!(keys(&[other, good.clone()]).len(), 1);
    }
    assert_eq!(keys(&vec![good.clone(); KEYS_MAX + 1]).len(), KEYS_MAX);
    for no_set in ["", "{}", "[]", "{\"keys\":{}}"] {
        assert_eq!(KeySet::parse(no_set.as_bytes()), None, "{no_set}");
    }
    // A key of 1024 bits is none, whoever publishes it.
    let short = json!({ "kty": "RSA", "kid": "k", "e": "AQAB", "n": base64url(&[0xc1; 128]) });
    let token = Key::rsa().sign("k", &claims());
    assert_eq!(tried(&token, &keys(&[short])), Err(IdTokenFault::Signature));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_is_a_fault_and_no_panic(token in "[A-Za-z0-9_.-]{0,200}", set in ".{0,200}") {
        prop_assert!(tried(&token, &KeySet::default()).is_err());
        let _ = KeySet::parse(set.as_bytes());
    }

    #[test]
    fn a_token_with_one_octet_changed_is_none(at in any::<prop::sample::Index>(), to in 0u8..64) {
        let key = Key::p256();
        let set = keys(&[key.jwk("k")]);
        let token = key.sign("k", &claims());
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut changed = token.clone().into_bytes();
        let at = at.index(changed.len());
        changed[at] = letters[usize::from(to)];
        let changed = String::from_utf8(changed).unwrap();
        prop_assume!(changed != token);
        prop_assert!(tried(&changed, &set).is_err(), "{}", changed);
    }
}
