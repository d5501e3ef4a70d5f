//! Pieces: how a change of many messages is cut, so that no write set holds the writer for long and
//! none has more statements than a page of ranges.
//!
//! Every piece is committed by itself. Whoever comes in between sees a folder that is right, with
//! some of the messages changed and some not yet; IMAP allows that for all but COPY.

use domain::FolderId;

use crate::failure::Failure;
use crate::store::Store;
use crate::uid::{self, UidRange};
use crate::value::Row;

/// Messages that one piece may change.
pub(crate) const PIECE_MESSAGES_MAX: i64 = 4096;
/// Ranges that one piece may name; each costs a few statements.
pub(crate) const PIECE_RANGES_MAX: usize = 256;

// The end of what a piece takes from a range: its last message, or so many messages on.
const PIECE_END: &str = "select uid from placement
      where folder_id = $1 and uid >= $2 and uid <= $3
      order by uid limit 1 offset $4";

pub(crate) const STATEMENTS: &[&str] = &[PIECE_END];

/// Ranges of UIDs that are cut into pieces as they are taken.
pub(crate) struct Pieces {
    folder: FolderId,
    /// What is left, the lowest last.
    left: Vec<UidRange>,
}

impl Pieces {
    pub(crate) fn of(folder: FolderId, uids: &[UidRange]) -> Pieces {
        let mut left = uid::merged(uids);
        left.reverse();
        Pieces { folder, left }
    }

    /// The next piece; empty when nothing is left.
    pub(crate) async fn next(&mut self, store: &Store) -> Result<Vec<UidRange>, Failure> {
        let mut piece = Vec::new();
        let mut room = PIECE_MESSAGES_MAX;
        while room > 0
            && piece.len() < PIECE_RANGES_MAX
            && let Some(range) = self.left.pop()
        {
            if range.span() <= room {
                room -= range.span();
                piece.push(range);
                continue;
            }
            // A wide range may have few messages: count them, not its UIDs.
            let params =
                vec![self.folder.into(), range.first.into(), range.last.into(), room.into()];
            match store.row(PIECE_END, params).await? {
                None => {
                    piece.push(range);
                    room = 0;
                }
                Some(mut beyond) => {
                    let beyond = beyond.int()?;
                    self.left.push(UidRange { first: beyond, last: range.last });
                    piece.push(UidRange { first: range.first, last: beyond - 1 });
                    room = 0;
                }
            }
        }
        Ok(piece)
    }
}

/// What the statements of a piece answer: pairs of a kind and a number.
#[derive(Debug, Default)]
pub(crate) struct Answers(Vec<(i64, i64)>);

/// The kinds of numbers that statements answer with. They stand as digits in the statements.
pub(crate) const ANSWERED_MODSEQ: i64 = 0;
pub(crate) const ANSWERED_REFUSED: i64 = 1;
pub(crate) const ANSWERED_CHANGED: i64 = 2;
pub(crate) const ANSWERED_UID_NEXT: i64 = 3;
pub(crate) const ANSWERED_VALIDITY: i64 = 4;

impl Answers {
    pub(crate) fn read(rows: Vec<Row>) -> Result<Answers, Failure> {
        let pairs = rows.into_iter().map(|mut row| Ok((row.int()?, row.int()?)));
        Ok(Answers(pairs.collect::<Result<_, Failure>>()?))
    }

    /// All numbers of a kind.
    pub(crate) fn all(&self, kind: i64) -> Vec<i64> {
        self.0.iter().filter(|(of, _)| *of == kind).map(|(_, number)| *number).collect()
    }

    /// The only number of a kind.
    pub(crate) fn one(&self, kind: i64) -> Result<i64, Failure> {
        let found = self.0.iter().find(|(of, _)| *of == kind);
        found.map(|(_, number)| *number).ok_or_else(|| Failure::corrupt("an answer is missing"))
    }
}
