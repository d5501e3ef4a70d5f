//! The open mailbox as the client knows it, and telling what others changed in it.
//!
//! [`Selected::uids`] is what the client has been told exists: message sequence numbers are ranks
//! in it and nothing else. What was expunged elsewhere stays in it until the client has been told,
//! and that must not be while a command with sequence numbers is carried out (RFC 9051 §7.5.1).

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Access, Backend, Failure, Opened, Reason, Row, RowQuery};
use super::rights::Rights;
use super::session::{Ended, Session};
use super::uids::{Uid, UidRange, UidSet};
use crate::codec::write;
use crate::server::words;

/// The open mailbox.
#[derive(Debug)]
pub(super) struct Selected {
    pub(super) access: Access,
    pub(super) rights: Rights,
    /// What the client knows of.
    pub(super) uids: UidSet,
    /// Above every UID that the client knows of.
    pub(super) uid_next: Uid,
    /// Everything up to here has been told, but for `pending`.
    pub(super) modseq: u64,
    pub(super) keywords: Vec<Arc<str>>,
    pub(super) may_create_keywords: bool,
    /// Expunged, and the client was not told yet; all of it in `uids`.
    pub(super) pending: UidSet,
    /// The result of the last SEARCH with SAVE: `$` (RFC 5182).
    pub(super) saved: UidSet,
}

/// Whether a command that was carried out lets the client hear of expunged messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expunges {
    /// They may be told.
    Told,
    /// The client counts on its sequence numbers (RFC 9051 §7.5.1).
    Held,
}

/// Flag changes that the client made itself: those it does not want to hear of (`.SILENT`), and
/// those it hears of otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Silent {
    pub(super) uids: UidSet,
    /// The mod-sequence that its STORE gave them.
    pub(super) modseq: u64,
}

impl Selected {
    pub(super) fn new(opened: Opened, access: Access) -> Selected {
        let can_write = opened.rights.allow_any(CHANGES);
        Selected {
            access: if can_write { access } else { Access::ReadOnly },
            rights: opened.rights,
            uids: UidSet::live(opened.uid_next, &opened.gaps),
            uid_next: opened.uid_next,
            modseq: opened.modseq,
            keywords: opened.keywords,
            may_create_keywords: opened.may_create_keywords,
            pending: UidSet::default(),
            saved: UidSet::default(),
        }
    }

    /// The places of a run of UIDs the client knows of, all of them in `uids`.
    pub(super) fn ranks(&self, run: UidRange) -> Option<UidRange> {
        Some(UidRange { first: self.uids.rank(run.first)?, last: self.uids.rank(run.last)? })
    }

    /// What the client knows of and what lives, as far as is known.
    pub(super) fn living(&self) -> UidSet {
        self.uids.without(&self.pending)
    }
}

