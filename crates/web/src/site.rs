//! The pages: what people see in a browser.
//!
//! Pages are written on the server and work without scripts; scripts only make them quicker to
//! use. GET shows, POST changes and leads back to a page. Each handler takes a
//! [`visit::Signed`], asks `app` (whose gates decide who may), fills a template, and nothing else.

mod account;
mod admin;
mod assets;
mod cookie;
mod error;
mod frame;
mod mail;
mod security;
mod sign_in;
mod texts;
mod time;
mod visit;

use axum::Router;
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};

use crate::Web;

/// The routes of the pages.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/language", post(sign_in::choose_language))
        .route("/account", get(account::show))
        .route("/account/sessions/end", post(account::end_session))
        .route("/account/sessions/end-all", post(account::end_sessions))
        .merge(admin::routes())
        .merge(mail::routes())
        .route("/assets/{fingerprint}/{name}", get(assets::serve))
        .layer(middleware::from_fn(security::guard))
}

/// What a path without a page says.
pub(crate) async fn not_found(visit: visit::Visit) -> Response {
    visit.problem(error::Problem::NotFound)
}
