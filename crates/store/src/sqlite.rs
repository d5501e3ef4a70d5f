//! The embedded engine: SQLite in WAL mode with `synchronous=full`.
//!
//! One thread writes and commits the waiting write sets together ([`writer`]); a few threads read
//! ([`reader`]), and one copies the log back ([`checkpointer`]). Callers send jobs to them through
//! bounded queues and wait for the answer. The threads end when the last [`Sqlite`] is dropped;
//! what they had committed is safe at any moment.

mod checkpointer;
mod reader;
mod writer;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};
use tokio::sync::{mpsc, oneshot};

use crate::audit::sha256_hex;
use crate::columns::{Columns, Stepped};
use crate::dialect::Dialect;
use crate::event::EventBus;
use crate::failure::{CommitError, Failure};
use crate::migrate;
use crate::statements::{self, Purpose};
use crate::store::{Options, Query};
use crate::value::{Row, Value};
use crate::write_set::WriteSet;

/// How long a checkpoint waits for whoever still uses the log.
const CHECKPOINT_PATIENCE: Duration = Duration::from_secs(2);
/// How long a connection waits for another program that holds the file.
const BUSY_WAIT: Duration = Duration::from_secs(10);
/// The pause before what SQLite does not wait for by itself is tried again.
const BUSY_PAUSE: Duration = Duration::from_millis(10);
/// Page cache of the writer, in KiB. Small, because the operating system caches the file as well.
const WRITER_CACHE_KIB: u32 = 4096;
/// Page cache of each reader, in KiB.
const READER_CACHE_KIB: u32 = 1024;
/// The log file is cut back to this after a checkpoint, so that a burst does not hold its space.
const LOG_BYTES_KEPT: u32 = 64 * 1024 * 1024;
/// SQLite's page, in bytes.
const PAGE_BYTES: u64 = 4096;
/// Write sets that wait for the writer. Whoever comes later waits for a place.
const WAITING_SETS_MAX: usize = 1024;
/// Reads that wait for a reader.
const WAITING_READS_MAX: usize = 1024;

/// The handle to the threads.
#[derive(Debug)]
pub(crate) struct Sqlite {
    writer: mpsc::Sender<writer::Job>,
    readers: mpsc::Sender<reader::Job>,
    path: PathBuf,
}

impl Sqlite {
    /// Opens or creates the file, migrates it, and starts the threads.
    pub(crate) fn open(
        path: &Path,
        options: &Options,
        events: EventBus,
    ) -> Result<Sqlite, Failure> {
        create_private(path)?;
        let mut connection = open_writer(path, options)?;
        migrate::migrate_sqlite(&mut connection)?;
        let (writer, jobs) = mpsc::channel(WAITING_SETS_MAX);
        let (checkpoints, run) = checkpointer::pair(open(path)?);
        spawn("store-checkpoint", run)?;
        spawn("store-writer", move || {
            checkpointer::watch(&connection);
            writer::run(&connection, jobs, &checkpoints, &events);
        })?;
        let (readers, jobs) = mpsc::channel(WAITING_READS_MAX);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..options.readers.max(1) {
            let connection = open_reader(path)?;
            let jobs = Arc::clone(&jobs);
            spawn("store-reader", move || reader::run(&connection, &jobs))?;
        }
        Ok(Sqlite { path: path.to_owned(), writer, readers })
    }

    /// Commits a set together with those of other callers, and gives the rows of what it asks.
    pub(crate) async fn commit(&self, set: WriteSet) -> Result<Vec<Row>, CommitError> {
        let (reply, answer) = oneshot::channel();
        let job = writer::Job { set, reply };
        self.writer.send(job).await.map_err(|_| Failure::closed())?;
        answer.await.map_err(|_| Failure::closed())?
    }

    /// Runs the queries on one state of the database.
    pub(crate) async fn read(&self, queries: Vec<Query>) -> Result<Vec<Vec<Row>>, Failure> {
        self.on_reader(|reply| reader::Job::Read { queries, reply }).await
    }

