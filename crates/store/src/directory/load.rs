//! Reading the directory: whole, or what changed since a version. Both read one state of the
//! database, so the version always belongs to the facts.

use std::collections::HashMap;

use domain::rules::RuleSet;
use domain::{
    Account, AccountRole, Directory, DirectoryEntry, FolderId, Grant, GrantId, MemberRole,
    Membership, Organization, Recipient, RecipientId, RecipientKind, Right, StandardFolders,
};
use mail::{Address, Domain};

use super::{ORGANIZATION, Revocation};
use crate::failure::Failure;
use crate::rule;
use crate::store::{Query, Store, first};
use crate::value::Row;

const VERSION_NOW: &str = "select version from directory_state where id = 1";

const READ_ORGANIZATION: &str = "select settings from organization where id = 1";

const DOMAINS: &str = "select name from accepted_domain order by position, name";

const RECIPIENTS: &str = "select id, guid, kind, alias, display_name, is_disabled, role,
            credential_epoch, inbox_id, sent_id, team_id, settings, created_at
       from recipient where deleted_at is null";

const ADDRESSES: &str =
    "select recipient_id, address from proxy_address order by recipient_id, position";

const MEMBERS: &str = "select group_id, member_id, role, is_subscribed from membership
      order by group_id, member_id";

const GRANTS: &str = "select recipient_id, id, trustee_id, right_name, until_at, reason,
            granted_by, granted_at
       from grant_right where revoked_at is null order by id";

const CHANGED: &str =
    "select distinct recipient_id from directory_change where version > $1 order by recipient_id";

// The same four for what changed since a version.
const RECIPIENTS_SINCE: &str = "select id, guid, kind, alias, display_name, is_disabled, role,
            credential_epoch, inbox_id, sent_id, team_id, settings, created_at
       from recipient
      where deleted_at is null
        and id in (select recipient_id from directory_change where version > $1)";

const ADDRESSES_SINCE: &str = "select recipient_id, address from proxy_address
      where recipient_id in (select recipient_id from directory_change where version > $1)
      order by recipient_id, position";

const MEMBERS_SINCE: &str = "select group_id, member_id, role, is_subscribed from membership
      where group_id in (select recipient_id from directory_change where version > $1)
      order by group_id, member_id";

const GRANTS_SINCE: &str = "select recipient_id, id, trustee_id, right_name, until_at, reason,
            granted_by, granted_at
       from grant_right
      where revoked_at is null
        and recipient_id in (select recipient_id from directory_change where version > $1)
      order by id";

const GRANT_HISTORY: &str = "select recipient_id, id, trustee_id, right_name, until_at, reason,
            granted_by, granted_at, revoked_at, revoked_by, revoke_reason
       from grant_right
      where (cast($1 as {int}) is null or recipient_id = $1)
        and (cast($2 as {int}) is null or trustee_id = $2)
      order by granted_at, id";

pub(crate) const STATEMENTS: &[&str] = &[
    VERSION_NOW,
    READ_ORGANIZATION,
    DOMAINS,
    RECIPIENTS,
    ADDRESSES,
    MEMBERS,
    GRANTS,
    CHANGED,
    RECIPIENTS_SINCE,
    ADDRESSES_SINCE,
    MEMBERS_SINCE,
    GRANTS_SINCE,
    GRANT_HISTORY,
];

/// Something to do to a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Put this entry.
    Put(Box<DirectoryEntry>),
    /// Remove this recipient, if the snapshot has it.
    Removed(RecipientId),
    /// Replace the organisation's settings and domains.
    Organization {
        /// The settings.
        organization: Organization,
        /// The domains, the default one first.
        accepted_domains: Vec<Domain>,
    },
    /// Replace all rules.
    Rules(RuleSet),
}

/// What happened since a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The version that a snapshot has after the changes are applied.
    pub version: i64,
    /// What to do, in this order.
    pub changes: Vec<Change>,
}

impl Changes {
    /// Brings a snapshot up to date.
    pub fn apply(self, directory: &mut Directory) {
        for change in self.changes {
            match change {
                Change::Put(entry) => directory.put(*entry),
                Change::Removed(id) => directory.remove(id),
                Change::Organization { organization, accepted_domains } => {
                    directory.set_organization(organization, accepted_domains);
                }
                Change::Rules(rules) => directory.set_rules(rules),
            }
        }
        directory.advance_to(self.version);
    }
}

