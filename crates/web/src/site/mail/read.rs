//! One message: who wrote to whom, its text or its HTML in a frame, its attachments.

use std::collections::HashMap;

use app::mailbox::Rights;
use app::reading::{Flags, Marking, Row, UidRange};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use mail::envelope::Envelope;
use mail::mime::Part;
use mail::raw_field::split_header;
use mail::text;
use serde::Deserialize;

use super::super::error::Problem;
use super::super::frame::{Frame, Section};
use super::super::time;
use super::super::visit::Signed;
use super::html::{self, HTML_OCTETS_MAX, Pictures, Piece};
use super::list::{subject, title};
use super::parts::{Attached, Shown, picture_type};
use super::rail::MailRail;
use super::{Correspondent, folder_of};
use crate::Web;

/// Octets of text that a page shows; the rest is in the original.
const TEXT_OCTETS_MAX: usize = 256 * 1024;
/// Octets of pictures inside a message that are put into its HTML.
const PICTURES_OCTETS_MAX: usize = 4 * 1024 * 1024;
/// Recipients that a page names.
const RECIPIENTS_SHOWN_MAX: usize = 50;

#[derive(Template)]
#[template(path = "mail/read.html")]
struct ReadPage {
    frame: Frame,
    rail: MailRail,
    folder: i64,
    uid: i64,
    folder_title: String,
    subject: String,
    from: Vec<Correspondent>,
    sender: Option<Correspondent>,
    to: Vec<Correspondent>,
    cc: Vec<Correspondent>,
    date: String,
    date_machine: String,
    by: Option<String>,
    /// Where the frame with the HTML comes from.
    html_path: Option<String>,
    has_html: bool,
    has_blocked: bool,
    text: Vec<Piece>,
    attached: Vec<Attached>,
    may_delete: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ReadQuery {
    /// `1`: pictures from elsewhere are loaded.
    #[serde(default)]
    images: String,
    /// `text`: the text instead of the HTML.
    #[serde(default, rename = "as")]
    shown_as: String,
}

impl ReadQuery {
    fn pictures(&self) -> Pictures {
        if self.images == "1" { Pictures::Shown } else { Pictures::Blocked }
    }
}

/// `GET /mail/{folder}/{uid}`
pub(crate) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Path((folder, uid)): Path<(i64, i64)>,
    Query(query): Query<ReadQuery>,
) -> Response {
    signed.page(page(&web, &signed, (folder, uid), &query).await)
}

async fn page(
    web: &Web,
    signed: &Signed,
    (folder, uid): (i64, i64),
    query: &ReadQuery,
) -> Result<ReadPage, Problem> {
    let (folder, place) = folder_of(web, signed, folder).await?;
    let (row, content) = web.app.message(&place, uid).await?;
    if !row.flags.contains(Flags::SEEN) && place.rights.allow(Rights::SEEN) {
        web.app.mark(&place, &[UidRange::of(uid)], Marking::Add(Flags::SEEN)).await?;
    }
    let frame = signed.frame(Section::Mail);
    let rail = MailRail::read(web, signed, &frame, Some(folder.id)).await?;
    let message = Part::read(&content);
    let shown = Shown::of(&message);
    let as_text = query.shown_as == "text";
    let cleaned =
        shown.html.filter(|_| !as_text).map(|part| clean(&content, &message, part, query));
    let images = if query.pictures() == Pictures::Shown { "?images=1" } else { "" };
    let html_path = cleaned.as_ref().map(|_| format!("/mail/{}/{uid}/body{images}", folder.id.0));
    let text = match html_path {
        Some(_) => Vec::new(),
        None => text_pieces(&content, &shown),
    };
    let envelope = Envelope::read(&content[..split_header(&content).0]);
    let sender = sender_beside(&envelope);
    let people = |list| {
        let mut all = Correspondent::all(list);
        all.truncate(RECIPIENTS_SHOWN_MAX);
        all
    };
    Ok(ReadPage {
        folder: folder.id.0,
        uid,
        folder_title: title(web, &frame, &folder),
        subject: subject(&envelope, &frame),
        from: people(&envelope.from),
        sender,
        to: people(&envelope.to),
        cc: people(&envelope.cc),
        date: time::minute(row.internal_at),
        date_machine: time::machine(row.internal_at),
        by: placed_by(web, &row, place.mailbox),
        has_html: shown.html.is_some(),
        has_blocked: cleaned.is_some_and(|cleaned| cleaned.has_blocked),
        html_path,
        text,
        attached: shown.attached,
        may_delete: place.rights.allow(Rights::DELETE),
        frame,
        rail,
    })
}

