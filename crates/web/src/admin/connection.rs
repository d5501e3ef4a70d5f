//! `Get-ConnectionInformation`: who the caller is and which server answers.

use admin_protocol::failure::Failure;
use admin_protocol::invoke::MAX_PAGE_SIZE;
use serde_json::json;

use super::call::{Answer, Call, object};
use super::object::{optional_timestamp, role};

pub(crate) fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let directory = call.app.directory();
    let actor = &call.caller.actor;
    let organization = directory.organization();
    let default_domain = directory.accepted_domains().first().map(ToString::to_string);
    let answer = object(json!({
        "ConnectionId": call.connection_id,
        "State": "Connected",
        "Id": 1,
        "Name": "ExchangeOnline_1",
        "ConnectionUri": call.url,
        "TokenStatus": "Active",
        "PageSize": MAX_PAGE_SIZE,
        "CertificateAuthentication": false,
        "IsEopSession": false,
        "UserPrincipalName": actor.name(&directory),
        "Role": actor.role(&directory).map(role).unwrap_or_default(),
        "Organization": organization.name,
        "TenantID": organization.guid,
        "DefaultDomain": default_domain.unwrap_or_default(),
        "ServerVersion": env!("CARGO_PKG_VERSION"),
        "TokenExpiryTimeUTC": optional_timestamp(call.caller.token_expires_at),
    }));
    Ok(Answer::of(vec![answer]))
}
