//! Listeners: accepts connections, counts them, secures them, and holds the conversations.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::App;
use smtp::server::{Backend, Ended, Opening, ServerSettings, TlsFacts, serve};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::authenticate::Authenticator;
use crate::config::DenialStyle;
use crate::imap_backend::ImapBackend;
use crate::smtp_backend::{ReceptionBackend, SubmissionBackend};
use crate::tls::ReloadableTls;

/// For a TLS handshake of a client.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(20);
/// After a failed accept, such as too many open files, the listener rests.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long conversations may take to end when the server stops.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(8);

/// How many connections there may be.
pub(crate) struct ConnectionLimits {
    all: Arc<Semaphore>,
    per_address: usize,
    by_address: Mutex<HashMap<IpAddr, usize>>,
    exempts_loopback: bool,
}

impl ConnectionLimits {
    /// Limits over all listeners of one kind.
    pub(crate) fn new(
        all: usize,
        per_address: usize,
        exempts_loopback: bool,
    ) -> Arc<ConnectionLimits> {
        Arc::new(ConnectionLimits {
            all: Arc::new(Semaphore::new(all)),
            per_address,
            by_address: Mutex::new(HashMap::new()),
            exempts_loopback,
        })
    }

    /// A place for one connection, given back when dropped.
    fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let permit = Arc::clone(&self.all).try_acquire_owned().ok()?;
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_address.entry(peer).or_default();
        let is_exempt = self.exempts_loopback && peer.is_loopback();
        if *count >= self.per_address && !is_exempt {
            return None;
        }
        *count += 1;
        Some(Place { limits: Arc::clone(self), peer, _permit: permit })
    }
}

/// One connection's place.
struct Place {
    limits: Arc<ConnectionLimits>,
    peer: IpAddr,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut by_address = self.limits.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_address.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&self.peer);
            }
        }
    }
}

/// What a listener speaks.
#[derive(Clone)]
pub(crate) enum Service {
    /// Mail from other servers.
    Reception(Arc<Authenticator>),
    /// Mail from our people; STARTTLS first.
    Submission(DenialStyle),
    /// The same under TLS from the first octet.
    Submissions(DenialStyle),
    /// Reading mail; STARTTLS first.
    Imap(Arc<imap::server::ServerSettings>),
    /// The same under TLS from the first octet.
    Imaps(Arc<imap::server::ServerSettings>),
}

impl Service {
    /// What a client is told that finds no place.
    fn too_many_connections(&self) -> String {
        match self {
            Service::Reception(_) | Service::Submission(_) | Service::Submissions(_) => {
                smtp::reply::too_many_connections().to_string()
            }
            // RFC 9051 §7.1.5, RFC 5530.
            Service::Imap(_) | Service::Imaps(_) => {
                "* BYE [UNAVAILABLE] Too many connections, try again later".to_owned()
            }
        }
    }
}

/// What all listeners share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) app: Arc<App>,
    pub(crate) tls: Arc<ReloadableTls>,
    pub(crate) limits: Arc<ConnectionLimits>,
    pub(crate) shutdown: watch::Receiver<bool>,
}

/// Accepts until shutdown, then waits a little for conversations to end.
pub(crate) async fn run(
    listener: TcpListener,
    service: Service,
    settings: Arc<ServerSettings>,
    mut shared: Shared,
) {
    let mut conversations = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = shared.shutdown.changed() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (service, settings, shared) =
                    (service.clone(), Arc::clone(&settings), shared.clone());
                conversations.spawn(admit(stream, peer, service, settings, shared));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
        while conversations.try_join_next().is_some() {}
    }
    drop(listener);
    let all = async { while conversations.join_next().await.is_some() {} };
    if timeout(DRAIN_TIMEOUT, all).await.is_err() {
        tracing::warn!("some conversations did not end in time and are cut");
    }
}

async fn admit(
    mut stream: TcpStream,
    peer: SocketAddr,
    service: Service,
    settings: Arc<ServerSettings>,
    shared: Shared,
) {
    let Some(_place) = shared.limits.enter(peer.ip()) else {
        tracing::info!(%peer, "too many connections");
        let text = service.too_many_connections();
        // The peer is not waited for: it may be why there are too many.
        let _ = timeout(Duration::from_secs(1), stream.write_all(format!("{text}\r\n").as_bytes()))
            .await;
        return;
    };
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "TCP_NODELAY cannot be set");
    }
    let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
    let client = Client { settings: &settings, shared: &shared, peer };
    let app = Arc::clone(&shared.app);
    match service {
        Service::Reception(authenticator) => {
            let mut backend = ReceptionBackend::new(app, authenticator, peer);
            client.converse_in_the_clear(stream, &mut backend).await;
        }
        Service::Submission(style) => {
            let mut backend = SubmissionBackend::new(app, peer.ip(), style);
            client.converse_in_the_clear(stream, &mut backend).await;
        }
        Service::Submissions(style) => {
            let mut backend = SubmissionBackend::new(app, peer.ip(), style);
            if let Some((stream, facts)) = secure(stream, &shared, peer).await {
                client.converse(stream, Opening::ImplicitTls(facts), &mut backend).await;
            }
        }
        Service::Imap(settings) => {
            let mut backend = ImapBackend::new(app, peer.ip());
            read_mail_in_the_clear(stream, &mut backend, (&settings, &shared), peer).await;
        }
        Service::Imaps(settings) => {
            let mut backend = ImapBackend::new(app, peer.ip());
            if let Some((stream, facts)) = secure(stream, &shared, peer).await {
                let opening = imap::server::Opening::ImplicitTls(facts);
                read_mail(stream, opening, &mut backend, (&settings, &shared), peer).await;
            }
        }
    }
}

