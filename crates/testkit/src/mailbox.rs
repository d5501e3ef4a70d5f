//! Folders, queue and records as they lie in the SQLite file, read beside the running server. The
//! tests count here what was kept, whatever the server says.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, Params, Row};

use crate::received::ReceivedMessage;

/// A message in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Its number in the folder.
    pub uid: i64,
    /// Its flags: a bit each, 1 is `\Seen`.
    pub flags: i64,
    /// Its author's address, as recorded.
    pub author: String,
    /// Its subject, as recorded.
    pub subject: String,
    /// The alias of the person who sent it, where members may see it.
    pub placed_by: Option<String>,
    /// The message, to the octet.
    pub message: ReceivedMessage,
}

/// An entry of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueRow {
    /// `waiting` or `held`.
    pub state: String,
    /// The recipient outside.
    pub recipient: String,
    /// The reverse-path.
    pub reverse_path: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What was answered last.
    pub last_reply: Option<String>,
    /// Whether its message is there.
    pub has_message: bool,
}

/// An event of the message trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceRow {
    /// What happened.
    pub event: String,
    /// The author.
    pub sender: Option<String>,
    /// To whom.
    pub recipient: Option<String>,
    /// The account.
    pub actor: Option<String>,
    /// More, as JSON.
    pub detail: String,
}

/// The lock of [`Mailbox::lock`].
#[derive(Debug)]
pub struct WriteLock {
    /// Closing it ends its transaction.
    _connection: Connection,
}

/// A view of a server's database. Each question opens it anew and sees the last commit.
#[derive(Debug, Clone)]
pub struct Mailbox {
    file: PathBuf,
}

impl Mailbox {
    /// The database in a data directory.
    pub fn of(dir: &Path) -> Mailbox {
        Mailbox { file: dir.join("guichet.db") }
    }

    /// The messages of a folder, in order: the recipient by its alias, the folder by its name.
    pub fn folder(&self, alias: &str, name: &str) -> Vec<Placed> {
        // tidy: allow(sql): read beside the server, so that a test need not believe it
        const QUERY: &str = "select p.uid, p.flags, m.author, m.subject, b.content,
                    (select alias_key from recipient where id = p.placed_by)
               from recipient r
               join folder f on f.recipient_id = r.id
               join placement p on p.folder_id = f.id
               join message m on m.id = p.message_id
               join blob b on b.id = m.id
              where r.alias_key = ?1 and f.name = ?2 and r.deleted_at is null
              order by p.uid";
        self.all(QUERY, [alias.to_lowercase(), name.to_owned()], |row| {
            Ok(Placed {
                uid: row.get(0)?,
                flags: row.get(1)?,
                author: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
                subject: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
                message: ReceivedMessage::new(row.get(4)?),
                placed_by: row.get(5)?,
            })
        })
    }

    /// The UIDs and subjects of a folder, in order, without the messages.
    pub fn subjects(&self, alias: &str, name: &str) -> Vec<(i64, String)> {
        // tidy: allow(sql): read beside the server, so that a test need not believe it
        const QUERY: &str = "select p.uid, m.subject
               from recipient r
               join folder f on f.recipient_id = r.id
               join placement p on p.folder_id = f.id
               join message m on m.id = p.message_id
              where r.alias_key = ?1 and f.name = ?2 and r.deleted_at is null
              order by p.uid";
        self.all(QUERY, [alias.to_lowercase(), name.to_owned()], |row| {
            Ok((row.get(0)?, row.get::<_, Option<String>>(1)?.unwrap_or_default()))
        })
    }

    /// Folders whose numbers have a gap, or whose counts are not those of their messages. There
    /// must be none as long as nothing is deleted.
    pub fn inconsistent_folders(&self) -> Vec<String> {
        // tidy: allow(sql): read beside the server, so that a test need not believe it
        const QUERY: &str = "select r.alias || '/' || f.name || ': ' || f.messages
                    || ' messages, next ' || f.uid_next || ', ' || count(p.uid)
                    || ' placed up to ' || coalesce(max(p.uid), 0)
               from folder f
               join recipient r on r.id = f.recipient_id
               left join placement p on p.folder_id = f.id
              group by f.id
             having count(p.uid) <> f.messages or coalesce(max(p.uid), 0) <> f.uid_next - 1
                 or count(p.uid) <> f.uid_next - 1
              order by 1";
        self.all(QUERY, [], |row| row.get(0))
    }

