//! The border between protocol and meaning: what a session asks of the product.
//!
//! Mailbox names cross it as UTF-8 with `/` between levels; the session has undone modified UTF-7
//! and written INBOX in capitals. UIDs cross it as ascending ranges that do not touch, already
//! within what the session has told its client; sequence numbers never cross it. Anything that can
//! be long comes in pages of at most [`PAGE_ROWS`].

use std::future::{Future, ready};
use std::sync::Arc;

use bytes::Bytes;

pub use smtp::sasl::{Credentials, Mechanism, Secret};
pub use smtp::server::TlsFacts;

use super::rights::Rights;
use super::uids::{Uid, UidRange};

/// Most rows of one answer. A row without content is some two hundred octets.
pub const PAGE_ROWS: usize = 1024;

/// Why something was not done; the session words it with a response code (RFC 5530).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The login or its secret is wrong. Must not tell which, by text or time.
    AuthenticationFailed,
    /// Too many wrong logins came from there, or the account is not one that may read mail.
    AuthorizationFailed,
    /// The person may see it and may not do this: NOPERM.
    NoPerm,
    /// There is no such mailbox, or none the person may know of: NONEXISTENT.
    NonExistent,
    /// The target of APPEND, COPY or MOVE does not exist and could be created: TRYCREATE.
    TryCreate,
    /// There is one already: ALREADYEXISTS.
    AlreadyExists,
    /// It would exceed the room of the mailbox: OVERQUOTA.
    OverQuota,
    /// It would exceed a limit of the server: LIMIT.
    Limit,
    /// The message is larger than may be appended: TOOBIG (RFC 7889 §4).
    TooBig,
    /// Another client holds it: INUSE.
    InUse,
    /// It can never be done: CANNOT.
    Cannot,
    /// The mailbox has subordinates and goes only with them: HASCHILDREN.
    HasChildren,
    /// The message has no such part, or its encoding cannot be undone: UNKNOWN-CTE.
    UnknownEncoding,
    /// A temporary trouble of the server: UNAVAILABLE.
    Unavailable,
}

/// A "no" with its reason and the sentence the client shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Chooses the response code.
    pub reason: Reason,
    /// One line that says what to do; empty: the session says its own sentence for the reason.
    pub text: String,
}

impl Failure {
    /// A failure in words of the backend.
    pub fn new(reason: Reason, text: impl Into<String>) -> Failure {
        Failure { reason, text: text.into() }
    }
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Failure {
        Failure { reason, text: String::new() }
    }
}

/// What an answer of the backend is.
pub type Answer<T> = Result<T, Failure>;

/// What a mailbox is for (RFC 6154 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the attribute of its name")]
pub enum SpecialUse {
    Archive,
    Drafts,
    Junk,
    Sent,
    Trash,
}

/// One line of LIST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxEntry {
    /// The full name; INBOX is written `INBOX`.
    pub name: String,
    /// Only announced where the person's own tree has it.
    pub special_use: Option<SpecialUse>,
    /// Whether the person wants to see it in `LSUB`.
    pub is_subscribed: bool,
    /// False for a level of the hierarchy that is no mailbox (`\Noselect`), such as `Groups`.
    pub is_selectable: bool,
    /// False: mailboxes cannot be created below it (`\Noinferiors`).
    pub may_have_children: bool,
    /// What the person may do there.
    pub rights: Rights,
}

/// Numbers of a mailbox that STATUS can ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxStatus {
    /// Live messages.
    pub messages: u32,
    /// Those without \Seen, for this person.
    pub unseen: u32,
    /// Those with \Deleted; only read where [`StatusQuery::deleted`] asked for it.
    pub deleted: u32,
    /// The octets of all messages.
    pub size_octets: u64,
    /// The UID that the next message will have at least.
    pub uid_next: Uid,
    /// Changes when UIDs were given anew.
    pub uid_validity: u32,
    /// The highest mod-sequence of the mailbox, 1 or more.
    pub modseq: u64,
    /// What the mailbox keeps when it is renamed (RFC 8474 §4): 1–255 of `A-Za-z0-9_-`.
    pub mailbox_id: String,
}

/// Which numbers cost more than the row of the mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatusQuery {
    /// `deleted` is wanted.
    pub deleted: bool,
}

/// How a mailbox is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// SELECT.
    ReadWrite,
    /// EXAMINE: nothing changes, no \Seen either.
    ReadOnly,
}

