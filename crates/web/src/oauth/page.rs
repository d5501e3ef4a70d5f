//! The pages that ask a person whether a client may, in the ordinary frame of pages. They run no
//! script and cannot be put into a frame: a click on "Allow" must be meant.

use app::access::Scope;
use app::oauth::Allowed;
use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::asked::Asked;
use crate::site::frame::{Frame, render_as};

/// Where forms go is not limited: the answer to one leads the browser to the client.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
     frame-ancestors 'none'",
);

/// What a person is asked to allow.
pub(super) struct Consent<'a> {
    /// Who asks.
    pub(super) client_name: &'a str,
    pub(super) allowed: Allowed,
    /// The person's address.
    pub(super) person: &'a str,
    /// The code that the device shows, where a device asks.
    pub(super) user_code: Option<&'a str>,
    /// Where the form goes.
    pub(super) action: &'a str,
    /// What the form brings back as it is.
    pub(super) fields: Vec<(&'a str, &'a str)>,
}

#[derive(Template)]
#[template(path = "oauth/message.html")]
struct MessagePage<'a> {
    frame: &'a Frame,
    text: &'a str,
}

#[derive(Template)]
#[template(path = "oauth/code.html")]
struct CodePage<'a> {
    frame: &'a Frame,
    problem: Option<&'a str>,
    typed: &'a str,
}

#[derive(Template)]
#[template(path = "oauth/consent.html")]
struct ConsentPage<'a> {
    frame: &'a Frame,
    consent: &'a Consent<'a>,
    /// What the client could do.
    scopes: Vec<String>,
}

/// A page with one sentence.
pub(super) fn message(asked: &Asked, status: StatusCode, text: &str) -> Response {
    guarded(status, &MessagePage { frame: &asked.frame, text })
}

/// The page that asks for a device's code.
pub(super) fn code(
    asked: &Asked,
    status: StatusCode,
    problem: Option<&str>,
    typed: &str,
) -> Response {
    guarded(status, &CodePage { frame: &asked.frame, problem, typed })
}

/// The page that asks whether a client may.
pub(super) fn consent(asked: &Asked, consent: &Consent<'_>) -> Response {
    let mut scopes: Vec<String> = consent
        .allowed
        .scopes
        .list()
        .map(|scope| match scope {
            Scope::Admin => asked.t("oauth-scope-admin"),
            Scope::Read => asked.t("oauth-scope-read"),
            Scope::Send => asked.t("oauth-scope-send"),
        })
        .collect();
    if consent.allowed.is_offline {
        scopes.push(asked.t("oauth-offline"));
    }
    guarded(StatusCode::OK, &ConsentPage { frame: &asked.frame, consent, scopes })
}

fn guarded(status: StatusCode, page: &impl Template) -> Response {
    let mut response = render_as(status, page);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // The query of the page must not reach whoever the browser goes to next; our own form must
    // still say in `Origin` that it is ours.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    for (name, value) in [("x-frame-options", "DENY"), ("x-content-type-options", "nosniff")] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
