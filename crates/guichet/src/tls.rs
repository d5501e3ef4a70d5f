//! TLS on both sides: our certificate for those who connect, and how we connect to others.
//!
//! The crypto provider is *ring*, named explicitly everywhere, so that no other one that a
//! dependency brings along can take its place. TLS 1.2 and 1.3 only (RFC 8996). Sessions are
//! resumed from tickets and from a small memory of sessions, because mail programs open many short
//! connections and the handshake is what they cost. Early data (0-RTT) is off: SMTP and HTTP
//! commands could be replayed.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::{ProducesTickets, ServerSessionMemoryCache, StoresServerSessions};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    CipherSuite, ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme,
    SupportedCipherSuite,
};

/// How long a self-signed certificate holds: longer ones are refused by some clients.
const SELF_SIGNED_DAYS: u32 = 825;
/// Clocks of clients that run late by up to this much take a new certificate all the same.
const CLOCK_SKEW: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Sessions remembered per service for clients of TLS 1.2 without tickets.
const SESSIONS_REMEMBERED: usize = 1024;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// The certificate file is missing or not readable.
    #[error(
        "tls.certificate: cannot read {}: {source}; put the certificate chain there, or correct \
         the path", path.display()
    )]
    CertificateUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The certificate file holds none.
    #[error(
        "tls.certificate: {} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)",
        .0.display()
    )]
    NoCertificate(PathBuf),
    /// The key file is missing or not readable.
    #[error(
        "tls.key: cannot read {}: {source}; put the private key there, or correct the path",
        path.display()
    )]
    KeyUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The key file holds none.
    #[error(
        "tls.key: {} holds no private key in PEM (-----BEGIN PRIVATE KEY-----, without a \
         passphrase)", .0.display()
    )]
    NoKey(PathBuf),
    /// Both are there, and do not belong together or are of a kind that is not supported.
    #[error(
        "tls.key: {} and the certificate {} cannot be used together: {source}; the certificate \
         has to be the first in its file and made for this key", key.display(),
        certificate.display()
    )]
    Unusable {
        /// The certificate file.
        certificate: PathBuf,
        /// The key file.
        key: PathBuf,
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// The library refuses.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
    /// The system has no list of certificate authorities.
    #[error(
        "the system's list of certificate authorities is empty: install the package \
         ca-certificates, or set SSL_CERT_FILE"
    )]
    NoAuthorities,
}

impl TlsError {
    /// The configuration key that the error is about.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            TlsError::CertificateUnreadable { .. } | TlsError::NoCertificate(_) => {
                "tls.certificate"
            }
            TlsError::KeyUnreadable { .. }
            | TlsError::NoKey(_)
            | TlsError::Unusable { .. }
            | TlsError::Setup(_)
            | TlsError::NoAuthorities => "tls.key",
        }
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The provider of our servers, with AES-128 and SHA-256 first: as strong as the certificate's
/// P-256, and both are instructions of the processor, where SHA-384 is software in every handshake.
fn server_provider() -> Arc<CryptoProvider> {
    let mut provider = rustls::crypto::ring::default_provider();
    let is_first =
        |suite: &SupportedCipherSuite| suite.suite() == CipherSuite::TLS13_AES_128_GCM_SHA256;
    provider.cipher_suites.sort_by_key(|suite| !is_first(suite));
    Arc::new(provider)
}

/// A certificate nobody but ourselves has signed, and its key, both in PEM.
pub(crate) struct SelfSigned {
    /// The certificate.
    pub(crate) certificate_pem: String,
    /// The private key (ECDSA P-256, PKCS #8).
    pub(crate) key_pem: String,
}

/// Makes a self-signed certificate for host names and IP addresses, the first of which is its
/// subject, that holds for [`SELF_SIGNED_DAYS`] from `now`.
pub(crate) fn self_signed(names: &[&str], now: SystemTime) -> Result<SelfSigned, rcgen::Error> {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let owned: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut parameters = rcgen::CertificateParams::new(owned)?;
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    if let Some(subject) = names.first() {
        parameters.distinguished_name.push(rcgen::DnType::CommonName, *subject);
    }
    parameters.not_before = (now - CLOCK_SKEW).into();
    parameters.not_after = (now - CLOCK_SKEW + DAY * SELF_SIGNED_DAYS).into();
    parameters.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = parameters.self_signed(&key)?;
    Ok(SelfSigned { certificate_pem: certificate.pem(), key_pem: key.serialize_pem() })
}

