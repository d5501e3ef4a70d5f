//! Every route of the pages, asked by everybody: whoever may not, sees nothing and changes nothing.
//!
//! The table has a row for each method of each route; a route of the sources that is in no row is a
//! failure. What stands in the directory and in the mail of this office is called by names that
//! would run in a browser if a page forgot to write them as text.

use std::collections::BTreeSet;
use std::path::Path;

use app::mailbox::change::Brought;
use app::reading::{Flags, FolderRole};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use domain::FolderId;
use serde_json::json;
use tower::ServiceExt as _;
use web::Scheme;

use crate::mail::folder;
use crate::office::{Answer, NETWORK, NOW, Office, PASSWORD};
use crate::pages::{Browser, location, office, text};

mod table;

use table::{ROWS, Row};

/// Part of every name. A page that has it as it stands has let an element in.
const ELEMENT: &str = "<xss ";
const NAME: &str = "\"'><xss onclick=x>";

/// Who asks; the columns of the table.
const ROLES: [&str; 6] = ["", "paul.bernard", "jean.dupont", "auditor", "admin", "marie.durand"];
/// The column of the owner, whose things are asked for.
const OWNER: usize = 5;

/// The office, and the names of what the paths and forms of the table lead to.
struct World {
    office: Office,
    names: Vec<(&'static str, String)>,
}

impl World {
    fn filled(&self, template: &str) -> String {
        self.names.iter().fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

fn after<'a>(page: &'a str, before: &str) -> &'a str {
    let at = page.find(before).unwrap_or_else(|| panic!("{before} is not in {page}"));
    page[at + before.len()..].split(['"', '<', '/', '?']).next().unwrap()
}

async fn guid(office: &Office, cmdlet: &str, identity: &str) -> String {
    let found = office.call(cmdlet, json!({ "Identity": identity })).await.objects();
    found[0]["Guid"].as_str().unwrap().to_owned()
}

/// Puts a message into an inbox that Marie reaches; gives folder and UID.
async fn put(office: &Office, mailbox: &str) -> (String, String) {
    let marie = office.app.directory().find("marie.durand").unwrap().id;
    let inbox = folder(office, "marie.durand", mailbox, FolderRole::Inbox).await;
    let (folder, place) = office.app.folder(marie, FolderId(inbox), NOW).await.unwrap();
    let message = format!(
        "From: {NAME} <x@fabrikam.com>\r\nTo: {NAME} <support@contoso.com>\r\nSubject: {NAME}\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n\
         <p>x</p>{NAME}\r\n--b\r\nContent-Type: image/svg+xml\r\nContent-Disposition: attachment;\r\n \
         filename=\"'><xss onclick=x>.svg\"\r\n\r\n<svg/>\r\n--b--\r\n"
    );
    let brought = Brought { content: message.into(), flags: Flags::NONE, internal_at: None };
    let appended = office.app.append(&place, vec![brought], NOW).await.unwrap();
    (folder.id.0.to_string(), appended[0].uid.to_string())
}

async fn furnish(office: &Office) {
    let rule = json!({ "Name": "Marked", "Comments": NAME, "PrependSubject": "<xss a>" });
    office.call("New-TransportRule", rule).await.objects();
    let called = |identity: &str| json!({ "Identity": identity, "DisplayName": NAME });
    office.call("Set-UnifiedGroup", called("support")).await.objects();
    office.call("Set-Mailbox", called("jean.dupont")).await.objects();
    let shared = json!({ "Name": NAME, "Alias": "billing", "Shared": true });
    office.call("New-Mailbox", shared).await.objects();
    let plain = json!({ "DisplayName": NAME, "Alias": "sales", "Owner": ["marie.durand"] });
    office.call("New-UnifiedGroup", plain).await.objects();
    let paul = json!({ "Name": "Paul Bernard", "Alias": "paul.bernard" });
    office.call("New-Mailbox", paul).await.objects();
    office.set_password("paul.bernard@contoso.com", PASSWORD).await;
    let contact = json!({ "Name": NAME, "Alias": "orders", "ExternalEmailAddress": "o@x.example" });
    office.call("New-MailContact", contact).await.objects();
}

async fn world() -> World {
    let office = office().await;
    furnish(&office).await;
    let mut names = vec![
        ("{group}", guid(&office, "Get-UnifiedGroup", "support").await),
        ("{plain}", guid(&office, "Get-UnifiedGroup", "sales").await),
        ("{shared}", guid(&office, "Get-Mailbox", "billing").await),
        ("{user}", guid(&office, "Get-Mailbox", "jean.dupont").await),
        ("{rule}", guid(&office, "Get-TransportRule", "Marked").await),
        ("{contact}", guid(&office, "Get-MailContact", "orders").await),
    ];
    let marie = "marie.durand@contoso.com";
    office.submit("marie.durand", marie, "x@fabrikam.com").await.unwrap();
    let denied = office.submit("jean.dupont", "support@contoso.com", "x@fabrikam.com").await;
    let Err(app::submit::SubmitError::Denied(denial)) = denied else { panic!("{denied:?}") };
    names.push(("{reference}", denial.reference));
    let queued = office.call("Get-QueuedMessage", json!({})).await.objects();
    names.push((
        "{entry}",
        queued[0]["Identity"].as_i64().map_or_else(
            || queued[0]["Identity"].as_str().unwrap().to_owned(),
            |id| id.to_string(),
        ),
    ));
    let (folder, uid) = put(&office, "marie.durand").await;
    names.extend([("{folder}", folder), ("{uid}", uid)]);
    let (folder, uid) = put(&office, "support").await;
    names.extend([("{team}", folder), ("{teamuid}", uid)]);
    names.extend(own_things(&office, marie).await);
    World { office, names }
}

/// What Marie keeps for herself, and a request that waits for her.
async fn own_things(office: &Office, marie: &str) -> Vec<(&'static str, String)> {
    let mut browser = Browser::signed_in(office, marie).await;
    let own = "password=correct+horse&name=%22%27%3E%3Cxss+onclick%3Dx%3E";
    browser.post("/account/app-passwords", own).await;
    browser.post("/account/tokens", &format!("{own}&read=1")).await;
    let programs = text(&browser.get("/account/programs").await);
    let (kept, tokens) = programs.split_at(programs.find("/account/tokens/revoke").unwrap());
    let sessions = text(&browser.get("/account").await);
    let boundary = "--form\r\nContent-Disposition: form-data; name=";
    let draft = format!("{boundary}\"subject\"\r\n\r\n{NAME}\r\n--form--\r\n");
    // Her second: drafts are numbered for each person, and others have a first.
    browser.post_multipart("/compose", draft.clone().into_bytes()).await;
    let saved = browser.post_multipart("/compose", draft.into_bytes()).await;
    let draft = location(&saved).split(['=', '&']).nth(1).unwrap().to_owned();
    let trace =
        text(&Browser::signed_in(office, "admin@contoso.com").await.get("/admin/trace").await);
    let mut jean = Browser::signed_in(office, "jean.dupont@contoso.com").await;
    let refused = format!(
        "{boundary}\"from\"\r\n\r\nsupport@contoso.com\r\n{boundary}\"to\"\r\n\r\n{marie}\r\n\
         {boundary}\"subject\"\r\n\r\n{NAME}\r\n{boundary}\"action\"\r\n\r\nsend\r\n--form--\r\n"
    );
    let refused = jean.post_multipart("/compose", refused.into_bytes()).await;
    let refused = location(&refused).split(['=', '&']).nth(1).unwrap().to_owned();
    let words = "words=%22%27%3E%3Cxss+onclick%3Dx%3E";
    let asked = jean.post("/ask", &format!("draft={refused}&{words}")).await;
    vec![
        ("{password}", after(kept, "name=\"id\" value=\"").to_owned()),
        ("{token}", after(tokens, "name=\"id\" value=\"").to_owned()),
        ("{session}", after(&sessions, "name=\"id\" value=\"").to_owned()),
        ("{draft}", draft),
        ("{trace}", after(&trace, "/admin/trace/").to_owned()),
        ("{request}", location(&asked).split(['/', '?']).nth(2).unwrap().to_owned()),
    ]
}

/// Asks a row of the table, and stays signed in.
async fn ask(world: &World, browser: &mut Browser<'_>, row: &Row) -> Answer {
    let (before, path) = (browser.cookie.clone(), world.filled(row.path));
    let form = row.form.map(|form| world.filled(form));
    let answer = match form {
        None if row.path == "/live" => begun(world, &path, before.as_deref()).await,
        None => browser.get(&path).await,
        Some(form) if form.starts_with("--form") => {
            browser.post_multipart(&path, form.into_bytes()).await
        }
        Some(form) => browser.post(&path, &form).await,
    };
    let is_session = |cookie: &String| cookie.starts_with("__Host-guichet=");
    if row.ends_session || !browser.cookie.as_ref().is_some_and(is_session) {
        browser.cookie = before;
    }
    answer
}

/// The beginning of an answer that has no end.
async fn begun(world: &World, path: &str, cookie: Option<&str>) -> Answer {
    let request = Request::get(path)
        .header(header::HOST, "mail.contoso.com")
        .header(header::COOKIE, cookie.unwrap_or_default())
        .extension(NETWORK)
        .extension(Scheme("https"));
    let request = request.body(Body::empty()).unwrap();
    let answer = world.office.router.clone().oneshot(request).await.unwrap();
    Answer { status: answer.status(), headers: answer.headers().clone(), body: Vec::new() }
}

fn expect_guarded(answer: &Answer, of: &str) {
    let has = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
    let policy = has("content-security-policy").unwrap_or_default();
    assert!(policy.contains("default-src 'none'"), "{of}: {policy}");
    let is_page = policy.contains("frame-ancestors") && policy.contains("base-uri 'none'");
    assert!(is_page || policy.contains("sandbox"), "{of}: {policy}");
    assert!(!policy.contains("script-src 'unsafe") && !policy.contains("unsafe-eval"), "{of}");
    assert_eq!(has("x-content-type-options"), Some("nosniff"), "{of}");
    assert!(has("referrer-policy").is_some() && has("x-frame-options").is_some(), "{of}");
    assert!(has("strict-transport-security").is_some(), "{of}");
    assert!(has("cache-control").is_some(), "{of}");
    let kind = has("content-type").unwrap_or_default();
    if kind.starts_with("text/html") {
        assert!(!text(answer).contains(ELEMENT), "{of}: a name became an element");
    }
}

#[tokio::test]
async fn every_route_answers_each_as_the_table_says() {
    let world = world().await;
    let mut wrong = Vec::new();
    for (column, login) in ROLES.iter().enumerate() {
        if column == OWNER {
            owner_has_lost_nothing(&world).await;
        }
        let address = format!("{login}@contoso.com");
        let mut browser = match *login {
            "" => Browser::new(&world.office),
            _ => Browser::signed_in(&world.office, &address).await,
        };
        for row in ROWS {
            if row.ends_session && !login.is_empty() {
                browser = Browser::signed_in(&world.office, &address).await;
            }
            let version = world.office.app.directory().version();
            let answer = ask(&world, &mut browser, row).await;
            let method = if row.form.is_some() { "POST" } else { "GET" };
            let of = format!("{login} {method} {}", row.path);
            expect_guarded(&answer, &of);
            let status = answer.status.as_u16();
            if status != row.expected[column] {
                wrong.push(format!("{of} {:?}: {status}, not {}", row.form, row.expected[column]));
            }
            if matches!(status, 401 | 403 | 404) {
                let now = world.office.app.directory().version();
                assert_eq!(now, version, "{of}: refused, and done all the same");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Everybody else has tried by now.
async fn owner_has_lost_nothing(world: &World) {
    let mut marie = Browser::signed_in(&world.office, "marie.durand@contoso.com").await;
    for path in ["/compose?draft={draft}", "/mail/{folder}/{uid}", "/mail/{team}/{teamuid}"] {
        assert_eq!(marie.get(&world.filled(path)).await.status, StatusCode::OK, "{path}");
    }
    let programs = text(&marie.get("/account/programs").await);
    for id in ["{password}", "{token}"] {
        let field = format!("name=\"id\" value=\"{}\"", world.filled(id));
        assert!(programs.contains(&field), "{id}: {programs}");
    }
    let field = format!("name=\"id\" value=\"{}\"", world.filled("{session}"));
    assert!(text(&marie.get("/account").await).contains(&field), "her other session goes on");
}

fn walk(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, found) } else { routes(&path, found) }
    }
}

/// The methods and routes that a source names; a route that is a constant by its name.
fn routes(source: &Path, found: &mut BTreeSet<String>) {
    let source = std::fs::read_to_string(source).unwrap();
    for call in source.split(".route(").skip(1) {
        let Some((route, rest)) = call.split_once(',') else { continue };
        // To the parenthesis that ends the call.
        let mut depth = 1;
        let end = rest.find(|sign| {
            depth += i32::from(sign == '(') - i32::from(sign == ')');
            depth == 0
        });
        let methods = &rest[..end.unwrap_or(rest.len())];
        for (call, method) in [("get(", "GET"), ("post(", "POST")] {
            if methods.contains(call) {
                found.insert(format!("{method} {}", route.trim().trim_matches('"')));
            }
        }
    }
}

#[test]
fn every_route_is_in_the_table() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeSet::new();
    walk(&sources.join("site"), &mut found);
    routes(&sources.join("site.rs"), &mut found);
    assert!(found.len() > 70, "the walk finds the routes: {found:?}");
    let method = |row: &Row| if row.form.is_some() { "POST" } else { "GET" };
    let told: BTreeSet<String> =
        ROWS.iter().map(|row| format!("{} {}", method(row), row.route)).collect();
    let missing: Vec<_> = found.difference(&told).collect();
    assert!(missing.is_empty(), "say in routes/table.rs what everybody gets: {missing:?}");
    let gone: Vec<_> = told.difference(&found).collect();
    assert!(gone.is_empty(), "the sources have no such route: {gone:?}");
}

#[tokio::test]
async fn a_change_has_to_come_from_a_page_of_ours() {
    let world = world().await;
    let admin = Browser::signed_in(&world.office, "admin@contoso.com").await;
    let version = world.office.app.directory().version();
    let origins: [&[(&str, &str)]; 6] = [
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ];
    for row in ROWS {
        let Some(form) = row.form else { continue };
        let path = world.filled(row.path);
        for origin in origins {
            let kind = match form.starts_with("--form") {
                true => "multipart/form-data; boundary=form",
                false => "application/x-www-form-urlencoded",
            };
            let mut request = Request::post(&path)
                .header(header::HOST, "mail.contoso.com")
                .header(header::COOKIE, admin.cookie.as_deref().unwrap())
                .header(header::CONTENT_TYPE, kind)
                .extension(NETWORK)
                .extension(Scheme("https"));
            for (name, value) in origin {
                request = request.header(*name, *value);
            }
            let request = request.body(Body::from(world.filled(form))).unwrap();
            let answer = world.office.send(request).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {origin:?}");
            expect_guarded(&answer, &path);
        }
    }
    assert_eq!(world.office.app.directory().version(), version);
}

#[tokio::test]
async fn what_is_not_there_is_guarded_too() {
    let office = office().await;
    for path in ["/no-such-page", "/admin/no-such-page", "/adminapi"] {
        let answer = Browser::new(&office).get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        expect_guarded(&answer, path);
    }
}

#[tokio::test]
async fn other_methods_do_nothing() {
    let world = world().await;
    let mut admin = Browser::signed_in(&world.office, "admin@contoso.com").await;
    let version = world.office.app.directory().version();
    for row in ROWS {
        let path = world.filled(row.path);
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = admin.ask(method, &path, Some(row.form.unwrap_or_default()), true).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        }
    }
    assert_eq!(world.office.app.directory().version(), version);
}

