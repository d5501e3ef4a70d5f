//! The audit: who changed what, in a chain of hashes.
//!
//! Each record carries the hash of the one before and its own, over that hash, its number and all
//! its fields. The database computes both inside the transaction that makes the change, so the
//! chain has no gap and no fork, and no change is without its record. Whoever edits, removes or
//! moves a record breaks the chain at that place. Cutting off its end breaks nothing; only a head
//! that was noted elsewhere shows it, which is why [`verify`] gives the head.

use domain::Timestamp;
use ring::digest;

use crate::failure::Failure;
use crate::store::Store;
use crate::value::{Row, Value, without_nul};
use crate::write_set::{Rank, WriteSet};

/// The hash before the first record.
const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Records that [`verify`] reads at once.
const VERIFY_PAGE: u32 = 1000;

const LOCK: &str = "{lock_audit}";

const RECORD: &str = "insert into audit_record
            (seq, at, actor, operation, object, parameters, reason, before_state, after_state,
             prev_hash, hash)
     select last.seq + 1, $1, $2, $3, $4, $5, $6, $7, $8, last.hash, {audit_hash}
       from (select coalesce((select seq from audit_record order by seq desc limit 1), 0) as seq,
                    coalesce((select hash from audit_record order by seq desc limit 1),
                     '0000000000000000000000000000000000000000000000000000000000000000') as hash
            ) as last";

const SEARCH: &str = "select seq, at, actor, operation, object, parameters, reason, before_state,
            after_state, prev_hash, hash
       from audit_record
      where seq < $1
        and (cast($2 as {int}) is null or at >= $2)
        and (cast($3 as {int}) is null or at <= $3)
        and (cast($4 as text) is null or lower(actor) = $4)
        and (cast($5 as text) is null or operation = $5)
      order by seq desc limit $6";

const OF_OBJECT: &str =
    "select seq, at, actor, operation, object, parameters, reason, before_state,
            after_state, prev_hash, hash
       from audit_record
      where object = $7 and seq < $1
        and (cast($2 as {int}) is null or at >= $2)
        and (cast($3 as {int}) is null or at <= $3)
        and (cast($4 as text) is null or lower(actor) = $4)
        and (cast($5 as text) is null or operation = $5)
      order by seq desc limit $6";

const PAGE: &str = "select seq, at, actor, operation, object, parameters, reason, before_state,
            after_state, prev_hash, hash
       from audit_record where seq > $1 order by seq limit $2";

pub(crate) const STATEMENTS: &[&str] = &[LOCK, RECORD, SEARCH, OF_OBJECT, PAGE];

/// What is recorded of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// When.
    pub at: Timestamp,
    /// Who: an address, or the name of a local administrator.
    pub actor: String,
    /// The command.
    pub operation: String,
    /// What it was done to.
    pub object: String,
    /// JSON: the command's parameters, without secrets.
    pub parameters: String,
    /// Why.
    pub reason: Option<String>,
    /// JSON: the object before, where it was.
    pub before: Option<String>,
    /// JSON: the object after, where it is.
    pub after: Option<String>,
}

/// A record in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainedRecord {
    /// Its number, from 1 without gaps.
    pub seq: i64,
    /// What it says.
    pub record: AuditRecord,
    /// The hash of the record before, in lower-case hexadecimal.
    pub prev_hash: String,
    /// Its own hash.
    pub hash: String,
}

/// Which records are sought, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Not earlier than this.
    pub from: Option<Timestamp>,
    /// Not later than this.
    pub to: Option<Timestamp>,
    /// By whom, in any case.
    pub actor: Option<String>,
    /// Which command.
    pub operation: Option<String>,
    /// On what, exactly as recorded.
    pub object: Option<String>,
    /// The number of the last record of the page before.
    pub before_seq: Option<i64>,
    /// How many at most.
    pub limit: u32,
}

/// What is wrong with the chain at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// Records before this one are gone, or this one has another's number.
    #[error("records before it are missing")]
    Missing,
    /// It does not follow the record before it.
    #[error("it does not follow the record before it")]
    Unlinked,
    /// Its fields are not those that were recorded.
    #[error("its content was changed")]
    Altered,
}

