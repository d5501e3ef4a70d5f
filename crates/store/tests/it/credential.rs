//! Passwords, app passwords, tokens, and keys that sign.

use domain::RecipientId;
use mail::Domain;
use store::credential::{self, ApiToken, AppPassword};
use store::dkim_key::{self, DkimKey};
use store::{Store, WriteSet};

use crate::engine::{NOW, on_each_engine, store_with_recipients};

const JEAN: RecipientId = RecipientId(1);
const CLAIRE: RecipientId = RecipientId(2);

async fn commit(store: &Store, fill: impl FnOnce(&mut WriteSet)) {
    let mut set = WriteSet::new();
    fill(&mut set);
    store.commit(set).await.unwrap();
}

fn token(id: i64, recipient: RecipientId) -> ApiToken {
    ApiToken {
        id,
        token_hash: [u8::try_from(id).unwrap(); 32],
        recipient,
        name: "ticket form".to_owned(),
        scopes: "send".to_owned(),
        created_at: NOW,
        expires_at: Some(NOW.plus_secs(3600)),
        revoked_at: None,
        last_used_at: None,
    }
}

#[tokio::test]
async fn a_new_password_takes_the_place_of_the_old() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        assert_eq!(credential::password(&store, JEAN).await.unwrap(), None);
        for hash in ["$argon2id$one", "$argon2id$two"] {
            commit(&store, |set| credential::put_password(set, JEAN, hash, NOW)).await;
            let found = credential::password(&store, JEAN).await.unwrap();
            assert_eq!(found.as_deref(), Some(hash));
        }
        assert_eq!(credential::password(&store, CLAIRE).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn app_passwords_are_used_listed_and_removed_by_their_owner() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let phone = AppPassword {
            id: 7,
            recipient: JEAN,
            name: "Phone".to_owned(),
            hash: "$argon2id$x".to_owned(),
            created_at: NOW,
            last_used_at: None,
        };
        commit(&store, |set| credential::put_app_password(set, &phone)).await;
        assert_eq!(
            credential::app_passwords(&store, JEAN).await.unwrap(),
            std::slice::from_ref(&phone)
        );
        commit(&store, |set| credential::use_app_password(set, 7, NOW)).await;
        let used = AppPassword { last_used_at: Some(NOW), ..phone };
        assert_eq!(
            credential::app_passwords(&store, JEAN).await.unwrap(),
            std::slice::from_ref(&used)
        );
        commit(&store, |set| credential::remove_app_password(set, CLAIRE, 7)).await;
        assert_eq!(credential::app_passwords(&store, JEAN).await.unwrap(), [used]);
        commit(&store, |set| credential::remove_app_password(set, JEAN, 7)).await;
        assert_eq!(credential::app_passwords(&store, JEAN).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_token_is_found_by_its_hash_and_stays_revoked() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        commit(&store, |set| {
            credential::put_token(set, &token(7, JEAN));
            credential::put_token(set, &token(8, JEAN));
            credential::put_token(set, &token(9, CLAIRE));
        })
        .await;
        let mut twice = WriteSet::new();
        credential::put_token(&mut twice, &ApiToken { id: 10, ..token(9, JEAN) });
        assert_eq!(store.commit(twice).await.unwrap_err().conflict(), Some("token"));

        let found = credential::token_by_hash(&store, &[7; 32]).await.unwrap();
        assert_eq!(found, Some(token(7, JEAN)));
        assert_eq!(credential::token_by_hash(&store, &[1; 32]).await.unwrap(), None);
        commit(&store, |set| {
            credential::use_token(set, 7, NOW);
            credential::revoke_token(set, 7, NOW.plus_secs(1));
        })
        .await;
        commit(&store, |set| credential::remove_all(set, JEAN, NOW.plus_secs(2))).await;
        let tokens = credential::tokens(&store, JEAN).await.unwrap();
        let ends: Vec<_> = tokens.iter().map(|token| token.revoked_at).collect();
        assert_eq!(ends, [Some(NOW.plus_secs(1)), Some(NOW.plus_secs(2))]);
        assert_eq!(tokens[0].last_used_at, Some(NOW));
        assert_eq!(credential::tokens(&store, CLAIRE).await.unwrap(), [token(9, CLAIRE)]);
    })
    .await;
}

#[tokio::test]
async fn a_signing_key_is_put_once_and_retired() {
    on_each_engine(async |database| {
        let store = database.open().await;
        let key = DkimKey {
            domain: Domain::parse("contoso.com").unwrap(),
            selector: "s1".to_owned(),
            algorithm: "rsa-sha256".to_owned(),
            private_key_pem: "-----BEGIN PRIVATE KEY-----".to_owned(),
            created_at: NOW,
            retired_at: None,
        };
        commit(&store, |set| dkim_key::put(set, &key)).await;
        assert_eq!(dkim_key::list(&store).await.unwrap(), std::slice::from_ref(&key));
        assert!(!format!("{key:?}").contains("PRIVATE KEY"));
        let mut twice = WriteSet::new();
        dkim_key::put(&mut twice, &key);
        assert_eq!(store.commit(twice).await.unwrap_err().conflict(), Some("dkim_key"));
        commit(&store, |set| dkim_key::retire(set, &key.domain, "s1", NOW.plus_secs(1))).await;
        let retired = dkim_key::list(&store).await.unwrap();
        assert_eq!(retired[0].retired_at, Some(NOW.plus_secs(1)));
    })
    .await;
}
