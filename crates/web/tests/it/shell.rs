//! The pages as an application: manifest, service worker, notifications, live changes.

use std::sync::Arc;
use std::time::Duration;

use app::reading::FolderRole;
use axum::Extension;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use web::{PushKey, Scheme};

use crate::mail::{folder, id};
use crate::office::{NETWORK, NOW};
use crate::pages::{Browser, location, office, text};

const JEAN: &str = "jean.dupont@contoso.com";

#[tokio::test]
async fn the_application_can_be_put_on_a_phone_and_keeps_no_mail() {
    let office = office().await;
    let mut nobody = Browser::new(&office);
    let page = text(&nobody.get("/sign-in").await);
    assert!(page.contains("rel=\"manifest\" href=\"/manifest.webmanifest\""), "{page}");
    let answer = nobody.get("/manifest.webmanifest").await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/manifest+json");
    let manifest = answer.json();
    assert_eq!((&manifest["display"], &manifest["start_url"]), (&"standalone".into(), &"/".into()));
    for icon in manifest["icons"].as_array().unwrap() {
        let found = nobody.get(icon["src"].as_str().unwrap()).await;
        assert_eq!(found.status, StatusCode::OK, "{icon}");
        assert_eq!(found.headers[header::CONTENT_TYPE], icon["type"].as_str().unwrap());
        if icon["type"] == "image/png" {
            // The size stands in the header chunk (PNG §11.2.2).
            let width = u32::from_be_bytes(found.body[16..20].try_into().unwrap());
            assert_eq!(icon["sizes"], format!("{width}x{width}"));
        }
    }
    let worker = nobody.get("/worker.js").await;
    assert_eq!(worker.headers[header::CACHE_CONTROL], "no-cache");
    let script = text(&worker);
    for sign in ["\"ADDRESSES\"", "\"VERSION\"", "\"ICON\""] {
        assert!(!script.contains(sign), "{sign} is put in");
    }
    let kept = script.split("const SHELL = [").nth(1).unwrap().split(']').next().unwrap();
    for address in kept.split(',').map(|address| address.trim().trim_matches('"')) {
        assert!(address.starts_with("/assets/") || address == "/offline", "{address}");
        assert_eq!(nobody.get(address).await.status, StatusCode::OK, "{address}");
    }
    let mut jean = Browser::signed_in(&office, JEAN).await;
    let offline = text(&jean.get("/offline").await);
    assert!(offline.contains("No network") && !offline.contains("Jean"), "{offline}");
}

#[tokio::test]
async fn a_browser_is_told_of_mail_only_after_it_is_turned_on() {
    let mut office = office().await;
    let path = "/account/notifications";
    let nobody = {
        let mut jean = Browser::signed_in(&office, JEAN).await;
        text(&jean.get(path).await)
    };
    assert!(nobody.contains("This server tells nobody."), "{nobody}");
    let key = PushKey(Arc::from(vec![4; 65]));
    office.router = office.router.clone().layer(Extension(key));
    let mut jean = Browser::signed_in(&office, JEAN).await;
    let page = text(&jean.get(path).await);
    let expected = format!("data-push=\"{}\"", URL_SAFE_NO_PAD.encode([4; 65]));
    assert!(page.contains(&expected) && page.contains("Off in this browser"), "{page}");
    let form = |endpoint: &str, key: &[u8]| {
        let (key, auth) = (URL_SAFE_NO_PAD.encode(key), URL_SAFE_NO_PAD.encode([1; 16]));
        format!("endpoint={endpoint}&key={key}&auth={auth}")
    };
    for wrong in [
        form("http://a.example/x", &[4; 65]),
        form("https://10.0.0.1/x", &[4; 65]),
        form("https://a.example/x", &[4; 9]),
        "endpoint=https://a.example/x&key=!&auth=!".into(),
    ] {
        let refused = jean.post(&format!("{path}/on"), &wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let on = jean.post(&format!("{path}/on"), &form("https://push.example/x", &[4; 65])).await;
    assert_eq!(location(&on), path);
    let page = text(&jean.get(path).await);
    let own = format!("value=\"{}\" checked", id(&office, "jean.dupont").0);
    let support = id(&office, "support").0;
    assert!(page.contains("On in this browser") && page.contains(&own), "{page}");
    assert!(page.contains(&format!("value=\"{support}\"><span>Support")), "{page}");
    let mut elsewhere = Browser::signed_in(&office, JEAN).await;
    assert!(text(&elsewhere.get(path).await).contains("Off in this browser"), "each browser");
    location(&jean.post(path, &format!("mailbox={support}")).await);
    let page = text(&jean.get(path).await);
    assert!(page.contains(&format!("value=\"{support}\" checked")) && !page.contains(&own));
    office.submit("admin", "admin@contoso.com", "support@contoso.com").await.unwrap();
    let team = office.app.directory().find("support").unwrap().folders.unwrap().inbox;
    assert_eq!(office.app.take_pushes(team, NOW).await.unwrap().len(), 1);
    location(&jean.post(&format!("{path}/off"), "").await);
    assert!(text(&jean.get(path).await).contains("Off in this browser"));
}

#[tokio::test]
async fn an_open_page_hears_of_its_folders_until_the_session_ends() {
    let office = office().await;
    let jean = Browser::signed_in(&office, JEAN).await;
    let inbox = folder(&office, "jean.dupont", "jean.dupont", FolderRole::Inbox).await;
    let request = Request::get("/live")
        .header(header::HOST, "mail.contoso.com")
        .header(header::COOKIE, jean.cookie.clone().unwrap())
        .extension(NETWORK)
        .extension(Scheme("https"))
        .body(Body::empty())
        .unwrap();
    let answer = office.router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    let mut body = answer.into_body();
    let mut next = async || {
        let piece = tokio::time::timeout(Duration::from_secs(20), body.frame()).await.unwrap();
        let piece = piece?.unwrap().into_data().unwrap();
        Some(String::from_utf8(piece.to_vec()).unwrap())
    };
    assert_eq!(next().await.unwrap(), ":\n\n");
    office.submit("admin", "admin@contoso.com", "marie.durand@contoso.com").await.unwrap();
    office.submit("admin", "admin@contoso.com", JEAN).await.unwrap();
    assert_eq!(next().await.unwrap(), format!("event: mail\ndata: {inbox}\n\n"), "only one's own");
    let person = id(&office, "jean.dupont");
    office.app.end_web_sessions(person).await.unwrap();
    office.submit("admin", "admin@contoso.com", JEAN).await.unwrap();
    assert_eq!(next().await, None, "the session ended");
    let mut nobody = Browser::new(&office);
    assert!(location(&nobody.get("/live").await).starts_with("/sign-in"));
}
