//! Transmission, seen from the queue: which entries are due, and what became of an attempt.
//!
//! The network is elsewhere: a worker claims entries here under a lease, talks to the next hop, and
//! reports. Each report is one write set: the entry's fate, its trace, and the notification to the
//! sender where one is due. A worker that vanished loses its lease; the entry is claimed again.

use bytes::Bytes;
use domain::retry::NextAttempt;
use domain::{MessageId, Timestamp};
use mail::{DsnAction, EnhancedStatus};
use serde_json::json;
use store::WriteSet;
use store::message::MessageSummary;
use store::queue::{Claim, Deferral, QueueEntry};
use store::trace::{TraceEvent, TraceKind};

use crate::App;
use crate::bounce::Notice;
use crate::envelope::Notices;

/// Seconds for which a worker holds an entry. Longer than the slowest attempt: the client's
/// time-outs (RFC 5321 §4.5.3.2) end one before.
pub const LEASE_SECS: i64 = 30 * 60;

/// What another server, or the attempt to reach it, said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteWord {
    /// The host that said it, where one was reached.
    pub host: Option<String>,
    /// The SMTP reply, or a sentence about the connection.
    pub text: String,
    /// The code to report (RFC 3463), such as `5.1.1` or `4.4.1`.
    pub status: String,
}

/// What became of one attempt for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The next hop took it.
    Delivered(RemoteWord),
    /// It failed for now.
    Deferred(RemoteWord),
    /// It failed for good.
    Failed(RemoteWord),
}

/// An entry that this worker holds, with the message to transmit.
#[derive(Debug, Clone)]
pub struct Transmission {
    /// The entry.
    pub entry: QueueEntry,
    /// The bytes to send. `Return-Path`, which only a final delivery has, is already off.
    pub content: Bytes,
}

