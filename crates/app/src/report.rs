//! The report on rights to send: who may send as what or on behalf of what, directly or through
//! which group, since when, by whom given, why, until when, and when it was last used.
//!
//! The report covers Send As and Send on behalf; Full Access gives no right to send. It is made
//! part by part, a few ten thousand rows each ([`App::report_part`]), so that an organisation with
//! a million rights can be reported without holding the report in memory. A part says where the
//! next one begins. `csv`, `html` and `json` write rows; `mail` sends the monthly report.

mod csv;
mod html;
mod json;
pub(crate) mod mail;
mod period;
mod refused;
mod rows;
mod storage;
mod table;
mod texts;
pub(crate) mod volume;

use std::collections::HashSet;

use domain::{Directory, Language, RecipientId, Timestamp};

use crate::App;

pub use self::mail::ATTACHED_RIGHTS_MAX;
pub use json::row as json_row;
pub use period::{PERIOD_DAYS_DEFAULT, PERIOD_DAYS_MAX, Period};
pub use refused::{REFUSAL_KINDS_MAX, RefusalReport, RefusedCase, RefusedOnDay};
pub use rows::{ReportRow, RightState, RowMaker, Uses};
pub use storage::{Licences, MAILBOXES_MAX, StorageReport, Stored};
pub use table::Table;
pub use volume::{DayVolume, TeamVolume, VolumeReport};

/// Days after which a right that nobody used is marked, where nothing else is said.
pub const UNUSED_DAYS_DEFAULT: u32 = 90;
/// Rows after which a part ends; the rows of one recipient stay together.
const PART_ROWS: usize = 50_000;

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values (RFC 4180), safe to open in a spreadsheet.
    Csv,
    /// One JSON array of objects.
    Json,
    /// A page by itself that prints well.
    Html,
}

/// What is to be reported.
#[derive(Debug, Clone)]
pub struct ReportOrder {
    /// How it is written.
    pub format: Format,
    /// The language of what people read; names in CSV and JSON are the same in all.
    pub language: Language,
    /// Days after which a right that nobody used is marked.
    pub unused_days: u32,
    /// Only rights on these; all where there is none.
    pub recipients: Option<HashSet<RecipientId>>,
}

/// Where a part begins, and what was counted before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The last recipient of the part before.
    after: Option<RecipientId>,
    /// What was counted.
    pub summary: Summary,
}

/// What a report counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Rights that were given.
    pub rights: u64,
    /// Rights that nobody used for the given time.
    pub unused: u64,
    /// Of those, the ones that nobody ever used.
    pub never_used: u64,
    /// Rights whose end has passed.
    pub ended: u64,
}

/// A piece of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its text. The texts of all parts, one after the other, are the report.
    pub text: String,
    /// Where the next part begins; none after the last.
    pub next: Option<Cursor>,
    /// What was counted up to here.
    pub summary: Summary,
}

/// Why there is no part.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The recipient at which the part before ended is gone.
    #[error("the directory changed while the report was made: begin again")]
    Moved,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Failure),
}

impl Cursor {
    /// The cursor as a text that a client sends back.
    pub fn to_text(self) -> String {
        let Summary { rights, unused, never_used, ended } = self.summary;
        let after = self.after.map_or(0, |id| id.0);
        format!("{after}.{rights}.{unused}.{never_used}.{ended}")
    }

    /// Reads what [`to_text`](Cursor::to_text) wrote.
    pub fn from_text(text: &str) -> Option<Cursor> {
        let numbers: Vec<i64> =
            text.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let &[after, rights, unused, never_used, ended] = numbers.as_slice() else { return None };
        let count = |number: i64| u64::try_from(number).ok();
        let summary = Summary {
            rights: count(rights)?,
            unused: count(unused)?,
            never_used: count(never_used)?,
            ended: count(ended)?,
        };
        Some(Cursor { after: (after > 0).then_some(RecipientId(after)), summary })
    }
}

impl Summary {
    /// Counts a row.
    pub fn count(&mut self, row: &ReportRow<'_>) {
        // A person behind a group is shown beneath the group's right, which is counted once.
        if !row.via.is_empty() {
            return;
        }
        self.rights += 1;
        self.unused += u64::from(row.is_unused);
        self.never_used += u64::from(row.is_unused && row.last_used_at.is_none());
        self.ended += u64::from(row.state == RightState::Ended);
    }
}

