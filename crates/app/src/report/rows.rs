//! The rows of the report: the rights to send on one recipient, each with the persons behind it.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

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
    pub via: Rc<[&'a Recipient]>,
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

/// The persons in a group, each with the groups on the way to it.
type Persons<'a> = Rc<[(&'a Recipient, Rc<[&'a Recipient]>)]>;

/// Makes the rows of one recipient after the other. Remembers who is in a group: the same groups
/// hold rights on many recipients.
#[derive(Debug)]
pub struct RowMaker<'a> {
    directory: &'a Directory,
    uses: &'a Uses,
    /// What was given and not used since then is unused.
    unused_since: Timestamp,
    now: Timestamp,
    persons: HashMap<RecipientId, Persons<'a>>,
}

impl<'a> RowMaker<'a> {
    /// `uses` knows the last uses of rights on the recipients to come; the pair says after how many
    /// days without use a right is marked, and the present instant.
    pub fn new(
        directory: &'a Directory,
        uses: &'a Uses,
        (unused_days, now): (u32, Timestamp),
    ) -> RowMaker<'a> {
        let unused_since = Timestamp(now.0 - i64::from(unused_days) * DAY_MS);
        RowMaker { directory, uses, unused_since, now, persons: HashMap::new() }
    }

    /// The rows of one recipient: by right, then by holder; persons behind a group follow the
    /// group.
    pub fn rows_of(&mut self, recipient: RecipientId) -> Vec<ReportRow<'a>> {
        let (directory, uses) = (self.directory, self.uses);
        let Some(recipient) = directory.recipient(recipient) else { return Vec::new() };
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
            if trustee.kind != RecipientKind::Group {
                let last_used_at = uses.by(grant, trustee.id);
                rows.push(self.row(recipient, grant, (trustee, Rc::from([])), last_used_at));
                continue;
            }
            let last_used_at = uses.by_anybody(grant);
            rows.push(self.row(recipient, grant, (trustee, Rc::from([])), last_used_at));
            for (person, via) in self.persons_in(trustee).iter() {
                let last_used_at = uses.by(grant, person.id);
                rows.push(self.row(recipient, grant, (person, Rc::clone(via)), last_used_at));
            }
        }
        rows
    }

    fn row(
        &self,
        recipient: &'a Recipient,
        grant: &'a Grant,
        (holder, via): (&'a Recipient, Rc<[&'a Recipient]>),
        last_used_at: Option<Timestamp>,
    ) -> ReportRow<'a> {
        let is_in_force = grant.is_in_force(self.now);
        let state = if is_in_force { RightState::InForce } else { RightState::Ended };
        let counted_from = last_used_at.unwrap_or(grant.granted_at).max(grant.granted_at);
        let is_unused = is_in_force && counted_from <= self.unused_since;
        ReportRow { recipient, holder, via, grant, state, last_used_at, is_unused }
    }

    fn persons_in(&mut self, group: &'a Recipient) -> Persons<'a> {
        let directory = self.directory;
        let persons = self.persons.entry(group.id).or_insert_with(|| {
            let members = members_through(directory, group).into_iter();
            let persons = members.filter(|(member, _)| member.account.is_some());
            persons.map(|(member, via)| (member, Rc::from(via))).collect()
        });
        Rc::clone(persons)
    }
}

/// How many rights to send there are on these recipients, or on all.
pub(super) fn count(directory: &Directory, only: Option<&HashSet<RecipientId>>) -> u64 {
    let of = |id| directory.grants_on(id).iter().filter(|grant| is_to_send(grant)).count() as u64;
    match only {
        Some(only) => only.iter().map(|id| of(*id)).sum(),
        None => directory.recipients().map(|recipient| of(recipient.id)).sum(),
    }
}
