//! Reading what is in a folder: its holes, its messages page by page, what changed.
//!
//! Every function costs what it gives, not what the folder holds. Live UIDs are those below
//! `uid_next` without the gaps, so nobody needs a list of them.

use bytes::Bytes;
use domain::{FolderId, MessageId, RecipientId, Timestamp};

use crate::columns::Columns;
use crate::failure::Failure;
use crate::flags::Flags;
use crate::folder::{self, Folder};
use crate::store::{Query, Store};
use crate::uid::UidRange;
use crate::value::Row as Owned;

const GAPS: &str = "select first_uid, last_uid from expunged
      where folder_id = $1 order by first_uid";

const GAPS_SINCE: &str = "select first_uid, last_uid from expunged
      where folder_id = $1 and modseq > $2 order by first_uid";

pub(crate) const MARKS: &str = "select p.uid, p.modseq, p.flags
       from placement p
      where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3 order by p.uid limit $4";

pub(crate) const MARKS_AS_READ: &str = "select p.uid,
            case when s.modseq > p.modseq then s.modseq else p.modseq end,
            (p.flags & -2) + coalesce(s.is_seen, p.flags & 1)
       from placement p
       left join personal_seen s
         on s.folder_id = p.folder_id and s.uid = p.uid and s.person_id = $5
      where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3 order by p.uid limit $4";

pub(crate) const ROWS: &str =
    "select p.uid, p.modseq, p.flags, p.internal_at, p.placed_at, p.placed_by,
            p.message_id, p.size_bytes
       from placement p
      where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3 order by p.uid limit $4";

pub(crate) const ROWS_AS_READ: &str = "select p.uid,
            case when s.modseq > p.modseq then s.modseq else p.modseq end,
            (p.flags & -2) + coalesce(s.is_seen, p.flags & 1), p.internal_at, p.placed_at,
            p.placed_by, p.message_id, p.size_bytes
       from placement p
       left join personal_seen s
         on s.folder_id = p.folder_id and s.uid = p.uid and s.person_id = $5
      where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3 order by p.uid limit $4";

pub(crate) const FIELDS: &str = "select p.uid, p.modseq, p.flags, p.message_id,
            m.envelope_fields, m.header_bytes
       from placement p
       left join message m on m.id = p.message_id
      where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3 order by p.uid limit $4";

pub(crate) const FIELDS_AS_READ: &str = "select p.uid,
            case when s.modseq > p.modseq then s.modseq else p.modseq end,
            (p.flags & -2) + coalesce(s.is_seen, p.flags & 1), p.message_id,
            m.envelope_fields, m.header_bytes
       from placement p
       left join personal_seen s
         on s.folder_id = p.folder_id and s.uid = p.uid and s.person_id = $5
       left join message m on m.id = p.message_id
      where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3 order by p.uid limit $4";

pub(crate) const HEADERS: &str =
    "select p.uid, p.modseq, p.flags, p.internal_at, p.placed_at, p.placed_by,
            p.message_id, p.size_bytes, m.envelope_fields, m.header_bytes
       from placement p
       left join message m on m.id = p.message_id
      where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3 order by p.uid limit $4";

pub(crate) const HEADERS_AS_READ: &str = "select p.uid,
            case when s.modseq > p.modseq then s.modseq else p.modseq end,
            (p.flags & -2) + coalesce(s.is_seen, p.flags & 1), p.internal_at, p.placed_at,
            p.placed_by, p.message_id, p.size_bytes, m.envelope_fields, m.header_bytes
       from placement p
       left join personal_seen s
         on s.folder_id = p.folder_id and s.uid = p.uid and s.person_id = $5
       left join message m on m.id = p.message_id
      where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3 order by p.uid limit $4";

// The modseq of placing ascends with the UID, so the walk down ends at the first older one.
const LAST_PLACED: &str = "select uid from placement
      where folder_id = $1 and placed_modseq <= $2 order by uid desc limit 1";

