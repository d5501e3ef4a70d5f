//! Members, owners and subscribers of groups.

use domain::{DirectoryEntry, MemberRole, Membership, RecipientId, RecipientKind};
use serde_json::json;

use super::CommandError;
use super::draft::{Draft, Operation};
use crate::access::Need;

/// Members of one group at most.
pub(crate) const MEMBERS_MAX: usize = 10_000;

/// How somebody belongs to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Reads its mail.
    Member,
    /// Manages it; is a member too.
    Owner,
    /// Gets a copy of its mail; is a member.
    Subscriber,
}

impl Link {
    /// Exchange's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Link::Member => "Members",
            Link::Owner => "Owners",
            Link::Subscriber => "Subscribers",
        }
    }
}

/// Who is to be linked to a group, or no longer.
#[derive(Debug, Clone)]
pub struct LinkOrder {
    /// The group.
    pub group: String,
    /// How.
    pub link: Link,
    /// Who.
    pub who: Vec<String>,
}

impl Draft<'_> {
    pub(crate) fn add_links(&mut self, order: &LinkOrder) -> Result<(), CommandError> {
        let mut entry = self.group_of(order)?;
        for name in &order.who {
            let member = match order.link {
                Link::Owner => self.owner_to_be(name)?,
                Link::Member | Link::Subscriber => {
                    self.member_to_be(name, Some(entry.recipient.id))?
                }
            };
            add_link(&mut entry, member, order.link, name)?;
        }
        if entry.members.len() > MEMBERS_MAX {
            let why = format!("a group has at most {MEMBERS_MAX} members; nest groups instead");
            return Err(CommandError::invalid("members", why));
        }
        self.replace(&entry, operation("Add-UnifiedGroupLinks", order))
    }

    pub(crate) fn remove_links(&mut self, order: &LinkOrder) -> Result<(), CommandError> {
        let mut entry = self.group_of(order)?;
        let had_owner = has_owner(&entry);
        for name in &order.who {
            let member = self.find(name)?.id;
            match order.link {
                Link::Member => entry.members.retain(|of| of.member != member),
                Link::Owner => {
                    for of in entry.members.iter_mut().filter(|of| of.member == member) {
                        of.role = MemberRole::Member;
                    }
                }
                Link::Subscriber => {
                    for of in entry.members.iter_mut().filter(|of| of.member == member) {
                        of.is_subscribed = false;
                    }
                }
            }
        }
        if had_owner && !has_owner(&entry) && !entry.members.is_empty() {
            return Err(CommandError::in_the_way(format!(
                "{} would be left without an owner. Add another owner first.",
                entry.recipient.display_name
            )));
        }
        self.replace(&entry, operation("Remove-UnifiedGroupLinks", order))
    }

    /// The group of an order, which the actor may manage.
    fn group_of(&self, order: &LinkOrder) -> Result<DirectoryEntry, CommandError> {
        let group = self.find(&order.group)?;
        if group.kind != RecipientKind::Group {
            return Err(CommandError::not_found(&order.group));
        }
        self.allow(Need::OwnerOf(group.id))?;
        self.entry(group.id)
    }

    /// Somebody who can be a member: a user, a shared mailbox, a contact, or another group.
    pub(crate) fn member_to_be(
        &self,
        name: &str,
        group: Option<RecipientId>,
    ) -> Result<RecipientId, CommandError> {
        let found = self.find(name)?;
        if found.kind == RecipientKind::Channel {
            let why = format!("{name} is a channel; a channel cannot be a member");
            return Err(CommandError::invalid("members", why));
        }
        if Some(found.id) == group {
            let why = format!("{name} is the group itself");
            return Err(CommandError::invalid("members", why));
        }
        Ok(found.id)
    }

    /// Somebody who can be an owner: a user.
    pub(crate) fn owner_to_be(&self, name: &str) -> Result<RecipientId, CommandError> {
        let found = self.find(name)?;
        if found.kind != RecipientKind::User {
            let why = format!("{name} is a {}; only a user can be an owner", found.kind);
            return Err(CommandError::invalid("owners", why));
        }
        Ok(found.id)
    }
}

fn add_link(
    entry: &mut DirectoryEntry,
    member: RecipientId,
    link: Link,
    name: &str,
) -> Result<(), CommandError> {
    let existing = entry.members.iter_mut().find(|of| of.member == member);
    match (link, existing) {
        (Link::Member, Some(_)) => {}
        (Link::Member, None) => {
            let role = MemberRole::Member;
            entry.members.push(Membership { member, role, is_subscribed: false });
        }
        (Link::Owner, Some(of)) => of.role = MemberRole::Owner,
        (Link::Owner, None) => {
            let role = MemberRole::Owner;
            entry.members.push(Membership { member, role, is_subscribed: false });
        }
        (Link::Subscriber, Some(of)) => of.is_subscribed = true,
        (Link::Subscriber, None) => {
            let why = format!("{name} is no member; add it as a member first");
            return Err(CommandError::invalid("subscribers", why));
        }
    }
    Ok(())
}

fn has_owner(entry: &DirectoryEntry) -> bool {
    entry.members.iter().any(|of| of.role == MemberRole::Owner)
}

fn operation(name: &'static str, order: &LinkOrder) -> Operation {
    let parameters = json!({
        "Identity": order.group,
        "LinkType": order.link.as_str(),
        "Links": order.who,
    });
    Operation::new(name, parameters)
}
