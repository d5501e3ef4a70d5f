//! Arguments of SEARCH, SORT and THREAD.
//!
//! Keys nest, so this is the one part of the grammar that calls itself; how deep and how often is
//! limited.

use super::cursor::{Cursor, repeated};
use crate::codec::{
    Fault, Numbering, Search, SearchKey, SearchReturns, Sort, SortCriterion, SortKey, Thread,
    ThreadAlgorithm,
};

/// How deep NOT, OR and parentheses may stand in each other. `OR a OR b …` for a list of people
/// needs one for each.
pub const SEARCH_DEPTH_MAX: usize = 100;
/// Most keys of one search, those that hold others included.
pub const SEARCH_KEYS_MAX: usize = 1_000;

pub(super) fn search(cursor: &mut Cursor<'_>, numbering: Numbering) -> Result<Search, Fault> {
    let returns = returns(cursor)?;
    cursor.space()?;
    if starts_with_charset(cursor) {
        cursor.this_name("CHARSET")?;
        cursor.space()?;
        charset(cursor)?;
        cursor.space()?;
    }
    Ok(Search { numbering, returns, key: program(cursor)? })
}

pub(super) fn sort(cursor: &mut Cursor<'_>, numbering: Numbering) -> Result<Sort, Fault> {
    let returns = returns(cursor)?;
    cursor.space()?;
    let criteria = cursor.full_list("sort criteria", criterion)?;
    cursor.space()?;
    charset(cursor)?;
    cursor.space()?;
    Ok(Sort { numbering, returns, criteria, key: program(cursor)? })
}

pub(super) fn thread(cursor: &mut Cursor<'_>, numbering: Numbering) -> Result<Thread, Fault> {
    cursor.space()?;
    let algorithm = match cursor.name("an algorithm")?.as_str() {
        "ORDEREDSUBJECT" => ThreadAlgorithm::OrderedSubject,
        "REFERENCES" => ThreadAlgorithm::References,
        _ => return Err(Fault::ThreadAlgorithm),
    };
    cursor.space()?;
    charset(cursor)?;
    cursor.space()?;
    Ok(Thread { numbering, algorithm, key: program(cursor)? })
}

fn returns(cursor: &mut Cursor<'_>) -> Result<Option<SearchReturns>, Fault> {
    if !cursor.is_next("RETURN") {
        return Ok(None);
    }
    cursor.space()?;
    cursor.this_name("RETURN")?;
    cursor.space()?;
    let options =
        cursor.list("return options", |cursor| match cursor.name("a return option")?.as_str() {
            "MIN" => Ok(SearchReturns::MIN),
            "MAX" => Ok(SearchReturns::MAX),
            "ALL" => Ok(SearchReturns::ALL),
            "COUNT" => Ok(SearchReturns::COUNT),
            "SAVE" => Ok(SearchReturns::SAVE),
            other => Err(Fault::UnknownOption(repeated(other))),
        })?;
    // RFC 9051 §6.4.4: an empty list means ALL.
    let all = options.into_iter().reduce(SearchReturns::with).unwrap_or(SearchReturns::ALL);
    Ok(Some(all))
}

fn starts_with_charset(cursor: &Cursor<'_>) -> bool {
    let word = cursor.rest().split(|octet| *octet == b' ').next().unwrap_or_default();
    word.eq_ignore_ascii_case(b"CHARSET")
}

fn charset(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let name = cursor.text("a charset")?;
    let is_known = ["UTF-8", "US-ASCII"].iter().any(|known| known.eq_ignore_ascii_case(&name));
    if is_known { Ok(()) } else { Err(Fault::Charset) }
}

fn criterion(cursor: &mut Cursor<'_>) -> Result<SortCriterion, Fault> {
    let mut name = cursor.name("a sort criterion")?;
    let is_reverse = name == "REVERSE";
    if is_reverse {
        cursor.space()?;
        name = cursor.name("a sort criterion")?;
    }
    let key = match name.as_str() {
        "ARRIVAL" => SortKey::Arrival,
        "CC" => SortKey::Cc,
        "DATE" => SortKey::Date,
        "DISPLAYFROM" => SortKey::DisplayFrom,
        "DISPLAYTO" => SortKey::DisplayTo,
        "FROM" => SortKey::From,
        "SIZE" => SortKey::Size,
        "SUBJECT" => SortKey::Subject,
        "TO" => SortKey::To,
        other => return Err(Fault::UnknownOption(repeated(other))),
    };
    Ok(SortCriterion { key, is_reverse })
}

/// One or more keys, all of which must hold.
fn program(cursor: &mut Cursor<'_>) -> Result<SearchKey, Fault> {
    let mut count = Count { keys: 0 };
    let mut keys = vec![count.key(cursor, 0)?];
    // Spaces before the end are forgiven here as elsewhere.
    while cursor.peek() == Some(b' ') && !cursor.rest().iter().all(|octet| *octet == b' ') {
        cursor.space()?;
        keys.push(count.key(cursor, 0)?);
    }
    Ok(all_of(keys))
}

fn all_of(mut keys: Vec<SearchKey>) -> SearchKey {
    match keys.pop() {
        Some(only) if keys.is_empty() => only,
        Some(last) => {
            keys.push(last);
            SearchKey::And(keys)
        }
        None => SearchKey::All,
    }
}

/// The keys read so far.
struct Count {
    keys: usize,
}

