//! The admin centre. Administrators see everything; auditors see everything and change nothing;
//! owners see the groups that they own. What a page shows and what a form does is decided by
//! `app`'s gate, the same that the admin protocol asks.

mod audit;
mod chart;
mod contacts;
mod create;
mod delegation;
mod domains;
mod download;
mod group;
mod groups;
mod list;
mod paging;
mod queue;
mod reports;
mod room;
mod rules;
mod settings;
mod suggest;
mod trace;
mod users;

use app::access::{self, Need, Purpose};
use app::command::{Command, CommandError, Order, Outcome, Warning};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, middleware};
use domain::{AccountRole, Recipient, RecipientKind};

use super::error::Problem;
use super::frame::{Frame, Person, Section, see_other};
use super::told::{self, Told};
use super::visit::Signed;
use crate::Web;

/// The routes of the admin centre.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/admin", get(start))
        .route("/admin/groups", get(groups::list))
        .route("/admin/shared", get(groups::list_shared))
        .route("/admin/recipients/{guid}", get(group::show).post(group::change))
        .route("/admin/recipients/{guid}/convert", get(group::preview))
        .route("/admin/recipients/{guid}/delegation", get(delegation::show))
        .route("/admin/recipients/{guid}/grant", post(delegation::grant))
        .route("/admin/recipients/{guid}/revoke", post(delegation::revoke))
        .route("/admin/new/{kind}", get(create::show).post(create::submit))
        .route("/admin/users", get(users::list).post(users::create))
        .route("/admin/users/{guid}", get(users::show).post(users::change))
        .route("/admin/contacts", get(contacts::list))
        .route("/admin/contacts/{guid}", post(contacts::change))
        .route("/admin/domains", get(domains::list).post(domains::create))
        .route("/admin/domains/{name}", get(domains::show).post(domains::change))
        .route("/admin/rules", get(rules::list))
        .route("/admin/rules/{kind}/{guid}", get(rules::form::show).post(rules::change))
        .route("/admin/rules/{kind}/{guid}/write", post(rules::form::write))
        .route("/admin/rules/{kind}/{guid}/remove", get(rules::ask_remove))
        .route("/admin/trace", get(trace::list))
        .route("/admin/trace/{id}", get(trace::message))
        .route("/admin/audit", get(audit::list))
        .route("/admin/audit/file/{form}", get(audit::file))
        .route("/admin/queue", get(queue::list))
        .route("/admin/queue/{id}", post(queue::change))
        .route("/admin/settings", get(settings::show).post(settings::change))
        .route("/admin/suggest", get(suggest::people))
        .merge(reports::routes())
        .layer(middleware::from_fn(told::once))
}

async fn start(_: Signed) -> Response {
    see_other("/admin/groups")
}

/// An entry of the rail.
#[derive(Debug, Clone)]
pub(crate) struct RailEntry {
    pub(crate) path: &'static str,
    pub(crate) text: String,
    pub(crate) is_here: bool,
}

/// Entries that belong together.
#[derive(Debug, Clone)]
pub(crate) struct RailPart {
    pub(crate) title: String,
    pub(crate) entries: Vec<RailEntry>,
}

/// What stands beside every page of the admin centre.
#[derive(Debug, Clone)]
pub(crate) struct Rail {
    pub(crate) parts: Vec<RailPart>,
}

/// The parts of the rail with their pages. What an owner sees of it is the first page and the
/// reports.
const RAIL: [(&str, &[(&str, &str)]); 4] = [
    (
        "admin-recipients",
        &[
            ("/admin/groups", "admin-groups"),
            ("/admin/shared", "admin-shared"),
            ("/admin/users", "admin-users"),
            ("/admin/contacts", "admin-contacts"),
        ],
    ),
    (
        "admin-mail-flow",
        &[
            ("/admin/trace", "admin-trace"),
            ("/admin/queue", "admin-queue"),
            ("/admin/rules", "admin-rules"),
        ],
    ),
    ("admin-oversight", &[("/admin/reports", "admin-reports"), ("/admin/audit", "admin-audit")]),
    (
        "admin-organization",
        &[("/admin/domains", "admin-domains"), ("/admin/settings", "admin-settings")],
    ),
];

