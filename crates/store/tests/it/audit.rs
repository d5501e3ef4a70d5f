//! The audit chain: whole while nobody touches it, and broken exactly where somebody did.

use futures_util::future::join_all;
use store::audit::{self, AuditFilter, AuditRecord, Break};
use store::{Store, WriteSet};

use crate::engine::{NOW, on_each_engine};

fn entry(number: i64) -> AuditRecord {
    AuditRecord {
        at: NOW.plus_secs(number),
        actor: "Admin@contoso.com".to_owned(),
        operation: if number % 2 == 0 { "grant" } else { "revoke" }.to_owned(),
        object: format!("recipient {}", number % 3),
        parameters: format!(r#"{{"number":{number},"name":"été \u0000 {}"}}"#, '\0'),
        reason: (number % 2 == 0).then(|| "asked for\0 by Marie".to_owned()),
        before: None,
        after: Some("{}".to_owned()),
    }
}

async fn append(store: &Store, numbers: impl IntoIterator<Item = i64>) {
    for number in numbers {
        let mut set = WriteSet::new();
        audit::record(&mut set, &entry(number));
        store.commit(set).await.unwrap();
    }
}

async fn first_bad(store: &Store) -> Option<(i64, Break)> {
    audit::verify(store).await.unwrap().first_bad
}

#[tokio::test]
async fn an_untouched_chain_is_whole() {
    on_each_engine(async |database| {
        let store = database.open().await;
        let empty = audit::verify(&store).await.unwrap();
        assert_eq!((empty.records, empty.first_bad), (0, None));
        assert_eq!(empty.head, "0".repeat(64));
        // More than one page, and several records in one set.
        let mut set = WriteSet::new();
        for number in 1..=1500 {
            audit::record(&mut set, &entry(number));
        }
        store.commit(set).await.unwrap();
        append(&store, 1501..=1503).await;
        let whole = audit::verify(&store).await.unwrap();
        assert_eq!((whole.records, whole.first_bad), (1503, None));
        let newest = AuditFilter { limit: 1, ..AuditFilter::default() };
        assert_eq!(audit::search(&store, &newest).await.unwrap()[0].hash, whole.head);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_written_together_form_one_chain() {
    on_each_engine(async |database| {
        let stores = [database.open().await, database.open().await];
        let appends = (0..8).map(|task: i64| {
            let store = stores[usize::try_from(task % 2).unwrap()].clone();
            tokio::spawn(async move { append(&store, task * 10..task * 10 + 10).await })
        });
        for appended in join_all(appends).await {
            appended.unwrap();
        }
        let whole = audit::verify(&stores[0]).await.unwrap();
        assert_eq!((whole.records, whole.first_bad), (80, None));
    })
    .await;
}

#[tokio::test]
async fn a_set_that_is_refused_leaves_no_record_and_no_gap() {
    on_each_engine(async |database| {
        let store = database.open().await;
        append(&store, [1]).await;
        let mut refused = WriteSet::new();
        store::directory::change(&mut refused, 99);
        audit::record(&mut refused, &entry(2));
        assert!(store.commit(refused).await.is_err());
        append(&store, [3]).await;
        let whole = audit::verify(&store).await.unwrap();
        assert_eq!((whole.records, whole.first_bad), (2, None));
    })
    .await;
}

/// What somebody does to five records, and where that shows.
const TAMPERINGS: [(&str, i64, Break); 9] = [
    ("update audit_record set reason = 'none' where seq = 4", 4, Break::Altered),
    ("update audit_record set reason = null where seq = 2", 2, Break::Altered),
    ("update audit_record set at = at + 1 where seq = 3", 3, Break::Altered),
    (
        "update audit_record set actor = operation, operation = actor where seq = 1",
        1,
        Break::Altered,
    ),
    ("update audit_record set prev_hash = hash where seq = 5", 5, Break::Unlinked),
    ("delete from audit_record where seq = 2", 3, Break::Missing),
    ("delete from audit_record where seq <= 2", 3, Break::Missing),
    // The gap is closed.
    (
        "delete from audit_record where seq = 2;
         update audit_record set seq = 2 where seq = 3;
         update audit_record set seq = 3 where seq = 4;
         update audit_record set seq = 4 where seq = 5",
        2,
        Break::Unlinked,
    ),
    // Two are exchanged.
    (
        "update audit_record set seq = 99 where seq = 2;
         update audit_record set seq = 2 where seq = 3;
         update audit_record set seq = 3 where seq = 99",
        2,
        Break::Unlinked,
    ),
];

#[tokio::test]
async fn every_tampering_shows_where_it_was_done() {
    for (tampering, seq, fault) in TAMPERINGS {
        on_each_engine(async |database| {
            let store = database.open().await;
            append(&store, 1..=5).await;
            assert_eq!(first_bad(&store).await, None);
            database.tamper(tampering).await;
            assert_eq!(first_bad(&store).await, Some((seq, fault)), "{tampering}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_cut_end_shows_against_a_noted_head() {
    on_each_engine(async |database| {
        let store = database.open().await;
        append(&store, 1..=5).await;
        let noted = audit::verify(&store).await.unwrap();
        database.tamper("delete from audit_record where seq = 5").await;
        let cut = audit::verify(&store).await.unwrap();
        assert_eq!(cut.first_bad, None);
        assert!(cut.records < noted.records && cut.head != noted.head);
    })
    .await;
}

#[tokio::test]
async fn each_filter_narrows_and_pages_go_on() {
    on_each_engine(async |database| {
        let store = database.open().await;
        append(&store, 1..=6).await;
        let any = || AuditFilter { limit: 100, ..AuditFilter::default() };
        let found = async |filter: AuditFilter| -> Vec<i64> {
            let records = audit::search(&store, &filter).await.unwrap();
            records.into_iter().map(|record| record.seq).collect()
        };
        assert_eq!(found(AuditFilter { limit: 2, ..any() }).await, [6, 5]);
        assert_eq!(found(AuditFilter { before_seq: Some(3), ..any() }).await, [2, 1]);
        assert_eq!(found(AuditFilter { from: Some(NOW.plus_secs(5)), ..any() }).await, [6, 5]);
        assert_eq!(found(AuditFilter { to: Some(NOW.plus_secs(2)), ..any() }).await, [2, 1]);
        let operation = Some("grant".to_owned());
        assert_eq!(found(AuditFilter { operation, ..any() }).await, [6, 4, 2]);
        let object = Some("recipient 0".to_owned());
        assert_eq!(found(AuditFilter { object, ..any() }).await, [6, 3]);
        let actor = Some("ADMIN@contoso.com".to_owned());
        assert_eq!(found(AuditFilter { actor, ..any() }).await.len(), 6);
        assert_eq!(found(AuditFilter { actor: Some("x".to_owned()), ..any() }).await, [0; 0]);
    })
    .await;
}
