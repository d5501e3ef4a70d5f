//! Random sequences of changes in two folders, compared after each with a model that does the same
//! in the plainest way.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::{FolderId, RecipientId};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use store::expunge::{self, Which};
use store::flag::FlagOperation;
use store::folder::{self, NewFolder};
use store::mailbox::Reader;
use store::message::{self, NewPlacement};
use store::transfer::{self, Transfer};
use store::{Flags, Store, UidRange, WriteSet};

use crate::engine::{NOW, new_message, on_each_engine, placement, store_with_recipients};
use crate::mailbox::{all_rows, assert_counted, between, change};

const READERS: [Reader; 3] =
    [Reader::Everyone, Reader::Person(RecipientId(1)), Reader::Person(RecipientId(2))];
/// UIDs that ranges begin with; more than messages, so that some miss.
const UIDS: std::ops::Range<i64> = 1..30;
const SEQUENCES: u32 = 24;

#[derive(Debug, Clone)]
enum Step {
    Place { to: usize, flags: i64 },
    Flags { of: usize, reader: usize, kind: u8, flags: i64, ranges: Vec<UidRange> },
    Expunge { from: usize, deleted_only: bool, ranges: Vec<UidRange> },
    Copy { from: usize, to: usize, readers: (usize, usize), ranges: Vec<UidRange> },
    Move { from: usize, to: usize, readers: (usize, usize), without: i64, ranges: Vec<UidRange> },
}

fn ranges() -> impl Strategy<Value = Vec<UidRange>> {
    let range = prop_oneof![
        8 => (UIDS, 0..6_i64).prop_map(|(first, more)| UidRange { first, last: first + more }),
        1 => UIDS.prop_map(|first| UidRange { first, last: i64::MAX }),
    ];
    prop::collection::vec(range, 1..4)
}

fn step() -> impl Strategy<Value = Step> {
    let (at, reader) = (0..2_usize, 0..3_usize);
    let readers = (reader.clone(), reader.clone());
    prop_oneof![
        6 => (at.clone(), 0..32_i64).prop_map(|(to, flags)| Step::Place { to, flags }),
        4 => (at.clone(), reader, 0..3_u8, 0..32_i64, ranges()).prop_map(
            |(of, reader, kind, flags, ranges)| Step::Flags { of, reader, kind, flags, ranges }
        ),
        3 => (at.clone(), any::<bool>(), ranges()).prop_map(
            |(from, deleted_only, ranges)| Step::Expunge { from, deleted_only, ranges }
        ),
        2 => (at.clone(), at.clone(), readers.clone(), ranges()).prop_map(
            |(from, to, readers, ranges)| Step::Copy { from, to, readers, ranges }
        ),
        2 => (at.clone(), at, readers, prop::sample::select(&[0, 8, 30][..]), ranges()).prop_map(
            |(from, to, readers, without, ranges)| {
                Step::Move { from, to, readers, without, ranges }
            }
        ),
    ]
}

/// A placed message: which, its flags, and what each person says of Seen.
type Placed = (i64, i64, BTreeMap<usize, bool>);

#[derive(Debug, Clone, Default)]
struct Model {
    placed: BTreeMap<i64, Placed>,
    last_uid: i64,
}

impl Model {
    fn place(&mut self, placed: Placed) {
        self.last_uid += 1;
        self.placed.insert(self.last_uid, placed);
    }

    fn chosen(&self, ranges: &[UidRange]) -> Vec<i64> {
        let is_in = |uid: &i64| ranges.iter().any(|range| range.contains(*uid));
        self.placed.keys().copied().filter(is_in).collect()
    }

    fn seen_as(&self, reader: usize) -> Vec<(i64, i64, i64)> {
        let placed = self.placed.iter();
        placed.map(|(uid, placed)| (*uid, placed.0, flags_as(placed, reader))).collect()
    }
}

fn flags_as((_, flags, seen): &Placed, reader: usize) -> i64 {
    match seen.get(&reader) {
        Some(is_seen) => flags & !1 | i64::from(*is_seen),
        None => *flags,
    }
}

fn set_flags((_, own, seen): &mut Placed, reader: usize, kind: u8, flags: i64) {
    let (keep, set) = match kind {
        0 => (-1, flags),
        1 => (!flags, 0),
        _ => (0, flags),
    };
    if reader == 0 {
        *own = *own & keep | set;
        return;
    }
    let now = flags_as(&(0, *own, seen.clone()), reader);
    let next = now & keep | set;
    *own = *own & (keep | 1) | set & !1;
    if next & 1 != now & 1 {
        seen.insert(reader, next & 1 != 0);
    }
}

fn copied(placed: &Placed, (from, to): (usize, usize)) -> Placed {
    match (from, to) {
        (0, _) => (placed.0, placed.1, BTreeMap::new()),
        (reader, 0) => (placed.0, flags_as(placed, reader), BTreeMap::new()),
        _ => placed.clone(),
    }
}

