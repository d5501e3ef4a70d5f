//! Rules at work: what `domain::rules` says of a message is carried out here, in the write set that
//! accepts it, and told in its trace.
//!
//! Rules are asked after the gate and after each recipient was admitted. Where nobody has written
//! a rule nothing of this runs.

mod header;
mod journal;
mod rehearse;
pub mod settings;

use std::cell::OnceCell;

use domain::routing::{self, Expansion, Origin};
use domain::rules::{
    Effect, Facts, JournalCopy, JournalFacts, RuleOutcome, RuleRefusal, RuleResult, Verdict,
    journal_copies, judge,
};
use domain::{Directory, RecipientId, RuleId, Timestamp};
use mail::{Address, Message};
use serde_json::{Value, json};
use store::WriteSet;
use store::trace::{TraceEvent, TraceKind};

use crate::App;
use crate::acceptance::RuleNote;
use crate::envelope::Envelope;

pub(crate) use header::changed as with_changed_header;
pub(crate) use journal::Journaled;
pub use rehearse::{Rehearsal, RehearsedMail};

/// Who hands a message in, and in whose name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hand<'a> {
    pub(crate) actor: Option<RecipientId>,
    pub(crate) represented: Option<RecipientId>,
    pub(crate) author: Option<&'a Address>,
}

impl Hand<'_> {
    fn origin(&self) -> Origin {
        if self.actor.is_some() { Origin::Authenticated } else { Origin::Outside }
    }
}

/// A message that is to be accepted, as far as rules look at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) hand: Hand<'a>,
    pub(crate) envelope: &'a Envelope,
    pub(crate) message: &'a Message,
    /// The name under which this server leaves its trace.
    pub(crate) hostname: &'a str,
    pub(crate) now: Timestamp,
}

/// What the mail flow rules say of a message; `None` where there is no rule.
pub(crate) fn verdict(directory: &Directory, candidate: &Candidate<'_>) -> Option<Verdict> {
    let rules = directory.rules().filter(|rules| !rules.transport.is_empty())?;
    let recipients = candidate.envelope.addresses();
    let facts = Facts {
        origin: candidate.hand.origin(),
        actor: candidate.hand.actor,
        represented: candidate.hand.represented,
        author: candidate.hand.author,
        reverse_path: candidate.envelope.reverse_path.address(),
        recipients: &recipients,
        message: candidate.message,
        passes: mail::count_received_by(candidate.message, candidate.hostname),
        now: candidate.now,
        attachments: OnceCell::new(),
    };
    Some(judge(&rules.transport, directory, &facts))
}

/// Where a message goes after the rules were asked.
pub(crate) fn expanded(
    directory: &Directory,
    verdict: Option<&Verdict>,
    envelope: &Envelope,
) -> Expansion {
    match verdict.and_then(|verdict| verdict.recipients.as_deref()) {
        Some(recipients) => routing::expand(directory, recipients),
        None => routing::expand(directory, &envelope.addresses()),
    }
}

/// The subject of a message after the rules were asked.
pub(crate) fn subject(message: &Message, verdict: Option<&Verdict>) -> String {
    let written = crate::submit::subject(message);
    let prefix = verdict.map(|verdict| header::prefix(&verdict.header)).unwrap_or_default();
    if prefix.is_empty() { written } else { format!("{prefix} {written}").trim_end().to_owned() }
}

/// The journal reports that are to be written of a message.
pub(crate) fn reports(
    directory: &Directory,
    hand: &Hand<'_>,
    expansion: &Expansion,
) -> Vec<JournalCopy> {
    let Some(rules) = directory.rules() else { return Vec::new() };
    let facts = JournalFacts {
        origin: hand.origin(),
        actor: hand.actor,
        represented: hand.represented,
        author: hand.author,
        expansion,
    };
    journal_copies(&rules.journal, directory, &facts)
}

/// A message that a rule refuses, with what its sender is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The rule's name, for the trace and the administrators; the sender is not told.
    pub rule: String,
    /// The `x` of the enhanced status code `5.7.x`; `None` where the message is in a loop.
    pub detail: Option<u16>,
    /// What the sender is told.
    pub text: String,
    /// The number of the refusal in the trace.
    pub reference: String,
    /// The page that says why, for those who have a login.
    pub page: Option<String>,
}

/// What the trace tells of a refused message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refused<'a> {
    pub(crate) refusal: &'a RuleRefusal,
    pub(crate) login: Option<&'a str>,
    pub(crate) message: &'a Message,
    pub(crate) author: &'a str,
}

