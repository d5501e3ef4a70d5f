//! The lists of groups and of shared mailboxes.

use app::access::{self, Need, Purpose};
use app::command::shell_word;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{AccountRole, Directory, Recipient, RecipientId, RecipientKind, Right};

use super::list::{Search, sought};
use super::room::Room;
use super::{Rail, surroundings};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::Frame;
use crate::site::visit::Signed;

struct Row {
    guid: String,
    name: String,
    address: String,
    is_team: bool,
    members: usize,
    senders: usize,
    room: Option<Room>,
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

impl GroupsPage {
    /// What lists the same.
    fn line(&self) -> String {
        let line = if self.has_members { "guichet group list" } else { "guichet shared list" };
        match self.q.trim() {
            "" => line.to_owned(),
            q => format!("{line} --search {}", shell_word(q)),
        }
    }
}

/// `GET /admin/groups`
pub(crate) async fn list(
    signed: Signed,
    State(web): State<Web>,
    Query(search): Query<Search>,
) -> Response {
    signed.page(page(&signed, &web, search.q, RecipientKind::Group).await)
}

/// `GET /admin/shared`
pub(crate) async fn list_shared(
    signed: Signed,
    State(web): State<Web>,
    Query(search): Query<Search>,
) -> Response {
    signed.page(page(&signed, &web, search.q, RecipientKind::SharedMailbox).await)
}

async fn page(
    signed: &Signed,
    web: &Web,
    q: String,
    kind: RecipientKind,
) -> Result<GroupsPage, Problem> {
    if !signed.person.sees_admin() {
        return Err(Problem::Forbidden);
    }
    let path = super::list_of(kind);
    let (frame, rail) = surroundings(signed, path);
    let title = match kind {
        RecipientKind::SharedMailbox => frame.t("admin-shared"),
        _ => frame.t("admin-groups"),
    };
    let (mut rows, shown, more) = found(signed, web, &q, kind);
    let quotas = web.app.quotas(&shown).await?;
    {
        let directory = web.app.directory();
        for ((row, id), quota) in rows.iter_mut().zip(&shown).zip(&quotas) {
            let mailbox = directory.recipient(*id);
            row.room = mailbox.map(|mailbox| Room::of(&frame.texts, mailbox, quota));
        }
    }
    let has_members = kind == RecipientKind::Group;
    let may_create = signed.person.role == AccountRole::Administrator;
    Ok(GroupsPage { frame, rail, title, path, has_members, q, rows, more, may_create })
}

/// The rows of a page with their mailboxes, and how many more there are.
fn found(
    signed: &Signed,
    web: &Web,
    q: &str,
    kind: RecipientKind,
) -> (Vec<Row>, Vec<RecipientId>, i64) {
    let directory = web.app.directory();
    let actor = signed.actor();
    let may_see = |found: &Recipient| {
        let need = match kind {
            RecipientKind::Group => Need::OwnerOf(found.id),
            _ => Need::Auditor,
        };
        access::allow(&directory, &actor, need, Purpose::Read).is_ok()
    };
    let (found, more) = sought(&directory, q, |found| found.kind == kind && may_see(found));
    let ids = found.iter().map(|found| found.id).collect();
    (found.into_iter().map(|found| row(&directory, found)).collect(), ids, more)
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
        room: None,
    }
}
