//! Message trace: what became of each message for each recipient, and the events of one message.
//!
//! A message is found by the event of its acceptance (or by its refusal); what became of it is put
//! together from all its events and from what is still in the queue. Up to the instant.

use std::collections::{BTreeMap, HashSet};

use domain::gate::groups_around;
use domain::{Directory, MessageId, RecipientId, Right, Timestamp};
use serde_json::Value;
use store::queue::QueueState;
use store::trace::TraceFilter;

use crate::App;

pub use store::trace::{TraceEvent, TraceKind};

/// Events that are read at once.
const PAGE_EVENTS: u32 = 1_000;
/// Events that one search looks through at most. What is further back is found with an earlier end.
pub const EVENTS_SCANNED_MAX: usize = 200_000;

/// What a recipient's trace ends in, or is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceStatus {
    /// It waits in the queue for its next attempt.
    Pending,
    /// It is in a folder of ours, or another server took it.
    Delivered,
    /// It failed for good.
    Failed,
    /// It went on to the members of a group.
    Expanded,
    /// It waits for an administrator.
    Held,
    /// A rule or an administrator threw it away.
    Discarded,
    /// A rule sent it to somebody else instead.
    Redirected,
    /// It was not accepted.
    Refused,
}

impl TraceStatus {
    /// All of them.
    pub const ALL: [TraceStatus; 8] = [
        TraceStatus::Pending,
        TraceStatus::Delivered,
        TraceStatus::Failed,
        TraceStatus::Expanded,
        TraceStatus::Held,
        TraceStatus::Discarded,
        TraceStatus::Refused,
        TraceStatus::Redirected,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            TraceStatus::Pending => "Pending",
            TraceStatus::Delivered => "Delivered",
            TraceStatus::Failed => "Failed",
            TraceStatus::Expanded => "Expanded",
            TraceStatus::Held => "Held",
            TraceStatus::Discarded => "Discarded",
            TraceStatus::Redirected => "Redirected",
            TraceStatus::Refused => "Refused",
        }
    }
}

/// One message for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceRow {
    /// The event of its acceptance or refusal.
    pub event: i64,
    /// The message's number, or the reference of a refusal.
    pub trace_id: String,
    /// The Message-ID; empty for a refusal before the message.
    pub internet_message_id: String,
    /// When it was accepted or refused.
    pub received_at: Timestamp,
    /// The author.
    pub sender: String,
    /// The recipient; empty for a refusal.
    pub recipient: String,
    /// The subject.
    pub subject: String,
    /// What became of it.
    pub status: TraceStatus,
    /// Where it came from: an IP address.
    pub from_ip: Option<String>,
    /// The host that took it.
    pub to_host: Option<String>,
    /// How long it is.
    pub size_bytes: i64,
    /// The account that submitted it.
    pub submitted_by: Option<String>,
    /// As what: `Send`, `SendAs`, `SendOnBehalf`.
    pub mode: Option<String>,
}

/// Which messages are sought.
#[derive(Debug, Clone, Default)]
pub struct TraceQuery {
    /// Accepted not earlier than this.
    pub from: Option<Timestamp>,
    /// Accepted not later than this.
    pub to: Option<Timestamp>,
    /// Only what came before this event: where an earlier search ended.
    pub before: Option<(Timestamp, i64)>,
    /// The message's number or a refusal's reference.
    pub trace_id: Option<String>,
    /// The value of Message-ID, with its angle brackets.
    pub internet_message_id: Option<String>,
    /// How many rows at most.
    pub limit: usize,
}

/// Whose mail somebody may see the trace of.
#[derive(Debug, Clone)]
pub struct Viewer(HashSet<String>);

impl Viewer {
    /// The own addresses, and those of mailboxes that the account may open.
    pub fn of(directory: &Directory, account: RecipientId, now: Timestamp) -> Viewer {
        let groups = groups_around(directory, account);
        let mut open: HashSet<RecipientId> = groups.iter().copied().collect();
        open.insert(account);
        for holder in groups.iter().copied().chain([account]) {
            for recipient in directory.granted_to(holder) {
                let mut grants = directory.grants_on(*recipient).iter();
                let opens = grants.any(|grant| {
                    grant.trustee == holder
                        && grant.right == Right::FullAccess
                        && grant.is_in_force(now)
                });
                if opens {
                    open.insert(*recipient);
                }
            }
        }
        let recipients = open.iter().filter_map(|id| directory.recipient(*id));
        let addresses = recipients.flat_map(|recipient| &recipient.addresses);
        Viewer(addresses.map(|address| address.to_string().to_lowercase()).collect())
    }

    /// Whether the row is about mail that the account may see.
    pub fn may_see(&self, row: &TraceRow) -> bool {
        let is_open = |address: &str| self.0.contains(&address.to_lowercase());
        is_open(&row.sender)
            || is_open(&row.recipient)
            || row.submitted_by.as_deref().is_some_and(is_open)
    }
}

impl App {
    /// Messages that a query and a filter let through, newest first.
    pub async fn trace(
        &self,
        query: &TraceQuery,
        filter: impl Fn(&TraceRow) -> bool,
    ) -> Result<Vec<TraceRow>, store::Failure> {
        // Refusals are written down behind their answer.
        self.later.finish().await;
        if let Some(trace_id) = &query.trace_id {
            let mut rows = self.rows_of_trace(trace_id).await?;
            rows.retain(|row| filter(row));
            return Ok(rows);
        }
        let mut rows = Vec::new();
        let mut scanned = 0;
        let mut page = TraceFilter {
            from: query.from,
            to: query.to,
            before: query.before,
            internet_message_id: query.internet_message_id.clone(),
            limit: PAGE_EVENTS,
            ..TraceFilter::default()
        };
        loop {
            let events = store::trace::search(&self.store, &page).await?;
            scanned += events.len();
            page.before = events.last().map(|event| (event.at, event.id));
            let is_last = events.len() < PAGE_EVENTS as usize || scanned >= EVENTS_SCANNED_MAX;
            for event in events.into_iter().filter(is_origin) {
                rows.extend(self.rows_of_origin(event).await?.into_iter().filter(&filter));
                if rows.len() >= query.limit {
                    rows.truncate(query.limit);
                    return Ok(rows);
                }
            }
            if is_last {
                return Ok(rows);
            }
        }
    }

