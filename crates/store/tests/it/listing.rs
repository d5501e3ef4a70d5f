//! What is beside the messages of a folder: keywords, subscriptions, annotations, words.

use bytes::Bytes;
use domain::{FolderId, MessageId, RecipientId};
use store::annotation::{self, Scope};
use store::search::{self, Place, Sought};
use store::{Flags, KEYWORDS_MAX, Store, UidRange, WriteSet, expunge, keyword, subscription};

use crate::engine::{delivery, folders, on_each_engine, store_with_recipients};
use crate::mailbox::{expunge_all, range, store_with_messages};

#[tokio::test]
async fn a_keyword_keeps_its_bit_whatever_its_case() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let inbox = folders(1).inbox;
        let first = keyword::ensure(&store, inbox, &["Urgent", "$Junk"]).await.unwrap();
        assert_eq!((first[0].name.as_str(), first[0].flag), ("Urgent", Flags(256)));
        assert_eq!(keyword::ensure(&store, inbox, &["URGENT"]).await.unwrap(), first);
        assert_eq!(keyword::list(&store, folders(2).inbox).await.unwrap(), []);

        // All bits, and one more.
        let names: Vec<String> = (0..=KEYWORDS_MAX).map(|number| format!("k{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let all = keyword::ensure(&store, inbox, &names).await.unwrap();
        assert_eq!(all.len(), KEYWORDS_MAX);
        assert_eq!(all.last().unwrap().flag, Flags(1 << 62));
        assert!(all.iter().all(|keyword| keyword.name != "k54"));
        let nowhere = keyword::ensure(&store, FolderId(999), &["a"]).await.unwrap_err();
        assert_eq!(nowhere.conflict(), Some("folder"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keywords_that_come_together_get_different_bits() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let inbox = folders(1).inbox;
        let added = (0..16).map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                let name = format!("k{}", task % 8);
                keyword::ensure(&store, inbox, &[&name]).await.unwrap();
            })
        });
        for task in futures_util::future::join_all(added).await {
            task.unwrap();
        }
        let all = keyword::list(&store, inbox).await.unwrap();
        let bits: i64 = all.iter().map(|keyword| keyword.flag.0).sum();
        assert_eq!((all.len(), bits), (8, 0xff00));
    })
    .await;
}

#[tokio::test]
async fn folders_are_subscribed_until_somebody_says_otherwise() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let (claire, inbox) = (RecipientId(2), folders(3).inbox);
        let commit = async |change: fn(&mut WriteSet, RecipientId, FolderId)| {
            let mut set = WriteSet::new();
            change(&mut set, claire, inbox);
            store.commit(set).await.unwrap();
            subscription::unsubscribed(&store, claire).await.unwrap()
        };
        assert_eq!(subscription::unsubscribed(&store, claire).await.unwrap(), []);
        assert_eq!(commit(subscription::unsubscribe).await, [inbox]);
        assert_eq!(commit(subscription::unsubscribe).await, [inbox]);
        assert_eq!(subscription::unsubscribed(&store, RecipientId(1)).await.unwrap(), []);
        assert_eq!(commit(subscription::subscribe).await, []);
        assert_eq!(commit(subscription::subscribe).await, []);
    })
    .await;
}

#[tokio::test]
async fn annotations_belong_to_a_folder_or_the_server_and_to_one_or_all() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let (inbox, claire) = (Some(folders(1).inbox), Some(RecipientId(2)));
        let scopes = [(None, None), (inbox, None), (None, claire), (inbox, claire)]
            .map(|(folder, person)| Scope { folder, person });
        let mut set = WriteSet::new();
        for (number, scope) in scopes.into_iter().enumerate() {
            let value = Bytes::from(format!("value\0{number}"));
            annotation::put(&mut set, scope, "/Comment", Some(value));
        }
        annotation::put(&mut set, scopes[1], "/another", Some(Bytes::new()));
        store.commit(set).await.unwrap();
        for (number, scope) in scopes.into_iter().enumerate() {
            let list = annotation::list(&store, scope).await.unwrap();
            let comment = list.iter().find(|found| found.entry == "/comment").unwrap();
            assert_eq!(comment.value, format!("value\0{number}"));
            assert_eq!(list.len(), if number == 1 { 2 } else { 1 });
        }
        let mut set = WriteSet::new();
        annotation::put(&mut set, scopes[1], "/COMMENT", None);
        annotation::put(&mut set, scopes[1], "/another", Some(Bytes::from("new")));
        store.commit(set).await.unwrap();
        let left = annotation::list(&store, scopes[1]).await.unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].value, "new");
    })
    .await;
}

/// A text, whether it may be a beginning, and where it is.
type Wanted<'a> = (&'a str, bool, Place);

