//! OAuth 2 over HTTP: the token endpoint (RFC 6749 §3.2), device codes (RFC 8628), authorization
//! with PKCE (RFC 7636), revocation (RFC 7009) and metadata (RFC 8414), under the paths that
//! Microsoft's clients know. What is decided is decided in `app::oauth`; here are its names on the
//! wire, and the pages that ask a person.

mod answer;
mod asked;
mod authorize;
mod device;
mod form;
mod metadata;
mod page;
mod scope;
mod token;
mod who;

use axum::Router;
use axum::routing::{get, post};

use crate::Web;

/// All routes of OAuth 2.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(token::token))
        .route("/{tenant}/oauth2/v2.0/revoke", post(token::revoke))
        .route("/{tenant}/oauth2/v2.0/devicecode", post(device::start))
        .route("/{tenant}/oauth2/v2.0/authorize", get(authorize::ask).post(authorize::decide))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(metadata::show))
        .route("/.well-known/oauth-authorization-server", get(metadata::show_organization))
        .route("/device", get(device::page).post(device::decide))
}

/// Whether a path's first segment is our organisation: an accepted domain, the GUID, or one of the
/// words that stand for whichever it is.
fn is_ours(web: &Web, tenant: &str) -> bool {
    let directory = web.app.directory();
    app::read::accepted_domain(&directory, tenant).is_some()
        || directory.organization().guid.eq_ignore_ascii_case(tenant)
        || ["organizations", "common"].iter().any(|word| word.eq_ignore_ascii_case(tenant))
}
