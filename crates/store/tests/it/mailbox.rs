//! Folders that are read and changed: counters, holes, flags, places, and what a client that was
//! away is told.

use std::collections::BTreeSet;

use bytes::Bytes;
use domain::{FolderId, MessageId, RecipientId, Timestamp};
use store::expunge::{self, Which};
use store::flag::{self, FlagChange, FlagOperation, FlagsChanged};
use store::folder::{self, NewFolder};
use store::mailbox::{self, Changes, Reader, Row};
use store::message::{self, NewMessage, NewPlacement};
use store::queue::NewQueueEntry;
use store::transfer::{self, Transfer, Transferred};
use store::{Flags, Store, UidRange, WriteSet, append, keyword};

use crate::engine::{
    Database, NOW, delivery, folders, new_message, on_each_engine, placement, store_with_recipients,
};
use crate::queue::new_entry;

pub(crate) const CLAIRE: Reader = Reader::Person(RecipientId(2));
const JEAN: Reader = Reader::Person(RecipientId(1));

pub(crate) fn range(first: i64, last: i64) -> UidRange {
    UidRange { first, last }
}

/// A store whose first inbox has messages 1 to `count`, with these UIDs, unseen.
pub(crate) async fn store_with_messages(database: &Database, count: i64) -> (Store, FolderId) {
    let store = store_with_recipients(database).await;
    let inbox = folders(1).inbox;
    let mut set = WriteSet::new();
    for id in 1..=count {
        message::insert(&mut set, &new_message(id, &format!("Message {id}")));
        let unseen = NewPlacement { flags: Flags::NONE, ..placement(inbox, id) };
        message::place(&mut set, &unseen);
    }
    store.commit(set).await.unwrap();
    (store, inbox)
}

pub(crate) async fn change(
    store: &Store,
    (folder, reader): (FolderId, Reader),
    uids: &[UidRange],
    operation: FlagOperation,
) -> FlagsChanged {
    let change = FlagChange { folder, reader, uids, operation, unchanged_since: None };
    flag::store(store, WriteSet::new(), &change).await.unwrap()
}

pub(crate) async fn all_rows(store: &Store, folder: FolderId, reader: Reader) -> Vec<Row> {
    mailbox::rows(store, folder, reader, UidRange::ALL, 1_000_000).await.unwrap()
}

async fn flags(store: &Store, folder: FolderId, reader: Reader) -> Vec<(i64, i64)> {
    let rows = all_rows(store, folder, reader).await;
    rows.into_iter().map(|row| (row.uid, row.flags.0)).collect()
}

pub(crate) async fn expunge_all(store: &Store, folder: FolderId, uids: &[UidRange]) {
    expunge::expunge(store, WriteSet::new(), folder, uids, Which::All).await.unwrap();
}

pub(crate) fn between<'a>(from: FolderId, to: FolderId, uids: &'a [UidRange]) -> Transfer<'a> {
    Transfer {
        from,
        to,
        uids,
        from_reader: Reader::Everyone,
        to_reader: Reader::Everyone,
        without: Flags::NONE,
        by: Some(RecipientId(2)),
        at: NOW.plus_secs(60),
    }
}

/// Compares what a folder counts with what is in it, for everybody and for these readers, and its
/// holes with the numbers that are not there.
pub(crate) async fn assert_counted(store: &Store, folder: FolderId, readers: &[Reader]) {
    for reader in readers.iter().chain([&Reader::Everyone]) {
        let opened = mailbox::open(store, folder, *reader).await.unwrap().unwrap();
        let rows = all_rows(store, folder, *reader).await;
        let count = |flag: Flags| rows.iter().filter(|row| row.flags.contains(flag)).count();
        let counted = &opened.folder;
        assert_eq!(counted.messages, rows.len() as i64);
        assert_eq!(counted.unseen, (rows.len() - count(Flags::SEEN)) as i64, "{reader:?}");
        assert_eq!(counted.deleted, count(Flags::DELETED) as i64);
        assert_eq!(counted.size_bytes, rows.iter().map(|row| row.size_bytes).sum::<i64>());
        assert!(rows.iter().all(|row| row.modseq <= counted.modseq));
        let live: BTreeSet<i64> = rows.iter().map(|row| row.uid).collect();
        let gone = (1..counted.uid_next).filter(|uid| !live.contains(uid)).collect();
        assert_eq!(opened.gaps, store::uid::runs(gone));
        assert_eq!(opened.gaps, mailbox::gaps(store, folder).await.unwrap());
    }
}

