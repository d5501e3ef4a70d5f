//! COPY, MOVE and EXPUNGE (RFC 9051 §6.4.3, §6.4.7, §6.4.8; RFC 4315 for their codes).

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Backend, Copied};
use super::session::{Outcome, Session};
use crate::codec::{MessageSet, Numbering, Transfer, write};
use crate::reply::Reply;

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn copy(&mut self, transfer: Transfer) -> Outcome {
        let uids = self.meant(&transfer.messages, transfer.numbering)?;
        if uids.is_empty() {
            return Ok(Reply::ok("There was nothing to copy"));
        }
        let copied = self.backend.copy(uids.runs(), transfer.mailbox.as_str()).await?;
        Ok(Reply::ok("Copied").with_code(copy_code(&copied)))
    }

    pub(super) async fn move_to(&mut self, transfer: Transfer) -> Outcome {
        let uids = self.meant_to_change(&transfer.messages, transfer.numbering)?;
        if uids.is_empty() {
            return Ok(Reply::ok("There was nothing to move"));
        }
        let moved = self.backend.move_to(uids.runs(), transfer.mailbox.as_str()).await?;
        let code = copy_code(&moved);
        if !code.is_empty() {
            // RFC 6851 §4.3: before the messages go, which is told when the command ends.
            self.say(&format!("* OK [{code}] They are there now\r\n")).await?;
        }
        Ok(Reply::ok("Moved"))
    }

    /// EXPUNGE, or UID EXPUNGE for some messages; what went is told when the command ends.
    pub(super) async fn expunge(&mut self, messages: Option<MessageSet>) -> Outcome {
        self.check_writable()?;
        let uids = match messages {
            Some(messages) => self.meant(&messages, Numbering::Uid)?,
            None => self.open_mailbox()?.living(),
        };
        if !uids.is_empty() {
            self.backend.expunge(uids.runs()).await?;
        }
        let reply = Reply::ok("Expunged");
        if !self.enabled.qresync {
            return Ok(reply);
        }
        // RFC 7162 §3.2.7: the client may remember up to here.
        self.sync(super::selected::Expunges::Told, None).await?;
        self.is_synced = true;
        let modseq = self.open_mailbox()?.modseq;
        Ok(reply.with_code(format!("HIGHESTMODSEQ {modseq}")))
    }
}

/// Empty where nothing was copied.
fn copy_code(copied: &Copied) -> String {
    if copied.source.is_empty() {
        return String::new();
    }
    let mut code = format!("COPYUID {} ", copied.uid_validity).into_bytes();
    write::number_set(&mut code, copied.source.iter().map(|run| run.inclusive()));
    code.push(b' ');
    write::number_set(&mut code, copied.target.iter().map(|run| run.inclusive()));
    String::from_utf8_lossy(&code).into_owned()
}
