//! Many callers at once: group commit, guards, identifiers.

use std::collections::HashSet;

use domain::RecipientId;
use futures_util::future::join_all;
use store::directory::{self, Revocation};
use store::message::{self, NewPlacement};
use store::{CommitError, Event, Store, WriteSet};

use crate::engine::{
    NOW, change, delivery, folders, grant, on_each_engine, placement, store_with_recipients,
};

const TASKS: i64 = 64;

#[tokio::test(flavor = "multi_thread")]
async fn sets_that_commit_together_number_their_folder_without_gaps() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let (one, two) = (folders(1).inbox, folders(2).inbox);
        // Half of the sets name the folders the other way round.
        let sets = (0..TASKS).map(|task| {
            let order = if task % 2 == 0 { [one, two] } else { [two, one] };
            let store = store.clone();
            tokio::spawn(async move { store.commit(delivery(1000 + task, &order)).await })
        });
        for outcome in join_all(sets).await {
            outcome.unwrap().unwrap();
        }
        for folder in [one, two] {
            let page = message::list(&store, folder, 0, 1000).await.unwrap();
            let uids: Vec<i64> = page.iter().map(|placement| placement.uid).collect();
            assert_eq!(uids, (1..=TASKS).collect::<Vec<_>>());
            assert_eq!(message::count(&store, folder).await.unwrap(), TASKS);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_leaves_no_mark_and_harms_no_other() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let inbox = folders(1).inbox;
        let version = directory::load(&store).await.unwrap().version();
        let sets = (0..TASKS).map(|task| {
            let mut set = delivery(1000 + task, &[inbox]);
            match task % 4 {
                // A guard that does not hold, and a folder that is not there.
                0 => directory::expect_version(&mut set, version + 1),
                1 => message::place(
                    &mut set,
                    &NewPlacement {
                        folder: domain::FolderId(999),
                        ..placement(inbox, 1000 + task)
                    },
                ),
                _ => directory::expect_version(&mut set, version),
            }
            let store = store.clone();
            tokio::spawn(async move { (task, store.commit(set).await) })
        });
        for outcome in join_all(sets).await {
            let (task, outcome) = outcome.unwrap();
            let conflict = outcome.err().and_then(|error| error.conflict());
            let expected = [Some("directory"), Some("folder"), None, None];
            assert_eq!(conflict, expected[usize::try_from(task % 4).unwrap()], "task {task}");
        }
        let page = message::list(&store, inbox, 0, 1000).await.unwrap();
        let uids: Vec<i64> = page.iter().map(|placement| placement.uid).collect();
        assert_eq!(uids, (1..=TASKS / 2).collect::<Vec<_>>());
        let kept: HashSet<i64> = page.iter().map(|placement| placement.message.id.0 % 4).collect();
        assert_eq!(kept, HashSet::from([2, 3]));
    })
    .await;
}

/// A sender who reads the directory, sees the right, and commits; again and again.
async fn send_until_revoked(store: Store, sender: i64) -> i64 {
    let mut sent = 0;
    loop {
        let directory = directory::load(&store).await.unwrap();
        if directory.grants_on(RecipientId(3)).is_empty() {
            return sent;
        }
        let mut set = delivery(sender * 1_000_000 + sent, &[folders(3).sent]);
        directory::expect_version(&mut set, directory.version());
        match store.commit(set).await {
            Ok(()) => sent += 1,
            Err(CommitError::Conflict("directory")) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_judged_before_a_revoke_commits_after_it() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let mut version = change(&store, |set| directory::put_grant(set, &grant(50, 3, 1))).await;
        let senders: Vec<_> =
            (1..=8).map(|sender| tokio::spawn(send_until_revoked(store.clone(), sender))).collect();
        // Some changes pass by, so that senders meet them in all moments; then the revoke.
        for _ in 0..20 {
            let mut set = WriteSet::new();
            version = directory::change(&mut set, version);
            directory::touch(&mut set, RecipientId(1));
            store.commit(set).await.unwrap();
        }
        let mut set = WriteSet::new();
        directory::change(&mut set, version);
        let revocation = Revocation { by: "admin".to_owned(), at: NOW, reason: None };
        directory::revoke_grant(&mut set, domain::GrantId(50), &revocation);
        store.commit(set).await.unwrap();
        let sent_by_then = message::count(&store, folders(3).sent).await.unwrap();

        let mut sent = 0;
        for sender in senders {
            sent += sender.await.unwrap();
        }
        assert_eq!(sent, sent_by_then);
        assert_eq!(message::count(&store, folders(3).sent).await.unwrap(), sent_by_then);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_on_one_version_one_commits() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let version = directory::load(&store).await.unwrap().version();
        let changes = (0..16).map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut set = WriteSet::new();
                directory::change(&mut set, version);
                directory::touch(&mut set, RecipientId(1));
                store.commit(set).await
            })
        });
        let outcomes = join_all(changes).await;
        let committed = outcomes.iter().filter(|outcome| outcome.as_ref().unwrap().is_ok()).count();
        assert_eq!(committed, 1);
        assert_eq!(directory::load(&store).await.unwrap().version(), version + 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn identifiers_are_unique_over_stores_and_ascend_in_each() {
    on_each_engine(async |database| {
        let stores = [database.open().await, database.open().await];
        let takers = stores.iter().flat_map(|store| {
            (0..4).map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut taken = Vec::new();
                    // Enough for several blocks.
                    for _ in 0..6000 {
                        taken.push(store.next_id().await.unwrap());
                    }
                    taken
                })
            })
        });
        let mut all = HashSet::new();
        for taken in join_all(takers).await {
            let taken = taken.unwrap();
            assert!(taken.is_sorted());
            assert!(taken.iter().all(|id| *id > 0));
            all.extend(taken);
        }
        assert_eq!(all.len(), 2 * 4 * 6000);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_commits_although_nobody_waits_for_it_any_more() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let mut events = store.subscribe();
        let inbox = folders(1).inbox;
        for id in 100..110 {
            let waiting = store.clone();
            let task = tokio::spawn(async move { waiting.commit(delivery(id, &[inbox])).await });
            tokio::task::yield_now().await;
            task.abort();
            let _ = task.await;
        }
        // Whatever became of those, the store goes on and its numbers have no gap.
        store.commit(delivery(200, &[inbox])).await.unwrap();
        assert_eq!(events.recv().await.unwrap(), Event::FolderChanged { folder: inbox });
        let page = message::list(&store, inbox, 0, 100).await.unwrap();
        let uids: Vec<i64> = page.iter().map(|placement| placement.uid).collect();
        assert_eq!(uids, (1..=i64::try_from(uids.len()).unwrap()).collect::<Vec<_>>());
        assert!(page.iter().any(|placement| placement.message.id.0 == 200));
    })
    .await;
}
