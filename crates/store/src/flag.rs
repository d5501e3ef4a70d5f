//! Changing flags: of one message or of a million, and only of those that nobody changed meanwhile.
//!
//! Every change takes the folder's row first, so changes of one folder are one after the other, and
//! each piece has a modseq of its own. Where Seen is personal, that bit is written beside the
//! folder's: a person's word about a message holds over what the folder says.

use domain::FolderId;

use crate::event::Event;
use crate::failure::CommitError;
use crate::flags::Flags;
use crate::folder;
use crate::mailbox::Reader;
use crate::piece::{ANSWERED_CHANGED, ANSWERED_MODSEQ, ANSWERED_REFUSED, Answers, Pieces};
use crate::store::Store;
use crate::uid::{self, UidRange};
use crate::value::Value;
use crate::write_set::{Rank, WriteSet};

/// The first statement of every change in a folder.
pub(crate) const RAISE_MODSEQ: &str = "update folder set modseq = modseq + 1 where id = $1";

/// Answers with the modseq of what the set changes.
pub(crate) const MODSEQ: &str = "select 0, modseq from folder where id = $1";

// $4 is the modseq that nothing may be beyond, $5 the person or 0.
const REFUSED: &str = "select 1, p.uid from placement p
       left join personal_seen s
         on s.folder_id = p.folder_id and s.uid = p.uid and s.person_id = $5
      where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3
        and (p.modseq > $4 or s.modseq > $4)";

// In all that follows $4 are the bits that stay and $5 those that are set.
const COUNT: &str = "update folder
        set unseen = folder.unseen + counted.seen_less,
            deleted = folder.deleted + counted.deleted_more
       from (select coalesce(cast(sum((p.flags & 1) - (((p.flags & $4) | $5) & 1)) as {int}), 0)
                        as seen_less,
                    coalesce(cast(sum(((((p.flags & $4) | $5) & 8) - (p.flags & 8)) / 8)
                        as {int}), 0) as deleted_more
               from placement p
              where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3 and p.modseq <= $6
                and not exists (select 1 from personal_seen s
                                 where s.folder_id = p.folder_id and s.uid = p.uid
                                   and s.person_id = $7 and s.modseq > $6)) as counted
      where folder.id = $1";

// What persons say about Seen stays, so their difference moves against the folder's count.
const COUNT_READERS: &str = "update folder_reader
        set unseen_difference = unseen_difference - coalesce((
            select cast(sum((p.flags & 1) - (((p.flags & $4) | $5) & 1)) as {int})
              from personal_seen s
              join placement p on p.folder_id = s.folder_id and p.uid = s.uid
             where s.folder_id = $1 and s.person_id = folder_reader.person_id
               and s.uid >= $2 and s.uid <= $3 and p.modseq <= $6), 0)
      where folder_id = $1";

const CHANGE: &str = "update placement
        set flags = (flags & $4) | $5, modseq = (select modseq from folder where id = $1)
      where folder_id = $1 and uid >= $2 and uid <= $3 and modseq <= $6
        and ((flags & $4) | $5) <> flags
        and not exists (select 1 from personal_seen s
                         where s.folder_id = placement.folder_id and s.uid = placement.uid
                           and s.person_id = $7 and s.modseq > $6)
     returning 2, uid";

const ADD_READER: &str = "insert into folder_reader (folder_id, person_id, unseen_difference)
     values ($1, $2, 0) on conflict (folder_id, person_id) do nothing";

// $4 is the person, $5 what Seen becomes, $6 the modseq that nothing may be beyond. A message whose
// other flags this very set has changed has the folder's present modseq.
const COUNT_SEEN: &str = "update folder_reader
        set unseen_difference = unseen_difference + (1 - 2 * cast($5 as {int})) * (
            select count(*)
              from placement p
              join folder f on f.id = p.folder_id
              left join personal_seen s
                on s.folder_id = p.folder_id and s.uid = p.uid and s.person_id = $4
             where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3
               and coalesce(s.is_seen, p.flags & 1) <> $5
               and (p.modseq <= $6 or p.modseq = f.modseq)
               and (s.modseq is null or s.modseq <= $6))
      where folder_id = $1 and person_id = $4";

const CHANGE_SEEN: &str = "insert into personal_seen (folder_id, uid, person_id, is_seen, modseq)
     select p.folder_id, p.uid, cast($4 as {int}), cast($5 as {int}), f.modseq
       from placement p
       join folder f on f.id = p.folder_id
       left join personal_seen s
         on s.folder_id = p.folder_id and s.uid = p.uid and s.person_id = $4
      where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3
        and coalesce(s.is_seen, p.flags & 1) <> $5
        and (p.modseq <= $6 or p.modseq = f.modseq)
        and (s.modseq is null or s.modseq <= $6)
     on conflict (folder_id, uid, person_id)
        do update set is_seen = excluded.is_seen, modseq = excluded.modseq
     returning 2, uid";

pub(crate) const STATEMENTS: &[&str] = &[
    RAISE_MODSEQ,
    MODSEQ,
    REFUSED,
    COUNT,
    COUNT_READERS,
    CHANGE,
    ADD_READER,
    COUNT_SEEN,
    CHANGE_SEEN,
];

