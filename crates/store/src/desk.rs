//! What a team keeps about its messages: who looks after one, notes among members, who is replying,
//! and answers that are used again.
//!
//! An item belongs to a mailbox and a message, so it stays when the message is moved inside the
//! mailbox. It is changed as a whole under the next number (conflict `desk`: a colleague was
//! quicker); the changes are its history.

use domain::{FolderId, MessageId, RecipientId, Timestamp};

use crate::failure::Failure;
use crate::flags::Flags;
use crate::store::{Query, Store};
use crate::value::Row;
use crate::write_set::WriteSet;

const PUT: &str = "insert into desk_item
            (mailbox_id, message_id, revision, assignee_id, done_at, snoozed_until, answered_by,
             answered_at, answer_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (mailbox_id, message_id) do update
        set revision = excluded.revision, assignee_id = excluded.assignee_id,
            done_at = excluded.done_at, snoozed_until = excluded.snoozed_until,
            answered_by = excluded.answered_by, answered_at = excluded.answered_at,
            answer_id = excluded.answer_id";

const RECORD: &str = "insert into desk_event
            (mailbox_id, message_id, revision, actor_id, what, at)
     values ($1, $2, $3, $4, $5, $6)";

const SHOW: &str = "select mailbox_id, message_id, revision, assignee_id, done_at, snoozed_until,
            answered_by, answered_at, answer_id
       from desk_item where mailbox_id = $1 and message_id = $2";

const ADD_NOTE: &str = "insert into desk_note
            (id, mailbox_id, message_id, author_id, words, created_at)
     values ($1, $2, $3, $4, $5, $6)";

const NOTES: &str = "select id, author_id, words, created_at
       from desk_note where mailbox_id = $1 and message_id = $2 order by id limit $3";

const REPLYING: &str = "insert into desk_reply (mailbox_id, message_id, person_id, until_at)
     values ($1, $2, $3, $4)
     on conflict (mailbox_id, message_id, person_id) do update set until_at = excluded.until_at";

const NOT_REPLYING: &str =
    "delete from desk_reply where mailbox_id = $1 and message_id = $2 and person_id = $3";

const WHO_REPLIES: &str = "select person_id from desk_reply
      where mailbox_id = $1 and message_id = $2 and until_at > $3 order by person_id";

const ADD_CANNED: &str = "insert into canned_reply
            (id, mailbox_id, title, words, author_id, changed_at)
     values ($1, $2, $3, $4, $5, $6)";

const REMOVE_CANNED: &str = "delete from canned_reply where mailbox_id = $1 and id = $2";

const CANNED: &str = "select id, title, words from canned_reply
      where mailbox_id = $1 order by title, id limit $2";

// What nobody has touched has no row, so the folder is walked from its newest message down.
const UNASSIGNED: &str = "select p.uid
       from placement p
       left join desk_item i on i.mailbox_id = $1 and i.message_id = p.message_id
      where p.folder_id = $2 and p.uid < $3 and i.assignee_id is null and i.done_at is null
        and (i.snoozed_until is null or i.snoozed_until <= $4)
      order by p.uid desc limit $5";

const OF_ASSIGNEE: &str = "select p.uid
       from desk_item i
       join placement p on p.message_id = i.message_id and p.folder_id = $2
      where i.mailbox_id = $1 and i.assignee_id = $6 and i.done_at is null and p.uid < $3
        and (i.snoozed_until is null or i.snoozed_until <= $4)
      order by p.uid desc limit $5";

const FINISHED: &str = "select p.uid
       from desk_item i
       join placement p on p.message_id = i.message_id and p.folder_id = $2
      where i.mailbox_id = $1 and i.done_at is not null and i.done_at <= $4 and p.uid < $3
      order by p.uid desc limit $5";

const SNOOZED: &str = "select p.uid
       from desk_item i
       join placement p on p.message_id = i.message_id and p.folder_id = $2
      where i.mailbox_id = $1 and i.snoozed_until > $4 and p.uid < $3
      order by p.uid desc limit $5";

const TAGGED: &str = "select uid from placement
      where folder_id = $1 and uid < $2 and (flags & $3) <> 0 order by uid desc limit $4";

const RETURNING: &str = "select mailbox_id, message_id, revision, assignee_id, done_at,
            snoozed_until, answered_by, answered_at, answer_id
       from desk_item where snoozed_until <= $1 order by snoozed_until limit $2";

pub(crate) const STATEMENTS: &[&str] = &[
    UNASSIGNED,
    OF_ASSIGNEE,
    FINISHED,
    SNOOZED,
    TAGGED,
    RETURNING,
    PUT,
    RECORD,
    SHOW,
    ADD_NOTE,
    NOTES,
    REPLYING,
    NOT_REPLYING,
    WHO_REPLIES,
    ADD_CANNED,
    REMOVE_CANNED,
    CANNED,
];

/// An answer that somebody sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Who.
    pub by: RecipientId,
    /// When.
    pub at: Timestamp,
    /// The message.
    pub message: MessageId,
}