impl App {
    /// The part of a report that begins at a cursor; the first one without.
    pub async fn report_part(
        &self,
        order: &ReportOrder,
        cursor: Option<Cursor>,
        now: Timestamp,
    ) -> Result<Part, ReportError> {
        let begin = cursor.unwrap_or_default();
        let (chosen, is_last) = self.recipients_of_part(order.recipients.as_ref(), begin.after)?;
        let uses = self.report_uses(&chosen).await?;
        let directory = self.directory();
        let mut text = String::new();
        let mut summary = begin.summary;
        let mut maker = RowMaker::new(&directory, &uses, (order.unused_days, now));
        let mut writer = Writer { order, directory: &directory, now, is_first: cursor.is_none() };
        writer.begin(&mut text);
        for recipient in &chosen {
            let rows = maker.rows_of(*recipient);
            rows.iter().for_each(|row| summary.count(row));
            writer.rows(&mut text, &rows);
        }
        if is_last {
            writer.end(&mut text, &summary);
        }
        let next = (!is_last).then(|| Cursor { after: chosen.last().copied(), summary });
        Ok(Part { text, next, summary })
    }

    /// The recipients of the part behind one, by name; none where that one is gone.
    pub fn report_recipients(
        &self,
        only: Option<&HashSet<RecipientId>>,
        after: Option<RecipientId>,
    ) -> Option<Vec<RecipientId>> {
        self.recipients_of_part(only, after).ok().map(|(chosen, _)| chosen)
    }

    /// When the rights on these recipients were last used.
    pub async fn report_uses(&self, recipients: &[RecipientId]) -> Result<Uses, store::Failure> {
        Ok(Uses::new(self.last_uses_of(recipients).await?))
    }

    /// The whole report, for one that is known to be small.
    pub async fn report(&self, order: &ReportOrder, now: Timestamp) -> Result<Part, ReportError> {
        let mut whole = self.report_part(order, None, now).await?;
        while let Some(cursor) = whole.next {
            let part = self.report_part(order, Some(cursor), now).await?;
            whole.text.push_str(&part.text);
            (whole.next, whole.summary) = (part.next, part.summary);
        }
        Ok(whole)
    }

    /// The recipients of the part behind `after`, by name, and whether it is the last part.
    fn recipients_of_part(
        &self,
        only: Option<&HashSet<RecipientId>>,
        after: Option<RecipientId>,
    ) -> Result<(Vec<RecipientId>, bool), ReportError> {
        let directory = self.directory();
        let all = rows::recipients_by_name(&directory, only);
        let begin = match after {
            None => 0,
            Some(last) => 1 + all.iter().position(|id| *id == last).ok_or(ReportError::Moved)?,
        };
        let mut chosen = Vec::new();
        let mut rows = 0;
        for id in &all[begin..] {
            chosen.push(*id);
            rows += directory.grants_on(*id).len();
            if rows >= PART_ROWS {
                break;
            }
        }
        let is_last = begin + chosen.len() == all.len();
        Ok((chosen, is_last))
    }
}

/// Writes the rows of a part in the format of the order.
struct Writer<'a> {
    order: &'a ReportOrder,
    directory: &'a Directory,
    now: Timestamp,
    /// Nothing of the report was written yet.
    is_first: bool,
}

impl Writer<'_> {
    fn begin(&self, text: &mut String) {
        if !self.is_first {
            return;
        }
        match self.order.format {
            Format::Csv => csv::begin(text),
            Format::Json => text.push('['),
            Format::Html => html::begin(text, self.order, self.directory, self.now),
        }
    }

    fn rows(&mut self, text: &mut String, rows: &[ReportRow<'_>]) {
        match self.order.format {
            Format::Csv => {
                let mut scratch = String::new();
                rows.iter().for_each(|row| csv::row(text, &mut scratch, row));
            }
            Format::Json => {
                for row in rows {
                    json::write(text, row, !self.is_first);
                    self.is_first = false;
                }
            }
            Format::Html => html::rows(text, self.order.language, rows),
        }
    }

    fn end(&self, text: &mut String, summary: &Summary) {
        match self.order.format {
            Format::Csv => {}
            Format::Json => text.push_str("\n]\n"),
            Format::Html => html::end(text, self.order, summary),
        }
    }
}

#[cfg(test)]
mod tests;
