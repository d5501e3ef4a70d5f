//! The page that says that something is not there, not allowed, wrong or not possible now.

use app::access::Denied;
use app::command::CommandError;
use app::mailbox::MailboxError;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::frame::{Frame, render_as};

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// There is no such page or object; also said where the person may not know that there is.
    NotFound,
    /// The person may not.
    Forbidden,
    /// The session ended before the form came.
    SignedOut,
    /// What was sent makes no sense; the sentence says what.
    Invalid(String),
    /// Somebody else changed the same meanwhile.
    Conflict(String),
    /// The database does not answer.
    Unavailable,
}

impl Problem {
    fn status(&self) -> StatusCode {
        match self {
            Problem::NotFound => StatusCode::NOT_FOUND,
            Problem::Forbidden => StatusCode::FORBIDDEN,
            Problem::SignedOut => StatusCode::UNAUTHORIZED,
            Problem::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Problem::Conflict(_) => StatusCode::CONFLICT,
            Problem::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<Denied> for Problem {
    fn from(_: Denied) -> Problem {
        Problem::Forbidden
    }
}

impl From<app::Failure> for Problem {
    fn from(failure: app::Failure) -> Problem {
        tracing::error!(%failure, "a page could not be read");
        Problem::Unavailable
    }
}

impl From<MailboxError> for Problem {
    fn from(error: MailboxError) -> Problem {
        match error {
            MailboxError::NotFound => Problem::NotFound,
            MailboxError::NotAllowed => Problem::Forbidden,
            MailboxError::Unavailable(failure) => failure.into(),
            MailboxError::Conflicts(conflicts) => Problem::Conflict(conflicts.to_string()),
            MailboxError::AlreadyExists
            | MailboxError::HasChildren
            | MailboxError::Impossible(_)
            | MailboxError::OverQuota
            | MailboxError::Limit(_) => Problem::Invalid(error.to_string()),
        }
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Problem {
        match error {
            CommandError::Denied(_) => Problem::Forbidden,
            CommandError::NotFound(_) => Problem::NotFound,
            CommandError::Unavailable(failure) => failure.into(),
            CommandError::Conflicts(conflicts) => Problem::Conflict(conflicts.to_string()),
            other => Problem::Invalid(other.to_string()),
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    title: String,
    advice: String,
    detail: Option<String>,
}

/// The page.
pub(crate) fn page(frame: Frame, problem: Problem) -> Response {
    let status = problem.status();
    let (title, advice) = match &problem {
        Problem::NotFound => (frame.t("error-not-found"), frame.t("error-not-found-advice")),
        Problem::Forbidden => (frame.t("error-forbidden"), frame.t("error-forbidden-advice")),
        Problem::SignedOut => (frame.t("error-signed-out"), frame.t("error-signed-out-advice")),
        Problem::Invalid(_) => (frame.t("error-invalid"), frame.t("error-invalid-advice")),
        Problem::Conflict(_) => (frame.t("error-conflict"), frame.t("error-conflict-advice")),
        Problem::Unavailable => (frame.t("error-unavailable"), frame.t("error-unavailable-advice")),
    };
    let detail = match problem {
        Problem::Invalid(detail) | Problem::Conflict(detail) => Some(detail),
        _ => None,
    };
    render_as(status, &ErrorPage { frame, title, advice, detail })
}
