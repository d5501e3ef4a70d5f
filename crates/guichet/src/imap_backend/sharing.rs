//! Who else has rights, how full a mailbox is, and annotations.

use std::collections::BTreeSet;

use app::App;
use app::mailbox::metadata::Annotated;
use app::mailbox::{MailboxError, rights};
use domain::{Directory, RecipientId, Timestamp};
use imap::server::{
    AclEntry, Answer, Failure, MetadataDepth, MetadataEntry, QuotaUse, Reason, Resource,
};
use mail::Address;
use store::folder::Folder;

use super::convert::{self, failure};
use crate::clock;

/// People that one GETACL names at most. Where there are more, an administrator is asked.
const ACL_PEOPLE_MAX: usize = 2_000;

/// Everybody who reaches a folder: the owner, members, and who holds Full Access. Whoever does so
/// through groups is named as a person, because rights are those of persons: the same group may
/// give one of its members more than another.
pub(super) fn acl(app: &App, folder: &Folder, now: Timestamp) -> Answer<Vec<AclEntry>> {
    let directory = app.directory();
    let Some(mailbox) = directory.recipient(folder.recipient) else { return Ok(Vec::new()) };
    let readable = mailbox.team.unwrap_or(mailbox.id);
    let trustees = directory.grants_on(readable).iter().map(|grant| grant.trustee);
    let reached = within(&directory, [mailbox.id, readable].into_iter().chain(trustees));
    let mut entries = Vec::new();
    for person in reached {
        let Some(reached) = rights::reach(&directory, person, mailbox.id, now) else { continue };
        let Some(person) = directory.recipient(person) else { continue };
        if entries.len() == ACL_PEOPLE_MAX {
            let text = "Too many people may read it: ask an administrator for the list of members";
            return Err(Failure::new(Reason::Limit, text));
        }
        entries.push(AclEntry {
            identifier: person.primary().to_string(),
            rights: convert::rights(reached.rights(folder.role)),
        });
    }
    Ok(entries)
}

/// Some recipients and everybody inside them, however deep, each once.
fn within(
    directory: &Directory,
    recipients: impl Iterator<Item = RecipientId>,
) -> BTreeSet<RecipientId> {
    let mut found = BTreeSet::new();
    let mut open: Vec<RecipientId> = recipients.collect();
    while let Some(next) = open.pop() {
        if found.insert(next) {
            open.extend(directory.members_of(next).iter().map(|of| of.member));
        }
    }
    found
}

/// The name of a mailbox's quota root: its address.
pub(super) fn quota_root(app: &App, mailbox: RecipientId) -> Option<String> {
    let directory = app.directory();
    let found = directory.recipient(mailbox)?;
    found.settings.quota_bytes.map(|_| found.primary().to_string())
}

/// What is used of a quota root.
pub(super) async fn quota(
    app: &App,
    person: RecipientId,
    root: &str,
    now: Timestamp,
) -> Answer<Vec<QuotaUse>> {
    let mailbox = {
        let directory = app.directory();
        let holder = Address::parse(root).ok().and_then(|address| directory.holder(&address));
        let reached = holder.and_then(|holder| rights::reach(&directory, person, holder.id, now));
        reached.map(|reached| reached.mailbox.id)
    };
    let mailbox = mailbox.ok_or_else(|| failure(MailboxError::NotFound))?;
    let quota = app.quota(mailbox).await.map_err(failure)?;
    let Some(limit) = quota.limit_bytes else { return Ok(Vec::new()) };
    let used = u64::try_from(quota.used.size_bytes).unwrap_or_default();
    Ok(vec![QuotaUse { resource: Resource::StorageOctets, used, limit }])
}

/// Annotations of a mailbox, or of the server where its name is empty.
pub(super) async fn metadata(
    app: &App,
    (person, mailbox): (RecipientId, &str),
    entries: &[String],
    depth: MetadataDepth,
) -> Answer<Vec<MetadataEntry>> {
    let now = clock::now();
    let all = if mailbox.is_empty() {
        app.annotations(Annotated::Server(person), now).await
    } else {
        let (folder, place) = app.folder_named(person, mailbox, now).await.map_err(failure)?;
        app.annotations(Annotated::Folder(&folder, &place), now).await
    };
    let all = all.map_err(failure)?;
    let wanted = all
        .into_iter()
        .filter(|annotation| entries.iter().any(|asked| is_below(&annotation.entry, asked, depth)));
    Ok(wanted
        .map(|annotation| MetadataEntry { name: annotation.entry, value: Some(annotation.value) })
        .collect())
}

/// Whether an entry is the one asked for, or so deep below it (RFC 5464 §4.2.2).
fn is_below(entry: &str, asked: &str, depth: MetadataDepth) -> bool {
    let Some(rest) = entry.strip_prefix(asked.trim_end_matches('/')) else { return false };
    let levels = rest.matches('/').count();
    match (rest.is_empty(), depth) {
        (true, _) => true,
        (false, MetadataDepth::Zero) => false,
        (false, MetadataDepth::One) => rest.starts_with('/') && levels == 1,
        (false, MetadataDepth::Infinity) => rest.starts_with('/'),
    }
}

/// Sets and removes annotations.
pub(super) async fn set_metadata(
    app: &App,
    (person, mailbox): (RecipientId, &str),
    entries: Vec<MetadataEntry>,
) -> Answer<()> {
    let entries = entries.into_iter().map(|entry| (entry.name, entry.value)).collect();
    if mailbox.is_empty() {
        return app.annotate(Annotated::Server(person), entries).await.map_err(failure);
    }
    let named = app.folder_named(person, mailbox, clock::now()).await.map_err(failure)?;
    app.annotate(Annotated::Folder(&named.0, &named.1), entries).await.map_err(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_says_how_far_below() {
        use MetadataDepth::{Infinity, One, Zero};
        for depth in [Zero, One, Infinity] {
            assert!(is_below("/shared/comment", "/shared/comment", depth));
            assert!(!is_below("/shared/comments", "/shared/comment", depth));
        }
        assert!(!is_below("/shared/comment", "/shared", Zero));
        assert!(is_below("/shared/comment", "/shared", One));
        assert!(!is_below("/shared/a/b", "/shared", One));
        assert!(is_below("/shared/a/b", "/shared/", Infinity));
    }
}
