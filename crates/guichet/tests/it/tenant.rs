//! The same command line against a Microsoft 365 tenant: our own server behind its own login host
//! and behind a stand-in for Microsoft's, and stand-ins that answer as the real ones were seen to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use rustls::pki_types::PrivatePkcs1KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use testkit::{DEMO_PASSWORD, HttpStandIn, Options, StandInAnswer, StandInRequest, TestServer};

use crate::fake::{file, guichet, status, stderr, stdout};

/// The client of Exchange's own module.
const MODULE: &str = "fb78d390-0c51-40cd-8e17-fdbfab77341b";
const TENANT: &str = "contoso.com";

/// Somebody's command line.
struct Person {
    home: tempfile::TempDir,
}

impl Person {
    fn new() -> Person {
        Person { home: tempfile::tempdir().unwrap() }
    }

    fn run(&self, words: &[&str]) -> Output {
        guichet(self.home.path()).args(["--tenant", TENANT]).args(words).output().unwrap()
    }

    /// Runs what must succeed; gives what it printed.
    fn done(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert_eq!(status(&output), 0, "{words:?}: {}", stderr(&output));
        stdout(&output)
    }

    fn file(&self, name: &str, content: &str) -> String {
        file(self.home.path(), name, content).to_str().unwrap().to_owned()
    }

    fn kept(&self) -> PathBuf {
        self.home.path().join(".config/guichet/tenants/contoso.com.json")
    }

    /// Lets the access token end.
    fn age(&self) {
        let text = std::fs::read_to_string(self.kept()).unwrap();
        let mut kept: Value = serde_json::from_str(&text).unwrap();
        kept["tokens"]["expires-at"] = 0.into();
        std::fs::write(self.kept(), kept.to_string()).unwrap();
    }

    /// Signs in by a secret at a login host, for a server.
    fn login(&self, login_host: &str, server: &str, (id, secret): (&str, &str)) -> Output {
        let secret = self.file("secret", secret);
        self.run(&[
            "--server",
            server,
            "login",
            "--login-url",
            login_host,
            "--client-id",
            id,
            "--client-secret-file",
            &secret,
        ])
    }
}

fn web_of(server: &TestServer) -> String {
    format!("http://127.0.0.1:{}", server.port(80))
}

/// The identifier and the secret of a new client.
fn register(server: &TestServer) -> (String, String) {
    let words = ["app", "create", "Console", "--scope", "admin", "--account", "admin", "--json"];
    let made: Value = serde_json::from_str(&server.done(&words)).unwrap();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("Identity"), text("ClientSecret"))
}

fn tokens(access: &str) -> StandInAnswer {
    let body = json!({
        "token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": access,
    });
    StandInAnswer::new(200, body.to_string())
}

fn objects(value: &Value) -> StandInAnswer {
    let body = json!({
        "@odata.context": "https://outlook.office365.com/adminapi/beta/contoso.com/$metadata",
        "adminapi.warnings@odata.type": "#Collection(String)",
        "@adminapi.warnings": [],
        "value": value,
    });
    StandInAnswer::new(200, body.to_string())
}

fn parameters(request: &StandInRequest) -> Value {
    let body: Value = serde_json::from_str(&request.body).unwrap();
    body["CmdletInput"]["Parameters"].clone()
}

fn cmdlets(host: &HttpStandIn) -> Vec<String> {
    let name = |request: &StandInRequest| {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        body["CmdletInput"]["CmdletName"].as_str().unwrap().to_owned()
    };
    host.asked().iter().map(name).collect()
}

