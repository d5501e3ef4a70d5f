//! What the cmdlets of mailboxes, groups and logs do beside what the table says of them.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::office::{Office, PASSWORD};

async fn refused(office: &Office, name: &str, parameters: Value) -> (StatusCode, String) {
    let answer = office.call(name, parameters).await;
    (answer.status, answer.error())
}

#[tokio::test]
async fn a_group_becomes_a_shared_mailbox() {
    let office = Office::contoso().await;
    let convert = json!({ "Identity": "support", "Type": "Shared" });
    let (status, text) = refused(&office, "Set-Mailbox", convert).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(text.contains("a team with the channels General"), "{text}");
    let mut convert = json!({ "Identity": "support", "Type": "shared", "RemoveChannels": true });
    convert["WhatIf"] = true.into();
    assert_eq!(office.call("Set-Mailbox", convert.clone()).await.status, StatusCode::OK);
    assert_eq!(office.call("Get-UnifiedGroup", json!({})).await.objects().len(), 1);
    convert["WhatIf"] = false.into();
    let shared = office.call("Set-Mailbox", convert).await.objects().remove(0);
    assert_eq!(shared["RecipientTypeDetails"], "SharedMailbox");
    assert_eq!(shared["PrimarySmtpAddress"], "support@contoso.com", "the address stays");
    let access = office.call("Get-MailboxPermission", json!({ "Identity": "support" })).await;
    let mut users: Vec<String> =
        access.objects().iter().map(|row| row["User"].to_string()).collect();
    users.sort();
    assert_eq!(users, ["\"jean.dupont@contoso.com\"", "\"marie.durand@contoso.com\""]);
    assert!(office.call("Get-UnifiedGroup", json!({})).await.objects().is_empty());
    let channels = json!({ "RecipientTypeDetails": "ChannelMailbox" });
    assert!(office.call("Get-Recipient", channels).await.objects().is_empty());
    let again = json!({ "Identity": "support", "Type": "Shared" });
    let again = office.call("Set-Mailbox", again).await;
    assert!(again.warnings()[0].contains("no settings of"), "it is one already");
}

#[tokio::test]
async fn a_user_becomes_a_shared_mailbox_and_back() {
    let office = Office::contoso().await;
    let to = |kind: &str| json!({ "Identity": "jean.dupont", "Type": kind });
    let token = office.token("jean.dupont", &[]).await;
    let grant = json!({ "Identity": "support", "Trustee": "jean.dupont", "Right": "SendAs" });
    office.call("Add-GuichetPermission", grant.clone()).await.objects();
    let (status, text) = refused(&office, "Set-Mailbox", to("Shared")).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(text.contains("holds rights on Support"), "{text}");
    office.call("Remove-GuichetPermission", grant).await.objects();
    let owner = json!({ "Identity": "marie.durand", "Type": "Shared" });
    let (_, text) = refused(&office, "Set-Mailbox", owner).await;
    assert!(text.contains("owns Support"), "{text}");
    let admin = json!({ "Identity": "admin", "Type": "Shared" });
    assert_eq!(refused(&office, "Set-Mailbox", admin).await.0, StatusCode::CONFLICT);
    let shared = office.call("Set-Mailbox", to("Shared")).await.objects().remove(0);
    assert_eq!((&shared["IsShared"], &shared["Role"]), (&json!(true), &Value::Null));
    let gone = office.call_with(&token, "Get-AcceptedDomain", json!({})).await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED, "the token died with the login");
    let user = office.call("Set-Mailbox", to("Regular")).await.objects().remove(0);
    assert_eq!((&user["IsShared"], &user["Role"]), (&json!(false), &json!("Member")));
    let gone = office.call_with(&token, "Get-AcceptedDomain", json!({})).await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED, "and does not come back");
    let mut both = to("Shared");
    both["Notes"] = "x".into();
    let (status, text) = refused(&office, "Set-Mailbox", both).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(text.contains("give -Notes in a call of its own"), "{text}");
}

