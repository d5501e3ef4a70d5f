use std::task::{Context, Poll, Waker};

use domain::Timestamp;
use store::trace::{TraceEvent, TraceFilter, TraceKind};
use store::{Location, Options};
use tokio::time::Instant;

use super::*;

async fn store(dir: &tempfile::TempDir) -> Store {
    let location = Location::Sqlite(dir.path().join("guichet.db"));
    Store::open(location, Options::default()).await.expect("a new database")
}

fn write(id: u32) -> WriteSet {
    let mut set = WriteSet::new();
    let event = TraceEvent {
        id: id.into(),
        at: Timestamp(1),
        message: None,
        internet_message_id: None,
        kind: TraceKind::Refuse,
        sender: None,
        recipient: None,
        subject: None,
        size_bytes: None,
        actor: None,
        detail: "{}".to_owned(),
        reference: None,
    };
    store::trace::record(&mut set, &event);
    set
}

/// Hands in so many writes without once giving way to the task that commits them.
async fn hand_in(later: &Later, count: u32) {
    tokio::task::unconstrained(async {
        for id in 1..=count {
            later.commit(write(id)).await;
        }
    })
    .await;
}

/// Waits until nothing is under way, without asking for haste.
async fn settled(later: &Later) {
    drop(later.0.places.acquire_many(WAITING_MAX).await);
}

async fn written(store: &Store) -> usize {
    let filter = TraceFilter { limit: 10_000, ..TraceFilter::default() };
    store::trace::search(store, &filter).await.expect("reads").len()
}

#[tokio::test(start_paused = true)]
async fn writes_are_gathered_for_their_time_and_not_longer() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = store(&dir).await;
    let later = Later::new(store.clone());
    let started_at = Instant::now();
    hand_in(&later, GATHERED_MAX - 1).await;
    settled(&later).await;
    assert!(started_at.elapsed() >= GATHER_TIME);
    assert!(started_at.elapsed() < 2 * GATHER_TIME);
    assert_eq!(written(&store).await, GATHERED_MAX as usize - 1);
}

#[tokio::test(start_paused = true)]
async fn enough_writes_are_committed_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = store(&dir).await;
    let later = Later::new(store.clone());
    let started_at = Instant::now();
    hand_in(&later, GATHERED_MAX).await;
    settled(&later).await;
    assert!(started_at.elapsed() < GATHER_TIME);
    assert_eq!(written(&store).await, GATHERED_MAX as usize);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_need_not_wait_for_the_time() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = store(&dir).await;
    let later = Later::new(store.clone());
    let started_at = Instant::now();
    hand_in(&later, 1).await;
    later.finish().await;
    assert!(started_at.elapsed() < GATHER_TIME);
    assert_eq!(written(&store).await, 1);
    // Nothing waits: nothing to wait for.
    later.finish().await;
}

#[tokio::test]
async fn one_write_too_many_waits_for_a_place() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = store(&dir).await;
    let later = Later::new(store.clone());
    hand_in(&later, WAITING_MAX).await;
    let mut one_more = Box::pin(later.commit(write(WAITING_MAX + 1)));
    let polled = one_more.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Pending);
    one_more.await;
    later.finish().await;
    assert_eq!(written(&store).await, WAITING_MAX as usize + 1);
}

#[tokio::test]
async fn a_failed_commit_gives_the_places_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = store(&dir).await;
    let later = Later::new(store.clone());
    hand_in(&later, 1).await;
    later.finish().await;
    // The same identifier again: the whole set fails.
    hand_in(&later, 2).await;
    later.finish().await;
    assert_eq!(later.0.places.available_permits(), WAITING_MAX as usize);
    assert_eq!(written(&store).await, 1);
}
