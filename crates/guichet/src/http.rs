//! HTTP: the administration over the local socket, and the web listeners.
//!
//! Whoever may open the socket is administrator; everybody else shows a token or a password, which
//! `web` looks at.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::IntoResponse;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use web::{Peer, Scheme};

use crate::tls::ReloadableTls;

/// For a request's header section to come.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// For a TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(20);
/// HTTP connections of one listener at the same time.
const CONNECTIONS_MAX: usize = 512;
/// After a failed accept, such as too many open files, the listener rests.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Opens the administration socket with mode 0600. An old file at the path is removed: the lock on
/// the data directory says that nobody serves it.
pub(crate) fn bind_admin_socket(path: &Path) -> std::io::Result<UnixListener> {
    use std::os::unix::fs::PermissionsExt as _;
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Serves the administration socket until shutdown.
pub(crate) async fn serve_socket(
    listener: UnixListener,
    router: Router,
    mut shutdown: watch::Receiver<bool>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = shutdown.changed() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                tokio::spawn(converse(stream, router.clone(), Peer::Socket, shutdown.clone()));
            }
            Err(error) => rest_after(&error).await,
        }
    }
}

/// How a web listener is secured.
#[derive(Clone)]
pub(crate) enum WebSecurity {
    /// TLS from the first octet.
    Tls(Arc<ReloadableTls>),
    /// None: loopback of the demo, or redirections.
    None,
}

/// Serves a web listener until shutdown.
pub(crate) async fn serve_web(
    listener: TcpListener,
    router: Router,
    security: WebSecurity,
    mut shutdown: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = shutdown.changed() => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                rest_after(&error).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::info!(%peer, "too many HTTP connections");
            continue;
        };
        let (router, security, shutdown) = (router.clone(), security.clone(), shutdown.clone());
        let who = Peer::Network(peer.ip().to_canonical());
        tokio::spawn(async move {
            let _place = place;
            match security {
                WebSecurity::None => {
                    let router = router.layer(axum::Extension(Scheme("http")));
                    converse(stream, router, who, shutdown).await;
                }
                WebSecurity::Tls(tls) => {
                    let accept = TlsAcceptor::from(tls.https()).accept(stream);
                    match timeout(HANDSHAKE_TIMEOUT, accept).await {
                        Ok(Ok(stream)) => converse(stream, router, who, shutdown).await,
                        Ok(Err(error)) => tracing::debug!(%peer, %error, "TLS handshake failed"),
                        Err(_) => tracing::debug!(%peer, "TLS handshake took too long"),
                    }
                }
            }
        });
    }
}

async fn rest_after(error: &std::io::Error) {
    tracing::warn!(%error, "an HTTP connection could not be accepted");
    tokio::time::sleep(ACCEPT_PAUSE).await;
}

async fn converse<S>(stream: S, router: Router, peer: Peer, mut shutdown: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = TowerToHyperService::new(router.layer(axum::Extension(peer)));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = shutdown.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection failed");
    }
}

/// What port 80 says in production: the same page under TLS.
pub(crate) fn redirections(hostname: &str, https_port: u16) -> Router {
    let authority = match https_port {
        443 => hostname.to_owned(),
        port => format!("{hostname}:{port}"),
    };
    Router::new().fallback(move |uri: Uri| {
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let target = HeaderValue::try_from(format!("https://{authority}{path}"));
        async move {
            match target {
                Ok(target) => {
                    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, target)]).into_response()
                }
                Err(_) => StatusCode::BAD_REQUEST.into_response(),
            }
        }
    })
}

/// Opens a TCP listener, with a sentence that says what to do where it fails.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|error| BindError { address, error })
}

/// A listener cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {error}; {}", advice(error))]
pub(crate) struct BindError {
    address: SocketAddr,
    error: std::io::Error,
}

fn advice(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            "another program uses it: stop that one, or change [listen] in guichet.toml"
        }
        std::io::ErrorKind::PermissionDenied => {
            "ports below 1024 need root or CAP_NET_BIND_SERVICE"
        }
        std::io::ErrorKind::AddrNotAvailable => {
            "this machine does not have the address: change [listen] in guichet.toml"
        }
        _ => "check [listen] in guichet.toml",
    }
}
