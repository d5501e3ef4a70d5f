//! One change: how it is told, and which call makes it.

use admin_protocol::parameters::Parameters;
use admin_protocol::text::timestamp;
use domain::{Right, Timestamp};
use serde_json::{Value, json};

use super::super::output::short_time;
use super::document::Kind;

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Organization,
    Object { kind: Kind, address: String },
}

/// How somebody belongs to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Owner,
    Member,
    Subscriber,
}

/// What becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    AddDomain(String),
    Create(Box<Creation>),
    Delete,
    Set(Setting),
    SetPrimary { from: String, to: String },
    AddAddress(String),
    RemoveAddress { address: String, was_primary: bool },
    AddChannel(String),
    RemoveChannel(String),
    AddLinks(Link, Vec<String>),
    RemoveLinks(Link, Vec<String>),
    Grant(Grant),
    Revoke { right: Right, to: String },
}

/// An object that is created, with what is given at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Creation {
    pub(super) name: String,
    pub(super) alias: Option<String>,
    pub(super) owners: Vec<String>,
    pub(super) channels: Vec<String>,
}

/// A setting that becomes another one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    /// The key in the file.
    pub(super) key: &'static str,
    /// The cmdlet's parameter.
    pub(super) parameter: &'static str,
    pub(super) from: Value,
    pub(super) to: Value,
}

/// A right that is given, or given anew.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grant {
    pub(super) right: Right,
    pub(super) to: String,
    pub(super) until: Option<Timestamp>,
    pub(super) reason: Option<String>,
    /// What was there: its end and its reason.
    pub(super) before: Option<(Option<Timestamp>, Option<String>)>,
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    pub(super) target: Target,
    pub(super) action: Action,
}

/// What a change does, for its mark and for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Adds,
    Changes,
    Removes,
}

impl Effect {
    pub(super) fn mark(self) -> &'static str {
        match self {
            Effect::Adds => "+",
            Effect::Changes => "~",
            Effect::Removes => "-",
        }
    }
}

impl Change {
    pub(super) fn effect(&self) -> Effect {
        match &self.action {
            Action::AddDomain(_)
            | Action::Create(_)
            | Action::AddAddress(_)
            | Action::AddChannel(_)
            | Action::AddLinks(..)
            | Action::Grant(Grant { before: None, .. }) => Effect::Adds,
            Action::Set(_) | Action::SetPrimary { .. } | Action::Grant(_) => Effect::Changes,
            Action::Delete
            | Action::RemoveAddress { .. }
            | Action::RemoveChannel(_)
            | Action::RemoveLinks(..)
            | Action::Revoke { .. } => Effect::Removes,
        }
    }

    /// When it is made among the others: rights end first, and what others need exists before.
    pub(super) fn phase(&self) -> u8 {
        match &self.action {
            Action::AddDomain(_) => 0,
            Action::Revoke { .. } => 1,
            Action::Delete => 2,
            Action::RemoveAddress { was_primary: false, .. } => 3,
            Action::Create(_) => 4,
            Action::SetPrimary { .. } | Action::AddAddress(_) => 5,
            Action::RemoveAddress { .. } => 6,
            Action::Set(_) => 7,
            Action::AddChannel(_) => 8,
            Action::AddLinks(Link::Owner, _) => 9,
            Action::AddLinks(Link::Member, _) => 10,
            Action::AddLinks(Link::Subscriber, _) => 11,
            Action::Grant(_) => 12,
            Action::RemoveLinks(Link::Subscriber, _) => 13,
            Action::RemoveLinks(Link::Owner, _) => 14,
            Action::RemoveLinks(Link::Member, _) => 15,
            Action::RemoveChannel(_) => 16,
        }
    }

    /// Rights and memberships that it takes away.
    pub(super) fn removals(&self) -> usize {
        match &self.action {
            Action::Revoke { .. } => 1,
            Action::RemoveLinks(Link::Member | Link::Owner, who) => who.len(),
            _ => 0,
        }
    }

    /// Whether mail is lost with it: an object or a channel goes.
    pub(super) fn deletes(&self) -> bool {
        matches!(self.action, Action::Delete | Action::RemoveChannel(_))
    }