#[test]
fn the_same_verbs_with_a_secret() {
    let server = TestServer::start(Options::demo(env!("CARGO_BIN_EXE_guichet")));
    let (id, secret) = register(&server);
    let web = web_of(&server);
    let person = Person::new();
    let wrong = person.login(&web, &web, (&id, "gus_wrong"));
    assert_eq!(status(&wrong), 4, "{}", stderr(&wrong));
    assert!(stderr(&wrong).contains("invalid_client"), "{}", stderr(&wrong));
    assert!(!person.kept().exists());
    let right = person.login(&web, &web, (&id, &secret));
    assert_eq!(status(&right), 0, "{}", stderr(&right));
    let mode = std::fs::metadata(person.kept()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let rights = |person: &Person| person.done(&["rights", "--recipient", "support@contoso.com"]);
    assert!(!rights(&person).contains("jean.dupont"));
    for right in ["send-as", "send-on-behalf"] {
        person.done(&["grant", right, "support@contoso.com", "jean.dupont@contoso.com"]);
    }
    assert_eq!(rights(&person).matches("jean.dupont").count(), 2, "{}", rights(&person));
    for right in ["send-as", "send-on-behalf"] {
        person.done(&["revoke", right, "support@contoso.com", "jean.dupont@contoso.com"]);
    }
    assert!(!rights(&person).contains("jean.dupont"));
    let facturation = person.done(&["rights", "--recipient", "facturation@contoso.com"]);
    assert!(facturation.contains("FullAccess"), "{facturation}");
    assert!(person.done(&["user", "list"]).contains("paul.bernard@contoso.com"));
    assert!(person.done(&["whoami"]).contains(&id));
    // An access token that ends is replaced by itself, and the secret never left its file.
    person.age();
    person.done(&["group", "list"]);
    assert!(!std::fs::read_to_string(person.kept()).unwrap().contains(&secret));
    let listed = server.done(&["token", "list", "admin"]);
    assert!(listed.contains("Console (OAuth)"), "{listed}");
    server.done(&["app", "delete", "Console"]);
    let gone = person.run(&["group", "list"]);
    assert_eq!(status(&gone), 4, "{}", stderr(&gone));
}

#[test]
fn a_device_code_and_its_refreshes() {
    let server = TestServer::start(Options::demo(env!("CARGO_BIN_EXE_guichet")));
    server.done(&[
        "app",
        "create",
        "Exchange",
        "--scope",
        "admin",
        "--public",
        "--client-id",
        MODULE,
    ]);
    let web = web_of(&server);
    let person = Person::new();
    let mut command = guichet(person.home.path());
    command.args(["--tenant", TENANT, "--server", &web, "login", "--login-url", &web]);
    let mut child = command.spawn().unwrap();
    let mut said = String::new();
    let mut reader = BufReader::new(child.stderr.take().unwrap());
    reader.read_line(&mut said).unwrap();
    let code = said.trim_end().trim_end_matches('.').rsplit(' ').next().unwrap();
    let page = allow(server.port(80), code);
    assert!(page.starts_with("HTTP/1.1 200"), "{said} {page}");
    assert!(child.wait().unwrap().success(), "{said}");
    for _ in 0..3 {
        person.done(&["group", "list"]);
        person.age();
    }
    // Somebody who took a copy of the file and used it ends it for both.
    let copy = std::fs::read(person.kept()).unwrap();
    person.done(&["group", "list"]);
    std::fs::write(person.kept(), copy).unwrap();
    let stolen = person.run(&["group", "list"]);
    assert_eq!(status(&stolen), 4, "{}", stderr(&stolen));
    assert!(stderr(&stolen).contains("guichet --tenant TENANT login"), "{}", stderr(&stolen));
}

/// Allows a device in the browser of the administrator.
fn allow(port: u16, code: &str) -> String {
    let body = format!("user_code={code}&decision=allow");
    let who = STANDARD.encode(format!("admin@contoso.com:{DEMO_PASSWORD}"));
    let request = format!(
        "POST /device HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Basic {who}\r\n\
         Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn our_server_behind_the_login_host_of_somebody_else() {
    let server = TestServer::start(Options::demo(env!("CARGO_BIN_EXE_guichet")));
    let token = server.done(&["token", "create", "admin@contoso.com"]);
    let login_host = HttpStandIn::answering(vec![tokens(token.trim())]);
    let person = Person::new();
    let output = person.login(&login_host.url(), &web_of(&server), ("some-app", "hush hush"));
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert!(person.done(&["shared", "list"]).contains("facturation"));
    let asked = login_host.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].path, "/contoso.com/oauth2/v2.0/token");
    for part in [
        "client_id=some%2Dapp",
        "grant_type=client%5Fcredentials",
        "scope=https%3A%2F%2Foutlook%2Eoffice365%2Ecom%2F%2Edefault",
        "client_secret=hush%20hush",
    ] {
        assert!(asked[0].body.split('&').any(|field| field == part), "{}", asked[0].body);
    }
}

