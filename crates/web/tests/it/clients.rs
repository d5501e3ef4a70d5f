//! Clients in the manner of the well-known ones, written from what is known of how they speak: one
//! like ExoHelper (headers, pages, three-part errors, annotations stripped) and one like CIPP (bulk
//! requests, further pages inside batches, warnings as the value).

use axum::http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use crate::office::{NETWORK, Office, body_of, post_to};

/// A client like ExoHelper: one call after the other, small pages.
struct ExoHelper<'a> {
    office: &'a Office,
    token: String,
    page_size: usize,
}

/// An error as it splits it.
#[derive(Debug, PartialEq, Eq)]
struct ExoException {
    id: String,
    exception: String,
    text: String,
}

impl ExoHelper<'_> {
    async fn invoke(&self, name: &str, parameters: Value) -> Result<Vec<Value>, ExoException> {
        let mut path = "/adminapi/beta/contoso.com/InvokeCommand".to_owned();
        let body = body_of(name, parameters);
        let mut found = Vec::new();
        loop {
            let answer = self.office.send(self.request(&path, &body, name)).await;
            if answer.status != StatusCode::OK {
                return Err(ExoException::split(&answer.json()));
            }
            let json = answer.json();
            // Values may be absent for a cmdlet without output.
            let values = json["value"].as_array().cloned().unwrap_or_default();
            found.extend(values.iter().map(without_annotations));
            match json["@odata.nextLink"].as_str() {
                Some(link) => path = link.split_once("contoso.com").unwrap().1.to_owned(),
                None => return Ok(found),
            }
        }
    }

    fn request(
        &self,
        path: &str,
        body: &Value,
        name: &str,
    ) -> axum::http::Request<axum::body::Body> {
        let mut request = post_to(path, body, NETWORK);
        let prefer = format!("odata.maxpagesize={}", self.page_size);
        let headers = [
            ("authorization", format!("Bearer {}", self.token)),
            ("content-encoding", "utf-8".to_owned()),
            ("accept-charset", "UTF-8".to_owned()),
            ("x-cmdletname", name.to_owned()),
            ("client-request-id", "6f0f4ae5-9a43-4f6c-a6a5-0d3f1f6f43aa".to_owned()),
            ("connection-id", "0a1b2c3d-0000-4000-8000-000000000001".to_owned()),
            ("prefer", prefer),
            ("x-responseformat", "json".to_owned()),
            ("x-serializationlevel", "Partial".to_owned()),
            ("x-anchormailbox", "UPN:SystemMailbox{bb558c35}@contoso.com".to_owned()),
            ("x-clientapplication", "ExoHelper".to_owned()),
            ("parameter-based-routing", "true".to_owned()),
        ];
        for (name, value) in headers {
            request.headers_mut().insert(name, HeaderValue::from_str(&value).unwrap());
        }
        request
    }
}

impl ExoException {
    /// The first place where a message is, split into exactly three parts.
    fn split(json: &Value) -> ExoException {
        let error = &json["error"];
        let message = error["details"][0]["message"]
            .as_str()
            .or(error["innererror"]["internalexception"]["message"].as_str())
            .or(error["message"].as_str())
            .unwrap();
        let parts: Vec<&str> = message.split('|').collect();
        let [id, exception, text] = parts[..] else { panic!("three parts: {message}") };
        ExoException { id: id.into(), exception: exception.into(), text: text.into() }
    }
}

/// Every property whose name has an `@` goes.
fn without_annotations(value: &Value) -> Value {
    let object: Map<String, Value> = value
        .as_object()
        .unwrap()
        .clone()
        .into_iter()
        .filter(|(key, _)| !key.contains('@'))
        .collect();
    object.into()
}

