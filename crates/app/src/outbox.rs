//! Drafts on the server, and messages that wait a moment before they go out, so that a person can
//! take them back.
//!
//! A message that waits is a draft in the person's own Drafts folder with a note beside it of when
//! it goes; the note is an annotation that only the server writes. So nothing is lost when the
//! process ends: the next one finds the notes. A message that is refused then stays a draft, and
//! the note says why. Sending goes through [`App::submit`] like everything else.
//!
//! A crash in the moment between acceptance and the end of the note sends a message twice rather
//! than not at all.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use bytes::{BufMut as _, Bytes, BytesMut};
use domain::routing::{self, Origin};
use domain::{FolderId, MessageId, RecipientId, Timestamp};
use mail::envelope::EnvelopeAddress;
use mail::raw_field::{raw_field, raw_fields, split_header};
use mail::{Address, Domain, Message, ReversePath};
use serde::{Deserialize, Serialize};
use store::annotation::{self, Scope};
use store::folder::FolderRole;
use store::mailbox::Row;
use store::{CommitError, Flags, UidRange, WriteSet};
use tokio::sync::Notify;

use crate::App;
use crate::desk::{Answer, DeskError};
use crate::envelope::{Envelope, EnvelopeRecipient};
use crate::mailbox::change::Brought;
use crate::mailbox::{MailboxError, Place};
use crate::reading::{Folder, Marking};
use crate::submit::{Submission, SubmitError};

/// Seconds for which a message can be taken back.
pub const HOLD_SECS: i64 = 10;
/// Seconds after which a process sends what another one should have sent.
pub const OVERDUE_SECS: i64 = 30;
/// Seconds until a message is tried again that the database could not take.
const RETRY_SECS: i64 = 15;
/// The field of a draft that names the message which it answers, as `folder/uid`, or
/// `folder/uid/began` with when the person last looked at it, in milliseconds since 1970. It does
/// not leave.
pub const ANSWERS_FIELD: &str = "X-Guichet-Answers";
/// The fields of a draft that are not sent: the blind copies, ours, and the date of the draft.
const UNSENT_FIELDS: [&str; 3] = ["Bcc", ANSWERS_FIELD, "Date"];
/// The entries of the notes; the UID of the draft follows.
const ENTRY: &str = "/vendor/guichet/sending/";

/// What is written beside a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendState {
    /// It goes out at `send_at_ms`.
    Held {
        /// Milliseconds since 1970.
        send_at_ms: i64,
        /// Where the person sat, for the trace and the audit.
        client: String,
    },
    /// It was refused.
    Refused(SendRefusal),
}

/// Why a draft did not go out, and what helps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendRefusal {
    /// The cause, from the closed list of [`Denial::reason`](crate::refusals::Denial::reason), or
    /// `recipient`, or `answered` where a colleague answered the same message, or `other`.
    pub reason: String,
    /// What is wrong and what to do.
    pub text: String,
    /// Whose right is missing, or the recipient that cannot be reached: an address.
    pub represented: Option<String>,
    /// Who may be asked for it.
    pub owners: Vec<String>,
    /// What `guichet diagnose --ref` opens.
    pub reference: Option<String>,
}

impl SendRefusal {
    fn of(error: &SubmitError) -> SendRefusal {
        match error {
            SubmitError::Denied(denial) => SendRefusal {
                reason: denial.reason().to_owned(),
                text: denial.advice(),
                represented: denial.represented.clone(),
                owners: denial.owners.clone(),
                reference: Some(denial.reference.clone()),
            },
            SubmitError::Rejected(rejection) => SendRefusal {
                reason: crate::rules::RULE_REASON.to_owned(),
                text: rejection.text.clone(),
                represented: None,
                owners: Vec::new(),
                reference: Some(rejection.reference.clone()),
            },
            SubmitError::Recipient(address, _) => SendRefusal {
                reason: "recipient".to_owned(),
                text: error.to_string(),
                represented: Some(address.to_string()),
                owners: Vec::new(),
                reference: None,
            },
            other => SendRefusal::plain("other", other.to_string()),
        }
    }

