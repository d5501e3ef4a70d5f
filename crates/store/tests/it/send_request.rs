//! Requests for a right to send, and the team desk: of two changes at once one is committed.

use bytes::Bytes;
use domain::{MessageId, RecipientId};
use store::desk::{self, Answer};
use store::send_request::{self, Decided, NewSendRequest, RequestState, StoredRequest};
use store::{CommitError, Store, WriteSet};

use crate::engine::{NOW, on_each_engine, store_with_recipients};

fn new(id: i64) -> NewSendRequest {
    NewSendRequest {
        id,
        asker: RecipientId(1),
        represented: RecipientId(3),
        author: "support@contoso.com".into(),
        recipients: vec!["a@b.example".into(), "c@d.example".into()],
        subject: "Hello".into(),
        words: "please".into(),
        reference: Some("G1-ABCDEF".into()),
        draft: Some((domain::FolderId(9), 4)),
        content: Some(Bytes::from_static(b"From: x\r\n\r\n\0\xff")),
        created_at: NOW,
    }
}

async fn put(store: &Store, id: i64, open_max: u32) -> Result<(), CommitError> {
    let mut set = WriteSet::new();
    send_request::put(&mut set, &new(id), open_max);
    store.commit(set).await
}

async fn change(store: &Store, request: &StoredRequest) -> Result<(), CommitError> {
    let mut set = WriteSet::new();
    send_request::change(&mut set, request);
    store.commit(set).await
}

#[tokio::test]
async fn a_request_comes_back_and_is_changed_once_a_revision() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        put(&store, 50, 1).await.unwrap();
        let kept = send_request::show(&store, 50).await.unwrap().unwrap();
        assert_eq!(kept.recipients, new(50).recipients);
        assert_eq!((kept.draft, kept.has_content), (new(50).draft, true));
        assert_eq!(send_request::content(&store, 50).await.unwrap(), new(50).content);
        assert_eq!(send_request::open(&store, 9).await.unwrap(), std::slice::from_ref(&kept));
        let by = |by: &str| Decided {
            by: by.into(),
            at: NOW,
            words: "no".into(),
            right: Some("send-as".into()),
            span: None,
        };
        let decided = Some(by("one"));
        let state = RequestState::Declined;
        let one = StoredRequest { state, decided, has_content: false, ..kept.clone() };
        let other = StoredRequest { decided: Some(by("other")), ..one.clone() };
        change(&store, &one).await.unwrap();
        let late = change(&store, &other).await.unwrap_err();
        assert_eq!(late.conflict(), Some("send_request"));
        let found = send_request::show(&store, 50).await.unwrap().unwrap();
        assert_eq!(found, StoredRequest { revision: 1, ..one });
        assert_eq!(send_request::content(&store, 50).await.unwrap(), None);
        assert_eq!(send_request::open_of(&store, RecipientId(3), 9).await.unwrap(), []);
        assert_eq!(send_request::of_asker(&store, RecipientId(1), 9).await.unwrap(), [found]);
    })
    .await;
}

#[tokio::test]
async fn open_requests_are_limited_and_decided_ones_do_not_count() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        put(&store, 50, 2).await.unwrap();
        put(&store, 51, 2).await.unwrap();
        let more = put(&store, 52, 2).await.unwrap_err();
        assert_eq!(more.conflict(), Some("send_request_limit"));
        let kept = send_request::show(&store, 50).await.unwrap().unwrap();
        change(&store, &kept.granted()).await.unwrap();
        put(&store, 52, 2).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_desk_item_is_changed_once_a_revision() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let (team, message) = (RecipientId(3), MessageId(70));
        let mut item = desk::show(&store, team, message).await.unwrap();
        assert_eq!(item, desk::DeskItem::untouched(team, message));
        item.assignee = Some(RecipientId(1));
        item.answer = Some(Answer { by: RecipientId(1), at: NOW, message: MessageId(71) });
        let write = async |item: &desk::DeskItem| {
            let mut set = WriteSet::new();
            desk::put(&mut set, item, RecipientId(1), ("take", NOW));
            store.commit(set).await
        };
        write(&item).await.unwrap();
        let late = desk::DeskItem { assignee: Some(RecipientId(2)), ..item };
        assert_eq!(write(&late).await.unwrap_err().conflict(), Some("desk"));
        let found = desk::show(&store, team, message).await.unwrap();
        assert_eq!(found, desk::DeskItem { revision: 1, ..item });
        let next = desk::DeskItem { assignee: None, answer: None, ..found };
        write(&next).await.unwrap();
        assert_eq!(desk::show(&store, team, message).await.unwrap().assignee, None);
    })
    .await;
}
