//! Submission: the one door for sending. A message that one of ours wrote enters here, whatever
//! the surface, or it does not enter.
//!
//! The order is: read the author strictly, ask the gate on the snapshot, stamp the header, expand
//! the recipients, and commit everything in one write set under the guard that the directory is
//! still at the snapshot's version. If it is not, all of it is decided again.

use bytes::Bytes;
use domain::gate::{self, SendRequest};
use domain::routing::{self, Expansion, Origin, RecipientRefusal};
use domain::rules::{JournalCopy, RuleRefusal, Verdict};
use domain::{Directory, MessageId, Permission, RecipientId, Refusal, SendMode, Timestamp};
use mail::{Address, Author, AuthorError, Message, MessageError, ReversePath};
use store::WriteSet;
use store::send_request::StoredRequest;

use crate::App;
use crate::acceptance::{
    Acceptance, ConflictsExceeded, DECISIONS_MAX, Ids, Writer, commit_decided,
};
use crate::bounce::Deliveries;
use crate::envelope::Envelope;
use crate::refusals::{Denial, DenialCause};
use crate::rules::{self, Candidate, Hand, Refused, Rejection, trace_details, with_changed_header};
use crate::settings::RECIPIENTS_MAX;
use crate::stamp::{Stamp, Trace, stamp};
use crate::throttle::SendLimitReached;

/// A message that an account wants to send.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The account.
    pub actor: RecipientId,
    /// The envelope as the account wants it.
    pub envelope: Envelope,
    /// The message as the account wrote it.
    pub message: Bytes,
    /// How it came, for `Received` and the trace.
    pub with: mail::Protocol,
    /// Where it came from, for the trace and the audit only.
    pub client: String,
}

/// What was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The message's identifier; what the trace is searched by.
    pub message: MessageId,
    /// Its Message-ID.
    pub internet_message_id: String,
    /// As what it was sent.
    pub mode: SendMode,
}