    /// What it does, in words, without mark and target.
    pub(super) fn words(&self) -> String {
        match &self.action {
            Action::AddDomain(domain) => format!("accepted domain {domain}"),
            Action::Create(new) => format!("created as {:?}", new.name),
            Action::Delete => "deleted, with its mail and all rights".to_owned(),
            Action::Set(Setting { key, from, to, .. }) => {
                format!("{key}: {} → {}", shown(from), shown(to))
            }
            Action::SetPrimary { from, to } => format!("address: {from} → {to}"),
            Action::AddAddress(address) | Action::RemoveAddress { address, .. } => {
                format!("alias {address}")
            }
            Action::AddChannel(name) => format!("channel {name}"),
            Action::RemoveChannel(name) => format!("channel {name}, with its mail"),
            Action::AddLinks(link, who) | Action::RemoveLinks(link, who) => {
                format!("{} {}", link.noun(), who.join(", "))
            }
            Action::Grant(grant) => grant.words(),
            Action::Revoke { right, to } => format!("{right} for {to}"),
        }
    }

    /// For `--json`.
    pub(super) fn to_json(&self) -> Value {
        let (kind, address) = match &self.target {
            Target::Organization => ("organization", Value::Null),
            Target::Object { kind, address } => (kind.section(), address.as_str().into()),
        };
        let effect = match self.effect() {
            Effect::Adds => "add",
            Effect::Changes => "change",
            Effect::Removes => "remove",
        };
        let (what, detail) = self.detail();
        json!({
            "effect": effect,
            "object": kind,
            "address": address,
            "what": what,
            "detail": detail,
            "text": self.words(),
        })
    }

    fn detail(&self) -> (&'static str, Value) {
        match &self.action {
            Action::AddDomain(domain) => ("domain", json!({ "to": domain })),
            Action::Create(new) => ("object", json!({ "name": new.name })),
            Action::Delete => ("object", Value::Null),
            Action::Set(Setting { key, from, to, .. }) => (key, json!({ "from": from, "to": to })),
            Action::SetPrimary { from, to } => ("address", json!({ "from": from, "to": to })),
            Action::AddAddress(address) => ("alias", json!({ "to": address })),
            Action::RemoveAddress { address, .. } => ("alias", json!({ "from": address })),
            Action::AddChannel(name) => ("channel", json!({ "to": name })),
            Action::RemoveChannel(name) => ("channel", json!({ "from": name })),
            Action::AddLinks(link, who) => (link.noun(), json!({ "to": who })),
            Action::RemoveLinks(link, who) => (link.noun(), json!({ "from": who })),
            Action::Grant(grant) => (
                grant.right.as_str(),
                json!({
                    "to": grant.to,
                    "until": grant.until.map(timestamp),
                    "reason": grant.reason,
                }),
            ),
            Action::Revoke { right, to } => (right.as_str(), json!({ "from": to })),
        }
    }

    /// The call that makes it.
    pub(super) fn call(&self) -> (&'static str, Parameters) {
        let parameters = Parameters::new();
        let Target::Object { kind, address } = &self.target else {
            return match &self.action {
                Action::AddDomain(domain) => {
                    ("New-AcceptedDomain", parameters.with("DomainName", domain.as_str()))
                }
                Action::Set(setting) => {
                    let value = setting.to.clone();
                    ("Set-OrganizationConfig", parameters.with(setting.parameter, value))
                }
                _ => ("Get-OrganizationConfig", parameters),
            };
        };
        let named = parameters.with("Identity", address.as_str());
        let one = |text: &String| vec![text.clone()];
        match &self.action {
            Action::Create(new) => new.call(*kind, address),
            Action::Delete => (remove_cmdlet(*kind), named),
            Action::Set(setting) => {
                (set_cmdlet(*kind), named.with(setting.parameter, setting.to.clone()))
            }
            Action::SetPrimary { from, to } => {
                let named = Parameters::new().with("Identity", from.as_str());
                (set_cmdlet(*kind), named.with(primary_parameter(*kind), to.as_str()))
            }
            Action::AddAddress(alias) => {
                (set_cmdlet(*kind), named.with_edit("EmailAddresses", &one(alias), &[]))
            }
            Action::RemoveAddress { address: alias, .. } => {
                (set_cmdlet(*kind), named.with_edit("EmailAddresses", &[], &one(alias)))
            }
            Action::AddChannel(name) => {
                (set_cmdlet(*kind), named.with_edit("Channels", &one(name), &[]))
            }
            Action::RemoveChannel(name) => {
                (set_cmdlet(*kind), named.with_edit("Channels", &[], &one(name)))
            }
            Action::AddLinks(link, who) => ("Add-UnifiedGroupLinks", link.parameters(named, who)),
            Action::RemoveLinks(link, who) => {
                ("Remove-UnifiedGroupLinks", link.parameters(named, who))
            }
            Action::Grant(grant) => {
                let parameters = named
                    .with("Trustee", grant.to.as_str())
                    .with("Right", right_parameter(grant.right))
                    .with_some("Until", grant.until.map(timestamp))
                    .with_some("Reason", grant.reason.clone());
                ("Add-GuichetPermission", parameters)
            }
            Action::Revoke { right, to } => (
                "Remove-GuichetPermission",
                named.with("Trustee", to.as_str()).with("Right", right_parameter(*right)),
            ),
            Action::AddDomain(_) => ("Get-AcceptedDomain", Parameters::new()),
        }
    }
}

