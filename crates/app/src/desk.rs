//! The team desk: who looks after a message, notes among members, who is replying, what is done.
//!
//! It is for the mailboxes that several people read: groups, channels and shared mailboxes. What
//! mail programs can show is kept as keywords too: `$Assigned`, `$Done`, `$Snoozed`, and the team's
//! own tags. Nothing of it gives anybody a right: each use goes through [`Place`].
//!
//! Two members who reply to the same message are told of each other before they write, and the one
//! who is slower once more before sending.

mod canned;
mod lists;

use domain::{MessageId, RecipientId, RecipientKind, Timestamp};
use store::desk;
use store::flag::FlagOperation;
use store::mailbox::Row;
use store::{CommitError, Flags, UidRange, WriteSet};

use crate::App;
use crate::mailbox::{MailboxError, Place, Rights, rights};

pub use canned::TITLE_CHARACTERS_MAX;
pub use store::desk::{Answer, CannedReply, DeskFilter, DeskItem, Note};

/// The keyword of a message that somebody looks after.
pub const ASSIGNED: &str = "$Assigned";
/// The keyword of a message with which nothing is left to do.
pub const DONE: &str = "$Done";
/// The keyword of a message that need not be looked at for a while.
pub const SNOOZED: &str = "$Snoozed";
/// Characters of a tag at most.
pub const TAG_CHARACTERS_MAX: usize = 40;
/// Characters of a note, or of a text that is used again, at most.
pub const WORDS_CHARACTERS_MAX: usize = 10_000;
/// Notes of one message that are shown, and texts of one mailbox.
pub const ROWS_MAX: u32 = 200;
/// Seconds for which somebody counts as replying who says nothing more.
pub const REPLYING_SECS: i64 = 120;
/// Times that an answer is noted afresh where colleagues change the same at once.
const NOTED_MAX: u32 = 5;

/// A change at the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskChange {
    /// I look after it. Somebody else's message is taken over by [`DeskChange::Assign`] only.
    Take,
    /// This person looks after it.
    Assign(RecipientId),
    /// Nobody looks after it.
    Release,
    /// Nothing is left to do.
    Done,
    /// Something is left to do.
    Reopen,
    /// It need not be looked at until then.
    Snooze(Timestamp),
}

/// What the desk knows of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskView {
    /// Who looks after it, what is done, the latest answer.
    pub item: DeskItem,
    /// The team's tags.
    pub tags: Vec<String>,
    /// Notes among members, the oldest first.
    pub notes: Vec<Note>,
    /// Who else is replying now.
    pub replying: Vec<RecipientId>,
}

