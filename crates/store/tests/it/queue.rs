//! The queue: claims, leases, fates.

use std::collections::HashSet;

use domain::{MessageId, QueueEntryId, Timestamp};
use futures_util::future::join_all;
use mail::ReversePath;
use store::queue::{self, Claim, Deferral, DsnWishes, NewQueueEntry, QueueState};
use store::{CommitError, Store, WriteSet};

use crate::engine::{NOW, address, on_each_engine};

pub(crate) fn new_entry(id: i64) -> NewQueueEntry {
    NewQueueEntry {
        id: QueueEntryId(id),
        message: MessageId(id / 10),
        reverse_path: ReversePath::Address(address("support@contoso.com")),
        recipient: address(&format!("customer{id}@fabrikam.com")),
        next_attempt_at: NOW.plus_secs(id),
        created_at: NOW,
        expires_at: NOW.plus_secs(5 * 24 * 3600),
        wishes: DsnWishes {
            notify: "FAILURE,DELAY".to_owned(),
            orcpt: Some("rfc822;customer@fabrikam.com".to_owned()),
            envid: None,
            ret: Some("HDRS".to_owned()),
        },
        is_kept: id % 2 == 1,
    }
}

async fn enqueue(store: &Store, ids: impl IntoIterator<Item = i64>) {
    let mut set = WriteSet::new();
    for id in ids {
        queue::enqueue(&mut set, &new_entry(id));
    }
    store.commit(set).await.unwrap();
}

/// Claims at a second after [`NOW`], for a minute.
async fn claim(store: &Store, worker: &str, second: i64, limit: u32) -> Vec<i64> {
    let now = NOW.plus_secs(second);
    let claim = Claim { worker, now, until: now.plus_secs(60) };
    let claimed = queue::claim_due(store, claim, limit).await.unwrap();
    claimed.into_iter().map(|entry| entry.id.0).collect()
}

async fn commit(store: &Store, fill: impl FnOnce(&mut WriteSet)) -> Result<(), CommitError> {
    let mut set = WriteSet::new();
    fill(&mut set);
    store.commit(set).await
}

#[tokio::test]
async fn what_is_enqueued_is_what_is_claimed() {
    on_each_engine(async |database| {
        let store = database.open().await;
        enqueue(&store, [5]).await;
        let now = NOW.plus_secs(5);
        let until = now.plus_secs(60);
        let claimed =
            queue::claim_due(&store, Claim { worker: "a", now, until }, 10).await.unwrap();
        let new = new_entry(5);
        let [entry] = claimed.as_slice() else { panic!("{claimed:?}") };
        assert_eq!((entry.id, entry.message), (new.id, new.message));
        assert_eq!(entry.reverse_path, new.reverse_path);
        assert_eq!((&entry.recipient, &entry.wishes), (&new.recipient, &new.wishes));
        assert_eq!((entry.state, entry.attempts), (QueueState::Waiting, 1));
        assert_eq!((entry.claimed_by.as_deref(), entry.claimed_until), (Some("a"), until));
        assert_eq!((entry.created_at, entry.expires_at), (new.created_at, new.expires_at));
        assert_eq!((&entry.last_reply, entry.delay_notified_at), (&None, None));
        assert_eq!(queue::show(&store, new.id).await.unwrap().as_ref(), Some(entry));
        assert_eq!(queue::of_message(&store, new.message).await.unwrap(), claimed);
    })
    .await;
}

#[tokio::test]
async fn a_null_reverse_path_stays_null() {
    on_each_engine(async |database| {
        let store = database.open().await;
        let dsn = NewQueueEntry { reverse_path: ReversePath::Null, ..new_entry(5) };
        commit(&store, |set| queue::enqueue(set, &dsn)).await.unwrap();
        let shown = queue::show(&store, dsn.id).await.unwrap().unwrap();
        assert_eq!(shown.reverse_path, ReversePath::Null);
    })
    .await;
}