fn apply(models: &mut [Model; 2], step: &Step, message: i64) {
    match step {
        Step::Place { to, flags } => models[*to].place((message, *flags, BTreeMap::new())),
        Step::Flags { of, reader, kind, flags, ranges } => {
            for uid in models[*of].chosen(ranges) {
                let placed = models[*of].placed.get_mut(&uid).unwrap();
                set_flags(placed, *reader, *kind, *flags);
            }
        }
        Step::Expunge { from, deleted_only, ranges } => {
            for uid in models[*from].chosen(ranges) {
                if !deleted_only || models[*from].placed[&uid].1 & 8 != 0 {
                    models[*from].placed.remove(&uid);
                }
            }
        }
        Step::Copy { from, to, readers, ranges } => {
            for uid in models[*from].chosen(ranges) {
                let copy = copied(&models[*from].placed[&uid], *readers);
                models[*to].place(copy);
            }
        }
        Step::Move { from, to, readers, without, ranges } => {
            for uid in models[*from].chosen(ranges) {
                let gone = models[*from].placed.remove(&uid).unwrap();
                let (message, flags, seen) = copied(&gone, *readers);
                models[*to].place((message, flags & !without, seen));
            }
        }
    }
}

async fn run(store: &Store, folders: [FolderId; 2], step: &Step, message: i64) {
    let there = |from: &usize, to: &usize, readers: &(usize, usize)| Transfer {
        from_reader: READERS[readers.0],
        to_reader: READERS[readers.1],
        ..between(folders[*from], folders[*to], &[])
    };
    match step {
        Step::Place { to, flags } => {
            let mut set = WriteSet::new();
            message::insert(&mut set, &new_message(message, "random"));
            let placed = placement(folders[*to], message);
            message::place(&mut set, &NewPlacement { flags: Flags(*flags), ..placed });
            store.commit(set).await.unwrap();
        }
        Step::Flags { of, reader, kind, flags, ranges } => {
            let operation = match kind {
                0 => FlagOperation::Add(Flags(*flags)),
                1 => FlagOperation::Remove(Flags(*flags)),
                _ => FlagOperation::Replace(Flags(*flags)),
            };
            change(store, (folders[*of], READERS[*reader]), ranges, operation).await;
        }
        Step::Expunge { from, deleted_only, ranges } => {
            let which = if *deleted_only { Which::Deleted } else { Which::All };
            let from = folders[*from];
            expunge::expunge(store, WriteSet::new(), from, ranges, which).await.unwrap();
        }
        Step::Copy { from, to, readers, ranges } => {
            let copy = Transfer { uids: ranges, ..there(from, to, readers) };
            transfer::copy_to(store, WriteSet::new(), &copy).await.unwrap();
        }
        Step::Move { from, to, readers, without, ranges } => {
            let without = Flags(*without);
            let moved = Transfer { uids: ranges, without, ..there(from, to, readers) };
            transfer::move_to(store, WriteSet::new(), &moved).await.unwrap();
        }
    }
}

static NUMBERS: AtomicI64 = AtomicI64::new(1000);

async fn play(store: &Store, steps: &[Step]) {
    let number = NUMBERS.fetch_add(1000, Ordering::Relaxed);
    let folders = [FolderId(number), FolderId(number + 1)];
    let mut set = WriteSet::new();
    for id in folders {
        let (recipient, role) = (RecipientId(1), None);
        let name = format!("Folder {id}");
        let new = NewFolder { id, recipient, name, role, uid_validity: 1, created_at: NOW };
        folder::create(&mut set, &new);
    }
    store.commit(set).await.unwrap();
    let mut models = [Model::default(), Model::default()];
    for (step, message) in steps.iter().zip(number..) {
        apply(&mut models, step, message);
        run(store, folders, step, message).await;
        for (folder, model) in folders.into_iter().zip(&models) {
            for (at, reader) in READERS.into_iter().enumerate() {
                let rows = all_rows(store, folder, reader).await;
                let found: Vec<(i64, i64, i64)> =
                    rows.iter().map(|row| (row.uid, row.message.0, row.flags.0)).collect();
                assert_eq!(found, model.seen_as(at), "{step:?} as {reader:?}");
            }
            assert_counted(store, folder, &READERS).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_hold_and_count_what_was_done_to_them() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let runtime = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            let config =
                Config { cases: SEQUENCES, failure_persistence: None, ..Config::default() };
            let mut runner = TestRunner::new(config);
            let steps = prop::collection::vec(step(), 1..25);
            runner
                .run(&steps, |steps| {
                    runtime.block_on(play(&store, &steps));
                    Ok(())
                })
                .unwrap();
        });
    })
    .await;
}