#[tokio::test]
async fn rows_come_page_by_page_with_their_headers() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 5).await;
        let rows = mailbox::rows(&store, inbox, Reader::Everyone, range(2, 9), 2).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.uid).collect::<Vec<_>>(), [2, 3]);
        let first = &rows[0];
        assert_eq!((first.internal_at, first.saved_at), (NOW.plus_secs(-60), NOW));
        assert_eq!((first.size_bytes, first.placed_by), (100, Some(RecipientId(1))));
        assert_eq!((first.message, first.flags), (MessageId(2), Flags::NONE));
        for reader in [Reader::Everyone, CLAIRE] {
            let found = mailbox::headers(&store, inbox, reader, range(2, 3), 10).await.unwrap();
            assert_eq!(
                found.iter().map(|found| &found.row).collect::<Vec<_>>(),
                [&rows[0], &rows[1]]
            );
            let listed = Bytes::from_static(b"Subject: listed\r\n");
            assert_eq!(found[0].envelope_fields, Some(listed));
            assert_eq!(found[0].header_bytes, Some(21));
        }
        assert_eq!(mailbox::open(&store, FolderId(999), CLAIRE).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn flags_are_added_removed_and_replaced() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 4).await;
        let here = (inbox, Reader::Everyone);
        let seen = FlagOperation::Add(Flags::SEEN);
        let added = change(&store, here, &[range(1, 2), range(4, i64::MAX)], seen).await;
        assert_eq!(added.changed, [range(1, 2), range(4, 4)]);
        let deleted = Flags::DELETED.with(Flags::DRAFT);
        let replaced = change(&store, here, &[range(2, 3)], FlagOperation::Replace(deleted)).await;
        assert_eq!(replaced.modseq, added.modseq + 1);
        assert_counted(&store, inbox, &[]).await;
        change(&store, here, &[UidRange::of(3)], FlagOperation::Remove(Flags::DRAFT)).await;
        assert_eq!(flags(&store, inbox, Reader::Everyone).await, [(1, 1), (2, 24), (3, 8), (4, 1)]);
        // What is so already does not change again.
        let again =
            change(&store, here, &[UidRange::ALL], FlagOperation::Add(Flags::DELETED)).await;
        assert_eq!(again.changed, [UidRange::of(1), UidRange::of(4)]);
        let nobody = change(&store, here, &[range(50, 60)], seen).await;
        assert_eq!((nobody.changed, nobody.refused), (vec![], vec![]));
        assert_counted(&store, inbox, &[]).await;
    })
    .await;
}

#[tokio::test]
async fn a_change_of_what_others_changed_is_refused() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 4).await;
        let known = folder::status(&store, inbox).await.unwrap().unwrap().modseq;
        for reader in [Reader::Everyone, CLAIRE] {
            let answered = FlagOperation::Add(Flags::ANSWERED);
            change(&store, (inbox, reader), &[UidRange::of(2)], answered).await;
            let flagged = FlagOperation::Add(Flags::FLAGGED.with(Flags::SEEN));
            let conditional = FlagChange {
                folder: inbox,
                reader,
                uids: &[range(1, 2), range(4, 4)],
                operation: flagged,
                unchanged_since: Some(known),
            };
            let outcome = flag::store(&store, WriteSet::new(), &conditional).await.unwrap();
            let expected: (&[UidRange], &[UidRange]) = match reader {
                Reader::Everyone => (&[range(1, 1), range(4, 4)], &[range(2, 2)]),
                // By then all three have changed.
                Reader::Person(_) => (&[], &[range(1, 2), range(4, 4)]),
            };
            assert_eq!((&outcome.changed[..], &outcome.refused[..]), expected);
        }
        assert_counted(&store, inbox, &[CLAIRE]).await;
    })
    .await;
}

