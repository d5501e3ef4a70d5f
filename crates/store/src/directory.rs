//! The directory: recipients with their addresses, memberships and rights, and the organisation.
//!
//! Every change of it carries the version on which it was decided and makes the next one
//! ([`change`]); every submission is guarded by the version on which it was judged
//! ([`expect_version`]). So a set under an old version never commits, and a revoke that has
//! committed stops the next message. What a version changed is kept, so that a process brings its
//! snapshot up to date by reading only that ([`changes_since`]).

pub(crate) mod load;

use domain::{
    FolderId, Grant, GrantId, Membership, Organization, Recipient, RecipientId, Timestamp,
};
use mail::Domain;

pub use self::load::{Change, Changes, GrantRecord, changes_since, grant_history, load};
use crate::event::Event;
use crate::failure::Failure;
use crate::statements::GuardText;
use crate::write_set::WriteSet;

/// Stands in the list of changes for the organisation's settings and domains.
pub(crate) const ORGANIZATION: RecipientId = RecipientId(0);

/// Conflict `directory`: somebody changed the directory meanwhile.
const VERSION: GuardText =
    GuardText { name: "directory", sql: "(select version from directory_state where id = 1) = $1" };

const LOCK_SHARED: &str = "{lock_directory_shared}";
const LOCK: &str = "{lock_directory}";

const BUMP: &str = "update directory_state set version = version + 1 where id = 1";

const TOUCH: &str = "insert into directory_change (version, recipient_id)
     select version, $1 from directory_state where id = 1
     on conflict (version, recipient_id) do nothing";

const TOUCH_GROUPS_OF: &str = "insert into directory_change (version, recipient_id)
     select state.version, membership.group_id
       from directory_state as state, membership
      where membership.member_id = $1
     on conflict (version, recipient_id) do nothing";

const TOUCH_GRANTED_TO: &str = "insert into directory_change (version, recipient_id)
     select distinct state.version, grant_right.recipient_id
       from directory_state as state, grant_right
      where grant_right.trustee_id = $1 and grant_right.revoked_at is null
     on conflict (version, recipient_id) do nothing";

const TOUCH_GRANT: &str = "insert into directory_change (version, recipient_id)
     select state.version, grant_right.recipient_id
       from directory_state as state, grant_right
      where grant_right.id = $1
     on conflict (version, recipient_id) do nothing";

const PUT_RECIPIENT: &str = "insert into recipient
            (id, guid, kind, alias, alias_key, display_name, is_disabled, role, credential_epoch,
             inbox_id, sent_id, team_id, settings, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     on conflict (id) do update
        set guid = excluded.guid, kind = excluded.kind, alias = excluded.alias,
            alias_key = excluded.alias_key, display_name = excluded.display_name,
            is_disabled = excluded.is_disabled, role = excluded.role,
            credential_epoch = excluded.credential_epoch, inbox_id = excluded.inbox_id,
            sent_id = excluded.sent_id, team_id = excluded.team_id,
            settings = excluded.settings, deleted_at = null";

const FREE_ADDRESSES: &str = "delete from proxy_address where recipient_id = $1";

const PUT_ADDRESS: &str = "insert into proxy_address (address_key, recipient_id, position, address)
     values ($1, $2, $3, $4)";

const DELETE_RECIPIENT: &str = "update recipient set deleted_at = $2 where id = $1";

const REVOKE_ALL: &str = "update grant_right
        set revoked_at = $2, revoked_by = $3, revoke_reason = $4
      where (recipient_id = $1 or trustee_id = $1) and revoked_at is null";

const LEAVE_ALL: &str = "delete from membership where member_id = $1 or group_id = $1";

const PUT_MEMBER: &str = "insert into membership (group_id, member_id, role, is_subscribed)
     values ($1, $2, $3, $4)
     on conflict (group_id, member_id) do update
        set role = excluded.role, is_subscribed = excluded.is_subscribed";

const REMOVE_MEMBER: &str = "delete from membership where group_id = $1 and member_id = $2";

const PUT_GRANT: &str = "insert into grant_right
            (id, recipient_id, trustee_id, right_name, until_at, reason, granted_by, granted_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)";

/// Conflict `grant`: the right was revoked already, or never given.
const GRANT_STANDS: GuardText = GuardText {
    name: "grant",
    sql: "exists (select 1 from grant_right where id = $1 and revoked_at is null)",
};

const REVOKE_GRANT: &str = "update grant_right
        set revoked_at = $2, revoked_by = $3, revoke_reason = $4
      where id = $1 and revoked_at is null";

const SET_ORGANIZATION: &str = "insert into organization (id, settings) values (1, $1)
     on conflict (id) do update set settings = excluded.settings";

const ADD_DOMAIN: &str = "insert into accepted_domain (name, position, created_at)
     select $1, coalesce(max(position), 0) + 1, $2 from accepted_domain";

const REMOVE_DOMAIN: &str = "delete from accepted_domain where name = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    LOCK_SHARED,
    LOCK,
    BUMP,
    TOUCH,
    TOUCH_GROUPS_OF,
    TOUCH_GRANTED_TO,
    TOUCH_GRANT,
    PUT_RECIPIENT,
    FREE_ADDRESSES,
    PUT_ADDRESS,
    DELETE_RECIPIENT,
    REVOKE_ALL,
    LEAVE_ALL,
    PUT_MEMBER,
    REMOVE_MEMBER,
    PUT_GRANT,
    REVOKE_GRANT,
    SET_ORGANIZATION,
    ADD_DOMAIN,
    REMOVE_DOMAIN,
];

