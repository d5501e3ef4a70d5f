//! Folders: the parts of a mailbox, and the counters that number what is placed in them.

use domain::{FolderId, RecipientId, Timestamp};

use crate::event::Event;
use crate::failure::Failure;
use crate::mailbox::Reader;
use crate::statements::GuardText;
use crate::store::{Query, Store, first};
use crate::value::Row;
use crate::write_set::{Rank, WriteSet};

const CREATE: &str = "insert into folder
            (id, recipient_id, name, role, uid_validity, uid_next, modseq, messages, unseen,
             deleted, size_bytes, indexed_uid, created_at)
     values ($1, $2, $3, $4, $5, 1, 1, 0, 0, 0, 0, 0, $6)";

const LIST: &str = "select f.id, f.recipient_id, f.name, f.role, f.uid_validity, f.uid_next,
            f.modseq, f.messages, f.unseen, f.deleted, f.size_bytes, f.indexed_uid, f.created_at
       from folder f where f.recipient_id = $1 order by f.id";

const LIST_AS_READ: &str = "select f.id, f.recipient_id, f.name, f.role, f.uid_validity,
            f.uid_next, f.modseq, f.messages, f.unseen + coalesce(r.unseen_difference, 0),
            f.deleted, f.size_bytes, f.indexed_uid, f.created_at
       from folder f
       left join folder_reader r on r.folder_id = f.id and r.person_id = $2
      where f.recipient_id = $1 order by f.id";

const STATUS: &str = "select f.id, f.recipient_id, f.name, f.role, f.uid_validity, f.uid_next,
            f.modseq, f.messages, f.unseen, f.deleted, f.size_bytes, f.indexed_uid, f.created_at
       from folder f where f.id = $1";

const STATUS_AS_READ: &str = "select f.id, f.recipient_id, f.name, f.role, f.uid_validity,
            f.uid_next, f.modseq, f.messages, f.unseen + coalesce(r.unseen_difference, 0),
            f.deleted, f.size_bytes, f.indexed_uid, f.created_at
       from folder f
       left join folder_reader r on r.folder_id = f.id and r.person_id = $2
      where f.id = $1";

const NAMED: &str = "select f.id, f.recipient_id, f.name, f.role, f.uid_validity, f.uid_next,
            f.modseq, f.messages, f.unseen, f.deleted, f.size_bytes, f.indexed_uid, f.created_at
       from folder f where f.recipient_id = $1 and f.name = $2";

const NAMED_AS_READ: &str = "select f.id, f.recipient_id, f.name, f.role, f.uid_validity,
            f.uid_next, f.modseq, f.messages, f.unseen + coalesce(r.unseen_difference, 0),
            f.deleted, f.size_bytes, f.indexed_uid, f.created_at
       from folder f
       left join folder_reader r on r.folder_id = f.id and r.person_id = $3
      where f.recipient_id = $1 and f.name = $2";

const WITH_ROLE: &str = "select f.id, f.recipient_id, f.name, f.role, f.uid_validity, f.uid_next,
            f.modseq, f.messages, f.unseen, f.deleted, f.size_bytes, f.indexed_uid, f.created_at
       from folder f where f.role = $1 order by f.id";

const QUOTA_USED: &str = "select coalesce(cast(sum(size_bytes) as {int}), 0),
            coalesce(cast(sum(messages) as {int}), 0)
       from folder where recipient_id = $1";

const FULLEST: &str = "select recipient_id, cast(sum(size_bytes) as {int}) as size_bytes,
            cast(sum(messages) as {int})
       from folder group by recipient_id order by 2 desc, recipient_id limit $1";

/// Conflict `folder`: there is no such folder (any more). On PostgreSQL the folder's row is held
/// from here on, so what is read of the folder afterwards stays true until the commit.
const EXISTS: GuardText = GuardText {
    name: "folder",
    sql: "(select id from folder where id = $1 {for_update}) is not null",
};

// What is below a name goes with it.
const RENAME: &str = "update folder set name = $3 || substr(name, length($2) + 1)
      where recipient_id = $1
        and (name = $2 or substr(name, 1, length($2) + 1) = $2 || '/')";

const FORGET: &str = "insert into deleted_folder (folder_id) values ($1)";

const DELETE: &str = "delete from folder where id = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    CREATE,
    LIST,
    LIST_AS_READ,
    STATUS,
    STATUS_AS_READ,
    NAMED,
    NAMED_AS_READ,
    WITH_ROLE,
    QUOTA_USED,
    FULLEST,
    RENAME,
    FORGET,
    DELETE,
];

pub(crate) const GUARDS: &[GuardText] = &[EXISTS];

