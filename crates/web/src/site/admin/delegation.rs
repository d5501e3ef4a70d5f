//! Delegation: who may read, send as, send on behalf of and manage one group or shared mailbox. One
//! row a person or group, whatever the number of rights; each change is in force when the page
//! comes back, and offers its way back.

use app::command::{Command, GrantOrder, RevokeOrder, Warning};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;

use domain::{
    Directory, Grant, MemberRole, Recipient, RecipientId, RecipientKind, Right, Timestamp,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{Rail, carry_out, list_of, may_change, surroundings, visible};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::{Frame, render};
use crate::site::time;
use crate::site::visit::Signed;

/// A right of a row.
struct Cell {
    right: &'static str,
    until: Option<String>,
    is_ended: bool,
    granted_by: String,
    granted_at: String,
    reason: Option<String>,
}

struct Row {
    address: String,
    name: String,
    is_group: bool,
    is_disabled: bool,
    reads: bool,
    manages: bool,
    send_as: Option<Cell>,
    on_behalf: Option<Cell>,
    full_access: Option<Cell>,
}

impl Row {
    fn cells(&self) -> impl Iterator<Item = &Cell> {
        [&self.send_as, &self.on_behalf, &self.full_access].into_iter().flatten()
    }
}

#[derive(Template)]
#[template(path = "admin/delegation.html")]
struct DelegationPage {
    frame: Frame,
    rail: Rail,
    list: &'static str,
    list_name: String,
    guid: String,
    name: String,
    address: String,
    is_shared: bool,
    may_change: bool,
    rows: Vec<Row>,
    done: Option<Done>,
}

/// What the change that leads here did, and how to undo it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Done {
    /// `granted`, `revoked` or `unchanged`.
    #[serde(default)]
    done: String,
    #[serde(default)]
    trustee: String,
    #[serde(default)]
    right: String,
}

impl Done {
    fn is(&self, what: &str) -> bool {
        self.done == what
    }
}

/// `GET /admin/recipients/{guid}/delegation`
pub(crate) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Path(guid): Path<String>,
    Query(done): Query<Done>,
) -> Response {
    let recipient = match visible(&web, &signed, &guid) {
        Ok(recipient) => recipient,
        Err(problem) => return signed.visit.problem(problem),
    };
    let list = list_of(recipient.kind);
    let (frame, rail) = surroundings(&signed, list);
    let list_name = match recipient.kind {
        RecipientKind::SharedMailbox => frame.t("admin-shared"),
        _ => frame.t("admin-groups"),
    };
    let may_change = may_change(&web, &signed, &recipient);
    let rows = rows(&web.app.directory(), &recipient, signed.visit.now);
    let is_known = ["granted", "revoked", "unchanged"].contains(&done.done.as_str())
        && Right::from_stored(&done.right).is_some();
    render(&DelegationPage {
        frame,
        rail,
        list,
        list_name,
        guid: recipient.guid.clone(),
        name: recipient.display_name.clone(),
        address: recipient.primary().to_string(),
        is_shared: recipient.kind == RecipientKind::SharedMailbox,
        may_change,
        rows,
        done: is_known.then_some(done),
    })
}

/// Everybody who is a member or holds a right, by name.
fn rows(directory: &Directory, recipient: &Recipient, now: Timestamp) -> Vec<Row> {
    let members = directory.members_of(recipient.id);
    let grants = directory.grants_on(recipient.id);
    let mut people: Vec<RecipientId> = members.iter().map(|of| of.member).collect();
    people.extend(grants.iter().map(|grant| grant.trustee));
    people.sort();
    people.dedup();
    let mut rows: Vec<Row> = people
        .into_iter()
        .filter_map(|id| directory.recipient(id))
        .map(|person| {
            let held = |right| {
                let mut grants = grants.iter();
                let grant = grants.find(|held| held.trustee == person.id && held.right == right);
                grant.map(|grant| cell(grant, now))
            };
            let membership = members.iter().find(|of| of.member == person.id);
            Row {
                address: person.primary().to_string(),
                name: person.display_name.clone(),
                is_group: person.kind == RecipientKind::Group,
                is_disabled: person.account.as_ref().is_some_and(|account| account.is_disabled),
                reads: membership.is_some(),
                manages: membership.is_some_and(|of| of.role == MemberRole::Owner),
                send_as: held(Right::SendAs),
                on_behalf: held(Right::SendOnBehalf),
                full_access: held(Right::FullAccess),
            }
        })
        .collect();
    rows.sort_by_cached_key(|row| (row.name.to_lowercase(), row.address.clone()));
    rows
}

