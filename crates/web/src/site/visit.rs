//! Who asks for a page. Handlers take a [`Visit`] where anybody may come, and a [`Signed`] where
//! somebody must be signed in: without a session a page leads to the sign-in and back, and a form
//! is answered with 401, so that nothing typed is done in nobody's name.

use std::net::{IpAddr, Ipv4Addr};

use app::access::{Actor, Scopes};
use app::web_session::WebSession;
use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::cookie;
use super::error::{self, Problem};
use super::frame::{Frame, Person, Section, render, see_other};
use super::texts::{Language, Texts};
use super::told::{TOLD_MAX_SECS, Told};
use crate::{Peer, Scheme, Web};

/// A request for a page, by whomever.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) texts: Texts,
    /// Path and query.
    pub(crate) here: String,
    pub(crate) is_secure: bool,
    pub(crate) client: IpAddr,
    pub(crate) user_agent: String,
    pub(crate) now: Timestamp,
    pub(crate) signed: Option<(Person, WebSession)>,
    /// What the change before did.
    pub(crate) told: Option<Told>,
}

impl Visit {
    /// The frame of the page that answers.
    pub(crate) fn frame(&self, section: Section) -> Frame {
        Frame {
            texts: self.texts,
            person: self.signed.as_ref().map(|(person, _)| person.clone()),
            section,
            here: self.here.clone(),
            told: self.told.clone(),
        }
    }

    /// The page that says what is wrong.
    pub(crate) fn problem(&self, problem: Problem) -> Response {
        error::page(self.frame(Section::Outside), problem)
    }
}

/// A request by somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    pub(crate) visit: Visit,
    pub(crate) person: Person,
    pub(crate) session: WebSession,
}

impl Signed {
    /// Who asks, for the application's gates.
    pub(crate) fn actor(&self) -> Actor {
        Actor::User { id: self.person.id, scopes: Scopes::ALL }
    }

    /// Where from, for the audit.
    pub(crate) fn client(&self) -> Option<String> {
        Some(self.visit.client.to_string())
    }

    pub(crate) fn frame(&self, section: Section) -> Frame {
        self.visit.frame(section)
    }

    /// What to say of a text that should be a day.
    pub(crate) fn bad_day(&self, text: &str) -> Problem {
        Problem::Invalid(self.visit.texts.t1("token-bad-until", "until", text))
    }

    /// The page, or the one that says what is wrong.
    pub(crate) fn page(&self, page: Result<impl Template, Problem>) -> Response {
        page.map_or_else(|problem| self.visit.problem(problem), |page| render(&page))
    }

    /// To the path that a change leads to, or to the page that says what is wrong.
    pub(crate) fn onward(&self, path: Result<String, Problem>) -> Response {
        path.map_or_else(|problem| self.visit.problem(problem), |path| see_other(&path))
    }

    /// To the page that a change leads to, which tells what it did; or to the one that says what is
    /// wrong.
    pub(crate) fn tells(&self, done: Result<(String, Told), Problem>) -> Response {
        let (path, told) = match done {
            Ok(done) => done,
            Err(problem) => return self.visit.problem(problem),
        };
        let mut response = see_other(&path);
        let value = told.to_cookie();
        let value = value.as_deref().map(|value| (value, TOLD_MAX_SECS));
        if let Some(line) = cookie::set_told(value, self.visit.is_secure) {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
        response
    }
}

impl FromRequestParts<Web> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Visit, Response> {
        let now = (web.options.clock)();
        let is_secure = parts.extensions.get::<Scheme>().is_none_or(|scheme| scheme.0 == "https");
        let client = match parts.extensions.get::<Peer>() {
            Some(Peer::Network(address)) => *address,
            Some(Peer::Socket) | None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        };
        let user_agent = parts.headers.get(header::USER_AGENT);
        let here = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut visit = Visit {
            texts: Texts::new(Language::preferred(&parts.headers)),
            here: here.to_owned(),
            is_secure,
            client,
            user_agent: user_agent
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            now,
            signed: None,
            told: Told::read(&parts.headers, is_secure),
        };
        let Some(token) = cookie::session(&parts.headers, is_secure) else { return Ok(visit) };
        match web.app.web_session(token, now).await {
            Ok(Some(session)) => {
                let person = Person::read(&web.app.directory(), session.recipient);
                visit.signed = person.map(|person| (person, session));
                Ok(visit)
            }
            Ok(None) => Ok(visit),
            Err(failure) => {
                tracing::error!(%failure, "a session could not be read");
                Err(visit.problem(Problem::Unavailable))
            }
        }
    }
}

impl FromRequestParts<Web> for Signed {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Signed, Response> {
        let visit = Visit::from_request_parts(parts, web).await?;
        if let Some((person, session)) = visit.signed.clone() {
            return Ok(Signed { visit, person, session });
        }
        if parts.method == Method::GET {
            let next = utf8_percent_encode(&visit.here, NON_ALPHANUMERIC);
            return Err(see_other(&format!("/sign-in?next={next}")));
        }
        Err((StatusCode::UNAUTHORIZED, visit.problem(Problem::SignedOut)).into_response())
    }
}
