//! Passkeys: the public keys of authenticators (W3C Web Authentication), and the questions that
//! are still to be answered. Nothing here is secret; what proves a signature is the layer above.

use bytes::Bytes;
use domain::{RecipientId, Timestamp};

use crate::credential::TOKEN_HASH_OCTETS;
use crate::failure::Failure;
use crate::statements::GuardText;
use crate::store::Store;
use crate::value::Row;
use crate::write_set::WriteSet;

const PUT: &str = "insert into passkey
            (id, recipient_id, credential_id, public_key, sign_count, name, created_at,
             last_used_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)";

const LIST: &str = "select id, recipient_id, credential_id, public_key, sign_count, name,
            created_at, last_used_at
       from passkey where recipient_id = $1 order by id";

const BY_CREDENTIAL: &str = "select id, recipient_id, credential_id, public_key, sign_count, name,
            created_at, last_used_at
       from passkey where credential_id = $1";

const USE: &str = "update passkey set sign_count = $2, last_used_at = $3 where id = $1";

const REMOVE: &str = "delete from passkey where id = $1 and recipient_id = $2";

const REMOVE_ALL: &str = "delete from passkey where recipient_id = $1";

const PUT_CHALLENGE: &str = "insert into passkey_challenge
            (challenge_hash, recipient_id, created_at)
     values ($1, $2, $3)";

const CHALLENGE: &str =
    "select recipient_id, created_at from passkey_challenge where challenge_hash = $1";

/// Conflict `passkey_challenge`: it was answered already.
const CHALLENGE_THERE: GuardText = GuardText {
    name: "passkey_challenge",
    sql: "(select created_at from passkey_challenge where challenge_hash = $1 {for_update})
          is not null",
};

const END_CHALLENGE: &str = "delete from passkey_challenge where challenge_hash = $1";

const REMOVE_CHALLENGES_BEFORE: &str = "delete from passkey_challenge where created_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[
    PUT,
    LIST,
    BY_CREDENTIAL,
    USE,
    REMOVE,
    REMOVE_ALL,
    PUT_CHALLENGE,
    CHALLENGE,
    END_CHALLENGE,
    REMOVE_CHALLENGES_BEFORE,
];

pub(crate) const GUARDS: &[GuardText] = &[CHALLENGE_THERE];

/// The public key of an authenticator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Its identifier here.
    pub id: i64,
    /// Whose.
    pub recipient: RecipientId,
    /// Its identifier to authenticators.
    pub credential_id: Bytes,
    /// The key in COSE form (RFC 9052).
    pub public_key: Bytes,
    /// The authenticator's own count of signatures; 0 where it keeps none.
    pub sign_count: i64,
    /// What the person calls it.
    pub name: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last signed, if ever.
    pub last_used_at: Option<Timestamp>,
}

/// A question that an authenticator is to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    /// Who registers a key; nobody where somebody signs in.
    pub recipient: Option<RecipientId>,
    /// When it was asked.
    pub created_at: Timestamp,
}

/// Adds a key.
pub fn put(set: &mut WriteSet, passkey: &Passkey) {
    set.push(
        PUT,
        vec![
            passkey.id.into(),
            passkey.recipient.into(),
            passkey.credential_id.as_ref().into(),
            passkey.public_key.as_ref().into(),
            passkey.sign_count.into(),
            passkey.name.as_str().into(),
            passkey.created_at.into(),
            passkey.last_used_at.into(),
        ],
    );
}

/// All keys of a person, the oldest first.
pub async fn list(store: &Store, recipient: RecipientId) -> Result<Vec<Passkey>, Failure> {
    let rows = store.rows(LIST, vec![recipient.into()]).await?;
    rows.into_iter().map(passkey).collect()
}

/// The key that authenticators know by this identifier.
pub async fn by_credential(
    store: &Store,
    credential_id: &[u8],
) -> Result<Option<Passkey>, Failure> {
    store.row(BY_CREDENTIAL, vec![credential_id.into()]).await?.map(passkey).transpose()
}

/// Notes a signature.
pub fn used(set: &mut WriteSet, id: i64, sign_count: i64, at: Timestamp) {
    set.push(USE, vec![id.into(), sign_count.into(), at.into()]);
}

/// Takes a key of this person away.
pub fn remove(set: &mut WriteSet, recipient: RecipientId, id: i64) {
    set.push(REMOVE, vec![id.into(), recipient.into()]);
}

/// Takes all keys of a person away.
pub fn remove_all(set: &mut WriteSet, recipient: RecipientId) {
    set.push(REMOVE_ALL, vec![recipient.into()]);
}

/// Notes a question under the SHA-256 of it.
pub fn put_challenge(set: &mut WriteSet, hash: &[u8; TOKEN_HASH_OCTETS], challenge: Challenge) {
    let recipient = challenge.recipient.map(|recipient| recipient.0);
    let params = vec![hash.as_slice().into(), recipient.into(), challenge.created_at.into()];
    set.push(PUT_CHALLENGE, params);
}

/// The question with this hash. Whether it is too old is for the caller to judge.
pub async fn challenge(
    store: &Store,
    hash: &[u8; TOKEN_HASH_OCTETS],
) -> Result<Option<Challenge>, Failure> {
    let row = store.row(CHALLENGE, vec![hash.as_slice().into()]).await?;
    row.map(|mut row| {
        let recipient = row.opt_int()?.map(RecipientId);
        Ok(Challenge { recipient, created_at: row.at()? })
    })
    .transpose()
}

/// Ends a question: it is answered. Conflict `passkey_challenge`.
pub fn end_challenge(set: &mut WriteSet, hash: &[u8; TOKEN_HASH_OCTETS]) {
    set.guard(CHALLENGE_THERE, vec![hash.as_slice().into()]);
    set.push(END_CHALLENGE, vec![hash.as_slice().into()]);
}

/// Forgets questions that were asked before a moment.
pub fn remove_challenges_before(set: &mut WriteSet, at: Timestamp) {
    set.push(REMOVE_CHALLENGES_BEFORE, vec![at.into()]);
}

fn passkey(mut row: Row) -> Result<Passkey, Failure> {
    Ok(Passkey {
        id: row.int()?,
        recipient: RecipientId(row.int()?),
        credential_id: row.blob()?,
        public_key: row.blob()?,
        sign_count: row.int()?,
        name: row.text()?,
        created_at: row.at()?,
        last_used_at: row.opt_at()?,
    })
}
