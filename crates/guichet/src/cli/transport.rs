//! How a server is reached: HTTP/1.1 over the admin socket, over TLS, or in clear text to this
//! machine. Each request is a connection of its own: an administration command makes few, and none
//! may find a connection that went stale.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Uri;
use hyper::header::RETRY_AFTER;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
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

/// How to reach a server.
pub(crate) enum Target {
    /// The admin socket of a data directory.
    Socket {
        /// The data directory.
        dir: PathBuf,
    },
    /// Without TLS; on this machine alone.
    Clear {
        /// As in the URL.
        host: String,
        /// The port.
        port: u16,
    },
    /// Under TLS.
    Tls {
        /// As in the URL.
        host: String,
        /// The port.
        port: u16,
        /// Shakes hands.
        connector: tls::Connector,
    },
}

/// A whole answer.
pub(crate) struct Answered {
    /// The HTTP status.
    pub(crate) http_status: u16,
    /// How long the server asks to wait.
    pub(crate) retry_after_secs: Option<u64>,
    /// The body.
    pub(crate) body: Bytes,
}

impl Target {
    /// The server at a URL, which was given by this option.
    pub(crate) fn from_url(
        option: &str,
        url: &str,
        ca_file: Option<&Path>,
    ) -> Result<Target, Error> {
        let wrong = |why: &str| Error::Usage(format!("{option} {url}: {why}"));
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

    /// The server, as people name it.
    pub(crate) fn name(&self) -> String {
        match self {
            Target::Socket { dir } => format!("the server of {}", dir.display()),
            Target::Clear { host, port } | Target::Tls { host, port, .. } => {
                format!("{host}:{port}")
            }
        }
    }

    /// Sends one request on a connection of its own and reads the whole answer. `what` names it in
    /// errors.
    pub(crate) async fn send(
        &self,
        what: &'static str,
        request: hyper::Request<Full<Bytes>>,
    ) -> Result<Answered, Error> {
        let unreachable = |why: String| self.unreachable(why);
        let stream = timeout(CONNECT_TIMEOUT, self.connect())
            .await
            .map_err(|_| unreachable("it does not answer".to_owned()))?
            .map_err(unreachable)?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        let driver = tokio::spawn(connection);
        let answer = async {
            let response = sender
                .send_request(request)
                .await
                .map_err(|error| unreachable(error.to_string()))?;
            let http_status = response.status().as_u16();
            let retry_after = response.headers().get(RETRY_AFTER);
            let retry_after_secs = retry_after
                .and_then(|value| value.to_str().ok())
                .and_then(|text| text.trim().parse().ok());
            let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES)
                .collect()
                .await
                .map_err(|error| Error::BadAnswer { cmdlet: what, why: error.to_string() })?
                .to_bytes();
            Ok(Answered { http_status, retry_after_secs, body })
        };
        let answer = timeout(ANSWER_TIMEOUT, answer).await;
        driver.abort();
        answer.map_err(|_| unreachable("it does not answer".to_owned()))?
    }

    /// The value of `Host`.
    pub(crate) fn host(&self) -> &str {
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

/// A host without the brackets of an IPv6 literal.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || bare(host).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
