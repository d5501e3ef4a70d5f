//! Failures: what can go wrong with a database, told apart by what the operator or the caller does.
//!
//! The kinds decide the answer at the edges: no room is 452 in SMTP, all others are 451. Every text
//! says what to do; the engine's own words are the source.

use std::error::Error;
use std::sync::Arc;

use rusqlite::ErrorCode;
use tokio_postgres::error::SqlState;

use crate::dialect::{Dialect, GUARD_SQLSTATE, MISSING_REFERENCE};

/// The engine's own error. Shared, because all write sets of a failed commit fail by the same one.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// Why the database did not do what was asked. Nothing was committed, except that after
/// [`Unavailable`](Failure::Unavailable) on PostgreSQL a commit may have happened unheard.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// No space on the disk, or the size limit is reached.
    #[error("the database has no room left: free space on its disk, or raise its size limit")]
    Full {
        /// What the engine said.
        source: Cause,
    },
    /// Somebody else holds it for too long.
    #[error(
        "the database is busy: try again; if it lasts, look for another program that holds it open"
    )]
    Busy {
        /// What the engine said.
        source: Cause,
    },
    /// It cannot be opened or reached.
    #[error("the database cannot be reached: check its path or address, and that it runs")]
    Unavailable {
        /// What the engine said.
        source: Cause,
    },
    /// It holds what nobody wrote.
    #[error("the database is damaged ({what}): stop the server, copy the files, restore a backup")]
    Corrupt {
        /// What was found.
        what: String,
    },
    /// A later version of this program has changed the schema.
    #[error(
        "the database has schema {found}, this program knows up to {known}: start the newer \
         program, or restore a backup from before the upgrade"
    )]
    Newer {
        /// The schema found.
        found: i64,
        /// The last schema known.
        known: i64,
    },
    /// The disk or the operating system failed.
    #[error("reading or writing the database failed: check the disk and the system's log")]
    Io {
        /// What the engine said.
        source: Cause,
    },
    /// The engine did not take a statement of ours.
    #[error("the database refused a statement: this is a fault in the program; report it")]
    Statement {
        /// What the engine said.
        source: Cause,
    },
}

impl Failure {
    /// Whether it is lack of room, which the sender may be told (452 in SMTP).
    pub fn is_full(&self) -> bool {
        matches!(self, Failure::Full { .. })
    }

    /// Whether trying again later may help without anybody doing anything.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Failure::Busy { .. } | Failure::Unavailable { .. } | Failure::Full { .. })
    }

    /// The thread or task that serves the database has ended.
    pub(crate) fn closed() -> Failure {
        let source: Box<dyn Error + Send + Sync> = "the store is closed".into();
        Failure::Unavailable { source: Arc::from(source) }
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> Failure {
        Failure::Corrupt { what: what.into() }
    }
}

/// Why a write set was not committed. No part of it was.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// A guard did not hold, or a constraint would have been broken: decide again on fresh facts.
    /// The name is the guard's or the constraint's.
    #[error("the facts changed meanwhile ({0}): read them again and decide anew")]
    Conflict(&'static str),
    /// The database failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl CommitError {
    /// The name of the guard or constraint, where it is a conflict.
    pub fn conflict(&self) -> Option<&'static str> {
        match self {
            CommitError::Conflict(name) => Some(name),
            CommitError::Failure(_) => None,
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Failure {
        let code = error.sqlite_error_code();
        let text = error.to_string();
        let source: Cause = Arc::new(error);
        match code {
            Some(ErrorCode::DiskFull) => Failure::Full { source },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Failure::Busy { source },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Failure::Corrupt { what: text }
            }
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
                Failure::Unavailable { source }
            }
            Some(
                ErrorCode::SystemIoFailure | ErrorCode::OutOfMemory | ErrorCode::NoLargeFileSupport,
            ) => Failure::Io { source },
            _ => Failure::Statement { source },
        }
    }
}

impl From<rusqlite::Error> for CommitError {
    fn from(error: rusqlite::Error) -> CommitError {
        if let rusqlite::Error::SqliteFailure(code, Some(text)) = &error
            && code.code == ErrorCode::ConstraintViolation
        {
            // "UNIQUE constraint failed: table.column, table.column"
            let constraint = text.split_once(": ").map_or("", |(_, constraint)| constraint);
            if let Some(name) = Dialect::Sqlite.conflict(constraint) {
                return CommitError::Conflict(name);
            }
            if text.starts_with("FOREIGN KEY") {
                return CommitError::Conflict(MISSING_REFERENCE);
            }
        }
        CommitError::Failure(error.into())
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Failure {
        let code = error.code().map(|code| code.code().to_owned());
        let text = error.as_db_error().map_or_else(String::new, |db| db.message().to_owned());
        let is_gone = error.is_closed() || code.is_none();
        let source: Cause = Arc::new(error);
        match code.as_deref().unwrap_or_default() {
            "53100" => Failure::Full { source },
            "55P03" | "57014" | "40001" | "40P01" => Failure::Busy { source },
            "XX001" | "XX002" => Failure::Corrupt { what: text },
            // 08: connection; 57P: shut down; 53: out of resources; 28, 3D: login and database
            // name.
            code if is_gone
                || ["08", "57P", "53", "28", "3D"].iter().any(|c| code.starts_with(c)) =>
            {
                Failure::Unavailable { source }
            }
            code if code.starts_with("58") => Failure::Io { source },
            _ => Failure::Statement { source },
        }
    }
}

/// Reads an error of PostgreSQL as the outcome of a write set with these guards.
pub(crate) fn postgres_outcome(
    error: tokio_postgres::Error,
    guards: impl Iterator<Item = &'static str>,
) -> CommitError {
    if let Some(db) = error.as_db_error() {
        let name = if db.code().code() == GUARD_SQLSTATE {
            guards.into_iter().find(|name| *name == db.message())
        } else if *db.code() == SqlState::FOREIGN_KEY_VIOLATION {
            Some(MISSING_REFERENCE)
        } else if *db.code() == SqlState::NOT_NULL_VIOLATION {
            let place = format!("{}.{}", db.table().unwrap_or(""), db.column().unwrap_or(""));
            Dialect::Postgres.conflict(&place)
        } else {
            db.constraint().and_then(|constraint| Dialect::Postgres.conflict(constraint))
        };
        if let Some(name) = name {
            return CommitError::Conflict(name);
        }
    }
    CommitError::Failure(error.into())
}