/// Why something is not done at the desk.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The mailbox or the message is not there, or not for this person.
    #[error(transparent)]
    Mailbox(#[from] MailboxError),
    /// The mailbox is a person's own.
    #[error("only mailboxes of several people have a desk")]
    NotShared,
    /// Somebody looks after it already.
    #[error("a colleague looks after it already")]
    Taken(RecipientId),
    /// The person does not read this mailbox.
    #[error("only somebody who reads this mailbox can look after it")]
    NotAMember,
    /// A colleague changed the same at once.
    #[error("a colleague was quicker: look again")]
    Changed,
    /// A text is missing or too long, or no tag.
    #[error("{0}")]
    Text(&'static str),
    /// The database failed.
    #[error(transparent)]
    Unavailable(#[from] store::Failure),
}

impl App {
    /// What the desk knows of a message. A snooze that is over counts as none.
    pub async fn desk(
        &self,
        place: &Place,
        uid: i64,
        now: Timestamp,
    ) -> Result<DeskView, DeskError> {
        let row = self.desk_row(place, uid, Rights::READ).await?;
        let of = (place.mailbox, row.message);
        let mut item = desk::show(&self.store, of.0, of.1).await?;
        item.snoozed_until = item.snoozed_until.filter(|until| now < *until);
        let keywords = self.keywords(place, &[]).await?;
        let is_tag = |name: &str| !name.starts_with('$') && !name.starts_with('\\');
        let set = keywords.into_iter().filter(|keyword| row.flags.contains(keyword.flag));
        let mut replying = desk::who_replies(&self.store, of, now).await?;
        replying.retain(|person| *person != place.person);
        Ok(DeskView {
            item,
            tags: set.map(|keyword| keyword.name).filter(|name| is_tag(name)).collect(),
            notes: desk::notes(&self.store, of, ROWS_MAX).await?,
            replying,
        })
    }

    /// Changes who looks after a message or whether something is left to do. Of two at once one
    /// wins; the other is told ([`DeskError::Changed`] or [`DeskError::Taken`]).
    pub async fn desk_change(
        &self,
        place: &Place,
        uid: i64,
        change: &DeskChange,
        now: Timestamp,
    ) -> Result<DeskItem, DeskError> {
        let row = self.desk_row(place, uid, Rights::WRITE).await?;
        let before = desk::show(&self.store, place.mailbox, row.message).await?;
        let mut item = before;
        match change {
            DeskChange::Take => match before.assignee.filter(|held| *held != place.person) {
                Some(colleague) => return Err(DeskError::Taken(colleague)),
                None => item.assignee = Some(place.person),
            },
            DeskChange::Assign(person) => {
                let directory = self.directory();
                let reached = rights::reach(&directory, *person, place.mailbox, now);
                item.assignee = Some(reached.map(|_| *person).ok_or(DeskError::NotAMember)?);
            }
            DeskChange::Release => item.assignee = None,
            DeskChange::Done => (item.done_at, item.snoozed_until) = (Some(now), None),
            DeskChange::Reopen => (item.done_at, item.snoozed_until) = (None, None),
            DeskChange::Snooze(until) if *until <= now => {
                return Err(DeskError::Text("snooze it until a moment in the future"));
            }
            DeskChange::Snooze(until) => (item.done_at, item.snoozed_until) = (None, Some(*until)),
        }
        let mut set = WriteSet::new();
        desk::put(&mut set, &item, place.person, (change.name(), now));
        self.commit_desk(set).await?;
        for (name, is_set) in [
            (ASSIGNED, item.assignee.is_some()),
            (DONE, item.done_at.is_some()),
            (SNOOZED, item.snoozed_until.is_some()),
        ] {
            self.set_keyword(place, uid, (name, is_set)).await?;
        }
        Ok(DeskItem { revision: item.revision + 1, ..item })
    }

    /// Puts a tag on a message or takes it off: a keyword, which mail programs show.
    pub async fn tag(
        &self,
        place: &Place,
        uid: i64,
        (name, is_set): (&str, bool),
    ) -> Result<(), DeskError> {
        self.desk_row(place, uid, Rights::WRITE).await?;
        if !is_tag(name) {
            return Err(DeskError::Text("a tag has 1 to 40 letters, digits, - or _"));
        }
        self.set_keyword(place, uid, (name, is_set)).await
    }

    /// Adds a note that only those who read the mailbox see; it is no part of the message.
    pub async fn add_note(
        &self,
        place: &Place,
        uid: i64,
        words: &str,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        let row = self.desk_row(place, uid, Rights::WRITE).await?;
        let note = Note {
            id: self.store.next_id().await?,
            author: place.person,
            words: checked(words)?.to_owned(),
            created_at: now,
        };
        let mut set = WriteSet::new();
        desk::add_note(&mut set, (place.mailbox, row.message), &note);
        self.commit_desk(set).await
    }

    /// The person is replying, for [`REPLYING_SECS`] unless said again; gives who else is.
    pub async fn begin_reply(
        &self,
        place: &Place,
        uid: i64,
        now: Timestamp,
    ) -> Result<Vec<RecipientId>, DeskError> {
        let row = self.desk_row(place, uid, Rights::READ).await?;
        let of = (place.mailbox, row.message);
        let mut set = WriteSet::new();
        desk::replying(&mut set, of, place.person, now.plus_secs(REPLYING_SECS));
        self.commit_desk(set).await?;
        let mut others = desk::who_replies(&self.store, of, now).await?;
        others.retain(|person| *person != place.person);
        Ok(others)
    }

    /// The person stopped replying.
    pub async fn end_reply(&self, place: &Place, uid: i64) -> Result<(), DeskError> {
        let row = self.desk_row(place, uid, Rights::READ).await?;
        let mut set = WriteSet::new();
        desk::not_replying(&mut set, (place.mailbox, row.message), place.person);
        self.commit_desk(set).await
    }

    /// What a colleague answered since the person began to write. To be asked before an answer is
    /// sent: where it gives something, the person is to look at it and to confirm.
    pub async fn answered_since(
        &self,
        place: &Place,
        uid: i64,
        began_at: Timestamp,
    ) -> Result<Option<Answer>, DeskError> {
        let row = self.desk_row(place, uid, Rights::READ).await?;
        let item = desk::show(&self.store, place.mailbox, row.message).await?;
        let by_colleague = |answer: &Answer| answer.by != place.person && answer.at >= began_at;
        Ok(item.answer.filter(by_colleague))
    }

    /// An answer was sent by this person.
    pub async fn note_answer(
        &self,
        place: &Place,
        uid: i64,
        message: MessageId,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        let row = self.desk_row(place, uid, Rights::READ).await?;
        let of = (place.mailbox, row.message);
        let mut tries = 1;
        loop {
            let mut item = desk::show(&self.store, of.0, of.1).await?;
            item.answer = Some(Answer { by: place.person, at: now, message });
            let mut set = WriteSet::new();
            desk::put(&mut set, &item, place.person, ("answer", now));
            desk::not_replying(&mut set, of, place.person);
            match self.commit_desk(set).await {
                Err(DeskError::Changed) if tries < NOTED_MAX => tries += 1,
                done => break done?,
            }
        }
        if place.rights.allow(Rights::WRITE) {
            let answered = FlagOperation::Add(Flags::ANSWERED);
            self.store_flags(place, &[UidRange::of(uid)], answered, None).await?;
        }
        Ok(())
    }

    /// Whether several people work in the mailbox of a folder, so that it has a desk.
    pub fn has_desk(&self, place: &Place) -> bool {
        let kind = self.directory().recipient(place.mailbox).map(|found| found.kind);
        match kind {
            Some(RecipientKind::Group | RecipientKind::Channel | RecipientKind::SharedMailbox) => {
                true
            }
            Some(RecipientKind::User | RecipientKind::Contact) | None => false,
        }
    }

    fn require_desk(&self, place: &Place, rights: Rights) -> Result<(), DeskError> {
        if !self.has_desk(place) {
            return Err(DeskError::NotShared);
        }
        Ok(place.require(rights)?)
    }

    async fn desk_row(&self, place: &Place, uid: i64, rights: Rights) -> Result<Row, DeskError> {
        self.require_desk(place, rights)?;
        let range = UidRange::of(uid);
        let rows = store::mailbox::rows(&self.store, place.folder, place.reader, range, 1).await?;
        rows.into_iter().next().ok_or(DeskError::Mailbox(MailboxError::NotFound))
    }

    /// Sets a keyword or takes it off. One for which the folder has no bit left is passed over.
    async fn set_keyword(
        &self,
        place: &Place,
        uid: i64,
        (name, is_set): (&str, bool),
    ) -> Result<(), DeskError> {
        let wanted: &[&str] = if is_set { &[name] } else { &[] };
        let keywords = self.keywords(place, wanted).await?;
        let found = keywords.into_iter().find(|of| of.name.eq_ignore_ascii_case(name));
        let Some(keyword) = found else { return Ok(()) };
        let operation = match is_set {
            true => FlagOperation::Add(keyword.flag),
            false => FlagOperation::Remove(keyword.flag),
        };
        self.store_flags(place, &[UidRange::of(uid)], operation, None).await?;
        Ok(())
    }

    async fn commit_desk(&self, set: WriteSet) -> Result<(), DeskError> {
        match self.store.commit(set).await {
            Ok(()) => Ok(()),
            Err(CommitError::Conflict(_)) => Err(DeskError::Changed),
            Err(CommitError::Failure(failure)) => Err(failure.into()),
        }
    }
}

impl DeskChange {
    /// The name in the history.
    fn name(&self) -> &'static str {
        match self {
            DeskChange::Take => "take",
            DeskChange::Assign(_) => "assign",
            DeskChange::Release => "release",
            DeskChange::Done => "done",
            DeskChange::Reopen => "reopen",
            DeskChange::Snooze(_) => "snooze",
        }
    }
}

/// An atom that IMAP takes as a keyword (RFC 9051 §9, flag-keyword) and that is none of ours.
fn is_tag(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    !name.is_empty() && name.len() <= TAG_CHARACTERS_MAX && name.chars().all(is_letter)
}

fn checked(words: &str) -> Result<&str, DeskError> {
    let words = words.trim();
    if words.is_empty() || words.chars().count() > WORDS_CHARACTERS_MAX {
        return Err(DeskError::Text("write between 1 and 10,000 characters"));
    }
    Ok(words)
}
