//! The pages: what people see in a browser.
//!
//! Pages are written on the server and work without scripts; scripts only make them quicker to
//! use. GET shows, POST changes and leads back to a page. Each handler takes a
//! [`visit::Signed`], asks `app` (whose gates decide who may), fills a template, and nothing else.

mod account;
mod admin;
mod assets;
mod cookie;
mod desk;
mod error;
mod first_run;
pub(crate) mod frame;
pub(crate) mod live;
mod mail;
mod passkey;
mod provider;
mod qr;
mod requests;
pub(crate) mod security;
mod shell;
mod sign_in;
mod size;
pub(crate) mod texts;
mod time;
mod told;
pub(crate) mod visit;
mod why;

use axum::Router;
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};

use crate::Web;

/// The routes of the pages.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-in/code", get(sign_in::show_code).post(sign_in::submit_code))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/language", post(sign_in::choose_language))
        .merge(account::routes())
        .merge(first_run::routes())
        .merge(passkey::routes())
        .merge(provider::routes())
        .route("/device/{token}", get(account::device::fetch))
        .route("/ask", post(requests::ask))
        .route("/requests", get(requests::list))
        .route("/requests/{id}", get(requests::show).post(requests::decide))
        .route("/why/{reference}", get(why::show))
        .merge(desk::routes())
        .merge(admin::routes())
        .merge(mail::routes())
        .merge(shell::routes())
        .route("/live", get(live::listen))
        .route("/assets/{fingerprint}/{name}", get(assets::serve))
        .layer(middleware::from_fn(security::guard))
}

/// What a path without a page says.
pub(crate) async fn not_found(visit: visit::Visit) -> Response {
    let mut response = visit.problem(error::Problem::NotFound);
    security::protect(&mut response, visit.is_secure);
    response
}
