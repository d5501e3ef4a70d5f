//! Messages read by their structure: what is in them without holding all of them, and any range of
//! their octets. A page shows a message of any size with little memory, and an attachment is
//! handed on piece by piece.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use mail::mime::{Outline, Part};
use store::mailbox::Row;
use store::message;

use crate::App;
use crate::mailbox::{MailboxError, Place};

/// Octets of a message that are asked of the database at once. SQLite walks to each range from the
/// beginning of the message, so that small ones would cost more than they save.
pub const OCTETS_AT_ONCE: usize = 1024 * 1024;

/// What is in a message, without its octets.
#[derive(Debug, Clone)]
pub struct Structure {
    /// Its place.
    pub row: Row,
    /// What it is made of; ranges are those of the message.
    pub message: Part,
    /// Its header section.
    pub header: Bytes,
}

impl App {
    /// Reads the structure of a message.
    pub async fn structure(&self, place: &Place, uid: i64) -> Result<Structure, MailboxError> {
        let row = self.message_row(place, uid).await?;
        let mut outline = Outline::default();
        let mut from = 0;
        loop {
            let piece = self.octets(&row, from..from + OCTETS_AT_ONCE).await?;
            outline.push(&piece);
            from += piece.len();
            if piece.len() < OCTETS_AT_ONCE {
                break;
            }
        }
        let (message, header) = outline.finish();
        Ok(Structure { row, message, header: header.into() })
    }

    /// The octets of a range of a message, fewer where it ends before. For a row that was asked for
    /// a moment ago; whoever asks bounds how much that is.
    pub async fn octets(&self, row: &Row, range: Range<usize>) -> Result<Bytes, MailboxError> {
        let mut out = BytesMut::new();
        let mut from = range.start;
        while from < range.end {
            let wanted = (range.end - from).min(OCTETS_AT_ONCE);
            let cut = |octets: usize| u32::try_from(octets).unwrap_or(u32::MAX);
            let part = message::content_part(&self.store, row.message, cut(from), cut(wanted));
            let part = part.await?.ok_or(MailboxError::NotFound)?;
            from += part.len();
            let is_end = part.len() < wanted;
            if out.is_empty() && (is_end || from >= range.end) {
                return Ok(part);
            }
            out.extend_from_slice(&part);
            if is_end {
                break;
            }
        }
        Ok(out.freeze())
    }

    /// The body of a part, at most so many octets of it, with the part as it stands by itself in
    /// front of them.
    pub async fn part_octets(
        &self,
        row: &Row,
        part: &Part,
        octets_max: usize,
    ) -> Result<(Part, Bytes), MailboxError> {
        let end = part.body.end.min(part.body.start.saturating_add(octets_max));
        let octets = self.octets(row, part.body.start..end).await?;
        let mut alone = part.by_itself();
        alone.body = 0..octets.len();
        Ok((alone, octets))
    }
}
