//! A seeded server and a client for these tests.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use admin_protocol::cmdlet;
use app::access::{Actor, Scope};
use app::command::{Command, NewToken, Order, Password, Seed};
use app::envelope::{Envelope, EnvelopeRecipient};
use app::submit::{Accepted, Submission, SubmitError};
use app::{App, Settings};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use domain::Timestamp;
use http_body_util::BodyExt as _;
use mail::{Address, ReversePath};
use serde_json::{Value, json};
use store::{Location, Options, Store};
use tower::ServiceExt as _;
use web::{MailPorts, Peer};

pub(crate) const NOW: Timestamp = Timestamp(1_790_000_000_000);
const MAIL_PORTS: MailPorts =
    MailPorts { imap: Some(20143), imaps: Some(20993), submission: None, submissions: Some(20465) };
pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const GUID: &str = "11111111-2222-4333-8444-555555555555";
pub(crate) const NETWORK: Peer = Peer::Network(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)));

fn fill(buffer: &mut [u8]) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    for chunk in buffer.chunks_mut(8) {
        let number = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        chunk.copy_from_slice(&number.to_be_bytes()[..chunk.len()]);
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: {text}", self.status))
    }

    /// The output objects of a 200.
    pub(crate) fn objects(&self) -> Vec<Value> {
        assert_eq!(self.status, StatusCode::OK, "{}", String::from_utf8_lossy(&self.body));
        self.json()["value"].as_array().expect("value is an array").clone()
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        let json = self.json();
        let warnings = json["@adminapi.warnings"].as_array().expect("warnings are an array");
        warnings.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    /// The sentence of an error.
    pub(crate) fn error(&self) -> String {
        let json = self.json();
        let message = json["error"]["details"][0]["message"].as_str().unwrap();
        let parts: Vec<&str> = message.split('|').collect();
        assert_eq!(parts.len(), 3, "{message}");
        parts[2].to_owned()
    }
}

pub(crate) struct Office {
    pub(crate) app: Arc<App>,
    pub(crate) router: Router,
    _dir: tempfile::TempDir,
}

impl Office {
    pub(crate) async fn open() -> Office {
        let dir = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(dir.path().join("guichet.db"));
        let store = Store::open(location, Options::default()).await.unwrap();
        let app = App::start(store, Settings::new("mail.contoso.com"), fill).await.unwrap();
        let app = Arc::new(app);
        let seed = Seed {
            guid: GUID.into(),
            organization: "Contoso".into(),
            domain: "contoso.com".into(),
            keys: Vec::new(),
            administrator: "admin@contoso.com".into(),
            administrator_name: "Admin".into(),
            password: Password(PASSWORD.into()),
        };
        app.seed(seed, NOW).await.unwrap();
        let router = web::router(
            Arc::clone(&app),
            web::Options {
                clock: || NOW,
                calls: web::CallLimits::default(),
                mail_ports: MAIL_PORTS,
            },
        );
        Office { app, router, _dir: dir }
    }

    /// Lets accounts call less often.
    pub(crate) fn limit_calls(&mut self, calls: web::CallLimits) {
        let options = web::Options { clock: || NOW, calls, mail_ports: MAIL_PORTS };
        self.router = web::router(Arc::clone(&self.app), options);
    }

    /// The same store under another application.
    pub(crate) async fn with(self, change: impl FnOnce(App) -> App) -> Office {
        let (store, settings) = (self.app.store().clone(), self.app.settings().clone());
        let app = Arc::new(change(App::start(store, settings, fill).await.unwrap()));
        let calls = web::CallLimits::default();
        let options = web::Options { clock: || NOW, calls, mail_ports: MAIL_PORTS };
        let router = web::router(Arc::clone(&app), options);
        Office { app, router, ..self }
    }