    /// The events of one message or refusal, oldest first.
    pub async fn trace_events(&self, trace_id: &str) -> Result<Vec<TraceEvent>, store::Failure> {
        self.later.finish().await;
        match trace_id.parse() {
            Ok(id) => store::trace::of_message(&self.store, MessageId(id)).await,
            Err(_) => store::trace::by_reference(&self.store, trace_id).await,
        }
    }

    /// The rows of one message or refusal.
    pub async fn rows_of_trace(&self, trace_id: &str) -> Result<Vec<TraceRow>, store::Failure> {
        let events = self.trace_events(trace_id).await?;
        match events.into_iter().find(is_origin) {
            Some(origin) => self.rows_of_origin(origin).await,
            None => Ok(Vec::new()),
        }
    }

    async fn rows_of_origin(&self, origin: TraceEvent) -> Result<Vec<TraceRow>, store::Failure> {
        let Some(message) = origin.message else {
            return Ok(vec![row(&origin, String::new(), TraceStatus::Refused, None)]);
        };
        let events = store::trace::of_message(&self.store, message).await?;
        let mut fates = fates(&events);
        for entry in store::queue::of_message(&self.store, message).await? {
            let status = match entry.state {
                QueueState::Waiting => TraceStatus::Pending,
                QueueState::Held => TraceStatus::Held,
            };
            fates.insert(entry.recipient.to_string(), (status, None));
        }
        let rows = fates.into_iter();
        Ok(rows.map(|(to, (status, host))| row(&origin, to, status, host)).collect())
    }
}

/// Whether an event is the beginning of a trace.
fn is_origin(event: &TraceEvent) -> bool {
    matches!(event.kind, TraceKind::Submit | TraceKind::Receive | TraceKind::Refuse)
}

/// What the events of a message say of each recipient.
fn fates(events: &[TraceEvent]) -> BTreeMap<String, (TraceStatus, Option<String>)> {
    let mut fates: BTreeMap<String, (TraceStatus, Option<String>)> = BTreeMap::new();
    for event in events {
        let Some(recipient) = &event.recipient else { continue };
        let status = match event.kind {
            TraceKind::Deliver | TraceKind::Send => TraceStatus::Delivered,
            TraceKind::Defer | TraceKind::Release => TraceStatus::Pending,
            TraceKind::Fail => TraceStatus::Failed,
            TraceKind::Hold => TraceStatus::Held,
            TraceKind::Drop => TraceStatus::Discarded,
            // The group's own copy says more than that it was passed on.
            TraceKind::Expand => {
                fates.entry(recipient.clone()).or_insert((TraceStatus::Expanded, None));
                continue;
            }
            // Only those that a rule left out are named with it.
            TraceKind::Rule => TraceStatus::Redirected,
            TraceKind::Receive | TraceKind::Submit | TraceKind::Refuse | TraceKind::Journal => {
                continue;
            }
        };
        let host = detail(event)["host"].as_str().map(str::to_owned);
        fates.insert(recipient.clone(), (status, host));
    }
    fates
}

fn row(
    origin: &TraceEvent,
    recipient: String,
    status: TraceStatus,
    to_host: Option<String>,
) -> TraceRow {
    let detail = detail(origin);
    let text = |name: &str| detail[name].as_str().filter(|t| !t.is_empty()).map(str::to_owned);
    let trace_id = match (&origin.reference, origin.message) {
        (_, Some(message)) => message.to_string(),
        (Some(reference), None) => reference.clone(),
        (None, None) => origin.id.to_string(),
    };
    TraceRow {
        event: origin.id,
        trace_id,
        internet_message_id: origin.internet_message_id.clone().unwrap_or_default(),
        received_at: origin.at,
        sender: origin.sender.clone().unwrap_or_default(),
        recipient,
        subject: origin.subject.clone().unwrap_or_default(),
        status,
        from_ip: text("client").and_then(|client| ip_of(&client)),
        to_host,
        size_bytes: origin.size_bytes.unwrap_or_default(),
        submitted_by: origin.actor.clone(),
        mode: text("mode"),
    }
}

/// What an event keeps beside its fields.
pub fn detail(event: &TraceEvent) -> Value {
    serde_json::from_str(&event.detail).unwrap_or_default()
}

/// The IP address in the description of a client: in brackets, or all of it.
fn ip_of(client: &str) -> Option<String> {
    let bracketed = client.rsplit_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let candidate = bracketed.map_or(client, |(inside, _)| inside);
    candidate.parse::<std::net::IpAddr>().ok().map(|ip| ip.to_string())
}

#[cfg(test)]
mod tests {
    use super::ip_of;

    #[test]
    fn the_address_is_found_in_a_client() {
        assert_eq!(ip_of("laptop [192.0.2.7]").as_deref(), Some("192.0.2.7"));
        assert_eq!(ip_of("laptop [2001:db8::1]").as_deref(), Some("2001:db8::1"));
        assert_eq!(ip_of("192.0.2.7").as_deref(), Some("192.0.2.7"));
        assert_eq!(ip_of("web"), None);
    }
}
