//! Links that let somebody in once: only the hash of what they carry is kept, and whoever uses one
//! takes it away under a guard, so that nobody can use it again.

use domain::{RecipientId, Timestamp};

use crate::credential::TOKEN_HASH_OCTETS;
use crate::failure::Failure;
use crate::statements::GuardText;
use crate::store::Store;
use crate::value::Row;
use crate::write_set::WriteSet;

const PUT: &str = "insert into one_time_link
            (token_hash, recipient_id, credential_epoch, created_at, expires_at, purpose)
     values ($1, $2, $3, $4, $5, $6)";

const FIND: &str = "select recipient_id, credential_epoch, created_at, expires_at
       from one_time_link where token_hash = $1 and purpose = $2";

/// Conflict `one_time_link`: it was used, or never given.
const THERE: GuardText = GuardText {
    name: "one_time_link",
    sql: "(select expires_at from one_time_link where token_hash = $1 {for_update}) is not null",
};

const USE: &str = "delete from one_time_link where token_hash = $1";

const REMOVE_ALL: &str = "delete from one_time_link where recipient_id = $1 and purpose = $2";

pub(crate) const STATEMENTS: &[&str] = &[PUT, FIND, USE, REMOVE_ALL];

pub(crate) const GUARDS: &[GuardText] = &[THERE];

/// What a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// The page on which the first administrator chooses a password.
    FirstRun,
    /// The set-up of a person's device, without any secret in it.
    DeviceSetup,
}

impl LinkPurpose {
    fn as_str(self) -> &'static str {
        match self {
            LinkPurpose::FirstRun => "first-run",
            LinkPurpose::DeviceSetup => "device-setup",
        }
    }
}

/// A link that is given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneTimeLink {
    /// SHA-256 of what it carries.
    pub token_hash: [u8; TOKEN_HASH_OCTETS],
    /// What it opens.
    pub purpose: LinkPurpose,
    /// Whom it lets in.
    pub recipient: RecipientId,
    /// The account's state when it was given out; a later state ends it.
    pub credential_epoch: i64,
    /// When it was given out.
    pub created_at: Timestamp,
    /// When it opens nothing any more.
    pub expires_at: Timestamp,
}

/// Gives a link out; earlier ones of the same person for the same purpose end.
pub fn put(set: &mut WriteSet, link: &OneTimeLink) {
    set.push(REMOVE_ALL, vec![link.recipient.into(), link.purpose.as_str().into()]);
    set.push(
        PUT,
        vec![
            link.token_hash.as_slice().into(),
            link.recipient.into(),
            link.credential_epoch.into(),
            link.created_at.into(),
            link.expires_at.into(),
            link.purpose.as_str().into(),
        ],
    );
}

/// The link with this hash for this purpose. Whether it still opens is for the caller to judge.
pub async fn find(
    store: &Store,
    purpose: LinkPurpose,
    token_hash: &[u8; TOKEN_HASH_OCTETS],
) -> Result<Option<OneTimeLink>, Failure> {
    let params = vec![token_hash.as_slice().into(), purpose.as_str().into()];
    let row = store.row(FIND, params).await?;
    row.map(|row| link(row, purpose, *token_hash)).transpose()
}

/// Uses the link up. Conflict `one_time_link`.
pub fn use_up(set: &mut WriteSet, token_hash: &[u8; TOKEN_HASH_OCTETS]) {
    set.guard(THERE, vec![token_hash.as_slice().into()]);
    set.push(USE, vec![token_hash.as_slice().into()]);
}

fn link(
    mut row: Row,
    purpose: LinkPurpose,
    token_hash: [u8; TOKEN_HASH_OCTETS],
) -> Result<OneTimeLink, Failure> {
    Ok(OneTimeLink {
        token_hash,
        purpose,
        recipient: RecipientId(row.int()?),
        credential_epoch: row.int()?,
        created_at: row.at()?,
        expires_at: row.at()?,
    })
}
