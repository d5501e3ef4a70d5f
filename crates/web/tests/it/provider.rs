//! The pages around a provider of OpenID Connect: the button, what is said where a sign-in fails,
//! and the identities in the account. The sign-in itself is tested in `app` and with the whole
//! server.

use std::sync::Arc;

use app::App;
use app::oidc::{FetchError, IdentityProvider, ProviderSettings, SecondFactorBy};
use axum::http::StatusCode;
use store::WriteSet;
use store::linked_identity::{self, LinkedIdentity};

use crate::office::{NOW, Office};
use crate::pages::{Browser, location, office, text};

const ISSUER: &str = "https://login.example";
const BACK: &str = "/sign-in/provider/back?code=c&state=s";

/// With a provider that nobody reaches.
async fn office_with_provider() -> Office {
    let settings = ProviderSettings {
        issuer: ISSUER.into(),
        client_id: "guichet".into(),
        client_secret: None,
        scopes: vec!["openid".into()],
        address_claim: "email".into(),
        domains: Vec::new(),
        label: "Example & Co".into(),
        second_factor: SecondFactorBy::Ourselves,
    };
    let unreachable = |request: app::oidc::FetchRequest| -> app::oidc::Fetching {
        Box::pin(async { Err(FetchError::new(request.url, "nobody is there")) })
    };
    let provider = IdentityProvider::new(settings, Arc::new(unreachable));
    office().await.with(|app: App| app.with_identity_provider(provider)).await
}

#[tokio::test]
async fn the_button_is_there_where_a_provider_is() {
    let office = office_with_provider().await;
    let mut browser = Browser::new(&office);
    let page = text(&browser.get("/sign-in?next=%2Fadmin%2Fgroups%3Fq%3Da").await);
    let href = "/sign-in/provider?next=%2Fadmin%2Fgroups%3Fq%3Da";
    assert!(page.contains(href), "{page}");
    assert!(page.contains("Sign in with") && page.contains("Example &#38; Co"), "{page}");
    browser.language = "fr";
    let page = text(&browser.get("/sign-in").await);
    assert!(page.contains("Se connecter avec"), "{page}");
    let none = crate::pages::office().await;
    let mut browser = Browser::new(&none);
    assert!(!text(&browser.get("/sign-in").await).contains("/sign-in/provider"));
    assert_eq!(browser.get("/sign-in/provider").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get(BACK).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_fails_is_said_on_the_sign_in_page() {
    let office = office_with_provider().await;
    let mut browser = Browser::new(&office);
    let away = browser.get("/sign-in/provider?next=%2F%2Fevil.example").await;
    assert_eq!(away.status, StatusCode::BAD_GATEWAY);
    let page = text(&away);
    assert!(page.contains("does not answer as it should"), "{page}");
    assert!(!page.contains("evil"), "{page}");
    let back = browser.get(BACK).await;
    assert_eq!(back.status, StatusCode::BAD_REQUEST);
    let page = text(&back);
    assert!(page.contains("was not begun in this browser"), "{page}");
    assert!(!page.contains("code=c"), "the language switch does not repeat the code");
    for malformed in ["?state=a&state=b", "?code=%ff"] {
        let answer = browser.get(&format!("/sign-in/provider/back{malformed}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{malformed}");
    }
}

#[tokio::test]
async fn ones_identities_are_listed_and_can_be_removed() {
    let office = office_with_provider().await;
    let mut jean = Browser::signed_in(&office, "jean.dupont@contoso.com").await;
    let page = text(&jean.get("/account/security").await);
    assert!(page.contains("None yet"), "{page}");
    let recipient = { office.app.directory().find("jean.dupont").unwrap().id };
    let identity = LinkedIdentity {
        id: 900,
        recipient,
        issuer: ISSUER.into(),
        subject: "s".into(),
        address: "j.d@login.example".into(),
        created_at: NOW,
        last_used_at: NOW,
    };
    let mut set = WriteSet::new();
    linked_identity::put(&mut set, &identity);
    office.app.store().commit(set).await.unwrap();
    assert!(text(&jean.get("/account/security").await).contains("j.d@login.example"));
    let mut marie = Browser::signed_in(&office, "marie.durand@contoso.com").await;
    let tried = marie.post("/account/identities/remove", "id=900").await;
    assert_eq!(tried.status, StatusCode::NOT_FOUND, "it is not hers");
    let removed = jean.post("/account/identities/remove", "id=900").await;
    assert_eq!(location(&removed), "/account/security?done=identity");
    assert!(text(&jean.get("/account/security").await).contains("None yet"), "still signed in");
}
