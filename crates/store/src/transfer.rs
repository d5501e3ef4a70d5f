//! Copying and moving messages between folders. No bytes are copied: a message gets another place.
//!
//! Dates, sizes and flags come along; keywords keep their names, whatever bits they have in the
//! other folder, and are left behind only where it has no free bit.

use domain::{FolderId, RecipientId, Timestamp};

use crate::event::Event;
use crate::expunge::{self, Which};
use crate::failure::CommitError;
use crate::flag::RAISE_MODSEQ;
use crate::flags::Flags;
use crate::folder::{self, uid_validity};
use crate::mailbox::Reader;
use crate::piece::{ANSWERED_CHANGED, ANSWERED_UID_NEXT, ANSWERED_VALIDITY, Answers, Pieces};
use crate::store::Store;
use crate::uid::{self, UidRange};
use crate::value::Value;
use crate::write_set::{Rank, WriteSet};

const UID_NEXT: &str = "select 3, uid_next from folder where id = $1";

const VALIDITY: &str = "select 4, uid_validity from folder where id = $1";

const COPIED: &str = "select 2, uid from placement
      where folder_id = $1 and uid >= $2 and uid <= $3 order by uid";

// In these $1 is the folder that has the messages, $4 the one that gets them.
const ADD_KEYWORDS: &str = "insert into folder_keyword (folder_id, mask, name, name_key)
     select cast($4 as {int}), missing.last_mask << cast(missing.number as integer),
            missing.name, missing.name_key
       from (select k.name, k.name_key, row_number() over (order by k.mask) as number,
                    (select coalesce(max(mask), 128) from folder_keyword
                      where folder_id = $4) as last_mask
               from folder_keyword k
              where k.folder_id = $1
                and not exists (select 1 from folder_keyword d
                                 where d.folder_id = $4 and d.name_key = k.name_key)
                and exists (select 1 from placement p
                             where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3
                               and (p.flags & k.mask) <> 0)) as missing
      where missing.last_mask <= (4611686018427387904 >> cast(missing.number as integer))";

// $5 is the person whose Seen becomes the bit of the new place; 0 takes the folder's. $6, and $8 of
// `COPY`, are the system flags that stay.
const COUNT_UP: &str = "update folder
        set uid_next = folder.uid_next + new.messages_more,
            messages = folder.messages + new.messages_more,
            unseen = folder.unseen + new.unseen_more,
            deleted = folder.deleted + new.deleted_more,
            size_bytes = folder.size_bytes + new.bytes_more
       from (select count(*) as messages_more,
                    coalesce(cast(sum(1 - coalesce(s.is_seen, p.flags & 1)) as {int}), 0)
                        as unseen_more,
                    coalesce(cast(sum((p.flags & $6 & 8) / 8) as {int}), 0) as deleted_more,
                    coalesce(cast(sum(p.size_bytes) as {int}), 0) as bytes_more
               from placement p
               left join personal_seen s
                 on s.folder_id = p.folder_id and s.uid = p.uid and s.person_id = $5
              where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3) as new
      where folder.id = $4";

const COUNT_READERS: &str = "insert into folder_reader (folder_id, person_id, unseen_difference)
     select cast($4 as {int}), s.person_id, cast(sum((p.flags & 1) - s.is_seen) as {int})
       from personal_seen s
       join placement p on p.folder_id = s.folder_id and p.uid = s.uid
      where s.folder_id = $1 and s.uid >= $2 and s.uid <= $3
      group by s.person_id
     on conflict (folder_id, person_id) do update
        set unseen_difference = folder_reader.unseen_difference + excluded.unseen_difference";

const COPY_SEEN: &str = "insert into personal_seen (folder_id, uid, person_id, is_seen, modseq)
     select f.id, f.uid_next - moved.total + moved.number - 1, s.person_id, s.is_seen, f.modseq
       from (select uid, row_number() over (order by uid) as number, count(*) over () as total
               from placement where folder_id = $1 and uid >= $2 and uid <= $3) as moved
       join folder f on f.id = $4
       join personal_seen s on s.folder_id = $1 and s.uid = moved.uid";

