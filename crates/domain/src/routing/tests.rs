use super::*;
use crate::fixture::*;
use crate::recipient::{AccountRole, Membership, RecipientKind};

fn folders(expansion: &Expansion) -> Vec<RecipientId> {
    expansion.placements.iter().map(|placement| placement.mailbox).collect()
}

fn expand_one(directory: &Directory, to: &str) -> Expansion {
    expand(directory, &[address(to)])
}

fn subscribed(who: RecipientId) -> Membership {
    Membership { is_subscribed: true, ..member(who) }
}

#[test]
fn a_group_keeps_one_copy_whoever_is_a_member() {
    let directory = contoso();
    let expansion = expand_one(&directory, "aide@contoso.com");
    assert_eq!(folders(&expansion), [SUPPORT]);
    assert!(expansion.expanded.is_empty());
}

#[test]
fn subscribed_members_get_a_copy_each_once() {
    let mut directory = contoso();
    add_member(&mut directory, SUPPORT, subscribed(CLAIRE));
    add_member(&mut directory, SUPPORT, subscribed(FABRIKAM));
    let to = [address("support@contoso.com"), address("claire.martin@contoso.com")];
    let expansion = expand(&directory, &to);
    assert_eq!(folders(&expansion), [SUPPORT, CLAIRE]);
    assert_eq!(expansion.outside.len(), 1);
    assert_eq!(expansion.outside[0].address, address("customer@fabrikam.com"));
    assert_eq!(expansion.outside[0].original, address("support@contoso.com"));
    assert_eq!(expansion.expanded, [(SUPPORT, address("support@contoso.com"))]);
}

#[test]
fn groups_that_contain_each_other_get_one_copy_each() {
    let mut directory = contoso();
    add_member(&mut directory, SUPPORT, subscribed(NIGHT));
    add_member(&mut directory, NIGHT, subscribed(SUPPORT));
    assert_eq!(folders(&expand_one(&directory, "night@contoso.com")), [NIGHT, SUPPORT]);
}

#[test]
fn sub_addresses_reach_their_holder_and_channels_receive() {
    let directory = contoso();
    assert_eq!(folders(&expand_one(&directory, "support+42@contoso.com")), [SUPPORT]);
    assert_eq!(folders(&expand_one(&directory, "incidents.support@contoso.com")), [INCIDENTS]);
}

#[test]
fn unknown_addresses_of_ours_are_told_from_addresses_elsewhere() {
    let directory = contoso();
    let to = [address("nobody@contoso.com"), address("a@b.example"), address("A@b.example")];
    let expansion = expand(&directory, &to);
    assert_eq!(expansion.unknown, [address("nobody@contoso.com")]);
    assert_eq!(expansion.outside.len(), 1);
}

#[test]
fn outsiders_reach_only_us() {
    let directory = contoso();
    let admit_outside = |to: &str| admit(&directory, &address(to), Origin::Outside);
    assert_eq!(admit_outside("support@contoso.com"), Ok(()));
    assert_eq!(admit_outside("nobody@contoso.com"), Err(RecipientRefusal::Unknown));
    assert_eq!(admit_outside("a@b.example"), Err(RecipientRefusal::RelayDenied));
    assert_eq!(admit_outside("customer@fabrikam.com"), Err(RecipientRefusal::RelayDenied));
    assert_eq!(admit(&directory, &address("a@b.example"), Origin::Authenticated), Ok(()));
}

#[test]
fn a_group_that_requires_authentication_refuses_outsiders_only() {
    let mut directory = contoso();
    let mut entry = directory.entry(SUPPORT).expect("support").as_ref().clone();
    entry.recipient.settings.requires_sender_authentication = true;
    directory.put(entry);
    let to = address("aide@contoso.com");
    let refused = admit(&directory, &to, Origin::Outside);
    assert_eq!(refused, Err(RecipientRefusal::GroupNeedsAuthentication(SUPPORT)));
    assert_eq!(admit(&directory, &to, Origin::Authenticated), Ok(()));
}

#[test]
fn postmaster_is_always_answered() {
    let mut directory = contoso();
    let mut entry = directory.entry(MARIE).expect("marie").as_ref().clone();
    entry.recipient.account.as_mut().expect("a user").role = AccountRole::Administrator;
    directory.put(entry);
    assert_eq!(admit(&directory, &address("Postmaster@contoso.com"), Origin::Outside), Ok(()));
    assert_eq!(folders(&expand_one(&directory, "postmaster@contoso.com")), [MARIE]);
}

#[test]
fn the_limit_of_expansion_is_seen() {
    let mut directory = contoso();
    let mut entry = directory.entry(NIGHT).expect("night").as_ref().clone();
    let contacts = EXPANDED_RECIPIENTS_MAX as i64 - 1;
    for at in 0..contacts {
        let id = RecipientId(100_000 + at);
        let name = format!("c{at}@fabrikam.com");
        put(&mut directory, recipient(id, RecipientKind::Contact, &[&name]));
        entry.members.push(subscribed(id));
    }
    directory.put(entry);
    let within = expand_one(&directory, "night@contoso.com");
    assert_eq!(within.placements.len() + within.outside.len(), EXPANDED_RECIPIENTS_MAX);
    assert!(!within.is_over_limit);
    let to = [address("night@contoso.com"), address("one@more.example")];
    assert!(expand(&directory, &to).is_over_limit);
}
