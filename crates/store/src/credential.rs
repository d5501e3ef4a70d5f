//! What people and programs log in with: passwords, app passwords, tokens. Only hashes are kept;
//! this crate neither makes nor checks them.

use bytes::Bytes;
use domain::{RecipientId, Timestamp};

use crate::failure::Failure;
use crate::store::Store;
use crate::value::Row;
use crate::write_set::WriteSet;

/// Octets of a token's SHA-256.
pub const TOKEN_HASH_OCTETS: usize = 32;

const PUT_PASSWORD: &str = "insert into password (recipient_id, hash, changed_at)
     values ($1, $2, $3)
     on conflict (recipient_id) do update
        set hash = excluded.hash, changed_at = excluded.changed_at";

const PASSWORD: &str = "select hash from password where recipient_id = $1";

const REMOVE_PASSWORD: &str = "delete from password where recipient_id = $1";

const PUT_APP_PASSWORD: &str = "insert into app_password
            (id, recipient_id, name, hash, created_at, last_used_at)
     values ($1, $2, $3, $4, $5, $6)";

const APP_PASSWORDS: &str = "select id, recipient_id, name, hash, created_at, last_used_at
       from app_password where recipient_id = $1 order by id";

const REMOVE_APP_PASSWORD: &str = "delete from app_password where id = $1 and recipient_id = $2";

const REMOVE_APP_PASSWORDS: &str = "delete from app_password where recipient_id = $1";

const USE_APP_PASSWORD: &str = "update app_password set last_used_at = $2 where id = $1";

const PUT_TOKEN: &str = "insert into api_token
            (id, token_hash, recipient_id, name, scopes, created_at, expires_at, revoked_at,
             last_used_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

const TOKEN_BY_HASH: &str = "select id, token_hash, recipient_id, name, scopes, created_at,
            expires_at, revoked_at, last_used_at
       from api_token where token_hash = $1";

const TOKENS: &str = "select id, token_hash, recipient_id, name, scopes, created_at,
            expires_at, revoked_at, last_used_at
       from api_token where recipient_id = $1 order by id";

const REVOKE_TOKEN: &str =
    "update api_token set revoked_at = $2 where id = $1 and revoked_at is null";

const REVOKE_TOKENS: &str =
    "update api_token set revoked_at = $2 where recipient_id = $1 and revoked_at is null";

const USE_TOKEN: &str = "update api_token set last_used_at = $2 where id = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    PUT_PASSWORD,
    PASSWORD,
    REMOVE_PASSWORD,
    PUT_APP_PASSWORD,
    APP_PASSWORDS,
    REMOVE_APP_PASSWORD,
    REMOVE_APP_PASSWORDS,
    USE_APP_PASSWORD,
    PUT_TOKEN,
    TOKEN_BY_HASH,
    TOKENS,
    REVOKE_TOKEN,
    REVOKE_TOKENS,
    USE_TOKEN,
];

/// A password for one program of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppPassword {
    /// Its identifier.
    pub id: i64,
    /// Whose.
    pub recipient: RecipientId,
    /// What the person calls it.
    pub name: String,
    /// The hash in PHC text form.
    pub hash: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, if ever.
    pub last_used_at: Option<Timestamp>,
}

/// A token for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its identifier.
    pub id: i64,
    /// SHA-256 of the token, which is random, so that this is as good as a password hash.
    pub token_hash: [u8; TOKEN_HASH_OCTETS],
    /// In whose name it acts.
    pub recipient: RecipientId,
    /// What it is for.
    pub name: String,
    /// What it allows, as the layer above writes it.
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, if ever.
    pub last_used_at: Option<Timestamp>,
}

/// Sets a password, in the place of the old one. `hash` is in PHC text form.
pub fn put_password(set: &mut WriteSet, recipient: RecipientId, hash: &str, at: Timestamp) {
    set.push(PUT_PASSWORD, vec![recipient.into(), hash.into(), at.into()]);
}

/// The hash of a recipient's password, if it has one.
pub async fn password(store: &Store, recipient: RecipientId) -> Result<Option<String>, Failure> {
    let row = store.row(PASSWORD, vec![recipient.into()]).await?;
    row.map(|mut row| row.text()).transpose()
}

