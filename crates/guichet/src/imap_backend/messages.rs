//! The open folder: its messages page by page, what changed, searching and flags.

use std::collections::VecDeque;
use std::sync::Arc;

use app::App;
use app::mailbox::search::SearchQuery as AppQuery;
use app::mailbox::{MailboxError, Place, Rights as AppRights};
use bytes::Bytes;
use domain::MessageId;
use imap::server::{
    Access, Answer, Changes, Content, Copied, FlagAction, FlagChange, Found, Opened, PAGE_ROWS,
    Rights, Row, RowPage, RowQuery, SearchQuery, Stored, UidRange,
};
use mail::mime::Part;
use mail::raw_field::split_header;
use store::flag::FlagOperation;
use store::folder::Folder;
use store::keyword::Keyword;
use store::mailbox::HeaderRow;
use store::transfer::Transferred;
use store::{Flags, Store};

use super::convert::{self, failure, unavailable};
use super::folders;
use crate::clock;

/// Octets of content after which a page ends.
const PAGE_OCTETS: usize = 4 * 1024 * 1024;
/// Messages that are read with one question at most, and their octets, unless one alone has more.
const AHEAD_MESSAGES: usize = 64;
const AHEAD_OCTETS: i64 = 512 * 1024;
/// Octets from the beginning of a message that a preview is made from.
const PREVIEW_OCTETS: u32 = 64 * 1024;
/// Changed messages that are gathered at once. Where there are more, all messages are looked at in
/// their order instead.
const CHANGED_MAX: usize = 50_000;

/// A folder that a session has open.
pub(super) struct Open {
    pub(super) folder: Folder,
    keywords: Vec<Keyword>,
    names: Vec<(Flags, Arc<str>)>,
    /// What changed since a modseq, ascending by UID, while it is being told.
    changed: Option<Gathered>,
}

/// Changed messages on their way to a client.
struct Gathered {
    since: i64,
    next_uid: i64,
    /// `None` where there are too many.
    uids: Option<Vec<i64>>,
}

impl Open {
    /// Opens a folder.
    pub(super) async fn read(
        app: &App,
        folder: &Folder,
        place: Place,
        access: Access,
    ) -> Answer<(Open, Opened)> {
        place.require(AppRights::READ).map_err(failure)?;
        let opened = store::mailbox::open(app.store(), folder.id, place.reader).await;
        let opened = opened.map_err(unavailable)?;
        let opened = opened.ok_or_else(|| failure(MailboxError::NotFound))?;
        let keywords = keywords(app.store(), folder).await?;
        let may_change = access == Access::ReadWrite;
        let rights = convert::rights(place.rights);
        let told = Opened {
            mailbox_id: folders::mailbox_id(folder.id),
            uid_validity: opened.folder.uid_validity,
            uid_next: convert::uid(opened.folder.uid_next),
            modseq: convert::modseq(opened.folder.modseq),
            gaps: convert::ranges(&opened.gaps),
            first_unseen: None,
            keywords: convert::names(&keywords),
            may_create_keywords: may_change
                && rights.allow(Rights::WRITE)
                && keywords.len() < store::KEYWORDS_MAX,
            rights,
        };
        let names = named(&keywords);
        let open = Open { folder: opened.folder, keywords, names, changed: None };
        Ok((open, told))
    }

    /// What happened since a modseq.
    pub(super) async fn changes(
        &mut self,
        app: &App,
        place: &Place,
        since: u64,
    ) -> Answer<Changes> {
        let store = app.store();
        let folder = store::folder::status_as_read(store, self.folder.id, place.reader).await;
        let folder = folder.map_err(unavailable)?;
        self.folder = folder.ok_or_else(|| failure(MailboxError::NotFound))?;
        let modseq = convert::modseq(self.folder.modseq);
        let uid_next = convert::uid(self.folder.uid_next);
        if modseq == since {
            return Ok(Changes { modseq, uid_next, vanished: Vec::new(), keywords: None });
        }
        let since = convert::stored_modseq(since);
        let gone = store::mailbox::gaps_since(store, self.folder.id, since).await;
        let gone = gone.map_err(unavailable)?;
        let known = self.keywords.len();
        self.reload_keywords(store).await?;
        Ok(Changes {
            modseq,
            uid_next,
            vanished: convert::ranges(&gone),
            keywords: (self.keywords.len() > known).then(|| convert::names(&self.keywords)),
        })
    }

