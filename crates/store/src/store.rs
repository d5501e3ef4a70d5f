//! The store: one database of either engine, shared by everything in the process.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use domain::FolderId;
use tokio::sync::broadcast;

use crate::columns::{Columns, Stepped};
use crate::event::{Event, EventBus, FolderWatch};
use crate::failure::{CommitError, Failure};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::value::{Row, Value};
use crate::write_set::{Rank, WriteSet};

/// Identifiers that a process takes from the database at once. What it has not used when it ends is
/// never used; 64 bits have room for it.
const ID_BLOCK: i64 = 10_000;

const RESERVE_IDS: &str =
    "update id_sequence set next_id = next_id + $1 where id = 1 returning next_id - $1";

pub(crate) const STATEMENTS: &[&str] = &[RESERVE_IDS];

/// Where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A file, created where there is none, readable by its owner only.
    Sqlite(PathBuf),
    /// The address of a database: `postgres://user@host/name`.
    Postgres(String),
}

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// SQLite: threads that read.
    pub readers: usize,
    /// SQLite: bytes that the file may grow to; beyond, writing fails as [`Failure::Full`].
    pub size_bytes_max: Option<u64>,
    /// PostgreSQL: connections at most. One more listens.
    pub connections: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options { readers: 2, size_bytes_max: None, connections: 8 }
    }
}

/// A query with its parameters.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) sql: &'static str,
    pub(crate) params: Vec<Value>,
}

impl Query {
    pub(crate) fn new(sql: &'static str, params: Vec<Value>) -> Query {
        Query { sql, params }
    }
}

/// The database. Cloning gives another handle to the same one.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    events: EventBus,
    ids: Ids,
}

#[derive(Debug)]
enum Engine {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

/// The identifiers at hand.
#[derive(Debug, Default)]
struct Ids {
    /// The next one and the end of the block.
    block: Mutex<(i64, i64)>,
    refill: tokio::sync::Mutex<()>,
}

impl Ids {
    fn take(&self) -> Option<i64> {
        let mut block = self.block.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, end) = *block;
        (next < end).then(|| {
            block.0 += 1;
            next
        })
    }

    fn put(&self, start: i64) {
        *self.block.lock().unwrap_or_else(PoisonError::into_inner) = (start, start + ID_BLOCK);
    }
}

impl Store {
    /// Opens a database, creates its tables or brings them up to date. Call it inside a tokio
    /// runtime.
    pub async fn open(location: Location, options: Options) -> Result<Store, Failure> {
        let events = EventBus::new();
        let engine = match location {
            Location::Sqlite(path) => {
                let events = events.clone();
                let opened =
                    tokio::task::spawn_blocking(move || Sqlite::open(&path, &options, events));
                Engine::Sqlite(opened.await.map_err(|_| Failure::closed())??)
            }
            Location::Postgres(url) => {
                let postgres = Postgres::open(&url, &options, events.clone()).await?;
                Engine::Postgres(Box::new(postgres))
            }
        };
        Ok(Store { inner: Arc::new(Inner { engine, events, ids: Ids::default() }) })
    }

    /// Whether the database is a file that this process alone has open.
    pub fn is_embedded(&self) -> bool {
        match self.inner.engine {
            Engine::Sqlite(_) => true,
            Engine::Postgres(_) => false,
        }
    }

    /// Commits a write set: all of it, durably, or nothing.
    ///
    /// When the future is dropped meanwhile, the set may or may not be committed.
    pub async fn commit(&self, set: WriteSet) -> Result<(), CommitError> {
        if set.is_empty() {
            return Ok(());
        }
        self.commit_returning(set).await.map(drop)
    }

