//! Searching a folder: flags, dates and sizes from the rows, header fields as substrings, and words
//! of the text by the index.
//!
//! The index of words runs behind acceptance and says by a UID how far it has come; what is beyond
//! is read directly. A single word is answered by the index alone; several in a row are looked for
//! by the index and then in the messages that it names. Both make words with the same functions.
//!
//! A criterion is judged with what is known of a message so far, and more of the message is read
//! only while that leaves the answer open.

mod judge;

use std::collections::HashMap;

use domain::MessageId;
use store::folder::Folder;
use store::mailbox::HeaderRow;
use store::search::{Place as Where, Sought};
use store::uid::{merged, runs};
use store::{Flags, UidRange};

use super::{MailboxError, Place, Rights};
use crate::App;

use judge::{Facts, Judge, Known};

/// Rows that one page of a search looks at before it answers.
const PAGE_ROWS: u32 = 8_192;
/// Rows that are read at once.
const BATCH_ROWS: u32 = 512;
/// Messages of the index that one page of a search looks at for each text.
const PAGE_CANDIDATES: u32 = 50_000;
/// Whole messages that one page of a search reads before it answers.
const PAGE_CONTENTS: usize = 256;
/// Criteria within each other at most; deeper ones are refused before they are judged.
pub const CRITERION_DEPTH_MAX: usize = 64;

/// Which date of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOf {
    /// When it was received.
    Arrival,
    /// The Date field, without its zone.
    Sent,
    /// When it came into the folder.
    Saved,
}

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Criterion {
    /// Every message.
    All,
    /// All of these hold; empty holds always.
    And(Vec<Criterion>),
    /// One of these holds.
    Or(Vec<Criterion>),
    /// It does not hold.
    Not(Box<Criterion>),
    /// The message is one of these, in ascending ranges.
    Uids(Vec<UidRange>),
    /// It has all of these flags.
    Flags(Flags),
    /// A header field of that name has the text in it; an empty text asks for the field alone.
    Header {
        /// The name of the field.
        name: String,
        /// What its decoded value has in it.
        text: String,
    },
    /// Words in the text of the body.
    Body(String),
    /// Words in the header or the body.
    Text(String),
    /// The date is this day, counted from 1970-01-01, or a later one.
    OnOrAfter(DateOf, i64),
    /// The date is at this moment or later, in seconds since 1970.
    Since(DateOf, i64),
    /// More bytes than this.
    Larger(i64),
    /// Fewer bytes than this.
    Smaller(i64),
    /// The modseq is this or higher.
    ModseqFrom(i64),
    /// It is a copy of this message.
    Message(MessageId),
}

/// A search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    /// Among these, ascending.
    pub uids: Vec<UidRange>,
    /// What must hold.
    pub criterion: Criterion,
}

/// One page of what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// UIDs with the modseq of each, ascending.
    pub hits: Vec<(i64, i64)>,
    /// Ask again for the UIDs from this one on; `None`: that was all.
    pub resume_at: Option<i64>,
}

impl App {
    /// One page of the messages of a folder that match.
    pub async fn search_folder(
        &self,
        place: &Place,
        folder: &Folder,
        query: &SearchQuery,
    ) -> Result<Found, MailboxError> {
        place.require(Rights::READ)?;
        let uids = merged(&query.uids);
        let (Some(first), Some(last)) = (uids.first(), uids.last()) else {
            return Ok(Found::default());
        };
        let range = UidRange { first: first.first, last: last.last };
        let (judge, page_last) = self.judge(folder, &query.criterion, range).await?;
        let wanted = intersection(&uids, &judge.superset());
        let wanted = intersection(&wanted, &[UidRange { first: range.first, last: page_last }]);
        let is_cut = page_last < range.last;
        let mut found = Found { resume_at: is_cut.then(|| page_last + 1), ..Found::default() };
        let mut page = Page { app: self, place, judge, contents_left: PAGE_CONTENTS };
        let mut rows_left = PAGE_ROWS;
        // Behind `judge`, which refuses what is nested too deeply.
        let needs_fields = judge::needs_fields(&query.criterion);
        for batch in batches(&wanted) {
            let mut from = batch.first;
            while from <= batch.last {
                if rows_left == 0 || page.contents_left == 0 {
                    found.resume_at = Some(from);
                    return Ok(found);
                }
                let range = UidRange { first: from, last: batch.last };
                let limit = BATCH_ROWS.min(rows_left);
                let rows = self.rows_to_judge(place, (range, limit), needs_fields).await?;
                let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
                rows_left -= count.clamp(1, rows_left);
                let last = rows.last().map(|last| last.row.uid);
                if let Some(stopped_at) = page.take(rows, &wanted, &mut found).await? {
                    found.resume_at = Some(stopped_at);
                    return Ok(found);
                }
                match last {
                    Some(last) if count == limit && last < batch.last => from = last + 1,
                    _ => break,
                }
            }
        }
        Ok(found)
    }