impl Creation {
    fn call(&self, kind: Kind, address: &str) -> (&'static str, Parameters) {
        let parameters = Parameters::new();
        let alias = self.alias.clone();
        match kind {
            Kind::User | Kind::Shared => (
                "New-Mailbox",
                parameters
                    .with("Name", self.name.as_str())
                    .with("PrimarySmtpAddress", address)
                    .with_some("Alias", alias)
                    .with_some("Shared", (kind == Kind::Shared).then_some(true)),
            ),
            Kind::Contact => (
                "New-MailContact",
                parameters
                    .with("Name", self.name.as_str())
                    .with("ExternalEmailAddress", address)
                    .with_some("Alias", alias),
            ),
            Kind::Group | Kind::Team => (
                "New-UnifiedGroup",
                parameters
                    .with("DisplayName", self.name.as_str())
                    .with("PrimarySmtpAddress", address)
                    .with_some("Alias", alias)
                    .with_list("Owner", &self.owners)
                    .with_some("Team", (kind == Kind::Team).then_some(true))
                    .with_list("Channels", &self.channels),
            ),
        }
    }
}

impl Grant {
    fn words(&self) -> String {
        let until = |at: Option<Timestamp>| match at.and_then(|at| short_time(&timestamp(at))) {
            Some(end) => format!("until {end}"),
            None => "without an end".to_owned(),
        };
        let mut text = format!("{} for {}", self.right, self.to);
        match &self.before {
            Some((before, _)) if *before != self.until => {
                text.push_str(&format!(": {} → {}", until(*before), until(self.until)));
            }
            Some(_) => {}
            None if self.until.is_some() => text.push_str(&format!(", {}", until(self.until))),
            None => {}
        }
        if let Some(reason) = &self.reason {
            text.push_str(&format!(" ({reason})"));
        }
        text
    }
}

impl Link {
    fn noun(self) -> &'static str {
        match self {
            Link::Owner => "owner",
            Link::Member => "member",
            Link::Subscriber => "subscriber",
        }
    }

    fn parameters(self, named: Parameters, who: &[String]) -> Parameters {
        let link = match self {
            Link::Owner => "Owners",
            Link::Member => "Members",
            Link::Subscriber => "Subscribers",
        };
        named.with("LinkType", link).with_list("Links", who)
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text:?}"),
        Value::Bool(true) => "true".to_owned(),
        Value::Bool(false) => "false".to_owned(),
        other => other.to_string(),
    }
}

fn set_cmdlet(kind: Kind) -> &'static str {
    match kind {
        Kind::User | Kind::Shared => "Set-Mailbox",
        Kind::Group | Kind::Team => "Set-UnifiedGroup",
        Kind::Contact => "Set-MailContact",
    }
}

fn remove_cmdlet(kind: Kind) -> &'static str {
    match kind {
        Kind::User | Kind::Shared => "Remove-Mailbox",
        Kind::Group | Kind::Team => "Remove-UnifiedGroup",
        Kind::Contact => "Remove-MailContact",
    }
}

fn primary_parameter(kind: Kind) -> &'static str {
    match kind {
        Kind::User | Kind::Shared => "WindowsEmailAddress",
        Kind::Group | Kind::Team => "PrimarySmtpAddress",
        Kind::Contact => "ExternalEmailAddress",
    }
}

fn right_parameter(right: Right) -> &'static str {
    match right {
        Right::SendAs => "SendAs",
        Right::SendOnBehalf => "SendOnBehalf",
        Right::FullAccess => "FullAccess",
    }
}
