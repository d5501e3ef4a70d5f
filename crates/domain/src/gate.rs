//! The gate: may this account write under that author address, now, and as what?
//!
//! One function decides for every way of sending, and the explanation that `diagnose` prints is
//! the same function with its reasons kept. Default deny: permission comes from being the author
//! or from a grant in force on the author's recipient, held directly or through a group. Being a
//! member or an owner of the author's group gives nothing, nor does Full Access. Send As wins over
//! Send on behalf.

use std::collections::HashSet;

use mail::Address;

use crate::directory::Directory;
use crate::grant::{Grant, Right};
use crate::id::{GrantId, RecipientId, Timestamp};
use crate::recipient::{Recipient, RecipientKind};

/// How many levels of groups within groups a right reaches down. Deeper nesting gives no right.
pub const GROUP_DEPTH_MAX: usize = 8;

/// The question put to the gate.
#[derive(Debug, Clone, Copy)]
pub struct SendRequest<'a> {
    /// The account that wants to send.
    pub actor: RecipientId,
    /// The address in the author field.
    pub author: &'a Address,
    /// The instant for which the answer holds.
    pub now: Timestamp,
}

/// As what an account sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendMode {
    /// As itself.
    Own,
    /// As the represented recipient; nothing tells the person.
    SendAs,
    /// For the represented recipient; `Sender` tells the person.
    SendOnBehalf,
}

/// The gate's yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// The recipient whose name the message bears; the actor itself in mode `Own`.
    pub represented: RecipientId,
    /// As what.
    pub mode: SendMode,
    /// The grant that it rests on; none in mode `Own`.
    pub grant: Option<GrantId>,
    /// The group through which the actor holds the grant, if not directly.
    pub through: Option<RecipientId>,
}

/// The gate's no, with its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The actor is no user of ours.
    UnknownActor,
    /// The actor's account is disabled.
    AccountDisabled,
    /// The author address is in a domain that is not ours.
    AuthorElsewhere,
    /// The author address is in one of our domains, but nobody holds it.
    AuthorUnknown,
    /// The author is a channel, whose address only receives.
    ReceiveOnly(RecipientId),
    /// The author is a contact: its address belongs to somebody elsewhere.
    AuthorIsContact(RecipientId),
    /// The actor holds no right to send on the author's recipient, and never did.
    NoRight(RecipientId),
    /// The actor held a right that has ended.
    RightEnded(RecipientId, GrantId),
}

/// The gate's answer.
pub type Decision = Result<Permission, Refusal>;

/// One thing that the gate looked at, and what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// The actor is a user of ours.
    ActorKnown(bool),
    /// The actor's account is not disabled.
    AccountActive(bool),
    /// Who holds the author address, and how.
    AuthorHeld(Option<(RecipientId, HeldAs)>),
    /// Whether the author's domain is an accepted one; looked at only where nobody holds it.
    AuthorDomainAccepted(bool),
    /// The author's recipient is of a kind that can be an author.
    KindMaySend(RecipientKind, bool),
    /// The author is the actor itself.
    AuthorIsActor(bool),
    /// The best grant in force for this right, and the group it is held through.
    RightInForce(Right, Option<(GrantId, Option<RecipientId>)>),
    /// A grant that has ended.
    RightEnded(GrantId),
    /// The actor is a member of the author's group, which gives no right to send.
    MembershipGivesNoRight,
    /// The actor holds Full Access, which gives no right to send.
    FullAccessGivesNoRight,
}

/// How a recipient holds an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldAs {
    /// As its primary address.
    Primary,
    /// As an alias.
    Alias,
    /// As a sub-address (`name+detail`) of one of its addresses.
    SubAddress,
}

/// The gate's answer with everything that led to it, in the order in which it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The answer; equal to what [`decide`] gives for the same facts.
    pub decision: Decision,
    /// What was looked at.
    pub checks: Vec<Check>,
}

