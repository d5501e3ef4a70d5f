//! Which messages of a folder are unread, without walking by those that were read long ago.
//!
//! Unread messages are mostly new ones, and a folder knows how many it has. So the walk goes from
//! the newest down and ends with the last one that there is.

use std::ops::ControlFlow;

use crate::columns::Columns;
use crate::failure::Failure;
use crate::flag::MODSEQ;
use crate::folder::Folder;
use crate::mailbox::Reader;
use crate::store::{Query, Store};
use crate::uid::{self, UidRange};

/// UIDs that one query looks through; nobody else has that reader meanwhile.
pub const PAGE_UIDS: i64 = 65_536;

const UNSEEN: &str = "select 1, p.uid from placement p
      where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3 and (p.flags & 1) = 0
      order by p.uid desc limit $4";

const UNSEEN_AS_READ: &str = "select 1, p.uid from placement p
       left join personal_seen s
         on s.folder_id = p.folder_id and s.uid = p.uid and s.person_id = $5
      where p.folder_id = $1 and p.uid >= $2 and p.uid <= $3
        and coalesce(s.is_seen, p.flags & 1) = 0
      order by p.uid desc limit $4";

pub(crate) const STATEMENTS: &[&str] = &[UNSEEN, UNSEEN_AS_READ];

/// The unread messages of a folder for a reader, whose count of them `folder` has. What came after
/// the folder was read is left out.
pub async fn unseen(
    store: &Store,
    folder: &Folder,
    reader: Reader,
) -> Result<Vec<UidRange>, Failure> {
    let mut found: Vec<i64> = Vec::new();
    let mut last = folder.uid_next - 1;
    let mut is_counted = true;
    while last >= 1 {
        let left = folder.unseen - i64::try_from(found.len()).unwrap_or(i64::MAX);
        if is_counted && left <= 0 {
            break;
        }
        let range = UidRange { first: (last - PAGE_UIDS + 1).max(1), last };
        let limit = if is_counted { left } else { i64::MAX };
        let (modseq, uids) = page(store, (folder, reader), range, limit).await?;
        if is_counted && modseq != folder.modseq {
            // Somebody changed the folder, so that its count is of other messages than those that
            // are left: this page again, and all that are below it.
            is_counted = false;
            continue;
        }
        found.extend(uids);
        last = range.first - 1;
    }
    Ok(uid::runs(found))
}

/// The unread messages of a range, the newest first, with the folder's modseq at that moment.
async fn page(
    store: &Store,
    (folder, reader): (&Folder, Reader),
    range: UidRange,
    limit: i64,
) -> Result<(i64, Vec<i64>), Failure> {
    let text = match reader {
        Reader::Everyone => UNSEEN,
        Reader::Person(_) => UNSEEN_AS_READ,
    };
    let mut params = vec![folder.id.into(), range.first.into(), range.last.into(), limit.into()];
    params.extend(reader.person().map(Into::into));
    let queries = vec![Query::new(MODSEQ, vec![folder.id.into()]), Query::new(text, params)];
    let step = |(modseq, uids): &mut (i64, Vec<i64>), columns: &mut Columns<'_>| {
        match columns.int()? {
            0 => *modseq = columns.int()?,
            _ => uids.push(columns.int()?),
        }
        Ok(ControlFlow::Continue(()))
    };
    store.fold(queries, (0, Vec::new()), step).await
}
