//! The writer: takes all write sets that wait and commits them with one fsync.
//!
//! A set whose guard does not hold writes nothing. A set whose statement fails makes the whole
//! batch begin again, each set in a savepoint of the shared transaction, so that it leaves no mark
//! and harms no other; that is rare, and keeping a savepoint ready for every set would copy each
//! page that it touches. Nobody is answered before the commit has returned. A commit that fails
//! fails all sets of the batch: after a failed fsync nobody knows what is on the disk, so trying
//! the same set again behind the caller's back would promise what cannot be known.

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::Prepared;
use super::checkpointer::Checkpoints;
use crate::event::EventBus;
use crate::failure::{CommitError, Failure};
use crate::statements;
use crate::value::Row;
use crate::write_set::WriteSet;

/// Sets in one commit. More would make the first wait long for the last.
const BATCH_SETS_MAX: usize = 256;
/// Bytes of content after which a batch takes no further set.
const BATCH_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A set and who waits for it.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) set: WriteSet,
    pub(super) reply: oneshot::Sender<Outcome>,
}

type Outcome = Result<Vec<Row>, CommitError>;

/// Serves until all senders are gone.
pub(super) fn run(
    connection: &Connection,
    mut jobs: mpsc::Receiver<Job>,
    checkpoints: &Checkpoints,
    events: &EventBus,
) {
    let mut prepared = Prepared::new(connection);
    while let Some(first) = jobs.blocking_recv() {
        let mut bytes = first.set.content_bytes();
        let mut batch = vec![first];
        while batch.len() < BATCH_SETS_MAX
            && bytes < BATCH_BYTES_MAX
            && let Ok(job) = jobs.try_recv()
        {
            bytes += job.set.content_bytes();
            batch.push(job);
        }
        let outcomes = commit_together(connection, &mut prepared, &batch);
        for (job, outcome) in batch.into_iter().zip(outcomes) {
            if outcome.is_ok() {
                events.publish(&job.set.events);
            }
            // Whoever waited may have gone; the set is committed all the same.
            let _ = job.reply.send(outcome);
        }
        checkpoints.step(connection);
    }
}

/// One outcome for each job, in order.
fn commit_together(
    connection: &Connection,
    prepared: &mut Prepared<'_>,
    batch: &[Job],
) -> Vec<Outcome> {
    match try_together(connection, prepared, batch) {
        Ok(outcomes) => outcomes,
        Err(failure) => {
            tracing::warn!(sets = batch.len(), error = %failure, "A commit failed");
            if !connection.is_autocommit() {
                // If even this fails, the next `begin` says so to the next batch.
                let _ = connection.execute_batch("rollback");
            }
            batch.iter().map(|_| Err(CommitError::Failure(failure.clone()))).collect()
        }
    }
}

fn try_together(
    connection: &Connection,
    prepared: &mut Prepared<'_>,
    batch: &[Job],
) -> Result<Vec<Outcome>, Failure> {
    prepared.execute(statements::BEGIN_IMMEDIATE, &[])?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for job in batch {
        match apply(prepared, &job.set) {
            Applied::All(rows) => outcomes.push(Ok(rows)),
            Applied::Nothing(guard) => outcomes.push(Err(CommitError::Conflict(guard))),
            Applied::Partly(_) => {
                // Some errors end the whole transaction by themselves.
                if !connection.is_autocommit() {
                    prepared.execute(statements::ROLLBACK, &[])?;
                }
                return try_apart(connection, prepared, batch);
            }
        }
    }
    prepared.execute(statements::COMMIT, &[])?;
    Ok(outcomes)
}

/// The same with a savepoint for each set, for batches in which one fails.
fn try_apart(
    connection: &Connection,
    prepared: &mut Prepared<'_>,
    batch: &[Job],
) -> Result<Vec<Outcome>, Failure> {
    prepared.execute(statements::BEGIN_IMMEDIATE, &[])?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for job in batch {
        prepared.execute(statements::SAVEPOINT, &[])?;
        let outcome = match apply(prepared, &job.set) {
            Applied::All(rows) => Ok(rows),
            Applied::Nothing(guard) => Err(CommitError::Conflict(guard)),
            Applied::Partly(error) => Err(error),
        };
        if let Err(error) = &outcome {
            // Some errors end the whole transaction by themselves: then nobody's set is in it.
            if connection.is_autocommit() {
                return Err(match error {
                    CommitError::Failure(failure) => failure.clone(),
                    CommitError::Conflict(name) => Failure::corrupt(format!("conflict on {name}")),
                });
            }
            prepared.execute(statements::ROLLBACK_TO, &[])?;
        }
        prepared.execute(statements::RELEASE, &[])?;
        outcomes.push(outcome);
    }
    prepared.execute(statements::COMMIT, &[])?;
    Ok(outcomes)
}

/// How much of a set is in the transaction.
enum Applied {
    /// All of it; the rows of what it asks.
    All(Vec<Row>),
    /// Nothing: this guard does not hold.
    Nothing(&'static str),
    /// What came before the statement that failed.
    Partly(CommitError),
}

fn apply(prepared: &mut Prepared<'_>, set: &WriteSet) -> Applied {
    for guard in &set.guards {
        match prepared.holds(guard.text.sql, &guard.params) {
            Ok(true) => {}
            Ok(false) => return Applied::Nothing(guard.text.name),
            Err(error) => return Applied::Partly(error.into()),
        }
    }
    match write(prepared, set) {
        Ok(rows) => Applied::All(rows),
        Err(error) => Applied::Partly(error.into()),
    }
}

fn write(prepared: &mut Prepared<'_>, set: &WriteSet) -> rusqlite::Result<Vec<Row>> {
    let mut answer = Vec::new();
    for statement in &set.statements {
        if statement.is_asked {
            answer.extend(prepared.rows(statement.sql, &statement.params)?);
        } else {
            prepared.execute(statement.sql, &statement.params)?;
        }
    }
    Ok(answer)
}
