//! SCRAM-SHA-256 (RFC 5802, RFC 7677): signing in without sending the password.
//!
//! It is checked with keys that are derived from each password and app password when it is set,
//! and, for those that are older, at the first sign-in that sends them. The client does not say
//! which of its passwords it means, and gets one salt: so all those of an account share theirs, and
//! the proof is tried with the keys of each. A login without keys, known or not, gets a salt that
//! is made up from its name, and fails like a wrong password. Failures count for the same throttle
//! as those of other mechanisms.

use std::net::IpAddr;
use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::{RecipientId, Timestamp};
use ring::{digest, hmac, pbkdf2};
use store::scram::{KEY_OCTETS, ScramCredential};
use store::{Store, WriteSet};

use crate::credentials::FillRandom;
use crate::sign_in::{SignInRefusal, SignedIn};
use crate::{App, HashError};

/// Rounds of PBKDF2 for new keys. RFC 7677 §4 asks for at least 4,096; each costs whoever tries
/// passwords with a stolen database, and the client at each sign-in, and some clients refuse more
/// than 65,536.
pub const ITERATIONS: u32 = 50_000;
/// Octets of a salt.
pub const SALT_OCTETS: usize = 16;
/// Octets of randomness in the server's part of the nonce.
const NONCE_OCTETS: usize = 18;
/// The name under which the installation keeps what made-up salts are made from.
const DECOY_SECRET: &str = "scram-decoy";

/// What a login without keys is answered with.
#[derive(Debug)]
pub(crate) struct Decoy(hmac::Key);

impl Decoy {
    /// The installation's own, the same after each start.
    pub(crate) async fn load(
        store: &Store,
        fill_random: FillRandom,
    ) -> Result<Decoy, store::Failure> {
        let mut fresh = [0u8; KEY_OCTETS];
        fill_random(&mut fresh);
        let secret = store::scram::secret(store, DECOY_SECRET, &fresh).await?;
        Ok(Decoy(hmac::Key::new(hmac::HMAC_SHA256, &secret)))
    }

    fn salt(&self, login: &str) -> Vec<u8> {
        let mut tag = hmac::sign(&self.0, login.as_bytes()).as_ref().to_vec();
        tag.truncate(SALT_OCTETS);
        tag
    }
}

/// A sign-in by SCRAM that has begun.
#[derive(Debug)]
pub struct ScramSignIn {
    /// The server's part of the nonce: printable, without a comma.
    pub nonce: String,
    /// The salt.
    pub salt: Vec<u8>,
    /// Rounds of PBKDF2.
    pub iterations: u32,
    login: String,
    peer: IpAddr,
    account: Option<SignedIn>,
    /// Those with the salt that was told.
    credentials: Vec<ScramCredential>,
}

impl App {
    /// The first step: what the client needs to make its proof. Never says whether the login
    /// exists.
    pub async fn begin_scram(
        &self,
        login: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<ScramSignIn, SignInRefusal> {
        let login = login.to_lowercase();
        if let Some(wait) = self.throttle().wait_secs(&login, peer, now) {
            return Err(SignInRefusal::Throttled(wait));
        }
        let account = self.active_account(&login);
        // An unknown login is looked up like a known one, so that both take as long.
        let nobody = RecipientId(0);
        let id = account.map_or(nobody, |account| account.account);
        let mut credentials = store::scram::find(&self.store, id).await?;
        if self.has_second_factor(id).await? {
            // Only app passwords count: a program cannot ask for the second factor.
            let own = store::credential::password(&self.store, id).await?;
            credentials.retain(|one| own.as_ref() != Some(&one.password_hash));
        }
        let (salt, iterations) = match credentials.first() {
            Some(first) => (first.salt.clone(), first.iterations),
            None => (self.scram_decoy.salt(&login), ITERATIONS),
        };
        credentials.retain(|one| one.salt == salt && one.iterations == iterations);
        let mut octets = [0u8; NONCE_OCTETS];
        (self.fill_random)(&mut octets);
        let nonce = STANDARD_NO_PAD.encode(octets);
        Ok(ScramSignIn { nonce, salt, iterations, login, peer, account, credentials })
    }

    /// The last step: whether the proof of `signed` is right. Gives the account and the server's
    /// signature.
    pub fn finish_scram(
        &self,
        sign_in: &ScramSignIn,
        signed: &str,
        proof: &[u8; KEY_OCTETS],
        now: Timestamp,
    ) -> Result<(SignedIn, [u8; KEY_OCTETS]), SignInRefusal> {
        let ScramSignIn { login, peer, account, credentials, .. } = sign_in;
        // The throttle may have closed since the first step: exchanges can be begun in advance.
        if let Some(wait) = self.throttle().wait_secs(login, *peer, now) {
            return Err(SignInRefusal::Throttled(wait));
        }
        let mut credentials = credentials.iter();
        let signature = credentials.find_map(|one| verify(one, signed.as_bytes(), proof));
        match account.filter(|account| self.is_still_signed_in(*account)).zip(signature) {
            Some(finished) => {
                self.throttle().record_success(login, *peer);
                Ok(finished)
            }
            None => {
                self.throttle().record_failure(login, *peer, now);
                tracing::info!(login, %peer, "sign-in by SCRAM refused");
                Err(SignInRefusal::Wrong)
            }
        }
    }

    /// Makes and keeps the keys of a password that was just verified, where there are none yet.
    pub(crate) async fn supply_scram(
        &self,
        account: RecipientId,
        password: &str,
        password_hash: &str,
    ) -> Result<(), store::Failure> {
        let credentials = store::scram::find(&self.store, account).await?;
        let salt = credentials.first().map(|first| first.salt.clone());
        let is_usable = |one: &ScramCredential| {
            one.password_hash == password_hash && Some(&one.salt) == salt.as_ref()
        };
        if credentials.iter().any(is_usable) {
            return Ok(());
        }
        let salt = salt.unwrap_or_else(|| fresh_salt(self.fill_random));
        let (password, hash) = (password.to_owned(), password_hash.to_owned());
        let derived = tokio::task::spawn_blocking(move || derive(&password, hash, salt));
        let Ok(credential) = derived.await else { return Ok(()) };
        let mut set = WriteSet::new();
        store::scram::put(&mut set, account, &credential);
        self.later.commit(set).await;
        Ok(())
    }

    /// The salt for a further password of this account, or of one that is new.
    pub(crate) async fn scram_salt(
        &self,
        account: Option<RecipientId>,
    ) -> Result<Vec<u8>, store::Failure> {
        let credentials = match account {
            Some(account) => store::scram::find(&self.store, account).await?,
            None => Vec::new(),
        };
        let salt = credentials.into_iter().next().map(|first| first.salt);
        Ok(salt.unwrap_or_else(|| fresh_salt(self.fill_random)))
    }
}

fn fresh_salt(fill_random: FillRandom) -> Vec<u8> {
    let mut salt = vec![0u8; SALT_OCTETS];
    fill_random(&mut salt);
    salt
}

/// A password's hash in PHC form, and its keys for SCRAM. Slow: not for async threads.
pub(crate) fn hash_with_keys(
    password: &str,
    salt: Vec<u8>,
    fill_random: FillRandom,
) -> Result<ScramCredential, HashError> {
    let hash = crate::credentials::hash_password(password, fill_random)?;
    Ok(derive(password, hash, salt))
}

fn derive(password: &str, password_hash: String, salt: Vec<u8>) -> ScramCredential {
    let (stored_key, server_key) = keys(password, &salt, ITERATIONS);
    ScramCredential { password_hash, salt, iterations: ITERATIONS, stored_key, server_key }
}

/// RFC 5802 §3: `StoredKey` and `ServerKey`.
fn keys(password: &str, salt: &[u8], iterations: u32) -> ([u8; KEY_OCTETS], [u8; KEY_OCTETS]) {
    // RFC 5802 §2.2: the password is prepared by SASLprep; one that cannot be is taken as it is,
    // as clients do.
    let prepared = stringprep::saslprep(password).unwrap_or(password.into());
    let rounds = NonZeroU32::new(iterations).unwrap_or(NonZeroU32::MIN);
    let mut salted = [0u8; KEY_OCTETS];
    let algorithm = pbkdf2::PBKDF2_HMAC_SHA256;
    pbkdf2::derive(algorithm, rounds, salt, prepared.as_bytes(), &mut salted);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &salted);
    let client_key = octets(hmac::sign(&key, b"Client Key").as_ref());
    let server_key = octets(hmac::sign(&key, b"Server Key").as_ref());
    (octets(digest::digest(&digest::SHA256, &client_key).as_ref()), server_key)
}

