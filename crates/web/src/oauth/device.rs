//! Device codes (RFC 8628): the endpoint that the device asks, and the page for its person.

use app::SignedIn;
use app::oauth::{DEVICE_INTERVAL_SECS, DEVICE_LIFE_SECS, Decision, DeviceRefusal};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::answer::{OAuthError, fresh};
use super::asked::Asked;
use super::form::Form;
use super::page::{self, Consent};
use super::token::{client, wanted};
use super::who::{address, who};
use crate::Web;

/// `POST /{tenant}/oauth2/v2.0/devicecode` (RFC 8628 §3.1).
pub(super) async fn start(
    State(web): State<Web>,
    Path(tenant): Path<String>,
    asked: Asked,
    body: Bytes,
) -> Response {
    let now = (web.options.clock)();
    let started = async {
        let (form, client) = client(&web, &tenant, (&asked, &body), now).await?;
        Ok::<_, OAuthError>(web.app.start_device(&client, wanted(&form)?, now).await?)
    };
    let started = match started.await {
        Ok(started) => started,
        Err(error) => return error.into_response(),
    };
    let page = format!("{}/device", asked.base);
    let user_code = &started.user_code;
    fresh(
        StatusCode::OK,
        json!({
            "device_code": started.device_code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": format!("{page}?user_code={user_code}"),
            "expires_in": DEVICE_LIFE_SECS,
            "interval": DEVICE_INTERVAL_SECS,
            "message": format!("Open {page} in a browser and type the code {user_code}."),
        }),
    )
}

/// `GET /device`: asks for the code.
pub(super) async fn page(State(web): State<Web>, asked: Asked) -> Response {
    if let Err(response) = who(&web, &asked).await {
        return response;
    }
    let form = Form::parse(asked.query.as_bytes()).unwrap_or_default();
    page::code(&asked, StatusCode::OK, None, form.value("user_code").unwrap_or_default())
}

/// `POST /device`: shows who asks for what under the code, or takes the decision.
pub(super) async fn decide(State(web): State<Web>, asked: Asked, body: Bytes) -> Response {
    if !asked.comes_from_us() || !asked.is_form() {
        return page::message(&asked, StatusCode::FORBIDDEN, &asked.t("oauth-not-ours"));
    }
    let person = match who(&web, &asked).await {
        Ok(person) => person,
        Err(response) => return response,
    };
    let form = Form::parse(&body).unwrap_or_default();
    let typed = form.value("user_code").unwrap_or_default();
    let decision = match form.value("decision") {
        Some("allow") => Some(Decision::Allow),
        Some("deny") => Some(Decision::Deny),
        _ => None,
    };
    let answered = match decision {
        Some(decision) => take(&web, &asked, (typed, decision), person).await,
        None => show(&web, &asked, typed, person).await,
    };
    match answered {
        Ok(response) => response,
        Err(DeviceRefusal::Unknown) => {
            page::code(&asked, StatusCode::NOT_FOUND, Some(&asked.t("oauth-unknown-code")), typed)
        }
        Err(DeviceRefusal::Throttled(_)) => {
            page::message(&asked, StatusCode::TOO_MANY_REQUESTS, &asked.t("oauth-throttled"))
        }
        Err(DeviceRefusal::Unavailable(failure)) => {
            tracing::error!(%failure, "a device code could not be looked at");
            page::message(&asked, StatusCode::SERVICE_UNAVAILABLE, &asked.t("oauth-unavailable"))
        }
    }
}

async fn show(
    web: &Web,
    asked: &Asked,
    typed: &str,
    person: SignedIn,
) -> Result<Response, DeviceRefusal> {
    let now = (web.options.clock)();
    let request = web.app.device_request(typed, person, asked.client, now).await?;
    let consent = Consent {
        client_name: &request.client_name,
        allowed: request.allowed,
        person: &address(web, person),
        user_code: Some(&request.user_code),
        action: "/device",
        fields: vec![("user_code", &request.user_code)],
    };
    Ok(page::consent(asked, &consent))
}

async fn take(
    web: &Web,
    asked: &Asked,
    (typed, decision): (&str, Decision),
    person: SignedIn,
) -> Result<Response, DeviceRefusal> {
    let now = (web.options.clock)();
    web.app.decide_device((typed, decision), person, asked.client, now).await?;
    let text = match decision {
        Decision::Allow => asked.t("oauth-allowed"),
        Decision::Deny => asked.t("oauth-denied"),
    };
    Ok(page::message(asked, StatusCode::OK, &text))
}
