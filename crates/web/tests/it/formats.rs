//! What an answer looks like beside its objects: CLIXML, headers, limits, entity tags; and what is
//! fetched by GET.

use admin_protocol::cmdlet;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use web::Peer;

use crate::office::{GUID, NETWORK, NOW, Office, body_of, post, post_to};

/// Takes a well-formed document apart: panics where an element is not closed, gives the texts of
/// elements by name.
fn elements(xml: &str) -> Vec<(String, String)> {
    let (mut open, mut found, mut rest): (Vec<String>, Vec<(String, String)>, &str) =
        (Vec::new(), Vec::new(), xml);
    while let Some(at) = rest.find('<') {
        let text = &rest[..at];
        if let Some(inner) = open.last() {
            found.push((inner.clone(), text.to_owned()));
        }
        let end = at + rest[at..].find('>').expect("the tag ends");
        let tag = &rest[at + 1..end];
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.trim_matches('/').split_whitespace().next().unwrap().to_owned();
        if tag.starts_with('/') {
            assert_eq!(open.pop().as_deref(), Some(name.as_str()), "{tag} closes what is open");
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty() && rest.is_empty(), "everything is closed: {open:?}");
    found
}

#[tokio::test]
async fn clixml_is_well_formed_and_holds_the_same() {
    let office = Office::contoso().await;
    let notes = json!({ "Identity": "support", "Notes": "a < b & \"c\"\n]]>" });
    office.call("Set-UnifiedGroup", notes).await.objects();
    for name in ["Get-UnifiedGroup", "Get-Mailbox", "Search-UnifiedAuditLog", "Get-Recipient"] {
        let plain = office.call(name, json!({})).await.objects();
        let mut request = post(name, json!({}), Peer::Socket);
        request.headers_mut().insert("x-responseformat", "Clixml".parse().unwrap());
        let wrapped = office.send(request).await.objects();
        assert_eq!(wrapped.len(), plain.len());
        for (wrapped, plain) in wrapped.iter().zip(&plain) {
            assert_eq!(wrapped.as_object().unwrap().len(), 1, "only _clixml");
            let xml = wrapped["_clixml"].as_str().unwrap();
            let found = elements(xml);
            let named = plain.as_object().unwrap().keys().filter(|key| !key.contains('@'));
            for key in named {
                assert!(xml.contains(&format!(" N=\"{key}\"")), "{key} is in {xml}");
            }
            assert!(found.iter().any(|(element, _)| element == "S"));
        }
    }
}

#[tokio::test]
async fn selection_holds_for_clixml_too() {
    let office = Office::contoso().await;
    let path = "/adminapi/beta/contoso.com/InvokeCommand?$select=alias";
    let mut request = post_to(path, &body_of("Get-UnifiedGroup", json!({})), Peer::Socket);
    request.headers_mut().insert("x-responseformat", "clixml".parse().unwrap());
    let objects = office.send(request).await.objects();
    let xml = objects[0]["_clixml"].as_str().unwrap();
    assert!(xml.contains(" N=\"Alias\"") && !xml.contains(" N=\"Guid\""), "{xml}");
}

#[tokio::test]
async fn every_answer_can_be_spoken_of() {
    let office = Office::contoso().await;
    let answer = office.call("Get-AcceptedDomain", json!({})).await;
    assert!(admin_protocol::text::is_guid(answer.headers["request-id"].to_str().unwrap()));
    assert_eq!(answer.headers["preference-applied"], "odata.include-annotations=\"*\"");
    assert_eq!(answer.headers["x-calculatedbetarget"], "mail.contoso.com");
    assert!(!answer.headers.contains_key("rate-limit-limit"), "the socket has no limit");
    let missing = office.call("Get-Mailbox", json!({ "Identity": "nobody" })).await;
    let exception = missing.headers["x-exceptiontype"].to_str().unwrap();
    assert!(exception.ends_with("ManagementObjectNotFoundException"), "{exception}");
    let json = missing.json();
    let inner = json["error"]["innererror"]["internalexception"]["message"].as_str().unwrap();
    assert_eq!(inner.split('|').count(), 3);
    assert_eq!(json["@adminapi.warnings"], json!([]));
}

#[tokio::test]
async fn an_account_has_so_many_calls_in_a_window() {
    let mut office = Office::contoso().await;
    let token = office.token("jean.dupont", &[]).await;
    let other = office.token("marie.durand", &[]).await;
    office.limit_calls(web::CallLimits { calls_per_window: 2, window_secs: 300 });
    let call = async |token: &str| office.call_with(token, "Get-AcceptedDomain", json!({})).await;
    let first = call(&token).await;
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(first.headers["rate-limit-limit"], "2");
    assert_eq!(first.headers["rate-limit-remaining"], "1");
    let reset = admin_protocol::text::timestamp(NOW.plus_secs(300));
    assert_eq!(first.headers["rate-limit-reset"], reset.as_str());
    assert_eq!(call(&token).await.headers["rate-limit-remaining"], "0");
    let refused = call(&token).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers["retry-after"], "300");
    assert_eq!(refused.json()["error"]["code"], "TooManyRequests");
    assert!(refused.error().starts_with("You have reached the maximum number of concurrent"));
    assert_eq!(call(&other).await.status, StatusCode::OK, "others are not slowed down");
    for _ in 0..5 {
        office.call("Get-AcceptedDomain", json!({})).await.objects();
    }
}

