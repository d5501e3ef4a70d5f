//! What administrators do to queue entries. Their state is no part of the directory, so these
//! commands read the entry instead of deciding on the snapshot alone; each is still one write set
//! with its trace event and its audit record.

use domain::{QueueEntryId, Timestamp};
use mail::DsnAction;
use serde_json::json;
use store::audit::AuditRecord;
use store::queue::QueueEntry;
use store::trace::{TraceEvent, TraceKind};
use store::{CommitError, WriteSet};

use super::{Command, CommandError, Intent, Order, Outcome, record};
use crate::App;
use crate::acceptance::{ConflictsExceeded, DECISIONS_MAX};
use crate::access::{self, Actor, Need, Purpose};
use crate::bounce::Notice;
use crate::transmit::RemoteWord;

/// The name of the conflict when a worker has the entry, or nobody any more.
const ENTRY_CONFLICT: &str = "queue_entry";

/// What the sender of a dropped message is told.
const DROPPED: &str = "an administrator removed the message from the queue";

/// What is to be done to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Retry,
    Hold,
    Release,
    Drop,
    DropAndTell,
}

/// A command about the queue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueueOrder {
    id: QueueEntryId,
    action: Action,
}

impl QueueOrder {
    /// The order that a command is, if it is about the queue.
    pub(crate) fn of(command: &Command) -> Option<QueueOrder> {
        let (id, action) = match command {
            Command::RetryQueueEntry(id) => (*id, Action::Retry),
            Command::HoldQueueEntry(id) => (*id, Action::Hold),
            Command::ReleaseQueueEntry(id) => (*id, Action::Release),
            Command::DropQueueEntry { id, notifies_sender: false } => (*id, Action::Drop),
            Command::DropQueueEntry { id, notifies_sender: true } => (*id, Action::DropAndTell),
            _ => return None,
        };
        Some(QueueOrder { id: QueueEntryId(id), action })
    }
}

impl Action {
    fn cmdlet(self) -> &'static str {
        match self {
            Action::Retry => "Retry-QueuedMessage",
            Action::Hold => "Suspend-QueuedMessage",
            Action::Release => "Resume-QueuedMessage",
            Action::Drop | Action::DropAndTell => "Remove-QueuedMessage",
        }
    }

    fn trace_kind(self) -> Option<TraceKind> {
        match self {
            Action::Retry => None,
            Action::Hold => Some(TraceKind::Hold),
            Action::Release => Some(TraceKind::Release),
            Action::Drop => Some(TraceKind::Drop),
            Action::DropAndTell => Some(TraceKind::Fail),
        }
    }
}

impl App {
    /// Carries out a command about the queue.
    pub(super) async fn command_queue(
        &self,
        actor: &Actor,
        order: &Order,
        queue_order: QueueOrder,
        now: Timestamp,
    ) -> Result<Outcome, CommandError> {
        for _ in 0..DECISIONS_MAX {
            let version = {
                let directory = self.directory();
                access::allow(&directory, actor, Need::Administrator, Purpose::Change)?;
                directory.version()
            };
            let id = queue_order.id;
            let entry = store::queue::show(&self.store, id).await?;
            let entry = entry.ok_or_else(|| CommandError::not_found(&id.to_string()))?;
            if order.intent == Intent::Check {
                return Ok(Outcome::default());
            }
            let mut set = WriteSet::new();
            store::directory::expect_version(&mut set, version);
            self.write_queue_action(&mut set, &entry, queue_order.action, now).await?;
            let name = actor.name(&self.directory());
            let record = audit_record((name, now), order, &entry, queue_order);
            store::audit::record(&mut set, &record);
            match self.store.commit(set).await {
                Ok(()) => return Ok(Outcome::default()),
                Err(CommitError::Conflict(name)) if name == ENTRY_CONFLICT => {
                    return Err(CommandError::in_the_way(
                        "The entry is being transmitted at this moment, or is gone. Look at the \
                         queue again in a minute.",
                    ));
                }
                Err(CommitError::Conflict(_)) => self.refresh_directory().await?,
                Err(CommitError::Failure(failure)) => return Err(failure.into()),
            }
        }
        Err(ConflictsExceeded.into())
    }

    async fn write_queue_action(
        &self,
        set: &mut WriteSet,
        entry: &QueueEntry,
        action: Action,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        match action {
            Action::Retry => store::queue::retry_now(set, entry.id, now),
            Action::Hold => store::queue::hold(set, entry.id, now),
            Action::Release => store::queue::release(set, entry.id, now),
            Action::Drop | Action::DropAndTell => store::queue::drop(set, entry.id, now),
        }
        if let Some(kind) = action.trace_kind() {
            let event = self.queue_event(entry, kind, now).await?;
            store::trace::record(set, &event);
        }
        if action == Action::DropAndTell {
            let word = RemoteWord {
                host: None,
                text: DROPPED.to_owned(),
                // RFC 3463 §3.8: other or undefined security status, "per-recipient policy".
                status: "5.7.0".to_owned(),
            };
            let notice = Notice { entry, action: DsnAction::Failed, word: &word, now };
            self.notify(set, &notice).await?;
        }
        Ok(())
    }

    async fn queue_event(
        &self,
        entry: &QueueEntry,
        kind: TraceKind,
        now: Timestamp,
    ) -> Result<TraceEvent, CommandError> {
        let summary = store::message::show(&self.store, entry.message).await?;
        let id = self.store.next_id().await?;
        let reply = if kind == TraceKind::Fail { DROPPED } else { "on an administrator's word" };
        Ok(TraceEvent {
            id,
            at: now,
            message: Some(entry.message),
            internet_message_id: summary.as_ref().and_then(|m| m.internet_message_id.clone()),
            kind,
            sender: summary.as_ref().and_then(|m| m.author.clone()),
            recipient: Some(entry.recipient.to_string()),
            subject: summary.as_ref().and_then(|m| m.subject.clone()),
            size_bytes: summary.as_ref().map(|m| m.size_bytes),
            actor: None,
            detail: json!({ "attempt": entry.attempts, "reply": reply }).to_string(),
            reference: None,
        })
    }
}

fn audit_record(
    (actor, at): (String, Timestamp),
    order: &Order,
    entry: &QueueEntry,
    queue_order: QueueOrder,
) -> AuditRecord {
    let mut parameters = json!({
        "Identity": entry.id.to_string(),
        "Message": entry.message.0,
        "Recipient": entry.recipient.to_string(),
    });
    if let Some(client) = &order.client {
        parameters[record::CLIENT] = client.as_str().into();
    }
    if queue_order.action == Action::Drop {
        parameters["WithNDR"] = false.into();
    }
    AuditRecord {
        at,
        actor,
        operation: queue_order.action.cmdlet().to_owned(),
        object: entry.recipient.to_string(),
        parameters: parameters.to_string(),
        reason: order.reason.clone(),
        before: Some(json!({ "Status": entry.state.as_str() }).to_string()),
        after: None,
    }
}
