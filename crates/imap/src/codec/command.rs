//! What a client can ask: one variant for each command of RFC 9051, RFC 3501 and the extensions
//! that this codec reads.
//!
//! A value of these types is right in its syntax and in nothing else: whether the command may come
//! now, whether the mailbox exists and who may do it is the session's and the backend's business.
//! Text is decoded: mailbox names are Unicode, strings are free of their quotes.

use std::num::NonZeroU32;

use bytes::Bytes;

use crate::codec::{
    Fetch, Flag, GetMetadata, List, MailboxName, MessageSet, NameEncoding, ParseError, Search,
    Secret, SequenceSet, SetMetadata, Sort, SpecialUse, StatusItem, Store, Tag, Thread, Verb,
};
use crate::codec::{parse, reader::Frame};

/// A command with the tag its answer bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The client's name for this command.
    pub tag: Tag,
    /// What is asked.
    pub body: CommandBody,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the command of its name")]
pub enum CommandBody {
    Capability,
    Noop,
    Logout,
    /// The fields the client names itself with; empty for `NIL` (RFC 2971).
    Id(Vec<(String, Option<String>)>),
    StartTls,
    Authenticate(Authenticate),
    Login(Login),
    /// RFC 4978; DEFLATE is the one algorithm there is.
    CompressDeflate,
    /// The capabilities to enable, in capitals; those that are not known are to be ignored.
    Enable(Vec<String>),
    Select(Select),
    Examine(Select),
    Create(Create),
    Delete(MailboxName),
    Rename {
        from: MailboxName,
        to: MailboxName,
    },
    Subscribe(MailboxName),
    Unsubscribe(MailboxName),
    List(List),
    /// RFC 3501 §6.3.9: reference and pattern, as in LIST.
    Lsub {
        reference: String,
        pattern: String,
    },
    Namespace,
    Status {
        mailbox: MailboxName,
        items: Vec<StatusItem>,
    },
    Append(Append),
    /// The line `DONE` that ends it is no command: see [`parse_done`].
    Idle,
    SetAcl(AclChange),
    DeleteAcl {
        mailbox: MailboxName,
        identifier: String,
    },
    GetAcl(MailboxName),
    ListRights {
        mailbox: MailboxName,
        identifier: String,
    },
    MyRights(MailboxName),
    /// The quota root of that name; ours may be empty.
    GetQuota(String),
    GetQuotaRoot(MailboxName),
    SetQuota {
        root: String,
        limits: Vec<QuotaLimit>,
    },
    GetMetadata(GetMetadata),
    SetMetadata(SetMetadata),
    Check,
    Close,
    Unselect,
    /// All that bear \Deleted.
    Expunge,
    /// Those among the UIDs that bear \Deleted (RFC 4315).
    UidExpunge(MessageSet),
    Search(Search),
    Sort(Sort),
    Thread(Thread),
    Fetch(Fetch),
    Store(Store),
    Copy(Transfer),
    Move(Transfer),
}

/// Whether a command counts messages by their place or by UID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbering {
    /// Message sequence numbers.
    Sequence,
    /// UIDs: the command came behind the word UID.
    Uid,
}

/// The arguments of AUTHENTICATE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticate {
    /// The mechanism's name, in capitals.
    pub mechanism: String,
    /// The initial response, still encoded; a lone `=` is the empty one (RFC 4959).
    pub initial: Option<Secret>,
}

/// The arguments of LOGIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The login as typed.
    pub login: String,
    /// The password.
    pub password: Secret,
}

/// The arguments of SELECT and EXAMINE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// The mailbox to open.
    pub mailbox: MailboxName,
    /// Whether CONDSTORE was asked for (RFC 7162 §3.1.8).
    pub is_condstore: bool,
    /// What the client knows already (RFC 7162 §3.2.5).
    pub qresync: Option<QresyncParameters>,
}

/// What a client that was here before remembers (RFC 7162 §3.2.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QresyncParameters {
    /// The UIDVALIDITY it remembers.
    pub uid_validity: NonZeroU32,
    /// The highest modification sequence it was told; never zero.
    pub modseq: u64,
    /// The UIDs it knows; all when missing. Without `*`.
    pub known_uids: Option<SequenceSet>,
    /// Sequence numbers and the UIDs that stood there. Without `*`.
    pub matches: Option<(SequenceSet, SequenceSet)>,
}

/// The arguments of CREATE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create {
    /// The new mailbox. A delimiter at its end only says that children will follow.
    pub mailbox: MailboxName,
    /// What it shall be for (RFC 6154 §5.2).
    pub special_uses: Vec<SpecialUse>,
}

/// The arguments of APPEND.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// Where the messages go.
    pub mailbox: MailboxName,
    /// The messages, at least one (RFC 3502).
    pub messages: Vec<AppendMessage>,
}