#[test]
fn a_certificate_signs_the_request() {
    let key = app::signing::generate_key(app::signing::KeyAlgorithm::Rsa).unwrap();
    let certificate = rcgen::generate_simple_self_signed(vec!["app".to_owned()]).unwrap();
    let person = Person::new();
    let pem = format!("{}{}", certificate.cert.pem(), key.private_key_pem);
    let pem = person.file("app.pem", &pem);
    let login_host = HttpStandIn::answering(vec![tokens("t")]);
    let output = person.run(&[
        "login",
        "--login-url",
        &login_host.url(),
        "--client-id",
        "some-app",
        "--certificate",
        &pem,
    ]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let body = login_host.asked()[0].body.clone();
    let assertion = body.split('&').find_map(|field| field.strip_prefix("client_assertion="));
    let assertion = assertion.unwrap().replace("%2E", ".").replace("%2D", "-").replace("%5F", "_");
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let der = PrivatePkcs1KeyDer::from_pem_slice(key.private_key_pem.as_bytes()).unwrap();
    let pair = RsaKeyPair::from_der(der.secret_pkcs1_der()).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
    public.verify(signed.as_bytes(), &decode(signature)).unwrap();
    let header: Value = serde_json::from_slice(&decode(header)).unwrap();
    assert_eq!(header["alg"], "RS256");
    let hash = ring::digest::digest(&ring::digest::SHA256, certificate.cert.der());
    assert_eq!(header["x5t#S256"], URL_SAFE_NO_PAD.encode(hash));
    let claims: Value = serde_json::from_slice(&decode(claims)).unwrap();
    assert_eq!(claims["aud"], format!("{}/contoso.com/oauth2/v2.0/token", login_host.url()));
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!("some-app"), &json!("some-app")));
    assert!(claims["exp"].as_i64() > claims["nbf"].as_i64());
    // A file without a key is named.
    let half = person.file("half.pem", &certificate.cert.pem());
    let words = ["login", "--client-id", "some-app", "--certificate", &half];
    let output = person.run(&words);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("private key"), "{}", stderr(&output));
}

/// Somebody who is signed in to a tenant that gives these answers.
fn signed_in(answers: Vec<StandInAnswer>) -> (Person, HttpStandIn, HttpStandIn) {
    let login_host = HttpStandIn::answering(vec![tokens("first"), tokens("second")]);
    let tenant = HttpStandIn::answering(answers);
    let person = Person::new();
    let output = person.login(&login_host.url(), &tenant.url(), ("some-app", "secret"));
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    (person, tenant, login_host)
}

