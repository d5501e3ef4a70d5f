//! Connections: a few, each with the statements it has prepared, lent to one caller at a time.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;

use futures_util::TryStreamExt;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_postgres::{Client, Config, Error, NoTls, Statement};

use super::{is_announced_inside, rows_of};
use crate::dialect::Dialect;
use crate::failure::Failure;
use crate::statements::{self, Purpose};
use crate::store::Query;
use crate::value::{Row, Value};
use crate::write_set::WriteSet;

/// What a connection is told first. The limits are above what any statement of ours needs; they
/// free a connection whose server has lost its disk.
const SETTINGS: &str = "set statement_timeout = '60s'; set lock_timeout = '30s'; \
    set idle_in_transaction_session_timeout = '60s'";
/// The channel on which processes tell each other.
const NOTIFY: &str = "select pg_notify('guichet', $1)";

/// The connections.
#[derive(Debug)]
pub(super) struct Pool {
    config: Config,
    permits: Semaphore,
    idle: Mutex<Vec<Session>>,
}

impl Pool {
    pub(super) fn new(config: Config, connections: usize) -> Pool {
        let permits = Semaphore::new(connections.max(1));
        Pool { config, permits, idle: Mutex::new(Vec::new()) }
    }

    /// A connection for the caller alone, opened where none is idle.
    pub(super) async fn session(&self) -> Result<Lent<'_>, Failure> {
        let permit = self.permits.acquire().await.map_err(|_| Failure::closed())?;
        let session = loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match idle {
                Some(session) if session.client.is_closed() => {}
                Some(session) => break session,
                None => break Session::open(&self.config).await?,
            }
        };
        Ok(Lent { pool: self, session: Some(session), _permit: permit })
    }
}

/// A connection that goes back to the pool when it is dropped.
#[derive(Debug)]
pub(super) struct Lent<'p> {
    pool: &'p Pool,
    /// `None` only while it is being dropped.
    session: Option<Session>,
    _permit: SemaphorePermit<'p>,
}

impl Deref for Lent<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session.as_ref().expect("a session is there until the drop")
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        self.session.as_mut().expect("a session is there until the drop")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        // Everything that was sent ends its own transaction, so a caller that went away in the
        // middle leaves the connection as good as one that stayed.
        if let Some(session) = self.session.take()
            && !session.client.is_closed()
        {
            self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
        }
    }
}

/// A connection.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) client: Client,
    /// By the address of the text, which is a constant. `None` for a text that is empty here.
    prepared: HashMap<(Purpose, usize, usize), Option<Statement>>,
    notify: Option<Statement>,
}

type Run<'a> = Pin<Box<dyn Future<Output = Result<Vec<tokio_postgres::Row>, Error>> + Send + 'a>>;

