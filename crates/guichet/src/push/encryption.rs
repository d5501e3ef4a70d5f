//! Encrypting for one browser: Web Push message encryption (RFC 8291) in one record of aes128gcm
//! (RFC 8188).

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::SystemRandom;

/// Octets of a record, said in its header; what is told is far shorter.
const RECORD_OCTETS: u32 = 4_096;
/// RFC 8188 §2: the delimiter of the last record.
const LAST_RECORD: u8 = 2;
const SALT_OCTETS: usize = 16;
const KEY_OCTETS: usize = 16;
const NONCE_OCTETS: usize = 12;
const SECRET_OCTETS: usize = 32;

/// The browser's keys cannot be used, or there is no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message cannot be encrypted for this browser")]
pub(super) struct EncryptionError;

impl From<ring::error::Unspecified> for EncryptionError {
    fn from(_: ring::error::Unspecified) -> EncryptionError {
        EncryptionError
    }
}

struct Octets(usize);

impl KeyType for Octets {
    fn len(&self) -> usize {
        self.0
    }
}

/// Encrypts for a browser under a key and a salt of their own.
pub(super) fn encrypt(
    plain: &[u8],
    browser_key: &[u8],
    auth: &[u8],
    salt: &[u8; SALT_OCTETS],
) -> Result<Vec<u8>, EncryptionError> {
    let ours = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new())?;
    let our_key = ours.compute_public_key()?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, browser_key);
    let keys = agree_ephemeral(ours, &theirs, |secret| {
        derive((secret, auth), (browser_key, our_key.as_ref()), salt)
    })??;
    sealed(plain, &keys, (salt, our_key.as_ref()))
}

struct Keys {
    key: [u8; KEY_OCTETS],
    nonce: [u8; NONCE_OCTETS],
}

/// RFC 8291 §3.4.
fn derive(
    (secret, auth): (&[u8], &[u8]),
    (browser_key, our_key): (&[u8], &[u8]),
    salt: &[u8; SALT_OCTETS],
) -> Result<Keys, EncryptionError> {
    let info = [b"WebPush: info\0", browser_key, our_key];
    let mut input = [0; SECRET_OCTETS];
    expand(auth, secret, &info, &mut input)?;
    let mut keys = Keys { key: [0; KEY_OCTETS], nonce: [0; NONCE_OCTETS] };
    expand(salt, &input, &[b"Content-Encoding: aes128gcm\0"], &mut keys.key)?;
    expand(salt, &input, &[b"Content-Encoding: nonce\0"], &mut keys.nonce)?;
    Ok(keys)
}

fn expand(
    salt: &[u8],
    secret: &[u8],
    info: &[&[u8]],
    out: &mut [u8],
) -> Result<(), EncryptionError> {
    let extracted = Salt::new(HKDF_SHA256, salt).extract(secret);
    Ok(extracted.expand(info, Octets(out.len()))?.fill(out)?)
}

/// Header and record (RFC 8188 §2.1).
fn sealed(
    plain: &[u8],
    keys: &Keys,
    (salt, our_key): (&[u8; SALT_OCTETS], &[u8]),
) -> Result<Vec<u8>, EncryptionError> {
    let mut record = plain.to_vec();
    record.push(LAST_RECORD);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &keys.key)?);
    let nonce = Nonce::assume_unique_for_key(keys.nonce);
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record)?;
    let key_octets = u8::try_from(our_key.len()).map_err(|_| EncryptionError)?;
    let mut out = Vec::with_capacity(SALT_OCTETS + 5 + our_key.len() + record.len());
    out.extend_from_slice(salt);
    out.extend_from_slice(&RECORD_OCTETS.to_be_bytes());
    out.push(key_octets);
    out.extend_from_slice(our_key);
    out.extend_from_slice(&record);
    Ok(out)
}

#[cfg(test)]
pub(super) mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn decoded(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// A browser's pair of keys.
    pub(in super::super) struct Browser {
        private: EphemeralPrivateKey,
        pub(in super::super) key: Vec<u8>,
        pub(in super::super) auth: Vec<u8>,
    }

    impl Browser {
        pub(in super::super) fn new() -> Browser {
            let private = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
            let key = private.compute_public_key().unwrap().as_ref().to_vec();
            Browser { private, key, auth: vec![5; 16] }
        }

        /// What the browser reads.
        pub(in super::super) fn decrypt(self, message: &[u8]) -> Vec<u8> {
            let (salt, rest) = message.split_at(SALT_OCTETS);
            let our_key = &rest[5..5 + usize::from(rest[4])];
            let mut record = rest[5 + our_key.len()..].to_vec();
            let ours = UnparsedPublicKey::new(&ECDH_P256, our_key);
            let keys = agree_ephemeral(self.private, &ours, |secret| {
                derive((secret, &self.auth), (&self.key, our_key), salt.try_into().unwrap())
            });
            let keys = keys.unwrap().unwrap();
            let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &keys.key).unwrap());
            let nonce = Nonce::assume_unique_for_key(keys.nonce);
            let mut plain = key.open_in_place(nonce, Aad::empty(), &mut record).unwrap().to_vec();
            assert_eq!(plain.pop(), Some(LAST_RECORD));
            plain
        }
    }

    #[test]
    fn the_example_of_rfc_8291_comes_out() {
        let secret = decoded("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs");
        let auth = decoded("BTBZMqHH6r4Tts7J_aSIgg");
        let browser_key = decoded(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        );
        let our_key = decoded(
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
        );
        let salt: [u8; SALT_OCTETS] = decoded("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let keys = derive((&secret, &auth), (&browser_key, &our_key), &salt).unwrap();
        assert_eq!(keys.key.to_vec(), decoded("oIhVW04MRdy2XN9CiKLxTg"));
        assert_eq!(keys.nonce.to_vec(), decoded("4h_95klXJ5E_qnoN"));
        let plain = b"When I grow up, I want to be a watermelon";
        let message = sealed(plain, &keys, (&salt, &our_key)).unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIg\
             Dll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuw\
             XPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(message, decoded(expected));
    }

    #[test]
    fn only_the_browser_reads_it_and_no_two_messages_are_alike() {
        let browser = Browser::new();
        let one = encrypt(b"hello", &browser.key, &browser.auth, &[1; 16]).unwrap();
        let other = encrypt(b"hello", &browser.key, &browser.auth, &[1; 16]).unwrap();
        assert_ne!(one, other);
        assert_eq!(browser.decrypt(&one), b"hello");
        let mut off_the_curve = [9; 65];
        off_the_curve[0] = 4;
        assert_eq!(encrypt(b"x", &off_the_curve, &[0; 16], &[1; 16]), Err(EncryptionError));
    }
}
