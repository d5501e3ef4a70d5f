//! The audit log: search with more filters than the store has, and the check of its chain.

use domain::Timestamp;
use serde_json::json;
use store::audit::AuditFilter;

use crate::App;
use crate::report::Table;

pub use crate::command::CLIENT_PARAMETER;
pub use store::audit::{AuditRecord, ChainedRecord, Verification};

/// The names of the columns of [`table`].
const COLUMNS: [&str; 10] = [
    "Number",
    "WhenUTC",
    "Actor",
    "Operation",
    "Object",
    "Reason",
    "Parameters",
    "Before",
    "After",
    "Hash",
];

/// Records that are read at once.
const PAGE_RECORDS: u32 = 1_000;
/// Records that one search looks through at most, newest first.
pub const RECORDS_SCANNED_MAX: usize = 200_000;

/// Which records are sought. Empty lists stand for any.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// Not earlier than this.
    pub from: Option<Timestamp>,
    /// Not later than this.
    pub to: Option<Timestamp>,
    /// Only records before this one, by number: where an earlier search ended.
    pub before_seq: Option<i64>,
    /// By whom, in any case.
    pub actors: Vec<String>,
    /// Which operations, in any case.
    pub operations: Vec<String>,
    /// On what, in any case.
    pub objects: Vec<String>,
}

impl App {
    /// The records that a query and a filter let through, newest first; and how many there are.
    pub async fn audit(
        &self,
        query: &AuditQuery,
        limit: usize,
        filter: impl Fn(&ChainedRecord) -> bool,
    ) -> Result<(Vec<ChainedRecord>, usize), store::Failure> {
        let (mut found, mut count, mut scanned) = (Vec::new(), 0, 0);
        let mut page = query.first_page();
        loop {
            let records = store::audit::search(&self.store, &page).await?;
            scanned += records.len();
            page.before_seq = records.last().map(|record| record.seq);
            let is_last = records.len() < PAGE_RECORDS as usize || scanned >= RECORDS_SCANNED_MAX;
            let matches = |record: &ChainedRecord| query.takes(record) && filter(record);
            for record in records.into_iter().filter(matches) {
                count += 1;
                if found.len() < limit {
                    found.push(record);
                }
            }
            if is_last {
                return Ok((found, count));
            }
        }
    }

    /// The first records that a query and a filter let through, newest first, and where the next
    /// part of the search begins: before the record of this number. Nothing where it has ended.
    pub async fn audit_part(
        &self,
        query: &AuditQuery,
        limit: usize,
        filter: impl Fn(&ChainedRecord) -> bool,
    ) -> Result<(Vec<ChainedRecord>, Option<i64>), store::Failure> {
        let (mut found, mut scanned) = (Vec::new(), 0);
        let mut page = query.first_page();
        loop {
            let records = store::audit::search(&self.store, &page).await?;
            scanned += records.len();
            page.before_seq = records.last().map(|record| record.seq);
            let is_last = records.len() < PAGE_RECORDS as usize;
            let matches = |record: &ChainedRecord| query.takes(record) && filter(record);
            for record in records.into_iter().filter(matches) {
                if found.len() == limit {
                    let last = found.last().map(|record: &ChainedRecord| record.seq);
                    return Ok((found, last));
                }
                found.push(record);
            }
            if is_last {
                return Ok((found, None));
            }
            if scanned >= RECORDS_SCANNED_MAX {
                return Ok((found, page.before_seq));
            }
        }
    }

    /// The latest records of what was done to an object, named as recorded; newest first.
    pub async fn latest_changes(
        &self,
        object: &str,
        limit: u32,
    ) -> Result<Vec<ChainedRecord>, store::Failure> {
        let object = Some(object.to_owned());
        let filter = AuditFilter { object, limit, ..AuditFilter::default() };
        store::audit::search(&self.store, &filter).await
    }

    /// Follows the chain of hashes from the first record on.
    pub async fn verify_audit(&self) -> Result<Verification, store::Failure> {
        store::audit::verify(&self.store).await
    }
}

/// Records as rows, under names that are the same in all languages. Times are in UTC, to the
/// second.
pub fn table(records: &[ChainedRecord]) -> Table {
    let rows = records.iter().map(|found| {
        let record = &found.record;
        vec![
            json!(found.seq),
            json!(crate::dates::instant(record.at)),
            json!(record.actor),
            json!(record.operation),
            json!(record.object),
            json!(record.reason),
            json!(record.parameters),
            json!(record.before),
            json!(record.after),
            json!(found.hash),
        ]
    });
    Table::new(&COLUMNS, rows.collect())
}

impl AuditQuery {
    /// What of it the store can look for, from its newest record on.
    fn first_page(&self) -> AuditFilter {
        AuditFilter {
            from: self.from,
            to: self.to,
            before_seq: self.before_seq,
            actor: only(&self.actors),
            limit: PAGE_RECORDS,
            ..AuditFilter::default()
        }
    }

    fn takes(&self, found: &ChainedRecord) -> bool {
        let record = &found.record;
        is_any(&self.actors, &record.actor)
            && is_any(&self.operations, &record.operation)
            && is_any(&self.objects, &record.object)
    }
}

fn is_any(wanted: &[String], value: &str) -> bool {
    wanted.is_empty() || wanted.iter().any(|one| one.to_lowercase() == value.to_lowercase())
}

fn only(list: &[String]) -> Option<String> {
    match list {
        [one] => Some(one.clone()),
        _ => None,
    }
}