#[tokio::test]
async fn a_client_like_exohelper_pages_and_splits_errors() {
    let office = Office::contoso().await;
    let token = office.token("admin", &[]).await;
    let client = ExoHelper { office: &office, token, page_size: 2 };
    let all = client.invoke("Get-Recipient", json!({ "ResultSize": "Unlimited" })).await.unwrap();
    let mut aliases: Vec<&str> = all.iter().map(|row| row["Alias"].as_str().unwrap()).collect();
    aliases.sort_unstable();
    aliases.dedup();
    assert_eq!((all.len(), aliases.len()), (6, 6), "each once over three pages");
    assert!(all.iter().all(|row| row.as_object().unwrap().keys().all(|key| !key.contains('@'))));
    let sorted = json!({ "SortBy": "Alias", "Filter": "RecipientType -eq 'UserMailbox'" });
    let sorted = client.invoke("Get-Recipient", sorted).await.unwrap();
    let aliases: Vec<&Value> = sorted.iter().map(|row| &row["Alias"]).collect();
    assert_eq!(aliases, ["admin", "auditor", "jean.dupont", "marie.durand"]);
    let grant =
        json!({ "Identity": "support", "Trustee": "jean.dupont", "AccessRights": ["SendAs"] });
    client.invoke("Add-RecipientPermission", grant.clone()).await.unwrap();
    assert_eq!(client.invoke("Remove-RecipientPermission", grant).await.unwrap(), [Value::Null; 0]);
    let error = client.invoke("Get-Mailbox", json!({ "Identity": "a|b" })).await.unwrap_err();
    assert_eq!(error.id, "Ex6F9304");
    let not_found = "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException";
    assert_eq!(error.exception, not_found);
    assert!(error.text.contains("object 'a/b' couldn't be found on 'mail.contoso.com'"));
    let connection = client.invoke("Get-ConnectionInformation", json!({})).await.unwrap();
    assert_eq!(connection[0]["ConnectionId"], "0a1b2c3d-0000-4000-8000-000000000001");
    assert_eq!(connection[0]["TokenStatus"], "Active");
}

/// A client like CIPP: up to ten calls in one request, and further pages as further elements.
struct Cipp<'a> {
    office: &'a Office,
    token: String,
}

