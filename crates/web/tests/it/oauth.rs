//! OAuth 2 end to end: clients get tokens that the admin protocol takes; whatever is shown twice,
//! guessed, downgraded or sent elsewhere gets nothing.

use app::SignedIn;
use app::access::Scope;
use app::oauth::{CODE_LIFE_SECS, DEVICE_INTERVAL_SECS, DEVICE_LIFE_SECS, REFRESH_LIFE_SECS};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::office::{Answer, NETWORK, NOW, Office, PASSWORD};

const TOKEN: &str = "/contoso.com/oauth2/v2.0/token";
const DEVICE: &str = "/organizations/oauth2/v2.0/devicecode";
const AUTHORIZE: &str = "/common/oauth2/v2.0/authorize";
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "https://portal.contoso.com/signed-in";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn encoded(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let parts: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    parts.join("&")
}

fn form(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    Request::post(path)
        .header("host", "mail.contoso.com")
        .header("content-type", "application/x-www-form-urlencoded")
        .extension(NETWORK)
        .body(Body::from(encoded(fields)))
        .unwrap()
}

fn basic(login: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{login}:{password}")))
}

/// A request of somebody's browser, from a page of ours.
fn browser(mut request: Request<Body>, login: &str) -> Request<Body> {
    let headers = request.headers_mut();
    let who = basic(&format!("{login}@contoso.com"), PASSWORD);
    headers.insert("authorization", who.parse().unwrap());
    headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
    request
}

fn get(path: &str) -> Request<Body> {
    let request = Request::get(path).header("host", "mail.contoso.com").extension(NETWORK);
    request.body(Body::empty()).unwrap()
}

/// Expects an error of RFC 6749 §5.2.
fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.json()["error"], code, "{}", answer.json());
    assert_eq!(answer.status.as_u16(), status, "{}", answer.json());
    assert!(!answer.json()["error_description"].as_str().unwrap().is_empty());
    assert_eq!(answer.headers["cache-control"], "no-store");
}

/// The office, with a password for Jean.
async fn contoso() -> Office {
    let office = Office::contoso().await;
    set_password(&office, "jean.dupont", PASSWORD).await;
    office
}

async fn set_password(office: &Office, user: &str, password: &str) {
    let change = json!({ "User": user, "Password": password });
    office.call("Set-UserPassword", change).await.objects();
}

/// A client that was registered.
struct Registered {
    id: String,
    secret: String,
}

async fn register(office: &Office, parameters: Value) -> Registered {
    let made = office.call("New-Application", parameters).await.objects();
    Registered {
        id: made[0]["Identity"].as_str().unwrap().to_owned(),
        secret: made[0]["ClientSecret"].as_str().unwrap_or_default().to_owned(),
    }
}

async fn backup(office: &Office) -> Registered {
    let backup = json!({ "Name": "Backup", "Scopes": ["admin", "send"], "User": "admin" });
    register(office, backup).await
}

async fn console(office: &Office) -> Registered {
    register(office, json!({ "Name": "Console", "Scopes": "admin", "Public": true })).await
}

async fn portal(office: &Office) -> Registered {
    let portal = json!({
        "Name": "Portal", "Scopes": ["read", "send"], "Public": true,
        "RedirectUris": [CALLBACK, "http://127.0.0.1/cb"],
    });
    register(office, portal).await
}

async fn post(office: &Office, path: &str, fields: &[(&str, &str)]) -> Answer {
    office.send(form(path, fields)).await
}

/// Whether the admin protocol takes a token.
async fn works(office: &Office, token: &str) -> bool {
    let answer = office.call_with(token, "Get-ConnectionInformation", json!({})).await;
    answer.status == StatusCode::OK
}

fn text<'a>(json: &'a Value, name: &str) -> &'a str {
    json[name].as_str().unwrap_or_else(|| panic!("{name} in {json}"))
}

