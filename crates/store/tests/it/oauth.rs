//! Clients, grants, and what is exchanged once.

use domain::RecipientId;
use store::credential::{self, ApiToken};
use store::oauth::{self, Client, Device, Grant, Voucher, VoucherKind};
use store::{Store, WriteSet};

use crate::engine::{NOW, on_each_engine, store_with_recipients};

const JEAN: RecipientId = RecipientId(1);

async fn commit(store: &Store, fill: impl FnOnce(&mut WriteSet)) {
    let mut set = WriteSet::new();
    fill(&mut set);
    store.commit(set).await.unwrap();
}

/// The name of the conflict that a write set meets.
async fn conflict(store: &Store, fill: impl FnOnce(&mut WriteSet)) -> &'static str {
    let mut set = WriteSet::new();
    fill(&mut set);
    store.commit(set).await.unwrap_err().conflict().unwrap()
}

fn client(id: i64) -> Client {
    Client {
        id,
        client_id: format!("00000000-0000-0000-0000-00000000000{id}"),
        secret_hash: Some("hash".to_owned()),
        name: "Backup".to_owned(),
        account: Some(JEAN),
        scopes: "read".to_owned(),
        redirect_uris: vec!["https://a.b/".to_owned(), "http://127.0.0.1/".to_owned()],
        created_at: NOW,
    }
}

fn grant(id: i64) -> Grant {
    Grant {
        id,
        client: 1,
        recipient: JEAN,
        credential_epoch: 3,
        scopes: "read offline".to_owned(),
        created_at: NOW,
        revoked_at: None,
    }
}

fn voucher(hash: &str, grant: i64) -> Voucher {
    Voucher {
        hash: hash.to_owned(),
        kind: VoucherKind::Refresh,
        grant,
        redirect_uri: None,
        code_challenge: None,
        expires_at: NOW.plus_secs(3600),
    }
}

fn token(id: i64) -> ApiToken {
    ApiToken {
        id,
        token_hash: [u8::try_from(id).unwrap(); 32],
        recipient: JEAN,
        name: "Backup (OAuth)".to_owned(),
        scopes: "read".to_owned(),
        created_at: NOW,
        expires_at: Some(NOW.plus_secs(600)),
        revoked_at: None,
        last_used_at: None,
    }
}

#[tokio::test]
async fn clients_are_found_by_their_identifier_which_is_taken_once() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        commit(&store, |set| oauth::put_client(set, &client(1))).await;
        let found = oauth::client(&store, &client(1).client_id).await.unwrap();
        assert_eq!(found, Some(client(1)));
        let twice = Client { id: 2, ..client(1) };
        assert_eq!(conflict(&store, |set| oauth::put_client(set, &twice)).await, "oauth_client");
        let public =
            Client { secret_hash: None, account: None, redirect_uris: vec![], ..client(2) };
        commit(&store, |set| oauth::put_client(set, &public)).await;
        assert_eq!(oauth::clients(&store).await.unwrap(), vec![client(1), public]);
    })
    .await;
}

#[tokio::test]
async fn what_is_exchanged_once_is_not_exchanged_twice() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        commit(&store, |set| {
            oauth::put_grant(set, &grant(7));
            oauth::put_voucher(set, &voucher("a", 7));
        })
        .await;
        assert_eq!(oauth::voucher(&store, "a").await.unwrap(), Some(voucher("a", 7)));
        assert_eq!(oauth::voucher(&store, "b").await.unwrap(), None);
        commit(&store, |set| oauth::spend(set, "a", NOW)).await;
        assert_eq!(conflict(&store, |set| oauth::spend(set, "a", NOW)).await, "oauth_spent");
    })
    .await;
}

