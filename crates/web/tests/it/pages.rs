//! The pages as a browser asks for them: signing in, who sees what, what a form does.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;
use web::Scheme;

use crate::office::{Answer, NETWORK, Office, PASSWORD};

/// A browser with its cookie.
pub(crate) struct Browser<'a> {
    office: &'a Office,
    pub(crate) cookie: Option<String>,
    /// What the last change told, until a page has shown it.
    pub(crate) told: Option<String>,
    pub(crate) language: &'static str,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(office: &'a Office) -> Browser<'a> {
        Browser { office, cookie: None, told: None, language: "en" }
    }

    pub(crate) async fn signed_in(office: &'a Office, login: &str) -> Browser<'a> {
        let mut browser = Browser::new(office);
        let answer = browser.post("/sign-in", &sign_in(login, PASSWORD)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", text(&answer));
        browser
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path, None, true).await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &str) -> Answer {
        self.ask(Method::POST, path, Some(form), true).await
    }

    pub(crate) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        form: Option<&str>,
        ours: bool,
    ) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        self.send((method, path), form.map(|form| (kind, form.as_bytes().to_vec())), ours).await
    }

    /// Posts a form with files.
    pub(crate) async fn post_multipart(&mut self, path: &str, body: Vec<u8>) -> Answer {
        let kind = "multipart/form-data; boundary=form";
        self.send((Method::POST, path), Some((kind, body)), true).await
    }

    async fn send(
        &mut self,
        (method, path): (Method, &str),
        form: Option<(&str, Vec<u8>)>,
        ours: bool,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "mail.contoso.com")
            .header(header::ACCEPT_LANGUAGE, self.language)
            .extension(NETWORK)
            .extension(Scheme("https"));
        if ours {
            request = request.header("sec-fetch-site", "same-origin");
        }
        let cookies: Vec<&str> =
            [&self.cookie, &self.told].into_iter().flatten().map(String::as_str).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let request = match form {
            Some((kind, body)) => request.header(header::CONTENT_TYPE, kind).body(Body::from(body)),
            None => request.body(Body::empty()),
        };
        let response = self.office.router.clone().oneshot(request.unwrap()).await.unwrap();
        if let Some(line) = response.headers().get(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            assert!(line.contains("; HttpOnly; SameSite=Lax; Secure") || line.contains("language"));
            let pair = line.split(';').next().map(str::to_owned);
            if line.starts_with("__Host-guichet-told=") {
                self.told = pair.filter(|_| !line.contains("Max-Age=0"));
            } else {
                self.cookie = pair;
            }
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        Answer { status, headers, body }
    }
}

pub(crate) fn sign_in(login: &str, password: &str) -> String {
    format!("login={login}&password={}", password.replace(' ', "+"))
}

pub(crate) fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

pub(crate) fn location(answer: &Answer) -> &str {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", text(answer));
    answer.headers[header::LOCATION].to_str().unwrap()
}

/// The contoso office with Marie's and the auditor's password set.
pub(crate) async fn office() -> Office {
    let office = Office::contoso().await;
    for who in ["marie.durand", "jean.dupont", "auditor"] {
        office.set_password(&format!("{who}@contoso.com"), PASSWORD).await;
    }
    office
}

async fn delegation_of(office: &Office, group: &str) -> String {
    let found = office.call("Get-UnifiedGroup", json!({ "Identity": group })).await.objects();
    format!("/admin/recipients/{}/delegation", found[0]["Guid"].as_str().unwrap())
}

