//! Acceptance: everything that one accepted message writes, put into one write set.
//!
//! Submissions, mail from other servers and our own notifications all end here: the bytes once, a
//! placement for each folder, a queue entry for each address elsewhere, the trace, and the audit
//! where somebody sent in another's name. Local delivery is part of the accepting transaction.

use std::collections::VecDeque;

use bytes::Bytes;
use domain::retry::RetrySchedule;
use domain::routing::Expansion;
use domain::rules::Verdict;
use domain::{FolderId, MessageId, QueueEntryId, RecipientId, SendMode, Timestamp};
use mail::{Address, ReversePath};
use serde_json::json;
use store::audit::AuditRecord;
use store::message::{NewMessage, NewPlacement};
use store::queue::{DsnWishes, NewQueueEntry};
use store::trace::{TraceEvent, TraceKind};
use store::{CommitError, Flags, Store, WriteSet};

use crate::envelope::{Envelope, EnvelopeRecipient, Notices};
use crate::rules::Journaled;

/// How often one message is decided anew because the directory changed meanwhile.
pub(crate) const DECISIONS_MAX: usize = 8;

/// The name of the guard that a decision was taken on the directory as it still is.
const VERSION_GUARD: &str = "directory";

/// The directory changed each time while a message was decided.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the directory is changing too fast: try again")]
pub struct ConflictsExceeded;

/// Whether a commit failed because the directory has moved on.
pub(crate) fn is_stale(error: &CommitError) -> bool {
    error.conflict() == Some(VERSION_GUARD)
}

/// Commits a set that was decided under the directory's version. A conflict means: decide again.
pub(crate) async fn commit_decided<E>(store: &Store, set: WriteSet) -> Result<(), E>
where
    E: From<ConflictsExceeded> + From<store::Failure>,
{
    match store.commit(set).await {
        Ok(()) => Ok(()),
        Err(CommitError::Failure(failure)) => Err(failure.into()),
        Err(error @ CommitError::Conflict(_)) => {
            if !is_stale(&error) {
                tracing::error!(
                    guard = error.conflict(),
                    "an acceptance met an unexpected conflict"
                );
            }
            Err(ConflictsExceeded.into())
        }
    }
}

/// Identifiers reserved for one acceptance.
#[derive(Debug)]
pub(crate) struct Ids(VecDeque<i64>);

impl Ids {
    pub(crate) async fn reserve(store: &Store, count: usize) -> Result<Ids, store::Failure> {
        let mut ids = VecDeque::with_capacity(count);
        for _ in 0..count {
            ids.push_back(store.next_id().await?);
        }
        Ok(Ids(ids))
    }

    /// The first one, which names the message.
    pub(crate) fn first(&self) -> i64 {
        self.0.front().copied().unwrap_or_default()
    }

    fn take(&mut self) -> i64 {
        self.0.pop_front().expect("Acceptance::ids_needed counts what write takes")
    }
}

/// Who wrote the message.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Writer<'a> {
    /// An account of ours.
    Account {
        id: RecipientId,
        login: &'a str,
        client: &'a str,
        /// Whom it represents, where it is not itself.
        represented: Option<&'a Address>,
        mode: SendMode,
    },
    /// Another server handed it in; the text says which.
    Outside { client: &'a str },
    /// The server itself.
    System,
}

impl Writer<'_> {
    fn event(&self) -> TraceKind {
        match self {
            Writer::Account { .. } => TraceKind::Submit,
            Writer::Outside { .. } | Writer::System => TraceKind::Receive,
        }
    }

    fn login(&self) -> Option<&str> {
        match self {
            Writer::Account { login, .. } => Some(login),
            Writer::Outside { .. } | Writer::System => None,
        }
    }
}

/// One thing that happened to a message.
struct Happened<'a> {
    kind: TraceKind,
    to: Option<&'a Address>,
    detail: serde_json::Value,
}

/// What one rule did, for the trace: the recipient that it is about, if it is about one, and the
/// details.
pub(crate) type RuleNote<'a> = (Option<&'a Address>, serde_json::Value);

