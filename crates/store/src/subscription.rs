//! Subscriptions: which folders a person's mail programs show. Every folder that a person may see
//! is subscribed until the person says otherwise, so a new group needs no set-up.

use domain::{FolderId, RecipientId};

use crate::failure::Failure;
use crate::store::Store;
use crate::write_set::WriteSet;

const UNSUBSCRIBE: &str = "insert into unsubscribed (person_id, folder_id) values ($1, $2)
     on conflict (person_id, folder_id) do nothing";

const SUBSCRIBE: &str = "delete from unsubscribed where person_id = $1 and folder_id = $2";

const LIST: &str = "select folder_id from unsubscribed where person_id = $1 order by folder_id";

pub(crate) const STATEMENTS: &[&str] = &[UNSUBSCRIBE, SUBSCRIBE, LIST];

/// Shows a folder again.
pub fn subscribe(set: &mut WriteSet, person: RecipientId, folder: FolderId) {
    set.push(SUBSCRIBE, vec![person.into(), folder.into()]);
}

/// Shows a folder no more.
pub fn unsubscribe(set: &mut WriteSet, person: RecipientId, folder: FolderId) {
    set.push(UNSUBSCRIBE, vec![person.into(), folder.into()]);
}

/// The folders that a person does not want to see, ascending.
pub async fn unsubscribed(store: &Store, person: RecipientId) -> Result<Vec<FolderId>, Failure> {
    let rows = store.rows(LIST, vec![person.into()]).await?;
    rows.into_iter().map(|mut row| Ok(FolderId(row.int()?))).collect()
}
