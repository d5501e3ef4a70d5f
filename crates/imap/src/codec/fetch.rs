//! What FETCH and STORE ask (RFC 9051 §6.4.5, §6.4.6; RFC 7162 for modification sequences).

use crate::codec::{Flag, MessageSet, Numbering};

/// The arguments of FETCH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// How the messages are counted.
    pub numbering: Numbering,
    /// The messages.
    pub messages: MessageSet,
    /// What to tell of each, macros resolved, in the order asked.
    pub items: Vec<FetchItem>,
    /// Only those changed after this modification sequence (RFC 7162 §3.1.4.1).
    pub changed_since: Option<u64>,
    /// Whether to tell those that are gone, too (RFC 7162 §3.2.6); never without `changed_since`
    /// and only with [`Numbering::Uid`].
    pub is_vanished: bool,
}

/// One thing to tell of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchItem {
    /// FLAGS.
    Flags,
    /// INTERNALDATE.
    InternalDate,
    /// ENVELOPE.
    Envelope,
    /// BODY without a section: the structure without extension data.
    Body,
    /// BODYSTRUCTURE.
    BodyStructure,
    /// UID.
    Uid,
    /// MODSEQ (RFC 7162).
    ModSeq,
    /// EMAILID (RFC 8474).
    EmailId,
    /// THREADID (RFC 8474).
    ThreadId,
    /// SAVEDATE (RFC 8514).
    SaveDate,
    /// PREVIEW (RFC 8970).
    Preview {
        /// `(LAZY)`: only if it costs nothing.
        is_lazy: bool,
    },
    /// RFC822 (RFC 3501): the whole message, marked as read.
    Rfc822,
    /// RFC822.HEADER (RFC 3501).
    Rfc822Header,
    /// RFC822.TEXT (RFC 3501): marked as read.
    Rfc822Text,
    /// RFC822.SIZE.
    Rfc822Size,
    /// `BODY[section] and BODY.PEEK[section]`.
    Section {
        /// Which octets.
        section: Section,
        /// Which part of them.
        partial: Option<Partial>,
        /// Whether the message stays unread.
        is_peek: bool,
    },
    /// `BINARY[part] and BINARY.PEEK[part]` (RFC 3516): decoded octets.
    Binary {
        /// The part's numbers; empty for the whole message.
        part: Vec<u32>,
        /// Which part of the octets.
        partial: Option<Partial>,
        /// Whether the message stays unread.
        is_peek: bool,
    },
    /// `BINARY.SIZE[part]` (RFC 3516).
    BinarySize {
        /// The part's numbers; empty for the whole message.
        part: Vec<u32>,
    },
}

/// What stands in the brackets of BODY[…] (RFC 9051 `section-spec`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The part's numbers, each from 1; empty for the message itself.
    pub part: Vec<u32>,
    /// What of that part.
    pub text: SectionText,
}

/// What of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SectionText {
    /// All of it: with an empty part the message, else the part's body.
    Whole,
    /// The header of the (embedded) message.
    Header,
    /// These fields of it; the names as the client wrote them.
    HeaderFields(Vec<String>),
    /// All fields but these.
    HeaderFieldsNot(Vec<String>),
    /// The text of the (embedded) message.
    Text,
    /// The MIME header of the part; the part is not empty.
    Mime,
}

/// Which octets of a section (RFC 9051 `partial`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partial {
    /// The first octet, from 0.
    pub offset: u64,
    /// At most so many octets; never zero.
    pub octets: u64,
}

/// The arguments of STORE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// How the messages are counted.
    pub numbering: Numbering,
    /// The messages.
    pub messages: MessageSet,
    /// Only those not changed after this modification sequence (RFC 7162 §3.1.3).
    pub unchanged_since: Option<u64>,
    /// What to do with the flags.
    pub operation: StoreOperation,
    /// `.SILENT`: the client does not want to hear of its own change.
    pub is_silent: bool,
    /// The flags; may be empty.
    pub flags: Vec<Flag>,
}

/// What STORE does with the flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreOperation {
    /// FLAGS: these and no others.
    Replace,
    /// +FLAGS: these besides.
    Add,
    /// -FLAGS: these no more.
    Remove,
}
