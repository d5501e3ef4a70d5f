//! One message: who wrote to whom, its text or its HTML in a frame, its attachments.

use std::collections::HashMap;

use app::mailbox::{Place, Rights};
use app::reading::{Flags, Marking, Row, Structure, UidRange};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use mail::envelope::Envelope;
use mail::mime::Part;
use mail::text;
use serde::Deserialize;

use super::super::desk::Panel;
use super::super::error::Problem;
use super::super::frame::{Frame, Section};
use super::super::time;
use super::super::visit::Signed;
use super::conversation::{self, Line};
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
    /// How high the frame is, as a class of the style sheet.
    frame_height: &'static str,
    text: Vec<Piece>,
    attached: Vec<Attached>,
    conversation: Vec<Line>,
    desk: Option<Panel>,
    may_delete: bool,
}

impl ReadPage {
    fn conversation_length(&self) -> i64 {
        i64::try_from(self.conversation.len()).unwrap_or(i64::MAX)
    }
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
    let read = web.app.structure(&place, uid).await?;
    if !read.row.flags.contains(Flags::SEEN) && place.rights.allow(Rights::SEEN) {
        web.app.mark(&place, &[UidRange::of(uid)], Marking::Add(Flags::SEEN)).await?;
    }
    let frame = signed.frame(Section::Mail);
    let rail = MailRail::read(web, signed, &frame, Some(folder.id)).await?;
    let shown = Shown::of(&read.message);
    let as_text = query.shown_as == "text";
    let html = shown.html.filter(|_| !as_text);
    let cleaned = match html {
        Some(part) => Some(clean(web, &read, part, query).await?),
        None => None,
    };
    let images = if query.pictures() == Pictures::Shown { "?images=1" } else { "" };
    let html_path = cleaned.as_ref().map(|_| format!("/mail/{}/{uid}/body{images}", folder.id.0));
    let text = match html_path {
        Some(_) => Vec::new(),
        None => text_pieces(web, &read, &shown).await?,
    };
    let envelope = Envelope::read(&read.header);
    Ok(ReadPage {
        folder: folder.id.0,
        uid,
        folder_title: title(web, &frame, &folder),
        subject: subject(&envelope, &frame),
        from: people(&envelope.from),
        sender: sender_beside(&envelope),
        to: people(&envelope.to),
        cc: people(&envelope.cc),
        date: time::minute(read.row.internal_at),
        date_machine: time::machine(read.row.internal_at),
        by: placed_by(web, &read.row, place.mailbox),
        has_html: shown.html.is_some(),
        frame_height: cleaned.as_ref().map_or("", frame_height),
        has_blocked: cleaned.is_some_and(|cleaned| cleaned.has_blocked),
        html_path,
        text,
        attached: shown.attached,
        conversation: conversation::lines(web, &frame, &place, (uid, &read.header)).await?,
        desk: Panel::read(web, signed, &place, uid).await?,
        may_delete: place.rights.allow(Rights::DELETE),
        frame,
        rail,
    })
}

/// The height for a frame, which cannot say how long its content is: by how much there is.
fn frame_height(cleaned: &html::Cleaned) -> &'static str {
    match cleaned.html.len() {
        _ if cleaned.html.contains("<img") => "",
        0..=600 => "short",
        601..=3_000 => "medium",
        _ => "",
    }
}

fn people(list: &[mail::envelope::EnvelopeAddress]) -> Vec<Correspondent> {
    let mut all = Correspondent::all(list);
    all.truncate(RECIPIENTS_SHOWN_MAX);
    all
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

async fn text_pieces(
    web: &Web,
    read: &Structure,
    shown: &Shown<'_>,
) -> Result<Vec<Piece>, Problem> {
    let Some(part) = shown.text.or(shown.html) else { return Ok(Vec::new()) };
    // Encodings make it longer, twice at most where it is text.
    let (part, octets) = web.app.part_octets(&read.row, part, 2 * TEXT_OCTETS_MAX).await?;
    let text = text::part_text(&octets, &part, TEXT_OCTETS_MAX);
    Ok(html::pieces(&text.unwrap_or_default()))
}

async fn clean(
    web: &Web,
    read: &Structure,
    part: &Part,
    query: &ReadQuery,
) -> Result<html::Cleaned, Problem> {
    let (alone, octets) = web.app.part_octets(&read.row, part, 2 * HTML_OCTETS_MAX).await?;
    let html = text::decoded_text(&octets, &alone, HTML_OCTETS_MAX);
    let mut inside = HashMap::new();
    if html.contains("cid:") {
        let mut pictures = Vec::new();
        let mut room = PICTURES_OCTETS_MAX;
        pictures_inside(&read.message, &mut room, &mut pictures);
        for (id, kind, part) in pictures {
            let (part, octets) = web.app.part_octets(&read.row, part, part.body.len()).await?;
            let octets = part.decoded(&octets, octets.len());
            inside.insert(id, format!("data:{kind};base64,{}", STANDARD.encode(octets)));
        }
    }
    Ok(html::clean(&html, inside, query.pictures()))
}

/// The pictures that a message carries, by Content-ID.
fn pictures_inside<'a>(
    part: &'a Part,
    room: &mut usize,
    found: &mut Vec<(String, &'static str, &'a Part)>,
) {
    if let (Some(id), Some(kind)) = (&part.id, picture_type(part))
        && part.body.len() <= *room
    {
        *room -= part.body.len();
        found.push((id.trim().trim_matches(['<', '>']).to_owned(), kind, part));
    }
    for part in part.parts() {
        pictures_inside(part, room, found);
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
    let (_, read) = structure_of(web, signed, folder, uid).await?;
    let part = Shown::of(&read.message).html.ok_or(Problem::NotFound)?;
    let cleaned = clean(web, &read, part, query).await?;
    Ok(format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><title></title><style>\
         :root{{color-scheme:light}}body{{margin:0;padding:1rem;background:#fff;color:#1b2528;\
         font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}}\
         img{{max-width:100%;height:auto}}table{{max-width:100%}}blockquote{{margin:0 0 0 .5rem;\
         padding-left:.75rem;border-left:3px solid #cfd8da}}</style></head><body>{}</body></html>",
        cleaned.html
    ))
}

/// The structure of a message of a path.
pub(super) async fn structure_of(
    web: &Web,
    signed: &Signed,
    folder: i64,
    uid: i64,
) -> Result<(Place, Structure), Problem> {
    let (_, place) = folder_of(web, signed, folder).await?;
    let read = web.app.structure(&place, uid).await?;
    Ok((place, read))
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
