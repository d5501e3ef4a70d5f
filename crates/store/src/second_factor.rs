//! Second factors: the secret of one-time codes, recovery codes, and sign-ins that still owe one.
//!
//! Whatever may be used once is used under a guard, so that two requests at the same time cannot
//! both use it, whichever processes serve them. What a code must be is for the layer above.

use bytes::Bytes;
use domain::{RecipientId, Timestamp};

use crate::credential::TOKEN_HASH_OCTETS;
use crate::failure::Failure;
use crate::statements::GuardText;
use crate::store::Store;
use crate::value::Row;
use crate::write_set::WriteSet;

const OFFER: &str = "insert into second_factor
            (recipient_id, secret, created_at, confirmed_at, last_step)
     values ($1, $2, $3, null, 0)
     on conflict (recipient_id) do update
        set secret = excluded.secret, created_at = excluded.created_at
      where second_factor.confirmed_at is null";

const FIND: &str = "select secret, created_at, confirmed_at, last_step
       from second_factor where recipient_id = $1";

const CONFIRM: &str =
    "update second_factor set confirmed_at = $2, last_step = $3 where recipient_id = $1";

/// Conflict `second_factor`: the secret was replaced, confirmed or removed meanwhile.
const OFFERED: GuardText = GuardText {
    name: "second_factor",
    sql: "(select recipient_id from second_factor
            where recipient_id = $1 and secret = $2 and confirmed_at is null {for_update})
          is not null",
};

/// Conflict `second_factor_step`: a code of this step, or of a later one, was used already.
const STEP_FREE: GuardText = GuardText {
    name: "second_factor_step",
    sql: "(select recipient_id from second_factor
            where recipient_id = $1 and last_step < $2 and confirmed_at is not null {for_update})
          is not null",
};

const USE_STEP: &str = "update second_factor set last_step = $2 where recipient_id = $1";

const REMOVE: &str = "delete from second_factor where recipient_id = $1";

const PUT_CODE: &str = "insert into recovery_code (recipient_id, code_hash) values ($1, $2)";

const CODES: &str = "select count(*) from recovery_code where recipient_id = $1";

/// Conflict `recovery_code`: there is no such code, or it was used.
const CODE_THERE: GuardText = GuardText {
    name: "recovery_code",
    sql: "(select recipient_id from recovery_code
            where recipient_id = $1 and code_hash = $2 {for_update})
          is not null",
};

const USE_CODE: &str = "delete from recovery_code where recipient_id = $1 and code_hash = $2";

const REMOVE_CODES: &str = "delete from recovery_code where recipient_id = $1";

const PUT_PENDING: &str = "insert into pending_sign_in
            (token_hash, recipient_id, credential_epoch, created_at)
     values ($1, $2, $3, $4)";

const PENDING: &str = "select recipient_id, credential_epoch, created_at
       from pending_sign_in where token_hash = $1";

/// Conflict `pending_sign_in`: it was finished or given up.
const PENDING_THERE: GuardText = GuardText {
    name: "pending_sign_in",
    sql: "(select recipient_id from pending_sign_in where token_hash = $1 {for_update})
          is not null",
};

const END_PENDING: &str = "delete from pending_sign_in where token_hash = $1";

const REMOVE_PENDING_BEFORE: &str = "delete from pending_sign_in where created_at < $1";

const REMOVE_PENDING: &str = "delete from pending_sign_in where recipient_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    OFFER,
    FIND,
    CONFIRM,
    USE_STEP,
    REMOVE,
    PUT_CODE,
    CODES,
    USE_CODE,
    REMOVE_CODES,
    PUT_PENDING,
    PENDING,
    END_PENDING,
    REMOVE_PENDING_BEFORE,
    REMOVE_PENDING,
];

pub(crate) const GUARDS: &[GuardText] = &[OFFERED, STEP_FREE, CODE_THERE, PENDING_THERE];

/// The secret of one-time codes.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The secret, shared with the person's device.
    pub secret: Bytes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the first code came back; before that it is only offered.
    pub confirmed_at: Option<Timestamp>,
    /// The time step of the last code that was used; no code of it or before counts again.
    pub last_step: i64,
}

impl std::fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondFactor")
            .field("confirmed_at", &self.confirmed_at)
            .field("last_step", &self.last_step)
            .finish_non_exhaustive()
    }
}

/// A browser that gave the right password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingSignIn {
    /// Whose password.
    pub recipient: RecipientId,
    /// The account's state at that moment.
    pub credential_epoch: i64,
    /// When.
    pub created_at: Timestamp,
}