#[tokio::test]
async fn what_one_person_has_seen_is_new_to_the_others() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 4).await;
        let known = folder::status(&store, inbox).await.unwrap().unwrap().modseq;
        let both = FlagOperation::Add(Flags::SEEN.with(Flags::FLAGGED));
        let changed = change(&store, (inbox, CLAIRE), &[range(2, 3)], both).await;
        assert_eq!(changed.changed, [range(2, 3)]);
        assert_eq!(flags(&store, inbox, CLAIRE).await, [(1, 0), (2, 5), (3, 5), (4, 0)]);
        assert_eq!(flags(&store, inbox, JEAN).await, [(1, 0), (2, 4), (3, 4), (4, 0)]);
        let unseen = async |reader| {
            let listed = folder::list_as_read(&store, RecipientId(1), reader).await.unwrap();
            let status = folder::status_as_read(&store, inbox, reader).await.unwrap().unwrap();
            assert_eq!(listed[0], status);
            status.unseen
        };
        assert_eq!((unseen(CLAIRE).await, unseen(JEAN).await), (2, 4));

        // Her word holds against the folder's, which counts for those who have said nothing.
        let unread = FlagOperation::Remove(Flags::SEEN);
        change(&store, (inbox, CLAIRE), &[range(3, 3)], unread).await;
        change(&store, (inbox, Reader::Everyone), &[UidRange::ALL], both).await;
        assert_eq!(flags(&store, inbox, CLAIRE).await, [(1, 5), (2, 5), (3, 4), (4, 5)]);
        assert_eq!((unseen(CLAIRE).await, unseen(JEAN).await), (1, 0));
        assert_counted(&store, inbox, &[CLAIRE, JEAN]).await;

        // Only she is told of what is only hers.
        let before = folder::status(&store, inbox).await.unwrap().unwrap().modseq;
        change(&store, (inbox, CLAIRE), &[range(2, 2)], unread).await;
        assert_eq!(changes(&store, inbox, CLAIRE, before, 10).await, [2]);
        assert_eq!(changes(&store, inbox, JEAN, before, 10).await, [0; 0]);
        assert_eq!(changes(&store, inbox, JEAN, known, 10).await, [1, 2, 3, 4]);

        expunge_all(&store, inbox, &[range(2, 3)]).await;
        assert_counted(&store, inbox, &[CLAIRE, JEAN]).await;
    })
    .await;
}

/// The UIDs that changed after a modseq, by pages of `limit`.
async fn changes(
    store: &Store,
    folder: FolderId,
    reader: Reader,
    modseq: i64,
    limit: u32,
) -> Vec<i64> {
    let mut changes = Changes::since(folder, reader, modseq);
    let mut told = Vec::new();
    loop {
        let page = changes.next(store, limit).await.unwrap();
        if page.is_empty() {
            let unique: BTreeSet<i64> = told.iter().copied().collect();
            assert_eq!(unique.len(), told.len(), "told twice");
            return unique.into_iter().collect();
        }
        assert!(page.len() <= limit as usize);
        assert!(page.iter().all(|row| row.modseq > modseq));
        told.extend(page.iter().map(|row| row.uid));
    }
}

