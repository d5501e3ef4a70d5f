//! The authorization endpoint (RFC 6749 §3.1): asks a person whether a client may, and sends the
//! browser back to the client with a code.
//!
//! Until the client and its redirection URI are known to be good, everything wrong is said to the
//! person alone; afterwards the client is told (RFC 6749 §4.1.2.1).

use app::oauth::{Authorization, AuthorizationRefusal, OAuthRefusal};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::answer::OAuthError;
use super::asked::Asked;
use super::form::{Form, with_query};
use super::is_ours;
use super::metadata::issuer;
use super::page::{self, Consent};
use super::token::wanted;
use super::who::{address, who};
use crate::Web;

/// What a form of ours brings back of the request.
const KEPT: [&str; 8] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
];

/// `GET /{tenant}/oauth2/v2.0/authorize`.
pub(super) async fn ask(
    State(web): State<Web>,
    Path(tenant): Path<String>,
    asked: Asked,
) -> Response {
    let form = match Form::parse(asked.query.as_bytes()) {
        Ok(form) => form,
        Err(fault) => return untrusted(&asked, &fault.to_string()),
    };
    let authorization = match read(&web, &tenant, (&asked, &form)).await {
        Ok(authorization) => authorization,
        Err(response) => return response,
    };
    if form.value("prompt") == Some("none") {
        // Nobody may be asked, and nothing is allowed without asking.
        let error = OAuthError::new("interaction_required", "a person must be asked");
        return refused(&web, (&asked, &form), &authorization.redirect_uri, &error);
    }
    let person = match who(&web, &asked).await {
        Ok(person) => person,
        Err(response) => return response,
    };
    let action = asked.here.split('?').next().unwrap_or_default();
    let consent = Consent {
        client_name: &authorization.client.name,
        allowed: authorization.allowed,
        person: &address(&web, person),
        user_code: None,
        action,
        fields: form.fields().filter(|(name, _)| KEPT.contains(name)).collect(),
    };
    page::consent(&asked, &consent)
}

/// `POST /{tenant}/oauth2/v2.0/authorize`: the person's decision, on our own form.
pub(super) async fn decide(
    State(web): State<Web>,
    Path(tenant): Path<String>,
    asked: Asked,
    body: Bytes,
) -> Response {
    if !asked.comes_from_us() || !asked.is_form() {
        return page::message(&asked, StatusCode::FORBIDDEN, &asked.t("oauth-not-ours"));
    }
    let form = match Form::parse(&body) {
        Ok(form) => form,
        Err(fault) => return untrusted(&asked, &fault.to_string()),
    };
    // What the form brought back may be anybody's; it is checked like the first time.
    let authorization = match read(&web, &tenant, (&asked, &form)).await {
        Ok(authorization) => authorization,
        Err(response) => return response,
    };
    let person = match who(&web, &asked).await {
        Ok(person) => person,
        Err(response) => return response,
    };
    let redirect_uri = &authorization.redirect_uri;
    if form.value("decision") != Some("allow") {
        let error = OAuthError::from(OAuthRefusal::AccessDenied);
        return refused(&web, (&asked, &form), redirect_uri, &error);
    }
    let now = (web.options.clock)();
    match web.app.allow_authorization(&authorization, person, asked.client, now).await {
        Ok(code) => answer(&web, (&asked, &form), redirect_uri, &[("code", &code)]),
        Err(refusal) => refused(&web, (&asked, &form), redirect_uri, &refusal.into()),
    }
}

/// Reads and checks what a client asks for, or gives the answer that ends it.
async fn read(
    web: &Web,
    tenant: &str,
    (asked, form): (&Asked, &Form),
) -> Result<Authorization, Response> {
    if !is_ours(web, tenant) {
        return Err(untrusted(asked, &OAuthError::unknown_tenant(tenant).description));
    }
    let client_id = form.value("client_id").unwrap_or_default();
    let trusted = match web.app.asking_client(client_id, form.value("redirect_uri")).await {
        Ok(trusted) => trusted,
        Err(AuthorizationRefusal::Untrusted(why)) => return Err(untrusted(asked, why)),
        Err(AuthorizationRefusal::Refused(refusal)) => {
            tracing::error!(%refusal, "a client could not be looked up");
            return Err(page::message(
                asked,
                StatusCode::SERVICE_UNAVAILABLE,
                &asked.t("oauth-unavailable"),
            ));
        }
    };
    let redirect_uri = trusted.1.clone();
    let checked = check_response(form).and_then(|()| {
        let (challenge, method) =
            (form.value("code_challenge"), form.value("code_challenge_method"));
        Ok(web.app.authorization(trusted, wanted(form)?, challenge, method)?)
    });
    checked.map_err(|error| refused(web, (asked, form), &redirect_uri, &error))
}

/// Only codes are given, and only in the query.
fn check_response(form: &Form) -> Result<(), OAuthError> {
    if form.value("response_type") != Some("code") {
        let why = "response_type must be code";
        return Err(OAuthError::new("unsupported_response_type", why));
    }
    match form.value("response_mode") {
        None | Some("query") => Ok(()),
        Some(_) => Err(OAuthError::request("response_mode must be query")),
    }
}

/// Sends the browser to the client with an error.
fn refused(
    web: &Web,
    request: (&Asked, &Form),
    redirect_uri: &str,
    error: &OAuthError,
) -> Response {
    let parameters = [("error", error.code), ("error_description", error.description.as_str())];
    answer(web, request, redirect_uri, &parameters)
}

/// Sends the browser to the client (RFC 6749 §4.1.2), saying who answers (RFC 9207).
fn answer(
    web: &Web,
    (asked, form): (&Asked, &Form),
    redirect_uri: &str,
    parameters: &[(&str, &str)],
) -> Response {
    let issuer = issuer(web, &asked.base);
    let mut parameters = parameters.to_vec();
    parameters.extend(form.value("state").map(|state| ("state", state)));
    parameters.push(("iss", &issuer));
    let target = with_query(redirect_uri, &parameters);
    let Ok(target) = HeaderValue::try_from(target) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let headers = [
        (header::LOCATION, target),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn untrusted(asked: &Asked, why: &str) -> Response {
    let text = format!("{} {why}.", asked.t("oauth-untrusted"));
    page::message(asked, StatusCode::BAD_REQUEST, &text)
}