const COPY: &str = "insert into placement
            (folder_id, uid, message_id, modseq, placed_modseq, flags, size_bytes, internal_at,
             placed_at, placed_by)
     select f.id, f.uid_next - count(*) over () + row_number() over (order by p.uid) - 1,
            p.message_id, f.modseq, f.modseq,
            (p.flags & $8 & 30) + coalesce(s.is_seen, p.flags & 1)
                + case when p.flags < 256 then 0 else coalesce((
                      select cast(sum(d.mask) as {int})
                        from folder_keyword k
                        join folder_keyword d on d.folder_id = $4 and d.name_key = k.name_key
                       where k.folder_id = $1 and (p.flags & k.mask) <> 0), 0) end,
            p.size_bytes, p.internal_at, cast($6 as {int}), cast($7 as {int})
       from placement p
       join folder f on f.id = $4
       left join personal_seen s
         on s.folder_id = p.folder_id and s.uid = p.uid and s.person_id = $5
      where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3";

pub(crate) const STATEMENTS: &[&str] =
    &[UID_NEXT, VALIDITY, COPIED, ADD_KEYWORDS, COUNT_UP, COUNT_READERS, COPY_SEEN, COPY];

/// Messages that get another place.
#[derive(Debug, Clone, Copy)]
pub struct Transfer<'a> {
    /// The folder that has them.
    pub from: FolderId,
    /// The folder that gets them; may be the same.
    pub to: FolderId,
    /// Which. UIDs that are not there are passed over.
    pub uids: &'a [UidRange],
    /// Whose Seen is meant where they are.
    pub from_reader: Reader,
    /// Whose Seen is meant where they come to. Where it is personal in both folders, what each
    /// person has seen stays seen; where only in the first, the reader's becomes the folder's.
    pub to_reader: Reader,
    /// System flags that they lose on the way.
    pub without: Flags,
    /// Who does it.
    pub by: Option<RecipientId>,
    /// When.
    pub at: Timestamp,
}

/// Where messages are now (RFC 4315 COPYUID). Both lists name as many messages, in the same order,
/// ascending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transferred {
    /// The validity of the folder that got them.
    pub uid_validity: u32,
    /// Their numbers where they were.
    pub from: Vec<UidRange>,
    /// Their numbers where they came to.
    pub to: Vec<UidRange>,
}

/// Copies messages, all or none (RFC 9051 §6.4.7), together with `set`. Conflict `folder`: one of
/// the two is not there; and those of the set.
pub async fn copy_to(
    store: &Store,
    set: WriteSet,
    transfer: &Transfer<'_>,
) -> Result<Transferred, CommitError> {
    let mut transferred = Record::default();
    let ranges = live(store, transfer).await?;
    commit(store, set, (transfer, Kind::Copy), &ranges, &mut transferred).await?;
    Ok(transferred.finish())
}

/// Moves messages, in pieces where there are many, each message at once; `set` is committed with
/// the first piece. Conflicts as of [`copy_to`].
pub async fn move_to(
    store: &Store,
    set: WriteSet,
    transfer: &Transfer<'_>,
) -> Result<Transferred, CommitError> {
    let mut transferred = Record::default();
    let mut pieces = Pieces::of(transfer.from, &live(store, transfer).await?);
    let mut set = Some(set);
    loop {
        let piece = pieces.next(store).await?;
        if piece.is_empty() && set.is_none() {
            break;
        }
        let set = set.take().unwrap_or_default();
        commit(store, set, (transfer, Kind::Move), &piece, &mut transferred).await?;
    }
    Ok(transferred.finish())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Copy,
    Move,
}

/// What was transferred so far.
#[derive(Debug, Default)]
struct Record {
    uid_validity: u32,
    from: Vec<i64>,
    to: Vec<UidRange>,
}

