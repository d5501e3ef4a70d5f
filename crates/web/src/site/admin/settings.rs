//! Settings of the organisation that commands can change, and what the configuration file says.

use app::access::{self, Need, Purpose};
use app::command::{Command, OrganizationChanges};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::AccountRole;
use serde::Deserialize;

use super::{Rail, carry_out, surroundings};
use crate::Web;
use crate::site::frame::{Frame, render, see_other};
use crate::site::visit::Signed;

#[derive(Template)]
#[template(path = "admin/settings.html")]
struct SettingsPage {
    frame: Frame,
    rail: Rail,
    name: String,
    keeps_alias_as_author: bool,
    hostname: String,
    is_done: bool,
    may_change: bool,
    /// What does the same on the command line.
    command: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /admin/settings`
pub(crate) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Query(done): Query<Done>,
) -> Response {
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
        is_done: !done.done.is_empty(),
        may_change: signed.person.role == AccountRole::Administrator,
        command: format!(
            "guichet organization set --name {} --send-from-alias {}",
            shell_word(&organization.name),
            organization.keeps_alias_as_author
        ),
    })
}

/// A text as one word of a shell's line.
fn shell_word(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[derive(Debug, Deserialize)]
pub(crate) struct SettingsForm {
    name: String,
    /// Present where the box is ticked.
    keeps_alias: Option<String>,
}

/// `POST /admin/settings`
pub(crate) async fn change(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<SettingsForm>,
) -> Response {
    let changes = OrganizationChanges {
        name: Some(form.name.trim().to_owned()),
        keeps_alias_as_author: Some(form.keeps_alias.is_some()),
        ..OrganizationChanges::default()
    };
    match carry_out(&web, &signed, Command::SetOrganization(changes), None).await {
        Ok(_) => see_other("/admin/settings?done=1"),
        Err(error) => signed.visit.problem(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn a_name_stays_one_word_in_a_shell() {
        assert_eq!(shell_word("Contoso"), "'Contoso'");
        assert_eq!(shell_word("L'Atelier; rm -rf $HOME"), "'L'\\''Atelier; rm -rf $HOME'");
    }
}
