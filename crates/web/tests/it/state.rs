//! The directory as a whole, changes under a version of it, and the report on rights to send.

use admin_protocol::invoke::DIRECTORY_VERSION_HEADER;
use app::access::Scope;
use axum::http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use web::Peer;

use crate::office::{Office, post};

fn grant(trustee: &str) -> Value {
    json!({ "Identity": "support", "Trustee": trustee, "Right": "SendAs" })
}

/// A change that was decided on a version.
async fn change(office: &Office, version: i64, trustee: &str) -> (StatusCode, Value) {
    let mut request = post("Add-GuichetPermission", grant(trustee), Peer::Socket);
    request.headers_mut().insert(DIRECTORY_VERSION_HEADER, HeaderValue::from(version));
    let answer = office.send(request).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn nobody_overwrites_what_he_did_not_see() {
    let office = Office::contoso().await;
    let state = office.call("Get-DirectoryState", json!({})).await.objects();
    let version = state[0]["DirectoryVersion"].as_i64().unwrap();
    let (status, body) = change(&office, version, "jean.dupont").await;
    assert_eq!(status, StatusCode::OK);
    let left = body["@guichet.directoryVersion"].as_i64().unwrap();
    assert_eq!(left, version + 1);
    office.call("Set-Mailbox", json!({ "Identity": "jean.dupont", "Notes": "x" })).await.objects();
    let (status, body) = change(&office, left, "marie.durand").await;
    assert_eq!(status, StatusCode::CONFLICT, "{body}");
    let answer = office.call("Add-GuichetPermission", grant("marie.durand")).await;
    assert_eq!(answer.status, StatusCode::OK, "without the header nothing is expected");
    assert!(answer.json().get("@guichet.directoryVersion").is_none());
}

#[tokio::test]
async fn the_directory_is_read_in_pieces() {
    let office = Office::contoso().await;
    let whole = office.call("Get-DirectoryState", json!({ "ResultSize": "Unlimited" })).await;
    let (mut pieces, mut after) = (Vec::new(), Value::Null);
    loop {
        let asked = json!({ "ResultSize": 2, "StartAfter": after });
        let piece = office.call("Get-DirectoryState", asked).await.objects();
        let Some(last) = piece.last() else { break };
        after = last["Number"].clone();
        pieces.extend(piece);
    }
    assert_eq!(pieces, whole.objects());
    assert_eq!(pieces[0]["Type"], "Organization");
    let team = pieces.iter().find(|entry| entry["Type"] == "Team").unwrap();
    let members = team["Members"].as_array().unwrap();
    assert!(members.iter().any(|of| of["Role"] == "Owner"), "{team}");
}

#[tokio::test]
async fn an_owner_reports_the_own_groups_only() {
    let office = Office::contoso().await;
    office.call("Add-GuichetPermission", grant("jean.dupont")).await.objects();
    let shared = json!({ "Name": "Facturation", "Shared": true });
    office.call("New-Mailbox", shared).await.objects();
    let other = json!({ "Identity": "facturation", "Trustee": "jean.dupont", "Right": "SendAs" });
    office.call("Add-GuichetPermission", other).await.objects();
    let count = |rows: Vec<Value>| rows.len();
    let marie = office.token("marie.durand", &[Scope::Read]).await;
    let jean = office.token("jean.dupont", &[Scope::Read]).await;
    let all = office.call("Get-SendAsReport", json!({})).await.objects();
    assert_eq!(count(all), 2);
    let owned = office.call_with(&marie, "Get-SendAsReport", json!({})).await.objects();
    assert_eq!(count(owned), 1);
    let none = office.call_with(&jean, "Get-SendAsReport", json!({})).await.objects();
    assert_eq!(count(none), 0);
    let foreign = json!({ "Identity": "facturation" });
    let denied = office.call_with(&marie, "Get-SendAsReport", foreign).await;
    assert_ne!(denied.status, StatusCode::OK);
    let document = json!({ "Format": "Html", "Language": "fr" });
    let page = office.call_with(&marie, "Get-SendAsReportDocument", document).await.objects();
    let text = page[0]["Content"].as_str().unwrap();
    assert!(text.contains("support@contoso.com") && !text.contains("facturation"), "{text}");
    let wrong = json!({ "Format": "Csv", "Language": "de" });
    let wrong = office.call("Get-SendAsReportDocument", wrong).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}
