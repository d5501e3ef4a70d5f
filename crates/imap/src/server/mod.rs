//! The serving side: one session a connection.
//!
//! [`serve`] holds the conversation and asks the [`Backend`] what things mean. It returns how the
//! conversation ended; where that is [`Ended::StartTls`], the caller does the handshake and calls
//! `serve` again on the secured stream with the same backend.
//!
//! ```text
//! loop { collect a command → parse → may it come now? → its own file → what others did → answer }
//! ```
//!
//! Each group of commands has a file. What the client knows of the open mailbox is in `selected`,
//! which also tells it what happened there.

mod acl;
mod append;
mod auth;
mod backend;
mod capability;
mod copy;
mod criteria;
mod fetch;
mod folders;
mod idle;
mod input;
mod limits;
mod list;
mod messages;
mod metadata;
mod order;
mod quota;
mod rights;
mod room;
mod search;
mod select;
mod selected;
mod session;
mod sort;
mod starttls;
mod status;
mod store;
mod thread;
mod uids;
mod words;

pub use backend::{
    Access, AclChange, AclEntry, Answer, Appended, Backend, Changes, Content, Copied, Credentials,
    Criterion, DateOf, Details, Failure, FlagAction, FlagChange, Flags, Found, GrantableRights,
    MailboxEntry, MailboxStatus, Mechanism, MetadataDepth, MetadataEntry, NewMessage, Opened,
    PAGE_ROWS, QuotaUse, Reason, Resource, Row, RowPage, RowQuery, SearchQuery, Secret, SpecialUse,
    StatusQuery, Stored, TlsFacts,
};
pub use limits::{
    APPEND_MESSAGES_MAX, APPEND_OCTETS_MAX, ERRORS_MAX, LINE_OCTETS_BEFORE_LOGIN_MAX,
    LITERAL_OCTETS_BEFORE_LOGIN_MAX, LITERAL_OCTETS_MAX, METADATA_VALUE_OCTETS_MAX, Namespaces,
    SIGN_IN_PAUSE, SORTED_MESSAGES_MAX, ServerSettings, StartTls, Timeouts,
};
pub use rights::Rights;
pub use room::{AppendRoom, ROOM_OCTETS};
pub use session::{Ended, Opening, serve};
pub use uids::{Uid, UidRange, UidSet};