impl App {
    /// Gives a refusal by a rule its reference and leaves a trace of it. Like every refusal it does
    /// not wait for the disk.
    pub(crate) async fn record_rejection(
        &self,
        refused: &Refused<'_>,
        now: Timestamp,
    ) -> Result<Rejection, store::Failure> {
        let id = self.store.next_id().await?;
        let Refused { refusal, login, message, author } = *refused;
        let reference = crate::refusals::reference(id, self.fill_random);
        let detail = json!({
            "reason": RULE_REASON,
            "rule": refusal.name,
            "ruleId": refusal.rule.0,
            "advice": refusal.text,
        });
        let event = TraceEvent {
            id,
            at: now,
            message: None,
            internet_message_id: mail::read_message_id(message).map(str::to_owned),
            kind: TraceKind::Refuse,
            sender: Some(author.to_owned()),
            recipient: None,
            subject: Some(crate::submit::subject(message)),
            size_bytes: i64::try_from(message.raw().len()).ok(),
            actor: login.map(str::to_owned),
            detail: detail.to_string(),
            reference: Some(reference.clone()),
        };
        let mut set = WriteSet::new();
        store::trace::record(&mut set, &event);
        self.later.commit(set).await;
        tracing::info!(rule = %refusal.name, reference, "message refused by a rule");
        let has_page = login.is_some() && self.settings.public_url.is_some();
        Ok(Rejection {
            rule: refusal.name.clone(),
            detail: refusal.detail,
            text: refusal.text.clone(),
            page: has_page.then(|| self.settings.page(&format!("/why/{reference}"))),
            reference,
        })
    }
}

/// The reason of a refusal by a rule, in the trace.
pub(crate) const RULE_REASON: &str = "rule";

/// What the trace keeps of the rules that acted, or would have: the recipient it is about, if it
/// is about one, and the details.
pub(crate) fn trace_details<'a>(verdict: &'a Verdict, envelope: &'a Envelope) -> Vec<RuleNote<'a>> {
    let mut told = Vec::new();
    for outcome in &verdict.outcomes {
        let (mode, effects) = match &outcome.result {
            RuleResult::Acted(effects) => ("Enforce", effects),
            RuleResult::WouldAct(effects) => ("Audit", effects),
            _ => continue,
        };
        told.push((None, told_of(outcome, mode, effects)));
    }
    let Some(recipients) = &verdict.recipients else { return told };
    // Whoever was left out is named: every recipient has a fate.
    let by = verdict.outcomes.iter().rev().find(|outcome| redirects(&outcome.result));
    if let Some(by) = by {
        let left_out = envelope.recipients.iter().filter(|to| !recipients.contains(&to.address));
        told.extend(left_out.map(|to| {
            let effects = ["redirected to another recipient".to_owned()];
            let detail = json!({
                "rule": by.name, "ruleId": by.rule.0, "mode": "Enforce", "did": effects,
            });
            (Some(&to.address), detail)
        }));
    }
    told
}

fn redirects(result: &RuleResult) -> bool {
    let RuleResult::Acted(effects) = result else { return false };
    effects.iter().any(|effect| matches!(effect, Effect::Redirected(_)))
}

fn told_of(outcome: &RuleOutcome, mode: &str, effects: &[Effect]) -> Value {
    let RuleId(id) = outcome.rule;
    let did: Vec<String> = effects.iter().map(sentence).collect();
    json!({ "rule": outcome.name, "ruleId": id, "mode": mode, "did": did })
}

/// What a rule did, for the trace.
pub fn sentence(effect: &Effect) -> String {
    match effect {
        Effect::Rejected => "rejected".to_owned(),
        Effect::FoundLoop => "rejected as being in a loop".to_owned(),
        Effect::BlindCopied(to) => format!("blind copied to {to}"),
        Effect::RecipientAdded(to) => format!("added the recipient {to}"),
        Effect::Redirected(to) => format!("redirected to {to}"),
        Effect::AlreadyRecipient(to) => format!("{to} was a recipient already"),
        Effect::RecipientGone(to) => format!("could not be sent to {to}: nobody is there"),
        Effect::HeaderSet(name) => format!("set the field {name}"),
        Effect::HeaderRemoved(name) => format!("removed the field {name}"),
        Effect::SubjectPrepended(text) => format!("put \"{text}\" before the subject"),
        Effect::SubjectLeft(text) => format!("left the subject, which has \"{text}\" already"),
        Effect::Stopped => "stopped the rules behind it".to_owned(),
    }
}
