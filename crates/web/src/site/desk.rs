//! The team desk: who looks after a message, notes among members, tags, what is done, who is
//! replying. It is shown beside the message in mail; here is what its forms do.

mod panel;
mod replies;

use app::desk::{DeskChange, DeskError};
use app::mailbox::{MailboxError, Place};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use domain::{FolderId, RecipientId, Timestamp};
use serde::Deserialize;

use super::error::Problem;
use super::frame::render;
use super::texts::Texts;
use super::time;
use super::visit::Signed;
use crate::Web;

pub(super) use panel::Panel;

/// Hours of the shortest and of the longest time for which a button puts a message off.
const PUT_OFF_HOURS: std::ops::RangeInclusive<i64> = 1..=24 * 366;
/// The hour, in UTC, at which a message comes back on a day that was chosen.
const BACK_AT_HOUR: i64 = 6;

/// The routes of the desk.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/desk/{folder}/replies", get(replies::show).post(replies::change))
        .route("/desk/{folder}/{uid}", get(show).post(change))
        .route("/desk/{folder}/{uid}/replying", post(replying))
        .route("/desk/{folder}/{uid}/left", post(left))
}

/// `GET /desk/{folder}/{uid}`: leads to the message.
async fn show(
    signed: Signed,
    State(web): State<Web>,
    Path((folder, uid)): Path<(i64, i64)>,
) -> Response {
    let path = async {
        let place = place(&signed, &web, folder).await?;
        let view = web.app.desk(&place, uid, signed.visit.now).await;
        view.map_err(|error| problem(&web, &signed.visit.texts, error))?;
        Ok(path_of(&place, uid))
    };
    signed.onward(path.await)
}

fn path_of(place: &Place, uid: i64) -> String {
    format!("/mail/{}/{uid}#desk", place.folder.0)
}

/// The folder as the person may use it now; what the person does not reach is not there.
pub(super) async fn place(signed: &Signed, web: &Web, folder: i64) -> Result<Place, Problem> {
    let found = web.app.place_of(signed.person.id, FolderId(folder), signed.visit.now).await;
    found.map_err(|error| match error {
        MailboxError::Unavailable(failure) => failure.into(),
        _ => Problem::NotFound,
    })
}

pub(super) fn name_of(web: &Web, id: RecipientId) -> String {
    let directory = web.app.directory();
    directory.recipient(id).map(|found| found.display_name.clone()).unwrap_or_default()
}

/// What the page says of an error of the desk.
pub(super) fn problem(web: &Web, texts: &Texts, error: DeskError) -> Problem {
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
    /// The colleague, the tag, the note, or the hours for which the message is put off.
    #[serde(default)]
    words: String,
    /// The day until which the message is put off, in place of hours.
    #[serde(default)]
    day: String,
}

/// `POST /desk/{folder}/{uid}`
async fn change(
    signed: Signed,
    State(web): State<Web>,
    Path((folder, uid)): Path<(i64, i64)>,
    Form(form): Form<Change>,
) -> Response {
    signed.onward(carry_out(&signed, &web, (folder, uid), form).await)
}

async fn carry_out(
    signed: &Signed,
    web: &Web,
    (folder, uid): (i64, i64),
    form: Change,
) -> Result<String, Problem> {
    let place = place(signed, web, folder).await?;
    let (now, texts) = (signed.visit.now, &signed.visit.texts);
    let words = form.words.trim();
    let done = match form.what.as_str() {
        "tag" => web.app.tag(&place, uid, (words, true)).await,
        "untag" => web.app.tag(&place, uid, (words, false)).await,
        "note" => web.app.add_note(&place, uid, words, now).await,
        "snooze" => {
            let until = put_off_until(words, &form.day, now);
            let until = until.ok_or_else(|| Problem::Invalid(texts.t("desk-error-day")))?;
            let snooze = DeskChange::Snooze(until);
            web.app.desk_change(&place, uid, &snooze, now).await.map(drop)
        }
        what => {
            let change = desk_change(web, what, words);
            let change = change.ok_or_else(|| Problem::Invalid(texts.t("desk-error-no-member")))?;
            web.app.desk_change(&place, uid, &change, now).await.map(drop)
        }
    };
    done.map_err(|error| problem(web, texts, error))?;
    Ok(path_of(&place, uid))
}

/// A change that a word names; `None` for what is none.
pub(super) fn desk_change(web: &Web, what: &str, words: &str) -> Option<DeskChange> {
    match what {
        "take" => Some(DeskChange::Take),
        "assign" => web.app.directory().find(words).map(|found| DeskChange::Assign(found.id)),
        "release" => Some(DeskChange::Release),
        "done" => Some(DeskChange::Done),
        "reopen" => Some(DeskChange::Reopen),
        _ => None,
    }
}

/// The moment at which a message comes back: on the morning of a day, or after some hours.
fn put_off_until(hours: &str, day: &str, now: Timestamp) -> Option<Timestamp> {
    if !day.trim().is_empty() {
        let behind = time::end_of_day(day.trim())?;
        let back_at = behind.plus_secs((BACK_AT_HOUR - 24) * 3600);
        return (now < back_at).then_some(back_at);
    }
    let hours: i64 = hours.parse().ok()?;
    PUT_OFF_HOURS.contains(&hours).then(|| now.plus_secs(hours * 3600))
}

#[derive(Template)]
#[template(path = "desk/replying.html")]
struct ReplyingNotice {
    texts: Texts,
    replying: Vec<String>,
}

/// `POST /desk/{folder}/{uid}/replying`: the person is still writing; tells who else is.
async fn replying(
    signed: Signed,
    State(web): State<Web>,
    Path((folder, uid)): Path<(i64, i64)>,
) -> Response {
    let texts = signed.visit.texts;
    let others = async {
        let place = place(&signed, &web, folder).await?;
        let others = web.app.begin_reply(&place, uid, signed.visit.now).await;
        others.map_err(|error| problem(&web, &texts, error))
    };
    match others.await {
        Ok(others) => {
            let replying = others.into_iter().map(|id| name_of(&web, id)).collect();
            render(&ReplyingNotice { texts, replying })
        }
        Err(problem) => signed.visit.problem(problem),
    }
}

/// `POST /desk/{folder}/{uid}/left`: the person writes no more.
async fn left(
    signed: Signed,
    State(web): State<Web>,
    Path((folder, uid)): Path<(i64, i64)>,
) -> Response {
    let ended = async {
        let place = place(&signed, &web, folder).await?;
        let ended = web.app.end_reply(&place, uid).await;
        ended.map_err(|error| problem(&web, &signed.visit.texts, error))
    };
    match ended.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => signed.visit.problem(problem),
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::put_off_until;

    #[test]
    fn a_message_is_put_off_by_hours_or_to_a_morning() {
        let now = Timestamp(1_790_000_000_000);
        assert_eq!(put_off_until("4", "", now), Some(now.plus_secs(4 * 3600)));
        // 2026-09-21 14:13 is now.
        assert_eq!(put_off_until("", "2026-09-22", now), Some(Timestamp(1_790_056_800_000)));
        for (hours, day) in
            [("0", ""), ("9999", ""), ("x", ""), ("", "2026-09-21"), ("4", "yesterday")]
        {
            assert_eq!(put_off_until(hours, day, now), None, "{hours:?} {day:?}");
        }
    }
}