pub(crate) const GUARDS: &[GuardText] = &[VERSION, GRANT_STANDS];

/// Who ends something, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Who: an address, or the name of a local administrator.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<String>,
}

/// Lets the set commit only while the directory is at `version` (conflict `directory`). For sets
/// that were decided on the directory and leave it as it is. Sets beside each other may all commit.
pub fn expect_version(set: &mut WriteSet, version: i64) {
    set.locks.push(LOCK_SHARED);
    set.guard(VERSION, vec![version.into()]);
}

/// Begins a change of the directory that was decided at `version` (conflict `directory`), and gives
/// the version that the directory has once the set is committed. Call it once a set, before the
/// functions below.
pub fn change(set: &mut WriteSet, version: i64) -> i64 {
    set.changes_directory = true;
    set.locks.push(LOCK);
    set.guard(VERSION, vec![version.into()]);
    set.push(BUMP, Vec::new());
    set.publish(Event::DirectoryChanged { version: version + 1 });
    version + 1
}

/// Makes every process read this recipient again. The functions below do it by themselves.
pub fn touch(set: &mut WriteSet, recipient: RecipientId) {
    debug_assert!(set.changes_directory, "call directory::change before changing the directory");
    set.push(TOUCH, vec![recipient.into()]);
}

/// Creates a recipient, or replaces the one with the same identifier, with all its addresses.
///
/// Conflicts: `proxy_address` (another recipient has one of the addresses), `alias`, `guid`. When
/// addresses move between recipients in one set, put the one that loses them first.
pub fn put_recipient(set: &mut WriteSet, recipient: &Recipient) -> Result<(), Failure> {
    touch(set, recipient.id);
    let account = recipient.account.as_ref();
    let folders = recipient.folders;
    set.push(
        PUT_RECIPIENT,
        vec![
            recipient.id.into(),
            recipient.guid.as_str().into(),
            recipient.kind.as_str().into(),
            recipient.alias.as_str().into(),
            recipient.alias.to_lowercase().into(),
            recipient.display_name.as_str().into(),
            account.map(|account| account.is_disabled).into(),
            account.map(|account| account.role.as_str()).into(),
            account.map(|account| account.credential_epoch).into(),
            folders.map(|folders| folders.inbox).map(|FolderId(id)| id).into(),
            folders.map(|folders| folders.sent).map(|FolderId(id)| id).into(),
            recipient.team.into(),
            to_json(&recipient.settings)?.into(),
            recipient.created_at.into(),
        ],
    );
    set.push(FREE_ADDRESSES, vec![recipient.id.into()]);
    for (position, address) in (0_u32..).zip(&recipient.addresses) {
        let key = address.key();
        let address = address.to_string();
        let params =
            vec![key.as_str().into(), recipient.id.into(), position.into(), address.into()];
        set.push(PUT_ADDRESS, params);
    }
    Ok(())
}

