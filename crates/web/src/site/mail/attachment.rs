//! Attachments and originals, to be saved. They never open inside our origin: they are handed out
//! as octets under a safe name, and pictures only as what they are, in a sandbox.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use mail::compose::{encoded_parameter, safe_file_name};
use mail::mime::Part;
use serde::Deserialize;

use super::super::error::Problem;
use super::super::visit::Signed;
use super::parts::{file_name, picture_type, section};
use super::read::message_of;
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
    let content = match message_of(&web, &signed, folder, uid).await {
        Ok((_, content)) => content,
        Err(problem) => return signed.visit.problem(problem),
    };
    let message = Part::read(&content);
    let Some(part) = section(&message, &numbers) else {
        return signed.visit.problem(Problem::NotFound);
    };
    let octets = part.decoded(&content, part.body.len());
    let picture = picture_type(part).filter(|_| query.view == "1");
    let disposition = if picture.is_some() { "inline" } else { "attachment" };
    saved(picture.unwrap_or("application/octet-stream"), disposition, &file_name(part), octets)
}

/// `GET /mail/{folder}/{uid}/original`
pub(crate) async fn original(
    signed: Signed,
    State(web): State<Web>,
    Path((folder, uid)): Path<(i64, i64)>,
) -> Response {
    match message_of(&web, &signed, folder, uid).await {
        Ok((_, content)) => saved("application/octet-stream", "attachment", "message.eml", content),
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