const CHANGED: &str = "select p.uid, p.modseq, p.flags, p.internal_at, p.placed_at, p.placed_by,
            p.message_id, p.size_bytes
       from placement p
      where p.folder_id = $1 and p.modseq <> p.placed_modseq and (p.modseq, p.uid) > ($2, $3)
        and p.placed_modseq <= $4
      order by p.modseq, p.uid limit $5";

const CHANGED_AS_READ: &str = "select p.uid,
            case when s.modseq > p.modseq then s.modseq else p.modseq end,
            (p.flags & -2) + coalesce(s.is_seen, p.flags & 1), p.internal_at, p.placed_at,
            p.placed_by, p.message_id, p.size_bytes, p.modseq
       from placement p
       left join personal_seen s
         on s.folder_id = p.folder_id and s.uid = p.uid and s.person_id = $6
      where p.folder_id = $1 and p.modseq <> p.placed_modseq and (p.modseq, p.uid) > ($2, $3)
        and p.placed_modseq <= $4
      order by p.modseq, p.uid limit $5";

const SEEN_CHANGED: &str = "select p.uid,
            case when s.modseq > p.modseq then s.modseq else p.modseq end,
            (p.flags & -2) + s.is_seen, p.internal_at, p.placed_at, p.placed_by, p.message_id,
            p.size_bytes, s.modseq
       from personal_seen s
       join placement p on p.folder_id = s.folder_id and p.uid = s.uid
      where s.folder_id = $1 and s.person_id = $6 and (s.modseq, s.uid) > ($2, $3)
        and p.modseq <= $4
      order by s.modseq, s.uid limit $5";

const DELETED: &str = "select uid from placement {by_deleted}
      where folder_id = $1 and (flags & 8) <> 0 and uid >= $2 and uid <= $3
      order by uid limit $4";

pub(crate) const STATEMENTS: &[&str] = &[
    GAPS,
    GAPS_SINCE,
    MARKS,
    MARKS_AS_READ,
    ROWS,
    ROWS_AS_READ,
    FIELDS,
    FIELDS_AS_READ,
    HEADERS,
    HEADERS_AS_READ,
    LAST_PLACED,
    CHANGED,
    CHANGED_AS_READ,
    SEEN_CHANGED,
    DELETED,
];

/// Whose Seen is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reader {
    /// Seen is one bit for all who read the folder.
    Everyone,
    /// Seen is personal, and this person reads.
    Person(RecipientId),
}

impl Reader {
    /// The person, where it is one.
    pub fn person(self) -> Option<RecipientId> {
        match self {
            Reader::Everyone => None,
            Reader::Person(person) => Some(person),
        }
    }
}

/// A folder at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Its counters; `unseen` is that of the reader.
    pub folder: Folder,
    /// The UIDs below `uid_next` that are gone, ascending.
    pub gaps: Vec<UidRange>,
}

/// What changes of a message in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Its number.
    pub uid: i64,
    /// The folder's modseq when it last changed for the reader.
    pub modseq: i64,
    /// Its flags as the reader sees them.
    pub flags: Flags,
}

/// A message in a folder, without anything that is in the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number.
    pub uid: i64,
    /// The folder's modseq when it last changed for the reader.
    pub modseq: i64,
    /// Its flags as the reader sees them.
    pub flags: Flags,
    /// RFC 9051 §2.3.3.
    pub internal_at: Timestamp,
    /// When it came into this folder (RFC 8514).
    pub saved_at: Timestamp,
    /// The person who put it there.
    pub placed_by: Option<RecipientId>,
    /// The message.
    pub message: MessageId,
    /// How long the message is.
    pub size_bytes: i64,
}

/// A message in a folder, with what lists show of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderRow {
    /// Its place.
    pub row: Row,
    /// The header fields of a list; `None` where the message itself must be read.
    pub envelope_fields: Option<Bytes>,
    /// How long its header section is; `None` where nobody has counted.
    pub header_bytes: Option<i64>,
}

