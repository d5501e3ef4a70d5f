//! Deciding a request: declining it with words, or granting the right and letting the waiting
//! message go.
//!
//! The decision and the grant are one write set: of two owners who decide at once one wins, and
//! the other changes nothing and is told. A grant for one message holds some minutes, and is taken
//! back as soon as the message went or did not. A message that does not go is kept, and the asker
//! hears why.

use domain::gate::{self, SendRequest};
use domain::{Directory, MessageId, RecipientId, Right, Timestamp};
use mail::{Address, Protocol, ReversePath};
use store::flag::FlagOperation;
use store::send_request::{self, Decided, RequestState, StoredRequest};
use store::{CommitError, Flags, UidRange, WriteSet};

use super::notice::{News, Notice};
use crate::App;
use crate::acceptance::{ConflictsExceeded, DECISIONS_MAX};
use crate::access::{Actor, Purpose};
use crate::command::{
    Command, CommandError, GrantOrder, Order, REASON_CHARACTERS_MAX, RevokeOrder,
};
use crate::envelope::{Envelope, EnvelopeRecipient};
use crate::mailbox::MailboxError;
use crate::submit::{Submission, SubmitError};

/// Seconds for which a right for one message holds, should nobody be there to take it back.
pub const MESSAGE_GRANT_SECS: i64 = 10 * 60;
/// Days of the middle choice.
pub const DAYS_GRANTED: i64 = 30;

/// For how long a right is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// For the waiting message.
    Message,
    /// For [`DAYS_GRANTED`].
    Days,
    /// Until somebody revokes it.
    UntilRevoked,
}

impl Span {
    /// All spans, the shortest first.
    pub const ALL: [Span; 3] = [Span::Message, Span::Days, Span::UntilRevoked];

    /// The name in forms and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Span::Message => "message",
            Span::Days => "30-days",
            Span::UntilRevoked => "until-revoked",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Span> {
        Span::ALL.into_iter().find(|span| span.as_str() == text)
    }

    fn until_at(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Span::Message => Some(now.plus_secs(MESSAGE_GRANT_SECS)),
            Span::Days => Some(now.plus_secs(DAYS_GRANTED * 24 * 3600)),
            Span::UntilRevoked => None,
        }
    }
}

/// What somebody decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Yes: Send As or Send on behalf, for so long.
    Grant(Right, Span),
    /// No.
    Decline,
}

/// A decision with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecideOrder {
    /// Which request.
    pub id: i64,
    /// The decision.
    pub decision: Decision,
    /// Why; the asker reads it.
    pub words: String,
    /// Where the decider is, for the audit.
    pub client: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestOutcome {
    /// It was declined.
    Declined,
    /// The right is there; no message waited.
    Granted,
    /// The message went.
    Sent(MessageId),
    /// The message did not go and is kept; the sentence says why.
    NotSent(String),
}