/// What is kept about one message of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeskItem {
    /// Whose mailbox.
    pub mailbox: RecipientId,
    /// The message.
    pub message: MessageId,
    /// How often it was changed.
    pub revision: i64,
    /// Who looks after it.
    pub assignee: Option<RecipientId>,
    /// Since when nothing is left to do.
    pub done_at: Option<Timestamp>,
    /// Until when it need not be looked at.
    pub snoozed_until: Option<Timestamp>,
    /// The latest answer.
    pub answer: Option<Answer>,
}

impl DeskItem {
    /// What is known of a message that nobody has touched.
    pub fn untouched(mailbox: RecipientId, message: MessageId) -> DeskItem {
        DeskItem {
            mailbox,
            message,
            revision: 0,
            assignee: None,
            done_at: None,
            snoozed_until: None,
            answer: None,
        }
    }
}

/// A note among members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its identifier.
    pub id: i64,
    /// Who wrote it.
    pub author: RecipientId,
    /// What it says.
    pub words: String,
    /// When.
    pub created_at: Timestamp,
}

/// A text that answers often begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedReply {
    /// Its identifier.
    pub id: i64,
    /// By which members choose it.
    pub title: String,
    /// The text.
    pub words: String,
}

/// Writes an item that was read at `item.revision` as it is to be, with who did what. Conflict
/// `desk`: a colleague was quicker.
pub fn put(set: &mut WriteSet, item: &DeskItem, actor: RecipientId, (what, at): (&str, Timestamp)) {
    let (mailbox, message) = (item.mailbox, item.message);
    let revision = item.revision + 1;
    set.push(
        RECORD,
        vec![mailbox.into(), message.into(), revision.into(), actor.into(), what.into(), at.into()],
    );
    set.push(
        PUT,
        vec![
            mailbox.into(),
            message.into(),
            revision.into(),
            item.assignee.into(),
            item.done_at.into(),
            item.snoozed_until.into(),
            item.answer.map(|answer| answer.by).into(),
            item.answer.map(|answer| answer.at).into(),
            item.answer.map(|answer| answer.message).into(),
        ],
    );
}

/// What is kept about a message.
pub async fn show(
    store: &Store,
    mailbox: RecipientId,
    message: MessageId,
) -> Result<DeskItem, Failure> {
    let row = store.row(SHOW, vec![mailbox.into(), message.into()]).await?;
    row.map_or_else(|| Ok(DeskItem::untouched(mailbox, message)), item)
}

/// What is kept about several messages of a mailbox, in their order. Whoever asks bounds how many.
pub async fn show_all(
    store: &Store,
    mailbox: RecipientId,
    messages: &[MessageId],
) -> Result<Vec<DeskItem>, Failure> {
    let query = |id: &MessageId| Query::new(SHOW, vec![mailbox.into(), (*id).into()]);
    let answers = store.read(messages.iter().map(query).collect()).await?;
    let items = messages.iter().zip(answers).map(|(id, rows)| {
        let row = rows.into_iter().next();
        row.map_or_else(|| Ok(DeskItem::untouched(mailbox, *id)), item)
    });
    items.collect()
}

/// Which messages of a folder are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskFilter {
    /// Open, and nobody looks after them.
    Unassigned,
    /// Open, and this person looks after them.
    Of(RecipientId),
    /// Nothing is left to do.
    Done,
    /// They come back later.
    Snoozed,
    /// They have this keyword of the folder.
    Tagged(Flags),
}

/// Up to `limit` UIDs below `before` of the messages that a filter names, the highest first.
pub async fn filtered(
    store: &Store,
    (mailbox, folder): (RecipientId, FolderId),
    filter: DeskFilter,
    (before, limit): (i64, u32),
    now: Timestamp,
) -> Result<Vec<i64>, Failure> {
    let mut params = vec![mailbox.into(), folder.into(), before.into(), now.into(), limit.into()];
    let sql = match filter {
        DeskFilter::Unassigned => UNASSIGNED,
        DeskFilter::Done => FINISHED,
        DeskFilter::Snoozed => SNOOZED,
        DeskFilter::Of(person) => {
            params.push(person.into());
            OF_ASSIGNEE
        }
        DeskFilter::Tagged(flags) => {
            params = vec![folder.into(), before.into(), flags.into(), limit.into()];
            TAGGED
        }
    };
    let rows = store.rows(sql, params).await?;
    rows.into_iter().map(|mut row| row.int()).collect()
}

