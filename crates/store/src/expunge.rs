//! Expunging: messages leave a folder, and what has no place any more leaves the database.
//!
//! A folder's holes are written as ranges; neighbours become one. A message that lost a place is
//! noted, and [`reap`] deletes its bytes if nothing needs it: no folder has it and no entry of the
//! queue. Once that is so it stays so, because a message comes into another folder only from one
//! that has it, whose row is held meanwhile.

use domain::{FolderId, MessageId, Timestamp};

use crate::event::Event;
use crate::failure::CommitError;
use crate::flag::{MODSEQ, RAISE_MODSEQ};
use crate::folder;
use crate::mailbox;
use crate::piece::{
    ANSWERED_CHANGED, ANSWERED_MODSEQ, Answers, PIECE_MESSAGES_MAX, PIECE_RANGES_MAX, Pieces,
};
use crate::store::Store;
use crate::uid::{self, UidRange};
use crate::value::Value;
use crate::write_set::{Rank, WriteSet};

// In these $4 are flags that a message must have to go; 0 lets all go.
const COUNT_DOWN: &str = "update folder
        set messages = folder.messages - gone.messages_less,
            unseen = folder.unseen - gone.unseen_less,
            deleted = folder.deleted - gone.deleted_less,
            size_bytes = folder.size_bytes - gone.bytes_less
       from (select count(*) as messages_less,
                    coalesce(cast(sum(1 - (flags & 1)) as {int}), 0) as unseen_less,
                    coalesce(cast(sum((flags & 8) / 8) as {int}), 0) as deleted_less,
                    coalesce(cast(sum(size_bytes) as {int}), 0) as bytes_less
               from placement
              where folder_id = $1 and uid >= $2 and uid <= $3 and (flags & $4) = $4) as gone
      where folder.id = $1";

const COUNT_READERS: &str = "update folder_reader
        set unseen_difference = unseen_difference - coalesce((
            select cast(sum((p.flags & 1) - s.is_seen) as {int})
              from personal_seen s
              join placement p on p.folder_id = s.folder_id and p.uid = s.uid
             where s.folder_id = $1 and s.person_id = folder_reader.person_id
               and s.uid >= $2 and s.uid <= $3 and (p.flags & $4) = $4), 0)
      where folder_id = $1";

const FORGET_SEEN: &str = "delete from personal_seen
      where folder_id = $1 and uid >= $2 and uid <= $3
        and exists (select 1 from placement p
                     where p.folder_id = personal_seen.folder_id and p.uid = personal_seen.uid
                       and (p.flags & $4) = $4)";

const NOTE_LOST: &str = "insert into lost_place (message_id, folder_id, uid)
     select message_id, folder_id, uid from placement
      where folder_id = $1 and uid >= $2 and uid <= $3 and (flags & $4) = $4";

const REMOVE: &str = "delete from placement
      where folder_id = $1 and uid >= $2 and uid <= $3 and (flags & $4) = $4
     returning 2, uid";

// The holes between the last live message before the range and the first one behind it.
const DIG: &str = "insert into expunged (folder_id, first_uid, last_uid, modseq)
     select f.id, live.uid + 1, live.next_uid - 1, f.modseq
       from (select uid, lead(uid) over (order by uid) as next_uid
               from (select coalesce((select uid from placement
                                       where folder_id = $1 and uid < $2
                                       order by uid desc limit 1), 0) as uid
                     union all
                     select uid from placement where folder_id = $1 and uid >= $2 and uid <= $3
                     union all
                     select coalesce((select uid from placement
                                       where folder_id = $1 and uid > $3
                                       order by uid limit 1),
                                     (select uid_next from folder where id = $1))) as uids) as live
       join folder f on f.id = $1
      where live.next_uid > live.uid + 1
     on conflict (folder_id, first_uid)
        do update set last_uid = excluded.last_uid, modseq = excluded.modseq
         where expunged.last_uid <> excluded.last_uid";

// A hole whose lower neighbour is gone is part of a larger one.
const MERGE: &str = "delete from expunged
      where folder_id = $1 and first_uid >= $2 and first_uid <= $3 and first_uid > 1
        and not exists (select 1 from placement
                         where placement.folder_id = expunged.folder_id
                           and placement.uid = expunged.first_uid - 1)";

const OLDEST: &str = "select uid, placed_at from placement
      where folder_id = $1 order by uid limit $2";

const LOST: &str = "select l.message_id, l.folder_id, l.uid,
            case when exists (select 1 from placement p where p.message_id = l.message_id)
                 then 1 else 0 end
       from lost_place l
      where not exists (select 1 from queue_entry q where q.message_id = l.message_id)
      order by l.message_id limit $1";

const FORGET_LOST: &str = "delete from lost_place
      where message_id = $1 and folder_id = $2 and uid = $3";

