//! Messages, their bytes and their places.

use bytes::Bytes;
use domain::{FolderId, MessageId, RecipientId};
use store::folder::{self, FolderRole, NewFolder};
use store::message::{self, NewMessage, NewPlacement};
use store::{Flags, WriteSet};

use crate::engine::{
    NOW, delivery, folders, new_message, on_each_engine, placement, store_with_recipients,
};

#[tokio::test]
async fn a_message_comes_back_as_it_was() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        // Every octet, in a message larger than a page.
        let content: Bytes = (0..=255).cycle().take(1_000_000).collect::<Vec<u8>>().into();
        let stored = NewMessage {
            content: content.clone(),
            subject: Some("a\0b".to_owned()),
            author: None,
            ..new_message(7, "")
        };
        let mut set = WriteSet::new();
        message::insert(&mut set, &stored);
        message::place(&mut set, &placement(folders(1).inbox, 7));
        store.commit(set).await.unwrap();

        assert_eq!(message::content(&store, MessageId(7)).await.unwrap(), Some(content.clone()));
        assert_eq!(message::content(&store, MessageId(8)).await.unwrap(), None);
        let several = message::contents(&store, &[MessageId(8), MessageId(7), MessageId(7)]).await;
        assert_eq!(several.unwrap(), [None, Some(content.clone()), Some(content)]);
        assert!(message::contents(&store, &[]).await.unwrap().is_empty());
        let page = message::list(&store, folders(1).inbox, 0, 10).await.unwrap();
        let [placed] = page.as_slice() else { panic!("{page:?}") };
        assert_eq!((placed.uid, placed.modseq), (1, 2));
        assert_eq!((placed.flags, placed.placed_by), (Flags::SEEN, Some(RecipientId(1))));
        assert_eq!(placed.message.size_bytes, 1_000_000);
        // What no text of PostgreSQL can hold reads the same on both engines.
        assert_eq!(placed.message.subject.as_deref(), Some("a\u{fffd}b"));
        assert_eq!(placed.message.author, None);
        assert_eq!(
            message::show(&store, MessageId(7)).await.unwrap(),
            Some(placed.message.clone())
        );
    })
    .await;
}

#[tokio::test]
async fn an_empty_message_is_a_message() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let mut set = WriteSet::new();
        message::insert(&mut set, &new_message(7, ""));
        store.commit(set).await.unwrap();
        assert_eq!(message::content(&store, MessageId(7)).await.unwrap(), Some(Bytes::new()));
    })
    .await;
}

