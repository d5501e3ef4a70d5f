//! Mailboxes over time, on a real store: bins that empty themselves, words that are indexed, room
//! that ends, folders that are renamed.

use app::mailbox::change::Brought;
use app::mailbox::search::{Criterion, SearchQuery};
use app::mailbox::{MailboxError, Place};
use bytes::Bytes;
use domain::{RecipientId, Timestamp};
use store::flag::FlagOperation;
use store::folder::Folder;
use store::{Flags, UidRange};

use crate::office::{NOW, Office};
use crate::sending::submit;

const ALL: [UidRange; 1] = [UidRange::ALL];
const DAY_SECS: i64 = 86_400;

async fn folder(office: &Office, login: &str, name: &str) -> (Folder, Place) {
    office.app.folder_named(office.find(login).id, name, NOW).await.unwrap()
}

async fn messages(office: &Office, login: &str, name: &str) -> i64 {
    folder(office, login, name).await.0.messages
}

async fn names(office: &Office, person: RecipientId) -> Vec<String> {
    let list = office.app.folder_list(person, NOW).await.unwrap();
    list.into_iter().map(|entry| entry.name).collect()
}

fn brought(text: &str) -> Brought {
    let content = Bytes::from(format!("Subject: {text}\r\n\r\nThe body says {text}.\r\n"));
    Brought { content, flags: Flags::NONE, internal_at: Some(Timestamp(5_000)) }
}

#[tokio::test]
async fn a_bin_keeps_what_was_deleted_for_its_days() {
    let office = Office::contoso().await;
    submit(&office, "claire.martin", "claire.martin@contoso.com", &["support@contoso.com"])
        .await
        .unwrap();
    let (_, inbox) = folder(&office, "jean.dupont", "Groups/Support").await;
    let deleted = FlagOperation::Add(Flags::DELETED);
    office.app.store_flags(&inbox, &ALL, deleted, None).await.unwrap();
    office.app.expunge(&inbox, &ALL, NOW).await.unwrap();
    assert_eq!(messages(&office, "jean.dupont", "Groups/Support").await, 0);
    assert_eq!(messages(&office, "jean.dupont", "Groups/Support/Trash").await, 1);
    assert_eq!(office.app.purge_bins(NOW.plus_secs(30 * DAY_SECS)).await.unwrap(), 0);
    assert_eq!(office.app.purge_bins(NOW.plus_secs(30 * DAY_SECS + 1)).await.unwrap(), 1);
    assert_eq!(messages(&office, "jean.dupont", "Groups/Support/Trash").await, 0);
    while office.app.reap().await.unwrap() > 0 {}
    let sent = office.find("claire.martin").folders.unwrap().sent;
    let kept = store::message::latest(&office.store, sent, i64::MAX, 1).await.unwrap();
    let content = store::message::content(&office.store, kept[0].message.id).await.unwrap();
    assert!(content.is_some(), "the sender's copy is the same message, and stays");
}

#[tokio::test]
async fn the_index_finds_what_direct_reading_finds() {
    let office = Office::contoso().await;
    let (_, inbox) = folder(&office, "jean.dupont", "INBOX").await;
    let texts = ["Rechnung für März", "facture d'été", "invoice"];
    office.app.append(&inbox, texts.map(brought).to_vec(), NOW).await.unwrap();
    for is_indexed in [false, true] {
        let (status, place) = folder(&office, "jean.dupont", "INBOX").await;
        assert_eq!(status.indexed_uid, if is_indexed { 3 } else { 0 });
        for (text, expected) in
            [("marz", vec![1]), ("body says fact", vec![2]), ("says", vec![1, 2, 3]), ("x", vec![])]
        {
            let query = SearchQuery {
                uids: ALL.to_vec(),
                criterion: Criterion::Text(text.to_owned()),
                modseq: false,
            };
            let found = office.app.search_folder(&place, &status, &query).await.unwrap();
            let uids: Vec<i64> = found.uids.iter().flat_map(|of| of.first..=of.last).collect();
            assert_eq!((uids, found.resume_at), (expected, None), "{text} {is_indexed}");
        }
        while office.app.index_words().await.unwrap() > 0 {}
    }
}

#[tokio::test]
async fn folders_are_made_with_those_above_and_renamed_with_those_below() {
    let office = Office::contoso().await;
    let jean = office.find("jean.dupont").id;
    office.app.create_folder(jean, "A/B/C", None, NOW).await.unwrap();
    let again = office.app.create_folder(jean, "A/B", None, NOW).await;
    assert!(matches!(again, Err(MailboxError::AlreadyExists)), "{again:?}");
    let below = office.app.rename_folder(jean, ("A", "A/B/D"), NOW).await;
    assert!(matches!(below, Err(MailboxError::Impossible(_))), "{below:?}");
    office.app.rename_folder(jean, ("A", "Z"), NOW).await.unwrap();
    let all = names(&office, jean).await;
    assert!(["Z", "Z/B", "Z/B/C"].iter().all(|name| all.contains(&(*name).to_owned())), "{all:?}");
    let full = office.app.delete_folder(jean, "Z/B", NOW).await;
    assert!(matches!(full, Err(MailboxError::HasChildren)), "{full:?}");
    office.app.delete_folder(jean, "Z/B/C", NOW).await.unwrap();
    let validity = folder(&office, "jean.dupont", "Z/B").await.0.uid_validity;
    office.app.delete_folder(jean, "Z/B", NOW).await.unwrap();
    office.app.create_folder(jean, "Z/B", None, NOW).await.unwrap();
    assert!(folder(&office, "jean.dupont", "Z/B").await.0.uid_validity > validity);
    for standard in ["INBOX", "Sent"] {
        let result = office.app.delete_folder(jean, standard, NOW).await;
        assert!(matches!(result, Err(MailboxError::Impossible(_))), "{result:?}");
    }
    let (_, inbox) = folder(&office, "jean.dupont", "INBOX").await;
    office.app.append(&inbox, vec![brought("one")], NOW).await.unwrap();
    office.app.rename_folder(jean, ("INBOX", "Old"), NOW).await.unwrap();
    assert_eq!(messages(&office, "jean.dupont", "Old").await, 1);
    assert_eq!(messages(&office, "jean.dupont", "INBOX").await, 0);
}

#[tokio::test]
async fn what_was_opened_gives_no_rights_later() {
    let office = Office::contoso().await;
    let jean = office.find("jean.dupont").id;
    let (opened, _) = folder(&office, "jean.dupont", "Groups/Support").await;
    assert!(office.app.place(jean, &opened, NOW).is_ok());
    let paul = office.find("auditor").id;
    let none = office.app.place(paul, &opened, NOW);
    assert!(matches!(none, Err(MailboxError::NotFound)), "{none:?}");
}
