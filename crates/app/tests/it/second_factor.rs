//! The second factor: turned on by its owner, asked for after the password, counted once.

use app::access::{Actor, Scope, Scopes};
use app::command::{Command, CommandError, NewAppPassword, Password, RECOVERY_CODES};
use app::second_factor::{
    PENDING_MAX_SECS, PasswordAccepted, SecondFactorState, SecondStepRefusal,
};
use app::{SignInRefusal, SignedIn, totp};
use domain::{RecipientId, Timestamp};

use crate::office::{NOW, Office, PASSWORD, PEER};

const JEAN: &str = "jean.dupont@contoso.com";
const OTHER_PEER: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));

pub(crate) fn decoded(base32: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let (mut bits, mut held) = (0u32, 0);
    for letter in base32.bytes() {
        let value = if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter - b'A' };
        bits = (bits << 5) | u32::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            octets.push(u8::try_from((bits >> held) & 0xff).unwrap());
        }
    }
    octets
}

/// Jean with his password, his device, and his recovery codes.
struct Jean {
    office: Office,
    id: RecipientId,
    secret: Vec<u8>,
    codes: Vec<String>,
}

impl Jean {
    async fn with_password() -> (Office, RecipientId) {
        let office = Office::contoso().await;
        let set = Command::SetPassword { user: JEAN.into(), password: Password(PASSWORD.into()) };
        office.run(set).await.unwrap();
        let id = office.find(JEAN).id;
        (office, id)
    }

    async fn with_second_factor() -> Jean {
        let (office, id) = Jean::with_password().await;
        office.app.offer_second_factor(id, NOW).await.unwrap();
        let offered = office.app.second_factor(id).await.unwrap();
        let SecondFactorState::Offered { secret, uri } = offered else { panic!("{offered:?}") };
        assert!(uri.contains(&secret));
        let secret = decoded(&secret);
        let code = totp::code(&secret, totp::step_at(NOW));
        let confirm = Command::ConfirmSecondFactor { user: id, code };
        let actor = Actor::User { id, scopes: Scopes::ALL };
        let shown = office.run_as(&actor, confirm).await.unwrap().secret.unwrap().secret;
        let codes = shown.lines().map(str::to_owned).collect();
        Jean { office, id, secret, codes }
    }

    /// The token of the second step.
    async fn password(&self, now: Timestamp) -> String {
        let accepted = self.office.app.sign_in_browser(JEAN, PASSWORD, PEER, now).await.unwrap();
        match accepted {
            PasswordAccepted::SecondFactorOwed(token) => token,
            PasswordAccepted::SignedIn(_) => panic!("nothing was asked for"),
        }
    }

    async fn finish(&self, typed: &str, now: Timestamp) -> Result<SignedIn, SecondStepRefusal> {
        let token = self.password(now).await;
        self.office.app.finish_sign_in(&token, typed, PEER, now).await
    }

    fn code(&self, now: Timestamp) -> String {
        totp::code(&self.secret, totp::step_at(now))
    }
}

#[tokio::test]
async fn a_code_counts_once_and_only_after_the_password() {
    let jean = Jean::with_second_factor().await;
    let app = &jean.office.app;
    // The code that turned it on is used.
    assert!(matches!(jean.finish(&jean.code(NOW), NOW).await, Err(SecondStepRefusal::Wrong)));
    let later = NOW.plus_secs(60);
    let code = jean.code(later);
    assert_eq!(jean.finish(&code, later).await.unwrap().account, jean.id);
    assert!(matches!(jean.finish(&code, later).await, Err(SecondStepRefusal::Wrong)), "replay");
    let early = jean.code(later.plus_secs(-30));
    assert!(matches!(jean.finish(&early, later).await, Err(SecondStepRefusal::Wrong)), "before");
    let next = jean.code(later.plus_secs(30));
    let spaced = format!("{} {}", &next[..3], &next[3..]);
    assert!(jean.finish(&spaced, later).await.is_ok());
    let unknown = app.finish_sign_in("unknown", &code, PEER, later).await;
    assert!(matches!(unknown, Err(SecondStepRefusal::Expired)));
}