/// What an IMAP conversation needs beside its client.
type Reading<'a> = (&'a imap::server::ServerSettings, &'a Shared);

async fn read_mail_in_the_clear(
    stream: TcpStream,
    backend: &mut ImapBackend,
    reading: Reading<'_>,
    peer: SocketAddr,
) {
    let opening = imap::server::Opening::Clear;
    let Some(stream) = read_mail(stream, opening, backend, reading, peer).await else { return };
    if let Some((stream, facts)) = secure(stream, reading.1, peer).await {
        let opening = imap::server::Opening::AfterStartTls(facts);
        read_mail(stream, opening, backend, reading, peer).await;
    }
}

/// Holds an IMAP conversation. Gives the stream back where the client wants TLS.
async fn read_mail<S>(
    stream: S,
    opening: imap::server::Opening,
    backend: &mut ImapBackend,
    (settings, shared): Reading<'_>,
    peer: SocketAddr,
) -> Option<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    use imap::server::Ended;
    let shutdown = shared.shutdown.clone();
    match imap::server::serve(stream, opening, backend, settings, shutdown).await {
        Ended::StartTls(stream) => return Some(stream),
        Ended::LoggedOut | Ended::PeerGone | Ended::ShutDown => {}
        Ended::TimedOut => tracing::debug!(%peer, "the IMAP client was silent too long"),
        Ended::TooManyErrors => tracing::info!(%peer, "too many IMAP errors, connection closed"),
        Ended::Unreadable(why) => tracing::info!(%peer, why, "the IMAP client is not understood"),
        Ended::Refused(failure) => tracing::info!(%peer, ?failure, "IMAP connection refused"),
        Ended::MailboxGone(failure) => {
            tracing::info!(%peer, ?failure, "the open mailbox is gone for this person");
        }
        Ended::Failed(error) => tracing::debug!(%peer, %error, "IMAP connection failed"),
    }
    None
}

/// One client, with what its conversation needs.
struct Client<'a> {
    settings: &'a ServerSettings,
    shared: &'a Shared,
    peer: SocketAddr,
}

impl Client<'_> {
    async fn converse_in_the_clear<B: Backend>(&self, stream: TcpStream, backend: &mut B) {
        let Some(stream) = self.converse(stream, Opening::Clear, backend).await else { return };
        if let Some((stream, facts)) = secure(stream, self.shared, self.peer).await {
            self.converse(stream, Opening::AfterStartTls(facts), backend).await;
        }
    }

    /// Holds a conversation. Gives the stream back where the client wants TLS.
    async fn converse<S, B>(&self, stream: S, opening: Opening, backend: &mut B) -> Option<S>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
        B: Backend,
    {
        let peer = self.peer;
        let shutdown = self.shared.shutdown.clone();
        match serve(stream, opening, backend, self.settings, shutdown).await {
            Ended::StartTls(stream) => return Some(stream),
            Ended::Quit | Ended::PeerGone | Ended::ShutDown => {}
            Ended::TimedOut => tracing::debug!(%peer, "the client was silent too long"),
            Ended::TooManyErrors => tracing::info!(%peer, "too many errors, connection closed"),
            Ended::ForeignProtocol => tracing::info!(%peer, "the client speaks another protocol"),
            Ended::Refused(reply) => tracing::info!(%peer, %reply, "connection refused"),
            Ended::Failed(error) => tracing::debug!(%peer, %error, "connection failed"),
        }
        None
    }
}

async fn secure(
    stream: TcpStream,
    shared: &Shared,
    peer: SocketAddr,
) -> Option<(TlsStream<TcpStream>, TlsFacts)> {
    let acceptor = TlsAcceptor::from(shared.tls.mail());
    let stream = match timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::info!(%peer, %error, "TLS handshake failed");
            return None;
        }
        Err(_) => {
            tracing::info!(%peer, "TLS handshake took too long");
            return None;
        }
    };
    let (_, connection) = stream.get_ref();
    let protocol = connection.protocol_version().and_then(|version| version.as_str());
    let cipher = connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
    let facts = TlsFacts {
        protocol: protocol.unwrap_or_default().replace('_', "."),
        cipher: cipher.unwrap_or_default().to_owned(),
        server_name: connection.server_name().map(str::to_owned),
    };
    Some((stream, facts))
}