#[tokio::test]
async fn calls_of_a_batch_count_one_by_one() {
    let mut office = Office::contoso().await;
    let token = office.token("jean.dupont", &[]).await;
    office.limit_calls(web::CallLimits { calls_per_window: 2, window_secs: 300 });
    let call = |id: u32| json!({ "id": id, "body": body_of("Get-AcceptedDomain", json!({})) });
    let batch = json!({ "requests": [call(1), call(2), call(3)] });
    let mut request = post_to("/adminapi/beta/contoso.com/$batch", &batch, NETWORK);
    let value = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert("authorization", value);
    let answer = office.send(request).await;
    let responses = answer.json()["responses"].clone();
    let statuses: Vec<&Value> =
        responses.as_array().unwrap().iter().map(|response| &response["status"]).collect();
    assert_eq!(statuses, [200, 200, 429]);
    assert_eq!(responses[2]["headers"]["Retry-After"], "300");
    assert_eq!(answer.headers["rate-limit-remaining"], "0");
}

#[tokio::test]
async fn bodies_may_not_be_compressed() {
    let office = Office::open().await;
    for (encoding, expected) in [
        ("utf-8", StatusCode::OK),
        ("UTF-8", StatusCode::OK),
        ("identity", StatusCode::OK),
        ("gzip", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("br", StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        let mut request = post("Get-AcceptedDomain", json!({}), Peer::Socket);
        request.headers_mut().insert("content-encoding", encoding.parse().unwrap());
        assert_eq!(office.send(request).await.status, expected, "{encoding}");
    }
}

#[tokio::test]
async fn bodies_are_read_leniently() {
    let office = Office::contoso().await;
    let send = async |text: &str| {
        let request = Request::post("/AdminApi/beta/contoso.com/InvokeCommand?")
            .header("content-type", "application/json")
            .extension(Peer::Socket)
            .body(Body::from(text.to_owned()))
            .unwrap();
        office.send(request).await
    };
    for text in [
        r#"{"cmdletinput":{"CMDLETNAME":"get-mailbox","parameters":null}}"#,
        "\u{feff}{\"CmdletInput\":{\"CmdletName\":\" Get-Mailbox \"}}",
        r#"{"CmdletInput":{"CmdletName":"Get-Mailbox","Parameters":{"ERRORACTION":"Stop"}}}"#,
    ] {
        assert_eq!(send(text).await.objects().len(), 4, "{text}");
    }
    for text in [
        r#"{"CmdletInput":{"CmdletName":"Get-Mailbox","Parameters":[1]}}"#,
        r#"{"CmdletInput":{}}"#,
        r#"{"CmdletInput":{"CmdletName":"Get-Mailbox","Parameters":{"Anr":"a","anr":"b"}}}"#,
        "{",
    ] {
        assert_eq!(send(text).await.status, StatusCode::BAD_REQUEST, "{text}");
    }
}

async fn get(office: &Office, path: &str, headers: &[(&str, &str)]) -> crate::office::Answer {
    let mut request = Request::get(path).header("host", "mail.contoso.com").extension(NETWORK);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    office.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn powershell_learns_what_it_may_run() {
    let office = Office::contoso().await;
    let path = format!("/AdminApi/v1.0/{GUID}/EXOModuleFile?Version=3.10.1");
    assert_eq!(get(&office, &path, &[]).await.status, StatusCode::UNAUTHORIZED);
    let exported = async |login: &str, names: &str| {
        let bearer = format!("Bearer {}", office.token(login, &[]).await);
        let headers = [("authorization", bearer.as_str()), ("commandname", names)];
        let answer = get(&office, &path, &headers).await;
        let names = answer.objects()[0]["exportedCmdlets"].as_str().unwrap().to_owned();
        names.split(',').map(str::to_owned).collect::<Vec<String>>()
    };
    assert_eq!(exported("admin", "*").await.len(), cmdlet::all().count());
    let auditor = exported("auditor", "*").await;
    assert!(auditor.contains(&"Search-UnifiedAuditLog".to_owned()));
    assert!(!auditor.contains(&"New-Mailbox".to_owned()));
    let member = exported("jean.dupont", "*").await;
    assert!(!member.contains(&"Search-UnifiedAuditLog".to_owned()));
    let two = exported("admin", "get-mailbox, Set-Mailbox,Get-Nothing").await;
    assert_eq!(two, ["Get-Mailbox", "Set-Mailbox"]);
}

#[tokio::test]
async fn the_greeting_and_the_module_are_served() {
    let office = Office::contoso().await;
    let bearer = format!("Bearer {}", office.token("jean.dupont", &[]).await);
    let headers = [("authorization", bearer.as_str())];
    let path = "/adminapi/beta/contoso.com/EXOBanner('AutogenSession')?Version=3.10.1";
    let banner = get(&office, path, &headers).await;
    assert!(banner.json()["value"][0].as_str().unwrap().contains("Contoso"));
    let other = get(&office, "/adminapi/beta/contoso.com/CasMailbox", &headers).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let module = get(&office, "/Guichet.psm1", &[]).await;
    assert_eq!(module.status, StatusCode::OK);
    assert_eq!(module.body, admin_protocol::module::powershell().into_bytes());
    let invoke = get(&office, "/adminapi/beta/contoso.com/InvokeCommand", &headers).await;
    assert_eq!(invoke.status, StatusCode::METHOD_NOT_ALLOWED);
}
