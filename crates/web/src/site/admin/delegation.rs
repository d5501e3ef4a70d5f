//! Delegation: who may read, send as, send on behalf of and manage one group or shared mailbox. One
//! row a person or group, whatever the number of rights; each change is in force when the page
//! comes back, and offers its way back.

use std::collections::HashMap;

use app::command::{Command, GrantOrder, RevokeOrder, shell_word};
use app::report::{ReportRow, RowMaker, UNUSED_DAYS_DEFAULT, Uses};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;

use domain::{
    Directory, Grant, MemberRole, Recipient, RecipientId, RecipientKind, Right, Timestamp,
};
use serde::Deserialize;

use super::{Rail, list_of, may_change, ordered, surroundings, visible};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::Frame;
use crate::site::texts::Texts;
use crate::site::time;
use crate::site::told::{Told, Undo};
use crate::site::visit::Signed;

/// A right of a row.
struct Cell {
    right: &'static str,
    title: String,
    until: Option<String>,
    until_machine: String,
    is_ended: bool,
    granted_by: String,
    granted_at: String,
    granted_machine: String,
    reason: Option<String>,
    /// When it was last used; nothing for Full Access, of which no use is counted.
    use_: Option<Use>,
}

/// When a right to send was used.
struct Use {
    /// None: never.
    at: Option<String>,
    at_machine: String,
    is_unused: bool,
}

/// Somebody who holds a right through a group.
struct Through {
    name: String,
    right: String,
    last: Option<String>,
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
    /// For a group: the people in it.
    through: Vec<Through>,
}

impl Row {
    fn cells(&self) -> impl Iterator<Item = &Cell> {
        [&self.send_as, &self.on_behalf, &self.full_access].into_iter().flatten()
    }

    fn through_count(&self) -> i64 {
        i64::try_from(self.through.len()).unwrap_or(i64::MAX)
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
}

impl DelegationPage {
    /// What lists the same.
    fn line(&self) -> String {
        format!("guichet rights --recipient {} --expand", shell_word(&self.address))
    }
}

/// `GET /admin/recipients/{guid}/delegation`
pub(crate) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Path(guid): Path<String>,
) -> Response {
    signed.page(page(&signed, &web, &guid).await)
}

async fn page(signed: &Signed, web: &Web, guid: &str) -> Result<DelegationPage, Problem> {
    let recipient = visible(web, signed, guid)?;
    let uses = web.app.report_uses(&[recipient.id]).await?;
    let list = list_of(recipient.kind);
    let (frame, rail) = surroundings(signed, list);
    let list_name = match recipient.kind {
        RecipientKind::SharedMailbox => frame.t("admin-shared"),
        _ => frame.t("admin-groups"),
    };
    let may_change = may_change(web, signed, &recipient);
    let rows = rows(&web.app.directory(), &recipient, (&uses, signed.visit.now), &frame.texts);
    Ok(DelegationPage {
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
    })
}

/// Everybody who is a member or holds a right, by name.
fn rows(
    directory: &Directory,
    recipient: &Recipient,
    (uses, now): (&Uses, Timestamp),
    texts: &Texts,
) -> Vec<Row> {
    let members = directory.members_of(recipient.id);
    let grants = directory.grants_on(recipient.id);
    let reported = RowMaker::new(directory, uses, (UNUSED_DAYS_DEFAULT, now)).rows_of(recipient.id);
    let used: HashMap<_, _> =
        reported.iter().filter(|row| row.via.is_empty()).map(|row| (row.grant.id, row)).collect();
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
                grant.map(|grant| cell(texts, grant, used.get(&grant.id).copied(), now))
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
                through: through(texts, &reported, person.id),
            }
        })
        .collect();
    rows.sort_by_cached_key(|row| (row.name.to_lowercase(), row.address.clone()));
    rows
}

fn cell(texts: &Texts, grant: &Grant, used: Option<&ReportRow<'_>>, now: Timestamp) -> Cell {
    Cell {
        right: grant.right.as_str(),
        title: right_name(texts, grant.right),
        until: grant.until_at.map(time::minute),
        until_machine: grant.until_at.map(time::machine).unwrap_or_default(),
        is_ended: !grant.is_in_force(now),
        granted_by: grant.granted_by.clone(),
        granted_at: time::minute(grant.granted_at),
        granted_machine: time::machine(grant.granted_at),
        reason: grant.reason.clone(),
        use_: used.map(|row| Use {
            at: row.last_used_at.map(time::minute),
            at_machine: row.last_used_at.map(time::machine).unwrap_or_default(),
            is_unused: row.is_unused,
        }),
    }
}