/// Offers a secret; one that is confirmed stays.
pub fn offer(set: &mut WriteSet, recipient: RecipientId, secret: &[u8], now: Timestamp) {
    set.push(OFFER, vec![recipient.into(), secret.into(), now.into()]);
}

/// The recipient's secret, offered or confirmed.
pub async fn find(store: &Store, recipient: RecipientId) -> Result<Option<SecondFactor>, Failure> {
    store.row(FIND, vec![recipient.into()]).await?.map(second_factor).transpose()
}

/// Confirms the offered secret by the code of a step. Conflict `second_factor`.
pub fn confirm(
    set: &mut WriteSet,
    recipient: RecipientId,
    offered: &SecondFactor,
    step: i64,
    now: Timestamp,
) {
    set.guard(OFFERED, vec![recipient.into(), offered.secret.as_ref().into()]);
    set.push(CONFIRM, vec![recipient.into(), now.into(), step.into()]);
}

/// Uses the code of a step. Conflict `second_factor_step`.
pub fn use_step(set: &mut WriteSet, recipient: RecipientId, step: i64) {
    set.guard(STEP_FREE, vec![recipient.into(), step.into()]);
    set.push(USE_STEP, vec![recipient.into(), step.into()]);
}

/// Replaces the recovery codes by those with these hashes.
pub fn put_recovery_codes(
    set: &mut WriteSet,
    recipient: RecipientId,
    hashes: &[[u8; TOKEN_HASH_OCTETS]],
) {
    set.push(REMOVE_CODES, vec![recipient.into()]);
    for hash in hashes {
        set.push(PUT_CODE, vec![recipient.into(), hash.as_slice().into()]);
    }
}

/// How many recovery codes are left.
pub async fn recovery_codes(store: &Store, recipient: RecipientId) -> Result<i64, Failure> {
    let row = store.row(CODES, vec![recipient.into()]).await?;
    row.map_or(Ok(0), |mut row| row.int())
}

/// Uses a recovery code. Conflict `recovery_code`.
pub fn use_recovery_code(
    set: &mut WriteSet,
    recipient: RecipientId,
    hash: &[u8; TOKEN_HASH_OCTETS],
) {
    set.guard(CODE_THERE, vec![recipient.into(), hash.as_slice().into()]);
    set.push(USE_CODE, vec![recipient.into(), hash.as_slice().into()]);
}

/// Takes the secret, the recovery codes and what is pending away.
pub fn remove(set: &mut WriteSet, recipient: RecipientId) {
    set.push(REMOVE, vec![recipient.into()]);
    set.push(REMOVE_CODES, vec![recipient.into()]);
    set.push(REMOVE_PENDING, vec![recipient.into()]);
}

/// Notes that a browser gave the right password, under the SHA-256 of what it will show.
pub fn put_pending(
    set: &mut WriteSet,
    pending: &PendingSignIn,
    token_hash: &[u8; TOKEN_HASH_OCTETS],
) {
    set.push(
        PUT_PENDING,
        vec![
            token_hash.as_slice().into(),
            pending.recipient.into(),
            pending.credential_epoch.into(),
            pending.created_at.into(),
        ],
    );
}

/// What is pending under this hash. Whether it is too old is for the caller to judge.
pub async fn pending(
    store: &Store,
    token_hash: &[u8; TOKEN_HASH_OCTETS],
) -> Result<Option<PendingSignIn>, Failure> {
    let row = store.row(PENDING, vec![token_hash.as_slice().into()]).await?;
    row.map(pending_sign_in).transpose()
}

/// Ends what is pending under this hash. Conflict `pending_sign_in`: it has ended.
pub fn end_pending(set: &mut WriteSet, token_hash: &[u8; TOKEN_HASH_OCTETS]) {
    set.guard(PENDING_THERE, vec![token_hash.as_slice().into()]);
    set.push(END_PENDING, vec![token_hash.as_slice().into()]);
}

/// Forgets what has been pending since before a moment.
pub fn remove_pending_before(set: &mut WriteSet, at: Timestamp) {
    set.push(REMOVE_PENDING_BEFORE, vec![at.into()]);
}

fn second_factor(mut row: Row) -> Result<SecondFactor, Failure> {
    Ok(SecondFactor {
        secret: row.blob()?,
        created_at: row.at()?,
        confirmed_at: row.opt_at()?,
        last_step: row.int()?,
    })
}

fn pending_sign_in(mut row: Row) -> Result<PendingSignIn, Failure> {
    Ok(PendingSignIn {
        recipient: RecipientId(row.int()?),
        credential_epoch: row.int()?,
        created_at: row.at()?,
    })
}
