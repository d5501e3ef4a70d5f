//! Audit search: who changed or sent what, when and why; and whether the chain is whole.

use app::access::{self, Need, Purpose};
use app::read::audit::{AuditQuery, ChainedRecord};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::{Rail, surroundings};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::Frame;
use crate::site::time;
use crate::site::visit::Signed;

/// Records that a page shows.
const ROWS_MAX: usize = 100;

struct Row {
    seq: i64,
    at: String,
    at_machine: String,
    actor: String,
    operation: String,
    object: String,
    reason: Option<String>,
    before: Option<String>,
    after: Option<String>,
    parameters: String,
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage {
    frame: Frame,
    rail: Rail,
    q: String,
    rows: Vec<Row>,
    count: i64,
    /// Whether the chain was followed, and whether it is whole.
    verified: Option<Verified>,
}

struct Verified {
    is_whole: bool,
    records: i64,
    first_bad: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    q: String,
    /// Present when the chain is to be followed too.
    verify: Option<String>,
}

/// `GET /admin/audit`
pub(crate) async fn list(
    signed: Signed,
    State(web): State<Web>,
    Query(search): Query<Search>,
) -> Response {
    signed.page(page(&signed, &web, search).await)
}

async fn page(signed: &Signed, web: &Web, search: Search) -> Result<AuditPage, Problem> {
    access::allow(&web.app.directory(), &signed.actor(), Need::Auditor, Purpose::Read)?;
    let wanted: Vec<String> = search.q.split_whitespace().map(str::to_lowercase).collect();
    let query = AuditQuery::default();
    let (records, count) =
        web.app.audit(&query, ROWS_MAX, |record| matches(record, &wanted)).await?;
    let verified = match search.verify {
        Some(_) => {
            let found = web.app.verify_audit().await?;
            let first_bad = found.first_bad.map(|(seq, _)| seq);
            Some(Verified { is_whole: first_bad.is_none(), records: found.records, first_bad })
        }
        None => None,
    };
    let (frame, rail) = surroundings(signed, "/admin/audit");
    let rows = records.into_iter().map(show).collect();
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    Ok(AuditPage { frame, rail, q: search.q, rows, count, verified })
}

fn matches(found: &ChainedRecord, wanted: &[String]) -> bool {
    let record = &found.record;
    wanted.iter().all(|word| {
        let has = |text: &str| text.to_lowercase().contains(word);
        has(&record.actor)
            || has(&record.operation)
            || has(&record.object)
            || record.reason.as_deref().is_some_and(has)
            || has(&record.parameters)
    })
}

fn show(found: ChainedRecord) -> Row {
    let record = found.record;
    Row {
        seq: found.seq,
        at: time::minute(record.at),
        at_machine: time::machine(record.at),
        actor: record.actor,
        operation: record.operation,
        object: record.object,
        reason: record.reason,
        before: record.before,
        after: record.after,
        parameters: record.parameters,
    }
}
