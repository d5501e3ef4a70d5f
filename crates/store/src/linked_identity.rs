//! Who persons are at a provider of OpenID Connect, and browsers that are on their way there and
//! back. An identity is a pair of issuer and subject; addresses may change hands at the provider
//! and identify nobody.

use domain::{RecipientId, Timestamp};

use crate::credential::TOKEN_HASH_OCTETS;
use crate::failure::Failure;
use crate::statements::GuardText;
use crate::store::Store;
use crate::value::Row;
use crate::write_set::WriteSet;

const PUT: &str = "insert into linked_identity
            (id, recipient_id, issuer, subject, address, created_at, last_used_at)
     values ($1, $2, $3, $4, $5, $6, $7)";

const FIND: &str = "select id, recipient_id, issuer, subject, address, created_at, last_used_at
       from linked_identity where issuer = $1 and subject = $2";

const LIST: &str = "select id, recipient_id, issuer, subject, address, created_at, last_used_at
       from linked_identity where recipient_id = $1 order by id";

/// Conflict `linked_identity`: the identity, or the account's place at this issuer, is taken.
const FREE: GuardText = GuardText {
    name: "linked_identity",
    sql: "not exists (select 1 from linked_identity
                       where issuer = $1 and (subject = $2 or recipient_id = $3))",
};

const USE: &str = "update linked_identity set address = $2, last_used_at = $3 where id = $1";

const REMOVE: &str = "delete from linked_identity where id = $1 and recipient_id = $2";

const REMOVE_ALL: &str = "delete from linked_identity where recipient_id = $1";

const PUT_VISIT: &str =
    "insert into provider_visit (token_hash, next_path, created_at) values ($1, $2, $3)";

const VISIT: &str = "select next_path, created_at from provider_visit where token_hash = $1";

/// Conflict `provider_visit`: the browser came back already.
const VISIT_THERE: GuardText = GuardText {
    name: "provider_visit",
    sql: "(select created_at from provider_visit where token_hash = $1 {for_update}) is not null",
};

const END_VISIT: &str = "delete from provider_visit where token_hash = $1";

const REMOVE_VISITS_BEFORE: &str = "delete from provider_visit where created_at < $1";

pub(crate) const STATEMENTS: &[&str] =
    &[PUT, FIND, LIST, USE, REMOVE, REMOVE_ALL, PUT_VISIT, VISIT, END_VISIT, REMOVE_VISITS_BEFORE];

pub(crate) const GUARDS: &[GuardText] = &[FREE, VISIT_THERE];

/// Who a person is at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedIdentity {
    /// Its identifier here.
    pub id: i64,
    /// Whose.
    pub recipient: RecipientId,
    /// The provider (OpenID Connect Core §2, `iss`).
    pub issuer: String,
    /// The person, as the provider never calls another (`sub`).
    pub subject: String,
    /// The address that the provider named last.
    pub address: String,
    /// When it was linked.
    pub created_at: Timestamp,
    /// When it last signed in.
    pub last_used_at: Timestamp,
}

/// A browser that was sent to the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderVisit {
    /// The page that it is to come to in the end.
    pub next_path: String,
    /// When it was sent.
    pub created_at: Timestamp,
}

/// Links an identity. Conflict `linked_identity`: it is linked already, or the account has another
/// one of the same issuer.
pub fn put(set: &mut WriteSet, identity: &LinkedIdentity) {
    let (issuer, subject) = (identity.issuer.as_str(), identity.subject.as_str());
    set.guard(FREE, vec![issuer.into(), subject.into(), identity.recipient.into()]);
    set.push(
        PUT,
        vec![
            identity.id.into(),
            identity.recipient.into(),
            issuer.into(),
            subject.into(),
            identity.address.as_str().into(),
            identity.created_at.into(),
            identity.last_used_at.into(),
        ],
    );
}

/// The identity that a provider means by a subject.
pub async fn find(
    store: &Store,
    issuer: &str,
    subject: &str,
) -> Result<Option<LinkedIdentity>, Failure> {
    store.row(FIND, vec![issuer.into(), subject.into()]).await?.map(identity).transpose()
}

/// All identities of a person, the oldest first.
pub async fn list(store: &Store, recipient: RecipientId) -> Result<Vec<LinkedIdentity>, Failure> {
    let rows = store.rows(LIST, vec![recipient.into()]).await?;
    rows.into_iter().map(identity).collect()
}

/// Notes a sign-in, and what the provider called the person.
pub fn used(set: &mut WriteSet, id: i64, address: &str, at: Timestamp) {
    set.push(USE, vec![id.into(), address.into(), at.into()]);
}

/// Takes an identity of this person away.
pub fn remove(set: &mut WriteSet, recipient: RecipientId, id: i64) {
    set.push(REMOVE, vec![id.into(), recipient.into()]);
}

/// Takes all identities of a person away.
pub fn remove_all(set: &mut WriteSet, recipient: RecipientId) {
    set.push(REMOVE_ALL, vec![recipient.into()]);
}

/// Notes that a browser was sent away, under the SHA-256 of what it will show.
pub fn put_visit(set: &mut WriteSet, hash: &[u8; TOKEN_HASH_OCTETS], visit: &ProviderVisit) {
    let path = visit.next_path.as_str();
    set.push(PUT_VISIT, vec![hash.as_slice().into(), path.into(), visit.created_at.into()]);
}

/// The visit with this hash. Whether it is too old is for the caller to judge.
pub async fn visit(
    store: &Store,
    hash: &[u8; TOKEN_HASH_OCTETS],
) -> Result<Option<ProviderVisit>, Failure> {
    let row = store.row(VISIT, vec![hash.as_slice().into()]).await?;
    row.map(|mut row| Ok(ProviderVisit { next_path: row.text()?, created_at: row.at()? }))
        .transpose()
}

/// Ends a visit: the browser is back. Conflict `provider_visit`.
pub fn end_visit(set: &mut WriteSet, hash: &[u8; TOKEN_HASH_OCTETS]) {
    set.guard(VISIT_THERE, vec![hash.as_slice().into()]);
    set.push(END_VISIT, vec![hash.as_slice().into()]);
}

/// Forgets browsers that were sent away before a moment.
pub fn remove_visits_before(set: &mut WriteSet, at: Timestamp) {
    set.push(REMOVE_VISITS_BEFORE, vec![at.into()]);
}

fn identity(mut row: Row) -> Result<LinkedIdentity, Failure> {
    Ok(LinkedIdentity {
        id: row.int()?,
        recipient: RecipientId(row.int()?),
        issuer: row.text()?,
        subject: row.text()?,
        address: row.text()?,
        created_at: row.at()?,
        last_used_at: row.at()?,
    })
}