const DELETE_BLOB: &str = "delete from blob where id = $1";

const DELETE_MESSAGE: &str = "delete from message where id = $1";

const DELETE_WORDS: &str = "{delete_words}";

const DELETED_FOLDER: &str = "select d.folder_id,
            (select p.uid from placement p
              where p.folder_id = d.folder_id order by p.uid limit 1)
       from deleted_folder d order by d.folder_id limit 1";

const NOTE_LOST_OF_FOLDER: &str = "insert into lost_place (message_id, folder_id, uid)
     select message_id, folder_id, uid from placement
      where folder_id = $1 and uid >= $2 and uid <= $3";

const REMOVE_OF_FOLDER: &str =
    "delete from placement where folder_id = $1 and uid >= $2 and uid <= $3";

const FORGET_SEEN_OF_FOLDER: &str = "delete from personal_seen where folder_id = $1";
const FORGET_HOLES: &str = "delete from expunged where folder_id = $1";
const FORGET_READERS: &str = "delete from folder_reader where folder_id = $1";
const FORGET_KEYWORDS: &str = "delete from folder_keyword where folder_id = $1";
const FORGET_UNSUBSCRIBED: &str = "delete from unsubscribed where folder_id = $1";
const FORGET_ANNOTATIONS: &str = "delete from annotation where folder_id = $1";
const FORGET_FOLDER: &str = "delete from deleted_folder where folder_id = $1";

/// What is left of a folder when its messages are gone.
const REMAINS: [&str; 7] = [
    FORGET_SEEN_OF_FOLDER,
    FORGET_HOLES,
    FORGET_READERS,
    FORGET_KEYWORDS,
    FORGET_UNSUBSCRIBED,
    FORGET_ANNOTATIONS,
    FORGET_FOLDER,
];

pub(crate) const STATEMENTS: &[&str] = &[
    COUNT_DOWN,
    COUNT_READERS,
    FORGET_SEEN,
    NOTE_LOST,
    REMOVE,
    DIG,
    MERGE,
    OLDEST,
    LOST,
    FORGET_LOST,
    DELETE_BLOB,
    DELETE_MESSAGE,
    DELETE_WORDS,
    DELETED_FOLDER,
    NOTE_LOST_OF_FOLDER,
    REMOVE_OF_FOLDER,
    FORGET_SEEN_OF_FOLDER,
    FORGET_HOLES,
    FORGET_READERS,
    FORGET_KEYWORDS,
    FORGET_UNSUBSCRIBED,
    FORGET_ANNOTATIONS,
    FORGET_FOLDER,
];

/// Messages that one look of [`reap`] takes.
const REAPED_MAX: u32 = 500;

/// Which messages of a range go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those flagged `\Deleted`, as EXPUNGE wants it.
    Deleted,
}

impl Which {
    fn required_flags(self) -> i64 {
        match self {
            Which::All => 0,
            Which::Deleted => crate::Flags::DELETED.0,
        }
    }
}

/// What went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expunged {
    /// The folder's modseq after it; 0 where nothing went.
    pub modseq: i64,
    /// The UIDs that are gone.
    pub uids: Vec<UidRange>,
}

/// Takes messages out of a folder, in pieces where there are many; `set` is committed with the
/// first piece, or by itself where nothing goes. Conflict `folder`, and those of the set. Their
/// bytes go at the next [`reap`].
pub async fn expunge(
    store: &Store,
    set: WriteSet,
    folder: FolderId,
    uids: &[UidRange],
    which: Which,
) -> Result<Expunged, CommitError> {
    let mut set = Some(set);
    let mut outcome = Expunged::default();
    let mut gone = Vec::new();
    match which {
        Which::All => {
            let mut pieces = Pieces::of(folder, uids);
            loop {
                let piece = pieces.next(store).await?;
                if piece.is_empty() {
                    break;
                }
                let first = set.take().unwrap_or_default();
                outcome.modseq =
                    expunge_piece(store, first, (folder, which), &piece, &mut gone).await?;
            }
        }
        Which::Deleted => {
            for range in uid::merged(uids) {
                let mut left = range;
                loop {
                    let limit = u32::try_from(PIECE_MESSAGES_MAX).unwrap_or(u32::MAX);
                    let page = mailbox::deleted(store, folder, left, limit).await?;
                    let Some(last) = page.last().copied() else { break };
                    for piece in uid::runs(page).chunks(PIECE_RANGES_MAX) {
                        let first = set.take().unwrap_or_default();
                        outcome.modseq =
                            expunge_piece(store, first, (folder, which), piece, &mut gone).await?;
                    }
                    if last == i64::MAX {
                        break;
                    }
                    left.first = last + 1;
                }
            }
        }
    }
    if let Some(set) = set {
        store.commit(set).await?;
    }
    outcome.uids = uid::runs(gone);
    Ok(outcome)
}

