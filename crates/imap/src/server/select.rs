//! SELECT, EXAMINE, CLOSE and UNSELECT (RFC 9051 §6.3.2, §6.4.1), with what a client that was away
//! missed (QRESYNC, RFC 7162 §3.2.5).

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Access, Backend, Opened, Reason, RowQuery};
use super::selected::Selected;
use super::session::{Ended, Outcome, Session, Stop};
use super::uids::{UidRange, UidSet};
use crate::codec::{MailboxName, QresyncParameters, Select, write};
use crate::flow::{State, Step};
use crate::reply::Reply;

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn select(&mut self, select: Select, access: Access) -> Outcome {
        if select.qresync.is_some() && !self.enabled.qresync {
            // RFC 7162 §3.2.5
            return Err(Reply::bad("Say ENABLE QRESYNC first").into());
        }
        if self.selected.is_some() {
            // RFC 9051 §6.3.2: what follows is about the new mailbox.
            self.say("* OK [CLOSED] The mailbox before is closed\r\n").await?;
        }
        self.leave();
        self.enabled.condstore |= select.is_condstore || select.qresync.is_some();
        let opened = self.backend.open(select.mailbox.as_str(), access).await?;
        let known = (opened.uid_validity, opened.modseq);
        self.tell_opened(&select.mailbox, opened, access).await?;
        if let Some(known_before) = select.qresync.filter(|q| q.uid_validity.get() == known.0) {
            self.tell_missed(&known_before).await?;
        }
        self.is_synced = true;
        let is_writable =
            self.selected.as_ref().is_some_and(|open| open.access == Access::ReadWrite);
        let code = if is_writable { "READ-WRITE" } else { "READ-ONLY" };
        Ok(Reply::ok("It is open").with_code(code))
    }

    async fn tell_opened(
        &mut self,
        name: &MailboxName,
        opened: Opened,
        access: Access,
    ) -> Result<(), Ended<()>> {
        let (uid_validity, uid_next, modseq) =
            (opened.uid_validity, opened.uid_next, opened.modseq);
        let (mailbox_id, unseen) = (opened.mailbox_id.clone(), opened.first_unseen);
        let selected = Selected::new(opened, access);
        let keywords = selected.keywords.clone();
        let exists = selected.uids.count();
        let unseen = unseen.and_then(|uid| selected.uids.rank(uid));
        self.selected = Some(selected);
        self.advance(Step::Opened);
        let mut out = format!("* {exists} EXISTS\r\n").into_bytes();
        if self.enabled.rev2 {
            // RFC 9051 §6.3.2
            out.extend_from_slice(b"* LIST () \"/\" ");
            write::mailbox(&mut out, name.as_str(), self.enabled.name_encoding());
            out.extend_from_slice(b"\r\n");
        } else {
            // RFC 3501 §6.3.1: clients wait for it; nothing is \Recent here.
            out.extend_from_slice(b"* 0 RECENT\r\n");
            if let Some(number) = unseen {
                out.extend_from_slice(format!("* OK [UNSEEN {number}] The first\r\n").as_bytes());
            }
        }
        let codes = format!(
            "* OK [UIDVALIDITY {uid_validity}] UIDs hold\r\n\
             * OK [UIDNEXT {uid_next}] The next one\r\n\
             * OK [HIGHESTMODSEQ {modseq}] So far\r\n\
             * OK [MAILBOXID ({mailbox_id})] Its identity\r\n"
        );
        out.extend_from_slice(codes.as_bytes());
        self.tell_keywords(keywords).await?;
        self.say_octets(&out).await
    }

    /// What happened since the client was here last.
    async fn tell_missed(&mut self, known: &QresyncParameters) -> Result<(), Stop> {
        let Some(selected) = &self.selected else { return Ok(()) };
        let (live, uid_next) = (selected.uids.clone(), selected.uid_next);
        let asked = match &known.known_uids {
            Some(known) => ranges(known.resolve(uid_next.saturating_sub(1))),
            None => vec![UidRange::ALL],
        };
        if known.modseq >= selected.modseq {
            return Ok(());
        }
        self.tell_vanished_earlier(known.modseq, &asked).await?;
        let mut query = RowQuery::new(live.within(&asked).runs().to_vec());
        query.changed_since = Some(known.modseq);
        while !query.uids.is_empty() {
            let page = self.backend.rows(&query).await?;
            for row in &page.rows {
                self.tell_flags(row).await?;
            }
            let Some(resume_at) = page.resume_at else { break };
            query.uids = UidSet::new(query.uids).from(resume_at).runs().to_vec();
        }
        Ok(())
    }

    /// `VANISHED (EARLIER)` for what was expunged since a mod-sequence among some UIDs.
    pub(super) async fn tell_vanished_earlier(
        &mut self,
        since: u64,
        asked: &[UidRange],
    ) -> Result<(), Stop> {
        let gone = UidSet::new(self.backend.vanished_since(since).await?).within(asked);
        let Some(selected) = &self.selected else { return Ok(()) };
        // What the client still counts is told when it may be, and what never was for it is not.
        let bounds = UidRange::new(1, selected.uid_next.saturating_sub(1).max(1));
        let gone = gone.within(&[bounds]).without(&selected.uids);
        if gone.is_empty() {
            return Ok(());
        }
        let mut out = b"* VANISHED (EARLIER) ".to_vec();
        write::number_set(&mut out, gone.runs().iter().map(|run| run.inclusive()));
        out.extend_from_slice(b"\r\n");
        Ok(self.say_octets(&out).await?)
    }

    /// CLOSE: expunges without a word, then closes. Who may not expunge just closes
    /// (RFC 4314 §4).
    pub(super) async fn close(&mut self) -> Outcome {
        let Some(selected) = &self.selected else { return Ok(Reply::ok("Closed")) };
        if selected.access == Access::ReadWrite && !selected.uids.is_empty() {
            let uids = selected.living();
            match self.backend.expunge(uids.runs()).await {
                Err(failure) if failure.reason != Reason::NoPerm => return Err(failure.into()),
                Ok(()) | Err(_) => {}
            }
        }
        self.leave();
        Ok(Reply::ok("Closed"))
    }

    pub(super) fn unselect(&mut self) -> Outcome {
        self.leave();
        Ok(Reply::ok("Closed, nothing was expunged"))
    }

    /// No mailbox is open any more.
    fn leave(&mut self) {
        if self.selected.take().is_some() {
            self.backend.close();
        }
        if self.state == State::Selected {
            self.advance(Step::Closed);
        }
    }
}

/// Ranges of a set as the border has them.
pub(super) fn ranges(resolved: Vec<std::ops::RangeInclusive<u32>>) -> Vec<UidRange> {
    resolved.into_iter().map(|range| UidRange::new(*range.start(), *range.end())).collect()
}
