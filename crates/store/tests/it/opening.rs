//! Opening, migrating, checking, running out of room.

use std::os::unix::fs::PermissionsExt;

use store::{CommitError, Failure, Location, Options, SCHEMA_VERSION, Store, message};

use crate::engine::{Database, delivery, folders, on_each_engine, store_with_recipients};

#[tokio::test]
async fn an_engine_understands_every_statement() {
    on_each_engine(async |database| {
        let store = database.open().await;
        assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn opening_again_keeps_what_is_there() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        store.commit(delivery(100, &[folders(1).inbox])).await.unwrap();
        drop(store);
        let store = database.open().await;
        assert_eq!(message::count(&store, folders(1).inbox).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_that_open_together_migrate_once() {
    on_each_engine(async |database| {
        let opened = futures_util::future::join_all((0..4).map(|_| database.open())).await;
        for store in opened {
            assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
        }
    })
    .await;
}

#[tokio::test]
async fn a_new_file_that_another_is_writing_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guichet.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("begin immediate").unwrap();
    let writing = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(200));
        other.execute_batch("commit").unwrap();
    });
    let store = Store::open(Location::Sqlite(path), Options::default()).await.unwrap();
    writing.join().unwrap();
    assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    on_each_engine(async |database| {
        drop(database.open().await);
        let newer = SCHEMA_VERSION + 1;
        database.tamper(&format!("insert into schema_version (version) values ({newer})")).await;
        let refused = Store::open(database.location.clone(), Options::default()).await.unwrap_err();
        assert!(
            matches!(refused, Failure::Newer { found, known } if found == newer && known == SCHEMA_VERSION)
        );
        assert!(refused.to_string().contains("start the newer program"), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn a_check_finds_a_missing_table() {
    on_each_engine(async |database| {
        drop(database.open().await);
        database.tamper("drop table dkim_key").await;
        let faults = database.open().await.check().await.unwrap();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults.iter().all(|fault| fault.contains("dkim_key")), "{faults:?}");
    })
    .await;
}

#[tokio::test]
async fn the_file_is_readable_by_its_owner_only() {
    let database = Database::sqlite();
    let store = store_with_recipients(&database).await;
    let Location::Sqlite(path) = &database.location else { unreachable!() };
    for name in ["guichet.db", "guichet.db-wal", "guichet.db-shm"] {
        let mode = path.with_file_name(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    drop(store);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let database = Database::sqlite();
    let Location::Sqlite(path) = &database.location else { unreachable!() };
    std::fs::write(path, "From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n".repeat(100)).unwrap();
    let refused = Store::open(database.location.clone(), Options::default()).await.unwrap_err();
    assert!(matches!(refused, Failure::Corrupt { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let nowhere = Location::Postgres("postgres://guichet@127.0.0.1:1/guichet".to_owned());
    let refused = Store::open(nowhere, Options::default()).await.unwrap_err();
    assert!(matches!(refused, Failure::Unavailable { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_full_database_refuses_writes_and_still_reads() {
    let database = Database::sqlite();
    drop(store_with_recipients(&database).await);
    let size_bytes_max = Some(1024 * 1024);
    let options = Options { size_bytes_max, ..Options::default() };
    let store = Store::open(database.location.clone(), options).await.unwrap();
    let inbox = folders(1).inbox;
    store.commit(delivery(100, &[inbox])).await.unwrap();

    let mut large = delivery(101, &[inbox]);
    message::insert(&mut large, &crate::engine::new_message(102, &"x".repeat(2 * 1024 * 1024)));
    let refused = store.commit(large).await.unwrap_err();
    assert!(matches!(&refused, CommitError::Failure(failure) if failure.is_full()), "{refused:?}");

    // Nothing of the refused set is there, and what has room still gets in.
    assert_eq!(message::count(&store, inbox).await.unwrap(), 1);
    store.commit(delivery(103, &[inbox])).await.unwrap();
    let uids: Vec<i64> = uids(&store).await;
    assert_eq!(uids, [1, 2]);
    assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
}

async fn uids(store: &Store) -> Vec<i64> {
    let page = message::list(store, folders(1).inbox, 0, 10).await.unwrap();
    page.into_iter().map(|placement| placement.uid).collect()
}