#[tokio::test]
async fn who_was_away_is_told_what_changed_came_and_went() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 30).await;
        let status = async || folder::status(&store, inbox).await.unwrap().unwrap();
        let here = (inbox, Reader::Everyone);
        change(&store, here, &[range(1, 5)], FlagOperation::Add(Flags::SEEN)).await;
        let away = status().await.modseq;
        assert_eq!(changes(&store, inbox, Reader::Everyone, away, 3).await, [0; 0]);
        assert_eq!(mailbox::gaps_since(&store, inbox, away).await.unwrap(), []);

        change(&store, here, &[range(3, 12)], FlagOperation::Add(Flags::FLAGGED)).await;
        store.commit(delivery(31, &[inbox, inbox])).await.unwrap();
        change(&store, here, &[range(32, 32)], FlagOperation::Add(Flags::FLAGGED)).await;
        expunge_all(&store, inbox, &[range(10, 14), range(20, 20)]).await;
        let expected = [3, 4, 5, 6, 7, 8, 9, 31, 32];
        for (reader, limit) in [(Reader::Everyone, 3), (Reader::Everyone, 100), (CLAIRE, 4)] {
            assert_eq!(changes(&store, inbox, reader, away, limit).await, expected);
        }
        let since = mailbox::gaps_since(&store, inbox, away).await.unwrap();
        assert_eq!(since, [range(10, 14), range(20, 20)]);

        let later = status().await.modseq;
        expunge_all(&store, inbox, &[range(15, 16)]).await;
        // One hole by now; that it names what went before is allowed.
        assert_eq!(mailbox::gaps_since(&store, inbox, later).await.unwrap(), [range(10, 16)]);
        // A change of all, then one more: that one is found without the others.
        change(&store, here, &[UidRange::ALL], FlagOperation::Add(Flags::DRAFT)).await;
        let all = status().await.modseq;
        change(&store, here, &[range(7, 7)], FlagOperation::Add(Flags::ANSWERED)).await;
        assert_eq!(changes(&store, inbox, Reader::Everyone, all, 3).await, [7]);
        assert_eq!(changes(&store, inbox, Reader::Everyone, 0, 7).await.len(), 24);
    })
    .await;
}

#[tokio::test]
async fn expunging_takes_what_is_flagged_or_what_is_named() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 12).await;
        let flagged = [range(2, 3), range(5, 5), range(9, 11)];
        let here = (inbox, Reader::Everyone);
        change(&store, here, &flagged, FlagOperation::Add(Flags::DELETED)).await;
        assert_eq!(mailbox::deleted(&store, inbox, range(3, 11), 3).await.unwrap(), [3, 5, 9]);
        let some = [range(3, 9)];
        let gone = expunge::expunge(&store, WriteSet::new(), inbox, &some, Which::Deleted);
        let gone = gone.await.unwrap();
        let status = folder::status(&store, inbox).await.unwrap().unwrap();
        assert_eq!(gone.modseq, status.modseq);
        assert_eq!(gone.uids, [range(3, 3), range(5, 5), range(9, 9)]);
        assert_counted(&store, inbox, &[]).await;

        let rest = [UidRange::ALL];
        let gone = expunge::expunge(&store, WriteSet::new(), inbox, &rest, Which::Deleted);
        assert_eq!(gone.await.unwrap().uids, [range(2, 2), range(10, 11)]);
        let nothing = expunge::expunge(&store, WriteSet::new(), inbox, &rest, Which::Deleted);
        assert_eq!(nothing.await.unwrap(), expunge::Expunged::default());
        assert_counted(&store, inbox, &[]).await;
        // The first, the last, and all that is left; numbers are not given again.
        for uids in [range(1, 1), range(12, 12), UidRange::ALL] {
            expunge_all(&store, inbox, &[uids]).await;
            assert_counted(&store, inbox, &[]).await;
        }
        assert_eq!(mailbox::gaps(&store, inbox).await.unwrap(), [range(1, 12)]);
        store.commit(delivery(50, &[inbox])).await.unwrap();
        assert_eq!(flags(&store, inbox, Reader::Everyone).await, [(13, 1)]);
        assert_counted(&store, inbox, &[]).await;
    })
    .await;
}

