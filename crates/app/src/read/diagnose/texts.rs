//! Every sentence of a diagnosis, in one place, so that a translation has one place to follow.

use domain::gate::HeldAs;
use domain::routing::RecipientRefusal;
use domain::{
    Directory, Permission, RecipientId, RecipientKind, Refusal, Right, SendMode, Timestamp,
};
use mail::Address;
use store::directory::Revocation;

use super::{Diagnosis, held_word};
use crate::dates::instant;
use crate::throttle::SendLimitReached;

/// A recipient as sentences name it.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) kind: Option<RecipientKind>,
}

impl Named {
    pub(super) fn of(directory: &Directory, id: RecipientId) -> Named {
        match directory.recipient(id) {
            Some(found) => Named {
                name: found.display_name.clone(),
                address: found.primary().to_string(),
                kind: Some(found.kind),
            },
            None => Named { name: id.to_string(), address: id.to_string(), kind: None },
        }
    }

    fn kind(&self) -> String {
        self.kind.map_or_else(|| "recipient".to_owned(), |kind| kind.to_string())
    }
}

/// The verdict in one sentence.
pub(super) fn verdict(
    user: &Named,
    from: &Address,
    decision: Result<&Permission, (Refusal, bool)>,
    author: Option<&Named>,
) -> String {
    let who = &user.address;
    let author_name = author.map_or_else(|| from.to_string(), |author| author.name.clone());
    let (refusal, was_revoked) = match decision {
        Ok(permission) => {
            return match permission.mode {
                SendMode::Own => format!("Yes: {from} is {who}'s own address."),
                SendMode::SendAs => {
                    format!(
                        "Yes: {who} may send from {from} with Send As; nobody outside sees who."
                    )
                }
                SendMode::SendOnBehalf => format!(
                    "Yes: {who} may send from {from} with Send on behalf; Sender names {who}."
                ),
            };
        }
        Err(refused) => refused,
    };
    match refusal {
        Refusal::UnknownActor => {
            format!("No: {who} is a {}, not a user who signs in.", user.kind())
        }
        Refusal::AccountDisabled => format!("No: the account of {who} is disabled."),
        Refusal::AuthorElsewhere => {
            format!("No: {from} is not an address of this organisation.")
        }
        Refusal::AuthorUnknown => format!("No: nobody has the address {from}."),
        Refusal::ReceiveOnly(_) => {
            format!("No: {from} is the address of a channel, which only receives.")
        }
        Refusal::AuthorIsContact(_) => {
            format!("No: {from} belongs to the contact {author_name}, somebody elsewhere.")
        }
        Refusal::NoRight(_) if was_revoked => {
            format!("No: the right of {who} to send from {author_name} was revoked.")
        }
        Refusal::NoRight(_) => {
            format!("No: {who} holds neither Send As nor Send on behalf on {author_name}.")
        }
        Refusal::RightEnded(..) => {
            format!("No: the right of {who} to send from {author_name} has ended.")
        }
    }
}

/// The verdict on a refusal that was given before.
pub(super) fn verdict_of_reference(diagnosis: &Diagnosis, refused_at: Timestamp) -> String {
    let at = instant(refused_at);
    if diagnosis.is_allowed {
        format!("Refused at {at}; it would be accepted now. {}", diagnosis.verdict)
    } else {
        format!("Refused at {at}, and it would be refused again. {}", diagnosis.verdict)
    }
}

pub(super) fn actor_known(user: &Named, is_known: bool) -> String {
    if is_known {
        format!("{} is a user.", user.address)
    } else {
        format!("{} is a {}; only users sign in and send.", user.address, user.kind())
    }
}

pub(super) fn account_active(user: &Named, is_active: bool) -> String {
    let state = if is_active { "enabled" } else { "disabled: it can neither sign in nor send" };
    format!("The account of {} is {state}.", user.name)
}

pub(super) fn author_held(from: &Address, held: Option<&(Named, HeldAs)>) -> String {
    match held {
        Some((holder, how)) => {
            let article = match how {
                HeldAs::Primary => "the",
                HeldAs::Alias => "an",
                HeldAs::SubAddress => "a",
            };
            let held = held_word(*how);
            format!("{from} is {article} {held} of the {} {}.", holder.kind(), holder.name)
        }
        None => format!("Nobody here holds {from}."),
    }
}

pub(super) fn author_domain(from: &Address, is_accepted: bool) -> String {
    let domain = from.domain();
    if is_accepted {
        format!("{domain} is an accepted domain, but the address does not exist in it.")
    } else {
        format!("{domain} is no accepted domain; only addresses of this organisation can be used.")
    }
}