/// A folder's counters and gaps as they are at one moment.
pub async fn open(
    store: &Store,
    folder: FolderId,
    reader: Reader,
) -> Result<Option<Opened>, Failure> {
    let queries = vec![folder::status_query(folder, reader), Query::new(GAPS, vec![folder.into()])];
    let mut answers = store.read(queries).await?.into_iter();
    let (status, gaps) = (answers.next().unwrap_or_default(), answers.next().unwrap_or_default());
    let Some(status) = status.into_iter().next() else { return Ok(None) };
    Ok(Some(Opened { folder: folder::folder(status)?, gaps: ranges(gaps)? }))
}

/// The UIDs that are gone, ascending.
pub async fn gaps(store: &Store, folder: FolderId) -> Result<Vec<UidRange>, Failure> {
    ranges(store.rows(GAPS, vec![folder.into()]).await?)
}

/// The UIDs that went after a modseq, ascending. A range may name neighbours that went before
/// (RFC 7162 §3.2.10.2 lets clients pass over them).
pub async fn gaps_since(
    store: &Store,
    folder: FolderId,
    modseq: i64,
) -> Result<Vec<UidRange>, Failure> {
    ranges(store.rows(GAPS_SINCE, vec![folder.into(), modseq.into()]).await?)
}

/// Up to `limit` messages of a range, by ascending UID.
pub async fn rows(
    store: &Store,
    folder: FolderId,
    reader: Reader,
    uids: UidRange,
    limit: u32,
) -> Result<Vec<Row>, Failure> {
    store.decoded(page((ROWS, ROWS_AS_READ), folder, reader, uids, limit), row).await
}

/// The same with what lists show.
pub async fn headers(
    store: &Store,
    folder: FolderId,
    reader: Reader,
    uids: UidRange,
    limit: u32,
) -> Result<Vec<HeaderRow>, Failure> {
    let query = page((HEADERS, HEADERS_AS_READ), folder, reader, uids, limit);
    store
        .decoded(query, |columns| {
            Ok(HeaderRow {
                row: row(columns)?,
                envelope_fields: columns.opt_bytes()?.map(Bytes::copy_from_slice),
                header_bytes: columns.opt_int()?,
            })
        })
        .await
}

/// Up to `limit` UIDs of a range whose messages are flagged `\Deleted`, ascending. Costs what it
/// gives.
pub async fn deleted(
    store: &Store,
    folder: FolderId,
    uids: UidRange,
    limit: u32,
) -> Result<Vec<i64>, Failure> {
    let params = vec![folder.into(), uids.first.into(), uids.last.into(), limit.into()];
    let rows = store.rows(DELETED, params).await?;
    rows.into_iter().map(|mut row| row.int()).collect()
}

/// What changed in a folder after a modseq, page by page: first messages that had been there, then
/// those whose Seen the reader changed, then new ones. Gone ones are in [`gaps_since`].
#[derive(Debug, Clone)]
pub struct Changes {
    folder: FolderId,
    reader: Reader,
    since: i64,
    stage: Stage,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    /// Behind this modseq and UID.
    Changed(i64, i64),
    Seen(i64, i64),
    NotYetNew,
    /// From this UID on.
    New(i64),
    Done,
}

impl Changes {
    /// The changes after `modseq`.
    pub fn since(folder: FolderId, reader: Reader, modseq: i64) -> Changes {
        Changes { folder, reader, since: modseq, stage: Stage::Changed(modseq, i64::MAX) }
    }

