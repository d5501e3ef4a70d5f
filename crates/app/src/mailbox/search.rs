//! Searching a folder: flags, dates and sizes from the rows, header fields as substrings, and words
//! of the text by the index.
//!
//! The index of words runs behind acceptance and says by a UID how far it has come; what is beyond
//! is read directly. A single word is answered by the index alone; several in a row are looked for
//! by the index and then in the messages that it names. Both make words with the same functions.
//!
//! A criterion is judged with what is known of a message so far, and more of the message is read
//! only while that leaves the answer open. Rows are judged where the store walks by them; where the
//! index and the folder's counters know all, none is looked at.

mod judge;

use std::ops::ControlFlow;
use std::sync::Arc;

use domain::MessageId;
use store::folder::Folder;
use store::mailbox::{Mark, Reader, Row};
use store::scan::{RowView, Scan, scan};
use store::search::{Place as Where, Sought};
use store::uid::{merged, runs};
use store::{Flags, UidRange};

use super::{MailboxError, Place, Rights};
use crate::App;

use judge::{Before, Facts, Judge, Known, Whole};

/// Rows that one page of a search looks at before it answers.
const PAGE_ROWS: u32 = 65_536;
/// Rows that are looked at in one go; nobody else has that thread of the store meanwhile.
const BATCH_ROWS: u32 = 4_096;
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
    /// Whether [`Found::modseq`] is wanted.
    pub modseq: bool,
}

/// One page of what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// What matches, ascending. Where no message had to be looked at, some may be gone.
    pub uids: Vec<UidRange>,
    /// The highest modseq among them, where asked for; 0 where nothing was found.
    pub modseq: i64,
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
        let reader = place.reader;
        let (judge, page_last) = self.judge((folder, reader), &query.criterion, range).await?;
        let wanted = intersection(&uids, &judge.superset());
        let mut wanted = intersection(&wanted, &[UidRange { first: range.first, last: page_last }]);
        let is_cut = page_last < range.last;
        let mut found = Found { resume_at: is_cut.then(|| page_last + 1), ..Found::default() };
        if !query.modseq
            && let Some((matching, until)) = judge.matches()
        {
            let known = [UidRange { first: range.first, last: until }];
            found.uids = intersection(&intersection(&wanted, &known), &matching);
            wanted = from(&wanted, until.saturating_add(1));
        }
        let judge = Arc::new(judge);
        let (mut rows_left, mut contents_left) = (PAGE_ROWS, PAGE_CONTENTS);
        while let (Some(next), Some(last)) = (wanted.first(), wanted.last()) {
            if rows_left == 0 || contents_left == 0 {
                found.resume_at = Some(next.first);
                break;
            }
            let walk = Scan {
                folder: place.folder,
                reader,
                uids: &wanted,
                rows_max: BATCH_ROWS.min(rows_left),
                depth: judge.depth(last.last),
            };
            let judged = Judged::with_room(contents_left);
            let by = Arc::clone(&judge);
            let step = move |judged: &mut Judged, view: RowView<'_>| judged.take(&by, &view);
            let (judged, resume_at) = scan(&self.store, &walk, judged, step).await?;
            rows_left -= judged.rows.clamp(1, rows_left);
            contents_left -= judged.open.len();
            self.add_judged(&judge, judged, &mut found).await?;
            wanted = resume_at.map_or_else(Vec::new, |uid| from(&wanted, uid));
        }
        found.uids = merged(&found.uids);
        if !query.modseq {
            found.modseq = 0;
        }
        Ok(found)
    }

    /// Adds what matches of the messages that were walked by; reads those that are not decided.
    async fn add_judged(
        &self,
        judge: &Judge,
        judged: Judged,
        found: &mut Found,
    ) -> Result<(), MailboxError> {
        found.uids.extend(judged.hits);
        found.modseq = found.modseq.max(judged.modseq);
        for open in judged.open {
            if self.holds(judge, &open).await? {
                found.uids.push(UidRange::of(open.mark.uid));
                found.modseq = found.modseq.max(open.mark.modseq);
            }
        }
        Ok(())
    }

    /// Reads as much of a message as judging it needs.
    async fn holds(&self, judge: &Judge, open: &Open) -> Result<bool, MailboxError> {
        let (mark, row) = (open.mark, open.row.as_ref());
        let bare = Facts { mark, row, envelope: None, header: None, whole: None };
        let length = open.header_bytes.and_then(|bytes| u32::try_from(bytes).ok());
        if let Some(length) = length.filter(|_| judge.asks_header()) {
            let header = store::message::content_part(&self.store, open.message, 0, length).await?;
            let facts = Facts { header: header.as_deref(), ..bare };
            if let Some(answer) = judge.judge(&facts) {
                return Ok(answer);
            }
        }
        // A message that went meanwhile matches nothing.
        let content = store::message::content(&self.store, open.message).await?;
        let whole = Whole::read(&content.unwrap_or_default());
        let facts = Facts { header: Some(&whole.header), whole: Some(&whole), ..bare };
        Ok(judge.judge(&facts).unwrap_or(false))
    }

    /// The criterion with what the index knows about its words in a range of UIDs, and up to which
    /// of them it was asked.
    async fn judge(
        &self,
        (folder, reader): (&Folder, Reader),
        criterion: &Criterion,
        mut range: UidRange,
    ) -> Result<(Judge, i64), MailboxError> {
        let mut texts = Vec::new();
        if !judge::collect_texts(criterion, 0, &mut texts) {
            return Err(MailboxError::Limit(
                "the search has too many levels: ask for less at once",
            ));
        }
        let mut known = Vec::with_capacity(texts.len());
        for (text, is_in_header_too) in texts {
            let Some(words) = judge::words(text) else {
                known.push(None);
                continue;
            };
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
            known.push(Some(Known { candidates: runs(candidates), is_exact: words.len() == 1 }));
        }
        let mut before = Before { folder, unseen: None, known: known.into_iter() };
        if judge::asks_seen(criterion) && judge::counted(Flags::SEEN, folder).is_none() {
            before.unseen = Some(store::unseen::unseen(&self.store, folder, reader).await?);
        }
        Ok((Judge::new(criterion, before), range.last))
    }
}