#[tokio::test]
async fn what_cannot_be_switched_is_not_pretended() {
    let office = Office::contoso().await;
    let on = json!({ "Identity": "jean.dupont", "MessageCopyForSentAsEnabled": true });
    assert_eq!(office.call("Set-Mailbox", on).await.status, StatusCode::OK);
    for (name, parameter, value) in [
        ("Set-Mailbox", "MessageCopyForSentAsEnabled", json!(false)),
        ("Set-UnifiedGroup", "AccessType", json!("Public")),
        ("Set-UnifiedGroup", "AutoSubscribeNewMembers", json!("$true")),
        ("Set-UnifiedGroup", "SubscriptionEnabled", json!(false)),
    ] {
        let who = if name == "Set-Mailbox" { "jean.dupont" } else { "support" };
        let parameters = json!({ "Identity": who, parameter: value });
        let answer = office.call(name, parameters).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name} {parameter}");
        assert_eq!(answer.json()["error"]["details"][0]["target"], parameter);
    }
    let deny = json!({
        "Identity": "support", "User": "jean.dupont", "AccessRights": "FullAccess", "Deny": true,
    });
    assert_eq!(refused(&office, "Add-MailboxPermission", deny).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_articles_line_for_set_group_works_and_warns() {
    let office = Office::contoso().await;
    let set =
        json!({ "Identity": "support@contoso.com", "RequireSenderAuthenticationEnabled": true });
    let done = office.call("Set-Group", set).await;
    assert!(done.warnings()[0].contains("Set-UnifiedGroup"), "{:?}", done.warnings());
    assert!(done.warnings()[0].contains("no effect on the right to send"));
    let group = office.call("Get-UnifiedGroup", json!({ "Identity": "support" })).await;
    assert_eq!(group.objects()[0]["RequireSenderAuthenticationEnabled"], true);
}

#[tokio::test]
async fn everybody_sets_the_own_password_with_the_password() {
    let office = Office::contoso().await;
    let new = |user: Option<&str>| {
        let mut parameters = json!({ "Password": "another good sentence" });
        if let Some(user) = user {
            parameters["User"] = user.into();
        }
        parameters
    };
    let token = office.token("jean.dupont", &[]).await;
    let of_marie = office.call_with(&token, "Set-UserPassword", new(Some("marie.durand"))).await;
    assert_eq!(of_marie.status, StatusCode::FORBIDDEN);
    let narrow = office.token("jean.dupont", &[app::access::Scope::Admin]).await;
    let by_token = office.call_with(&narrow, "Set-UserPassword", new(None)).await;
    assert_eq!(
        by_token.status,
        StatusCode::FORBIDDEN,
        "a narrow token must not lock its owner out"
    );
    let peer = std::net::IpAddr::from([192, 0, 2, 9]);
    let signs_in = async |login: &str, password: &str| {
        office.app.sign_in(login, password, peer, crate::office::NOW).await.is_ok()
    };
    assert!(signs_in("admin@contoso.com", PASSWORD).await);
    office.call("Set-UserPassword", new(Some("admin"))).await.objects();
    assert!(!signs_in("admin@contoso.com", PASSWORD).await);
    assert!(signs_in("admin@contoso.com", "another good sentence").await);
    let audit = office.call("Search-UnifiedAuditLog", json!({ "FreeText": "good sentence" })).await;
    assert!(audit.objects().is_empty(), "no password is in the audit");
}

#[tokio::test]
async fn rights_have_exchanges_shapes() {
    let office = Office::contoso().await;
    let grant =
        json!({ "Identity": "support", "Trustee": "jean.dupont", "AccessRights": "SendAs" });
    office.call("Add-RecipientPermission", grant).await.objects();
    let plain = office.call("Get-RecipientPermission", json!({ "Identity": "support" })).await;
    let row = &plain.objects()[0];
    assert!(row["TrusteeSidString"].as_str().unwrap().starts_with("S-1-12-1-"));
    assert_eq!((&row["ObjectState"], &row["Identity"]), (&json!("Unchanged"), &json!("Support")));
    assert_eq!(row["TrusteeWithPrimarySmtpAddress"], "");
    let with = json!({ "Identity": "support", "IncludeTrusteeWithPrimarySmtpAddress": true });
    let with = office.call("Get-RecipientPermission", with).await;
    assert_eq!(with.objects()[0]["TrusteeWithPrimarySmtpAddress"], "jean.dupont@contoso.com");
    let bypass = json!({
        "Identity": "support", "User": "auditor", "AccessRights": "FullAccess",
        "BypassMasterAccountSid": true,
    });
    let silent = office.call("Remove-MailboxPermission", bypass).await;
    assert_eq!(silent.warnings(), Vec::<String>::new());
    let pair = json!({ "RecipientType": "MailContact", "RecipientTypeDetails": "SharedMailbox" });
    let (status, text) = refused(&office, "Get-Recipient", pair).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(
        text,
        "None of the specified RecipientTypeDetails are included in any specified recipient type."
    );
}

#[tokio::test]
async fn filters_that_cannot_be_read_are_refused() {
    let office = Office::contoso().await;
    let filter = json!({ "Filter": "Allias -eq 'x'" });
    let (status, text) = refused(&office, "Get-Mailbox", filter).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(text.contains("did you mean Alias?"), "{text}");
    let sort = json!({ "SortBy": "Nothing" });
    assert_eq!(refused(&office, "Get-Mailbox", sort).await.0, StatusCode::BAD_REQUEST);
    let cut = json!({ "Filter": "Alias -like '*'", "ResultSize": 2 });
    let cut = office.call("Get-Recipient", cut).await;
    assert_eq!((cut.objects().len(), cut.warnings().len()), (2, 1));
}

#[tokio::test]
async fn the_first_trace_reaches_ten_days_back() {
    let office = Office::contoso().await;
    office.submit("jean.dupont", "jean.dupont@contoso.com", "x@fabrikam.com").await.unwrap();
    let from = |days: i64| {
        let at = crate::office::NOW.plus_secs(-days * 24 * 3600);
        json!({ "StartDate": admin_protocol::text::timestamp(at) })
    };
    assert_eq!(office.call("Get-MessageTrace", from(10)).await.objects().len(), 1);
    let (status, text) = refused(&office, "Get-MessageTrace", from(11)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(
        text,
        "Invalid StartDate value. The StartDate can't be older than 10 days from today."
    );
    assert_eq!(office.call("Get-MessageTraceV2", from(11)).await.objects().len(), 1);
    for (name, value) in [("Page", 0), ("Page", 1001), ("PageSize", 0), ("PageSize", 5001)] {
        let wrong = json!({ name: value });
        assert_eq!(refused(&office, "Get-MessageTrace", wrong).await.0, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_session_gives_one_portion_after_the_other() {
    let office = Office::contoso().await;
    let all = office.call("Search-UnifiedAuditLog", json!({ "ResultSize": 5000 })).await.objects();
    assert!(all.len() > 4);
    let portion = async |command: &str| {
        let parameters = json!({
            "SessionId": "mine", "SessionCommand": command, "ResultSize": 2,
        });
        office.call("Search-UnifiedAuditLog", parameters).await.objects()
    };
    let mut given = Vec::new();
    loop {
        let next = portion("ReturnLargeSet").await;
        if next.is_empty() {
            break;
        }
        given.extend(next);
        // What is recorded meanwhile belongs to another search.
        let change = json!({ "Identity": "support", "Notes": given.len().to_string() });
        office.call("Set-UnifiedGroup", change).await.objects();
    }
    let ids = |rows: &[Value]| rows.iter().map(|row| row["Identity"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&given), ids(&all));
    assert!(given.iter().zip(1..).all(|(row, index)| row["ResultIndex"] == index));
    assert!(given.iter().all(|row| row["ResultCount"] == all.len()));
    assert_ne!(ids(&portion("Initialize").await), ids(&given[..2]), "from the newest again");
}

#[tokio::test]
async fn an_item_of_the_audit_has_microsofts_fields() {
    let office = Office::contoso().await;
    for right in ["SendAs", "SendOnBehalf"] {
        let trustee = if right == "SendAs" { "jean.dupont" } else { "marie.durand" };
        let grant = json!({ "Identity": "support", "Trustee": trustee, "Right": right });
        office.call("Add-GuichetPermission", grant).await.objects();
        office.submit(trustee, "support@contoso.com", "x@fabrikam.com").await.unwrap();
    }
    let sought = json!({ "RecordType": "ExchangeItem" });
    let found = office.call("Search-UnifiedAuditLog", sought).await.objects();
    for (row, whom) in found.iter().zip(["SendOnBehalfOfUser", "SendAsUser"]) {
        let data: Value = serde_json::from_str(row["AuditData"].as_str().unwrap()).unwrap();
        assert_eq!(data[format!("{whom}Smtp")], "support@contoso.com");
        let guid = data[format!("{whom}MailboxGuid")].as_str().unwrap();
        assert!(admin_protocol::text::is_guid(guid), "{guid}");
        assert_eq!((&data["LogonType"], &data["ExternalAccess"]), (&json!(2), &json!(false)));
        assert_eq!(data["ResultStatus"], "Succeeded");
        assert!(data["LogonUserDisplayName"].as_str().unwrap().contains(' '));
    }
}