    async fn reload_keywords(&mut self, store: &Store) -> Answer<()> {
        self.keywords = keywords(store, &self.folder).await?;
        self.names = named(&self.keywords);
        Ok(())
    }

    /// A page of messages.
    pub(super) async fn rows(
        &mut self,
        app: &App,
        place: &Place,
        query: &RowQuery,
    ) -> Answer<RowPage> {
        place.require(AppRights::READ).map_err(failure)?;
        let store = app.store();
        let wanted = convert::stored_ranges(&query.uids);
        let wanted = match query.changed_since {
            None => wanted,
            Some(since) => self.changed_uids(store, place, &wanted, since).await?,
        };
        let since = query.changed_since.map(convert::stored_modseq);
        let mut page = RowPage::default();
        let mut octets = 0;
        for range in wanted {
            let mut first = range.first;
            while first <= range.last {
                let room = PAGE_ROWS - page.rows.len();
                let uids = store::UidRange { first, last: range.last };
                let found = read_rows(store, place, uids, room, query).await?;
                let next = found.last().map(|last| last.row.uid + 1);
                let is_all = found.len() < room;
                let is_wanted = |row: &HeaderRow| since.is_none_or(|since| row.row.modseq > since);
                let mut found: VecDeque<HeaderRow> = found.into_iter().filter(is_wanted).collect();
                let mut ahead = Ahead::default();
                while let Some(row) = found.front() {
                    let uid = row.row.uid;
                    if query.content == Content::Whole {
                        ahead.fill(store, &found).await?;
                    }
                    let Some(row) = found.pop_front() else { break };
                    if let Some(row) = self.row(store, row, query, &mut ahead).await? {
                        octets += row.content.as_ref().map_or(0, Bytes::len);
                        page.rows.push(row);
                    }
                    if octets >= PAGE_OCTETS || page.rows.len() == PAGE_ROWS {
                        page.resume_at = Some(convert::uid(uid.saturating_add(1)));
                        self.note_resume(since, page.resume_at);
                        return Ok(page);
                    }
                }
                match next {
                    Some(next) if !is_all => first = next,
                    _ => break,
                }
            }
        }
        self.changed = None;
        Ok(page)
    }

    fn note_resume(&mut self, since: Option<i64>, resume_at: Option<u32>) {
        match (&mut self.changed, since, resume_at) {
            (Some(gathered), Some(_), Some(uid)) => gathered.next_uid = i64::from(uid),
            _ => self.changed = None,
        }
    }

    /// The messages among these that changed after a modseq. Gathered once for all pages of one
    /// question.
    async fn changed_uids(
        &mut self,
        store: &Store,
        place: &Place,
        wanted: &[store::UidRange],
        since: u64,
    ) -> Answer<Vec<store::UidRange>> {
        let since = convert::stored_modseq(since);
        let first = wanted.first().map_or(0, |range| range.first);
        let goes_on = self
            .changed
            .as_ref()
            .is_some_and(|known| known.since == since && known.next_uid <= first && first > 1);
        if !goes_on {
            let uids = gather_changed(store, place, since).await?;
            self.changed = Some(Gathered { since, next_uid: 0, uids });
        }
        let gathered = self.changed.as_ref().and_then(|known| known.uids.as_ref());
        let Some(uids) = gathered else { return Ok(wanted.to_vec()) };
        let is_wanted = |uid: &i64| wanted.iter().any(|range| range.contains(*uid));
        let within: Vec<i64> = match wanted {
            [one] => uids.iter().copied().filter(|uid| one.contains(*uid)).collect(),
            _ => uids.iter().copied().filter(is_wanted).collect(),
        };
        Ok(store::uid::runs(within))
    }