/// A right with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRecord {
    /// The right as it was given.
    pub grant: Grant,
    /// Who took it back, if anybody did.
    pub revoked: Option<Revocation>,
}

/// The whole directory. Costs what it holds; use [`changes_since`] afterwards.
pub async fn load(store: &Store) -> Result<Directory, Failure> {
    let texts = [
        VERSION_NOW,
        READ_ORGANIZATION,
        DOMAINS,
        RECIPIENTS,
        ADDRESSES,
        MEMBERS,
        GRANTS,
        rule::READ,
    ];
    let queries = texts.into_iter().map(|sql| Query::new(sql, Vec::new())).collect();
    let mut answers = store.read(queries).await?.into_iter();
    let mut next = || answers.next().unwrap_or_default();
    let version = first(next())?.int()?;
    let mut directory = Directory::default();
    let (organization, accepted_domains) = organization(next(), next())?;
    directory.set_organization(organization, accepted_domains);
    for entry in entries([next(), next(), next(), next()])?.into_values() {
        directory.put(entry);
    }
    directory.set_rules(rule::rules(next())?);
    directory.advance_to(version);
    Ok(directory)
}

/// What changed after `version`. Costs what changed.
pub async fn changes_since(store: &Store, version: i64) -> Result<Changes, Failure> {
    let texts = [VERSION_NOW, READ_ORGANIZATION, DOMAINS];
    let mut queries: Vec<Query> =
        texts.into_iter().map(|sql| Query::new(sql, Vec::new())).collect();
    let texts =
        [CHANGED, RECIPIENTS_SINCE, ADDRESSES_SINCE, MEMBERS_SINCE, GRANTS_SINCE, rule::READ_SINCE];
    queries.extend(texts.into_iter().map(|sql| Query::new(sql, vec![version.into()])));
    let mut answers = store.read(queries).await?.into_iter();
    let mut next = || answers.next().unwrap_or_default();
    let version = first(next())?.int()?;
    let (settings, domains, changed) = (next(), next(), next());
    let mut entries = entries([next(), next(), next(), next()])?;
    let mut rule_rows = next();
    let mut organization_rows = Some((settings, domains));
    let mut changes = Vec::with_capacity(changed.len());
    for mut row in changed {
        let id = RecipientId(row.int()?);
        if id == ORGANIZATION {
            let (settings, domains) = organization_rows.take().unwrap_or_default();
            let (organization, accepted_domains) = organization(settings, domains)?;
            changes.push(Change::Organization { organization, accepted_domains });
        } else if id == rule::RULES {
            changes.push(Change::Rules(rule::rules(std::mem::take(&mut rule_rows))?));
        } else {
            changes.push(match entries.remove(&id) {
                Some(entry) => Change::Put(Box::new(entry)),
                None => Change::Removed(id),
            });
        }
    }
    // What is removed frees its addresses before somebody else is put with them.
    changes.sort_by_key(|change| !matches!(change, Change::Removed(_)));
    Ok(Changes { version, changes })
}

/// Every right that was ever given on `recipient` to `trustee`, revoked ones included, in the order
/// of giving. `None` stands for any.
pub async fn grant_history(
    store: &Store,
    recipient: Option<RecipientId>,
    trustee: Option<RecipientId>,
) -> Result<Vec<GrantRecord>, Failure> {
    let rows = store.rows(GRANT_HISTORY, vec![recipient.into(), trustee.into()]).await?;
    rows.into_iter()
        .map(|mut row| {
            let grant = grant(&mut row)?;
            let (at, by, reason) = (row.opt_at()?, row.opt_text()?, row.opt_text()?);
            let revoked = at.map(|at| Revocation { by: by.unwrap_or_default(), at, reason });
            Ok(GrantRecord { grant, revoked })
        })
        .collect()
}

fn organization(
    settings: Vec<Row>,
    domains: Vec<Row>,
) -> Result<(Organization, Vec<Domain>), Failure> {
    let organization = match settings.into_iter().next() {
        Some(mut row) => from_json(&row.text()?)?,
        None => Organization::default(),
    };
    let domains = domains.into_iter().map(|mut row| {
        let name = row.text()?;
        Domain::parse(&name).map_err(|_| Failure::corrupt(format!("accepted domain {name:?}")))
    });
    Ok((organization, domains.collect::<Result<_, _>>()?))
}

