//! Asking for a right to send, with the message that waits for it.
//!
//! A person who was refused asks those who can grant: the owners of the group, or the
//! administrators where it has none. The message stays here with the request; once somebody has
//! granted the right it goes out by itself through [`App::submit`], in the asker's name and judged
//! by the same gate. Asking gives nothing: until a grant is in force the gate says no.

mod decide;
mod notice;
mod view;

use bytes::Bytes;
use domain::gate::{self, SendRequest};
use domain::{
    AccountRole, Directory, FolderId, MemberRole, RecipientId, RecipientKind, Refusal, Timestamp,
};
use mail::{Address, Message};
use serde_json::json;
use store::audit::AuditRecord;
use store::mailbox::Reader;
use store::send_request::{self, NewSendRequest, RequestState, StoredRequest};
use store::{CommitError, UidRange, WriteSet};

use crate::App;
use crate::acceptance::{ConflictsExceeded, DECISIONS_MAX};
use crate::mailbox::{MailboxError, Rights};
use crate::settings::RECIPIENTS_MAX;
use notice::{News, Notice};

pub use decide::{
    DAYS_GRANTED, DecideError, DecideOrder, Decision, MESSAGE_GRANT_SECS, RequestOutcome, Span,
};
pub use store::send_request::{Decided, RequestState as State, StoredRequest as Request};
pub use view::{RequestView, TEXT_CHARACTERS_MAX};

/// Open requests of one person at most; a further one is refused until one is decided or withdrawn.
pub const OPEN_REQUESTS_MAX: u32 = 20;
/// Characters of what the asker says at most.
pub const WORDS_CHARACTERS_MAX: usize = 1_000;
/// Octets of a message that waits at most.
pub const WAITING_OCTETS_MAX: usize = 50 * 1024 * 1024;
/// Those who can grant are told at most so many.
const TOLD_MAX: usize = 20;

/// What somebody asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A message that is kept as a draft in a folder of the asker's.
    Draft {
        /// The folder.
        folder: FolderId,
        /// Its number there.
        uid: i64,
    },
    /// A message with its recipients.
    Message {
        /// All of it.
        content: Bytes,
        /// The envelope's recipients.
        recipients: Vec<Address>,
    },
    /// A refusal, by its reference. No message waits: only the right is asked for.
    Refusal(String),
}

/// A request to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Who asks.
    pub asker: RecipientId,
    /// About what.
    pub about: About,
    /// What the asker says to those who decide.
    pub words: String,
}

