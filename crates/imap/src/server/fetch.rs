//! FETCH: what messages are (RFC 9051 §6.4.5 and §7.5.2).
//!
//! Messages come from the backend in pages and go out as they come; nothing is held but one page.
//! What of a message's octets is read at all is decided once for the whole command by [`plan`].

mod envelope;
mod plan;
mod row;
mod section;
mod structure;

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Access, Backend, FlagAction, FlagChange, Flags, Reason, RowQuery};
use super::rights::Rights;
use super::select::ranges;
use super::selected::{Expunges, Silent};
use super::session::{Outcome, Session, Stop};
use super::uids::{UidRange, UidSet};
use crate::codec::{Fetch, FetchItem, MessageSet, Numbering};
use crate::reply::Reply;
use plan::Plan;

/// A FETCH that is carried out.
struct Asked {
    items: Vec<FetchItem>,
    plan: Plan,
    /// UID is told even if it was not asked for.
    adds_uid: bool,
    /// MODSEQ is told even if it was not asked for.
    adds_modseq: bool,
    /// Messages with this mod-sequence were just marked as read: FLAGS is told; 0: none.
    seen_modseq: u64,
}

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn fetch(&mut self, fetch: Fetch) -> Outcome {
        if fetch.is_vanished && !self.enabled.qresync {
            // RFC 7162 §3.2.6
            return Err(Reply::bad("Say ENABLE QRESYNC first").into());
        }
        if fetch.changed_since.is_some() || fetch.items.contains(&FetchItem::ModSeq) {
            self.enable_condstore().await?;
        }
        let uids = self.meant(&fetch.messages, fetch.numbering)?;
        if let (true, Some(since)) = (fetch.is_vanished, fetch.changed_since) {
            let asked = self.written(&fetch.messages)?;
            self.tell_vanished_earlier(since, &asked).await?;
        }
        let plan = Plan::of(&fetch.items);
        let seen_modseq = if plan.marks_seen { self.mark_seen(&uids).await? } else { 0 };
        let asked = Asked {
            adds_uid: fetch.numbering == Numbering::Uid && !fetch.items.contains(&FetchItem::Uid),
            // RFC 7162 §3.1.4.1
            adds_modseq: fetch.changed_since.is_some() && !fetch.items.contains(&FetchItem::ModSeq),
            items: fetch.items,
            plan,
            seen_modseq,
        };
        let is_all_decoded = self.tell_rows(&asked, &uids, fetch.changed_since).await?;
        let expunges = match fetch.numbering {
            Numbering::Sequence => Expunges::Held,
            Numbering::Uid => Expunges::Told,
        };
        let own = Silent { uids, modseq: seen_modseq };
        self.sync(expunges, Some(&own)).await?;
        self.is_synced = true;
        Ok(self.fetched(is_all_decoded))
    }

    fn fetched(&self, is_all_decoded: bool) -> Reply {
        if !is_all_decoded {
            // RFC 3516 §4.3
            return Reply::no("UNKNOWN-CTE", "The encoding of a part can not be undone");
        }
        let has_pending = self.selected.as_ref().is_some_and(|open| !open.pending.is_empty());
        if has_pending {
            // RFC 5530 §3: the client should ask soon.
            return Reply::ok("Some messages are gone, say NOOP").with_code("EXPUNGEISSUED");
        }
        Reply::ok("That is what was asked for")
    }

    /// Tells all rows; false where a part could not be decoded.
    async fn tell_rows(
        &mut self,
        asked: &Asked,
        uids: &UidSet,
        changed_since: Option<u64>,
    ) -> Result<bool, Stop> {
        let mut query = RowQuery {
            uids: uids.runs().to_vec(),
            changed_since,
            details: asked.plan.details,
            envelope: asked.plan.envelope,
            preview: asked.plan.preview,
            content: asked.plan.content,
        };
        let mut is_all_decoded = true;
        while !query.uids.is_empty() {
            let page = self.backend.rows(&query).await?;
            if asked.plan.is_bare() {
                self.tell_bare_rows(asked, &page.rows).await?;
            } else {
                for row in &page.rows {
                    is_all_decoded &= self.tell_row(asked, row).await?;
                }
            }
            let Some(resume_at) = page.resume_at else { break };
            query.uids = uids.from(resume_at).runs().to_vec();
        }
        Ok(is_all_decoded)
    }

    /// Fetching text marks as read, where the person may (RFC 9051 §6.4.5). Answers the
    /// mod-sequence of those that were unread.
    async fn mark_seen(&mut self, uids: &UidSet) -> Result<u64, Stop> {
        let open = self.open_mailbox()?;
        let may = open.access == Access::ReadWrite && open.rights.allow(Rights::SEEN);
        if !may || uids.is_empty() {
            return Ok(0);
        }
        let change = FlagChange {
            action: FlagAction::Add,
            flags: Flags::system(Flags::SEEN),
            unchanged_since: None,
        };
        match self.backend.store_flags(uids.runs(), &change).await {
            Ok(stored) => Ok(stored.modseq),
            Err(failure) if failure.reason == Reason::NoPerm => Ok(0),
            Err(failure) => Err(failure.into()),
        }
    }

    /// The UIDs as the client wrote them, whether they live or not.
    fn written(&self, messages: &MessageSet) -> Result<Vec<UidRange>, Reply> {
        let open = self.open_mailbox()?;
        Ok(match messages {
            MessageSet::Saved => open.saved.runs().to_vec(),
            MessageSet::Numbers(set) => {
                ranges(set.resolve(open.uids.bounds().map_or(0, |bounds| bounds.last)))
            }
        })
    }
}
