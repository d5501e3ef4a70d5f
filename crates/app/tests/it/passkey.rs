//! Passkeys, with an authenticator that is computed here from W3C Web Authentication §6.

use app::SignInRefusal;
use app::command::Command;
use app::passkey::{
    Assertion, CHALLENGE_MAX_SECS, PASSKEYS_MAX, Registration, RegistrationRefusal, RelyingParty,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::RecipientId;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use ring::{digest, signature};

use crate::office::{NOW, Office, PEER};

const JEAN: &str = "jean.dupont@contoso.com";

fn site() -> RelyingParty {
    RelyingParty { id: "mail.contoso.com".into(), origin: "https://mail.contoso.com".into() }
}

enum Key {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// An authenticator with one key.
struct Authenticator {
    key: Key,
    id: Vec<u8>,
    site_id: &'static str,
    origin: &'static str,
    flags: u8,
    count: u32,
}

fn bytes(octets: &[u8]) -> Vec<u8> {
    [&[0x58, u8::try_from(octets.len()).unwrap()], octets].concat()
}

impl Authenticator {
    fn new(id: &[u8]) -> Authenticator {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        Authenticator {
            key: Key::P256(key),
            id: id.to_vec(),
            site_id: "mail.contoso.com",
            origin: "https://mail.contoso.com",
            flags: 0x05,
            count: 0,
        }
    }

    fn ed25519(id: &[u8]) -> Authenticator {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let key = Key::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap());
        Authenticator { key, ..Authenticator::new(id) }
    }

    fn cose(&self) -> Vec<u8> {
        match &self.key {
            Key::P256(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (bytes(&point[1..33]), bytes(&point[33..]));
                let head = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21];
                [&head[..], &x, &[0x22], &y].concat()
            }
            Key::Ed25519(pair) => {
                let head = [0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21];
                [&head[..], &bytes(pair.public_key().as_ref())].concat()
            }
        }
    }

    fn data(&self, key: Option<&[u8]>) -> Vec<u8> {
        let hash = digest::digest(&digest::SHA256, self.site_id.as_bytes());
        let flags = if key.is_some() { self.flags | 0x40 } else { self.flags };
        let mut data = [hash.as_ref(), &[flags], &self.count.to_be_bytes()].concat();
        if let Some(cose) = key {
            data.extend([0u8; 16]);
            data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
            data.extend(&self.id);
            data.extend(cose);
        }
        data
    }

    fn client_data(&self, kind: &str, challenge: &str) -> String {
        let origin = self.origin;
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"}}"#)
    }

    async fn register(&self, office: &Office, who: RecipientId) -> Result<(), RegistrationRefusal> {
        let challenge = office.app.ask_passkey(Some(who), NOW).await.unwrap();
        self.register_for(office, who, &challenge).await
    }

    async fn register_for(
        &self,
        office: &Office,
        who: RecipientId,
        challenge: &str,
    ) -> Result<(), RegistrationRefusal> {
        let data = bytes(&self.data(Some(&self.cose())));
        let head = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData";
        let object = [&head[..], &data].concat();
        let registration = Registration {
            name: "Phone",
            client_data: &URL_SAFE_NO_PAD.encode(self.client_data("webauthn.create", challenge)),
            attestation_object: &URL_SAFE_NO_PAD.encode(object),
        };
        office.app.register_passkey(who, &site(), &registration, (PEER, NOW)).await
    }

    fn sign(&self, challenge: &str) -> [String; 4] {
        let client_data = self.client_data("webauthn.get", challenge);
        let data = self.data(None);
        let hash = digest::digest(&digest::SHA256, client_data.as_bytes());
        let signed = [data.as_slice(), hash.as_ref()].concat();
        let signature: signature::Signature = match &self.key {
            Key::P256(pair) => pair.sign(&SystemRandom::new(), &signed).unwrap(),
            Key::Ed25519(pair) => pair.sign(&signed),
        };
        let signature = URL_SAFE_NO_PAD.encode(signature.as_ref());
        let encode = |octets: &[u8]| URL_SAFE_NO_PAD.encode(octets);
        [encode(&self.id), encode(client_data.as_bytes()), encode(&data), signature]
    }

    async fn sign_in(&self, office: &Office) -> Result<RecipientId, SignInRefusal> {
        let challenge = office.app.ask_passkey(None, NOW).await.unwrap();
        give(office, &self.sign(&challenge)).await
    }
}

async fn give(office: &Office, fields: &[String; 4]) -> Result<RecipientId, SignInRefusal> {
    let [credential_id, client_data, authenticator_data, signature] = fields;
    let assertion = Assertion { credential_id, client_data, authenticator_data, signature };
    let signed_in = office.app.sign_in_with_passkey(&site(), &assertion, PEER, NOW).await?;
    Ok(signed_in.account)
}

async fn is_refused(office: &Office, authenticator: &Authenticator) -> bool {
    let refused = authenticator.sign_in(office).await;
    office.app.clear_sign_in_throttle("(passkey)");
    matches!(refused, Err(SignInRefusal::Wrong))
}

