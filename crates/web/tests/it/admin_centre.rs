//! The admin centre: what a change tells, who sees which report, what searches find, and that an
//! auditor changes nothing anywhere.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use web::Scheme;

use crate::office::{NETWORK, Office};
use crate::pages::{Browser, location, office, text};

const ADMIN: &str = "admin@contoso.com";
const MARIE: &str = "marie.durand@contoso.com";
const AUDITOR: &str = "auditor@contoso.com";
const JEAN: &str = "jean.dupont@contoso.com";

async fn guid(office: &Office, cmdlet: &str, identity: &str) -> String {
    let found = office.call(cmdlet, json!({ "Identity": identity })).await.objects();
    found[0]["Guid"].as_str().unwrap().to_owned()
}

async fn support(office: &Office) -> String {
    format!("/admin/recipients/{}", guid(office, "Get-UnifiedGroup", "support").await)
}

/// What the page that follows a change says.
async fn after(browser: &mut Browser<'_>, path: &str, form: &str) -> String {
    let answer = browser.post(path, form).await;
    let path = location(&answer).to_owned();
    text(&browser.get(&path).await)
}

#[tokio::test]
async fn a_change_is_told_once_with_the_line_that_does_the_same_and_the_way_back() {
    let office = office().await;
    let team = support(&office).await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let form = "trustee=jean.dupont%40contoso.com&right=send-as&until=2026-11-30&reason=L%27appel";
    let page = after(&mut marie, &format!("{team}/grant"), form).await;
    assert!(page.contains("Jean Dupont now holds Send As"), "{page}");
    assert!(page.contains("nothing tells them who wrote it"), "the consequence is said: {page}");
    let line = "guichet grant send-as support@contoso.com jean.dupont@contoso.com \
                --until 2026-12-01T00:00:00Z --reason &#39;L&#39;\\&#39;&#39;appel&#39;";
    assert!(page.contains(line), "{page}");
    assert!(page.contains(&format!("action=\"{team}/revoke\"")), "{page}");
    let again = text(&marie.get(&format!("{team}/delegation")).await);
    assert!(!again.contains("now holds"), "it is told once: {again}");

    let form = "trustee=jean.dupont%40contoso.com&right=send-as";
    let page = after(&mut marie, &format!("{team}/revoke"), form).await;
    // The way back brings the end and the reason back too.
    assert!(page.contains("name=\"until\" value=\"2026-12-01T00:00:00Z\""), "{page}");
    assert!(page.contains("name=\"reason\" value=\"L&#39;appel\""), "{page}");
    let form = format!("{form}&until=2026-12-01T00%3A00%3A00Z&reason=L%27appel");
    after(&mut marie, &format!("{team}/grant"), &form).await;
    let directory = office.app.directory();
    let found = directory.find("support").unwrap();
    let grants = directory.grants_on(found.id);
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].until_at.map(|at| at.0), Some(1_796_083_200_000));
    assert_eq!(grants[0].reason.as_deref(), Some("L'appel"));
}

#[tokio::test]
async fn an_address_from_elsewhere_cannot_make_a_page_claim_anything() {
    let office = office().await;
    let team = support(&office).await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let query = "?done=revoked&trustee=evil%40contoso.com&right=send-as&told=evil";
    let page = text(&marie.get(&format!("{team}/delegation{query}")).await);
    assert!(!page.contains("role=\"status\""), "{page}");
    assert!(!page.contains("value=\"evil@contoso.com\""), "{page}");
}

