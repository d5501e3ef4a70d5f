//! The verbs' calls as a tenant understands them. Most cmdlets are the tenant's own and go as they
//! are. Rights go by three pairs of cmdlets there, and who may send on behalf stands in a property
//! of the recipient under names of objects, which are looked up.

use std::collections::HashMap;

use admin_protocol::cmdlet::Object;
use admin_protocol::parameters::Parameters;
use serde_json::{Value, json};

use super::{Tenant, parameters};
use crate::cli::client::{Client, Page};
use crate::cli::error::Error;
use crate::cli::output::{text, texts};

/// The trustee that stands for the mailbox's own user.
const SELF: &str = "NT AUTHORITY\\SELF";
/// Where who may send on behalf stands.
const SEND_ON_BEHALF: &str = "GrantSendOnBehalfTo";

/// Calls what a tenant has in the place of a cmdlet.
pub(crate) fn call(
    client: &Client,
    tenant: &Tenant,
    cmdlet: &'static str,
    given: Parameters,
) -> Result<Page, Error> {
    parameters::check(cmdlet, &given)?;
    match cmdlet {
        "Add-GuichetPermission" => change(client, cmdlet, &given),
        "Remove-GuichetPermission" => change(client, cmdlet, &given),
        "Get-GuichetPermission" => Ok(Page::gathered(cmdlet, rights(client, &given)?)),
        // In Exchange's own module this one asks no server.
        "Get-ConnectionInformation" => Ok(Page::gathered(cmdlet, vec![connection(tenant)])),
        _ => client.post(cmdlet, given),
    }
}

fn connection(tenant: &Tenant) -> Object {
    let saved = tenant.saved.borrow();
    object(json!({
        "State": "Connected",
        "Organization": tenant.name(),
        "ConnectionUri": tenant.server,
        "AzureAdAuthorizationEndpointUri": saved.login_url,
        "AppId": saved.client_id,
        "TokenExpiryTimeUTC": saved.tokens.as_ref().map(|tokens| {
            admin_protocol::text::timestamp(domain::Timestamp(tokens.expires_at))
        }),
    }))
}

/// Gives or takes a right.
fn change(client: &Client, cmdlet: &'static str, given: &Parameters) -> Result<Page, Error> {
    let is_grant = cmdlet.starts_with("Add-");
    let identity = required(given, "Identity")?;
    let trustee = required(given, "Trustee")?;
    let right = required(given, "Right")?;
    let on = Parameters::new().with("Identity", identity.as_str()).with("Confirm", false);
    match right.as_str() {
        "SendAs" => {
            let name =
                if is_grant { "Add-RecipientPermission" } else { "Remove-RecipientPermission" };
            client.post(name, on.with("Trustee", trustee).with("AccessRights", vec!["SendAs"]))
        }
        "FullAccess" => {
            let name = if is_grant { "Add-MailboxPermission" } else { "Remove-MailboxPermission" };
            client.post(name, on.with("User", trustee).with("AccessRights", vec!["FullAccess"]))
        }
        _ => {
            let name = match kind(client, &identity)?.as_str() {
                "GroupMailbox" => "Set-UnifiedGroup",
                "UserMailbox" | "SharedMailbox" => "Set-Mailbox",
                "MailUniversalDistributionGroup" => "Set-DistributionGroup",
                other => {
                    return Err(Error::Lacking {
                        what: format!("{identity} is a {other} in the tenant"),
                        instead: "nobody can send on behalf of one".to_owned(),
                    });
                }
            };
            let who = [trustee];
            let (add, remove): (&[String], &[String]) =
                if is_grant { (&who, &[]) } else { (&[], &who) };
            let on = Parameters::new().with("Identity", identity.as_str());
            client.post(name, on.with_edit(SEND_ON_BEHALF, add, remove))
        }
    }
}

/// What a recipient is, in Exchange's words.
fn kind(client: &Client, identity: &str) -> Result<String, Error> {
    let page = client.post("Get-Recipient", Parameters::new().with("Identity", identity))?;
    let found = page.objects.first().ok_or_else(|| Error::NotFound(identity.to_owned()))?;
    Ok(text(found, "RecipientTypeDetails").to_owned())
}