#[tokio::test]
async fn a_grant_ends_with_its_tokens_and_a_client_with_its_grants() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        commit(&store, |set| {
            oauth::put_client(set, &client(1));
            oauth::put_grant(set, &grant(7));
            oauth::put_grant(set, &grant(8));
        })
        .await;
        commit(&store, |set| {
            for (grant_id, id) in [(7, 11), (8, 12)] {
                oauth::put_access(set, (id, 1), Some(grant_id), NOW);
                credential::put_token(set, &token(id));
            }
        })
        .await;
        assert_eq!(oauth::origin_of_token(&store, 11).await.unwrap(), Some((1, Some(7))));
        let revoked = async |at: usize| {
            credential::tokens(&store, JEAN).await.unwrap()[at].revoked_at.is_some()
        };
        commit(&store, |set| oauth::revoke_grant(set, 7, NOW)).await;
        assert_eq!((revoked(0).await, revoked(1).await), (true, false));
        let late = conflict(&store, |set| oauth::put_access(set, (13, 1), Some(7), NOW)).await;
        assert_eq!(late, "oauth_grant");
        assert_eq!(oauth::grant(&store, 7).await.unwrap().unwrap().revoked_at, Some(NOW));
        commit(&store, |set| oauth::remove_client(set, 1, NOW)).await;
        assert!(revoked(1).await);
        assert!(oauth::grant(&store, 8).await.unwrap().unwrap().revoked_at.is_some());
        assert_eq!(oauth::clients(&store).await.unwrap(), Vec::new());
    })
    .await;
}

#[tokio::test]
async fn devices_wait_under_their_codes() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let device = Device {
            hash: "d".to_owned(),
            user_code: "BCDFGHJK".to_owned(),
            client: 1,
            scopes: "admin".to_owned(),
            expires_at: NOW.plus_secs(900),
            interval_secs: 5,
            polled_at: None,
            denied_at: None,
            grant: None,
        };
        commit(&store, |set| oauth::put_device(set, &device)).await;
        let other = Device { hash: "e".to_owned(), ..device.clone() };
        let name = conflict(&store, |set| oauth::put_device(set, &other)).await;
        assert_eq!(name, "oauth_user_code");
        assert_eq!(oauth::devices_waiting(&store, NOW).await.unwrap(), 1);
        assert_eq!(oauth::devices_waiting(&store, NOW.plus_secs(900)).await.unwrap(), 0);
        commit(&store, |set| oauth::poll_device(set, "d", 10, NOW)).await;
        commit(&store, |set| {
            oauth::put_grant(set, &grant(7));
            oauth::allow_device(set, "d", 7);
        })
        .await;
        let found = oauth::device_by_user_code(&store, "BCDFGHJK").await.unwrap().unwrap();
        let expected = Device { interval_secs: 10, polled_at: Some(NOW), grant: Some(7), ..device };
        assert_eq!(found, expected);
        commit(&store, |set| oauth::deny_device(set, "d", NOW)).await;
        let found = oauth::device(&store, "d").await.unwrap().unwrap();
        assert_eq!(found.denied_at, Some(NOW));
    })
    .await;
}

#[tokio::test]
async fn what_ended_is_forgotten_and_what_is_good_stays() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        commit(&store, |set| {
            oauth::put_grant(set, &grant(7));
            oauth::put_grant(set, &grant(8));
            oauth::put_voucher(set, &voucher("good", 7));
            let ended = Voucher { expires_at: NOW, ..voucher("ended", 8) };
            oauth::put_voucher(set, &ended);
            oauth::spend(set, "good", NOW);
            oauth::spend(set, "ended", NOW);
        })
        .await;
        commit(&store, |set| {
            for (id, grant) in [(11, Some(7)), (12, Some(8)), (13, None)] {
                oauth::put_access(set, (id, 1), grant, NOW);
                credential::put_token(set, &token(id));
            }
            credential::put_token(set, &ApiToken { expires_at: None, ..token(14) });
        })
        .await;
        commit(&store, |set| oauth::purge(set, NOW.plus_secs(601))).await;
        assert!(oauth::voucher(&store, "good").await.unwrap().is_some());
        assert!(oauth::voucher(&store, "ended").await.unwrap().is_none());
        assert_eq!(conflict(&store, |set| oauth::spend(set, "good", NOW)).await, "oauth_spent");
        // The token of the live grant is kept, so that the list shows what there is to revoke.
        let kept: Vec<i64> =
            credential::tokens(&store, JEAN).await.unwrap().iter().map(|token| token.id).collect();
        assert_eq!(kept, [11, 14]);
        assert!(oauth::grant(&store, 7).await.unwrap().is_some());
        assert!(oauth::grant(&store, 8).await.unwrap().is_none());
        // The next access token of a grant takes the place of those that ended.
        commit(&store, |set| {
            oauth::put_access(set, (15, 1), Some(7), NOW.plus_secs(601));
            credential::put_token(set, &token(15));
        })
        .await;
        let kept: Vec<i64> =
            credential::tokens(&store, JEAN).await.unwrap().iter().map(|token| token.id).collect();
        assert_eq!(kept, [14, 15]);
    })
    .await;
}