pub(super) fn kind_may_send(kind: RecipientKind, may: bool) -> String {
    match (may, kind) {
        (true, _) => format!("A {kind} can be an author."),
        (false, RecipientKind::Channel) => {
            "A channel's address only receives. Send from the team's address.".to_owned()
        }
        (false, _) => format!("A {kind} cannot be an author: its address belongs elsewhere."),
    }
}

pub(super) fn author_is_actor(is_actor: bool) -> String {
    if is_actor {
        "It is the user's own address.".to_owned()
    } else {
        "It is not the user's own address, so a right is needed.".to_owned()
    }
}

pub(super) fn right_in_force(right: Right, is_held: bool, through: Option<&Named>) -> String {
    match (is_held, through) {
        (true, Some(group)) => format!("{right} is held through the group {}.", group.name),
        (true, None) => format!("{right} is held directly."),
        (false, _) => format!("{right} is not held, neither directly nor through a group."),
    }
}

pub(super) fn right_ended(until: Option<Timestamp>) -> String {
    match until {
        Some(until) => format!("A right to send was held and ended at {}.", instant(until)),
        None => "A right to send was held and has ended.".to_owned(),
    }
}

pub(super) fn revoked(right: Right, revocation: &Revocation) -> String {
    let reason = match &revocation.reason {
        Some(reason) => format!(", for this reason: {reason}"),
        None => String::new(),
    };
    format!("{right} was revoked at {} by {}{reason}.", instant(revocation.at), revocation.by)
}

pub(super) fn membership() -> String {
    "The user is a member of the group. Membership lets read, it gives no right to send.".to_owned()
}

pub(super) fn full_access() -> String {
    "The user holds Full Access. It opens the mailbox, it gives no right to send.".to_owned()
}

pub(super) fn nearest(near: &[String]) -> String {
    if near.is_empty() {
        "No existing address looks like it.".to_owned()
    } else {
        format!("Perhaps meant: {}.", near.join(", "))
    }
}

pub(super) fn alias_rewritten(from: &Address, primary: &Address) -> String {
    format!(
        "{from} is not the primary address. What leaves shows {primary}, because aliases as author \
         are switched off for the organisation."
    )
}

pub(super) fn sender_authentication() -> String {
    "RequireSenderAuthenticationEnabled is on. It is about receiving only (mail from outside is \
     refused) and has no effect on the right to send."
        .to_owned()
}

pub(super) fn hidden() -> String {
    "It is hidden from address lists. That has no effect on the right to send.".to_owned()
}

pub(super) fn no_password(user: &Named) -> String {
    format!("{} has no password yet, so nobody can sign in.", user.address)
}

pub(super) fn sign_in_blocked(until: Timestamp) -> String {
    format!("After failed sign-ins, further ones are refused until {}.", instant(until))
}

pub(super) fn limit(reached: SendLimitReached) -> String {
    let (what, secs) = match reached {
        SendLimitReached::Messages(secs) => ("messages in an hour", secs),
        SendLimitReached::Recipients(secs) => ("recipients in a day", secs),
    };
    format!("The limit of {what} is reached; it ends in {secs} seconds.")
}

pub(super) fn recipient(to: &Address, refusal: Option<RecipientRefusal>) -> String {
    match refusal {
        None => format!("Mail from this account to {to} is taken."),
        Some(RecipientRefusal::Unknown) => format!("Nobody has the address {to}."),
        Some(RecipientRefusal::RelayDenied) => {
            format!("{to} is not ours, and mail to it is not passed on.")
        }
        Some(
            RecipientRefusal::GroupNeedsAuthentication(_)
            | RecipientRefusal::NeedsAuthentication(_),
        ) => format!("{to} takes mail from signed-in senders only."),
    }
}

pub(super) fn fix_grant(right: Right, recipient: &Named, user: &Named) -> String {
    format!("guichet grant {} {} {}", right.as_str(), recipient.address, user.address)
}

pub(super) fn fix_enable(user: &Named) -> String {
    format!("guichet user set {} --enable", user.address)
}

pub(super) fn fix_password(user: &Named) -> String {
    format!("guichet user set {} --password-file -", user.address)
}

pub(super) fn fix_throttle(user: &Named) -> String {
    format!("guichet throttle clear {}", user.address)
}

pub(super) fn fix_ask_again(user: &Named, from: &str) -> String {
    format!("guichet diagnose {} --from {from}", user.address)
}

pub(super) fn fix_identities(user: &Named) -> String {
    format!("guichet identities {}", user.address)
}