/// The rights that a listing asks for, as Guichet lists them.
fn rights(client: &Client, given: &Parameters) -> Result<Vec<Object>, Error> {
    let named = |name: &str| given.value(name).and_then(Value::as_str).map(str::to_owned);
    let (identity, trustee, right) = (named("Identity"), named("Trustee"), named("Right"));
    let is_wanted = |name: &str| right.as_deref().is_none_or(|wanted| wanted == name);
    let mut found = Vec::new();
    if is_wanted("SendAs") {
        let parameters = Parameters::new()
            .with_some("Identity", identity.clone())
            .with_some("Trustee", trustee.clone())
            .with("ResultSize", "Unlimited");
        let held = all(client, "Get-RecipientPermission", parameters)?;
        found.extend(held.iter().filter_map(|held| permission(held, "SendAs", "Trustee")));
    }
    let Some(identity) = identity else {
        if right.as_deref().is_some_and(|right| right != "SendAs") {
            return Err(Error::Lacking {
                what: "a tenant lists only Send As over all recipients".to_owned(),
                instead: "name one with --recipient".to_owned(),
            });
        }
        return Ok(found);
    };
    let one = |right: &str, trustee: &str| {
        object(json!({
            "Identity": identity, "Right": right, "Trustee": trustee, "IsInForce": true,
        }))
    };
    let kind = kind(client, &identity)?;
    let is_mailbox = matches!(kind.as_str(), "UserMailbox" | "SharedMailbox");
    let of = Parameters::new().with("Identity", identity.as_str());
    if is_wanted("FullAccess") && is_mailbox {
        let held = all(client, "Get-MailboxPermission", of.clone())?;
        found.extend(held.iter().filter_map(|held| permission(held, "FullAccess", "User")));
    }
    if is_wanted("SendOnBehalf") {
        let cmdlet = match kind.as_str() {
            "GroupMailbox" => "Get-UnifiedGroup",
            _ if is_mailbox => "Get-Mailbox",
            _ => "Get-DistributionGroup",
        };
        let names: Vec<String> = all(client, cmdlet, of)?
            .iter()
            .flat_map(|object| texts(object, SEND_ON_BEHALF))
            .map(str::to_owned)
            .collect();
        let mut known = HashMap::new();
        for name in &names {
            found.push(one("SendOnBehalf", &address(client, name, &mut known)?));
        }
    }
    if let Some(wanted) = trustee {
        found.retain(|right| {
            let trustee = text(right, "Trustee");
            let local = trustee.split('@').next().unwrap_or_default();
            trustee.eq_ignore_ascii_case(&wanted) || local.eq_ignore_ascii_case(&wanted)
        });
    }
    Ok(found)
}

/// A permission as Guichet lists it; `None` for those that are no right that somebody gave.
fn permission(held: &Object, right: &str, trustee: &str) -> Option<Object> {
    let is_true = |name: &str| held.get(name).and_then(Value::as_bool).unwrap_or(false);
    let who = text(held, trustee);
    let is_right =
        texts(held, "AccessRights").contains(&right) || text(held, "AccessRights") == right;
    let is_given = is_right
        && !is_true("IsInherited")
        && !is_true("Deny")
        && !text(held, "AccessControlType").eq_ignore_ascii_case("Deny")
        && !who.eq_ignore_ascii_case(SELF);
    is_given.then(|| {
        object(json!({
            "Identity": text(held, "Identity"), "Right": right, "Trustee": who, "IsInForce": true,
        }))
    })
}

/// The address behind the name of an object. A name that the tenant does not find stays as it is:
/// objects that were removed leave theirs behind.
fn address(
    client: &Client,
    name: &str,
    known: &mut HashMap<String, String>,
) -> Result<String, Error> {
    if let Some(address) = known.get(name) {
        return Ok(address.clone());
    }
    let asked = Parameters::new().with("Identity", name);
    let found = match all(client, "Get-Recipient", asked) {
        Ok(found) => found,
        Err(error) if error.status() == crate::cli::error::STATUS_NOT_FOUND => Vec::new(),
        Err(error) => return Err(error),
    };
    let address = match found.as_slice() {
        [one] if !text(one, "PrimarySmtpAddress").is_empty() => text(one, "PrimarySmtpAddress"),
        _ => name,
    };
    known.insert(name.to_owned(), address.to_owned());
    Ok(address.to_owned())
}

/// All pages of an answer.
fn all(client: &Client, cmdlet: &'static str, given: Parameters) -> Result<Vec<Object>, Error> {
    let mut objects = Vec::new();
    let mut page = client.post(cmdlet, given)?;
    loop {
        objects.append(&mut page.objects);
        match client.next_page(page)? {
            Some(next) => page = next,
            None => return Ok(objects),
        }
    }
}

fn required(given: &Parameters, name: &str) -> Result<String, Error> {
    let value = given.value(name).and_then(Value::as_str);
    value.map(str::to_owned).ok_or_else(|| Error::Usage(format!("{name} is missing")))
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_somebody_gave_is_a_right() {
        let held = |change: Value| {
            let mut held = object(json!({
                "Identity": "support", "User": "jean@contoso.com",
                "AccessRights": ["FullAccess"], "IsInherited": false, "Deny": false,
            }));
            held.extend(object(change));
            permission(&held, "FullAccess", "User")
        };
        assert_eq!(
            held(json!({})).map(|right| text(&right, "Trustee").to_owned()).as_deref(),
            Some("jean@contoso.com")
        );
        for other in [
            json!({ "User": "NT AUTHORITY\\SELF" }),
            json!({ "IsInherited": true }),
            json!({ "Deny": true }),
            json!({ "AccessControlType": "Deny" }),
            json!({ "AccessRights": ["ReadPermission"] }),
        ] {
            assert_eq!(held(other.clone()), None, "{other}");
        }
    }
}
