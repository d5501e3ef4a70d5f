//! Every cmdlet of the table is called and answers with what the table declares.

use std::collections::HashSet;

use admin_protocol::cmdlet;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::office::Office;

/// Calls that together use every cmdlet, remembering which were called.
struct Tour {
    office: Office,
    called: HashSet<String>,
}

impl Tour {
    async fn call(&mut self, name: &str, parameters: Value) -> Vec<Value> {
        self.called.insert(name.to_owned());
        self.office.call(name, parameters).await.objects()
    }

    /// A call with at least one object as its answer.
    async fn one_of(&mut self, name: &str, parameters: Value) -> Value {
        let mut objects = self.call(name, parameters).await;
        assert!(!objects.is_empty(), "{name}");
        objects.remove(0)
    }

    /// A call with one object as its answer.
    async fn one(&mut self, name: &str, parameters: Value) -> Value {
        let mut objects = self.call(name, parameters).await;
        assert_eq!(objects.len(), 1, "{name}");
        objects.remove(0)
    }

    async fn mailboxes(&mut self) {
        let user = json!({ "Name": "Claire Martin", "Password": "12345678", "Role": "member" });
        let claire = self.one("New-Mailbox", user).await;
        assert_eq!(claire["PrimarySmtpAddress"], "clairemartin@contoso.com");
        assert_eq!(claire["RecipientTypeDetails"], "UserMailbox");
        let shared = json!({ "Name": "Facturation", "Shared": true, "Members": "jean.dupont" });
        let shared = self.one("New-Mailbox", shared).await;
        assert_eq!(shared["RecipientTypeDetails"], "SharedMailbox");
        assert_eq!((&shared["AccountDisabled"], &shared["Role"]), (&json!(true), &Value::Null));
        let changes = json!({
            "Identity": "facturation",
            "emailaddresses": { "add": "billing@contoso.com" },
            "GrantSendOnBehalfTo": ["marie.durand"],
            "Notes": "for invoices",
        });
        let changed = self.one("Set-Mailbox", changes).await;
        let addresses = json!(["SMTP:facturation@contoso.com", "smtp:billing@contoso.com"]);
        assert_eq!(changed["EmailAddresses"], addresses);
        assert_eq!(changed["GrantSendOnBehalfTo"], json!(["marie.durand@contoso.com"]));
        let only_shared = json!({ "RecipientTypeDetails": "SharedMailbox" });
        assert_eq!(self.call("Get-Mailbox", only_shared).await.len(), 1);
        assert_eq!(self.call("Get-Mailbox", json!({ "Anr": "mart" })).await.len(), 1);
        assert_eq!(self.call("Get-Mailbox", json!({ "Identity": null })).await.len(), 6);
        self.call("Remove-Mailbox", json!({ "Identity": "clairemartin" })).await;
    }

    async fn groups(&mut self) {
        let changes = json!({
            "Identity": "support@contoso.com",
            "Channels": { "Add": ["Incidents"] },
            "PrimarySmtpAddress": "aide@contoso.com",
        });
        let group = self.one("Set-UnifiedGroup", changes).await;
        assert_eq!(group["Channels"][1]["EmailAddress"], "incidents.support@contoso.com");
        assert_eq!(group["PrimarySmtpAddress"], "aide@contoso.com");
        assert_eq!(group["ResourceProvisioningOptions"], json!(["Team"]));
        assert_eq!(group["ManagedBy"], json!(["marie.durand@contoso.com"]));
        let links =
            json!({ "Identity": "support", "LinkType": "Subscribers", "Links": "jean.dupont" });
        self.call("Add-UnifiedGroupLinks", links.clone()).await;
        let listed = json!({ "Identity": "support", "LinkType": "subscribers" });
        let subscribers = self.call("Get-UnifiedGroupLinks", listed).await;
        assert_eq!((subscribers.len(), &subscribers[0]["IsSubscribed"]), (1, &json!(true)));
        self.call("Remove-UnifiedGroupLinks", links).await;
        self.one("New-UnifiedGroup", json!({ "DisplayName": "Ventes" })).await;
        assert_eq!(self.call("Get-UnifiedGroup", json!({ "Team": true })).await.len(), 1);
        assert_eq!(self.call("Get-UnifiedGroup", json!({})).await.len(), 2);
        self.call("Remove-UnifiedGroup", json!({ "Identity": "ventes", "Force": true })).await;
    }

