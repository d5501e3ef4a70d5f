//! The forms that create groups, shared mailboxes and contacts.

use app::access::{self, Need, Purpose};
use app::command::{Command, NewContact, NewGroup, NewSharedMailbox};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::{Rail, ordered, surroundings};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::{Frame, render};
use crate::site::visit::Signed;

/// What a form creates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Group,
    Shared,
    Contact,
}

impl Kind {
    fn parse(text: &str) -> Option<Kind> {
        match text {
            "group" => Some(Kind::Group),
            "shared" => Some(Kind::Shared),
            "contact" => Some(Kind::Contact),
            _ => None,
        }
    }

    fn list(self) -> &'static str {
        match self {
            Kind::Group => "/admin/groups",
            Kind::Shared => "/admin/shared",
            Kind::Contact => "/admin/contacts",
        }
    }
}

#[derive(Template)]
#[template(path = "admin/create.html")]
struct CreatePage {
    frame: Frame,
    rail: Rail,
    kind: String,
    title: String,
    list: &'static str,
    has_owner: bool,
    has_members: bool,
    default_domain: String,
}

/// `GET /admin/new/{kind}`
pub(crate) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Path(kind): Path<String>,
) -> Response {
    let Some(known) = Kind::parse(&kind) else { return signed.visit.problem(Problem::NotFound) };
    let directory = web.app.directory();
    let need = Need::Administrator;
    if let Err(denied) = access::allow(&directory, &signed.actor(), need, Purpose::Change) {
        return signed.visit.problem(denied.into());
    }
    let (frame, rail) = surroundings(&signed, known.list());
    let title = match known {
        Kind::Group => frame.t("create-group"),
        Kind::Shared => frame.t("create-shared"),
        Kind::Contact => frame.t("create-contact"),
    };
    let default_domain =
        directory.accepted_domains().first().map(ToString::to_string).unwrap_or_default();
    render(&CreatePage {
        frame,
        rail,
        kind,
        title,
        list: known.list(),
        has_owner: known == Kind::Group,
        has_members: known != Kind::Contact,
        default_domain,
    })
}

#[derive(Debug, Deserialize)]
pub(crate) struct CreateForm {
    name: String,
    address: String,
    /// Separated by commas or spaces.
    #[serde(default)]
    owners: String,
    /// Separated by commas or spaces.
    #[serde(default)]
    members: String,
    team: Option<String>,
    inside_only: Option<String>,
}

/// `POST /admin/new/{kind}`
pub(crate) async fn submit(
    signed: Signed,
    State(web): State<Web>,
    Path(kind): Path<String>,
    Form(form): Form<CreateForm>,
) -> Response {
    let Some(kind) = Kind::parse(&kind) else { return signed.visit.problem(Problem::NotFound) };
    let (outcome, told) = match ordered(&web, &signed, (command(kind, &form), None)).await {
        Ok(done) => done,
        Err(problem) => return signed.visit.problem(problem),
    };
    let guid = {
        let directory = web.app.directory();
        outcome.recipient.and_then(|id| directory.recipient(id)).map(|found| found.guid.clone())
    };
    let path = match (kind, guid) {
        (Kind::Group | Kind::Shared, Some(guid)) => format!("/admin/recipients/{guid}/delegation"),
        _ => kind.list().to_owned(),
    };
    signed.tells(Ok((path, told)))
}

fn command(kind: Kind, form: &CreateForm) -> Command {
    let display_name = form.name.trim().to_owned();
    let address = form.address.trim().to_owned();
    match kind {
        Kind::Group => Command::CreateGroup(NewGroup {
            display_name,
            addresses: vec![address],
            owners: names(&form.owners),
            members: names(&form.members),
            requires_sender_authentication: form.inside_only.is_some(),
            is_team: form.team.is_some(),
            ..NewGroup::default()
        }),
        Kind::Shared => Command::CreateSharedMailbox(NewSharedMailbox {
            display_name,
            address: Some(address),
            members: names(&form.members),
            ..NewSharedMailbox::default()
        }),
        Kind::Contact => Command::CreateContact(NewContact {
            display_name,
            external_address: address,
            ..NewContact::default()
        }),
    }
}

fn names(text: &str) -> Vec<String> {
    let words = text.split([',', ';', ' ', '\n', '\r', '\t']);
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
