//! Denials of a sender: everything that the refused person, the owner and the administrator need.

use domain::{Directory, MemberRole, RecipientId, Refusal, Timestamp};
use mail::{AuthorError, MessageError};
use serde_json::json;
use store::trace::{TraceEvent, TraceKind};

use crate::credentials::FillRandom;

/// Owners that a refusal names at most.
pub const OWNERS_NAMED_MAX: usize = 3;
/// Longest author that is repeated in a refusal, in characters.
pub const AUTHOR_CHARACTERS_MAX: usize = 120;

/// Why an author is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DenialCause {
    /// The gate's reason.
    Gate(Refusal),
    /// The field cannot be read in exactly one way.
    Unreadable(AuthorError),
    /// The whole header cannot.
    Malformed(MessageError),
}

/// A sender that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The account's login: its primary address.
    pub login: String,
    /// The author that was asked for, as an address or as written.
    pub author: String,
    /// Why.
    pub cause: DenialCause,
    /// The recipient that the author address belongs to, if any: its primary address.
    pub represented: Option<String>,
    /// Owners who may ask for the right: their primary addresses.
    pub owners: Vec<String>,
    /// What `guichet diagnose --ref` and the web page open.
    pub reference: String,
    /// The page that says why, where the pages' public address is known.
    pub page: Option<String>,
}

impl Denial {
    pub(crate) fn of_author(
        directory: &Directory,
        actor: RecipientId,
        author: &str,
        refusal: Refusal,
    ) -> Denial {
        let represented = match refusal {
            Refusal::NoRight(id)
            | Refusal::RightEnded(id, _)
            | Refusal::ReceiveOnly(id)
            | Refusal::AuthorIsContact(id) => directory.recipient(id),
            Refusal::UnknownActor
            | Refusal::AccountDisabled
            | Refusal::AuthorElsewhere
            | Refusal::AuthorUnknown => None,
        };
        Denial {
            login: login_of(directory, actor),
            author: shortened(author),
            cause: DenialCause::Gate(refusal),
            represented: represented.map(|found| found.primary().to_string()),
            owners: represented
                .map(|found| owners_beside(directory, found.id, actor))
                .unwrap_or_default(),
            reference: String::new(),
            page: None,
        }
    }

    pub(crate) fn of_unreadable(
        directory: &Directory,
        actor: RecipientId,
        author: &str,
        cause: DenialCause,
    ) -> Denial {
        Denial {
            login: login_of(directory, actor),
            author: shortened(author),
            cause,
            represented: None,
            owners: Vec::new(),
            reference: String::new(),
            page: None,
        }
    }

    /// A name for the cause, from a closed list, for logs and the trace.
    pub fn reason(&self) -> &'static str {
        match self.cause {
            DenialCause::Gate(refusal) => match refusal {
                Refusal::UnknownActor => "unknown_actor",
                Refusal::AccountDisabled => "account_disabled",
                Refusal::AuthorElsewhere => "author_elsewhere",
                Refusal::AuthorUnknown => "author_unknown",
                Refusal::ReceiveOnly(_) => "receive_only",
                Refusal::AuthorIsContact(_) => "author_is_contact",
                Refusal::NoRight(_) => "no_right",
                Refusal::RightEnded(..) => "right_ended",
            },
            DenialCause::Unreadable(_) => "author_unreadable",
            DenialCause::Malformed(_) => "header_unreadable",
        }
    }

    /// What is wrong and what to do, in a sentence or two.
    pub fn advice(&self) -> String {
        let represented = self.represented.as_deref().unwrap_or(&self.author);
        let ask = match self.owners.as_slice() {
            [] => "an administrator".to_owned(),
            owners => format!("{} or an administrator", owners.join(", ")),
        };
        match self.cause {
            DenialCause::Unreadable(error) => format!("The author field cannot be used: {error}."),
            DenialCause::Malformed(error) => {
                format!("The header does not say for certain who the author is: {error}.")
            }
            DenialCause::Gate(refusal) => match refusal {
                Refusal::UnknownActor | Refusal::AccountDisabled => {
                    "The account is disabled or gone; ask an administrator.".to_owned()
                }
                Refusal::AuthorElsewhere => {
                    "The address is not one of this organisation; send from your own.".to_owned()
                }
                Refusal::AuthorUnknown => {
                    "Nobody here has this address; check its spelling.".to_owned()
                }
                Refusal::ReceiveOnly(_) => {
                    "A channel's address only receives; send from the team's.".to_owned()
                }
                Refusal::AuthorIsContact(_) => {
                    "The address belongs to a contact elsewhere; send from your own.".to_owned()
                }
                Refusal::NoRight(_) => format!(
                    "Missing: Send As or Send on behalf on {represented}. Ask {ask} to grant it."
                ),
                Refusal::RightEnded(..) => {
                    format!("The right on {represented} has ended. Ask {ask} to renew it.")
                }
            },
        }
    }

    pub(crate) fn trace_event(&self, id: i64, now: Timestamp) -> TraceEvent {
        let detail = json!({
            "reason": self.reason(),
            "author": self.author,
            "represented": self.represented,
            "owners": self.owners,
            "advice": self.advice(),
        });
        TraceEvent {
            id,
            at: now,
            message: None,
            internet_message_id: None,
            kind: TraceKind::Refuse,
            sender: Some(self.author.clone()),
            recipient: None,
            subject: None,
            size_bytes: None,
            actor: Some(self.login.clone()),
            detail: detail.to_string(),
            reference: Some(self.reference.clone()),
        }
    }
}

/// A reference that people can read out: the event's number and four random characters, so that
/// nobody opens another's refusal by counting.
pub(crate) fn reference(id: i64, fill_random: FillRandom) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut random = [0u8; 6];
    fill_random(&mut random);
    let mut text = format!("G{id}-");
    text.extend(random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])));
    text
}

fn login_of(directory: &Directory, actor: RecipientId) -> String {
    directory
        .recipient(actor)
        .map_or_else(|| "unknown".to_owned(), |found| found.primary().to_string())
}

/// Owners other than the refused person, who cannot ask herself.
fn owners_beside(directory: &Directory, group: RecipientId, actor: RecipientId) -> Vec<String> {
    let owners = directory.members_of(group).iter().filter(|of| of.role == MemberRole::Owner);
    owners
        .filter(|of| of.member != actor)
        .filter_map(|of| directory.recipient(of.member))
        .map(|owner| owner.primary().to_string())
        .take(OWNERS_NAMED_MAX)
        .collect()
}

/// One line of at most [`AUTHOR_CHARACTERS_MAX`] characters without control characters.
fn shortened(author: &str) -> String {
    author.chars().filter(|c| !c.is_control()).take(AUTHOR_CHARACTERS_MAX).collect()
}
