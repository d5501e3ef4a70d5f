//! What the pages of the own account share: the password that is asked for again before something
//! that opens the account, and the session that goes on after a change that ends all others.

use app::SignInRefusal;
use app::command::Command;
use app::web_session::{AGE_MAX_SECS, Browser};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::Web;
use crate::site::admin::carry_out;
use crate::site::error::Problem;
use crate::site::frame::see_other;
use crate::site::visit::Signed;
use crate::site::{cookie, sign_in};

/// Why a form is not carried out.
pub(crate) enum Refused {
    /// What was typed will not do: the page is shown again with this sentence.
    Sentence(StatusCode, String),
    /// A page of its own says it.
    Problem(Problem),
}

impl From<app::command::CommandError> for Refused {
    fn from(error: app::command::CommandError) -> Refused {
        match Problem::from(error) {
            Problem::Invalid(sentence) => {
                Refused::Sentence(StatusCode::UNPROCESSABLE_ENTITY, sentence)
            }
            other => Refused::Problem(other),
        }
    }
}

impl From<app::Failure> for Refused {
    fn from(failure: app::Failure) -> Refused {
        Refused::Problem(failure.into())
    }
}

/// Whether the password that was typed once more is right. Wrong ones count as failed sign-ins.
pub(crate) async fn confirmed(web: &Web, signed: &Signed, password: &str) -> Result<(), Refused> {
    let visit = &signed.visit;
    let asked = web.app.confirm_password(signed.person.id, password, visit.client, visit.now);
    match asked.await {
        Ok(()) => Ok(()),
        Err(SignInRefusal::Wrong) => {
            let sentence = visit.texts.t("password-wrong");
            Err(Refused::Sentence(StatusCode::UNPROCESSABLE_ENTITY, sentence))
        }
        Err(SignInRefusal::Throttled(seconds)) => {
            let sentence = visit.texts.t1("sign-in-wait", "seconds", seconds);
            Err(Refused::Sentence(StatusCode::TOO_MANY_REQUESTS, sentence))
        }
        Err(SignInRefusal::Unavailable(failure)) => Err(failure.into()),
    }
}

/// Which of what the account has.
#[derive(Debug, Deserialize)]
pub(crate) struct Which {
    /// Its number.
    pub(crate) id: i64,
}

/// Takes something away that opened the account, which ends all sessions, and goes on to `page` in
/// a new one.
pub(crate) async fn take_away(
    web: &Web,
    signed: &Signed,
    command: Command,
    page: &str,
) -> Response {
    match carry_out(web, signed, command, None).await {
        Ok(_) => stay(web, signed, see_other(page)).await,
        Err(error) => signed.visit.problem(error.into()),
    }
}

/// The response, with a new session for this browser: the change has ended the one that it had.
pub(super) async fn stay(web: &Web, signed: &Signed, response: Response) -> Response {
    let visit = &signed.visit;
    let client = visit.client.to_string();
    let browser = Browser { client: &client, user_agent: &visit.user_agent };
    match web.app.reopen_web_session(signed.person.id, browser, visit.now).await {
        Ok(Some(opened)) => {
            let line = cookie::set_session(Some((&opened.token, AGE_MAX_SECS)), visit.is_secure);
            sign_in::with_cookie(response, line)
        }
        // What was done is done; the next page asks for a sign-in.
        Ok(None) => response,
        Err(failure) => {
            tracing::error!(%failure, "a session could not be opened again");
            response
        }
    }
}
