use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::fixture::*;
use crate::recipient::{MemberRole, Membership};

fn ask(directory: &Directory, actor: RecipientId, author: &str) -> Decision {
    let author = address(author);
    let request = SendRequest { actor, author: &author, now: NOW };
    let decision = decide(directory, &request);
    assert_eq!(explain(directory, &request).decision, decision, "explain never disagrees");
    decision
}

fn mode(decision: Decision) -> Option<SendMode> {
    decision.ok().map(|permission| permission.mode)
}

#[test]
fn everybody_is_their_own_author_under_each_of_their_addresses() {
    let directory = contoso();
    for author in ["jean.dupont@contoso.com", "JEAN@Contoso.com", "jean+list@contoso.com"] {
        assert_eq!(mode(ask(&directory, JEAN, author)), Some(SendMode::Own), "{author}");
    }
}

#[test]
fn members_and_owners_hold_no_right_by_being_so() {
    let directory = contoso();
    for author in ["support@contoso.com", "aide@contoso.com", "support+x@contoso.com"] {
        assert_eq!(ask(&directory, JEAN, author), Err(Refusal::NoRight(SUPPORT)), "{author}");
        assert_eq!(ask(&directory, MARIE, author), Err(Refusal::NoRight(SUPPORT)), "{author}");
    }
    let request = SendRequest { actor: JEAN, author: &address("support@contoso.com"), now: NOW };
    assert!(explain(&directory, &request).checks.contains(&Check::MembershipGivesNoRight));
}

#[test]
fn send_as_wins_over_send_on_behalf() {
    let mut directory = contoso();
    add_grant(&mut directory, grant(1, SUPPORT, CLAIRE, Right::SendOnBehalf));
    let on_behalf = ask(&directory, CLAIRE, "aide@contoso.com");
    assert_eq!(mode(on_behalf), Some(SendMode::SendOnBehalf));
    add_grant(&mut directory, grant(2, SUPPORT, CLAIRE, Right::SendAs));
    let decision = ask(&directory, CLAIRE, "aide@contoso.com").expect("allowed");
    assert_eq!((decision.mode, decision.grant), (SendMode::SendAs, Some(GrantId(2))));
}

#[test]
fn full_access_gives_no_right_to_send() {
    let mut directory = contoso();
    add_grant(&mut directory, grant(1, BILLING, CLAIRE, Right::FullAccess));
    let decision = ask(&directory, CLAIRE, "facturation@contoso.com");
    assert_eq!(decision, Err(Refusal::NoRight(BILLING)));
}

#[test]
fn a_grant_ends_at_its_instant() {
    let mut directory = contoso();
    let mut ending = grant(1, SUPPORT, CLAIRE, Right::SendAs);
    ending.until_at = Some(NOW);
    add_grant(&mut directory, ending.clone());
    let refused = ask(&directory, CLAIRE, "support@contoso.com");
    assert_eq!(refused, Err(Refusal::RightEnded(SUPPORT, GrantId(1))));
    ending.id = GrantId(2);
    ending.until_at = Some(Timestamp(NOW.0 + 1));
    add_grant(&mut directory, ending);
    assert_eq!(mode(ask(&directory, CLAIRE, "support@contoso.com")), Some(SendMode::SendAs));
}

#[test]
fn a_grant_to_a_group_reaches_its_members_and_groups_within() {
    let mut directory = contoso();
    add_grant(&mut directory, grant(1, BILLING, NIGHT, Right::SendAs));
    assert!(ask(&directory, JEAN, "facturation@contoso.com").is_err());
    add_member(&mut directory, NIGHT, member(SUPPORT));
    let permission = ask(&directory, JEAN, "facturation@contoso.com").expect("through Support");
    assert_eq!(permission.through, Some(NIGHT));
    assert!(ask(&directory, CLAIRE, "facturation@contoso.com").is_err());
}

#[test]
fn groups_that_contain_each_other_end() {
    let mut directory = contoso();
    add_member(&mut directory, NIGHT, member(SUPPORT));
    add_member(&mut directory, SUPPORT, member(NIGHT));
    assert_eq!(groups_around(&directory, JEAN), HashSet::from([SUPPORT, NIGHT]));
}