/// Puts entries together from recipients, addresses, members and grants.
fn entries(answers: [Vec<Row>; 4]) -> Result<HashMap<RecipientId, DirectoryEntry>, Failure> {
    let [recipients, addresses, members, grants] = answers;
    let mut entries = HashMap::with_capacity(recipients.len());
    for row in recipients {
        let recipient = recipient(row)?;
        let id = recipient.id;
        entries.insert(id, DirectoryEntry { recipient, grants: Vec::new(), members: Vec::new() });
    }
    for mut row in addresses {
        let entry = entries.get_mut(&RecipientId(row.int()?));
        let text = row.text()?;
        let address = Address::parse(&text)
            .map_err(|_| Failure::corrupt(format!("recipient address {text:?}")))?;
        if let Some(entry) = entry {
            entry.recipient.addresses.push(address);
        }
    }
    for mut row in members {
        if let Some(entry) = entries.get_mut(&RecipientId(row.int()?)) {
            entry.members.push(membership(row)?);
        }
    }
    for mut row in grants {
        let grant = grant(&mut row)?;
        if let Some(entry) = entries.get_mut(&grant.recipient) {
            entry.grants.push(grant);
        }
    }
    match entries.values().find(|entry| entry.recipient.addresses.is_empty()) {
        Some(entry) => {
            Err(Failure::corrupt(format!("recipient {} has no address", entry.recipient.id)))
        }
        None => Ok(entries),
    }
}

fn recipient(mut row: Row) -> Result<Recipient, Failure> {
    let id = RecipientId(row.int()?);
    let guid = row.text()?;
    let kind = row.text()?;
    let kind = RecipientKind::from_stored(&kind)
        .ok_or_else(|| Failure::corrupt(format!("recipient kind {kind:?}")))?;
    let (alias, display_name) = (row.text()?, row.text()?);
    let account = account(row.opt_int()?, row.opt_text()?, row.opt_int()?)?;
    let folders = match (row.opt_int()?, row.opt_int()?) {
        (Some(inbox), Some(sent)) => {
            Some(StandardFolders { inbox: FolderId(inbox), sent: FolderId(sent) })
        }
        _ => None,
    };
    let team = row.opt_int()?.map(RecipientId);
    let settings = from_json(&row.text()?)?;
    let created_at = row.at()?;
    let addresses = Vec::new();
    Ok(Recipient {
        id,
        guid,
        kind,
        alias,
        display_name,
        addresses,
        account,
        folders,
        team,
        settings,
        created_at,
    })
}

fn account(
    is_disabled: Option<i64>,
    role: Option<String>,
    credential_epoch: Option<i64>,
) -> Result<Option<Account>, Failure> {
    let (Some(is_disabled), Some(role), Some(credential_epoch)) =
        (is_disabled, role, credential_epoch)
    else {
        return Ok(None);
    };
    let role = AccountRole::from_stored(&role)
        .ok_or_else(|| Failure::corrupt(format!("account role {role:?}")))?;
    Ok(Some(Account { is_disabled: is_disabled != 0, role, credential_epoch }))
}

fn membership(mut row: Row) -> Result<Membership, Failure> {
    let member = RecipientId(row.int()?);
    let role = row.text()?;
    let role = MemberRole::from_stored(&role)
        .ok_or_else(|| Failure::corrupt(format!("member role {role:?}")))?;
    Ok(Membership { member, role, is_subscribed: row.bool()? })
}

fn grant(row: &mut Row) -> Result<Grant, Failure> {
    let recipient = RecipientId(row.int()?);
    let (id, trustee) = (GrantId(row.int()?), RecipientId(row.int()?));
    let right = row.text()?;
    let right =
        Right::from_stored(&right).ok_or_else(|| Failure::corrupt(format!("right {right:?}")))?;
    Ok(Grant {
        id,
        recipient,
        trustee,
        right,
        until_at: row.opt_at()?,
        reason: row.opt_text()?,
        granted_by: row.text()?,
        granted_at: row.at()?,
    })
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::corrupt(format!("settings: {error}")))
}