#[test]
fn calls_look_as_exchange_expects_them() {
    let next = json!({
        "value": [{ "DisplayName": "A", "Guid@odata.type": "#Guid", "Guid": "x" }],
        "@odata.nextLink":
            "https://outlook.office365.com/adminapi/beta/contoso.com/InvokeCommand?$skiptoken=1",
    });
    let (person, tenant, _) = signed_in(vec![
        StandInAnswer::new(200, next.to_string()),
        objects(&json!([{ "DisplayName": "B" }])),
    ]);
    let listed: Value = serde_json::from_str(&person.done(&["user", "list", "--json"])).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");
    let asked = tenant.asked();
    assert_eq!(asked[0].path, "/adminapi/beta/contoso.com/InvokeCommand");
    assert_eq!(asked[1].path, "/adminapi/beta/contoso.com/InvokeCommand?$skiptoken=1");
    assert_eq!(asked[0].body, asked[1].body);
    assert_eq!(asked[0].header("authorization"), Some("Bearer first"));
    assert!(asked[0].header("x-anchormailbox").unwrap().ends_with("@contoso.com"));
}

#[test]
fn a_tenant_that_is_busy_is_asked_again_and_a_token_that_ended_is_replaced() {
    let (person, tenant, login_host) = signed_in(vec![
        StandInAnswer::new(429, "").with("Retry-After", "1"),
        StandInAnswer::new(401, ""),
        objects(&json!([{ "DisplayName": "A" }])),
    ]);
    let started = std::time::Instant::now();
    person.done(&["user", "list"]);
    assert!(started.elapsed() >= std::time::Duration::from_secs(1));
    let asked = tenant.asked();
    assert_eq!(asked.len(), 3);
    assert_eq!(asked[2].header("authorization"), Some("Bearer second"));
    assert_eq!(login_host.asked().len(), 2);
}

#[test]
fn a_tenant_that_asks_for_too_long_a_wait_is_left() {
    let (person, tenant, _) =
        signed_in(vec![StandInAnswer::new(429, "").with("Retry-After", "3600")]);
    let output = person.run(&["user", "list"]);
    assert_eq!(status(&output), 75, "{}", stderr(&output));
    assert!(stderr(&output).contains("3600 seconds"), "{}", stderr(&output));
    assert_eq!(tenant.asked().len(), 1);
}

#[test]
fn refusals_of_a_tenant() {
    let missing = json!({ "error": { "code": "NotFound", "message": "Error executing cmdlet",
        "details": [{ "code": "Client", "target": "", "message":
            "Ex6F9304|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|\
             The operation couldn't be performed because object 'x' couldn't be found on 'DC'." }],
    }});
    for (answer, expected, words) in [
        (StandInAnswer::new(403, ""), 4, "does not let you run Get-Mailbox"),
        (StandInAnswer::new(403, "\0\0\0"), 4, "does not let you run Get-Mailbox"),
        (StandInAnswer::new(404, missing.to_string()), 5, "couldn't be found on 'DC'"),
        (StandInAnswer::new(400, "<html>"), 2, "400"),
    ] {
        let (person, ..) = signed_in(vec![answer]);
        let output = person.run(&["user", "show", "x"]);
        assert_eq!(status(&output), expected, "{}", stderr(&output));
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
    }
}

#[test]
fn who_may_send_on_behalf_is_looked_up_by_name() {
    let (person, tenant, _) = signed_in(vec![
        objects(&json!([
            { "Identity": "Support", "Trustee": "NT AUTHORITY\\SELF", "AccessRights": ["SendAs"],
              "AccessControlType": "Allow", "IsInherited": false },
            { "Identity": "Support", "Trustee": "claire@contoso.com", "AccessRights": ["SendAs"],
              "AccessControlType": "Allow", "IsInherited": false },
        ])),
        objects(&json!([{ "RecipientTypeDetails": "GroupMailbox" }])),
        objects(&json!([{ "GrantSendOnBehalfTo": ["Marie Durand", "gone"] }])),
        objects(&json!([{ "PrimarySmtpAddress": "marie.durand@contoso.com" }])),
        StandInAnswer::new(404, ""),
    ]);
    let words = ["rights", "--recipient", "support@contoso.com", "--json"];
    let rights: Value = serde_json::from_str(&person.done(&words)).unwrap();
    let held: Vec<(&str, &str)> = rights
        .as_array()
        .unwrap()
        .iter()
        .map(|right| (right["Right"].as_str().unwrap(), right["Trustee"].as_str().unwrap()))
        .collect();
    let expected = [
        ("SendAs", "claire@contoso.com"),
        ("SendOnBehalf", "marie.durand@contoso.com"),
        ("SendOnBehalf", "gone"),
    ];
    assert_eq!(held, expected);
    let expected = [
        "Get-RecipientPermission",
        "Get-Recipient",
        "Get-UnifiedGroup",
        "Get-Recipient",
        "Get-Recipient",
    ];
    assert_eq!(cmdlets(&tenant), expected);
}

