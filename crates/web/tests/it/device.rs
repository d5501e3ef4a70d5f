//! Setting up a device: who gets a profile, how long its link opens, and what is said where there
//! is nothing to sign with.

use std::sync::Arc;

use app::link::DEVICE_LINK_MAX_SECS;
use axum::Extension;
use axum::http::{Method, StatusCode, header};
use domain::Timestamp;
use web::ProfileSigner;

use crate::office::{NOW, Office, PASSWORD};
use crate::pages::{Browser, location, office, text};

const JEAN: &str = "jean.dupont@contoso.com";
const MARK: &str = "signed: ";

/// With something that stands for a signature.
async fn signing_office() -> Office {
    let mut office = office().await;
    let sign = |profile: &[u8]| Ok([MARK.as_bytes(), profile].concat());
    office.router = office.router.layer(Extension(ProfileSigner(Arc::new(sign))));
    office
}

fn link_in(page: &str) -> String {
    let host = "https://mail.contoso.com";
    let at = page.find(&format!("{host}/device/")).unwrap() + host.len();
    page[at..].split(['<', '"', '&']).next().unwrap().to_owned()
}

#[tokio::test]
async fn a_link_is_shown_once_and_opens_once_for_a_few_minutes() {
    let office = signing_office().await;
    let mut jean = Browser::signed_in(&office, JEAN).await;
    let page = text(&jean.get("/account/device").await);
    assert!(page.contains("20993") && page.contains("20465"), "{page}");
    assert!(!page.contains("class=\"qr\""), "nothing is shown before it is asked for");
    let first = link_in(&text(&jean.post("/account/device/link", "").await));
    let second = text(&jean.post("/account/device/link", "").await);
    assert!(second.contains("class=\"qr\""), "{second}");
    let second = link_in(&second);
    let mut phone = Browser::new(&office);
    assert_eq!(phone.get(&first).await.status, StatusCode::NOT_FOUND, "a newer one ends it");
    assert_eq!(phone.ask(Method::HEAD, &second, None, false).await.status, StatusCode::OK);
    let fetched = phone.ask(Method::GET, &second, None, false).await;
    assert_eq!(fetched.headers[header::CONTENT_TYPE], "application/x-apple-aspen-config");
    assert_eq!(fetched.headers[header::CACHE_CONTROL], "no-store");
    let profile = text(&fetched);
    assert!(profile.starts_with(MARK) && profile.contains(JEAN), "{profile}");
    assert!(!profile.contains(PASSWORD));
    assert!(phone.cookie.is_none(), "it signs nobody in");
    assert_eq!(phone.get(&second).await.status, StatusCode::NOT_FOUND, "it opens once");
    assert_eq!(text(&jean.get("/account/device/profile").await), profile);
}

#[tokio::test]
async fn a_link_ends_with_time_and_with_the_password() {
    let office = signing_office().await;
    let jean = { office.app.directory().find(JEAN).unwrap().id };
    for (made_at, status) in [
        (NOW.plus_secs(-DEVICE_LINK_MAX_SECS), StatusCode::NOT_FOUND),
        (NOW.plus_secs(1 - DEVICE_LINK_MAX_SECS), StatusCode::OK),
    ] {
        let token = office.app.offer_device_link(jean, made_at).await.unwrap().unwrap();
        let path = format!("/device/{token}");
        assert_eq!(Browser::new(&office).get(&path).await.status, status, "{made_at:?}");
    }
    let token = office.app.offer_device_link(jean, NOW).await.unwrap().unwrap();
    office.set_password(JEAN, "another password").await;
    let path = format!("/device/{token}");
    assert_eq!(Browser::new(&office).get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_link_to_a_device_opens_no_first_run_and_the_other_way_round() {
    let office = signing_office().await;
    let admin = { office.app.directory().find("admin@contoso.com").unwrap().id };
    let device = office.app.offer_device_link(admin, NOW).await.unwrap().unwrap();
    let first = office.app.offer_first_run(admin, NOW).await.unwrap().unwrap();
    let mut browser = Browser::new(&office);
    for path in [format!("/first-run/{device}"), format!("/device/{first}")] {
        assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(browser.get(&format!("/first-run/{first}")).await.status, StatusCode::OK);
    assert_eq!(browser.get(&format!("/device/{device}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn without_a_signature_there_is_no_profile_and_the_page_says_why() {
    let unsigned = office().await;
    let mut failing = office().await;
    let sign = |_: &[u8]| Err("the key is of another kind".to_owned());
    failing.router = failing.router.layer(Extension(ProfileSigner(Arc::new(sign))));
    for (office, status) in
        [(&unsigned, StatusCode::NOT_FOUND), (&failing, StatusCode::SERVICE_UNAVAILABLE)]
    {
        let mut jean = Browser::signed_in(office, JEAN).await;
        for page in [jean.get("/account/device").await, jean.post("/account/device/link", "").await]
        {
            let page = text(&page);
            assert!(page.contains("an unsigned one is not given out"), "{page}");
            assert!(!page.contains("/account/device/profile") && page.contains("20993"), "{page}");
        }
        assert_eq!(jean.get("/account/device/profile").await.status, status);
        let id = { office.app.directory().find(JEAN).unwrap().id };
        let token = office.app.offer_device_link(id, NOW).await.unwrap().unwrap();
        assert_eq!(jean.get(&format!("/device/{token}")).await.status, status);
        let kept = office.app.device_link(&token, Timestamp(NOW.0)).await.unwrap();
        assert_eq!(kept, Some(id), "what gave nothing is not used up");
    }
}

#[tokio::test]
async fn the_page_is_for_whoever_is_signed_in_and_speaks_french() {
    let office = signing_office().await;
    let mut nobody = Browser::new(&office);
    for path in ["/account/device", "/account/device/profile"] {
        assert!(location(&nobody.get(path).await).starts_with("/sign-in"), "{path}");
    }
    let posted = nobody.post("/account/device/link", "").await;
    assert_eq!(posted.status, StatusCode::UNAUTHORIZED);
    let mut jean = Browser::signed_in(&office, JEAN).await;
    jean.language = "fr";
    let page = text(&jean.get("/account/device").await);
    assert!(page.contains("Configurer un appareil") && page.contains("Courrier entrant"), "{page}");
}