    async fn accounts_and_other_views(&mut self) {
        let support = json!({ "Identity": "support" });
        let users = self.call("Get-User", json!({ "Filter": "Role -eq 'Administrator'" })).await;
        assert_eq!((users.len(), &users[0]["UserPrincipalName"]), (1, &json!("admin@contoso.com")));
        let password = json!({ "User": "jean.dupont", "Password": "a new long one" });
        self.call("Set-UserPassword", password).await;
        let group = self.one("Get-Group", support.clone()).await;
        assert_eq!(group["ManagedBy"], json!(["marie.durand@contoso.com"]));
        assert_eq!(group["Members"].as_array().unwrap().len(), 2);
        self.one("Set-Group", json!({ "Identity": "support", "Notes": "Level two" })).await;
        assert!(self.call("Get-DistributionGroup", json!({})).await.is_empty());
        let ours = self.office.call("Get-DistributionGroup", support.clone()).await;
        assert_eq!(ours.status, StatusCode::NOT_FOUND, "it has a mailbox");
        let members = self.call("Get-DistributionGroupMember", support.clone()).await;
        assert_eq!(members.len(), 2);
        self.call("Get-DirectoryState", json!({})).await;
        self.call("Get-SendAsReport", json!({})).await;
        self.call("Get-SendAsReportDocument", json!({ "Format": "Csv" })).await;
    }

