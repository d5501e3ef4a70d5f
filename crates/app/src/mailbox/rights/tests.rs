//! Who reaches what, and how it ends.

use domain::{
    Account, AccountRole, DirectoryEntry, FolderId, Grant, GrantId, Membership, RecipientSettings,
    StandardFolders,
};
use mail::Address;

use super::*;

pub(crate) const JEAN: RecipientId = RecipientId(1);
pub(crate) const MARIE: RecipientId = RecipientId(2);
pub(crate) const PAUL: RecipientId = RecipientId(3);
pub(crate) const SUPPORT: RecipientId = RecipientId(10);
const BILLING: RecipientId = RecipientId(20);
const INCIDENTS: RecipientId = RecipientId(30);
pub(crate) const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn recipient(id: RecipientId, kind: RecipientKind, alias: &str, name: &str) -> Recipient {
    Recipient {
        id,
        guid: id.to_string(),
        kind,
        alias: alias.to_owned(),
        display_name: name.to_owned(),
        addresses: vec![Address::parse(&format!("{alias}@contoso.com")).unwrap()],
        account: (kind == RecipientKind::User).then_some(Account {
            is_disabled: false,
            role: AccountRole::Member,
            credential_epoch: 1,
        }),
        folders: Some(StandardFolders { inbox: FolderId(id.0), sent: FolderId(id.0 + 1000) }),
        team: None,
        settings: RecipientSettings::default(),
        created_at: NOW,
    }
}

fn put(directory: &mut Directory, recipient: Recipient, members: Vec<Membership>) {
    directory.put(DirectoryEntry { recipient, grants: Vec::new(), members });
}

fn member(member: RecipientId, role: MemberRole) -> Membership {
    Membership { member, role, is_subscribed: false }
}

fn full_access(directory: &mut Directory, on: RecipientId, trustee: RecipientId, until: i64) {
    let mut entry = directory.entry(on).unwrap().as_ref().clone();
    entry.grants.push(Grant {
        id: GrantId(on.0 * 100 + trustee.0),
        recipient: on,
        trustee,
        right: Right::FullAccess,
        until_at: Some(Timestamp(until)),
        reason: None,
        granted_by: "admin".to_owned(),
        granted_at: NOW,
    });
    directory.put(entry);
}

pub(crate) fn rename(directory: &mut Directory, id: RecipientId, name: &str) {
    let mut entry = directory.entry(id).unwrap().as_ref().clone();
    entry.recipient.display_name = name.to_owned();
    directory.put(entry);
}

pub(crate) fn add_group(
    directory: &mut Directory,
    id: i64,
    alias: &str,
    name: &str,
    members: &[RecipientId],
) {
    let members = members.iter().map(|id| member(*id, MemberRole::Member)).collect();
    put(directory, recipient(RecipientId(id), RecipientKind::Group, alias, name), members);
}

/// Jean is a member of the team Support, Marie its owner; Jean has Full Access on Facturation.
pub(crate) fn contoso() -> Directory {
    use RecipientKind::{Channel, Group, SharedMailbox, User};
    let mut directory = Directory::default();
    for (id, alias) in [(JEAN, "jean.dupont"), (MARIE, "marie.durand"), (PAUL, "paul.bernard")] {
        put(&mut directory, recipient(id, User, alias, alias), Vec::new());
    }
    let mut team = recipient(SUPPORT, Group, "support", "Support");
    team.settings.is_team = true;
    let members = vec![member(JEAN, MemberRole::Member), member(MARIE, MemberRole::Owner)];
    put(&mut directory, team, members);
    put(&mut directory, recipient(BILLING, SharedMailbox, "facturation", "Facturation"), vec![]);
    let mut channel = recipient(INCIDENTS, Channel, "incidents.support", "Incidents");
    channel.team = Some(SUPPORT);
    put(&mut directory, channel, Vec::new());
    full_access(&mut directory, BILLING, JEAN, NOW.0 + 1);
    directory
}

fn rights(
    directory: &Directory,
    person: RecipientId,
    mailbox: RecipientId,
    role: Option<FolderRole>,
) -> Rights {
    reach(directory, person, mailbox, NOW).map_or(Rights::NONE, |reached| reached.rights(role))
}

#[test]
fn members_delete_to_the_bin_and_owners_empty_it() {
    let directory = contoso();
    let trash = Some(FolderRole::Trash);
    assert!(rights(&directory, JEAN, SUPPORT, None).allow(Rights::DELETE));
    assert!(!rights(&directory, JEAN, SUPPORT, trash).allow(Rights::DELETE));
    assert!(rights(&directory, MARIE, SUPPORT, trash).allow(Rights::DELETE));
    assert!(!rights(&directory, JEAN, SUPPORT, None).allow(Rights::CREATE));
    assert!(rights(&directory, MARIE, SUPPORT, None).allow(Rights::CREATE));
    assert!(reach(&directory, MARIE, SUPPORT, NOW).unwrap().deletes_to_bin());
    assert!(!reach(&directory, JEAN, BILLING, NOW).unwrap().deletes_to_bin());
}

#[test]
fn being_a_member_or_owner_gives_no_right_to_post() {
    let directory = contoso();
    for person in [JEAN, MARIE] {
        assert!(!rights(&directory, person, SUPPORT, None).allow(Rights::POST));
    }
    assert!(!rights(&directory, JEAN, BILLING, None).allow(Rights::POST));
    assert!(rights(&directory, JEAN, JEAN, None).allow(Rights::POST));
}

#[test]
fn standard_folders_stay() {
    let directory = contoso();
    assert!(rights(&directory, JEAN, JEAN, None).allow(Rights::DELETE_FOLDER));
    for role in [FolderRole::Inbox, FolderRole::Sent, FolderRole::Trash] {
        assert!(!rights(&directory, JEAN, JEAN, Some(role)).allow(Rights::DELETE_FOLDER));
    }
}

#[test]
fn full_access_ends_at_its_instant_and_comes_through_groups() {
    let mut directory = contoso();
    assert_eq!(reach(&directory, JEAN, BILLING, NOW).unwrap().reach, Reach::FullAccess);
    assert_eq!(reach(&directory, JEAN, BILLING, Timestamp(NOW.0 + 1)), None);
    assert_eq!(reach(&directory, MARIE, BILLING, NOW), None);
    full_access(&mut directory, BILLING, SUPPORT, NOW.0 + 1);
    assert_eq!(reach(&directory, MARIE, BILLING, NOW).unwrap().reach, Reach::FullAccess);
}

#[test]
fn who_leaves_or_is_disabled_reaches_nothing() {
    let mut directory = contoso();
    assert_eq!(reached_by(&directory, JEAN, NOW).len(), 4);
    let mut team = directory.entry(SUPPORT).unwrap().as_ref().clone();
    team.members.retain(|of| of.member != JEAN);
    directory.put(team);
    assert_eq!(reached_by(&directory, JEAN, NOW).len(), 2);
    assert_eq!(reach(&directory, JEAN, INCIDENTS, NOW), None);
    let mut jean = directory.entry(JEAN).unwrap().as_ref().clone();
    jean.recipient.account.as_mut().unwrap().is_disabled = true;
    directory.put(jean);
    assert!(reached_by(&directory, JEAN, NOW).is_empty());
    assert_eq!(reach(&directory, JEAN, JEAN, NOW), None);
}

#[test]
fn members_of_a_group_inside_a_group_read_it() {
    let mut directory = contoso();
    add_group(&mut directory, 50, "all", "All", &[SUPPORT]);
    assert_eq!(reach(&directory, MARIE, RecipientId(50), NOW).unwrap().reach, Reach::Member);
}