    /// `alias/folder` of every folder, in lower case, with the number that its next message gets.
    pub fn next_uids(&self) -> Vec<(String, i64)> {
        // tidy: allow(sql): read beside the server, so that a test need not believe it
        const QUERY: &str = "select lower(r.alias_key || '/' || f.name), f.uid_next
               from folder f join recipient r on r.id = f.recipient_id";
        self.all(QUERY, [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// `alias/folder` of every folder, in lower case, with the UID up to which it is indexed.
    pub fn indexed_uids(&self) -> Vec<(String, i64)> {
        // tidy: allow(sql): read beside the server, so that a test need not believe it
        const QUERY: &str = "select lower(r.alias_key || '/' || f.name), f.indexed_uid
               from folder f join recipient r on r.id = f.recipient_id";
        self.all(QUERY, [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// How many messages were ever kept.
    pub fn count_messages(&self) -> i64 {
        // tidy: allow(sql): read beside the server, so that a test need not believe it
        const QUERY: &str = "select count(*) from message";
        self.all(QUERY, [], |row| row.get(0))[0]
    }

    /// The queue, in order.
    pub fn queue(&self) -> Vec<QueueRow> {
        // tidy: allow(sql): read beside the server, so that a test need not believe it
        const QUERY: &str = "select q.state, q.recipient, q.reverse_path, q.attempts, q.last_reply,
                    exists (select 1 from message m join blob b on b.id = m.id
                             where m.id = q.message_id)
               from queue_entry q order by q.id";
        self.all(QUERY, [], |row| {
            Ok(QueueRow {
                state: row.get(0)?,
                recipient: row.get(1)?,
                reverse_path: row.get(2)?,
                attempts: row.get(3)?,
                last_reply: row.get(4)?,
                has_message: row.get(5)?,
            })
        })
    }

    /// The last event of the trace so far, to look behind it later.
    pub fn trace_mark(&self) -> i64 {
        // tidy: allow(sql): read beside the server, so that a test need not believe it
        const QUERY: &str = "select coalesce(max(id), 0) from trace_event";
        self.all(QUERY, [], |row| row.get(0))[0]
    }

    /// The events of the trace behind a mark, in order.
    pub fn trace_since(&self, mark: i64) -> Vec<TraceRow> {
        // tidy: allow(sql): read beside the server, so that a test need not believe it
        const QUERY: &str = "select event, sender, recipient, actor, detail
               from trace_event where id > ?1 order by id";
        self.all(QUERY, [mark], |row| {
            Ok(TraceRow {
                event: row.get(0)?,
                sender: row.get(1)?,
                recipient: row.get(2)?,
                actor: row.get(3)?,
                detail: row.get(4)?,
            })
        })
    }

    /// The last record of the audit so far, to look behind it later.
    pub fn audit_mark(&self) -> i64 {
        // tidy: allow(sql): read beside the server, so that a test need not believe it
        const QUERY: &str = "select coalesce(max(seq), 0) from audit_record";
        self.all(QUERY, [], |row| row.get(0))[0]
    }

    /// The records of the audit behind a mark: actor, operation, object.
    pub fn audit_since(&self, mark: i64) -> Vec<(String, String, String)> {
        // tidy: allow(sql): read beside the server, so that a test need not believe it
        const QUERY: &str = "select actor, operation, object
               from audit_record where seq > ?1 order by seq";
        self.all(QUERY, [mark], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }

    /// What SQLite itself says of the file; `ok` where nothing is wrong.
    pub fn integrity(&self) -> String {
        self.all("pragma integrity_check", [], |row| row.get::<_, String>(0)).join("; ")
    }

    /// Holds the database's only right to write, as another program might, until it is dropped.
    ///
    /// # Panics
    /// Where it is not to be had.
    pub fn lock(&self) -> WriteLock {
        let connection = Connection::open(&self.file).expect("the database can be opened");
        connection.busy_timeout(crate::poll::PATIENCE).expect("a time-out can be set");
        connection.execute_batch("begin immediate").expect("the lock is free for a moment");
        WriteLock { _connection: connection }
    }

    fn all<T>(
        &self,
        query: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Vec<T> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(&self.file, flags).expect("the database can be opened");
        connection.busy_timeout(crate::poll::PATIENCE).expect("a time-out can be set");
        let mut statement = connection.prepare(query).expect("the schema is the one known here");
        let rows = statement.query_map(parameters, read).expect("the database can be read");
        rows.collect::<Result<_, _>>().expect("the rows have the types known here")
    }
}