    /// Commits a write set and gives the rows of what it asks.
    pub(crate) async fn commit_returning(
        &self,
        mut set: WriteSet,
    ) -> Result<Vec<Row>, CommitError> {
        set.sort();
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.commit(set).await,
            Engine::Postgres(postgres) => postgres.commit(&set).await,
        }
    }

    /// An identifier that nothing else in this database has, whichever process asks.
    ///
    /// Identifiers of one process ascend; those of several do so block by block.
    pub async fn next_id(&self) -> Result<i64, Failure> {
        let ids = &self.inner.ids;
        loop {
            if let Some(id) = ids.take() {
                return Ok(id);
            }
            let _refilling = ids.refill.lock().await;
            // Whoever held the lock before may have filled it.
            if let Some(id) = ids.take() {
                return Ok(id);
            }
            ids.put(self.reserve_ids().await?);
        }
    }

    async fn reserve_ids(&self) -> Result<i64, Failure> {
        let mut set = WriteSet::new();
        set.ask(Rank::Plain, RESERVE_IDS, vec![ID_BLOCK.into()]);
        match self.commit_returning(set).await {
            Ok(rows) => first(rows)?.int(),
            Err(CommitError::Failure(failure)) => Err(failure),
            Err(CommitError::Conflict(name)) => Err(Failure::corrupt(name)),
        }
    }

    /// What is committed from now on, by this process or by others on the same PostgreSQL.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.inner.events.subscribe()
    }

    /// The same without [`Event::FolderChanged`], which every accepted message publishes.
    pub fn subscribe_without_folders(&self) -> broadcast::Receiver<Event> {
        self.inner.events.subscribe_without_folders()
    }

    /// Hears of one folder from now on. On an embedded database whatever was committed before is
    /// heard at once; between processes on PostgreSQL it takes its way.
    pub fn watch_folder(&self, folder: FolderId) -> FolderWatch {
        self.inner.events.watch(folder)
    }

    /// Makes the file of an embedded database whole by itself, without its log. Call it when the
    /// server stops; nothing is lost without it. Does nothing on PostgreSQL.
    pub async fn checkpoint(&self) -> Result<(), Failure> {
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.checkpoint().await,
            Engine::Postgres(_) => Ok(()),
        }
    }

    /// Checks the database: on SQLite every page and index, on both engines that it understands
    /// every statement of this program. Gives a line for each fault; none means sound. May take
    /// minutes.
    pub async fn check(&self) -> Result<Vec<String>, Failure> {
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.check().await,
            Engine::Postgres(postgres) => postgres.check().await,
        }
    }

    /// The rows of one query.
    pub(crate) async fn rows(
        &self,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Row>, Failure> {
        let mut answers = self.read(vec![Query::new(sql, params)]).await?;
        Ok(answers.pop().unwrap_or_default())
    }

    /// Folds the rows of queries on one state of the database without owning them, until `step`
    /// breaks; for what is read by the thousand. On SQLite `step` runs on a thread that reads, so
    /// it must be short and never wait.
    pub(crate) async fn fold<A: Send + 'static>(
        &self,
        queries: Vec<Query>,
        state: A,
        step: impl FnMut(&mut A, &mut Columns<'_>) -> Stepped + Send + 'static,
    ) -> Result<A, Failure> {
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.fold(queries, state, step).await,
            Engine::Postgres(postgres) => postgres.fold(&queries, state, step).await,
        }
    }

    /// What `read` makes of each row of a query.
    pub(crate) async fn decoded<T: Send + 'static>(
        &self,
        query: Query,
        mut read: impl FnMut(&mut Columns<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Vec<T>, Failure> {
        let step = move |all: &mut Vec<T>, columns: &mut Columns<'_>| {
            all.push(read(columns)?);
            Ok(ControlFlow::Continue(()))
        };
        self.fold(vec![query], Vec::new(), step).await
    }

    /// The first row of a query.
    pub(crate) async fn row(
        &self,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Option<Row>, Failure> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }

    /// The rows of several queries on one state of the database.
    pub(crate) async fn read(&self, queries: Vec<Query>) -> Result<Vec<Vec<Row>>, Failure> {
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.read(queries).await,
            Engine::Postgres(postgres) => postgres.read(&queries).await,
        }
    }
}

/// The row of a query that always has one.
pub(crate) fn first(rows: Vec<Row>) -> Result<Row, Failure> {
    rows.into_iter().next().ok_or_else(|| Failure::corrupt("a row that every database has is gone"))
}