/// One message that is accepted.
#[derive(Debug)]
pub(crate) struct Acceptance<'a> {
    pub(crate) message: MessageId,
    pub(crate) content: Bytes,
    pub(crate) internet_message_id: String,
    pub(crate) author: String,
    pub(crate) subject: String,
    pub(crate) reverse_path: ReversePath,
    pub(crate) envelope: &'a Envelope,
    pub(crate) expansion: &'a Expansion,
    pub(crate) writer: Writer<'a>,
    pub(crate) sent_folders: &'a [FolderId],
    /// What rules did, for the trace.
    pub(crate) rules: &'a [RuleNote<'a>],
    /// Envelope recipients that rules added and that the sender is not to learn of.
    pub(crate) blind: &'a [Address],
    /// Whether entries of the queue are held where others fail for good.
    pub(crate) is_kept: bool,
    pub(crate) retry: &'a RetrySchedule,
    pub(crate) now: Timestamp,
}

impl Acceptance<'_> {
    /// How many identifiers [`write`](Acceptance::write) takes: the message, its own event, one
    /// event for each placement, expansion and rule, and one entry for each address elsewhere.
    pub(crate) fn ids_needed(expansion: &Expansion, rules: &[RuleNote<'_>]) -> usize {
        let events = expansion.placements.len() + expansion.expanded.len() + rules.len();
        2 + events + expansion.outside.len()
    }

    /// The message as journal reports tell of it.
    pub(crate) fn journaled<'b>(&'b self, verdict: Option<&'b Verdict>) -> Journaled<'b> {
        Journaled {
            message: self.message,
            content: &self.content,
            internet_message_id: &self.internet_message_id,
            author: &self.author,
            subject: &self.subject,
            writer: self.writer,
            envelope: self.envelope,
            expansion: self.expansion,
            verdict,
            now: self.now,
        }
    }

    /// Puts everything into the set. The first of `ids` must be the message's.
    pub(crate) fn write(self, set: &mut WriteSet, mut ids: Ids) {
        let size_bytes = self.content.len();
        let _ = ids.take();
        let (header_end, body_start) = mail::raw_field::split_header(&self.content);
        store::message::insert(
            set,
            &NewMessage {
                id: self.message,
                content: self.content.clone(),
                internet_message_id: Some(self.internet_message_id.clone()),
                author: Some(self.author.clone()),
                subject: Some(self.subject.clone()),
                stored_at: self.now,
                envelope_fields: mail::envelope::fields(&self.content[..header_end]),
                header_bytes: i64::try_from(body_start).ok(),
            },
        );
        let detail = self.origin_detail(size_bytes);
        self.trace(set, ids.take(), &Happened { kind: self.writer.event(), to: None, detail });
        for (to, detail) in self.rules {
            let happened = Happened { kind: TraceKind::Rule, to: *to, detail: detail.clone() };
            self.trace(set, ids.take(), &happened);
        }
        self.place(set, &mut ids);
        self.enqueue(set, &mut ids);
        self.audit(set);
    }

    fn place(&self, set: &mut WriteSet, ids: &mut Ids) {
        for placement in &self.expansion.placements {
            self.put_in(set, placement.folder, Flags::NONE, None);
            let detail = json!({ "mailbox": placement.mailbox.0 });
            let to = Some(&placement.original);
            self.trace(set, ids.take(), &Happened { kind: TraceKind::Deliver, to, detail });
        }
        for (group, original) in &self.expansion.expanded {
            let detail = json!({ "group": group.0 });
            let to = Some(original);
            self.trace(set, ids.take(), &Happened { kind: TraceKind::Expand, to, detail });
        }
        let written_by = match self.writer {
            Writer::Account { id, .. } => Some(id),
            Writer::Outside { .. } | Writer::System => None,
        };
        for folder in self.sent_folders {
            self.put_in(set, *folder, Flags::SEEN, written_by);
        }
    }

    fn put_in(&self, set: &mut WriteSet, folder: FolderId, flags: Flags, by: Option<RecipientId>) {
        let placement = NewPlacement {
            folder,
            message: self.message,
            // A message is smaller than 2^63 octets.
            size_bytes: i64::try_from(self.content.len()).unwrap_or(i64::MAX),
            flags,
            internal_at: self.now,
            placed_at: self.now,
            placed_by: by,
        };
        store::message::place(set, &placement);
    }

    fn enqueue(&self, set: &mut WriteSet, ids: &mut Ids) {
        for outside in &self.expansion.outside {
            let asked = self.envelope_recipient(&outside.original);
            let is_blind = self.blind.contains(&outside.original);
            let unasked = if is_blind { Notices::Never } else { Notices::Usual };
            store::queue::enqueue(
                set,
                &NewQueueEntry {
                    id: QueueEntryId(ids.take()),
                    message: self.message,
                    reverse_path: self.reverse_path.clone(),
                    recipient: outside.address.clone(),
                    next_attempt_at: self.now,
                    created_at: self.now,
                    expires_at: self.now.plus_secs(self.retry.lifetime_secs),
                    wishes: DsnWishes {
                        notify: asked.map_or(unasked, |to| to.notices).as_stored(),
                        orcpt: asked.and_then(|to| to.original.clone()),
                        envid: self.envelope.envelope_id.clone(),
                        ret: None,
                    },
                    is_kept: self.is_kept,
                },
            );
        }
    }

    fn envelope_recipient(&self, address: &Address) -> Option<&EnvelopeRecipient> {
        self.envelope.recipients.iter().find(|to| to.address == *address)
    }

    fn origin_detail(&self, size_bytes: usize) -> serde_json::Value {
        let (client, mode) = match self.writer {
            Writer::Account { client, mode, .. } => (client, mode_name(mode)),
            Writer::Outside { client } => (client, ""),
            Writer::System => ("", ""),
        };
        json!({
            "client": client,
            "mode": mode,
            "reversePath": self.reverse_path.to_string(),
            "recipients": self.envelope.recipients.len(),
            "sizeBytes": size_bytes,
        })
    }

    fn trace(&self, set: &mut WriteSet, id: i64, happened: &Happened<'_>) {
        store::trace::record(
            set,
            &TraceEvent {
                id,
                at: self.now,
                message: Some(self.message),
                internet_message_id: Some(self.internet_message_id.clone()),
                kind: happened.kind,
                sender: Some(self.author.clone()),
                recipient: happened.to.map(Address::to_string),
                subject: Some(self.subject.clone()),
                size_bytes: i64::try_from(self.content.len()).ok(),
                actor: self.writer.login().map(str::to_owned),
                detail: happened.detail.to_string(),
                reference: None,
            },
        );
    }

    /// Sending in another's name is audited, as Exchange does under the same operation names.
    fn audit(&self, set: &mut WriteSet) {
        let Writer::Account { login, client, represented: Some(represented), mode, .. } =
            self.writer
        else {
            return;
        };
        let recipients: Vec<String> =
            self.envelope.recipients.iter().map(|to| to.address.to_string()).collect();
        let parameters = json!({
            "Author": self.author,
            "Recipients": recipients,
            "InternetMessageId": self.internet_message_id,
            "Subject": self.subject,
            "Message": self.message.0,
            "Client": client,
        });
        store::audit::record(
            set,
            &AuditRecord {
                at: self.now,
                actor: login.to_owned(),
                operation: mode_name(mode).to_owned(),
                object: represented.to_string(),
                parameters: parameters.to_string(),
                reason: None,
                before: None,
                after: None,
            },
        );
    }
}

/// Exchange's name for the audited operation.
pub(crate) fn mode_name(mode: SendMode) -> &'static str {
    match mode {
        SendMode::Own => "Send",
        SendMode::SendAs => "SendAs",
        SendMode::SendOnBehalf => "SendOnBehalf",
    }
}
