//! The directory: what is put is what is loaded, whole or by changes.

use domain::{
    Directory, GrantId, MemberRole, Membership, Organization, RecipientId, Right, Timestamp,
};
use mail::Domain;
use store::directory::{self, Change, Revocation};
use store::{CommitError, Store, WriteSet, credential};

use crate::engine::{
    NOW, address, change, grant, group, on_each_engine, store_with_recipients, user,
};

fn member(id: i64, role: MemberRole) -> Membership {
    Membership { member: RecipientId(id), role, is_subscribed: id % 2 == 0 }
}

fn revocation() -> Revocation {
    let reason = Some("left the team".to_owned());
    Revocation { by: "admin@contoso.com".to_owned(), at: NOW.plus_secs(60), reason }
}

type Step<'a> = Box<dyn Fn(&mut WriteSet) + 'a>;

/// Asserts that a snapshot brought up to date is the one that is loaded whole.
async fn assert_in_step(store: &Store, mut snapshot: Directory) -> Directory {
    directory::changes_since(store, snapshot.version()).await.unwrap().apply(&mut snapshot);
    let loaded = directory::load(store).await.unwrap();
    assert_eq!(snapshot.version(), loaded.version());
    assert_eq!(snapshot.len(), loaded.len());
    assert_eq!(snapshot.organization(), loaded.organization());
    assert_eq!(snapshot.accepted_domains(), loaded.accepted_domains());
    assert_eq!(snapshot.rules(), loaded.rules());
    for recipient in loaded.recipients() {
        assert_eq!(snapshot.entry(recipient.id), loaded.entry(recipient.id));
    }
    loaded
}

#[tokio::test]
async fn an_empty_directory_has_version_zero() {
    on_each_engine(async |database| {
        let store = database.open().await;
        let directory = directory::load(&store).await.unwrap();
        assert_eq!((directory.version(), directory.len()), (0, 0));
        assert_eq!(*directory.organization(), Organization::default());
    })
    .await;
}

#[tokio::test]
async fn what_is_put_is_what_is_loaded() {
    on_each_engine(async |database| {
        let store = database.open().await;
        let empty = directory::load(&store).await.unwrap();
        let jean = user(1, &["Jean@contoso.com", "\"j d\"@contoso.com", "josé@bücher.example"]);
        let support = group(3, "support@contoso.com");
        let organization = Organization {
            guid: "g".to_owned(),
            name: "Contoso\u{0}".to_owned(),
            keeps_alias_as_author: true,
            ..Organization::default()
        };
        change(&store, |set| {
            directory::put_recipient(set, &jean).unwrap();
            directory::put_recipient(set, &support).unwrap();
            directory::put_member(set, support.id, member(1, MemberRole::Owner));
            directory::put_grant(set, &grant(50, 3, 1));
            directory::set_organization(set, &organization).unwrap();
            directory::add_domain(set, &Domain::parse("contoso.com").unwrap(), NOW);
            directory::add_domain(set, &Domain::parse("adatum.example").unwrap(), NOW);
        })
        .await;
        let loaded = assert_in_step(&store, empty).await;
        assert_eq!(loaded.recipient(jean.id), Some(&jean));
        assert_eq!(loaded.recipient(support.id), Some(&support));
        assert_eq!(loaded.members_of(support.id), [member(1, MemberRole::Owner)]);
        assert_eq!(loaded.grants_on(support.id), [grant(50, 3, 1)]);
        assert_eq!(*loaded.organization(), organization);
        assert_eq!(loaded.accepted_domains()[0].as_str(), "contoso.com");
        assert_eq!(loaded.holder(&address("JEAN@contoso.com")).unwrap().id, jean.id);
    })
    .await;
}

#[tokio::test]
async fn each_change_brings_an_old_snapshot_in_step() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let group = RecipientId(3);
        let domain = Domain::parse("contoso.com").unwrap();
        let oldest = directory::load(&store).await.unwrap();
        let steps: Vec<Step<'_>> = vec![
            Box::new(|set| directory::put_member(set, group, member(1, MemberRole::Member))),
            Box::new(|set| directory::put_member(set, group, member(1, MemberRole::Owner))),
            Box::new(|set| directory::put_grant(set, &grant(50, 3, 1))),
            Box::new(|set| directory::put_grant(set, &grant(51, 2, 3))),
            Box::new(|set| directory::revoke_grant(set, GrantId(50), &revocation())),
            Box::new(|set| directory::add_domain(set, &domain, NOW)),
            Box::new(|set| directory::remove_domain(set, &domain)),
            Box::new(|set| directory::put_recipient(set, &user(1, &["j2@contoso.com"])).unwrap()),
            Box::new(|set| directory::remove_recipient(set, group, &revocation())),
            Box::new(|set| {
                let heir = user(9, &["support@contoso.com"]);
                directory::put_recipient(set, &heir).unwrap();
            }),
        ];
        let mut snapshot = oldest.clone();
        for step in steps {
            change(&store, step).await;
            snapshot = assert_in_step(&store, snapshot).await;
        }
        // The oldest catches up with all of it at once, and twice is as good as once.
        assert_in_step(&store, oldest).await;
        let nothing = directory::changes_since(&store, snapshot.version()).await.unwrap();
        assert_eq!(nothing.changes, Vec::<Change>::new());
    })
    .await;
}

