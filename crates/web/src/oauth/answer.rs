//! Answers to clients: tokens and errors as JSON (RFC 6749 §5), never kept by anybody.

use app::oauth::{ACCESS_LIFE_SECS, Issued, OAuthRefusal};
use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::scope;

/// An error for a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OAuthError {
    pub(super) status: StatusCode,
    /// The name that the RFCs give it.
    pub(super) code: &'static str,
    pub(super) description: String,
    pub(super) wait_secs: Option<i64>,
}

impl OAuthError {
    /// A fault of the request itself.
    pub(super) fn request(description: impl Into<String>) -> OAuthError {
        OAuthError::new("invalid_request", description)
    }

    pub(super) fn new(code: &'static str, description: impl Into<String>) -> OAuthError {
        let description = description.into();
        OAuthError { status: StatusCode::BAD_REQUEST, code, description, wait_secs: None }
    }

    /// The tenant in the path is not ours.
    pub(super) fn unknown_tenant(tenant: &str) -> OAuthError {
        let tenant: String = tenant.chars().filter(|letter| !letter.is_control()).collect();
        let description = format!("tenant '{tenant}' is not this organisation");
        OAuthError::request(description)
    }
}

impl From<OAuthRefusal> for OAuthError {
    fn from(refusal: OAuthRefusal) -> OAuthError {
        let (status, code) = match &refusal {
            OAuthRefusal::InvalidRequest(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
            OAuthRefusal::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
            OAuthRefusal::InvalidGrant(_) => (StatusCode::BAD_REQUEST, "invalid_grant"),
            OAuthRefusal::UnauthorizedClient(_) => (StatusCode::BAD_REQUEST, "unauthorized_client"),
            OAuthRefusal::InvalidScope => (StatusCode::BAD_REQUEST, "invalid_scope"),
            OAuthRefusal::AuthorizationPending => {
                (StatusCode::BAD_REQUEST, "authorization_pending")
            }
            OAuthRefusal::SlowDown => (StatusCode::BAD_REQUEST, "slow_down"),
            OAuthRefusal::ExpiredToken => (StatusCode::BAD_REQUEST, "expired_token"),
            OAuthRefusal::AccessDenied => (StatusCode::BAD_REQUEST, "access_denied"),
            OAuthRefusal::Throttled(_) => {
                (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable")
            }
            OAuthRefusal::Unavailable(failure) => {
                tracing::error!(%failure, "a request for a token could not be looked at");
                (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
            }
        };
        let wait_secs = match refusal {
            OAuthRefusal::Throttled(secs) => Some(secs),
            _ => None,
        };
        OAuthError { status, code, description: refusal.to_string(), wait_secs }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.code, "error_description": self.description });
        let mut response = fresh(self.status, body);
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 6749 §5.2: the scheme by which a client may identify itself.
            let challenge = HeaderValue::from_static("Basic realm=\"Guichet\", charset=\"UTF-8\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(secs) = self.wait_secs {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        response
    }
}

/// The tokens (RFC 6749 §5.1).
pub(super) fn tokens(issued: &Issued) -> Response {
    let mut body = json!({
        "token_type": "Bearer",
        "access_token": issued.access_token,
        "expires_in": ACCESS_LIFE_SECS,
        "scope": scope::shown(issued.scopes),
    });
    if let Some(refresh_token) = &issued.refresh_token {
        body["refresh_token"] = refresh_token.as_str().into();
    }
    fresh(StatusCode::OK, body)
}

/// JSON that no cache may keep (RFC 6749 §5.1).
pub(super) fn fresh(status: StatusCode, body: Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    let name = HeaderName::from_static("x-content-type-options");
    headers.insert(name, HeaderValue::from_static("nosniff"));
    response
}