/// Commits one piece, adds what went, and gives the modseq.
async fn expunge_piece(
    store: &Store,
    mut set: WriteSet,
    (folder, which): (FolderId, Which),
    piece: &[UidRange],
    gone: &mut Vec<i64>,
) -> Result<i64, CommitError> {
    let rank = Rank::Folder(folder);
    folder::expect(&mut set, folder);
    set.push_ranked(rank, RAISE_MODSEQ, vec![folder.into()]);
    set.ask(rank, MODSEQ, vec![folder.into()]);
    for range in piece {
        let required = which.required_flags();
        set.push_ranked(rank, NOTE_LOST, removal_params(folder, *range, required));
        remove_range(&mut set, rank, folder, *range, which);
    }
    set.publish(Event::FolderChanged { folder });
    let answers = Answers::read(store.commit_returning(set).await?)?;
    gone.extend(answers.all(ANSWERED_CHANGED));
    Ok(answers.one(ANSWERED_MODSEQ)?)
}

/// Takes a range out of a folder whose row is held and whose modseq is raised. Answers with the
/// UIDs that went.
pub(crate) fn remove_range(
    set: &mut WriteSet,
    rank: Rank,
    folder: FolderId,
    range: UidRange,
    which: Which,
) {
    let params = removal_params(folder, range, which.required_flags());
    set.push_ranked(rank, COUNT_DOWN, params.clone());
    set.push_ranked(rank, COUNT_READERS, params.clone());
    set.push_ranked(rank, FORGET_SEEN, params.clone());
    set.ask(rank, REMOVE, params);
    let range_params = vec![folder.into(), range.first.into(), range.last.into()];
    set.push_ranked(rank, DIG, range_params);
    let behind = range.last.saturating_add(1);
    set.push_ranked(rank, MERGE, vec![folder.into(), range.first.into(), behind.into()]);
}

fn removal_params(folder: FolderId, range: UidRange, required: i64) -> Vec<Value> {
    vec![folder.into(), range.first.into(), range.last.into(), required.into()]
}

/// Takes out the oldest messages of a folder that were placed before a moment, at most `limit`.
/// Gives how many went; fewer than `limit` means that none is left.
pub async fn purge_older(
    store: &Store,
    folder: FolderId,
    before: Timestamp,
    limit: u32,
) -> Result<usize, CommitError> {
    let mut old = Vec::new();
    for mut row in store.rows(OLDEST, vec![folder.into(), limit.into()]).await? {
        let (uid, placed_at) = (row.int()?, row.at()?);
        // Places ascend in time as in number, as far as the clock does.
        if placed_at >= before {
            break;
        }
        old.push(uid);
    }
    let count = old.len();
    if count > 0 {
        expunge(store, WriteSet::new(), folder, &uid::runs(old), Which::All).await?;
    }
    Ok(count)
}

/// Throws away some of what nothing needs any more: messages without a place, the content of
/// deleted folders. Gives how much it did; 0 means that nothing is left to do. What it leaves
/// undone, or a crash interrupts, is found again.
pub async fn reap(store: &Store) -> Result<usize, CommitError> {
    Ok(reap_folder(store).await? + reap_messages(store).await?)
}

async fn reap_messages(store: &Store) -> Result<usize, CommitError> {
    let lost = store.rows(LOST, vec![REAPED_MAX.into()]).await?;
    let count = lost.len();
    let mut set = WriteSet::new();
    for mut row in lost {
        let message = MessageId(row.int()?);
        let (folder, uid, is_placed) = (row.int()?, row.int()?, row.bool()?);
        if !is_placed {
            set.push(DELETE_BLOB, vec![message.into()]);
            set.push(DELETE_WORDS, vec![message.into()]);
            set.push(DELETE_MESSAGE, vec![message.into()]);
        }
        set.push(FORGET_LOST, vec![message.into(), folder.into(), uid.into()]);
    }
    store.commit(set).await?;
    Ok(count)
}

async fn reap_folder(store: &Store) -> Result<usize, CommitError> {
    let Some(mut row) = store.row(DELETED_FOLDER, Vec::new()).await? else { return Ok(0) };
    let (folder, first) = (FolderId(row.int()?), row.opt_int()?);
    let mut set = WriteSet::new();
    if let Some(first) = first {
        let all = [UidRange { first, last: i64::MAX }];
        for range in Pieces::of(folder, &all).next(store).await? {
            let params: Vec<Value> = vec![folder.into(), range.first.into(), range.last.into()];
            set.push(NOTE_LOST_OF_FOLDER, params.clone());
            set.push(REMOVE_OF_FOLDER, params);
        }
    } else {
        for remains in REMAINS {
            set.push(remains, vec![folder.into()]);
        }
    }
    store.commit(set).await?;
    Ok(1)
}