/// Who put the message there, where that is not the mailbox's own person.
fn placed_by(web: &Web, row: &Row, mailbox: domain::RecipientId) -> Option<String> {
    let by = row.placed_by.filter(|by| *by != mailbox)?;
    let directory = web.app.directory();
    directory.recipient(by).map(|found| found.display_name.clone())
}

/// The Sender, where it is another one than the author.
fn sender_beside(envelope: &Envelope) -> Option<Correspondent> {
    let sender = Correspondent::all(&envelope.sender).into_iter().next()?;
    let is_author =
        Correspondent::all(&envelope.from).iter().any(|from| from.address == sender.address);
    (!is_author).then_some(sender)
}

fn text_pieces(content: &[u8], shown: &Shown<'_>) -> Vec<Piece> {
    let part = shown.text.or(shown.html);
    let text = part.and_then(|part| text::part_text(content, part, TEXT_OCTETS_MAX));
    html::pieces(&text.unwrap_or_default())
}

fn clean(content: &[u8], message: &Part, part: &Part, query: &ReadQuery) -> html::Cleaned {
    let html = text::decoded_text(content, part, HTML_OCTETS_MAX);
    let mut inside = HashMap::new();
    if html.contains("cid:") {
        let mut room = PICTURES_OCTETS_MAX;
        pictures_inside(content, message, &mut room, &mut inside);
    }
    html::clean(&html, inside, query.pictures())
}

/// The pictures that a message carries, as data addresses by Content-ID.
fn pictures_inside(
    content: &[u8],
    part: &Part,
    room: &mut usize,
    found: &mut HashMap<String, String>,
) {
    if let (Some(id), Some(kind)) = (&part.id, picture_type(part))
        && part.body.len() <= *room
    {
        *room -= part.body.len();
        let octets = part.decoded(content, part.body.len());
        let id = id.trim().trim_matches(['<', '>']).to_owned();
        found.insert(id, format!("data:{kind};base64,{}", STANDARD.encode(octets)));
    }
    for part in part.parts() {
        pictures_inside(content, part, room, found);
    }
}

/// Nothing is loaded and nothing runs; the frame has an origin of its own, which is nobody's.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'self'; \
     sandbox allow-popups allow-popups-to-escape-sandbox",
);
/// The same with pictures from elsewhere.
const POLICY_WITH_PICTURES: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; img-src data: https:; style-src 'unsafe-inline'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'self'; \
     sandbox allow-popups allow-popups-to-escape-sandbox",
);

/// `GET /mail/{folder}/{uid}/body`: the HTML, for the frame.
pub(crate) async fn body(
    signed: Signed,
    State(web): State<Web>,
    Path((folder, uid)): Path<(i64, i64)>,
    Query(query): Query<ReadQuery>,
) -> Response {
    match body_of(&web, &signed, (folder, uid), &query).await {
        Ok(html) => {
            let policy = match query.pictures() {
                Pictures::Blocked => POLICY,
                Pictures::Shown => POLICY_WITH_PICTURES,
            };
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
                (header::CONTENT_SECURITY_POLICY, policy),
                (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
                (
                    HeaderName::from_static("referrer-policy"),
                    HeaderValue::from_static("no-referrer"),
                ),
            ];
            (headers, html).into_response()
        }
        Err(problem) => signed.visit.problem(problem),
    }
}

async fn body_of(
    web: &Web,
    signed: &Signed,
    (folder, uid): (i64, i64),
    query: &ReadQuery,
) -> Result<String, Problem> {
    let (_, content) = message_of(web, signed, folder, uid).await?;
    let message = Part::read(&content);
    let part = Shown::of(&message).html.ok_or(Problem::NotFound)?;
    let cleaned = clean(&content, &message, part, query);
    Ok(format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><title></title><style>\
         :root{{color-scheme:light}}body{{margin:0;padding:1rem;background:#fff;color:#1b2528;\
         font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}}\
         img{{max-width:100%;height:auto}}table{{max-width:100%}}blockquote{{margin:0 0 0 .5rem;\
         padding-left:.75rem;border-left:3px solid #cfd8da}}</style></head><body>{}</body></html>",
        cleaned.html
    ))
}

/// A message of a path.
pub(super) async fn message_of(
    web: &Web,
    signed: &Signed,
    folder: i64,
    uid: i64,
) -> Result<(Row, Bytes), Problem> {
    let (_, place) = folder_of(web, signed, folder).await?;
    Ok(web.app.message(&place, uid).await?)
}
