use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use rustls::{ClientConnection, HandshakeKind, ProtocolVersion, ServerConnection, Stream};

use super::*;

/// 2026-01-01, a fixed clock.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

fn write(dir: &Path, made: &SelfSigned) -> (PathBuf, PathBuf) {
    let (certificate, key) = (dir.join("certificate.pem"), dir.join("key.pem"));
    std::fs::write(&certificate, &made.certificate_pem).unwrap();
    std::fs::write(&key, &made.key_pem).unwrap();
    (certificate, key)
}

fn made(name: &str) -> SelfSigned {
    self_signed(&[name, "127.0.0.1"], now()).unwrap()
}

/// What a client sees of one connection over which an octet went each way.
struct Seen {
    kind: HandshakeKind,
    version: ProtocolVersion,
    certificate: Vec<u8>,
    protocol: Option<Vec<u8>>,
}

/// Shakes hands over a loopback connection.
fn shake(server: Arc<ServerConfig>, client: &Arc<ClientConfig>) -> Result<Seen, String> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let serving = std::thread::spawn(move || {
        let (mut tcp, _) = listener.accept().unwrap();
        let mut tls = ServerConnection::new(server).unwrap();
        let mut stream = Stream::new(&mut tls, &mut tcp);
        let mut octet = [0];
        if stream.read_exact(&mut octet).is_ok() {
            let _ = stream.write_all(&octet);
        }
    });
    let mut tcp = TcpStream::connect(at).unwrap();
    let name = ServerName::try_from("mail.example.org").unwrap();
    let mut tls = ClientConnection::new(client.clone(), name).unwrap();
    let mut stream = Stream::new(&mut tls, &mut tcp);
    let mut octet = [0];
    let went = stream.write_all(b"x").and_then(|()| stream.read_exact(&mut octet));
    drop(tcp);
    serving.join().unwrap();
    went.map_err(|error| error.to_string())?;
    Ok(Seen {
        kind: tls.handshake_kind().unwrap(),
        version: tls.protocol_version().unwrap(),
        certificate: tls.peer_certificates().unwrap()[0].to_vec(),
        protocol: tls.alpn_protocol().map(<[u8]>::to_vec),
    })
}

fn tls12_client() -> Arc<ClientConfig> {
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate))
        .with_no_client_auth();
    Arc::new(config)
}

#[test]
fn sessions_are_resumed_in_both_versions_and_over_a_reload() {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = write(dir.path(), &made("mail.example.org"));
    let tls = ReloadableTls::load(&certificate, &key).unwrap();
    let clients = [
        (opportunistic_client().unwrap(), ProtocolVersion::TLSv1_3),
        (tls12_client(), ProtocolVersion::TLSv1_2),
    ];
    for (client, version) in clients {
        let first = shake(tls.mail(), &client).unwrap();
        assert_eq!((first.kind, first.version), (HandshakeKind::Full, version));
        assert_eq!(shake(tls.mail(), &client).unwrap().kind, HandshakeKind::Resumed);
        tls.reload().unwrap();
        assert_eq!(shake(tls.mail(), &client).unwrap().kind, HandshakeKind::Resumed);
        // A session of the mail ports is none of HTTPS.
        assert_eq!(shake(tls.https(), &client).unwrap().kind, HandshakeKind::Full);
    }
}

#[test]
fn a_reload_takes_the_new_certificate_and_a_bad_one_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = write(dir.path(), &made("mail.example.org"));
    let tls = ReloadableTls::load(&certificate, &key).unwrap();
    let seen = || shake(tls.mail(), &opportunistic_client().unwrap()).unwrap().certificate;
    let old = seen();
    write(dir.path(), &made("mail.example.org"));
    tls.reload().unwrap();
    let new = seen();
    assert_ne!(old, new);
    std::fs::write(&certificate, made("mail.example.org").certificate_pem).unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Unusable { .. })));
    assert_eq!(seen(), new);
}

#[test]
fn only_https_names_its_protocol() {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = write(dir.path(), &made("mail.example.org"));
    let tls = ReloadableTls::load(&certificate, &key).unwrap();
    let mut client = ClientConfig::clone(&opportunistic_client().unwrap());
    client.alpn_protocols = vec![b"http/1.1".to_vec()];
    let client = Arc::new(client);
    assert_eq!(shake(tls.https(), &client).unwrap().protocol, Some(b"http/1.1".to_vec()));
    assert_eq!(shake(tls.mail(), &client).unwrap().protocol, None);
    assert_eq!(tls.mail().max_early_data_size, 0);
}

#[test]
fn a_verified_client_refuses_a_self_signed_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = write(dir.path(), &made("mail.example.org"));
    let tls = ReloadableTls::load(&certificate, &key).unwrap();
    match verified_client() {
        Ok(client) => {
            let error = shake(tls.mail(), &client).err().expect("nobody vouches for it");
            assert!(error.contains("certificate"), "{error}");
        }
        // A machine without a list of authorities trusts nobody either.
        Err(error) => assert!(matches!(error, TlsError::NoAuthorities)),
    }
}

#[test]
fn a_self_signed_certificate_holds_825_days_for_its_names() {
    let made = made("mail.example.org");
    let der = CertificateDer::from_pem_slice(made.certificate_pem.as_bytes()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(der.clone()).unwrap();
    let verifier =
        rustls::client::WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
            .build()
            .unwrap();
    let valid = |name: &'static str, days: u32| {
        let name = ServerName::try_from(name).unwrap();
        let at = (now() + DAY * days).duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let at = UnixTime::since_unix_epoch(at);
        verifier.verify_server_cert(&der, &[], &name, &[], at).is_ok()
    };
    assert!(valid("mail.example.org", 0));
    assert!(valid("mail.example.org", SELF_SIGNED_DAYS - 1));
    assert!(!valid("mail.example.org", SELF_SIGNED_DAYS));
    assert!(valid("127.0.0.1", 1));
    assert!(!valid("other.example.org", 1));
    assert!(!valid("127.0.0.2", 1));
}

#[test]
fn each_unusable_file_has_its_own_error() {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = write(dir.path(), &made("mail.example.org"));
    let missing = dir.path().join("missing");
    let error = |certificate: &Path, key: &Path| read_certified_key(certificate, key).unwrap_err();
    assert!(matches!(error(&missing, &key), TlsError::CertificateUnreadable { .. }));
    assert!(matches!(error(&certificate, &missing), TlsError::KeyUnreadable { .. }));
    assert!(matches!(error(&key, &key), TlsError::NoCertificate(_)));
    assert!(matches!(error(&certificate, &certificate), TlsError::NoKey(_)));
}
