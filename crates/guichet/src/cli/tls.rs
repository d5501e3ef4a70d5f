//! TLS towards a server elsewhere. A certificate that is itself in the file of trusted ones is
//! accepted as it is (a pin, for self-signed certificates, whatever names it carries); every other
//! must chain to one of them and carry the host's name.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::error::Error;

/// Opens TLS streams.
pub(crate) struct Connector(TlsConnector);

impl Connector {
    /// Shakes hands over `tcp` with the server of this name. The error is a sentence.
    pub(crate) async fn connect(
        &self,
        host: &str,
        tcp: TcpStream,
    ) -> Result<TlsStream<TcpStream>, String> {
        let name =
            ServerName::try_from(host.to_owned()).map_err(|_| format!("{host} is no host name"))?;
        self.0.connect(name, tcp).await.map_err(|error| format!("TLS: {error}"))
    }
}

/// A connector that trusts what is in `ca_file`, or else what the system trusts (`SSL_CERT_FILE`
/// replaces that).
pub(crate) fn connector(ca_file: Option<&Path>) -> Result<Connector, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let trust = match ca_file {
        Some(path) => Trust::read(path, &provider)?,
        None => Trust::system(&provider)?,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Usage(format!("TLS: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(trust))
        .with_no_client_auth();
    Ok(Connector(TlsConnector::from(Arc::new(config))))
}

/// What is trusted.
#[derive(Debug)]
struct Trust {
    pinned: Vec<CertificateDer<'static>>,
    chains: Arc<WebPkiServerVerifier>,
}

impl Trust {
    fn read(path: &Path, provider: &Arc<CryptoProvider>) -> Result<Trust, Error> {
        let unusable = |why: String| Error::Usage(format!("{}: {why}", path.display()));
        let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect)
            .map_err(|error| unusable(error.to_string()))?;
        let chains = Trust::chains(&certificates, provider).map_err(unusable)?;
        Ok(Trust { pinned: certificates, chains })
    }

    fn system(provider: &Arc<CryptoProvider>) -> Result<Trust, Error> {
        let certificates = rustls_native_certs::load_native_certs().certs;
        let chains = Trust::chains(&certificates, provider).map_err(|why| {
            Error::Usage(format!("the system's certificates: {why}; use --ca-file"))
        })?;
        Ok(Trust { pinned: Vec::new(), chains })
    }

    fn chains(
        certificates: &[CertificateDer<'static>],
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<WebPkiServerVerifier>, String> {
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(certificates.iter().cloned());
        if added == 0 {
            return Err("there is no certificate in it".to_owned());
        }
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .build()
            .map_err(|error| error.to_string())
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.pinned.iter().any(|pinned| pinned == end_entity) {
            return Ok(ServerCertVerified::assertion());
        }
        self.chains.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chains.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chains.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}