/// What a folder is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FolderRole {
    /// Where mail arrives.
    Inbox,
    /// Copies of what was sent.
    Sent,
    /// Messages not yet sent.
    Drafts,
    /// What is kept.
    Archive,
    /// Unwanted mail.
    Junk,
    /// What was thrown away.
    Trash,
}

impl FolderRole {
    const ALL: [FolderRole; 6] = [
        FolderRole::Inbox,
        FolderRole::Sent,
        FolderRole::Drafts,
        FolderRole::Archive,
        FolderRole::Junk,
        FolderRole::Trash,
    ];

    /// The name as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            FolderRole::Inbox => "inbox",
            FolderRole::Sent => "sent",
            FolderRole::Drafts => "drafts",
            FolderRole::Archive => "archive",
            FolderRole::Junk => "junk",
            FolderRole::Trash => "trash",
        }
    }

    fn from_stored(text: &str) -> Result<FolderRole, Failure> {
        let role = FolderRole::ALL.into_iter().find(|role| role.as_str() == text);
        role.ok_or_else(|| Failure::corrupt(format!("folder role {text:?}")))
    }
}

/// A folder to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFolder {
    /// Its identifier.
    pub id: FolderId,
    /// Whose mailbox it is in.
    pub recipient: RecipientId,
    /// Its name, unique in the mailbox.
    pub name: String,
    /// What it is for, if it is one of the standard ones.
    pub role: Option<FolderRole>,
    /// RFC 9051 §2.3.1.1: must differ from that of any earlier folder of this name.
    pub uid_validity: u32,
    /// When it is created.
    pub created_at: Timestamp,
}

/// A folder with its counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Its identifier.
    pub id: FolderId,
    /// Whose mailbox it is in.
    pub recipient: RecipientId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub role: Option<FolderRole>,
    /// RFC 9051 §2.3.1.1.
    pub uid_validity: u32,
    /// The UID that the next message gets. UIDs are never used again.
    pub uid_next: i64,
    /// Rises with every change in the folder (RFC 7162).
    pub modseq: i64,
    /// How many messages it has.
    pub messages: i64,
    /// How many of them are not seen.
    pub unseen: i64,
    /// How many of them are flagged `\Deleted`.
    pub deleted: i64,
    /// The sum of their sizes.
    pub size_bytes: i64,
    /// Up to this UID its messages are in the index of words.
    pub indexed_uid: i64,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Creates a folder. Conflicts: `folder_name`; `reference` where the recipient is neither stored
/// nor put earlier in the set.
pub fn create(set: &mut WriteSet, folder: &NewFolder) {
    set.push(
        CREATE,
        vec![
            folder.id.into(),
            folder.recipient.into(),
            folder.name.as_str().into(),
            folder.role.map(FolderRole::as_str).into(),
            folder.uid_validity.into(),
            folder.created_at.into(),
        ],
    );
    set.publish(Event::FolderChanged { folder: folder.id });
}

/// Requires that a folder exists, and holds it. Conflict `folder`. Guards of several folders go by
/// ascending identifier, as all locks of folders do.
pub(crate) fn expect(set: &mut WriteSet, id: FolderId) {
    set.guard(EXISTS, vec![id.into()]);
}

/// Renames a folder and all below it: `a` to `b` makes `a/c` to `b/c`. UIDs stay, and so does the
/// validity. Conflict `folder_name`: one of the new names is taken.
pub fn rename(set: &mut WriteSet, folder: &Folder, name: &str) {
    expect(set, folder.id);
    set.push_ranked(
        Rank::Folder(folder.id),
        RENAME,
        vec![folder.recipient.into(), folder.name.as_str().into(), name.into()],
    );
    set.publish(Event::FolderChanged { folder: folder.id });
}

/// Deletes a folder, whatever is in it; what is below it stays. It is gone at once; its messages
/// are thrown away later, piece by piece, by [`reap`](crate::expunge::reap). Conflict `folder`.
pub fn delete(set: &mut WriteSet, id: FolderId) {
    expect(set, id);
    set.push_ranked(Rank::Folder(id), FORGET, vec![id.into()]);
    set.push_ranked(Rank::Folder(id), DELETE, vec![id.into()]);
    set.publish(Event::FolderChanged { folder: id });
}

/// All folders of a mailbox, in the order in which they were created.
pub async fn list(store: &Store, recipient: RecipientId) -> Result<Vec<Folder>, Failure> {
    let rows = store.rows(LIST, vec![recipient.into()]).await?;
    rows.into_iter().map(folder).collect()
}

