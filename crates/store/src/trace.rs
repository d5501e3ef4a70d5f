//! The message trace: what happened to every message, and every refusal, in the order of time.

use domain::{MessageId, Timestamp};

use crate::failure::Failure;
use crate::store::Store;
use crate::value::{Row, Value};
use crate::write_set::WriteSet;

const RECORD: &str = "insert into trace_event
            (id, at, message_id, internet_message_id, event, sender, recipient, subject, size_bytes,
             actor, detail, reference)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

const SEARCH: &str = "select id, at, message_id, internet_message_id, event, sender, recipient,
            subject, size_bytes, actor, detail, reference
       from trace_event
      where at >= $1 and at <= $2 and (at < $2 or id < $3)
        and (cast($4 as text) is null or lower(sender) = $4)
        and (cast($5 as text) is null or lower(recipient) = $5)
        and (cast($6 as text) is null or event = $6)
        and (cast($7 as text) is null or internet_message_id = $7)
      order by at desc, id desc limit $8";

const OF_MESSAGE: &str = "select id, at, message_id, internet_message_id, event, sender, recipient,
            subject, size_bytes, actor, detail, reference
       from trace_event where message_id = $1 order by at, id";

const BY_REFERENCE: &str = "select id, at, message_id, internet_message_id, event, sender,
            recipient, subject, size_bytes, actor, detail, reference
       from trace_event where reference = $1 order by at, id";

/// A message that reached an address in several ways counts once.
const VOLUME: &str = "select event, case event when 'submit' then sender else recipient end as who,
            count(distinct message_id)
       from trace_event
      where at >= $1 and at < $2 and event in ('submit', 'deliver')
      group by event, case event when 'submit' then sender else recipient end";

const REFUSALS: &str =
    "select (at - $1) / 86400000 as day, actor, sender, detail, count(*), max(at)
       from trace_event
      where event = 'refuse' and at >= $1 and at < $2
      group by (at - $1) / 86400000, actor, sender, detail
      order by max(at) desc limit $3";

pub(crate) const STATEMENTS: &[&str] =
    &[RECORD, SEARCH, OF_MESSAGE, BY_REFERENCE, VOLUME, REFUSALS];

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TraceKind {
    /// A message came from another server.
    Receive,
    /// One of ours submitted a message.
    Submit,
    /// It was placed in a folder.
    Deliver,
    /// A group's address became its members' addresses.
    Expand,
    /// Another server took it.
    Send,
    /// It is tried again later.
    Defer,
    /// It failed for good.
    Fail,
    /// It was not accepted.
    Refuse,
    /// It waits for somebody's decision.
    Hold,
    /// What was held goes on.
    Release,
    /// A rule or an administrator threw it away.
    Drop,
    /// A copy went to the journal.
    Journal,
    /// A mail flow rule acted on it, or says what it would have done.
    Rule,
}

impl TraceKind {
    /// All kinds.
    pub const ALL: [TraceKind; 13] = [
        TraceKind::Receive,
        TraceKind::Submit,
        TraceKind::Deliver,
        TraceKind::Expand,
        TraceKind::Send,
        TraceKind::Defer,
        TraceKind::Fail,
        TraceKind::Refuse,
        TraceKind::Hold,
        TraceKind::Release,
        TraceKind::Drop,
        TraceKind::Journal,
        TraceKind::Rule,
    ];

    /// The name as it is stored and listed.
    pub fn as_str(self) -> &'static str {
        match self {
            TraceKind::Receive => "receive",
            TraceKind::Submit => "submit",
            TraceKind::Deliver => "deliver",
            TraceKind::Expand => "expand",
            TraceKind::Send => "send",
            TraceKind::Defer => "defer",
            TraceKind::Fail => "fail",
            TraceKind::Refuse => "refuse",
            TraceKind::Hold => "hold",
            TraceKind::Release => "release",
            TraceKind::Drop => "drop",
            TraceKind::Journal => "journal",
            TraceKind::Rule => "rule",
        }
    }

    /// Reads what [`as_str`](TraceKind::as_str) wrote.
    pub fn from_stored(text: &str) -> Option<TraceKind> {
        TraceKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceEvent {
    /// Its identifier.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// The message, where it was stored.
    pub message: Option<MessageId>,
    /// The value of Message-ID.
    pub internet_message_id: Option<String>,
    /// What happened.
    pub kind: TraceKind,
    /// The address that it was sent as.
    pub sender: Option<String>,
    /// The recipient that this is about.
    pub recipient: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// How long the message is.
    pub size_bytes: Option<i64>,
    /// The account that did it, where one of ours did.
    pub actor: Option<String>,
    /// JSON: whatever else is worth knowing. Never searched.
    pub detail: String,
    /// A short name under which a refused sender finds it.
    pub reference: Option<String>,
}

/// Which events are sought, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceFilter {
    /// Not earlier than this.
    pub from: Option<Timestamp>,
    /// Not later than this.
    pub to: Option<Timestamp>,
    /// The sender's address, in any case.
    pub sender: Option<String>,
    /// The recipient's address, in any case.
    pub recipient: Option<String>,
    /// What happened.
    pub kind: Option<TraceKind>,
    /// The value of Message-ID.
    pub internet_message_id: Option<String>,
    /// The last event of the page before: when and which.
    pub before: Option<(Timestamp, i64)>,
    /// How many at most.
    pub limit: u32,
}