impl Session {
    async fn open(config: &Config) -> Result<Session, Failure> {
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "A connection to PostgreSQL was lost");
            }
        });
        client.batch_execute(SETTINGS).await?;
        Ok(Session { client, prepared: HashMap::new(), notify: None })
    }

    /// The prepared statement of a text.
    pub(super) async fn prepare(
        &mut self,
        purpose: Purpose,
        sql: &'static str,
    ) -> Result<Option<Statement>, Error> {
        let key = (purpose, sql.as_ptr() as usize, sql.len());
        if let Some(statement) = self.prepared.get(&key) {
            return Ok(statement.clone());
        }
        statements::assert_registered(purpose, sql);
        let mut text = Dialect::Postgres.resolve(sql);
        if purpose == Purpose::Guard {
            let name = statements::guard_name(sql);
            text = format!("select guichet_guard('{name}', ({text}))");
        }
        let statement =
            if text.is_empty() { None } else { Some(self.client.prepare(&text).await?) };
        self.prepared.insert(key, statement.clone());
        Ok(statement)
    }

    /// Runs a set as one transaction, sent at once.
    pub(super) async fn commit(&mut self, set: &WriteSet, origin: i64) -> Result<Vec<Row>, Error> {
        let mut steps: Vec<(Statement, Vec<&Value>)> = Vec::new();
        for sql in &set.locks {
            if let Some(statement) = self.prepare(Purpose::Statement, sql).await? {
                steps.push((statement, Vec::new()));
            }
        }
        for guard in &set.guards {
            if let Some(prepared) = self.prepare(Purpose::Guard, guard.text.sql).await? {
                steps.push((prepared, guard.params.iter().collect()));
            }
        }
        // The outcome of `begin` comes before those of the steps.
        let mut asked = Vec::new();
        for statement in &set.statements {
            if let Some(prepared) = self.prepare(Purpose::Statement, statement.sql).await? {
                steps.push((prepared, statement.params.iter().collect()));
                if statement.is_asked {
                    asked.push(steps.len());
                }
            }
        }
        let payloads: Vec<Value> = set
            .events
            .iter()
            .filter(|event| is_announced_inside(**event))
            .map(|event| event.to_payload(origin).into())
            .collect();
        for payload in &payloads {
            steps.push((self.prepare_notify().await?, vec![payload]));
        }
        let outcomes = self.transaction("begin", steps).await?;
        let mut answer = Vec::new();
        for at in asked {
            answer.extend(rows_of(&outcomes[at])?);
        }
        Ok(answer)
    }

    async fn prepare_notify(&mut self) -> Result<Statement, Error> {
        if let Some(statement) = &self.notify {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(NOTIFY).await?;
        self.notify = Some(statement.clone());
        Ok(statement)
    }

    /// Runs queries, several of them on one state.
    pub(super) async fn read(
        &mut self,
        queries: &[Query],
    ) -> Result<Vec<Vec<tokio_postgres::Row>>, Error> {
        let mut steps: Vec<(Statement, Vec<&Value>)> = Vec::with_capacity(queries.len());
        for query in queries {
            if let Some(statement) = self.prepare(Purpose::Statement, query.sql).await? {
                steps.push((statement, query.params.iter().collect()));
            }
        }
        if let [(statement, params)] = steps.as_slice() {
            return Ok(vec![run(&self.client, statement, params).await?]);
        }
        let mut outcomes =
            self.transaction("begin isolation level repeatable read read only", steps).await?;
        // Those of `begin` and `commit`.
        outcomes.pop();
        outcomes.remove(0);
        Ok(outcomes)
    }

    /// Sends a whole transaction, then reads the answers: one for `begin`, one a step, one for
    /// `commit`. The first error is the transaction's; all that follow come from it.
    async fn transaction(
        &self,
        begin: &'static str,
        steps: Vec<(Statement, Vec<&Value>)>,
    ) -> Result<Vec<Vec<tokio_postgres::Row>>, Error> {
        let mut runs: Vec<Run<'_>> = Vec::with_capacity(steps.len() + 2);
        runs.push(frame(&self.client, begin));
        for (statement, params) in &steps {
            runs.push(Box::pin(run(&self.client, statement, params)));
        }
        // In a transaction that has failed this rolls back, and answers without an error; so only
        // the errors of the steps tell.
        runs.push(frame(&self.client, "commit"));
        in_order(runs).await.into_iter().collect()
    }
}

async fn run(
    client: &Client,
    statement: &Statement,
    params: &[&Value],
) -> Result<Vec<tokio_postgres::Row>, Error> {
    client.query_raw(statement, params.iter().copied()).await?.try_collect().await
}

fn frame<'a>(client: &'a Client, sql: &'static str) -> Run<'a> {
    Box::pin(async move { client.batch_execute(sql).await.map(|()| Vec::new()) })
}

/// Polls all futures once in their order, which sends them in that order, then awaits them.
async fn in_order<T>(mut runs: Vec<Pin<Box<dyn Future<Output = T> + Send + '_>>>) -> Vec<T> {
    let mut done: Vec<Option<T>> = runs.iter().map(|_| None).collect();
    let mut all_sent = false;
    poll_fn(|context| {
        let mut pending = false;
        for (run, outcome) in runs.iter_mut().zip(&mut done) {
            if outcome.is_some() {
                continue;
            }
            match run.as_mut().poll(context) {
                Poll::Ready(value) => *outcome = Some(value),
                Poll::Pending => pending = true,
            }
            // Answers come in the order of sending: behind the first missing one there is none.
            if pending && all_sent {
                break;
            }
        }
        all_sent = true;
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    done.into_iter().flatten().collect()
}