    fn plain(reason: &str, text: String) -> SendRefusal {
        SendRefusal {
            reason: reason.to_owned(),
            text,
            represented: None,
            owners: Vec::new(),
            reference: None,
        }
    }
}

/// A message that waits in this process.
type Due = (Timestamp, RecipientId, FolderId, i64);

/// What waits, and whose turn it is.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    due: Mutex<BTreeSet<Due>>,
    /// Held while a note is decided on: taking back and sending exclude each other.
    turn: tokio::sync::Mutex<()>,
    changed: Notify,
}

impl Outbox {
    fn due(&self) -> std::sync::MutexGuard<'_, BTreeSet<Due>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// The person's folder for drafts.
    pub async fn drafts(
        &self,
        person: RecipientId,
        now: Timestamp,
    ) -> Result<(Folder, Place), MailboxError> {
        let folder = self.folder_of_role(person, FolderRole::Drafts).await?;
        let folder = folder.ok_or(MailboxError::NotFound)?;
        let place = self.place(person, &folder, now)?;
        Ok((folder, place))
    }

    /// Letters and digits that occur nowhere else, for the boundaries of a message.
    pub fn boundary(&self) -> String {
        let mut random = [0u8; 12];
        (self.fill_random)(&mut random);
        random.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// Keeps a draft, in the place of another one. Gives its UID.
    pub async fn save_draft(
        &self,
        person: RecipientId,
        replaced_uid: Option<i64>,
        content: Bytes,
        now: Timestamp,
    ) -> Result<i64, MailboxError> {
        let (_, place) = self.drafts(person, now).await?;
        let flags = Flags::DRAFT.with(Flags::SEEN);
        let brought = Brought { content, flags, internal_at: None };
        let appended = self.append(&place, vec![brought], now).await?;
        let uid = appended.first().map(|appended| appended.uid).ok_or(MailboxError::NotFound)?;
        if let Some(old) = replaced_uid {
            self.discard_draft(person, old, now).await?;
        }
        Ok(uid)
    }

    /// A draft of the person.
    pub async fn draft(
        &self,
        person: RecipientId,
        uid: i64,
        now: Timestamp,
    ) -> Result<(Row, Bytes), MailboxError> {
        let (_, place) = self.drafts(person, now).await?;
        self.message(&place, uid).await
    }

    /// Takes a draft away for good, with what is noted of it.
    pub async fn discard_draft(
        &self,
        person: RecipientId,
        uid: i64,
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        let (folder, place) = self.drafts(person, now).await?;
        let _turn = self.outbox.turn.lock().await;
        self.note(person, folder.id, uid, None).await?;
        self.purge(&place, &[UidRange::of(uid)], now).await
    }

    /// Whether the gate lets a person write under this address, and whether the recipients exist.
    /// Asked before a message waits; acceptance asks again.
    pub async fn may_send(
        &self,
        person: RecipientId,
        author: &Address,
        recipients: &[Address],
        now: Timestamp,
    ) -> Result<(), SubmitError> {
        let path = ReversePath::Address(author.clone());
        self.may_use_reverse_path(person, &path, now).await?;
        let directory = self.directory();
        for to in recipients {
            routing::admit(&directory, to, Origin::Authenticated)
                .map_err(|refusal| SubmitError::Recipient(to.clone(), refusal))?;
        }
        Ok(())
    }

    /// Lets a draft go out at a moment.
    pub async fn hold(
        &self,
        person: RecipientId,
        uid: i64,
        (send_at, client): (Timestamp, &str),
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        let (folder, place) = self.drafts(person, now).await?;
        self.message(&place, uid).await?;
        let state = SendState::Held { send_at_ms: send_at.0, client: client.to_owned() };
        self.note(person, folder.id, uid, Some(&state)).await?;
        self.outbox.due().insert((send_at, person, folder.id, uid));
        self.outbox.changed.notify_one();
        Ok(())
    }

    /// Notes beside a draft why it was not sent.
    pub async fn keep_refusal(
        &self,
        person: RecipientId,
        uid: i64,
        error: &SubmitError,
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        let (folder, _) = self.drafts(person, now).await?;
        let state = SendState::Refused(SendRefusal::of(error));
        self.note(person, folder.id, uid, Some(&state)).await
    }

    /// Takes back a message that waits. False: it has gone already.
    pub async fn take_back(
        &self,
        person: RecipientId,
        uid: i64,
        now: Timestamp,
    ) -> Result<bool, MailboxError> {
        let (folder, _) = self.drafts(person, now).await?;
        let _turn = self.outbox.turn.lock().await;
        let states = self.states_in(person, folder.id).await?;
        let is_held =
            states.iter().any(|(of, state)| *of == uid && matches!(state, SendState::Held { .. }));
        if is_held {
            self.note(person, folder.id, uid, None).await?;
        }
        Ok(is_held)
    }

    /// What is noted of the person's drafts, by UID. Notes of drafts that are gone go too.
    pub async fn send_states(
        &self,
        person: RecipientId,
        now: Timestamp,
    ) -> Result<Vec<(i64, SendState)>, MailboxError> {
        let (folder, place) = self.drafts(person, now).await?;
        let mut states = Vec::new();
        for (uid, state) in self.states_in(person, folder.id).await? {
            let of = UidRange::of(uid);
            let drafts = store::mailbox::rows(&self.store, place.folder, place.reader, of, 1);
            if drafts.await?.is_empty() {
                // The draft went another way: sent when a right was granted, or deleted.
                self.note(person, folder.id, uid, None).await?;
            } else {
                states.push((uid, state));
            }
        }
        Ok(states)
    }

    /// Sends what is due in this process. Gives when the next one is.
    pub async fn send_due(&self, now: Timestamp) -> Option<Timestamp> {
        loop {
            let first = {
                let mut due = self.outbox.due();
                let first = due.first().copied()?;
                if first.0 > now {
                    return Some(first.0);
                }
                due.pop_first();
                first
            };
            let (_, person, folder, uid) = first;
            if let Err(failure) = self.send_held(person, folder, uid, now).await {
                tracing::error!(%failure, uid, "a message that waits could not be sent yet");
                let again_at = now.plus_secs(RETRY_SECS);
                self.outbox.due().insert((again_at, person, folder, uid));
            }
        }
    }

    /// Sends what is due for long: what a process that ended left.
    pub async fn send_overdue(&self, now: Timestamp) -> Result<(), MailboxError> {
        for (scope, found) in annotation::starting_with(&self.store, ENTRY).await? {
            let (Some(folder), Some(person)) = (scope.folder, scope.person) else { continue };
            let Some((uid, state)) = read_note(&found) else { continue };
            let SendState::Held { send_at_ms, .. } = state else { continue };
            if now.secs_since(Timestamp(send_at_ms)) >= OVERDUE_SECS {
                self.send_held(person, folder, uid, now).await?;
            }
        }
        Ok(())
    }

    /// Waits until something new waits to be sent.
    pub async fn outbox_changed(&self) {
        self.outbox.changed.notified().await;
    }

    async fn send_held(
        &self,
        person: RecipientId,
        folder: FolderId,
        uid: i64,
        now: Timestamp,
    ) -> Result<(), MailboxError> {
        let _turn = self.outbox.turn.lock().await;
        let states = self.states_in(person, folder).await?;
        let state = states.into_iter().find(|(of, _)| *of == uid);
        let Some((_, SendState::Held { client, .. })) = state else { return Ok(()) };
        let found = match self.folder(person, folder, now).await {
            Ok((_, place)) => self.message(&place, uid).await.map(|found| (place, found)),
            Err(error) => Err(error),
        };
        let (place, (_, content)) = match found {
            Ok(found) => found,
            // The person threw the draft away, or is gone.
            Err(MailboxError::NotFound) => return self.note(person, folder, uid, None).await,
            Err(error) => return Err(error),
        };
        if self.answered_meanwhile(person, &content, now).await?.is_some() {
            let text = "a colleague answered the same message meanwhile: look at it first";
            let state = SendState::Refused(SendRefusal::plain("answered", text.to_owned()));
            return self.note(person, folder, uid, Some(&state)).await;
        }
        match self.submit_draft(person, &content, &client, now).await {
            Ok(message) => {
                self.note(person, folder, uid, None).await?;
                self.purge(&place, &[UidRange::of(uid)], now).await?;
                self.mark_answered(person, &content, (message, now)).await
            }
            Err(SubmitError::Unavailable(failure)) => Err(failure.into()),
            Err(SubmitError::Conflicts(conflicts)) => Err(conflicts.into()),
            Err(error) => {
                let state = SendState::Refused(SendRefusal::of(&error));
                self.note(person, folder, uid, Some(&state)).await
            }
        }
    }

    async fn submit_draft(
        &self,
        person: RecipientId,
        content: &Bytes,
        client: &str,
        now: Timestamp,
    ) -> Result<MessageId, SubmitError> {
        let author = Message::parse(content.clone())
            .ok()
            .and_then(|message| mail::read_author(&message).ok().map(|author| author.address));
        let recipients = recipients(content).into_iter().map(EnvelopeRecipient::new).collect();
        let submission = Submission {
            actor: person,
            envelope: Envelope {
                // An author that cannot be read is refused by acceptance.
                reverse_path: author.map_or(ReversePath::Null, ReversePath::Address),
                recipients,
                envelope_id: None,
            },
            message: outgoing(content, now),
            with: mail::Protocol::Http,
            client: client.to_owned(),
        };
        self.submit(submission, now).await.map(|accepted| accepted.message)
    }

    /// What a colleague answered to the message that a draft answers, since its person last looked
    /// at that. `None` where the mailbox has no desk, or the message is gone or out of reach.
    pub async fn answered_meanwhile(
        &self,
        person: RecipientId,
        content: &[u8],
        now: Timestamp,
    ) -> Result<Option<Answer>, MailboxError> {
        let Some(answered) = answered(content) else { return Ok(None) };
        let Some(began_at) = answered.began_at else { return Ok(None) };
        let found = async {
            let (_, place) = self.folder(person, answered.folder, now).await?;
            self.answered_since(&place, answered.uid, began_at).await
        };
        match found.await {
            Ok(found) => Ok(found),
            Err(error) => passed_over(error).map(|()| None),
        }
    }

    /// Flags the message that a draft answers, and tells its desk. Where it is gone, or out of
    /// reach, nothing is to do.
    async fn mark_answered(
        &self,
        person: RecipientId,
        content: &[u8],
        (message, now): (MessageId, Timestamp),
    ) -> Result<(), MailboxError> {
        let Some(Answered { folder, uid, .. }) = answered(content) else { return Ok(()) };
        let done = async {
            let (_, place) = self.folder(person, folder, now).await?;
            if self.has_desk(&place) {
                return self.note_answer(&place, uid, message, now).await;
            }
            self.mark(&place, &[UidRange::of(uid)], Marking::Add(Flags::ANSWERED)).await?;
            Ok(())
        };
        done.await.or_else(passed_over)
    }

    async fn states_in(
        &self,
        person: RecipientId,
        folder: FolderId,
    ) -> Result<Vec<(i64, SendState)>, MailboxError> {
        let scope = Scope { folder: Some(folder), person: Some(person) };
        let notes = annotation::list(&self.store, scope).await?;
        Ok(notes.iter().filter_map(read_note).collect())
    }

    async fn note(
        &self,
        person: RecipientId,
        folder: FolderId,
        uid: i64,
        state: Option<&SendState>,
    ) -> Result<(), MailboxError> {
        let scope = Scope { folder: Some(folder), person: Some(person) };
        let value = state.and_then(|state| serde_json::to_vec(state).ok()).map(Bytes::from);
        let mut set = WriteSet::new();
        annotation::put(&mut set, scope, &format!("{ENTRY}{uid}"), value);
        match self.store.commit(set).await {
            Ok(()) => Ok(()),
            Err(CommitError::Failure(failure)) => Err(failure.into()),
            Err(CommitError::Conflict(_)) => Err(MailboxError::NotFound),
        }
    }
}

fn read_note(found: &annotation::Annotation) -> Option<(i64, SendState)> {
    let uid = found.entry.strip_prefix(ENTRY)?.parse().ok()?;
    Some((uid, serde_json::from_slice(&found.value).ok()?))
}

/// Lets pass what only says that a message cannot be reached any more.
fn passed_over(error: DeskError) -> Result<(), MailboxError> {
    match error {
        DeskError::Mailbox(MailboxError::NotFound | MailboxError::NotAllowed)
        | DeskError::NotShared
        | DeskError::NotAMember
        | DeskError::Taken(_)
        | DeskError::Changed
        | DeskError::Text(_) => Ok(()),
        DeskError::Mailbox(error) => Err(error),
        DeskError::Unavailable(failure) => Err(failure.into()),
    }
}

/// The message that a draft answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// The folder.
    pub folder: FolderId,
    /// Its number there.
    pub uid: i64,
    /// When the person last looked at it, where that is known.
    pub began_at: Option<Timestamp>,
}

