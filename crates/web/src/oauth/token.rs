//! The token endpoint (RFC 6749 §3.2) and revocation (RFC 7009).

use app::oauth::{Client, OAuthRefusal, Wanted};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Timestamp;
use serde_json::json;

use super::answer::{OAuthError, fresh, tokens};
use super::asked::Asked;
use super::form::{Form, decode};
use super::{is_ours, scope};
use crate::Web;

/// `POST /{tenant}/oauth2/v2.0/token`.
pub(super) async fn token(
    State(web): State<Web>,
    Path(tenant): Path<String>,
    asked: Asked,
    body: Bytes,
) -> Response {
    let now = (web.options.clock)();
    let answered = async {
        let (form, client) = client(&web, &tenant, (&asked, &body), now).await?;
        grant(&web, &form, &client, now).await
    };
    answered.await.unwrap_or_else(OAuthError::into_response)
}

/// `POST /{tenant}/oauth2/v2.0/revoke`. A token that is not known is revoked enough
/// (RFC 7009 §2.2).
pub(super) async fn revoke(
    State(web): State<Web>,
    Path(tenant): Path<String>,
    asked: Asked,
    body: Bytes,
) -> Response {
    let now = (web.options.clock)();
    let answered = async {
        let (form, client) = client(&web, &tenant, (&asked, &body), now).await?;
        let token = required(&form, "token")?;
        web.app.revoke_issued(&client, token, now).await?;
        Ok::<_, OAuthError>(fresh(StatusCode::OK, json!({})))
    };
    answered.await.unwrap_or_else(OAuthError::into_response)
}

/// Reads a request to one of the endpoints for clients and finds out who asks.
pub(super) async fn client(
    web: &Web,
    tenant: &str,
    (asked, body): (&Asked, &[u8]),
    now: Timestamp,
) -> Result<(Form, Client), OAuthError> {
    if !is_ours(web, tenant) {
        return Err(OAuthError::unknown_tenant(tenant));
    }
    if !asked.is_form() {
        let why = "the content type must be application/x-www-form-urlencoded";
        return Err(OAuthError::request(why));
    }
    let form = Form::parse(body).map_err(|fault| OAuthError::request(fault.to_string()))?;
    let (client_id, secret) = credentials(asked, &form)?;
    let client = web.app.oauth_client(&client_id, secret.as_deref(), asked.client, now).await?;
    Ok((form, client))
}

async fn grant(
    web: &Web,
    form: &Form,
    client: &Client,
    now: Timestamp,
) -> Result<Response, OAuthError> {
    let app = &web.app;
    let issued = match required(form, "grant_type")? {
        "client_credentials" => app.token_for_client(client, wanted(form)?, now).await,
        "refresh_token" => {
            app.refresh(client, required(form, "refresh_token")?, wanted(form)?, now).await
        }
        "authorization_code" => {
            let code = (required(form, "code")?, form.value("redirect_uri"));
            app.redeem_code(client, code, form.value("code_verifier"), now).await
        }
        // The short form is the one of Microsoft's first drafts, which old programs send.
        "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => {
            app.poll_device(client, required(form, "device_code")?, now).await
        }
        _ => {
            let why = "use client_credentials, refresh_token, authorization_code or device_code";
            return Err(OAuthError::new("unsupported_grant_type", why));
        }
    };
    Ok(tokens(&issued?))
}

/// What the parameter `scope` asks for.
pub(super) fn wanted(form: &Form) -> Result<Wanted, OAuthError> {
    scope::wanted(form.value("scope")).ok_or_else(|| OAuthRefusal::InvalidScope.into())
}

pub(super) fn required<'f>(form: &'f Form, name: &str) -> Result<&'f str, OAuthError> {
    form.value(name).ok_or_else(|| OAuthError::request(format!("{name} is missing")))
}

/// The client's identifier and secret: by Basic, or in the body, not both (RFC 6749 §2.3.1).
fn credentials(asked: &Asked, form: &Form) -> Result<(String, Option<String>), OAuthError> {
    let in_body = form.value("client_secret").map(str::to_owned);
    let Some(value) = asked.header(header::AUTHORIZATION.as_str()) else {
        return Ok((required(form, "client_id")?.to_owned(), in_body));
    };
    let pair = value.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Basic"));
    let pair = pair.and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok());
    let pair = pair.and_then(|octets| String::from_utf8(octets).ok());
    let pair = pair.as_deref().and_then(|pair| pair.split_once(':'));
    // Both parts are encoded like form fields before they are joined.
    let decoded = pair.and_then(|(id, secret)| {
        Some((decode(id.as_bytes()).ok()?, decode(secret.as_bytes()).ok()?))
    });
    let Some((client_id, secret)) = decoded else {
        return Err(OAuthRefusal::InvalidClient.into());
    };
    let is_other = form.value("client_id").is_some_and(|given| given != client_id);
    if in_body.is_some() || is_other {
        return Err(OAuthError::request("the client identifies itself in two ways"));
    }
    Ok((client_id, Some(secret).filter(|secret| !secret.is_empty())))
}
