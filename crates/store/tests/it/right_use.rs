//! Last uses of rights, and marks of reports.

use domain::{RecipientId, Right};
use store::right_use::{self, RightUse};
use store::{CommitError, WriteSet};

use crate::engine::{NOW, on_each_engine, store_with_recipients};

#[tokio::test]
async fn the_latest_use_stays() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let used = RightUse {
            recipient: RecipientId(3),
            trustee: RecipientId(1),
            right: Right::SendAs,
            actor: RecipientId(1),
        };
        let other = RightUse { right: Right::SendOnBehalf, ..used };
        for at in [NOW.plus_secs(60), NOW.plus_secs(120), NOW] {
            let mut set = WriteSet::new();
            right_use::put(&mut set, &used, at);
            right_use::put(&mut set, &other, NOW);
            store.commit(set).await.unwrap();
        }
        let recipients = [RecipientId(1), RecipientId(3)];
        let mut found = right_use::of_recipients(&store, &recipients).await.unwrap();
        found.sort_by_key(|(used, _)| used.right);
        assert_eq!(found, [(used, NOW.plus_secs(120)), (other, NOW)]);
        let none = right_use::of_recipients(&store, &[RecipientId(1)]).await.unwrap();
        assert_eq!(none, []);
    })
    .await;
}

#[tokio::test]
async fn a_report_is_marked_once() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let mark = async |period: &str| {
            let mut set = WriteSet::new();
            right_use::mark_report(&mut set, RecipientId(1), period, NOW);
            store.commit(set).await
        };
        mark("2027-01").await.unwrap();
        let again = mark("2027-01").await;
        assert!(
            matches!(&again, Err(error @ CommitError::Conflict(_)) if error.conflict() == Some("report_mail")),
            "{again:?}"
        );
        mark("2027-02").await.unwrap();
        let told = right_use::reported(&store, "2027-01").await.unwrap();
        assert_eq!(told, [RecipientId(1)]);
        assert_eq!(right_use::reported(&store, "2027-03").await.unwrap(), []);
    })
    .await;
}
