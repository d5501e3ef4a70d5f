//! The client of the admin protocol: HTTP/1.1 over the admin socket, over TLS, or in clear text to
//! this machine.
//!
//! Each page is one connection: an administration command makes few calls, and none may find a
//! connection that went stale. Warnings of the server go to stderr as they come.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use admin_protocol::cmdlet::{Object, strip_annotations};
use admin_protocol::invoke::{
    ANY_TENANT, DIRECTORY_VERSION_HEADER, Request, Response, invoke_path, read_error,
};
use admin_protocol::parameters::Parameters;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Uri;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::connection::Endpoint;
use super::error::Error;
use super::tls;

/// How long connecting may take, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one answer may take: checking a long audit log is the slowest call.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(300);
/// Largest answer that is read: a page of 1000 objects of 64 KiB.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// A stream to a server, of whatever kind.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The client.
pub(crate) struct Client {
    runtime: Runtime,
    target: Target,
    authorization: Option<HeaderValue>,
    /// The version of the directory that the next change is decided on, where that matters.
    directory_version: Cell<Option<i64>>,
}

/// How to reach the server.
enum Target {
    Socket { dir: PathBuf },
    Clear { host: String, port: u16 },
    Tls { host: String, port: u16, connector: tls::Connector },
}

/// Some objects of an answer, and how to get more.
pub(crate) struct Page {
    /// The objects, without annotations.
    pub(crate) objects: Vec<Object>,
    /// Sentences of the server: it succeeded, but.
    pub(crate) warnings: Vec<String>,
    /// The question of a call with `Confirm:true`, or what one with `WhatIf` would do.
    pub(crate) question: Option<String>,
    cmdlet: &'static str,
    body: Bytes,
    next_path: Option<String>,
}

impl Client {
    /// A client of this server. Reads the token and the certificates to trust; sends nothing.
    pub(crate) fn new(endpoint: Endpoint) -> Result<Client, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::Usage(format!("cannot start: {error}")))?;
        let (target, authorization) = match endpoint {
            Endpoint::Socket { dir } => (Target::Socket { dir }, None),
            Endpoint::Url { url, token_file, ca_file } => {
                (Target::from_url(&url, ca_file.as_deref())?, Some(bearer(&token_file)?))
            }
        };
        Ok(Client { runtime, target, authorization, directory_version: Cell::new(None) })
    }

    /// The server, as people name it.
    pub(crate) fn server(&self) -> String {
        match &self.target {
            Target::Socket { dir } => format!("the server of {}", dir.display()),
            Target::Clear { host, port } | Target::Tls { host, port, .. } => {
                format!("{host}:{port}")
            }
        }
    }

    /// From now on each change is made only while the directory is at this version, or at the one
    /// that the change before left.
    pub(crate) fn expect_directory_version(&self, version: Option<i64>) {
        self.directory_version.set(version);
    }

    /// Calls a cmdlet and gives the first page. Its warnings go to stderr.
    pub(crate) fn call(&self, cmdlet: &'static str, parameters: Parameters) -> Result<Page, Error> {
        self.call_quietly(cmdlet, parameters).inspect(warn)
    }

    /// The same; the warnings are the caller's to show.
    pub(crate) fn call_quietly(
        &self,
        cmdlet: &'static str,
        parameters: Parameters,
    ) -> Result<Page, Error> {
        let body = serde_json::to_vec(&Request::new(cmdlet, parameters))
            .expect("names and JSON values always serialise");
        self.page(cmdlet, Bytes::from(body), invoke_path(ANY_TENANT))
    }

    /// The page after this one, if there is one. Its warnings go to stderr.
    pub(crate) fn next_page(&self, page: Page) -> Result<Option<Page>, Error> {
        let next = self.next_page_quietly(page)?;
        next.iter().for_each(warn);
        Ok(next)
    }

    /// The same; the warnings are the caller's to show. The same body is posted to the link.
    pub(crate) fn next_page_quietly(&self, page: Page) -> Result<Option<Page>, Error> {
        match page.next_path {
            Some(path) => self.page(page.cmdlet, page.body, path).map(Some),
            None => Ok(None),
        }
    }

    fn page(&self, cmdlet: &'static str, body: Bytes, path: String) -> Result<Page, Error> {
        let exchange = self.exchange(cmdlet, body.clone(), path);
        let (http_status, answer) = self.runtime.block_on(async {
            tokio::select! {
                done = exchange => done,
                _ = tokio::signal::ctrl_c() => Err(Error::Interrupted),
            }
        })?;
        if http_status != 200 {
            return Err(refused(cmdlet, http_status, &answer));
        }
        let unreadable = |why: String| Error::BadAnswer { cmdlet, why };
        let response: Response =
            serde_json::from_slice(&answer).map_err(|error| unreadable(error.to_string()))?;
        if response.directory_version.is_some() {
            self.directory_version.set(response.directory_version);
        }
        let mut objects = response.value;
        objects.iter_mut().for_each(strip_annotations);
        let next_path = response.next_link.map(|link| path_of(&link)).transpose();
        Ok(Page {
            objects,
            warnings: response.warnings,
            question: response.confirmation_message,
            cmdlet,
            body,
            next_path: next_path.map_err(unreadable)?,
        })
    }

    /// Posts once and reads the whole answer.
    async fn exchange(
        &self,
        cmdlet: &'static str,
        body: Bytes,
        path: String,
    ) -> Result<(u16, Bytes), Error> {
        let unreachable = |why: String| self.target.unreachable(why);
        let stream = timeout(CONNECT_TIMEOUT, self.target.connect())
            .await
            .map_err(|_| unreachable("it does not answer".to_owned()))?
            .map_err(unreachable)?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        let driver = tokio::spawn(connection);
        let request = self.request(cmdlet, body, &path)?;
        let answer = async {
            let response = sender
                .send_request(request)
                .await
                .map_err(|error| unreachable(error.to_string()))?;
            let http_status = response.status().as_u16();
            let whole = Limited::new(response.into_body(), MAX_ANSWER_BYTES)
                .collect()
                .await
                .map_err(|error| Error::BadAnswer { cmdlet, why: error.to_string() })?;
            Ok((http_status, whole.to_bytes()))
        };
        let answer = timeout(ANSWER_TIMEOUT, answer).await;
        driver.abort();
        answer.map_err(|_| unreachable("it does not answer".to_owned()))?
    }

    fn request(
        &self,
        cmdlet: &'static str,
        body: Bytes,
        path: &str,
    ) -> Result<hyper::Request<Full<Bytes>>, Error> {
        let mut builder = hyper::Request::post(path)
            .header(HOST, self.target.host())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, concat!("guichet/", env!("CARGO_PKG_VERSION")))
            .header("X-CmdletName", cmdlet)
            .header("X-ResponseFormat", "json")
            .header("Prefer", "odata.maxpagesize=1000");
        if let Some(version) = self.directory_version.get() {
            builder = builder.header(DIRECTORY_VERSION_HEADER, version);
        }
        if let Some(authorization) = &self.authorization {
            builder = builder.header(AUTHORIZATION, authorization);
        }
        builder
            .body(Full::new(body))
            .map_err(|error| Error::BadAnswer { cmdlet, why: error.to_string() })
    }
}

