//! The shared engine: PostgreSQL, for several processes on one database.
//!
//! Each write set is one transaction on one connection, and all of it is sent before the first
//! answer is awaited, so it costs one round trip. A guard is a call of a function that raises an
//! error, which makes the rest of the transaction, the commit included, void. Sets that PostgreSQL
//! stops because they stood in each other's way are run again: nothing of them was committed.

mod announce;
mod pool;

use std::error::Error;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use tokio_postgres::Config;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use self::announce::Announcer;
use self::pool::Pool;
use crate::columns::{Columns, Stepped};
use crate::event::{Event, EventBus};
use crate::failure::{CommitError, Failure, postgres_outcome};
use crate::migrate;
use crate::store::{Options, Query};
use crate::value::{Row, Value};
use crate::write_set::WriteSet;

/// How long opening a connection may take.
const CONNECT_WAIT: Duration = Duration::from_secs(10);
/// Runs of a set that PostgreSQL stopped for the sake of another one.
const RUNS_MAX: u32 = 5;

/// The handle to the connections.
#[derive(Debug)]
pub(crate) struct Postgres {
    pool: Pool,
    announcer: Announcer,
    events: EventBus,
}

impl Postgres {
    /// Connects and brings the tables up to date.
    pub(crate) async fn open(
        url: &str,
        options: &Options,
        events: EventBus,
    ) -> Result<Postgres, Failure> {
        let mut config: Config = url.parse()?;
        config.connect_timeout(CONNECT_WAIT).application_name("guichet");
        let pool = Pool::new(config.clone(), options.connections);
        migrate::migrate_postgres(&mut pool.session().await?.client).await?;
        let announcer = Announcer::start(config, events.clone()).await?;
        Ok(Postgres { pool, announcer, events })
    }

    /// Commits a set, and gives the rows of what it asks.
    pub(crate) async fn commit(&self, set: &WriteSet) -> Result<Vec<Row>, CommitError> {
        let mut run = 1;
        let rows = loop {
            let mut session = self.pool.session().await?;
            match session.commit(set, self.announcer.origin()).await {
                Ok(rows) => break rows,
                Err(error) if run < RUNS_MAX && was_stopped(&error) => run += 1,
                Err(error) => {
                    return Err(postgres_outcome(
                        error,
                        set.guards.iter().map(|guard| guard.text.name),
                    ));
                }
            }
        };
        self.events.publish(&set.events);
        self.announcer.announce(&set.events);
        Ok(rows)
    }

    /// Runs the queries on one state of the database.
    pub(crate) async fn read(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, Failure> {
        let answers = self.raw(queries).await?;
        Ok(answers.iter().map(|rows| rows_of(rows)).collect::<Result<_, _>>()?)
    }

    /// Folds the rows of queries.
    pub(crate) async fn fold<A>(
        &self,
        queries: &[Query],
        mut state: A,
        mut step: impl FnMut(&mut A, &mut Columns<'_>) -> Stepped,
    ) -> Result<A, Failure> {
        for row in self.raw(queries).await?.iter().flatten() {
            if step(&mut state, &mut Columns::of_postgres(row))?.is_break() {
                break;
            }
        }
        Ok(state)
    }

    async fn raw(&self, queries: &[Query]) -> Result<Vec<Vec<tokio_postgres::Row>>, Failure> {
        match self.pool.session().await?.read(queries).await {
            // A connection that waited unused may have been cut; reading again harms nobody.
            Err(error) if error.is_closed() => Ok(self.pool.session().await?.read(queries).await?),
            answer => Ok(answer?),
        }
    }

    /// Prepares the statements.
    pub(crate) async fn check(&self) -> Result<Vec<String>, Failure> {
        let mut session = self.pool.session().await?;
        let mut faults = Vec::new();
        for (purpose, sql) in crate::statements::all() {
            if let Err(error) = session.prepare(purpose, sql).await {
                if error.is_closed() {
                    return Err(error.into());
                }
                let words = error.as_db_error().map_or_else(String::new, ToString::to_string);
                faults.push(format!("{words}: {sql}"));
            }
        }
        Ok(faults)
    }
}

/// Whether PostgreSQL ended the transaction only because of others beside it.
fn was_stopped(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code)
    })
}

/// Directory changes are announced inside their transaction: no process may miss a revoke. They are
/// one at a time anyway. All other announcements follow the commit, because PostgreSQL lets
/// transactions that notify commit only one after the other.
fn is_announced_inside(event: Event) -> bool {
    matches!(event, Event::DirectoryChanged { .. })
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Value::Null => return Ok(IsNull::Yes),
            Value::Int(value) if *ty == Type::INT8 => out.put_i64(*value),
            Value::Int(value) if *ty == Type::INT4 => out.put_i32(i32::try_from(*value)?),
            Value::Text(text) if *ty == Type::TEXT => out.put_slice(text.as_bytes()),
            Value::Blob(bytes) if *ty == Type::BYTEA => out.put_slice(bytes),
            Value::Int(_) | Value::Text(_) | Value::Blob(_) => {
                return Err(format!("{self:?} is no {ty}").into());
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Value, Box<dyn Error + Sync + Send>> {
        Ok(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i64::from(i32::from_sql(ty, raw)?)),
            Type::TEXT => Value::Text(String::from_sql(ty, raw)?.into()),
            Type::BYTEA => Value::Blob(Bytes::copy_from_slice(raw)),
            // What a function without a result gives.
            Type::VOID => Value::Null,
            _ => return Err(format!("no query of ours gives a {ty}").into()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Value, Box<dyn Error + Sync + Send>> {
        Ok(Value::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn rows_of(found: &[tokio_postgres::Row]) -> Result<Vec<Row>, tokio_postgres::Error> {
    found
        .iter()
        .map(|row| (0..row.len()).map(|at| row.try_get(at)).collect::<Result<_, _>>().map(Row::new))
        .collect()
}