#[tokio::test]
async fn every_kind_of_change_tells_its_line() {
    let office = office().await;
    let mut admin = Browser::signed_in(&office, ADMIN).await;
    let page = after(
        &mut admin,
        "/admin/users",
        "name=Paul+Bernard&address=paul%40contoso.com&password=long+enough&role=auditor",
    )
    .await;
    let line = "guichet user create paul@contoso.com --name &#39;Paul Bernard&#39; --role auditor";
    assert!(page.contains(line), "{page}");
    assert!(!page.contains("long enough"), "no password is told");
    let user = format!("/admin/users/{}", guid(&office, "Get-Mailbox", "paul").await);
    let team = support(&office).await;
    for (path, form, line) in [
        (&user, "what=disable", "guichet user set paul@contoso.com --disable"),
        (&user, "what=password&value=longer+still", "guichet user password paul@contoso.com"),
        (&user, "what=sign-out", "guichet user sign-out paul@contoso.com"),
        (&user, "what=quota&value=2+GB", "guichet user set paul@contoso.com --quota 2147483648"),
        (&user, "what=quota&value=", "guichet user set paul@contoso.com --quota unlimited"),
        (&team, "what=add-member&value=paul", "guichet team add-member support@contoso.com paul"),
        (
            &team,
            "what=add-channel&value=Salle+2",
            "guichet team add-channel support@contoso.com &#39;Salle 2&#39;",
        ),
        (
            &team,
            "what=convert&remove_channels=1",
            "guichet shared convert support@contoso.com --remove-channels --yes",
        ),
    ] {
        let page = after(&mut admin, path, form).await;
        assert!(page.contains(line), "{form}: {page}");
    }
    let form = "name=Contoso&reported=1&language=fr";
    let page = after(&mut admin, "/admin/settings", form).await;
    assert!(page.contains("--report monthly --language fr"), "{page}");
    let page = after(&mut admin, "/admin/domains/contoso.com", "what=default").await;
    assert!(page.contains("guichet domain set contoso.com --default"), "{page}");
    let page = after(&mut admin, &user, "what=delete").await;
    assert!(page.contains("guichet user delete paul@contoso.com --yes"), "{page}");
    let bad = admin.post(&team, "what=quota&value=5+apples").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn signing_somebody_out_ends_the_browser_and_leaves_a_record() {
    let office = office().await;
    let mut jean = Browser::signed_in(&office, JEAN).await;
    assert_eq!(jean.get("/account").await.status, StatusCode::OK);
    let user = format!("/admin/users/{}", guid(&office, "Get-Mailbox", JEAN).await);
    let mut admin = Browser::signed_in(&office, ADMIN).await;
    after(&mut admin, &user, "what=sign-out").await;
    assert!(location(&jean.get("/account").await).starts_with("/sign-in"));
    let audit = text(&admin.get("/admin/audit?operation=Remove-UserSession").await);
    assert!(audit.contains(JEAN), "{audit}");
    // The password still opens.
    Browser::signed_in(&office, JEAN).await;
}

#[tokio::test]
async fn delegation_shows_when_a_right_was_used_and_by_whom_in_a_group() {
    let office = office().await;
    let team = support(&office).await;
    let grant =
        json!({ "Identity": "support", "Trustee": "jean.dupont", "AccessRights": "SendAs" });
    office.call("Add-RecipientPermission", grant).await.objects();
    office.call("New-Mailbox", json!({ "Name": "Vente", "Shared": true })).await.objects();
    let through = json!({ "Identity": "vente", "Trustee": "support", "AccessRights": "SendAs" });
    office.call("Add-RecipientPermission", through).await.objects();
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let page = text(&marie.get(&format!("{team}/delegation")).await);
    assert!(page.contains("Last used") && page.contains("never"), "{page}");
    office.submit("jean.dupont", "support@contoso.com", "x@fabrikam.com").await.unwrap();
    let page = text(&marie.get(&format!("{team}/delegation")).await);
    assert!(page.contains("<time datetime=\"2026-09-21T14:13:00Z\">"), "{page}");
    let mut admin = Browser::signed_in(&office, ADMIN).await;
    let shared = format!("/admin/recipients/{}", guid(&office, "Get-Mailbox", "vente").await);
    let page = text(&admin.get(&format!("{shared}/delegation")).await);
    assert!(page.contains("rights of persons through this group"), "{page}");
    assert!(page.contains("Marie Durand: Send As"), "{page}");
}

#[tokio::test]
async fn room_and_licence_are_shown_where_the_mailbox_is() {
    let office = office().await;
    let team = support(&office).await;
    office.submit("marie.durand", MARIE, "support@contoso.com").await.unwrap();
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let page = text(&marie.get(&team).await);
    assert!(page.contains("of 50\u{a0}GB") && page.contains("<meter"), "{page}");
    assert!(page.contains("None: it stays within 50\u{a0}GB"), "{page}");
    assert!(!page.contains("name=\"what\" value=\"quota\""), "the quota is the administrator's");
    let denied = marie.post(&team, "what=quota&value=").await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    let mut admin = Browser::signed_in(&office, ADMIN).await;
    let page = after(&mut admin, &team, "what=quota&value=60+GB").await;
    assert!(page.contains("None yet: it may grow beyond 50\u{a0}GB"), "{page}");
    let report = text(&admin.get("/admin/reports/storage").await);
    assert!(report.contains("support@contoso.com") && report.contains("60\u{a0}GB"), "{report}");
    let page = text(&admin.get("/admin/groups").await);
    assert!(page.contains("<meter"), "{page}");
}

async fn with_traffic() -> Office {
    let office = office().await;
    let grant =
        json!({ "Identity": "support", "Trustee": "jean.dupont", "AccessRights": "SendAs" });
    office.call("Add-RecipientPermission", grant).await.objects();
    office.call("New-Mailbox", json!({ "Name": "Vente", "Shared": true })).await.objects();
    for _ in 0..2 {
        office.submit("jean.dupont", "support@contoso.com", "x@fabrikam.com").await.unwrap();
    }
    office.submit("marie.durand", MARIE, "support@contoso.com").await.unwrap();
    office.submit("marie.durand", MARIE, "vente@contoso.com").await.unwrap();
    office.submit("marie.durand", "support@contoso.com", "x@fabrikam.com").await.unwrap_err();
    office.submit("marie.durand", "vente@contoso.com", "x@fabrikam.com").await.unwrap_err();
    office.submit("jean.dupont", "ceo@elsewhere.example", "x@y.example").await.unwrap_err();
    office
}

#[tokio::test]
async fn reports_say_the_same_as_page_as_file_and_as_cmdlet() {
    let office = with_traffic().await;
    let mut auditor = Browser::signed_in(&office, AUDITOR).await;
    let rights = text(&auditor.get("/admin/reports").await);
    assert!(
        rights.contains("Jean Dupont") && rights.contains("<svg class=\"chart levels\""),
        "{rights}"
    );
    let volume = text(&auditor.get("/admin/reports/volume?days=7").await);
    assert!(volume.contains("2 sent, 2 received."), "{volume}");
    let of_team = text(&auditor.get("/admin/reports/volume?team=support%40contoso.com").await);
    assert!(of_team.contains("2 sent, 1 received."), "{of_team}");
    let refusals = text(&auditor.get("/admin/reports/refusals").await);
    assert!(refusals.contains("3 refusals."), "{refusals}");
    assert!(refusals.contains("No right to send as it"), "{refusals}");
    assert!(refusals.contains("status=Refused"), "the trace is linked");

    let csv = auditor.get("/admin/reports/file/volume/csv?days=7").await;
    assert_eq!(csv.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8; header=present");
    assert_eq!(csv.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"volume.csv\"");
    let expected = "Date,Recipient,RecipientDisplayName,Sent,Received\r\n\
                    2026-09-21,support@contoso.com,Support,2,1\r\n\
                    2026-09-21,vente@contoso.com,Vente,0,1\r\n";
    assert_eq!(text(&csv), expected);
    for (report, cmdlet) in [
        ("volume", "Get-VolumeReport"),
        ("refusals", "Get-SendAsDeniedReport"),
        ("storage", "Get-StorageReport"),
    ] {
        let file = auditor.get(&format!("/admin/reports/file/{report}/json")).await;
        let file: Vec<Value> = serde_json::from_str(&text(&file)).unwrap();
        let called = office.call(cmdlet, json!({})).await.objects();
        assert_eq!(file.len(), called.len(), "{report}");
        for (row, object) in file.iter().zip(&called) {
            for (name, value) in row.as_object().unwrap().iter().filter(|it| !it.0.ends_with("UTC"))
            {
                assert_eq!(value, &object[name], "{report} {name}");
            }
        }
    }
    let page = auditor.get("/admin/reports/file/rights/html").await;
    assert!(text(&page).contains("</html>"));
    assert_eq!(auditor.get("/admin/reports/file/volume/html").await.status, StatusCode::NOT_FOUND);
    assert_eq!(auditor.get("/admin/reports/file/x/csv").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_owner_sees_reports_of_the_own_teams_and_a_member_none() {
    let office = with_traffic().await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    for path in [
        "/admin/reports",
        "/admin/reports/volume",
        "/admin/reports/refusals",
        "/admin/reports/storage",
        "/admin/reports/file/rights/csv",
        "/admin/reports/file/rights/json",
        "/admin/reports/file/volume/csv",
        "/admin/reports/file/refusals/csv",
        "/admin/reports/file/storage/csv",
    ] {
        let answer = marie.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let page = text(&answer);
        assert!(page.contains("upport"), "{path}: {page}");
        assert!(!page.contains("vente@") && !page.contains("Vente"), "{path}: {page}");
        assert!(!page.contains("ceo@elsewhere"), "{path}: {page}");
        assert!(!page.contains("/admin/trace"), "{path}: the trace is not hers");
    }
    let mut jean = Browser::signed_in(&office, JEAN).await;
    for path in ["/admin/reports", "/admin/reports/volume", "/admin/reports/file/rights/csv"] {
        assert_eq!(jean.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn an_auditor_reads_every_page_and_changes_nothing() {
    let office = with_traffic().await;
    let team = support(&office).await;
    let user = format!("/admin/users/{}", guid(&office, "Get-Mailbox", JEAN).await);
    office.call("New-MailContact", json!({ "Name": "F", "ExternalEmailAddress": "f@x.org" })).await;
    let contact = guid(&office, "Get-MailContact", "f@x.org").await;
    let version = office.app.directory().version();
    let mut auditor = Browser::signed_in(&office, AUDITOR).await;
    let delegation = format!("{team}/delegation");
    for path in [
        "/admin/groups",
        "/admin/shared",
        "/admin/users",
        "/admin/contacts",
        "/admin/domains",
        "/admin/domains/contoso.com",
        "/admin/trace",
        "/admin/queue",
        "/admin/audit",
        "/admin/settings",
        &team,
        &delegation,
        &user,
    ] {
        let answer = auditor.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let page = text(&answer);
        assert_eq!(page.matches("method=\"post\"").count(), 2, "only the frame's forms: {path}");
    }
    let forms = [
        (format!("{team}/grant"), "trustee=auditor&right=send-as"),
        (format!("{team}/revoke"), "trustee=jean.dupont&right=send-as"),
        (team.clone(), "what=delete"),
        (team.clone(), "what=add-owner&value=auditor"),
        (team.clone(), "what=quota&value="),
        (team.clone(), "what=settings"),
        (team.clone(), "what=convert&remove_channels=1"),
        (user.clone(), "what=role&value=administrator"),
        (user.clone(), "what=disable"),
        (user.clone(), "what=password&value=long+enough"),
        (user.clone(), "what=sign-out"),
        (user.clone(), "what=quota&value=1+GB"),
        (user, "what=delete"),
        (format!("/admin/contacts/{contact}"), "what=delete"),
        ("/admin/users".to_owned(), "name=X&address=x%40contoso.com&password=long+enough&role="),
        ("/admin/new/group".to_owned(), "name=X&address=x%40contoso.com"),
        ("/admin/new/shared".to_owned(), "name=X&address=x%40contoso.com"),
        ("/admin/new/contact".to_owned(), "name=X&address=x%40x.org"),
        ("/admin/domains".to_owned(), "name=x.org"),
        ("/admin/domains/contoso.com".to_owned(), "what=delete"),
        ("/admin/settings".to_owned(), "name=X"),
        ("/admin/queue/1".to_owned(), "what=drop"),
    ];
    for (path, form) in forms {
        let answer = auditor.post(&path, form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {form}: {}", text(&answer));
    }
    assert_eq!(office.app.directory().version(), version);
}

#[tokio::test]
async fn audit_search_narrows_turns_its_pages_and_is_kept_as_a_file() {
    let office = office().await;
    for number in 0..60 {
        let new = json!({ "Name": format!("C{number}"), "ExternalEmailAddress": format!("c{number}@x.org") });
        office.call("New-MailContact", new).await.objects();
    }
    let mut auditor = Browser::signed_in(&office, AUDITOR).await;
    let page = text(&auditor.get("/admin/audit?operation=New-MailContact").await);
    assert_eq!(page.matches("<code>New-MailContact</code>").count(), 50);
    let at = page.find("/admin/audit?operation=New%2DMailContact&#38;before=").unwrap();
    let next = page[at..].split('"').next().unwrap().replace("&#38;", "&");
    let page = text(&auditor.get(&next).await);
    assert_eq!(page.matches("<code>New-MailContact</code>").count(), 10, "{next}: {page}");
    assert!(!page.contains("rel=\"next\""), "{page}");
    let none = text(&auditor.get("/admin/audit?from=2027-01-01").await);
    assert!(none.contains("No record is like that"), "{none}");
    let some = text(
        &auditor.get("/admin/audit?from=2026-09-21&to=2026-09-21&actor=local+administrator").await,
    );
    assert!(some.contains("New-MailContact"), "{some}");
    assert!(some.contains("guichet audit --user &#39;local administrator&#39; --since 2026-09-21"));
    let bad = auditor.get("/admin/audit?from=yesterday").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    let csv = text(&auditor.get("/admin/audit/file/csv?operation=New-MailContact").await);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 61, "{csv}");
    assert!(lines[0].starts_with("Number,WhenUTC,Actor,Operation,Object,Reason,"), "{csv}");
    assert!(lines[1].contains("local administrator,New-MailContact,"), "{csv}");
    let json = text(&auditor.get("/admin/audit/file/jsonl?operation=New-MailContact").await);
    let first: Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(first["Operation"], "New-MailContact");
    assert_eq!(first["Hash"].as_str().unwrap().len(), 64);
    let verified = text(&auditor.get("/admin/audit?verify=1").await);
    assert!(verified.contains("The chain is whole"), "{verified}");
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let file = marie.get("/admin/audit/file/csv").await;
    assert_eq!(file.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_trace_narrows_and_turns_without_losing_a_recipient() {
    let office = office().await;
    for _ in 0..60 {
        office.submit("marie.durand", MARIE, JEAN).await.unwrap();
        office.submit("jean.dupont", JEAN, "support@contoso.com").await.unwrap();
    }
    office.submit("jean.dupont", "support@contoso.com", "x@y.example").await.unwrap_err();
    let mut auditor = Browser::signed_in(&office, AUDITOR).await;
    let mut next = "/admin/trace".to_owned();
    let (mut rows, mut pages) = (0, 0);
    loop {
        let page = text(&auditor.get(&next).await);
        rows += page.matches("<td data-label=\"Status\">").count();
        pages += 1;
        let Some(at) = page.find("href=\"/admin/trace?before=") else { break };
        next = page[at + 6..].split('"').next().unwrap().to_owned();
    }
    assert_eq!((rows, pages), (121, 2));
    let refused = text(&auditor.get("/admin/trace?status=Refused").await);
    assert_eq!(refused.matches("<td data-label=\"Status\">").count(), 1, "{refused}");
    let at = refused.find("/admin/trace/G").unwrap();
    let link = refused[at..].split('"').next().unwrap().to_owned();
    let message = text(&auditor.get(&link).await);
    assert!(message.contains("href=\"/why/G"), "{message}");
    let none = text(&auditor.get("/admin/trace?to=2020-01-01").await);
    assert!(!none.contains("data-label=\"Status\""), "{none}");
}

#[tokio::test]
async fn the_queue_narrows_by_word_and_state() {
    let office = office().await;
    for to in ["a@fabrikam.com", "b@northwind.example"] {
        office.submit("marie.durand", MARIE, to).await.unwrap();
    }
    let mut admin = Browser::signed_in(&office, ADMIN).await;
    let page = text(&admin.get("/admin/queue?q=northwind").await);
    assert!(page.contains("b@northwind.example") && !page.contains("a@fabrikam.com"), "{page}");
    let at = page.find("action=\"/admin/queue/").unwrap();
    let path = page[at + 8..].split('"').next().unwrap().to_owned();
    let told = after(&mut admin, &path, "what=hold").await;
    assert!(told.contains("guichet queue hold "), "{told}");
    let held = text(&admin.get("/admin/queue?state=held").await);
    assert!(held.contains("b@northwind.example") && !held.contains("a@fabrikam.com"), "{held}");
    let told = after(&mut admin, &path, "what=drop-silently").await;
    assert!(told.contains("--silent --yes") && !told.contains("b@northwind"), "{told}");
}

#[tokio::test]
async fn what_people_wrote_is_text_in_charts_files_and_what_is_told() {
    let office = office().await;
    let name = "<script>x</script>=1+1";
    office.call("New-Mailbox", json!({ "Name": name, "Alias": "evil", "Shared": true })).await;
    office.submit("marie.durand", MARIE, "evil@contoso.com").await.unwrap();
    let author = "\"<script>y</script>\"@contoso.com";
    let _ = office.submit("marie.durand", author, "x@fabrikam.com").await;
    let mut admin = Browser::signed_in(&office, ADMIN).await;
    for path in [
        "/admin/reports",
        "/admin/reports/volume?team=evil%40contoso.com",
        "/admin/reports/refusals",
        "/admin/reports/storage",
    ] {
        let page = text(&admin.get(path).await);
        assert!(!page.contains("<script>x") && !page.contains("<script>y"), "{path}: {page}");
        assert!(!page.contains("style=\""), "{path}");
    }
    let told = after(&mut admin, "/admin/new/contact", "name=%3Cb%3Ex&address=x%40x.org").await;
    assert!(!told.contains("<b>x"), "{told}");
}

#[tokio::test]
async fn what_was_told_does_not_go_with_requests_of_the_script() {
    let office = office().await;
    let team = support(&office).await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let form = "trustee=jean.dupont&right=send-as";
    marie.post(&format!("{team}/grant"), form).await;
    assert!(marie.told.is_some());
    let cookies = [&marie.cookie, &marie.told].map(|it| it.clone().unwrap()).join("; ");
    let typed = Request::get("/admin/groups?q=su")
        .header(header::COOKIE, cookies)
        .header("hx-request", "true")
        .extension(NETWORK)
        .extension(Scheme("https"));
    let part = office.send(typed.body(Body::empty()).unwrap()).await;
    assert_eq!(part.status, StatusCode::OK);
    assert!(!part.headers.contains_key(header::SET_COOKIE), "what is typed asks for no page");
    // A page that cannot be shown leaves it for the next.
    let missing = marie.ask(Method::GET, "/admin/recipients/none", None, true).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(marie.told.is_some());
    marie.get(&format!("{team}/delegation")).await;
    assert!(marie.told.is_none());
}