/// Messages that were walked by: those that match, and those of which more has to be read.
#[derive(Debug, Default)]
struct Judged {
    hits: Vec<UidRange>,
    /// The highest of the hits.
    modseq: i64,
    open: Vec<Open>,
    /// How many may stay open.
    room: usize,
    rows: u32,
}

/// A message that is not decided yet.
#[derive(Debug)]
struct Open {
    mark: Mark,
    message: MessageId,
    row: Option<Row>,
    header_bytes: Option<i64>,
}

impl Judged {
    fn with_room(room: usize) -> Judged {
        Judged { room, ..Judged::default() }
    }

    fn take(&mut self, judge: &Judge, view: &RowView<'_>) -> ControlFlow<()> {
        let facts = Facts {
            mark: view.mark,
            row: view.row.as_ref(),
            envelope: view.envelope_fields,
            header: None,
            whole: None,
        };
        match (judge.judge(&facts), view.message) {
            (Some(true), _) => {
                self.modseq = self.modseq.max(view.mark.modseq);
                match self.hits.last_mut() {
                    Some(run) if run.last + 1 == view.mark.uid => run.last += 1,
                    _ => self.hits.push(UidRange::of(view.mark.uid)),
                }
            }
            (Some(false), _) => {}
            (None, _) if self.open.len() == self.room => return ControlFlow::Break(()),
            (None, Some(message)) => {
                let (row, header_bytes) = (view.row.clone(), view.header_bytes);
                self.open.push(Open { mark: view.mark, message, row, header_bytes });
            }
            (None, None) => debug_assert!(false, "the depth was chosen by the criterion"),
        }
        self.rows += 1;
        ControlFlow::Continue(())
    }
}

/// Whether a UID is in ascending ranges.
fn contains(ranges: &[UidRange], uid: i64) -> bool {
    let at = ranges.partition_point(|range| range.last < uid);
    ranges.get(at).is_some_and(|range| range.contains(uid))
}

/// What is in ascending ranges from a UID on.
fn from(ranges: &[UidRange], first: i64) -> Vec<UidRange> {
    intersection(ranges, &[UidRange { first, last: i64::MAX }])
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
