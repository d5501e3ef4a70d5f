//! Users: the list, a new one, and the page of one: name, role, state, password, where signed in.

use app::access::{self, Need, Purpose};
use app::command::{Command, NewUser, Password, RecipientChanges, shell_word};
use app::read::credentials::AppPassword;
use app::read::identities::identities;
use app::second_factor::SecondFactorState;
use app::web_session::WebSession;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::{AccountRole, Directory, Recipient, RecipientKind, SendMode, Timestamp};
use serde::Deserialize;

use super::list::{Search, sought};
use super::room::{self, Room};
use super::{Rail, ordered, surroundings, visible};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::{Frame, render};
use crate::site::texts::Texts;
use crate::site::time;
use crate::site::told::Told;
use crate::site::visit::Signed;

struct Row {
    guid: String,
    name: String,
    address: String,
    role: String,
    is_disabled: bool,
}

#[derive(Template)]
#[template(path = "admin/users.html")]
struct UsersPage {
    frame: Frame,
    rail: Rail,
    q: String,
    rows: Vec<Row>,
    more: i64,
    may_change: bool,
}

/// `GET /admin/users`
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
    let (frame, rail) = surroundings(&signed, "/admin/users");
    let (found, more) = sought(&directory, &search.q, |found| found.kind == RecipientKind::User);
    let rows = found.into_iter().map(|found| row(&frame.texts, found)).collect();
    let may_change = signed.person.role == AccountRole::Administrator;
    render(&UsersPage { frame, rail, q: search.q, rows, more, may_change })
}

fn row(texts: &Texts, found: &Recipient) -> Row {
    let account = found.account.as_ref();
    Row {
        guid: found.guid.clone(),
        name: found.display_name.clone(),
        address: found.primary().to_string(),
        role: role_name(texts, account.map_or(AccountRole::Member, |account| account.role)),
        is_disabled: account.is_some_and(|account| account.is_disabled),
    }
}

fn role_name(texts: &Texts, role: AccountRole) -> String {
    match role {
        AccountRole::Member => texts.t("role-member"),
        AccountRole::Auditor => texts.t("role-auditor"),
        AccountRole::Administrator => texts.t("role-administrator"),
    }
}

#[derive(Deserialize)]
pub(crate) struct NewUserForm {
    name: String,
    address: String,
    password: String,
    #[serde(default)]
    role: String,
}

/// `POST /admin/users`
pub(crate) async fn create(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<NewUserForm>,
) -> Response {
    let new = NewUser {
        display_name: form.name.trim().to_owned(),
        address: Some(form.address.trim().to_owned()),
        password: Some(Password(form.password)),
        role: AccountRole::from_stored(&form.role),
        ..NewUser::default()
    };
    let (outcome, told) = match ordered(&web, &signed, (Command::CreateUser(new), None)).await {
        Ok(done) => done,
        Err(problem) => return signed.visit.problem(problem),
    };
    let guid = {
        let directory = web.app.directory();
        outcome.recipient.and_then(|id| directory.recipient(id)).map(|found| found.guid.clone())
    };
    let path = guid.map_or("/admin/users".to_owned(), |guid| format!("/admin/users/{guid}"));
    signed.tells(Ok((path, told)))
}

struct SessionRow {
    browser: String,
    client: String,
    last_seen: String,
    last_seen_machine: String,
}

struct GroupRow {
    guid: String,
    name: String,
}

struct AppPasswordRow {
    id: i64,
    name: String,
    created: String,
    last_used: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/user.html")]
struct UserPage {
    frame: Frame,
    rail: Rail,
    guid: String,
    name: String,
    address: String,
    aliases: Vec<String>,
    role: AccountRole,
    is_disabled: bool,
    is_oneself: bool,
    may_change: bool,
    role_name: String,
    room: Room,
    /// As the form for it has it.
    quota: String,
    identities: Vec<IdentityRow>,
    groups: Vec<GroupRow>,
    sessions: Vec<SessionRow>,
    app_passwords: Vec<AppPasswordRow>,
    /// Since when the second factor is on.
    factor_since: Option<String>,
    has_passkeys: bool,
}

/// An address that the person may write now.
struct IdentityRow {
    address: String,
    mode: String,
    through: Option<String>,
    until: Option<String>,
}

impl UserPage {
    /// Where the page's forms go.
    fn action(&self) -> String {
        format!("/admin/users/{}", self.guid)
    }

    /// What shows the same.
    fn line(&self) -> String {
        format!("guichet user show {}", shell_word(&self.address))
    }

    fn has_role(&self, role: &str) -> bool {
        self.role.as_str() == role
    }
}

/// `GET /admin/users/{guid}`
pub(crate) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Path(guid): Path<String>,
) -> Response {
    signed.page(page(&signed, &web, &guid).await)
}

