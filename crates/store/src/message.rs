//! Messages: bytes kept once however many folders have them, and their places in folders.
//!
//! Taking a message appends rows and counts folders up; nothing of it costs more when more is
//! stored.

use bytes::Bytes;
use domain::{FolderId, MessageId, RecipientId, Timestamp};
use ring::digest;

use crate::event::Event;
use crate::failure::Failure;
use crate::flags::Flags;
use crate::store::{Query, Store};
use crate::value::Row;
use crate::write_set::{Rank, WriteSet};

const INSERT_BLOB: &str = "insert into blob (id, content) values ($1, $2)";

const INSERT: &str = "insert into message
            (id, hash, size_bytes, internet_message_id, author, subject, stored_at,
             envelope_fields, header_bytes)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

const COUNT_UP: &str = "update folder
        set uid_next = uid_next + 1, modseq = modseq + 1, messages = messages + 1,
            unseen = unseen + $2, deleted = deleted + $3, size_bytes = size_bytes + $4
      where id = $1";

// Without the folder the UID is null, which the table refuses: that is the conflict `folder`.
const PLACE: &str = "insert into placement
            (folder_id, uid, message_id, modseq, placed_modseq, flags, size_bytes, internal_at,
             placed_at, placed_by)
     values ($1, (select uid_next - 1 from folder where id = $1), $2,
             (select modseq from folder where id = $1), (select modseq from folder where id = $1),
             $3, $4, $5, $6, $7)";

const SHOW: &str = "select id, size_bytes, internet_message_id, author, subject, stored_at
       from message where id = $1";

const CONTENT: &str = "select content from blob where id = $1";

const CONTENT_PART: &str = "select substr(content, $2, $3) from blob where id = $1";

const ENVELOPE: &str = "select envelope_fields, header_bytes from message where id = $1";

const HASH: &str = "select hash from message where id = $1";

const LIST: &str = "select placement.uid, placement.modseq, placement.flags, placement.placed_at,
            placement.placed_by, message.id, message.size_bytes, message.internet_message_id,
            message.author, message.subject, message.stored_at
       from placement join message on message.id = placement.message_id
      where placement.folder_id = $1 and placement.uid > $2
      order by placement.uid limit $3";

const LATEST: &str = "select placement.uid, placement.modseq, placement.flags, placement.placed_at,
            placement.placed_by, message.id, message.size_bytes, message.internet_message_id,
            message.author, message.subject, message.stored_at
       from placement join message on message.id = placement.message_id
      where placement.folder_id = $1 and placement.uid < $2
      order by placement.uid desc limit $3";

const PLACES: &str = "select folder_id, uid from placement where message_id = $1
      order by folder_id, uid";

const COUNT: &str = "select messages from folder where id = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    INSERT_BLOB,
    INSERT,
    COUNT_UP,
    PLACE,
    SHOW,
    CONTENT,
    CONTENT_PART,
    ENVELOPE,
    HASH,
    LIST,
    LATEST,
    PLACES,
    COUNT,
];

/// A message to store. Its bytes never change afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Its identifier.
    pub id: MessageId,
    /// All of it, header section and body.
    pub content: Bytes,
    /// The value of Message-ID.
    pub internet_message_id: Option<String>,
    /// The author field, for listings.
    pub author: Option<String>,
    /// The subject, for listings.
    pub subject: Option<String>,
    /// When it was accepted.
    pub stored_at: Timestamp,
    /// The header fields that lists show, as they stand in the message; `None` where they are too
    /// long to be kept twice.
    pub envelope_fields: Option<Bytes>,
    /// How long the header section is, its empty line included; `None` where nobody has counted.
    pub header_bytes: Option<i64>,
}

/// What is known of a stored message without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSummary {
    /// Its identifier.
    pub id: MessageId,
    /// How long it is.
    pub size_bytes: i64,
    /// The value of Message-ID.
    pub internet_message_id: Option<String>,
    /// The author field.
    pub author: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// When it was accepted.
    pub stored_at: Timestamp,
}

/// Where to put a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlacement {
    /// The folder.
    pub folder: FolderId,
    /// The message, stored before or in the same set.
    pub message: MessageId,
    /// How long the message is.
    pub size_bytes: i64,
    /// Flags.
    pub flags: Flags,
    /// RFC 9051 §2.3.3: when it was received, or what APPEND says.
    pub internal_at: Timestamp,
    /// When.
    pub placed_at: Timestamp,
    /// The person who did it, where it was one: the members of a group see it, the outside does
    /// not.
    pub placed_by: Option<RecipientId>,
}

/// A message in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// Its number in the folder.
    pub uid: i64,
    /// The folder's modseq when the placement last changed.
    pub modseq: i64,
    /// Its flags, Seen as the folder has it.
    pub flags: Flags,
    /// When it came into the folder.
    pub placed_at: Timestamp,
    /// The person who put it there.
    pub placed_by: Option<RecipientId>,
    /// The message.
    pub message: MessageSummary,
}

/// Stores a message.
pub fn insert(set: &mut WriteSet, message: &NewMessage) {
    let hash = digest::digest(&digest::SHA256, &message.content);
    let hash = Bytes::copy_from_slice(hash.as_ref());
    // A message is smaller than 2^63 octets.
    let size_bytes = i64::try_from(message.content.len()).unwrap_or(i64::MAX);
    set.push(INSERT_BLOB, vec![message.id.into(), message.content.clone().into()]);
    set.push(
        INSERT,
        vec![
            message.id.into(),
            hash.into(),
            size_bytes.into(),
            message.internet_message_id.as_ref().into(),
            message.author.as_ref().into(),
            message.subject.as_ref().into(),
            message.stored_at.into(),
            message.envelope_fields.clone().into(),
            message.header_bytes.into(),
        ],
    );
}

