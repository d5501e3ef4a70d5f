//! Files to keep: reports and records as CSV, JSON or a page by itself, written part by part as
//! they are read, so that the longest one needs no memory.

use std::future::Future;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    Json,
    /// One JSON object a line.
    JsonLines,
    Html,
}

impl Form {
    fn media_type(self) -> &'static str {
        match self {
            Form::Csv => "text/csv; charset=utf-8; header=present",
            Form::Json => "application/json",
            Form::JsonLines => "application/x-ndjson",
            Form::Html => "text/html; charset=utf-8",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Form::Csv => "csv",
            Form::Json => "json",
            Form::JsonLines => "jsonl",
            Form::Html => "html",
        }
    }
}

/// A file whose text is there.
pub(super) fn whole(name: &str, form: Form, text: String) -> Response {
    saved(name, form, Body::from(text))
}

/// A file whose parts are made one after the other: each call gives a text and what the next call
/// begins with. Where one fails the transfer breaks off, and no browser takes it for complete.
pub(super) fn in_parts<S, E, F, M>((name, form): (&str, Form), begin: S, make: M) -> Response
where
    S: Send + 'static,
    E: std::error::Error + Send + Sync + 'static,
    F: Future<Output = Result<(String, Option<S>), E>> + Send + 'static,
    M: Fn(S) -> F + Send + 'static,
{
    let parts = stream::unfold((Some(begin), make), |(next, make)| async move {
        match make(next?).await {
            Ok((text, next)) => Some((Ok(text), (next, make))),
            Err(failure) => {
                tracing::error!(%failure, "a file could not be written to its end");
                Some((Err(failure), (None, make)))
            }
        }
    });
    saved(name, form, Body::from_stream(parts))
}

fn saved(name: &str, form: Form, body: Body) -> Response {
    let disposition = format!("attachment; filename=\"{name}.{}\"", form.extension());
    let Ok(disposition) = HeaderValue::try_from(disposition) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let media_type = HeaderValue::from_static(form.media_type());
    let headers = [(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition)];
    (headers, body).into_response()
}
