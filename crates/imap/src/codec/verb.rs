//! The commands by name: one table.
//!
//! `UID FETCH` and `FETCH` are one verb; how messages are counted is in the command itself.

/// The name of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each variant is the command of its name")]
pub enum Verb {
    Append,
    Authenticate,
    Capability,
    Check,
    Close,
    Compress,
    Copy,
    Create,
    Delete,
    DeleteAcl,
    Enable,
    Examine,
    Expunge,
    Fetch,
    GetAcl,
    GetMetadata,
    GetQuota,
    GetQuotaRoot,
    Id,
    Idle,
    List,
    ListRights,
    Login,
    Logout,
    Lsub,
    Move,
    MyRights,
    Namespace,
    Noop,
    Rename,
    Search,
    Select,
    SetAcl,
    SetMetadata,
    SetQuota,
    Sort,
    StartTls,
    Status,
    Store,
    Subscribe,
    Thread,
    Unselect,
    Unsubscribe,
}

impl Verb {
    /// Every verb with its name on the wire.
    pub const ALL: [(&'static str, Verb); 43] = [
        ("FETCH", Verb::Fetch),
        ("STORE", Verb::Store),
        ("NOOP", Verb::Noop),
        ("IDLE", Verb::Idle),
        ("SEARCH", Verb::Search),
        ("STATUS", Verb::Status),
        ("SELECT", Verb::Select),
        ("EXAMINE", Verb::Examine),
        ("LIST", Verb::List),
        ("APPEND", Verb::Append),
        ("COPY", Verb::Copy),
        ("MOVE", Verb::Move),
        ("EXPUNGE", Verb::Expunge),
        ("CAPABILITY", Verb::Capability),
        ("AUTHENTICATE", Verb::Authenticate),
        ("LOGIN", Verb::Login),
        ("LOGOUT", Verb::Logout),
        ("STARTTLS", Verb::StartTls),
        ("ENABLE", Verb::Enable),
        ("ID", Verb::Id),
        ("COMPRESS", Verb::Compress),
        ("NAMESPACE", Verb::Namespace),
        ("LSUB", Verb::Lsub),
        ("CREATE", Verb::Create),
        ("DELETE", Verb::Delete),
        ("RENAME", Verb::Rename),
        ("SUBSCRIBE", Verb::Subscribe),
        ("UNSUBSCRIBE", Verb::Unsubscribe),
        ("CHECK", Verb::Check),
        ("CLOSE", Verb::Close),
        ("UNSELECT", Verb::Unselect),
        ("SORT", Verb::Sort),
        ("THREAD", Verb::Thread),
        ("GETQUOTA", Verb::GetQuota),
        ("GETQUOTAROOT", Verb::GetQuotaRoot),
        ("SETQUOTA", Verb::SetQuota),
        ("GETMETADATA", Verb::GetMetadata),
        ("SETMETADATA", Verb::SetMetadata),
        ("SETACL", Verb::SetAcl),
        ("DELETEACL", Verb::DeleteAcl),
        ("GETACL", Verb::GetAcl),
        ("LISTRIGHTS", Verb::ListRights),
        ("MYRIGHTS", Verb::MyRights),
    ];

    /// The verb of that name, in any case.
    pub fn from_name(name: &[u8]) -> Option<Verb> {
        let found = Verb::ALL.iter().find(|(verb, _)| verb.as_bytes().eq_ignore_ascii_case(name));
        found.map(|(_, verb)| *verb)
    }

    /// The name, in capitals.
    pub fn name(self) -> &'static str {
        let found = Verb::ALL.iter().find(|(_, verb)| *verb == self);
        found.map(|(name, _)| *name).expect("the table names every verb")
    }

    /// Whether `UID` may stand before it (RFC 9051 §6.4.9, RFC 5256 §3, RFC 6851 §3).
    pub fn takes_uid(self) -> bool {
        matches!(
            self,
            Verb::Copy
                | Verb::Expunge
                | Verb::Fetch
                | Verb::Move
                | Verb::Search
                | Verb::Sort
                | Verb::Store
                | Verb::Thread
        )
    }
}