#[tokio::test]
async fn an_address_has_one_holder() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let version = directory::load(&store).await.unwrap().version();
        for rival in ["JEAN@contoso.com", "j@CONTOSO.com", "support@contoso.com"] {
            let mut set = WriteSet::new();
            directory::change(&mut set, version);
            directory::put_recipient(&mut set, &user(4, &["new@contoso.com", rival])).unwrap();
            let refused = store.commit(set).await.unwrap_err();
            assert_eq!(refused.conflict(), Some("proxy_address"), "{rival}");
        }
        let directory = directory::load(&store).await.unwrap();
        assert_eq!(directory.version(), version);
        assert!(directory.holder(&address("new@contoso.com")).is_none());
    })
    .await;
}

#[tokio::test]
async fn an_alias_a_guid_and_a_domain_are_taken_once() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let a_domain = Domain::parse("a.example").unwrap();
        let version = change(&store, |set| directory::add_domain(set, &a_domain, NOW)).await;
        let refused = async |change: &dyn Fn(&mut WriteSet)| {
            let mut set = WriteSet::new();
            directory::change(&mut set, version);
            change(&mut set);
            store.commit(set).await.unwrap_err().conflict()
        };
        let rival = user(4, &["new@contoso.com"]);
        let same_alias = domain::Recipient { alias: "ALIAS.1".to_owned(), ..rival.clone() };
        let same_guid = domain::Recipient { guid: user(1, &[]).guid, ..rival };
        let put = |set: &mut WriteSet, recipient| directory::put_recipient(set, recipient).unwrap();
        assert_eq!(refused(&|set| put(set, &same_alias)).await, Some("alias"));
        assert_eq!(refused(&|set| put(set, &same_guid)).await, Some("guid"));
        let again = refused(&|set| directory::add_domain(set, &a_domain, NOW)).await;
        assert_eq!(again, Some("accepted_domain"));
        let missing = refused(&|set| {
            directory::put_member(set, RecipientId(77), member(1, MemberRole::Owner));
        });
        assert_eq!(missing.await, Some("reference"));
    })
    .await;
}

#[tokio::test]
async fn a_removed_recipient_frees_its_names_and_loses_its_rights_for_good() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        change(&store, |set| {
            directory::put_member(set, RecipientId(3), member(1, MemberRole::Owner));
            directory::put_grant(set, &grant(50, 3, 1));
            directory::put_grant(set, &grant(51, 1, 2));
            credential::put_password(set, RecipientId(1), "$argon2id$x", NOW);
        })
        .await;
        change(&store, |set| directory::remove_recipient(set, RecipientId(1), &revocation())).await;
        let directory = directory::load(&store).await.unwrap();
        assert!(directory.recipient(RecipientId(1)).is_none());
        assert!(directory.members_of(RecipientId(3)).is_empty());
        assert!(directory.grants_on(RecipientId(3)).is_empty());
        assert_eq!(credential::password(&store, RecipientId(1)).await.unwrap(), None);

        // Somebody else with the same address and alias starts without any right.
        let heir =
            domain::Recipient { alias: "Alias.1".to_owned(), ..user(4, &["jean@contoso.com"]) };
        change(&store, |set| directory::put_recipient(set, &heir).unwrap()).await;
        let directory = directory::load(&store).await.unwrap();
        assert_eq!(directory.holder(&address("jean@contoso.com")).unwrap().id, heir.id);
        assert!(directory.granted_to(heir.id).is_empty());
        let history = directory::grant_history(&store, Some(RecipientId(3)), None).await.unwrap();
        assert_eq!(history[0].revoked, Some(revocation()));
    })
    .await;
}

#[tokio::test]
async fn a_right_is_given_once_revoked_once_and_remembered() {
    on_each_engine(async |database| {
        let store = store_with_recipients(&database).await;
        let version = change(&store, |set| directory::put_grant(set, &grant(50, 3, 1))).await;
        let mut twice = WriteSet::new();
        directory::change(&mut twice, version);
        directory::put_grant(&mut twice, &grant(51, 3, 1));
        assert_eq!(store.commit(twice).await.unwrap_err().conflict(), Some("grant"));

        let version =
            change(&store, |set| directory::revoke_grant(set, GrantId(50), &revocation())).await;
        let mut twice = WriteSet::new();
        directory::change(&mut twice, version);
        directory::revoke_grant(&mut twice, GrantId(50), &revocation());
        let refused = store.commit(twice).await.unwrap_err();
        assert!(matches!(refused, CommitError::Conflict("grant")), "{refused:?}");

        // Revoking and giving anew in one set works, and the history has both.
        change(&store, |set| {
            let other = domain::Grant { granted_at: Timestamp(NOW.0 + 1), ..grant(52, 3, 1) };
            directory::put_grant(set, &other);
            directory::put_grant(
                set,
                &domain::Grant { right: Right::FullAccess, ..grant(53, 2, 1) },
            );
        })
        .await;
        let (group, jean) = (Some(RecipientId(3)), Some(RecipientId(1)));
        let history = directory::grant_history(&store, group, jean).await.unwrap();
        assert_eq!(history.len(), 2);
        assert_eq!(
            (&history[0].grant, &history[0].revoked),
            (&grant(50, 3, 1), &Some(revocation()))
        );
        assert_eq!((history[1].grant.id, &history[1].revoked), (GrantId(52), &None));
        assert_eq!(directory::grant_history(&store, None, jean).await.unwrap().len(), 3);
        assert_eq!(directory::grant_history(&store, None, None).await.unwrap().len(), 3);
    })
    .await;
}
