//! SCRAM credentials hold for one password, and the installation's secrets for good.

use domain::RecipientId;
use store::credential::AppPassword;
use store::scram::{self, KEY_OCTETS, ScramCredential};
use store::{Store, WriteSet, credential};

use crate::engine::{NOW, on_each_engine, store_with_recipients};

const JEAN: RecipientId = RecipientId(1);

fn of(password_hash: &str) -> ScramCredential {
    ScramCredential {
        password_hash: password_hash.to_owned(),
        salt: vec![1, 2, 3],
        iterations: 50_000,
        stored_key: [4; KEY_OCTETS],
        server_key: [5; KEY_OCTETS],
    }
}

async fn commit(store: &Store, fill: impl FnOnce(&mut WriteSet)) {
    let mut set = WriteSet::new();
    fill(&mut set);
    store.commit(set).await.unwrap();
}

#[tokio::test]
async fn a_credential_is_found_with_its_password_only() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let found = async || scram::find(&store, JEAN).await.unwrap();
        commit(&store, |set| scram::put(set, JEAN, &of("one"))).await;
        assert_eq!(found().await, [], "there is no password");
        commit(&store, |set| credential::put_password(set, JEAN, "one", NOW)).await;
        assert_eq!(found().await, [of("one")]);
        commit(&store, |set| credential::put_password(set, JEAN, "two", NOW)).await;
        assert_eq!(found().await, [], "it was made from the old password");
        commit(&store, |set| scram::put(set, JEAN, &of("two"))).await;
        assert_eq!(found().await, [of("two")]);
        // Written late by whoever verified the old password.
        commit(&store, |set| scram::put(set, JEAN, &of("one"))).await;
        assert_eq!(found().await, [of("two")]);
        let phone = AppPassword {
            id: 7,
            recipient: JEAN,
            name: "Phone".to_owned(),
            hash: "app".to_owned(),
            created_at: NOW,
            last_used_at: None,
        };
        commit(&store, |set| {
            credential::put_app_password(set, &phone);
            scram::put(set, JEAN, &of("app"));
        })
        .await;
        assert_eq!(found().await, [of("app"), of("two")]);
        commit(&store, |set| credential::remove_app_password(set, JEAN, 7)).await;
        assert_eq!(found().await, [of("two")]);
        commit(&store, |set| credential::remove_all(set, JEAN, NOW)).await;
        assert_eq!(found().await, []);
    })
    .await;
}

#[tokio::test]
async fn a_secret_stays_what_it_was_first() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        assert_eq!(scram::secret(&store, "salt", b"first").await.unwrap(), b"first"[..]);
        assert_eq!(scram::secret(&store, "salt", b"second").await.unwrap(), b"first"[..]);
        assert_eq!(scram::secret(&store, "other", b"second").await.unwrap(), b"second"[..]);
    })
    .await;
}
