//! Message trace: what happened to a message. Administrators and auditors search all of it.

use app::access::{self, Need, Purpose};
use app::read::trace::{TraceEvent, TraceKind, TraceQuery, TraceRow, TraceStatus, detail};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;

use super::list::Search;
use super::{Rail, surroundings};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::{Frame, render};
use crate::site::texts::Texts;
use crate::site::time;
use crate::site::visit::Signed;

/// Rows that a page shows; the search narrows further.
const ROWS_MAX: usize = 100;

struct Row {
    trace_id: String,
    at: String,
    at_machine: String,
    sender: String,
    recipient: String,
    subject: String,
    status: String,
    tone: &'static str,
    right: Option<String>,
    submitted_by: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/trace.html")]
struct TracePage {
    frame: Frame,
    rail: Rail,
    q: String,
    rows: Vec<Row>,
    is_full: bool,
}

/// `GET /admin/trace`
pub(crate) async fn list(
    signed: Signed,
    State(web): State<Web>,
    Query(search): Query<Search>,
) -> Response {
    match rows(&signed, &web, &search.q).await {
        Ok(rows) => {
            let (frame, rail) = surroundings(&signed, "/admin/trace");
            let is_full = rows.len() == ROWS_MAX;
            render(&TracePage { frame, rail, q: search.q, rows, is_full })
        }
        Err(problem) => signed.visit.problem(problem),
    }
}

async fn rows(signed: &Signed, web: &Web, q: &str) -> Result<Vec<Row>, Problem> {
    may_read(signed, web)?;
    let wanted: Vec<String> = q.split_whitespace().map(str::to_lowercase).collect();
    let query = TraceQuery { limit: ROWS_MAX, ..TraceQuery::default() };
    let found = web.app.trace(&query, |row| matches(row, &wanted)).await?;
    Ok(found.into_iter().map(|row| show(&signed.visit.texts, row)).collect())
}

fn may_read(signed: &Signed, web: &Web) -> Result<(), Problem> {
    access::allow(&web.app.directory(), &signed.actor(), Need::Auditor, Purpose::Read)?;
    Ok(())
}

/// Every wanted word is somewhere in the row.
fn matches(row: &TraceRow, wanted: &[String]) -> bool {
    wanted.iter().all(|word| {
        let has = |text: &str| text.to_lowercase().contains(word);
        has(&row.sender)
            || has(&row.recipient)
            || has(&row.subject)
            || has(&row.internet_message_id)
            || has(&row.trace_id)
            || row.submitted_by.as_deref().is_some_and(has)
    })
}

fn show(texts: &Texts, row: TraceRow) -> Row {
    let (status, tone) = match row.status {
        TraceStatus::Delivered => (texts.t("trace-delivered"), "good"),
        TraceStatus::Expanded => (texts.t("trace-expanded"), "good"),
        TraceStatus::Pending => (texts.t("trace-pending"), "warn"),
        TraceStatus::Failed => (texts.t("trace-failed"), "bad"),
        TraceStatus::Refused => (texts.t("trace-refused"), "bad"),
        TraceStatus::Redirected => (texts.t("trace-redirected"), "warn"),
        _ => (row.status.as_str().to_owned(), ""),
    };
    Row {
        trace_id: row.trace_id,
        at: time::minute(row.received_at),
        at_machine: time::machine(row.received_at),
        sender: row.sender,
        recipient: row.recipient,
        subject: row.subject,
        status,
        tone,
        right: row.mode,
        submitted_by: row.submitted_by,
    }
}

struct EventLine {
    at: String,
    at_machine: String,
    what: String,
    recipient: String,
    said: String,
}

#[derive(Template)]
#[template(path = "admin/trace_message.html")]
struct MessagePage {
    frame: Frame,
    rail: Rail,
    trace_id: String,
    rows: Vec<Row>,
    events: Vec<EventLine>,
}

/// `GET /admin/trace/{id}`
pub(crate) async fn message(
    signed: Signed,
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Response {
    signed.page(message_page(&signed, &web, id).await)
}

async fn message_page(signed: &Signed, web: &Web, id: String) -> Result<MessagePage, Problem> {
    may_read(signed, web)?;
    let events = web.app.trace_events(&id).await?;
    if events.is_empty() {
        return Err(Problem::NotFound);
    }
    let rows = web.app.rows_of_trace(&id).await?;
    let (frame, rail) = surroundings(signed, "/admin/trace");
    let texts = frame.texts;
    Ok(MessagePage {
        rows: rows.into_iter().map(|row| show(&texts, row)).collect(),
        events: events.iter().map(|event| event_line(&texts, event)).collect(),
        frame,
        rail,
        trace_id: id,
    })
}

fn event_line(texts: &Texts, event: &TraceEvent) -> EventLine {
    let detail = detail(event);
    let text = |name: &str| detail[name].as_str().unwrap_or_default().to_owned();
    let said = match event.kind {
        TraceKind::Submit => {
            format!(
                "{} · {} · {}",
                event.actor.clone().unwrap_or_default(),
                text("mode"),
                text("client")
            )
        }
        TraceKind::Receive => text("client"),
        TraceKind::Refuse => format!("{} {}", text("reason"), text("advice")),
        TraceKind::Rule => crate::admin::rule::told(&detail),
        _ => format!("{} {}", text("host"), text("reply")).trim().to_owned(),
    };
    EventLine {
        at: time::minute(event.at),
        at_machine: time::machine(event.at),
        what: kind(texts, event.kind),
        recipient: event.recipient.clone().unwrap_or_default(),
        said,
    }
}

fn kind(texts: &Texts, kind: TraceKind) -> String {
    match kind {
        TraceKind::Submit => texts.t("event-submit"),
        TraceKind::Receive => texts.t("event-receive"),
        TraceKind::Deliver => texts.t("event-deliver"),
        TraceKind::Expand => texts.t("event-expand"),
        TraceKind::Send => texts.t("event-send"),
        TraceKind::Defer => texts.t("event-defer"),
        TraceKind::Fail => texts.t("event-fail"),
        TraceKind::Refuse => texts.t("event-refuse"),
        TraceKind::Hold => texts.t("event-hold"),
        TraceKind::Release => texts.t("event-release"),
        TraceKind::Drop => texts.t("event-drop"),
        TraceKind::Journal => texts.t("event-journal"),
        TraceKind::Rule => texts.t("event-rule"),
    }
}
