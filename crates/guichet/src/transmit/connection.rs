//! Connections to other servers: dialled, secured where possible, kept for the next message.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::transmit::{Outcome, RemoteWord};
use rustls::pki_types::ServerName;
use smtp::client::{ClientError, ClientSettings, Extension, Opening, Session, Severity};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use super::route::{Outbound, Route, Smarthost};
use crate::config::SmarthostTls;
use crate::dns::{Dns, NoRoute};

/// For a TCP connection to come about.
const DIAL_TIMEOUT: Duration = Duration::from_secs(30);
/// For a TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long an idle connection is kept for the next message.
const KEEP_FOR: Duration = Duration::from_secs(10);
/// Idle connections kept for one route.
const KEPT_PER_ROUTE: usize = 4;

/// Anything a session runs over.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

type BoxedStream = Box<dyn Stream>;

/// A session with a host.
pub(crate) struct Dialled {
    pub(crate) session: Session<BoxedStream>,
    /// The host, for reports.
    pub(crate) host: String,
    /// Whether it was kept from an earlier message: the peer may have closed it meanwhile.
    pub(crate) is_kept: bool,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    /// There is nowhere to go.
    #[error(transparent)]
    NoRoute(#[from] NoRoute),
    /// The last host that was tried.
    #[error("{host}: {error}")]
    Host {
        /// Which.
        host: String,
        /// What went wrong.
        error: ClientError,
    },
}

impl DialError {
    /// What it means for the recipients.
    pub(crate) fn outcome(&self) -> Outcome {
        let word = |host: Option<&str>, status: &str| RemoteWord {
            host: host.map(str::to_owned),
            text: self.to_string(),
            status: status.to_owned(),
        };
        match self {
            // RFC 3463 §3.2 bad destination system; RFC 7505 §4.1 null MX; §3.5 routing.
            DialError::NoRoute(NoRoute::NoSuchDomain(_)) => Outcome::Failed(word(None, "5.1.2")),
            DialError::NoRoute(NoRoute::NullExchanger(_)) => Outcome::Failed(word(None, "5.1.10")),
            DialError::NoRoute(NoRoute::LeadsBack(_)) => Outcome::Failed(word(None, "5.4.6")),
            DialError::NoRoute(NoRoute::Temporary(..)) => Outcome::Deferred(word(None, "4.4.3")),
            DialError::NoRoute(NoRoute::SwitchedOff) => Outcome::Deferred(word(None, "4.4.4")),
            DialError::Host { host, error } => match error.severity() {
                Severity::Temporary => Outcome::Deferred(word(Some(host), "4.4.1")),
                Severity::Permanent => Outcome::Failed(word(Some(host), "5.0.0")),
            },
        }
    }
}

/// TLS for the way out.
pub(crate) struct ClientTls {
    /// Any certificate will do: encryption against those who only listen (RFC 7435).
    pub(crate) opportunistic: TlsConnector,
    /// The certificate must be valid for the name.
    pub(crate) verified: TlsConnector,
}

/// Opens connections and keeps idle ones.
pub(crate) struct Connections {
    dns: Arc<Dns>,
    outbound: Outbound,
    tls: ClientTls,
    kept: Mutex<HashMap<Route, Vec<(Instant, Dialled)>>>,
}

/// How one connection is to be secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Security {
    Off,
    Opportunistic,
    Required,
    Implicit,
}

impl Connections {
    /// Nothing is dialled yet.
    pub(crate) fn new(dns: Arc<Dns>, outbound: Outbound, tls: ClientTls) -> Connections {
        Connections { dns, outbound, tls, kept: Mutex::new(HashMap::new()) }
    }

    /// A session for the route: one that was kept, or a new one.
    pub(crate) async fn open(&self, route: &Route) -> Result<Dialled, DialError> {
        if let Some(kept) = self.take_kept(route) {
            return Ok(kept);
        }
        match (route, &self.outbound.smarthost) {
            (Route::Smarthost, Some(smarthost)) => self.open_smarthost(smarthost).await,
            (Route::Smarthost, None) => Err(NoRoute::SwitchedOff.into()),
            (Route::Exchangers(domain), _) => self.open_exchanger(domain).await,
        }
    }