fn cell(grant: &Grant, now: Timestamp) -> Cell {
    Cell {
        right: grant.right.as_str(),
        until: grant.until_at.map(time::minute),
        is_ended: !grant.is_in_force(now),
        granted_by: grant.granted_by.clone(),
        granted_at: time::minute(grant.granted_at),
        reason: grant.reason.clone(),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct GrantForm {
    trustee: String,
    right: String,
    /// A day, to its end in UTC; empty for no end.
    #[serde(default)]
    until: String,
    #[serde(default)]
    reason: String,
}

/// `POST /admin/recipients/{guid}/grant`
pub(crate) async fn grant(
    signed: Signed,
    State(web): State<Web>,
    Path(guid): Path<String>,
    Form(form): Form<GrantForm>,
) -> Response {
    signed.onward(granted(&signed, &web, &guid, form).await)
}

async fn granted(
    signed: &Signed,
    web: &Web,
    guid: &str,
    form: GrantForm,
) -> Result<String, Problem> {
    let recipient = visible(web, signed, guid)?;
    let right = parse_right(&form.right)?;
    let until_at = match form.until.trim() {
        "" => None,
        day => Some(time::end_of_day(day).ok_or_else(|| {
            Problem::Invalid(signed.visit.texts.t1("grant-bad-until", "until", day))
        })?),
    };
    let reason = Some(form.reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let trustee = form.trustee.trim().to_owned();
    let order =
        GrantOrder { recipient: recipient.guid.clone(), trustee: trustee.clone(), right, until_at };
    let outcome = carry_out(web, signed, Command::Grant(order), reason).await?;
    let is_news =
        !outcome.warnings.iter().any(|it| matches!(it, Warning::GrantAlreadyThere { .. }));
    Ok(back(guid, if is_news { "granted" } else { "unchanged" }, &trustee, right))
}

#[derive(Debug, Deserialize)]
pub(crate) struct RevokeForm {
    trustee: String,
    right: String,
}

/// `POST /admin/recipients/{guid}/revoke`
pub(crate) async fn revoke(
    signed: Signed,
    State(web): State<Web>,
    Path(guid): Path<String>,
    Form(form): Form<RevokeForm>,
) -> Response {
    signed.onward(revoked(&signed, &web, &guid, form).await)
}

async fn revoked(
    signed: &Signed,
    web: &Web,
    guid: &str,
    form: RevokeForm,
) -> Result<String, Problem> {
    let recipient = visible(web, signed, guid)?;
    let right = parse_right(&form.right)?;
    let trustee = form.trustee.trim().to_owned();
    let order = RevokeOrder { recipient: recipient.guid, trustee: trustee.clone(), right };
    let outcome = carry_out(web, signed, Command::Revoke(order), None).await?;
    let is_news = !outcome.warnings.iter().any(|it| matches!(it, Warning::NoSuchGrant { .. }));
    Ok(back(guid, if is_news { "revoked" } else { "unchanged" }, &trustee, right))
}

fn parse_right(text: &str) -> Result<Right, Problem> {
    Right::from_stored(text).ok_or_else(|| Problem::Invalid(format!("right: {text:?}")))
}

fn back(guid: &str, done: &str, trustee: &str, right: Right) -> String {
    let trustee = utf8_percent_encode(trustee, NON_ALPHANUMERIC);
    let guid = utf8_percent_encode(guid, NON_ALPHANUMERIC);
    format!(
        "/admin/recipients/{guid}/delegation?done={done}&trustee={trustee}&right={right}",
        right = right.as_str()
    )
}