#[tokio::test]
async fn a_service_account_gets_a_token_by_its_secret() {
    let office = Office::open().await;
    let client = backup(&office).await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", client.id.as_str()),
        ("client_secret", client.secret.as_str()),
        ("scope", "https://outlook.office365.com/.default"),
    ];
    let given = post(&office, TOKEN, &fields).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.json());
    let given = given.json();
    assert_eq!(given["token_type"], "Bearer");
    assert_eq!(given["expires_in"], 3600);
    assert_eq!(given["scope"], "admin send");
    assert_eq!(given.get("refresh_token"), None);
    assert!(works(&office, text(&given, "access_token")).await);
    let listed = office.call("Get-ApiToken", json!({ "User": "admin" })).await.objects();
    assert_eq!(listed[0]["Name"], "Backup (OAuth)");
    // The token is one like others: the number in the list revokes it.
    office.call("Remove-ApiToken", json!({ "Identity": listed[0]["Identity"] })).await.objects();
    assert!(!works(&office, text(&given, "access_token")).await);
}

#[tokio::test]
async fn secrets_may_come_by_basic_and_must_be_right() {
    let office = Office::open().await;
    let client = backup(&office).await;
    let fields = [("grant_type", "client_credentials"), ("scope", "Exchange.ManageAsApp")];
    let with = |value: String| {
        let mut request = form(TOKEN, &fields);
        request.headers_mut().insert("authorization", value.parse().unwrap());
        request
    };
    let given = office.send(with(basic(&client.id, &client.secret))).await;
    assert_eq!(given.json()["scope"], "admin");
    for wrong in [basic(&client.id, "gus_wrong"), basic("nobody", &client.secret), "Basic x".into()]
    {
        let answer = office.send(with(wrong)).await;
        refused(&answer, 401, "invalid_client");
        assert!(answer.headers.contains_key("www-authenticate"));
    }
    // A confidential client without its secret is nobody.
    let nobody = post(&office, TOKEN, &[fields[0], ("client_id", &client.id)]).await;
    refused(&nobody, 401, "invalid_client");
    let fields = [fields[0], ("client_id", client.id.as_str()), ("client_secret", "x")];
    let mut twice = form(TOKEN, &fields);
    let value = basic(&client.id, &client.secret).parse().unwrap();
    twice.headers_mut().insert("authorization", value);
    refused(&office.send(twice).await, 400, "invalid_request");
}

