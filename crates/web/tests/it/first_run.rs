//! The one-time link, the five steps behind it, and the settings page.

use app::command::Password;
use app::first_run::FIRST_RUN_MAX_SECS;
use axum::http::StatusCode;

use crate::office::{NOW, Office, PASSWORD};
use crate::pages::{Browser, location, office, sign_in, text};

const ADMIN: &str = "admin@contoso.com";
const NEW: &str = "new=another+password&again=another+password";

async fn link(office: &Office) -> String {
    let admin = { office.app.directory().find(ADMIN).unwrap().id };
    let token = office.app.offer_first_run(admin, NOW).await.unwrap().unwrap();
    format!("/first-run/{token}")
}

#[tokio::test]
async fn the_link_opens_once_and_ends_with_a_message_as_the_team() {
    let office = Office::open().await;
    let link = link(&office).await;
    let mut browser = Browser::new(&office);
    for _ in 0..2 {
        let page = browser.get(&link).await;
        assert_eq!(page.status, StatusCode::OK, "looking does not use it up");
        assert!(text(&page).contains(ADMIN));
    }
    for bad in ["new=short&again=short", "new=another+password&again=another+passwort"] {
        assert_eq!(browser.post(&link, bad).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(location(&browser.post(&link, NEW).await), "/setup/organization");
    let mut thief = Browser::new(&office);
    assert_eq!(thief.get(&link).await.status, StatusCode::NOT_FOUND);
    assert_eq!(thief.post(&link, NEW).await.status, StatusCode::NOT_FOUND);
    let old = thief.post("/sign-in", &sign_in(ADMIN, PASSWORD)).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED, "the printed password is replaced");

    assert!(text(&browser.get("/setup/organization").await).contains("value=\"Contoso\""));
    let named = browser.post("/setup/organization", "name=Contoso+SARL").await;
    assert_eq!(location(&named), "/setup/domain");
    assert!(text(&browser.get("/setup/domain").await).contains("/admin/domains/contoso.com"));
    let team = browser.post("/setup/team", "name=Support&address=support%40contoso.com").await;
    assert_eq!(location(&team), "/setup/people");
    let person = "name=Jean+Dupont&address=jean.dupont%40contoso.com&password=long+enough\
                  &team=support%40contoso.com&send_as=1";
    assert_eq!(location(&browser.post("/setup/people", person).await), "/setup/people");
    assert!(text(&browser.get("/setup/people").await).contains("Jean Dupont"));
    assert!(text(&browser.get("/setup/send").await).contains("support@contoso.com"));
    let sent = browser.post("/setup/send/now", "team=support%40contoso.com").await;
    let trace = text(&browser.get(location(&sent)).await);
    assert!(trace.contains("First message as Support") && trace.contains("Delivered"), "{trace}");
    assert!(office.submit("jean.dupont", "support@contoso.com", ADMIN).await.is_ok());
}

#[tokio::test]
async fn the_link_ends_with_time_with_a_newer_one_and_with_the_password() {
    let office = Office::open().await;
    let first = link(&office).await;
    let second = link(&office).await;
    let mut browser = Browser::new(&office);
    assert_eq!(browser.get(&first).await.status, StatusCode::NOT_FOUND);
    let token = second.trim_start_matches("/first-run/");
    let last = NOW.plus_secs(FIRST_RUN_MAX_SECS - 1);
    assert!(office.app.first_run(token, last).await.unwrap().is_some());
    let over = NOW.plus_secs(FIRST_RUN_MAX_SECS);
    assert!(office.app.first_run(token, over).await.unwrap().is_none());
    let late = office.app.begin_first_run(token, Password("long enough".into()), over).await;
    assert_eq!(late.unwrap(), None);
    office.set_password(ADMIN, "chosen by hand").await;
    assert_eq!(browser.post(&second, NEW).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/first-run/x").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_steps_and_settings_are_the_administrator_s() {
    let office = office().await;
    let steps =
        ["/setup/organization", "/setup/domain", "/setup/team", "/setup/people", "/setup/send"];
    for who in ["marie.durand@contoso.com", "auditor@contoso.com"] {
        let mut browser = Browser::signed_in(&office, who).await;
        for path in steps {
            assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{who} {path}");
        }
        let send = browser.post("/setup/send/now", "team=support%40contoso.com").await;
        assert_eq!(send.status, StatusCode::FORBIDDEN);
        let settings = browser.post("/admin/settings", "name=Mine").await;
        assert_eq!(settings.status, StatusCode::FORBIDDEN);
    }
    let mut auditor = Browser::signed_in(&office, "auditor@contoso.com").await;
    let page = text(&auditor.get("/admin/settings").await);
    assert!(page.contains("value=\"Contoso\" disabled"), "{page}");
    let mut admin = Browser::signed_in(&office, ADMIN).await;
    // Nobody gave the administrator Send As on this team.
    let refused = admin.post("/setup/send/now", "team=support%40contoso.com").await;
    assert_eq!(location(&refused), "/setup/send?refused=1");
    let saved = admin.post("/admin/settings", "name=L%27Atelier&keeps_alias=1").await;
    assert_eq!(location(&saved), "/admin/settings");
    {
        let directory = office.app.directory();
        assert_eq!(directory.organization().name, "L'Atelier");
        assert!(directory.organization().keeps_alias_as_author);
    }
    admin.post("/admin/settings", "name=Contoso").await;
    assert!(!office.app.directory().organization().keeps_alias_as_author);
}
