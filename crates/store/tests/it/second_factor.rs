//! What may be used once is used once, and goes with its person.

use domain::{RecipientId, Timestamp};
use store::linked_identity::{self, LinkedIdentity, ProviderVisit};
use store::one_time_link::{self, LinkPurpose, OneTimeLink};
use store::passkey::{self, Challenge, Passkey};
use store::second_factor::{self, PendingSignIn};
use store::{CommitError, Store, WriteSet, credential};

use crate::engine::{NOW, on_each_engine, store_with_recipients};

const JEAN: RecipientId = RecipientId(1);
const HASH: [u8; 32] = [7; 32];
const OTHER: [u8; 32] = [8; 32];

/// Whether it was committed; which guard said no.
async fn commit(store: &Store, fill: impl FnOnce(&mut WriteSet)) -> Result<(), String> {
    let mut set = WriteSet::new();
    fill(&mut set);
    match store.commit(set).await {
        Ok(()) => Ok(()),
        Err(CommitError::Conflict(name)) => Err(name.to_owned()),
        Err(CommitError::Failure(failure)) => panic!("{failure}"),
    }
}

fn refused(name: &str) -> Result<(), String> {
    Err(name.to_owned())
}

#[tokio::test]
async fn a_secret_is_offered_confirmed_and_its_steps_only_go_on() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        commit(&store, |set| second_factor::offer(set, JEAN, b"one", NOW)).await.unwrap();
        let first = second_factor::find(&store, JEAN).await.unwrap().unwrap();
        commit(&store, |set| second_factor::offer(set, JEAN, b"two", NOW)).await.unwrap();
        let confirm = |set: &mut WriteSet| second_factor::confirm(set, JEAN, &first, 5, NOW);
        assert_eq!(commit(&store, confirm).await, refused("second_factor"), "it was replaced");
        assert_eq!(
            commit(&store, |set| second_factor::use_step(set, JEAN, 9)).await,
            refused("second_factor_step"),
            "nothing is confirmed"
        );
        let second = second_factor::find(&store, JEAN).await.unwrap().unwrap();
        commit(&store, |set| second_factor::confirm(set, JEAN, &second, 5, NOW)).await.unwrap();
        commit(&store, |set| second_factor::offer(set, JEAN, b"three", NOW)).await.unwrap();
        let found = second_factor::find(&store, JEAN).await.unwrap().unwrap();
        assert_eq!((&found.secret[..], found.confirmed_at), (&b"two"[..], Some(NOW)));
        for (step, expected) in
            [(5, refused("second_factor_step")), (6, Ok(())), (6, refused("second_factor_step"))]
        {
            let answer = commit(&store, |set| second_factor::use_step(set, JEAN, step)).await;
            assert_eq!(answer, expected, "{step}");
        }
    })
    .await;
}