impl Cipp<'_> {
    /// The values of each call by its identifier; the warnings where a call has none.
    async fn bulk(&self, calls: &[(&str, &str, Value)]) -> Map<String, Value> {
        let url = "https://outlook.office365.com/adminapi/beta/contoso.com/InvokeCommand?";
        let mut pending: Vec<(String, String, Value)> = calls
            .iter()
            .map(|(id, name, parameters)| {
                ((*id).to_owned(), url.to_owned(), body_of(name, parameters.clone()))
            })
            .collect();
        let mut results = Map::new();
        while !pending.is_empty() {
            let now: Vec<_> = pending.drain(..pending.len().min(10)).collect();
            for response in self.batch(&now).await {
                let id = response["id"].as_str().unwrap().to_owned();
                let (_, _, body) = now.iter().find(|(known, ..)| *known == id).unwrap();
                self.collect(&mut results, &id, &response);
                if let Some(link) = response["body"]["@odata.nextLink"].as_str() {
                    pending.push((id, link.to_owned(), body.clone()));
                }
            }
        }
        results
    }

    fn collect(&self, results: &mut Map<String, Value>, id: &str, response: &Value) {
        let body = &response["body"];
        let found = results.entry(id).or_insert_with(|| json!([])).as_array_mut().unwrap();
        if response["status"] != 200 {
            let message = body["error"]["details"][0]["message"].clone();
            found.push(json!({ "error": message, "status": response["status"] }));
            return;
        }
        let values = body["value"].as_array().cloned().unwrap_or_default();
        if values.is_empty() {
            found.extend(body["@adminapi.warnings"].as_array().unwrap().iter().cloned());
        }
        found.extend(values.iter().map(without_annotations));
    }

    async fn batch(&self, calls: &[(String, String, Value)]) -> Vec<Value> {
        let requests: Vec<Value> = calls
            .iter()
            .map(|(id, url, body)| {
                json!({
                    "id": id, "method": "POST", "url": url, "body": body,
                    "headers": {
                        "Content-Type": "application/json; charset=utf-8",
                        "Prefer": "odata.maxpagesize=2;odata.continue-on-error",
                        "X-CmdletName": body["CmdletInput"]["CmdletName"],
                    },
                })
            })
            .collect();
        let path = "/adminapi/beta/contoso.com/$batch";
        let mut request = post_to(path, &json!({ "requests": requests }), NETWORK);
        let headers = request.headers_mut();
        headers.insert("authorization", format!("Bearer {}", self.token).parse().unwrap());
        headers.insert("prefer", "odata.continue-on-error".parse().unwrap());
        let answer = self.office.send(request).await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.json()["responses"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn a_client_like_cipp_works_in_bulk() {
    let office = Office::contoso().await;
    let token = office.token("admin", &[]).await;
    let client = Cipp { office: &office, token };
    let permission = json!({
        "Identity": "support", "trustee": "jean.dupont", "accessRights": ["SendAs"],
        "Confirm": false, "Verbose": true,
    });
    let full = json!({
        "Identity": "support", "user": "auditor", "accessRights": ["FullAccess"],
        "InheritanceType": "all", "automapping": true,
    });
    let on_behalf = json!({
        "Identity": "support",
        "GrantSendonBehalfTo": { "@odata.type": "#Exchange.GenericHashTable", "Add": "auditor" },
    });
    let given = client
        .bulk(&[
            ("a", "Add-RecipientPermission", permission.clone()),
            ("b", "Add-MailboxPermission", full.clone()),
            ("c", "Set-UnifiedGroup", on_behalf),
            ("d", "Get-Mailbox", json!({ "Identity": "nobody" })),
            ("e", "Get-Recipient", json!({ "ResultSize": "Unlimited" })),
        ])
        .await;
    assert_eq!(given["a"][0]["Trustee"], "jean.dupont@contoso.com");
    assert_eq!(given["b"][0]["AccessRights"], json!(["FullAccess"]));
    assert_eq!(given["c"][0]["GrantSendOnBehalfTo"], json!(["auditor@contoso.com"]));
    assert_eq!(given["d"][0]["status"], 404);
    assert!(given["d"][0]["error"].as_str().unwrap().starts_with("Ex6F9304|"));
    assert_eq!(given["e"].as_array().unwrap().len(), 6, "over three batches");
    let mut full = full;
    full.as_object_mut().unwrap().remove("automapping");
    for _ in 0..2 {
        let taken = client
            .bulk(&[
                ("a", "Remove-RecipientPermission", permission.clone()),
                ("b", "Remove-MailboxPermission", full.clone()),
            ])
            .await;
        let text = |id: &str| taken[id][0].as_str().unwrap_or_default().to_owned();
        if !text("a").is_empty() {
            assert!(text("a").contains("because the ACE isn't present"));
            assert!(text("b").contains("because the ACE doesn't exist on the object."));
        }
    }
    let held = office.call("Get-RecipientPermission", json!({ "Identity": "support" })).await;
    assert!(held.objects().is_empty(), "the first round did act");
}

#[tokio::test]
async fn elements_of_a_batch_may_be_of_either_surface() {
    let office = Office::contoso().await;
    let call = |id: &str, method: &str, url: &str| json!({ "id": id, "method": method, "url": url, "body": body_of("Get-Mailbox", json!({})) });
    let batch = json!({ "requests": [
        call("1", "POST", "https://x/adminapi/v2.0/contoso.com/Mailbox"),
        call("2", "post", "InvokeCommand?$select=Alias"),
        call("3", "POST", "https://x/adminapi/v2.0/contoso.com/AcceptedDomain"),
        call("4", "GET", "InvokeCommand"),
    ] });
    let path = "/adminapi/beta/contoso.com/$batch";
    let answer = office.send(post_to(path, &batch, web::Peer::Socket)).await;
    let json = answer.json();
    let responses = json["responses"].as_array().unwrap();
    let statuses: Vec<u64> = responses.iter().map(|r| r["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 200, 403, 405]);
    assert_eq!(responses[1]["body"]["value"][0].as_object().unwrap().len(), 1);
    assert_eq!(responses[2]["headers"]["Cmdlet-Name"], "Get-Mailbox");
}
