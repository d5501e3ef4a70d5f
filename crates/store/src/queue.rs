//! The queue: messages on their way to recipients outside, one entry a recipient.
//!
//! An entry is waiting or held. A worker claims due entries with a lease; while the lease lasts
//! only that worker may decide the entry's fate. Who dies with a lease loses it by the passing of
//! time. An entry whose fate is decided is gone; what became of it is in the trace.

use domain::{MessageId, QueueEntryId, Timestamp};
use mail::{Address, ReversePath};

use crate::event::Event;
use crate::failure::{CommitError, Failure};
use crate::statements::GuardText;
use crate::store::Store;
use crate::value::{Row, Value};
use crate::write_set::{Rank, WriteSet};

const ENQUEUE: &str = "insert into queue_entry
            (id, message_id, reverse_path, recipient, state, attempts, next_attempt_at,
             claimed_until, created_at, expires_at, notify, orcpt, envid, ret, is_kept)
     values ($1, $2, $3, $4, 'waiting', 0, $5, 0, $6, $7, $8, $9, $10, $11, $12)";

const CLAIM_DUE: &str = "update queue_entry
        set claimed_by = $1, claimed_until = $3, attempts = attempts + 1
      where id in (select id from queue_entry
                    where state = 'waiting' and next_attempt_at <= $2 and claimed_until <= $2
                    order by next_attempt_at limit $4 {skip_locked})
     returning id, message_id, reverse_path, recipient, state, attempts, next_attempt_at,
               claimed_until, claimed_by, created_at, expires_at, last_reply, notify, orcpt, envid,
               ret, delay_notified_at, is_kept";

/// Conflict `lease`: another worker has the entry, or nobody any more.
const LEASE: GuardText = GuardText {
    name: "lease",
    sql: "(select id from queue_entry where id = $1 and claimed_by = $2 {for_update}) is not null",
};

/// Conflict `queue_entry`: there is no such entry, or a worker is transmitting it.
const FREE: GuardText = GuardText {
    name: "queue_entry",
    sql: "(select id from queue_entry where id = $1 and claimed_until <= $2 {for_update})
          is not null",
};

const SETTLE: &str = "delete from queue_entry where id = $1";

const DEFER: &str = "update queue_entry
        set next_attempt_at = $2, last_reply = $3,
            delay_notified_at = coalesce($4, delay_notified_at),
            claimed_by = null, claimed_until = 0
      where id = $1";

const HOLD: &str = "update queue_entry
        set state = 'held', claimed_by = null, claimed_until = 0 where id = $1";

const KEEP: &str = "update queue_entry
        set state = 'held', last_reply = $2, claimed_by = null, claimed_until = 0 where id = $1";

const RELEASE: &str = "update queue_entry
        set state = 'waiting', next_attempt_at = $2, claimed_by = null, claimed_until = 0
      where id = $1";

const END_LEASES: &str = "update queue_entry
        set claimed_by = null, claimed_until = 0 where claimed_until > 0";

const LIST: &str = "select id, message_id, reverse_path, recipient, state, attempts,
            next_attempt_at, claimed_until, claimed_by, created_at, expires_at, last_reply, notify,
            orcpt, envid, ret, delay_notified_at, is_kept
       from queue_entry
      where id > $1 and (cast($2 as text) is null or state = $2)
      order by id limit $3";

const OF_MESSAGE: &str = "select id, message_id, reverse_path, recipient, state, attempts,
            next_attempt_at, claimed_until, claimed_by, created_at, expires_at, last_reply, notify,
            orcpt, envid, ret, delay_notified_at, is_kept
       from queue_entry where message_id = $1 order by id";

const SHOW: &str = "select id, message_id, reverse_path, recipient, state, attempts,
            next_attempt_at, claimed_until, claimed_by, created_at, expires_at, last_reply, notify,
            orcpt, envid, ret, delay_notified_at, is_kept
       from queue_entry where id = $1";

