//! SCRAM-SHA-256 beside passwords (RFC 5802 §3), and secrets of the whole installation.
//!
//! A credential belongs to one password or app password, named by its hash: it is found only as
//! long as the account has that. So a credential that is written late, when the password has
//! changed meanwhile, opens nothing.

use bytes::Bytes;
use domain::RecipientId;

use crate::failure::Failure;
use crate::store::{Store, first};
use crate::value::Row;
use crate::write_set::WriteSet;

/// Octets of a key: SHA-256's.
pub const KEY_OCTETS: usize = 32;

const PUT: &str = "insert into scram_credential
            (recipient_id, password_hash, salt, iterations, stored_key, server_key)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (recipient_id, password_hash) do update
        set salt = excluded.salt, iterations = excluded.iterations,
            stored_key = excluded.stored_key, server_key = excluded.server_key";

const REMOVE_ENDED: &str = "delete from scram_credential
      where recipient_id = $1
        and password_hash not in (select hash from password where recipient_id = $1)
        and password_hash not in (select hash from app_password where recipient_id = $1)";

const FIND: &str = "select password_hash, salt, iterations, stored_key, server_key
       from scram_credential
      where recipient_id = $1
        and (password_hash in (select hash from password where recipient_id = $1)
             or password_hash in (select hash from app_password where recipient_id = $1))
      order by password_hash";

pub(crate) const REMOVE: &str = "delete from scram_credential where recipient_id = $1";

const OFFER_SECRET: &str =
    "insert into secret (name, value) values ($1, $2) on conflict (name) do nothing";

const SECRET: &str = "select value from secret where name = $1";

pub(crate) const STATEMENTS: &[&str] = &[PUT, REMOVE_ENDED, FIND, REMOVE, OFFER_SECRET, SECRET];

/// What a proof is checked with. It does not tell the password, but lets it be tried faster than
/// the password's own hash does.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramCredential {
    /// The hash of the password that it was made from, in PHC text form.
    pub password_hash: String,
    /// The salt.
    pub salt: Vec<u8>,
    /// Rounds of PBKDF2.
    pub iterations: u32,
    /// `StoredKey`.
    pub stored_key: [u8; KEY_OCTETS],
    /// `ServerKey`.
    pub server_key: [u8; KEY_OCTETS],
}

impl std::fmt::Debug for ScramCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScramCredential")
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}

/// Keeps a credential, and drops those whose passwords are gone. Set the password first.
pub fn put(set: &mut WriteSet, recipient: RecipientId, credential: &ScramCredential) {
    set.push(REMOVE_ENDED, vec![recipient.into()]);
    set.push(
        PUT,
        vec![
            recipient.into(),
            credential.password_hash.as_str().into(),
            credential.salt.as_slice().into(),
            credential.iterations.into(),
            credential.stored_key.as_slice().into(),
            credential.server_key.as_slice().into(),
        ],
    );
}

/// The credentials of the recipient's present passwords.
pub async fn find(store: &Store, recipient: RecipientId) -> Result<Vec<ScramCredential>, Failure> {
    let rows = store.rows(FIND, vec![recipient.into()]).await?;
    rows.into_iter().map(credential).collect()
}

fn credential(mut row: Row) -> Result<ScramCredential, Failure> {
    Ok(ScramCredential {
        password_hash: row.text()?,
        salt: row.blob()?.to_vec(),
        iterations: u32::try_from(row.int()?)
            .map_err(|_| Failure::corrupt("the iterations of a SCRAM credential"))?,
        stored_key: key(&row.blob()?)?,
        server_key: key(&row.blob()?)?,
    })
}

/// The installation's secret of this name; `fresh` becomes it where there is none yet.
pub async fn secret(store: &Store, name: &str, fresh: &[u8]) -> Result<Bytes, Failure> {
    let mut found = store.rows(SECRET, vec![name.into()]).await?;
    if found.is_empty() {
        let mut set = WriteSet::new();
        set.push(OFFER_SECRET, vec![name.into(), fresh.into()]);
        store.commit(set).await.map_err(|error| match error {
            crate::CommitError::Failure(failure) => failure,
            crate::CommitError::Conflict(name) => Failure::corrupt(name),
        })?;
        // Another process may have been first.
        found = store.rows(SECRET, vec![name.into()]).await?;
    }
    first(found)?.blob()
}

fn key(octets: &Bytes) -> Result<[u8; KEY_OCTETS], Failure> {
    octets.as_ref().try_into().map_err(|_| Failure::corrupt("a SCRAM key has a wrong length"))
}
