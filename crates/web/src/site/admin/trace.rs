//! Message trace: what happened to a message. Administrators and auditors search all of it.

use app::access::{self, Need, Purpose};
use app::command::shell_word;
use app::read::trace::{TraceEvent, TraceKind, TraceQuery, TraceRow, TraceStatus, detail};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::Timestamp;
use serde::Deserialize;

use super::paging::query_of;
use super::{Rail, surroundings};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::Frame;
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

/// What is sought.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Search {
    /// Words that are all somewhere in the row.
    #[serde(default)]
    q: String,
    /// A status by its name, or any.
    #[serde(default)]
    status: String,
    /// The first day, in UTC.
    #[serde(default)]
    from: String,
    /// The last day, in UTC.
    #[serde(default)]
    to: String,
    /// Only what came before this event: its instant and number.
    #[serde(default)]
    before: String,
}

impl Search {
    fn query(&self, signed: &Signed) -> Result<TraceQuery, Problem> {
        let before = self.before.split_once('.');
        let before =
            before.and_then(|(at, id)| Some((Timestamp(at.parse().ok()?), id.parse().ok()?)));
        Ok(TraceQuery {
            from: time::day_or_none(&self.from, time::start_of_day)
                .map_err(|day| signed.bad_day(day))?,
            to: time::day_or_none(&self.to, time::end_of_day).map_err(|day| signed.bad_day(day))?,
            before,
            limit: ROWS_MAX,
            ..TraceQuery::default()
        })
    }

    fn is_status(&self, status: &str) -> bool {
        self.status == status
    }

    fn path(&self, before: &str) -> String {
        let values = [
            ("q", self.q.as_str()),
            ("status", &self.status),
            ("from", &self.from),
            ("to", &self.to),
            ("before", before),
        ];
        query_of("/admin/trace", &values)
    }

    /// What searches the same, or as much of it as the command line knows.
    fn line(&self) -> String {
        let options = [
            ("--subject", &self.q),
            ("--status", &self.status),
            ("--since", &self.from),
            ("--until", &self.to),
        ];
        let given = options.into_iter().filter(|(_, value)| !value.trim().is_empty());
        given.fold("guichet trace".to_owned(), |line, (name, value)| {
            let name = if name == "--subject" && value.contains('@') { "--from" } else { name };
            format!("{line} {name} {}", shell_word(value.trim()))
        })
    }
}

#[derive(Template)]
#[template(path = "admin/trace.html")]
struct TracePage {
    frame: Frame,
    rail: Rail,
    search: Search,
    rows: Vec<Row>,
    /// Statuses to choose from: name and text.
    statuses: Vec<(&'static str, String)>,
    /// The page of what came before.
    next: Option<String>,
}

/// `GET /admin/trace`
pub(crate) async fn list(
    signed: Signed,
    State(web): State<Web>,
    Query(search): Query<Search>,
) -> Response {
    signed.page(page(&signed, &web, search).await)
}

async fn page(signed: &Signed, web: &Web, search: Search) -> Result<TracePage, Problem> {
    may_read(signed, web)?;
    let wanted: Vec<String> = search.q.split_whitespace().map(str::to_lowercase).collect();
    let query = search.query(signed)?;
    let is_in_status =
        |row: &TraceRow| search.status.is_empty() || row.status.as_str() == search.status;
    let takes = |row: &TraceRow| is_in_status(row) && matches(row, &wanted);
    let mut found = web.app.trace(&query, takes).await?;
    let next = cut(&mut found).map(|before| search.path(&before));
    let (frame, rail) = surroundings(signed, "/admin/trace");
    let texts = frame.texts;
    let statuses = TraceStatus::ALL.map(|status| (status.as_str(), status_text(&texts, status).0));
    let rows = found.into_iter().map(|row| show(&texts, row)).collect();
    Ok(TracePage { frame, rail, search, rows, statuses: statuses.into(), next })
}

/// Ends a full page with the end of a message, and says where the next page begins. A message of
/// more recipients than a page has rows is cut all the same: its own page shows all of it.
fn cut(rows: &mut Vec<TraceRow>) -> Option<String> {
    if rows.len() < ROWS_MAX {
        return None;
    }
    let last = rows.last()?.event;
    if rows.first()?.event != last {
        rows.retain(|row| row.event != last);
    }
    rows.last().map(|row| format!("{}.{}", row.received_at.0, row.event))
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

fn status_text(texts: &Texts, status: TraceStatus) -> (String, &'static str) {
    match status {
        TraceStatus::Delivered => (texts.t("trace-delivered"), "good"),
        TraceStatus::Expanded => (texts.t("trace-expanded"), "good"),
        TraceStatus::Pending => (texts.t("trace-pending"), "warn"),
        TraceStatus::Held => (texts.t("event-hold"), "warn"),
        TraceStatus::Failed => (texts.t("trace-failed"), "bad"),
        TraceStatus::Refused => (texts.t("trace-refused"), "bad"),
        TraceStatus::Redirected => (texts.t("trace-redirected"), "warn"),
        TraceStatus::Discarded => (texts.t("event-drop"), ""),
    }
}

fn show(texts: &Texts, row: TraceRow) -> Row {
    let (status, tone) = status_text(texts, row.status);
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
    /// Whether the page that explains a refusal knows it.
    is_refusal: bool,
    rows: Vec<Row>,
    events: Vec<EventLine>,
}

impl MessagePage {
    /// What shows the same.
    fn line(&self) -> String {
        format!("guichet trace --id {} --events", shell_word(&self.trace_id))
    }
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
        is_refusal: rows.iter().any(|row| row.status == TraceStatus::Refused),
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
