//! Readers: threads with a connection each, that take reads from one queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::Prepared;
use crate::failure::Failure;
use crate::statements;
use crate::store::Query;
use crate::value::Row;

/// What is done on a reader's thread; it answers by itself.
pub(super) type Visit = Box<dyn FnOnce(&mut Prepared<'_>) + Send>;

/// What a reader can be asked.
pub(super) enum Job {
    /// Queries on one state of the database.
    Read { queries: Vec<Query>, reply: oneshot::Sender<Result<Vec<Vec<Row>>, Failure>> },
    /// Something that is done with the rows where they lie.
    Visit(Visit),
    /// The check of everything.
    Check { reply: oneshot::Sender<Result<Vec<String>, Failure>> },
}

/// Serves until all senders are gone.
pub(super) fn run(connection: &Connection, jobs: &Mutex<mpsc::Receiver<Job>>) {
    let mut prepared = Prepared::new(connection);
    loop {
        // The lock is held while waiting: the other readers wait for the lock instead.
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        // Whoever asked may have gone, which nobody needs to know.
        match job {
            Some(Job::Read { queries, reply }) => {
                let _ = reply.send(read(connection, &mut prepared, &queries));
            }
            Some(Job::Visit(visit)) => {
                // A visit runs code of its caller. Where that panics the caller is left without an
                // answer, which it takes for a failure, and the thread goes on serving others.
                let _ = catch_unwind(AssertUnwindSafe(|| visit(&mut prepared)));
            }
            Some(Job::Check { reply }) => {
                let _ = reply.send(check(connection));
            }
            None => return,
        }
    }
}

fn read(
    connection: &Connection,
    prepared: &mut Prepared<'_>,
    queries: &[Query],
) -> Result<Vec<Vec<Row>>, Failure> {
    if let [only] = queries {
        return Ok(vec![prepared.rows(only.sql, &only.params)?]);
    }
    prepared.execute(statements::BEGIN, &[])?;
    let found: rusqlite::Result<Vec<Vec<Row>>> =
        queries.iter().map(|query| prepared.rows(query.sql, &query.params)).collect();
    if !connection.is_autocommit() {
        prepared.execute(statements::COMMIT, &[])?;
    }
    Ok(found?)
}

fn check(connection: &Connection) -> Result<Vec<String>, Failure> {
    let mut faults = Vec::new();
    let mut check = connection.prepare("pragma integrity_check")?;
    let mut lines = check.query([])?;
    while let Some(line) = lines.next()? {
        let line: String = line.get(0)?;
        if line != "ok" {
            faults.push(line);
        }
    }
    let mut prepared = Prepared::new(connection);
    for (purpose, sql) in statements::all() {
        if let Err(error) = prepared.statement(purpose, sql) {
            faults.push(format!("{error}: {sql}"));
        }
    }
    Ok(faults)
}