    /// A message with what is asked of it; `None` where it went meanwhile.
    async fn row(
        &mut self,
        store: &Store,
        found: HeaderRow,
        query: &RowQuery,
        ahead: &mut Ahead,
    ) -> Answer<Option<Row>> {
        let HeaderRow { row, envelope_fields, header_bytes } = found;
        let of = (row.message, header_bytes);
        let Some(content) = self.content(store, of, query.content, ahead).await? else {
            return Ok(None);
        };
        let preview = match query.preview {
            true => Some(preview(store, row.message).await?),
            false => None,
        };
        if self.has_unknown_keyword(row.flags) {
            self.reload_keywords(store).await?;
        }
        Ok(Some(Row {
            uid: convert::uid(row.uid),
            modseq: convert::modseq(row.modseq),
            flags: convert::flags(row.flags, &self.names),
            internal_at_ms: row.internal_at.0,
            saved_at_ms: row.saved_at.0,
            size_octets: u64::try_from(row.size_bytes).unwrap_or_default(),
            email_id: convert::email_id(row.message),
            thread_id: None,
            envelope_fields: envelope_fields.filter(|_| query.envelope),
            preview,
            content,
        }))
    }

    fn has_unknown_keyword(&self, flags: Flags) -> bool {
        let known = self.names.iter().fold(Flags::SYSTEM, |all, (flag, _)| all.with(*flag));
        !flags.without(known).is_empty()
    }

    /// What is asked of the octets; the outer `None` where the message is gone.
    async fn content(
        &self,
        store: &Store,
        (message, header_bytes): (MessageId, Option<i64>),
        asked: Content,
        ahead: &mut Ahead,
    ) -> Answer<Option<Option<Bytes>>> {
        let part = |offset: u64, octets: u64| {
            let cut = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
            store::message::content_part(store, message, cut(offset), cut(octets))
        };
        let content = match asked {
            Content::Nothing => return Ok(Some(None)),
            Content::Octets { offset, octets } => part(offset, octets).await,
            Content::Whole => return Ok(ahead.read.pop_front().flatten().map(Some)),
            Content::Header => match header_bytes.and_then(|bytes| u64::try_from(bytes).ok()) {
                Some(octets) => part(0, octets).await,
                None => {
                    let whole = store::message::content(store, message).await;
                    whole.map(|whole| whole.map(|whole| whole.slice(..split_header(&whole).1)))
                }
            },
        };
        Ok(content.map_err(unavailable)?.map(Some))
    }

    /// A page of what a search finds.
    pub(super) async fn search(
        &mut self,
        app: &App,
        place: &Place,
        query: &SearchQuery,
    ) -> Answer<Found> {
        let folder = store::folder::status_as_read(app.store(), self.folder.id, place.reader).await;
        let folder = folder.map_err(unavailable)?;
        let folder = folder.ok_or_else(|| failure(MailboxError::NotFound))?;
        let asked = AppQuery {
            uids: convert::stored_ranges(&query.uids),
            criterion: convert::criterion(&query.criterion, &self.keywords, clock::now()),
        };
        let found = app.search_folder(place, &folder, &asked).await.map_err(failure)?;
        let modseq = found.hits.iter().map(|(_, modseq)| *modseq).max().unwrap_or_default();
        let uids: Vec<i64> = found.hits.into_iter().map(|(uid, _)| uid).collect();
        Ok(Found {
            uids: convert::ranges(&store::uid::runs(uids)),
            modseq: u64::try_from(modseq).unwrap_or_default(),
            resume_at: found.resume_at.map(convert::uid),
        })
    }

    /// Changes flags.
    pub(super) async fn store_flags(
        &mut self,
        app: &App,
        place: &Place,
        uids: &[UidRange],
        change: &FlagChange,
    ) -> Answer<Stored> {
        let names: Vec<&str> = change.flags.keywords.iter().map(AsRef::as_ref).collect();
        self.keywords = app.keywords(place, &names).await.map_err(failure)?;
        self.names = named(&self.keywords);
        let has_all = names.iter().all(|name| {
            self.keywords.iter().any(|keyword| keyword.name.eq_ignore_ascii_case(name))
        });
        if !has_all && change.action != FlagAction::Remove && place.rights.allow(AppRights::WRITE) {
            let full = MailboxError::Limit("the mailbox has as many keywords as it can have");
            return Err(failure(full));
        }
        let flags = convert::stored_flags(&change.flags, &self.keywords);
        let operation = match change.action {
            FlagAction::Add => FlagOperation::Add(flags),
            FlagAction::Remove => FlagOperation::Remove(flags),
            FlagAction::Replace => FlagOperation::Replace(flags),
        };
        let since = change.unchanged_since.map(convert::stored_modseq);
        let uids = convert::stored_ranges(uids);
        let done = app.store_flags(place, &uids, operation, since).await.map_err(failure)?;
        Ok(Stored {
            modseq: u64::try_from(done.modseq).unwrap_or_default(),
            refused: convert::ranges(&done.refused),
        })
    }
}

