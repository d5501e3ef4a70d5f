//! Attachments and originals, to be saved. They never open inside our origin: they are handed out
//! as octets under a safe name, and pictures only as what they are, in a sandbox.
//!
//! They go out piece by piece as the store gives them; nothing of a message is held but the piece
//! that is on its way.

use std::ops::Range;
use std::sync::Arc;

use app::App;
use app::mailbox::MailboxError;
use app::reading::{OCTETS_AT_ONCE, Row};
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use mail::compose::{encoded_parameter, safe_file_name};
use mail::mime::Decoder;
use serde::Deserialize;

use super::super::error::Problem;
use super::super::visit::Signed;
use super::folder_of;
use super::parts::{file_name, picture_type, section};
use super::read::structure_of;
use crate::Web;

/// Whatever it is, it does nothing.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

#[derive(Debug, Default, Deserialize)]
pub(crate) struct PartQuery {
    /// `1`: a picture is shown in the browser.
    #[serde(default)]
    view: String,
}

/// `GET /mail/{folder}/{uid}/part/{section}`
pub(crate) async fn part(
    signed: Signed,
    State(web): State<Web>,
    Path((folder, uid, numbers)): Path<(i64, i64, String)>,
    Query(query): Query<PartQuery>,
) -> Response {
    let read = match structure_of(&web, &signed, folder, uid).await {
        Ok((_, read)) => read,
        Err(problem) => return signed.visit.problem(problem),
    };
    let Some(part) = section(&read.message, &numbers) else {
        return signed.visit.problem(Problem::NotFound);
    };
    let octets = streamed(&web.app, &read.row, part.body.clone(), Decoder::new(&part.encoding));
    let picture = picture_type(part).filter(|_| query.view == "1");
    let disposition = if picture.is_some() { "inline" } else { "attachment" };
    saved(picture.unwrap_or("application/octet-stream"), disposition, &file_name(part), octets)
}

/// What is still to be handed out.
struct Handing {
    app: Arc<App>,
    row: Row,
    left: Range<usize>,
    /// Takes the transfer encoding off; `None` when everything is handed out.
    decoder: Option<Decoder>,
}

impl Handing {
    /// The next piece; `None` at the end.
    async fn next(mut self) -> Result<Option<(Bytes, Handing)>, MailboxError> {
        loop {
            let Some(mut decoder) = self.decoder.take() else { return Ok(None) };
            if self.left.is_empty() {
                let rest = decoder.finish();
                return Ok((!rest.is_empty()).then(|| (rest.into(), self)));
            }
            let end = self.left.end.min(self.left.start + OCTETS_AT_ONCE);
            let piece = self.app.octets(&self.row, self.left.start..end).await?;
            let is_short = piece.len() < end - self.left.start;
            self.left.start = if is_short { self.left.end } else { end };
            let decoded = decoder.push(&piece);
            self.decoder = Some(decoder);
            if !decoded.is_empty() {
                return Ok(Some((decoded.into(), self)));
            }
        }
    }
}

/// A range of a message, piece by piece.
fn streamed(app: &Arc<App>, row: &Row, left: Range<usize>, decoder: Decoder) -> Body {
    let handing = Handing { app: Arc::clone(app), row: row.clone(), left, decoder: Some(decoder) };
    Body::from_stream(stream::try_unfold(handing, Handing::next))
}

/// `GET /mail/{folder}/{uid}/original`
pub(crate) async fn original(
    signed: Signed,
    State(web): State<Web>,
    Path((folder, uid)): Path<(i64, i64)>,
) -> Response {
    let row = async {
        let (_, place) = folder_of(&web, &signed, folder).await?;
        Ok::<_, Problem>(web.app.message_row(&place, uid).await?)
    };
    match row.await {
        Ok(row) => {
            let length = usize::try_from(row.size_bytes).unwrap_or(0);
            let octets = streamed(&web.app, &row, 0..length, Decoder::new("binary"));
            let mut response =
                saved("application/octet-stream", "attachment", "message.eml", octets);
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
            response
        }
        Err(problem) => signed.visit.problem(problem),
    }
}

fn saved(kind: &'static str, disposition: &str, name: &str, octets: impl IntoResponse) -> Response {
    let disposition = content_disposition(disposition, name);
    let Ok(disposition) = HeaderValue::try_from(disposition) else {
        // The text is ASCII without control characters.
        return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = octets.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    let name = HeaderName::from_static("x-download-options");
    headers.insert(name, HeaderValue::from_static("noopen"));
    response
}

/// RFC 6266 §4.1: a plain name for old readers, the whole one beside it.
fn content_disposition(disposition: &str, name: &str) -> String {
    let safe = safe_file_name(name);
    let plain: String = safe
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' })
        .collect();
    let encoded = encoded_parameter(&safe);
    format!("{disposition}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::content_disposition;

    #[test]
    fn names_of_files_stay_names() {
        assert_eq!(
            content_disposition("attachment", "../é\"\r\nSet-Cookie: x.pdf"),
            "attachment; filename=\"__Set-Cookie_ x.pdf\"; \
             filename*=UTF-8''%C3%A9%22Set-Cookie%3A%20x.pdf"
        );
    }
}
