//! The protocol itself: errors, confirmation, pages, batches.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use web::{BODY_OCTETS_MAX, Peer, Scheme};

use crate::office::{GUID, NETWORK, Office, body_of, post, post_to};

const INVOKE: &str = "/adminapi/beta/contoso.com/InvokeCommand";

fn send_as() -> Value {
    json!({ "Identity": "support", "Trustee": "jean.dupont", "AccessRights": "SendAs" })
}

fn with(parameters: &Value, name: &str, value: Value) -> Value {
    let mut parameters = parameters.clone();
    parameters[name] = value;
    parameters
}

#[tokio::test]
async fn an_answer_has_its_headers_and_annotations() {
    let office = Office::contoso().await;
    let mut request = post("get-unifiedgroup", json!({ "identity": "support" }), Peer::Socket);
    let headers = request.headers_mut();
    headers.insert("client-request-id", "abc".parse().unwrap());
    // A client really sends this.
    headers.insert("content-encoding", "utf-8".parse().unwrap());
    let answer = office.send(request).await;
    assert_eq!(answer.headers["odata-version"], "4.0");
    assert_eq!(answer.headers["request-id"], "abc");
    let content_type = answer.headers["content-type"].to_str().unwrap();
    assert!(content_type.starts_with("application/json;odata.metadata=minimal"), "{content_type}");
    let object = &answer.objects()[0];
    assert_eq!(object["EmailAddresses@odata.type"], "#Collection(String)");
    assert_eq!(object["Guid@data.type"], "System.Guid");
    assert_eq!(answer.warnings(), Vec::<String>::new());
}

