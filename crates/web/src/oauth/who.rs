//! Who sits at the browser. The one place where the pages of OAuth find out: whoever is not signed
//! in gets the answer that leads there.

use app::{SignInRefusal, SignedIn};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::asked::Asked;
use super::page;
use super::words::Words;
use crate::Web;

/// The person, by the password that the browser sends (RFC 7617).
pub(super) async fn who(web: &Web, asked: &Asked) -> Result<SignedIn, Response> {
    let words = Words::preferred(&asked.headers);
    let Some((login, password)) = credentials(asked) else { return Err(sign_in()) };
    let now = (web.options.clock)();
    match web.app.sign_in(&login, &password, asked.client, now).await {
        Ok(signed_in) => Ok(signed_in),
        Err(SignInRefusal::Wrong) => Err(sign_in()),
        Err(SignInRefusal::Throttled(_)) => {
            Err(page::message(words, StatusCode::TOO_MANY_REQUESTS, words.throttled))
        }
        Err(SignInRefusal::Unavailable(failure)) => {
            tracing::error!(%failure, "a sign-in could not be looked at");
            Err(page::message(words, StatusCode::SERVICE_UNAVAILABLE, words.unavailable))
        }
    }
}

fn credentials(asked: &Asked) -> Option<(String, String)> {
    let (scheme, encoded) = asked.header(header::AUTHORIZATION.as_str())?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (login, password) = pair.split_once(':')?;
    Some((login.to_owned(), password.to_owned()))
}

fn sign_in() -> Response {
    let mut response = StatusCode::UNAUTHORIZED.into_response();
    let challenge = HeaderValue::from_static("Basic realm=\"Guichet\", charset=\"UTF-8\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

/// The address of whoever signed in, for the page.
pub(super) fn address(web: &Web, person: SignedIn) -> String {
    let directory = web.app.directory();
    let found = directory.recipient(person.account);
    found.map_or_else(String::new, |found| found.primary().to_string())
}
