//! The directory as it is, read through the admin protocol at one version of it.

use std::collections::HashMap;

use admin_protocol::cmdlet::Object;
use admin_protocol::parameters::Parameters;
use admin_protocol::text::parse_timestamp;
use domain::{Right, Timestamp};
use serde_json::Value;

use super::super::error::Error;
use super::super::output::{text, texts};
use super::super::session::Session;
use super::document::Kind;

/// How often the directory is read again when it changes while it is read.
const READINGS_MAX: usize = 5;
/// Entries that are asked for at once.
const ENTRIES_AT_ONCE: u64 = 1_000;

/// The directory.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Live {
    /// The version that everything below is of.
    pub(super) version: i64,
    pub(super) organization: LiveOrganization,
    pub(super) objects: Vec<LiveObject>,
    /// Every address and alias, in lower case, to the object's place in the list.
    by_name: HashMap<String, usize>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct LiveOrganization {
    pub(super) name: String,
    pub(super) send_from_alias: bool,
    pub(super) report: String,
    pub(super) language: String,
    pub(super) domains: Vec<String>,
}

/// An object with all that hangs on it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LiveObject {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) alias: String,
    /// The primary one first.
    pub(super) addresses: Vec<String>,
    pub(super) members: Vec<LiveMember>,
    pub(super) channels: Vec<String>,
    pub(super) grants: Vec<LiveGrant>,
    pub(super) hidden: bool,
    pub(super) require_sender_authentication: bool,
    pub(super) copy_to_person: bool,
    pub(super) notes: String,
    /// Of a user, in lower case.
    pub(super) role: String,
    pub(super) disabled: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct LiveMember {
    pub(super) address: String,
    pub(super) is_owner: bool,
    pub(super) is_subscribed: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct LiveGrant {
    pub(super) right: Right,
    pub(super) to: String,
    pub(super) until: Option<Timestamp>,
    pub(super) reason: Option<String>,
    pub(super) is_in_force: bool,
}

impl LiveObject {
    /// An object as it is when it was just created with nothing but a name.
    pub(super) fn born(kind: Kind, address: &str) -> LiveObject {
        LiveObject {
            kind,
            name: String::new(),
            alias: String::new(),
            addresses: vec![address.to_owned()],
            members: Vec::new(),
            channels: Vec::new(),
            grants: Vec::new(),
            hidden: false,
            require_sender_authentication: false,
            copy_to_person: true,
            notes: String::new(),
            role: "member".to_owned(),
            disabled: false,
        }
    }

    pub(super) fn primary(&self) -> &str {
        self.addresses.first().map_or("", String::as_str)
    }
}

impl Live {
    /// The directory of these objects, for one version of it.
    pub(super) fn new(
        version: i64,
        organization: LiveOrganization,
        objects: Vec<LiveObject>,
    ) -> Live {
        let mut by_name = HashMap::new();
        for (place, object) in objects.iter().enumerate() {
            by_name.entry(object.alias.to_lowercase()).or_insert(place);
        }
        // An address is a better name than somebody else's alias.
        for (place, object) in objects.iter().enumerate() {
            for address in &object.addresses {
                by_name.insert(address.to_lowercase(), place);
            }
        }
        Live { version, organization, objects, by_name }
    }

    /// The object that an export of another product names: also by a display name that only one
    /// has.
    pub(super) fn find_named(&self, name: &str) -> Option<&LiveObject> {
        self.find(name).or_else(|| {
            let lower = name.to_lowercase();
            let mut named = self.objects.iter().filter(|found| found.name.to_lowercase() == lower);
            match (named.next(), named.next()) {
                (Some(only), None) => Some(only),
                _ => None,
            }
        })
    }

    /// The object with this address or alias.
    pub(super) fn find(&self, name: &str) -> Option<&LiveObject> {
        self.by_name.get(&name.to_lowercase()).map(|place| &self.objects[*place])
    }
}

/// Reads the whole directory; again where it changed meanwhile.
pub(super) fn read(session: &mut Session) -> Result<Live, Error> {
    for _ in 0..READINGS_MAX {
        if let Some(live) = read_once(session)? {
            return Ok(live);
        }
    }
    Err(Error::Conflict("the directory changes faster than it can be read: try again".to_owned()))
}

/// Nothing where entries of two versions came.
fn read_once(session: &mut Session) -> Result<Option<Live>, Error> {
    let mut entries: Vec<Object> = Vec::new();
    loop {
        let last = entries.last().map(|entry| number(entry, "Number"));
        let parameters =
            Parameters::new().with_some("StartAfter", last).with("ResultSize", ENTRIES_AT_ONCE);
        let page = session.call("Get-DirectoryState", parameters)?;
        let is_last = (page.len() as u64) < ENTRIES_AT_ONCE;
        entries.extend(page);
        if is_last {
            break;
        }
    }
    let version = entries.first().map_or(0, |entry| number(entry, "DirectoryVersion"));
    let is_mixed = entries.iter().any(|entry| number(entry, "DirectoryVersion") != version);
    Ok((!is_mixed).then(|| of_entries(version, &entries)))
}

fn of_entries(version: i64, entries: &[Object]) -> Live {
    let mut organization = LiveOrganization::default();
    let mut objects: Vec<LiveObject> = Vec::new();
    for entry in entries {
        match text(entry, "Type") {
            "Organization" => organization = organization_of(entry),
            "User" => objects.push(object_of(entry, Kind::User)),
            "SharedMailbox" => objects.push(object_of(entry, Kind::Shared)),
            "Group" => objects.push(object_of(entry, Kind::Group)),
            "Team" => objects.push(object_of(entry, Kind::Team)),
            "Contact" => objects.push(object_of(entry, Kind::Contact)),
            _ => {}
        }
    }
    for channel in entries.iter().filter(|entry| text(entry, "Type") == "Channel") {
        let team = objects.iter_mut().find(|object| object.primary() == text(channel, "Team"));
        if let Some(team) = team {
            team.channels.push(text(channel, "DisplayName").to_owned());
        }
    }
    Live::new(version, organization, objects)
}

fn organization_of(entry: &Object) -> LiveOrganization {
    LiveOrganization {
        name: text(entry, "DisplayName").to_owned(),
        send_from_alias: truth(entry, "SendFromAliasEnabled"),
        report: text(entry, "SendAsReportSchedule").to_lowercase(),
        language: text(entry, "Language").to_owned(),
        domains: owned(texts(entry, "Addresses")),
    }
}

fn object_of(entry: &Object, kind: Kind) -> LiveObject {
    LiveObject {
        kind,
        name: text(entry, "DisplayName").to_owned(),
        alias: text(entry, "Alias").to_owned(),
        addresses: owned(texts(entry, "Addresses")),
        members: items(entry, "Members").map(member_of).collect(),
        channels: Vec::new(),
        grants: items(entry, "Grants").filter_map(grant_of).collect(),
        hidden: truth(entry, "HiddenFromAddressListsEnabled"),
        require_sender_authentication: truth(entry, "RequireSenderAuthenticationEnabled"),
        copy_to_person: truth(entry, "CopySentMailToPersonEnabled"),
        notes: text(entry, "Notes").to_owned(),
        role: text(entry, "Role").to_lowercase(),
        disabled: truth(entry, "AccountDisabled"),
    }
}

fn member_of(entry: &Object) -> LiveMember {
    LiveMember {
        address: text(entry, "Address").to_owned(),
        is_owner: text(entry, "Role") == "Owner",
        is_subscribed: truth(entry, "IsSubscribed"),
    }
}

fn grant_of(entry: &Object) -> Option<LiveGrant> {
    let right = match text(entry, "Right") {
        "SendAs" => Right::SendAs,
        "SendOnBehalf" => Right::SendOnBehalf,
        "FullAccess" => Right::FullAccess,
        _ => return None,
    };
    Some(LiveGrant {
        right,
        to: text(entry, "Trustee").to_owned(),
        until: parse_timestamp(text(entry, "UntilUTC")),
        reason: Some(text(entry, "Reason").to_owned()).filter(|reason| !reason.is_empty()),
        is_in_force: truth(entry, "IsInForce"),
    })
}

fn items<'a>(entry: &'a Object, property: &str) -> impl Iterator<Item = &'a Object> {
    entry.get(property).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn truth(entry: &Object, property: &str) -> bool {
    entry.get(property).and_then(Value::as_bool) == Some(true)
}

fn number(entry: &Object, property: &str) -> i64 {
    entry.get(property).and_then(Value::as_i64).unwrap_or(0)
}

fn owned(list: Vec<&str>) -> Vec<String> {
    list.into_iter().map(str::to_owned).collect()
}
