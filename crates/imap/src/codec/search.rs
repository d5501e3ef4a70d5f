//! What SEARCH, SORT and THREAD ask (RFC 9051 §6.4.4, RFC 5256, RFC 5957, RFC 5032).
//!
//! Texts to look for are Unicode: a charset that is neither US-ASCII nor UTF-8 is refused by the
//! parser with [`crate::codec::Fault::Charset`].

use crate::codec::{Date, Keyword, MessageSet, Numbering};

/// The arguments of SEARCH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// How results are counted.
    pub numbering: Numbering,
    /// What to answer with ESEARCH; `None` where RETURN was not written.
    pub returns: Option<SearchReturns>,
    /// What to look for.
    pub key: SearchKey,
}

/// Result options (RFC 9051 §6.4.4, RFC 5182). `RETURN ()` is read as ALL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SearchReturns(u8);

impl SearchReturns {
    /// The lowest number.
    pub const MIN: SearchReturns = SearchReturns(1);
    /// The highest number.
    pub const MAX: SearchReturns = SearchReturns(2);
    /// All numbers.
    pub const ALL: SearchReturns = SearchReturns(4);
    /// How many.
    pub const COUNT: SearchReturns = SearchReturns(8);
    /// Keep them for `$`.
    pub const SAVE: SearchReturns = SearchReturns(16);

    /// These and others.
    #[must_use]
    pub fn with(self, other: SearchReturns) -> SearchReturns {
        SearchReturns(self.0 | other.0)
    }

    /// Whether all of `other` are among these.
    pub fn contains(self, other: SearchReturns) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether nothing is asked.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the search key of its name")]
pub enum SearchKey {
    All,
    Answered,
    Bcc(String),
    /// Internal date, as are [`SearchKey::On`] and [`SearchKey::Since`].
    Before(Date),
    Body(String),
    Cc(String),
    Deleted,
    Draft,
    Flagged,
    From(String),
    /// A field of that name that contains the value; an empty value: that exists.
    Header {
        name: String,
        value: String,
    },
    Keyword(Keyword),
    /// Octets.
    Larger(u64),
    New,
    Not(Box<SearchKey>),
    Old,
    On(Date),
    Or(Box<SearchKey>, Box<SearchKey>),
    Recent,
    Seen,
    /// The Date field, as are [`SearchKey::SentOn`] and [`SearchKey::SentSince`].
    SentBefore(Date),
    SentOn(Date),
    SentSince(Date),
    Since(Date),
    /// Octets.
    Smaller(u64),
    Subject(String),
    Text(String),
    To(String),
    Uid(MessageSet),
    Unanswered,
    Undeleted,
    Undraft,
    Unflagged,
    Unkeyword(Keyword),
    Unseen,
    /// Sequence numbers, or `$`.
    Messages(MessageSet),
    /// All of them; at least two.
    And(Vec<SearchKey>),
    /// RFC 7162 §3.1.5; an entry name is read and means nothing here.
    ModSeq(u64),
    /// RFC 5032: internal date at least so many seconds ago.
    Older(u32),
    /// RFC 5032: internal date at most so many seconds ago.
    Younger(u32),
    /// RFC 8474.
    EmailId(String),
    /// RFC 8474.
    ThreadId(String),
    /// RFC 8514.
    SavedBefore(Date),
    SavedOn(Date),
    SavedSince(Date),
    SaveDateSupported,
}

/// The arguments of SORT (RFC 5256; RETURN as in RFC 5267).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// How results are counted.
    pub numbering: Numbering,
    /// What to answer with ESEARCH; `None` where RETURN was not written.
    pub returns: Option<SearchReturns>,
    /// By what to sort, the first first; at least one.
    pub criteria: Vec<SortCriterion>,
    /// Which messages.
    pub key: SearchKey,
}

/// One criterion of SORT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortCriterion {
    /// By what.
    pub key: SortKey,
    /// Whether from high to low.
    pub is_reverse: bool,
}

/// By what to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the sort key of its name")]
pub enum SortKey {
    Arrival,
    Cc,
    Date,
    /// RFC 5957.
    DisplayFrom,
    /// RFC 5957.
    DisplayTo,
    From,
    Size,
    Subject,
    To,
}

/// The arguments of THREAD (RFC 5256 §3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// How results are counted.
    pub numbering: Numbering,
    /// How threads are made.
    pub algorithm: ThreadAlgorithm,
    /// Which messages.
    pub key: SearchKey,
}

/// How threads are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreadAlgorithm {
    /// By base subject and date.
    OrderedSubject,
    /// By References and In-Reply-To.
    References,
}