/// Who is in a group that holds rights, with each one's own last use.
fn through(texts: &Texts, reported: &[ReportRow<'_>], group: RecipientId) -> Vec<Through> {
    let of_group = reported.iter().filter(|row| row.grant.trustee == group && !row.via.is_empty());
    of_group
        .map(|row| Through {
            name: row.holder.display_name.clone(),
            right: right_name(texts, row.grant.right),
            last: row.last_used_at.map(time::minute),
        })
        .collect()
}

/// The name of a right, as people search for it.
pub(super) fn right_name(texts: &Texts, right: Right) -> String {
    match right {
        Right::SendAs => texts.t("mode-send-as"),
        Right::SendOnBehalf => texts.t("mode-on-behalf"),
        Right::FullAccess => texts.t("mode-full-access"),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct GrantForm {
    trustee: String,
    right: String,
    /// A day, to its end in UTC, or an instant; empty for no end.
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
    signed.tells(granted(&signed, &web, &guid, form).await)
}

async fn granted(
    signed: &Signed,
    web: &Web,
    guid: &str,
    form: GrantForm,
) -> Result<(String, Told), Problem> {
    let recipient = visible(web, signed, guid)?;
    let texts = &signed.visit.texts;
    let right = parse_right(&form.right)?;
    let until_at = match form.until.trim() {
        "" => None,
        written => Some(
            time::end(written)
                .ok_or_else(|| Problem::Invalid(texts.t1("grant-bad-until", "until", written)))?,
        ),
    };
    let reason = Some(form.reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let trustee = form.trustee.trim().to_owned();
    let before = held(web, &recipient, &trustee, right);
    let order =
        GrantOrder { recipient: recipient.guid.clone(), trustee: trustee.clone(), right, until_at };
    let (_, mut told) = ordered(web, signed, (Command::Grant(order), reason)).await?;
    if !told.is_unchanged {
        told.sentence = sentence("delegation-granted", (web, texts), &trustee, right);
        told.sentence.push(' ');
        told.sentence.push_str(&consequence(web, texts, (&recipient, &trustee), right));
        told.undo = Some(match before {
            Some(before) => grant_form(&recipient.guid, &trustee, &before),
            None => revoke_form(&recipient.guid, &trustee, right),
        });
    }
    Ok((page_of(&recipient.guid), told))
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
    signed.tells(revoked(&signed, &web, &guid, form).await)
}

async fn revoked(
    signed: &Signed,
    web: &Web,
    guid: &str,
    form: RevokeForm,
) -> Result<(String, Told), Problem> {
    let recipient = visible(web, signed, guid)?;
    let right = parse_right(&form.right)?;
    let trustee = form.trustee.trim().to_owned();
    let before = held(web, &recipient, &trustee, right);
    let guid = recipient.guid;
    let order = RevokeOrder { recipient: guid.clone(), trustee: trustee.clone(), right };
    let (_, mut told) = ordered(web, signed, (Command::Revoke(order), None)).await?;
    if !told.is_unchanged {
        let texts = &signed.visit.texts;
        told.sentence = sentence("delegation-revoked", (web, texts), &trustee, right);
        // A right that had ended cannot be given back as it was.
        let before = before.filter(|before| before.is_in_force(signed.visit.now));
        told.undo = before.map(|before| grant_form(&guid, &trustee, &before));
    }
    Ok((page_of(&guid), told))
}

/// The right as it is held now.
fn held(web: &Web, recipient: &Recipient, trustee: &str, right: Right) -> Option<Grant> {
    let directory = web.app.directory();
    let trustee = app::read::find(&directory, trustee)?.id;
    let mut grants = directory.grants_on(recipient.id).iter();
    grants.find(|held| held.trustee == trustee && held.right == right).cloned()
}

/// What was done, with the person's name where there is one.
fn sentence(key: &str, (web, texts): (&Web, &Texts), trustee: &str, right: Right) -> String {
    let name = {
        let directory = web.app.directory();
        let found = app::read::find(&directory, trustee);
        found.map_or_else(|| trustee.to_owned(), |found| found.display_name.clone())
    };
    texts.t2(key, &("right", right_name(texts, right)), &("trustee", name))
}

/// What recipients of mail will see.
fn consequence(
    web: &Web,
    texts: &Texts,
    (recipient, trustee): (&Recipient, &str),
    right: Right,
) -> String {
    let represented = format!("{} <{}>", recipient.display_name, recipient.primary());
    match right {
        Right::SendAs => texts.t1("picker-sees-as", "from", represented),
        Right::SendOnBehalf => {
            let directory = web.app.directory();
            let found = app::read::find(&directory, trustee);
            let name = found.map_or_else(|| trustee.to_owned(), |found| found.display_name.clone());
            texts.t2("picker-sees-on-behalf", &("person", name), &("from", represented))
        }
        Right::FullAccess => texts.t("delegation-full-access"),
    }
}

fn grant_form(guid: &str, trustee: &str, before: &Grant) -> Undo {
    let until = before.until_at.map(time::machine).unwrap_or_default();
    let reason = before.reason.clone().unwrap_or_default();
    form(
        guid,
        "grant",
        vec![
            ("trustee", trustee.to_owned()),
            ("right", before.right.as_str().to_owned()),
            ("until", until),
            ("reason", reason),
        ],
    )
}

fn revoke_form(guid: &str, trustee: &str, right: Right) -> Undo {
    let right = right.as_str().to_owned();
    form(guid, "revoke", vec![("trustee", trustee.to_owned()), ("right", right)])
}

fn form(guid: &str, verb: &str, fields: Vec<(&str, String)>) -> Undo {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Undo { path: format!("/admin/recipients/{guid}/{verb}"), fields }
}

fn parse_right(text: &str) -> Result<Right, Problem> {
    Right::from_stored(text).ok_or_else(|| Problem::Invalid(format!("right: {text:?}")))
}

fn page_of(guid: &str) -> String {
    format!("/admin/recipients/{guid}/delegation")
}