#[tokio::test]
async fn a_page_leads_to_the_sign_in_and_back() {
    let office = office().await;
    let mut browser = Browser::new(&office);
    let asked = browser.get("/admin/groups?q=a").await;
    assert_eq!(location(&asked), "/sign-in?next=%2Fadmin%2Fgroups%3Fq%3Da");
    let page = browser.get("/sign-in?next=%2Fadmin%2Fgroups%3Fq%3Da").await;
    assert!(text(&page).contains("name=\"next\" value=\"/admin/groups?q=a\""));
    let form =
        format!("{}&next=%2Fadmin%2Fgroups%3Fq%3Da", sign_in("marie.durand@contoso.com", PASSWORD));
    let answer = browser.post("/sign-in", &form).await;
    assert_eq!(location(&answer), "/admin/groups?q=a");
    assert!(browser.cookie.as_ref().unwrap().starts_with("__Host-guichet="));
    assert_eq!(browser.get("/admin/groups").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_nothing_leads_elsewhere() {
    let office = office().await;
    let mut browser = Browser::new(&office);
    let form = sign_in("marie.durand@contoso.com", "wrong");
    let answer = browser.post("/sign-in", &form).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(text(&answer).contains("The address or the password is wrong."));
    assert!(browser.cookie.is_none());
    let form = format!("{}&next=%2F%2Fevil.example", sign_in("marie.durand@contoso.com", PASSWORD));
    assert_eq!(location(&browser.post("/sign-in", &form).await), "/");
}

#[tokio::test]
async fn a_sign_out_and_a_new_password_end_the_session() {
    let office = office().await;
    let mut browser = Browser::signed_in(&office, "marie.durand@contoso.com").await;
    let before = browser.cookie.clone();
    assert_eq!(location(&browser.post("/sign-out", "").await), "/sign-in");
    browser.cookie = before;
    assert!(location(&browser.get("/account").await).starts_with("/sign-in"));
    let mut browser = Browser::signed_in(&office, "marie.durand@contoso.com").await;
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    office.set_password("marie.durand@contoso.com", "another password").await;
    assert!(location(&browser.get("/account").await).starts_with("/sign-in"));
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let office = office().await;
    let mut browser = Browser::signed_in(&office, "admin@contoso.com").await;
    let path = delegation_of(&office, "support").await.replace("delegation", "grant");
    let form = "trustee=jean.dupont&right=send-as";
    let answer = browser.ask(Method::POST, &path, Some(form), false).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let held = office.call("Get-RecipientPermission", json!({ "Identity": "support" })).await;
    assert!(held.objects().is_empty());
}

#[tokio::test]
async fn an_owner_grants_and_takes_back_on_the_delegation_page() {
    let office = office().await;
    let mut browser = Browser::signed_in(&office, "marie.durand@contoso.com").await;
    let page = delegation_of(&office, "support").await;
    let list = text(&browser.get("/admin/groups").await);
    assert!(list.contains(&page), "{list}");
    assert!(text(&browser.get(&page).await).contains("jean.dupont@contoso.com"));
    let form = "trustee=jean.dupont%40contoso.com&right=send-as&until=2027-01-31&reason=Holidays";
    let granted = browser.post(&page.replace("delegation", "grant"), form).await;
    let shown = text(&browser.get(location(&granted)).await);
    assert!(shown.contains("Jean Dupont now holds Send As"), "{shown}");
    assert!(shown.contains("Holidays"));
    let held = office.call("Get-RecipientPermission", json!({ "Identity": "support" })).await;
    assert_eq!(held.objects().len(), 1);
    let form = "trustee=jean.dupont%40contoso.com&right=send-as";
    let revoked = browser.post(&page.replace("delegation", "revoke"), form).await;
    assert!(
        text(&browser.get(location(&revoked)).await)
            .contains("Jean Dupont no longer holds Send As")
    );
    let bad = browser
        .post(
            &page.replace("delegation", "grant"),
            "trustee=jean.dupont%40contoso.com&right=send-as&until=tomorrow",
        )
        .await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn nobody_sees_or_changes_what_is_not_theirs() {
    let office = office().await;
    let page = delegation_of(&office, "support").await;
    let form = "trustee=jean.dupont%40contoso.com&right=send-as";
    let mut member = Browser::signed_in(&office, "jean.dupont@contoso.com").await;
    assert_eq!(member.get(&page).await.status, StatusCode::NOT_FOUND);
    assert_eq!(member.get("/admin/groups").await.status, StatusCode::FORBIDDEN);
    let answer = member.post(&page.replace("delegation", "grant"), form).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let mut auditor = Browser::signed_in(&office, "auditor@contoso.com").await;
    let shown = auditor.get(&page).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(!text(&shown).contains("/grant"), "an auditor is offered no change");
    let answer = auditor.post(&page.replace("delegation", "grant"), form).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn pages_speak_french_and_carry_the_headers_that_guard_them() {
    let office = office().await;
    let mut browser = Browser::signed_in(&office, "admin@contoso.com").await;
    browser.language = "fr-FR";
    let page = browser.get("/account").await;
    assert!(text(&page).contains("<html lang=\"fr\">"));
    assert!(text(&page).contains("Mon compte"));
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(!policy.contains("unsafe"));
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    assert!(page.headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
}

#[tokio::test]
async fn what_people_are_called_is_shown_as_text() {
    let office = office().await;
    let name = "<script>alert(1)</script>\" onload=x";
    office.call("New-Mailbox", json!({ "Name": name, "Alias": "evil" })).await.objects();
    let links = json!({ "Identity": "support", "LinkType": "Members", "Links": "evil" });
    office.call("Add-UnifiedGroupLinks", links).await;
    let mut browser = Browser::signed_in(&office, "admin@contoso.com").await;
    let page = text(&browser.get(&delegation_of(&office, "support").await).await);
    assert!(page.contains("&#60;script&#62;") || page.contains("&lt;script&gt;"), "{page}");
    assert!(!page.contains("<script>alert"));
    assert!(!page.contains("\" onload=x"));
}

#[tokio::test]
async fn trace_and_audit_show_what_happened() {
    let office = office().await;
    office
        .submit("marie.durand", "marie.durand@contoso.com", "jean.dupont@contoso.com")
        .await
        .unwrap();
    office.submit("jean.dupont", "support@contoso.com", "x@fabrikam.com").await.unwrap_err();
    let mut auditor = Browser::signed_in(&office, "auditor@contoso.com").await;
    let page = text(&auditor.get("/admin/trace").await);
    assert!(page.contains("Bonjour") && page.contains("Delivered"), "{page}");
    assert!(page.contains("Refused"));
    let nothing = text(&auditor.get("/admin/trace?q=nobody-at-all").await);
    assert!(nothing.contains("Nothing has this name"));
    let at = page.find("/admin/trace/").unwrap();
    let link = page[at..].split('"').next().unwrap().to_owned();
    let message = auditor.get(&link).await;
    assert_eq!(message.status, StatusCode::OK);
    let audit = text(&auditor.get("/admin/audit?q=New-UnifiedGroup&verify=1").await);
    assert!(audit.contains("The chain is whole"), "{audit}");
    assert!(audit.contains("support@contoso.com"));
    let queue = text(&auditor.get("/admin/queue").await);
    assert!(queue.contains("Nothing is waiting"));
    let mut owner = Browser::signed_in(&office, "marie.durand@contoso.com").await;
    for path in ["/admin/trace", "/admin/audit", "/admin/queue", &link] {
        assert_eq!(owner.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn an_administrator_creates_people_groups_and_contacts() {
    let office = office().await;
    let mut admin = Browser::signed_in(&office, "admin@contoso.com").await;
    let form =
        "name=Paul+Bernard&address=paul.bernard%40contoso.com&password=long+enough&role=auditor";
    let path = location(&admin.post("/admin/users", form).await).to_owned();
    let page = text(&admin.get(&path).await);
    assert!(page.contains("value=\"auditor\" selected"), "{page}");
    let mut paul = Browser::new(&office);
    let signed =
        paul.post("/sign-in", "login=paul.bernard%40contoso.com&password=long+enough").await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER);
    assert_eq!(location(&admin.post(&path, "what=disable").await), path);
    assert!(location(&paul.get("/account").await).starts_with("/sign-in"), "disabled at once");
    let group =
        "name=Ventes&address=ventes%40contoso.com&owners=marie.durand%2C+jean.dupont&team=1";
    let delegation = location(&admin.post("/admin/new/group", group).await).to_owned();
    let page = text(&admin.get(&delegation).await);
    assert!(page.contains("ventes@contoso.com") && page.contains("Jean Dupont"), "{page}");
    let contact = "name=Fabrikam&address=info%40fabrikam.com";
    assert_eq!(location(&admin.post("/admin/new/contact", contact).await), "/admin/contacts");
    assert!(text(&admin.get("/admin/contacts").await).contains("info@fabrikam.com"));
    let taken = "name=Again&address=ventes%40contoso.com";
    let refused = admin.post("/admin/new/shared", taken).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(&refused).contains("Ventes"), "the holder is named");
    assert_eq!(location(&admin.post(&path, "what=delete").await), "/admin/users");
    assert_eq!(admin.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn domains_show_the_records_to_publish() {
    let office = office().await;
    let mut admin = Browser::signed_in(&office, "admin@contoso.com").await;
    assert!(text(&admin.get("/admin/domains").await).contains("contoso.com"));
    let page = text(&admin.get("/admin/domains/contoso.com").await);
    assert!(page.contains("v=spf1"), "{page}");
    let mut auditor = Browser::signed_in(&office, "auditor@contoso.com").await;
    let answer = auditor.post("/admin/domains/contoso.com", "what=delete").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_owner_manages_the_group_and_an_administrator_converts_one() {
    let office = office().await;
    let mut owner = Browser::signed_in(&office, "marie.durand@contoso.com").await;
    let page = delegation_of(&office, "support").await.replace("/delegation", "");
    assert!(text(&owner.get(&page).await).contains("Jean Dupont"));
    let removed = owner.post(&page, "what=remove-member&value=jean.dupont%40contoso.com").await;
    assert_eq!(location(&removed), page);
    let shown = text(&owner.get(&page).await);
    assert!(!shown.contains("Jean Dupont"), "{shown}");
    let address = owner.post(&page, "what=add-address&value=aide%40contoso.com").await;
    assert_eq!(address.status, StatusCode::FORBIDDEN, "addresses are the administrator's");
    let convert = format!("{page}/convert");
    assert_eq!(owner.get(&convert).await.status, StatusCode::FORBIDDEN);

    let mut admin = Browser::signed_in(&office, "admin@contoso.com").await;
    let preview = text(&admin.get(&convert).await);
    assert!(preview.contains("name=\"remove_channels\""), "channels go only if told: {preview}");
    let refused = admin.post(&page, "what=convert").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "channels are in the way");
    let group = "name=Factures&address=factures%40contoso.com&members=jean.dupont";
    let made = location(&admin.post("/admin/new/group", group).await).to_owned();
    let page = made.replace("/delegation", "");
    let preview = text(&admin.get(&format!("{page}/convert")).await);
    assert!(preview.contains("Convert now") && preview.contains("Jean Dupont"), "{preview}");
    assert_eq!(location(&admin.post(&page, "what=convert").await), made);
    let shown = text(&admin.get(&made).await);
    assert!(shown.contains("Full Access"), "{shown}");
    let found = office.call("Get-Mailbox", json!({ "Identity": "factures" })).await.objects();
    assert_eq!(found[0]["RecipientTypeDetails"], "SharedMailbox");
}