impl Count {
    fn key(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Result<SearchKey, Fault> {
        self.keys += 1;
        if self.keys > SEARCH_KEYS_MAX {
            return Err(Fault::TooMany("search keys"));
        }
        if depth > SEARCH_DEPTH_MAX {
            return Err(Fault::TooDeep);
        }
        match cursor.peek() {
            Some(b'(') => {
                let keys = cursor.full_list("search keys", |cursor| self.key(cursor, depth + 1))?;
                return Ok(all_of(keys));
            }
            Some(b'0'..=b'9' | b'*' | b'$') => {
                return cursor.message_set().map(SearchKey::Messages);
            }
            _ => {}
        }
        let name = cursor.name("a search key")?;
        match name.as_str() {
            "NOT" => {
                cursor.space()?;
                Ok(SearchKey::Not(Box::new(self.key(cursor, depth + 1)?)))
            }
            "OR" => {
                cursor.space()?;
                let one = Box::new(self.key(cursor, depth + 1)?);
                cursor.space()?;
                Ok(SearchKey::Or(one, Box::new(self.key(cursor, depth + 1)?)))
            }
            _ => match plain(&name) {
                Some(key) => Ok(key),
                None => {
                    let key = with_text(cursor, &name)?;
                    key.map_or_else(|| with_value(cursor, &name), Ok)
                }
            },
        }
    }
}

/// Keys without an argument.
fn plain(name: &str) -> Option<SearchKey> {
    Some(match name {
        "ALL" => SearchKey::All,
        "ANSWERED" => SearchKey::Answered,
        "DELETED" => SearchKey::Deleted,
        "DRAFT" => SearchKey::Draft,
        "FLAGGED" => SearchKey::Flagged,
        "NEW" => SearchKey::New,
        "OLD" => SearchKey::Old,
        "RECENT" => SearchKey::Recent,
        "SAVEDATESUPPORTED" => SearchKey::SaveDateSupported,
        "SEEN" => SearchKey::Seen,
        "UNANSWERED" => SearchKey::Unanswered,
        "UNDELETED" => SearchKey::Undeleted,
        "UNDRAFT" => SearchKey::Undraft,
        "UNFLAGGED" => SearchKey::Unflagged,
        "UNSEEN" => SearchKey::Unseen,
        _ => return None,
    })
}

/// Keys with a text.
fn with_text(cursor: &mut Cursor<'_>, name: &str) -> Result<Option<SearchKey>, Fault> {
    let key: fn(String) -> SearchKey = match name {
        "BCC" => SearchKey::Bcc,
        "BODY" => SearchKey::Body,
        "CC" => SearchKey::Cc,
        "EMAILID" => SearchKey::EmailId,
        "FROM" => SearchKey::From,
        "SUBJECT" => SearchKey::Subject,
        "TEXT" => SearchKey::Text,
        "THREADID" => SearchKey::ThreadId,
        "TO" => SearchKey::To,
        "HEADER" => {
            cursor.space()?;
            let name = cursor.text("the name of a field")?;
            cursor.space()?;
            let value = cursor.text("a text")?;
            return Ok(Some(SearchKey::Header { name, value }));
        }
        _ => return Ok(None),
    };
    cursor.space()?;
    cursor.text("a text").map(key).map(Some)
}

/// Keys with a date, a number, a keyword or a set.
fn with_value(cursor: &mut Cursor<'_>, name: &str) -> Result<SearchKey, Fault> {
    let key: fn(crate::codec::Date) -> SearchKey = match name {
        "BEFORE" => SearchKey::Before,
        "ON" => SearchKey::On,
        "SINCE" => SearchKey::Since,
        "SENTBEFORE" => SearchKey::SentBefore,
        "SENTON" => SearchKey::SentOn,
        "SENTSINCE" => SearchKey::SentSince,
        "SAVEDBEFORE" => SearchKey::SavedBefore,
        "SAVEDON" => SearchKey::SavedOn,
        "SAVEDSINCE" => SearchKey::SavedSince,
        _ => return with_number(cursor, name),
    };
    cursor.space()?;
    cursor.date().map(key)
}

fn with_number(cursor: &mut Cursor<'_>, name: &str) -> Result<SearchKey, Fault> {
    let known = ["KEYWORD", "UNKEYWORD", "LARGER", "SMALLER", "OLDER", "YOUNGER", "UID", "MODSEQ"];
    if !known.contains(&name) {
        return Err(Fault::UnknownSearchKey(repeated(name)));
    }
    cursor.space()?;
    match name {
        "KEYWORD" => cursor.keyword().map(SearchKey::Keyword),
        "UNKEYWORD" => cursor.keyword().map(SearchKey::Unkeyword),
        "LARGER" => cursor.number64().map(SearchKey::Larger),
        "SMALLER" => cursor.number64().map(SearchKey::Smaller),
        "OLDER" => cursor.nz_number().map(|seconds| SearchKey::Older(seconds.get())),
        "YOUNGER" => cursor.nz_number().map(|seconds| SearchKey::Younger(seconds.get())),
        "UID" => cursor.message_set().map(SearchKey::Uid),
        _ => modseq(cursor),
    }
}

/// RFC 7162 §3.1.5: the name of an entry and whose it is may come first.
fn modseq(cursor: &mut Cursor<'_>) -> Result<SearchKey, Fault> {
    if cursor.peek() == Some(b'"') {
        cursor.string("the name of an entry")?;
        cursor.space()?;
        let wrong = cursor.expected("priv, shared or all");
        let whose = cursor.name("priv, shared or all")?;
        if !["PRIV", "SHARED", "ALL"].contains(&whose.as_str()) {
            return Err(wrong);
        }
        cursor.space()?;
    }
    cursor.number64().map(SearchKey::ModSeq)
}