    /// Rows, with the fields that lists show where they may be needed.
    async fn rows_to_judge(
        &self,
        place: &Place,
        (range, limit): (UidRange, u32),
        needs_fields: bool,
    ) -> Result<Vec<HeaderRow>, MailboxError> {
        let (store, folder, reader) = (&self.store, place.folder, place.reader);
        if needs_fields {
            return Ok(store::mailbox::headers(store, folder, reader, range, limit).await?);
        }
        let rows = store::mailbox::rows(store, folder, reader, range, limit).await?;
        let bare = |row| HeaderRow { row, envelope_fields: None, header_bytes: None };
        Ok(rows.into_iter().map(bare).collect())
    }

    /// The criterion with what the index knows about its words in a range of UIDs, and up to which
    /// of them it was asked.
    async fn judge<'a>(
        &self,
        folder: &Folder,
        criterion: &'a Criterion,
        mut range: UidRange,
    ) -> Result<(Judge<'a>, i64), MailboxError> {
        let mut texts = Vec::new();
        if !judge::collect_texts(criterion, 0, &mut texts) {
            return Err(MailboxError::Limit(
                "the search has too many levels: ask for less at once",
            ));
        }
        let mut known = HashMap::new();
        for (text, is_in_header_too) in texts {
            let Some(words) = judge::words(text) else { continue };
            let sought = [Sought {
                text: words.join(" "),
                is_prefix: true,
                place: if is_in_header_too { Where::Anywhere } else { Where::Body },
            }];
            let candidates =
                store::search::candidates(&self.store, folder.id, &sought, range, PAGE_CANDIDATES);
            let candidates = candidates.await?.unwrap_or_default();
            if candidates.len() >= PAGE_CANDIDATES as usize {
                range.last = candidates.last().copied().unwrap_or(range.last);
            }
            let known_of = Known { candidates: runs(candidates), is_exact: words.len() == 1 };
            known.insert((text, is_in_header_too), known_of);
        }
        Ok((Judge { criterion, known, indexed_uid: folder.indexed_uid }, range.last))
    }
}

/// One page in the making.
struct Page<'a> {
    app: &'a App,
    place: &'a Place,
    judge: Judge<'a>,
    contents_left: usize,
}

impl Page<'_> {
    /// Judges rows. Gives the UID to go on with where it stops before their end.
    async fn take(
        &mut self,
        rows: Vec<HeaderRow>,
        wanted: &[UidRange],
        found: &mut Found,
    ) -> Result<Option<i64>, MailboxError> {
        for row in rows {
            let (uid, modseq) = (row.row.uid, row.row.modseq);
            if !contains(wanted, uid) {
                continue;
            }
            if self.contents_left == 0 {
                return Ok(Some(uid));
            }
            if self.holds(row).await? {
                found.hits.push((uid, modseq));
            }
        }
        Ok(None)
    }

    async fn holds(&mut self, row: HeaderRow) -> Result<bool, MailboxError> {
        let message = row.row.message;
        let header_bytes = row.header_bytes;
        let mut facts = Facts::of(row);
        if let Some(answer) = self.judge.judge(&facts) {
            return Ok(answer);
        }
        if let Some(length) = header_bytes.and_then(|bytes| u32::try_from(bytes).ok()) {
            let header = store::message::content_part(&self.app.store, message, 0, length).await?;
            facts.header = header;
            if let Some(answer) = self.judge.judge(&facts) {
                return Ok(answer);
            }
        }
        self.contents_left -= 1;
        // A message that went meanwhile matches nothing.
        let content = store::message::content(&self.app.store, message).await?;
        facts.read_whole(&content.unwrap_or_default());
        debug_assert!(self.place.rights.allow(Rights::READ), "asked for by the page");
        Ok(self.judge.judge(&facts).unwrap_or(false))
    }
}

/// UIDs so near each other that one read for all of them costs less than one for each.
const NEAR: i64 = 64;

/// The ranges with those put together that are near each other.
fn batches(ranges: &[UidRange]) -> Vec<UidRange> {
    let mut out: Vec<UidRange> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(before) if range.first.saturating_sub(before.last) <= NEAR => {
                before.last = range.last;
            }
            _ => out.push(*range),
        }
    }
    out
}

/// Whether a UID is in ascending ranges.
fn contains(ranges: &[UidRange], uid: i64) -> bool {
    let at = ranges.partition_point(|range| range.last < uid);
    ranges.get(at).is_some_and(|range| range.contains(uid))
}

/// What is in both of two lists of ascending ranges.
fn intersection(one: &[UidRange], other: &[UidRange]) -> Vec<UidRange> {
    let mut out = Vec::new();
    let (mut a, mut b) = (0, 0);
    while let (Some(x), Some(y)) = (one.get(a), other.get(b)) {
        let both = UidRange { first: x.first.max(y.first), last: x.last.min(y.last) };
        if both.first <= both.last {
            out.push(both);
        }
        if x.last < y.last { a += 1 } else { b += 1 }
    }
    out
}

#[cfg(test)]
mod tests;