/// A mailbox as it stands when it is opened; one consistent reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// As in [`MailboxStatus`].
    pub mailbox_id: String,
    /// As in [`MailboxStatus`].
    pub uid_validity: u32,
    /// As in [`MailboxStatus`].
    pub uid_next: Uid,
    /// As in [`MailboxStatus`].
    pub modseq: u64,
    /// The UIDs below `uid_next` that are gone, ascending. All others live.
    pub gaps: Vec<UidRange>,
    /// The first message without \Seen, where that is cheap to know.
    pub first_unseen: Option<Uid>,
    /// The keywords in use.
    pub keywords: Vec<Arc<str>>,
    /// Whether further keywords can be made (`\*`).
    pub may_create_keywords: bool,
    /// What the person may do; decides PERMANENTFLAGS and READ-ONLY.
    pub rights: Rights,
}

/// System flags of a message and its keywords.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flags {
    /// The sum of [`Flags::SEEN`] and its sisters.
    pub system: u8,
    /// Keywords, each once, compared without regard to case.
    pub keywords: Vec<Arc<str>>,
}

impl Flags {
    /// `\Seen`
    pub const SEEN: u8 = 1;
    /// `\Answered`
    pub const ANSWERED: u8 = 2;
    /// `\Flagged`
    pub const FLAGGED: u8 = 4;
    /// `\Deleted`
    pub const DELETED: u8 = 8;
    /// `\Draft`
    pub const DRAFT: u8 = 16;

    /// System flags alone.
    pub fn system(system: u8) -> Flags {
        Flags { system, keywords: Vec::new() }
    }

    /// Whether a keyword is among them.
    pub fn has_keyword(&self, keyword: &str) -> bool {
        self.keywords.iter().any(|have| have.eq_ignore_ascii_case(keyword))
    }
}

/// What of a message's octets is wanted with its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// None.
    Nothing,
    /// The header section with the empty line behind it.
    Header,
    /// All.
    Whole,
    /// `octets` from `offset` on, fewer where the message ends before.
    Octets {
        /// From the first octet of the message.
        offset: u64,
        /// At most so many.
        octets: u64,
    },
}

/// Which messages, and what of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowQuery {
    /// Which; ascending.
    pub uids: Vec<UidRange>,
    /// Only those whose mod-sequence is higher (RFC 7162 §3.1.4.1).
    pub changed_since: Option<u64>,
    /// Whether [`Row::details`] is wanted.
    pub details: bool,
    /// Whether [`Row::envelope_fields`] is wanted.
    pub envelope: bool,
    /// Whether [`Row::preview`] is wanted.
    pub preview: bool,
    /// What [`Row::content`] shall be.
    pub content: Content,
}

impl RowQuery {
    /// The flags of some messages.
    pub fn new(uids: Vec<UidRange>) -> RowQuery {
        RowQuery {
            uids,
            changed_since: None,
            details: false,
            envelope: false,
            preview: false,
            content: Content::Nothing,
        }
    }
}

/// One message of the open mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its UID.
    pub uid: Uid,
    /// The mod-sequence of its last change, 1 or more.
    pub modseq: u64,
    /// Its flags as this person sees them.
    pub flags: Flags,
    /// What never changes of it; left empty where it was not asked for.
    pub details: Details,
    /// The header fields of ENVELOPE as they stand, where asked for and kept beside the message.
    pub envelope_fields: Option<Bytes>,
    /// The first words of the text, at most 200 characters (RFC 8970), where asked for.
    pub preview: Option<String>,
    /// What [`RowQuery::content`] asked for; `None` where it asked for nothing.
    pub content: Option<Bytes>,
}

/// What never changes of a message, and is not in its octets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    /// INTERNALDATE, in milliseconds since 1970.
    pub internal_at_ms: i64,
    /// When it came into this mailbox (RFC 8514), in milliseconds since 1970.
    pub saved_at_ms: i64,
    /// RFC822.SIZE.
    pub size_octets: u64,
    /// The same for every copy of the message (RFC 8474 §5.1): 1–255 of `A-Za-z0-9_-`.
    pub email_id: String,
    /// The same for the messages of a conversation (RFC 8474 §5.2), where that is known.
    pub thread_id: Option<String>,
}