#[tokio::test]
async fn guessing_a_secret_is_slowed_down() {
    let office = Office::open().await;
    let client = backup(&office).await;
    let wrong = [
        ("grant_type", "client_credentials"),
        ("client_id", client.id.as_str()),
        ("client_secret", "wrong"),
    ];
    for _ in 0..6 {
        refused(&post(&office, TOKEN, &wrong).await, 401, "invalid_client");
    }
    let slowed = post(&office, TOKEN, &wrong).await;
    refused(&slowed, 429, "temporarily_unavailable");
    assert!(slowed.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn requests_that_say_the_wrong_things() {
    let office = Office::open().await;
    let client = backup(&office).await;
    let id = ("client_id", client.id.as_str());
    let secret = ("client_secret", client.secret.as_str());
    let all = ("grant_type", "client_credentials");
    for (fields, code) in [
        (vec![all], "invalid_request"),
        (vec![id, secret], "invalid_request"),
        (vec![id, secret, all, all], "invalid_request"),
        (vec![id, secret, ("grant_type", "password")], "unsupported_grant_type"),
        (vec![id, secret, all, ("scope", "read everything")], "invalid_scope"),
        (vec![id, secret, ("grant_type", "refresh_token")], "invalid_request"),
        (
            vec![id, secret, ("grant_type", "refresh_token"), ("refresh_token", "gur_x")],
            "invalid_grant",
        ),
        (vec![id, secret, ("grant_type", "authorization_code"), ("code", "x")], "invalid_grant"),
        (vec![id, secret, ("grant_type", DEVICE_GRANT), ("device_code", "x")], "invalid_grant"),
    ] {
        let answer = post(&office, TOKEN, &fields).await;
        assert_eq!(answer.json()["error"], code, "{fields:?}");
    }
    refused(
        &post(&office, "/other.example/oauth2/v2.0/token", &[id]).await,
        400,
        "invalid_request",
    );
    let mut json = form(TOKEN, &[id, secret, all]);
    json.headers_mut().insert("content-type", "application/json".parse().unwrap());
    refused(&office.send(json).await, 400, "invalid_request");
    // A public client has nothing to act by itself with, and one without an account nobody to act
    // as.
    let console = console(&office).await;
    let public = post(&office, TOKEN, &[all, ("client_id", &console.id)]).await;
    refused(&public, 400, "unauthorized_client");
    let lonely = register(&office, json!({ "Name": "Lonely", "Scopes": "read" })).await;
    let fields = [all, ("client_id", &lonely.id), ("client_secret", &lonely.secret)];
    refused(&post(&office, TOKEN, &fields).await, 400, "unauthorized_client");
}

#[tokio::test]
async fn a_disabled_account_gets_nothing() {
    let office = contoso().await;
    let client = json!({ "Name": "Form", "Scopes": "send", "User": "jean.dupont" });
    let client = register(&office, client).await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", client.id.as_str()),
        ("client_secret", client.secret.as_str()),
    ];
    assert_eq!(post(&office, TOKEN, &fields).await.status, StatusCode::OK);
    let off = json!({ "Identity": "jean.dupont", "AccountDisabled": true });
    office.call("Set-Mailbox", off).await.objects();
    refused(&post(&office, TOKEN, &fields).await, 400, "unauthorized_client");
}

#[tokio::test]
async fn mail_programs_sign_in_with_such_a_token() {
    let office = Office::open().await;
    let client = backup(&office).await;
    let peer = std::net::IpAddr::from([192, 0, 2, 8]);
    for (scope, may) in [("https://outlook.office.com/SMTP.Send", true), ("admin", false)] {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", client.id.as_str()),
            ("client_secret", client.secret.as_str()),
            ("scope", scope),
        ];
        let given = post(&office, TOKEN, &fields).await.json();
        let token = text(&given, "access_token");
        let login = Some("admin@contoso.com");
        let signed_in = office.app.sign_in_with_token(token, login, peer, NOW).await;
        assert_eq!(signed_in.is_ok(), may, "{scope}");
    }
}

#[tokio::test]
async fn the_metadata_says_where_everything_is() {
    let office = Office::open().await;
    for path in [
        "/contoso.com/v2.0/.well-known/openid-configuration",
        "/organizations/v2.0/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ] {
        let found = office.send(get(path)).await;
        assert_eq!(found.status, StatusCode::OK, "{path}");
        let token = found.json()["token_endpoint"].as_str().unwrap().to_owned();
        let path = token.strip_prefix("https://mail.contoso.com").unwrap();
        refused(&post(&office, path, &[]).await, 400, "invalid_request");
        assert_eq!(found.json()["code_challenge_methods_supported"], json!(["S256"]));
    }
    let other = office.send(get("/other.example/v2.0/.well-known/openid-configuration")).await;
    refused(&other, 400, "invalid_request");
}

async fn start_device(office: &Office, client: &Registered) -> Value {
    let fields = [("client_id", client.id.as_str()), ("scope", "admin offline_access")];
    let started = post(office, DEVICE, &fields).await;
    assert_eq!(started.status, StatusCode::OK, "{}", started.json());
    started.json()
}

async fn poll(office: &Office, client: &Registered, device_code: &str) -> Answer {
    let fields = [
        ("grant_type", DEVICE_GRANT),
        ("client_id", client.id.as_str()),
        ("device_code", device_code),
    ];
    post(office, TOKEN, &fields).await
}