/// What happens to the flags of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagOperation {
    /// These are set beside those that are.
    Add(Flags),
    /// These are no more.
    Remove(Flags),
    /// There are exactly these.
    Replace(Flags),
}

impl FlagOperation {
    /// The bits that stay, and those that are set.
    fn masks(self) -> (i64, i64) {
        match self {
            FlagOperation::Add(flags) => (-1, flags.0),
            FlagOperation::Remove(flags) => (!flags.0, 0),
            FlagOperation::Replace(flags) => (0, flags.0),
        }
    }

    /// What Seen becomes, where the operation says something about it.
    fn seen(self) -> Option<bool> {
        let (keep, set) = self.masks();
        if set & Flags::SEEN.0 != 0 {
            Some(true)
        } else {
            (keep & Flags::SEEN.0 == 0).then_some(false)
        }
    }
}

/// A change of flags.
#[derive(Debug, Clone, Copy)]
pub struct FlagChange<'a> {
    /// The folder.
    pub folder: FolderId,
    /// Whose Seen is meant.
    pub reader: Reader,
    /// The messages. UIDs that are not there are passed over.
    pub uids: &'a [UidRange],
    /// What happens to them.
    pub operation: FlagOperation,
    /// RFC 7162 §3.1.3: messages that changed after this modseq are left alone.
    pub unchanged_since: Option<i64>,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlagsChanged {
    /// The folder's modseq after it; 0 where the change named no messages.
    pub modseq: i64,
    /// The messages whose flags are now others.
    pub changed: Vec<UidRange>,
    /// The messages that somebody had changed meanwhile.
    pub refused: Vec<UidRange>,
}

/// Changes flags, in pieces where there are many messages; `set` is committed with the first piece.
/// Conflict `folder`, and those of the set; pieces before a failure stay changed.
pub async fn store(
    store: &Store,
    set: WriteSet,
    change: &FlagChange<'_>,
) -> Result<FlagsChanged, CommitError> {
    let mut pieces = Pieces::of(change.folder, change.uids);
    let (mut changed, mut refused) = (Vec::new(), Vec::new());
    let mut outcome = FlagsChanged::default();
    let mut set = Some(set);
    loop {
        let piece = pieces.next(store).await?;
        if piece.is_empty() {
            break;
        }
        let mut set = set.take().unwrap_or_default();
        write(&mut set, change, &piece);
        let answers = Answers::read(store.commit_returning(set).await?)?;
        outcome.modseq = answers.one(ANSWERED_MODSEQ)?;
        changed.extend(answers.all(ANSWERED_CHANGED));
        refused.extend(answers.all(ANSWERED_REFUSED));
    }
    if let Some(set) = set {
        store.commit(set).await?;
    }
    outcome.changed = uid::runs(changed);
    outcome.refused = uid::runs(refused);
    Ok(outcome)
}

fn write(set: &mut WriteSet, change: &FlagChange<'_>, piece: &[UidRange]) {
    let folder = change.folder;
    let rank = Rank::Folder(folder);
    folder::expect(set, folder);
    set.push_ranked(rank, RAISE_MODSEQ, vec![folder.into()]);
    set.ask(rank, MODSEQ, vec![folder.into()]);
    for range in piece {
        write_range(set, change, *range);
    }
    set.publish(Event::FolderChanged { folder });
}

fn write_range(set: &mut WriteSet, change: &FlagChange<'_>, range: UidRange) {
    let rank = Rank::Folder(change.folder);
    let person = Value::from(change.reader.person().map_or(0, |person| person.0));
    let since = change.unchanged_since.unwrap_or(i64::MAX);
    let with = |more: Vec<Value>| {
        let mut params = vec![change.folder.into(), range.first.into(), range.last.into()];
        params.extend(more);
        params
    };
    if change.unchanged_since.is_some() {
        set.ask(rank, REFUSED, with(vec![since.into(), person.clone()]));
    }
    let (mut keep, mut bits) = change.operation.masks();
    if change.reader.person().is_some() {
        keep |= Flags::SEEN.0;
        bits &= !Flags::SEEN.0;
    }
    if keep != -1 || bits != 0 {
        let params = with(vec![keep.into(), bits.into(), since.into()]);
        let with_person: Vec<Value> = params.iter().cloned().chain([person.clone()]).collect();
        set.push_ranked(rank, COUNT, with_person.clone());
        if change.reader == Reader::Everyone && change.operation.seen().is_some() {
            set.push_ranked(rank, COUNT_READERS, params);
        }
        set.ask(rank, CHANGE, with_person);
    }
    if let (Some(reader), Some(is_seen)) = (change.reader.person(), change.operation.seen()) {
        let params = with(vec![person, is_seen.into(), since.into()]);
        set.push_ranked(rank, ADD_READER, vec![change.folder.into(), reader.into()]);
        set.push_ranked(rank, COUNT_SEEN, params.clone());
        set.ask(rank, CHANGE_SEEN, params);
    }
}
