//! A small organisation for the unit tests of this crate.

use mail::{Address, Domain};

use crate::directory::{Directory, DirectoryEntry, Organization};
use crate::grant::{Grant, Right};
use crate::id::{FolderId, GrantId, RecipientId, Timestamp};
use crate::recipient::{
    Account, AccountRole, MemberRole, Membership, Recipient, RecipientKind, RecipientSettings,
    StandardFolders,
};

pub(crate) const JEAN: RecipientId = RecipientId(1);
pub(crate) const CLAIRE: RecipientId = RecipientId(2);
pub(crate) const MARIE: RecipientId = RecipientId(3);
pub(crate) const SUPPORT: RecipientId = RecipientId(10);
pub(crate) const NIGHT: RecipientId = RecipientId(11);
pub(crate) const BILLING: RecipientId = RecipientId(20);
pub(crate) const INCIDENTS: RecipientId = RecipientId(30);
pub(crate) const FABRIKAM: RecipientId = RecipientId(40);
pub(crate) const NOW: Timestamp = Timestamp(1_750_000_000_000);

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).expect("a valid address in a test")
}

pub(crate) fn recipient(id: RecipientId, kind: RecipientKind, addresses: &[&str]) -> Recipient {
    let addresses: Vec<Address> = addresses.iter().map(|text| address(text)).collect();
    Recipient {
        id,
        guid: format!("00000000-0000-0000-0000-{:012}", id.0),
        kind,
        alias: addresses[0].local().to_owned(),
        display_name: addresses[0].local().to_owned(),
        addresses,
        account: (kind == RecipientKind::User).then_some(Account {
            is_disabled: false,
            role: AccountRole::Member,
            credential_epoch: 0,
        }),
        folders: kind.has_mailbox().then_some(StandardFolders {
            inbox: FolderId(id.0 * 100),
            sent: FolderId(id.0 * 100 + 1),
        }),
        team: None,
        settings: RecipientSettings::default(),
        created_at: NOW,
    }
}

pub(crate) fn grant(id: i64, recipient: RecipientId, trustee: RecipientId, right: Right) -> Grant {
    Grant {
        id: GrantId(id),
        recipient,
        trustee,
        right,
        until_at: None,
        reason: None,
        granted_by: "admin@contoso.com".to_owned(),
        granted_at: NOW,
    }
}

pub(crate) fn member(member: RecipientId) -> Membership {
    Membership { member, role: MemberRole::Member, is_subscribed: false }
}

pub(crate) fn put(directory: &mut Directory, recipient: Recipient) {
    directory.put(DirectoryEntry { recipient, grants: Vec::new(), members: Vec::new() });
}

/// Adds a grant to the entry that it is a right on.
pub(crate) fn add_grant(directory: &mut Directory, grant: Grant) {
    let mut entry =
        directory.entry(grant.recipient).expect("the recipient exists").as_ref().clone();
    entry.grants.push(grant);
    directory.put(entry);
}

/// Adds a member to a group.
pub(crate) fn add_member(directory: &mut Directory, group: RecipientId, membership: Membership) {
    let mut entry = directory.entry(group).expect("the group exists").as_ref().clone();
    entry.members.push(membership);
    directory.put(entry);
}

/// Contoso: three users, the group Support, a group Night, a shared mailbox, a channel, a contact.
/// No rights; jean is a member of Support, marie its owner.
pub(crate) fn contoso() -> Directory {
    use RecipientKind::{Channel, Contact, Group, SharedMailbox, User};
    let mut directory = Directory::default();
    let domains = vec![Domain::parse("contoso.com").expect("valid")];
    directory.set_organization(Organization::default(), domains);
    put(&mut directory, recipient(JEAN, User, &["jean.dupont@contoso.com", "jean@contoso.com"]));
    put(&mut directory, recipient(CLAIRE, User, &["claire.martin@contoso.com"]));
    put(&mut directory, recipient(MARIE, User, &["marie.durand@contoso.com"]));
    put(&mut directory, recipient(SUPPORT, Group, &["support@contoso.com", "aide@contoso.com"]));
    put(&mut directory, recipient(NIGHT, Group, &["night@contoso.com"]));
    put(&mut directory, recipient(BILLING, SharedMailbox, &["facturation@contoso.com"]));
    put(&mut directory, recipient(INCIDENTS, Channel, &["incidents.support@contoso.com"]));
    put(&mut directory, recipient(FABRIKAM, Contact, &["customer@fabrikam.com"]));
    add_member(&mut directory, SUPPORT, member(JEAN));
    add_member(&mut directory, SUPPORT, Membership { role: MemberRole::Owner, ..member(MARIE) });
    directory
}