#[tokio::test]
async fn two_messages_with_the_same_octets_are_two() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        for id in [7, 8] {
            let mut set = WriteSet::new();
            message::insert(&mut set, &new_message(id, "the same"));
            store.commit(set).await.unwrap();
        }
        for id in [7, 8] {
            let content = message::content(&store, MessageId(id)).await.unwrap();
            assert_eq!(content, Some(Bytes::from("the same")));
            assert_eq!(message::is_intact(&store, MessageId(id)).await.unwrap(), Some(true));
        }
        let mut set = WriteSet::new();
        message::insert(&mut set, &new_message(10, "another"));
        store.commit(set).await.unwrap();
        let damage = "update blob set content = (select content from blob where id = 10)
                       where id = 7";
        database.tamper(damage).await;
        database.tamper("delete from blob where id = 8").await;
        assert_eq!(message::is_intact(&store, MessageId(7)).await.unwrap(), Some(false));
        assert_eq!(message::is_intact(&store, MessageId(8)).await.unwrap(), Some(false));
        assert_eq!(message::is_intact(&store, MessageId(9)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_part_of_a_message_is_read_by_itself() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let content: Bytes = (0..=255).cycle().take(100_000).collect::<Vec<u8>>().into();
        let mut set = WriteSet::new();
        message::insert(&mut set, &NewMessage { content: content.clone(), ..new_message(7, "") });
        store.commit(set).await.unwrap();
        for (offset, length) in
            [(0, 0), (0, 10), (255, 300), (99_990, 10), (99_990, 100), (1, 99_999)]
        {
            let part = message::content_part(&store, MessageId(7), offset, length).await.unwrap();
            let (from, to) = (offset as usize, (offset + length).min(100_000) as usize);
            assert_eq!(part.unwrap(), content[from..to], "{offset} {length}");
        }
        let beyond = message::content_part(&store, MessageId(7), 100_000, 5).await.unwrap();
        assert_eq!(beyond, Some(Bytes::new()));
        assert_eq!(message::content_part(&store, MessageId(8), 0, 5).await.unwrap(), None);
        let kept = message::envelope(&store, MessageId(7)).await.unwrap().unwrap();
        assert_eq!(kept, (Some(Bytes::from_static(b"Subject: listed\r\n")), Some(21)));
        assert_eq!(message::envelope(&store, MessageId(8)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_folder_that_is_not_there_takes_nothing() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let refused = store.commit(delivery(7, &[FolderId(999)])).await.unwrap_err();
        assert_eq!(refused.conflict(), Some("folder"));
        assert_eq!(message::show(&store, MessageId(7)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn pages_go_up_from_a_uid_and_down_from_one() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let inbox = folders(1).inbox;
        for id in 1..=25 {
            store.commit(delivery(id, &[inbox])).await.unwrap();
        }
        let uids = |page: Vec<message::Placement>| -> Vec<i64> {
            page.into_iter().map(|placement| placement.uid).collect()
        };
        let up = message::list(&store, inbox, 10, 3).await.unwrap();
        assert_eq!(uids(up), [11, 12, 13]);
        let newest = message::latest(&store, inbox, i64::MAX, 2).await.unwrap();
        assert_eq!(uids(newest), [25, 24]);
        let down = message::latest(&store, inbox, 3, 10).await.unwrap();
        assert_eq!(uids(down), [2, 1]);
        assert_eq!(uids(message::list(&store, inbox, 25, 3).await.unwrap()), [0; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_message_may_be_in_several_folders_and_twice_in_one() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let (inbox, sent) = (folders(1).inbox, folders(1).sent);
        store.commit(delivery(7, &[inbox, sent, inbox])).await.unwrap();
        let places = message::places(&store, MessageId(7)).await.unwrap();
        assert_eq!(places, [(inbox, 1), (inbox, 2), (sent, 1)]);
        let status = folder::status(&store, inbox).await.unwrap().unwrap();
        assert_eq!((status.uid_next, status.modseq, status.messages), (3, 3, 2));
    })
    .await;
}

#[tokio::test]
async fn folders_are_listed_as_they_were_created() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let new = NewFolder {
            id: FolderId(90),
            recipient: RecipientId(1),
            name: "Été 2026".to_owned(),
            role: None,
            uid_validity: u32::MAX,
            created_at: NOW,
        };
        let mut set = WriteSet::new();
        folder::create(&mut set, &new);
        store.commit(set).await.unwrap();
        let folders = folder::list(&store, RecipientId(1)).await.unwrap();
        let names: Vec<&str> = folders.iter().map(|folder| folder.name.as_str()).collect();
        assert_eq!(names, ["inbox", "sent", "Été 2026"]);
        assert_eq!(folders[0].role, Some(FolderRole::Inbox));
        assert_eq!((folders[2].role, folders[2].uid_validity), (None, u32::MAX));

        let mut again = WriteSet::new();
        folder::create(&mut again, &NewFolder { id: FolderId(91), ..new });
        assert_eq!(store.commit(again).await.unwrap_err().conflict(), Some("folder_name"));
        assert_eq!(folder::status(&store, FolderId(91)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn placing_needs_no_message_read_before() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let inbox = folders(1).inbox;
        store.commit(delivery(7, &[])).await.unwrap();
        let mut set = WriteSet::new();
        let nobody = NewPlacement { placed_by: None, ..placement(inbox, 7) };
        message::place(&mut set, &nobody);
        store.commit(set).await.unwrap();
        assert_eq!(message::list(&store, inbox, 0, 1).await.unwrap()[0].placed_by, None);
    })
    .await;
}
