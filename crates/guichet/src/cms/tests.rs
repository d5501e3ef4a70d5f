use std::path::Path;
use std::process::Command;

use rcgen::{CertificateParams, KeyPair, SignatureAlgorithm};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer};

use super::*;

fn certified(key: &KeyPair) -> CertifiedKey {
    let certificate =
        CertificateParams::new(vec!["mail.contoso.com".to_owned()]).unwrap().self_signed(key);
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = rustls::crypto::ring::default_provider();
    CertifiedKey::from_der(vec![certificate.unwrap().der().clone()], private, &provider).unwrap()
}

/// A key of RSA, which *ring* uses and does not make.
fn rsa() -> KeyPair {
    let made = app::signing::generate_key(app::signing::KeyAlgorithm::Rsa).unwrap();
    let key = PrivatePkcs1KeyDer::from_pem_slice(made.private_key_pem.as_bytes());
    let pkcs1 = key.unwrap().secret_pkcs1_der().to_vec();
    // RFC 5958: version, algorithm, key.
    let algorithm = [identifier(RSA_ENCRYPTION), element(NULL, &[])].concat();
    let pkcs8 =
        [element(INTEGER, &[0]), element(SEQUENCE, &algorithm), element(OCTET_STRING, &pkcs1)]
            .concat();
    KeyPair::try_from(element(SEQUENCE, &pkcs8)).unwrap()
}

fn openssl(dir: &Path, arguments: &[&str]) -> (bool, Vec<u8>, String) {
    let ran = Command::new("openssl").current_dir(dir).args(arguments).output().unwrap();
    (ran.status.success(), ran.stdout, String::from_utf8_lossy(&ran.stderr).into_owned())
}

#[test]
fn openssl_verifies_what_is_signed_and_nothing_else() {
    if !testkit::is_installed("openssl") {
        testkit::skip("openssl_verifies_what_is_signed_and_nothing_else", "no openssl");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let keys = [
        KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap(),
        KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap(),
        rsa(),
    ];
    // Lengths on both sides of what one and two octets can say.
    let contents = [0, 1, 127, 128, 255, 256, 70_000].map(|length| vec![b'x'; length]);
    for (key, content) in keys.iter().flat_map(|key| contents.iter().map(move |one| (key, one))) {
        let signed = sign(content, &certified(key)).unwrap();
        std::fs::write(dir.path().join("signed"), &signed).unwrap();
        for program in ["cms", "smime"] {
            let arguments = [program, "-verify", "-noverify", "-inform", "DER", "-binary"];
            let (is_good, stdout, stderr) =
                openssl(dir.path(), &[&arguments[..], &["-in", "signed"]].concat());
            assert!(is_good, "{program} {}: {stderr}", content.len());
            assert_eq!(&stdout, content, "{program}");
        }
    }
    let mut forged = sign(b"one hundred", &certified(&keys[0])).unwrap();
    let at = forged.windows(11).position(|part| part == b"one hundred").unwrap();
    forged[at] = b'X';
    std::fs::write(dir.path().join("forged"), &forged).unwrap();
    let arguments = ["cms", "-verify", "-noverify", "-inform", "DER", "-binary", "-in", "forged"];
    assert!(!openssl(dir.path(), &arguments).0);
}

#[test]
fn a_key_of_another_kind_signs_nothing() {
    let algorithm: &'static SignatureAlgorithm = &rcgen::PKCS_ED25519;
    let key = KeyPair::generate_for(algorithm).unwrap();
    assert_eq!(sign(b"x", &certified(&key)), Err(CmsError::KeyKind));
}

#[test]
fn a_certificate_that_is_cut_off_names_nobody() {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let whole = certified(&key).cert[0].to_vec();
    assert!(issuer_and_serial(&CertificateDer::from(whole.clone())).is_some());
    for length in 0..whole.len() {
        let cut = CertificateDer::from(whole[..length].to_vec());
        assert_eq!(issuer_and_serial(&cut), None, "{length}");
    }
}
