//! Mail flow › Rules: the mail flow rules in their order, the journal rules, and the dry run. Rules
//! are written on the pages of [`form`].

pub(super) mod form;
mod trial;
mod words;

use app::access::{self, Need, Purpose};
use app::command::{Command, RuleChanges, RuleKind, RuleOrder, find_rule};
use app::rules::settings::{self, ACTIONS, CONDITIONS, EXCEPT_IF, Settings};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::rules::{JournalRule, Mode, TransportRule};
use domain::{AccountRole, Directory, Timestamp};
use serde::Deserialize;

use super::{Rail, carry_out, surroundings};
use crate::Web;
use crate::admin::rule::command;
use crate::site::error::Problem;
use crate::site::frame::{Frame, render};
use crate::site::texts::Texts;
use crate::site::visit::Signed;

use trial::{Asked, Trial};
use words::is_broken;

/// A rule of the list.
struct Row {
    guid: String,
    name: String,
    /// Its place for people, from 1.
    place: usize,
    is_first: bool,
    is_last: bool,
    is_enabled: bool,
    is_in_time: bool,
    only_watches: bool,
    stops: bool,
    /// Whether it names somebody who is gone.
    is_broken: bool,
    /// Each what it says in words, with its values.
    conditions: Vec<String>,
    exceptions: Vec<String>,
    actions: Vec<String>,
    command: String,
}

struct JournalRow {
    guid: String,
    name: String,
    is_enabled: bool,
    is_broken: bool,
    address: String,
    /// `None`: everybody's mail.
    recipient: Option<String>,
    scope: String,
    command: String,
}

#[derive(Template)]
#[template(path = "admin/rules.html")]
struct RulesPage {
    frame: Frame,
    rail: Rail,
    rows: Vec<Row>,
    journal: Vec<JournalRow>,
    asked: Asked,
    trial: Option<Trial>,
    may_change: bool,
}

/// `GET /admin/rules`
pub(crate) async fn list(
    signed: Signed,
    State(web): State<Web>,
    Query(asked): Query<Asked>,
) -> Response {
    signed.page(page(&signed, &web, asked))
}

fn page(signed: &Signed, web: &Web, asked: Asked) -> Result<RulesPage, Problem> {
    may_read(signed, web)?;
    let (frame, rail) = surroundings(signed, "/admin/rules");
    let now = signed.visit.now;
    let trial = asked.is_asked().then(|| trial::run(web, &frame.texts, &asked, now));
    let directory = web.app.directory();
    let (mut rows, mut journal) = (Vec::new(), Vec::new());
    if let Some(rules) = directory.rules() {
        let last = rules.transport.len().saturating_sub(1);
        let placed = rules.transport.iter().enumerate();
        rows.extend(placed.map(|(place, rule)| Row {
            is_last: place == last,
            ..row(&directory, &frame.texts, (place, rule), now)
        }));
        let shown = rules.journal.iter().map(|rule| journal_row(&directory, &frame.texts, rule));
        journal.extend(shown);
    }
    let may_change = signed.person.role == AccountRole::Administrator;
    Ok(RulesPage { frame, rail, rows, journal, asked, trial, may_change })
}

/// What auditors and administrators see is not there for anybody else.
fn may_read(signed: &Signed, web: &Web) -> Result<(), Problem> {
    let directory = web.app.directory();
    access::allow(&directory, &signed.actor(), Need::Auditor, Purpose::Read)?;
    Ok(())
}

fn row(
    directory: &Directory,
    texts: &Texts,
    (place, rule): (usize, &TransportRule),
    now: Timestamp,
) -> Row {
    let body = &rule.body;
    let settings = settings::of_transport(directory, body);
    let plain = |name: &&str| (*name).to_owned();
    Row {
        guid: rule.guid.clone(),
        name: rule.name.clone(),
        place: place + 1,
        is_first: place == 0,
        is_last: false,
        is_enabled: rule.is_enabled,
        is_in_time: body.is_in_time(now),
        only_watches: body.mode == Mode::Audit,
        stops: body.stops_processing,
        is_broken: is_broken(&settings),
        conditions: said(texts, &settings, CONDITIONS.iter().map(plain)),
        exceptions: said(
            texts,
            &settings,
            CONDITIONS.iter().map(|name| format!("{EXCEPT_IF}{name}")),
        ),
        actions: said(texts, &settings, ACTIONS.iter().map(plain)),
        command: command(RuleKind::Transport, &rule.name, rule.is_enabled, &settings),
    }
}