/// Removes a recipient. Its addresses are free at once, its memberships end, its logins die, and
/// all rights on it and of it are revoked for good: whoever gets the address later starts without
/// any. The row stays for the history.
pub fn remove_recipient(set: &mut WriteSet, recipient: RecipientId, revocation: &Revocation) {
    touch(set, recipient);
    set.push(TOUCH_GROUPS_OF, vec![recipient.into()]);
    set.push(TOUCH_GRANTED_TO, vec![recipient.into()]);
    set.push(REVOKE_ALL, revoked(recipient.0, revocation));
    set.push(LEAVE_ALL, vec![recipient.into()]);
    set.push(FREE_ADDRESSES, vec![recipient.into()]);
    set.push(DELETE_RECIPIENT, vec![recipient.into(), revocation.at.into()]);
    crate::credential::remove_all(set, recipient, revocation.at);
}

/// Makes somebody a member, or changes the role or the subscription.
pub fn put_member(set: &mut WriteSet, group: RecipientId, membership: Membership) {
    touch(set, group);
    let role = membership.role.as_str().into();
    let params =
        vec![group.into(), membership.member.into(), role, membership.is_subscribed.into()];
    set.push(PUT_MEMBER, params);
}

/// Ends a membership. Rights that the member holds on its own stay.
pub fn remove_member(set: &mut WriteSet, group: RecipientId, member: RecipientId) {
    touch(set, group);
    set.push(REMOVE_MEMBER, vec![group.into(), member.into()]);
}

/// Records a right. Conflict `grant`: the trustee holds the same right already, ended or not, and
/// it has not been revoked; revoke it in the same set to replace it.
pub fn put_grant(set: &mut WriteSet, grant: &Grant) {
    touch(set, grant.recipient);
    set.push(
        PUT_GRANT,
        vec![
            grant.id.into(),
            grant.recipient.into(),
            grant.trustee.into(),
            grant.right.as_str().into(),
            grant.until_at.into(),
            grant.reason.as_ref().into(),
            grant.granted_by.as_str().into(),
            grant.granted_at.into(),
        ],
    );
}

/// Takes a right back. Conflict `grant`: nobody holds it any more.
pub fn revoke_grant(set: &mut WriteSet, grant: GrantId, revocation: &Revocation) {
    debug_assert!(set.changes_directory, "call directory::change before changing the directory");
    set.guard(GRANT_STANDS, vec![grant.into()]);
    set.push(TOUCH_GRANT, vec![grant.into()]);
    set.push(REVOKE_GRANT, revoked(grant.0, revocation));
}

fn revoked(id: i64, revocation: &Revocation) -> Vec<crate::value::Value> {
    let Revocation { by, at, reason } = revocation;
    vec![id.into(), (*at).into(), by.into(), reason.as_ref().into()]
}

/// Replaces the organisation's settings.
pub fn set_organization(set: &mut WriteSet, organization: &Organization) -> Result<(), Failure> {
    touch(set, ORGANIZATION);
    set.push(SET_ORGANIZATION, vec![to_json(organization)?.into()]);
    Ok(())
}

/// Makes a domain ours, behind those that are. The first one is the default. Conflict
/// `accepted_domain`: it is ours already.
pub fn add_domain(set: &mut WriteSet, domain: &Domain, at: Timestamp) {
    touch(set, ORGANIZATION);
    set.push(ADD_DOMAIN, vec![domain.as_str().into(), at.into()]);
}

/// Makes a domain somebody else's again.
pub fn remove_domain(set: &mut WriteSet, domain: &Domain) {
    touch(set, ORGANIZATION);
    set.push(REMOVE_DOMAIN, vec![domain.as_str().into()]);
}

pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map_err(|error| Failure::Statement { source: std::sync::Arc::new(error) })
}
