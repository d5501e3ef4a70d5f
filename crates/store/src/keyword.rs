//! Keywords: names that a folder gives to the bits of its flags. A name keeps its bit as long as
//! the folder exists. Names are told apart without regard to case (RFC 9051 §2.3.2).

use domain::FolderId;

use crate::event::Event;
use crate::failure::{CommitError, Failure};
use crate::flags::Flags;
use crate::folder;
use crate::store::Store;
use crate::write_set::{Rank, WriteSet};

const LIST: &str = "select name, mask from folder_keyword where folder_id = $1 order by mask";

// The highest bit is 62; behind it nothing is added.
const ADD: &str = "insert into folder_keyword (folder_id, mask, name, name_key)
     select $1, last.mask * 2, $2, $3
       from (select coalesce(max(mask), 128) as mask from folder_keyword where folder_id = $1)
            as last
      where last.mask < 4611686018427387904
        and not exists (select 1 from folder_keyword where folder_id = $1 and name_key = $3)";

pub(crate) const STATEMENTS: &[&str] = &[LIST, ADD];

/// A keyword of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyword {
    /// Its name, as whoever used it first wrote it.
    pub name: String,
    /// Its bit.
    pub flag: Flags,
}

/// The keywords of a folder, the oldest first.
pub async fn list(store: &Store, folder: FolderId) -> Result<Vec<Keyword>, Failure> {
    let rows = store.rows(LIST, vec![folder.into()]).await?;
    rows.into_iter()
        .map(|mut row| Ok(Keyword { name: row.text()?, flag: Flags(row.int()?) }))
        .collect()
}

/// Sees that a folder has these keywords, and gives all that it then has. Names that are missing
/// from the answer found no free bit. Conflict `folder`.
pub async fn ensure(
    store: &Store,
    folder: FolderId,
    names: &[&str],
) -> Result<Vec<Keyword>, CommitError> {
    let known = list(store, folder).await?;
    let is_known = |name: &str| known.iter().any(|keyword| keyword.name.eq_ignore_ascii_case(name));
    let missing: Vec<&str> = names.iter().copied().filter(|name| !is_known(name)).collect();
    if missing.is_empty() {
        return Ok(known);
    }
    let mut set = WriteSet::new();
    folder::expect(&mut set, folder);
    for name in missing {
        let params = vec![folder.into(), name.into(), name.to_ascii_lowercase().into()];
        set.push_ranked(Rank::Folder(folder), ADD, params);
    }
    set.publish(Event::FolderChanged { folder });
    store.commit(set).await?;
    Ok(list(store, folder).await?)
}