impl Target {
    fn from_url(url: &str, ca_file: Option<&Path>) -> Result<Target, Error> {
        let wrong = |why: &str| Error::Usage(format!("--server {url}: {why}"));
        let uri: Uri = url.parse().map_err(|_| wrong("this is no URL"))?;
        let host = uri.host().ok_or_else(|| wrong("the host is missing"))?.to_owned();
        match uri.scheme_str() {
            Some("https") => Ok(Target::Tls {
                port: uri.port_u16().unwrap_or(443),
                connector: tls::connector(ca_file)?,
                host,
            }),
            // A bearer token must not cross a network in clear text.
            Some("http") if is_loopback(&host) => {
                Ok(Target::Clear { port: uri.port_u16().unwrap_or(80), host })
            }
            Some("http") => Err(wrong("http is for this machine only; use https")),
            _ => Err(wrong("it must begin with https://")),
        }
    }

    fn host(&self) -> &str {
        match self {
            Target::Socket { .. } => "localhost",
            Target::Clear { host, .. } | Target::Tls { host, .. } => host,
        }
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, String> {
        let text = |error: std::io::Error| error.to_string();
        match self {
            Target::Socket { dir } => {
                let socket = Endpoint::socket_path(dir);
                Ok(Box::new(UnixStream::connect(socket).await.map_err(text)?))
            }
            Target::Clear { host, port } => {
                Ok(Box::new(TcpStream::connect((bare(host), *port)).await.map_err(text)?))
            }
            Target::Tls { host, port, connector } => {
                let tcp = TcpStream::connect((bare(host), *port)).await.map_err(text)?;
                Ok(Box::new(connector.connect(bare(host), tcp).await?))
            }
        }
    }

    fn unreachable(&self, why: String) -> Error {
        match self {
            Target::Socket { dir } => Error::Unreachable {
                endpoint: Endpoint::socket_path(dir).display().to_string(),
                why,
                dir: Some(dir.clone()),
            },
            Target::Clear { host, port } | Target::Tls { host, port, .. } => {
                Error::Unreachable { endpoint: format!("{host}:{port}"), why, dir: None }
            }
        }
    }
}

fn warn(page: &Page) {
    for warning in &page.warnings {
        eprintln!("warning: {warning}");
    }
}

/// A host without the brackets of an IPv6 literal.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || bare(host).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn bearer(token_file: &Path) -> Result<HeaderValue, Error> {
    let token = fs::read_to_string(token_file)
        .map_err(|source| Error::File { path: token_file.to_owned(), source })?;
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.trim()))
        .map_err(|_| Error::Usage(format!("{} holds no token", token_file.display())))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Path and query of a link. Its host is not followed: the token is for our server alone.
fn path_of(link: &str) -> Result<String, String> {
    let uri: Uri = link.parse().map_err(|_| format!("the next link {link} is no URL"))?;
    match uri.path_and_query() {
        Some(path) => Ok(path.as_str().to_owned()),
        None => Err(format!("the next link {link} has no path")),
    }
}

fn refused(cmdlet: &str, http_status: u16, answer: &[u8]) -> Error {
    let text = match read_error(answer) {
        Some(error) => error.text().to_owned(),
        None => match http_status {
            401 => "the server wants a valid token".to_owned(),
            403 => format!("you may not run {cmdlet} here"),
            _ => format!("the server answered {http_status} to {cmdlet}"),
        },
    };
    Error::Refused { http_status, text }
}