/// Decides. Costs a few look-ups and one pass over the grants on the author's recipient.
pub fn decide(directory: &Directory, request: &SendRequest<'_>) -> Decision {
    judge(directory, request, &mut Forgotten)
}

/// Decides and keeps the reasons.
pub fn explain(directory: &Directory, request: &SendRequest<'_>) -> Explanation {
    let mut checks = Vec::new();
    let decision = judge(directory, request, &mut checks);
    Explanation { decision, checks }
}

/// Where the gate puts what it looked at: nowhere, or in a list.
trait Reasons {
    fn note(&mut self, check: Check);
}

struct Forgotten;

impl Reasons for Forgotten {
    fn note(&mut self, _: Check) {}
}

impl Reasons for Vec<Check> {
    fn note(&mut self, check: Check) {
        self.push(check);
    }
}

fn judge(directory: &Directory, request: &SendRequest<'_>, reasons: &mut impl Reasons) -> Decision {
    let actor = active_actor(directory, request.actor, reasons)?;
    let author = author_recipient(directory, request.author, reasons)?;
    reasons.note(Check::AuthorIsActor(author.id == actor.id));
    if author.id == actor.id {
        let represented = actor.id;
        return Ok(Permission { represented, mode: SendMode::Own, grant: None, through: None });
    }
    represent(directory, request, author, reasons)
}

fn active_actor<'a>(
    directory: &'a Directory,
    actor: RecipientId,
    reasons: &mut impl Reasons,
) -> Result<&'a Recipient, Refusal> {
    let found = directory.recipient(actor).filter(|found| found.account.is_some());
    reasons.note(Check::ActorKnown(found.is_some()));
    let found = found.ok_or(Refusal::UnknownActor)?;
    let is_active = found.account.as_ref().is_some_and(|account| !account.is_disabled);
    reasons.note(Check::AccountActive(is_active));
    if is_active { Ok(found) } else { Err(Refusal::AccountDisabled) }
}

fn author_recipient<'a>(
    directory: &'a Directory,
    author: &Address,
    reasons: &mut impl Reasons,
) -> Result<&'a Recipient, Refusal> {
    let found = directory.resolve(author);
    reasons.note(Check::AuthorHeld(found.map(|held| (held.id, held_as(held, author)))));
    let Some(found) = found else {
        let is_ours = directory.is_accepted(author.domain());
        reasons.note(Check::AuthorDomainAccepted(is_ours));
        return Err(if is_ours { Refusal::AuthorUnknown } else { Refusal::AuthorElsewhere });
    };
    let refusal = match found.kind {
        RecipientKind::Channel => Some(Refusal::ReceiveOnly(found.id)),
        RecipientKind::Contact => Some(Refusal::AuthorIsContact(found.id)),
        RecipientKind::User | RecipientKind::SharedMailbox | RecipientKind::Group => None,
    };
    reasons.note(Check::KindMaySend(found.kind, refusal.is_none()));
    refusal.map_or(Ok(found), Err)
}

fn held_as(holder: &Recipient, address: &Address) -> HeldAs {
    let key = address.key();
    if holder.primary().key() == key {
        HeldAs::Primary
    } else if holder.addresses.iter().any(|held| held.key() == key) {
        HeldAs::Alias
    } else {
        HeldAs::SubAddress
    }
}

/// Looks for a right of the actor on the author's recipient. Send As is looked for first.
fn represent(
    directory: &Directory,
    request: &SendRequest<'_>,
    author: &Recipient,
    reasons: &mut impl Reasons,
) -> Decision {
    let held = HeldGrants::find(directory, request.actor, author.id);
    for (right, mode) in
        [(Right::SendAs, SendMode::SendAs), (Right::SendOnBehalf, SendMode::SendOnBehalf)]
    {
        let found = held.in_force(right, request.now);
        reasons.note(Check::RightInForce(right, found.map(|(grant, through)| (grant.id, through))));
        if let Some((grant, through)) = found {
            let represented = author.id;
            return Ok(Permission { represented, mode, grant: Some(grant.id), through });
        }
    }
    if directory.members_of(author.id).iter().any(|of| of.member == request.actor) {
        reasons.note(Check::MembershipGivesNoRight);
    }
    if held.in_force(Right::FullAccess, request.now).is_some() {
        reasons.note(Check::FullAccessGivesNoRight);
    }
    match held.last_ended(request.now) {
        Some(grant) => {
            reasons.note(Check::RightEnded(grant.id));
            Err(Refusal::RightEnded(author.id, grant.id))
        }
        None => Err(Refusal::NoRight(author.id)),
    }
}

