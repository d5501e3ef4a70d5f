//! Signing in and out, and the switch of the language. Signing in has a second step where the
//! account has a second factor; between the steps the browser holds a cookie that opens nothing.

use app::second_factor::{PENDING_MAX_SECS, PasswordAccepted, SecondStepRefusal};
use app::web_session::{AGE_MAX_SECS, Browser};
use app::{SignInRefusal, SignedIn};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::cookie;
use super::error::Problem;
use super::frame::{Frame, Section, local_path, render_as, see_other};
use super::provider;
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
    provider: Option<ProviderButton>,
}

/// The button that leads to the provider of OpenID Connect.
struct ProviderButton {
    label: String,
    href: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    pub(crate) next: String,
}

/// `GET /sign-in`
pub(crate) async fn show(
    visit: Visit,
    State(web): State<Web>,
    Query(next): Query<Next>,
) -> Response {
    let next = local_path(&next.next).to_owned();
    if visit.signed.is_some() {
        return see_other(&next);
    }
    page(&visit, &web, (StatusCode::OK, None), String::new(), &next)
}

/// The page, with what is wrong.
pub(crate) fn page(
    visit: &Visit,
    web: &Web,
    (status, refusal): (StatusCode, Option<String>),
    login: String,
    next: &str,
) -> Response {
    let frame = visit.frame(Section::Outside);
    let next = local_path(next).to_owned();
    let provider = web.app.identity_provider().map(|provider| ProviderButton {
        label: provider.settings().label.clone(),
        href: provider::departure_path(&next),
    });
    render_as(status, &SignInPage { frame, login, next, refusal, provider })
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
        true => web.app.sign_in_browser(login, &form.password, visit.client, visit.now).await,
        false => Err(SignInRefusal::Wrong),
    };
    match tried {
        Ok(accepted) => go_on(&visit, &web, accepted, &form.next).await,
        Err(refusal) => refused(&visit, &web, &form, &refusal),
    }
}

/// After the first step: to the page that was asked for, or to the second step.
pub(crate) async fn go_on(
    visit: &Visit,
    web: &Web,
    accepted: PasswordAccepted,
    next: &str,
) -> Response {
    match accepted {
        PasswordAccepted::SignedIn(signed_in) => open(visit, web, signed_in, next).await,
        PasswordAccepted::SecondFactorOwed(token) => {
            let next = utf8_percent_encode(local_path(next), NON_ALPHANUMERIC);
            let line = cookie::set_pending(Some((&token, PENDING_MAX_SECS)), visit.is_secure);
            with_cookie(see_other(&format!("/sign-in/code?next={next}")), line)
        }
    }
}

/// Opens the session of whoever has signed in, and leads to the page that was asked for.
pub(crate) async fn open(visit: &Visit, web: &Web, signed_in: SignedIn, next: &str) -> Response {
    let client = visit.client.to_string();
    let browser = Browser { client: &client, user_agent: &visit.user_agent };
    match web.app.open_web_session(signed_in, browser, visit.now).await {
        Ok(opened) => {
            let line = cookie::set_session(Some((&opened.token, AGE_MAX_SECS)), visit.is_secure);
            with_cookie(see_other(local_path(next)), line)
        }
        Err(failure) => visit.problem(failure.into()),
    }
}

#[derive(Template)]
#[template(path = "sign_in_code.html")]
struct CodePage {
    frame: Frame,
    next: String,
    refusal: Option<String>,
}

/// `GET /sign-in/code`
pub(crate) async fn show_code(
    visit: Visit,
    State(web): State<Web>,
    Query(next): Query<Next>,
    headers: HeaderMap,
) -> Response {
    let next = local_path(&next.next).to_owned();
    let token = cookie::pending(&headers, visit.is_secure).unwrap_or_default();
    match web.app.pending_sign_in(token, visit.now).await {
        Ok(Some(_)) => {
            let frame = visit.frame(Section::Outside);
            render_as(StatusCode::OK, &CodePage { frame, next, refusal: None })
        }
        Ok(None) => see_other("/sign-in"),
        Err(failure) => visit.problem(failure.into()),
    }
}

#[derive(Deserialize)]
pub(crate) struct CodeForm {
    code: String,
    #[serde(default)]
    next: String,
}

/// `POST /sign-in/code`
pub(crate) async fn submit_code(
    visit: Visit,
    State(web): State<Web>,
    headers: HeaderMap,
    Form(form): Form<CodeForm>,
) -> Response {
    let token = cookie::pending(&headers, visit.is_secure).unwrap_or_default();
    let finished = web.app.finish_sign_in(token, &form.code, visit.client, visit.now).await;
    let (status, sentence) = match finished {
        Ok(signed_in) => {
            let response = open(&visit, &web, signed_in, &form.next).await;
            return with_cookie(response, cookie::set_pending(None, visit.is_secure));
        }
        Err(SecondStepRefusal::Expired) => return see_other("/sign-in"),
        Err(SecondStepRefusal::Unavailable(failure)) => return visit.problem(failure.into()),
        Err(SecondStepRefusal::Wrong) => (StatusCode::UNAUTHORIZED, visit.texts.t("code-wrong")),
        Err(SecondStepRefusal::Throttled(seconds)) => {
            let sentence = visit.texts.t1("sign-in-wait", "seconds", seconds);
            (StatusCode::TOO_MANY_REQUESTS, sentence)
        }
    };
    let frame = visit.frame(Section::Outside);
    let next = local_path(&form.next).to_owned();
    render_as(status, &CodePage { frame, next, refusal: Some(sentence) })
}

fn refused(visit: &Visit, web: &Web, form: &SignInForm, refusal: &SignInRefusal) -> Response {
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
    page(visit, web, (status, Some(sentence)), form.login.clone(), &form.next)
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

/// The response with one more cookie.
pub(crate) fn with_cookie(mut response: Response, line: Option<HeaderValue>) -> Response {
    if let Some(line) = line {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}