/// One message of an APPEND.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendMessage {
    /// The flags it shall bear.
    pub flags: Vec<Flag>,
    /// Its internal date, in milliseconds since 1970-01-01T00:00:00Z.
    pub internal_at_ms: Option<i64>,
    /// Its octets as they came. Nothing is checked: NUL and bare line ends may be inside.
    pub content: Bytes,
    /// Whether it came as a literal8 (RFC 3516), with or without `UTF8 (…)` (RFC 6855 §4).
    pub is_literal8: bool,
}

/// The arguments of COPY and MOVE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// How the messages are counted.
    pub numbering: Numbering,
    /// The messages.
    pub messages: MessageSet,
    /// Where they go.
    pub mailbox: MailboxName,
}

/// The arguments of SETACL (RFC 4314 §3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclChange {
    /// The mailbox.
    pub mailbox: MailboxName,
    /// Whose rights; a leading `-` is part of it (negative rights).
    pub identifier: String,
    /// What to do with the rights.
    pub kind: AclChangeKind,
    /// The rights: letters and digits in lower case, in the order given.
    pub rights: String,
}

/// What SETACL does with the rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AclChangeKind {
    /// These and no others.
    Replace,
    /// These besides.
    Add,
    /// These no more.
    Remove,
}

/// One limit of SETQUOTA (RFC 9208 §4.1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaLimit {
    /// The resource, in capitals: `STORAGE`, `MESSAGE` and others.
    pub resource: String,
    /// The limit in the resource's own unit; STORAGE counts 1,024 octets.
    pub limit: u64,
}

impl Command {
    /// Reads what [`crate::codec::Reader`] collected.
    ///
    /// `encoding` is how the session writes mailbox names (RFC 9051 §5.1).
    pub fn parse(frame: &Frame, encoding: NameEncoding) -> Result<Command, ParseError> {
        parse::command(frame, encoding)
    }
}

/// Whether a line, without its line end, is the one that ends IDLE (RFC 9051 §6.3.13).
pub fn parse_done(line: &[u8]) -> bool {
    line.eq_ignore_ascii_case(b"DONE")
}

impl CommandBody {
    /// Which command this is, for the table of what may come when.
    pub fn verb(&self) -> Verb {
        match self {
            CommandBody::Capability => Verb::Capability,
            CommandBody::Noop => Verb::Noop,
            CommandBody::Logout => Verb::Logout,
            CommandBody::Id(_) => Verb::Id,
            CommandBody::StartTls => Verb::StartTls,
            CommandBody::Authenticate(_) => Verb::Authenticate,
            CommandBody::Login(_) => Verb::Login,
            CommandBody::CompressDeflate => Verb::Compress,
            CommandBody::Enable(_) => Verb::Enable,
            CommandBody::Select(_) => Verb::Select,
            CommandBody::Examine(_) => Verb::Examine,
            CommandBody::Create(_) => Verb::Create,
            CommandBody::Delete(_) => Verb::Delete,
            CommandBody::Rename { .. } => Verb::Rename,
            CommandBody::Subscribe(_) => Verb::Subscribe,
            CommandBody::Unsubscribe(_) => Verb::Unsubscribe,
            CommandBody::List(_) => Verb::List,
            CommandBody::Lsub { .. } => Verb::Lsub,
            CommandBody::Namespace => Verb::Namespace,
            CommandBody::Status { .. } => Verb::Status,
            CommandBody::Append(_) => Verb::Append,
            CommandBody::Idle => Verb::Idle,
            CommandBody::SetAcl(_) => Verb::SetAcl,
            CommandBody::DeleteAcl { .. } => Verb::DeleteAcl,
            CommandBody::GetAcl(_) => Verb::GetAcl,
            CommandBody::ListRights { .. } => Verb::ListRights,
            CommandBody::MyRights(_) => Verb::MyRights,
            CommandBody::GetQuota(_) => Verb::GetQuota,
            CommandBody::GetQuotaRoot(_) => Verb::GetQuotaRoot,
            CommandBody::SetQuota { .. } => Verb::SetQuota,
            CommandBody::GetMetadata(_) => Verb::GetMetadata,
            CommandBody::SetMetadata(_) => Verb::SetMetadata,
            CommandBody::Check => Verb::Check,
            CommandBody::Close => Verb::Close,
            CommandBody::Unselect => Verb::Unselect,
            CommandBody::Expunge | CommandBody::UidExpunge(_) => Verb::Expunge,
            CommandBody::Search(_) => Verb::Search,
            CommandBody::Sort(_) => Verb::Sort,
            CommandBody::Thread(_) => Verb::Thread,
            CommandBody::Fetch(_) => Verb::Fetch,
            CommandBody::Store(_) => Verb::Store,
            CommandBody::Copy(_) => Verb::Copy,
            CommandBody::Move(_) => Verb::Move,
        }
    }
}

#[cfg(test)]
mod tests;