// An entry is due when its time has come and no lease is on it: two indexes, one look each.
const NEXT_DUE_AT: &str = "select
        (select next_attempt_at from queue_entry
          where state = 'waiting' and claimed_until = 0 order by next_attempt_at limit 1),
        (select claimed_until from queue_entry
          where claimed_until > 0 order by claimed_until limit 1)";

const COUNT: &str = "select state, count(*) from queue_entry group by state order by state";

pub(crate) const STATEMENTS: &[&str] = &[
    ENQUEUE,
    CLAIM_DUE,
    SETTLE,
    DEFER,
    HOLD,
    KEEP,
    RELEASE,
    LIST,
    OF_MESSAGE,
    SHOW,
    NEXT_DUE_AT,
    COUNT,
    END_LEASES,
];

pub(crate) const GUARDS: &[GuardText] = &[LEASE, FREE];

/// Whether an entry goes out by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QueueState {
    /// It is tried when its time comes.
    Waiting,
    /// It stays until somebody releases or drops it.
    Held,
}

impl QueueState {
    /// The name as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            QueueState::Waiting => "waiting",
            QueueState::Held => "held",
        }
    }

    fn from_stored(text: &str) -> Result<QueueState, Failure> {
        match text {
            "waiting" => Ok(QueueState::Waiting),
            "held" => Ok(QueueState::Held),
            _ => Err(Failure::corrupt(format!("queue state {text:?}"))),
        }
    }
}

/// What the sender wishes to hear (RFC 3461), kept as SMTP said it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DsnWishes {
    /// NOTIFY; empty where the sender said nothing.
    pub notify: String,
    /// ORCPT.
    pub orcpt: Option<String>,
    /// ENVID.
    pub envid: Option<String>,
    /// RET.
    pub ret: Option<String>,
}

/// An entry to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewQueueEntry {
    /// Its identifier.
    pub id: QueueEntryId,
    /// What is sent; stored before or in the same set.
    pub message: MessageId,
    /// Where failures are told.
    pub reverse_path: ReversePath,
    /// To whom.
    pub recipient: Address,
    /// When it is first tried.
    pub next_attempt_at: Timestamp,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it fails for good.
    pub expires_at: Timestamp,
    /// What the sender wishes to hear.
    pub wishes: DsnWishes,
    /// Whether it is held where others fail for good.
    pub is_kept: bool,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueEntry {
    /// Its identifier.
    pub id: QueueEntryId,
    /// What is sent.
    pub message: MessageId,
    /// Where failures are told.
    pub reverse_path: ReversePath,
    /// To whom.
    pub recipient: Address,
    /// Whether it goes out by itself.
    pub state: QueueState,
    /// How often it was claimed, a present claim included.
    pub attempts: i64,
    /// When it is tried next.
    pub next_attempt_at: Timestamp,
    /// Until when a worker has it; 0 where none has.
    pub claimed_until: Timestamp,
    /// The worker that has it.
    pub claimed_by: Option<String>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it fails for good.
    pub expires_at: Timestamp,
    /// What the other side said last.
    pub last_reply: Option<String>,
    /// What the sender wishes to hear.
    pub wishes: DsnWishes,
    /// When the sender was told of the delay, if that happened.
    pub delay_notified_at: Option<Timestamp>,
    /// Whether it is held where others fail for good.
    pub is_kept: bool,
}

/// When to try again, and why not now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferral {
    /// The entry.
    pub id: QueueEntryId,
    /// When it is tried next.
    pub next_attempt_at: Timestamp,
    /// What the other side said, or what stood in the way.
    pub last_reply: String,
    /// Set when the sender is told of the delay in the same set; `None` leaves what was.
    pub delay_notified_at: Option<Timestamp>,
}

/// Who claims, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    /// The worker's name, unique over processes and over restarts.
    pub worker: &'a str,
    /// Now.
    pub now: Timestamp,
    /// When the lease ends.
    pub until: Timestamp,
}

