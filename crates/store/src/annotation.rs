//! Annotations (RFC 5464 METADATA): named values of a folder or of the server, seen by everybody or
//! by one person only. Names are compared without regard to case and kept in lower case.

use bytes::Bytes;
use domain::{FolderId, RecipientId};

use crate::event::Event;
use crate::failure::Failure;
use crate::store::Store;
use crate::value::Value;
use crate::write_set::WriteSet;

const PUT: &str = "insert into annotation (folder_id, person_id, entry, value)
     values ($1, $2, $3, $4)
     on conflict (folder_id, person_id, entry) do update set value = excluded.value";

const REMOVE: &str = "delete from annotation
      where folder_id = $1 and person_id = $2 and entry = $3";

const LIST: &str = "select entry, value from annotation
      where folder_id = $1 and person_id = $2 order by entry";

const STARTING_WITH: &str = "select folder_id, person_id, entry, value from annotation
      where entry >= $1 and entry < $2 order by folder_id, person_id, entry";

pub(crate) const STATEMENTS: &[&str] = &[PUT, REMOVE, LIST, STARTING_WITH];

/// What an annotation belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The folder; `None` is the server.
    pub folder: Option<FolderId>,
    /// The person who alone sees it; `None` is everybody.
    pub person: Option<RecipientId>,
}

impl Scope {
    // No folder and no recipient has the identifier 0.
    fn params(self) -> Vec<Value> {
        let folder = self.folder.map_or(0, |folder| folder.0);
        vec![folder.into(), self.person.map_or(0, |person| person.0).into()]
    }
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Its name, in lower case, without the part that says whose it is.
    pub entry: String,
    /// The value.
    pub value: Bytes,
}

/// Sets a value; `None` removes the entry.
pub fn put(set: &mut WriteSet, scope: Scope, entry: &str, value: Option<Bytes>) {
    let mut params = scope.params();
    params.push(entry.to_ascii_lowercase().into());
    match value {
        Some(value) => {
            params.push(value.into());
            set.push(PUT, params);
        }
        None => set.push(REMOVE, params),
    }
    if let Some(folder) = scope.folder {
        set.publish(Event::FolderChanged { folder });
    }
}

/// All entries of a scope, by name. How many there may be is the caller's to limit.
pub async fn list(store: &Store, scope: Scope) -> Result<Vec<Annotation>, Failure> {
    let rows = store.rows(LIST, scope.params()).await?;
    rows.into_iter()
        .map(|mut row| Ok(Annotation { entry: row.text()?, value: row.blob()? }))
        .collect()
}

/// Entries of all folders and persons whose names begin with `prefix`, which is in lower case and
/// ASCII. Walks through all annotations: for the server's own upkeep.
pub async fn starting_with(
    store: &Store,
    prefix: &str,
) -> Result<Vec<(Scope, Annotation)>, Failure> {
    // Names are ASCII, so nothing that begins so sorts behind this.
    let behind = format!("{prefix}\u{7f}");
    let rows = store.rows(STARTING_WITH, vec![prefix.into(), behind.into()]).await?;
    rows.into_iter()
        .map(|mut row| {
            let (folder, person) = (row.int()?, row.int()?);
            let scope = Scope {
                folder: (folder != 0).then_some(FolderId(folder)),
                person: (person != 0).then_some(RecipientId(person)),
            };
            Ok((scope, Annotation { entry: row.text()?, value: row.blob()? }))
        })
        .collect()
}
