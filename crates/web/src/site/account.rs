//! One's own account: from which addresses one may send, where one is signed in, and what opens
//! the account.

pub(crate) mod again;
pub(crate) mod device;
mod notifications;
mod programs;
pub(crate) mod security;

use app::read::identities::{IdentityRow, identities};
use app::web_session::WebSession;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Form, Router};
use domain::{SendMode, Timestamp};
use serde::Deserialize;

use super::frame::{Frame, Section, render, see_other};
use super::time;
use super::visit::Signed;
use crate::Web;

/// The routes of the own account.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/account", get(show))
        .route("/account/sessions/end", post(end_session))
        .route("/account/sessions/end-all", post(end_sessions))
        .route("/account/security", get(security::show))
        .route("/account/password", post(security::change_password))
        .route("/account/second-factor", get(security::show_offer))
        .route("/account/second-factor/begin", post(security::begin))
        .route("/account/second-factor/confirm", post(security::confirm))
        .route("/account/second-factor/remove", post(security::remove))
        .route("/account/second-factor/codes", post(security::renew_codes))
        .route("/account/device", get(device::show))
        .route("/account/device/profile", get(device::download))
        .route("/account/device/link", post(device::link))
        .route("/account/notifications", get(notifications::show).post(notifications::choose))
        .route("/account/notifications/on", post(notifications::turn_on))
        .route("/account/notifications/off", post(notifications::turn_off))
        .route("/account/programs", get(programs::show))
        .route("/account/app-passwords", post(programs::create_app_password))
        .route("/account/app-passwords/remove", post(programs::remove_app_password))
        .route("/account/tokens", post(programs::create_token))
        .route("/account/tokens/revoke", post(programs::revoke_token))
}

struct SessionRow {
    id: i64,
    is_this: bool,
    browser: String,
    client: String,
    last_seen: String,
    last_seen_machine: String,
}

struct IdentityLine {
    from: String,
    mode: String,
    through: Option<String>,
    until: Option<String>,
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    tab: &'static str,
    sessions: Vec<SessionRow>,
    identities: Vec<IdentityLine>,
}

/// `GET /account`
pub(crate) async fn show(signed: Signed, State(web): State<Web>) -> Response {
    let now = signed.visit.now;
    let sessions = match web.app.web_sessions(signed.person.id, now).await {
        Ok(sessions) => sessions,
        Err(failure) => return signed.visit.problem(failure.into()),
    };
    let frame = signed.frame(Section::Account);
    let rows = {
        let directory = web.app.directory();
        let me = directory.recipient(signed.person.id);
        me.map(|me| identities(&directory, me, now)).unwrap_or_default()
    };
    let identities = rows.into_iter().map(|row| identity_line(&frame, row)).collect();
    let sessions =
        sessions.into_iter().map(|session| session_row(session, signed.session.id)).collect();
    render(&AccountPage { frame, tab: "start", sessions, identities })
}

fn session_row(session: WebSession, this: i64) -> SessionRow {
    SessionRow {
        id: session.id,
        is_this: session.id == this,
        browser: browser_name(&session.user_agent),
        client: session.client,
        last_seen: time::minute(session.last_seen_at),
        last_seen_machine: time::machine(session.last_seen_at),
    }
}

fn identity_line(frame: &Frame, row: IdentityRow) -> IdentityLine {
    let mode = match row.mode {
        SendMode::Own => frame.t("mode-own"),
        SendMode::SendAs => frame.t("mode-send-as"),
        SendMode::SendOnBehalf => frame.t("mode-on-behalf"),
    };
    IdentityLine {
        from: row.writes.from,
        mode,
        through: row.through,
        until: row.until_at.map(|until: Timestamp| time::minute(until)),
    }
}

/// Program and system out of the words by which browsers present themselves; the words themselves
/// where nothing is recognised.
pub(crate) fn browser_name(user_agent: &str) -> String {
    let programs = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    let systems = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let named = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    match (named(&programs), named(&systems)) {
        (Some(program), Some(system)) => format!("{program}, {system}"),
        (Some(program), None) => program.to_owned(),
        _ => user_agent.to_owned(),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct EndSession {
    id: i64,
}

/// `POST /account/sessions/end`
pub(crate) async fn end_session(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<EndSession>,
) -> Response {
    match web.app.end_web_session(signed.person.id, form.id).await {
        Ok(()) => see_other("/account"),
        Err(failure) => signed.visit.problem(failure.into()),
    }
}

/// `POST /account/sessions/end-all`: this browser's too.
pub(crate) async fn end_sessions(signed: Signed, State(web): State<Web>) -> Response {
    match web.app.end_web_sessions(signed.person.id).await {
        Ok(()) => see_other("/sign-in"),
        Err(failure) => signed.visit.problem(failure.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::browser_name;

    #[test]
    fn browsers_are_named_as_people_name_them() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(browser_name(firefox), "Firefox, Linux");
        assert_eq!(browser_name("curl/8.1"), "curl");
        assert_eq!(browser_name("Unheard"), "Unheard");
    }
}