    /// Folds the rows of queries on a reader's thread.
    pub(crate) async fn fold<A: Send + 'static>(
        &self,
        queries: Vec<Query>,
        mut state: A,
        mut step: impl FnMut(&mut A, &mut Columns<'_>) -> Stepped + Send + 'static,
    ) -> Result<A, Failure> {
        self.on_reader(move |reply| {
            reader::Job::Visit(Box::new(move |prepared| {
                let outcome = prepared.each(&queries, |columns| step(&mut state, columns));
                // Whoever asked may have gone.
                let _ = reply.send(outcome.map(|()| state));
            }))
        })
        .await
    }

    /// Moves everything from the log into the file itself and empties the log, so that the file
    /// alone is the whole database. Waits for readers and the writer a little.
    pub(crate) async fn checkpoint(&self) -> Result<(), Failure> {
        let path = self.path.clone();
        let done = tokio::task::spawn_blocking(move || {
            let connection = Connection::open(path)?;
            connection.busy_timeout(CHECKPOINT_PATIENCE)?;
            connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
            Ok(())
        });
        done.await.map_err(|_| Failure::closed())?
    }

    /// Reads every page and compares all indexes with their tables. Then prepares the statements.
    pub(crate) async fn check(&self) -> Result<Vec<String>, Failure> {
        self.on_reader(|reply| reader::Job::Check { reply }).await
    }

    async fn on_reader<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, Failure>>) -> reader::Job,
    ) -> Result<T, Failure> {
        let (reply, answer) = oneshot::channel();
        self.readers.send(job(reply)).await.map_err(|_| Failure::closed())?;
        answer.await.map_err(|_| Failure::closed())?
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(run).map_err(|error| Failure::Io { source: Arc::new(error) })?;
    Ok(())
}

/// Creates the file readable by its owner only. The log beside it takes the same mode from SQLite.
fn create_private(path: &Path) -> Result<(), Failure> {
    let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    opened.map_err(|error| Failure::Unavailable { source: Arc::new(error) })?;
    Ok(())
}

fn open_writer(path: &Path, options: &Options) -> Result<Connection, Failure> {
    let connection = open(path)?;
    turn_log_on(&connection)?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES_KEPT)?;
    connection.pragma_update(None, "cache_size", -i64::from(WRITER_CACHE_KIB))?;
    // Else what a savepoint would need to roll back is written to a file for each set.
    connection.pragma_update(None, "temp_store", "memory")?;
    if let Some(bytes) = options.size_bytes_max {
        let pages = i64::try_from(bytes / PAGE_BYTES).unwrap_or(i64::MAX);
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(connection)
}

/// Turns the write-ahead log on. Where several open a new file together, one of them does it; for
/// the others SQLite does not wait by itself, because here it waits only where it holds no lock.
fn turn_log_on(connection: &Connection) -> Result<(), Failure> {
    let mut tries_left = BUSY_WAIT.as_millis() / BUSY_PAUSE.as_millis();
    loop {
        // `journal_mode` answers with a row, which `pragma_update` tolerates.
        match connection.pragma_update(None, "journal_mode", "wal").map_err(Failure::from) {
            Err(Failure::Busy { .. }) if tries_left > 0 => {
                tries_left -= 1;
                std::thread::sleep(BUSY_PAUSE);
            }
            outcome => return outcome,
        }
    }
}

fn open_reader(path: &Path) -> Result<Connection, Failure> {
    let connection = open(path)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -i64::from(READER_CACHE_KIB))?;
    Ok(connection)
}

fn open(path: &Path) -> Result<Connection, Failure> {
    // A connection is used by one thread at a time, so SQLite need not lock inside.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_WAIT)?;
    connection.create_scalar_function(
        "sha256_hex",
        1,
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC,
        |context| Ok(sha256_hex(context.get_raw(0).as_str()?)),
    )?;
    Ok(connection)
}

