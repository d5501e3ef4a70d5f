//! Walking through many messages of a folder: what FETCH and SEARCH of large folders do.
//!
//! The caller's function sees each message where the engine holds it, so that a walk allocates
//! what it finds and not what it passes. A walk goes in pages: it says where to go on.

use std::ops::ControlFlow;

use bytes::Bytes;
use domain::{FolderId, MessageId};

use crate::columns::Columns;
use crate::failure::Failure;
use crate::mailbox::{
    FIELDS, FIELDS_AS_READ, HEADERS, HEADERS_AS_READ, HeaderRow, MARKS, MARKS_AS_READ, Mark, ROWS,
    ROWS_AS_READ, Reader, Row, mark, page, row_of,
};
use crate::store::{Query, Store};
use crate::uid::UidRange;

/// Ranges that are asked for at once; each is a query of its own.
const RANGES_AT_ONCE: usize = 256;

/// What is read of each message; less is faster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What changes of it.
    Marks,
    /// Its row.
    Rows,
    /// What changes of it, and its fields that lists show.
    Fields,
    /// Its row, and its fields that lists show.
    Headers,
}

impl Depth {
    /// What has to be read for one as well as for the other.
    #[must_use]
    pub fn with(self, other: Depth) -> Depth {
        match (self, other) {
            (Depth::Marks, depth) | (depth, Depth::Marks) => depth,
            _ if self == other => self,
            _ => Depth::Headers,
        }
    }
}

/// A walk through messages.
#[derive(Debug, Clone, Copy)]
pub struct Scan<'a> {
    /// The folder.
    pub folder: FolderId,
    /// Whose Seen is meant.
    pub reader: Reader,
    /// Which messages, in ascending ranges that do not touch.
    pub uids: &'a [UidRange],
    /// How many messages are looked at before it stops, at least 1.
    pub rows_max: u32,
    /// What is read of each.
    pub depth: Depth,
}

/// A message while it is walked by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowView<'r> {
    /// What changes of it.
    pub mark: Mark,
    /// Which message it is; `None` with [`Depth::Marks`].
    pub message: Option<MessageId>,
    /// All of its row, with [`Depth::Rows`] and [`Depth::Headers`].
    pub row: Option<Row>,
    /// The header fields of a list, where they were read and are kept.
    pub envelope_fields: Option<&'r [u8]>,
    /// How long its header section is, where that was read and somebody has counted.
    pub header_bytes: Option<i64>,
}

impl<'r> RowView<'r> {
    /// A row that was read, as a walk would show it.
    pub fn of(read: &'r HeaderRow) -> RowView<'r> {
        let row = read.row.clone();
        RowView {
            mark: Mark { uid: row.uid, modseq: row.modseq, flags: row.flags },
            message: Some(row.message),
            row: Some(row),
            envelope_fields: read.envelope_fields.as_deref(),
            header_bytes: read.header_bytes,
        }
    }

    /// The row to keep, where it was read.
    pub fn to_header_row(self) -> Option<HeaderRow> {
        Some(HeaderRow {
            row: self.row?,
            envelope_fields: self.envelope_fields.map(Bytes::copy_from_slice),
            header_bytes: self.header_bytes,
        })
    }
}

/// Walks by some messages, ascending by UID, and gives the UID to go on with, unless that was all.
/// A `step` that breaks is given the same message again by the next walk.
pub async fn scan<A: Send + 'static>(
    store: &Store,
    scan: &Scan<'_>,
    state: A,
    mut step: impl FnMut(&mut A, RowView<'_>) -> ControlFlow<()> + Send + 'static,
) -> Result<(A, Option<i64>), Failure> {
    let (queries, cut) = queries(scan);
    let depth = scan.depth;
    let start = (state, Passed::default());
    let (state, passed) = store
        .fold(queries, start, move |(state, passed), columns| {
            let view = view(columns, depth)?;
            let uid = view.mark.uid;
            if step(state, view).is_break() {
                passed.stopped_at = Some(uid);
                return Ok(ControlFlow::Break(()));
            }
            passed.note(uid, cut.from);
            Ok(ControlFlow::Continue(()))
        })
        .await?;
    Ok((state, passed.stopped_at.or_else(|| cut.resume_at(scan.uids, &passed))))
}

/// How far a walk has come.
#[derive(Debug, Default)]
struct Passed {
    /// Messages at or behind [`Cut::from`].
    count: u32,
    last: i64,
    stopped_at: Option<i64>,
}

impl Passed {
    fn note(&mut self, uid: i64, from: i64) {
        self.count += u32::from(uid >= from);
        self.last = uid;
    }
}

/// The last range that is asked for, which may have more messages than there is room for.
#[derive(Debug, Clone, Copy)]
struct Cut {
    from: i64,
    rows_max: u32,
    /// How many ranges are asked for.
    ranges: usize,
}

impl Cut {
    fn resume_at(&self, uids: &[UidRange], passed: &Passed) -> Option<i64> {
        let last = uids[..self.ranges].last()?;
        if passed.count >= self.rows_max && passed.last < last.last {
            return Some(passed.last + 1);
        }
        uids.get(self.ranges).map(|next| next.first)
    }
}

/// As many of the ranges as surely have no more messages than there is room for, but for the last.
fn queries(scan: &Scan<'_>) -> (Vec<Query>, Cut) {
    let texts = match scan.depth {
        Depth::Marks => (MARKS, MARKS_AS_READ),
        Depth::Rows => (ROWS, ROWS_AS_READ),
        Depth::Fields => (FIELDS, FIELDS_AS_READ),
        Depth::Headers => (HEADERS, HEADERS_AS_READ),
    };
    let mut queries = Vec::new();
    let mut cut = Cut { from: 0, rows_max: scan.rows_max.max(1), ranges: 0 };
    for range in scan.uids.iter().take(RANGES_AT_ONCE) {
        cut = Cut { from: range.first, ranges: cut.ranges + 1, ..cut };
        queries.push(page(texts, scan.folder, scan.reader, *range, cut.rows_max));
        match u32::try_from(range.span()).ok().and_then(|span| cut.rows_max.checked_sub(span)) {
            Some(left) if left > 0 && cut.ranges < scan.uids.len().min(RANGES_AT_ONCE) => {
                cut.rows_max = left;
            }
            _ => break,
        }
    }
    (queries, cut)
}

fn view<'r>(columns: &mut Columns<'r>, depth: Depth) -> Result<RowView<'r>, Failure> {
    let mark = mark(columns)?;
    let mut view =
        RowView { mark, message: None, row: None, envelope_fields: None, header_bytes: None };
    match depth {
        Depth::Marks => {}
        Depth::Fields => view.message = Some(MessageId(columns.int()?)),
        Depth::Rows | Depth::Headers => {
            let row = row_of(mark, columns)?;
            view.message = Some(row.message);
            view.row = Some(row);
        }
    }
    if matches!(depth, Depth::Fields | Depth::Headers) {
        view.envelope_fields = columns.opt_bytes()?;
        view.header_bytes = columns.opt_int()?;
    }
    Ok(view)
}
