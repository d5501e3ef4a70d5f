//! Folders: the parts of a mailbox, and the counters that number what is placed in them.

use domain::{FolderId, RecipientId, Timestamp};

use crate::event::Event;
use crate::failure::Failure;
use crate::store::Store;
use crate::value::Row;
use crate::write_set::WriteSet;

const CREATE: &str = "insert into folder
            (id, recipient_id, name, role, uid_validity, uid_next, modseq, messages, created_at)
     values ($1, $2, $3, $4, $5, 1, 1, 0, $6)";

const LIST: &str = "select id, recipient_id, name, role, uid_validity, uid_next, modseq, messages,
            created_at
       from folder where recipient_id = $1 order by id";

const STATUS: &str =
    "select id, recipient_id, name, role, uid_validity, uid_next, modseq, messages,
            created_at
       from folder where id = $1";

pub(crate) const STATEMENTS: &[&str] = &[CREATE, LIST, STATUS];

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

/// All folders of a mailbox, in the order in which they were created.
pub async fn list(store: &Store, recipient: RecipientId) -> Result<Vec<Folder>, Failure> {
    let rows = store.rows(LIST, vec![recipient.into()]).await?;
    rows.into_iter().map(folder).collect()
}

/// A folder with its counters as they are now.
pub async fn status(store: &Store, id: FolderId) -> Result<Option<Folder>, Failure> {
    store.row(STATUS, vec![id.into()]).await?.map(folder).transpose()
}

fn folder(mut row: Row) -> Result<Folder, Failure> {
    Ok(Folder {
        id: FolderId(row.int()?),
        recipient: RecipientId(row.int()?),
        name: row.text()?,
        role: row.opt_text()?.map(|role| FolderRole::from_stored(&role)).transpose()?,
        uid_validity: u32::try_from(row.int()?)
            .map_err(|_| Failure::corrupt("a folder's UID validity is out of range"))?,
        uid_next: row.int()?,
        modseq: row.int()?,
        messages: row.int()?,
        created_at: row.at()?,
    })
}
