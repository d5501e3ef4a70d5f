//! Databases for the tests, and a small directory to put into them.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use domain::{
    Account, AccountRole, FolderId, Grant, GrantId, MessageId, Recipient, RecipientId,
    RecipientKind, RecipientSettings, Right, StandardFolders, Timestamp,
};
use mail::Address;
use store::directory;
use store::folder::{self, FolderRole, NewFolder};
use store::message::{self, NewMessage, NewPlacement};
use store::{Flags, Location, Options, Store, WriteSet};
use tokio_postgres::NoTls;

/// An empty database of one engine, gone with the value.
pub(crate) struct Database {
    pub(crate) location: Location,
    kept: Kept,
}

enum Kept {
    Sqlite { _folder: tempfile::TempDir },
    Postgres { admin_url: String, name: String },
}

static DATABASES: AtomicU32 = AtomicU32::new(0);

impl Database {
    pub(crate) fn sqlite() -> Database {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("guichet.db"));
        Database { location, kept: Kept::Sqlite { _folder: folder } }
    }

    async fn postgres(admin_url: String) -> Database {
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        execute_on(&admin_url, &format!("drop database if exists {name}")).await;
        execute_on(&admin_url, &format!("create database {name}")).await;
        // The database's name is what follows the last slash of the path.
        let (address, settings) = admin_url.split_once('?').unwrap_or((&admin_url, ""));
        let server = &address[..address.rfind('/').unwrap()];
        let location = Location::Postgres(format!("{server}/{name}?{settings}"));
        Database { location, kept: Kept::Postgres { admin_url, name } }
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(self.location.clone(), Options::default()).await.unwrap()
    }

    /// Does behind the store's back what only an attacker or an older or newer program does.
    pub(crate) async fn tamper(&self, sql: &str) {
        match &self.location {
            Location::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
                connection.execute_batch(sql).unwrap();
            }
            Location::Postgres(url) => execute_on(url, sql).await,
        }
    }

    async fn remove(self) {
        match self.kept {
            Kept::Sqlite { .. } => {}
            Kept::Postgres { admin_url, name } => {
                execute_on(&admin_url, &format!("drop database {name} with (force)")).await;
            }
        }
    }
}

async fn execute_on(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let served = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    served.await.unwrap().unwrap();
}

/// Runs a story on an empty database of every engine at hand.
pub(crate) async fn on_each_engine<F, Told>(story: F)
where
    F: Fn(std::sync::Arc<Database>) -> Told,
    Told: Future<Output = ()>,
{
    let mut databases = vec![Database::sqlite()];
    if let Ok(url) = std::env::var("TEST_POSTGRES_URL") {
        databases.push(Database::postgres(url).await);
    }
    for database in databases {
        let database = std::sync::Arc::new(database);
        story(std::sync::Arc::clone(&database)).await;
        if let Some(database) = std::sync::Arc::into_inner(database) {
            database.remove().await;
        }
    }
}

pub(crate) const NOW: Timestamp = Timestamp(1_750_000_000_000);

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

pub(crate) fn user(id: i64, addresses: &[&str]) -> Recipient {
    Recipient {
        id: RecipientId(id),
        guid: format!("00000000-0000-4000-8000-{id:012}"),
        kind: RecipientKind::User,
        alias: format!("Alias.{id}"),
        display_name: format!("User {id}"),
        addresses: addresses.iter().map(|text| address(text)).collect(),
        account: Some(Account {
            is_disabled: false,
            role: AccountRole::Member,
            credential_epoch: 7,
        }),
        folders: Some(folders(id)),
        team: None,
        settings: RecipientSettings { notes: "hired in May".to_owned(), ..Default::default() },
        created_at: NOW,
    }
}

pub(crate) fn group(id: i64, address: &str) -> Recipient {
    let kind = RecipientKind::Group;
    Recipient { kind, account: None, alias: format!("group{id}"), ..user(id, &[address]) }
}

/// The folders of the recipient with this identifier.
pub(crate) fn folders(id: i64) -> StandardFolders {
    StandardFolders { inbox: FolderId(id * 10), sent: FolderId(id * 10 + 1) }
}

pub(crate) fn grant(id: i64, recipient: i64, trustee: i64) -> Grant {
    Grant {
        id: GrantId(id),
        recipient: RecipientId(recipient),
        trustee: RecipientId(trustee),
        right: Right::SendAs,
        until_at: Some(NOW.plus_secs(3600)),
        reason: Some("covers for Claire".to_owned()),
        granted_by: "admin@contoso.com".to_owned(),
        granted_at: NOW,
    }
}

/// Commits a change of the directory on its present version, and gives the new one.
pub(crate) async fn change(store: &Store, change: impl FnOnce(&mut WriteSet)) -> i64 {
    let version = directory::load(store).await.unwrap().version();
    let mut set = WriteSet::new();
    let next = directory::change(&mut set, version);
    change(&mut set);
    store.commit(set).await.unwrap();
    next
}

/// Puts a recipient with its two folders.
pub(crate) fn put_with_folders(set: &mut WriteSet, recipient: &Recipient) {
    directory::put_recipient(set, recipient).unwrap();
    let folders = recipient.folders.unwrap();
    let standard = [(folders.inbox, FolderRole::Inbox), (folders.sent, FolderRole::Sent)];
    for (id, role) in standard {
        folder::create(
            set,
            &NewFolder {
                id,
                recipient: recipient.id,
                name: role.as_str().to_owned(),
                role: Some(role),
                uid_validity: 1,
                created_at: NOW,
            },
        );
    }
}

/// A store with users 1 and 2, and group 3.
pub(crate) async fn store_with_recipients(database: &Database) -> Store {
    let store = database.open().await;
    change(&store, |set| {
        put_with_folders(set, &user(1, &["jean@contoso.com", "j@contoso.com"]));
        put_with_folders(set, &user(2, &["claire@contoso.com"]));
        put_with_folders(set, &group(3, "support@contoso.com"));
    })
    .await;
    store
}

pub(crate) fn new_message(id: i64, content: &str) -> NewMessage {
    NewMessage {
        id: MessageId(id),
        content: Bytes::from(content.to_owned()),
        internet_message_id: Some(format!("<{id}@contoso.com>")),
        author: Some("support@contoso.com".to_owned()),
        subject: Some(format!("Message {id}")),
        stored_at: NOW,
        envelope_fields: Some(Bytes::from_static(b"Subject: listed\r\n")),
        header_bytes: Some(21),
    }
}

pub(crate) fn placement(folder: FolderId, message: i64) -> NewPlacement {
    NewPlacement {
        folder,
        message: MessageId(message),
        size_bytes: 100,
        flags: Flags::SEEN,
        internal_at: NOW.plus_secs(-60),
        placed_at: NOW,
        placed_by: Some(RecipientId(1)),
    }
}

/// A set that stores a message and places it in these folders.
pub(crate) fn delivery(id: i64, folders: &[FolderId]) -> WriteSet {
    let mut set = WriteSet::new();
    message::insert(&mut set, &new_message(id, &format!("Message number {id}")));
    for folder in folders {
        message::place(&mut set, &placement(*folder, id));
    }
    set
}
