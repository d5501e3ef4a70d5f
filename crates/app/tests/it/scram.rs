//! Signing in by SCRAM-SHA-256, with the client's side computed here from RFC 5802 §3.

use std::num::NonZeroU32;

use app::command::{Command, NewAppPassword, Password, RecipientChanges};
use app::credentials::hash_password;
use app::scram::{ITERATIONS, SALT_OCTETS, ScramSignIn};
use app::{App, Settings, SignInRefusal, SignedIn};
use ring::{digest, hmac, pbkdf2};
use store::WriteSet;

use crate::office::{NOW, Office, PASSWORD, PEER, fill};

const SIGNED: &str = "n=user,r=one,r=onetwo,s=salt,i=1,c=biws,r=onetwo";
const JEAN: &str = "jean.dupont@contoso.com";

fn hmac_of(key: &[u8], text: &[u8]) -> [u8; 32] {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().try_into().unwrap()
}

/// The proof of a client that knows the password, and the signature that it expects.
fn proof(begun: &ScramSignIn, password: &str) -> ([u8; 32], [u8; 32]) {
    let rounds = NonZeroU32::new(begun.iterations).unwrap();
    let mut salted = [0u8; 32];
    let algorithm = pbkdf2::PBKDF2_HMAC_SHA256;
    pbkdf2::derive(algorithm, rounds, &begun.salt, password.as_bytes(), &mut salted);
    let mut proof = hmac_of(&salted, b"Client Key");
    let stored_key = digest::digest(&digest::SHA256, &proof);
    let signature = hmac_of(stored_key.as_ref(), SIGNED.as_bytes());
    for (octet, mask) in proof.iter_mut().zip(signature) {
        *octet ^= mask;
    }
    (proof, hmac_of(&hmac_of(&salted, b"Server Key"), SIGNED.as_bytes()))
}

async fn sign_in(app: &App, login: &str, password: &str) -> Result<SignedIn, SignInRefusal> {
    let begun = app.begin_scram(login, PEER, NOW).await?;
    let (proof, expected) = proof(&begun, password);
    let (signed_in, signature) = app.finish_scram(&begun, SIGNED, &proof, NOW)?;
    assert_eq!(signature, expected, "the server proves itself too");
    Ok(signed_in)
}

async fn is_refused(app: &App, login: &str, password: &str) -> bool {
    matches!(sign_in(app, login, password).await, Err(SignInRefusal::Wrong))
}

async fn office() -> Office {
    let office = Office::contoso().await;
    set_password(&office, PASSWORD).await;
    office
}

async fn set_password(office: &Office, password: &str) {
    let password = Some(Password(password.into()));
    let changes = RecipientChanges { password, ..Default::default() };
    let set = Command::Set { identity: "jean.dupont".into(), changes: Box::new(changes) };
    office.run(set).await.unwrap();
}

