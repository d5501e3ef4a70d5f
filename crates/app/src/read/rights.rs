//! Who holds which right on what, ended ones included.

use std::collections::HashSet;

use domain::gate::{GROUP_DEPTH_MAX, groups_around};
use domain::{Directory, Grant, Recipient, RecipientId, RecipientKind, Right, Timestamp};

/// Which rights are sought. `None` stands for any.
#[derive(Debug, Clone, Copy, Default)]
pub struct RightsFilter {
    /// On this recipient.
    pub recipient: Option<RecipientId>,
    /// Of this trustee.
    pub trustee: Option<RecipientId>,
    /// This right.
    pub right: Option<Right>,
    /// List, for a group as trustee, each of its members too.
    pub expands_groups: bool,
}

/// A right that somebody holds.
#[derive(Debug, Clone)]
pub struct RightRow<'a> {
    /// On what.
    pub recipient: &'a Recipient,
    /// Who.
    pub trustee: &'a Recipient,
    /// The right as it was given, maybe to a group that the trustee is in.
    pub grant: &'a Grant,
    /// The groups through which the trustee holds it, from the one that was granted to the one that
    /// the trustee is in; empty for a right held directly.
    pub via: Vec<&'a Recipient>,
    /// False once its end has passed.
    pub is_in_force: bool,
}

/// Lists rights by the recipient's name, then the right, then the trustee's name.
pub fn rights<'a>(
    directory: &'a Directory,
    filter: &RightsFilter,
    now: Timestamp,
) -> Vec<RightRow<'a>> {
    let mut recipients = candidates(directory, filter);
    // Sorting the recipients and then the rows of each costs much less than sorting all rows.
    recipients.sort_unstable_by(|a, b| (&a.display_name, a.id).cmp(&(&b.display_name, b.id)));
    let mut rows = Vec::new();
    for recipient in recipients {
        let begin = rows.len();
        let grants = directory.grants_on(recipient.id).iter();
        for grant in grants.filter(|grant| filter.right.is_none_or(|right| right == grant.right)) {
            rows_of_grant(directory, (recipient, grant), filter, now, &mut rows);
        }
        rows[begin..].sort_by(|a, b| order(a).cmp(&order(b)));
    }
    rows
}

/// The row of a grant, and those of the persons behind it, as far as the filter wants them.
fn rows_of_grant<'a>(
    directory: &'a Directory,
    (recipient, grant): (&'a Recipient, &'a Grant),
    filter: &RightsFilter,
    now: Timestamp,
    rows: &mut Vec<RightRow<'a>>,
) {
    let Some(trustee) = directory.recipient(grant.trustee) else { return };
    let is_in_force = grant.is_in_force(now);
    let is_wanted = |id| filter.trustee.is_none_or(|wanted| wanted == id);
    if is_wanted(trustee.id) {
        rows.push(RightRow { recipient, trustee, grant, via: Vec::new(), is_in_force });
    }
    if filter.expands_groups && trustee.kind == RecipientKind::Group {
        for (member, via) in members_through(directory, trustee) {
            if is_wanted(member.id) {
                rows.push(RightRow { recipient, trustee: member, grant, via, is_in_force });
            }
        }
    }
}

/// The recipients on which a sought right can be. Where the trustee is known only those are looked
/// at that it, or a group around it, holds something on: never the whole directory.
fn candidates<'a>(directory: &'a Directory, filter: &RightsFilter) -> Vec<&'a Recipient> {
    match (filter.recipient, filter.trustee) {
        (Some(id), _) => directory.recipient(id).into_iter().collect(),
        (None, None) => directory.recipients().collect(),
        (None, Some(trustee)) => {
            let mut holders = HashSet::from([trustee]);
            if filter.expands_groups {
                holders.extend(groups_around(directory, trustee));
            }
            let held: HashSet<RecipientId> =
                holders.iter().flat_map(|id| directory.granted_to(*id)).copied().collect();
            held.into_iter().filter_map(|id| directory.recipient(id)).collect()
        }
    }
}

/// The order among the rows of one recipient.
fn order<'a>(row: &RightRow<'a>) -> (Right, usize, &'a str, RecipientId) {
    (row.grant.right, row.via.len(), &row.trustee.display_name, row.trustee.id)
}

/// Everybody in a group, with the way from the group to the one that each is in; each once, by the
/// shortest way, as deep as the gate looks.
pub(crate) fn members_through<'a>(
    directory: &'a Directory,
    group: &'a Recipient,
) -> Vec<(&'a Recipient, Vec<&'a Recipient>)> {
    let mut seen = HashSet::from([group.id]);
    let mut found = Vec::new();
    let mut level = vec![vec![group]];
    for _ in 0..GROUP_DEPTH_MAX {
        let mut below = Vec::new();
        for way in level {
            let Some(last) = way.last() else { continue };
            for of in directory.members_of(last.id) {
                let Some(member) = directory.recipient(of.member) else { continue };
                if !seen.insert(member.id) {
                    continue;
                }
                found.push((member, way.clone()));
                if member.kind == RecipientKind::Group {
                    let mut longer = way.clone();
                    longer.push(member);
                    below.push(longer);
                }
            }
        }
        level = below;
    }
    found
}