    /// With a team, its owner Marie, its member Jean, and an auditor.
    pub(crate) async fn contoso() -> Office {
        let office = Office::open().await;
        for (login, name) in [("jean.dupont", "Jean Dupont"), ("marie.durand", "Marie Durand")] {
            let address = format!("{login}@contoso.com");
            let user = json!({ "Name": name, "PrimarySmtpAddress": address });
            office.call("New-Mailbox", user).await.objects();
        }
        let auditor = json!({ "Name": "Auditor", "Role": "Auditor" });
        office.call("New-Mailbox", auditor).await.objects();
        let team = json!({
            "DisplayName": "Support",
            "Alias": "support",
            "Owner": ["marie.durand"],
            "Members": "jean.dupont",
            "Team": true,
        });
        office.call("New-UnifiedGroup", team).await.objects();
        office
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        Answer { status, headers, body }
    }

    /// Calls a cmdlet over the administration socket, and checks its output by the table.
    pub(crate) async fn call(&self, name: &str, parameters: Value) -> Answer {
        let answer = self.send(post(name, parameters, Peer::Socket)).await;
        if answer.status == StatusCode::OK {
            let cmdlet = cmdlet::find(name).unwrap();
            for object in answer.objects() {
                let faults = cmdlet.output_faults(object.as_object().unwrap());
                assert!(faults.is_empty(), "{name}: {faults:?}");
            }
        }
        answer
    }

    /// Calls a cmdlet over the network with a token.
    pub(crate) async fn call_with(&self, token: &str, name: &str, parameters: Value) -> Answer {
        let mut request = post(name, parameters, NETWORK);
        let value = format!("Bearer {token}").parse().unwrap();
        request.headers_mut().insert("authorization", value);
        self.send(request).await
    }

    pub(crate) async fn token(&self, user: &str, scopes: &[Scope]) -> String {
        let new = NewToken {
            user: user.into(),
            name: "test".into(),
            scopes: scopes.to_vec(),
            expires_at: None,
        };
        let order = Order::new(Command::CreateToken(new));
        let made = self.app.command(&Actor::LocalAdministrator, &order, NOW).await.unwrap();
        made.secret.unwrap().secret
    }

    pub(crate) async fn set_password(&self, user: &str, password: &str) {
        let command =
            Command::SetPassword { user: user.into(), password: Password(password.into()) };
        let order = Order::new(command);
        self.app.command(&Actor::LocalAdministrator, &order, NOW).await.unwrap();
    }

    pub(crate) async fn submit(
        &self,
        login: &str,
        from: &str,
        to: &str,
    ) -> Result<Accepted, SubmitError> {
        let (actor, path) = {
            let directory = self.app.directory();
            let found = directory.find(login).unwrap();
            (found.id, found.primary().clone())
        };
        let message = format!("From: {from}\r\nTo: {to}\r\nSubject: Bonjour\r\n\r\nTexte\r\n");
        let submission = Submission {
            actor,
            envelope: Envelope {
                reverse_path: ReversePath::Address(path),
                recipients: vec![EnvelopeRecipient::new(Address::parse(to).unwrap())],
                envelope_id: None,
            },
            message: message.into(),
            with: mail::Protocol::Esmtpsa,
            client: "laptop [192.0.2.7]".into(),
        };
        self.app.submit(submission, NOW).await
    }
}

pub(crate) fn body_of(name: &str, parameters: impl Into<Value>) -> Value {
    let parameters: Value = parameters.into();
    json!({ "CmdletInput": { "CmdletName": name, "Parameters": parameters } })
}

pub(crate) fn post(name: &str, parameters: Value, peer: Peer) -> Request<Body> {
    post_to("/adminapi/beta/contoso.com/InvokeCommand", &body_of(name, parameters), peer)
}

pub(crate) fn post_to(path: &str, body: &Value, peer: Peer) -> Request<Body> {
    Request::post(path)
        .header("host", "mail.contoso.com")
        .header("content-type", "application/json; charset=utf-8")
        .extension(peer)
        .body(Body::from(body.to_string()))
        .unwrap()
}