#[test]
fn rights_are_given_by_the_cmdlets_of_exchange() {
    let kind = |kind: &str| objects(&json!([{ "RecipientTypeDetails": kind }]));
    let (person, tenant, _) = signed_in(vec![
        objects(&json!([])),
        objects(&json!([])),
        kind("SharedMailbox"),
        objects(&json!([])),
    ]);
    for (verb, right) in [("grant", "send-as"), ("revoke", "full-access")] {
        person.done(&[verb, right, "support", "jean"]);
    }
    person.done(&["grant", "send-on-behalf", "support", "jean"]);
    let asked = tenant.asked();
    assert_eq!(
        cmdlets(&tenant),
        ["Add-RecipientPermission", "Remove-MailboxPermission", "Get-Recipient", "Set-Mailbox"]
    );
    assert_eq!(
        parameters(&asked[0]),
        json!({ "Identity": "support", "Trustee": "jean", "AccessRights": ["SendAs"],
            "Confirm": false })
    );
    assert_eq!(
        parameters(&asked[1]),
        json!({ "Identity": "support", "User": "jean", "AccessRights": ["FullAccess"],
            "Confirm": false })
    );
    assert_eq!(parameters(&asked[3])["GrantSendOnBehalfTo"]["add"], json!(["jean"]));
}

#[test]
fn what_a_tenant_lacks_is_said_before_anything_is_sent() {
    let (person, tenant, _) = signed_in(Vec::new());
    for words in [
        &["diagnose", "jean", "--from", "support@contoso.com"][..],
        &["audit", "verify"],
        &["queue", "list"],
        &["token", "list"],
        &["app", "list"],
        &["dns"],
        &["grant", "send-as", "support", "jean", "--until", "30d"],
        &["rights", "--expand"],
    ] {
        let output = person.run(words);
        assert_eq!(status(&output), 2, "{words:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("tenant"), "{words:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("hint: "), "{words:?}: {}", stderr(&output));
    }
    assert_eq!(tenant.asked(), Vec::new());
}

#[test]
fn whoever_is_not_signed_in_is_told_how() {
    let person = Person::new();
    let output = person.run(&["user", "list"]);
    assert_eq!(status(&output), 4);
    assert!(stderr(&output).contains("login"), "{}", stderr(&output));
    let both = person.run(&["--dir", "/nowhere", "user", "list"]);
    assert_eq!(status(&both), 2, "{}", stderr(&both));
    let clear = person.run(&[
        "login",
        "--login-url",
        "http://login.contoso.com",
        "--client-id",
        "x",
        "--client-secret-file",
        &person.file("secret", "s"),
    ]);
    assert_eq!(status(&clear), 2, "a secret must not cross a network in clear: {}", stderr(&clear));
    let mut none = guichet(Path::new("/nowhere"));
    assert_eq!(status(&none.arg("login").output().unwrap()), 2);
}

#[test]
fn a_token_of_one_server_is_given_to_no_other() {
    let (person, _, _) = signed_in(Vec::new());
    let other = HttpStandIn::answering(Vec::new());
    let output = person.run(&["--server", &other.url(), "user", "list"]);
    assert_eq!(status(&output), 2, "{}", stderr(&output));
    assert_eq!(other.asked(), Vec::new());
}
