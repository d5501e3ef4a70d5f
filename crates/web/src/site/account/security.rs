//! What signs in to the own account: the password, the second factor, passkeys, and identities at
//! a provider.

use app::command::{Command, Password};
use app::read::credentials::{LinkedIdentity, Passkey};
use app::second_factor::SecondFactorState;
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::again::{Refused, confirmed, stay};
use crate::Web;
use crate::site::admin::carry_out;
use crate::site::frame::{Frame, Section, render, render_as, see_other};
use crate::site::qr::{self, Picture};
use crate::site::time;
use crate::site::visit::Signed;

#[derive(Template)]
#[template(path = "account/security.html")]
struct SecurityPage {
    frame: Frame,
    tab: &'static str,
    address: String,
    refusal: Option<String>,
    is_done: bool,
    /// Since when the second factor is on.
    since: Option<String>,
    codes_left: i64,
    passkeys: Vec<PasskeyRow>,
    identities: Vec<IdentityRow>,
    /// What the provider is called, where there is one.
    provider: Option<String>,
}

/// An identity at a provider of OpenID Connect.
struct IdentityRow {
    id: i64,
    issuer: String,
    address: String,
    created: String,
    last_used: String,
}

fn identity_row(identity: LinkedIdentity) -> IdentityRow {
    IdentityRow {
        id: identity.id,
        issuer: identity.issuer,
        address: identity.address,
        created: time::minute(identity.created_at),
        last_used: time::minute(identity.last_used_at),
    }
}

struct PasskeyRow {
    id: i64,
    name: String,
    created: String,
    last_used: String,
}