#[test]
fn nesting_reaches_down_eight_levels_and_no_further() {
    let chain = |depth: i64| {
        let mut directory = contoso();
        for level in 0..depth {
            let id = RecipientId(1000 + level);
            let name = format!("level{level}@contoso.com");
            put(&mut directory, recipient(id, RecipientKind::Group, &[&name]));
            let below = if level == 0 { CLAIRE } else { RecipientId(999 + level) };
            add_member(&mut directory, id, member(below));
        }
        add_grant(&mut directory, grant(1, BILLING, RecipientId(999 + depth), Right::SendAs));
        ask(&directory, CLAIRE, "facturation@contoso.com").is_ok()
    };
    assert!(chain(8));
    assert!(!chain(9));
}

#[test]
fn some_kinds_are_never_authors_whatever_is_granted() {
    let mut directory = contoso();
    add_grant(&mut directory, grant(1, INCIDENTS, JEAN, Right::SendAs));
    add_grant(&mut directory, grant(2, FABRIKAM, JEAN, Right::SendAs));
    let channel = ask(&directory, JEAN, "incidents.support@contoso.com");
    assert_eq!(channel, Err(Refusal::ReceiveOnly(INCIDENTS)));
    let contact = ask(&directory, JEAN, "customer@fabrikam.com");
    assert_eq!(contact, Err(Refusal::AuthorIsContact(FABRIKAM)));
}

#[test]
fn unknown_and_foreign_authors_are_told_apart() {
    let directory = contoso();
    assert_eq!(ask(&directory, JEAN, "nobody@contoso.com"), Err(Refusal::AuthorUnknown));
    assert_eq!(ask(&directory, JEAN, "ceo@woodgrove.com"), Err(Refusal::AuthorElsewhere));
    assert_eq!(ask(&directory, JEAN, "support@mail.contoso.com"), Err(Refusal::AuthorElsewhere));
}

#[test]
fn disabled_and_unknown_actors_are_refused() {
    let mut directory = contoso();
    let mut entry = directory.entry(JEAN).expect("jean").as_ref().clone();
    entry.recipient.account.as_mut().expect("a user").is_disabled = true;
    directory.put(entry);
    assert_eq!(ask(&directory, JEAN, "jean@contoso.com"), Err(Refusal::AccountDisabled));
    assert_eq!(ask(&directory, SUPPORT, "support@contoso.com"), Err(Refusal::UnknownActor));
    assert_eq!(ask(&directory, RecipientId(99), "jean@contoso.com"), Err(Refusal::UnknownActor));
}

#[test]
fn identities_are_what_the_gate_allows() {
    let mut directory = contoso();
    add_grant(&mut directory, grant(1, SUPPORT, JEAN, Right::SendOnBehalf));
    add_grant(&mut directory, grant(2, BILLING, SUPPORT, Right::SendAs));
    add_grant(&mut directory, grant(3, NIGHT, JEAN, Right::FullAccess));
    let found: Vec<_> = identities(&directory, JEAN, NOW)
        .into_iter()
        .map(|identity| (identity.recipient, identity.permission.mode))
        .collect();
    let expected =
        [(JEAN, SendMode::Own), (BILLING, SendMode::SendAs), (SUPPORT, SendMode::SendOnBehalf)];
    assert_eq!(found, expected);
}

#[test]
fn a_removed_recipient_takes_its_rights_with_it() {
    let mut directory = contoso();
    add_grant(&mut directory, grant(1, SUPPORT, JEAN, Right::SendAs));
    assert!(ask(&directory, JEAN, "support@contoso.com").is_ok());
    directory.remove(SUPPORT);
    assert_eq!(ask(&directory, JEAN, "support@contoso.com"), Err(Refusal::AuthorUnknown));
    put(&mut directory, recipient(SUPPORT, RecipientKind::Group, &["support@contoso.com"]));
    assert_eq!(ask(&directory, JEAN, "support@contoso.com"), Err(Refusal::NoRight(SUPPORT)));
}

