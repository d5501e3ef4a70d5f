//! PostgreSQL only: that sets which decide on the same facts wait for each other. Another session
//! holds a row or a lock, so that a set stops in the middle for as long as the test wants.

use std::time::Duration;

use domain::RecipientId;
use store::audit::{self, AuditRecord};
use store::{CommitError, Location, Store, WriteSet, directory};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls};

use crate::engine::{Database, NOW, delivery, folders, on_each_engine, store_with_recipients};

type Running = JoinHandle<Result<(), CommitError>>;

async fn on_postgres(story: impl AsyncFn(&Database, Store, Client)) {
    on_each_engine(async |database| {
        if let Location::Postgres(url) = &database.location {
            let store = store_with_recipients(&database).await;
            let (other, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
            let served = tokio::spawn(connection);
            story(&database, store, other).await;
            served.await.unwrap().unwrap();
        }
    })
    .await;
}

fn run(store: &Store, set: WriteSet) -> Running {
    let store = store.clone();
    tokio::spawn(async move { store.commit(set).await })
}

/// Waits until as many sessions wait for a lock, unless a set that must wait ends before.
async fn until_waiting(other: &Client, sessions: i64, must_wait: &Running) {
    let count = "select count(*) from pg_stat_activity
                  where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..2000 {
        assert!(!must_wait.is_finished(), "the set did not wait");
        // Activity is read once a transaction, so each look is one of its own.
        if other.query_one(count, &[]).await.unwrap().get::<_, i64>(0) >= sessions {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody waits");
}

fn hold_folder(id: i64) -> String {
    format!("select id from folder where id = {id} for update")
}

/// A session beside `other` that holds something until the value is dropped.
async fn hold(database: &Database, sql: &str) -> Client {
    let Location::Postgres(url) = &database.location else { unreachable!() };
    let (holder, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    holder.batch_execute("begin").await.unwrap();
    holder.batch_execute(sql).await.unwrap();
    holder
}

#[tokio::test]
async fn a_revoke_waits_for_the_submissions_that_were_judged_before_it() {
    on_postgres(async |database, store, other| {
        let version = directory::load(&store).await.unwrap().version();
        let inbox = folders(1).inbox;
        let holder = hold(database, &hold_folder(inbox.0)).await;
        let mut submission = delivery(7, &[inbox]);
        directory::expect_version(&mut submission, version);
        let submission = run(&store, submission);
        until_waiting(&other, 1, &submission).await;

        // The submission's guard held. Its right may not be taken before it has committed.
        let mut revoke = WriteSet::new();
        directory::change(&mut revoke, version);
        directory::touch(&mut revoke, RecipientId(1));
        let revoke = run(&store, revoke);
        until_waiting(&other, 2, &revoke).await;
        drop(holder);
        submission.await.unwrap().unwrap();
        revoke.await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_submission_waits_for_a_revoke_in_progress_and_then_finds_it() {
    on_postgres(async |database, store, other| {
        let version = directory::load(&store).await.unwrap().version();
        let holder = hold(database, &hold_folder(folders(1).inbox.0)).await;
        let mut revoke = delivery(7, &[folders(1).inbox]);
        directory::change(&mut revoke, version);
        let revoke = run(&store, revoke);
        until_waiting(&other, 1, &revoke).await;

        let mut submission = delivery(8, &[folders(2).inbox]);
        directory::expect_version(&mut submission, version);
        let submission = run(&store, submission);
        until_waiting(&other, 2, &submission).await;
        drop(holder);
        revoke.await.unwrap().unwrap();
        assert_eq!(submission.await.unwrap().unwrap_err().conflict(), Some("directory"));
    })
    .await;
}

#[tokio::test]
async fn submissions_do_not_wait_for_each_other() {
    on_postgres(async |database, store, other| {
        let version = directory::load(&store).await.unwrap().version();
        let holder = hold(database, &hold_folder(folders(1).inbox.0)).await;
        let mut first = delivery(7, &[folders(1).inbox]);
        directory::expect_version(&mut first, version);
        let first = run(&store, first);
        until_waiting(&other, 1, &first).await;
        let mut second = delivery(8, &[folders(2).inbox]);
        directory::expect_version(&mut second, version);
        store.commit(second).await.unwrap();
        assert!(!first.is_finished());
        drop(holder);
        first.await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test]
async fn audit_records_wait_for_the_one_before() {
    on_postgres(async |database, store, other| {
        let record = |operation: &str| {
            let mut set = WriteSet::new();
            let record = AuditRecord {
                at: NOW,
                actor: "admin".to_owned(),
                operation: operation.to_owned(),
                object: "support".to_owned(),
                parameters: "{}".to_owned(),
                reason: None,
                before: None,
                after: None,
            };
            audit::record(&mut set, &record);
            set
        };
        // Whoever appends holds this lock; see the dialect's slot.
        let holder = hold(database, "select pg_advisory_xact_lock(7410002)").await;
        let first = run(&store, record("grant"));
        until_waiting(&other, 1, &first).await;
        let second = run(&store, record("revoke"));
        until_waiting(&other, 2, &second).await;
        drop(holder);
        first.await.unwrap().unwrap();
        second.await.unwrap().unwrap();
        let whole = audit::verify(&store).await.unwrap();
        assert_eq!((whole.records, whole.first_bad), (2, None));
    })
    .await;
}
