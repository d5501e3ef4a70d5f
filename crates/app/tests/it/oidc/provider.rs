//! A provider of OpenID Connect that is played here: what it publishes, what it signs, and what it
//! was asked.

use std::sync::{Arc, Mutex};

use app::App;
use app::oidc::{
    Fetch, FetchError, FetchRequest, Fetched, IdentityProvider, ProviderSettings, Return,
    SecondFactorBy,
};
use app::signing::{KeyAlgorithm, generate_key};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::Timestamp;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};

use crate::office::{NOW, Office};

pub(crate) const ISSUER: &str = "https://login.example";
pub(crate) const CLIENT: &str = "guichet";
pub(crate) const CALLBACK: &str = "https://mail.contoso.com/sign-in/provider/back";

pub(crate) fn base64url(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

/// A key of the provider's.
pub(crate) enum Key {
    P256(Box<EcdsaKeyPair>),
    Rsa(Box<RsaKeyPair>),
}

impl Key {
    pub(crate) fn p256() -> Key {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Key::P256(Box::new(EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap()))
    }

    pub(crate) fn rsa() -> Key {
        let pem = generate_key(KeyAlgorithm::Rsa).unwrap().private_key_pem;
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        Key::Rsa(Box::new(RsaKeyPair::from_der(&STANDARD.decode(body).unwrap()).unwrap()))
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Key::P256(_) => "ES256",
            Key::Rsa(_) => "RS256",
        }
    }

    /// As it is published.
    pub(crate) fn jwk(&self, id: &str) -> Value {
        match self {
            Key::P256(pair) => {
                let point = pair.public_key().as_ref();
                json!({
                    "kty": "EC", "crv": "P-256", "use": "sig", "kid": id,
                    "x": base64url(&point[1..33]), "y": base64url(&point[33..]),
                })
            }
            Key::Rsa(pair) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({
                    "kty": "RSA", "alg": "RS256", "kid": id,
                    "n": base64url(&public.n), "e": base64url(&public.e),
                })
            }
        }
    }

    /// Signs a token under a header of the caller's choice.
    pub(crate) fn sign_as(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| base64url(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(header), part(claims));
        let random = SystemRandom::new();
        let signature = match self {
            Key::P256(pair) => pair.sign(&random, signed.as_bytes()).unwrap().as_ref().to_vec(),
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let signed = signed.as_bytes();
                pair.sign(&RSA_PKCS1_SHA256, &random, signed, &mut signature).unwrap();
                signature
            }
        };
        format!("{signed}.{}", base64url(&signature))
    }

    pub(crate) fn sign(&self, id: &str, claims: &Value) -> String {
        self.sign_as(&json!({ "alg": self.algorithm(), "kid": id, "typ": "JWT" }), claims)
    }
}

/// What the provider answers now, and what it was asked.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) metadata: Value,
    pub(crate) keys: Value,
    pub(crate) token: Value,
    /// The status of all answers where they fail.
    pub(crate) failing: Option<u16>,
    pub(crate) asked: Vec<FetchRequest>,
}

/// The provider.
#[derive(Clone)]
pub(crate) struct Provider(pub(crate) Arc<Mutex<Script>>);

impl Provider {
    pub(crate) fn with_key(key: &Key) -> Provider {
        let script = Script {
            metadata: json!({
                "issuer": ISSUER,
                "authorization_endpoint": "https://login.example/authorize",
                "token_endpoint": "https://login.example/token",
                "jwks_uri": "https://keys.example/keys",
            }),
            keys: json!({ "keys": [key.jwk("k1")] }),
            ..Script::default()
        };
        Provider(Arc::new(Mutex::new(script)))
    }

    fn answer(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
        let mut script = self.0.lock().unwrap();
        script.asked.push(request.clone());
        let body = match request.url.as_str() {
            "https://login.example/.well-known/openid-configuration" => &script.metadata,
            "https://keys.example/keys" => &script.keys,
            "https://login.example/token" => &script.token,
            url => return Err(FetchError::new(url, "nobody is there")),
        };
        let status = script.failing.unwrap_or(200);
        Ok(Fetched { status, body: body.to_string().into() })
    }

    /// The paths that it was asked for since the last look.
    pub(crate) fn asked(&self) -> Vec<FetchRequest> {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }

    pub(crate) fn asked_for(&self, end: &str) -> usize {
        self.0.lock().unwrap().asked.iter().filter(|asked| asked.url.ends_with(end)).count()
    }

    pub(crate) fn give(&self, id_token: &str) {
        self.0.lock().unwrap().token = json!({ "access_token": "a", "id_token": id_token });
    }

    fn fetch(&self) -> Arc<Fetch> {
        let provider = self.clone();
        Arc::new(move |request| {
            let answer = provider.answer(&request);
            Box::pin(async move { answer })
        })
    }
}

pub(crate) fn settings() -> ProviderSettings {
    ProviderSettings {
        issuer: ISSUER.into(),
        client_id: CLIENT.into(),
        client_secret: None,
        scopes: vec!["openid".into(), "email".into()],
        address_claim: "email".into(),
        domains: Vec::new(),
        label: "Example".into(),
        second_factor: SecondFactorBy::Ourselves,
    }
}

/// A second application on the office's store, with this provider.
pub(crate) async fn app(office: &Office, provider: &Provider, settings: ProviderSettings) -> App {
    let own = app::Settings::new("mail.contoso.com");
    let app = App::start(office.store.clone(), own, crate::office::fill).await.unwrap();
    app.with_identity_provider(IdentityProvider::new(settings, provider.fetch()))
}

/// A browser that was sent to the provider.
pub(crate) struct Away {
    pub(crate) token: String,
    query: Vec<(String, String)>,
}

impl Away {
    pub(crate) async fn from(app: &App, now: Timestamp) -> Away {
        let departure = app.depart_to_provider("/account", now).await.unwrap();
        let (endpoint, query) = departure.url.split_once('?').unwrap();
        assert_eq!(endpoint, "https://login.example/authorize");
        let decode = |text: &str| {
            percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
        };
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap());
        let query = pairs.map(|(name, value)| (name.to_owned(), decode(value))).collect();
        Away { token: departure.token, query }
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        &self.query.iter().find(|(known, _)| known == name).unwrap().1
    }

    /// What the provider says about Jean to whoever began with this.
    pub(crate) fn claims(&self) -> Value {
        let now = NOW.0 / 1000;
        json!({
            "iss": ISSUER, "aud": CLIENT, "sub": "subject-of-jean",
            "iat": now, "exp": now + 300, "nonce": self.value("nonce"),
            "email": "jean.dupont@contoso.com", "email_verified": true,
        })
    }

    pub(crate) fn back(&self) -> Return {
        let (code, state) = (Some("the code".into()), Some(self.value("state").into()));
        Return { code, state, ..Return::default() }
    }
}

/// The claims with one of them replaced; `null` takes it away.
pub(crate) fn with(mut claims: Value, name: &str, value: Value) -> Value {
    let fields = claims.as_object_mut().unwrap();
    match value {
        Value::Null => fields.remove(name),
        value => fields.insert(name.to_owned(), value),
    };
    claims
}