#[tokio::test]
async fn a_person_allows_a_device() {
    let office = contoso().await;
    let client = console(&office).await;
    let started = start_device(&office, &client).await;
    let (device_code, user_code) = (text(&started, "device_code"), text(&started, "user_code"));
    assert_eq!(text(&started, "verification_uri"), "https://mail.contoso.com/device");
    refused(&poll(&office, &client, device_code).await, 400, "authorization_pending");
    refused(&poll(&office, &client, device_code).await, 400, "slow_down");

    let nobody = office.send(get("/device")).await;
    assert_eq!(nobody.headers["location"], "/sign-in?next=%2Fdevice");
    let typed = format!("/device?user_code={user_code}");
    let page = office.send(browser(get(&typed), "admin")).await;
    assert!(String::from_utf8_lossy(&page.body).contains(user_code));
    assert_eq!(page.headers["x-frame-options"], "DENY");
    let lower = user_code.to_lowercase();
    let asked = office.send(browser(form("/device", &[("user_code", &lower)]), "admin")).await;
    let shown = String::from_utf8_lossy(&asked.body).into_owned();
    assert!(shown.contains("Console") && shown.contains(user_code), "{shown}");
    let allow = [("user_code", user_code), ("decision", "allow")];
    // A page elsewhere cannot click for the person.
    let mut elsewhere = browser(form("/device", &allow), "admin");
    elsewhere.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(office.send(elsewhere).await.status, StatusCode::FORBIDDEN);
    let allowed = office.send(browser(form("/device", &allow), "admin")).await;
    assert_eq!(allowed.status, StatusCode::OK);
    let again = office.send(browser(form("/device", &allow), "jean.dupont")).await;
    assert_ne!(again.status, StatusCode::OK);

    let given = poll(&office, &client, device_code).await.json();
    assert!(works(&office, text(&given, "access_token")).await);
    text(&given, "refresh_token");
    refused(&poll(&office, &client, device_code).await, 400, "invalid_grant");
    let audit = json!({ "Operations": "Consent-Application" });
    let found = office.call("Search-UnifiedAuditLog", audit).await.objects();
    assert_eq!(found.len(), 1, "{found:?}");
}

#[tokio::test]
async fn a_person_refuses_a_device() {
    let office = contoso().await;
    let client = console(&office).await;
    let started = start_device(&office, &client).await;
    let deny = [("user_code", text(&started, "user_code")), ("decision", "deny")];
    let denied = office.send(browser(form("/device", &deny), "jean.dupont")).await;
    assert_eq!(denied.status, StatusCode::OK);
    let answer = poll(&office, &client, text(&started, "device_code")).await;
    refused(&answer, 400, "access_denied");
}

#[tokio::test]
async fn a_device_waits_as_long_as_it_is_told_and_its_code_ends() {
    let office = contoso().await;
    let registered = console(&office).await;
    let started = start_device(&office, &registered).await;
    let client = office.app.oauth_client_named(&registered.id).await.unwrap().unwrap();
    let code = text(&started, "device_code");
    let after = async |secs: i64| {
        let polled = office.app.poll_device(&client, code, NOW.plus_secs(secs)).await;
        polled.expect_err("nobody allowed it").to_string()
    };
    let pending = after(0).await;
    assert_eq!(after(DEVICE_INTERVAL_SECS).await, pending);
    let slow = after(2 * DEVICE_INTERVAL_SECS - 1).await;
    assert_ne!(slow, pending);
    // RFC 8628 §3.5: from then on it must wait five seconds longer.
    assert_eq!(after(3 * DEVICE_INTERVAL_SECS).await, slow);
    assert_eq!(after(DEVICE_LIFE_SECS - 1).await, pending);
    assert_ne!(after(DEVICE_LIFE_SECS).await, pending);
    refused(&poll(&office, &backup(&office).await, code).await, 401, "invalid_client");
    let other = register(&office, json!({ "Name": "B", "Scopes": "read", "Public": true })).await;
    refused(&poll(&office, &other, code).await, 400, "invalid_grant");
}

