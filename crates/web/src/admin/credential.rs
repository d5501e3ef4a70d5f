//! `*-ApiToken`, `*-AppPassword`, `Remove-SecondFactor`, `Remove-UserSession` and
//! `*-SignInThrottle`.

use admin_protocol::cmdlet::Object;
use admin_protocol::failure::Failure;
use admin_protocol::text::timestamp;
use app::access::{Need, Scope, Scopes};
use app::command::{Command, Intent, NewAppPassword, NewToken};
use app::read::credentials::{ApiToken, AppPassword};
use app::throttle::ThrottleKey;
use domain::{Directory, RecipientId, RecipientKind};
use serde_json::json;

use super::call::{Answer, Call, object, warnings};
use super::object::{insert, optional_timestamp, primary};

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    match call.cmdlet.name {
        "New-ApiToken" => create_token(call).await,
        "Get-ApiToken" => list_tokens(call).await,
        "Remove-ApiToken" => remove_token(call).await,
        "New-AppPassword" => create_app_password(call).await,
        "Get-AppPassword" => list_app_passwords(call).await,
        "Remove-AppPassword" => remove_app_password(call).await,
        "Remove-SecondFactor" => of_user(call, Command::RemoveSecondFactor).await,
        "Remove-UserSession" => of_user(call, Command::EndSignIns).await,
        "Get-SignInThrottle" => list_throttles(call),
        _ => {
            let who = call.parameters.required_text("Identity")?;
            let is_counted = |key: &ThrottleKey| names(key, &who);
            if !call.app.throttled_sign_ins().iter().any(|(key, _)| is_counted(key)) {
                return Err(call.not_found(&who));
            }
            call.order_silently(Command::ClearThrottle(who)).await
        }
    }
}

/// Whose credentials a Get- lists: the named user's, everybody's for who may see all, else the own.
fn users(call: &Call<'_>) -> Result<Vec<RecipientId>, Failure> {
    let directory = call.app.directory();
    if !call.parameters.has_value("User") && call.sees_all(&directory) {
        let users = directory.recipients().filter(|found| found.kind == RecipientKind::User);
        let mut ids: Vec<RecipientId> = users.map(|found| found.id).collect();
        ids.sort();
        return Ok(ids);
    }
    Ok(vec![call.user(&directory)?])
}

/// The login for whom a New- is.
fn login(call: &Call<'_>) -> Result<String, Failure> {
    let directory = call.app.directory();
    let id = call.user(&directory)?;
    Ok(primary(&directory, id))
}

async fn create_token(call: &Call<'_>) -> Result<Answer, Failure> {
    let mut scopes = Vec::new();
    for name in call.parameters.text_list("Scopes")? {
        let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        let why = format!("'{name}' is not one of {}.", known.join(", "));
        scopes.push(Scope::parse(&name).ok_or_else(|| Failure::bad_parameter("Scopes", &why))?);
    }
    let name = call.parameters.text("Name")?.unwrap_or_default();
    let expires_at = call.parameters.timestamp("Until")?;
    let user = login(call)?;
    let new =
        NewToken { user: user.clone(), name: name.clone(), scopes: scopes.clone(), expires_at };
    let outcome = call.order(Command::CreateToken(new)).await?;
    let Some(made) = outcome.secret.clone().filter(|_| call.intent == Intent::CarryOut) else {
        return Ok(Answer { warnings: warnings(&outcome), ..Answer::default() });
    };
    let scopes: Vec<&str> = Scopes::of(&scopes).list().map(Scope::as_str).collect();
    let mut shown = object(json!({
        "Identity": made.id.to_string(),
        "User": user,
        "Name": name,
        "Scopes": scopes,
        "WhenCreatedUTC": timestamp(call.now),
        "UntilUTC": optional_timestamp(expires_at),
        "WhenLastUsedUTC": null,
    }));
    insert(&mut shown, "Token", made.secret);
    Ok(Answer::of(vec![shown]))
}

async fn create_app_password(call: &Call<'_>) -> Result<Answer, Failure> {
    if call.parameters.has_value("Scopes") || call.parameters.has_value("Until") {
        return Err(Failure::invalid_operation(
            "An app password opens all that the password opens and has no end: leave -Scopes and \
             -Until out, or make a token with New-ApiToken.",
        ));
    }
    let name = call.parameters.text("Name")?.unwrap_or_default();
    let user = login(call)?;
    let new = NewAppPassword { user: user.clone(), name: name.clone() };
    let outcome = call.order(Command::CreateAppPassword(new)).await?;
    let Some(made) = outcome.secret.clone().filter(|_| call.intent == Intent::CarryOut) else {
        return Ok(Answer { warnings: warnings(&outcome), ..Answer::default() });
    };
    let mut shown = object(json!({
        "Identity": made.id.to_string(),
        "User": user,
        "Name": name,
        "Scopes": [],
        "WhenCreatedUTC": timestamp(call.now),
        "UntilUTC": null,
        "WhenLastUsedUTC": null,
    }));
    insert(&mut shown, "Password", made.secret);
    Ok(Answer::of(vec![shown]))
}

