//! The page of a team's texts that answers often begin with: everybody who reads the mailbox sees
//! them, its owners write them.

use app::desk::CannedReply;
use app::mailbox::Rights;
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::super::error::Problem;
use super::super::frame::{Frame, Section};
use super::super::visit::Signed;
use super::{name_of, place, problem};
use crate::Web;

#[derive(Template)]
#[template(path = "desk/replies.html")]
struct RepliesPage {
    frame: Frame,
    folder: i64,
    mailbox: String,
    may_change: bool,
    replies: Vec<CannedReply>,
}

/// `GET /desk/{folder}/replies`
pub(super) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Path(folder): Path<i64>,
) -> Response {
    signed.page(page(&signed, &web, folder).await)
}

async fn page(signed: &Signed, web: &Web, folder: i64) -> Result<RepliesPage, Problem> {
    let place = place(signed, web, folder).await?;
    let frame = signed.frame(Section::Mail);
    let replies = web.app.canned_replies(&place).await;
    let replies = replies.map_err(|error| problem(web, &frame.texts, error))?;
    Ok(RepliesPage {
        folder,
        mailbox: name_of(web, place.mailbox),
        may_change: place.rights.allow(Rights::ADMINISTER),
        replies,
        frame,
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct Change {
    /// The text to remove; without it one is added.
    id: Option<i64>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    words: String,
}

/// `POST /desk/{folder}/replies`
pub(super) async fn change(
    signed: Signed,
    State(web): State<Web>,
    Path(folder): Path<i64>,
    Form(form): Form<Change>,
) -> Response {
    let done = async {
        let place = place(&signed, &web, folder).await?;
        let words = form.words.replace("\r\n", "\n");
        let done = match form.id {
            Some(id) => web.app.remove_canned_reply(&place, id).await,
            None => {
                let text = (form.title.as_str(), words.as_str());
                web.app.add_canned_reply(&place, text, signed.visit.now).await.map(drop)
            }
        };
        done.map_err(|error| problem(&web, &signed.visit.texts, error))?;
        Ok(format!("/desk/{folder}/replies"))
    };
    signed.onward(done.await)
}