/// The message that a draft answers.
pub fn answered(content: &[u8]) -> Option<Answered> {
    let (end, _) = split_header(content);
    let text = raw_field(&content[..end], ANSWERS_FIELD)?.unfolded();
    let mut numbers = text.trim().split('/').map(|number| number.parse::<i64>().ok());
    Some(Answered {
        folder: FolderId(numbers.next()??),
        uid: numbers.next()??,
        began_at: numbers.next().flatten().map(Timestamp),
    })
}

/// Whom a draft goes to: the addresses of To, Cc and Bcc, each once. What is no address is passed
/// over.
pub fn recipients(content: &[u8]) -> Vec<Address> {
    named_in(content, &["To", "Cc", "Bcc"])
}

/// The addresses that fields of these names have, each once.
pub(crate) fn named_in(content: &[u8], names: &[&str]) -> Vec<Address> {
    let (end, _) = split_header(content);
    let mut found: Vec<Address> = Vec::new();
    for name in names {
        for field in raw_fields(&content[..end]).filter(|field| field.is(name)) {
            for one in mail::envelope::addresses(&field.unfolded()) {
                let EnvelopeAddress::Mailbox { local, domain, .. } = one else { continue };
                let Ok(domain) = Domain::parse(&domain) else { continue };
                let Ok(address) = Address::new(&local, domain) else { continue };
                if !found.contains(&address) {
                    found.push(address);
                }
            }
        }
    }
    found
}

