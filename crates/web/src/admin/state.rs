//! `Get-DirectoryState`: the directory as a whole, in pages by number, each with the version of
//! the directory that it shows.

use admin_protocol::cmdlet::Object;
use admin_protocol::failure::Failure;
use admin_protocol::parameters::ResultSize;
use domain::{
    Directory, MemberRole, Recipient, RecipientId, RecipientKind, ReportSchedule, Timestamp,
};
use serde_json::{Value, json};

use super::call::{Answer, Call, object};
use super::object::{self, optional_timestamp, primary};

/// Entries of an answer where nothing else is wanted.
const ENTRIES_DEFAULT: usize = 1_000;

pub(crate) fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let after = call.parameters.integer("StartAfter")?;
    let most = match call.parameters.integer_or_unlimited("ResultSize")? {
        Some(ResultSize::Unlimited) => usize::MAX,
        Some(ResultSize::AtMost(most)) => usize::try_from(most).unwrap_or(usize::MAX),
        None => ENTRIES_DEFAULT,
    };
    let directory = call.app.directory();
    let after_id = RecipientId(i64::try_from(after.unwrap_or(0)).unwrap_or(i64::MAX));
    let mut listed: Vec<&Recipient> =
        directory.recipients().filter(|recipient| recipient.id > after_id).collect();
    listed.sort_unstable_by_key(|recipient| recipient.id);
    let first = after.is_none().then(|| organization(&directory));
    let recipients = listed.into_iter().map(|of| recipient(&directory, of, call.now));
    Ok(Answer::of(first.into_iter().chain(recipients).take(most).collect()))
}

fn organization(directory: &Directory) -> Object {
    let organization = directory.organization();
    let domains: Vec<&str> = directory.accepted_domains().iter().map(|d| d.as_str()).collect();
    object(json!({
        "DirectoryVersion": directory.version(),
        "Number": 0,
        "Type": "Organization",
        "DisplayName": organization.name,
        "Alias": "",
        "Addresses": domains,
        "Team": null,
        "Members": [],
        "Grants": [],
        "Role": null,
        "AccountDisabled": null,
        "HiddenFromAddressListsEnabled": false,
        "RequireSenderAuthenticationEnabled": false,
        "CopySentMailToPersonEnabled": false,
        "Notes": "",
        "SendFromAliasEnabled": organization.keeps_alias_as_author,
        "SendAsReportSchedule": schedule(organization.report_schedule),
        "Language": organization.language.tag(),
    }))
}

fn recipient(directory: &Directory, of: &Recipient, now: Timestamp) -> Object {
    let settings = &of.settings;
    let addresses: Vec<String> = of.addresses.iter().map(ToString::to_string).collect();
    let account = of.account.as_ref();
    object(json!({
        "DirectoryVersion": directory.version(),
        "Number": of.id.0,
        "Type": type_name(of),
        "DisplayName": of.display_name,
        "Alias": of.alias,
        "Addresses": addresses,
        "Team": of.team.map(|team| primary(directory, team)),
        "Members": members(directory, of.id),
        "Grants": grants(directory, of.id, now),
        "Role": account.map(|account| object::role(account.role)),
        "AccountDisabled": account.map(|account| account.is_disabled),
        "HiddenFromAddressListsEnabled": settings.is_hidden_from_address_lists,
        "RequireSenderAuthenticationEnabled": settings.requires_sender_authentication,
        "CopySentMailToPersonEnabled": settings.copies_sent_mail_to_person,
        "Notes": settings.notes,
        "SendFromAliasEnabled": null,
        "SendAsReportSchedule": null,
        "Language": null,
    }))
}

fn members(directory: &Directory, group: RecipientId) -> Vec<Value> {
    let shown = directory.members_of(group).iter().map(|of| {
        let role = if of.role == MemberRole::Owner { "Owner" } else { "Member" };
        let address = primary(directory, of.member);
        json!({ "Address": address, "Role": role, "IsSubscribed": of.is_subscribed })
    });
    shown.collect()
}

fn grants(directory: &Directory, recipient: RecipientId, now: Timestamp) -> Vec<Value> {
    let shown = directory.grants_on(recipient).iter().map(|grant| {
        json!({
            "Right": object::right(grant.right),
            "Trustee": primary(directory, grant.trustee),
            "UntilUTC": optional_timestamp(grant.until_at),
            "Reason": grant.reason,
            "IsInForce": grant.is_in_force(now),
        })
    });
    shown.collect()
}

fn type_name(recipient: &Recipient) -> &'static str {
    match recipient.kind {
        RecipientKind::User => "User",
        RecipientKind::SharedMailbox => "SharedMailbox",
        RecipientKind::Group if recipient.settings.is_team => "Team",
        RecipientKind::Group => "Group",
        RecipientKind::Contact => "Contact",
        RecipientKind::Channel => "Channel",
    }
}

/// The name of a schedule.
pub(crate) fn schedule(schedule: ReportSchedule) -> &'static str {
    match schedule {
        ReportSchedule::Never => "Never",
        ReportSchedule::Monthly => "Monthly",
    }
}

/// Reads the name of a schedule.
pub(crate) fn read_schedule(text: &str) -> Option<ReportSchedule> {
    [ReportSchedule::Never, ReportSchedule::Monthly]
        .into_iter()
        .find(|known| schedule(*known).eq_ignore_ascii_case(text))
}
