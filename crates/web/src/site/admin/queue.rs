//! The queue: messages on their way to the outside, and what can be done with each.

use app::access::{self, Need, Purpose};
use app::command::{Command, shell_word};
use app::read::queue::{QueueEntry, QueueRow, QueueState};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::AccountRole;
use serde::Deserialize;

use super::paging::query_of;
use super::{Rail, ordered, surroundings};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::Frame;
use crate::site::time;
use crate::site::visit::Signed;

/// Entries that a page shows.
const ROWS_MAX: usize = 100;

struct Row {
    id: i64,
    recipient: String,
    sender: String,
    subject: String,
    trace_id: String,
    is_held: bool,
    attempts: i64,
    next_at: String,
    next_at_machine: String,
    expires_at: String,
    last_reply: Option<String>,
}

/// Which entries are wanted.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Search {
    /// A word of recipient or sender.
    #[serde(default)]
    q: String,
    /// `waiting`, `held`, or either.
    #[serde(default)]
    state: String,
    /// The page after this entry.
    after: Option<i64>,
}

impl Search {
    fn takes(&self, entry: &QueueEntry) -> bool {
        let wanted = self.q.trim().to_lowercase();
        let has = |text: String| text.to_lowercase().contains(&wanted);
        let is_in_state = match self.state.as_str() {
            "held" => entry.state == QueueState::Held,
            "waiting" => entry.state == QueueState::Waiting,
            _ => true,
        };
        is_in_state
            && self.after.is_none_or(|after| entry.id.0 > after)
            && (has(entry.recipient.to_string()) || has(entry.reverse_path.to_string()))
    }

    fn is_state(&self, state: &str) -> bool {
        self.state == state
    }

    /// What lists the same.
    fn line(&self) -> String {
        let mut line = "guichet queue list".to_owned();
        if self.is_state("held") {
            line.push_str(" --status suspended");
        }
        if self.q.contains('@') {
            line.push_str(&format!(" --to {}", shell_word(self.q.trim())));
        }
        line
    }
}

#[derive(Template)]
#[template(path = "admin/queue.html")]
struct QueuePage {
    frame: Frame,
    rail: Rail,
    search: Search,
    rows: Vec<Row>,
    may_change: bool,
    /// The page of later entries.
    next: Option<String>,
}

/// `GET /admin/queue`
pub(crate) async fn list(
    signed: Signed,
    State(web): State<Web>,
    Query(search): Query<Search>,
) -> Response {
    signed.page(page(&signed, &web, search).await)
}

async fn page(signed: &Signed, web: &Web, search: Search) -> Result<QueuePage, Problem> {
    access::allow(&web.app.directory(), &signed.actor(), Need::Auditor, Purpose::Read)?;
    // One more than is shown tells that there are more.
    let mut rows = web.app.queue(ROWS_MAX + 1, |entry| search.takes(entry)).await?;
    let has_more = rows.len() > ROWS_MAX;
    rows.truncate(ROWS_MAX);
    let last = rows.last().filter(|_| has_more).map(|row| row.entry.id.0.to_string());
    let next = last.map(|last| {
        query_of(
            "/admin/queue",
            &[("q", search.q.as_str()), ("state", &search.state), ("after", &last)],
        )
    });
    let (frame, rail) = surroundings(signed, "/admin/queue");
    let may_change = signed.person.role == AccountRole::Administrator;
    let rows = rows.into_iter().map(show).collect();
    Ok(QueuePage { frame, rail, search, rows, may_change, next })
}

fn show(row: QueueRow) -> Row {
    let entry = row.entry;
    Row {
        id: entry.id.0,
        recipient: entry.recipient.to_string(),
        sender: entry.reverse_path.to_string(),
        subject: row.message.and_then(|message| message.subject).unwrap_or_default(),
        trace_id: entry.message.to_string(),
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
    /// `retry`, `hold`, `release`, `drop` (the sender is told) or `drop-silently`.
    what: String,
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
        "drop" => Command::DropQueueEntry { id, notifies_sender: true },
        "drop-silently" => Command::DropQueueEntry { id, notifies_sender: false },
        _ => return signed.visit.problem(Problem::NotFound),
    };
    let done = ordered(&web, &signed, (command, None)).await;
    signed.tells(done.map(|(_, told)| ("/admin/queue".to_owned(), told)))
}