fn journal_row(directory: &Directory, texts: &Texts, rule: &JournalRule) -> JournalRow {
    let settings = settings::of_journal(directory, &rule.body);
    let one = |name: &str| settings.get(name).and_then(|values| values.first()).cloned();
    JournalRow {
        guid: rule.guid.clone(),
        name: rule.name.clone(),
        is_enabled: rule.is_enabled,
        is_broken: is_broken(&settings),
        address: one("JournalEmailAddress").unwrap_or_default(),
        recipient: one("Recipient"),
        scope: words::value(texts, "Scope", rule.body.scope.as_str()),
        command: command(RuleKind::Journal, &rule.name, rule.is_enabled, &settings),
    }
}

fn said(texts: &Texts, settings: &Settings, names: impl Iterator<Item = String>) -> Vec<String> {
    names
        .filter_map(|name| {
            let values = settings.get(&name)?;
            Some(words::said(texts, &name, values))
        })
        .collect()
}

/// The kind that a path names.
fn kind_of(path: &str) -> Result<RuleKind, Problem> {
    match path {
        "transport" => Ok(RuleKind::Transport),
        "journal" => Ok(RuleKind::Journal),
        _ => Err(Problem::NotFound),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Change {
    /// `enable`, `disable`, `up`, `down` or `delete`.
    what: String,
}

/// `POST /admin/rules/{kind}/{guid}`
pub(crate) async fn change(
    signed: Signed,
    State(web): State<Web>,
    Path((kind, guid)): Path<(String, String)>,
    Form(change): Form<Change>,
) -> Response {
    signed.onward(changed(&signed, &web, (&kind, guid), &change.what).await)
}

async fn changed(
    signed: &Signed,
    web: &Web,
    (kind, guid): (&str, String),
    what: &str,
) -> Result<String, Problem> {
    let kind = kind_of(kind)?;
    let switch = |is_enabled| RuleChanges { is_enabled: Some(is_enabled), ..Default::default() };
    let changes = match what {
        "enable" | "disable" => switch(what == "enable"),
        "up" | "down" => {
            let place = place_of(&web.app.directory(), &guid).ok_or(Problem::NotFound)?;
            let priority = if what == "up" { place.saturating_sub(1) } else { place + 1 };
            RuleChanges { priority: Some(priority), ..RuleChanges::default() }
        }
        "delete" => {
            let order = Box::new(RuleOrder::Remove(guid));
            carry_out(web, signed, Command::Rule { kind, order }, None).await?;
            return Ok("/admin/rules".to_owned());
        }
        _ => return Err(Problem::NotFound),
    };
    let order = Box::new(RuleOrder::Set { identity: guid, changes });
    carry_out(web, signed, Command::Rule { kind, order }, None).await?;
    Ok("/admin/rules".to_owned())
}

fn place_of(directory: &Directory, guid: &str) -> Option<usize> {
    directory.rules()?.transport.iter().position(|rule| rule.guid == guid)
}

#[derive(Template)]
#[template(path = "admin/rule_remove.html")]
struct RemovePage {
    frame: Frame,
    rail: Rail,
    kind: String,
    guid: String,
    name: String,
    command: String,
}

/// `GET /admin/rules/{kind}/{guid}/remove`: asks first.
pub(crate) async fn ask_remove(
    signed: Signed,
    State(web): State<Web>,
    Path((kind, guid)): Path<(String, String)>,
) -> Response {
    signed.page(remove_page(&signed, &web, kind, guid))
}

fn remove_page(
    signed: &Signed,
    web: &Web,
    kind: String,
    guid: String,
) -> Result<RemovePage, Problem> {
    may_read(signed, web)?;
    let directory = web.app.directory();
    let rules = directory.rules().ok_or(Problem::NotFound)?;
    let (name, noun) = match kind_of(&kind)? {
        RuleKind::Transport => {
            (find_rule(&rules.transport, &guid).map(|rule| rule.name.clone()), "TransportRule")
        }
        RuleKind::Journal => {
            (find_rule(&rules.journal, &guid).map(|rule| rule.name.clone()), "JournalRule")
        }
    };
    let name = name.ok_or(Problem::NotFound)?;
    let (frame, rail) = surroundings(signed, "/admin/rules");
    let command = format!("Remove-{noun} {}", crate::admin::rule::quoted(&name));
    Ok(RemovePage { frame, rail, kind, guid, name, command })
}

/// The page again with what is wrong on it.
fn refused(page: &impl Template) -> Response {
    crate::site::frame::render_as(axum::http::StatusCode::UNPROCESSABLE_ENTITY, page)
}

/// A page that is shown for the first time.
fn shown(page: &impl Template) -> Response {
    render(page)
}