#[tokio::test]
async fn a_session_that_was_planted_is_not_taken_up() {
    let office = office().await;
    let mut browser = Browser::new(&office);
    browser.cookie = Some("__Host-guichet=planted".to_owned());
    let form = format!("login=marie.durand%40contoso.com&password={}", PASSWORD.replace(' ', "+"));
    location(&browser.post("/sign-in", &form).await);
    let own = browser.cookie.clone().unwrap();
    assert!(!own.contains("planted"), "{own}");
    let mut thief = Browser::new(&office);
    thief.cookie = Some("__Host-guichet=planted".to_owned());
    assert!(location(&thief.get("/account").await).starts_with("/sign-in"));
    // Whoever signs in as another gets another session, and the one before is not hers.
    location(&browser.post("/sign-in", &form.replace("marie.durand", "jean.dupont")).await);
    assert_ne!(browser.cookie.as_ref(), Some(&own));
    assert!(text(&browser.get("/account").await).contains("Jean Dupont"));
}

#[tokio::test]
async fn nothing_leads_to_another_site() {
    let office = office().await;
    let marie = "login=marie.durand%40contoso.com&password=correct+horse";
    let doubtful = [
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "https://evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "/x\r\nSet-Cookie: a=b",
        "\\\\evil.example",
    ];
    for next in doubtful {
        let next = percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC);
        let mut browser = Browser::new(&office);
        let shown = text(&browser.get(&format!("/sign-in?next={next}")).await);
        assert!(shown.contains("name=\"next\" value=\"/\""), "{next}");
        let language = format!("language=fr&next={next}");
        assert_eq!(location(&browser.post("/language", &language).await), "/", "{next}");
        let mut browser = Browser::new(&office);
        let answer = browser.post("/sign-in", &format!("{marie}&next={next}")).await;
        assert_eq!(location(&answer), "/", "{next}");
        let here = browser.get(&format!("/sign-in?next={next}")).await;
        assert_eq!(location(&here), "/", "{next}: who is signed in already");
    }
}

