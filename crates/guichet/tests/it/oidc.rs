//! The whole server and a provider of OpenID Connect under TLS: a person of the sample is led
//! there and back, and reads the page that was asked for. And a device is set up.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use testkit::{DEMO_PASSWORD, HttpStandIn, Options, StandInAnswer, TestServer};

const GUICHET: &str = env!("CARGO_BIN_EXE_guichet");

/// A browser on the demo's plain port.
struct Browser {
    port: u16,
    cookies: Vec<(String, String)>,
}

struct Page {
    status: u16,
    location: String,
    kind: String,
    body: Vec<u8>,
}

impl Page {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Browser {
    fn of(server: &TestServer) -> Browser {
        Browser { port: server.port(80), cookies: Vec::new() }
    }

    fn get(&mut self, path: &str) -> Page {
        self.ask("GET", path, "")
    }

    fn ask(&mut self, method: &str, path: &str, form: &str) -> Page {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\
             Cookie: {}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}",
            self.port,
            cookies.join("; "),
            form.len(),
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|part| part == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let values = |name: &str| {
            let lines = head.lines().filter_map(|line| line.split_once(": "));
            let found = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_owned()).collect::<Vec<_>>()
        };
        for line in values("set-cookie") {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        Page {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            location: values("location").pop().unwrap_or_default(),
            kind: values("content-type").pop().unwrap_or_default(),
            body: answer[end + 4..].to_vec(),
        }
    }
}

/// A provider under TLS, and the file with the certificate to trust.
struct Provider {
    stand_in: HttpStandIn,
    key: EcdsaKeyPair,
    folder: tempfile::TempDir,
}

impl Provider {
    fn start() -> Provider {
        let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let der = certified.signing_key.serialize_der();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(der));
        let certificate = certified.cert.der().clone();
        let stand_in = HttpStandIn::answering_under_tls(Vec::new(), certificate, key);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), certified.cert.pem()).unwrap();
        std::fs::write(folder.path().join("secret"), "s3cret\n").unwrap();
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        Provider { stand_in, key, folder }
    }

    fn options(&self) -> Options {
        let secret = self.folder.path().join("secret");
        Options::demo(GUICHET)
            .trusting(&self.folder.path().join("ca.pem"))
            .set("oidc.issuer", &self.stand_in.url())
            .set("oidc.client_id", "guichet")
            .set("oidc.client_secret_file", secret.to_str().unwrap())
            .set("oidc.label", "Stand-in")
    }

    fn answers(&self, body: &Value) {
        self.stand_in.then(StandInAnswer::new(200, body.to_string()));
    }

    fn publishes(&self) {
        let url = self.stand_in.url();
        self.answers(&json!({
            "issuer": url,
            "authorization_endpoint": format!("{url}/authorize"),
            "token_endpoint": format!("{url}/token"),
            "jwks_uri": format!("{url}/keys"),
        }));
    }

    fn publishes_keys(&self) {
        let point = self.key.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        let key = json!({ "kty": "EC", "crv": "P-256", "kid": "k", "x": x, "y": y });
        self.answers(&json!({ "keys": [key] }));
    }

    fn says(&self, nonce: &str, address: &str) {
        #[expect(clippy::disallowed_methods, reason = "the token is for the clock of the binary")]
        let now = std::time::SystemTime::now();
        let now = now.duration_since(std::time::UNIX_EPOCH).unwrap();
        let now = now.as_secs();
        let claims = json!({
            "iss": self.stand_in.url(), "aud": "guichet", "sub": address, "nonce": nonce,
            "iat": now, "exp": now + 300, "email": address, "email_verified": true,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({ "alg": "ES256", "kid": "k" })), part(&claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
        self.answers(&json!({ "id_token": token, "token_type": "Bearer" }));
    }
}

fn parameter<'a>(url: &'a str, name: &str) -> &'a str {
    let query = url.split_once('?').unwrap().1;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(known, _)| *known == name).unwrap().1
}

