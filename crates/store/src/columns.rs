//! The columns of a row while the engine holds it, for what is read by the thousand.
//!
//! [`Row`](crate::value::Row) owns its values, which is right for a few rows and costs an
//! allocation for each of many. Here a caller's function sees each row where it lies and keeps
//! what it needs: numbers are copied, bytes are only looked at.

use std::ops::ControlFlow;

use domain::Timestamp;
use tokio_postgres::types::Type;

use crate::failure::Failure;

/// What a look at a row comes to: whether to go on.
pub(crate) type Stepped = Result<ControlFlow<()>, Failure>;

/// A row, its columns taken one after the other in the order of the select list.
pub(crate) struct Columns<'r> {
    source: Source<'r>,
    at: usize,
}

enum Source<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl<'r> Columns<'r> {
    pub(crate) fn of_sqlite(row: &'r rusqlite::Row<'r>) -> Columns<'r> {
        Columns { source: Source::Sqlite(row), at: 0 }
    }

    pub(crate) fn of_postgres(row: &'r tokio_postgres::Row) -> Columns<'r> {
        Columns { source: Source::Postgres(row), at: 0 }
    }

    fn next(&mut self) -> usize {
        let at = self.at;
        self.at += 1;
        at
    }

    pub(crate) fn opt_int(&mut self) -> Result<Option<i64>, Failure> {
        let at = self.next();
        match self.source {
            Source::Sqlite(row) => match row.get_ref(at)? {
                rusqlite::types::ValueRef::Integer(value) => Ok(Some(value)),
                rusqlite::types::ValueRef::Null => Ok(None),
                _ => Err(unexpected("an integer")),
            },
            Source::Postgres(row) => match *row.columns()[at].type_() {
                Type::INT4 => Ok(row.try_get::<_, Option<i32>>(at)?.map(i64::from)),
                _ => Ok(row.try_get(at)?),
            },
        }
    }

    pub(crate) fn int(&mut self) -> Result<i64, Failure> {
        self.opt_int()?.ok_or_else(|| unexpected("an integer"))
    }

    pub(crate) fn at(&mut self) -> Result<Timestamp, Failure> {
        self.int().map(Timestamp)
    }

    pub(crate) fn opt_bytes(&mut self) -> Result<Option<&'r [u8]>, Failure> {
        let at = self.next();
        match self.source {
            Source::Sqlite(row) => match row.get_ref(at)? {
                rusqlite::types::ValueRef::Blob(bytes) => Ok(Some(bytes)),
                rusqlite::types::ValueRef::Null => Ok(None),
                _ => Err(unexpected("bytes")),
            },
            Source::Postgres(row) => Ok(row.try_get(at)?),
        }
    }
}

fn unexpected(wanted: &str) -> Failure {
    Failure::corrupt(format!("a column holds something else where {wanted} belongs"))
}
