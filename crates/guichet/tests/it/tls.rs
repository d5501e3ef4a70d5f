//! A server elsewhere: TLS with a pinned certificate and a bearer token.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::fake::{Script, file, guichet, serve, status, stderr};

/// Serves calls over TLS on a port of its own; gives the port.
fn start(certified: &rcgen::CertifiedKey<rcgen::KeyPair>, script: Arc<Mutex<Script>>) -> u16 {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .expect("a certificate");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    thread::spawn(move || {
        for tcp in listener.incoming().flatten() {
            let session = ServerConnection::new(config.clone()).expect("a session");
            let mut stream = StreamOwned::new(session, tcp);
            serve(&mut stream, &script);
            stream.conn.send_close_notify();
            // The client may have hung up after refusing the certificate.
            let _ = stream.flush();
        }
    });
    port
}

fn run(dir: &Path, url: &str, more: &[&str]) -> Output {
    let token_file = file(dir, "token", "t0ken\n");
    guichet(dir)
        .args(["domain", "list", "--server", url, "--token-file"])
        .arg(token_file)
        .args(more)
        .output()
        .expect("runs")
}

fn certified(name: &str) -> rcgen::CertifiedKey<rcgen::KeyPair> {
    rcgen::generate_simple_self_signed(vec![name.to_owned()]).expect("a certificate")
}

#[test]
fn a_pinned_certificate_is_taken_whatever_its_name() {
    let dir = tempfile::tempdir().expect("a directory");
    let own = certified("mail.contoso.com");
    let script = Arc::new(Mutex::new(Script::default()));
    let url = format!("https://127.0.0.1:{}", start(&own, script.clone()));
    let ca_file = file(dir.path(), "ca.pem", &own.cert.pem());
    let output = run(dir.path(), &url, &["--ca-file", ca_file.to_str().expect("UTF-8")]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let calls = script.lock().expect("no panic").calls().to_vec();
    assert!(calls[0].headers.iter().any(|header| header == "authorization: Bearer t0ken"));
}

#[test]
fn the_directory_s_own_certificate_is_pinned() {
    let dir = tempfile::tempdir().expect("a directory");
    let own = certified("mail.contoso.com");
    let url = format!("https://127.0.0.1:{}", start(&own, Arc::default()));
    std::fs::create_dir(dir.path().join("tls")).expect("created");
    file(dir.path(), "tls/certificate.pem", &own.cert.pem());
    let output = run(dir.path(), &url, &["--dir", dir.path().to_str().expect("UTF-8")]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
}

#[test]
fn another_certificate_gets_no_token() {
    let dir = tempfile::tempdir().expect("a directory");
    let script = Arc::new(Mutex::new(Script::default()));
    let url = format!("https://127.0.0.1:{}", start(&certified("127.0.0.1"), script.clone()));
    let ca_file = file(dir.path(), "ca.pem", &certified("127.0.0.1").cert.pem());
    let output = run(dir.path(), &url, &["--ca-file", ca_file.to_str().expect("UTF-8")]);
    assert_eq!(status(&output), 3);
    assert!(stderr(&output).contains("TLS"), "{}", stderr(&output));
    assert_eq!(script.lock().expect("no panic").calls().len(), 0);
}

#[test]
fn clear_text_stays_on_this_machine() {
    let dir = tempfile::tempdir().expect("a directory");
    let script = Arc::new(Mutex::new(Script::default()));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://127.0.0.1:{}", listener.local_addr().expect("bound").port());
    let shared = script.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let stream: TcpStream = stream;
            serve(stream, &shared);
        }
    });
    assert_eq!(status(&run(dir.path(), &url, &[])), 0);
    assert_eq!(script.lock().expect("no panic").calls().len(), 1);
    let output = run(dir.path(), "http://mail.contoso.com", &[]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("https"), "{}", stderr(&output));
}

#[test]
fn a_token_is_needed() {
    let dir = tempfile::tempdir().expect("a directory");
    let words = ["domain", "list", "--server", "https://mail.contoso.com"];
    let output = guichet(dir.path()).args(words).output().expect("runs");
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("--token-file"), "{}", stderr(&output));
}
