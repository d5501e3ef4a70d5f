//! Walks through a folder: every message once, in pages that keep to their size, seen as rows are.

use std::ops::ControlFlow;

use store::expunge::Which;
use store::flag::FlagOperation;
use store::mailbox::{self, HeaderRow, Reader};
use store::scan::{Depth, RowView, Scan, scan};
use store::unseen::unseen;
use store::{Flags, Store, UidRange};

use crate::engine::on_each_engine;
use crate::mailbox::{CLAIRE, change, range, store_with_messages};

/// What is seen of a message: its number, its flags, its fields, its row.
type Seen = (i64, i64, Option<Vec<u8>>, Option<HeaderRow>);

/// All pages of a walk.
async fn pages(store: &Store, walk: &Scan<'_>) -> Vec<Vec<Seen>> {
    let mut left = walk.uids.to_vec();
    let mut pages = Vec::new();
    loop {
        let step = |page: &mut Vec<_>, view: RowView<'_>| {
            let fields = view.envelope_fields.map(<[u8]>::to_vec);
            page.push((view.mark.uid, view.mark.flags.0, fields, view.to_header_row()));
            ControlFlow::Continue(())
        };
        let (page, resume_at) =
            scan(store, &Scan { uids: &left, ..*walk }, Vec::new(), step).await.unwrap();
        pages.push(page);
        let Some(first) = resume_at else { return pages };
        left = left
            .iter()
            .filter(|range| range.last >= first)
            .map(|range| UidRange { first: range.first.max(first), ..*range })
            .collect();
    }
}

#[tokio::test]
async fn a_walk_passes_every_message_once() {
    on_each_engine(async |database| {
        let (store, folder) = store_with_messages(&database, 12).await;
        change(&store, (folder, CLAIRE), &[range(2, 5)], FlagOperation::Add(Flags::SEEN)).await;
        let gone = [range(7, 8)];
        store::expunge::expunge(&store, store::WriteSet::new(), folder, &gone, Which::All)
            .await
            .unwrap();
        let many: Vec<UidRange> = (1..=300).map(|at| range(2 * at, 2 * at)).collect();
        for uids in
            [vec![], vec![UidRange::ALL], vec![range(2, 3), range(5, 7), range(9, 99)], many]
        {
            for reader in [Reader::Everyone, CLAIRE] {
                let rows = mailbox::headers(&store, folder, reader, UidRange::ALL, 100).await;
                let is_wanted =
                    |row: &HeaderRow| uids.iter().any(|range| range.contains(row.row.uid));
                let expected: Vec<HeaderRow> =
                    rows.unwrap().into_iter().filter(is_wanted).collect();
                for rows_max in [1, 2, 3, 5, 100] {
                    for depth in [Depth::Marks, Depth::Rows, Depth::Fields, Depth::Headers] {
                        let walk = Scan { folder, reader, uids: &uids, rows_max, depth };
                        let pages = pages(&store, &walk).await;
                        assert!(pages.iter().all(|page| page.len() <= rows_max as usize));
                        let seen = pages.concat();
                        let marks = seen.iter().map(|(uid, flags, ..)| (*uid, *flags));
                        let expected_marks =
                            expected.iter().map(|found| (found.row.uid, found.row.flags.0));
                        assert!(marks.eq(expected_marks), "{walk:?}: {seen:?}");
                        let fields = seen.iter().filter(|(_, _, fields, _)| fields.is_some());
                        let reads_fields = matches!(depth, Depth::Fields | Depth::Headers);
                        let expected_fields = if reads_fields { expected.len() } else { 0 };
                        assert_eq!(fields.count(), expected_fields);
                        let rows: Vec<HeaderRow> =
                            seen.into_iter().filter_map(|(.., row)| row).collect();
                        match depth {
                            Depth::Marks | Depth::Fields => assert_eq!(rows, []),
                            Depth::Rows => assert!(
                                rows.iter()
                                    .map(|row| &row.row)
                                    .eq(expected.iter().map(|row| &row.row))
                            ),
                            Depth::Headers => assert_eq!(rows, expected),
                        }
                    }
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_walk_that_is_broken_off_goes_on_with_the_same_message() {
    on_each_engine(async |database| {
        let (store, folder) = store_with_messages(&database, 9).await;
        let uids = [range(1, 4), range(6, 9)];
        let walk = Scan { folder, reader: CLAIRE, uids: &uids, rows_max: 100, depth: Depth::Marks };
        let step = |seen: &mut Vec<i64>, view: RowView<'_>| {
            if view.mark.uid == 7 {
                return ControlFlow::Break(());
            }
            seen.push(view.mark.uid);
            ControlFlow::Continue(())
        };
        let (seen, resume_at) = scan(&store, &walk, Vec::new(), step).await.unwrap();
        assert_eq!((seen, resume_at), (vec![1, 2, 3, 4, 6], Some(7)));
    })
    .await;
}

#[tokio::test]
async fn what_is_unread_is_found_from_the_newest_down() {
    on_each_engine(async |database| {
        let (store, folder) = store_with_messages(&database, 12).await;
        let seen = FlagOperation::Add(Flags::SEEN);
        change(&store, (folder, Reader::Everyone), &[range(1, 2), range(10, 11)], seen).await;
        change(&store, (folder, CLAIRE), &[range(1, 6), range(12, 12)], seen).await;
        change(&store, (folder, CLAIRE), &[range(10, 10)], FlagOperation::Remove(Flags::SEEN))
            .await;
        let unread = async |reader| {
            let rows = mailbox::rows(&store, folder, reader, UidRange::ALL, 100).await.unwrap();
            let unread = rows.iter().filter(|row| !row.flags.contains(Flags::SEEN));
            store::uid::runs(unread.map(|row| row.uid).collect())
        };
        for reader in [Reader::Everyone, CLAIRE] {
            let before = store::folder::status_as_read(&store, folder, reader).await;
            let before = before.unwrap().unwrap();
            let found = unseen(&store, &before, reader).await.unwrap();
            assert_eq!(found, unread(reader).await);
            assert_eq!(found.iter().map(|range| range.span()).sum::<i64>(), before.unseen);
            // What the folder counted before says nothing of what is unread now.
            let old = FlagOperation::Remove(Flags::SEEN);
            change(&store, (folder, reader), &[range(1, 3)], old).await;
            change(&store, (folder, reader), &[range(7, 7)], seen).await;
            assert_eq!(unseen(&store, &before, reader).await.unwrap(), unread(reader).await);
            let none = store::folder::Folder { unseen: 0, ..before };
            assert_eq!(unseen(&store, &none, reader).await.unwrap(), []);
        }
    })
    .await;
}

#[tokio::test]
async fn a_walk_that_panics_leaves_the_others_their_readers() {
    on_each_engine(async |database| {
        let (store, folder) = store_with_messages(&database, 3).await;
        for _ in 0..9 {
            let store = store.clone();
            let walked = tokio::spawn(async move {
                let uids = [UidRange::ALL];
                let (reader, depth) = (Reader::Everyone, Depth::Marks);
                let walk = Scan { folder, reader, uids: &uids, rows_max: 9, depth };
                scan(&store, &walk, (), |(), view| panic!("at {}", view.mark.uid)).await.is_ok()
            });
            assert!(!walked.await.unwrap_or(false));
        }
        let rows = mailbox::rows(&store, folder, Reader::Everyone, UidRange::ALL, 9).await;
        assert_eq!(rows.unwrap().len(), 3);
    })
    .await;
}