async fn list_tokens(call: &Call<'_>) -> Result<Answer, Failure> {
    let tokens = call.app.tokens(&users(call)?).await;
    let tokens = tokens.map_err(|failure| call.store_failed(&failure))?;
    let directory = call.app.directory();
    Ok(Answer::of(tokens.iter().map(|token| show_token(&directory, token)).collect()))
}

fn show_token(directory: &Directory, token: &ApiToken) -> Object {
    let scopes: Vec<&str> = Scopes::from_stored(&token.scopes).list().map(Scope::as_str).collect();
    object(json!({
        "Identity": token.id.to_string(),
        "User": primary(directory, token.recipient),
        "Name": token.name,
        "Scopes": scopes,
        "WhenCreatedUTC": timestamp(token.created_at),
        "UntilUTC": optional_timestamp(token.expires_at),
        "WhenLastUsedUTC": optional_timestamp(token.last_used_at),
    }))
}

async fn list_app_passwords(call: &Call<'_>) -> Result<Answer, Failure> {
    let passwords = call.app.app_passwords(&users(call)?).await;
    let passwords = passwords.map_err(|failure| call.store_failed(&failure))?;
    let directory = call.app.directory();
    Ok(Answer::of(passwords.iter().map(|kept| show_app_password(&directory, kept)).collect()))
}

fn show_app_password(directory: &Directory, kept: &AppPassword) -> Object {
    object(json!({
        "Identity": kept.id.to_string(),
        "User": primary(directory, kept.recipient),
        "Name": kept.name,
        "Scopes": [],
        "WhenCreatedUTC": timestamp(kept.created_at),
        "UntilUTC": null,
        "WhenLastUsedUTC": optional_timestamp(kept.last_used_at),
    }))
}

/// The users among whose credentials one is sought by number: all, for an administrator.
fn searched(call: &Call<'_>) -> Result<Vec<RecipientId>, Failure> {
    let is_administrator = call.allow(Need::Administrator).is_ok();
    let directory = call.app.directory();
    if is_administrator {
        let users = directory.recipients().filter(|found| found.kind == RecipientKind::User);
        return Ok(users.map(|found| found.id).collect());
    }
    call.caller
        .actor
        .account()
        .map(|id| vec![id])
        .ok_or_else(|| Failure::access_denied(call.cmdlet.name, "an account"))
}

async fn remove_token(call: &Call<'_>) -> Result<Answer, Failure> {
    let identity = call.parameters.required_text("Identity")?;
    let tokens = call.app.tokens(&searched(call)?).await;
    let tokens = tokens.map_err(|failure| call.store_failed(&failure))?;
    let found = tokens.iter().find(|token| token.id.to_string() == identity);
    let found = found.ok_or_else(|| call.not_found(&identity))?;
    call.order_silently(Command::RevokeToken { user: found.recipient, id: found.id }).await
}

async fn remove_app_password(call: &Call<'_>) -> Result<Answer, Failure> {
    let identity = call.parameters.required_text("Identity")?;
    let passwords = call.app.app_passwords(&searched(call)?).await;
    let passwords = passwords.map_err(|failure| call.store_failed(&failure))?;
    let found = passwords.iter().find(|kept| kept.id.to_string() == identity);
    let found = found.ok_or_else(|| call.not_found(&identity))?;
    call.order_silently(Command::RemoveAppPassword { user: found.recipient, id: found.id }).await
}

/// Carries out a command about the sign-ins of the user that is named.
async fn of_user(call: &Call<'_>, command: fn(RecipientId) -> Command) -> Result<Answer, Failure> {
    let identity = call.parameters.required_text("Identity")?;
    let user = {
        let directory = call.app.directory();
        call.find(&directory, &identity, &[RecipientKind::User])?.id
    };
    call.order_silently(command(user)).await
}

fn list_throttles(call: &Call<'_>) -> Result<Answer, Failure> {
    let wanted = call.parameters.text("Identity")?.filter(|text| !text.is_empty());
    let counted = call.app.throttled_sign_ins().into_iter();
    let objects = counted.filter(|(key, _)| wanted.as_ref().is_none_or(|who| names(key, who))).map(
        |(key, failures)| {
            let (identity, kind) = match key {
                ThrottleKey::LoginFrom(login, _) => (login, "Account"),
                ThrottleKey::SecondFactor(login) => (login, "SecondFactor"),
                ThrottleKey::Address(address) => (address.to_string(), "ClientIP"),
            };
            let blocked = (call.now < failures.blocked_until).then_some(failures.blocked_until);
            object(json!({
                "Identity": identity,
                "Kind": kind,
                "FailureCount": failures.count,
                "BlockedUntilUTC": optional_timestamp(blocked),
            }))
        },
    );
    Ok(Answer::of(objects.collect()))
}

/// Whether what is counted is about this login or this address.
fn names(key: &ThrottleKey, who: &str) -> bool {
    match key {
        ThrottleKey::LoginFrom(login, address) => {
            login.eq_ignore_ascii_case(who) || address.to_string() == who
        }
        ThrottleKey::Address(address) => address.to_string() == who,
        ThrottleKey::SecondFactor(login) => login.eq_ignore_ascii_case(who),
    }
}
