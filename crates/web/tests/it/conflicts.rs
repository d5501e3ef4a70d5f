//! Two administrators at one object: who says what was seen never overwrites what was not.

use axum::http::StatusCode;
use serde_json::{Value, json};
use web::Peer;

use crate::office::{Office, post};

async fn seen(office: &Office, identity: &str) -> Value {
    let group = office.call("Get-UnifiedGroup", json!({ "Identity": identity })).await;
    group.objects().remove(0)
}

fn set(notes: &str, version: &Value) -> Value {
    json!({ "Identity": "support", "Notes": notes, "ExpectedVersion": version })
}

#[tokio::test]
async fn the_second_of_two_is_told() {
    let office = Office::contoso().await;
    let version = seen(&office, "support").await["ObjectVersion"].clone();
    let first = office.call("Set-UnifiedGroup", set("one", &version)).await.objects();
    let second = office.call("Set-UnifiedGroup", set("two", &version)).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert_eq!(second.json()["error"]["code"], "Conflict");
    let text = second.error();
    assert!(text.contains("support@contoso.com' was changed by somebody else"), "{text}");
    assert_eq!(seen(&office, "support").await["Notes"], "one");
    let again = set("two", &first[0]["ObjectVersion"]);
    assert_eq!(office.call("Set-UnifiedGroup", again).await.objects()[0]["Notes"], "two");
}

#[tokio::test]
async fn whoever_says_nothing_writes_last() {
    let office = Office::contoso().await;
    for notes in ["one", "two"] {
        let plain = json!({ "Identity": "support", "Notes": notes });
        office.call("Set-UnifiedGroup", plain).await.objects();
    }
    assert_eq!(seen(&office, "support").await["Notes"], "two");
}

#[tokio::test]
async fn every_change_of_an_object_makes_another_version() {
    let office = Office::contoso().await;
    let mut versions = vec![seen(&office, "support").await["ObjectVersion"].clone()];
    let changes = [
        ("Set-UnifiedGroup", json!({ "HiddenFromAddressListsEnabled": true })),
        ("Set-UnifiedGroup", json!({ "Channels": { "add": "Incidents" } })),
        ("Set-UnifiedGroup", json!({ "GrantSendOnBehalfTo": "jean.dupont" })),
        ("Add-RecipientPermission", json!({ "Trustee": "jean.dupont", "AccessRights": "SendAs" })),
        ("Add-UnifiedGroupLinks", json!({ "LinkType": "Members", "Links": "auditor" })),
        ("Add-UnifiedGroupLinks", json!({ "LinkType": "Subscribers", "Links": "auditor" })),
    ];
    for (name, mut parameters) in changes {
        parameters["Identity"] = "support".into();
        office.call(name, parameters).await.objects();
        let version = seen(&office, "support").await["ObjectVersion"].clone();
        assert!(!versions.contains(&version), "{name}");
        versions.push(version);
    }
    let user = json!({ "Name": "Nobody of importance" });
    office.call("New-Mailbox", user).await.objects();
    assert_eq!(Some(&seen(&office, "support").await["ObjectVersion"]), versions.last());
}

#[tokio::test]
async fn all_that_changes_an_object_can_be_conditional() {
    let office = Office::contoso().await;
    let old = "0123456789abcdef";
    let cases = [
        ("Set-UnifiedGroup", json!({ "DisplayName": "Autre" })),
        ("Set-Group", json!({ "Notes": "x" })),
        ("Remove-UnifiedGroup", json!({})),
        ("Add-UnifiedGroupLinks", json!({ "LinkType": "Members", "Links": "auditor" })),
        ("Remove-UnifiedGroupLinks", json!({ "LinkType": "Members", "Links": "jean.dupont" })),
        ("Add-RecipientPermission", json!({ "Trustee": "auditor", "AccessRights": "SendAs" })),
        ("Remove-RecipientPermission", json!({ "Trustee": "auditor", "AccessRights": "SendAs" })),
        ("Add-MailboxPermission", json!({ "User": "auditor", "AccessRights": "FullAccess" })),
        ("Add-GuichetPermission", json!({ "Trustee": "auditor", "Right": "SendAs" })),
        ("Remove-GuichetPermission", json!({ "Trustee": "auditor", "Right": "SendAs" })),
        ("Set-Mailbox", json!({ "Type": "Shared", "RemoveChannels": true })),
    ];
    let before = seen(&office, "support").await;
    for (name, mut parameters) in cases {
        parameters["Identity"] = "support".into();
        let mut by_header = post(name, parameters.clone(), Peer::Socket);
        let tag = format!("W/\"{old}\"").parse().unwrap();
        by_header.headers_mut().insert("if-match", tag);
        assert_eq!(office.send(by_header).await.status, StatusCode::CONFLICT, "{name} If-Match");
        parameters["ExpectedVersion"] = old.into();
        let answer = office.call(name, parameters).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{name}");
    }
    assert_eq!(seen(&office, "support").await, before, "nothing was done");
}

#[tokio::test]
async fn the_entity_tag_is_the_version() {
    let office = Office::contoso().await;
    let group = seen(&office, "support").await;
    let tag = group["@odata.etag"].as_str().unwrap().to_owned();
    assert_eq!(tag, format!("W/\"{}\"", group["ObjectVersion"].as_str().unwrap()));
    let change = json!({ "Identity": "support", "Notes": "x" });
    let mut request = post("Set-UnifiedGroup", change, Peer::Socket);
    request.headers_mut().insert("if-match", tag.parse().unwrap());
    office.send(request).await.objects();
    let any = json!({ "Identity": "support", "Notes": "y" });
    let mut request = post("Set-UnifiedGroup", any, Peer::Socket);
    request.headers_mut().insert("if-match", "*".parse().unwrap());
    office.send(request).await.objects();
}