    /// Keeps a session for the next message.
    pub(crate) fn keep(&self, route: &Route, dialled: Dialled) {
        let dialled = Dialled { is_kept: true, ..dialled };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, sessions| {
            sessions.retain(|(since, _)| since.elapsed() < KEEP_FOR);
            !sessions.is_empty()
        });
        let sessions = kept.entry(route.clone()).or_default();
        if sessions.len() < KEPT_PER_ROUTE {
            sessions.push((Instant::now(), dialled));
        }
    }

    /// Says goodbye on all kept sessions.
    pub(crate) async fn close(&self) {
        let kept = std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner));
        for (_, dialled) in kept.into_values().flatten() {
            dialled.session.quit().await;
        }
    }

    fn take_kept(&self, route: &Route) -> Option<Dialled> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let sessions = kept.get_mut(route)?;
        sessions.retain(|(since, _)| since.elapsed() < KEEP_FOR);
        sessions.pop().map(|(_, dialled)| dialled)
    }

    async fn open_smarthost(&self, smarthost: &Smarthost) -> Result<Dialled, DialError> {
        let security = match smarthost.tls {
            SmarthostTls::Off => Security::Off,
            SmarthostTls::Opportunistic => Security::Opportunistic,
            SmarthostTls::Required => Security::Required,
            SmarthostTls::Implicit => Security::Implicit,
        };
        let mut dialled = self.open_host(&smarthost.host, smarthost.port, security).await?;
        if let Some((login, secret)) = &smarthost.login {
            let host = smarthost.host.clone();
            let done = dialled.session.authenticate(login, secret).await;
            done.map_err(|error| DialError::Host { host, error })?;
        }
        Ok(dialled)
    }

    async fn open_exchanger(&self, domain: &mail::Domain) -> Result<Dialled, DialError> {
        let hosts = self.dns.exchangers(domain, &self.outbound.hostname).await?;
        let mut last = DialError::NoRoute(NoRoute::NoSuchDomain(domain.to_string()));
        for host in hosts {
            match self.open_host(&host, self.outbound.mx_port, Security::Opportunistic).await {
                Ok(dialled) => return Ok(dialled),
                Err(error) => {
                    tracing::debug!(%host, %error, "an exchanger cannot be used");
                    last = error;
                }
            }
        }
        Err(last)
    }

    /// Tries the addresses of a host in turn. A handshake that fails where security is a bonus is
    /// tried again without: mail in the clear is what the domain asks for by offering no more.
    async fn open_host(
        &self,
        host: &str,
        port: u16,
        security: Security,
    ) -> Result<Dialled, DialError> {
        let mut last = None;
        for address in self.dns_or_literal(host).await? {
            let peer = SocketAddr::new(address, port);
            let mut opened = self.open_address(peer, host, security).await;
            if security == Security::Opportunistic
                && matches!(opened, Err(ClientError::TlsFailed(_)))
            {
                opened = self.open_address(peer, host, Security::Off).await;
            }
            match opened {
                Ok(session) => {
                    return Ok(Dialled { session, host: host.to_owned(), is_kept: false });
                }
                Err(error) => last = Some(error),
            }
        }
        let host = host.to_owned();
        match last {
            Some(error) => Err(DialError::Host { host, error }),
            None => Err(NoRoute::NoSuchDomain(host).into()),
        }
    }

    async fn dns_or_literal(&self, host: &str) -> Result<Vec<IpAddr>, NoRoute> {
        match host.parse() {
            Ok(address) => Ok(vec![address]),
            Err(_) if host == "localhost" => Ok(vec![IpAddr::from([127, 0, 0, 1])]),
            Err(_) => self.dns.addresses(host).await,
        }
    }

    async fn open_address(
        &self,
        peer: SocketAddr,
        host: &str,
        security: Security,
    ) -> Result<Session<BoxedStream>, ClientError> {
        let settings = ClientSettings::new(&self.outbound.hostname);
        let stream: BoxedStream = Box::new(self.dial(peer).await?);
        if security == Security::Implicit {
            let stream = handshake(&self.tls.verified, host, peer, stream).await?;
            return Session::open(stream, Opening::ImplicitTls, &settings).await;
        }
        let session = Session::open(stream, Opening::Clear, &settings).await?;
        let connector = match security {
            Security::Required => &self.tls.verified,
            Security::Opportunistic if session.extensions().offers(Extension::StartTls) => {
                &self.tls.opportunistic
            }
            Security::Off | Security::Opportunistic | Security::Implicit => return Ok(session),
        };
        let stream = handshake(connector, host, peer, session.starttls().await?).await?;
        Session::open(stream, Opening::AfterStartTls, &settings).await
    }

    async fn dial(&self, peer: SocketAddr) -> Result<TcpStream, ClientError> {
        let connect = async {
            let socket = if peer.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            if let Some(address) = self.outbound.bind_address
                && address.is_ipv4() == peer.is_ipv4()
            {
                socket.bind(SocketAddr::new(address, 0))?;
            }
            let stream = socket.connect(peer).await?;
            stream.set_nodelay(true)?;
            Ok(stream)
        };
        timeout(DIAL_TIMEOUT, connect)
            .await
            .unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
            .map_err(ClientError::Unreachable)
    }
}

async fn handshake(
    connector: &TlsConnector,
    host: &str,
    peer: SocketAddr,
    stream: BoxedStream,
) -> Result<BoxedStream, ClientError> {
    let name = ServerName::try_from(host.to_owned())
        .unwrap_or_else(|_| ServerName::IpAddress(peer.ip().into()));
    let done = timeout(HANDSHAKE_TIMEOUT, connector.connect(name, stream)).await;
    let stream = done.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
    Ok(Box::new(stream.map_err(ClientError::TlsFailed)?))
}
