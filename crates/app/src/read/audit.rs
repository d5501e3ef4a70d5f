//! The audit log: search with more filters than the store has, and the check of its chain.

use domain::Timestamp;
use store::audit::AuditFilter;

use crate::App;

pub use crate::command::CLIENT_PARAMETER;
pub use store::audit::{AuditRecord, ChainedRecord, Verification};

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
        let mut page = AuditFilter {
            from: query.from,
            to: query.to,
            before_seq: query.before_seq,
            actor: only(&query.actors),
            limit: PAGE_RECORDS,
            ..AuditFilter::default()
        };
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

impl AuditQuery {
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
