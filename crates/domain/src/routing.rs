//! Routing: where mail to an address goes. Groups are expanded here, loops end here.

use std::collections::HashSet;

use mail::Address;

use crate::directory::Directory;
use crate::id::{FolderId, RecipientId};
use crate::recipient::{Recipient, RecipientKind};

/// How many `Received` fields a message may have before it is taken for a loop. RFC 5321 §6.3
/// wants at least 100.
pub const HOPS_MAX: usize = 100;
/// How many mailboxes and addresses elsewhere one message may reach after expansion.
pub const EXPANDED_RECIPIENTS_MAX: usize = 10_000;
/// The local part that every accepted domain answers for (RFC 5321 §4.5.1).
pub const POSTMASTER: &str = "postmaster";

/// Where a message comes from, as far as the right to reach a recipient goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// An account of ours submitted it, or the server itself wrote it.
    Authenticated,
    /// Another server handed it in.
    Outside,
}

/// Why a recipient is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipientRefusal {
    /// The domain is ours, the address is nobody's.
    Unknown,
    /// The domain is not ours and the sender is not ours either.
    RelayDenied,
    /// The group takes mail from authenticated senders only (RequireSenderAuthenticationEnabled).
    GroupNeedsAuthentication(RecipientId),
    /// The same for another kind of recipient.
    NeedsAuthentication(RecipientId),
}

/// Says whether mail from `origin` to `address` is taken.
pub fn admit(
    directory: &Directory,
    address: &Address,
    origin: Origin,
) -> Result<(), RecipientRefusal> {
    let Some(recipient) = local_holder(directory, address) else {
        if directory.is_accepted(address.domain()) {
            return Err(RecipientRefusal::Unknown);
        }
        return match origin {
            Origin::Authenticated => Ok(()),
            Origin::Outside => Err(RecipientRefusal::RelayDenied),
        };
    };
    if recipient.kind == RecipientKind::Contact
        && origin == Origin::Outside
        && !directory.is_accepted(address.domain())
    {
        // A contact's own address is elsewhere: being listed here makes us no relay for it.
        return Err(RecipientRefusal::RelayDenied);
    }
    if origin == Origin::Outside && recipient.settings.requires_sender_authentication {
        return Err(match recipient.kind {
            RecipientKind::Group => RecipientRefusal::GroupNeedsAuthentication(recipient.id),
            RecipientKind::User
            | RecipientKind::SharedMailbox
            | RecipientKind::Contact
            | RecipientKind::Channel => RecipientRefusal::NeedsAuthentication(recipient.id),
        });
    }
    Ok(())
}

/// The recipient of ours that mail to `address` is for; the administrator's mailbox for postmaster.
fn local_holder<'a>(directory: &'a Directory, address: &Address) -> Option<&'a Recipient> {
    directory.resolve(address).or_else(|| {
        let is_postmaster = address.local().eq_ignore_ascii_case(POSTMASTER);
        if is_postmaster && directory.is_accepted(address.domain()) {
            postmaster(directory)
        } else {
            None
        }
    })
}

/// Who answers for postmaster where nobody holds the address: the first enabled administrator.
fn postmaster(directory: &Directory) -> Option<&Recipient> {
    use crate::recipient::AccountRole;
    let is_administrator = |recipient: &&Recipient| {
        let account = recipient.account.as_ref();
        account.is_some_and(|a| !a.is_disabled && a.role == AccountRole::Administrator)
    };
    directory.recipients().filter(is_administrator).min_by_key(|recipient| recipient.id)
}

/// A copy for a folder of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The folder.
    pub folder: FolderId,
    /// Whose folder it is.
    pub mailbox: RecipientId,
    /// The envelope recipient that led here.
    pub original: Address,
}

/// An address elsewhere that the message must be transmitted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideRecipient {
    /// Where to.
    pub address: Address,
    /// The envelope recipient that led here; differs for contacts and members elsewhere.
    pub original: Address,
}

/// What becomes of the envelope recipients of one message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expansion {
    /// Copies in our folders, each folder at most once.
    pub placements: Vec<Placement>,
    /// Addresses elsewhere, each at most once.
    pub outside: Vec<OutsideRecipient>,
    /// Groups that passed copies on to members, with the envelope recipient that named them.
    pub expanded: Vec<(RecipientId, Address)>,
    /// Envelope recipients in our domains that nobody holds.
    pub unknown: Vec<Address>,
    /// Whether [`EXPANDED_RECIPIENTS_MAX`] was reached; the message must then be refused.
    pub is_over_limit: bool,
}

/// Expands envelope recipients. A group is visited once, so that groups within groups end.
pub fn expand(directory: &Directory, recipients: &[Address]) -> Expansion {
    let mut work = Expander {
        directory,
        seen: HashSet::new(),
        outside: HashSet::new(),
        out: Expansion::default(),
    };
    for address in recipients {
        match local_holder(directory, address) {
            Some(recipient) => work.add(recipient, address),
            None if directory.is_accepted(address.domain()) => {
                work.out.unknown.push(address.clone());
            }
            None => work.add_outside(address, address),
        }
    }
    let reached = work.out.placements.len() + work.out.outside.len();
    work.out.is_over_limit = reached > EXPANDED_RECIPIENTS_MAX;
    work.out
}

struct Expander<'a> {
    directory: &'a Directory,
    seen: HashSet<RecipientId>,
    outside: HashSet<mail::AddressKey>,
    out: Expansion,
}

impl Expander<'_> {
    /// Adds a recipient and, for a group, its subscribed members. Depth first with an own stack:
    /// nesting of groups cannot exhaust the thread's.
    fn add(&mut self, recipient: &Recipient, original: &Address) {
        let mut waiting = vec![recipient.id];
        while let Some(id) = waiting.pop() {
            let Some(entry) = self.directory.entry(id) else { continue };
            if !self.seen.insert(id) {
                continue;
            }
            match entry.recipient.folders {
                Some(folders) => self.out.placements.push(Placement {
                    folder: folders.inbox,
                    mailbox: id,
                    original: original.clone(),
                }),
                None => self.add_outside(entry.recipient.primary(), original),
            }
            let subscribed = entry.members.iter().filter(|of| of.is_subscribed);
            let before = waiting.len();
            waiting.extend(subscribed.map(|of| of.member));
            if waiting.len() > before {
                self.out.expanded.push((id, original.clone()));
            }
        }
    }

    fn add_outside(&mut self, address: &Address, original: &Address) {
        if self.outside.insert(address.key()) {
            let (address, original) = (address.clone(), original.clone());
            self.out.outside.push(OutsideRecipient { address, original });
        }
    }
}

#[cfg(test)]
mod tests;