/// The statements that a connection has prepared, by the address of their text: every text is a
/// constant of the program, so looking one up costs no comparison of texts.
pub(crate) struct Prepared<'c> {
    connection: &'c Connection,
    /// `None` for a text that is empty on this engine.
    statements: HashMap<(Purpose, usize, usize), Option<rusqlite::Statement<'c>>>,
}

impl<'c> Prepared<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Prepared<'c> {
        Prepared { connection, statements: HashMap::new() }
    }

    fn statement(
        &mut self,
        purpose: Purpose,
        sql: &'static str,
    ) -> rusqlite::Result<Option<&mut rusqlite::Statement<'c>>> {
        let key = (purpose, sql.as_ptr() as usize, sql.len());
        let statement = match self.statements.entry(key) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                statements::assert_registered(purpose, sql);
                let text = Dialect::Sqlite.resolve(sql);
                let text = match purpose {
                    Purpose::Statement => text,
                    Purpose::Guard => format!("select ({text})"),
                };
                let is_empty = text.is_empty();
                entry.insert(if is_empty { None } else { Some(self.connection.prepare(&text)?) })
            }
        };
        Ok(statement.as_mut())
    }

    /// Runs a statement that gives no rows.
    pub(crate) fn execute(&mut self, sql: &'static str, params: &[Value]) -> rusqlite::Result<()> {
        if let Some(statement) = self.statement(Purpose::Statement, sql)? {
            let outcome = statement.execute(rusqlite::params_from_iter(params));
            // Else the bytes of a large message stay with the statement until it runs again.
            statement.clear_bindings();
            outcome?;
        }
        Ok(())
    }

    /// Runs a query.
    pub(crate) fn rows(
        &mut self,
        sql: &'static str,
        params: &[Value],
    ) -> rusqlite::Result<Vec<Row>> {
        let Some(statement) = self.statement(Purpose::Statement, sql)? else {
            return Ok(Vec::new());
        };
        let columns = statement.column_count();
        let mut found = statement.query(rusqlite::params_from_iter(params))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let values = (0..columns).map(|at| Ok(owned(row.get_ref(at)?)));
            rows.push(Row::new(values.collect::<rusqlite::Result<_>>()?));
        }
        Ok(rows)
    }

    /// Runs queries on one state and shows each row where it lies, until `step` breaks.
    pub(crate) fn each(
        &mut self,
        queries: &[Query],
        mut step: impl FnMut(&mut Columns<'_>) -> Stepped,
    ) -> Result<(), Failure> {
        let is_framed = queries.len() > 1;
        if is_framed {
            self.execute(statements::BEGIN, &[])?;
        }
        let outcome = self.walk(queries, &mut step);
        if is_framed && !self.connection.is_autocommit() {
            self.execute(statements::COMMIT, &[])?;
        }
        outcome
    }

    fn walk(
        &mut self,
        queries: &[Query],
        step: &mut impl FnMut(&mut Columns<'_>) -> Stepped,
    ) -> Result<(), Failure> {
        for query in queries {
            let Some(statement) = self.statement(Purpose::Statement, query.sql)? else { continue };
            let mut found = statement.query(rusqlite::params_from_iter(&query.params))?;
            while let Some(row) = found.next()? {
                if step(&mut Columns::of_sqlite(row))?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Whether an expression is true.
    pub(crate) fn holds(&mut self, sql: &'static str, params: &[Value]) -> rusqlite::Result<bool> {
        let Some(statement) = self.statement(Purpose::Guard, sql)? else { return Ok(true) };
        let params = rusqlite::params_from_iter(params);
        let answer: Option<i64> = statement.query_row(params, |row| row.get(0))?;
        Ok(answer.is_some_and(|answer| answer != 0))
    }
}

fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        // No column of ours is a floating-point number; sums of integers are integers.
        ValueRef::Real(value) => Value::Text(value.to_string().into()),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned().into()),
        ValueRef::Blob(bytes) => Value::Blob(bytes::Bytes::copy_from_slice(bytes)),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