#[tokio::test]
async fn codes_pending_sign_ins_links_and_questions_end_with_their_use() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let codes = |set: &mut WriteSet| {
            second_factor::put_recovery_codes(set, JEAN, &[HASH, OTHER]);
        };
        commit(&store, codes).await.unwrap();
        commit(&store, codes).await.unwrap();
        let use_code = |set: &mut WriteSet| second_factor::use_recovery_code(set, JEAN, &HASH);
        assert_eq!(commit(&store, use_code).await, Ok(()));
        assert_eq!(commit(&store, use_code).await, refused("recovery_code"));
        assert_eq!(second_factor::recovery_codes(&store, JEAN).await.unwrap(), 1);

        let pending = PendingSignIn { recipient: JEAN, credential_epoch: 3, created_at: NOW };
        let put = |set: &mut WriteSet| second_factor::put_pending(set, &pending, &HASH);
        commit(&store, put).await.unwrap();
        let before = |at| move |set: &mut WriteSet| second_factor::remove_pending_before(set, at);
        commit(&store, before(NOW)).await.unwrap();
        assert_eq!(second_factor::pending(&store, &HASH).await.unwrap(), Some(pending));
        let end = |set: &mut WriteSet| second_factor::end_pending(set, &HASH);
        assert_eq!(commit(&store, end).await, Ok(()));
        assert_eq!(commit(&store, end).await, refused("pending_sign_in"));
        commit(&store, put).await.unwrap();
        commit(&store, before(Timestamp(NOW.0 + 1))).await.unwrap();
        assert_eq!(second_factor::pending(&store, &HASH).await.unwrap(), None);

        let link = OneTimeLink {
            token_hash: HASH,
            recipient: JEAN,
            credential_epoch: 1,
            created_at: NOW,
            expires_at: NOW,
            purpose: LinkPurpose::FirstRun,
        };
        commit(&store, |set| one_time_link::put(set, &link)).await.unwrap();
        let newer = OneTimeLink { token_hash: OTHER, ..link };
        commit(&store, |set| one_time_link::put(set, &newer)).await.unwrap();
        let purpose = LinkPurpose::DeviceSetup;
        let device = OneTimeLink { token_hash: [9; 32], purpose, ..link };
        commit(&store, |set| one_time_link::put(set, &device)).await.unwrap();
        let first_run = LinkPurpose::FirstRun;
        assert_eq!(one_time_link::find(&store, first_run, &HASH).await.unwrap(), None);
        assert_eq!(one_time_link::find(&store, first_run, &OTHER).await.unwrap(), Some(newer));
        assert_eq!(one_time_link::find(&store, purpose, &OTHER).await.unwrap(), None);
        assert_eq!(one_time_link::find(&store, purpose, &[9; 32]).await.unwrap(), Some(device));
        let use_up = |set: &mut WriteSet| one_time_link::use_up(set, &OTHER);
        assert_eq!(commit(&store, use_up).await, Ok(()));
        assert_eq!(commit(&store, use_up).await, refused("one_time_link"));

        let asked = Challenge { recipient: Some(JEAN), created_at: NOW };
        let ask = |set: &mut WriteSet| passkey::put_challenge(set, &HASH, asked);
        commit(&store, ask).await.unwrap();
        assert_eq!(passkey::challenge(&store, &HASH).await.unwrap(), Some(asked));
        let end = |set: &mut WriteSet| passkey::end_challenge(set, &HASH);
        assert_eq!(commit(&store, end).await, Ok(()));
        assert_eq!(commit(&store, end).await, refused("passkey_challenge"));
        let later = Timestamp(NOW.0 + 1);
        commit(&store, ask).await.unwrap();
        commit(&store, |set| passkey::remove_challenges_before(set, later)).await.unwrap();
        assert_eq!(passkey::challenge(&store, &HASH).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn passkeys_are_kept_found_used_and_go_with_their_person() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let key = Passkey {
            id: 4,
            recipient: JEAN,
            credential_id: b"id".as_slice().into(),
            public_key: b"key".as_slice().into(),
            sign_count: 1,
            name: "Phone".to_owned(),
            created_at: NOW,
            last_used_at: None,
        };
        commit(&store, |set| passkey::put(set, &key)).await.unwrap();
        commit(&store, |set| second_factor::offer(set, JEAN, b"one", NOW)).await.unwrap();
        commit(&store, |set| passkey::used(set, 4, 2, NOW)).await.unwrap();
        let used = Passkey { sign_count: 2, last_used_at: Some(NOW), ..key };
        assert_eq!(passkey::by_credential(&store, b"id").await.unwrap(), Some(used.clone()));
        assert_eq!(passkey::by_credential(&store, b"other").await.unwrap(), None);
        commit(&store, |set| passkey::remove(set, RecipientId(2), 4)).await.unwrap();
        assert_eq!(passkey::list(&store, JEAN).await.unwrap(), [used], "it is not Marie's");
        commit(&store, |set| credential::remove_all(set, JEAN, NOW)).await.unwrap();
        assert_eq!(passkey::list(&store, JEAN).await.unwrap(), []);
        assert_eq!(second_factor::find(&store, JEAN).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_identity_belongs_to_one_person_and_a_person_has_one_at_each_issuer() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let identity = LinkedIdentity {
            id: 5,
            recipient: JEAN,
            issuer: "https://login.example".to_owned(),
            subject: "s1".to_owned(),
            address: "jean@contoso.com".to_owned(),
            created_at: NOW,
            last_used_at: NOW,
        };
        commit(&store, |set| linked_identity::put(set, &identity)).await.unwrap();
        for (recipient, subject) in [(RecipientId(2), "s1"), (JEAN, "s2"), (JEAN, "s1")] {
            let other =
                LinkedIdentity { id: 6, recipient, subject: subject.into(), ..identity.clone() };
            let answer = commit(&store, |set| linked_identity::put(set, &other)).await;
            assert_eq!(answer, refused("linked_identity"), "{subject}");
        }
        let issuer = "https://other.example".to_owned();
        let elsewhere = LinkedIdentity { id: 7, issuer, ..identity.clone() };
        commit(&store, |set| linked_identity::put(set, &elsewhere)).await.unwrap();
        let later = Timestamp(NOW.0 + 1);
        commit(&store, |set| linked_identity::used(set, 5, "j@contoso.com", later)).await.unwrap();
        let used =
            LinkedIdentity { address: "j@contoso.com".into(), last_used_at: later, ..identity };
        let found = linked_identity::find(&store, "https://login.example", "s1").await.unwrap();
        assert_eq!(found.as_ref(), Some(&used));
        assert_eq!(
            linked_identity::find(&store, "https://login.example", "s2").await.unwrap(),
            None
        );
        commit(&store, |set| linked_identity::remove(set, RecipientId(2), 5)).await.unwrap();
        let both = vec![used.clone(), elsewhere];
        assert_eq!(linked_identity::list(&store, JEAN).await.unwrap(), both, "not Marie's");
        commit(&store, |set| linked_identity::remove(set, JEAN, 7)).await.unwrap();
        assert_eq!(linked_identity::list(&store, JEAN).await.unwrap(), [used]);
        commit(&store, |set| credential::remove_all(set, JEAN, NOW)).await.unwrap();
        assert_eq!(linked_identity::list(&store, JEAN).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_browser_comes_back_from_the_provider_once() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let away = ProviderVisit { next_path: "/account".into(), created_at: NOW };
        commit(&store, |set| linked_identity::put_visit(set, &HASH, &away)).await.unwrap();
        commit(&store, |set| linked_identity::put_visit(set, &OTHER, &away)).await.unwrap();
        assert_eq!(linked_identity::visit(&store, &HASH).await.unwrap(), Some(away));
        let end = |set: &mut WriteSet| linked_identity::end_visit(set, &HASH);
        assert_eq!(commit(&store, end).await, Ok(()));
        assert_eq!(commit(&store, end).await, refused("provider_visit"));
        let later = Timestamp(NOW.0 + 1);
        commit(&store, |set| linked_identity::remove_visits_before(set, NOW)).await.unwrap();
        assert!(linked_identity::visit(&store, &OTHER).await.unwrap().is_some());
        commit(&store, |set| linked_identity::remove_visits_before(set, later)).await.unwrap();
        assert_eq!(linked_identity::visit(&store, &OTHER).await.unwrap(), None);
    })
    .await;
}
