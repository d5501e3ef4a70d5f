//! STORE: changes flags (RFC 9051 §6.4.6; UNCHANGEDSINCE: RFC 7162 §3.1.3).

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Backend, FlagAction, FlagChange, RowQuery};
use super::selected::{Expunges, Silent};
use super::session::{Outcome, Session, Stop};
use super::uids::{UidRange, UidSet};
use super::words;
use crate::codec::{Numbering, Store, StoreOperation, write};
use crate::reply::Reply;

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn store(&mut self, store: Store) -> Outcome {
        if store.unchanged_since.is_some() {
            self.enable_condstore().await?;
        }
        let uids = self.meant_to_change(&store.messages, store.numbering)?;
        let expunges = match store.numbering {
            Numbering::Sequence => Expunges::Held,
            Numbering::Uid => Expunges::Told,
        };
        let change = FlagChange {
            action: match store.operation {
                StoreOperation::Add => FlagAction::Add,
                StoreOperation::Remove => FlagAction::Remove,
                StoreOperation::Replace => FlagAction::Replace,
            },
            flags: words::flags_of(&store.flags),
            unchanged_since: store.unchanged_since,
        };
        let is_untold = store.is_silent && !self.enabled.condstore;
        let (own, refused) = if is_untold {
            self.store_untold(uids, change).await?
        } else {
            let stored = self.backend.store_flags(uids.runs(), &change).await?;
            let done = uids.without(&UidSet::new(stored.refused.clone()));
            (Silent { uids: done, modseq: stored.modseq }, stored.refused)
        };
        // RFC 7162 §3.1.3: the new mod-sequence is told even where flags are not wanted.
        let is_told_as_change = store.is_silent && self.enabled.condstore;
        self.sync(expunges, (!is_told_as_change).then_some(&own)).await?;
        self.is_synced = true;
        if !store.is_silent {
            self.tell_all_flags(&own.uids).await?;
        }
        Ok(self.stored(&refused, store.numbering))
    }

    /// A silent STORE. Messages that others changed since the client was told are stored on their
    /// own, so that their flags are told: the client cannot know them. Nothing is told before, as a
    /// client may have made the change in its books already.
    async fn store_untold(
        &mut self,
        uids: UidSet,
        mut change: FlagChange,
    ) -> Result<(Silent, Vec<UidRange>), Stop> {
        let asked = change.unchanged_since;
        let told = self.open_mailbox()?.modseq;
        change.unchanged_since = Some(asked.map_or(told, |asked| asked.min(told)));
        let stored = self.backend.store_flags(uids.runs(), &change).await?;
        let own = uids.without(&UidSet::new(stored.refused.clone()));
        let own = Silent { uids: own, modseq: stored.modseq };
        if stored.refused.is_empty() {
            return Ok((own, stored.refused));
        }
        change.unchanged_since = asked;
        let others = self.backend.store_flags(&stored.refused, &change).await?;
        Ok((own, others.refused))
    }

    /// FETCH with the flags of each message, changed or not.
    async fn tell_all_flags(&mut self, uids: &UidSet) -> Result<(), Stop> {
        let mut query = RowQuery::new(uids.runs().to_vec());
        while !query.uids.is_empty() {
            let page = self.backend.rows(&query).await?;
            for row in &page.rows {
                self.tell_flags(row).await?;
            }
            let Some(resume_at) = page.resume_at else { break };
            query.uids = uids.from(resume_at).runs().to_vec();
        }
        Ok(())
    }

    fn stored(&self, refused: &[UidRange], numbering: Numbering) -> Reply {
        if refused.is_empty() {
            return Reply::ok("Stored");
        }
        let mut code = b"MODIFIED ".to_vec();
        let refused = UidSet::new(refused.to_vec());
        self.write_numbers(&mut code, &refused, numbering);
        let code = String::from_utf8_lossy(&code).into_owned();
        Reply::ok("Some were changed by others before").with_code(code)
    }

    /// Writes UIDs in the way the command counts.
    pub(super) fn write_numbers(&self, out: &mut Vec<u8>, uids: &UidSet, numbering: Numbering) {
        match (numbering, &self.selected) {
            (Numbering::Sequence, Some(selected)) => {
                // Runs with a hole between them can be neighbours by their places.
                let ranks = uids.runs().iter().filter_map(|run| selected.ranks(*run)).collect();
                let ranks = UidSet::new(ranks);
                write::number_set(out, ranks.runs().iter().map(|run| run.inclusive()));
            }
            _ => write::number_set(out, uids.runs().iter().map(|run| run.inclusive())),
        }
    }
}
