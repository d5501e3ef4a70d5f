//! Contacts: names in the directory for addresses elsewhere.

use app::access::{self, Need, Purpose};
use app::command::Command;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::{AccountRole, RecipientKind};
use serde::Deserialize;

use super::list::{Search, sought};
use super::{Rail, ordered, surroundings, visible};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::{Frame, render};
use crate::site::visit::Signed;

struct Row {
    guid: String,
    name: String,
    address: String,
}

#[derive(Template)]
#[template(path = "admin/contacts.html")]
struct ContactsPage {
    frame: Frame,
    rail: Rail,
    q: String,
    rows: Vec<Row>,
    more: i64,
    may_change: bool,
}

/// `GET /admin/contacts`
pub(crate) async fn list(
    signed: Signed,
    State(web): State<Web>,
    Query(search): Query<Search>,
) -> Response {
    let directory = web.app.directory();
    let allowed = access::allow(&directory, &signed.actor(), Need::Auditor, Purpose::Read);
    if let Err(denied) = allowed {
        return signed.visit.problem(denied.into());
    }
    let (frame, rail) = surroundings(&signed, "/admin/contacts");
    let (found, more) = sought(&directory, &search.q, |found| found.kind == RecipientKind::Contact);
    let rows = found
        .into_iter()
        .map(|found| Row {
            guid: found.guid.clone(),
            name: found.display_name.clone(),
            address: found.primary().to_string(),
        })
        .collect();
    let may_change = signed.person.role == AccountRole::Administrator;
    render(&ContactsPage { frame, rail, q: search.q, rows, more, may_change })
}

#[derive(Debug, Deserialize)]
pub(crate) struct Change {
    what: String,
}

/// `POST /admin/contacts/{guid}`
pub(crate) async fn change(
    signed: Signed,
    State(web): State<Web>,
    Path(guid): Path<String>,
    Form(change): Form<Change>,
) -> Response {
    let found = visible(&web, &signed, &guid);
    let found = found.and_then(|found| match (found.kind, change.what.as_str()) {
        (RecipientKind::Contact, "delete") => Ok(found),
        _ => Err(Problem::NotFound),
    });
    let removed = match found {
        Ok(contact) => ordered(&web, &signed, (Command::Remove(contact.guid), None)).await,
        Err(problem) => Err(problem),
    };
    signed.tells(removed.map(|(_, told)| ("/admin/contacts".to_owned(), told)))
}