/// Puts a message into a folder, under the folder's next UID. Conflict `folder`: it does not exist.
pub fn place(set: &mut WriteSet, placement: &NewPlacement) {
    let rank = Rank::Folder(placement.folder);
    let is_unseen = !placement.flags.contains(Flags::SEEN);
    let is_deleted = placement.flags.contains(Flags::DELETED);
    set.push_ranked(
        rank,
        COUNT_UP,
        vec![
            placement.folder.into(),
            is_unseen.into(),
            is_deleted.into(),
            placement.size_bytes.into(),
        ],
    );
    set.push_ranked(
        rank,
        PLACE,
        vec![
            placement.folder.into(),
            placement.message.into(),
            placement.flags.into(),
            placement.size_bytes.into(),
            placement.internal_at.into(),
            placement.placed_at.into(),
            placement.placed_by.into(),
        ],
    );
    set.publish(Event::FolderChanged { folder: placement.folder });
}

/// What is known of a message.
pub async fn show(store: &Store, id: MessageId) -> Result<Option<MessageSummary>, Failure> {
    store.row(SHOW, vec![id.into()]).await?.as_mut().map(summary).transpose()
}

/// The bytes of several messages in one question, in their order; `None` where one is not there.
/// Whoever asks bounds how much that is.
pub async fn contents(
    store: &Store,
    messages: &[MessageId],
) -> Result<Vec<Option<Bytes>>, Failure> {
    let queries = messages.iter().map(|id| Query::new(CONTENT, vec![(*id).into()])).collect();
    let answers = store.read(queries).await?;
    answers
        .into_iter()
        .map(|rows| rows.into_iter().next().map(|mut row| row.blob()).transpose())
        .collect()
}

/// The bytes of a message.
pub async fn content(store: &Store, id: MessageId) -> Result<Option<Bytes>, Failure> {
    store.row(CONTENT, vec![id.into()]).await?.map(|mut row| row.blob()).transpose()
}

/// Octets of a message from `offset` on, at most `length`; fewer where it ends before, none behind
/// its end. On PostgreSQL only these are read; SQLite walks through the pages before them.
pub async fn content_part(
    store: &Store,
    id: MessageId,
    offset: u32,
    length: u32,
) -> Result<Option<Bytes>, Failure> {
    // SQL counts from 1.
    let from = i64::from(offset) + 1;
    let params = vec![id.into(), from.into(), length.into()];
    store.row(CONTENT_PART, params).await?.map(|mut row| row.blob()).transpose()
}

/// The header fields that lists show, and the length of the header section, where they are kept.
pub async fn envelope(
    store: &Store,
    id: MessageId,
) -> Result<Option<(Option<Bytes>, Option<i64>)>, Failure> {
    let row = store.row(ENVELOPE, vec![id.into()]).await?;
    row.map(|mut row| Ok((row.opt_blob()?, row.opt_int()?))).transpose()
}

/// Whether the bytes of a message are those that were stored; `None` where there is no message.
pub async fn is_intact(store: &Store, id: MessageId) -> Result<Option<bool>, Failure> {
    let queries = [HASH, CONTENT].into_iter().map(|sql| Query::new(sql, vec![id.into()])).collect();
    let mut answers = store.read(queries).await?.into_iter().map(|rows| rows.into_iter().next());
    let Some(mut hash) = answers.next().flatten() else { return Ok(None) };
    let Some(mut content) = answers.next().flatten() else { return Ok(Some(false)) };
    let found = digest::digest(&digest::SHA256, &content.blob()?);
    Ok(Some(found.as_ref() == hash.blob()?))
}

/// Up to `limit` messages of a folder with UIDs above `after_uid`, the lowest first.
pub async fn list(
    store: &Store,
    folder: FolderId,
    after_uid: i64,
    limit: u32,
) -> Result<Vec<Placement>, Failure> {
    page(store, LIST, (folder, after_uid, limit)).await
}

/// Up to `limit` messages of a folder with UIDs below `before_uid`, the highest first.
/// `i64::MAX` begins with the newest.
pub async fn latest(
    store: &Store,
    folder: FolderId,
    before_uid: i64,
    limit: u32,
) -> Result<Vec<Placement>, Failure> {
    page(store, LATEST, (folder, before_uid, limit)).await
}

/// How many messages a folder has; none where there is no such folder.
pub async fn count(store: &Store, folder: FolderId) -> Result<i64, Failure> {
    store.row(COUNT, vec![folder.into()]).await?.map_or(Ok(0), |mut row| row.int())
}

/// The folders that have a message, with its UID in each.
pub async fn places(store: &Store, id: MessageId) -> Result<Vec<(FolderId, i64)>, Failure> {
    let rows = store.rows(PLACES, vec![id.into()]).await?;
    rows.into_iter().map(|mut row| Ok((FolderId(row.int()?), row.int()?))).collect()
}

async fn page(
    store: &Store,
    sql: &'static str,
    (folder, uid, limit): (FolderId, i64, u32),
) -> Result<Vec<Placement>, Failure> {
    let rows = store.rows(sql, vec![folder.into(), uid.into(), limit.into()]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Placement {
                uid: row.int()?,
                modseq: row.int()?,
                flags: Flags(row.int()?),
                placed_at: row.at()?,
                placed_by: row.opt_int()?.map(RecipientId),
                message: summary(&mut row)?,
            })
        })
        .collect()
}

fn summary(row: &mut Row) -> Result<MessageSummary, Failure> {
    Ok(MessageSummary {
        id: MessageId(row.int()?),
        size_bytes: row.int()?,
        internet_message_id: row.opt_text()?,
        author: row.opt_text()?,
        subject: row.opt_text()?,
        stored_at: row.at()?,
    })
}