#[tokio::test]
async fn two_requests_at_once_cannot_both_use_a_code() {
    let jean = Jean::with_second_factor().await;
    let later = NOW.plus_secs(90);
    let (one, two) = (jean.password(later).await, jean.password(later).await);
    let code = jean.code(later);
    let app = &jean.office.app;
    let (first, second) = tokio::join!(
        app.finish_sign_in(&one, &code, PEER, later),
        app.finish_sign_in(&two, &code, PEER, later)
    );
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
}

#[tokio::test]
async fn what_is_pending_ends_with_time_use_and_the_password() {
    let jean = Jean::with_second_factor().await;
    let app = &jean.office.app;
    let at = NOW.plus_secs(60);
    let token = jean.password(at).await;
    let just = at.plus_secs(PENDING_MAX_SECS - 1);
    assert!(app.pending_sign_in(&token, just).await.unwrap().is_some());
    let late = at.plus_secs(PENDING_MAX_SECS);
    let answer = app.finish_sign_in(&token, &jean.code(late), PEER, late).await;
    assert!(matches!(answer, Err(SecondStepRefusal::Expired)));
    app.finish_sign_in(&token, &jean.code(at), PEER, at).await.unwrap();
    let again = app.finish_sign_in(&token, &jean.code(at.plus_secs(30)), PEER, at).await;
    assert!(matches!(again, Err(SecondStepRefusal::Expired)), "used");
    let token = jean.password(at).await;
    let set = Command::SetPassword { user: JEAN.into(), password: Password("another one".into()) };
    jean.office.run(set).await.unwrap();
    assert!(app.pending_sign_in(&token, at).await.unwrap().is_none(), "the password changed");
}

#[tokio::test]
async fn recovery_codes_count_once_however_they_are_typed() {
    let jean = Jean::with_second_factor().await;
    assert_eq!(jean.codes.len(), RECOVERY_CODES);
    let typed = jean.codes[0].to_uppercase().replace('-', " ");
    assert!(jean.finish(&typed, NOW).await.is_ok());
    assert!(matches!(jean.finish(&jean.codes[0], NOW).await, Err(SecondStepRefusal::Wrong)));
    let state = jean.office.app.second_factor(jean.id).await.unwrap();
    assert_eq!(state, SecondFactorState::On { confirmed_at: NOW, recovery_codes: 9 });
    let audit = jean.office.audit().await;
    assert!(audit.iter().any(|record| record.operation == "Use-RecoveryCode"));
    let actor = jean.office.actor(JEAN);
    jean.office.run_as(&actor, Command::RenewRecoveryCodes(jean.id)).await.unwrap();
    assert!(matches!(jean.finish(&jean.codes[1], NOW).await, Err(SecondStepRefusal::Wrong)));
}

#[tokio::test]
async fn guessing_codes_is_slowed_down_wherever_it_comes_from() {
    let jean = Jean::with_second_factor().await;
    let at = NOW.plus_secs(120);
    let wrong = "no such code";
    for _ in 0..6 {
        assert!(matches!(jean.finish(wrong, at).await, Err(SecondStepRefusal::Wrong)));
    }
    // The right password between guesses forgives nothing.
    let token = jean.password(at).await;
    let app = &jean.office.app;
    let code = jean.code(at);
    let answer = app.finish_sign_in(&token, &code, OTHER_PEER, at).await;
    assert!(matches!(answer, Err(SecondStepRefusal::Throttled(2))), "{answer:?}");
    let later = at.plus_secs(2);
    assert!(app.finish_sign_in(&token, &code, OTHER_PEER, later).await.is_ok());
    assert!(app.throttled_sign_ins().iter().all(|(_, failures)| failures.blocked_until <= later));
}