/// Whole messages that were read ahead: many small ones cost one question to the store.
#[derive(Default)]
struct Ahead {
    read: VecDeque<Option<Bytes>>,
}

impl Ahead {
    /// Reads the first of some messages and those behind it, as far as they are few and small;
    /// nothing while some are left.
    async fn fill(&mut self, store: &Store, rows: &VecDeque<HeaderRow>) -> Answer<()> {
        if !self.read.is_empty() {
            return Ok(());
        }
        let mut octets = 0;
        let mut messages = Vec::new();
        for row in rows.iter().take(AHEAD_MESSAGES) {
            octets += row.row.size_bytes;
            if octets > AHEAD_OCTETS && !messages.is_empty() {
                break;
            }
            messages.push(row.row.message);
        }
        self.read = store::message::contents(store, &messages).await.map_err(unavailable)?.into();
        Ok(())
    }
}

/// Up to `limit` messages, with what lists show where that is asked.
async fn read_rows(
    store: &Store,
    place: &Place,
    uids: store::UidRange,
    limit: usize,
    query: &RowQuery,
) -> Answer<Vec<HeaderRow>> {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let (folder, reader) = (place.folder, place.reader);
    if query.envelope || query.content == Content::Header {
        return store::mailbox::headers(store, folder, reader, uids, limit)
            .await
            .map_err(unavailable);
    }
    let rows = store::mailbox::rows(store, folder, reader, uids, limit).await;
    let bare = |row| HeaderRow { row, envelope_fields: None, header_bytes: None };
    rows.map(|rows| rows.into_iter().map(bare).collect()).map_err(unavailable)
}

/// The UIDs that changed after a modseq, ascending; `None` where there are more than are gathered.
async fn gather_changed(store: &Store, place: &Place, since: i64) -> Answer<Option<Vec<i64>>> {
    let mut changes = store::mailbox::Changes::since(place.folder, place.reader, since);
    let mut uids = Vec::new();
    loop {
        let page = changes.next(store, PAGE_ROWS as u32).await.map_err(unavailable)?;
        if page.is_empty() {
            break;
        }
        uids.extend(page.into_iter().map(|row| row.uid));
        if uids.len() > CHANGED_MAX {
            return Ok(None);
        }
    }
    uids.sort_unstable();
    uids.dedup();
    Ok(Some(uids))
}

async fn keywords(store: &Store, folder: &Folder) -> Answer<Vec<Keyword>> {
    store::keyword::list(store, folder.id).await.map_err(unavailable)
}

fn named(keywords: &[Keyword]) -> Vec<(Flags, Arc<str>)> {
    keywords.iter().map(|keyword| (keyword.flag, Arc::from(keyword.name.as_str()))).collect()
}

/// The first words of a message, from its beginning.
async fn preview(store: &Store, message: MessageId) -> Answer<String> {
    let beginning = store::message::content_part(store, message, 0, PREVIEW_OCTETS).await;
    let beginning = beginning.map_err(unavailable)?.unwrap_or_default();
    Ok(mail::text::preview(&beginning, &Part::read(&beginning)))
}

/// Where copied messages are.
#[expect(clippy::needless_pass_by_value, reason = "it stands behind map")]
pub(super) fn copied(transferred: Transferred) -> Copied {
    Copied {
        uid_validity: transferred.uid_validity,
        source: convert::ranges(&transferred.from),
        target: convert::ranges(&transferred.to),
    }
}