impl App {
    /// Claims up to `limit` due entries for `worker`.
    pub async fn claim_transmissions(
        &self,
        worker: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Transmission>, store::Failure> {
        let claim = Claim { worker, now, until: now.plus_secs(LEASE_SECS) };
        let entries = store::queue::claim_due(&self.store, claim, limit).await?;
        let mut claimed = Vec::with_capacity(entries.len());
        let mut last: Option<(MessageId, Bytes)> = None;
        for entry in entries {
            let content = match &last {
                Some((id, content)) if *id == entry.message => content.clone(),
                _ => self.message_content(entry.message).await?,
            };
            last = Some((entry.message, content.clone()));
            claimed.push(Transmission { entry, content: without_return_path(content) });
        }
        Ok(claimed)
    }

    /// Writes down what became of an attempt. A lease that was lost meanwhile is no error: whoever
    /// holds it now reports.
    pub async fn report_transmission(
        &self,
        entry: &QueueEntry,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<(), store::Failure> {
        let attempts = u32::try_from(entry.attempts).unwrap_or(u32::MAX);
        let (outcome, next_at) = match outcome {
            Outcome::Deferred(word) => {
                match self.settings.retry.after_attempt(attempts, entry.created_at, now) {
                    NextAttempt::At(next) => (Outcome::Deferred(word.clone()), Some(next)),
                    NextAttempt::Never => (Outcome::Failed(expired(word)), None),
                }
            }
            other => (other.clone(), None),
        };
        let attempt = Attempt { entry, outcome: &outcome, next_at, now };
        for _ in 0..crate::acceptance::DECISIONS_MAX {
            let mut set = WriteSet::new();
            self.settle(&mut set, &attempt).await?;
            match self.store.commit(set).await {
                Ok(()) => return Ok(()),
                Err(error) if crate::acceptance::is_stale(&error) => {
                    self.refresh_directory().await?;
                }
                Err(store::CommitError::Conflict(guard)) => {
                    tracing::warn!(
                        entry = entry.id.0,
                        guard,
                        "the lease of a queue entry was lost"
                    );
                    return Ok(());
                }
                Err(store::CommitError::Failure(failure)) => return Err(failure),
            }
        }
        tracing::warn!(
            entry = entry.id.0,
            "the directory changes too fast; the entry is tried again"
        );
        Ok(())
    }

    async fn settle(
        &self,
        set: &mut WriteSet,
        attempt: &Attempt<'_>,
    ) -> Result<(), store::Failure> {
        let (entry, now) = (attempt.entry, attempt.now);
        let told = Notices::from_stored(&entry.wishes.notify).events();
        let worker = entry.claimed_by.as_deref().unwrap_or_default();
        let notice = match (attempt.outcome, attempt.next_at) {
            (Outcome::Deferred(word), Some(next_attempt_at)) => {
                let is_late = self.settings.retry.is_delay_notice_due(entry.created_at, now);
                let tells = is_late && entry.delay_notified_at.is_none() && told.delay;
                let deferral = Deferral {
                    id: entry.id,
                    next_attempt_at,
                    last_reply: word.text.clone(),
                    delay_notified_at: tells.then_some(now),
                };
                store::queue::defer(set, &deferral, worker);
                tells.then_some(DsnAction::Delayed)
            }
            (Outcome::Failed(word), _) if entry.is_kept => {
                store::queue::keep(set, entry.id, &word.text, worker);
                tracing::error!(
                    entry = entry.id.0,
                    recipient = %entry.recipient,
                    reply = word.text,
                    "a journal report cannot be delivered: it is held in the queue"
                );
                None
            }
            (Outcome::Failed(_), _) => {
                store::queue::settle(set, entry.id, worker);
                told.failure.then_some(DsnAction::Failed)
            }
            (Outcome::Delivered(_) | Outcome::Deferred(_), _) => {
                store::queue::settle(set, entry.id, worker);
                told.success.then_some(DsnAction::Relayed)
            }
        };
        let summary = self.message_summary(entry.message).await?;
        store::trace::record(set, &attempt.event(self.store.next_id().await?, summary));
        if let Some(action) = notice {
            let word = attempt.kind_and_word().1;
            self.notify(set, &Notice { entry, action, word, now }).await?;
        }
        Ok(())
    }
}

fn expired(word: &RemoteWord) -> RemoteWord {
    RemoteWord {
        host: word.host.clone(),
        text: format!("it could not be delivered in time; the last answer was: {}", word.text),
        // RFC 3463 §3.5: delivery time expired.
        status: "5.4.7".to_owned(),
    }
}

impl App {
    /// The bytes of a message that must be there.
    pub(crate) async fn message_content(&self, id: MessageId) -> Result<Bytes, store::Failure> {
        store::message::content(&self.store, id).await?.ok_or_else(|| missing(id))
    }

    async fn message_summary(&self, id: MessageId) -> Result<MessageSummary, store::Failure> {
        store::message::show(&self.store, id).await?.ok_or_else(|| missing(id))
    }
}

fn missing(id: MessageId) -> store::Failure {
    store::Failure::Corrupt { what: format!("message {id} is in the queue but not stored") }
}

/// Takes a leading `Return-Path` off: RFC 5321 §4.4 lets only a final delivery have one.
fn without_return_path(content: Bytes) -> Bytes {
    const FIELD: &[u8] = b"return-path:";
    let has_it = content.get(..FIELD.len()).is_some_and(|start| start.eq_ignore_ascii_case(FIELD));
    if !has_it {
        return content;
    }
    match content.windows(2).position(|pair| pair == b"\r\n") {
        Some(end) => content.slice(end + 2..),
        None => content,
    }
}

/// The code of a remote word, for the notification.
pub(crate) fn status_of(word: &RemoteWord, action: DsnAction) -> EnhancedStatus {
    let unspecified = match action {
        DsnAction::Failed => EnhancedStatus::FAILED,
        DsnAction::Delayed => EnhancedStatus::DELAYED,
        DsnAction::Delivered | DsnAction::Relayed | DsnAction::Expanded => EnhancedStatus::DONE,
    };
    let said = EnhancedStatus::parse(&word.status);
    said.filter(|status| status.class() == unspecified.class()).unwrap_or(unspecified)
}

/// One attempt, with what follows from it.
struct Attempt<'a> {
    entry: &'a QueueEntry,
    outcome: &'a Outcome,
    next_at: Option<Timestamp>,
    now: Timestamp,
}

impl<'a> Attempt<'a> {
    fn kind_and_word(&self) -> (TraceKind, &'a RemoteWord) {
        match self.outcome {
            Outcome::Delivered(word) => (TraceKind::Send, word),
            Outcome::Deferred(word) => (TraceKind::Defer, word),
            Outcome::Failed(word) if self.entry.is_kept => (TraceKind::Hold, word),
            Outcome::Failed(word) => (TraceKind::Fail, word),
        }
    }

    fn event(&self, id: i64, summary: MessageSummary) -> TraceEvent {
        let (kind, word) = self.kind_and_word();
        let detail = json!({
            "attempt": self.entry.attempts,
            "host": word.host,
            "reply": word.text,
            "status": word.status,
            "nextAttemptAt": self.next_at.map(|at| at.0),
        });
        TraceEvent {
            id,
            at: self.now,
            message: Some(self.entry.message),
            internet_message_id: summary.internet_message_id,
            kind,
            sender: summary.author,
            recipient: Some(self.entry.recipient.to_string()),
            subject: summary.subject,
            size_bytes: Some(summary.size_bytes),
            actor: None,
            detail: detail.to_string(),
            reference: None,
        }
    }
}
