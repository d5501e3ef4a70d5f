//! Which mailboxes a person sees, and what the person may do in each. Functions of the directory's
//! snapshot alone, asked again for each use: a membership that ends is over with the next command.
//!
//! Reading follows membership and Full Access; writing under a name follows the gate and nothing
//! else. Members of a group put things into its bin, its owners empty it.

use std::collections::HashSet;

use domain::gate::{self, SendRequest};
use domain::{Directory, MemberRole, Recipient, RecipientId, RecipientKind, Right, Timestamp};
use store::folder::FolderRole;

/// What a person may do in a folder. Named after the letters of RFC 4314, which are the same
/// distinctions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights(u16);

impl Rights {
    /// Nothing.
    pub const NONE: Rights = Rights(0);
    /// `l` and `r`: know of it, open it, read.
    pub const READ: Rights = Rights(1);
    /// `s`: keep what was seen.
    pub const SEEN: Rights = Rights(2);
    /// `w`: change flags.
    pub const WRITE: Rights = Rights(4);
    /// `i`: put messages in.
    pub const INSERT: Rights = Rights(8);
    /// `p`: send as the mailbox, or on its behalf.
    pub const POST: Rights = Rights(16);
    /// `k`: create folders.
    pub const CREATE: Rights = Rights(32);
    /// `x`: delete or rename the folder.
    pub const DELETE_FOLDER: Rights = Rights(64);
    /// `t` and `e`: delete messages. In a group that moves them to its bin.
    pub const DELETE: Rights = Rights(128);
    /// `a`: see who else has rights.
    pub const ADMINISTER: Rights = Rights(256);

    /// What every reader has.
    const READER: Rights = Rights(1 | 2 | 4 | 8);
    /// Everything but [`Rights::POST`], which only the gate gives.
    const HOLDER: Rights = Rights(1 | 2 | 4 | 8 | 32 | 64 | 128 | 256);

    /// These and those.
    #[must_use]
    pub const fn with(self, other: Rights) -> Rights {
        Rights(self.0 | other.0)
    }

    /// These without those.
    #[must_use]
    pub const fn without(self, other: Rights) -> Rights {
        Rights(self.0 & !other.0)
    }

    /// Whether all of `other` are among them.
    pub const fn allow(self, other: Rights) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Why a person sees a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It is the person's own.
    Own,
    /// The person is a member of the group, or of the team whose channel it is.
    Member,
    /// The person is an owner of the group or team.
    Owner,
    /// The person holds Full Access.
    FullAccess,
}

/// A mailbox as one person reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached<'a> {
    /// The mailbox.
    pub mailbox: &'a Recipient,
    /// How.
    pub reach: Reach,
    /// Whether the gate lets the person write under its name now.
    pub may_post: bool,
}

impl Reached<'_> {
    /// What the person may do in a folder of the mailbox.
    pub fn rights(&self, role: Option<FolderRole>) -> Rights {
        let rights = match self.reach {
            Reach::Own | Reach::Owner | Reach::FullAccess => Rights::HOLDER,
            Reach::Member if role == Some(FolderRole::Trash) => Rights::READER,
            Reach::Member => Rights::READER.with(Rights::DELETE),
        };
        // The folders that everything else relies on stay.
        let rights = if role.is_some() { rights.without(Rights::DELETE_FOLDER) } else { rights };
        // A channel is its messages; it has no folders.
        let rights = match self.mailbox.kind {
            RecipientKind::Channel => rights.without(Rights::CREATE),
            _ => rights,
        };
        if self.may_post { rights.with(Rights::POST) } else { rights }
    }

    /// Whether deleting moves to the bin of the team instead of destroying.
    pub fn deletes_to_bin(&self) -> bool {
        matches!(self.mailbox.kind, RecipientKind::Group | RecipientKind::Channel)
            && self.reach != Reach::FullAccess
    }
}

/// How a person reaches a mailbox now, if at all.
pub fn reach(
    directory: &Directory,
    person: RecipientId,
    mailbox: RecipientId,
    now: Timestamp,
) -> Option<Reached<'_>> {
    let groups = active_groups(directory, person)?;
    let mailbox = directory.recipient(mailbox)?;
    let reach = reach_of(directory, (person, &groups), mailbox, now)?;
    Some(reached(directory, person, (mailbox, reach), now))
}

/// All mailboxes that a person reaches now: the own one first, then by display name.
pub fn reached_by(directory: &Directory, person: RecipientId, now: Timestamp) -> Vec<Reached<'_>> {
    let Some(groups) = active_groups(directory, person) else { return Vec::new() };
    let mut candidates: HashSet<RecipientId> = groups.clone();
    candidates.insert(person);
    candidates.extend(directory.granted_to(person));
    for group in &groups {
        candidates.extend(directory.granted_to(*group));
    }
    let has_teams = candidates
        .iter()
        .any(|id| directory.recipient(*id).is_some_and(|found| found.settings.is_team));
    if has_teams {
        let channels = directory.recipients().filter(|found| found.team.is_some());
        candidates.extend(channels.map(|channel| channel.id));
    }
    let mut found: Vec<Reached<'_>> = candidates
        .into_iter()
        .filter_map(|id| {
            let mailbox = directory.recipient(id)?;
            let reach = reach_of(directory, (person, &groups), mailbox, now)?;
            Some(reached(directory, person, (mailbox, reach), now))
        })
        .collect();
    found.sort_by(|a, b| {
        let key =
            |of: &Reached<'_>| (of.reach != Reach::Own, of.mailbox.display_name.to_lowercase());
        (key(a), a.mailbox.id).cmp(&(key(b), b.mailbox.id))
    });
    found
}

/// The groups around an account that may sign in.
fn active_groups(directory: &Directory, person: RecipientId) -> Option<HashSet<RecipientId>> {
    let account = directory.recipient(person)?.account.as_ref()?;
    (!account.is_disabled).then(|| gate::groups_around(directory, person))
}

fn reach_of(
    directory: &Directory,
    (person, groups): (RecipientId, &HashSet<RecipientId>),
    mailbox: &Recipient,
    now: Timestamp,
) -> Option<Reach> {
    mailbox.folders?;
    if mailbox.id == person {
        return Some(Reach::Own);
    }
    let is_full = |grant: &&domain::Grant| {
        grant.right == Right::FullAccess
            && grant.is_in_force(now)
            && (grant.trustee == person || groups.contains(&grant.trustee))
    };
    // A channel is reached as its team is.
    let readable = mailbox.team.unwrap_or(mailbox.id);
    if groups.contains(&readable) {
        let members = directory.members_of(readable);
        let own = members.iter().find(|of| of.member == person);
        return Some(match own.map(|of| of.role) {
            Some(MemberRole::Owner) => Reach::Owner,
            Some(MemberRole::Member) | None => Reach::Member,
        });
    }
    directory.grants_on(readable).iter().any(|grant| is_full(&grant)).then_some(Reach::FullAccess)
}

fn reached<'a>(
    directory: &'a Directory,
    person: RecipientId,
    (mailbox, reach): (&'a Recipient, Reach),
    now: Timestamp,
) -> Reached<'a> {
    let request = SendRequest { actor: person, author: mailbox.primary(), now };
    let may_post = gate::decide(directory, &request).is_ok();
    Reached { mailbox, reach, may_post }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
pub(crate) mod tests;