async fn find(store: &Store, folder: FolderId, sought: &[Wanted<'_>]) -> Option<Vec<i64>> {
    let sought: Vec<Sought> = sought
        .iter()
        .map(|(text, is_prefix, place)| Sought {
            text: (*text).to_owned(),
            is_prefix: *is_prefix,
            place: *place,
        })
        .collect();
    search::candidates(store, folder, &sought, UidRange::ALL, 100).await.unwrap()
}

#[tokio::test]
async fn words_are_found_by_their_beginning_and_their_place() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 4).await;
        store.commit(delivery(50, &[folders(2).inbox])).await.unwrap();
        let mut set = WriteSet::new();
        for (id, header, body) in [
            (1, "Invoice jean.dupont@contoso.com", "Bonjour, voilà l'été: \"déjà\" vu"),
            (2, "RE: Invoices", "the invoice of May, Straße 東京タワー"),
            (3, "hello", "nothing to see; OR AND NOT NEAR * : ( ) ^ {header} ' \\"),
            (50, "Invoice", "in another folder"),
            // Nobody has this message.
            (99, "Invoice", "gone"),
        ] {
            search::index(&mut set, MessageId(id), header, body);
        }
        store.commit(set).await.unwrap();
        let (header, body, both) = (Place::Header, Place::Body, Place::Anywhere);
        let cases: [(&[Wanted<'_>], &[i64]); 16] = [
            (&[("invoice", false, header)], &[1]),
            (&[("invoice", true, header)], &[1, 2]),
            (&[("INVOICE", true, body)], &[2]),
            (&[("invoice", false, both)], &[1, 2]),
            (&[("invoice", true, both), ("bonj", true, body)], &[1]),
            (&[("nvoice", true, both)], &[]),
            (&[("été", false, both)], &[1]),
            (&[("ÉTÉ", false, both)], &[1]),
            (&[("dupont@contoso.com", true, header)], &[1]),
            (&[("straß", true, body)], &[2]),
            (&[("東京", true, body)], &[2]),
            (&[("or and not near", false, body)], &[3]),
            (&[("header} '", false, both)], &[3]),
            (&[("hello\" OR \"invoice", false, both)], &[]),
            (&[("hello' | 'invoice", false, both)], &[]),
            (&[("gone", false, both)], &[]),
        ];
        for (sought, expected) in cases {
            assert_eq!(find(&store, inbox, sought).await.unwrap(), expected, "{sought:?}");
        }
        assert_eq!(find(&store, inbox, &[("...", true, both)]).await, None);
        assert_eq!(find(&store, folders(2).inbox, &[("invoice", true, both)]).await.unwrap(), [1]);

        // Indexed again, it is found by the new words only; deleted, by none.
        let mut set = WriteSet::new();
        search::index(&mut set, MessageId(1), "Quotation", "");
        store.commit(set).await.unwrap();
        assert_eq!(find(&store, inbox, &[("invoice", true, both)]).await.unwrap(), [2]);
        expunge_all(&store, inbox, &[range(1, 1)]).await;
        while expunge::reap(&store).await.unwrap() > 0 {}
        assert_eq!(find(&store, inbox, &[("quotation", true, both)]).await.unwrap(), [0; 0]);
    })
    .await;
}

#[tokio::test]
async fn words_of_any_length_and_number_can_be_indexed() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 2).await;
        let long = "ä".repeat(5000);
        let many: String = (0..200_000).map(|number| format!("w{number} ")).collect();
        let mut set = WriteSet::new();
        search::index(&mut set, MessageId(1), &long, &many);
        search::index(&mut set, MessageId(2), "", "\u{0}\u{1}");
        store.commit(set).await.unwrap();
        for text in [&long, &long[..2 * search::WORD_CHARS_MAX], "w0", "w1000"] {
            assert_eq!(find(&store, inbox, &[(text, false, Place::Anywhere)]).await.unwrap(), [1]);
        }
        let beyond = find(&store, inbox, &[("w199999", false, Place::Body)]).await.unwrap();
        assert_eq!(beyond, [0; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_folder_says_up_to_where_it_is_indexed() {
    on_each_engine(async |database| {
        let (store, inbox) = store_with_messages(&database, 5).await;
        assert_eq!(search::folders_behind(&store, 10).await.unwrap(), [(inbox, 0)]);
        let mut set = WriteSet::new();
        search::index(&mut set, MessageId(2), "two", "");
        search::advance(&mut set, inbox, 1);
        store.commit(set).await.unwrap();
        assert_eq!(search::folders_behind(&store, 10).await.unwrap(), [(inbox, 1)]);
        let next = search::not_indexed(&store, inbox, 1, 2).await.unwrap();
        let next: Vec<(i64, bool)> = next.iter().map(|next| (next.uid, next.is_known)).collect();
        assert_eq!(next, [(2, true), (3, false)]);
        // It never goes back.
        for uid in [5, 3] {
            let mut set = WriteSet::new();
            search::advance(&mut set, inbox, uid);
            store.commit(set).await.unwrap();
        }
        assert_eq!(search::folders_behind(&store, 10).await.unwrap(), []);
        let status = store::folder::status(&store, inbox).await.unwrap().unwrap();
        assert_eq!(status.indexed_uid, 5);
    })
    .await;
}
