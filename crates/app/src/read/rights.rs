//! Who holds which right on what, ended ones included.

use std::collections::HashSet;

use domain::gate::GROUP_DEPTH_MAX;
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
    let recipients: Vec<&Recipient> = match filter.recipient {
        Some(id) => directory.recipient(id).into_iter().collect(),
        None => directory.recipients().collect(),
    };
    let mut rows = Vec::new();
    for recipient in recipients {
        let grants = directory.grants_on(recipient.id).iter();
        for grant in grants.filter(|grant| filter.right.is_none_or(|right| right == grant.right)) {
            let Some(trustee) = directory.recipient(grant.trustee) else { continue };
            let is_in_force = grant.is_in_force(now);
            let via = Vec::new();
            rows.push(RightRow { recipient, trustee, grant, via, is_in_force });
            if filter.expands_groups && trustee.kind == RecipientKind::Group {
                for (member, via) in members_through(directory, trustee) {
                    rows.push(RightRow { recipient, trustee: member, grant, via, is_in_force });
                }
            }
        }
    }
    rows.retain(|row| filter.trustee.is_none_or(|trustee| trustee == row.trustee.id));
    rows.sort_by(|a, b| order(a).cmp(&order(b)));
    rows
}

fn order<'a>(row: &RightRow<'a>) -> (&'a str, RecipientId, Right, usize, &'a str, RecipientId) {
    let (recipient, trustee) = (row.recipient, row.trustee);
    let depth = row.via.len();
    (
        &recipient.display_name,
        recipient.id,
        row.grant.right,
        depth,
        &trustee.display_name,
        trustee.id,
    )
}

/// Everybody in a group, with the way from the group to the one that each is in; each once, by the
/// shortest way, as deep as the gate looks.
fn members_through<'a>(
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
