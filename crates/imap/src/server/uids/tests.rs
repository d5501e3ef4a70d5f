//! Sets against a plain list of numbers.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn set(uids: &BTreeSet<Uid>) -> UidSet {
    uids.iter().copied().collect()
}

fn plain(set: &UidSet) -> BTreeSet<Uid> {
    set.iter().collect()
}

#[test]
fn what_lives_is_what_is_not_gone() {
    let gaps = [UidRange::new(1, 2), UidRange::one(5)];
    let live = UidSet::live(8, &gaps);
    assert_eq!(live.runs(), [UidRange::new(3, 4), UidRange::new(6, 7)]);
    assert_eq!((live.count(), live.rank(6), live.at(3)), (4, Some(3), Some(6)));
    assert!(UidSet::live(1, &[]).is_empty());
    assert_eq!(UidSet::live(1, &[]).count(), 0);
}

#[test]
fn a_million_messages_are_one_run() {
    let live = UidSet::live(1_000_001, &[]);
    assert_eq!((live.runs().len(), live.count()), (1, 1_000_000));
    assert_eq!(live.rank(1_000_000), Some(1_000_000));
    assert_eq!((live.at(0), live.at(1_000_001)), (None, None));
}

#[test]
fn the_highest_uid_is_no_trouble() {
    let top = UidSet::new(vec![UidRange::new(Uid::MAX - 1, Uid::MAX)]);
    assert_eq!((top.count(), top.at(2)), (2, Some(Uid::MAX)));
    assert!(top.without(&top).is_empty());
    assert_eq!(top.union(&top), top);
    assert_eq!(top.without(&UidSet::new(vec![UidRange::one(Uid::MAX)])).count(), 1);
}

proptest! {
    #[test]
    fn sets_behave_like_lists(
        one in prop::collection::btree_set(1_u32..60, 0..40),
        other in prop::collection::btree_set(1_u32..60, 0..40),
    ) {
        let (a, b) = (set(&one), set(&other));
        prop_assert_eq!(&plain(&a), &one);
        prop_assert_eq!(plain(&a.union(&b)), &one | &other);
        prop_assert_eq!(plain(&a.within(b.runs())), &one & &other);
        prop_assert_eq!(plain(&a.without(&b)), &one - &other);
        prop_assert_eq!(a.count() as usize, one.len());
        for (place, uid) in one.iter().enumerate() {
            let rank = u32::try_from(place).unwrap() + 1;
            prop_assert_eq!(a.rank(*uid), Some(rank));
            prop_assert_eq!(a.at(rank), Some(*uid));
        }
        for uid in other.difference(&one) {
            prop_assert_eq!(a.rank(*uid), None);
        }
        let runs = a.runs();
        prop_assert!(runs.windows(2).all(|pair| pair[0].last + 1 < pair[1].first));
    }

    #[test]
    fn new_uids_go_to_the_end(first in 1_u32..30, count in 0_u32..10, more in 0_u32..10) {
        let mut all = UidSet::live(first, &[]);
        all.extend(first, first + count);
        all.extend(first + count, first + count + more);
        prop_assert_eq!(all, UidSet::live(first + count + more, &[]));
    }
}
