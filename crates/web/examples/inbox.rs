//! Measures the inbox page of a folder with 100,000 messages: the time of the server and the octets
//! of the page. `cargo run -p guichet-web --example inbox [MESSAGES]` prints them.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on ends")]

use std::sync::Arc;
use std::time::Instant;

use app::command::{Password, Seed};
use app::mailbox::change::Brought;
use app::reading::Flags;
use app::{App, Settings};
use axum::body::Body;
use axum::http::{Request, header};
use domain::Timestamp;
use http_body_util::BodyExt as _;
use store::{Location, Options, Store};
use tower::ServiceExt as _;
use web::{MailPorts, Peer, Scheme};

const NOW: Timestamp = Timestamp(1_790_000_000_000);
const MESSAGES: usize = 100_000;
/// Messages that one write puts in.
const AT_ONCE: usize = 1_000;
/// How often each page is asked for.
const ROUNDS: usize = 51;

fn fill(buffer: &mut [u8]) {
    for (number, octet) in buffer.iter_mut().enumerate() {
        *octet = u8::try_from(number % 251).unwrap_or(0);
    }
}

fn message(number: usize) -> Brought {
    let text = format!(
        "From: Client {number} <client{number}@fabrikam.com>\r\nTo: admin@contoso.com\r\n\
         Subject: Commande {number} du printemps\r\nMessage-ID: <{number}@fabrikam.com>\r\n\
         Date: Mon, 21 Sep 2026 14:13:20 +0000\r\n\r\nBonjour, voici la commande {number}.\r\n"
    );
    Brought { content: text.into(), flags: Flags::NONE, internal_at: None }
}

async fn filled(dir: &std::path::Path, count: usize) -> Arc<App> {
    let location = Location::Sqlite(dir.join("guichet.db"));
    let store = Store::open(location, Options::default()).await.unwrap();
    let app = Arc::new(App::start(store, Settings::new("mail.contoso.com"), fill).await.unwrap());
    let seed = Seed {
        guid: "00000000-0000-4000-8000-000000000001".into(),
        organization: "Contoso".into(),
        domain: "contoso.com".into(),
        keys: Vec::new(),
        administrator: "admin@contoso.com".into(),
        administrator_name: "Admin".into(),
        password: Password("measured".into()),
    };
    app.seed(seed, NOW).await.unwrap();
    let (person, inbox) = {
        let directory = app.directory();
        let admin = directory.find("admin").unwrap();
        (admin.id, admin.folders.unwrap().inbox)
    };
    let (_, place) = app.folder(person, inbox, NOW).await.unwrap();
    let mut number = 0;
    while number < count {
        let last = (number + AT_ONCE).min(count);
        app.append(&place, (number..last).map(message).collect(), NOW).await.unwrap();
        number = last;
    }
    app
}

fn request(path: &str, cookie: &str) -> axum::http::request::Builder {
    Request::builder()
        .uri(path)
        .header(header::HOST, "mail.contoso.com")
        .header("sec-fetch-site", "same-origin")
        .header(header::COOKIE, cookie)
        .extension(Peer::Network([192, 0, 2, 1].into()))
        .extension(Scheme("https"))
}

#[tokio::main]
async fn main() {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(MESSAGES);
    let dir = tempfile::tempdir().unwrap();
    let app = filled(dir.path(), count).await;
    let options = web::Options {
        clock: || NOW,
        calls: web::CallLimits::default(),
        mail_ports: MailPorts::default(),
    };
    let router = web::router(app, options);
    let form = Body::from("login=admin%40contoso.com&password=measured");
    let sign_in = request("/sign-in", "")
        .method("POST")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form)
        .unwrap();
    let signed = router.clone().oneshot(sign_in).await.unwrap();
    let cookie = signed.headers()[header::SET_COOKIE].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let middle = format!("/?before={}", count / 2);
    for path in ["/", middle.as_str()] {
        let mut times = Vec::new();
        let mut octets = 0;
        for _ in 0..ROUNDS {
            let asked = request(path, &cookie).body(Body::empty()).unwrap();
            let start = Instant::now();
            let answer = router.clone().oneshot(asked).await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.status());
            octets = answer.into_body().collect().await.unwrap().to_bytes().len();
            times.push(start.elapsed());
        }
        times.sort();
        let (median, slow) = (times[ROUNDS / 2], times[ROUNDS * 95 / 100]);
        println!("{path}: {count} messages, median {median:?}, 95 % {slow:?}, {octets} octets");
    }
}