#[tokio::test]
async fn passwords_cannot_be_tried_without_end() {
    const TRIES_MAX: usize = 100;
    let office = office().await;
    let mut browser = Browser::new(&office);
    let mut tries = 0;
    loop {
        let answer = browser.post("/sign-in", "login=marie.durand%40contoso.com&password=x").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        tries += 1;
        assert!(tries < TRIES_MAX, "{tries} wrong passwords are too many");
    }
    let right = "login=marie.durand%40contoso.com&password=correct+horse";
    let answer = browser.post("/sign-in", right).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "the right one waits too");
    assert!(browser.cookie.is_none());
}

#[tokio::test]
async fn a_form_has_a_largest_size() {
    let office = office().await;
    let mut browser = Browser::signed_in(&office, "marie.durand@contoso.com").await;
    let of = |octets: usize| {
        let start = "language=fr&next=/";
        format!("{start}{}", "x".repeat(octets - start.len()))
    };
    let largest = browser.post("/language", &of(web::BODY_OCTETS_MAX)).await;
    assert_eq!(largest.status, StatusCode::SEE_OTHER);
    let larger = browser.post("/language", &of(web::BODY_OCTETS_MAX + 1)).await;
    assert_eq!(larger.status, StatusCode::PAYLOAD_TOO_LARGE);
}
