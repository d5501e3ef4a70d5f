//! Signing in and out, and the switch of the language.

use app::SignInRefusal;
use app::web_session::{AGE_MAX_SECS, Browser};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::cookie;
use super::error::Problem;
use super::frame::{Frame, Section, local_path, render_as, see_other};
use super::texts::Language;
use super::visit::{Signed, Visit};
use crate::Web;

/// Octets of a login that are looked at; addresses are shorter.
const LOGIN_OCTETS_MAX: usize = 320;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    login: String,
    next: String,
    refusal: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

/// `GET /sign-in`
pub(crate) async fn show(visit: Visit, Query(next): Query<Next>) -> Response {
    let next = local_path(&next.next).to_owned();
    if visit.signed.is_some() {
        return see_other(&next);
    }
    let frame = visit.frame(Section::Outside);
    let page = SignInPage { frame, login: String::new(), next, refusal: None };
    render_as(StatusCode::OK, &page)
}

#[derive(Deserialize)]
pub(crate) struct SignInForm {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// `POST /sign-in`. The session is always a new one: what a browser showed before is worth nothing.
pub(crate) async fn submit(
    visit: Visit,
    State(web): State<Web>,
    Form(form): Form<SignInForm>,
) -> Response {
    let login = form.login.trim();
    let tried = match login.len() <= LOGIN_OCTETS_MAX {
        true => web.app.sign_in(login, &form.password, visit.client, visit.now).await,
        false => Err(SignInRefusal::Wrong),
    };
    let signed_in = match tried {
        Ok(signed_in) => signed_in,
        Err(refusal) => return refused(&visit, &form, &refusal),
    };
    let client = visit.client.to_string();
    let browser = Browser { client: &client, user_agent: &visit.user_agent };
    match web.app.open_web_session(signed_in, browser, visit.now).await {
        Ok(opened) => {
            let line = cookie::set_session(Some((&opened.token, AGE_MAX_SECS)), visit.is_secure);
            with_cookie(see_other(local_path(&form.next)), line)
        }
        Err(failure) => visit.problem(failure.into()),
    }
}

fn refused(visit: &Visit, form: &SignInForm, refusal: &SignInRefusal) -> Response {
    let (status, sentence) = match refusal {
        SignInRefusal::Wrong => (StatusCode::UNAUTHORIZED, visit.texts.t("sign-in-wrong")),
        SignInRefusal::Throttled(seconds) => {
            let sentence = visit.texts.t1("sign-in-wait", "seconds", seconds);
            (StatusCode::TOO_MANY_REQUESTS, sentence)
        }
        SignInRefusal::Unavailable(failure) => {
            tracing::error!(%failure, "a sign-in could not be looked at");
            return visit.problem(Problem::Unavailable);
        }
    };
    let page = SignInPage {
        frame: visit.frame(Section::Outside),
        login: form.login.clone(),
        next: local_path(&form.next).to_owned(),
        refusal: Some(sentence),
    };
    render_as(status, &page)
}

/// `POST /sign-out`
pub(crate) async fn sign_out(signed: Signed, State(web): State<Web>) -> Response {
    let ended = web.app.end_web_session(signed.person.id, signed.session.id).await;
    if let Err(failure) = ended {
        return signed.visit.problem(failure.into());
    }
    let line = cookie::set_session(None, signed.visit.is_secure);
    with_cookie(see_other("/sign-in"), line)
}

#[derive(Debug, Deserialize)]
pub(crate) struct LanguageForm {
    language: String,
    #[serde(default)]
    next: String,
}

/// `POST /language`
pub(crate) async fn choose_language(visit: Visit, Form(form): Form<LanguageForm>) -> Response {
    let Some(language) = Language::parse(&form.language) else {
        return visit.problem(Problem::NotFound);
    };
    let line = cookie::set_choice(cookie::LANGUAGE, language.tag());
    with_cookie(see_other(local_path(&form.next)), line)
}

fn with_cookie(response: Response, line: Option<axum::http::HeaderValue>) -> Response {
    match line {
        Some(line) => ([(header::SET_COOKIE, line)], response).into_response(),
        None => response,
    }
}