/// The same with the unseen messages of a reader.
pub async fn list_as_read(
    store: &Store,
    recipient: RecipientId,
    reader: Reader,
) -> Result<Vec<Folder>, Failure> {
    let Some(person) = reader.person() else { return list(store, recipient).await };
    let rows = store.rows(LIST_AS_READ, vec![recipient.into(), person.into()]).await?;
    rows.into_iter().map(folder).collect()
}

/// The folder of a mailbox with exactly this name.
pub async fn named(
    store: &Store,
    recipient: RecipientId,
    name: &str,
) -> Result<Option<Folder>, Failure> {
    store.row(NAMED, vec![recipient.into(), name.into()]).await?.map(folder).transpose()
}

/// The same with the unseen messages of a reader.
pub async fn named_as_read(
    store: &Store,
    recipient: RecipientId,
    name: &str,
    reader: Reader,
) -> Result<Option<Folder>, Failure> {
    let Some(person) = reader.person() else { return named(store, recipient, name).await };
    let params = vec![recipient.into(), name.into(), person.into()];
    store.row(NAMED_AS_READ, params).await?.map(folder).transpose()
}

/// The folders of all mailboxes that are for this.
pub async fn with_role(store: &Store, role: FolderRole) -> Result<Vec<Folder>, Failure> {
    let rows = store.rows(WITH_ROLE, vec![role.as_str().into()]).await?;
    rows.into_iter().map(folder).collect()
}

/// A folder with its counters as they are now.
pub async fn status(store: &Store, id: FolderId) -> Result<Option<Folder>, Failure> {
    status_as_read(store, id, Reader::Everyone).await
}

/// The same with the unseen messages of a reader.
pub async fn status_as_read(
    store: &Store,
    id: FolderId,
    reader: Reader,
) -> Result<Option<Folder>, Failure> {
    let query = status_query(id, reader);
    store.row(query.sql, query.params).await?.map(folder).transpose()
}

/// How much a mailbox holds. A message in two of its folders counts twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QuotaUsed {
    /// The sum of the sizes of its messages.
    pub size_bytes: i64,
    /// How many messages it has.
    pub messages: i64,
}

/// How much a mailbox holds. Reads a row a folder.
pub async fn quota_used(store: &Store, recipient: RecipientId) -> Result<QuotaUsed, Failure> {
    Ok(quotas_used(store, &[recipient]).await?.pop().unwrap_or_default())
}

/// How much each of several mailboxes holds, in their order. Reads a row a folder.
pub async fn quotas_used(
    store: &Store,
    recipients: &[RecipientId],
) -> Result<Vec<QuotaUsed>, Failure> {
    let query = |recipient: &RecipientId| Query::new(QUOTA_USED, vec![(*recipient).into()]);
    let found = store.read(recipients.iter().map(query).collect()).await?;
    let used = found.into_iter().map(|rows| {
        let mut row = first(rows)?;
        Ok(QuotaUsed { size_bytes: row.int()?, messages: row.int()? })
    });
    used.collect()
}

/// The mailboxes that hold most, the fullest first. Reads every folder's row.
pub async fn fullest(store: &Store, limit: u32) -> Result<Vec<(RecipientId, QuotaUsed)>, Failure> {
    let rows = store.rows(FULLEST, vec![limit.into()]).await?;
    let used = rows.into_iter().map(|mut row| {
        let recipient = RecipientId(row.int()?);
        Ok((recipient, QuotaUsed { size_bytes: row.int()?, messages: row.int()? }))
    });
    used.collect()
}

pub(crate) fn status_query(id: FolderId, reader: Reader) -> Query {
    match reader {
        Reader::Everyone => Query::new(STATUS, vec![id.into()]),
        Reader::Person(person) => Query::new(STATUS_AS_READ, vec![id.into(), person.into()]),
    }
}

pub(crate) fn folder(mut row: Row) -> Result<Folder, Failure> {
    Ok(Folder {
        id: FolderId(row.int()?),
        recipient: RecipientId(row.int()?),
        name: row.text()?,
        role: row.opt_text()?.map(|role| FolderRole::from_stored(&role)).transpose()?,
        uid_validity: uid_validity(row.int()?)?,
        uid_next: row.int()?,
        modseq: row.int()?,
        messages: row.int()?,
        unseen: row.int()?,
        deleted: row.int()?,
        size_bytes: row.int()?,
        indexed_uid: row.int()?,
        created_at: row.at()?,
    })
}

pub(crate) fn uid_validity(stored: i64) -> Result<u32, Failure> {
    u32::try_from(stored).map_err(|_| Failure::corrupt("a folder's UID validity is out of range"))
}
