//! The first run: from the one-time link of `guichet init` to a message that was sent as a team.
//!
//! The link leads to a page that asks for nothing but a new password, and is used up by it. What
//! follows are five steps for administrators. Each is a page of its own that can be left out and
//! come back to; all of them do what the admin centre does too.

mod steps;

use app::command::{CommandError, Password};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Form, Router};
use serde::Deserialize;

use super::error::Problem;
use super::frame::{Frame, Section, render_as};
use super::sign_in;
use super::visit::Visit;
use crate::Web;

/// The routes of the first run.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/first-run/{token}", get(show).post(submit))
        .route("/setup", get(steps::start))
        .route("/setup/organization", get(steps::organization).post(steps::name_organization))
        .route("/setup/domain", get(steps::domain))
        .route("/setup/team", get(steps::team).post(steps::create_team))
        .route("/setup/people", get(steps::people).post(steps::create_person))
        .route("/setup/send", get(steps::sending))
        .route("/setup/send/now", post(steps::send))
}

#[derive(Template)]
#[template(path = "setup/first_run.html")]
struct FirstRunPage {
    frame: Frame,
    token: String,
    address: String,
    refusal: Option<String>,
}

/// `GET /first-run/{token}`: looks whether the link opens; does not use it up, since programs that
/// look at links in mail and chat would do that too.
async fn show(visit: Visit, State(web): State<Web>, Path(token): Path<String>) -> Response {
    page(&visit, &web, token, (StatusCode::OK, None)).await
}

async fn page(
    visit: &Visit,
    web: &Web,
    token: String,
    (status, refusal): (StatusCode, Option<String>),
) -> Response {
    let found = match web.app.first_run(&token, visit.now).await {
        Ok(found) => found,
        Err(failure) => return visit.problem(failure.into()),
    };
    let address = found.and_then(|account| {
        let directory = web.app.directory();
        directory.recipient(account).map(|found| found.primary().to_string())
    });
    let Some(address) = address else { return ended(visit) };
    let frame = visit.frame(Section::Outside);
    render_as(status, &FirstRunPage { frame, token, address, refusal })
}

/// One sentence for every link that opens nothing: it does not tell which ever did.
fn ended(visit: &Visit) -> Response {
    visit.problem(Problem::NotFound)
}

#[derive(Deserialize)]
struct PasswordForm {
    new: String,
    again: String,
}

/// `POST /first-run/{token}`
async fn submit(
    visit: Visit,
    State(web): State<Web>,
    Path(token): Path<String>,
    Form(form): Form<PasswordForm>,
) -> Response {
    if form.new != form.again {
        let refusal = (StatusCode::UNPROCESSABLE_ENTITY, Some(visit.texts.t("password-differs")));
        return page(&visit, &web, token, refusal).await;
    }
    match web.app.begin_first_run(&token, Password(form.new), visit.now).await {
        Ok(Some(signed_in)) => sign_in::open(&visit, &web, signed_in, "/setup/organization").await,
        Ok(None) => ended(&visit),
        Err(error @ CommandError::Invalid { .. }) => {
            let refusal = (StatusCode::UNPROCESSABLE_ENTITY, Some(error.to_string()));
            page(&visit, &web, token, refusal).await
        }
        Err(error) => visit.problem(error.into()),
    }
}