/// Adds an app password.
pub fn put_app_password(set: &mut WriteSet, password: &AppPassword) {
    set.push(
        PUT_APP_PASSWORD,
        vec![
            password.id.into(),
            password.recipient.into(),
            password.name.as_str().into(),
            password.hash.as_str().into(),
            password.created_at.into(),
            password.last_used_at.into(),
        ],
    );
}

/// All app passwords of a recipient.
pub async fn app_passwords(
    store: &Store,
    recipient: RecipientId,
) -> Result<Vec<AppPassword>, Failure> {
    let rows = store.rows(APP_PASSWORDS, vec![recipient.into()]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(AppPassword {
                id: row.int()?,
                recipient: RecipientId(row.int()?),
                name: row.text()?,
                hash: row.text()?,
                created_at: row.at()?,
                last_used_at: row.opt_at()?,
            })
        })
        .collect()
}

/// Removes an app password of this recipient; nothing happens where there is none.
pub fn remove_app_password(set: &mut WriteSet, recipient: RecipientId, id: i64) {
    set.push(REMOVE_APP_PASSWORD, vec![id.into(), recipient.into()]);
}

/// Notes that an app password was used.
pub fn use_app_password(set: &mut WriteSet, id: i64, at: Timestamp) {
    set.push(USE_APP_PASSWORD, vec![id.into(), at.into()]);
}

/// Adds a token. Conflict `token`: its hash is there already.
pub fn put_token(set: &mut WriteSet, token: &ApiToken) {
    set.push(
        PUT_TOKEN,
        vec![
            token.id.into(),
            token.token_hash.as_slice().into(),
            token.recipient.into(),
            token.name.as_str().into(),
            token.scopes.as_str().into(),
            token.created_at.into(),
            token.expires_at.into(),
            token.revoked_at.into(),
            token.last_used_at.into(),
        ],
    );
}

/// The token with this hash. Whether it is expired or revoked is for the caller to judge.
pub async fn token_by_hash(
    store: &Store,
    hash: &[u8; TOKEN_HASH_OCTETS],
) -> Result<Option<ApiToken>, Failure> {
    let row = store.row(TOKEN_BY_HASH, vec![hash.as_slice().into()]).await?;
    row.map(token).transpose()
}

/// All tokens of a recipient, ended ones included.
pub async fn tokens(store: &Store, recipient: RecipientId) -> Result<Vec<ApiToken>, Failure> {
    let rows = store.rows(TOKENS, vec![recipient.into()]).await?;
    rows.into_iter().map(token).collect()
}

/// Revokes a token; nothing happens where it is revoked already.
pub fn revoke_token(set: &mut WriteSet, id: i64, at: Timestamp) {
    set.push(REVOKE_TOKEN, vec![id.into(), at.into()]);
}

/// Notes that a token was used.
pub fn use_token(set: &mut WriteSet, id: i64, at: Timestamp) {
    set.push(USE_TOKEN, vec![id.into(), at.into()]);
}

/// Ends every login of a recipient: password, app passwords, tokens, second factor, passkeys
/// and identities at providers.
pub fn remove_all(set: &mut WriteSet, recipient: RecipientId, at: Timestamp) {
    set.push(REMOVE_PASSWORD, vec![recipient.into()]);
    set.push(crate::scram::REMOVE, vec![recipient.into()]);
    set.push(REMOVE_APP_PASSWORDS, vec![recipient.into()]);
    set.push(REVOKE_TOKENS, vec![recipient.into(), at.into()]);
    crate::second_factor::remove(set, recipient);
    crate::passkey::remove_all(set, recipient);
    crate::linked_identity::remove_all(set, recipient);
}

fn token(mut row: Row) -> Result<ApiToken, Failure> {
    Ok(ApiToken {
        id: row.int()?,
        token_hash: token_hash(&row.blob()?)?,
        recipient: RecipientId(row.int()?),
        name: row.text()?,
        scopes: row.text()?,
        created_at: row.at()?,
        expires_at: row.opt_at()?,
        revoked_at: row.opt_at()?,
        last_used_at: row.opt_at()?,
    })
}

fn token_hash(bytes: &Bytes) -> Result<[u8; TOKEN_HASH_OCTETS], Failure> {
    bytes.as_ref().try_into().map_err(|_| Failure::corrupt("a token's hash has a wrong length"))
}
