//! Signing in at a provider of OpenID Connect: the way there and the way back.
//!
//! Both ways are navigations, so both are GET: the answer of a form may not lead to another site
//! (Content Security Policy, `form-action`). What the browser brings back counts only with the
//! cookie that it was given on leaving.

use app::command::Command;
use app::oidc::{CALLBACK_PATH, ProviderRefusal, Return, VISIT_MAX_SECS};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Form, Router};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::account::again::{Which, take_away};
use super::cookie;
use super::error::Problem;
use super::frame::{local_path, see_other};
use super::sign_in::{self, Next, with_cookie};
use super::visit::{Signed, Visit};
use crate::Web;

/// The way to the provider.
const DEPARTURE_PATH: &str = "/sign-in/provider";

/// The routes of the provider.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route(DEPARTURE_PATH, get(depart))
        .route(CALLBACK_PATH, get(arrive))
        .route("/account/identities/remove", post(remove))
}

/// The way to the provider, and from there to a page of ours.
pub(crate) fn departure_path(next: &str) -> String {
    format!("{DEPARTURE_PATH}?next={}", utf8_percent_encode(next, NON_ALPHANUMERIC))
}

/// `GET /sign-in/provider`
async fn depart(visit: Visit, State(web): State<Web>, Query(next): Query<Next>) -> Response {
    let next = local_path(&next.next);
    match web.app.depart_to_provider(next, visit.now).await {
        Ok(departure) => {
            let kept = Some((departure.token.as_str(), VISIT_MAX_SECS));
            with_cookie(see_other(&departure.url), cookie::set_provider(kept, visit.is_secure))
        }
        Err(refusal) => refused(visit, &web, refusal, next),
    }
}

/// What the provider put into the address.
#[derive(Deserialize)]
struct Brought {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// `GET /sign-in/provider/back`
async fn arrive(
    visit: Visit,
    State(web): State<Web>,
    headers: HeaderMap,
    Query(brought): Query<Brought>,
) -> Response {
    let token = cookie::provider(&headers, visit.is_secure).unwrap_or_default().to_owned();
    let Brought { code, state, iss: issuer, error } = brought;
    let brought = Return { code, state, issuer, error };
    let arrived = web.app.arrive_from_provider(&token, &brought, visit.client, visit.now).await;
    let is_secure = visit.is_secure;
    let response = match arrived {
        Ok(arrival) => sign_in::go_on(&visit, &web, arrival.accepted, &arrival.next_path).await,
        Err(refusal) => refused(visit, &web, refusal, "/"),
    };
    with_cookie(response, cookie::set_provider(None, is_secure))
}

/// The sign-in page with what is wrong. Its language switch leads to the page itself: the address
/// with the code is of no more use.
fn refused(mut visit: Visit, web: &Web, refusal: ProviderRefusal, next: &str) -> Response {
    visit.here = "/sign-in".to_owned();
    let texts = visit.texts;
    let (status, sentence) = match refusal {
        ProviderRefusal::NotSetUp => return visit.problem(Problem::NotFound),
        ProviderRefusal::Unavailable(failure) => return visit.problem(failure.into()),
        ProviderRefusal::Unreachable(error) => {
            tracing::warn!(%error, "the identity provider cannot be asked");
            (StatusCode::BAD_GATEWAY, texts.t("provider-unreachable"))
        }
        ProviderRefusal::Throttled(seconds) => {
            let sentence = texts.t1("sign-in-wait", "seconds", seconds);
            (StatusCode::TOO_MANY_REQUESTS, sentence)
        }
        ProviderRefusal::NotBegun => (StatusCode::BAD_REQUEST, texts.t("provider-not-begun")),
        ProviderRefusal::Declined(_) => (StatusCode::UNAUTHORIZED, texts.t("provider-declined")),
        ProviderRefusal::NotAccepted(_) => {
            (StatusCode::UNAUTHORIZED, texts.t("provider-not-accepted"))
        }
        ProviderRefusal::AddressUnverified => {
            (StatusCode::UNAUTHORIZED, texts.t("provider-unverified"))
        }
        ProviderRefusal::NoUser(address) => {
            (StatusCode::UNAUTHORIZED, texts.t1("provider-no-user", "address", address))
        }
        ProviderRefusal::LinkedOtherwise(login) => {
            (StatusCode::UNAUTHORIZED, texts.t1("provider-linked-otherwise", "address", login))
        }
    };
    sign_in::page(&visit, web, (status, Some(sentence)), String::new(), next)
}

/// `POST /account/identities/remove`
async fn remove(signed: Signed, State(web): State<Web>, Form(form): Form<Which>) -> Response {
    let command = Command::RemoveLinkedIdentity { user: signed.person.id, id: form.id };
    take_away(&web, &signed, command, "/account/security?done=identity").await
}
