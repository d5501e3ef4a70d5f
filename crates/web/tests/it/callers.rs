//! Who may call what over the network.

use app::access::Scope;
use app::submit::SubmitError;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::office::{NETWORK, Office, PASSWORD, post};

fn basic(login: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{login}:{password}")))
}

async fn with_authorization(office: &Office, value: &str) -> crate::office::Answer {
    let mut request = post("Get-ConnectionInformation", json!({}), NETWORK);
    request.headers_mut().insert("authorization", value.parse().unwrap());
    office.send(request).await
}

#[tokio::test]
async fn the_network_must_sign_in() {
    let office = Office::open().await;
    let nobody = office.send(post("Get-AcceptedDomain", json!({}), NETWORK)).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert!(nobody.headers.contains_key("www-authenticate"));
    let mut unknown_peer = post("Get-AcceptedDomain", json!({}), NETWORK);
    unknown_peer.extensions_mut().clear();
    assert_eq!(office.send(unknown_peer).await.status, StatusCode::UNAUTHORIZED);
    let right = with_authorization(&office, &basic("admin@contoso.com", PASSWORD)).await;
    assert_eq!(right.objects()[0]["UserPrincipalName"], "admin@contoso.com");
    for value in ["Bearer gui_wrong", "Digest x", &basic("admin@contoso.com", "wrong")] {
        let refused = with_authorization(&office, value).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{value}");
    }
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let office = Office::open().await;
    let wrong = basic("admin@contoso.com", "wrong");
    for _ in 0..6 {
        with_authorization(&office, &wrong).await;
    }
    let throttled = with_authorization(&office, &wrong).await;
    assert_eq!(throttled.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(throttled.headers.contains_key("retry-after"));
    assert_eq!(throttled.json()["error"]["code"], "TooManyRequests");
}

#[tokio::test]
async fn a_browser_elsewhere_cannot_post() {
    let office = Office::open().await;
    for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
        let mut request = post("Get-ConnectionInformation", json!({}), NETWORK);
        let headers = request.headers_mut();
        let value = basic("admin@contoso.com", PASSWORD).parse().unwrap();
        headers.insert("authorization", value);
        headers.remove("content-type");
        if let Some(content_type) = content_type {
            headers.insert("content-type", content_type.parse().unwrap());
        }
        let refused = office.send(request).await;
        assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}

/// Cmdlets with who may call them, of: admin, auditor, marie (owner), jean (member).
fn table() -> Vec<(&'static str, Value, [bool; 4])> {
    let links = json!({ "Identity": "support", "LinkType": "Members", "Links": "auditor" });
    let send_as = json!({ "Identity": "support", "Trustee": "auditor", "AccessRights": "SendAs" });
    let full = json!({ "Identity": "support", "User": "auditor", "AccessRights": "FullAccess" });
    let of_jean = json!({ "User": "jean.dupont" });
    let hidden = json!({ "Identity": "support", "HiddenFromAddressListsEnabled": true });
    vec![
        ("Get-AcceptedDomain", json!({}), [true; 4]),
        ("Get-Recipient", json!({}), [true; 4]),
        ("Get-ConnectionInformation", json!({}), [true; 4]),
        ("Get-Mailbox", json!({}), [true, true, false, false]),
        ("Search-UnifiedAuditLog", json!({}), [true, true, false, false]),
        ("Get-SignInThrottle", json!({}), [true, true, false, false]),
        ("New-Mailbox", json!({ "Name": "X", "WhatIf": true }), [true, false, false, false]),
        ("Get-UnifiedGroup", json!({ "Identity": "support" }), [true, true, true, false]),
        ("Get-UnifiedGroup", json!({}), [true; 4]),
        ("Add-UnifiedGroupLinks", links, [true, false, true, false]),
        ("Set-UnifiedGroup", hidden, [true, false, false, false]),
        ("Add-RecipientPermission", send_as, [true, false, true, false]),
        ("Add-MailboxPermission", full, [true, false, false, false]),
        ("Get-SendIdentity", of_jean.clone(), [true, true, false, true]),
        ("Get-SendIdentity", json!({}), [true; 4]),
        ("New-ApiToken", of_jean, [true, false, false, true]),
        ("Get-GuichetPermission", json!({}), [true; 4]),
        ("Get-MessageTraceV2", json!({}), [true; 4]),
    ]
}

#[tokio::test]
async fn everybody_may_call_what_the_table_says() {
    let office = Office::contoso().await;
    let mut tokens = Vec::new();
    for login in ["admin", "auditor", "marie.durand", "jean.dupont"] {
        tokens.push((login, office.token(login, &[]).await));
    }
    for (name, parameters, expected) in table() {
        for ((login, token), may) in tokens.iter().zip(expected) {
            let answer = office.call_with(token, name, parameters.clone()).await;
            let wanted = if may { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(answer.status, wanted, "{name} {parameters} by {login}");
            assert!(may || answer.body.is_empty());
        }
    }
}

#[tokio::test]
async fn scopes_bound_a_token() {
    let office = Office::contoso().await;
    let set = json!({ "Identity": "support", "Notes": "x" });
    let cases = [
        (Scope::Admin, StatusCode::OK, StatusCode::OK),
        (Scope::Read, StatusCode::OK, StatusCode::FORBIDDEN),
        (Scope::Send, StatusCode::FORBIDDEN, StatusCode::FORBIDDEN),
    ];
    for (scope, reads, changes) in cases {
        let token = office.token("admin", &[scope]).await;
        let read = office.call_with(&token, "Get-Mailbox", json!({})).await;
        let change = office.call_with(&token, "Set-UnifiedGroup", set.clone()).await;
        assert_eq!((read.status, change.status), (reads, changes), "{scope:?}");
    }
}

#[tokio::test]
async fn members_see_only_what_concerns_them() {
    let office = Office::contoso().await;
    for trustee in ["jean.dupont", "auditor"] {
        let grant = json!({ "Identity": "support", "Trustee": trustee, "Right": "SendAs" });
        office.call("Add-GuichetPermission", grant).await.objects();
    }
    let hide = json!({ "Identity": "auditor", "HiddenFromAddressListsEnabled": true });
    office.call("Set-Mailbox", hide).await.objects();
    let jean = office.token("jean.dupont", &[]).await;
    let marie = office.token("marie.durand", &[]).await;
    let count = async |token: &str, name: &str| {
        office.call_with(token, name, json!({})).await.objects().len()
    };
    assert_eq!(count(&jean, "Get-GuichetPermission").await, 1, "the own right");
    assert_eq!(count(&marie, "Get-GuichetPermission").await, 2, "those on the own group");
    assert_eq!(count(&jean, "Get-UnifiedGroup").await, 0);
    assert_eq!(count(&marie, "Get-UnifiedGroup").await, 1);
    assert_eq!(count(&jean, "Get-Recipient").await, 5, "without the hidden one");
    office.submit("marie.durand", "marie.durand@contoso.com", "x@fabrikam.com").await.unwrap();
    assert_eq!(count(&jean, "Get-MessageTraceV2").await, 0);
    assert_eq!(count(&marie, "Get-MessageTraceV2").await, 1);
}

#[tokio::test]
async fn a_refusal_is_explained_to_whom_it_concerns() {
    let office = Office::contoso().await;
    let refused = office.submit("jean.dupont", "support@contoso.com", "x@fabrikam.com").await;
    let Err(SubmitError::Denied(denial)) = refused else { panic!("it must be refused") };
    let question = json!({ "Reference": denial.reference });
    let jean = office.token("jean.dupont", &[]).await;
    let verdict = office.call_with(&jean, "Test-SendAs", question.clone()).await;
    let verdict = &verdict.objects()[0];
    assert_eq!((&verdict["Allowed"], &verdict["Cause"]), (&json!(false), &json!("NoRight")));
    let reply = verdict["Reply"].as_str().unwrap();
    let expected = "550 5.7.131 SendAsDenied; jean.dupont@contoso.com not allowed to send as \
                    support@contoso.com; You do not have permission to send a message from the \
                    specified user.";
    assert_eq!(reply, expected);
    assert_eq!(verdict["Reference"], denial.reference.as_str());
    let marie = office.token("marie.durand", &[]).await;
    let hidden = office.call_with(&marie, "Test-SendAs", question).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_audit_knows_where_from() {
    let office = Office::contoso().await;
    let marie = office.token("marie.durand", &[]).await;
    let grant = json!({
        "Identity": "support", "Trustee": "jean.dupont", "AccessRights": "SendAs",
        "Reason": "on call",
    });
    office.call_with(&marie, "Add-RecipientPermission", grant).await.objects();
    let sought = json!({ "UserIds": "Marie.Durand@contoso.com" });
    let found = office.call("Search-UnifiedAuditLog", sought).await.objects();
    let data: Value = serde_json::from_str(found[0]["AuditData"].as_str().unwrap()).unwrap();
    assert_eq!(data["ClientIP"], "192.0.2.9");
    assert_eq!(data["Reason"], "on call");
    assert_eq!(data["Operation"], "Add-RecipientPermission");
    assert_eq!(data["ModifiedProperties"][0]["Name"], "SendAs");
    assert_eq!(data["ModifiedProperties"][0]["NewValue"], "jean.dupont@contoso.com");
}
