//! The open folder: its messages page by page, what changed, searching and flags.

use std::collections::VecDeque;
use std::ops::ControlFlow;
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
use store::scan::{Depth, RowView, Scan, scan};
use store::transfer::Transferred;
use store::{Flags, FolderWatch, Store};

use super::convert::{self, failure, unavailable};
use super::folders;
use crate::clock;

/// Messages of a page with header fields or content.
const FULL_ROWS: usize = 256;
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
    pub(super) watch: FolderWatch,
    /// Something was heard, and reading it has not come to an end.
    is_unread: bool,
    keywords: Vec<Keyword>,
    names: Arc<[(Flags, Arc<str>)]>,
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
        let watch = app.store().watch_folder(folder.id);
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
        let open =
            Open { folder: opened.folder, watch, is_unread: false, keywords, names, changed: None };
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
        // Other processes on the same database may be heard later than they commit.
        if self.is_unread || self.watch.has_changed() || !store.is_embedded() {
            self.is_unread = true;
            self.watch.look();
            let folder = store::folder::status_as_read(store, self.folder.id, place.reader).await;
            let folder = folder.map_err(unavailable)?;
            self.folder = folder.ok_or_else(|| failure(MailboxError::NotFound))?;
            self.is_unread = false;
        }
        let modseq = convert::modseq(self.folder.modseq);
        let uid_next = convert::uid(self.folder.uid_next);
        if modseq == since {
            return Ok(Changes { modseq, uid_next, vanished: Vec::new(), keywords: None });
        }
        let since = convert::stored_modseq(since);
        let gone = store::mailbox::gaps_since(store, self.folder.id, since).await;
        let gone = gone.map_err(unavailable)?;
        let has_more = self.reload_keywords(store).await?;
        Ok(Changes {
            modseq,
            uid_next,
            vanished: convert::ranges(&gone),
            keywords: has_more.then(|| convert::names(&self.keywords)),
        })
    }

    /// Reads the keywords again; false where there are no more than before.
    async fn reload_keywords(&mut self, store: &Store) -> Answer<bool> {
        let known = self.keywords.len();
        self.keywords = keywords(store, &self.folder).await?;
        self.names = named(&self.keywords);
        Ok(self.keywords.len() > known)
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
        let mut wanted = convert::stored_ranges(&query.uids);
        if let Some(since) = query.changed_since {
            wanted = self.changed_uids(store, place, &wanted, since).await?;
        }
        let since = query.changed_since.map(convert::stored_modseq);
        let wanted = (wanted.as_slice(), since);
        let page = match (query.content, query.preview) {
            (Content::Nothing, false) => self.listed(store, place, wanted, query).await?,
            _ => self.read_page(store, place, wanted, query).await?,
        };
        match (&mut self.changed, page.resume_at) {
            (Some(gathered), Some(uid)) if since.is_some() => gathered.next_uid = i64::from(uid),
            _ => self.changed = None,
        }
        Ok(page)
    }

    /// A page of messages of which nothing has to be read but what is kept beside them. They become
    /// rows of IMAP where the store walks by them.
    async fn listed(
        &mut self,
        store: &Store,
        place: &Place,
        (wanted, since): (&[store::UidRange], Option<i64>),
        query: &RowQuery,
    ) -> Answer<RowPage> {
        let (depth, rows_max) = match (query.envelope, query.details) {
            (true, _) => (Depth::Headers, FULL_ROWS),
            (false, true) => (Depth::Rows, PAGE_ROWS),
            (false, false) => (Depth::Marks, PAGE_ROWS),
        };
        let walk = walk(place, wanted, (depth, rows_max));
        loop {
            let names = Arc::clone(&self.names);
            let step = move |(rows, flags): &mut (Vec<Row>, Flags), view: RowView<'_>| {
                if since.is_none_or(|since| view.mark.modseq > since) {
                    *flags = flags.with(view.mark.flags);
                    rows.push(convert::row(&view, &names));
                }
                ControlFlow::Continue(())
            };
            let start = (Vec::with_capacity(rows_max), Flags(0));
            let ((rows, flags), resume_at) =
                scan(store, &walk, start, step).await.map_err(unavailable)?;
            if self.has_unknown_keyword(flags) && self.reload_keywords(store).await? {
                continue;
            }
            return Ok(RowPage { rows, resume_at: resume_at.map(convert::uid) });
        }
    }

    /// A page of messages with octets of their own.
    async fn read_page(
        &mut self,
        store: &Store,
        place: &Place,
        (wanted, since): (&[store::UidRange], Option<i64>),
        query: &RowQuery,
    ) -> Answer<RowPage> {
        let is_header = query.envelope || query.content == Content::Header;
        let depth = if is_header { Depth::Headers } else { Depth::Rows };
        let walk = walk(place, wanted, (depth, FULL_ROWS));
        let step = move |found: &mut VecDeque<HeaderRow>, view: RowView<'_>| {
            if since.is_none_or(|since| view.mark.modseq > since) {
                found.extend(view.to_header_row());
            }
            ControlFlow::Continue(())
        };
        let (mut found, resume_at) =
            scan(store, &walk, VecDeque::new(), step).await.map_err(unavailable)?;
        let mut page = RowPage { rows: Vec::new(), resume_at: resume_at.map(convert::uid) };
        let mut octets = 0;
        let mut ahead = Ahead::default();
        while let Some(next) = found.front() {
            if octets >= PAGE_OCTETS {
                page.resume_at = Some(convert::uid(next.row.uid));
                break;
            }
            if query.content == Content::Whole {
                ahead.fill(store, &found).await?;
            }
            let Some(row) = found.pop_front() else { break };
            if let Some(row) = self.row(store, row, query, &mut ahead).await? {
                octets += row.content.as_ref().map_or(0, Bytes::len);
                page.rows.push(row);
            }
        }
        Ok(page)
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
        let of = (found.row.message, found.header_bytes);
        let Some(content) = self.content(store, of, query.content, ahead).await? else {
            return Ok(None);
        };
        let preview = match query.preview {
            true => Some(preview(store, found.row.message).await?),
            false => None,
        };
        if self.has_unknown_keyword(found.row.flags) {
            self.reload_keywords(store).await?;
        }
        let row = convert::row(&RowView::of(&found), &self.names);
        Ok(Some(Row { preview, content, ..row }))
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
            modseq: query.modseq,
        };
        let found = app.search_folder(place, &folder, &asked).await.map_err(failure)?;
        Ok(Found {
            uids: convert::ranges(&found.uids),
            modseq: u64::try_from(found.modseq).unwrap_or_default(),
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

/// A walk through messages of the open folder.
fn walk<'a>(
    place: &Place,
    uids: &'a [store::UidRange],
    (depth, rows_max): (Depth, usize),
) -> Scan<'a> {
    let rows_max = u32::try_from(rows_max).unwrap_or(u32::MAX);
    Scan { folder: place.folder, reader: place.reader, uids, rows_max, depth }
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

fn named(keywords: &[Keyword]) -> Arc<[(Flags, Arc<str>)]> {
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
