//! Changes of more messages than one commit takes.

use domain::MessageId;
use store::expunge::{self, Which};
use store::flag::FlagOperation;
use store::mailbox::{self, Reader};
use store::message::{self, NewPlacement};
use store::transfer;
use store::{Flags, UidRange, WriteSet, flag, folder};

use crate::engine::{folders, new_message, on_each_engine, placement, store_with_recipients};
use crate::mailbox::{all_rows, assert_counted, between, change, range};

/// More than one piece takes, and less than two do.
const MESSAGES: i64 = 5000;
/// Ranges, the same.
const RANGES: i64 = 300;

#[tokio::test]
async fn many_messages_are_changed_moved_and_expunged_in_pieces() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let (inbox, sent) = (folders(1).inbox, folders(1).sent);
        let mut set = WriteSet::new();
        message::insert(&mut set, &new_message(7, "many times"));
        for _ in 0..MESSAGES {
            let unseen = NewPlacement { flags: Flags::NONE, ..placement(inbox, 7) };
            message::place(&mut set, &unseen);
        }
        store.commit(set).await.unwrap();
        let here = (inbox, Reader::Everyone);
        let modseq = async || folder::status(&store, inbox).await.unwrap().unwrap().modseq;

        let before = modseq().await;
        let seen = FlagOperation::Add(Flags::SEEN);
        let outcome = change(&store, here, &[UidRange::ALL], seen).await;
        assert_eq!((outcome.modseq, modseq().await), (before + 2, before + 2));
        assert_eq!(outcome.changed, [range(1, MESSAGES)]);
        let apart: Vec<UidRange> = (1..=RANGES).map(|n| UidRange::of(2 * n)).collect();
        let deleted = change(&store, here, &apart, FlagOperation::Add(Flags::DELETED)).await;
        assert_eq!((deleted.changed, modseq().await), (apart.clone(), before + 4));
        assert_counted(&store, inbox, &[]).await;

        let all = [UidRange::ALL];
        let gone = expunge::expunge(&store, WriteSet::new(), inbox, &all, Which::Deleted).await;
        let gone = gone.unwrap();
        assert_eq!((gone.uids, gone.modseq), (apart.clone(), before + 6));
        assert_eq!(mailbox::gaps(&store, inbox).await.unwrap(), apart);

        let moved = transfer::move_to(&store, WriteSet::new(), &between(inbox, sent, &all)).await;
        let moved = moved.unwrap();
        assert_eq!(moved.to, [range(1, MESSAGES - RANGES)]);
        assert_eq!(moved.from.len() as i64, RANGES + 1);
        for folder in [inbox, sent] {
            assert_counted(&store, folder, &[]).await;
        }
        let mut set = WriteSet::new();
        folder::delete(&mut set, sent);
        store.commit(set).await.unwrap();
        while expunge::reap(&store).await.unwrap() > 0 {}
        assert_eq!(message::content(&store, MessageId(7)).await.unwrap(), None);
        assert_eq!(all_rows(&store, sent, Reader::Everyone).await, []);
    })
    .await;
}

#[tokio::test]
async fn what_a_caller_adds_is_committed_whether_messages_are_there_or_not() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let inbox = folders(1).inbox;
        let with_message = |id: i64| {
            let mut set = WriteSet::new();
            message::insert(&mut set, &new_message(id, "beside"));
            set
        };
        let uids = [];
        let nothing = flag::FlagChange {
            folder: inbox,
            reader: Reader::Everyone,
            uids: &uids,
            operation: FlagOperation::Add(Flags::SEEN),
            unchanged_since: None,
        };
        flag::store(&store, with_message(1), &nothing).await.unwrap();
        expunge::expunge(&store, with_message(2), inbox, &uids, Which::All).await.unwrap();
        let uids = [UidRange::ALL];
        let some = flag::FlagChange { uids: &uids, ..nothing };
        flag::store(&store, with_message(3), &some).await.unwrap();
        expunge::expunge(&store, with_message(4), inbox, &uids, Which::Deleted).await.unwrap();
        let there = between(inbox, folders(1).sent, &uids);
        let copied = transfer::copy_to(&store, with_message(5), &there).await.unwrap();
        assert_eq!((copied.uid_validity, copied.from, copied.to), (1, vec![], vec![]));
        let there = between(inbox, folders(1).sent, &[]);
        transfer::move_to(&store, with_message(6), &there).await.unwrap();
        for id in 1..=6 {
            assert!(message::show(&store, MessageId(id)).await.unwrap().is_some(), "{id}");
        }
        // A guard that does not hold lets nothing happen.
        let mut set = with_message(9);
        store::directory::expect_version(&mut set, 999);
        let refused = flag::store(&store, set, &some).await.unwrap_err();
        assert_eq!(refused.conflict(), Some("directory"));
        assert!(message::show(&store, MessageId(9)).await.unwrap().is_none());
    })
    .await;
}
