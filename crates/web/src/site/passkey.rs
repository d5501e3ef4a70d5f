//! Signing in by passkey, and registering and removing one's own.
//!
//! A passkey belongs to a host's name. It is offered where the browser reached us under the name
//! that the server has, or on `localhost`; under an address of digits no browser has passkeys.

use std::net::Ipv4Addr;

use app::SignInRefusal;
use app::command::Command;
use app::passkey::{Assertion, Registration, RegistrationRefusal, RelyingParty};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::json;

use super::account::again::{Refused, Which, confirmed, take_away};
use super::account::security;
use super::error::Problem;
use super::frame::see_other;
use super::sign_in;
use super::visit::{Signed, Visit};
use crate::Web;

/// The routes of passkeys.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/sign-in/passkey/begin", post(begin_sign_in))
        .route("/sign-in/passkey", post(submit))
        .route("/account/passkeys/begin", post(begin_registration))
        .route("/account/passkeys", post(register))
        .route("/account/passkeys/remove", post(remove))
}

/// The site as the browser names it, where it can have passkeys.
pub(crate) fn site(web: &Web, visit: &Visit, headers: &HeaderMap) -> Option<RelyingParty> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let settings = web.app.settings();
    let public = settings.public_url.as_deref().and_then(|url| url.split_once("://"));
    // Browsers have no passkeys for addresses without a name (WebAuthn §5.1.2).
    let is_public = public.is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
        && name.parse::<Ipv4Addr>().is_err()
        && !name.starts_with('[');
    let is_ours = is_public || name.eq_ignore_ascii_case(&settings.hostname) || name == "localhost";
    let scheme = if visit.is_secure { "https" } else { "http" };
    let id = name.to_ascii_lowercase();
    is_ours.then(|| RelyingParty { id, origin: format!("{scheme}://{}", host.to_lowercase()) })
}

fn error(status: StatusCode, sentence: &str) -> Response {
    (status, Json(json!({ "error": sentence }))).into_response()
}

/// `POST /sign-in/passkey/begin`: a question for whoever has a passkey.
async fn begin_sign_in(visit: Visit, State(web): State<Web>, headers: HeaderMap) -> Response {
    let Some(site) = site(&web, &visit, &headers) else {
        return error(StatusCode::NOT_FOUND, &visit.texts.t("passkey-not-here"));
    };
    match web.app.ask_passkey(None, visit.now).await {
        Ok(challenge) => Json(json!({ "challenge": challenge, "site": site.id })).into_response(),
        Err(failure) => {
            tracing::error!(%failure, "a passkey could not be asked for");
            error(StatusCode::SERVICE_UNAVAILABLE, &visit.texts.t("error-unavailable"))
        }
    }
}

#[derive(Deserialize)]
struct AssertionForm {
    id: String,
    client_data: String,
    authenticator_data: String,
    signature: String,
    #[serde(default)]
    next: String,
}

/// `POST /sign-in/passkey`
async fn submit(
    visit: Visit,
    State(web): State<Web>,
    headers: HeaderMap,
    Form(form): Form<AssertionForm>,
) -> Response {
    let Some(site) = site(&web, &visit, &headers) else {
        return visit.problem(Problem::NotFound);
    };
    let assertion = Assertion {
        credential_id: &form.id,
        client_data: &form.client_data,
        authenticator_data: &form.authenticator_data,
        signature: &form.signature,
    };
    let tried = web.app.sign_in_with_passkey(&site, &assertion, visit.client, visit.now).await;
    let (status, sentence) = match tried {
        Ok(signed_in) => return sign_in::open(&visit, &web, signed_in, &form.next).await,
        Err(SignInRefusal::Unavailable(failure)) => return visit.problem(failure.into()),
        Err(SignInRefusal::Wrong) => (StatusCode::UNAUTHORIZED, visit.texts.t("passkey-wrong")),
        Err(SignInRefusal::Throttled(seconds)) => {
            let sentence = visit.texts.t1("sign-in-wait", "seconds", seconds);
            (StatusCode::TOO_MANY_REQUESTS, sentence)
        }
    };
    sign_in::page(&visit, &web, (status, Some(sentence)), String::new(), &form.next)
}

#[derive(Deserialize)]
struct Confirmation {
    password: String,
}

/// `POST /account/passkeys/begin`: a question for one's own new key, once the password was given
/// again.
async fn begin_registration(
    signed: Signed,
    State(web): State<Web>,
    headers: HeaderMap,
    Form(form): Form<Confirmation>,
) -> Response {
    let Some(site) = site(&web, &signed.visit, &headers) else {
        return error(StatusCode::NOT_FOUND, &signed.visit.texts.t("passkey-not-here"));
    };
    match confirmed(&web, &signed, &form.password).await {
        Ok(()) => {}
        Err(Refused::Sentence(status, sentence)) => return error(status, &sentence),
        Err(Refused::Problem(problem)) => return signed.visit.problem(problem),
    }
    let asked = web.app.ask_passkey(Some(signed.person.id), signed.visit.now).await;
    let known = web.app.passkeys(signed.person.id).await;
    let (challenge, known) = match (asked, known) {
        (Ok(challenge), Ok(known)) => (challenge, known),
        (Err(failure), _) | (_, Err(failure)) => return signed.visit.problem(failure.into()),
    };
    let known: Vec<String> =
        known.iter().map(|key| URL_SAFE_NO_PAD.encode(&key.credential_id)).collect();
    let organization = web.app.directory().organization().name.clone();
    let options = json!({
        "challenge": challenge,
        "site": site.id,
        "organization": organization,
        "user": URL_SAFE_NO_PAD.encode(signed.person.id.0.to_be_bytes()),
        "login": signed.person.address,
        "name": signed.person.name,
        "known": known,
    });
    Json(options).into_response()
}

#[derive(Deserialize)]
struct RegistrationForm {
    name: String,
    client_data: String,
    attestation_object: String,
}

/// `POST /account/passkeys`
async fn register(
    signed: Signed,
    State(web): State<Web>,
    headers: HeaderMap,
    Form(form): Form<RegistrationForm>,
) -> Response {
    let Some(site) = site(&web, &signed.visit, &headers) else {
        return signed.visit.problem(Problem::NotFound);
    };
    let registration = Registration {
        name: &form.name,
        client_data: &form.client_data,
        attestation_object: &form.attestation_object,
    };
    let at = (signed.visit.client, signed.visit.now);
    let done = web.app.register_passkey(signed.person.id, &site, &registration, at).await;
    let texts = signed.visit.texts;
    let sentence = match done {
        Ok(()) => return see_other("/account/security?done=passkey"),
        Err(RegistrationRefusal::Unavailable(failure)) => {
            return signed.visit.problem(failure.into());
        }
        Err(RegistrationRefusal::Unusable) => texts.t("passkey-unusable"),
        Err(RegistrationRefusal::Known) => texts.t("passkey-known"),
        Err(RegistrationRefusal::TooMany) => texts.t("passkey-too-many"),
    };
    let why = Refused::Sentence(StatusCode::UNPROCESSABLE_ENTITY, sentence);
    security::refused(&web, &signed, why).await
}

/// `POST /account/passkeys/remove`
async fn remove(signed: Signed, State(web): State<Web>, Form(form): Form<Which>) -> Response {
    let command = Command::RemovePasskey { user: signed.person.id, id: form.id };
    take_away(&web, &signed, command, "/account/security?done=passkey").await
}
