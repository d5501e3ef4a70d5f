//! Octets on the wire to commands, and values to the octets of responses. Pure, no I/O.
//!
//! - [`reader`]: collects the lines and literals of one command, limits first
//! - [`command`]: what a command can be; [`Command::parse`] makes one of what was collected
//! - [`mod@write`]: strings, names, sets, dates and flags as responses carry them
//! - [`list_pattern`]: which names `*` and `%` mean

pub mod command;
pub mod date;
pub mod fault;
pub mod fetch;
pub mod flag;
pub mod list;
pub mod list_pattern;
pub mod mailbox_name;
pub mod metadata;
pub mod mutf7;
mod parse;
pub mod reader;
pub mod search;
pub mod sequence;
pub mod tag;
pub mod verb;
pub mod write;

pub use command::{
    AclChange, AclChangeKind, Append, AppendMessage, Authenticate, Command, CommandBody, Create,
    Login, Numbering, QresyncParameters, QuotaLimit, Select, Transfer,
};
pub use date::Date;
pub use fault::{Fault, ParseError};
pub use fetch::{Fetch, FetchItem, Partial, Section, SectionText, Store, StoreOperation};
pub use flag::{Flag, Keyword};
pub use list::{List, ListReturns, ListSelection, SpecialUse, StatusItem};
pub use mailbox_name::{MailboxName, NameEncoding};
pub use metadata::{EntryDepth, EntryName, GetMetadata, MetadataEntry, SetMetadata};
pub use parse::{
    ID_FIELDS_MAX, LIST_ELEMENTS_MAX, PART_NUMBERS_MAX, SEARCH_DEPTH_MAX, SEARCH_KEYS_MAX,
};
pub use reader::{Announced, Frame, Framing, ReadLimits, Reader, Refused, Step};
pub use search::{
    Search, SearchKey, SearchReturns, Sort, SortCriterion, SortKey, Thread, ThreadAlgorithm,
};
pub use sequence::{Bound, MessageSet, SequenceRange, SequenceSet};
pub use smtp::Secret;
pub use tag::Tag;
pub use verb::Verb;
