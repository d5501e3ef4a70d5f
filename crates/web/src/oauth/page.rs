//! The pages that ask a person, as plain HTML. They run no script and cannot be put into a frame:
//! a click on "Allow" must be meant.

use std::fmt::Write as _;

use app::oauth::Allowed;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::words::Words;
use crate::escape::escaped;

/// Where forms go is not limited: the answer to one leads the browser to the client.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
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

/// A page with one sentence.
pub(super) fn message(words: &Words, status: StatusCode, text: &str) -> Response {
    page(words, status, words.device_title, &format!("<p>{}</p>", escaped(text)))
}

/// The page that asks for a device's code.
pub(super) fn code(
    words: &Words,
    status: StatusCode,
    problem: Option<&str>,
    typed: &str,
) -> Response {
    let problem =
        problem.map_or_else(String::new, |text| format!("<p role=\"alert\">{}</p>", escaped(text)));
    let body = format!(
        "{problem}<p>{}</p><form method=\"post\" action=\"/device\">\
         <label>{} <input name=\"user_code\" value=\"{}\" autocomplete=\"off\" \
         autocapitalize=\"characters\" spellcheck=\"false\" required></label> \
         <button>{}</button></form>",
        words.device_question,
        words.code,
        escaped(typed),
        words.next,
    );
    page(words, status, words.device_title, &body)
}

/// The page that asks whether a client may.
pub(super) fn consent(words: &Words, consent: &Consent<'_>) -> Response {
    let mut body =
        format!("<p><strong>{}</strong> {}</p><ul>", escaped(consent.client_name), words.asks);
    for scope in consent.allowed.scopes.list() {
        let _ = write!(body, "<li>{}</li>", words.scope(scope));
    }
    if consent.allowed.is_offline {
        let _ = write!(body, "<li>{}</li>", words.offline);
    }
    body.push_str("</ul>");
    if let Some(code) = consent.user_code {
        let code = escaped(code);
        let _ = write!(body, "<p>{} <strong>{code}</strong></p>", words.compare);
    }
    let person = escaped(consent.person);
    let _ = write!(body, "<p>{} {person}. {}</p>", words.signed_in_as, words.only_if);
    let _ = write!(body, "<form method=\"post\" action=\"{}\">", escaped(consent.action));
    for (name, value) in &consent.fields {
        let (name, value) = (escaped(name), escaped(value));
        let _ = write!(body, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
    }
    let _ = write!(
        body,
        "<button name=\"decision\" value=\"deny\">{}</button> \
         <button name=\"decision\" value=\"allow\">{}</button></form>",
        words.deny, words.allow
    );
    page(words, StatusCode::OK, words.consent_title, &body)
}

fn page(words: &Words, status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title} – Guichet</title>\
         </head><body><main><h1>{title}</h1>{body}</main></body></html>",
        words.language,
    );
    let mut response = (status, Html(html)).into_response();
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