#[tokio::test]
async fn whoever_knows_the_password_signs_in() {
    let office = office().await;
    let signed_in = sign_in(&office.app, JEAN, PASSWORD).await.unwrap();
    assert_eq!(signed_in.account, office.find("jean.dupont").id);
    assert!(office.app.is_still_signed_in(signed_in));
    // A login is not case-sensitive, here as everywhere.
    sign_in(&office.app, "Jean.Dupont@Contoso.com", PASSWORD).await.unwrap();
    assert!(is_refused(&office.app, JEAN, "correct horsf").await);
    // A new user's password has its keys as well: the first administrator's.
    sign_in(&office.app, "admin@contoso.com", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_new_password_ends_the_old_one_and_what_was_begun_with_it() {
    let office = office().await;
    let begun = office.app.begin_scram(JEAN, PEER, NOW).await.unwrap();
    set_password(&office, "another horse").await;
    let (proof, _) = proof(&begun, PASSWORD);
    let finished = office.app.finish_scram(&begun, SIGNED, &proof, NOW);
    assert!(matches!(finished, Err(SignInRefusal::Wrong)));
    assert!(is_refused(&office.app, JEAN, PASSWORD).await);
    sign_in(&office.app, JEAN, "another horse").await.unwrap();
}

#[tokio::test]
async fn an_unknown_login_looks_like_one_that_is_there() {
    let office = office().await;
    let salt = async |app: &App, login: &str| {
        let begun = app.begin_scram(login, PEER, NOW).await.unwrap();
        assert_eq!(begun.iterations, ITERATIONS);
        assert_eq!(begun.salt.len(), SALT_OCTETS);
        (begun.salt, begun.nonce)
    };
    for login in [JEAN, "nobody@contoso.com", "not an address"] {
        let (first, nonce) = salt(&office.app, login).await;
        let (second, other_nonce) = salt(&office.app, login).await;
        assert_eq!(first, second, "{login}");
        assert_ne!(nonce, other_nonce, "{login}");
        // Also after a restart.
        let settings = Settings::new("mail.contoso.com");
        let again = App::start(office.store.clone(), settings, fill).await.unwrap();
        assert_eq!(salt(&again, login).await.0, first, "{login}");
    }
    let one = salt(&office.app, "nobody@contoso.com").await.0;
    assert_ne!(one, salt(&office.app, "somebody@contoso.com").await.0);
    assert_eq!(one, salt(&office.app, "NOBODY@contoso.com").await.0);
    assert!(is_refused(&office.app, "nobody@contoso.com", PASSWORD).await);
}

#[tokio::test]
async fn an_older_password_gets_its_keys_when_it_is_sent_for_the_first_time() {
    let office = office().await;
    let jean = office.find("jean.dupont").id;
    let hash = hash_password("older horse", fill).unwrap();
    let mut set = WriteSet::new();
    store::credential::put_password(&mut set, jean, &hash, NOW);
    office.store.commit(set).await.unwrap();
    assert!(is_refused(&office.app, JEAN, "older horse").await);
    office.app.sign_in(JEAN, "older horse", PEER, NOW).await.unwrap();
    office.app.finish().await;
    sign_in(&office.app, JEAN, "older horse").await.unwrap();
}

#[tokio::test]
async fn each_password_of_an_account_signs_in_until_it_is_gone() {
    let office = office().await;
    let jean = office.find("jean.dupont").id;
    let new = |name: &str| {
        let new = NewAppPassword { user: "jean.dupont".into(), name: name.into() };
        Command::CreateAppPassword(new)
    };
    let actor = office.actor("jean.dupont");
    let phone = office.run_as(&actor, new("Phone")).await.unwrap().secret.unwrap();
    let tablet = office.run_as(&actor, new("Tablet")).await.unwrap().secret.unwrap();
    for password in [PASSWORD, &phone.secret, &tablet.secret] {
        sign_in(&office.app, JEAN, password).await.unwrap();
    }
    set_password(&office, "another horse").await;
    let remove = Command::RemoveAppPassword { user: jean, id: phone.id };
    office.run_as(&actor, remove).await.unwrap();
    for password in [PASSWORD, &phone.secret] {
        assert!(is_refused(&office.app, JEAN, password).await);
    }
    for password in ["another horse", &tablet.secret] {
        sign_in(&office.app, JEAN, password).await.unwrap();
    }
}

#[tokio::test]
async fn a_disabled_account_is_refused() {
    let office = office().await;
    let changes = RecipientChanges { is_disabled: Some(true), ..Default::default() };
    let set = Command::Set { identity: "jean.dupont".into(), changes: Box::new(changes) };
    office.run(set).await.unwrap();
    assert!(is_refused(&office.app, JEAN, PASSWORD).await);
}

#[tokio::test]
async fn failures_count_for_the_throttle_also_of_exchanges_begun_before() {
    let office = office().await;
    let begun = office.app.begin_scram(JEAN, PEER, NOW).await.unwrap();
    let mut failures = 0;
    while is_refused(&office.app, JEAN, "guess").await {
        failures += 1;
        assert!(failures < 100, "guessing is never slowed down");
    }
    let throttled = sign_in(&office.app, JEAN, PASSWORD).await;
    assert!(matches!(throttled, Err(SignInRefusal::Throttled(_))));
    let (proof, _) = proof(&begun, PASSWORD);
    let finished = office.app.finish_scram(&begun, SIGNED, &proof, NOW);
    assert!(matches!(finished, Err(SignInRefusal::Throttled(_))));
    // One count for all mechanisms.
    let plain = office.app.sign_in(JEAN, PASSWORD, PEER, NOW).await;
    assert!(matches!(plain, Err(SignInRefusal::Throttled(_))));
}
