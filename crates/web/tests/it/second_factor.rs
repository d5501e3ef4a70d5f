//! The own account and the second step of the sign-in, as a browser sees them.

use app::access::{Actor, Scopes};
use app::command::{Command, Order};
use app::second_factor::SecondFactorState;
use app::totp;
use axum::http::{StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::office::{NETWORK, NOW, Office, PASSWORD, post};
use crate::pages::{Browser, location, office, sign_in, text};

const MARIE: &str = "marie.durand@contoso.com";

fn secret_of(base32: &str) -> Vec<u8> {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = base32
        .chars()
        .map(|letter| format!("{:05b}", LETTERS.find(letter).expect("a letter of base 32")))
        .collect();
    let octets = bits.as_bytes().chunks_exact(8);
    octets.map(|bits| u8::from_str_radix(std::str::from_utf8(bits).unwrap(), 2).unwrap()).collect()
}

/// Reads the secret from the page that offers it, as a person would type it.
fn shown_secret(page: &str) -> String {
    let start = page.find("<code>").expect("the secret is on the page") + "<code>".len();
    page[start..].split('<').next().unwrap().to_owned()
}

/// Marie's secret, after she turned the second factor on in the page, and her recovery codes.
async fn turned_on(marie: &mut Browser<'_>) -> (Vec<u8>, Vec<String>) {
    let begun = marie.post("/account/second-factor/begin", "password=correct+horse").await;
    assert_eq!(location(&begun), "/account/second-factor");
    let page = text(&marie.get("/account/second-factor").await);
    assert!(page.contains("<svg class=\"qr\"") && page.contains("<path d=\"M4 4h1"), "{page}");
    let secret = secret_of(&shown_secret(&page));
    let wrong = marie.post("/account/second-factor/confirm", "code=12345x").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let code = totp::code(&secret, totp::step_at(NOW));
    let confirmed = marie.post("/account/second-factor/confirm", &format!("code={code}")).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{}", text(&confirmed));
    let page = text(&confirmed);
    let codes: Vec<String> = page
        .split("<li><code>")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect();
    assert_eq!(codes.len(), 10, "{page}");
    (secret, codes)
}

async fn user_page(office: &Office, who: &str) -> String {
    let found = office.call("Get-Mailbox", json!({ "Identity": who })).await.objects();
    format!("/admin/users/{}", found[0]["Guid"].as_str().unwrap())
}

#[tokio::test]
async fn the_second_step_follows_the_password_and_opens_a_new_session() {
    let office = office().await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let (secret, codes) = turned_on(&mut marie).await;
    assert_eq!(marie.get("/account/security").await.status, StatusCode::OK, "she stays signed in");
    let mut other = Browser::new(&office);
    let form = format!("{}&next=%2Faccount", sign_in(MARIE, PASSWORD));
    let answer = other.post("/sign-in", &form).await;
    assert_eq!(location(&answer), "/sign-in/code?next=%2Faccount");
    let pending = other.cookie.clone().unwrap();
    assert!(pending.starts_with("__Host-guichet-pending="), "{pending}");
    assert!(location(&other.get("/account").await).starts_with("/sign-in"), "it opens nothing");
    let as_session = pending.replace("-pending", "");
    other.cookie = Some(as_session);
    assert!(location(&other.get("/account").await).starts_with("/sign-in"), "nor as a session");
    other.cookie = Some(pending.clone());
    assert_eq!(other.get("/sign-in/code?next=%2Faccount").await.status, StatusCode::OK);
    // The code of now turned it on, so it was used.
    let used = format!("code={}&next=%2Faccount", totp::code(&secret, totp::step_at(NOW)));
    assert_eq!(other.post("/sign-in/code", &used).await.status, StatusCode::UNAUTHORIZED);
    let next = totp::code(&secret, totp::step_at(NOW) + 1);
    let answer = other.post("/sign-in/code", &format!("code={next}&next=%2F%2Fevil.example")).await;
    assert_eq!(location(&answer), "/");
    let lines: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    for line in lines {
        assert!(line.to_str().unwrap().ends_with("; HttpOnly; SameSite=Lax; Secure"), "{line:?}");
    }
    assert_eq!(other.get("/account").await.status, StatusCode::OK);
    let mut replay = Browser::new(&office);
    replay.cookie = Some(pending);
    let answer = replay.post("/sign-in/code", &format!("code={}", codes[0])).await;
    assert_eq!(location(&answer), "/sign-in", "what was pending is finished");
}

#[tokio::test]
async fn a_recovery_code_opens_once_and_wrong_codes_are_slowed_down() {
    let office = office().await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let (_, codes) = turned_on(&mut marie).await;
    for (code, expected) in [
        (&codes[3], StatusCode::SEE_OTHER),
        (&codes[3], StatusCode::UNAUTHORIZED),
        (&codes[4], StatusCode::SEE_OTHER),
    ] {
        let mut browser = Browser::new(&office);
        browser.post("/sign-in", &sign_in(MARIE, PASSWORD)).await;
        let answer = browser.post("/sign-in/code", &format!("code={code}")).await;
        assert_eq!(answer.status, expected);
    }
    assert!(text(&marie.get("/account/security").await).contains("8 recovery codes"));
    let mut browser = Browser::new(&office);
    browser.post("/sign-in", &sign_in(MARIE, PASSWORD)).await;
    for _ in 0..6 {
        let answer = browser.post("/sign-in/code", "code=000000").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let answer = browser.post("/sign-in/code", &format!("code={}", codes[5])).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", text(&answer));
}

#[tokio::test]
async fn the_second_factor_goes_by_the_password_or_by_an_administrator() {
    let office = office().await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    turned_on(&mut marie).await;
    let refused = marie.post("/account/second-factor/remove", "password=wrong").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let renewed = marie.post("/account/second-factor/codes", "password=correct+horse").await;
    assert_eq!(text(&renewed).matches("<li><code>").count(), 10);
    let page = user_page(&office, MARIE).await;
    let mut auditor = Browser::signed_in(&office, "auditor@contoso.com").await;
    let shown = text(&auditor.get(&page).await);
    assert!(shown.contains("On since") && !shown.contains("remove-second-factor"), "{shown}");
    let refused = auditor.post(&page, "what=remove-second-factor").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut admin = Browser::signed_in(&office, "admin@contoso.com").await;
    let removed = admin.post(&page, "what=remove-second-factor").await;
    assert_eq!(location(&removed), page);
    assert!(location(&marie.get("/account").await).starts_with("/sign-in"), "sessions ended");
    let mut marie = Browser::signed_in(&office, MARIE).await;
    turned_on(&mut marie).await;
    office.call("Remove-SecondFactor", json!({ "Identity": MARIE })).await.objects();
    let mut marie = Browser::signed_in(&office, MARIE).await;
    turned_on(&mut marie).await;
    let removed = marie.post("/account/second-factor/remove", "password=correct+horse").await;
    assert_eq!(location(&removed), "/account/security?done=factor");
    assert_eq!(marie.get("/account").await.status, StatusCode::OK);
    Browser::signed_in(&office, MARIE).await;
}

#[tokio::test]
async fn the_own_password_is_changed_by_who_knows_the_old_one() {
    let office = office().await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let mut elsewhere = Browser::signed_in(&office, MARIE).await;
    let form = |current: &str, new: &str, again: &str| {
        format!("current={current}&new={new}&again={again}")
    };
    for (form, sentence) in [
        (form("wrong", "new+password", "new+password"), "The current password is wrong."),
        (form("correct+horse", "new+password", "new+passwort"), "The two new passwords differ."),
        (form("correct+horse", "short", "short"), "at least 8 characters"),
    ] {
        let answer = marie.post("/account/password", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(&answer).contains(sentence), "{sentence}");
    }
    let before = marie.cookie.clone();
    let right = form("correct+horse", "new+password", "new+password");
    let done = marie.post("/account/password", &right).await;
    assert_eq!(location(&done), "/account/security?done=password");
    assert_ne!(marie.cookie, before, "the session is a new one");
    assert_eq!(marie.get("/account").await.status, StatusCode::OK);
    assert!(location(&elsewhere.get("/account").await).starts_with("/sign-in"), "all others end");
    let old = Browser::new(&office).post("/sign-in", &sign_in(MARIE, PASSWORD)).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);
    let mut again = Browser::new(&office);
    assert_eq!(location(&again.post("/sign-in", &sign_in(MARIE, "new password")).await), "/");
    for _ in 0..6 {
        marie.post("/account/password", &form("wrong", "new+password", "new+password")).await;
    }
    let form = form("new+password", "other+password", "other+password");
    let answer = marie.post("/account/password", &form).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn app_passwords_are_shown_once_and_only_one_s_own_can_be_removed() {
    let office = office().await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let refused = marie.post("/account/app-passwords", "name=Phone&password=wrong").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = "name=%3Cb%3EPhone&password=correct+horse";
    let made = text(&marie.post("/account/app-passwords", form).await);
    assert!(!made.contains("<b>Phone"), "names are text");
    let secret = shown_secret(&made);
    assert_eq!(secret.len(), 19, "{secret}");
    let peer = std::net::IpAddr::from([192, 0, 2, 9]);
    assert!(office.app.sign_in(MARIE, &secret, peer, NOW).await.is_ok());
    assert!(!text(&marie.get("/account/programs").await).contains(&secret));
    let id = { office.app.directory().find(MARIE).unwrap().id };
    let kept = office.app.app_passwords(&[id]).await.unwrap()[0].id;
    let mut jean = Browser::signed_in(&office, "jean.dupont@contoso.com").await;
    let stolen = jean.post("/account/app-passwords/remove", &format!("id={kept}")).await;
    assert_eq!(stolen.status, StatusCode::NOT_FOUND);
    let removed = marie.post("/account/app-passwords/remove", &format!("id={kept}")).await;
    assert_eq!(location(&removed), "/account/programs?done=removed");
    assert_eq!(marie.get("/account/programs").await.status, StatusCode::OK, "still signed in");
    assert!(office.app.sign_in(MARIE, &secret, peer, NOW).await.is_err());
}

#[tokio::test]
async fn tokens_have_the_scopes_that_were_chosen() {
    let office = office().await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let no_scope = marie.post("/account/tokens", "name=x&password=correct+horse").await;
    assert_eq!(no_scope.status, StatusCode::UNPROCESSABLE_ENTITY);
    let past = "name=x&read=1&until=2020-01-31&password=correct+horse";
    assert_eq!(marie.post("/account/tokens", past).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = "name=Backup&read=1&until=2027-01-31&password=correct+horse";
    let secret = shown_secret(&text(&marie.post("/account/tokens", form).await));
    assert!(secret.starts_with("gui_"), "{secret}");
    let (actor, token) = office.app.actor_of_token(&secret, NOW).await.unwrap().unwrap();
    assert_eq!(actor.scopes(), Scopes::of(&[app::access::Scope::Read]));
    let mut jean = Browser::signed_in(&office, "jean.dupont@contoso.com").await;
    let stolen = jean.post("/account/tokens/revoke", &format!("id={}", token.id)).await;
    assert_eq!(stolen.status, StatusCode::NOT_FOUND);
    marie.post("/account/tokens/revoke", &format!("id={}", token.id)).await;
    assert!(office.app.actor_of_token(&secret, NOW).await.unwrap().is_none());
}

#[tokio::test]
async fn a_token_cannot_touch_the_second_factor() {
    let office = office().await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    turned_on(&mut marie).await;
    let id = { office.app.directory().find(MARIE).unwrap().id };
    let actor = Actor::User { id, scopes: Scopes::of(&[app::access::Scope::Admin]) };
    let order = Order::new(Command::RemoveSecondFactor(id));
    office.app.command(&actor, &order, NOW).await.unwrap_err();
    let state = office.app.second_factor(id).await.unwrap();
    assert!(matches!(state, SecondFactorState::On { .. }));
}

#[tokio::test]
async fn passkeys_are_asked_for_under_the_server_s_name_only() {
    let office = office().await;
    let mut browser = Browser::new(&office);
    let asked = browser.post("/sign-in/passkey/begin", "").await.json();
    assert_eq!(asked["site"], "mail.contoso.com");
    assert_eq!(asked["challenge"].as_str().unwrap().len(), 43);
    let forged = "id=AAAA&client_data=e30&authenticator_data=AAAA&signature=AAAA&next=%2F";
    let answer = browser.post("/sign-in/passkey", forged).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(text(&answer).contains("This passkey does not open an account here."));
    assert!(browser.cookie.is_none());
    let outside = browser.post("/account/passkeys/begin", "password=correct+horse").await;
    assert_eq!(outside.status, StatusCode::UNAUTHORIZED);

    let mut marie = Browser::signed_in(&office, MARIE).await;
    let wrong = marie.post("/account/passkeys/begin", "password=wrong").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.json()["error"], "The current password is wrong.");
    let asked = marie.post("/account/passkeys/begin", "password=correct+horse").await.json();
    assert_eq!((&asked["login"], &asked["known"]), (&json!(MARIE), &json!([])));
    let form = "name=Phone&client_data=e30&attestation_object=oA";
    let refused = marie.post("/account/passkeys", form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(&refused).contains("cannot be used"));
    let none = marie.post("/account/passkeys/remove", "id=1").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_app_password_administers_nothing_once_it_is_on() {
    let office = office().await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let form = "name=Phone&password=correct+horse";
    let secret = shown_secret(&text(&marie.post("/account/app-passwords", form).await));
    let ask = async || {
        let body = json!({ "Identity": MARIE });
        let mut request = post("Remove-SecondFactor", body, NETWORK);
        let pair = STANDARD.encode(format!("{MARIE}:{secret}"));
        request.headers_mut().insert("authorization", format!("Basic {pair}").parse().unwrap());
        office.send(request).await
    };
    assert_ne!(ask().await.status, StatusCode::UNAUTHORIZED, "it is known, there is none yet");
    turned_on(&mut marie).await;
    assert_eq!(ask().await.status, StatusCode::UNAUTHORIZED);
    let peer = std::net::IpAddr::from([192, 0, 2, 9]);
    assert!(office.app.sign_in(MARIE, &secret, peer, NOW).await.is_ok(), "mail goes on");
}