#[tokio::test]
async fn guessing_user_codes_is_slowed_down() {
    let office = contoso().await;
    let client = console(&office).await;
    let started = start_device(&office, &client).await;
    let guess = || browser(form("/device", &[("user_code", "BBBB-BBBB")]), "jean.dupont");
    let shown = [("user_code", text(&started, "user_code"))];
    let known = || browser(form("/device", &shown), "jean.dupont");
    for _ in 0..6 {
        assert_eq!(office.send(known()).await.status, StatusCode::OK);
        assert_eq!(office.send(guess()).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(office.send(guess()).await.status, StatusCode::TOO_MANY_REQUESTS);
    // Even the right one is not looked at now, and being shown one forgives nothing before.
    let right = [("user_code", text(&started, "user_code")), ("decision", "allow")];
    let slowed = office.send(browser(form("/device", &right), "jean.dupont")).await;
    assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
}

/// Tokens for Jean, by a device.
async fn tokens_of_jean(office: &Office, client: &Registered) -> Value {
    let started = start_device(office, client).await;
    let allow = [("user_code", text(&started, "user_code")), ("decision", "allow")];
    office.send(browser(form("/device", &allow), "admin")).await;
    poll(office, client, text(&started, "device_code")).await.json()
}

async fn refresh(office: &Office, client: &Registered, token: &str) -> Answer {
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", client.id.as_str()),
        ("refresh_token", token),
    ];
    post(office, TOKEN, &fields).await
}

#[tokio::test]
async fn a_refresh_token_shown_twice_ends_everything_that_came_of_it() {
    let office = contoso().await;
    let client = console(&office).await;
    let first = tokens_of_jean(&office, &client).await;
    let second = refresh(&office, &client, text(&first, "refresh_token")).await.json();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert!(works(&office, text(&second, "access_token")).await);
    let stolen = refresh(&office, &client, text(&first, "refresh_token")).await;
    refused(&stolen, 400, "invalid_grant");
    for token in [&first, &second] {
        assert!(!works(&office, text(token, "access_token")).await);
    }
    let last = refresh(&office, &client, text(&second, "refresh_token")).await;
    refused(&last, 400, "invalid_grant");
}

#[tokio::test]
async fn refresh_tokens_are_of_one_client_one_scope_one_password_and_end() {
    let office = contoso().await;
    let client = console(&office).await;
    let given = tokens_of_jean(&office, &client).await;
    let token = text(&given, "refresh_token");
    let other = register(&office, json!({ "Name": "B", "Scopes": "admin", "Public": true })).await;
    refused(&refresh(&office, &other, token).await, 400, "invalid_grant");
    let more = [
        ("grant_type", "refresh_token"),
        ("client_id", client.id.as_str()),
        ("refresh_token", token),
        ("scope", "send"),
    ];
    refused(&post(&office, TOKEN, &more).await, 400, "invalid_scope");
    let known = office.app.oauth_client_named(&client.id).await.unwrap().unwrap();
    let wanted = app::oauth::Wanted { scopes: None, is_offline: false };
    let late = NOW.plus_secs(REFRESH_LIFE_SECS);
    office.app.refresh(&known, token, wanted, late).await.expect_err("it has ended");
    // The purge of a day later leaves what is good alone.
    office.app.purge_oauth(NOW.plus_secs(24 * 3600)).await.unwrap();
    let again = refresh(&office, &client, token).await.json();
    set_password(&office, "admin", "another password").await;
    let after = refresh(&office, &client, text(&again, "refresh_token")).await;
    refused(&after, 400, "invalid_grant");
}

#[tokio::test]
async fn what_was_given_can_be_taken_back() {
    let office = contoso().await;
    let client = console(&office).await;
    let revoke = async |token: &str, by: &Registered| {
        let fields = [("token", token), ("client_id", by.id.as_str())];
        let answer = post(&office, "/contoso.com/oauth2/v2.0/revoke", &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.json());
    };
    let other = register(&office, json!({ "Name": "B", "Scopes": "admin", "Public": true })).await;
    let given = tokens_of_jean(&office, &client).await;
    let access = text(&given, "access_token");
    revoke("gui_unknown", &client).await;
    revoke(access, &other).await;
    revoke(text(&given, "refresh_token"), &other).await;
    assert!(works(&office, access).await);
    revoke(access, &client).await;
    assert!(!works(&office, access).await);
    let next = refresh(&office, &client, text(&given, "refresh_token")).await.json();
    revoke(text(&next, "refresh_token"), &client).await;
    assert!(!works(&office, text(&next, "access_token")).await);
    // Whoever revokes a token in the list ends what would make the next one.
    let given = tokens_of_jean(&office, &client).await;
    let listed = office.call("Get-ApiToken", json!({ "User": "admin" })).await.objects();
    for token in listed {
        office.call("Remove-ApiToken", json!({ "Identity": token["Identity"] })).await.objects();
    }
    let ended = refresh(&office, &client, text(&given, "refresh_token")).await;
    refused(&ended, 400, "invalid_grant");
    // And with the client goes all that it was given.
    let given = tokens_of_jean(&office, &client).await;
    office.call("Remove-Application", json!({ "Identity": "console" })).await.objects();
    assert!(!works(&office, text(&given, "access_token")).await);
    let gone = refresh(&office, &client, text(&given, "refresh_token")).await;
    refused(&gone, 401, "invalid_client");
}

/// The parameters of an authorization request, with some replaced; an empty one is left out.
fn request<'a>(client: &'a Registered, other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("client_id", client.id.as_str()),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "read offline_access"),
        ("state", "a&b=c"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in other {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields.retain(|(_, value)| !value.is_empty());
    fields
}

/// Allows a request as Jean; gives where the browser is sent.
async fn allow(office: &Office, mut fields: Vec<(&str, &str)>) -> String {
    fields.push(("decision", "allow"));
    let answer = office.send(browser(form(AUTHORIZE, &fields), "jean.dupont")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", String::from_utf8_lossy(&answer.body));
    answer.headers["location"].to_str().unwrap().to_owned()
}

fn code_in(location: &str) -> String {
    let (_, query) = location.split_once('?').expect("a query");
    let code = query.split('&').find_map(|part| part.strip_prefix("code="));
    percent_encoding::percent_decode_str(code.expect("a code")).decode_utf8().unwrap().into_owned()
}

async fn redeem(office: &Office, client: &Registered, other: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("client_id", client.id.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    for (name, value) in other {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    post(office, TOKEN, &fields).await
}

#[tokio::test]
async fn a_person_allows_a_site() {
    let office = contoso().await;
    let client = portal(&office).await;
    let path = format!("{AUTHORIZE}?{}", encoded(&request(&client, &[])));
    let nobody = office.send(get(&path)).await;
    assert!(nobody.headers["location"].to_str().unwrap().starts_with("/sign-in?next="));
    let page = office.send(browser(get(&path), "jean.dupont")).await;
    let shown = String::from_utf8_lossy(&page.body).into_owned();
    assert!(shown.contains("Portal") && shown.contains("jean.dupont@contoso.com"), "{shown}");
    assert!(shown.contains("a&#38;b=c"), "{shown}");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'"));
    let location = allow(&office, request(&client, &[])).await;
    assert!(location.starts_with(&format!("{CALLBACK}?code=")), "{location}");
    assert!(location.contains("&state=a%26b%3Dc&iss=https%3A%2F%2Fmail.contoso.com%2F"));
    let given = redeem(&office, &client, &[("code", &code_in(&location))]).await.json();
    assert_eq!(given["scope"], "read");
    assert!(works(&office, text(&given, "access_token")).await);
    refresh(&office, &client, text(&given, "refresh_token")).await.json();
}

#[tokio::test]
async fn a_code_shown_twice_ends_what_came_of_it() {
    let office = contoso().await;
    let client = portal(&office).await;
    let code = code_in(&allow(&office, request(&client, &[])).await);
    let given = redeem(&office, &client, &[("code", &code)]).await.json();
    assert!(works(&office, text(&given, "access_token")).await);
    refused(&redeem(&office, &client, &[("code", &code)]).await, 400, "invalid_grant");
    assert!(!works(&office, text(&given, "access_token")).await);
    let last = refresh(&office, &client, text(&given, "refresh_token")).await;
    refused(&last, 400, "invalid_grant");
}

#[tokio::test]
async fn a_code_is_for_who_began_and_not_for_long() {
    let office = contoso().await;
    let client = portal(&office).await;
    let other = json!({
        "Name": "Other", "Scopes": "read", "Public": true, "RedirectUris": CALLBACK,
    });
    let other = register(&office, other).await;
    let code = code_in(&allow(&office, request(&client, &[])).await);
    let long = "a".repeat(43);
    for wrong in [
        vec![("code_verifier", long.as_str())],
        vec![("code_verifier", "")],
        // The challenge itself is what a thief of the request has.
        vec![("code_verifier", CHALLENGE)],
        vec![("redirect_uri", "http://127.0.0.1/cb")],
        vec![("redirect_uri", "")],
        vec![("client_id", other.id.as_str())],
    ] {
        let mut fields = wrong.clone();
        fields.push(("code", &code));
        let answer = redeem(&office, &client, &fields).await;
        assert_eq!(answer.json()["error"], "invalid_grant", "{wrong:?}");
    }
    let known = office.app.oauth_client_named(&client.id).await.unwrap().unwrap();
    let late = NOW.plus_secs(CODE_LIFE_SECS);
    let ended = office.app.redeem_code(&known, (&code, Some(CALLBACK)), Some(VERIFIER), late).await;
    ended.expect_err("the code has ended");
    assert_eq!(redeem(&office, &client, &[("code", &code)]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_is_sent_where_no_client_is_registered() {
    let office = contoso().await;
    let client = portal(&office).await;
    for other in [
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", "https://portal.contoso.com/signed-in/../x"),
        ("redirect_uri", "https://portal.contoso.com/signed-in?x=1"),
        ("redirect_uri", "http://127.0.0.1:1@evil.example/cb"),
        // Two are registered, so one must be named.
        ("redirect_uri", ""),
        ("client_id", "00000000-0000-0000-0000-000000000000"),
        ("client_id", ""),
    ] {
        let fields = request(&client, &[other]);
        let path = format!("{AUTHORIZE}?{}", encoded(&fields));
        for asked in [get(&path), form(AUTHORIZE, &fields)] {
            let answer = office.send(browser(asked, "jean.dupont")).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{other:?}");
            assert!(!answer.headers.contains_key("location"), "{other:?}");
        }
    }
    let twice = format!("{AUTHORIZE}?{}&client_id=x", encoded(&request(&client, &[])));
    let answer = office.send(browser(get(&twice), "jean.dupont")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn clients_are_told_what_is_wrong_with_their_request() {
    let office = contoso().await;
    let client = portal(&office).await;
    for (other, code) in [
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("response_mode", "fragment"), "invalid_request"),
        (("scope", "admin"), "invalid_scope"),
        (("prompt", "none"), "interaction_required"),
    ] {
        let path = format!("{AUTHORIZE}?{}", encoded(&request(&client, &[other])));
        let answer = office.send(browser(get(&path), "jean.dupont")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{other:?}");
        let location = answer.headers["location"].to_str().unwrap();
        let start = format!("{CALLBACK}?error={code}&");
        assert!(location.starts_with(&start), "{other:?}: {location}");
        assert!(location.contains("state=a%26b%3Dc"), "{location}");
    }
    let mut fields = request(&client, &[]);
    fields.push(("decision", "deny"));
    let denied = office.send(browser(form(AUTHORIZE, &fields), "jean.dupont")).await;
    let location = denied.headers["location"].to_str().unwrap().to_owned();
    assert!(location.contains("error=access_denied"), "{location}");
    let mut elsewhere = browser(form(AUTHORIZE, &request(&client, &[])), "jean.dupont");
    elsewhere.headers_mut().insert("sec-fetch-site", "same-site".parse().unwrap());
    assert_eq!(office.send(elsewhere).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_program_on_the_machine_listens_where_it_can() {
    let office = contoso().await;
    let client = portal(&office).await;
    let port = ("redirect_uri", "http://127.0.0.1:49152/cb");
    let location = allow(&office, request(&client, &[port])).await;
    assert!(location.starts_with("http://127.0.0.1:49152/cb?code="), "{location}");
    let code = code_in(&location);
    let other = ("redirect_uri", "http://127.0.0.1:49153/cb");
    refused(&redeem(&office, &client, &[("code", &code), other]).await, 400, "invalid_grant");
    let given = redeem(&office, &client, &[("code", &code), port]).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.json());
}

#[tokio::test]
async fn only_administrators_register_clients_and_nothing_odd() {
    let office = contoso().await;
    let new = json!({ "Name": "X", "Scopes": "read" });
    for (login, status) in [("jean.dupont", 403), ("auditor", 403), ("admin", 200)] {
        let token = office.token(login, &[Scope::Admin, Scope::Read]).await;
        let answer = office.call_with(&token, "New-Application", new.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{login}");
    }
    // A token makes no client that may more than itself.
    let token = office.token("admin", &[Scope::Admin]).await;
    let send = json!({ "Name": "Y", "Scopes": "send" });
    assert_eq!(office.call_with(&token, "New-Application", send).await.status, 403);
    for wrong in [
        json!({ "Name": "X", "Scopes": "read" }),
        json!({ "Name": " ", "Scopes": "read" }),
        json!({ "Name": "Z", "Scopes": "everything" }),
        json!({ "Name": "Z", "Scopes": "read", "RedirectUris": "http://evil.example/" }),
        json!({ "Name": "Z", "Scopes": "read", "ClientId": "zebra" }),
        json!({ "Name": "Z", "Scopes": "read", "User": "support" }),
        json!({ "Name": "Z", "Scopes": "read", "User": "admin", "Public": true }),
    ] {
        let answer = office.call("New-Application", wrong.clone()).await;
        assert!(answer.status.is_client_error(), "{wrong}");
    }
    assert_eq!(office.call("Get-Application", json!({})).await.objects().len(), 1);
    let one = office.call("Get-Application", json!({ "Identity": "x" })).await.objects();
    assert_eq!((&one[0]["Public"], &one[0]["User"]), (&json!(false), &Value::Null));
    assert_eq!(office.call("Get-Application", json!({ "Identity": "no" })).await.status, 404);
    assert_eq!(office.call("Remove-Application", json!({ "Identity": "no" })).await.status, 404);
}

#[tokio::test]
async fn a_decision_of_a_session_that_ended_counts_for_nothing() {
    let office = contoso().await;
    let registered = console(&office).await;
    let started = start_device(&office, &registered).await;
    let account = office.app.directory().find("jean.dupont").unwrap().id;
    let ended = SignedIn { account, credential_epoch: -1 };
    let peer = std::net::IpAddr::from([192, 0, 2, 8]);
    let decision = (text(&started, "user_code"), app::oauth::Decision::Allow);
    office.app.decide_device(decision, ended, peer, NOW).await.unwrap();
    let answer = poll(&office, &registered, text(&started, "device_code")).await;
    refused(&answer, 400, "access_denied");
}