/// The outcome of [`verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Sound records from the beginning.
    pub records: i64,
    /// The hash of the last sound record. Keep it elsewhere: it shows later that the end is whole.
    pub head: String,
    /// The number of the first record that is not sound, and why.
    pub first_bad: Option<(i64, Break)>,
}

/// Adds a record to the end of the chain.
pub fn record(set: &mut WriteSet, record: &AuditRecord) {
    // Kept and hashed must be the same text.
    let record = kept(record);
    let canonical = canonical(&record);
    set.push_ranked(Rank::Audit, LOCK, Vec::new());
    set.push_ranked(
        Rank::Audit,
        RECORD,
        vec![
            record.at.into(),
            record.actor.into(),
            record.operation.into(),
            record.object.into(),
            record.parameters.into(),
            record.reason.into(),
            record.before.into(),
            record.after.into(),
            canonical.into(),
        ],
    );
}

/// The records that a filter lets through, newest first.
pub async fn search(store: &Store, filter: &AuditFilter) -> Result<Vec<ChainedRecord>, Failure> {
    let mut params: Vec<Value> = vec![
        filter.before_seq.unwrap_or(i64::MAX).into(),
        filter.from.into(),
        filter.to.into(),
        filter.actor.as_ref().map(|actor| actor.to_lowercase()).into(),
        filter.operation.as_ref().into(),
        filter.limit.into(),
    ];
    let sql = match &filter.object {
        Some(object) => {
            params.push(object.into());
            OF_OBJECT
        }
        None => SEARCH,
    };
    store.rows(sql, params).await?.into_iter().map(chained).collect()
}

/// Follows the chain from its first record to the last or to the first that is not sound.
pub async fn verify(store: &Store) -> Result<Verification, Failure> {
    let mut sound = Verification { records: 0, head: NO_HASH.to_owned(), first_bad: None };
    loop {
        let params = vec![sound.records.into(), VERIFY_PAGE.into()];
        let page = store.rows(PAGE, params).await?;
        if page.is_empty() {
            return Ok(sound);
        }
        for row in page {
            let found = chained(row)?;
            if let Some(fault) = fault(&found, &sound) {
                sound.first_bad = Some((found.seq, fault));
                return Ok(sound);
            }
            sound.records = found.seq;
            sound.head = found.hash;
        }
    }
}

/// What is wrong with a record behind those that are sound.
fn fault(found: &ChainedRecord, sound: &Verification) -> Option<Break> {
    if found.seq != sound.records + 1 {
        return Some(Break::Missing);
    }
    if found.prev_hash != sound.head {
        return Some(Break::Unlinked);
    }
    let canonical = canonical(&found.record);
    let hash = sha256_hex(&format!("{} {} {canonical}", found.prev_hash, found.seq));
    (hash != found.hash).then_some(Break::Altered)
}

/// The record as the database can keep it.
fn kept(record: &AuditRecord) -> AuditRecord {
    let text = |text: &str| without_nul(text).into_owned();
    let option = |option: &Option<String>| option.as_deref().map(text);
    AuditRecord {
        at: record.at,
        actor: text(&record.actor),
        operation: text(&record.operation),
        object: text(&record.object),
        parameters: text(&record.parameters),
        reason: option(&record.reason),
        before: option(&record.before),
        after: option(&record.after),
    }
}

/// All fields as one text that no other fields give: a JSON array.
fn canonical(record: &AuditRecord) -> String {
    serde_json::json!([
        record.at.0,
        record.actor,
        record.operation,
        record.object,
        record.parameters,
        record.reason,
        record.before,
        record.after,
    ])
    .to_string()
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256_hex(text: &str) -> String {
    use std::fmt::Write;
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let mut hex = String::with_capacity(64);
    for octet in hash.as_ref() {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{octet:02x}");
    }
    hex
}

fn chained(mut row: Row) -> Result<ChainedRecord, Failure> {
    Ok(ChainedRecord {
        seq: row.int()?,
        record: AuditRecord {
            at: row.at()?,
            actor: row.text()?,
            operation: row.text()?,
            object: row.text()?,
            parameters: row.text()?,
            reason: row.opt_text()?,
            before: row.opt_text()?,
            after: row.opt_text()?,
        },
        prev_hash: row.text()?,
        hash: row.text()?,
    })
}
