//! Requests as somebody may see them: the asker the own ones, whoever can grant those about what
//! it can grant, auditors all. For everybody else there is none.

use bytes::Bytes;
use domain::{MemberRole, RecipientId, Right, Timestamp};
use store::send_request::{self, StoredRequest};

use super::State;
use crate::App;
use crate::access::{self, Actor, Purpose};
use crate::command;

/// Characters of a message that a page shows at most.
pub const TEXT_CHARACTERS_MAX: usize = 20_000;
/// Rows of a list at most.
pub(super) const ROWS_MAX: u32 = 200;

/// A request with what its viewer may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestView {
    /// The request.
    pub request: StoredRequest,
    /// Whether the viewer asked.
    pub is_own: bool,
    /// Whether the viewer may decide and it is undecided.
    pub may_decide: bool,
    /// Whether the asker may take it back.
    pub may_withdraw: bool,
    /// Whether the asker may try to send the waiting message once more.
    pub may_send_again: bool,
}

impl App {
    /// The request with this identifier, as far as the actor may see it.
    pub async fn request(
        &self,
        actor: &Actor,
        id: i64,
    ) -> Result<Option<RequestView>, store::Failure> {
        let found = send_request::show(&self.store, id).await?;
        Ok(found.and_then(|request| self.request_view(actor, request)))
    }

    /// What the person asked for, the latest first.
    pub async fn requests_of(
        &self,
        asker: RecipientId,
    ) -> Result<Vec<StoredRequest>, store::Failure> {
        send_request::of_asker(&self.store, asker, ROWS_MAX).await
    }

    /// The open requests that the actor can decide, the latest first.
    pub async fn requests_to_decide(
        &self,
        actor: &Actor,
    ) -> Result<Vec<StoredRequest>, store::Failure> {
        let (decides_all, owned) = {
            let directory = self.directory();
            let need = access::Need::Administrator;
            let all = access::allow(&directory, actor, need, Purpose::Change).is_ok();
            let groups = actor.account().map(|id| directory.groups_of(id)).unwrap_or_default();
            let owns = |group: &&RecipientId| {
                let mut members = directory.members_of(**group).iter();
                let is_owner = |of: &domain::Membership| of.role == MemberRole::Owner;
                members.any(|of| actor.account() == Some(of.member) && is_owner(of))
            };
            (all, groups.iter().filter(owns).copied().collect::<Vec<_>>())
        };
        let mut found = Vec::new();
        if decides_all {
            found = send_request::open(&self.store, ROWS_MAX).await?;
        } else {
            for group in owned {
                found.extend(send_request::open_of(&self.store, group, ROWS_MAX).await?);
            }
            found.sort_by_key(|request| std::cmp::Reverse(request.id));
        }
        found.retain(|request| self.may(actor, request, Purpose::Change));
        Ok(found)
    }

    /// Everything that can be read in the waiting message, hidden alternatives too: whoever lets
    /// it go should know what goes. At most [`TEXT_CHARACTERS_MAX`].
    pub async fn request_text(
        &self,
        actor: &Actor,
        id: i64,
    ) -> Result<Option<String>, store::Failure> {
        let Some(content) = self.request_content(actor, id).await? else { return Ok(None) };
        let text = mail::text::body_text(&content, &mail::mime::Part::read(&content));
        Ok(Some(text.chars().take(TEXT_CHARACTERS_MAX).collect()))
    }

    /// The message that waits, for whoever may see the request.
    pub async fn request_content(
        &self,
        actor: &Actor,
        id: i64,
    ) -> Result<Option<Bytes>, store::Failure> {
        match self.request(actor, id).await? {
            Some(view) if view.request.has_content => send_request::content(&self.store, id).await,
            _ => Ok(None),
        }
    }

    /// Whether the person has a right to send in the name of the request's author now.
    pub fn is_right_there(&self, request: &StoredRequest, now: Timestamp) -> bool {
        super::decide::is_allowed(&self.directory(), request, now)
    }

    pub(super) fn request_view(
        &self,
        actor: &Actor,
        request: StoredRequest,
    ) -> Option<RequestView> {
        let is_own = actor.account() == Some(request.asker);
        if !is_own && !self.may(actor, &request, Purpose::Read) {
            return None;
        }
        let is_open = request.state.is_open();
        let waits = request.has_content && request.sent.is_none();
        Some(RequestView {
            is_own,
            may_decide: is_open && self.may(actor, &request, Purpose::Change),
            may_withdraw: is_own && is_open,
            may_send_again: is_own
                && waits
                && matches!(request.state, State::Failed | State::Granted),
            request,
        })
    }

    /// Whether the actor may read or decide it as one who can grant.
    pub(super) fn may(&self, actor: &Actor, request: &StoredRequest, purpose: Purpose) -> bool {
        let directory = self.directory();
        let Some(represented) = directory.recipient(request.represented) else { return false };
        let need = command::need(represented, Right::SendAs);
        access::allow(&directory, actor, need, purpose).is_ok()
    }
}