#[tokio::test]
async fn both_kinds_of_keys_sign_in_alone() {
    let office = Office::contoso().await;
    let jean = office.find(JEAN).id;
    for authenticator in [Authenticator::new(b"one"), Authenticator::ed25519(b"two")] {
        assert!(is_refused(&office, &authenticator).await, "unknown");
        authenticator.register(&office, jean).await.unwrap();
        assert_eq!(authenticator.sign_in(&office).await.unwrap(), jean);
        let again = authenticator.register(&office, jean).await;
        assert!(matches!(again, Err(RegistrationRefusal::Known)), "{again:?}");
    }
    assert_eq!(office.app.passkeys(jean).await.unwrap().len(), 2);
    let audit = office.audit().await;
    assert_eq!(audit.iter().filter(|record| record.operation == "New-Passkey").count(), 2);
}

#[tokio::test]
async fn an_answer_counts_for_one_question_and_one_site_with_the_person_there() {
    let office = Office::contoso().await;
    let jean = office.find(JEAN).id;
    let good = Authenticator::new(b"one");
    good.register(&office, jean).await.unwrap();
    let challenge = office.app.ask_passkey(None, NOW).await.unwrap();
    let fields = good.sign(&challenge);
    assert_eq!(give(&office, &fields).await.unwrap(), jean);
    assert!(give(&office, &fields).await.is_err(), "replay");
    assert!(give(&office, &good.sign("never asked")).await.is_err());
    let registering = office.app.ask_passkey(Some(jean), NOW).await.unwrap();
    assert!(give(&office, &good.sign(&registering)).await.is_err(), "another question");
    office.app.clear_sign_in_throttle("(passkey)");
    let mut fields = good.sign(&office.app.ask_passkey(None, NOW).await.unwrap());
    let other = good.sign(&office.app.ask_passkey(None, NOW).await.unwrap());
    fields[3].clone_from(&other[3]);
    assert!(give(&office, &fields).await.is_err(), "a signature of something else");
    office.app.clear_sign_in_throttle("(passkey)");
    let mut authenticator = good;
    authenticator.flags = 0x01;
    assert!(is_refused(&office, &authenticator).await, "nobody was recognised");
    authenticator.flags = 0x05;
    authenticator.site_id = "evil.example";
    assert!(is_refused(&office, &authenticator).await, "another site");
    authenticator.site_id = "mail.contoso.com";
    authenticator.origin = "https://mail.contoso.com.evil.example";
    assert!(is_refused(&office, &authenticator).await, "another origin");
    authenticator.origin = "https://mail.contoso.com";
    assert!(!is_refused(&office, &authenticator).await);
    let set = Command::Set {
        identity: JEAN.into(),
        changes: Box::new(app::command::RecipientChanges {
            is_disabled: Some(true),
            ..Default::default()
        }),
    };
    office.run(set).await.unwrap();
    assert!(is_refused(&office, &authenticator).await, "disabled");
}

#[tokio::test]
async fn a_copy_of_a_counting_authenticator_is_noticed() {
    let office = Office::contoso().await;
    let mut authenticator = Authenticator::new(b"one");
    authenticator.count = 7;
    authenticator.register(&office, office.find(JEAN).id).await.unwrap();
    authenticator.count = 8;
    assert!(!is_refused(&office, &authenticator).await);
    for count in [8, 7, 0] {
        authenticator.count = count;
        assert!(is_refused(&office, &authenticator).await, "{count}");
    }
    authenticator.count = 9;
    assert!(!is_refused(&office, &authenticator).await);
}

#[tokio::test]
async fn a_question_ends_with_time_and_a_registration_is_for_who_asked() {
    let office = Office::contoso().await;
    let (jean, marie) = (office.find(JEAN).id, office.find("marie.durand@contoso.com").id);
    let authenticator = Authenticator::new(b"one");
    let asked = office.app.ask_passkey(Some(marie), NOW).await.unwrap();
    let refused = authenticator.register_for(&office, jean, &asked).await;
    assert!(matches!(refused, Err(RegistrationRefusal::Unusable)));
    let early = NOW.plus_secs(-CHALLENGE_MAX_SECS);
    let asked = office.app.ask_passkey(Some(jean), early).await.unwrap();
    assert!(authenticator.register_for(&office, jean, &asked).await.is_err(), "too late");
    let just = NOW.plus_secs(1 - CHALLENGE_MAX_SECS);
    let asked = office.app.ask_passkey(Some(jean), just).await.unwrap();
    authenticator.register_for(&office, jean, &asked).await.unwrap();
    for number in 1..PASSKEYS_MAX {
        Authenticator::new(format!("more {number}").as_bytes())
            .register(&office, jean)
            .await
            .unwrap();
    }
    let refused = Authenticator::new(b"last").register(&office, jean).await;
    assert!(matches!(refused, Err(RegistrationRefusal::TooMany)));
    let key = office.app.passkeys(jean).await.unwrap()[0].id;
    let remove = Command::RemovePasskey { user: jean, id: key };
    let marie = office.actor("marie.durand@contoso.com");
    assert!(office.run_as(&marie, remove.clone()).await.is_err());
    office.run_as(&office.actor(JEAN), remove).await.unwrap();
    assert!(is_refused(&office, &authenticator).await, "removed");
}
