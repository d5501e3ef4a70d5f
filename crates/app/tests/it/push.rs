//! Browsers that are told of new mail: of what, and until when.

use app::push::{SubscribeError, Subscribing};
use app::sign_in::SignedIn;
use app::web_session::{Browser, WebSession};

use crate::office::{NOW, Office};
use crate::sending::submit;

async fn session(office: &Office, who: &str) -> WebSession {
    let found = office.find(who);
    let epoch = found.account.as_ref().unwrap().credential_epoch;
    let signed_in = SignedIn { account: found.id, credential_epoch: epoch };
    let browser = Browser { client: "192.0.2.7", user_agent: "Test" };
    office.app.open_web_session(signed_in, browser, NOW).await.unwrap().session
}

fn browser(endpoint: &str) -> Subscribing {
    let mut public_key = vec![7; 65];
    public_key[0] = 4;
    Subscribing {
        endpoint: endpoint.to_owned(),
        public_key,
        auth: vec![9; 16],
        language: "fr".to_owned(),
    }
}

const ENDPOINT: &str = "https://push.example/abc";

#[tokio::test]
async fn a_browser_is_told_of_its_mailboxes_and_of_nothing_one_did_oneself() {
    let office = Office::contoso().await;
    let app = &office.app;
    let jean = session(&office, "jean.dupont").await;
    let support = office.find("support");
    let (own, team) =
        (office.find("jean.dupont").folders.unwrap().inbox, support.folders.unwrap().inbox);
    assert_eq!(app.followed_by_push(&jean).await.unwrap(), None, "off until it is turned on");
    app.subscribe_to_push(&jean, browser(ENDPOINT), NOW).await.unwrap();
    submit(&office, "admin", "admin@contoso.com", &["jean.dupont@contoso.com"]).await.unwrap();
    submit(&office, "admin", "admin@contoso.com", &["support@contoso.com"]).await.unwrap();
    let told = app.take_pushes(own, NOW).await.unwrap();
    assert_eq!((told.len(), told[0].endpoint.as_str()), (1, ENDPOINT));
    assert!(told[0].payload.contains("boîte de réception"), "{}", told[0].payload);
    assert!(!told[0].payload.contains("admin"), "not whose mail it is");
    assert!(app.take_pushes(own, NOW).await.unwrap().is_empty(), "once");
    assert!(app.take_pushes(team, NOW).await.unwrap().is_empty(), "not followed");
    let stranger = office.find("facturation").id;
    app.follow_by_push(&jean, &[support.id, stranger], NOW).await.unwrap();
    let followed = app.followed_by_push(&jean).await.unwrap().unwrap();
    assert_eq!(followed, [support.id]);
    assert_eq!(app.folders_told_of().await.unwrap(), [team]);
    assert!(app.take_pushes(team, NOW).await.unwrap().is_empty(), "what was there before");
    submit(&office, "jean.dupont", "jean.dupont@contoso.com", &["support@contoso.com"])
        .await
        .unwrap();
    submit(&office, "admin", "admin@contoso.com", &["support@contoso.com"]).await.unwrap();
    let told = app.take_pushes(team, NOW).await.unwrap();
    assert!(told[0].payload.contains("Nouveau courrier dans Support"), "{}", told[0].payload);
    assert!(told[0].payload.contains(&format!("/mail/{}", team.0)));
    app.end_web_session(jean.recipient, jean.id).await.unwrap();
    submit(&office, "admin", "admin@contoso.com", &["support@contoso.com"]).await.unwrap();
    assert!(app.take_pushes(team, NOW).await.unwrap().is_empty(), "the session ended");
    app.forget_ended_pushes().await.unwrap();
    assert!(app.folders_told_of().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_told_is_refused_and_what_is_gone_is_forgotten() {
    let office = Office::contoso().await;
    let app = &office.app;
    let jean = session(&office, "jean.dupont").await;
    for endpoint in ["http://push.example/a", "https://10.0.0.1/a"] {
        let refused = app.subscribe_to_push(&jean, browser(endpoint), NOW).await;
        assert!(matches!(refused, Err(SubscribeError::Endpoint)), "{endpoint}");
    }
    for wrong in [
        Subscribing { public_key: vec![4; 64], ..browser(ENDPOINT) },
        Subscribing { public_key: vec![2; 65], ..browser(ENDPOINT) },
        Subscribing { auth: vec![1; 15], ..browser(ENDPOINT) },
    ] {
        let refused = app.subscribe_to_push(&jean, wrong, NOW).await;
        assert!(matches!(refused, Err(SubscribeError::Keys)));
    }
    app.subscribe_to_push(&jean, browser(ENDPOINT), NOW).await.unwrap();
    submit(&office, "admin", "admin@contoso.com", &["jean.dupont@contoso.com"]).await.unwrap();
    let inbox = office.find("jean.dupont").folders.unwrap().inbox;
    let told = app.take_pushes(inbox, NOW).await.unwrap();
    app.forget_push(told[0].id).await.unwrap();
    assert_eq!(app.followed_by_push(&jean).await.unwrap(), None);
    app.subscribe_to_push(&jean, browser(ENDPOINT), NOW).await.unwrap();
    app.end_push(&jean).await.unwrap();
    assert!(app.folders_told_of().await.unwrap().is_empty());
}