    /// The next page, of at most `limit` messages; empty when all are told. Within the stages the
    /// order is that of modseq, then UID. A message that changes meanwhile may come twice.
    pub async fn next(&mut self, store: &Store, limit: u32) -> Result<Vec<Row>, Failure> {
        loop {
            let page = match self.stage {
                Stage::Changed(modseq, uid) => {
                    let text = match self.reader {
                        Reader::Everyone => CHANGED,
                        Reader::Person(_) => CHANGED_AS_READ,
                    };
                    let page = self.changed(store, text, (modseq, uid), limit).await?;
                    self.stage = match (page.last(), self.reader) {
                        (Some((modseq, last)), _) => Stage::Changed(*modseq, last.uid),
                        (None, Reader::Person(_)) => Stage::Seen(self.since, i64::MAX),
                        (None, Reader::Everyone) => Stage::NotYetNew,
                    };
                    page.into_iter().map(|(_, row)| row).collect()
                }
                Stage::Seen(modseq, uid) => {
                    let page = self.changed(store, SEEN_CHANGED, (modseq, uid), limit).await?;
                    self.stage = match page.last() {
                        Some((modseq, last)) => Stage::Seen(*modseq, last.uid),
                        None => Stage::NotYetNew,
                    };
                    page.into_iter().map(|(_, row)| row).collect()
                }
                Stage::NotYetNew => {
                    let params = vec![self.folder.into(), self.since.into()];
                    let last = store.row(LAST_PLACED, params).await?;
                    let last = last.map_or(Ok(0), |mut columns| columns.int())?;
                    self.stage = Stage::New(last + 1);
                    continue;
                }
                Stage::New(first) => {
                    let uids = UidRange { first, last: i64::MAX };
                    let page = rows(store, self.folder, self.reader, uids, limit).await?;
                    self.stage = page.last().map_or(Stage::Done, |last| Stage::New(last.uid + 1));
                    page
                }
                Stage::Done => return Ok(Vec::new()),
            };
            if !page.is_empty() {
                return Ok(page);
            }
        }
    }

    /// A page of one stage, with the modseq that each row is sorted by.
    async fn changed(
        &self,
        store: &Store,
        sql: &'static str,
        (modseq, uid): (i64, i64),
        limit: u32,
    ) -> Result<Vec<(i64, Row)>, Failure> {
        let mut params =
            vec![self.folder.into(), modseq.into(), uid.into(), self.since.into(), limit.into()];
        params.extend(self.reader.person().map(Into::into));
        let is_sorted_by_row = sql == CHANGED;
        store
            .decoded(Query::new(sql, params), move |columns| {
                let row = row(columns)?;
                let sorted_by = if is_sorted_by_row { row.modseq } else { columns.int()? };
                Ok((sorted_by, row))
            })
            .await
    }
}

pub(crate) fn page(
    (everyone, person): (&'static str, &'static str),
    folder: FolderId,
    reader: Reader,
    uids: UidRange,
    limit: u32,
) -> Query {
    let mut params = vec![folder.into(), uids.first.into(), uids.last.into(), limit.into()];
    params.extend(reader.person().map(Into::into));
    Query::new(if reader.person().is_some() { person } else { everyone }, params)
}

pub(crate) fn mark(columns: &mut Columns<'_>) -> Result<Mark, Failure> {
    Ok(Mark { uid: columns.int()?, modseq: columns.int()?, flags: Flags(columns.int()?) })
}

fn row(columns: &mut Columns<'_>) -> Result<Row, Failure> {
    mark(columns).and_then(|mark| row_of(mark, columns))
}

pub(crate) fn row_of(mark: Mark, columns: &mut Columns<'_>) -> Result<Row, Failure> {
    let Mark { uid, modseq, flags } = mark;
    Ok(Row {
        uid,
        modseq,
        flags,
        internal_at: columns.at()?,
        saved_at: columns.at()?,
        placed_by: columns.opt_int()?.map(RecipientId),
        message: MessageId(columns.int()?),
        size_bytes: columns.int()?,
    })
}

fn ranges(rows: Vec<Owned>) -> Result<Vec<UidRange>, Failure> {
    rows.into_iter()
        .map(|mut columns| Ok(UidRange { first: columns.int()?, last: columns.int()? }))
        .collect()
}

#[cfg(test)]
mod tests;