/// RFC 5802 §3: the server's signature, if the proof is right.
fn verify(
    credential: &ScramCredential,
    signed: &[u8],
    proof: &[u8; KEY_OCTETS],
) -> Option<[u8; KEY_OCTETS]> {
    let stored_key = hmac::Key::new(hmac::HMAC_SHA256, &credential.stored_key);
    let client_signature = hmac::sign(&stored_key, signed);
    let mut client_key = *proof;
    for (octet, mask) in client_key.iter_mut().zip(client_signature.as_ref()) {
        *octet ^= mask;
    }
    let found = digest::digest(&digest::SHA256, &client_key);
    // All octets are looked at, so that time does not tell how many are right.
    let pairs = found.as_ref().iter().zip(&credential.stored_key);
    if pairs.fold(0, |different, (a, b)| different | (a ^ b)) != 0 {
        return None;
    }
    let server_key = hmac::Key::new(hmac::HMAC_SHA256, &credential.server_key);
    Some(octets(hmac::sign(&server_key, signed).as_ref()))
}

fn octets(hash: &[u8]) -> [u8; KEY_OCTETS] {
    hash.try_into().expect("SHA-256 has 32 octets")
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn decoded<const N: usize>(text: &str) -> [u8; N] {
        STANDARD.decode(text).expect("base64").try_into().expect("as long as it should be")
    }

    #[test]
    fn rfc_7677_section_3_is_computed_to_the_octet() {
        let salt: [u8; 16] = decoded("W22ZaJ0SNY7soEsUEjb6gQ==");
        let (stored_key, server_key) = keys("pencil", &salt, 4096);
        let credential = ScramCredential {
            password_hash: String::new(),
            salt: salt.to_vec(),
            iterations: 4096,
            stored_key,
            server_key,
        };
        let signed = "n=user,r=rOprNGfwEbeRWgbNEkqO,\
             r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,\
             i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let proof = decoded("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        let signature = decoded("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        assert_eq!(verify(&credential, signed.as_bytes(), &proof), Some(signature));
        assert_eq!(verify(&credential, b"something else", &proof), None);
        for at in 0..KEY_OCTETS {
            let mut other = proof;
            other[at] ^= 1;
            assert_eq!(verify(&credential, signed.as_bytes(), &other), None);
        }
    }

    #[test]
    fn passwords_are_prepared_as_rfc_4013_says() {
        // A soft hyphen is mapped to nothing, and a Roman numeral to letters.
        assert_eq!(keys("I\u{ad}X", b"salt", 1), keys("IX", b"salt", 1));
        assert_eq!(keys("\u{2168}", b"salt", 1), keys("IX", b"salt", 1));
        // What may not be prepared is taken as it is.
        assert_ne!(keys("\u{7}", b"salt", 1), keys("", b"salt", 1));
    }
}