/// Adds an entry.
pub fn enqueue(set: &mut WriteSet, entry: &NewQueueEntry) {
    set.push(
        ENQUEUE,
        vec![
            entry.id.into(),
            entry.message.into(),
            entry.reverse_path.to_string().into(),
            entry.recipient.to_string().into(),
            entry.next_attempt_at.into(),
            entry.created_at.into(),
            entry.expires_at.into(),
            entry.wishes.notify.as_str().into(),
            entry.wishes.orcpt.as_ref().into(),
            entry.wishes.envid.as_ref().into(),
            entry.wishes.ret.as_ref().into(),
            entry.is_kept.into(),
        ],
    );
    set.publish(Event::QueueChanged);
}

/// Claims up to `limit` due entries, the longest due first, so that no other worker takes them
/// before the lease ends. The claim is durable when this returns; each counts as an attempt.
pub async fn claim_due(
    store: &Store,
    claim: Claim<'_>,
    limit: u32,
) -> Result<Vec<QueueEntry>, Failure> {
    let mut set = WriteSet::new();
    let params = vec![claim.worker.into(), claim.now.into(), claim.until.into(), limit.into()];
    set.ask(Rank::Plain, CLAIM_DUE, params);
    let rows = store.commit_returning(set).await.map_err(|error| match error {
        CommitError::Failure(failure) => failure,
        CommitError::Conflict(name) => Failure::corrupt(format!("conflict on {name}")),
    })?;
    let mut entries = rows.into_iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(|entry| (entry.next_attempt_at, entry.id));
    Ok(entries)
}

/// Ends all leases on an embedded database: whoever opens it alone knows that no worker is left of
/// those that held them. Does nothing on PostgreSQL, where other processes may be at work; there a
/// lease ends by itself.
pub async fn end_abandoned_leases(store: &Store) -> Result<(), Failure> {
    if !store.is_embedded() {
        return Ok(());
    }
    let mut set = WriteSet::new();
    set.push(END_LEASES, Vec::new());
    set.publish(Event::QueueChanged);
    store.commit(set).await.map_err(|error| match error {
        CommitError::Failure(failure) => failure,
        CommitError::Conflict(name) => Failure::corrupt(format!("conflict on {name}")),
    })
}

/// Takes an entry out: it was transmitted, or failed for good. Conflict `lease`: it is no longer
/// this worker's.
pub fn settle(set: &mut WriteSet, id: QueueEntryId, worker: &str) {
    set.guard(LEASE, vec![id.into(), worker.into()]);
    set.push(SETTLE, vec![id.into()]);
}

/// Gives an entry back to be tried later. Conflict `lease`.
pub fn defer(set: &mut WriteSet, deferral: &Deferral, worker: &str) {
    set.guard(LEASE, vec![deferral.id.into(), worker.into()]);
    set.push(
        DEFER,
        vec![
            deferral.id.into(),
            deferral.next_attempt_at.into(),
            deferral.last_reply.as_str().into(),
            deferral.delay_notified_at.into(),
        ],
    );
    set.publish(Event::QueueChanged);
}

/// Stops an entry that failed for good and must not be lost, until somebody looks after it.
/// Conflict `lease`.
pub fn keep(set: &mut WriteSet, id: QueueEntryId, last_reply: &str, worker: &str) {
    set.guard(LEASE, vec![id.into(), worker.into()]);
    set.push(KEEP, vec![id.into(), last_reply.into()]);
    set.publish(Event::QueueChanged);
}

/// Stops an entry until it is released. Conflict `queue_entry`.
pub fn hold(set: &mut WriteSet, id: QueueEntryId, now: Timestamp) {
    change_free(set, HOLD, (id, now), vec![id.into()]);
}

/// Lets a held entry go out again, at once. Conflict `queue_entry`.
pub fn release(set: &mut WriteSet, id: QueueEntryId, now: Timestamp) {
    change_free(set, RELEASE, (id, now), vec![id.into(), now.into()]);
}