#[tokio::test]
async fn the_tenant_is_a_domain_or_the_guid() {
    let office = Office::open().await;
    let body = body_of("Get-AcceptedDomain", json!({}));
    for tenant in ["Contoso.COM", GUID, "organizations"] {
        let path = format!("/adminapi/beta/{tenant}/InvokeCommand?");
        let answer = office.send(post_to(&path, &body, Peer::Socket)).await;
        assert_eq!(answer.status, StatusCode::OK, "{tenant}");
    }
    let other = "/adminapi/beta/fabrikam.com/InvokeCommand";
    let answer = office.send(post_to(other, &body, Peer::Socket)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn errors_have_their_shapes() {
    let office = Office::contoso().await;
    let missing = office.call("Get-Mailbox", json!({ "Identity": "nobody" })).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let json = missing.json();
    assert_eq!(json["error"]["code"], "NotFound");
    assert_eq!(
        json["error"]["details"][0]["message"],
        "Ex6F9304|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|The \
         operation couldn't be performed because object 'nobody' couldn't be found on \
         'mail.contoso.com'."
    );
    let taken = json!({ "Name": "X", "PrimarySmtpAddress": "support@contoso.com" });
    let taken = office.call("New-Mailbox", taken).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    assert_eq!(
        taken.error(),
        "The proxy address \"smtp:support@contoso.com\" is already being used by the proxy \
         addresses or LegacyExchangeDN of \"Support\". Please choose another proxy address."
    );
    let wrong =
        office.call("Set-UnifiedGroup", json!({ "Identity": "support", "Hidden": 1 })).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.error().starts_with("A parameter cannot be found that matches parameter name"));
    let bad = json!({ "Identity": "support", "EmailAddresses": { "add": "x@elsewhere.org" } });
    let bad = office.call("Set-UnifiedGroup", bad).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    assert_eq!(bad.json()["error"]["details"][0]["target"], "EmailAddresses");
    let last = office.call("Remove-AcceptedDomain", json!({ "Identity": "contoso.com" })).await;
    assert_eq!(last.status, StatusCode::CONFLICT);
    let malformed = office.send(post_to(INVOKE, &json!({ "Cmdlet": 1 }), Peer::Socket)).await;
    assert_eq!(malformed.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_unknown_cmdlet_is_an_empty_403() {
    let office = Office::open().await;
    let answer = office.send(post("Get-Nothing", json!({}), Peer::Socket)).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::FORBIDDEN, 0));
}

#[tokio::test]
async fn warnings_come_with_a_200() {
    let office = Office::contoso().await;
    let nothing = office.call("Remove-RecipientPermission", send_as()).await;
    assert!(nothing.warnings()[0].contains("because the ACE isn't present"));
    let full =
        json!({ "Identity": "support", "User": "jean.dupont", "AccessRights": "FullAccess" });
    let nothing = office.call("Remove-MailboxPermission", full).await;
    let text = "because the ACE doesn't exist on the object.";
    assert!(nothing.warnings()[0].contains(text), "{:?}", nothing.warnings());
    office.call("Add-RecipientPermission", send_as()).await.objects();
    let twice = office.call("Add-RecipientPermission", send_as()).await;
    assert_eq!((twice.objects().len(), twice.warnings().len()), (1, 1));
    let same = json!({ "Identity": "support", "DisplayName": "Support" });
    let same = office.call("Set-UnifiedGroup", same).await;
    assert!(same.warnings()[0].contains("completed successfully but no settings of"));
}

#[tokio::test]
async fn confirm_asks_and_never_acts() {
    let office = Office::contoso().await;
    let question = |answer: &crate::office::Answer| {
        answer.json()["@adminapi.confirmationmessage"].as_str().unwrap_or_default().to_owned()
    };
    let asked =
        office.call("Add-RecipientPermission", with(&send_as(), "Confirm", json!(true))).await;
    assert_eq!(
        question(&asked),
        "Add-RecipientPermission -Identity support -Trustee jean.dupont -AccessRights SendAs"
    );
    assert!(asked.objects().is_empty());
    let held = async || office.call("Get-RecipientPermission", json!({})).await.objects().len();
    assert_eq!(held().await, 0);
    // Validated all the same.
    let wrong = json!({ "Identity": "nobody", "Trustee": "x", "AccessRights": "SendAs" });
    let wrong = office.call("Add-RecipientPermission", with(&wrong, "Confirm", json!(true))).await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
    let yes = with(&send_as(), "Confirm", json!(false));
    office.call("Add-RecipientPermission", yes).await.objects();
    assert_eq!(held().await, 1);
    let user = json!({ "Name": "X", "Password": "12345678", "WhatIf": true });
    let what_if = office.call("New-Mailbox", user).await;
    assert_eq!(question(&what_if), "New-Mailbox -Name X", "the password is not repeated");
    let absent = office.call("Get-Mailbox", json!({ "Identity": "x" })).await;
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_follow_their_links() {
    let office = Office::contoso().await;
    let page = async |path: &str| {
        let body = body_of("Get-Recipient", json!({ "ResultSize": "Unlimited" }));
        let mut request = post_to(path, &body, Peer::Socket);
        let size = "odata.maxpagesize = 4;odata.continue-on-error".parse().unwrap();
        request.headers_mut().insert("prefer", size);
        let answer = office.send(request).await;
        let link = answer.json()["@odata.nextLink"].as_str().map(str::to_owned);
        (answer.objects(), link)
    };
    let (first, link) = page(&format!("{INVOKE}?$select=Alias")).await;
    assert_eq!(first.len(), 4);
    assert_eq!(first[0].as_object().unwrap().len(), 1, "only the chosen property");
    let link = link.unwrap();
    let path = link.strip_prefix("http://mail.contoso.com").unwrap();
    let (second, end) = page(path).await;
    assert_eq!((second.len(), end), (2, None));
    assert_eq!(page(path).await.0, second, "a link can be followed again");
    let all: std::collections::HashSet<String> =
        first.iter().chain(&second).map(|object| object["Alias"].to_string()).collect();
    assert_eq!(all.len(), 6);
    let cut = office.call("Get-Recipient", json!({ "ResultSize": "3" })).await;
    assert_eq!(cut.objects().len(), 3);
    assert!(cut.warnings()[0].starts_with("There are more results available"));
    let exactly = office.call("Get-Recipient", json!({ "ResultSize": 6 })).await;
    assert_eq!((exactly.objects().len(), exactly.warnings().len()), (6, 0));
}

#[tokio::test]
async fn links_name_the_scheme_of_the_listener() {
    let office = Office::contoso().await;
    let token = office.token("admin", &[]).await;
    let mut request = post("Get-Recipient", json!({}), NETWORK);
    let headers = request.headers_mut();
    headers.insert("prefer", "odata.maxpagesize=1".parse().unwrap());
    headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    let mut clear = post("Get-Recipient", json!({}), NETWORK);
    *clear.headers_mut() = request.headers().clone();
    clear.extensions_mut().insert(Scheme("http"));
    let link = |answer: crate::office::Answer| {
        answer.json()["@odata.nextLink"].as_str().unwrap().to_owned()
    };
    assert!(link(office.send(request).await).starts_with("https://mail.contoso.com/"));
    assert!(link(office.send(clear).await).starts_with("http://mail.contoso.com/"));
}

#[tokio::test]
async fn a_batch_gives_each_call_its_own_fate() {
    let office = Office::open().await;
    let call = |id: &str, name: &str| {
        json!({
            "id": id, "method": "POST",
            "url": "https://x/adminapi/beta/contoso.com/InvokeCommand?",
            "headers": { "prefer": "odata.maxpagesize=1" },
            "body": body_of(name, json!({})),
        })
    };
    let path = "/adminapi/beta/contoso.com/$batch";
    let batch = json!({ "requests": [call("1", "Get-AcceptedDomain"), call("2", "Get-Nothing")] });
    let answer = office.send(post_to(path, &batch, Peer::Socket)).await;
    let responses = answer.json()["responses"].clone();
    assert_eq!((&responses[0]["id"], &responses[0]["status"]), (&json!("1"), &json!(200)));
    assert_eq!(responses[0]["body"]["value"][0]["DomainName"], "contoso.com");
    assert_eq!(responses[1]["status"], 403);
    let calls: Vec<Value> = (0..11).map(|n| call(&n.to_string(), "Get-AcceptedDomain")).collect();
    let too_many = office.send(post_to(path, &json!({ "requests": calls }), Peer::Socket)).await;
    assert_eq!(too_many.status, StatusCode::BAD_REQUEST);
    let most = office.send(post_to(path, &json!({ "requests": calls[1..] }), Peer::Socket)).await;
    assert_eq!(most.json()["responses"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn the_documented_endpoints_take_their_own_nouns() {
    let office = Office::contoso().await;
    let body = body_of("Get-Mailbox", json!({}));
    let path = |endpoint: &str| format!("/adminapi/v2.0/{GUID}/{endpoint}");
    let answer = office.send(post_to(&path("mailbox"), &body, Peer::Socket)).await;
    assert_eq!(answer.objects().len(), 4);
    let other = office.send(post_to(&path("AcceptedDomain"), &body, Peer::Socket)).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let office = Office::open().await;
    let send = async |length: usize| {
        let request = Request::post(INVOKE)
            .header("content-type", "application/json")
            .extension(Peer::Socket)
            .body(Body::from(vec![b' '; length]))
            .unwrap();
        office.send(request).await.status
    };
    assert_eq!(send(BODY_OCTETS_MAX).await, StatusCode::BAD_REQUEST);
    assert_eq!(send(BODY_OCTETS_MAX + 1).await, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_server_says_that_it_lives_and_is_ready() {
    let office = Office::open().await;
    for path in ["/healthz/live", "/healthz/ready"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(office.send(request).await.status, StatusCode::OK, "{path}");
    }
}