/// Some rows, ascending by UID.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowPage {
    /// At most [`PAGE_ROWS`], and fewer where their content is large: a page with content stops
    /// behind the row that brings it over some megabytes. Messages that are gone are left out.
    pub rows: Vec<Row>,
    /// Ask again for the same UIDs from this one on; `None`: that was all.
    pub resume_at: Option<Uid>,
}

/// What happened in the open mailbox; one consistent reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The mailbox's mod-sequence now.
    pub modseq: u64,
    /// Now. What came since lives, but for what is in `vanished`.
    pub uid_next: Uid,
    /// What was expunged since, ascending. May name UIDs the session never heard of.
    pub vanished: Vec<UidRange>,
    /// All keywords, where there are more than before.
    pub keywords: Option<Vec<Arc<str>>>,
}

/// How STORE changes flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagAction {
    /// `+FLAGS`
    Add,
    /// `-FLAGS`
    Remove,
    /// `FLAGS`
    Replace,
}

/// A STORE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagChange {
    /// What to do with them.
    pub action: FlagAction,
    /// The flags. Those the person may not change (RFC 4314 §4: `s`, `w`, `t`) are left alone; if
    /// none is left, that is `NoPerm`.
    pub flags: Flags,
    /// Messages changed since this mod-sequence are left alone (RFC 7162 §3.1.3).
    pub unchanged_since: Option<u64>,
}

/// What came of a STORE.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stored {
    /// The mod-sequence that the changed messages have now; 0 where none changed.
    pub modseq: u64,
    /// The messages that `unchanged_since` kept from being changed, ascending.
    pub refused: Vec<UidRange>,
}

/// A message for APPEND. The session has not looked into its octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// The octets as they came, at most the size the settings allow.
    pub content: Bytes,
    /// Its flags.
    pub flags: Flags,
    /// INTERNALDATE in milliseconds since 1970; `None`: now.
    pub internal_at_ms: Option<i64>,
}

/// Where appended messages are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Of the mailbox.
    pub uid_validity: u32,
    /// The UIDs, in the order of the messages.
    pub uids: Vec<UidRange>,
}

/// Where copied or moved messages are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Of the target.
    pub uid_validity: u32,
    /// What was copied, ascending; empty where none of it lived any more.
    pub source: Vec<UidRange>,
    /// The copies, in the same order.
    pub target: Vec<UidRange>,
}

/// Whose rights (RFC 4314 §3.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclEntry {
    /// A login, a group's address, or `anyone`.
    pub identifier: String,
    /// Its rights.
    pub rights: Rights,
}

/// A change of an ACL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AclChange {
    /// SETACL without a sign.
    Replace(Rights),
    /// SETACL with `+`.
    Add(Rights),
    /// SETACL with `-`.
    Remove(Rights),
    /// DELETEACL.
    Delete,
}

/// What LISTRIGHTS says (RFC 4314 §3.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantableRights {
    /// Always granted.
    pub required: Rights,
    /// Sets that are granted only together.
    pub optional: Vec<Rights>,
}

/// A bounded resource (RFC 9208 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Octets of the messages; told in units of 1024.
    StorageOctets,
    /// Messages.
    Messages,
}

/// One resource of a quota root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaUse {
    /// Which.
    pub resource: Resource,
    /// Used.
    pub used: u64,
    /// Allowed.
    pub limit: u64,
}

/// How deep GETMETADATA looks below the entries it names (RFC 5464 §4.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadataDepth {
    /// The entries themselves.
    Zero,
    /// And their children.
    One,
    /// And all below.
    Infinity,
}

/// An annotation; its value is `None` only to remove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataEntry {
    /// In lower case, such as `/shared/comment`.
    pub name: String,
    /// Its octets.
    pub value: Option<Bytes>,
}

/// Which date of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOf {
    /// INTERNALDATE.
    Arrival,
    /// The Date field, without its zone.
    Sent,
    /// SAVEDATE.
    Saved,
}