/// A random organisation over the users, groups and rights of the fixture.
#[derive(Debug, Clone)]
struct Facts {
    grants: Vec<Grant>,
    members: Vec<(RecipientId, Membership)>,
}

fn facts() -> impl Strategy<Value = Facts> {
    let users = prop::sample::select(vec![JEAN, CLAIRE, MARIE]);
    let trustees = prop::sample::select(vec![JEAN, CLAIRE, MARIE, SUPPORT, NIGHT]);
    let groups = prop::sample::select(vec![SUPPORT, NIGHT]);
    let authors = prop::sample::select(vec![SUPPORT, NIGHT, BILLING, JEAN]);
    let rights = prop::sample::select(Right::ALL.to_vec());
    let until = prop::option::of(-2i64..3);
    let grants = prop::collection::vec((authors, trustees, rights, until), 0..8);
    let role = prop::sample::select(vec![MemberRole::Member, MemberRole::Owner]);
    let members = prop::collection::vec((groups, users, role, any::<bool>()), 0..8);
    (grants, members).prop_map(|(grants, members)| Facts {
        grants: grants
            .into_iter()
            .enumerate()
            .map(|(at, (recipient, trustee, right, until))| Grant {
                until_at: until.map(|secs| NOW.plus_secs(secs)),
                ..grant(at as i64, recipient, trustee, right)
            })
            .collect(),
        members: members
            .into_iter()
            .map(|(group, member, role, is_subscribed)| {
                (group, Membership { member, role, is_subscribed })
            })
            .collect(),
    })
}

fn build(facts: &Facts) -> Directory {
    let mut directory = contoso();
    for (group, membership) in &facts.members {
        add_member(&mut directory, *group, *membership);
    }
    for grant in &facts.grants {
        add_grant(&mut directory, grant.clone());
    }
    directory
}

/// The rule said a second way, without the gate's code: is there a grant in force for the right?
fn is_granted(directory: &Directory, actor: RecipientId, on: RecipientId, right: Right) -> bool {
    directory.grants_on(on).iter().any(|grant| {
        let is_trustee = grant.trustee == actor
            || directory.members_of(grant.trustee).iter().any(|of| of.member == actor);
        is_trustee && grant.right == right && grant.until_at.is_none_or(|until| until > NOW)
    })
}

proptest! {
    #[test]
    fn permission_never_comes_without_a_matching_grant(facts in facts()) {
        let directory = build(&facts);
        for actor in [JEAN, CLAIRE, MARIE] {
            for (author, id) in [
                ("support@contoso.com", SUPPORT),
                ("night@contoso.com", NIGHT),
                ("facturation@contoso.com", BILLING),
                ("jean@contoso.com", JEAN),
            ] {
                let expected = if id == actor {
                    Some(SendMode::Own)
                } else if is_granted(&directory, actor, id, Right::SendAs) {
                    Some(SendMode::SendAs)
                } else if is_granted(&directory, actor, id, Right::SendOnBehalf) {
                    Some(SendMode::SendOnBehalf)
                } else {
                    None
                };
                prop_assert_eq!(mode(ask(&directory, actor, author)), expected);
            }
        }
    }

    #[test]
    fn taking_rights_away_never_allows_more(facts in facts(), drop in 0usize..8) {
        let before = build(&facts);
        let mut fewer = facts.clone();
        if drop < fewer.grants.len() {
            fewer.grants.remove(drop);
        }
        let after = build(&fewer);
        for actor in [JEAN, CLAIRE, MARIE] {
            for author in ["support@contoso.com", "facturation@contoso.com"] {
                if ask(&before, actor, author).is_err() {
                    prop_assert!(ask(&after, actor, author).is_err());
                }
            }
        }
    }

    #[test]
    fn identities_and_decisions_agree(facts in facts()) {
        let directory = build(&facts);
        for actor in [JEAN, CLAIRE, MARIE] {
            let listed: HashSet<_> =
                identities(&directory, actor, NOW).into_iter().map(|i| i.recipient).collect();
            for recipient in directory.recipients() {
                let allowed = ask(&directory, actor, &recipient.primary().to_string()).is_ok();
                prop_assert_eq!(allowed, listed.contains(&recipient.id));
            }
        }
    }
}
