//! Browsers that are told of new mail, and lists of the team desk.

use bytes::Bytes;
use domain::{FolderId, MessageId, RecipientId};
use store::desk::{self, DeskFilter, DeskItem};
use store::flag::{self, FlagChange, FlagOperation};
use store::mailbox::Reader;
use store::push::{self, PushSubscription};
use store::web_session::{self, WebSession};
use store::{Flags, Store, UidRange, WriteSet, keyword};

use crate::engine::{NOW, delivery, on_each_engine};
use crate::mailbox::store_with_messages;

async fn session(store: &Store, id: i64) {
    let session = WebSession {
        id,
        recipient: RecipientId(1),
        credential_epoch: 0,
        created_at: NOW,
        last_seen_at: NOW,
        client: String::new(),
        user_agent: String::new(),
    };
    let mut set = WriteSet::new();
    web_session::put(&mut set, &session, &[u8::try_from(id).unwrap(); 32]);
    store.commit(set).await.unwrap();
}

fn subscription(id: i64, session: i64) -> PushSubscription {
    PushSubscription {
        id,
        recipient: RecipientId(1),
        session,
        endpoint: "https://push.example/a".into(),
        public_key: Bytes::from_static(&[4; 65]),
        auth: Bytes::from_static(&[7; 16]),
        language: "fr".into(),
        created_at: NOW,
    }
}

async fn subscribe(store: &Store, id: i64, session: i64, folder: FolderId) {
    let mut set = WriteSet::new();
    push::put(&mut set, &subscription(id, session));
    push::follow(&mut set, id, folder);
    store.commit(set).await.unwrap();
}

#[tokio::test]
async fn a_browser_is_told_once_of_what_came_after_it_asked() {
    on_each_engine(async |database| {
        let (store, folder) = store_with_messages(&database, 3).await;
        session(&store, 5).await;
        subscribe(&store, 70, 5, folder).await;
        assert_eq!(push::followed_by_anybody(&store).await.unwrap(), [folder]);
        assert!(push::due(&store, folder).await.unwrap().is_empty(), "what was there before");
        store.commit(delivery(900, &[folder])).await.unwrap();
        let due = push::due(&store, folder).await.unwrap();
        assert_eq!((due.len(), due[0].told_uid, due[0].uid_next), (1, 3, 5));
        assert_eq!(due[0].subscription, subscription(70, 5));
        let one = push::advance(&store, folder, &due[0]).await.unwrap();
        let other = push::advance(&store, folder, &due[0]).await.unwrap();
        assert!(one && !other, "of two processes one tells");
        assert!(push::due(&store, folder).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_subscription_goes_with_its_session_and_gives_way_to_a_later_one() {
    on_each_engine(async |database| {
        let (store, folder) = store_with_messages(&database, 1).await;
        session(&store, 5).await;
        session(&store, 6).await;
        subscribe(&store, 70, 5, folder).await;
        subscribe(&store, 71, 6, folder).await;
        assert!(push::of_session(&store, 5).await.unwrap().is_empty(), "the same browser");
        assert_eq!(push::of_session(&store, 6).await.unwrap(), [subscription(71, 6)]);
        assert_eq!(push::followed(&store, 71).await.unwrap(), [folder]);
        let mut set = WriteSet::new();
        push::unfollow(&mut set, 71, folder);
        store.commit(set).await.unwrap();
        assert!(push::followed(&store, 71).await.unwrap().is_empty());
        let mut set = WriteSet::new();
        push::follow(&mut set, 71, folder);
        push::remove_left(&mut set);
        store.commit(set).await.unwrap();
        assert_eq!(push::of_session(&store, 6).await.unwrap().len(), 1, "the session is there");
        let mut set = WriteSet::new();
        web_session::remove(&mut set, RecipientId(1), 6);
        push::remove_left(&mut set);
        store.commit(set).await.unwrap();
        assert!(push::of_session(&store, 6).await.unwrap().is_empty());
        assert!(push::followed_by_anybody(&store).await.unwrap().is_empty());
        subscribe(&store, 72, 6, folder).await;
        let mut set = WriteSet::new();
        push::remove(&mut set, 72);
        store.commit(set).await.unwrap();
        assert!(push::followed_by_anybody(&store).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_desk_lists_messages_by_what_is_to_do() {
    on_each_engine(async |database| {
        let (store, folder) = store_with_messages(&database, 6).await;
        let (mailbox, me, other) = (RecipientId(3), RecipientId(1), RecipientId(2));
        let rows = store::message::latest(&store, folder, i64::MAX, 10).await.unwrap();
        let of = |uid: i64| rows.iter().find(|row| row.uid == uid).unwrap().message.id;
        let put = async |uid: i64, change: fn(&mut DeskItem)| {
            let mut item = DeskItem::untouched(mailbox, of(uid));
            change(&mut item);
            let mut set = WriteSet::new();
            desk::put(&mut set, &item, me, ("test", NOW));
            store.commit(set).await.unwrap();
        };
        put(1, |item| item.assignee = Some(RecipientId(1))).await;
        put(2, |item| item.assignee = Some(RecipientId(2))).await;
        put(3, |item| item.done_at = Some(NOW)).await;
        put(4, |item| item.snoozed_until = Some(NOW.plus_secs(60))).await;
        let list = async |filter, before, limit, now| {
            let of = (mailbox, folder);
            desk::filtered(&store, of, filter, (before, limit), now).await.unwrap()
        };
        assert_eq!(list(DeskFilter::Unassigned, i64::MAX, 9, NOW).await, [6, 5]);
        assert_eq!(list(DeskFilter::Unassigned, 6, 1, NOW).await, [5]);
        assert_eq!(list(DeskFilter::Of(me), i64::MAX, 9, NOW).await, [1]);
        assert_eq!(list(DeskFilter::Of(other), i64::MAX, 9, NOW).await, [2]);
        assert_eq!(list(DeskFilter::Done, i64::MAX, 9, NOW).await, [3]);
        assert_eq!(list(DeskFilter::Snoozed, i64::MAX, 9, NOW).await, [4]);
        let later = NOW.plus_secs(60);
        assert!(list(DeskFilter::Snoozed, i64::MAX, 9, later).await.is_empty());
        assert_eq!(list(DeskFilter::Unassigned, i64::MAX, 9, later).await, [6, 5, 4]);
        assert!(desk::returning(&store, NOW, 9).await.unwrap().is_empty());
        let back = desk::returning(&store, later, 9).await.unwrap();
        assert_eq!(back.iter().map(|item| item.message).collect::<Vec<_>>(), [of(4)]);
        let all = desk::show_all(&store, mailbox, &[of(5), of(1)]).await.unwrap();
        let assignees: Vec<Option<RecipientId>> = all.iter().map(|item| item.assignee).collect();
        assert_eq!(assignees, [None, Some(me)]);
        assert_eq!(all[0], DeskItem::untouched(mailbox, MessageId(of(5).0)));
        let tags = keyword::ensure(&store, folder, &["billing"]).await.unwrap();
        let change = FlagChange {
            folder,
            reader: Reader::Everyone,
            uids: &[UidRange::of(2)],
            operation: FlagOperation::Add(tags[0].flag),
            unchanged_since: None,
        };
        flag::store(&store, WriteSet::new(), &change).await.unwrap();
        assert_eq!(list(DeskFilter::Tagged(tags[0].flag), i64::MAX, 9, NOW).await, [2]);
        assert!(list(DeskFilter::Tagged(Flags::FLAGGED), i64::MAX, 9, NOW).await.is_empty());
    })
    .await;
}
