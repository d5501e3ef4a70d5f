//! English.

use domain::gate::HeldAs;
use domain::routing::RecipientRefusal;
use domain::{Grant, Permission, RecipientKind, Refusal, Right, SendMode, Timestamp};
use mail::Address;
use store::directory::Revocation;

use super::super::{Diagnosis, DnsFact, DnsStatus, held_word};
use super::{Client, Named, Texts};
use crate::dates::instant;
use crate::throttle::SendLimitReached;

/// The language.
pub(super) struct English;

fn kind(kind: Option<RecipientKind>) -> String {
    kind.map_or_else(|| "recipient".to_owned(), |kind| kind.to_string())
}

impl Texts for English {
    fn verdict(
        &self,
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
                format!("No: {who} is a {}, not a user who signs in.", kind(user.kind))
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

    fn verdict_of_reference(&self, diagnosis: &Diagnosis, refused_at: Timestamp) -> String {
        let at = instant(refused_at);
        if diagnosis.is_allowed {
            format!("Refused at {at}; it would be accepted now. {}", diagnosis.verdict)
        } else {
            format!("Refused at {at}, and it would be refused again. {}", diagnosis.verdict)
        }
    }

    fn actor_known(&self, user: &Named, is_known: bool) -> String {
        if is_known {
            format!("{} is a user.", user.address)
        } else {
            format!("{} is a {}; only users sign in and send.", user.address, kind(user.kind))
        }
    }

    fn account_active(&self, user: &Named, is_active: bool) -> String {
        let state = if is_active { "enabled" } else { "disabled: it can neither sign in nor send" };
        format!("The account of {} is {state}.", user.name)
    }

    fn author_held(&self, from: &Address, held: Option<&(Named, HeldAs)>) -> String {
        match held {
            Some((holder, how)) => {
                let article = match how {
                    HeldAs::Primary => "the",
                    HeldAs::Alias => "an",
                    HeldAs::SubAddress => "a",
                };
                let held = held_word(*how);
                format!("{from} is {article} {held} of the {} {}.", kind(holder.kind), holder.name)
            }
            None => format!("Nobody here holds {from}."),
        }
    }

    fn author_domain(&self, from: &Address, is_accepted: bool) -> String {
        let domain = from.domain();
        if is_accepted {
            format!("{domain} is an accepted domain, but the address does not exist in it.")
        } else {
            format!(
                "{domain} is no accepted domain; only addresses of this organisation can be used."
            )
        }
    }

    fn kind_may_send(&self, kind: RecipientKind, may: bool) -> String {
        match (may, kind) {
            (true, _) => format!("A {kind} can be an author."),
            (false, RecipientKind::Channel) => {
                "A channel's address only receives. Send from the team's address.".to_owned()
            }
            (false, _) => format!("A {kind} cannot be an author: its address belongs elsewhere."),
        }
    }

    fn author_is_actor(&self, is_actor: bool) -> String {
        if is_actor {
            "It is the user's own address.".to_owned()
        } else {
            "It is not the user's own address, so a right is needed.".to_owned()
        }
    }

    fn right_in_force(&self, right: Right, held: Option<(&Grant, Option<&Named>)>) -> String {
        let Some((grant, through)) = held else {
            return format!("{right} is not held, neither directly nor through a group.");
        };
        let how = match through {
            Some(group) => format!("through the group {}", group.name),
            None => "directly".to_owned(),
        };
        let mut text = format!(
            "{right} is held {how}, given at {} by {}",
            instant(grant.granted_at),
            grant.granted_by
        );
        if let Some(until) = grant.until_at {
            text.push_str(&format!(", until {}", instant(until)));
        }
        if let Some(reason) = &grant.reason {
            text.push_str(&format!(", for this reason: {reason}"));
        }
        text + "."
    }

    fn right_ended(&self, until: Option<Timestamp>) -> String {
        match until {
            Some(until) => format!("A right to send was held and ended at {}.", instant(until)),
            None => "A right to send was held and has ended.".to_owned(),
        }
    }

    fn revoked(&self, right: Right, revocation: &Revocation) -> String {
        let reason = match &revocation.reason {
            Some(reason) => format!(", for this reason: {reason}"),
            None => String::new(),
        };
        format!("{right} was revoked at {} by {}{reason}.", instant(revocation.at), revocation.by)
    }

    fn membership(&self) -> String {
        "The user is a member of the group. Membership lets read, it gives no right to send."
            .to_owned()
    }

    fn full_access(&self) -> String {
        "The user holds Full Access. It opens the mailbox, it gives no right to send.".to_owned()
    }

    fn nearest(&self, near: &[String]) -> String {
        if near.is_empty() {
            "No existing address looks like it.".to_owned()
        } else {
            format!("Perhaps meant: {}.", near.join(", "))
        }
    }

    fn alias_rewritten(&self, from: &Address, primary: &Address) -> String {
        format!(
            "{from} is not the primary address. What leaves shows {primary}, because aliases as \
             author are switched off for the organisation."
        )
    }

    fn sender_authentication(&self) -> String {
        "RequireSenderAuthenticationEnabled is on. It is about receiving only (mail from outside \
         is refused) and has no effect on the right to send."
            .to_owned()
    }

    fn hidden(&self) -> String {
        "It is hidden from address lists. That has no effect on the right to send.".to_owned()
    }

    fn no_password(&self, user: &Named) -> String {
        format!("{} has no password yet, so nobody can sign in.", user.address)
    }

    fn sign_in(&self, blocked_until: Option<Timestamp>) -> String {
        match blocked_until {
            Some(until) => {
                let until = instant(until);
                format!("After failed sign-ins, further ones are refused until {until}.")
            }
            None => "Sign-ins are not slowed down.".to_owned(),
        }
    }

    fn limit(&self, reached: Option<SendLimitReached>) -> String {
        let (what, secs) = match reached {
            None => return "The sending limits are not reached.".to_owned(),
            Some(SendLimitReached::Messages(secs)) => ("messages in an hour", secs),
            Some(SendLimitReached::Recipients(secs)) => ("recipients in a day", secs),
        };
        format!("The limit of {what} is reached; it ends in {secs} seconds.")
    }

    fn quota_and_licence(&self, full: Option<&str>) -> String {
        match full {
            Some(full) => format!(
                "The mailbox of {full} is full: mail to it is refused with 552 5.2.2. No licence \
                 is needed."
            ),
            None => "No full mailbox stands in the way, and no licence is needed.".to_owned(),
        }
    }

    fn dns(&self, domain: &str, fact: &DnsFact) -> String {
        let what = fact.purpose;
        match fact.status {
            DnsStatus::Found => format!("The {what} record of {domain} is published as it should."),
            DnsStatus::Missing => format!(
                "{domain} publishes no {what} record, so others may refuse or junk what leaves."
            ),
            DnsStatus::Differs => {
                format!("The {what} record of {domain} is another one than this server proposes.")
            }
            DnsStatus::Unknown => format!("DNS did not answer about {what} of {domain}."),
        }
    }

    fn queue(&self, waiting: usize, last_error: Option<&str>) -> String {
        match (waiting, last_error) {
            (0, _) => "Nothing from this address waits in the queue.".to_owned(),
            (count, None) => format!("{count} messages from this address wait for other servers."),
            (count, Some(error)) => format!(
                "{count} messages from this address wait for other servers; the last answer was: \
                 {error}"
            ),
        }
    }

    fn last_refusal(&self, at: Timestamp, reference: &str) -> String {
        let at = instant(at);
        format!("It was last refused at {at}; guichet diagnose --ref {reference} says why.")
    }

    fn recipient(&self, to: &Address, refusal: Option<RecipientRefusal>) -> String {
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

    fn unreadable(&self, advice: &str) -> String {
        advice.to_owned()
    }

    fn rejected_by_rule(&self, told: &str) -> String {
        format!(
            "The right to send was there, but a mail flow rule of the organisation refused the \
             message: {told}"
        )
    }

    fn address_unique(&self, from: &Address) -> String {
        format!("No other object holds {from}: an address belongs to one object only.")
    }

    fn contact_shadowing(&self, contacts: &[String]) -> String {
        if contacts.is_empty() {
            return "No contact looks like it.".to_owned();
        }
        format!(
            "Contacts have the same name or local part ({}). A mail program may pick one of them, \
             whose address is not ours.",
            contacts.join(", ")
        )
    }

    fn alias_kept(&self, from: &Address) -> String {
        format!("{from} is an alias and stays in the author field: aliases as author are on.")
    }

    fn envelope(&self, from: &Address, reverse_path: Option<&str>) -> String {
        match reverse_path {
            Some(path) => format!(
                "MAIL FROM is judged by the same rule as the author field; {path} leaves as \
                 reverse-path."
            ),
            None => format!(
                "MAIL FROM is judged by the same rule as the author field: {from} is refused in \
                 both."
            ),
        }
    }

    fn client(&self, client: Client, address: &str) -> String {
        match client {
            Client::Outlook => format!(
                "Outlook: choose From > Other address > {address} from the address list, and \
                 delete an older {address} from the From list and the suggestions (×); then Send/\
                 Receive > Download Address Book."
            ),
            Client::Thunderbird => format!(
                "Thunderbird: Account Settings > Manage Identities > Add, with {address}; an \
                 identity that is no longer allowed is deleted there."
            ),
            Client::AppleMail => format!(
                "Apple Mail: Settings > Accounts > Email Address > Edit, add {address}; Window > \
                 Previous Recipients forgets old addresses."
            ),
        }
    }
}
