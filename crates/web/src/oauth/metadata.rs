//! Metadata: where the endpoints are and what they do (RFC 8414), at the path of OpenID's.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::answer::{OAuthError, fresh};
use super::asked::Asked;
use super::is_ours;
use crate::Web;

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`.
pub(super) async fn show(
    State(web): State<Web>,
    Path(tenant): Path<String>,
    asked: Asked,
) -> Response {
    if !is_ours(&web, &tenant) {
        return OAuthError::unknown_tenant(&tenant).into_response();
    }
    fresh(StatusCode::OK, document(&web, &asked.base, &tenant))
}

/// `GET /.well-known/oauth-authorization-server`.
pub(super) async fn show_organization(State(web): State<Web>, asked: Asked) -> Response {
    fresh(StatusCode::OK, document(&web, &asked.base, "organizations"))
}

/// Who answers: the same for all names of the organisation.
pub(super) fn issuer(web: &Web, base: &str) -> String {
    format!("{base}/{}/v2.0", web.app.directory().organization().guid)
}

fn document(web: &Web, base: &str, tenant: &str) -> Value {
    let endpoint = |name: &str| format!("{base}/{tenant}/oauth2/v2.0/{name}");
    json!({
        "issuer": issuer(web, base),
        "authorization_endpoint": endpoint("authorize"),
        "token_endpoint": endpoint("token"),
        "device_authorization_endpoint": endpoint("devicecode"),
        "revocation_endpoint": endpoint("revoke"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [
            "authorization_code",
            "client_credentials",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "client_secret_basic", "none"],
        "scopes_supported": ["admin", "read", "send", "offline_access"],
        "authorization_response_iss_parameter_supported": true,
    })
}
