//! Which messages a command means: sequence numbers, UIDs and `$` to UIDs that the client knows of
//! (RFC 9051 §6.4.9, RFC 5182).

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Access, Backend};
use super::select::ranges;
use super::selected::Selected;
use super::session::Session;
use super::uids::UidSet;
use crate::codec::{MessageSet, Numbering};
use crate::reply::Reply;

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    /// The open mailbox. The table of states has asked for one before.
    pub(super) fn open_mailbox(&self) -> Result<&Selected, Reply> {
        self.selected.as_ref().ok_or_else(|| Reply::bad("Select a mailbox first"))
    }

    /// What the client means and what lives, as far as is known.
    pub(super) fn meant(
        &self,
        messages: &MessageSet,
        numbering: Numbering,
    ) -> Result<UidSet, Reply> {
        let selected = self.open_mailbox()?;
        Ok(selected.named(messages, numbering)?.without(&selected.pending))
    }

    /// The same, for commands that change the mailbox.
    pub(super) fn meant_to_change(
        &self,
        messages: &MessageSet,
        numbering: Numbering,
    ) -> Result<UidSet, Reply> {
        self.check_writable()?;
        self.meant(messages, numbering)
    }

    /// RFC 9051 §6.3.3: nothing changes in a mailbox that was opened by EXAMINE.
    pub(super) fn check_writable(&self) -> Result<(), Reply> {
        match self.open_mailbox()?.access {
            Access::ReadWrite => Ok(()),
            Access::ReadOnly => Err(Reply::no("NOPERM", "The mailbox is open for reading only")),
        }
    }
}

impl Selected {
    /// The UIDs of a set, of messages that are told to be there.
    pub(super) fn named(
        &self,
        messages: &MessageSet,
        numbering: Numbering,
    ) -> Result<UidSet, Reply> {
        let set = match messages {
            MessageSet::Saved => return Ok(self.saved.clone()),
            MessageSet::Numbers(set) => set,
        };
        if numbering == Numbering::Uid {
            let last = self.uids.bounds().map_or(0, |bounds| bounds.last);
            return Ok(self.uids.within(&ranges(set.resolve(last))));
        }
        let count = self.uids.count();
        let mut named = Vec::new();
        for range in set.resolve(count) {
            if count == 0 && set.has_last() {
                // `1:*` of an empty mailbox is nothing, and no mistake.
                continue;
            }
            let uids = self.uids.between_ranks(*range.start(), *range.end()).ok_or_else(|| {
                Reply::bad(format!("There are {count} messages, none has a higher number"))
            })?;
            named.extend_from_slice(uids.runs());
        }
        Ok(UidSet::new(named))
    }
}
