//! The queue: messages on their way to the outside, and what can be done with each.

use app::access::{self, Need, Purpose};
use app::command::Command;
use app::read::queue::{QueueRow, QueueState};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::AccountRole;
use serde::Deserialize;

use super::{Rail, carry_out, surroundings};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::{Frame, see_other};
use crate::site::time;
use crate::site::visit::Signed;

/// Entries that a page shows.
const ROWS_MAX: usize = 200;

struct Row {
    id: i64,
    recipient: String,
    sender: String,
    subject: String,
    is_held: bool,
    attempts: i64,
    next_at: String,
    next_at_machine: String,
    expires_at: String,
    last_reply: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/queue.html")]
struct QueuePage {
    frame: Frame,
    rail: Rail,
    rows: Vec<Row>,
    may_change: bool,
}

/// `GET /admin/queue`
pub(crate) async fn list(signed: Signed, State(web): State<Web>) -> Response {
    signed.page(page(&signed, &web).await)
}

async fn page(signed: &Signed, web: &Web) -> Result<QueuePage, Problem> {
    access::allow(&web.app.directory(), &signed.actor(), Need::Auditor, Purpose::Read)?;
    let rows = web.app.queue(ROWS_MAX, |_| true).await?;
    let (frame, rail) = surroundings(signed, "/admin/queue");
    let may_change = signed.person.role == AccountRole::Administrator;
    Ok(QueuePage { frame, rail, rows: rows.into_iter().map(show).collect(), may_change })
}

fn show(row: QueueRow) -> Row {
    let entry = row.entry;
    Row {
        id: entry.id.0,
        recipient: entry.recipient.to_string(),
        sender: entry.reverse_path.to_string(),
        subject: row.message.and_then(|message| message.subject).unwrap_or_default(),
        is_held: entry.state == QueueState::Held,
        attempts: entry.attempts,
        next_at: time::minute(entry.next_attempt_at),
        next_at_machine: time::machine(entry.next_attempt_at),
        expires_at: time::minute(entry.expires_at),
        last_reply: entry.last_reply,
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Change {
    /// `retry`, `hold`, `release` or `drop`.
    what: String,
    /// With `drop`: whether the sender is told.
    tell: Option<String>,
}

/// `POST /admin/queue/{id}`
pub(crate) async fn change(
    signed: Signed,
    State(web): State<Web>,
    Path(id): Path<i64>,
    Form(change): Form<Change>,
) -> Response {
    let command = match change.what.as_str() {
        "retry" => Command::RetryQueueEntry(id),
        "hold" => Command::HoldQueueEntry(id),
        "release" => Command::ReleaseQueueEntry(id),
        "drop" => Command::DropQueueEntry { id, notifies_sender: change.tell.is_some() },
        _ => return signed.visit.problem(Problem::NotFound),
    };
    match carry_out(&web, &signed, command, None).await {
        Ok(_) => see_other("/admin/queue"),
        Err(error) => signed.visit.problem(error.into()),
    }
}
