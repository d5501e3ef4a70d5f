//! Events: after the commit, in this process and in others.

use std::time::Duration;

use store::{Event, Location, Store, WriteSet, directory};
use tokio::sync::broadcast::Receiver;

use crate::engine::{
    change, delivery, folders, group, on_each_engine, store_with_recipients, user,
};

/// Fails rather than waiting for an event that never comes.
async fn next(events: &mut Receiver<Event>) -> Event {
    tokio::time::timeout(Duration::from_secs(20), events.recv()).await.unwrap().unwrap()
}

#[tokio::test]
async fn events_follow_the_commit_and_only_the_commit() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let mut events = store.subscribe();
        let inbox = folders(1).inbox;
        let mut refused = delivery(7, &[inbox]);
        directory::expect_version(&mut refused, 99);
        store.commit(refused).await.unwrap_err();
        store.commit(delivery(8, &[inbox, inbox])).await.unwrap();
        assert_eq!(next(&mut events).await, Event::FolderChanged { folder: inbox });
        let version = change(&store, |set| directory::touch(set, domain::RecipientId(1))).await;
        assert_eq!(next(&mut events).await, Event::DirectoryChanged { version });
        assert!(events.try_recv().is_err());
    })
    .await;
}

#[tokio::test]
async fn an_empty_set_commits_and_says_nothing() {
    on_each_engine(async |database| {
        let store = database.open().await;
        let mut events = store.subscribe();
        store.commit(WriteSet::new()).await.unwrap();
        assert!(events.try_recv().is_err());
    })
    .await;
}

/// Events travel between processes on PostgreSQL only: an SQLite file has one process.
async fn on_postgres_with_two_stores(story: impl AsyncFn(&crate::engine::Database, Store, Store)) {
    on_each_engine(async |database| {
        if let Location::Postgres(_) = &database.location {
            let one = store_with_recipients(&database).await;
            let two = database.open().await;
            story(&database, one, two).await;
        }
    })
    .await;
}

#[tokio::test]
async fn another_process_hears_of_each_commit_once() {
    on_postgres_with_two_stores(async |_, one, two| {
        let (mut here, mut there) = (one.subscribe(), two.subscribe());
        let inbox = folders(1).inbox;
        let version = change(&one, |set| directory::touch(set, domain::RecipientId(1))).await;
        for events in [&mut here, &mut there] {
            assert_eq!(next(events).await, Event::DirectoryChanged { version });
        }
        one.commit(delivery(7, &[inbox])).await.unwrap();
        for events in [&mut here, &mut there] {
            assert_eq!(next(events).await, Event::FolderChanged { folder: inbox });
        }
        // An answer from the other side: nothing that was sent before came back.
        let version = change(&two, |set| directory::touch(set, domain::RecipientId(1))).await;
        for events in [&mut here, &mut there] {
            assert_eq!(next(events).await, Event::DirectoryChanged { version });
        }
    })
    .await;
}

#[tokio::test]
async fn a_store_whose_connections_are_cut_goes_on_and_says_that_it_missed_something() {
    on_postgres_with_two_stores(async |database, one, two| {
        let mut events = two.subscribe();
        database
            .tamper(
                "select pg_terminate_backend(pid) from pg_stat_activity
                  where datname = current_database() and pid <> pg_backend_pid()",
            )
            .await;
        assert_eq!(next(&mut events).await, Event::Resynchronize);
        // Reads find a new connection by themselves; a commit may have to be asked for again.
        assert_eq!(directory::load(&two).await.unwrap().len(), 3);
        let version = directory::load(&one).await.unwrap().version();
        let mut set = WriteSet::new();
        directory::change(&mut set, version);
        directory::put_recipient(&mut set, &group(5, "late@contoso.com")).unwrap();
        directory::put_recipient(&mut set, &user(6, &["later@contoso.com"])).unwrap();
        one.commit(set).await.unwrap();
        assert_eq!(next(&mut events).await, Event::DirectoryChanged { version: version + 1 });
    })
    .await;
}