#[tokio::test]
async fn copies_keep_dates_flags_and_the_names_of_keywords() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 4).await;
        let other = folders(2).inbox;
        let named = |known: &[keyword::Keyword], name: &str| {
            known.iter().find(|keyword| keyword.name == name).map(|keyword| keyword.flag)
        };
        let here = keyword::ensure(&store, inbox, &["$Forwarded", "Urgent"]).await.unwrap();
        keyword::ensure(&store, other, &["todo", "urgent"]).await.unwrap();
        let forwarded = named(&here, "$Forwarded").unwrap();
        let set = named(&here, "Urgent").unwrap().with(forwarded).with(Flags::SEEN);
        let to = (inbox, Reader::Everyone);
        change(&store, to, &[range(2, 2)], FlagOperation::Add(set)).await;
        expunge_all(&store, inbox, &[range(3, 3)]).await;

        let uids = [range(1, 2), range(4, 9)];
        let copied =
            transfer::copy_to(&store, WriteSet::new(), &between(inbox, other, &uids)).await;
        let expected = Transferred {
            uid_validity: 1,
            from: vec![range(1, 2), range(4, 4)],
            to: vec![range(1, 3)],
        };
        assert_eq!(copied.unwrap(), expected);
        let there = keyword::list(&store, other).await.unwrap();
        let both = named(&there, "urgent").unwrap().with(named(&there, "$Forwarded").unwrap());
        let rows = all_rows(&store, other, Reader::Everyone).await;
        assert_eq!(rows[1].flags, both.with(Flags::SEEN));
        assert_eq!((rows[1].message, rows[2].message), (MessageId(2), MessageId(4)));
        assert_eq!(
            (rows[0].internal_at, rows[0].saved_at),
            (NOW.plus_secs(-60), NOW.plus_secs(60))
        );
        assert_eq!(rows[0].placed_by, Some(RecipientId(2)));
        for folder in [inbox, other] {
            assert_counted(&store, folder, &[]).await;
        }

        let nowhere = between(inbox, FolderId(999), &uids);
        let refused = transfer::copy_to(&store, WriteSet::new(), &nowhere).await.unwrap_err();
        assert_eq!(refused.conflict(), Some("folder"));
    })
    .await;
}

#[tokio::test]
async fn moving_leaves_a_hole_and_loses_nothing() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 6).await;
        // To a folder with a higher and to one with a lower identifier, and to itself.
        let (sent, other) = (folders(1).sent, folders(2).inbox);
        for (from, to, uids) in [
            (inbox, other, [range(2, 3)]),
            (other, sent, [UidRange::ALL]),
            (sent, inbox, [range(2, 2)]),
            (inbox, inbox, [range(5, i64::MAX)]),
        ] {
            transfer::move_to(&store, WriteSet::new(), &between(from, to, &uids)).await.unwrap();
            for folder in [inbox, sent, other] {
                assert_counted(&store, folder, &[]).await;
            }
        }
        let messages = async |folder| -> Vec<(i64, i64)> {
            let rows = all_rows(&store, folder, Reader::Everyone).await;
            rows.into_iter().map(|row| (row.uid, row.message.0)).collect()
        };
        assert_eq!(messages(inbox).await, [(1, 1), (4, 4), (8, 5), (9, 6), (10, 3)]);
        assert_eq!((messages(sent).await, messages(other).await), (vec![(1, 2)], vec![]));
        let nowhere = between(inbox, FolderId(999), &[UidRange::ALL]);
        let refused = transfer::move_to(&store, WriteSet::new(), &nowhere).await.unwrap_err();
        assert_eq!(refused.conflict(), Some("folder"));
        assert_eq!(messages(inbox).await.len(), 5);
        while expunge::reap(&store).await.unwrap() > 0 {}
        for id in 1..=6 {
            assert!(message::content(&store, MessageId(id)).await.unwrap().is_some());
        }
    })
    .await;
}