/// Why nobody is asked. Nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// There is no such draft or refusal of this person's.
    #[error("there is no such message or refusal of yours")]
    NotFound,
    /// The gate would let the message through.
    #[error("you may send from this address already: send the message")]
    NotRefused,
    /// What is missing is no right that anybody could give.
    #[error("nobody can allow this address: choose another one")]
    NotGrantable(Refusal),
    /// Nobody could decide.
    #[error(
        "nobody is there who could grant it: the group has no owner and there is no administrator"
    )]
    NobodyCanGrant,
    /// [`OPEN_REQUESTS_MAX`].
    #[error("{OPEN_REQUESTS_MAX} requests of yours are open: withdraw one first")]
    TooManyOpen,
    /// [`WORDS_CHARACTERS_MAX`].
    #[error("say it in at most {WORDS_CHARACTERS_MAX} characters")]
    WordsTooLong,
    /// [`WAITING_OCTETS_MAX`].
    #[error("the message is too large to wait: send it after the right is granted")]
    TooLarge,
    /// The header does not say who writes to whom.
    #[error("the message cannot be read: check its author and recipients")]
    Unreadable,
    /// The message has none, or more than a message may have.
    #[error("the message needs between 1 and {RECIPIENTS_MAX} recipients")]
    Recipients,
    /// The directory changed again and again.
    #[error(transparent)]
    Conflicts(#[from] ConflictsExceeded),
    /// The database failed.
    #[error(transparent)]
    Unavailable(#[from] store::Failure),
}

impl From<MailboxError> for AskError {
    fn from(error: MailboxError) -> AskError {
        match error {
            MailboxError::Unavailable(failure) => failure.into(),
            MailboxError::Conflicts(conflicts) => conflicts.into(),
            _ => AskError::NotFound,
        }
    }
}

/// What is asked for, read from a draft or a refusal.
struct Wanted {
    author: Address,
    recipients: Vec<String>,
    subject: String,
    reference: Option<String>,
    draft: Option<(FolderId, i64)>,
    content: Option<Bytes>,
}

impl App {
    /// Asks those who can grant, by mail and on their page, and keeps the message; gives the
    /// request's identifier. Asking again about the same refusal or draft gives the open request.
    pub async fn ask(&self, ask: &Ask, now: Timestamp) -> Result<i64, AskError> {
        if ask.words.chars().count() > WORDS_CHARACTERS_MAX {
            return Err(AskError::WordsTooLong);
        }
        let wanted = self.wanted(ask, now).await?;
        if let Some(open) = self.asked_already(ask.asker, &wanted).await? {
            return Ok(open);
        }
        for _ in 0..DECISIONS_MAX {
            let (represented, told) = judge(&self.directory(), ask.asker, &wanted.author, now)?;
            let id = self.store.next_id().await?;
            let new = new_request(id, ask, represented, &wanted, now);
            let mut set = WriteSet::new();
            send_request::put(&mut set, &new, OPEN_REQUESTS_MAX);
            let request = as_stored(&new);
            self.audit_request(&mut set, &request, ("New-SendRequest", None), now);
            let news = News::Asked;
            let notice = Notice { request: &request, news, to: &told, now };
            self.put_notice(&mut set, &notice).await?;
            match self.store.commit(set).await {
                Ok(()) => return Ok(id),
                Err(CommitError::Failure(failure)) => return Err(failure.into()),
                Err(error) if error.conflict() == Some("send_request_limit") => {
                    return Err(AskError::TooManyOpen);
                }
                Err(CommitError::Conflict(_)) => self.refresh_directory().await?,
            }
        }
        Err(ConflictsExceeded.into())
    }

    async fn wanted(&self, ask: &Ask, now: Timestamp) -> Result<Wanted, AskError> {
        match &ask.about {
            About::Refusal(reference) => {
                let question = self.refused_question(reference).await?;
                let question = question.filter(|question| question.user == ask.asker);
                let question = question.ok_or(AskError::NotFound)?;
                Ok(Wanted {
                    author: question.from,
                    recipients: Vec::new(),
                    subject: String::new(),
                    reference: Some(reference.trim().to_owned()),
                    draft: None,
                    content: None,
                })
            }
            About::Draft { folder, uid } => {
                let content = self.draft_content(ask.asker, (*folder, *uid), now).await?;
                let message = Message::parse(content.clone()).map_err(|_| AskError::Unreadable)?;
                let recipients = recipients_of(&message)?;
                let wanted = of_message(content, &recipients)?;
                Ok(Wanted { draft: Some((*folder, *uid)), ..wanted })
            }
            About::Message { content, recipients } => of_message(content.clone(), recipients),
        }
    }

    /// The bytes of a message that the person put into a folder that it may read.
    async fn draft_content(
        &self,
        person: RecipientId,
        (folder, uid): (FolderId, i64),
        now: Timestamp,
    ) -> Result<Bytes, AskError> {
        let place = self.place_of(person, folder, now).await?;
        place.require(Rights::READ)?;
        let range = UidRange::of(uid);
        let rows =
            store::mailbox::rows(&self.store, place.folder, Reader::Everyone, range, 1).await?;
        let row = rows.first().filter(|row| row.placed_by == Some(person));
        let row = row.ok_or(AskError::NotFound)?;
        let content = store::message::content(&self.store, row.message).await?;
        content.ok_or(AskError::NotFound)
    }

    async fn asked_already(
        &self,
        asker: RecipientId,
        wanted: &Wanted,
    ) -> Result<Option<i64>, store::Failure> {
        let mine = send_request::of_asker(&self.store, asker, view::ROWS_MAX).await?;
        let is_same = |request: &&StoredRequest| {
            let by_reference = wanted.reference.is_some() && request.reference == wanted.reference;
            let by_draft = wanted.draft.is_some() && request.draft == wanted.draft;
            request.state.is_open() && (by_reference || by_draft)
        };
        Ok(mine.iter().find(is_same).map(|request| request.id))
    }

    /// Leaves a record of what somebody did with a request: the operation and the state that the
    /// request is brought to.
    fn audit_request(
        &self,
        set: &mut WriteSet,
        request: &StoredRequest,
        (operation, by): (&str, Option<&str>),
        now: Timestamp,
    ) {
        let directory = self.directory();
        let name = |id| directory.recipient(id).map(|found| found.primary().to_string());
        let asker = name(request.asker).unwrap_or_default();
        let decided = request.decided.as_ref();
        let parameters = json!({
            "Request": request.id,
            "State": request.state.as_str(),
            "Asker": asker,
            "Author": request.author,
            "Subject": request.subject,
            "Recipients": request.recipients,
            "Right": decided.and_then(|of| of.right.as_deref()),
            "Span": decided.and_then(|of| of.span.as_deref()),
        });
        let reason = decided.map_or(request.words.as_str(), |of| of.words.as_str());
        store::audit::record(
            set,
            &AuditRecord {
                at: now,
                actor: by.map_or(asker, str::to_owned),
                operation: operation.to_owned(),
                object: name(request.represented).unwrap_or_default(),
                parameters: parameters.to_string(),
                reason: (!reason.is_empty()).then(|| reason.to_owned()),
                before: None,
                after: None,
            },
        );
    }
}

fn new_request(
    id: i64,
    ask: &Ask,
    represented: RecipientId,
    wanted: &Wanted,
    now: Timestamp,
) -> NewSendRequest {
    NewSendRequest {
        id,
        asker: ask.asker,
        represented,
        author: wanted.author.to_string(),
        recipients: wanted.recipients.clone(),
        subject: wanted.subject.clone(),
        words: ask.words.trim().to_owned(),
        reference: wanted.reference.clone(),
        draft: wanted.draft,
        content: wanted.content.clone(),
        created_at: now,
    }
}

/// A request that nobody has decided.
fn as_stored(new: &NewSendRequest) -> StoredRequest {
    StoredRequest {
        id: new.id,
        asker: new.asker,
        represented: new.represented,
        author: new.author.clone(),
        recipients: new.recipients.clone(),
        subject: new.subject.clone(),
        words: new.words.clone(),
        reference: new.reference.clone(),
        draft: new.draft,
        has_content: new.content.is_some(),
        state: RequestState::Waiting,
        revision: 0,
        created_at: new.created_at,
        decided: None,
        sent: None,
        failure: None,
    }
}

fn of_message(content: Bytes, recipients: &[Address]) -> Result<Wanted, AskError> {
    if content.len() > WAITING_OCTETS_MAX {
        return Err(AskError::TooLarge);
    }
    if recipients.is_empty() || recipients.len() > RECIPIENTS_MAX {
        return Err(AskError::Recipients);
    }
    let message = Message::parse(content.clone()).map_err(|_| AskError::Unreadable)?;
    let author = mail::read_author(&message).map_err(|_| AskError::Unreadable)?;
    Ok(Wanted {
        author: author.address,
        recipients: recipients.iter().map(ToString::to_string).collect(),
        subject: crate::submit::subject(&message),
        reference: None,
        draft: None,
        content: Some(content),
    })
}

/// Whom a draft is to: To, Cc and Bcc (RFC 5322 §3.6.3), each once.
fn recipients_of(message: &Message) -> Result<Vec<Address>, AskError> {
    let mut found: Vec<Address> = Vec::new();
    for name in ["To", "Cc", "Bcc"] {
        for field in message.fields_named(name) {
            if field.raw_value().trim().is_empty() {
                continue;
            }
            let list = mail::author::read_mailbox_list(field.raw_value());
            for to in list.map_err(|_| AskError::Unreadable)? {
                if !found.contains(&to.address) {
                    found.push(to.address);
                }
            }
        }
    }
    Ok(found)
}

/// In whose name the asker wants to send and who is told, provided that the gate refuses for want
/// of a right that somebody can give.
fn judge(
    directory: &Directory,
    asker: RecipientId,
    author: &Address,
    now: Timestamp,
) -> Result<(RecipientId, Vec<RecipientId>), AskError> {
    match gate::decide(directory, &SendRequest { actor: asker, author, now }) {
        Ok(_) => Err(AskError::NotRefused),
        Err(Refusal::NoRight(id) | Refusal::RightEnded(id, _)) => {
            let told = granters(directory, id, asker);
            if told.is_empty() { Err(AskError::NobodyCanGrant) } else { Ok((id, told)) }
        }
        Err(refusal) => Err(AskError::NotGrantable(refusal)),
    }
}

/// Who is asked: the owners of a group beside the asker, else the administrators.
fn granters(directory: &Directory, on: RecipientId, asker: RecipientId) -> Vec<RecipientId> {
    let is_active = |id: &RecipientId| {
        let account = directory.recipient(*id).and_then(|found| found.account.as_ref());
        *id != asker && account.is_some_and(|account| !account.is_disabled)
    };
    let is_group = directory.recipient(on).is_some_and(|of| of.kind == RecipientKind::Group);
    let members = directory.members_of(on).iter();
    let owners = members.filter(|of| is_group && of.role == MemberRole::Owner).map(|of| of.member);
    let mut told: Vec<RecipientId> = owners.filter(is_active).take(TOLD_MAX).collect();
    if told.is_empty() {
        let administrators = directory.recipients().filter(|found| {
            let account = found.account.as_ref();
            account.is_some_and(|account| account.role == AccountRole::Administrator)
        });
        told = administrators.map(|found| found.id).filter(is_active).take(TOLD_MAX).collect();
    }
    told
}