/// Makes an entry due at once, held or not. Conflict `queue_entry`.
pub fn retry_now(set: &mut WriteSet, id: QueueEntryId, now: Timestamp) {
    release(set, id, now);
}

/// Throws an entry away. The caller records it and tells the sender. Conflict `queue_entry`.
pub fn drop(set: &mut WriteSet, id: QueueEntryId, now: Timestamp) {
    change_free(set, SETTLE, (id, now), vec![id.into()]);
}

fn change_free(
    set: &mut WriteSet,
    sql: &'static str,
    (id, now): (QueueEntryId, Timestamp),
    params: Vec<Value>,
) {
    set.guard(FREE, vec![id.into(), now.into()]);
    set.push(sql, params);
    set.publish(Event::QueueChanged);
}

/// Up to `limit` entries behind `after`, oldest first; of one state, or of all.
pub async fn list(
    store: &Store,
    state: Option<QueueState>,
    after: Option<QueueEntryId>,
    limit: u32,
) -> Result<Vec<QueueEntry>, Failure> {
    let after = after.unwrap_or(QueueEntryId(0));
    let state = state.map(QueueState::as_str);
    let rows = store.rows(LIST, vec![after.into(), state.into(), limit.into()]).await?;
    rows.into_iter().map(entry).collect()
}

/// The entries of a message: the recipients whose fate is open.
pub async fn of_message(store: &Store, message: MessageId) -> Result<Vec<QueueEntry>, Failure> {
    let rows = store.rows(OF_MESSAGE, vec![message.into()]).await?;
    rows.into_iter().map(entry).collect()
}

/// An entry.
pub async fn show(store: &Store, id: QueueEntryId) -> Result<Option<QueueEntry>, Failure> {
    store.row(SHOW, vec![id.into()]).await?.map(entry).transpose()
}

/// When the next entry can be claimed, as things stand; it may be in the past.
pub async fn next_due_at(store: &Store) -> Result<Option<Timestamp>, Failure> {
    let Some(mut row) = store.row(NEXT_DUE_AT, Vec::new()).await? else { return Ok(None) };
    let (waiting, leased) = (row.opt_at()?, row.opt_at()?);
    Ok(waiting.into_iter().chain(leased).min())
}

/// How many entries there are of each state.
pub async fn count(store: &Store) -> Result<Vec<(QueueState, i64)>, Failure> {
    let rows = store.rows(COUNT, Vec::new()).await?;
    rows.into_iter()
        .map(|mut row| Ok((QueueState::from_stored(&row.text()?)?, row.int()?)))
        .collect()
}

fn entry(mut row: Row) -> Result<QueueEntry, Failure> {
    Ok(QueueEntry {
        id: QueueEntryId(row.int()?),
        message: MessageId(row.int()?),
        reverse_path: reverse_path(&row.text()?)?,
        recipient: recipient(&row.text()?)?,
        state: QueueState::from_stored(&row.text()?)?,
        attempts: row.int()?,
        next_attempt_at: row.at()?,
        claimed_until: row.at()?,
        claimed_by: row.opt_text()?,
        created_at: row.at()?,
        expires_at: row.at()?,
        last_reply: row.opt_text()?,
        wishes: DsnWishes {
            notify: row.text()?,
            orcpt: row.opt_text()?,
            envid: row.opt_text()?,
            ret: row.opt_text()?,
        },
        delay_notified_at: row.opt_at()?,
        is_kept: row.bool()?,
    })
}

fn reverse_path(text: &str) -> Result<ReversePath, Failure> {
    ReversePath::from_stored(text)
        .map_err(|_| Failure::corrupt(format!("reverse-path {text:?} in the queue")))
}

fn recipient(text: &str) -> Result<Address, Failure> {
    Address::parse(text).map_err(|_| Failure::corrupt(format!("recipient {text:?} in the queue")))
}
