//! The dry run: which rules would act on a message, and why the others would not.

use bytes::Bytes;
use domain::gate::{self, SendRequest};
use domain::rules::{RuleOutcome, RuleResult, Verdict};
use domain::{Directory, Refusal, Timestamp};
use mail::{Address, Message, ReversePath};

use super::{Candidate, Hand, expanded, reports, verdict};
use crate::App;
use crate::envelope::{Envelope, EnvelopeRecipient};
use crate::read::address;

/// A message that nobody sends.
#[derive(Debug, Clone, Default)]
pub struct RehearsedMail {
    /// The account that would submit it, as an administrator names it; empty: from outside.
    pub by: String,
    /// The author's address.
    pub from: String,
    /// The recipients.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// Further header fields, one `Name: value` a line.
    pub header: String,
}

/// What would become of it.
#[derive(Debug, Clone, Default)]
pub struct Rehearsal {
    /// That the gate refuses it, so that no rule is asked.
    pub denied: Option<Refusal>,
    /// What the rules would do.
    pub verdict: Verdict,
    /// What each condition or exception that decided was, by the place of the rule.
    pub decisive: Vec<Option<(String, Vec<String>)>>,
    /// Where it would go: the envelope recipients after the rules.
    pub recipients: Vec<String>,
    /// Where journal reports would go, with the rules that want them.
    pub journal: Vec<(String, Vec<String>)>,
}

/// Why a message cannot even be thought of; the value that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub struct Unthinkable {
    /// Which value.
    pub what: &'static str,
    /// What is wrong with it.
    pub why: String,
}

fn unthinkable(what: &'static str, why: impl Into<String>) -> Unthinkable {
    Unthinkable { what, why: why.into() }
}

impl App {
    /// Asks the rules about a message as acceptance would, and does nothing.
    pub fn rehearse(&self, mail: &RehearsedMail, now: Timestamp) -> Result<Rehearsal, Unthinkable> {
        rehearse(&self.directory(), mail, &self.settings.hostname, now)
    }
}

fn rehearse(
    directory: &Directory,
    mail: &RehearsedMail,
    hostname: &str,
    now: Timestamp,
) -> Result<Rehearsal, Unthinkable> {
    let from =
        address(directory, &mail.from).map_err(|error| unthinkable("From", error.to_string()))?;
    let to = mail.to.iter().map(|text| {
        address(directory, text).map_err(|error| unthinkable("To", format!("{text}: {error}")))
    });
    let to = to.collect::<Result<Vec<Address>, _>>()?;
    if to.is_empty() {
        return Err(unthinkable("To", "name at least one recipient"));
    }
    let message = written(mail, &from, &to)?;
    let mut hand = Hand { actor: None, represented: None, author: Some(&from) };
    if !mail.by.trim().is_empty() {
        let actor = crate::read::find(directory, &mail.by)
            .ok_or_else(|| unthinkable("By", format!("'{}' couldn't be found", mail.by.trim())))?;
        match gate::decide(directory, &SendRequest { actor: actor.id, author: &from, now }) {
            Ok(permission) => {
                hand = Hand {
                    actor: Some(actor.id),
                    represented: Some(permission.represented),
                    ..hand
                };
            }
            Err(refusal) => {
                return Ok(Rehearsal { denied: Some(refusal), ..Rehearsal::default() });
            }
        }
    }
    let envelope = Envelope {
        reverse_path: ReversePath::Address(from.clone()),
        recipients: to.into_iter().map(EnvelopeRecipient::new).collect(),
        envelope_id: None,
    };
    let candidate = Candidate { hand, envelope: &envelope, message: &message, hostname, now };
    let verdict = verdict(directory, &candidate).unwrap_or_default();
    let decisive = verdict.outcomes.iter().map(|outcome| decisive(directory, outcome)).collect();
    let expansion = expanded(directory, Some(&verdict), &envelope);
    let copies = match verdict.refusal {
        Some(_) => Vec::new(),
        None => reports(directory, &hand, &expansion),
    };
    let recipients = verdict.recipients.clone().unwrap_or_else(|| envelope.addresses());
    Ok(Rehearsal {
        denied: None,
        decisive,
        recipients: recipients.iter().map(Address::to_string).collect(),
        journal: copies
            .into_iter()
            .map(|copy| (copy.address.shown(directory), copy.rules))
            .collect(),
        verdict,
    })
}

/// The condition or exception for which a rule does not act: its parameter and values.
fn decisive(directory: &Directory, outcome: &RuleOutcome) -> Option<(String, Vec<String>)> {
    let rules = directory.rules()?;
    let rule = rules.transport.iter().find(|rule| rule.id == outcome.rule)?;
    let (prefix, predicate) = match outcome.result {
        RuleResult::Unmet(at) => ("", rule.body.conditions.get(at)?),
        RuleResult::Excepted(at) => ("ExceptIf", rule.body.exceptions.get(at)?),
        _ => return None,
    };
    Some((format!("{prefix}{}", predicate.parameter()), predicate.values(directory)))
}

fn written(mail: &RehearsedMail, from: &Address, to: &[Address]) -> Result<Message, Unthinkable> {
    let to: Vec<String> = to.iter().map(Address::to_string).collect();
    let subject: String = mail.subject.chars().filter(|c| !c.is_control()).collect();
    let mut text = format!(
        "From: {from}\r\nTo: {}\r\nSubject: {}\r\n",
        to.join(",\r\n "),
        mail::fold("Subject", &subject)
    );
    for line in mail.header.lines().filter(|line| !line.trim().is_empty()) {
        text.push_str(line.trim());
        text.push_str("\r\n");
    }
    text.push_str("\r\n");
    Message::parse(Bytes::from(text)).map_err(|error| unthinkable("Header", error.to_string()))
}