#[tokio::test]
async fn programs_need_an_app_password_once_it_is_on() {
    let (office, id) = Jean::with_password().await;
    assert!(office.app.sign_in(JEAN, PASSWORD, PEER, NOW).await.is_ok(), "and it is remembered");
    drop(office);
    let jean = Jean::with_second_factor().await;
    let app = &jean.office.app;
    let refused = app.sign_in(JEAN, PASSWORD, PEER, NOW).await;
    assert!(matches!(refused, Err(SignInRefusal::Wrong)));
    // A browser that gives the password does not open the door to programs.
    jean.password(NOW).await;
    assert!(app.sign_in(JEAN, PASSWORD, PEER, NOW).await.is_err());
    let new = NewAppPassword { user: JEAN.into(), name: "Phone".into() };
    let made = jean.office.run(Command::CreateAppPassword(new)).await.unwrap().secret.unwrap();
    assert_eq!(app.sign_in(JEAN, &made.secret, PEER, NOW).await.unwrap().account, jean.id);
    let browser = app.sign_in_browser(JEAN, &made.secret, PEER, NOW).await;
    assert!(matches!(browser, Err(SignInRefusal::Wrong)), "no page opens by an app password");
    assert_eq!(id, jean.id);
}

#[tokio::test]
async fn turning_it_on_ends_what_the_password_alone_opened() {
    let (office, id) = Jean::with_password().await;
    let signed_in = office.app.sign_in(JEAN, PASSWORD, PEER, NOW).await.unwrap();
    office.app.offer_second_factor(id, NOW).await.unwrap();
    assert!(office.app.is_still_signed_in(signed_in), "an offer changes nothing");
    let SecondFactorState::Offered { secret, .. } = office.app.second_factor(id).await.unwrap()
    else {
        panic!("it was offered");
    };
    let actor = office.actor(JEAN);
    let wrong = Command::ConfirmSecondFactor { user: id, code: "000000x".into() };
    let refused = office.run_as(&actor, wrong).await;
    assert!(matches!(refused, Err(CommandError::Invalid { .. })), "{refused:?}");
    let code = totp::code(&decoded(&secret), totp::step_at(NOW));
    let confirm = Command::ConfirmSecondFactor { user: id, code };
    assert!(office.run(confirm.clone()).await.is_err(), "nobody does it for another");
    let token = Actor::User { id, scopes: Scopes::of(&[Scope::Admin]) };
    assert!(office.run_as(&token, confirm.clone()).await.is_err(), "a token may not");
    office.run_as(&actor, confirm.clone()).await.unwrap();
    assert!(!office.app.is_still_signed_in(signed_in));
    assert!(office.run_as(&actor, confirm).await.is_err(), "it is on already");
    let before = office.app.second_factor(id).await.unwrap();
    office.app.offer_second_factor(id, NOW).await.unwrap();
    assert_eq!(office.app.second_factor(id).await.unwrap(), before, "an offer cannot replace it");
}

#[tokio::test]
async fn an_administrator_takes_it_away_and_others_do_not() {
    let jean = Jean::with_second_factor().await;
    let remove = Command::RemoveSecondFactor(jean.id);
    for login in ["marie.durand@contoso.com", "auditor@contoso.com"] {
        let actor = jean.office.actor(login);
        assert!(jean.office.run_as(&actor, remove.clone()).await.is_err(), "{login}");
    }
    let admin = jean.office.actor("admin@contoso.com");
    jean.office.run_as(&admin, remove.clone()).await.unwrap();
    let answer = jean.office.app.sign_in_browser(JEAN, PASSWORD, PEER, NOW).await.unwrap();
    assert!(matches!(answer, PasswordAccepted::SignedIn(_)));
    assert!(jean.office.app.sign_in(JEAN, PASSWORD, PEER, NOW).await.is_ok());
    assert!(jean.office.run_as(&admin, remove).await.is_err(), "there is none any more");
    let audit = jean.office.audit().await;
    let record = audit.iter().find(|record| record.operation == "Remove-SecondFactor").unwrap();
    assert_eq!((record.actor.as_str(), record.object.as_str()), ("admin@contoso.com", JEAN));
}