/// Items whose snooze is over, the earliest first.
pub async fn returning(
    store: &Store,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<DeskItem>, Failure> {
    let rows = store.rows(RETURNING, vec![now.into(), limit.into()]).await?;
    rows.into_iter().map(item).collect()
}

/// Adds a note.
pub fn add_note(set: &mut WriteSet, of: (RecipientId, MessageId), note: &Note) {
    let params = vec![
        note.id.into(),
        of.0.into(),
        of.1.into(),
        note.author.into(),
        note.words.as_str().into(),
        note.created_at.into(),
    ];
    set.push(ADD_NOTE, params);
}

/// The first notes of a message, the oldest first.
pub async fn notes(
    store: &Store,
    of: (RecipientId, MessageId),
    limit: u32,
) -> Result<Vec<Note>, Failure> {
    let rows = store.rows(NOTES, vec![of.0.into(), of.1.into(), limit.into()]).await?;
    let note = |mut row: Row| {
        Ok(Note {
            id: row.int()?,
            author: RecipientId(row.int()?),
            words: row.text()?,
            created_at: row.at()?,
        })
    };
    rows.into_iter().map(note).collect()
}

/// Notes that somebody is replying, until a moment.
pub fn replying(
    set: &mut WriteSet,
    of: (RecipientId, MessageId),
    person: RecipientId,
    until_at: Timestamp,
) {
    set.push(REPLYING, vec![of.0.into(), of.1.into(), person.into(), until_at.into()]);
}

/// Somebody is replying no more.
pub fn not_replying(set: &mut WriteSet, of: (RecipientId, MessageId), person: RecipientId) {
    set.push(NOT_REPLYING, vec![of.0.into(), of.1.into(), person.into()]);
}

/// Who is replying now.
pub async fn who_replies(
    store: &Store,
    of: (RecipientId, MessageId),
    now: Timestamp,
) -> Result<Vec<RecipientId>, Failure> {
    let rows = store.rows(WHO_REPLIES, vec![of.0.into(), of.1.into(), now.into()]).await?;
    rows.into_iter().map(|mut row| Ok(RecipientId(row.int()?))).collect()
}

/// Adds a text to those of a mailbox.
pub fn add_canned(
    set: &mut WriteSet,
    mailbox: RecipientId,
    reply: &CannedReply,
    (author, at): (RecipientId, Timestamp),
) {
    let params = vec![
        reply.id.into(),
        mailbox.into(),
        reply.title.as_str().into(),
        reply.words.as_str().into(),
        author.into(),
        at.into(),
    ];
    set.push(ADD_CANNED, params);
}

/// Removes a text of a mailbox; nothing happens where there is none.
pub fn remove_canned(set: &mut WriteSet, mailbox: RecipientId, id: i64) {
    set.push(REMOVE_CANNED, vec![mailbox.into(), id.into()]);
}

/// The texts of a mailbox, by title.
pub async fn canned(
    store: &Store,
    mailbox: RecipientId,
    limit: u32,
) -> Result<Vec<CannedReply>, Failure> {
    let rows = store.rows(CANNED, vec![mailbox.into(), limit.into()]).await?;
    let reply =
        |mut row: Row| Ok(CannedReply { id: row.int()?, title: row.text()?, words: row.text()? });
    rows.into_iter().map(reply).collect()
}

fn item(mut row: Row) -> Result<DeskItem, Failure> {
    Ok(DeskItem {
        mailbox: RecipientId(row.int()?),
        message: MessageId(row.int()?),
        revision: row.int()?,
        assignee: row.opt_int()?.map(RecipientId),
        done_at: row.opt_at()?,
        snoozed_until: row.opt_at()?,
        answer: answer(&mut row)?,
    })
}

fn answer(row: &mut Row) -> Result<Option<Answer>, Failure> {
    let (by, at, message) = (row.opt_int()?, row.opt_at()?, row.opt_int()?);
    let Some(((by, at), message)) = by.zip(at).zip(message) else { return Ok(None) };
    Ok(Some(Answer { by: RecipientId(by), at, message: MessageId(message) }))
}
