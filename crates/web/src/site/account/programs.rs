//! What programs sign in with: app passwords for mail programs, tokens for everything else. A
//! secret is in the answer to the form that made it and nowhere else.

use app::access::Scope;
use app::command::{Command, NewAppPassword, NewToken};
use app::read::credentials::ApiToken;
use app::second_factor::SecondFactorState;
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::Timestamp;
use serde::Deserialize;

use super::again::{Refused, Which, confirmed, take_away};
use crate::Web;
use crate::site::admin::carry_out;
use crate::site::frame::{Frame, Section, render, render_as, see_other};
use crate::site::time;
use crate::site::visit::Signed;

struct AppPasswordRow {
    id: i64,
    name: String,
    created: String,
}

struct TokenRow {
    id: i64,
    name: String,
    scopes: String,
    created: String,
    until: String,
    last_used: String,
    has_ended: bool,
}

/// A secret that was made just now.
struct Made {
    name: String,
    secret: String,
}

#[derive(Template)]
#[template(path = "account/programs.html")]
struct ProgramsPage {
    frame: Frame,
    tab: &'static str,
    refusal: Option<String>,
    is_done: bool,
    made: Option<Made>,
    has_second_factor: bool,
    app_passwords: Vec<AppPasswordRow>,
    tokens: Vec<TokenRow>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /account/programs`
pub(super) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Query(done): Query<Done>,
) -> Response {
    match page(&web, &signed).await {
        Ok(page) => render(&ProgramsPage { is_done: !done.done.is_empty(), ..page }),
        Err(failure) => signed.visit.problem(failure.into()),
    }
}

async fn page(web: &Web, signed: &Signed) -> Result<ProgramsPage, app::Failure> {
    let me = signed.person.id;
    let state = web.app.second_factor(me).await?;
    let app_passwords = web.app.app_passwords(&[me]).await?;
    let tokens = web.app.tokens(&[me]).await?;
    Ok(ProgramsPage {
        frame: signed.frame(Section::Account),
        tab: "programs",
        refusal: None,
        is_done: false,
        made: None,
        has_second_factor: matches!(state, SecondFactorState::On { .. }),
        app_passwords: app_passwords
            .into_iter()
            .map(|kept| AppPasswordRow {
                id: kept.id,
                name: kept.name,
                created: time::minute(kept.created_at),
            })
            .collect(),
        tokens: tokens.into_iter().map(|token| token_row(token, signed.visit.now)).collect(),
    })
}

fn token_row(token: ApiToken, now: Timestamp) -> TokenRow {
    let or_dash = |at: Option<Timestamp>| at.map_or("–".to_owned(), time::minute);
    TokenRow {
        id: token.id,
        name: token.name,
        scopes: token.scopes,
        created: time::minute(token.created_at),
        until: or_dash(token.expires_at),
        last_used: or_dash(token.last_used_at),
        has_ended: token.expires_at.is_some_and(|until| until <= now),
    }
}

/// The page after a form: with the secret that was made, or with what is wrong.
async fn answer(web: &Web, signed: &Signed, made: Result<Made, Refused>) -> Response {
    let page = match page(web, signed).await {
        Ok(page) => page,
        Err(failure) => return signed.visit.problem(failure.into()),
    };
    match made {
        Ok(made) => render(&ProgramsPage { made: Some(made), ..page }),
        Err(Refused::Sentence(status, sentence)) => {
            render_as(status, &ProgramsPage { refusal: Some(sentence), ..page })
        }
        Err(Refused::Problem(problem)) => signed.visit.problem(problem),
    }
}

/// Carries out what makes a secret, once the password was given again.
async fn made(
    web: &Web,
    signed: &Signed,
    password: &str,
    (name, command): (String, Command),
) -> Result<Made, Refused> {
    confirmed(web, signed, password).await?;
    let outcome = carry_out(web, signed, command, None).await?;
    let secret = outcome.secret.map(|secret| secret.secret).unwrap_or_default();
    Ok(Made { name, secret })
}

#[derive(Deserialize)]
pub(super) struct AppPasswordForm {
    name: String,
    password: String,
}

/// `POST /account/app-passwords`
pub(super) async fn create_app_password(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<AppPasswordForm>,
) -> Response {
    let user = signed.person.address.clone();
    let new = NewAppPassword { user, name: form.name.clone() };
    let command = Command::CreateAppPassword(new);
    let made = made(&web, &signed, &form.password, (form.name, command)).await;
    answer(&web, &signed, made).await
}

/// `POST /account/app-passwords/remove`: what is signed in with it ends, as does everything else
/// but this browser.
pub(super) async fn remove_app_password(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<Which>,
) -> Response {
    let command = Command::RemoveAppPassword { user: signed.person.id, id: form.id };
    take_away(&web, &signed, command, "/account/programs?done=removed").await
}

#[derive(Deserialize)]
pub(super) struct TokenForm {
    name: String,
    password: String,
    /// The last day, as `2027-01-31`; empty for good.
    #[serde(default)]
    until: String,
    send: Option<String>,
    read: Option<String>,
    admin: Option<String>,
}

/// `POST /account/tokens`
pub(super) async fn create_token(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<TokenForm>,
) -> Response {
    let made = match new_token(&signed, &form) {
        Ok(new) => {
            let named = (form.name.clone(), Command::CreateToken(new));
            made(&web, &signed, &form.password, named).await
        }
        Err(sentence) => Err(Refused::Sentence(StatusCode::UNPROCESSABLE_ENTITY, sentence)),
    };
    answer(&web, &signed, made).await
}

fn new_token(signed: &Signed, form: &TokenForm) -> Result<NewToken, String> {
    let chosen =
        [(&form.send, Scope::Send), (&form.read, Scope::Read), (&form.admin, Scope::Admin)];
    let scopes: Vec<Scope> =
        chosen.into_iter().filter(|(box_, _)| box_.is_some()).map(|(_, scope)| scope).collect();
    if scopes.is_empty() {
        // No scope would mean all of them; nobody shall get that by leaving boxes empty.
        return Err(signed.visit.texts.t("token-no-scope"));
    }
    let day = form.until.trim();
    let expires_at = match day {
        "" => None,
        day => Some(
            time::end_of_day(day)
                .ok_or_else(|| signed.visit.texts.t1("token-bad-until", "until", day))?,
        ),
    };
    let user = signed.person.address.clone();
    Ok(NewToken { user, name: form.name.clone(), scopes, expires_at })
}

/// `POST /account/tokens/revoke`
pub(super) async fn revoke_token(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<Which>,
) -> Response {
    let command = Command::RevokeToken { user: signed.person.id, id: form.id };
    match carry_out(&web, &signed, command, None).await {
        Ok(_) => see_other("/account/programs?done=removed"),
        Err(error) => signed.visit.problem(error.into()),
    }
}