/// A criterion of SEARCH over UIDs (RFC 9051 §6.4.4). Texts are UTF-8 and compared without regard
/// to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Criterion {
    /// Every message.
    All,
    /// All of these hold; empty holds always.
    And(Vec<Criterion>),
    /// One of these holds.
    Or(Vec<Criterion>),
    /// It does not hold.
    Not(Box<Criterion>),
    /// The message is one of these, ascending.
    Uids(Vec<UidRange>),
    /// A system flag, as in [`Flags::system`].
    System(u8),
    /// A keyword.
    Keyword(String),
    /// A header field of that name has the text in it; an empty text asks for the field alone.
    Header {
        /// The name of the field.
        name: String,
        /// What its decoded value has in it.
        text: String,
    },
    /// BODY: words in the text of the body.
    Body(String),
    /// TEXT: words in the header or the body.
    Text(String),
    /// The date is `day` or later; days since 1970-01-01.
    OnOrAfter {
        /// Which date.
        date: DateOf,
        /// Days since 1970-01-01.
        day: i64,
    },
    /// The date is before `day`.
    Before {
        /// Which date.
        date: DateOf,
        /// Days since 1970-01-01.
        day: i64,
    },
    /// INTERNALDATE is at most so many seconds ago (YOUNGER, RFC 5032; OLDER is its contrary).
    Younger(u32),
    /// More octets than this.
    Larger(u64),
    /// Fewer octets than this.
    Smaller(u64),
    /// The mod-sequence is this or higher.
    ModseqFrom(u64),
    /// The identity of the message (RFC 8474 §6).
    EmailId(String),
    /// The identity of its conversation.
    ThreadId(String),
}

/// Some messages that a search found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Ascending.
    pub uids: Vec<UidRange>,
    /// The highest mod-sequence among them, where asked for; 0 where nothing was found.
    pub modseq: u64,
    /// Ask again for the UIDs from this one on; `None`: that was all.
    pub resume_at: Option<Uid>,
}

/// A search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    /// Among these; ascending.
    pub uids: Vec<UidRange>,
    /// What must hold.
    pub criterion: Criterion,
    /// Whether [`Found::modseq`] is wanted.
    pub modseq: bool,
}

/// Gives a session its meaning. One value serves one connection, STARTTLS included.
///
/// The session calls in the order of the protocol and never two methods at once. It has checked
/// syntax, states and sizes; rights are the backend's to check, at each call. Nothing of a call
/// that fails has been done, unless its comment says otherwise. Futures may be dropped half-way
/// only in [`Backend::changed`].
pub trait Backend: Send {
    // --- Not authenticated ---------------------------------------------------------------------

    /// May the client be served at all? Called once, before the greeting; a failure is said as BYE.
    fn connected(&mut self) -> impl Future<Output = Answer<()>> + Send {
        ready(Ok(()))
    }

    /// TLS is running, from the start or by STARTTLS.
    fn secured(&mut self, tls: &TlsFacts);

    /// What is offered for AUTHENTICATE under TLS, best first. `Plain` or `Login` among them also
    /// allows LOGIN. Empty: nobody can log in.
    fn mechanisms(&self) -> &[Mechanism];

    /// Are these credentials right? After `Ok` the backend remembers who it is.
    fn sign_in(&mut self, credentials: Credentials) -> impl Future<Output = Answer<()>> + Send;

    /// What the client says it is (ID, RFC 2971), for the log.
    fn identified(&mut self, client: &[(String, Option<String>)]) {
        let _ = client;
    }

    // --- Authenticated -------------------------------------------------------------------------

    /// Every mailbox the person may see, parents before children. Levels that are no mailbox are
    /// listed too.
    fn mailboxes(&mut self) -> impl Future<Output = Answer<Vec<MailboxEntry>>> + Send;

    /// The numbers of a mailbox.
    fn status(
        &mut self,
        mailbox: &str,
        query: StatusQuery,
    ) -> impl Future<Output = Answer<MailboxStatus>> + Send;

    /// Creates a mailbox and the levels above it; answers its identity.
    fn create(
        &mut self,
        mailbox: &str,
        special_use: Option<SpecialUse>,
    ) -> impl Future<Output = Answer<String>> + Send;

    /// Deletes a mailbox with its messages.
    fn delete(&mut self, mailbox: &str) -> impl Future<Output = Answer<()>> + Send;

    /// Renames a mailbox with all below it. For INBOX it moves its messages into the new mailbox
    /// (RFC 9051 §6.3.6).
    fn rename(&mut self, from: &str, to: &str) -> impl Future<Output = Answer<()>> + Send;

    /// SUBSCRIBE.
    fn subscribe(&mut self, mailbox: &str) -> impl Future<Output = Answer<()>> + Send;