/// Adds an event.
pub fn record(set: &mut WriteSet, event: &TraceEvent) {
    set.push(
        RECORD,
        vec![
            event.id.into(),
            event.at.into(),
            event.message.into(),
            event.internet_message_id.as_ref().into(),
            event.kind.as_str().into(),
            event.sender.as_ref().into(),
            event.recipient.as_ref().into(),
            event.subject.as_ref().into(),
            event.size_bytes.into(),
            event.actor.as_ref().into(),
            event.detail.as_str().into(),
            event.reference.as_ref().into(),
        ],
    );
}

/// The events that a filter lets through, newest first. Walks the time between its two ends.
pub async fn search(store: &Store, filter: &TraceFilter) -> Result<Vec<TraceEvent>, Failure> {
    let to = filter.to.unwrap_or(Timestamp(i64::MAX));
    // The page begins at its upper end, or behind the last event of the page before.
    let (at, id) = match filter.before {
        Some((at, id)) if at <= to => (at, id),
        _ => (to, i64::MAX),
    };
    let lower = |address: &Option<String>| Value::from(address.as_ref().map(|a| a.to_lowercase()));
    let params = vec![
        filter.from.unwrap_or(Timestamp(i64::MIN)).into(),
        at.into(),
        id.into(),
        lower(&filter.sender),
        lower(&filter.recipient),
        filter.kind.map(TraceKind::as_str).into(),
        filter.internet_message_id.as_ref().into(),
        filter.limit.into(),
    ];
    store.rows(SEARCH, params).await?.into_iter().map(event).collect()
}

/// Everything that happened to a message, oldest first.
pub async fn of_message(store: &Store, message: MessageId) -> Result<Vec<TraceEvent>, Failure> {
    store.rows(OF_MESSAGE, vec![message.into()]).await?.into_iter().map(event).collect()
}

/// What a refused sender's reference stands for, oldest first.
pub async fn by_reference(store: &Store, reference: &str) -> Result<Vec<TraceEvent>, Failure> {
    store.rows(BY_REFERENCE, vec![reference.into()]).await?.into_iter().map(event).collect()
}

/// How many messages went from or came to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// [`TraceKind::Submit`] for what was sent as it, [`TraceKind::Deliver`] for what came to it.
    pub kind: TraceKind,
    /// The address as it was written.
    pub address: String,
    /// Messages.
    pub count: i64,
}

/// What each address of ours sent and received from one instant up to before another. Reads every
/// event of that time: ask for a day at once.
pub async fn volume(
    store: &Store,
    from: Timestamp,
    before: Timestamp,
) -> Result<Vec<Volume>, Failure> {
    let rows = store.rows(VOLUME, vec![from.into(), before.into()]).await?;
    rows.into_iter()
        .map(|mut row| {
            let kind = kind(&row.text()?)?;
            let address = row.opt_text()?.unwrap_or_default();
            Ok(Volume { kind, address, count: row.int()? })
        })
        .collect()
}

/// Refusals of one day that are the same but for the instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalCount {
    /// The day, counted from the beginning of the time that was asked for.
    pub day: i64,
    /// The account.
    pub actor: String,
    /// As whom it wanted to send.
    pub sender: String,
    /// What the events keep besides.
    pub detail: String,
    /// How often.
    pub count: i64,
    /// When last.
    pub last_at: Timestamp,
}

/// Refusals from one instant up to before another, those that happened last first.
pub async fn refusals(
    store: &Store,
    (from, before): (Timestamp, Timestamp),
    limit: u32,
) -> Result<Vec<RefusalCount>, Failure> {
    let rows = store.rows(REFUSALS, vec![from.into(), before.into(), limit.into()]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(RefusalCount {
                day: row.int()?,
                actor: row.opt_text()?.unwrap_or_default(),
                sender: row.opt_text()?.unwrap_or_default(),
                detail: row.text()?,
                count: row.int()?,
                last_at: row.at()?,
            })
        })
        .collect()
}

fn event(mut row: Row) -> Result<TraceEvent, Failure> {
    Ok(TraceEvent {
        id: row.int()?,
        at: row.at()?,
        message: row.opt_int()?.map(MessageId),
        internet_message_id: row.opt_text()?,
        kind: kind(&row.text()?)?,
        sender: row.opt_text()?,
        recipient: row.opt_text()?,
        subject: row.opt_text()?,
        size_bytes: row.opt_int()?,
        actor: row.opt_text()?,
        detail: row.text()?,
        reference: row.opt_text()?,
    })
}

fn kind(text: &str) -> Result<TraceKind, Failure> {
    TraceKind::from_stored(text).ok_or_else(|| Failure::corrupt(format!("trace event {text:?}")))
}
