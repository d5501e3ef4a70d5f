//! Appending: a message that a client brings is stored and placed, and told its UID.

use crate::failure::{CommitError, Failure};
use crate::folder::{self, uid_validity};
use crate::message::{self, NewMessage, NewPlacement};
use crate::store::Store;
use crate::write_set::{Rank, WriteSet};

const PLACED: &str = "select uid_validity, uid_next - 1 from folder where id = $1";

pub(crate) const STATEMENTS: &[&str] = &[PLACED];

/// Where an appended message is (RFC 4315 APPENDUID).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The folder's.
    pub uid_validity: u32,
    /// The message's.
    pub uid: i64,
}

/// Commits `set` together with new messages and their places: all of it or nothing. Gives one
/// answer for each, in order. The places may be in one folder only. Conflict `folder`, and those of
/// the set.
pub async fn append(
    store: &Store,
    mut set: WriteSet,
    messages: &[(NewMessage, NewPlacement)],
) -> Result<Vec<Appended>, CommitError> {
    if let Some((_, placement)) = messages.first() {
        folder::expect(&mut set, placement.folder);
    }
    for (new, placement) in messages {
        message::insert(&mut set, new);
        message::place(&mut set, placement);
        set.ask(Rank::Folder(placement.folder), PLACED, vec![placement.folder.into()]);
    }
    let rows = store.commit_returning(set).await?;
    let appended = rows
        .into_iter()
        .map(|mut row| Ok(Appended { uid_validity: uid_validity(row.int()?)?, uid: row.int()? }));
    Ok(appended.collect::<Result<_, Failure>>()?)
}