/// Why a message is not accepted. Nothing of it was kept, except a trace of refusals.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The gate said no to an author, or an author field cannot be read in exactly one way.
    #[error("the sender is refused")]
    Denied(Box<Denial>),
    /// The header cannot be read.
    #[error(transparent)]
    Malformed(#[from] MessageError),
    /// A recipient cannot be reached.
    #[error("the recipient {0} is refused")]
    Recipient(Address, RecipientRefusal),
    /// More than [`RECIPIENTS_MAX`], or more than a group may expand to.
    #[error("too many recipients")]
    TooManyRecipients,
    /// It has passed more servers than any message should.
    #[error("the message has passed {0} servers: it is in a loop")]
    Loop(usize),
    /// A rule of the organisation refuses the message.
    #[error("{}", .0.text)]
    Rejected(Box<Rejection>),
    /// The account has sent as much as it may for now.
    #[error("the sending limit is reached")]
    LimitReached(SendLimitReached),
    /// The directory changed again and again while it was decided.
    #[error(transparent)]
    Conflicts(#[from] ConflictsExceeded),
    /// The database failed.
    #[error(transparent)]
    Unavailable(#[from] store::Failure),
}

/// A submission with everything read from it that does not depend on the directory.
struct Draft {
    submission: Submission,
    message: Message,
    author: Result<Author, AuthorError>,
    /// Further fields that claim an author: `Sender` and the resent fields.
    claims: Result<Vec<Address>, AuthorError>,
    /// The request that the message waited in.
    request: Option<StoredRequest>,
}

/// What was decided about a draft on one version of the directory.
struct Plan {
    version: i64,
    permission: Permission,
    stamp: Stamp,
    login: String,
    represented: Address,
    expansion: Expansion,
    sent_folders: Vec<domain::FolderId>,
    /// What mail flow rules say; `None` where there is none.
    verdict: Option<Verdict>,
    reports: Vec<JournalCopy>,
}

impl App {
    /// Accepts a message or says why not. When it returns `Ok` everything is durable: the copies in
    /// our folders, the entries for the outside, the trace and the audit.
    pub async fn submit(
        &self,
        submission: Submission,
        now: Timestamp,
    ) -> Result<Accepted, SubmitError> {
        self.submit_waiting(submission, None, now).await
    }

    /// The same for the message of a request. That it went is noted in the set that accepts it, so
    /// it goes once whatever crashes.
    pub(crate) async fn submit_waiting(
        &self,
        submission: Submission,
        request: Option<StoredRequest>,
        now: Timestamp,
    ) -> Result<Accepted, SubmitError> {
        if submission.envelope.recipients.len() > RECIPIENTS_MAX {
            return Err(SubmitError::TooManyRecipients);
        }
        let message = match Message::parse(submission.message.clone()) {
            Ok(message) => message,
            Err(error) if error.hides_author() => {
                let cause = DenialCause::Malformed(error);
                let (actor, written) = (submission.actor, "(a header that cannot be read)");
                let denial = Denial::of_unreadable(&self.directory(), actor, written, cause);
                return Err(self.record_denial(denial, now).await?.into());
            }
            Err(error) => return Err(error.into()),
        };
        let hops = mail::count_received(&message);
        if hops > routing::HOPS_MAX {
            return Err(SubmitError::Loop(hops));
        }
        let author = mail::read_author(&message);
        let claims = claimed_authors(&message);
        let draft = Draft { submission, message, author, claims, request };
        for _ in 0..DECISIONS_MAX {
            match self.submit_once(&draft, now).await {
                Err(SubmitError::Conflicts(_)) => self.refresh_directory().await?,
                other => return other,
            }
        }
        Err(ConflictsExceeded.into())
    }

    /// Whether `actor` may use this reverse-path: its own, or one of a recipient that it may send
    /// as or on behalf of. The null path is anybody's.
    pub async fn may_use_reverse_path(
        &self,
        actor: RecipientId,
        path: &ReversePath,
        now: Timestamp,
    ) -> Result<(), SubmitError> {
        let Some(author) = path.address() else { return Ok(()) };
        let denied = {
            let directory = self.directory();
            let decision = gate::decide(&directory, &SendRequest { actor, author, now });
            decision
                .err()
                .map(|refusal| Denial::of_author(&directory, actor, &author.to_string(), refusal))
        };
        match denied {
            None => Ok(()),
            Some(denial) => Err(self.record_denial(denial, now).await?.into()),
        }
    }

    async fn submit_once(&self, draft: &Draft, now: Timestamp) -> Result<Accepted, SubmitError> {
        let decided = plan(&self.directory(), draft, &self.settings.hostname, now);
        let plan = match decided {
            Ok(plan) => plan,
            Err(Objection::Denied(denial)) => {
                return Err(self.record_denial(*denial, now).await?.into());
            }
            Err(Objection::Rejected(refusal)) => {
                return Err(self.reject(draft, &refusal, now).await?);
            }
            Err(Objection::Other(error)) => return Err(error),
        };
        self.accept(draft, plan, now).await
    }

    /// What the account is told of a message that a rule refuses.
    async fn reject(
        &self,
        draft: &Draft,
        refusal: &RuleRefusal,
        now: Timestamp,
    ) -> Result<SubmitError, store::Failure> {
        let login = {
            let directory = self.directory();
            directory.recipient(draft.submission.actor).map(|found| found.primary().to_string())
        };
        let author = match &draft.author {
            Ok(author) => author.address.to_string(),
            Err(_) => author_as_written(&draft.message),
        };
        let (message, login) = (&draft.message, login.as_deref());
        let refused = Refused { refusal, login, message, author: &author };
        Ok(SubmitError::Rejected(Box::new(self.record_rejection(&refused, now).await?)))
    }

    async fn accept(
        &self,
        draft: &Draft,
        plan: Plan,
        now: Timestamp,
    ) -> Result<Accepted, SubmitError> {
        let submission = &draft.submission;
        let recipients = u32::try_from(submission.envelope.recipients.len()).unwrap_or(u32::MAX);
        self.meter().check(submission.actor, recipients, now).map_err(SubmitError::LimitReached)?;
        let envelope = &submission.envelope;
        let verdict = plan.verdict.as_ref();
        let notes = verdict.map(|it| trace_details(it, envelope)).unwrap_or_default();
        let ids =
            Ids::reserve(&self.store, Acceptance::ids_needed(&plan.expansion, &notes)).await?;
        let message_id = MessageId(ids.first());
        let (content, internet_message_id) = self.finished(draft, &plan, message_id, now);
        let acceptance = Acceptance {
            message: message_id,
            content,
            internet_message_id: internet_message_id.clone(),
            author: plan.stamp.author.to_string(),
            subject: rules::subject(&draft.message, verdict),
            reverse_path: plan.stamp.reverse_path.clone(),
            envelope,
            expansion: &plan.expansion,
            writer: Writer::Account {
                id: submission.actor,
                login: &plan.login,
                client: &submission.client,
                represented: (plan.permission.mode != SendMode::Own).then_some(&plan.represented),
                mode: plan.permission.mode,
            },
            sent_folders: &plan.sent_folders,
            rules: &notes,
            blind: verdict.map(|it| it.blind.as_slice()).unwrap_or_default(),
            is_kept: false,
            retry: &self.settings.retry,
            now,
        };
        let mut set = WriteSet::new();
        store::directory::expect_version(&mut set, plan.version);
        let deliveries = Deliveries {
            reverse_path: &plan.stamp.reverse_path,
            envelope: &submission.envelope,
            expansion: &plan.expansion,
            content: &acceptance.content,
            now,
        };
        self.confirm(&mut set, &deliveries).await?;
        self.journal(&mut set, &acceptance.journaled(verdict), &plan.reports).await?;
        if let Some(request) = &draft.request {
            let sent = Some((message_id, now));
            let gone = StoredRequest { sent, has_content: false, ..request.granted() };
            store::send_request::change(&mut set, &gone);
        }
        let octets = acceptance.content.len();
        acceptance.write(&mut set, ids);
        commit_decided::<SubmitError>(&self.store, set).await?;
        self.count_delivery(&plan.expansion, octets);
        self.meter().count(submission.actor, recipients, now);
        self.last_uses.note(submission.actor, &plan.permission, now);
        Ok(Accepted { message: message_id, internet_message_id, mode: plan.permission.mode })
    }

    /// The message as it is kept and leaves: stamped, changed by rules, and signed where it goes
    /// outside. Also its Message-ID.
    fn finished(
        &self,
        draft: &Draft,
        plan: &Plan,
        id: MessageId,
        now: Timestamp,
    ) -> (Bytes, String) {
        let (content, internet_message_id) = self.stamped(draft, plan, id, now);
        let content = match &plan.verdict {
            Some(verdict) => with_changed_header(content, &verdict.header),
            None => content,
        };
        if plan.expansion.outside.is_empty() {
            return (content, internet_message_id);
        }
        (self.signing.sign(plan.stamp.author.domain(), content), internet_message_id)
    }

    fn stamped(
        &self,
        draft: &Draft,
        plan: &Plan,
        id: MessageId,
        now: Timestamp,
    ) -> (Bytes, String) {
        let id_text = id.to_string();
        let received = mail::Received {
            from: None,
            by: &self.settings.hostname,
            with: draft.submission.with,
            id: &id_text,
            for_recipient: None,
            date_ms: now.0,
            tls: None,
        };
        let unique = format!("{:x}-{:x}", now.0, id.0);
        let trace = Trace { received: &received.to_string(), unique: &unique, now };
        stamp(&draft.message, &plan.stamp, &trace)
    }

    /// Gives a refusal its reference and leaves a trace of it. The answer does not wait for the
    /// disk: nothing was accepted, so nothing can be lost but the trace of a moment.
    async fn record_denial(
        &self,
        mut denial: Denial,
        now: Timestamp,
    ) -> Result<Denial, store::Failure> {
        let id = self.store.next_id().await?;
        denial.reference = crate::refusals::reference(id, self.fill_random);
        if self.settings.public_url.is_some() {
            denial.page = Some(self.settings.page(&format!("/why/{}", denial.reference)));
        }
        let mut set = WriteSet::new();
        store::trace::record(&mut set, &denial.trace_event(id, now));
        self.later.commit(set).await;
        tracing::info!(
            login = %denial.login,
            from = %denial.author,
            reference = %denial.reference,
            reason = denial.reason(),
            "sender refused"
        );
        Ok(denial)
    }
}

impl From<Denial> for SubmitError {
    fn from(denial: Denial) -> SubmitError {
        SubmitError::Denied(Box::new(denial))
    }
}

/// Why there is no plan.
enum Objection {
    Denied(Box<Denial>),
    /// A rule refuses what the gate allowed.
    Rejected(RuleRefusal),
    Other(SubmitError),
}

/// Decides everything about a draft on the directory as it is now. Pure.
fn plan(
    directory: &Directory,
    draft: &Draft,
    hostname: &str,
    now: Timestamp,
) -> Result<Plan, Objection> {
    let version = directory.version();
    let actor_id = draft.submission.actor;
    let deny = |denial: Denial| Objection::Denied(Box::new(denial));
    let claimed = author_as_written(&draft.message);
    let unreadable = |cause| deny(Denial::of_unreadable(directory, actor_id, &claimed, cause));
    let author =
        draft.author.as_ref().map_err(|error| unreadable(DenialCause::Unreadable(*error)))?;
    let ask = |address: &Address| {
        gate::decide(directory, &SendRequest { actor: actor_id, author: address, now }).map_err(
            |refusal| deny(Denial::of_author(directory, actor_id, &address.to_string(), refusal)),
        )
    };
    let permission = ask(&author.address)?;
    let claims =
        draft.claims.as_ref().map_err(|error| unreadable(DenialCause::Unreadable(*error)))?;
    for claim in claims {
        ask(claim)?;
    }
    if let Some(path) = draft.submission.envelope.reverse_path.address() {
        ask(path)?;
    }
    let gone = || deny(Denial::of_author(directory, actor_id, &claimed, Refusal::UnknownActor));
    let actor = directory.recipient(actor_id).ok_or_else(gone)?;
    let stamp = Stamp::new(
        directory,
        &permission,
        actor,
        &author.address,
        &draft.submission.envelope.reverse_path,
    )
    .ok_or_else(gone)?;
    for to in &draft.submission.envelope.recipients {
        routing::admit(directory, &to.address, Origin::Authenticated).map_err(|refusal| {
            Objection::Other(SubmitError::Recipient(to.address.clone(), refusal))
        })?;
    }
    let represented = Some(permission.represented);
    let hand = Hand { actor: Some(actor_id), represented, author: Some(&stamp.author) };
    let Routed { verdict, expansion, reports } = route(directory, draft, &hand, (hostname, now))?;
    Ok(Plan {
        version,
        login: actor.primary().to_string(),
        represented: directory
            .recipient(permission.represented)
            .map_or_else(|| stamp.author.clone(), |r| r.primary().clone()),
        sent_folders: sent_folders(directory, &permission, actor),
        permission,
        stamp,
        expansion,
        verdict,
        reports,
    })
}

/// Where a message goes that the gate allows.
struct Routed {
    verdict: Option<Verdict>,
    expansion: Expansion,
    reports: Vec<JournalCopy>,
}

/// Asks the rules and expands the recipients.
fn route(
    directory: &Directory,
    draft: &Draft,
    hand: &Hand<'_>,
    (hostname, now): (&str, Timestamp),
) -> Result<Routed, Objection> {
    let envelope = &draft.submission.envelope;
    let candidate = Candidate { hand: *hand, envelope, message: &draft.message, hostname, now };
    let verdict = rules::verdict(directory, &candidate);
    if let Some(refusal) = verdict.as_ref().and_then(|it| it.refusal.clone()) {
        return Err(Objection::Rejected(refusal));
    }
    let expansion = rules::expanded(directory, verdict.as_ref(), envelope);
    if expansion.is_over_limit {
        return Err(Objection::Other(SubmitError::TooManyRecipients));
    }
    let reports = rules::reports(directory, hand, &expansion);
    Ok(Routed { verdict, expansion, reports })
}

/// Where copies of what was sent are kept: always in the represented mailbox, and in the person's
/// own unless the represented recipient's setting says otherwise.
fn sent_folders(
    directory: &Directory,
    permission: &Permission,
    actor: &domain::Recipient,
) -> Vec<domain::FolderId> {
    let mut folders = Vec::with_capacity(2);
    let represented = directory.recipient(permission.represented);
    if permission.mode != SendMode::Own {
        folders.extend(represented.and_then(|found| found.folders).map(|found| found.sent));
    }
    if represented.is_none_or(|found| found.settings.copies_sent_mail_to_person) {
        folders.extend(actor.folders.map(|found| found.sent));
    }
    folders
}

/// The addresses that `Sender`, `Resent-From` and `Resent-Sender` claim. Each is judged like the
/// author: a field that we remove or leave must not have said more than the account may.
fn claimed_authors(message: &Message) -> Result<Vec<Address>, AuthorError> {
    let mut claimed = Vec::new();
    if let Some(sender) = mail::read_sender(message)? {
        claimed.push(sender.address);
    }
    for name in ["Resent-From", "Resent-Sender"] {
        for field in message.fields_named(name) {
            claimed.extend(
                mail::read_mailbox_list(field.raw_value())?
                    .into_iter()
                    .map(|author| author.address),
            );
        }
    }
    Ok(claimed)
}

/// The author field as the client wrote it, for refusals of what cannot be read.
fn author_as_written(message: &Message) -> String {
    match message.first_field("From").map(|field| field.raw_value().trim()) {
        None => "(no From field)".to_owned(),
        Some("") => "(an empty From field)".to_owned(),
        Some(written) => written.to_owned(),
    }
}

pub(crate) fn subject(message: &Message) -> String {
    message.first_field("Subject").map(|field| field.decoded()).unwrap_or_default()
}