#[tokio::test]
async fn what_persons_have_seen_moves_along() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 5).await;
        let (archive, other) = (folders(1).sent, folders(2).inbox);
        let seen = FlagOperation::Add(Flags::SEEN);
        change(&store, (inbox, CLAIRE), &[range(2, 3)], seen).await;
        change(&store, (inbox, JEAN), &[range(3, 4)], seen).await;
        let uids = [range(2, 4)];
        let in_group =
            Transfer { from_reader: CLAIRE, to_reader: CLAIRE, ..between(inbox, archive, &uids) };
        transfer::move_to(&store, WriteSet::new(), &in_group).await.unwrap();
        assert_eq!(flags(&store, archive, CLAIRE).await, [(1, 1), (2, 1), (3, 0)]);
        assert_eq!(flags(&store, archive, JEAN).await, [(1, 0), (2, 1), (3, 1)]);
        let all = [UidRange::ALL];
        let to_own = Transfer { from_reader: CLAIRE, ..between(archive, other, &all) };
        transfer::copy_to(&store, WriteSet::new(), &to_own).await.unwrap();
        assert_eq!(flags(&store, other, Reader::Everyone).await, [(1, 1), (2, 1), (3, 0)]);
        for folder in [inbox, archive, other] {
            assert_counted(&store, folder, &[CLAIRE, JEAN]).await;
        }
    })
    .await;
}

#[tokio::test]
async fn appended_messages_are_told_their_numbers() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 2).await;
        let appended = |id: i64| -> (NewMessage, NewPlacement) {
            let at = Timestamp(86_400_000);
            (new_message(id, "appended"), NewPlacement { internal_at: at, ..placement(inbox, id) })
        };
        let told = append::append(&store, WriteSet::new(), &[appended(10), appended(11)]).await;
        let told: Vec<(u32, i64)> =
            told.unwrap().iter().map(|told| (told.uid_validity, told.uid)).collect();
        assert_eq!(told, [(1, 3), (1, 4)]);
        let rows = all_rows(&store, inbox, Reader::Everyone).await;
        assert_eq!(rows[3].internal_at, Timestamp(86_400_000));
        assert_counted(&store, inbox, &[]).await;
        // Of several messages none is kept where one cannot be.
        let nowhere = NewPlacement { folder: FolderId(999), ..appended(13).1 };
        let pair = [appended(12), (appended(13).0, nowhere)];
        let refused = append::append(&store, WriteSet::new(), &pair).await.unwrap_err();
        assert_eq!(refused.conflict(), Some("folder"));
        assert_eq!(message::show(&store, MessageId(12)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_purge_takes_what_was_placed_before_a_moment() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let bin = folders(3).inbox;
        for id in 1..=6 {
            let mut set = WriteSet::new();
            message::insert(&mut set, &new_message(id, "thrown away"));
            let placed_at = NOW.plus_secs(id);
            message::place(&mut set, &NewPlacement { placed_at, ..placement(bin, id) });
            store.commit(set).await.unwrap();
        }
        let purge = async |secs, limit| {
            expunge::purge_older(&store, bin, NOW.plus_secs(secs), limit).await.unwrap()
        };
        assert_eq!((purge(1, 10).await, purge(4, 2).await, purge(4, 2).await), (0, 2, 1));
        assert_eq!(mailbox::gaps(&store, bin).await.unwrap(), [range(1, 3)]);
        assert_eq!((purge(i64::MAX / 2000, 100).await, purge(9, 100).await), (3, 0));
        assert_counted(&store, bin, &[]).await;
    })
    .await;
}

