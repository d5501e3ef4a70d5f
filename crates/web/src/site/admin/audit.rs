//! Audit search: who changed or sent what, when and why; and whether the chain is whole. What was
//! found can be turned page by page, and kept as CSV or as JSON lines.

use app::access::{self, Need, Purpose};
use app::command::shell_word;
use app::read::audit::{self, AuditQuery, ChainedRecord};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::download::{self, Form};
use super::paging::query_of;
use super::{Rail, surroundings};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::Frame;
use crate::site::time;
use crate::site::visit::Signed;

/// Records that a page shows.
const ROWS_MAX: usize = 50;
/// Records of one part of a file.
const PART_ROWS: usize = 5_000;

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
    search: Search,
    rows: Vec<Row>,
    /// The page of older records.
    next: Option<String>,
    /// Whether the chain was followed, and whether it is whole.
    verified: Option<Verified>,
}

struct Verified {
    is_whole: bool,
    records: i64,
    first_bad: Option<i64>,
    /// The hash of the last record: noted elsewhere it shows later that the end is whole.
    head: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Search {
    /// Words that are all somewhere in the record.
    #[serde(default)]
    q: String,
    #[serde(default)]
    actor: String,
    #[serde(default)]
    operation: String,
    #[serde(default)]
    object: String,
    /// The first day, in UTC.
    #[serde(default)]
    from: String,
    /// The last day, in UTC.
    #[serde(default)]
    to: String,
    /// Only older records than this.
    before: Option<i64>,
    /// Present when the chain is to be followed too.
    verify: Option<String>,
}

impl Search {
    /// The query, and the words of the rest.
    fn query(&self, signed: &Signed) -> Result<(AuditQuery, Vec<String>), Problem> {
        let named = |text: &str| -> Vec<String> {
            Some(text.trim())
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
                .into_iter()
                .collect()
        };
        let query = AuditQuery {
            from: time::day_or_none(&self.from, time::start_of_day)
                .map_err(|day| signed.bad_day(day))?,
            to: time::day_or_none(&self.to, time::end_of_day).map_err(|day| signed.bad_day(day))?,
            before_seq: self.before,
            actors: named(&self.actor),
            operations: named(&self.operation),
            objects: named(&self.object),
        };
        let wanted = self.q.split_whitespace().map(str::to_lowercase).collect();
        Ok((query, wanted))
    }

    /// A path with the same search.
    fn path(&self, path: &str, before: Option<i64>) -> String {
        let before = before.map(|before| before.to_string()).unwrap_or_default();
        let values = [
            ("q", self.q.as_str()),
            ("actor", &self.actor),
            ("operation", &self.operation),
            ("object", &self.object),
            ("from", &self.from),
            ("to", &self.to),
            ("before", &before),
        ];
        query_of(path, &values)
    }

    fn file(&self, form: &str) -> String {
        self.path(&format!("/admin/audit/file/{form}"), None)
    }

    fn has_filters(&self) -> bool {
        let filters = [&self.actor, &self.operation, &self.object, &self.from, &self.to];
        filters.into_iter().any(|text| !text.is_empty())
    }

    /// What searches the same.
    fn line(&self) -> String {
        let options = [
            ("--user", &self.actor),
            ("--operation", &self.operation),
            ("--object", &self.object),
            ("--since", &self.from),
            ("--until", &self.to),
            ("--text", &self.q),
        ];
        let given = options.into_iter().filter(|(_, value)| !value.trim().is_empty());
        given.fold("guichet audit".to_owned(), |line, (name, value)| {
            format!("{line} {name} {}", shell_word(value.trim()))
        })
    }
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
    let (query, wanted) = search.query(signed)?;
    let found = web.app.audit_part(&query, ROWS_MAX, |record| matches(record, &wanted)).await?;
    let (records, next) = found;
    let verified = match search.verify {
        Some(_) => {
            let found = web.app.verify_audit().await?;
            let first_bad = found.first_bad.map(|(seq, _)| seq);
            let (records, head) = (found.records, found.head);
            Some(Verified { is_whole: first_bad.is_none(), records, first_bad, head })
        }
        None => None,
    };
    let (frame, rail) = surroundings(signed, "/admin/audit");
    let rows = records.into_iter().map(show).collect();
    let next = next.map(|before| search.path("/admin/audit", Some(before)));
    Ok(AuditPage { frame, rail, search, rows, next, verified })
}

/// `GET /admin/audit/file/{form}`: everything that the search finds.
pub(crate) async fn file(
    signed: Signed,
    State(web): State<Web>,
    Path(form): Path<String>,
    Query(search): Query<Search>,
) -> Response {
    let form = match form.as_str() {
        "csv" => Form::Csv,
        "jsonl" => Form::JsonLines,
        _ => return signed.visit.problem(Problem::NotFound),
    };
    let allowed =
        access::allow(&web.app.directory(), &signed.actor(), Need::Auditor, Purpose::Read);
    if let Err(denied) = allowed {
        return signed.visit.problem(denied.into());
    }
    let (query, wanted) = match search.query(&signed) {
        Ok(read) => read,
        Err(problem) => return signed.visit.problem(problem),
    };
    let begin = Part { before: query.before_seq, is_first: true };
    download::in_parts(("audit", form), begin, move |part| {
        let (web, wanted) = (web.clone(), wanted.clone());
        let query = AuditQuery { before_seq: part.before, ..query.clone() };
        async move {
            let found = web.app.audit_part(&query, PART_ROWS, |it| matches(it, &wanted)).await?;
            let (records, next) = found;
            let next = next.map(|before| Part { before: Some(before), is_first: false });
            Ok::<_, app::Failure>((written(form, &records, part.is_first), next))
        }
    })
}

/// A part of a file.
struct Part {
    before: Option<i64>,
    is_first: bool,
}

fn written(form: Form, records: &[ChainedRecord], is_first: bool) -> String {
    let table = audit::table(records);
    if form == Form::JsonLines {
        return table
            .objects()
            .map(|row| format!("{}\n", serde_json::Value::Object(row)))
            .collect();
    }
    let mut text = if is_first { table.csv_head() } else { String::new() };
    table.add_csv_rows(&mut text);
    text
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