/// Reads a chain and its key, and makes sure that they belong together.
pub(crate) fn read_certified_key(certificate: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let chain = read_chain(certificate)?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| match error {
        pem::Error::Io(source) => TlsError::KeyUnreadable { path: key.to_owned(), source },
        _ => TlsError::NoKey(key.to_owned()),
    })?;
    CertifiedKey::from_der(chain, private, &provider()).map_err(|source| TlsError::Unusable {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        source,
    })
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Err(pem::Error::Io(source)) => {
            Err(TlsError::CertificateUnreadable { path: path.to_owned(), source })
        }
        Ok(_) | Err(_) => Err(TlsError::NoCertificate(path.to_owned())),
    }
}

/// What one service keeps over a change of certificate, so that sessions go on being resumed.
/// Services share none of it: a session of one must not be resumed at the other.
struct Resumption {
    tickets: Arc<dyn ProducesTickets>,
    sessions: Arc<dyn StoresServerSessions>,
}

impl Resumption {
    fn new() -> Result<Resumption, TlsError> {
        Ok(Resumption {
            tickets: rustls::crypto::ring::Ticketer::new()?,
            sessions: ServerSessionMemoryCache::new(SESSIONS_REMEMBERED),
        })
    }

    fn config(&self, key: &Arc<CertifiedKey>) -> Result<ServerConfig, TlsError> {
        let mut config = ServerConfig::builder_with_provider(server_provider())
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(key.clone())));
        config.ticketer = self.tickets.clone();
        config.session_storage = self.sessions.clone();
        config.max_early_data_size = 0;
        config.ignore_client_order = true;
        // One ticket is all that a mail program uses; each costs an encryption and a record.
        config.send_tls13_tickets = 1;
        Ok(config)
    }
}

/// One certificate and its configurations.
struct Current {
    certified: Arc<CertifiedKey>,
    mail: Arc<ServerConfig>,
    https: Arc<ServerConfig>,
}

/// Our side of TLS, from files that can be loaded again while connections are open.
pub(crate) struct ReloadableTls {
    certificate: PathBuf,
    key: PathBuf,
    mail: Resumption,
    https: Resumption,
    current: RwLock<Current>,
}

impl fmt::Debug for ReloadableTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReloadableTls({})", self.certificate.display())
    }
}

impl ReloadableTls {
    /// Loads a chain and its key.
    pub(crate) fn load(certificate: &Path, key: &Path) -> Result<ReloadableTls, TlsError> {
        let (mail, https) = (Resumption::new()?, Resumption::new()?);
        let certified = Arc::new(read_certified_key(certificate, key)?);
        let current = RwLock::new(current(&mail, &https, &certified)?);
        Ok(ReloadableTls {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            mail,
            https,
            current,
        })
    }

    /// Loads the same files again. New connections get the new certificate; open ones go on. On an
    /// error the certificate in use stays in use.
    pub(crate) fn reload(&self) -> Result<(), TlsError> {
        let certified = Arc::new(read_certified_key(&self.certificate, &self.key)?);
        let new = current(&self.mail, &self.https, &certified)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// For SMTP and submission, with STARTTLS and without.
    pub(crate) fn mail(&self) -> Arc<ServerConfig> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).mail.clone()
    }

    /// The chain and its key.
    pub(crate) fn certified(&self) -> Arc<CertifiedKey> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).certified.clone()
    }

    /// For HTTPS: names its protocol (ALPN, RFC 7301).
    pub(crate) fn https(&self) -> Arc<ServerConfig> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).https.clone()
    }
}

fn current(
    mail: &Resumption,
    https: &Resumption,
    key: &Arc<CertifiedKey>,
) -> Result<Current, TlsError> {
    let mut with_protocol = https.config(key)?;
    with_protocol.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Current {
        certified: Arc::clone(key),
        mail: Arc::new(mail.config(key)?),
        https: Arc::new(with_protocol),
    })
}

/// For STARTTLS where it is offered: any certificate will do (see [`AnyCertificate`]).
pub(crate) fn opportunistic_client() -> Result<Arc<ClientConfig>, TlsError> {
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// For servers that must prove who they are: a chain to one of the system's authorities, and the
/// right name. `SSL_CERT_FILE` replaces the system's list.
pub(crate) fn verified_client() -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    // A system's list may hold single entries that cannot be read; the others still count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(TlsError::NoAuthorities);
    }
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Takes every certificate.
///
/// Between mail servers TLS is opportunistic (RFC 7435): whoever could put a false certificate in
/// the way could as well take the STARTTLS offer away, and refusing would mean to fall back to
/// clear text, which is worse. It keeps out those who only listen. Where the other side must be
/// the right one, [`verified_client`] is used instead of this. The signature of the handshake
/// proves nothing either without a certificate to trust, and checking it would shut out servers
/// with very old ones.
#[derive(Debug)]
struct AnyCertificate;

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
