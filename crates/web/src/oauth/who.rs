//! Who sits at the browser. The one place where the pages of OAuth find out: whoever is not signed
//! in gets the answer that leads there.

use app::second_factor::PasswordAccepted;
use app::{SignInRefusal, SignedIn};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::asked::Asked;
use super::page;
use crate::Web;
use crate::site::frame::see_other;

/// The person: who is signed in to the pages, or whose password comes with the request (RFC 7617).
pub(super) async fn who(web: &Web, asked: &Asked) -> Result<SignedIn, Response> {
    if let Some(signed_in) = asked.signed {
        return Ok(signed_in);
    }
    let Some((login, password)) = credentials(asked) else { return Err(sign_in(asked)) };
    let now = (web.options.clock)();
    match web.app.sign_in_browser(&login, &password, asked.client, now).await {
        Ok(PasswordAccepted::SignedIn(signed_in)) => Ok(signed_in),
        // The second factor is asked for by the pages.
        Ok(PasswordAccepted::SecondFactorOwed(_)) => Err(sign_in(asked)),
        Err(SignInRefusal::Wrong) => Err(StatusCode::UNAUTHORIZED.into_response()),
        Err(SignInRefusal::Throttled(_)) => {
            Err(page::message(asked, StatusCode::TOO_MANY_REQUESTS, &asked.t("oauth-throttled")))
        }
        Err(SignInRefusal::Unavailable(failure)) => {
            tracing::error!(%failure, "a sign-in could not be looked at");
            Err(page::message(
                asked,
                StatusCode::SERVICE_UNAVAILABLE,
                &asked.t("oauth-unavailable"),
            ))
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

/// A page leads to the sign-in and back; a form that comes without is not taken.
fn sign_in(asked: &Asked) -> Response {
    if asked.method != Method::GET {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let next = utf8_percent_encode(&asked.here, NON_ALPHANUMERIC);
    see_other(&format!("/sign-in?next={next}"))
}

/// The address of whoever signed in, for the page.
pub(super) fn address(web: &Web, person: SignedIn) -> String {
    let directory = web.app.directory();
    let found = directory.recipient(person.account);
    found.map_or_else(String::new, |found| found.primary().to_string())
}
