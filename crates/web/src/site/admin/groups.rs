//! The lists of groups and of shared mailboxes.

use app::access::{self, Need, Purpose};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{AccountRole, Directory, Recipient, RecipientKind, Right};

use super::list::{Search, sought};
use super::{Rail, surroundings};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::{Frame, render};
use crate::site::visit::Signed;

struct Row {
    guid: String,
    name: String,
    address: String,
    is_team: bool,
    members: usize,
    senders: usize,
}

#[derive(Template)]
#[template(path = "admin/groups.html")]
struct GroupsPage {
    frame: Frame,
    rail: Rail,
    title: String,
    path: &'static str,
    has_members: bool,
    q: String,
    rows: Vec<Row>,
    more: i64,
    may_create: bool,
}

/// `GET /admin/groups`
pub(crate) async fn list(
    signed: Signed,
    State(web): State<Web>,
    Query(search): Query<Search>,
) -> Response {
    page(&signed, &web, search.q, RecipientKind::Group)
}

/// `GET /admin/shared`
pub(crate) async fn list_shared(
    signed: Signed,
    State(web): State<Web>,
    Query(search): Query<Search>,
) -> Response {
    page(&signed, &web, search.q, RecipientKind::SharedMailbox)
}

fn page(signed: &Signed, web: &Web, q: String, kind: RecipientKind) -> Response {
    if !signed.person.sees_admin() {
        return signed.visit.problem(Problem::Forbidden);
    }
    let path = super::list_of(kind);
    let (frame, rail) = surroundings(signed, path);
    let title = match kind {
        RecipientKind::SharedMailbox => frame.t("admin-shared"),
        _ => frame.t("admin-groups"),
    };
    let directory = web.app.directory();
    let actor = signed.actor();
    let may_see = |found: &Recipient| {
        let need = match kind {
            RecipientKind::Group => Need::OwnerOf(found.id),
            _ => Need::Administrator,
        };
        access::allow(&directory, &actor, need, Purpose::Read).is_ok()
    };
    let (found, more) = sought(&directory, &q, |found| found.kind == kind && may_see(found));
    let rows = found.into_iter().map(|found| row(&directory, found)).collect();
    let has_members = kind == RecipientKind::Group;
    let may_create = signed.person.role == AccountRole::Administrator;
    render(&GroupsPage { frame, rail, title, path, has_members, q, rows, more, may_create })
}

fn row(directory: &Directory, found: &Recipient) -> Row {
    let grants = directory.grants_on(found.id).iter();
    Row {
        guid: found.guid.clone(),
        name: found.display_name.clone(),
        address: found.primary().to_string(),
        is_team: found.settings.is_team,
        members: directory.members_of(found.id).len(),
        senders: grants.filter(|grant| grant.right != Right::FullAccess).count(),
    }
}