/// The grants on one recipient that one actor holds, each with the group it is held through.
struct HeldGrants<'a>(Vec<(&'a Grant, Option<RecipientId>)>);

impl<'a> HeldGrants<'a> {
    fn find(
        directory: &'a Directory,
        actor: RecipientId,
        recipient: RecipientId,
    ) -> HeldGrants<'a> {
        let grants = directory.grants_on(recipient);
        if grants.is_empty() {
            return HeldGrants(Vec::new());
        }
        let groups = groups_around(directory, actor);
        let held = grants.iter().filter_map(|grant| {
            if grant.trustee == actor {
                Some((grant, None))
            } else {
                groups.contains(&grant.trustee).then_some((grant, Some(grant.trustee)))
            }
        });
        HeldGrants(held.collect())
    }

    /// The grant that holds, a direct one before one through a group.
    fn in_force(&self, right: Right, now: Timestamp) -> Option<(&'a Grant, Option<RecipientId>)> {
        let holds = |grant: &Grant| grant.right == right && grant.is_in_force(now);
        self.0.iter().filter(|(grant, _)| holds(grant)).min_by_key(|(_, through)| *through).copied()
    }

    /// The right to send that ended last.
    fn last_ended(&self, now: Timestamp) -> Option<&'a Grant> {
        let ended = self
            .0
            .iter()
            .map(|(grant, _)| *grant)
            .filter(|grant| grant.right != Right::FullAccess && !grant.is_in_force(now));
        ended.max_by_key(|grant| grant.until_at)
    }
}

/// All groups that a recipient belongs to, directly or through up to [`GROUP_DEPTH_MAX`] groups.
pub fn groups_around(directory: &Directory, member: RecipientId) -> HashSet<RecipientId> {
    let mut found = HashSet::new();
    let mut level = vec![member];
    for _ in 0..GROUP_DEPTH_MAX {
        let mut above = Vec::new();
        for id in level {
            for group in directory.groups_of(id) {
                if found.insert(*group) {
                    above.push(*group);
                }
            }
        }
        if above.is_empty() {
            break;
        }
        level = above;
    }
    found
}

/// An author under which an account may send now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendIdentity {
    /// The recipient to represent.
    pub recipient: RecipientId,
    /// As what, and by which grant.
    pub permission: Permission,
}

/// All authors under which `actor` may send now: itself first, then by display name.
/// Each is what [`decide`] says of the recipient's primary address.
pub fn identities(directory: &Directory, actor: RecipientId, now: Timestamp) -> Vec<SendIdentity> {
    let mut candidates: HashSet<RecipientId> = HashSet::from([actor]);
    candidates.extend(directory.granted_to(actor));
    for group in groups_around(directory, actor) {
        candidates.extend(directory.granted_to(group));
    }
    let mut found: Vec<(bool, &str, SendIdentity)> = candidates
        .into_iter()
        .filter_map(|id| {
            let recipient = directory.recipient(id)?;
            let request = SendRequest { actor, author: recipient.primary(), now };
            let permission = decide(directory, &request).ok()?;
            let identity = SendIdentity { recipient: id, permission };
            Some((id != actor, recipient.display_name.as_str(), identity))
        })
        .collect();
    found.sort_by(|a, b| (a.0, a.1, a.2.recipient).cmp(&(b.0, b.1, b.2.recipient)));
    found.into_iter().map(|(_, _, identity)| identity).collect()
}

#[cfg(test)]
mod tests;
