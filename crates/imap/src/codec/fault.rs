//! What can be wrong with a command, each with a sentence for the client.

use crate::codec::Tag;
use crate::codec::mailbox_name::MailboxNameError;

/// Why octets are not a command. [`Fault::Charset`] is answered with NO, all others with BAD.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The line does not start with a tag and a space.
    #[error("a command starts with a tag and a space")]
    Tag,
    /// The verb is none of ours.
    #[error("this command is not known")]
    UnknownCommand,
    /// Another command stands behind UID.
    #[error("UID is followed by COPY, EXPUNGE, FETCH, MOVE, SEARCH, SORT, STORE or THREAD")]
    UidOf,
    /// Something else was expected at that octet.
    #[error("at octet {at}: {expected} was expected")]
    Expected {
        /// What would have been right.
        expected: &'static str,
        /// The octet from 1, with literals and their announcements left out.
        at: usize,
    },
    /// The line ended in LF without CR (RFC 9051 §2.2).
    #[error("lines must end in CR LF")]
    BareLf,
    /// A NUL, a bare CR or another control character stands in the line.
    #[error("control characters are not allowed outside literals")]
    ControlCharacter,
    /// A NUL stands in a literal that is a string (RFC 9051 `CHAR8`).
    #[error("a string cannot hold NUL")]
    Nul,
    /// Text that is not UTF-8 where text must be.
    #[error("text must be UTF-8")]
    NotUtf8,
    /// The lines of the command are longer than allowed, taken together.
    #[error("the command is too long: at most {max_octets} octets beside its literals")]
    TooLong {
        /// The limit.
        max_octets: usize,
    },
    /// Too many of something in one command.
    #[error("too many {0}")]
    TooMany(&'static str),
    /// Search keys stand in each other too deep.
    #[error("search keys are nested too deep")]
    TooDeep,
    /// A literal with a size that no number of this protocol can be.
    #[error("the size of a literal is too large")]
    LiteralSize,
    /// A literal the session did not want (see [`crate::codec::Reader::refuse`]).
    #[error("the literal is too large here")]
    LiteralRefused,
    /// Not a set of messages.
    #[error("a sequence set is numbers from 1, ranges a:b and *, with commas between")]
    SequenceSet,
    /// A range with `*` where numbers must stand.
    #[error("* cannot be used here")]
    LastNotAllowed,
    /// A system flag that no client can set, or none at all.
    #[error("this flag cannot be set; there are \\Seen \\Answered \\Flagged \\Deleted \\Draft")]
    UnknownFlag,
    /// A keyword with octets that no atom has, or too long.
    #[error("a keyword has only letters, digits and signs other than (){{%*\"\\] and space")]
    Keyword,
    /// The mailbox name cannot be read.
    #[error(transparent)]
    MailboxName(#[from] MailboxNameError),
    /// Not a date.
    #[error("a date is written like 1-Feb-1994")]
    Date,
    /// Not a date-time.
    #[error("a date-time is written like \"17-Jul-1996 02:44:25 -0700\"")]
    DateTime,
    /// SEARCH, SORT or THREAD in a charset other than US-ASCII and UTF-8.
    #[error("the charset is not known; there are US-ASCII and UTF-8")]
    Charset,
    /// A word that is no search key.
    #[error("search key {0} is not known")]
    UnknownSearchKey(String),
    /// A word that is no data item of FETCH.
    #[error("data item {0} is not known")]
    UnknownFetchItem(String),
    /// An option or parameter that its command does not have.
    #[error("option {0} is not known")]
    UnknownOption(String),
    /// An option that occurs twice.
    #[error("option {0} was given twice")]
    Repeated(&'static str),
    /// An option that needs another one.
    #[error("{0} needs {1}")]
    Needs(&'static str, &'static str),
    /// A right that is none (RFC 4314 §2.1).
    #[error("rights are letters in lower case and digits")]
    Rights,
    /// Not the name of a metadata entry (RFC 5464 §3.2).
    #[error(
        "an entry name starts with /private/ or /shared/ and has no * % // and no / at its end"
    )]
    EntryName,
    /// COMPRESS with another algorithm.
    #[error("the one compression there is is DEFLATE")]
    Compression,
    /// THREAD with another algorithm.
    #[error("threads are made by ORDEREDSUBJECT or REFERENCES")]
    ThreadAlgorithm,
}

/// A fault, with the tag of the command where it could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct ParseError {
    /// Whom to answer; without a tag the answer is untagged (RFC 9051 §7.1.3).
    pub tag: Option<Tag>,
    /// What is wrong.
    pub fault: Fault,
}