/// The pages that owners have too.
const OWNERS: [&str; 2] = ["/admin/groups", "/admin/reports"];

impl Rail {
    fn new(frame: &Frame, person: &Person, here: &'static str) -> Rail {
        let sees_all = person.role != AccountRole::Member;
        let parts = RAIL.iter().map(|(title, pages)| {
            let seen = pages.iter().filter(|(path, _)| sees_all || OWNERS.contains(path));
            let entries = seen
                .map(|(path, text)| RailEntry { path, text: frame.t(text), is_here: *path == here })
                .collect();
            RailPart { title: frame.t(title), entries }
        });
        Rail { parts: parts.filter(|part| !part.entries.is_empty()).collect() }
    }
}

/// Frame and rail of a page.
fn surroundings(signed: &Signed, here: &'static str) -> (Frame, Rail) {
    let frame = signed.frame(Section::Admin);
    let rail = Rail::new(&frame, &signed.person, here);
    (frame, rail)
}

/// The page of the list that a recipient is in.
fn list_of(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::SharedMailbox => "/admin/shared",
        RecipientKind::User
        | RecipientKind::Group
        | RecipientKind::Contact
        | RecipientKind::Channel => "/admin/groups",
    }
}

/// The recipient of this GUID, if the person may look at it. What one may not see is not there.
fn visible(web: &Web, signed: &Signed, guid: &str) -> Result<Recipient, Problem> {
    let directory = web.app.directory();
    let found = directory.find(guid).filter(|found| found.guid.eq_ignore_ascii_case(guid));
    let found = found.ok_or(Problem::NotFound)?;
    let need = match need_of(found) {
        // What only administrators change, auditors read.
        Need::Administrator => Need::Auditor,
        other => other,
    };
    access::allow(&directory, &signed.actor(), need, Purpose::Read)
        .map_err(|_| Problem::NotFound)?;
    Ok(found.clone())
}

/// Whether the person may change what this recipient allows whom.
fn may_change(web: &Web, signed: &Signed, recipient: &Recipient) -> bool {
    let directory = web.app.directory();
    access::allow(&directory, &signed.actor(), need_of(recipient), Purpose::Change).is_ok()
}

fn need_of(recipient: &Recipient) -> Need {
    match recipient.kind {
        RecipientKind::Group => Need::OwnerOf(recipient.id),
        RecipientKind::User
        | RecipientKind::SharedMailbox
        | RecipientKind::Contact
        | RecipientKind::Channel => Need::Administrator,
    }
}

/// Carries out a command in the name of whoever is signed in.
pub(crate) async fn carry_out(
    web: &Web,
    signed: &Signed,
    command: Command,
    reason: Option<String>,
) -> Result<Outcome, CommandError> {
    let order = Order { client: signed.client(), ..Order::new(command).because(reason) };
    web.app.command(&signed.actor(), &order, signed.visit.now).await
}

/// Carries out a command, and says what the page that follows tells of it.
async fn ordered(
    web: &Web,
    signed: &Signed,
    (command, reason): (Command, Option<String>),
) -> Result<(Outcome, Told), Problem> {
    let line = command.line(&web.app.directory(), reason.as_deref());
    let outcome = carry_out(web, signed, command, reason).await?;
    let texts = &signed.visit.texts;
    let is_unchanged = outcome.warnings.iter().any(|warning| match warning {
        Warning::NothingChanged(_)
        | Warning::GrantAlreadyThere { .. }
        | Warning::NoSuchGrant { .. } => true,
        Warning::GroupWithoutOwner(_) => false,
    });
    let mut sentence = texts.t(if is_unchanged { "told-unchanged" } else { "done" });
    for warning in &outcome.warnings {
        if let Warning::GroupWithoutOwner(name) = warning {
            sentence.push(' ');
            sentence.push_str(&texts.t1("told-no-owner", "name", name));
        }
    }
    Ok((outcome, Told { sentence, is_unchanged, line, undo: None }))
}
