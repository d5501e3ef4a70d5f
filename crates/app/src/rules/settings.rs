//! Rules as every surface writes them: Exchange's parameters with their values. What
//! [`of_transport`] gives, `read_transport` reads; so a change of a rule is a change of its
//! settings, and the command that would make it is known.

mod read;

use std::collections::BTreeMap;

use domain::rules::{
    Action, Journal, JournalScope, Mode, Predicate, REJECT_DETAIL, SenderAddressLocation, Transport,
};
use domain::{Directory, Timestamp};

pub(crate) use read::{read_journal, read_transport};

/// The settings of a rule: values by the parameter's name, in Exchange's spelling. What is not
/// there is not set.
pub type Settings = BTreeMap<String, Vec<String>>;

/// Conditions of mail flow rules. Each has a twin that begins with [`EXCEPT_IF`].
pub const CONDITIONS: [&str; 21] = [
    "FromScope",
    "From",
    "FromMemberOf",
    "FromAddressContainsWords",
    "FromAddressMatchesPatterns",
    "SenderDomainIs",
    "SentAs",
    "SentBy",
    "SentTo",
    "SentToMemberOf",
    "SentToScope",
    "RecipientDomainIs",
    "SubjectContainsWords",
    "SubjectMatchesPatterns",
    "HeaderContainsMessageHeader",
    "HeaderContainsWords",
    "HeaderMatchesMessageHeader",
    "HeaderMatchesPatterns",
    "MessageSizeOver",
    "HasAttachment",
    "AttachmentExtensionMatchesWords",
];

/// What makes a condition an exception.
pub const EXCEPT_IF: &str = "ExceptIf";

/// Actions of mail flow rules.
pub const ACTIONS: [&str; 9] = [
    "RejectMessageReasonText",
    "RejectMessageEnhancedStatusCode",
    "RedirectMessageTo",
    "BlindCopyTo",
    "AddToRecipients",
    "PrependSubject",
    "RemoveHeader",
    "SetHeaderName",
    "SetHeaderValue",
];

/// What else is said of mail flow rules.
pub const PROPERTIES: [&str; 6] = [
    "StopRuleProcessing",
    "Mode",
    "ActivationDate",
    "ExpiryDate",
    "SenderAddressLocation",
    "Comments",
];

/// What is said of journal rules.
pub const JOURNAL: [&str; 3] = ["JournalEmailAddress", "Recipient", "Scope"];

/// All parameters of mail flow rules, in the order in which people read them.
pub fn transport_parameters() -> impl Iterator<Item = String> {
    let plain = |list: &'static [&'static str]| list.iter().map(|name| (*name).to_owned());
    let exceptions = CONDITIONS.iter().map(|name| format!("{EXCEPT_IF}{name}"));
    plain(&CONDITIONS).chain(exceptions).chain(plain(&ACTIONS)).chain(plain(&PROPERTIES))
}

/// The settings of a mail flow rule.
pub fn of_transport(directory: &Directory, body: &Transport) -> Settings {
    let mut settings = Settings::new();
    for predicate in &body.conditions {
        put_predicate(&mut settings, "", predicate, directory);
    }
    for predicate in &body.exceptions {
        put_predicate(&mut settings, EXCEPT_IF, predicate, directory);
    }
    for action in &body.actions {
        put_action(&mut settings, action, directory);
    }
    let mut put = |name: &str, value: String| {
        settings.insert(name.to_owned(), vec![value]);
    };
    if body.stops_processing {
        put("StopRuleProcessing", "true".to_owned());
    }
    if body.mode == Mode::Audit {
        put("Mode", "Audit".to_owned());
    }
    let location = match body.sender_address_location {
        SenderAddressLocation::Header => None,
        SenderAddressLocation::Envelope => Some("Envelope"),
        SenderAddressLocation::HeaderOrEnvelope => Some("HeaderOrEnvelope"),
    };
    if let Some(location) = location {
        put("SenderAddressLocation", location.to_owned());
    }
    let at = |at: Timestamp| crate::dates::instant(at);
    if let Some(from) = body.activation_at {
        put("ActivationDate", at(from));
    }
    if let Some(until) = body.expiry_at {
        put("ExpiryDate", at(until));
    }
    if !body.comments.is_empty() {
        put("Comments", body.comments.clone());
    }
    settings
}

fn put_predicate(
    settings: &mut Settings,
    prefix: &str,
    predicate: &Predicate,
    directory: &Directory,
) {
    let header = match predicate {
        Predicate::HeaderContains { name, .. } => Some(("HeaderContainsMessageHeader", name)),
        Predicate::HeaderMatches { name, .. } => Some(("HeaderMatchesMessageHeader", name)),
        _ => None,
    };
    if let Some((parameter, name)) = header {
        settings.insert(format!("{prefix}{parameter}"), vec![name.clone()]);
    }
    let values = predicate.values(directory);
    settings.insert(format!("{prefix}{}", predicate.parameter()), values);
}

fn put_action(settings: &mut Settings, action: &Action, directory: &Directory) {
    let shown = |parties: &[domain::rules::Party]| {
        parties.iter().map(|party| party.shown(directory)).collect::<Vec<_>>()
    };
    let mut put = |name: &str, values: Vec<String>| {
        settings.insert(name.to_owned(), values);
    };
    match action {
        Action::Reject { detail, text } => {
            put("RejectMessageReasonText", vec![text.clone()]);
            if *detail != REJECT_DETAIL {
                put("RejectMessageEnhancedStatusCode", vec![format!("5.7.{detail}")]);
            }
        }
        Action::BlindCopyTo(parties) => put("BlindCopyTo", shown(parties)),
        Action::AddToRecipients(parties) => put("AddToRecipients", shown(parties)),
        Action::RedirectMessageTo(parties) => put("RedirectMessageTo", shown(parties)),
        Action::SetHeader { name, value } => {
            put("SetHeaderName", vec![name.clone()]);
            put("SetHeaderValue", vec![value.clone()]);
        }
        Action::RemoveHeader(name) => put("RemoveHeader", vec![name.clone()]),
        Action::PrependSubject(text) => put("PrependSubject", vec![text.clone()]),
    }
}

/// The settings of a journal rule.
pub fn of_journal(directory: &Directory, body: &Journal) -> Settings {
    let mut settings = Settings::new();
    let address = vec![body.address.shown(directory)];
    settings.insert("JournalEmailAddress".to_owned(), address);
    if let Some(recipient) = body.recipient {
        let shown = domain::rules::Party::Recipient(recipient).shown(directory);
        settings.insert("Recipient".to_owned(), vec![shown]);
    }
    if body.scope != JournalScope::Global {
        settings.insert("Scope".to_owned(), vec![body.scope.as_str().to_owned()]);
    }
    settings
}

/// The same settings with changes: of each parameter that is named the values are these now, and
/// without any it is not set. Says which name is none of a rule's.
pub(crate) fn merged(
    mut settings: Settings,
    changes: &Settings,
    known: &[String],
) -> Result<Settings, String> {
    for (name, values) in changes {
        let canonical = known.iter().find(|known| known.eq_ignore_ascii_case(name));
        let Some(canonical) = canonical else { return Err(name.clone()) };
        let values: Vec<String> = values
            .iter()
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
            .collect();
        if values.is_empty() {
            settings.remove(canonical);
        } else {
            settings.insert(canonical.clone(), values);
        }
    }
    Ok(settings)
}

#[cfg(test)]
mod tests;
