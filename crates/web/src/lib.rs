//! HTTP: the pages, the Exchange admin protocol endpoint, the set-up of mail programs and the
//! health checks.
//!
//! The router knows no sockets. Whoever serves it says with an axum extension where a connection
//! comes from ([`Peer`]): the administration socket, whose user is administrator, or the network,
//! whose user signs in with a bearer token or a password. Everything that changes something goes
//! through `app`'s commands.

mod admin;
mod autoconfig;
mod caller;
mod escape;
mod health;
mod limits;
mod mobileconfig;
mod oauth;
mod site;

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use app::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use domain::Timestamp;

pub use limits::{CALLS_PER_WINDOW, CallLimits, WINDOW_SECS};

pub use mobileconfig::{ProfileSigner, SignProfile};

use limits::CallMeter;

/// Octets of a request's body at most. The longest call, a list of thousands of members, has less.
pub const BODY_OCTETS_MAX: usize = 1024 * 1024;

/// What the router is told at its start.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Reads the clock.
    pub clock: fn() -> Timestamp,
    /// How many calls of cmdlets one account may make.
    pub calls: CallLimits,
    /// Where mail programs find mail.
    pub mail_ports: MailPorts,
}

/// The ports of the mail services; `None` where a service is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MailPorts {
    /// IMAP with STARTTLS.
    pub imap: Option<u16>,
    /// IMAP under TLS.
    pub imaps: Option<u16>,
    /// Submission with STARTTLS.
    pub submission: Option<u16>,
    /// Submission under TLS.
    pub submissions: Option<u16>,
}

/// Where a connection comes from. The listener puts it into the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// The administration socket: whoever may open it is administrator.
    Socket,
    /// The network.
    Network(IpAddr),
}

/// The scheme by which clients reach the listener, `http` or `https`, for links to further pages.
/// Put into the request's extensions by a listener without TLS; absent it is `https` on the
/// network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheme(pub &'static str);

/// The answer of DNS: the data of all records of a name and type in zone file form, possibly none;
/// `None` when there was no answer.
pub type Resolved = Pin<Box<dyn Future<Output = Option<Vec<String>>> + Send>>;

/// A function that asks DNS for a name and a type.
pub type Resolve = dyn Fn(&str, &str) -> Resolved + Send + Sync;

/// Asks DNS for a name and a type such as `MX`; for comparing published records. Layered onto the
/// router as an extension; without it records are listed but not compared.
#[derive(Clone)]
pub struct Resolver(pub Arc<Resolve>);

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver(..)")
    }
}

/// The point on P-256 with which browsers are told of new mail (RFC 8292). Layered onto the router
/// as an extension; without it nobody is told.
#[derive(Debug, Clone)]
pub struct PushKey(pub Arc<[u8]>);

/// What all handlers share.
#[derive(Debug, Clone)]
pub(crate) struct Web {
    pub(crate) app: Arc<App>,
    pub(crate) options: Options,
    pub(crate) meter: Arc<CallMeter>,
    pub(crate) sessions: Arc<admin::Sessions>,
    pub(crate) live: Arc<site::live::Listeners>,
}

/// All routes.
pub fn router(app: Arc<App>, options: Options) -> Router {
    let meter = Arc::new(CallMeter::new(options.calls));
    let web = Web { app, options, meter, sessions: Arc::default(), live: Arc::default() };
    Router::new()
        .route("/healthz/live", get(health::live))
        .route("/healthz/ready", get(health::ready))
        .route(admin_protocol::module::MODULE_PATH, get(admin::powershell))
        .merge(admin_routes("adminapi"))
        .merge(admin_routes("AdminApi"))
        .merge(oauth::routes())
        .route("/.well-known/autoconfig/mail/config-v1.1.xml", get(autoconfig::show))
        .route("/mail/config-v1.1.xml", get(autoconfig::show))
        .merge(site::routes())
        .fallback(site::not_found)
        .layer(DefaultBodyLimit::max(BODY_OCTETS_MAX))
        .with_state(web)
}

/// The admin protocol under its first segment, which clients spell in two ways.
fn admin_routes(root: &str) -> Router<Web> {
    Router::new()
        .route(&format!("/{root}/beta/{{tenant}}/InvokeCommand"), post(admin::invoke))
        .route(&format!("/{root}/beta/{{tenant}}/$batch"), post(admin::batch))
        .route(&format!("/{root}/beta/{{tenant}}/{{entity}}"), get(admin::entity))
        .route(&format!("/{root}/v2.0/{{tenant}}/{{endpoint}}"), post(admin::invoke_endpoint))
        .route(&format!("/{root}/v1.0/{{tenant}}/EXOModuleFile"), get(admin::module_file))
}
