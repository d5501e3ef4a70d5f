//! `*-Application`: the clients of OAuth 2.

use admin_protocol::cmdlet::Object;
use admin_protocol::failure::Failure;
use admin_protocol::text::timestamp;
use app::access::{Scope, Scopes};
use app::command::{ClientKind, Command, Intent, NewApplication};
use app::oauth::Client;
use domain::Directory;
use serde_json::json;

use super::call::{Answer, Call, object, warnings};
use super::object::{insert, primary};

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    match call.cmdlet.name {
        "New-Application" => create(call).await,
        "Get-Application" => list(call).await,
        _ => {
            let identity = call.parameters.required_text("Identity")?;
            call.order_silently(Command::RemoveApplication(identity)).await
        }
    }
}

async fn create(call: &Call<'_>) -> Result<Answer, Failure> {
    let mut scopes = Vec::new();
    for name in call.parameters.text_list("Scopes")? {
        let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        let why = format!("'{name}' is not one of {}.", known.join(", "));
        scopes.push(Scope::parse(&name).ok_or_else(|| Failure::bad_parameter("Scopes", &why))?);
    }
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let is_public = call.parameters.switch("Public")?;
    let new = NewApplication {
        name: call.parameters.required_text("Name")?,
        kind: if is_public { ClientKind::Public } else { ClientKind::Confidential },
        account: given(call.parameters.text("User")?),
        scopes,
        redirect_uris: call.parameters.text_list("RedirectUris")?,
        client_id: given(call.parameters.text("ClientId")?),
    };
    let name = new.name.trim().to_owned();
    let outcome = call.order(Command::CreateApplication(new)).await?;
    if call.intent == Intent::Check {
        return Ok(Answer { warnings: warnings(&outcome), ..Answer::default() });
    }
    let made = clients(call).await?.into_iter().find(|client| client.name == name);
    let shown = made.map(|client| {
        let mut shown = show(&call.app.directory(), &client);
        match outcome.secret {
            Some(made) => insert(&mut shown, "ClientSecret", made.secret),
            None => insert(&mut shown, "ClientSecret", serde_json::Value::Null),
        }
        shown
    });
    Ok(Answer::of(shown.into_iter().collect()))
}

async fn list(call: &Call<'_>) -> Result<Answer, Failure> {
    let mut clients = clients(call).await?;
    if let Some(identity) = call.parameters.text("Identity")?.filter(|text| !text.is_empty()) {
        clients.retain(|client| {
            client.client_id.eq_ignore_ascii_case(&identity)
                || client.name.eq_ignore_ascii_case(&identity)
        });
        if clients.is_empty() {
            return Err(call.not_found(&identity));
        }
    }
    let directory = call.app.directory();
    Ok(Answer::of(clients.iter().map(|client| show(&directory, client)).collect()))
}

async fn clients(call: &Call<'_>) -> Result<Vec<Client>, Failure> {
    call.app.oauth_clients().await.map_err(|failure| call.store_failed(&failure))
}

fn show(directory: &Directory, client: &Client) -> Object {
    let scopes: Vec<&str> = Scopes::from_stored(&client.scopes).list().map(Scope::as_str).collect();
    object(json!({
        "Identity": client.client_id,
        "Name": client.name,
        "User": client.account.map(|id| primary(directory, id)),
        "Scopes": scopes,
        "RedirectUris": client.redirect_uris,
        "Public": client.secret_hash.is_none(),
        "WhenCreatedUTC": timestamp(client.created_at),
    }))
}
