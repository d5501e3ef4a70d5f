//! Domains: which are ours, what DNS should say of each, and what it says.

use app::access::{self, Need, Purpose};
use app::command::{Command, generate_domain_keys, shell_word};
use app::read::accepted_domain;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::{Extension, Form};
use domain::AccountRole;
use serde::Deserialize;

use super::{Rail, ordered, surroundings};
use crate::admin::domains::compare;
use crate::site::error::Problem;
use crate::site::frame::{Frame, render};
use crate::site::told::Told;
use crate::site::visit::Signed;
use crate::{Resolver, Web};

struct Row {
    name: String,
    is_default: bool,
}

#[derive(Template)]
#[template(path = "admin/domains.html")]
struct DomainsPage {
    frame: Frame,
    rail: Rail,
    rows: Vec<Row>,
    may_change: bool,
}

/// `GET /admin/domains`
pub(crate) async fn list(signed: Signed, State(web): State<Web>) -> Response {
    let directory = web.app.directory();
    let allowed = access::allow(&directory, &signed.actor(), Need::Auditor, Purpose::Read);
    if let Err(denied) = allowed {
        return signed.visit.problem(denied.into());
    }
    let (frame, rail) = surroundings(&signed, "/admin/domains");
    let domains = directory.accepted_domains().iter().enumerate();
    let rows =
        domains.map(|(at, name)| Row { name: name.to_string(), is_default: at == 0 }).collect();
    let may_change = signed.person.role == AccountRole::Administrator;
    render(&DomainsPage { frame, rail, rows, may_change })
}

#[derive(Debug, Deserialize)]
pub(crate) struct NewDomain {
    name: String,
}

/// `POST /admin/domains`
pub(crate) async fn create(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<NewDomain>,
) -> Response {
    signed.tells(created(&signed, &web, form.name.trim().to_owned()).await)
}

async fn created(signed: &Signed, web: &Web, domain: String) -> Result<(String, Told), Problem> {
    // Keys cost a second of a core, so first is asked who wants them.
    access::allow(&web.app.directory(), &signed.actor(), Need::Administrator, Purpose::Change)?;
    let keys = generate_domain_keys().await.map_err(app::command::CommandError::from)?;
    let path = format!("/admin/domains/{domain}");
    let (_, told) = ordered(web, signed, (Command::AddDomain { domain, keys }, None)).await?;
    Ok((path, told))
}

struct Record {
    name: String,
    kind: &'static str,
    value: String,
    purpose: &'static str,
    status: Option<&'static str>,
    actual: Vec<String>,
}

impl Record {
    fn is(&self, status: &str) -> bool {
        self.status == Some(status)
    }
}

#[derive(Template)]
#[template(path = "admin/domain.html")]
struct DomainPage {
    frame: Frame,
    rail: Rail,
    name: String,
    is_default: bool,
    records: Vec<Record>,
    is_checked: bool,
    may_change: bool,
}

impl DomainPage {
    /// What shows the same.
    fn line(&self) -> String {
        let check = if self.is_checked { " --check" } else { "" };
        format!("guichet dns --domain {}{check}", shell_word(&self.name))
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Check {
    /// Present when DNS is to be asked.
    check: Option<String>,
}

/// `GET /admin/domains/{name}`
pub(crate) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Path(name): Path<String>,
    Query(check): Query<Check>,
    resolver: Option<Extension<Resolver>>,
) -> Response {
    let resolver = resolver.filter(|_| check.check.is_some()).map(|Extension(resolver)| resolver);
    signed.page(page(&signed, &web, &name, resolver).await)
}

async fn page(
    signed: &Signed,
    web: &Web,
    name: &str,
    resolver: Option<Resolver>,
) -> Result<DomainPage, Problem> {
    let is_default = {
        let directory = web.app.directory();
        access::allow(&directory, &signed.actor(), Need::Auditor, Purpose::Read)?;
        let found = accepted_domain(&directory, name).ok_or(Problem::NotFound)?;
        directory.accepted_domains().first() == Some(found)
    };
    let mut records = Vec::new();
    for record in web.app.dns_records(Some(name)).await? {
        let compared = match &resolver {
            Some(resolver) => Some(compare(&record, (resolver.0)(&record.name, record.kind).await)),
            None => None,
        };
        records.push(Record {
            status: compared.as_ref().and_then(|compared| compared.status),
            actual: compared.map(|compared| compared.actual).unwrap_or_default(),
            name: record.name,
            kind: record.kind,
            value: record.value,
            purpose: record.purpose,
        });
    }
    let (frame, rail) = surroundings(signed, "/admin/domains");
    let may_change = signed.person.role == AccountRole::Administrator;
    let is_checked = resolver.is_some();
    Ok(DomainPage {
        frame,
        rail,
        name: name.to_owned(),
        is_default,
        records,
        is_checked,
        may_change,
    })
}

#[derive(Debug, Deserialize)]
pub(crate) struct Change {
    /// `default` or `delete`.
    what: String,
}

/// `POST /admin/domains/{name}`
pub(crate) async fn change(
    signed: Signed,
    State(web): State<Web>,
    Path(name): Path<String>,
    Form(change): Form<Change>,
) -> Response {
    let command = match change.what.as_str() {
        "default" => Command::SetDefaultDomain(name),
        "delete" => Command::RemoveDomain(name),
        _ => return signed.visit.problem(Problem::NotFound),
    };
    let done = ordered(&web, &signed, (command, None)).await;
    signed.tells(done.map(|(_, told)| ("/admin/domains".to_owned(), told)))
}
