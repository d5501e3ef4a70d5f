//! The sentences of a diagnosis. Each language says all of them: a sentence that is missing in one
//! does not compile. Commands that mend something are the same in all and are here.

mod english;
mod french;

use domain::gate::HeldAs;
use domain::routing::RecipientRefusal;
use domain::{
    Directory, Grant, Language, Permission, RecipientId, RecipientKind, Refusal, Right, Timestamp,
};
use mail::Address;
use store::directory::Revocation;

use super::{Diagnosis, DnsFact};
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
}

/// A mail program that keeps addresses by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Client {
    Outlook,
    Thunderbird,
    AppleMail,
}

impl Client {
    pub(super) const ALL: [Client; 3] = [Client::Outlook, Client::Thunderbird, Client::AppleMail];
}

/// The sentences of a language.
pub(super) trait Texts: Sync {
    /// The verdict in one sentence. The refusal comes with whether the right was revoked.
    fn verdict(
        &self,
        user: &Named,
        from: &Address,
        decision: Result<&Permission, (Refusal, bool)>,
        author: Option<&Named>,
    ) -> String;
    /// The verdict on a refusal that was given before.
    fn verdict_of_reference(&self, diagnosis: &Diagnosis, refused_at: Timestamp) -> String;
    /// The verdict on a refusal whose author field could not be read; with the advice given then.
    fn unreadable(&self, advice: &str) -> String;
    /// The verdict on a refusal by a rule of the organisation; with what the sender was told.
    fn rejected_by_rule(&self, told: &str) -> String;
    fn actor_known(&self, user: &Named, is_known: bool) -> String;
    fn account_active(&self, user: &Named, is_active: bool) -> String;
    fn author_held(&self, from: &Address, held: Option<&(Named, HeldAs)>) -> String;
    fn author_domain(&self, from: &Address, is_accepted: bool) -> String;
    fn kind_may_send(&self, kind: RecipientKind, may: bool) -> String;
    fn author_is_actor(&self, is_actor: bool) -> String;
    fn right_in_force(&self, right: Right, held: Option<(&Grant, Option<&Named>)>) -> String;
    fn right_ended(&self, until: Option<Timestamp>) -> String;
    fn revoked(&self, right: Right, revocation: &Revocation) -> String;
    fn membership(&self) -> String;
    fn full_access(&self) -> String;
    fn nearest(&self, near: &[String]) -> String;
    fn address_unique(&self, from: &Address) -> String;
    fn contact_shadowing(&self, contacts: &[String]) -> String;
    fn alias_rewritten(&self, from: &Address, primary: &Address) -> String;
    fn alias_kept(&self, from: &Address) -> String;
    fn sender_authentication(&self) -> String;
    fn hidden(&self) -> String;
    fn envelope(&self, from: &Address, reverse_path: Option<&str>) -> String;
    fn no_password(&self, user: &Named) -> String;
    fn sign_in(&self, blocked_until: Option<Timestamp>) -> String;
    fn limit(&self, reached: Option<SendLimitReached>) -> String;
    fn quota_and_licence(&self, full: Option<&str>) -> String;
    fn dns(&self, domain: &str, fact: &DnsFact) -> String;
    fn queue(&self, waiting: usize, last_error: Option<&str>) -> String;
    fn last_refusal(&self, at: Timestamp, reference: &str) -> String;
    fn recipient(&self, to: &Address, refusal: Option<RecipientRefusal>) -> String;
    /// What a mail program keeps by itself, and how it forgets.
    fn client(&self, client: Client, address: &str) -> String;
}

/// The sentences of a language.
pub(super) fn texts(language: Language) -> &'static dyn Texts {
    match language {
        Language::English => &english::English,
        Language::French => &french::French,
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

pub(super) fn fix_remove_contact(address: &str) -> String {
    format!("guichet contact delete {address}")
}

pub(super) fn fix_dns(domain: &str) -> String {
    format!("guichet dns --domain {domain} --check")
}

pub(super) fn fix_limits() -> String {
    "guichet config show".to_owned()
}

pub(super) fn fix_queue() -> String {
    "guichet queue list".to_owned()
}

pub(super) fn fix_quota(noun: &str, address: &str) -> String {
    format!("guichet {noun} set {address} --quota Unlimited")
}

pub(super) fn fix_users() -> String {
    "guichet user list".to_owned()
}