/// The rights that make SELECT answer READ-WRITE (RFC 4314 §5.2).
const CHANGES: Rights =
    Rights::SEEN.with(Rights::WRITE).with(Rights::DELETE_MESSAGES).with(Rights::EXPUNGE);

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    /// Tells what happened in the open mailbox since it was told last. A trouble of the server is
    /// not told: it happened after what the command was about.
    pub(super) async fn sync(
        &mut self,
        expunges: Expunges,
        silent: Option<&Silent>,
    ) -> Result<(), Ended<()>> {
        let Some(since) = self.selected.as_ref().map(|selected| selected.modseq) else {
            return Ok(());
        };
        let changes = match self.backend.changes(since).await {
            Ok(changes) => changes,
            Err(Failure { reason: Reason::Unavailable, .. }) => return Ok(()),
            Err(failure) => return Err(Ended::MailboxGone(failure)),
        };
        let Some(selected) = &self.selected else { return Ok(()) };
        let is_same = changes.modseq == since && changes.uid_next <= selected.uid_next;
        if is_same && selected.pending.is_empty() {
            return Ok(());
        }
        if let Some(keywords) = changes.keywords {
            self.tell_keywords(keywords).await?;
        }
        let Some(selected) = &mut self.selected else { return Ok(()) };
        let gone = UidSet::new(changes.vanished);
        selected.pending = selected.pending.union(&selected.uids.within(gone.runs()));
        if expunges == Expunges::Told {
            self.tell_expunged().await?;
        }
        let Some(selected) = &mut self.selected else { return Ok(()) };
        let known = selected.living();
        let mut arrived = UidSet::default();
        arrived.extend(selected.uid_next, changes.uid_next);
        let arrived = arrived.without(&gone);
        for run in arrived.runs() {
            selected.uids.extend(run.first, run.last + 1);
        }
        selected.uid_next = selected.uid_next.max(changes.uid_next);
        let count = selected.uids.count();
        if !arrived.is_empty() {
            self.say(&format!("* {count} EXISTS\r\n")).await?;
        }
        if changes.modseq > since {
            self.tell_changed(&known, since, silent).await?;
        }
        if let Some(selected) = &mut self.selected {
            selected.modseq = selected.modseq.max(changes.modseq);
        }
        Ok(())
    }

    /// `FLAGS` and `PERMANENTFLAGS`, at SELECT and when there are new keywords.
    pub(super) async fn tell_keywords(&mut self, keywords: Vec<Arc<str>>) -> Result<(), Ended<()>> {
        let Some(selected) = &mut self.selected else { return Ok(()) };
        selected.keywords = keywords;
        let rights = match selected.access {
            Access::ReadWrite => selected.rights,
            Access::ReadOnly => Rights::NONE,
        };
        let (mut all, mut permanent) = (Vec::new(), Vec::new());
        for (flag, right) in words::SYSTEM_FLAGS {
            all.push(flag);
            permanent.extend(rights.allow(right).then_some(flag));
        }
        for keyword in &selected.keywords {
            all.push(keyword);
            permanent.extend(rights.allow(Rights::WRITE).then_some(&**keyword));
        }
        let may_create = selected.may_create_keywords && rights.allow(Rights::WRITE);
        permanent.extend(may_create.then_some("\\*"));
        let mut out = b"* FLAGS ".to_vec();
        write::atoms(&mut out, all);
        out.extend_from_slice(b"\r\n* OK [PERMANENTFLAGS ");
        write::atoms(&mut out, permanent);
        out.extend_from_slice(b"] What is kept\r\n");
        self.say_octets(&out).await
    }

    /// EXPUNGE for each message, or VANISHED for all (RFC 7162 §3.2.10).
    async fn tell_expunged(&mut self) -> Result<(), Ended<()>> {
        let Some(selected) = &mut self.selected else { return Ok(()) };
        if selected.pending.is_empty() {
            return Ok(());
        }
        let gone = std::mem::take(&mut selected.pending);
        let before = selected.uids.clone();
        selected.uids = before.without(&gone);
        selected.saved = selected.saved.without(&gone);
        if self.enabled.qresync {
            let mut out = b"* VANISHED ".to_vec();
            write::number_set(&mut out, gone.runs().iter().map(|run| run.inclusive()));
            out.extend_from_slice(b"\r\n");
            return self.say_octets(&out).await;
        }
        // From the highest down, so that each number is right when it is read.
        for uid in gone.iter().rev() {
            if let Some(number) = before.rank(uid) {
                self.say(&format!("* {number} EXPUNGE\r\n")).await?;
            }
        }
        Ok(())
    }

    /// FETCH with the flags of what changed.
    async fn tell_changed(
        &mut self,
        known: &UidSet,
        since: u64,
        silent: Option<&Silent>,
    ) -> Result<(), Ended<()>> {
        let mut query = RowQuery::new(known.runs().to_vec());
        query.changed_since = Some(since);
        let is_quiet = |row: &Row| {
            silent.is_some_and(|own| own.modseq == row.modseq && own.uids.contains(row.uid))
        };
        while !query.uids.is_empty() {
            let Ok(page) = self.backend.rows(&query).await else { return Ok(()) };
            for row in page.rows.iter().filter(|row| !is_quiet(row)) {
                self.tell_flags(row).await?;
            }
            let Some(resume_at) = page.resume_at else { break };
            query.uids = known.from(resume_at).runs().to_vec();
        }
        Ok(())
    }

    /// The flags of one message, told without being asked.
    pub(super) async fn tell_flags(&mut self, row: &Row) -> Result<(), Ended<()>> {
        let Some(number) = self.selected.as_ref().and_then(|s| s.uids.rank(row.uid)) else {
            return Ok(());
        };
        let mut out = format!("* {number} FETCH (UID {} FLAGS ", row.uid).into_bytes();
        words::flags(&mut out, &row.flags);
        if self.enabled.condstore {
            out.extend_from_slice(format!(" MODSEQ ({})", row.modseq).as_bytes());
        }
        out.extend_from_slice(b")\r\n");
        self.say_octets(&out).await
    }
}