fn passkey_row(key: Passkey) -> PasskeyRow {
    PasskeyRow {
        id: key.id,
        name: key.name,
        created: time::minute(key.created_at),
        last_used: key.last_used_at.map_or("–".to_owned(), time::minute),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /account/security`
pub(super) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Query(done): Query<Done>,
) -> Response {
    match page(&web, &signed).await {
        Ok(page) => render(&SecurityPage { is_done: !done.done.is_empty(), ..page }),
        Err(failure) => signed.visit.problem(failure.into()),
    }
}

async fn page(web: &Web, signed: &Signed) -> Result<SecurityPage, app::Failure> {
    let state = web.app.second_factor(signed.person.id).await?;
    let passkeys = web.app.passkeys(signed.person.id).await?;
    let identities = web.app.linked_identities(signed.person.id).await?;
    let provider = web.app.identity_provider().map(|known| known.settings().label.clone());
    let (since, codes_left) = match state {
        SecondFactorState::On { confirmed_at, recovery_codes } => {
            (Some(time::minute(confirmed_at)), recovery_codes)
        }
        SecondFactorState::Off | SecondFactorState::Offered { .. } => (None, 0),
    };
    Ok(SecurityPage {
        frame: signed.frame(Section::Account),
        tab: "security",
        address: signed.person.address.clone(),
        refusal: None,
        is_done: false,
        since,
        codes_left,
        passkeys: passkeys.into_iter().map(passkey_row).collect(),
        identities: identities.into_iter().map(identity_row).collect(),
        provider,
    })
}

/// The page again, with what is wrong.
pub(crate) async fn refused(web: &Web, signed: &Signed, refused: Refused) -> Response {
    let (status, sentence) = match refused {
        Refused::Problem(problem) => return signed.visit.problem(problem),
        Refused::Sentence(status, sentence) => (status, sentence),
    };
    match page(web, signed).await {
        Ok(page) => render_as(status, &SecurityPage { refusal: Some(sentence), ..page }),
        Err(failure) => signed.visit.problem(failure.into()),
    }
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    current: String,
    new: String,
    again: String,
}

/// `POST /account/password`: ends every other session; this browser stays signed in.
pub(super) async fn change_password(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<PasswordForm>,
) -> Response {
    match password_changed(&web, &signed, form).await {
        Ok(()) => stay(&web, &signed, see_other("/account/security?done=password")).await,
        Err(why) => refused(&web, &signed, why).await,
    }
}

async fn password_changed(web: &Web, signed: &Signed, form: PasswordForm) -> Result<(), Refused> {
    if form.new != form.again {
        let sentence = signed.visit.texts.t("password-differs");
        return Err(Refused::Sentence(StatusCode::UNPROCESSABLE_ENTITY, sentence));
    }
    confirmed(web, signed, &form.current).await?;
    let user = signed.person.address.clone();
    let command = Command::SetPassword { user, password: Password(form.new) };
    carry_out(web, signed, command, None).await?;
    Ok(())
}

#[derive(Deserialize)]
pub(super) struct Confirmation {
    password: String,
}

/// `POST /account/second-factor/begin`
pub(super) async fn begin(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<Confirmation>,
) -> Response {
    if let Err(why) = confirmed(&web, &signed, &form.password).await {
        return refused(&web, &signed, why).await;
    }
    match web.app.offer_second_factor(signed.person.id, signed.visit.now).await {
        Ok(()) => see_other("/account/second-factor"),
        Err(failure) => signed.visit.problem(failure.into()),
    }
}

#[derive(Template)]
#[template(path = "account/offer.html")]
struct OfferPage {
    frame: Frame,
    tab: &'static str,
    refusal: Option<String>,
    secret: String,
    picture: Option<Picture>,
}

/// `GET /account/second-factor`: the secret, until a code of it came back.
pub(super) async fn show_offer(signed: Signed, State(web): State<Web>) -> Response {
    offer(&web, &signed, StatusCode::OK, None).await
}

async fn offer(
    web: &Web,
    signed: &Signed,
    status: StatusCode,
    refusal: Option<String>,
) -> Response {
    match web.app.second_factor(signed.person.id).await {
        Ok(SecondFactorState::Offered { secret, uri }) => {
            let frame = signed.frame(Section::Account);
            let picture = qr::picture(&uri);
            let tab = "security";
            render_as(status, &OfferPage { frame, tab, refusal, secret, picture })
        }
        Ok(SecondFactorState::Off | SecondFactorState::On { .. }) => see_other("/account/security"),
        Err(failure) => signed.visit.problem(failure.into()),
    }
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    code: String,
}

/// `POST /account/second-factor/confirm`. The codes are in the answer: they are shown once, and
/// an address that leads to them would show them again.
pub(super) async fn confirm(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<CodeForm>,
) -> Response {
    let command = Command::ConfirmSecondFactor { user: signed.person.id, code: form.code };
    match carry_out(&web, &signed, command, None).await {
        Ok(outcome) => {
            let shown = outcome.secret.map(|secret| secret.secret).unwrap_or_default();
            stay(&web, &signed, codes_page(&signed, shown)).await
        }
        Err(app::command::CommandError::Invalid { .. }) => {
            let sentence = signed.visit.texts.t("factor-code-wrong");
            offer(&web, &signed, StatusCode::UNPROCESSABLE_ENTITY, Some(sentence)).await
        }
        Err(error) => signed.visit.problem(error.into()),
    }
}

#[derive(Template)]
#[template(path = "account/codes.html")]
struct CodesPage {
    frame: Frame,
    tab: &'static str,
    codes: Vec<String>,
    all: String,
}

fn codes_page(signed: &Signed, all: String) -> Response {
    let codes = all.lines().map(str::to_owned).collect();
    render(&CodesPage { frame: signed.frame(Section::Account), tab: "security", codes, all })
}

/// `POST /account/second-factor/codes`: new recovery codes instead of those that are left.
pub(super) async fn renew_codes(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<Confirmation>,
) -> Response {
    let command = Command::RenewRecoveryCodes(signed.person.id);
    match after_password(&web, &signed, &form, command).await {
        Ok(shown) => codes_page(&signed, shown),
        Err(why) => refused(&web, &signed, why).await,
    }
}

/// `POST /account/second-factor/remove`
pub(super) async fn remove(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<Confirmation>,
) -> Response {
    let command = Command::RemoveSecondFactor(signed.person.id);
    match after_password(&web, &signed, &form, command).await {
        Ok(_) => stay(&web, &signed, see_other("/account/security?done=factor")).await,
        Err(why) => refused(&web, &signed, why).await,
    }
}

/// Carries a command out once the password was given again; the secret that it shows, if any.
async fn after_password(
    web: &Web,
    signed: &Signed,
    form: &Confirmation,
    command: Command,
) -> Result<String, Refused> {
    confirmed(web, signed, &form.password).await?;
    let outcome = carry_out(web, signed, command, None).await?;
    Ok(outcome.secret.map(|secret| secret.secret).unwrap_or_default())
}
