//! Passwords: hashing with Argon2id, verification, and the memory of what was verified.
//!
//! A verification costs tens of milliseconds and 19 MiB, so it runs on a blocking thread, a few at
//! a time, and a success is remembered for minutes under a keyed hash. What is remembered names the
//! account's credential epoch: any change of password or state makes it worthless at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{RecipientId, Timestamp};
use ring::hmac;
use tokio::sync::Semaphore;

/// Seconds for which a verified password is remembered.
pub const VERIFIED_MEMORY_SECS: i64 = 10 * 60;
/// Passwords remembered at most; beyond it all are forgotten, which costs time, never safety.
pub const VERIFIED_ENTRIES_MAX: usize = 10_000;
/// Argon2 runs at the same time; each holds 19 MiB and a core.
pub const HASHES_AT_ONCE: usize = 2;
/// Longest password looked at, in octets; NIST SP 800-63B asks for at least 64 characters.
pub const PASSWORD_OCTETS_MAX: usize = 1024;
/// Shortest password that an account may be given, in characters (NIST SP 800-63B §5.1.1.2).
pub const PASSWORD_CHARACTERS_MIN: usize = 8;

/// Fills a buffer with random octets. The binary passes the system's source, tests a fixed one.
pub type FillRandom = fn(&mut [u8]);

/// Octets of what is random so that nobody guesses it.
const RANDOM_OCTETS: usize = 32;

/// 256 random bits, written with letters, digits, `-` and `_`: tokens, secrets, challenges.
pub(crate) fn random_text(fill_random: FillRandom) -> String {
    let mut octets = [0u8; RANDOM_OCTETS];
    fill_random(&mut octets);
    URL_SAFE_NO_PAD.encode(octets)
}

/// A password hash could not be made or read.
#[derive(Debug, thiserror::Error)]
#[error("the password hash cannot be computed: {0}")]
pub struct HashError(argon2::password_hash::Error);

/// Makes the PHC text of a password: Argon2id with the library's defaults (OWASP's minimum).
pub fn hash_password(password: &str, fill_random: FillRandom) -> Result<String, HashError> {
    let mut salt = [0u8; 16];
    fill_random(&mut salt);
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(HashError)
}

/// Whether the password is the one that the PHC text was made from.
pub fn verify_password(password: &str, phc: &str) -> bool {
    let Ok(hash) = PasswordHash::new(phc) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
}

/// What a password matched.
#[derive(Debug, PartialEq, Eq)]
pub enum Match {
    /// Nothing: it is wrong.
    None,
    /// It was verified a moment ago.
    Remembered,
    /// This hash, in PHC text form.
    Hash(String),
}

/// Runs Argon2 off the async threads, and remembers successes.
#[derive(Debug)]
pub struct Verifier {
    key: hmac::Key,
    verified: Mutex<HashMap<[u8; 32], Verified>>,
    hashes: Arc<Semaphore>,
    /// What unknown logins are verified against, so that they take as long as known ones.
    decoy: String,
}

#[derive(Debug, Clone, Copy)]
struct Verified {
    account: RecipientId,
    credential_epoch: i64,
    until: Timestamp,
}

impl Verifier {
    /// Starts with nothing remembered, under a fresh key.
    pub fn new(fill_random: FillRandom) -> Result<Verifier, HashError> {
        let mut key = [0u8; 32];
        fill_random(&mut key);
        Ok(Verifier {
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            verified: Mutex::new(HashMap::new()),
            hashes: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            decoy: hash_password("nobody's password", fill_random)?,
        })
    }

    /// Whether this password was verified for the account in its present state not long ago.
    pub fn remembers(
        &self,
        account: RecipientId,
        epoch: i64,
        password: &str,
        now: Timestamp,
    ) -> bool {
        let tag = self.tag(account, password);
        let verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        verified.get(&tag).is_some_and(|found| {
            found.account == account && found.credential_epoch == epoch && now < found.until
        })
    }

    /// Remembers a password that was just verified.
    pub fn remember(&self, account: RecipientId, epoch: i64, password: &str, now: Timestamp) {
        let tag = self.tag(account, password);
        let until = now.plus_secs(VERIFIED_MEMORY_SECS);
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= VERIFIED_ENTRIES_MAX {
            verified.clear();
        }
        verified.insert(tag, Verified { account, credential_epoch: epoch, until });
    }

    /// Verifies against any of the hashes; against a decoy where there is none. When its turn has
    /// come it asks `is_known_by_now` first: of many sign-ins at once with one password, all but
    /// the first find it verified. Gives the hash that matched.
    pub async fn verify(
        &self,
        password: &str,
        mut hashes: Vec<String>,
        is_known_by_now: impl Fn() -> bool,
    ) -> Match {
        let is_account = !hashes.is_empty();
        if !is_account {
            hashes.push(self.decoy.clone());
        }
        let password = password.to_owned();
        let Ok(permit) = Arc::clone(&self.hashes).acquire_owned().await else { return Match::None };
        if is_known_by_now() {
            return Match::Remembered;
        }
        let verified = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            hashes.into_iter().find(|phc| verify_password(&password, phc))
        });
        match verified.await {
            Ok(Some(phc)) if is_account => Match::Hash(phc),
            _ => Match::None,
        }
    }

    fn tag(&self, account: RecipientId, password: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&account.0.to_be_bytes());
        context.update(password.as_bytes());
        let mut tag = [0u8; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_750_000_000_000);
    const JEAN: RecipientId = RecipientId(1);

    fn fixed(buffer: &mut [u8]) {
        buffer.fill(7);
    }

    #[test]
    fn a_password_verifies_against_its_hash_only() {
        let phc = hash_password("correct horse", fixed).expect("hashes");
        assert!(phc.starts_with("$argon2id$"));
        assert!(verify_password("correct horse", &phc));
        assert!(!verify_password("correct horsf", &phc));
        assert!(!verify_password("correct horse", "not a hash"));
    }

    #[test]
    fn what_is_remembered_dies_with_time_epoch_and_account() {
        let verifier = Verifier::new(fixed).expect("hashes");
        verifier.remember(JEAN, 3, "secret", NOW);
        assert!(verifier.remembers(JEAN, 3, "secret", NOW));
        assert!(!verifier.remembers(JEAN, 3, "Secret", NOW));
        assert!(!verifier.remembers(JEAN, 4, "secret", NOW));
        assert!(!verifier.remembers(RecipientId(2), 3, "secret", NOW));
        assert!(!verifier.remembers(JEAN, 3, "secret", NOW.plus_secs(VERIFIED_MEMORY_SECS)));
    }
}