    /// UNSUBSCRIBE; a mailbox that is gone can be unsubscribed.
    fn unsubscribe(&mut self, mailbox: &str) -> impl Future<Output = Answer<()>> + Send;

    /// Appends all of the messages or none (RFC 3502). `Ok` means that they are safe on disk.
    fn append(
        &mut self,
        mailbox: &str,
        messages: Vec<NewMessage>,
    ) -> impl Future<Output = Answer<Appended>> + Send;

    /// GETACL.
    fn acl(&mut self, mailbox: &str) -> impl Future<Output = Answer<Vec<AclEntry>>> + Send;

    /// MYRIGHTS; also asked before a command that needs the rights of a mailbox that is not open.
    fn my_rights(&mut self, mailbox: &str) -> impl Future<Output = Answer<Rights>> + Send;

    /// LISTRIGHTS.
    fn grantable_rights(
        &mut self,
        mailbox: &str,
        identifier: &str,
    ) -> impl Future<Output = Answer<GrantableRights>> + Send;

    /// SETACL and DELETEACL.
    fn change_acl(
        &mut self,
        mailbox: &str,
        identifier: &str,
        change: AclChange,
    ) -> impl Future<Output = Answer<()>> + Send;

    /// The names of the quota roots that bound a mailbox.
    fn quota_roots(&mut self, mailbox: &str) -> impl Future<Output = Answer<Vec<String>>> + Send;

    /// What is used of a quota root; empty where nothing is bounded.
    fn quota(&mut self, root: &str) -> impl Future<Output = Answer<Vec<QuotaUse>>> + Send;

    /// Annotations of a mailbox, or of the server where `mailbox` is empty. Those that are not set
    /// are left out. `entries` are in lower case.
    fn metadata(
        &mut self,
        mailbox: &str,
        entries: &[String],
        depth: MetadataDepth,
    ) -> impl Future<Output = Answer<Vec<MetadataEntry>>> + Send;

    /// Sets and removes annotations, all or none. Each value is at most
    /// [`super::METADATA_VALUE_OCTETS_MAX`] long.
    fn set_metadata(
        &mut self,
        mailbox: &str,
        entries: Vec<MetadataEntry>,
    ) -> impl Future<Output = Answer<()>> + Send;

    // --- Selected ------------------------------------------------------------------------------

    /// Opens a mailbox: what follows is about it. One that was open before is closed, also where
    /// this fails.
    fn open(
        &mut self,
        mailbox: &str,
        access: Access,
    ) -> impl Future<Output = Answer<Opened>> + Send;

    /// Nothing is open any more.
    fn close(&mut self);

    /// What happened since a mod-sequence that was told before. A failure that is not
    /// `Unavailable` means that the mailbox is gone for this person: the session ends with BYE.
    fn changes(&mut self, since: u64) -> impl Future<Output = Answer<Changes>> + Send;

    /// What was expunged since a mod-sequence that any session was told, ascending (QRESYNC). May
    /// name more than that, never less.
    fn vanished_since(&mut self, since: u64) -> impl Future<Output = Answer<Vec<UidRange>>> + Send;

    /// Messages of the open mailbox.
    fn rows(&mut self, query: &RowQuery) -> impl Future<Output = Answer<RowPage>> + Send;

    /// Messages that match.
    fn search(&mut self, query: &SearchQuery) -> impl Future<Output = Answer<Found>> + Send;

    /// Changes flags.
    fn store_flags(
        &mut self,
        uids: &[UidRange],
        change: &FlagChange,
    ) -> impl Future<Output = Answer<Stored>> + Send;

    /// Copies messages with flags and dates to a mailbox, all or none.
    fn copy(
        &mut self,
        uids: &[UidRange],
        target: &str,
    ) -> impl Future<Output = Answer<Copied>> + Send;

    /// Moves messages, each of them whole: it is in one of both mailboxes at any time (RFC 6851).
    fn move_to(
        &mut self,
        uids: &[UidRange],
        target: &str,
    ) -> impl Future<Output = Answer<Copied>> + Send;

    /// Expunges those of the messages that have \Deleted.
    fn expunge(&mut self, uids: &[UidRange]) -> impl Future<Output = Answer<()>> + Send;

    /// Ends when the open mailbox may have changed since `changes` was asked last. Dropping the
    /// future loses nothing.
    fn changed(&mut self) -> impl Future<Output = ()> + Send;
}
