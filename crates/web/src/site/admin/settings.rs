//! Settings of the organisation that commands can change, and what the configuration file says.

use app::access::{self, Need, Purpose};
use app::command::{Command, OrganizationChanges};
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use domain::{AccountRole, Language, ReportSchedule};
use serde::Deserialize;

use super::{Rail, ordered, surroundings};
use crate::Web;
use crate::site::frame::{Frame, render};
use crate::site::visit::Signed;

#[derive(Template)]
#[template(path = "admin/settings.html")]
struct SettingsPage {
    frame: Frame,
    rail: Rail,
    name: String,
    keeps_alias_as_author: bool,
    hostname: String,
    /// Where browsers reach the pages.
    public_url: String,
    is_reported: bool,
    is_french: bool,
    may_change: bool,
    /// What does the same on the command line.
    command: String,
}

/// `GET /admin/settings`
pub(crate) async fn show(signed: Signed, State(web): State<Web>) -> Response {
    let directory = web.app.directory();
    let allowed = access::allow(&directory, &signed.actor(), Need::Auditor, Purpose::Read);
    if let Err(denied) = allowed {
        return signed.visit.problem(denied.into());
    }
    let (frame, rail) = surroundings(&signed, "/admin/settings");
    let organization = directory.organization();
    render(&SettingsPage {
        frame,
        rail,
        name: organization.name.clone(),
        keeps_alias_as_author: organization.keeps_alias_as_author,
        hostname: web.app.settings().hostname.clone(),
        public_url: web.app.settings().page("/"),
        is_reported: organization.report_schedule == ReportSchedule::Monthly,
        is_french: organization.language == Language::French,
        may_change: signed.person.role == AccountRole::Administrator,
        command: Command::SetOrganization(OrganizationChanges {
            name: Some(organization.name.clone()),
            keeps_alias_as_author: Some(organization.keeps_alias_as_author),
            report_schedule: Some(organization.report_schedule),
            language: Some(organization.language),
        })
        .line(&directory, None)
        .unwrap_or_default(),
    })
}

#[derive(Debug, Deserialize)]
pub(crate) struct SettingsForm {
    name: String,
    /// Present where the box is ticked.
    keeps_alias: Option<String>,
    /// Present where the box is ticked.
    reported: Option<String>,
    #[serde(default)]
    language: String,
}

/// `POST /admin/settings`
pub(crate) async fn change(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<SettingsForm>,
) -> Response {
    let schedule =
        if form.reported.is_some() { ReportSchedule::Monthly } else { ReportSchedule::Never };
    let changes = OrganizationChanges {
        name: Some(form.name.trim().to_owned()),
        keeps_alias_as_author: Some(form.keeps_alias.is_some()),
        report_schedule: Some(schedule),
        language: Language::of_tag(&form.language),
    };
    let done = ordered(&web, &signed, (Command::SetOrganization(changes), None)).await;
    signed.tells(done.map(|(_, told)| ("/admin/settings".to_owned(), told)))
}
