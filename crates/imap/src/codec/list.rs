//! What LIST and STATUS ask (RFC 9051 §6.3.9 and §6.3.11; RFC 5258, RFC 5819, RFC 6154).

/// The arguments of LIST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Which mailboxes at all.
    pub selection: ListSelection,
    /// The reference, decoded; what stands before each pattern.
    pub reference: String,
    /// The patterns, decoded; at least one. A lone empty one asks for the delimiter.
    pub patterns: Vec<String>,
    /// What to tell besides.
    pub returns: ListReturns,
    /// Whether the extended syntax was used: several patterns, a selection, or RETURN.
    pub is_extended: bool,
}

/// Selection options (RFC 9051 §6.3.9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListSelection(u8);

impl ListSelection {
    /// Subscribed ones, whether they exist or not.
    pub const SUBSCRIBED: ListSelection = ListSelection(1);
    /// Remote ones, too. We have none.
    pub const REMOTE: ListSelection = ListSelection(2);
    /// Parents of what matches, too; never alone.
    pub const RECURSIVE_MATCH: ListSelection = ListSelection(4);
    /// Those with a special use (RFC 6154).
    pub const SPECIAL_USE: ListSelection = ListSelection(8);

    /// These and others.
    #[must_use]
    pub fn with(self, other: ListSelection) -> ListSelection {
        ListSelection(self.0 | other.0)
    }

    /// Whether all of `other` are among these.
    pub fn contains(self, other: ListSelection) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Return options (RFC 9051 §6.3.9.2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListReturns {
    /// SUBSCRIBED.
    pub is_subscribed: bool,
    /// CHILDREN.
    pub has_children: bool,
    /// SPECIAL-USE (RFC 6154).
    pub is_special_use: bool,
    /// MYRIGHTS (RFC 8440).
    pub has_my_rights: bool,
    /// STATUS (RFC 5819), empty where not asked.
    pub status: Vec<StatusItem>,
}

/// What STATUS tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusItem {
    /// MESSAGES.
    Messages,
    /// RECENT (RFC 3501).
    Recent,
    /// UIDNEXT.
    UidNext,
    /// UIDVALIDITY.
    UidValidity,
    /// UNSEEN.
    Unseen,
    /// DELETED (RFC 9051, RFC 9208).
    Deleted,
    /// DELETED-STORAGE (RFC 9208).
    DeletedStorage,
    /// SIZE (RFC 8438).
    Size,
    /// HIGHESTMODSEQ (RFC 7162).
    HighestModSeq,
    /// MAILBOXID (RFC 8474).
    MailboxId,
    /// APPENDLIMIT (RFC 7889).
    AppendLimit,
}

impl StatusItem {
    /// Every item with its name on the wire.
    pub const ALL: [(&'static str, StatusItem); 11] = [
        ("MESSAGES", StatusItem::Messages),
        ("RECENT", StatusItem::Recent),
        ("UIDNEXT", StatusItem::UidNext),
        ("UIDVALIDITY", StatusItem::UidValidity),
        ("UNSEEN", StatusItem::Unseen),
        ("DELETED", StatusItem::Deleted),
        ("DELETED-STORAGE", StatusItem::DeletedStorage),
        ("SIZE", StatusItem::Size),
        ("HIGHESTMODSEQ", StatusItem::HighestModSeq),
        ("MAILBOXID", StatusItem::MailboxId),
        ("APPENDLIMIT", StatusItem::AppendLimit),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        let found = StatusItem::ALL.iter().find(|(_, item)| *item == self);
        found.map(|(name, _)| *name).expect("the table names every item")
    }
}

/// What a mailbox is for (RFC 6154 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpecialUse {
    /// \All.
    All,
    /// \Archive.
    Archive,
    /// \Drafts.
    Drafts,
    /// \Flagged.
    Flagged,
    /// \Junk.
    Junk,
    /// \Sent.
    Sent,
    /// \Trash.
    Trash,
    /// \Important (RFC 8457).
    Important,
}

impl SpecialUse {
    /// Every use with its attribute on the wire.
    pub const ALL_USES: [(&'static str, SpecialUse); 8] = [
        ("\\All", SpecialUse::All),
        ("\\Archive", SpecialUse::Archive),
        ("\\Drafts", SpecialUse::Drafts),
        ("\\Flagged", SpecialUse::Flagged),
        ("\\Junk", SpecialUse::Junk),
        ("\\Sent", SpecialUse::Sent),
        ("\\Trash", SpecialUse::Trash),
        ("\\Important", SpecialUse::Important),
    ];

    /// The attribute, backslash included.
    pub fn name(self) -> &'static str {
        let found = SpecialUse::ALL_USES.iter().find(|(_, special)| *special == self);
        found.map(|(name, _)| *name).expect("the table names every use")
    }
}
