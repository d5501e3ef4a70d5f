//! Sign-ins of browsers. Only the hash of what the browser shows is kept; what a session may do
//! and when it is too old is for the layer above to judge.

use domain::{RecipientId, Timestamp};

use crate::credential::TOKEN_HASH_OCTETS;
use crate::failure::Failure;
use crate::store::Store;
use crate::value::Row;
use crate::write_set::WriteSet;

const PUT: &str = "insert into web_session
            (id, token_hash, recipient_id, credential_epoch, created_at, last_seen_at, client,
             user_agent)
     values ($1, $2, $3, $4, $5, $6, $7, $8)";

const BY_HASH: &str = "select id, recipient_id, credential_epoch, created_at, last_seen_at, client,
            user_agent
       from web_session where token_hash = $1";

const LIST: &str = "select id, recipient_id, credential_epoch, created_at, last_seen_at, client,
            user_agent
       from web_session where recipient_id = $1 order by last_seen_at desc, id desc";

const SEEN: &str = "update web_session set last_seen_at = $2 where id = $1";

const REMOVE: &str = "delete from web_session where id = $1 and recipient_id = $2";

const REMOVE_ALL: &str = "delete from web_session where recipient_id = $1";

const REMOVE_UNSEEN: &str = "delete from web_session where recipient_id = $1 and last_seen_at < $2";

pub(crate) const STATEMENTS: &[&str] =
    &[PUT, BY_HASH, LIST, SEEN, REMOVE, REMOVE_ALL, REMOVE_UNSEEN];

/// The sign-in of a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSession {
    /// Its identifier.
    pub id: i64,
    /// Whose.
    pub recipient: RecipientId,
    /// The account's state at the sign-in; a later state ends the session.
    pub credential_epoch: i64,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When the browser was last seen, to some minutes.
    pub last_seen_at: Timestamp,
    /// The address from which the person signed in.
    pub client: String,
    /// What the browser called itself.
    pub user_agent: String,
}

/// Adds a session under the SHA-256 of what the browser will show.
pub fn put(set: &mut WriteSet, session: &WebSession, token_hash: &[u8; TOKEN_HASH_OCTETS]) {
    set.push(
        PUT,
        vec![
            session.id.into(),
            token_hash.as_slice().into(),
            session.recipient.into(),
            session.credential_epoch.into(),
            session.created_at.into(),
            session.last_seen_at.into(),
            session.client.as_str().into(),
            session.user_agent.as_str().into(),
        ],
    );
}

/// The session with this hash.
pub async fn by_hash(
    store: &Store,
    token_hash: &[u8; TOKEN_HASH_OCTETS],
) -> Result<Option<WebSession>, Failure> {
    store.row(BY_HASH, vec![token_hash.as_slice().into()]).await?.map(session).transpose()
}

/// All sessions of a person, the one seen last first.
pub async fn list(store: &Store, recipient: RecipientId) -> Result<Vec<WebSession>, Failure> {
    let rows = store.rows(LIST, vec![recipient.into()]).await?;
    rows.into_iter().map(session).collect()
}

/// Notes that the browser was seen.
pub fn seen(set: &mut WriteSet, id: i64, at: Timestamp) {
    set.push(SEEN, vec![id.into(), at.into()]);
}

/// Ends a session of this person; nothing happens where there is none.
pub fn remove(set: &mut WriteSet, recipient: RecipientId, id: i64) {
    set.push(REMOVE, vec![id.into(), recipient.into()]);
}

/// Ends all sessions of a person.
pub fn remove_all(set: &mut WriteSet, recipient: RecipientId) {
    set.push(REMOVE_ALL, vec![recipient.into()]);
}

/// Ends the sessions of a person that were not seen since a moment.
pub fn remove_unseen(set: &mut WriteSet, recipient: RecipientId, since: Timestamp) {
    set.push(REMOVE_UNSEEN, vec![recipient.into(), since.into()]);
}

fn session(mut row: Row) -> Result<WebSession, Failure> {
    Ok(WebSession {
        id: row.int()?,
        recipient: RecipientId(row.int()?),
        credential_epoch: row.int()?,
        created_at: row.at()?,
        last_seen_at: row.at()?,
        client: row.text()?,
        user_agent: row.text()?,
    })
}