impl Record {
    fn finish(self) -> Transferred {
        Transferred {
            uid_validity: self.uid_validity,
            from: uid::runs(self.from),
            to: uid::merged(&self.to),
        }
    }
}

/// The ranges; within one folder without the UIDs that the copies will get.
async fn live(store: &Store, transfer: &Transfer<'_>) -> Result<Vec<UidRange>, CommitError> {
    let mut ranges = uid::merged(transfer.uids);
    if transfer.from == transfer.to
        && let Some(found) = folder::status(store, transfer.from).await?
    {
        for range in &mut ranges {
            range.last = range.last.min(found.uid_next - 1);
        }
    }
    Ok(uid::merged(&ranges))
}

async fn commit(
    store: &Store,
    mut set: WriteSet,
    (transfer, kind): (&Transfer<'_>, Kind),
    ranges: &[UidRange],
    record: &mut Record,
) -> Result<(), CommitError> {
    write(&mut set, transfer, kind, ranges);
    let answers = Answers::read(store.commit_returning(set).await?)?;
    record.uid_validity = uid_validity(answers.one(ANSWERED_VALIDITY)?)?;
    let gone = answers.all(ANSWERED_CHANGED);
    if !gone.is_empty() {
        let first = answers.one(ANSWERED_UID_NEXT)?;
        let count = i64::try_from(gone.len()).unwrap_or(i64::MAX);
        record.to.push(UidRange { first, last: first + count - 1 });
        record.from.extend(gone);
    }
    Ok(())
}

fn write(set: &mut WriteSet, transfer: &Transfer<'_>, kind: Kind, ranges: &[UidRange]) {
    let (from, to) = (transfer.from, transfer.to);
    folder::expect(set, from.min(to));
    folder::expect(set, from.max(to));
    // Both rows are held by then, so everything may run where the later one is taken.
    let rank = Rank::Folder(from.max(to));
    if !ranges.is_empty() {
        set.push_ranked(rank, RAISE_MODSEQ, vec![to.into()]);
        if kind == Kind::Move && from != to {
            set.push_ranked(rank, RAISE_MODSEQ, vec![from.into()]);
        }
        set.publish(Event::FolderChanged { folder: to });
    }
    set.ask(rank, UID_NEXT, vec![to.into()]);
    set.ask(rank, VALIDITY, vec![to.into()]);
    for range in ranges {
        write_range(set, transfer, kind, *range);
    }
    if kind == Kind::Move && !ranges.is_empty() {
        set.publish(Event::FolderChanged { folder: from });
    }
}

fn write_range(set: &mut WriteSet, transfer: &Transfer<'_>, kind: Kind, range: UidRange) {
    let (from, to) = (transfer.from, transfer.to);
    let rank = Rank::Folder(from.max(to));
    let range_params: Vec<Value> = vec![from.into(), range.first.into(), range.last.into()];
    let with = |more: Vec<Value>| range_params.iter().cloned().chain(more).collect::<Vec<_>>();
    let is_personal_in_both =
        transfer.from_reader.person().is_some() && transfer.to_reader.person().is_some();
    let person = if is_personal_in_both { None } else { transfer.from_reader.person() };
    let person = Value::from(person.map_or(0, |person| person.0));
    if kind == Kind::Copy {
        set.ask(rank, COPIED, range_params.clone());
    }
    if from != to {
        set.push_ranked(rank, ADD_KEYWORDS, with(vec![to.into()]));
    }
    let kept = Value::from(!transfer.without.0);
    set.push_ranked(rank, COUNT_UP, with(vec![to.into(), person.clone(), kept.clone()]));
    if is_personal_in_both {
        set.push_ranked(rank, COUNT_READERS, with(vec![to.into()]));
        set.push_ranked(rank, COPY_SEEN, with(vec![to.into()]));
    }
    let copy = with(vec![to.into(), person, transfer.at.into(), transfer.by.into(), kept]);
    set.push_ranked(rank, COPY, copy);
    if kind == Kind::Move {
        expunge::remove_range(set, rank, from, range, Which::All);
    }
}
