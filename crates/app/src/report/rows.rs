//! The rows of the report: the rights to send on one recipient, each with the persons behind it.

use std::collections::{HashMap, HashSet};

use domain::{Directory, Grant, Recipient, RecipientId, RecipientKind, Right, Timestamp};
use store::right_use::RightUse;

use crate::read::rights::members_through;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// How a right stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RightState {
    /// It holds.
    InForce,
    /// Its end has passed.
    Ended,
}

impl RightState {
    /// Its name in CSV and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            RightState::InForce => "InForce",
            RightState::Ended => "Ended",
        }
    }
}

/// When rights were last used.
#[derive(Debug, Default)]
pub struct Uses {
    by_actor: HashMap<RightUse, Timestamp>,
    /// By recipient, trustee and right, whoever the actor was.
    by_anybody: HashMap<(RecipientId, RecipientId, Right), Timestamp>,
}

impl Uses {
    pub(super) fn new(by_actor: HashMap<RightUse, Timestamp>) -> Uses {
        let mut by_anybody = HashMap::new();
        for (used, at) in &by_actor {
            let key = (used.recipient, used.trustee, used.right);
            let last = by_anybody.entry(key).or_insert(*at);
            *last = (*at).max(*last);
        }
        Uses { by_actor, by_anybody }
    }

    fn by(&self, grant: &Grant, actor: RecipientId) -> Option<Timestamp> {
        let Grant { recipient, trustee, right, .. } = *grant;
        self.by_actor.get(&RightUse { recipient, trustee, right, actor }).copied()
    }

    fn by_anybody(&self, grant: &Grant) -> Option<Timestamp> {
        self.by_anybody.get(&(grant.recipient, grant.trustee, grant.right)).copied()
    }
}

/// One right of one holder.
#[derive(Debug, Clone)]
pub struct ReportRow<'a> {
    /// As whom may be sent.
    pub recipient: &'a Recipient,
    /// Who holds it: a person, or the group that it was given to.
    pub holder: &'a Recipient,
    /// The groups through which a person holds it, from the one that was granted to the one that
    /// the person is in; empty for the row of the right itself.
    pub via: Vec<&'a Recipient>,
    /// The right as it was given.
    pub grant: &'a Grant,
    /// How it stands.
    pub state: RightState,
    /// When the holder last used it; for a group, when anybody in it did.
    pub last_used_at: Option<Timestamp>,
    /// Whether it holds, and nobody used it for so long, counted from when it was given.
    pub is_unused: bool,
}

/// Recipients on which there are rights to send, by name.
pub(super) fn recipients_by_name(
    directory: &Directory,
    only: Option<&HashSet<RecipientId>>,
) -> Vec<RecipientId> {
    let is_wanted = |recipient: &&Recipient| {
        only.is_none_or(|only| only.contains(&recipient.id))
            && directory.grants_on(recipient.id).iter().any(is_to_send)
    };
    let mut found: Vec<&Recipient> = directory.recipients().filter(is_wanted).collect();
    found.sort_unstable_by(|a, b| (&a.display_name, a.id).cmp(&(&b.display_name, b.id)));
    found.into_iter().map(|recipient| recipient.id).collect()
}

fn is_to_send(grant: &Grant) -> bool {
    grant.right != Right::FullAccess
}

/// The rows of one recipient: by right, then by holder; persons behind a group follow the group.
/// `uses` knows the last uses of rights on it; the pair says after how many days without use a
/// right is marked, and the present instant.
pub fn rows_of<'a>(
    directory: &'a Directory,
    recipient: RecipientId,
    uses: &Uses,
    (unused_days, now): (u32, Timestamp),
) -> Vec<ReportRow<'a>> {
    let Some(recipient) = directory.recipient(recipient) else { return Vec::new() };
    let since = Timestamp(now.0 - i64::from(unused_days) * DAY_MS);
    let mut grants: Vec<(&Grant, &Recipient)> = directory
        .grants_on(recipient.id)
        .iter()
        .filter(|grant| is_to_send(grant))
        .filter_map(|grant| Some((grant, directory.recipient(grant.trustee)?)))
        .collect();
    grants.sort_unstable_by(|(a, holder), (b, other)| {
        (a.right, &holder.display_name, a.id).cmp(&(b.right, &other.display_name, b.id))
    });
    let mut rows = Vec::with_capacity(grants.len());
    for (grant, trustee) in grants {
        let state = if grant.is_in_force(now) { RightState::InForce } else { RightState::Ended };
        let row = |holder, via, last_used_at: Option<Timestamp>| {
            let counted_from = last_used_at.unwrap_or(grant.granted_at).max(grant.granted_at);
            let is_unused = state == RightState::InForce && counted_from <= since;
            ReportRow { recipient, holder, via, grant, state, last_used_at, is_unused }
        };
        if trustee.kind != RecipientKind::Group {
            rows.push(row(trustee, Vec::new(), uses.by(grant, trustee.id)));
            continue;
        }
        let members = members_through(directory, trustee);
        rows.push(row(trustee, Vec::new(), uses.by_anybody(grant)));
        let persons = members.into_iter().filter(|(member, _)| member.account.is_some());
        rows.extend(persons.map(|(member, via)| row(member, via, uses.by(grant, member.id))));
    }
    rows
}

/// How many rights to send there are on these recipients, or on all.
pub(super) fn count(directory: &Directory, only: Option<&HashSet<RecipientId>>) -> u64 {
    let of = |id| directory.grants_on(id).iter().filter(|grant| is_to_send(grant)).count() as u64;
    match only {
        Some(only) => only.iter().map(|id| of(*id)).sum(),
        None => directory.recipients().map(|recipient| of(recipient.id)).sum(),
    }
}