async fn page(signed: &Signed, web: &Web, guid: &str) -> Result<UserPage, Problem> {
    let user = visible_user(web, signed, guid)?;
    let account = user.account.clone().ok_or(Problem::NotFound)?;
    let sessions = web.app.web_sessions(user.id, signed.visit.now).await?;
    let app_passwords = web.app.app_passwords(&[user.id]).await?;
    let factor_since = match web.app.second_factor(user.id).await? {
        SecondFactorState::On { confirmed_at, .. } => Some(time::minute(confirmed_at)),
        SecondFactorState::Off | SecondFactorState::Offered { .. } => None,
    };
    let has_passkeys = !web.app.passkeys(user.id).await?.is_empty();
    let quota = web.app.quota(user.id).await?;
    let (frame, rail) = surroundings(signed, "/admin/users");
    Ok(UserPage {
        factor_since,
        has_passkeys,
        role_name: role_name(&frame.texts, account.role),
        room: Room::of(&frame.texts, &user, &quota),
        quota: user.settings.quota_bytes.map(room::field).unwrap_or_default(),
        identities: identity_rows(&frame.texts, &web.app.directory(), &user, signed.visit.now),
        frame,
        rail,
        guid: user.guid.clone(),
        name: user.display_name.clone(),
        address: user.primary().to_string(),
        aliases: user.addresses.iter().skip(1).map(ToString::to_string).collect(),
        role: account.role,
        is_disabled: account.is_disabled,
        is_oneself: user.id == signed.person.id,
        may_change: signed.person.role == AccountRole::Administrator,
        groups: groups(&web.app.directory(), &user),
        sessions: sessions.into_iter().map(session_row).collect(),
        app_passwords: app_passwords.into_iter().map(app_password_row).collect(),
    })
}

fn session_row(session: WebSession) -> SessionRow {
    SessionRow {
        browser: crate::site::account::browser_name(&session.user_agent),
        client: session.client,
        last_seen: time::minute(session.last_seen_at),
        last_seen_machine: time::machine(session.last_seen_at),
    }
}

fn app_password_row(kept: AppPassword) -> AppPasswordRow {
    AppPasswordRow {
        id: kept.id,
        name: kept.name,
        created: time::minute(kept.created_at),
        last_used: kept.last_used_at.map(time::minute),
    }
}

/// The addresses that the person may write from, as the gate says now.
fn identity_rows(
    texts: &Texts,
    directory: &Directory,
    user: &Recipient,
    now: Timestamp,
) -> Vec<IdentityRow> {
    let found = identities(directory, user, now).into_iter();
    found
        .map(|row| IdentityRow {
            address: row.address.to_string(),
            mode: match row.mode {
                SendMode::Own => texts.t("mode-own"),
                SendMode::SendAs => texts.t("mode-send-as"),
                SendMode::SendOnBehalf => texts.t("mode-on-behalf"),
            },
            through: row.through,
            until: row.until_at.map(time::minute),
        })
        .collect()
}

fn groups(directory: &Directory, user: &Recipient) -> Vec<GroupRow> {
    let groups = directory.groups_of(user.id).iter();
    groups
        .filter_map(|id| directory.recipient(*id))
        .map(|group| GroupRow { guid: group.guid.clone(), name: group.display_name.clone() })
        .collect()
}

fn visible_user(web: &Web, signed: &Signed, guid: &str) -> Result<Recipient, Problem> {
    let found = visible(web, signed, guid)?;
    if found.kind == RecipientKind::User { Ok(found) } else { Err(Problem::NotFound) }
}

#[derive(Deserialize)]
pub(crate) struct Change {
    /// `rename`, `role`, `disable`, `enable`, `password`, `sign-out`, `remove-app-password`,
    /// `remove-second-factor`, `quota` or `delete`.
    what: String,
    #[serde(default)]
    value: String,
}

/// `POST /admin/users/{guid}`
pub(crate) async fn change(
    signed: Signed,
    State(web): State<Web>,
    Path(guid): Path<String>,
    Form(change): Form<Change>,
) -> Response {
    signed.tells(changed(&signed, &web, &guid, change).await)
}

async fn changed(
    signed: &Signed,
    web: &Web,
    guid: &str,
    change: Change,
) -> Result<(String, Told), Problem> {
    let user = visible_user(web, signed, guid)?;
    let what = change.what.as_str();
    let set = |changes| Command::Set { identity: user.guid.clone(), changes: Box::new(changes) };
    let value = change.value;
    let command = match what {
        "rename" => set(RecipientChanges {
            display_name: Some(value.trim().to_owned()),
            ..RecipientChanges::default()
        }),
        "role" => set(RecipientChanges {
            role: Some(AccountRole::from_stored(&value).ok_or(Problem::NotFound)?),
            ..RecipientChanges::default()
        }),
        "disable" | "enable" => set(RecipientChanges {
            is_disabled: Some(what == "disable"),
            ..RecipientChanges::default()
        }),
        "password" => Command::SetPassword { user: user.guid.clone(), password: Password(value) },
        "remove-app-password" => Command::RemoveAppPassword {
            user: user.id,
            id: value.parse().map_err(|_| Problem::NotFound)?,
        },
        "sign-out" => Command::EndSignIns(user.id),
        "quota" => room::command(&signed.visit.texts, &user, &value)?,
        "remove-second-factor" => Command::RemoveSecondFactor(user.id),
        "delete" => Command::Remove(user.guid.clone()),
        _ => return Err(Problem::NotFound),
    };
    let (_, told) = ordered(web, signed, (command, None)).await?;
    let path = match what {
        "delete" => "/admin/users".to_owned(),
        _ => format!("/admin/users/{guid}"),
    };
    Ok((path, told))
}
