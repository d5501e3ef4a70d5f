//! How full mailboxes are, and what they would take in licences.

use app::report::Licences;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::RecipientKind;

use super::super::room::Room;
use super::super::{Rail, surroundings};
use super::scope;
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::Frame;
use crate::site::texts::Texts;
use crate::site::visit::Signed;

/// Mailboxes that a page shows; the file has more.
const ROWS_MAX: usize = 200;

struct Row {
    path: String,
    name: String,
    address: String,
    kind: String,
    room: Room,
}

#[derive(Template)]
#[template(path = "admin/reports/storage.html")]
struct StoragePage {
    frame: Frame,
    rail: Rail,
    tab: &'static str,
    licences: Licences,
    /// Whether persons are among what is reported.
    has_persons: bool,
    rows: Vec<Row>,
    is_cut: bool,
    files: Vec<(String, String)>,
    line: &'static str,
}

/// `GET /admin/reports/storage`
pub(super) async fn show(signed: Signed, State(web): State<Web>) -> Response {
    signed.page(page(&signed, &web).await)
}

async fn page(signed: &Signed, web: &Web) -> Result<StoragePage, Problem> {
    let scope = scope(signed, web)?;
    let report = web.app.storage_report(scope.as_ref()).await?;
    let (frame, rail) = surroundings(signed, "/admin/reports");
    let texts = frame.texts;
    let rows = report.mailboxes.iter().take(ROWS_MAX).map(|stored| {
        let mailbox = &stored.mailbox;
        let list = if mailbox.kind == RecipientKind::User { "users" } else { "recipients" };
        Row {
            path: format!("/admin/{list}/{}", mailbox.guid),
            name: mailbox.display_name.clone(),
            address: mailbox.primary().to_string(),
            kind: kind(&texts, mailbox.kind),
            room: Room::of(&texts, mailbox, &stored.quota),
        }
    });
    Ok(StoragePage {
        rows: rows.collect(),
        tab: "storage",
        licences: report.licences,
        has_persons: scope.is_none(),
        is_cut: report.is_cut || report.mailboxes.len() > ROWS_MAX,
        files: ["csv", "json"]
            .map(|form| (format!("/admin/reports/file/storage/{form}"), form.to_uppercase()))
            .into(),
        line: "guichet report storage",
        frame,
        rail,
    })
}

fn kind(texts: &Texts, kind: RecipientKind) -> String {
    match kind {
        RecipientKind::User => texts.t("kind-user"),
        RecipientKind::SharedMailbox => texts.t("kind-shared"),
        RecipientKind::Group | RecipientKind::Channel => texts.t("tag-group"),
        RecipientKind::Contact => texts.t("kind-contact"),
    }
}