#[tokio::test]
async fn only_what_is_due_is_claimed_and_the_longest_due_first() {
    on_each_engine(async |database| {
        let store = database.open().await;
        enqueue(&store, [30, 10, 20]).await;
        assert_eq!(claim(&store, "a", 9, 10).await, [0; 0]);
        assert_eq!(claim(&store, "a", 10, 10).await, [10]);
        assert_eq!(claim(&store, "a", 30, 1).await, [20]);
        assert_eq!(claim(&store, "a", 30, 10).await, [30]);
        assert_eq!(claim(&store, "a", 30, 10).await, [0; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_never_share_an_entry() {
    on_each_engine(async |database| {
        let store = database.open().await;
        enqueue(&store, 1..=200).await;
        let workers = (0..8).map(|worker| {
            let store = store.clone();
            tokio::spawn(async move {
                let name = format!("worker {worker}");
                let mut taken = Vec::new();
                loop {
                    let claimed = claim(&store, &name, 1000, 7).await;
                    if claimed.is_empty() {
                        return taken;
                    }
                    taken.extend(claimed);
                }
            })
        });
        let taken: Vec<i64> =
            join_all(workers).await.into_iter().flat_map(|worker| worker.unwrap()).collect();
        assert_eq!(taken.len(), 200);
        assert_eq!(taken.into_iter().collect::<HashSet<_>>().len(), 200);
    })
    .await;
}

#[tokio::test]
async fn a_lease_ends_and_with_it_the_right_to_decide() {
    on_each_engine(async |database| {
        let store = database.open().await;
        enqueue(&store, [1]).await;
        let id = QueueEntryId(1);
        assert_eq!(claim(&store, "slow", 1, 1).await, [1]);
        assert_eq!(claim(&store, "next", 60, 1).await, [0; 0]);
        assert_eq!(claim(&store, "next", 61, 1).await, [1]);
        let late = commit(&store, |set| queue::settle(set, id, "slow")).await.unwrap_err();
        assert_eq!(late.conflict(), Some("lease"));
        commit(&store, |set| queue::settle(set, id, "next")).await.unwrap();
        assert_eq!(queue::show(&store, id).await.unwrap(), None);
        let twice = commit(&store, |set| queue::settle(set, id, "next")).await.unwrap_err();
        assert_eq!(twice.conflict(), Some("lease"));
    })
    .await;
}

#[tokio::test]
async fn an_entry_that_must_not_be_lost_is_held_by_whoever_has_the_lease() {
    on_each_engine(async |database| {
        let store = database.open().await;
        enqueue(&store, [1]).await;
        let id = QueueEntryId(1);
        assert_eq!(claim(&store, "worker", 1, 1).await, [1]);
        let other = commit(&store, |set| queue::keep(set, id, "550 no", "other")).await;
        assert_eq!(other.unwrap_err().conflict(), Some("lease"));
        commit(&store, |set| queue::keep(set, id, "550 no", "worker")).await.unwrap();
        let kept = queue::show(&store, id).await.unwrap().unwrap();
        assert_eq!((kept.state, kept.is_kept), (QueueState::Held, true));
        assert_eq!(kept.last_reply.as_deref(), Some("550 no"));
        assert_eq!(claim(&store, "worker", 3600, 1).await, [0; 0]);
        let now = NOW.plus_secs(3600);
        commit(&store, |set| queue::release(set, id, now)).await.unwrap();
        assert_eq!(claim(&store, "worker", 3600, 1).await, [1]);
    })
    .await;
}

#[tokio::test]
async fn whoever_opens_an_embedded_database_ends_the_leases_of_a_process_that_died() {
    on_each_engine(async |database| {
        let store = database.open().await;
        enqueue(&store, [1]).await;
        assert_eq!(claim(&store, "died", 1, 1).await, [1]);
        queue::end_abandoned_leases(&store).await.unwrap();
        // On PostgreSQL another process may well be alive: its lease stands.
        let free: Vec<i64> = if store.is_embedded() { vec![1] } else { Vec::new() };
        assert_eq!(claim(&store, "next", 2, 1).await, free[..]);
    })
    .await;
}

#[tokio::test]
async fn a_deferred_entry_waits_and_keeps_what_was_said() {
    on_each_engine(async |database| {
        let store = database.open().await;
        enqueue(&store, [1]).await;
        let id = QueueEntryId(1);
        let mut deferral = Deferral {
            id,
            next_attempt_at: NOW.plus_secs(300),
            last_reply: "451 4.7.1 Greylisted".to_owned(),
            delay_notified_at: Some(NOW.plus_secs(2)),
        };
        claim(&store, "a", 1, 1).await;
        commit(&store, |set| queue::defer(set, &deferral, "a")).await.unwrap();
        assert_eq!(claim(&store, "a", 299, 1).await, [0; 0]);
        assert_eq!(claim(&store, "a", 300, 1).await, [1]);
        deferral.delay_notified_at = None;
        commit(&store, |set| queue::defer(set, &deferral, "a")).await.unwrap();
        let entry = queue::show(&store, id).await.unwrap().unwrap();
        assert_eq!(entry.attempts, 2);
        assert_eq!(entry.last_reply.as_deref(), Some("451 4.7.1 Greylisted"));
        assert_eq!(entry.delay_notified_at, Some(NOW.plus_secs(2)));
        assert_eq!((entry.claimed_by, entry.claimed_until), (None, Timestamp(0)));
        let late = commit(&store, |set| queue::defer(set, &deferral, "a")).await.unwrap_err();
        assert_eq!(late.conflict(), Some("lease"));
    })
    .await;
}

#[tokio::test]
async fn an_administrator_holds_releases_retries_and_drops_what_no_worker_has() {
    on_each_engine(async |database| {
        let store = database.open().await;
        enqueue(&store, [1, 2]).await;
        let (one, two) = (QueueEntryId(1), QueueEntryId(2));
        let at = |second| NOW.plus_secs(second);
        commit(&store, |set| queue::hold(set, one, at(0))).await.unwrap();
        assert_eq!(claim(&store, "a", 5, 10).await, [2]);
        let held = queue::list(&store, Some(QueueState::Held), None, 10).await.unwrap();
        assert_eq!(held.iter().map(|entry| entry.id).collect::<Vec<_>>(), [one]);

        // While a worker has it, nobody else decides; afterwards again.
        for change in [queue::hold, queue::release, queue::retry_now, queue::drop] {
            let busy = commit(&store, |set| change(set, two, at(64))).await.unwrap_err();
            assert_eq!(busy.conflict(), Some("queue_entry"));
        }
        commit(&store, |set| queue::drop(set, two, at(65))).await.unwrap();
        assert_eq!(queue::show(&store, two).await.unwrap(), None);

        commit(&store, |set| queue::release(set, one, at(10))).await.unwrap();
        assert_eq!(claim(&store, "a", 9, 10).await, [0; 0]);
        assert_eq!(claim(&store, "a", 10, 10).await, [1]);
        let missing = commit(&store, |set| queue::drop(set, two, at(99))).await.unwrap_err();
        assert_eq!(missing.conflict(), Some("queue_entry"));
    })
    .await;
}

#[tokio::test]
async fn the_next_due_time_knows_waiting_entries_and_leases() {
    on_each_engine(async |database| {
        let store = database.open().await;
        assert_eq!(queue::next_due_at(&store).await.unwrap(), None);
        enqueue(&store, [10, 500]).await;
        assert_eq!(queue::next_due_at(&store).await.unwrap(), Some(NOW.plus_secs(10)));
        claim(&store, "a", 10, 1).await;
        assert_eq!(queue::next_due_at(&store).await.unwrap(), Some(NOW.plus_secs(70)));
        commit(&store, |set| queue::settle(set, QueueEntryId(10), "a")).await.unwrap();
        assert_eq!(queue::next_due_at(&store).await.unwrap(), Some(NOW.plus_secs(500)));
        commit(&store, |set| queue::hold(set, QueueEntryId(500), NOW)).await.unwrap();
        assert_eq!(queue::next_due_at(&store).await.unwrap(), None);
        assert_eq!(queue::count(&store).await.unwrap(), [(QueueState::Held, 1)]);
    })
    .await;
}

#[tokio::test]
async fn a_listing_goes_on_behind_its_last_entry() {
    on_each_engine(async |database| {
        let store = database.open().await;
        enqueue(&store, 1..=5).await;
        let first = queue::list(&store, None, None, 3).await.unwrap();
        assert_eq!(first.iter().map(|entry| entry.id.0).collect::<Vec<_>>(), [1, 2, 3]);
        let rest = queue::list(&store, None, Some(first[2].id), 3).await.unwrap();
        assert_eq!(rest.iter().map(|entry| entry.id.0).collect::<Vec<_>>(), [4, 5]);
    })
    .await;
}
