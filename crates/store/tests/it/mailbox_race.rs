//! Sessions that change one folder at once: nothing is lost, nothing counted twice.

use std::collections::BTreeSet;

use domain::FolderId;
use futures_util::future::join_all;
use store::expunge::{self, Which};
use store::flag::{self, FlagChange, FlagOperation};
use store::mailbox::Reader;
use store::transfer;
use store::{Flags, Store, UidRange, WriteSet, folder};
use tokio::task::JoinHandle;

use crate::engine::{delivery, folders, on_each_engine};
use crate::mailbox::{
    CLAIRE, all_rows, assert_counted, between, change, range, store_with_messages,
};

fn spawn_change(
    store: &Store,
    here: (FolderId, Reader),
    uids: UidRange,
    operation: FlagOperation,
) -> JoinHandle<Vec<UidRange>> {
    let store = store.clone();
    tokio::spawn(async move { change(&store, here, &[uids], operation).await.changed })
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sessions_that_set_flags_both_do() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 50).await;
        let flags = [Flags::SEEN, Flags::ANSWERED, Flags::FLAGGED, Flags::DELETED, Flags::DRAFT];
        let changes = flags.into_iter().flat_map(|flag| {
            let reader = if flag == Flags::SEEN { CLAIRE } else { Reader::Everyone };
            [range(1, 20), range(11, 40)]
                .map(|uids| spawn_change(&store, (inbox, reader), uids, FlagOperation::Add(flag)))
        });
        let changes: Vec<_> = changes.collect();
        let before: usize = 50;
        let mut changed = 0;
        for task in join_all(changes).await {
            changed += task.unwrap().iter().map(|range| range.span()).sum::<i64>();
        }
        // Where two set the same flag, one of them did.
        assert_eq!(changed, 5 * 40);
        let rows = all_rows(&store, inbox, CLAIRE).await;
        assert_eq!(rows.len(), before);
        for row in rows {
            let expected = if row.uid <= 40 { Flags::SYSTEM } else { Flags::NONE };
            assert_eq!(row.flags, expected, "{}", row.uid);
        }
        assert_counted(&store, inbox, &[CLAIRE]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_conditional_changes_one_is_refused() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 30).await;
        let known = folder::status(&store, inbox).await.unwrap().unwrap().modseq;
        let changes = [Flags::ANSWERED, Flags::FLAGGED, Flags::DRAFT].map(|flag| {
            let store = store.clone();
            tokio::spawn(async move {
                let change = FlagChange {
                    folder: inbox,
                    reader: Reader::Everyone,
                    uids: &[UidRange::ALL],
                    operation: FlagOperation::Add(flag),
                    unchanged_since: Some(known),
                };
                flag::store(&store, WriteSet::new(), &change).await.unwrap()
            })
        });
        let mut outcomes = Vec::new();
        for outcome in join_all(changes).await {
            let outcome = outcome.unwrap();
            outcomes.push((outcome.changed, outcome.refused));
        }
        outcomes.sort();
        let all = vec![range(1, 30)];
        assert_eq!(outcomes, [(vec![], all.clone()), (vec![], all.clone()), (all, vec![])]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_go_come_and_change_at_once() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 60).await;
        let sent = folders(1).sent;
        let mut running: Vec<JoinHandle<()>> = Vec::new();
        for task in 0..12_i64 {
            let store = store.clone();
            let uids = [range(task * 4 + 1, task * 4 + 6)];
            running.push(tokio::spawn(async move {
                match task % 6 {
                    0 => {
                        let gone =
                            expunge::expunge(&store, WriteSet::new(), inbox, &uids, Which::All);
                        drop(gone.await.unwrap());
                    }
                    1 => store.commit(delivery(1000 + task, &[inbox, sent])).await.unwrap(),
                    2 => {
                        let flags = FlagOperation::Add(Flags::SEEN.with(Flags::DELETED));
                        drop(change(&store, (inbox, CLAIRE), &uids, flags).await);
                    }
                    3 => {
                        let there = between(inbox, sent, &uids);
                        drop(transfer::move_to(&store, WriteSet::new(), &there).await.unwrap());
                    }
                    4 => {
                        let back = between(sent, inbox, &uids);
                        drop(transfer::copy_to(&store, WriteSet::new(), &back).await.unwrap());
                    }
                    _ => {
                        let all = [UidRange::ALL];
                        let gone =
                            expunge::expunge(&store, WriteSet::new(), inbox, &all, Which::Deleted);
                        drop(gone.await.unwrap());
                        expunge::reap(&store).await.unwrap();
                    }
                }
            }));
        }
        for task in join_all(running).await {
            task.unwrap();
        }
        while expunge::reap(&store).await.unwrap() > 0 {}
        let mut placed = BTreeSet::new();
        for folder in [inbox, sent] {
            assert_counted(&store, folder, &[CLAIRE]).await;
            let rows = all_rows(&store, folder, Reader::Everyone).await;
            placed.extend(rows.iter().map(|row| row.message));
        }
        // What has a place has its bytes, and nothing else does.
        for id in (1..=60).chain(1000..1012).map(domain::MessageId) {
            let kept = store::message::content(&store, id).await.unwrap().is_some();
            assert_eq!(kept, placed.contains(&id), "{id}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_moves_of_one_message_one_has_it() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 20).await;
        let targets = [folders(1).sent, folders(2).inbox, folders(3).inbox, inbox];
        let moves = targets.map(|to| {
            let store = store.clone();
            tokio::spawn(async move {
                let uids = [range(1, 20)];
                let there = between(inbox, to, &uids);
                transfer::move_to(&store, WriteSet::new(), &there).await.unwrap()
            })
        });
        let mut moved = 0;
        for outcome in join_all(moves).await {
            let outcome = outcome.unwrap();
            let count = |ranges: &[UidRange]| ranges.iter().map(|range| range.span()).sum::<i64>();
            assert_eq!(count(&outcome.from), count(&outcome.to));
            moved += count(&outcome.from);
        }
        assert_eq!(moved, 20);
        let mut found = 0;
        for folder in targets {
            assert_counted(&store, folder, &[]).await;
            found += all_rows(&store, folder, Reader::Everyone).await.len();
        }
        assert_eq!(found, 20);
    })
    .await;
}