    async fn folders(&mut self) {
        let inbox = json!({ "Identity": "support:\\inbox" });
        let rows = self.call("Get-MailboxFolderPermission", inbox).await;
        let rights: Vec<(&Value, &Value)> =
            rows.iter().map(|row| (&row["User"], &row["AccessRights"][0])).collect();
        assert_eq!(rights.len(), 4, "nobody else, and two members");
        assert_eq!(rights[0], (&json!("Default"), &json!("None")));
        assert!(rights[2..].iter().all(|(_, right)| **right == json!("Owner")));
        let one = json!({ "Identity": "support", "User": "jean.dupont" });
        assert_eq!(self.call("Get-MailboxFolderPermission", one).await.len(), 1);
        let none = json!({ "Identity": "support:\\Nowhere" });
        let none = self.office.call("Get-MailboxFolderPermission", none).await;
        assert_eq!(none.status, StatusCode::NOT_FOUND);
        for verb in ["Add", "Set", "Remove"] {
            let name = format!("{verb}-MailboxFolderPermission");
            let mut wanted = json!({ "Identity": "support:\\Inbox", "User": "auditor" });
            if verb != "Remove" {
                wanted["AccessRights"] = json!("Editor");
            }
            let refused = self.office.call(&name, wanted).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST);
            let text = refused.error();
            assert!(text.contains("no rights on single folders"), "{text}");
            assert!(text.contains("MailboxPermission support -User auditor"), "{text}");
            self.called.insert(name);
        }
    }

    async fn contacts_and_recipients(&mut self) {
        let contact = json!({ "Name": "Customer", "ExternalEmailAddress": "SMTP:c@fabrikam.com" });
        let contact = self.one("New-MailContact", contact).await;
        assert_eq!(contact["ExternalEmailAddress"], "SMTP:c@fabrikam.com");
        let changes = json!({ "Identity": "Customer", "ExternalEmailAddress": "d@fabrikam.com" });
        let changed = self.one("Set-MailContact", changes).await;
        assert_eq!(changed["PrimarySmtpAddress"], "d@fabrikam.com");
        self.one("Get-MailContact", json!({ "Identity": "d@fabrikam.com" })).await;
        let contacts = json!({ "RecipientTypeDetails": ["MailContact", "GroupMailbox"] });
        assert_eq!(self.call("Get-Recipient", contacts).await.len(), 2);
        self.call("Remove-MailContact", json!({ "Identity": "Customer" })).await;
    }

    async fn domains(&mut self) {
        let added = self.one("New-AcceptedDomain", json!({ "DomainName": "contoso.fr" })).await;
        assert_eq!(added["Default"], false);
        let default = json!({ "Identity": "contoso.fr", "MakeDefault": true });
        assert_eq!(self.one("Set-AcceptedDomain", default).await["Default"], true);
        let default = json!({ "Identity": "contoso.com", "MakeDefault": true });
        self.one("Set-AcceptedDomain", default).await;
        assert_eq!(self.call("Get-AcceptedDomain", json!({})).await.len(), 2);
        let records = json!({ "DomainName": "contoso.fr", "Check": true });
        let records = self.call("Get-DnsRecord", records).await;
        assert_eq!(records.iter().filter(|record| record["Purpose"] == "DKIM").count(), 2);
        assert!(records.iter().all(|record| record["Status"] == "Unknown"), "there is no resolver");
        self.call("Remove-AcceptedDomain", json!({ "Identity": "contoso.fr" })).await;
        let changed = json!({ "SendFromAliasEnabled": "$true" });
        let changed = self.one("Set-OrganizationConfig", changed).await;
        assert_eq!(changed["SendFromAliasEnabled"], true);
        self.one("Get-OrganizationConfig", json!({})).await;
        let connection = self.one("Get-ConnectionInformation", json!({})).await;
        assert_eq!(connection["Role"], "Administrator");
    }

    async fn permissions(&mut self) {
        let send_as =
            json!({ "Identity": "support", "Trustee": "jean.dupont", "AccessRights": "SendAs" });
        let given = self.one("Add-RecipientPermission", send_as.clone()).await;
        assert_eq!(given["Trustee"], "jean.dupont@contoso.com");
        assert_eq!(given["AccessRights"], json!(["SendAs"]));
        let sought = json!({ "Trustee": "Jean Dupont" });
        assert_eq!(self.call("Get-RecipientPermission", sought).await.len(), 1);
        let full =
            json!({ "Identity": "support", "User": "auditor", "accessRights": ["FullAccess"] });
        self.one("Add-MailboxPermission", full.clone()).await;
        let listed = json!({ "Identity": "support" });
        let listed = self.call("Get-MailboxPermission", listed).await;
        assert_eq!(listed.len(), 1, "Send As is never listed there");
        let on_behalf = json!({
            "Identity": "support", "Trustee": "jean.dupont", "Right": "SendOnBehalf",
            "Until": "2027-01-31", "Reason": "holiday cover",
        });
        let given = self.one("Add-GuichetPermission", on_behalf.clone()).await;
        assert_eq!(given["UntilUTC"], "2027-01-31T00:00:00.0000000Z");
        assert_eq!(given["Reason"], "holiday cover");
        let all = self.call("Get-GuichetPermission", json!({ "Identity": "support" })).await;
        assert_eq!(all.len(), 3);
        let identities = self.call("Get-SendIdentity", json!({ "User": "jean.dupont" })).await;
        let rights: Vec<&Value> = identities.iter().map(|row| &row["Right"]).collect();
        assert_eq!(rights, ["Self", "SendAs", "SendAs"]);
        let without_end =
            json!({ "Identity": "support", "Trustee": "jean.dupont", "Right": "SendOnBehalf" });
        self.call("Remove-GuichetPermission", without_end).await;
        self.call("Remove-MailboxPermission", full).await;
        let question = json!({ "User": "jean.dupont", "From": "support", "To": "x@fabrikam.com" });
        let verdict = self.one("Test-SendAs", question).await;
        assert_eq!((&verdict["Allowed"], &verdict["Right"]), (&json!(true), &json!("SendAs")));
    }

    async fn mail(&mut self) {
        let to = "someone@fabrikam.com";
        self.office.submit("jean.dupont", "support@contoso.com", to).await.unwrap();
        let send_as =
            json!({ "Identity": "support", "Trustee": "jean.dupont", "AccessRights": "SendAs" });
        self.call("Remove-RecipientPermission", send_as).await;
        let row = self.one("Get-MessageTraceV2", json!({})).await;
        assert_eq!((&row["Status"], &row["Right"]), (&json!("Pending"), &json!("SendAs")));
        let volume = self.one("Get-VolumeReport", json!({ "Days": 1 })).await;
        assert_eq!((&volume["Sent"], &volume["Received"]), (&json!(1), &json!(0)));
        let wrong = self.office.call("Get-VolumeReport", json!({ "Days": 93 })).await;
        assert!(wrong.error().contains("from 1 to 92"));
        assert!(self.call("Get-SendAsDeniedReport", json!({})).await.is_empty());
        assert!(!self.call("Get-StorageReport", json!({})).await.is_empty());
        let detail = json!({ "MessageTraceId": row["MessageTraceId"] });
        let events = self.call("Get-MessageTraceDetailV2", detail).await;
        assert_eq!(events[0]["Event"], "SUBMIT");
        assert!(events[0]["Data"].as_str().unwrap().starts_with("<root><MEP Name="));
        let first = json!({ "MessageTraceId": row["MessageTraceId"], "Event": "submit" });
        assert_eq!(self.call("Get-MessageTraceDetail", first).await.len(), 1);
        let row = self.one("Get-MessageTrace", json!({ "PageSize": 1 })).await;
        assert_eq!((&row["Index"], &row["Organization"]), (&json!(0), &json!("contoso.com")));
        assert!(self.call("Get-MessageTrace", json!({ "Page": 2 })).await.is_empty());
        let entry = self.one("Get-QueuedMessage", json!({ "Recipient": "@fabrikam.com" })).await;
        let identity = json!({ "Identity": [entry["Identity"]] });
        let held = self.one("Suspend-QueuedMessage", identity.clone()).await;
        assert_eq!((&held["Status"], &held["NextRetryUTC"]), (&json!("Suspended"), &Value::Null));
        assert_eq!(self.one("Resume-QueuedMessage", identity.clone()).await["Status"], "Ready");
        self.one("Retry-QueuedMessage", identity.clone()).await;
        let silently = json!({ "Identity": entry["Identity"], "WithNDR": false });
        self.call("Remove-QueuedMessage", silently).await;
        assert!(self.call("Get-QueuedMessage", json!({})).await.is_empty());
        let item = json!({ "RecordType": "ExchangeItem" });
        let sent = self.one("Search-UnifiedAuditLog", item).await;
        let data: Value = serde_json::from_str(sent["AuditData"].as_str().unwrap()).unwrap();
        assert_eq!(data["SendAsUserSmtp"], "aide@contoso.com");
        assert_eq!(data["UserId"], "jean.dupont@contoso.com");
        let ours = json!({ "Operations": "Add-GuichetPermission", "FreeText": "JEAN.dupont" });
        assert_eq!(self.call("Search-UnifiedAuditLog", ours).await.len(), 1);
        assert_eq!(self.one("Test-UnifiedAuditLog", json!({})).await["IsValid"], true);
        let older = json!({ "Cmdlets": "New-UnifiedGroup", "Parameters": "owner" });
        let older = self.one_of("Search-AdminAuditLog", older).await;
        let names: Vec<&Value> =
            older["CmdletParameters"].as_array().unwrap().iter().map(|of| &of["Name"]).collect();
        assert!(names.contains(&&json!("DisplayName")), "{names:?}");
    }

    async fn applications(&mut self) {
        let new = json!({ "Name": "Backup", "Scopes": ["read"], "User": "admin" });
        let made = self.one("New-Application", new).await;
        assert!(made["ClientSecret"].as_str().unwrap().starts_with("gus_"));
        let listed = self.one("Get-Application", json!({ "Identity": "backup" })).await;
        assert_eq!(listed["Identity"], made["Identity"]);
        self.call("Remove-Application", json!({ "Identity": made["Identity"] })).await;
        assert!(self.call("Get-Application", json!({})).await.is_empty());
    }

    async fn rules(&mut self) {
        let mark = json!({
            "Name": "Mark", "FromScope": "NotInOrganization", "PrependSubject": "[External]",
            "ExpiryDate": "2027-01-31", "MessageSizeOver": "1KB",
        });
        let mark = self.one("New-TransportRule", mark).await;
        assert_eq!((&mark["Priority"], &mark["State"]), (&json!(0), &json!("Enabled")));
        assert_eq!(
            mark["Conditions"],
            json!(["FromScope: NotInOrganization", "MessageSizeOver: 1024"])
        );
        let copy = json!({ "Name": "Copy", "BlindCopyTo": "auditor", "SentAs": "support" });
        self.one("New-TransportRule", copy).await;
        let edit = json!({ "add": ["marie.durand"], "remove": ["auditor@contoso.com"] });
        let changes = json!({
            "Identity": "copy", "BlindCopyTo": edit, "SentAs": null, "Priority": 0,
            "ExceptIfFrom": ["support", "x@fabrikam.com"],
        });
        let changed = self.one("Set-TransportRule", changes).await;
        assert_eq!(changed["Actions"], json!(["BlindCopyTo: marie.durand@contoso.com"]));
        assert_eq!((&changed["Conditions"], &changed["Priority"]), (&json!([]), &json!(0)));
        assert_eq!(
            changed["Command"],
            "New-TransportRule 'Copy' -ExceptIfFrom 'aide@contoso.com','x@fabrikam.com' \
             -BlindCopyTo 'marie.durand@contoso.com'"
        );
        let off = self.one("Disable-TransportRule", json!({ "Identity": "Copy" })).await;
        assert_eq!(off["State"], "Disabled");
        assert_eq!(
            self.call("Get-TransportRule", json!({ "State": "Disabled" })).await,
            std::slice::from_ref(&off)
        );
        self.one("Enable-TransportRule", json!({ "Identity": off["Guid"] })).await;
        self.journal_rules().await;
        let mail = json!({ "From": "x@fabrikam.com", "To": "support", "Header": ["X-A: b"] });
        let asked = self.call("Test-TransportRule", mail).await;
        let told: Vec<(&Value, &Value)> =
            asked.iter().map(|row| (&row["Name"], &row["Result"])).collect();
        assert_eq!(told[0], (&json!("Copy"), &json!("Excepted")));
        assert_eq!(told[1], (&json!("Mark"), &json!("Unmet")));
        assert_eq!(told[2], (&json!("All mail"), &json!("Acts")));
        for (name, wrong) in [
            ("FromScope", json!("Here")),
            ("SubjectMatchesPatterns", json!("(")),
            ("SetHeaderName", json!("From")),
        ] {
            let refused = json!({ "Name": "x", "PrependSubject": "y", name: wrong });
            let refused = self.office.call("New-TransportRule", refused).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST);
            assert!(refused.error().contains(name), "{}", refused.error());
        }
        self.call("Remove-TransportRule", json!({ "Identity": "Copy" })).await;
    }

    async fn journal_rules(&mut self) {
        let all = json!({ "Name": "All mail", "JournalEmailAddress": "archive@fabrikam.com" });
        let all = self.one("New-JournalRule", all).await;
        assert_eq!((&all["Enabled"], &all["Scope"]), (&json!(false), &json!("Global")));
        let identity = json!({ "Identity": "all mail" });
        self.one("Enable-JournalRule", identity.clone()).await;
        self.one("Disable-JournalRule", identity.clone()).await;
        self.one("Enable-JournalRule", identity.clone()).await;
        let changes =
            json!({ "Identity": "all mail", "Recipient": "support", "Scope": "External" });
        let changed = self.one("Set-JournalRule", changes).await;
        assert_eq!(changed["Recipient"], "aide@contoso.com");
        assert_eq!(changed["Enabled"], true);
        assert_eq!(self.one("Get-JournalRule", identity).await, changed);
        let other = json!({ "Name": "Other", "JournalEmailAddress": "auditor" });
        self.one("New-JournalRule", other).await;
        self.call("Remove-JournalRule", json!({ "Identity": "Other" })).await;
    }

    async fn credentials(&mut self) {
        let token = json!({ "User": "jean.dupont", "Name": "script", "Scopes": ["read"] });
        let token = self.one("New-ApiToken", token).await;
        assert_eq!(token["Scopes"], json!(["read"]));
        let secret = token["Token"].as_str().unwrap().to_owned();
        self.office.call_with(&secret, "Get-AcceptedDomain", json!({})).await.objects();
        // The note of its use is written behind the answer, but before the next trace is read.
        self.call("Get-MessageTraceV2", json!({})).await;
        let listed = self.one("Get-ApiToken", json!({})).await;
        assert_eq!(listed["WhenLastUsedUTC"], "2026-09-21T14:13:20.0000000Z");
        self.call("Remove-ApiToken", json!({ "Identity": token["Identity"] })).await;
        assert!(self.call("Get-ApiToken", json!({ "User": "jean.dupont" })).await.is_empty());
        let new = json!({ "User": "jean.dupont", "Name": "phone" });
        let made = self.one("New-AppPassword", new).await;
        assert_eq!(self.call("Get-AppPassword", json!({})).await.len(), 1);
        self.call("Remove-AppPassword", json!({ "Identity": made["Identity"] })).await;
        let jean = { self.office.app.directory().find("jean.dupont").unwrap().id };
        self.office.app.offer_second_factor(jean, crate::office::NOW).await.unwrap();
        self.call("Remove-SecondFactor", json!({ "Identity": "jean.dupont" })).await;
        self.call("Remove-UserSession", json!({ "Identity": "jean.dupont" })).await;
        let peer = std::net::IpAddr::from([192, 0, 2, 77]);
        let _ = self.office.app.sign_in("x@contoso.com", "wrong", peer, crate::office::NOW).await;
        let counted = self.call("Get-SignInThrottle", json!({})).await;
        assert_eq!(counted.len(), 2, "the login and the address");
        self.call("Clear-SignInThrottle", json!({ "Identity": "x@contoso.com" })).await;
        let gone = json!({ "Identity": "x@contoso.com" });
        let gone = self.office.call("Clear-SignInThrottle", gone).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn every_cmdlet_answers_as_the_table_says() {
    let mut tour = Tour { office: Office::contoso().await, called: HashSet::new() };
    tour.mailboxes().await;
    tour.groups().await;
    tour.contacts_and_recipients().await;
    tour.accounts_and_other_views().await;
    tour.folders().await;
    tour.domains().await;
    tour.permissions().await;
    tour.mail().await;
    tour.rules().await;
    tour.credentials().await;
    tour.applications().await;
    let missed: Vec<&str> =
        cmdlet::all().map(|known| known.name).filter(|name| !tour.called.contains(*name)).collect();
    assert!(missed.is_empty(), "not called: {missed:?}");
}

#[tokio::test]
async fn published_records_are_compared_where_there_is_a_resolver() {
    let mut office = Office::open().await;
    let resolver = web::Resolver(std::sync::Arc::new(|_: &str, kind: &str| {
        let data = match kind {
            "MX" => Some(vec!["10 mail.contoso.com.".to_owned()]),
            "TXT" => Some(Vec::new()),
            _ => None,
        };
        Box::pin(std::future::ready(data))
    }));
    office.router = office.router.clone().layer(axum::Extension(resolver));
    let records = office.call("Get-DnsRecord", json!({ "Check": true })).await.objects();
    let status = |kind: &str| {
        let record = records.iter().find(|record| record["Type"] == kind).unwrap();
        record["Status"].as_str().unwrap().to_owned()
    };
    assert_eq!((status("MX"), status("TXT")), ("Found".into(), "Missing".into()));
    assert_eq!(status("SRV"), "Unknown");
}
