//! Signing octets with the server's certificate, as CMS SignedData (RFC 5652) with the content
//! inside: what Apple's devices take as a signed configuration profile.
//!
//! One signer, SHA-256 or SHA-384, RSA or ECDSA, whichever the certificate's key has. The structure
//! is small and of one shape, so it is written out here in DER (X.690) and needs no library.

use ring::digest;
use rustls::SignatureScheme;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;

/// Why there is no signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CmsError {
    /// The key is neither RSA nor on P-256 or P-384.
    #[error("the certificate's key is neither RSA nor ECDSA on P-256 or P-384: use one that is")]
    KeyKind,
    /// The certificate is not in DER as X.509 wants it.
    #[error("the issuer and the serial number of the certificate cannot be read")]
    Certificate,
    /// The key does not sign.
    #[error("the certificate's key does not sign: {0}")]
    Signing(String),
}

// Object identifiers, encoded (X.690 §8.19).
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const SHA_256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const SHA_384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const ECDSA_SHA_256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const ECDSA_SHA_384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];

// Tags.
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// `[0]`, constructed.
const FIRST: u8 = 0xa0;

/// How a kind of key signs.
struct Kind {
    scheme: SignatureScheme,
    digest: &'static digest::Algorithm,
    digest_id: &'static [u8],
    signature_id: &'static [u8],
    has_null: bool,
}

const KINDS: [Kind; 3] = [
    Kind {
        scheme: SignatureScheme::ECDSA_NISTP256_SHA256,
        digest: &digest::SHA256,
        digest_id: SHA_256,
        signature_id: ECDSA_SHA_256,
        has_null: false,
    },
    Kind {
        scheme: SignatureScheme::ECDSA_NISTP384_SHA384,
        digest: &digest::SHA384,
        digest_id: SHA_384,
        signature_id: ECDSA_SHA_384,
        has_null: false,
    },
    // RFC 3370 §3.2: RSA is named without the digest, and with NULL as its parameters.
    Kind {
        scheme: SignatureScheme::RSA_PKCS1_SHA256,
        digest: &digest::SHA256,
        digest_id: SHA_256,
        signature_id: RSA_ENCRYPTION,
        has_null: true,
    },
];

/// The content with a signature of the certificate's key, and the whole chain.
pub(crate) fn sign(content: &[u8], certified: &CertifiedKey) -> Result<Vec<u8>, CmsError> {
    let chosen =
        KINDS.iter().find_map(|kind| Some((kind, certified.key.choose_scheme(&[kind.scheme])?)));
    let (kind, signer) = chosen.ok_or(CmsError::KeyKind)?;
    let signer_id = certified.cert.first().and_then(issuer_and_serial);
    let signer_id = signer_id.ok_or(CmsError::Certificate)?;
    let attributes = attributes(digest::digest(kind.digest, content).as_ref());
    // §5.4: what is signed has the tag of a SET, what is sent has [0].
    let signature = signer
        .sign(&element(SET, &attributes))
        .map_err(|error| CmsError::Signing(error.to_string()))?;
    let digest_algorithm = element(SEQUENCE, &identifier(kind.digest_id));
    let mut signature_algorithm = identifier(kind.signature_id);
    if kind.has_null {
        signature_algorithm.extend(element(NULL, &[]));
    }
    let version = element(INTEGER, &[1]);
    let signer_info = [
        version.clone(),
        signer_id,
        digest_algorithm.clone(),
        element(FIRST, &attributes),
        element(SEQUENCE, &signature_algorithm),
        element(OCTET_STRING, &signature),
    ]
    .concat();
    let inner = element(FIRST, &element(OCTET_STRING, content));
    let certificates: Vec<u8> = certified.cert.iter().flat_map(|one| one.iter().copied()).collect();
    let signed_data = [
        version,
        element(SET, &digest_algorithm),
        element(SEQUENCE, &[identifier(DATA), inner].concat()),
        element(FIRST, &certificates),
        element(SET, &element(SEQUENCE, &signer_info)),
    ]
    .concat();
    let outer = element(FIRST, &element(SEQUENCE, &signed_data));
    Ok(element(SEQUENCE, &[identifier(SIGNED_DATA), outer].concat()))
}

/// §11: what kind of content is signed, and its digest, in the order of DER: by their octets.
fn attributes(digest: &[u8]) -> Vec<u8> {
    let attribute =
        |kind, value: &[u8]| element(SEQUENCE, &[identifier(kind), element(SET, value)].concat());
    let mut all = [
        attribute(CONTENT_TYPE, &identifier(DATA)),
        attribute(MESSAGE_DIGEST, &element(OCTET_STRING, digest)),
    ];
    all.sort();
    all.concat()
}

/// §10.2.4: by whom the certificate was made, and its number there (RFC 5280 §4.1).
fn issuer_and_serial(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let (certificate, _) = inside(certificate, SEQUENCE)?;
    let (mut fields, _) = inside(certificate, SEQUENCE)?;
    if let Some((_, rest)) = inside(fields, FIRST) {
        fields = rest;
    }
    let (_, after_serial) = inside(fields, INTEGER)?;
    let serial = &fields[..fields.len() - after_serial.len()];
    let (_, issuer) = inside(after_serial, SEQUENCE)?;
    let (_, rest) = inside(issuer, SEQUENCE)?;
    let issuer = &issuer[..issuer.len() - rest.len()];
    Some(element(SEQUENCE, &[issuer, serial].concat()))
}

/// The content of the element at the beginning, if it has this tag, and what follows it.
fn inside(octets: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = octets.split_first()?;
    let (first, rest) = rest.split_first()?;
    if *found != tag {
        return None;
    }
    let (length, rest) = match usize::from(*first) {
        short @ 0..=0x7f => (short, rest),
        // A certificate of 16 MiB is none.
        long @ 0x81..=0x83 => {
            let (length, rest) = rest.split_at_checked(long - 0x80)?;
            let length = length.iter().fold(0, |sum, octet| (sum << 8) | usize::from(*octet));
            (length, rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

fn identifier(octets: &[u8]) -> Vec<u8> {
    element(OBJECT_IDENTIFIER, octets)
}

/// Tag, length (X.690 §8.1.3) and content.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|octet| **octet == 0).count();
    let significant = &length[zeros..];
    let mut octets = vec![tag];
    match significant {
        [] => octets.push(0),
        [short] if *short < 0x80 => octets.push(*short),
        long => {
            octets
                .push(0x80 | u8::try_from(long.len()).expect("a length has eight octets at most"));
            octets.extend(long);
        }
    }
    octets.extend(content);
    octets
}

#[cfg(test)]
mod tests;