#[test]
fn the_provider_leads_to_the_page_that_was_asked_for() {
    let provider = Provider::start();
    let server = TestServer::start(provider.options());
    let mut browser = Browser::of(&server);
    let page = browser.get("/sign-in?next=%2Faccount%2Fsecurity").text();
    assert!(page.contains("Sign in with"), "{page}");
    assert!(page.contains("/sign-in/provider?next=%2Faccount%2Fsecurity"), "{page}");
    let mut sign_in = |address: &str| {
        let away = browser.get("/sign-in/provider?next=%2Faccount%2Fsecurity");
        assert_eq!(away.status, 303, "{}\n{}", away.text(), server.log());
        assert!(away.location.starts_with(&provider.stand_in.url()), "{}", away.location);
        let (state, nonce) =
            (parameter(&away.location, "state"), parameter(&away.location, "nonce"));
        provider.says(&nonce.replace("%2D", "-").replace("%5F", "_"), address);
        let back = format!("/sign-in/provider/back?code=c&state={state}");
        if provider.stand_in.asked().len() < 2 {
            provider.publishes_keys();
        }
        let page = browser.get(&back);
        let again = browser.get(&back);
        assert_eq!(again.status, 400, "an answer counts once");
        page
    };
    provider.publishes();
    let page = sign_in("jean.dupont@contoso.com");
    assert_eq!(
        (page.status, page.location.as_str()),
        (303, "/account/security"),
        "{}",
        page.text()
    );
    let refused = sign_in("support@contoso.com");
    assert_eq!(refused.status, 401);
    assert!(refused.text().contains("Nobody who may sign in here has the address"));
    let page = browser.get("/account/security").text();
    assert!(page.contains(&provider.stand_in.url()) && page.contains("jean.dupont@contoso.com"));

    let asked = provider.stand_in.asked();
    let paths: Vec<&str> = asked.iter().map(|asked| asked.path.as_str()).collect();
    let published = "/.well-known/openid-configuration";
    assert_eq!(paths, [published, "/token", "/keys", "/token"]);
    // guichet:s3cret
    assert_eq!(asked[1].header("authorization"), Some("Basic Z3VpY2hldDpzM2NyZXQ="));
    assert!(asked[1].body.contains("code_verifier="), "{}", asked[1].body);
    let audit = server.done(&["audit", "--json"]);
    assert!(audit.contains("New-LinkedIdentity"), "{audit}");
}

#[test]
fn a_provider_that_nobody_vouches_for_is_told_nothing() {
    let provider = Provider::start();
    let other = Provider::start();
    let options = provider.options().trusting(&other.folder.path().join("ca.pem"));
    let server = TestServer::start(options);
    provider.publishes();
    let page = Browser::of(&server).get("/sign-in/provider");
    assert_eq!(page.status, 502);
    assert!(page.text().contains("does not answer as it should"), "{}", page.text());
    assert_eq!(provider.stand_in.asked(), [], "nothing was sent to it");
}

#[test]
fn redirections_and_endless_answers_of_a_provider_end_the_sign_in() {
    let provider = Provider::start();
    let endless = StandInAnswer::new(200, vec![b' '; 300 * 1024]);
    let elsewhere = StandInAnswer::new(302, "").with("Location", "https://127.0.0.1:1/");
    for answer in [endless, elsewhere] {
        let server = TestServer::start(provider.options());
        provider.stand_in.then(answer);
        assert_eq!(Browser::of(&server).get("/sign-in/provider").status, 502);
    }
    assert_eq!(provider.stand_in.asked().len(), 2);
}

#[test]
fn a_device_gets_a_profile_signed_with_the_servers_certificate() {
    let server = TestServer::start(Options::demo(GUICHET));
    let mut browser = Browser::of(&server);
    let form = format!("login=jean.dupont%40contoso.com&password={DEMO_PASSWORD}");
    assert_eq!(browser.ask("POST", "/sign-in", &form).status, 303);
    let profile = browser.get("/account/device/profile");
    assert_eq!((profile.status, profile.kind.as_str()), (200, "application/x-apple-aspen-config"));
    let page = browser.ask("POST", "/account/device/link", "").text();
    let mut paths = page.match_indices("/device/").map(|(at, _)| page.split_at(at));
    let (_, link) = paths.find(|(before, _)| !before.ends_with("/account")).unwrap();
    let link = link.split(['<', '"']).next().unwrap().to_owned();
    let mut phone = Browser::of(&server);
    assert_eq!(phone.ask("HEAD", &link, "").status, 200, "looking does not use it up");
    let fetched = phone.get(&link);
    assert_eq!(fetched.status, 200);
    assert_eq!(phone.get(&link).status, 404, "it opens once");
    if !testkit::is_installed("openssl") {
        let test = "a_device_gets_a_profile_signed_with_the_servers_certificate";
        testkit::skip(test, "no openssl");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let certificate = server.dir().join("tls/certificate.pem");
    for profile in [profile, fetched] {
        let file = folder.path().join("profile");
        std::fs::write(&file, &profile.body).unwrap();
        // The demo's certificate is its own authority.
        let verified = Command::new("openssl")
            .args(["cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-CAfile"])
            .arg(&certificate)
            .arg("-in")
            .arg(&file)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&verified.stderr).into_owned();
        assert!(verified.status.success(), "{said}");
        let xml = String::from_utf8(verified.stdout).unwrap();
        assert!(xml.contains("<string>jean.dupont@contoso.com</string>"), "{xml}");
        assert!(xml.contains(&format!("<integer>{}</integer>", server.port(993))), "{xml}");
        assert!(xml.contains(&format!("<integer>{}</integer>", server.port(465))), "{xml}");
        assert!(!xml.contains(DEMO_PASSWORD));
    }
}