#[tokio::test]
async fn bytes_go_when_nothing_needs_them() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 3).await;
        let sent = folders(1).sent;
        let two = [range(2, 2)];
        transfer::copy_to(&store, WriteSet::new(), &between(inbox, sent, &two)).await.unwrap();
        let mut set = WriteSet::new();
        store::queue::enqueue(&mut set, &NewQueueEntry { message: MessageId(3), ..new_entry(70) });
        store.commit(set).await.unwrap();
        expunge_all(&store, inbox, &[UidRange::ALL]).await;
        let kept = async || {
            while expunge::reap(&store).await.unwrap() > 0 {}
            let mut kept = Vec::new();
            for id in 1..=3 {
                let bytes = message::content(&store, MessageId(id)).await.unwrap().is_some();
                let shown = message::show(&store, MessageId(id)).await.unwrap().is_some();
                assert_eq!(bytes, shown);
                kept.push(bytes);
            }
            kept
        };
        assert_eq!(kept().await, [false, true, true]);
        // Another folder's last place, and the queue's last entry.
        expunge_all(&store, sent, &[UidRange::ALL]).await;
        assert_eq!(kept().await, [false, false, true]);
        let mut set = WriteSet::new();
        store::queue::drop(&mut set, domain::QueueEntryId(70), NOW.plus_secs(1_000_000));
        store.commit(set).await.unwrap();
        assert_eq!(kept().await, [false, false, false]);
    })
    .await;
}

#[tokio::test]
async fn folders_are_renamed_with_what_is_below_and_deleted_with_what_is_in() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 3).await;
        let names = async || -> Vec<String> {
            let all = folder::list(&store, RecipientId(1)).await.unwrap();
            all.into_iter().skip(2).map(|folder| folder.name).collect()
        };
        let mut set = WriteSet::new();
        for (id, name) in [(90, "Été"), (91, "Été/Juin"), (92, "Étés"), (93, "Été/Juin/Un")]
        {
            let (id, name) = (FolderId(id), name.to_owned());
            let role = None;
            let recipient = RecipientId(1);
            let new = NewFolder { id, recipient, name, role, uid_validity: 5, created_at: NOW };
            folder::create(&mut set, &new);
        }
        store.commit(set).await.unwrap();
        let found = folder::named(&store, RecipientId(1), "Été").await.unwrap().unwrap();
        assert_eq!(folder::named(&store, RecipientId(2), "Été").await.unwrap(), None);
        let mut set = WriteSet::new();
        folder::rename(&mut set, &found, "Archives/2026");
        store.commit(set).await.unwrap();
        let expected = ["Archives/2026", "Archives/2026/Juin", "Étés", "Archives/2026/Juin/Un"];
        assert_eq!(names().await, expected);
        let taken = folder::named(&store, RecipientId(1), "Étés").await.unwrap().unwrap();
        let mut set = WriteSet::new();
        folder::rename(&mut set, &taken, "Archives/2026");
        assert_eq!(store.commit(set).await.unwrap_err().conflict(), Some("folder_name"));

        let to = FolderId(90);
        let all = [UidRange::ALL];
        transfer::move_to(&store, WriteSet::new(), &between(inbox, to, &all)).await.unwrap();
        change(&store, (to, CLAIRE), &all, FlagOperation::Add(Flags::SEEN)).await;
        expunge_all(&store, to, &[range(2, 2)]).await;
        let used = folder::quota_used(&store, RecipientId(1)).await.unwrap();
        assert_eq!((used.size_bytes, used.messages), (200, 2));
        let mut set = WriteSet::new();
        folder::delete(&mut set, to);
        store.commit(set).await.unwrap();
        assert_eq!(names().await.len(), 3);
        assert_eq!(folder::quota_used(&store, RecipientId(1)).await.unwrap().messages, 0);
        let mut again = WriteSet::new();
        folder::delete(&mut again, to);
        assert_eq!(store.commit(again).await.unwrap_err().conflict(), Some("folder"));
        while expunge::reap(&store).await.unwrap() > 0 {}
        for id in 1..=3 {
            assert_eq!(message::content(&store, MessageId(id)).await.unwrap(), None);
        }
        assert_eq!(all_rows(&store, to, CLAIRE).await, []);
        assert_eq!(mailbox::gaps(&store, to).await.unwrap(), []);
    })
    .await;
}
