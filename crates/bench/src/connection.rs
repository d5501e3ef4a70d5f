//! One buffered connection to the server, in the clear or under TLS, secured in place by STARTTLS.
//!
//! Certificates are not verified: the servers measured make their own. The signature of the
//! handshake is, so that a handshake costs the client what it costs a real one.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::HandshakeKind;
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// One read or write may take this long; a server that is slower has failed the run.
const STEP_TIMEOUT: Duration = Duration::from_secs(60);
/// Closing is waited for this long.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// Room for one read: a TLS record.
const READ_OCTETS: usize = 16 * 1024;

/// What a client needs for TLS; shared by all connections of a run.
#[derive(Clone)]
pub(crate) struct TlsClient {
    connector: TlsConnector,
    name: ServerName<'static>,
}

/// Whether later connections take up the session of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Sessions {
    /// As mail programs do.
    Resumed,
    /// Each handshake is a full one.
    Fresh,
}

impl TlsClient {
    /// A client that calls the server `localhost`.
    pub(crate) fn new(sessions: Sessions) -> anyhow::Result<TlsClient> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Arc::new(AnyCertificate(Arc::clone(&provider)));
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        if sessions == Sessions::Fresh {
            config.resumption = Resumption::disabled();
        }
        let name = ServerName::try_from("localhost")?;
        Ok(TlsClient { connector: TlsConnector::from(Arc::new(config)), name })
    }
}

#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

enum Stream {
    Clear(TcpStream),
    Secured(Box<TlsStream<TcpStream>>),
}

/// A connection with what was read and not yet used.
pub(crate) struct Connection {
    stream: Stream,
    input: Vec<u8>,
    used: usize,
}

impl Connection {
    /// Connects. Hosts beyond this machine are refused: this is a load client.
    pub(crate) async fn open(server: SocketAddr) -> io::Result<Connection> {
        if !server.ip().is_loopback() {
            return Err(io::Error::other("the load client speaks to loopback only"));
        }
        let stream = step(TcpStream::connect(server)).await?;
        stream.set_nodelay(true)?;
        let input = Vec::with_capacity(READ_OCTETS);
        Ok(Connection { stream: Stream::Clear(stream), input, used: 0 })
    }

    /// Secures the connection. Says whether an earlier session was taken up.
    pub(crate) async fn secure(self, tls: &TlsClient) -> io::Result<(Connection, bool)> {
        let Stream::Clear(stream) = self.stream else {
            return Err(io::Error::other("the connection is secured already"));
        };
        if self.used < self.input.len() {
            return Err(io::Error::other("octets before the TLS handshake"));
        }
        let stream = step(tls.connector.connect(tls.name.clone(), stream)).await?;
        let is_resumed = stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed);
        let stream = Stream::Secured(Box::new(stream));
        Ok((Connection { stream, input: self.input, used: self.used }, is_resumed))
    }

    /// Writes all of it.
    pub(crate) async fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        step(async {
            match &mut self.stream {
                Stream::Clear(stream) => stream.write_all(octets).await,
                Stream::Secured(stream) => {
                    stream.write_all(octets).await?;
                    stream.flush().await
                }
            }
        })
        .await
    }

    /// Reads one line and gives it without its line end.
    pub(crate) async fn line(&mut self) -> io::Result<&[u8]> {
        let mut scanned = self.used;
        loop {
            if let Some(at) = self.input[scanned..].iter().position(|octet| *octet == b'\n') {
                let (start, end) = (self.used, scanned + at);
                self.used = end + 1;
                return Ok(self.input[start..end].trim_ascii_end());
            }
            let unused = self.input.len() - self.used;
            self.fill().await?;
            scanned = self.used + unused;
        }
    }

    /// Passes over octets, such as those of an IMAP literal.
    pub(crate) async fn skip(&mut self, octets: usize) -> io::Result<()> {
        let mut left = octets;
        loop {
            let here = left.min(self.input.len() - self.used);
            self.used += here;
            left -= here;
            if left == 0 {
                return Ok(());
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> io::Result<()> {
        self.input.drain(..self.used);
        self.used = 0;
        self.input.reserve(READ_OCTETS);
        let input = &mut self.input;
        let read = step(async {
            match &mut self.stream {
                Stream::Clear(stream) => stream.read_buf(input).await,
                Stream::Secured(stream) => stream.read_buf(input).await,
            }
        });
        match read.await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Ends the connection. A peer that is gone already is no failure.
    pub(crate) async fn close(self) {
        let closing = async {
            match self.stream {
                Stream::Clear(mut stream) => stream.shutdown().await,
                Stream::Secured(mut stream) => stream.shutdown().await,
            }
        };
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, closing).await;
    }
}

async fn step<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match tokio::time::timeout(STEP_TIMEOUT, work).await {
        Ok(result) => result,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}
