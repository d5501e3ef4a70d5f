//! The index of words: which messages have which words in their header or in their text.
//!
//! Messages are indexed after they are accepted; a folder remembers up to which UID it is done.
//! Words are cut and folded here, the same for both engines, so that both find the same. What the
//! index gives are candidates: beginnings of words are compared up to [`WORD_CHARS_MAX`], and
//! a word of a long message may be missing (see [`INDEXED_OCTETS_MAX`]).

use std::borrow::Cow;
use std::collections::HashSet;

use domain::{FolderId, MessageId};

use crate::failure::Failure;
use crate::store::Store;
use crate::uid::UidRange;
use crate::write_set::{Rank, WriteSet};

/// Characters of a word that count; longer ones are mostly encoded data.
pub const WORD_CHARS_MAX: usize = 64;
/// Octets of different words that are indexed of one message. PostgreSQL takes a mebibyte, with
/// what it keeps beside each.
pub const INDEXED_OCTETS_MAX: usize = 256 * 1024;
/// Accents that follow their letter, in texts that write them apart.
const COMBINING: std::ops::RangeInclusive<char> = '\u{300}'..='\u{36f}';

const INDEX: &str = "{insert_words}";

const ADVANCE: &str = "update folder set indexed_uid = $2 where id = $1 and indexed_uid < $2";

const BEHIND: &str = "select id, indexed_uid from folder
      where indexed_uid < uid_next - 1 order by id limit $1";

const NOT_INDEXED: &str = "select p.uid, p.message_id,
            case when exists (select 1 from message_words w
                               where w.{words_id} = p.message_id) then 1 else 0 end
       from placement p
      where p.folder_id = $1 and p.uid > $2 order by p.uid limit $3";

const CANDIDATES: &str = "select p.uid
       from {found_messages} as w {then_join} placement p
      where p.message_id = w.message_id and p.folder_id = $1 and p.uid >= $3 and p.uid <= $4
      order by p.uid limit $5";

pub(crate) const STATEMENTS: &[&str] = &[INDEX, ADVANCE, BEHIND, NOT_INDEXED, CANDIDATES];

/// Where a word is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the header section.
    Header,
    /// In the text.
    Body,
    /// In either.
    Anywhere,
}

/// Words that a message must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// One word, or several with anything between them: then all of them, in any order.
    pub text: String,
    /// Whether the last word may be the beginning of one.
    pub is_prefix: bool,
    /// Where.
    pub place: Place,
}

/// A message that is next to be indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotIndexed {
    /// Its number in the folder.
    pub uid: i64,
    /// The message.
    pub message: MessageId,
    /// Whether it came to the index with another folder already.
    pub is_known: bool,
}

/// The words of a text as the index has them: lower case, cut at everything that is neither a
/// letter nor a digit. An address is several.
pub fn words(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.split(|c: char| !c.is_alphanumeric() && !COMBINING.contains(&c))
        .filter(|word| !word.is_empty())
        .map(as_indexed)
}

/// Most words come folded, and are taken as they are.
fn as_indexed(word: &str) -> Cow<'_, str> {
    let is_plain = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit();
    if word.len() <= WORD_CHARS_MAX && word.bytes().all(is_plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(word.chars().flat_map(char::to_lowercase).take(WORD_CHARS_MAX).collect())
}

/// Indexes a message by the words of its header and of its text. What was indexed of it before is
/// replaced; a message that is gone meanwhile is left out.
pub fn index(set: &mut WriteSet, message: MessageId, header: &str, body: &str) {
    let header = words(header).map(|word| ('h', word));
    let body = words(body).map(|word| ('b', word));
    let mut known = HashSet::new();
    let mut text = String::new();
    for (place, word) in header.chain(body) {
        // A space between the words, and the letter of the place.
        let octets = text.len() + 1 + place.len_utf8() + word.len();
        if octets <= INDEXED_OCTETS_MAX && known.insert((place, word.clone())) {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push(place);
            text.push_str(&word);
        }
    }
    set.push(INDEX, vec![message.into(), text.into()]);
}

/// Notes that a folder's messages up to `uid` are in the index.
pub fn advance(set: &mut WriteSet, folder: FolderId, uid: i64) {
    set.push_ranked(Rank::Folder(folder), ADVANCE, vec![folder.into(), uid.into()]);
}

/// Up to `limit` folders with messages that are not in the index, and up to which UID they are.
pub async fn folders_behind(store: &Store, limit: u32) -> Result<Vec<(FolderId, i64)>, Failure> {
    let rows = store.rows(BEHIND, vec![limit.into()]).await?;
    rows.into_iter().map(|mut row| Ok((FolderId(row.int()?), row.int()?))).collect()
}

/// Up to `limit` messages of a folder behind a UID, ascending.
pub async fn not_indexed(
    store: &Store,
    folder: FolderId,
    after_uid: i64,
    limit: u32,
) -> Result<Vec<NotIndexed>, Failure> {
    let params = vec![folder.into(), after_uid.into(), limit.into()];
    let rows = store.rows(NOT_INDEXED, params).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(NotIndexed {
                uid: row.int()?,
                message: MessageId(row.int()?),
                is_known: row.bool()?,
            })
        })
        .collect()
}

/// Up to `limit` UIDs of a range whose messages have all that is sought, ascending. `None` where
/// nothing sought has a word, so that the index cannot tell.
pub async fn candidates(
    store: &Store,
    folder: FolderId,
    sought: &[Sought],
    uids: UidRange,
    limit: u32,
) -> Result<Option<Vec<i64>>, Failure> {
    let Some(question) = question(sought, store.is_embedded()) else { return Ok(None) };
    let params =
        vec![folder.into(), question.into(), uids.first.into(), uids.last.into(), limit.into()];
    let rows = store.rows(CANDIDATES, params).await?;
    rows.into_iter().map(|mut row| row.int()).collect::<Result<_, _>>().map(Some)
}

/// What is sought in the language of the engine. Words have no character that means something in
/// either.
fn question(sought: &[Sought], is_embedded: bool) -> Option<String> {
    let mut all = Vec::new();
    for of in sought {
        let words: Vec<_> = words(&of.text).collect();
        let ends_in_word = of.text.ends_with(|c: char| c.is_alphanumeric());
        for (at, word) in words.iter().enumerate() {
            let is_prefix = of.is_prefix && ends_in_word && at + 1 == words.len();
            let marks: &[&str] = match of.place {
                Place::Header => &["h"],
                Place::Body => &["b"],
                Place::Anywhere => &["h", "b"],
            };
            let either: Vec<String> = marks
                .iter()
                .map(|mark| one(&format!("{mark}{word}"), is_prefix, is_embedded))
                .collect();
            all.push(format!("({})", either.join(if is_embedded { " OR " } else { " | " })));
        }
    }
    let joined = all.join(if is_embedded { " AND " } else { " & " });
    (!joined.is_empty()).then_some(joined)
}

fn one(word: &str, is_prefix: bool, is_embedded: bool) -> String {
    match (is_embedded, is_prefix) {
        (true, true) => format!("\"{word}\" *"),
        (true, false) => format!("\"{word}\""),
        (false, true) => format!("'{word}':*"),
        (false, false) => format!("'{word}'"),
    }
}
