//! The team desk of one message: who looks after it, notes among members, tags, what is done. Web
//! mail shows the same beside the message; this page works by itself.

use app::desk::{DeskChange, DeskError, DeskView};
use app::mailbox::{MailboxError, Place, Rights};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::{FolderId, RecipientId, Timestamp};
use serde::Deserialize;

use super::error::Problem;
use super::frame::{Frame, Section, see_other};
use super::texts::Texts;
use super::time;
use super::visit::Signed;
use crate::Web;

/// Seconds that the button for tomorrow puts a message off.
const SNOOZE_SECS: i64 = 24 * 3600;

struct NoteLine {
    author: String,
    at: String,
    at_machine: String,
    words: String,
}

#[derive(Template)]
#[template(path = "desk.html")]
struct DeskPage {
    frame: Frame,
    here: String,
    may_change: bool,
    assignee: Option<String>,
    is_mine: bool,
    is_done: bool,
    snoozed_until: Option<String>,
    answered_by: Option<String>,
    replying: Vec<String>,
    tags: Vec<String>,
    notes: Vec<NoteLine>,
}

/// `GET /desk/{folder}/{uid}`
pub(crate) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Path((folder, uid)): Path<(String, String)>,
) -> Response {
    signed.page(page(&signed, &web, (&folder, &uid)).await)
}

async fn page(signed: &Signed, web: &Web, at: (&str, &str)) -> Result<DeskPage, Problem> {
    let (place, uid) = place(signed, web, at).await?;
    let frame = signed.frame(Section::Outside);
    let view = web.app.desk(&place, uid, signed.visit.now).await;
    let view: DeskView = view.map_err(|error| problem(web, &frame.texts, error))?;
    let item = view.item;
    let note = |note: app::desk::Note| NoteLine {
        author: name_of(web, note.author),
        at: time::minute(note.created_at),
        at_machine: time::machine(note.created_at),
        words: note.words,
    };
    Ok(DeskPage {
        here: format!("/desk/{}/{uid}", place.folder.0),
        may_change: place.rights.allow(Rights::WRITE),
        assignee: item.assignee.map(|id| name_of(web, id)),
        is_mine: item.assignee == Some(signed.person.id),
        is_done: item.done_at.is_some(),
        snoozed_until: item.snoozed_until.map(time::minute),
        answered_by: item.answer.map(|answer| name_of(web, answer.by)),
        replying: view.replying.into_iter().map(|id| name_of(web, id)).collect(),
        tags: view.tags,
        notes: view.notes.into_iter().map(note).collect(),
        frame,
    })
}

/// The folder as the person may use it now; what the person does not reach is not there.
async fn place(
    signed: &Signed,
    web: &Web,
    (folder, uid): (&str, &str),
) -> Result<(Place, i64), Problem> {
    let folder = folder.parse().map_err(|_| Problem::NotFound)?;
    let uid = uid.parse().map_err(|_| Problem::NotFound)?;
    let found = web.app.place_of(signed.person.id, FolderId(folder), signed.visit.now).await;
    let place = found.map_err(|error| match error {
        MailboxError::Unavailable(failure) => failure.into(),
        _ => Problem::NotFound,
    })?;
    Ok((place, uid))
}

fn name_of(web: &Web, id: RecipientId) -> String {
    let directory = web.app.directory();
    directory.recipient(id).map(|found| found.display_name.clone()).unwrap_or_default()
}

fn problem(web: &Web, texts: &Texts, error: DeskError) -> Problem {
    match error {
        DeskError::Mailbox(MailboxError::NotAllowed) => Problem::Forbidden,
        DeskError::Mailbox(MailboxError::Unavailable(failure))
        | DeskError::Unavailable(failure) => failure.into(),
        DeskError::Mailbox(_) | DeskError::NotShared => Problem::NotFound,
        DeskError::Taken(who) => {
            Problem::Conflict(texts.t1("desk-error-taken", "who", name_of(web, who)))
        }
        DeskError::Changed => Problem::Conflict(texts.t("desk-error-changed")),
        DeskError::NotAMember => Problem::Invalid(texts.t("desk-error-no-member")),
        DeskError::Text(_) => Problem::Invalid(texts.t("desk-error-text")),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Change {
    /// `take`, `assign`, `release`, `done`, `reopen`, `snooze`, `tag`, `untag` or `note`.
    what: String,
    /// The colleague, the tag or the note.
    #[serde(default)]
    words: String,
}

/// `POST /desk/{folder}/{uid}`
pub(crate) async fn change(
    signed: Signed,
    State(web): State<Web>,
    Path((folder, uid)): Path<(String, String)>,
    Form(form): Form<Change>,
) -> Response {
    match carry_out(&signed, &web, (&folder, &uid), form).await {
        Ok(here) => see_other(&here),
        Err(problem) => signed.visit.problem(problem),
    }
}

async fn carry_out(
    signed: &Signed,
    web: &Web,
    at: (&str, &str),
    form: Change,
) -> Result<String, Problem> {
    let (place, uid) = place(signed, web, at).await?;
    let (now, texts) = (signed.visit.now, &signed.visit.texts);
    let words = form.words.trim();
    let done = match form.what.as_str() {
        "tag" => web.app.tag(&place, uid, (words, true)).await,
        "untag" => web.app.tag(&place, uid, (words, false)).await,
        "note" => web.app.add_note(&place, uid, words, now).await,
        what => {
            let change = desk_change(web, what, words, now);
            let change = change.ok_or_else(|| Problem::Invalid(texts.t("desk-error-no-member")))?;
            web.app.desk_change(&place, uid, &change, now).await.map(drop)
        }
    };
    done.map_err(|error| problem(web, texts, error))?;
    Ok(format!("/desk/{}/{uid}", place.folder.0))
}

fn desk_change(web: &Web, what: &str, words: &str, now: Timestamp) -> Option<DeskChange> {
    match what {
        "take" => Some(DeskChange::Take),
        "assign" => web.app.directory().find(words).map(|found| DeskChange::Assign(found.id)),
        "release" => Some(DeskChange::Release),
        "done" => Some(DeskChange::Done),
        "reopen" => Some(DeskChange::Reopen),
        "snooze" => Some(DeskChange::Snooze(now.plus_secs(SNOOZE_SECS))),
        _ => None,
    }
}