/// The draft as it leaves: without what is only for us, dated now.
fn outgoing(content: &Bytes, now: Timestamp) -> Bytes {
    let (end, body) = split_header(content);
    let mut out = BytesMut::with_capacity(content.len() + 64);
    out.put_slice(format!("Date: {}\r\n", mail::rfc5322_date(now.0)).as_bytes());
    for field in raw_fields(&content[..end]) {
        if !UNSENT_FIELDS.iter().any(|name| field.is(name)) {
            out.put_slice(field.whole);
        }
    }
    out.put_slice(b"\r\n");
    out.put_slice(&content[body..]);
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAFT: &[u8] = b"X-Guichet-Answers: 7/9\r\nDate: old\r\nFrom: a@x.example\r\n\
        To: B <b@x.example>, b@x.example\r\nBcc: c@x.example,\r\n d@x.example\r\n\
        Subject: s\r\n\r\nBcc: stays\r\n";

    #[test]
    fn what_is_only_for_us_does_not_leave() {
        let sent = outgoing(&Bytes::from_static(DRAFT), Timestamp(0));
        let sent = String::from_utf8_lossy(&sent).into_owned();
        let expected = "Date: Thu, 1 Jan 1970 00:00:00 +0000\r\nFrom: a@x.example\r\n\
            To: B <b@x.example>, b@x.example\r\nSubject: s\r\n\r\nBcc: stays\r\n";
        assert_eq!(sent, expected);
    }

    #[test]
    fn a_draft_says_whom_it_goes_to_and_what_it_answers() {
        let to: Vec<String> = recipients(DRAFT).iter().map(ToString::to_string).collect();
        assert_eq!(to, ["b@x.example", "c@x.example", "d@x.example"]);
        let known = Answered { folder: FolderId(7), uid: 9, began_at: None };
        assert_eq!(answered(DRAFT), Some(known));
        let began = answered(b"X-Guichet-Answers: 7/9/1790000000000\r\n\r\n");
        assert_eq!(began, Some(Answered { began_at: Some(Timestamp(1_790_000_000_000)), ..known }));
        assert_eq!(answered(b"X-Guichet-Answers: 7\r\n\r\n"), None);
    }
}