/// Why nothing is decided. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no such request, or none that the actor may see.
    #[error("there is no such request")]
    NotFound,
    /// The actor sees the request and may not decide it.
    #[error("only an owner of the group or an administrator decides")]
    NotAllowed,
    /// Somebody was quicker; their name, where it was a decision.
    #[error("it is decided already{}", said_by(.0.as_deref()))]
    AlreadyDecided(Option<String>),
    /// One message cannot be allowed where none waits.
    #[error("no message waits: grant for some days or until revoked")]
    NoMessage,
    /// Full Access is no right to send.
    #[error("only a right to send can be granted here")]
    NoRightToSend,
    /// The reason is missing or longer than the audit keeps.
    #[error("say why, in at most {REASON_CHARACTERS_MAX} characters")]
    Words,
    /// The grant was refused.
    #[error(transparent)]
    Command(CommandError),
    /// Others changed the same again and again.
    #[error(transparent)]
    Conflicts(#[from] ConflictsExceeded),
    /// The database failed.
    #[error(transparent)]
    Unavailable(#[from] store::Failure),
}

/// A grant for one message that is to be taken back.
struct Lent {
    right: Right,
    until_at: Timestamp,
}

impl App {
    /// Decides a request. When it returns `Ok` the decision is durable and the message has gone or
    /// the asker knows why not.
    pub async fn decide_request(
        &self,
        actor: &Actor,
        order: &DecideOrder,
        now: Timestamp,
    ) -> Result<RequestOutcome, DecideError> {
        let length = order.words.trim().chars().count();
        if length == 0 || length > REASON_CHARACTERS_MAX {
            return Err(DecideError::Words);
        }
        match order.decision {
            Decision::Decline => {
                let request = self.decidable(actor, order.id).await?;
                let decided = self.decided(actor, order, now);
                let declined = StoredRequest { state: RequestState::Declined, decided, ..request };
                self.settle_request(actor, &declined, now).await?;
                self.tell(&declined, News::Declined, now).await;
                Ok(RequestOutcome::Declined)
            }
            Decision::Grant(Right::FullAccess, _) => Err(DecideError::NoRightToSend),
            Decision::Grant(right, span) => {
                let lent = self.grant_request(actor, order, (right, span), now).await?;
                let outcome = self.let_go(order.id, now).await;
                if let Some(lent) = lent {
                    self.take_right_back(order.id, &lent, now).await;
                }
                outcome
            }
        }
    }

    /// Takes a request back. The message that waited is forgotten; a draft stays where it is.
    pub async fn withdraw_request(
        &self,
        asker: RecipientId,
        id: i64,
        now: Timestamp,
    ) -> Result<(), DecideError> {
        let request = self.own_request(asker, id).await?;
        if !request.state.is_open() {
            return Err(already(&request));
        }
        let withdrawn =
            StoredRequest { state: RequestState::Withdrawn, has_content: false, ..request };
        let actor = Actor::User { id: asker, scopes: crate::access::Scopes::ALL };
        self.settle_request(&actor, &withdrawn, now).await
    }

    /// Tries to send the waiting message once more, where the right was granted and it did not go.
    pub async fn send_request_again(
        &self,
        asker: RecipientId,
        id: i64,
        now: Timestamp,
    ) -> Result<RequestOutcome, DecideError> {
        let request = self.own_request(asker, id).await?;
        match request.state {
            RequestState::Failed | RequestState::Granted if request.sent.is_none() => {
                self.let_go(id, now).await
            }
            _ => Err(already(&request)),
        }
    }

    async fn own_request(&self, asker: RecipientId, id: i64) -> Result<StoredRequest, DecideError> {
        let request = send_request::show(&self.store, id).await?;
        request.filter(|request| request.asker == asker).ok_or(DecideError::NotFound)
    }

    /// The request, if the actor may decide it and nobody has.
    async fn decidable(&self, actor: &Actor, id: i64) -> Result<StoredRequest, DecideError> {
        let view = self.request(actor, id).await?.ok_or(DecideError::NotFound)?;
        if !self.may(actor, &view.request, Purpose::Change) {
            return Err(DecideError::NotAllowed);
        }
        if view.may_decide { Ok(view.request) } else { Err(already(&view.request)) }
    }

    fn decided(&self, actor: &Actor, order: &DecideOrder, now: Timestamp) -> Option<Decided> {
        let (right, span) = match order.decision {
            Decision::Grant(right, span) => (Some(right), Some(span)),
            Decision::Decline => (None, None),
        };
        Some(Decided {
            by: actor.name(&self.directory()),
            at: now,
            words: order.words.trim().to_owned(),
            right: right.map(|right| right.as_str().to_owned()),
            span: span.map(|span| span.as_str().to_owned()),
        })
    }

    /// Writes a changed request with its record, or says who was quicker.
    async fn settle_request(
        &self,
        actor: &Actor,
        request: &StoredRequest,
        now: Timestamp,
    ) -> Result<(), DecideError> {
        let mut set = WriteSet::new();
        self.write_settled(&mut set, actor, request, now);
        match self.store.commit(set).await {
            Ok(()) => Ok(()),
            Err(CommitError::Failure(failure)) => Err(failure.into()),
            Err(CommitError::Conflict(_)) => {
                let found = send_request::show(&self.store, request.id).await?;
                Err(found.as_ref().map_or(DecideError::NotFound, already))
            }
        }
    }

    fn write_settled(
        &self,
        set: &mut WriteSet,
        actor: &Actor,
        request: &StoredRequest,
        now: Timestamp,
    ) {
        send_request::change(set, request);
        let by = actor.name(&self.directory());
        self.audit_request(set, request, ("Set-SendRequest", Some(&by)), now);
    }

    /// Grants the right and marks the request, in one set. Where the asker may send by now, only
    /// the mark is made: a right that is there is not replaced by a shorter one.
    async fn grant_request(
        &self,
        actor: &Actor,
        order: &DecideOrder,
        (right, span): (Right, Span),
        now: Timestamp,
    ) -> Result<Option<Lent>, DecideError> {
        for _ in 0..DECISIONS_MAX {
            let request = self.decidable(actor, order.id).await?;
            if span == Span::Message && !request.has_content {
                return Err(DecideError::NoMessage);
            }
            let granted =
                StoredRequest { decided: self.decided(actor, order, now), ..request.granted() };
            let (version, names) = {
                let directory = self.directory();
                let is_there = is_allowed(&directory, &request, now);
                (directory.version(), (!is_there).then(|| names(&directory, &request)).flatten())
            };
            let Some((recipient, trustee)) = names else {
                self.settle_request(actor, &granted, now).await?;
                return Ok(None);
            };
            let until_at = span.until_at(now);
            let grant = Command::Grant(GrantOrder { recipient, trustee, right, until_at });
            let command = Order {
                client: order.client.clone(),
                expected_version: Some(version),
                ..Order::new(grant).because(Some(order.words.trim().to_owned()))
            };
            let more = |set: &mut WriteSet| self.write_settled(set, actor, &granted, now);
            match self.command_with(actor, &command, &more, now).await {
                Ok(_) => {
                    let lent = until_at.filter(|_| span == Span::Message);
                    return Ok(lent.map(|until_at| Lent { right, until_at }));
                }
                Err(CommandError::ChangedMeanwhile { .. } | CommandError::Conflicts(_)) => {
                    self.refresh_directory().await?;
                }
                Err(CommandError::Unavailable(failure)) => return Err(failure.into()),
                Err(error) => return Err(DecideError::Command(error)),
            }
        }
        Err(ConflictsExceeded.into())
    }

    /// Lets the waiting message of a granted request go, and tells the asker what became of it.
    async fn let_go(&self, id: i64, now: Timestamp) -> Result<RequestOutcome, DecideError> {
        let request = send_request::show(&self.store, id).await?.ok_or(DecideError::NotFound)?;
        let Some(content) = send_request::content(&self.store, id).await? else {
            self.tell(&request, News::Granted, now).await;
            return Ok(RequestOutcome::Granted);
        };
        let sent = match self.submission(&request, content) {
            Some(submission) => self
                .submit_waiting(submission, Some(request.clone()), now)
                .await
                .map_err(|error| sentence(&error)),
            None => Err("its sender or a recipient cannot be used any more".to_owned()),
        };
        match sent {
            Ok(accepted) => {
                self.remove_draft(&request, now).await;
                self.tell(&request, News::Sent, now).await;
                Ok(RequestOutcome::Sent(accepted.message))
            }
            Err(why) => {
                let failure = Some(why.clone());
                let failed = StoredRequest { state: RequestState::Failed, failure, ..request };
                self.settle_request(&Actor::System, &failed, now).await?;
                self.tell(&failed, News::Failed(&why), now).await;
                Ok(RequestOutcome::NotSent(why))
            }
        }
    }

    fn submission(&self, request: &StoredRequest, message: bytes::Bytes) -> Option<Submission> {
        let reverse_path = {
            let directory = self.directory();
            ReversePath::Address(directory.recipient(request.asker)?.primary().clone())
        };
        let recipients = request.recipients.iter();
        let recipients: Option<Vec<EnvelopeRecipient>> =
            recipients.map(|to| Address::parse(to).ok().map(EnvelopeRecipient::new)).collect();
        Some(Submission {
            actor: request.asker,
            envelope: Envelope { reverse_path, recipients: recipients?, envelope_id: None },
            message,
            with: Protocol::Esmtpsa,
            client: format!("request {}", request.id),
        })
    }

    /// Takes the right for one message back, unless somebody has made another of it meanwhile.
    /// Whatever fails here, the right ends by itself after [`MESSAGE_GRANT_SECS`].
    async fn take_right_back(&self, id: i64, lent: &Lent, now: Timestamp) {
        for _ in 0..DECISIONS_MAX {
            match self.take_back_once(id, lent, now).await {
                Ok(()) => return,
                Err(CommandError::ChangedMeanwhile { .. }) => {}
                Err(error) => {
                    tracing::error!(%error, id, "the right for one message ends by itself only");
                    return;
                }
            }
        }
    }

    async fn take_back_once(
        &self,
        id: i64,
        lent: &Lent,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        self.refresh_directory().await?;
        let Some(request) = send_request::show(&self.store, id).await? else { return Ok(()) };
        let (version, names) = {
            let directory = self.directory();
            let mut grants = directory.grants_on(request.represented).iter();
            let is_ours = grants.any(|grant| {
                grant.trustee == request.asker
                    && grant.right == lent.right
                    && grant.until_at == Some(lent.until_at)
            });
            (directory.version(), is_ours.then(|| names(&directory, &request)).flatten())
        };
        let Some((recipient, trustee)) = names else { return Ok(()) };
        let revoke = Command::Revoke(RevokeOrder { recipient, trustee, right: lent.right });
        let why = format!("granted for the message of request {id} only");
        let order =
            Order { expected_version: Some(version), ..Order::new(revoke).because(Some(why)) };
        self.command(&Actor::System, &order, now).await.map(drop)
    }

    /// The draft has become a sent message. A draft that stays is a nuisance, not a loss.
    async fn remove_draft(&self, request: &StoredRequest, now: Timestamp) {
        if let Err(error) = self.try_remove_draft(request, now).await {
            tracing::warn!(%error, request = request.id, "the draft of a sent message stays");
        }
    }

    async fn try_remove_draft(
        &self,
        request: &StoredRequest,
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        let Some((folder, uid)) = request.draft else { return Ok(()) };
        let folder = store::folder::status(&self.store, folder).await?;
        let Some(folder) = folder else { return Ok(()) };
        let place = self.place(request.asker, &folder, now)?;
        let uids = [UidRange::of(uid)];
        let deleted = FlagOperation::Add(Flags::DELETED);
        self.store_flags(&place, &uids, deleted, None).await?;
        self.expunge(&place, &uids, now).await
    }

    /// Tells the asker. The page shows the same, so a mail that cannot be made is only logged.
    async fn tell(&self, request: &StoredRequest, news: News<'_>, now: Timestamp) {
        let to = [request.asker];
        let notice = Notice { request, news, to: &to, now };
        for _ in 0..DECISIONS_MAX {
            let mut set = WriteSet::new();
            let told = match self.put_notice(&mut set, &notice).await {
                Ok(()) => self.store.commit(set).await,
                Err(failure) => Err(CommitError::Failure(failure)),
            };
            match told {
                Ok(()) => return,
                Err(CommitError::Conflict(_)) if self.refresh_directory().await.is_ok() => {}
                Err(error) => {
                    tracing::error!(%error, request = request.id, "the asker was not told");
                    return;
                }
            }
        }
    }
}

/// Whether the gate lets the asker send as the author now.
pub(super) fn is_allowed(directory: &Directory, request: &StoredRequest, now: Timestamp) -> bool {
    let Ok(author) = Address::parse(&request.author) else { return false };
    gate::decide(directory, &SendRequest { actor: request.asker, author: &author, now }).is_ok()
}

/// The represented recipient and the asker as commands name them.
fn names(directory: &Directory, request: &StoredRequest) -> Option<(String, String)> {
    let name = |id| directory.recipient(id).map(|found| found.primary().to_string());
    name(request.represented).zip(name(request.asker))
}

fn already(request: &StoredRequest) -> DecideError {
    DecideError::AlreadyDecided(request.decided.as_ref().map(|of| of.by.clone()))
}

fn sentence(error: &SubmitError) -> String {
    match error {
        SubmitError::Denied(denial) => denial.advice(),
        other => other.to_string(),
    }
}

fn said_by(person: Option<&str>) -> String {
    person.map(|by| format!(", by {by}")).unwrap_or_default()
}
