//! What the mail flow rules do to one message, and why: one function for acceptance and for the dry
//! run.

use std::borrow::Cow;

use mail::Address;

use super::action::Action;
use super::facts::Facts;
use super::party::Party;
use super::{Mode, SenderAddressLocation, TransportRule};
use crate::directory::Directory;
use crate::id::RuleId;
use crate::routing::{self, Origin};

/// How often a message may have been here before and still be sent on by a rule. More is taken for
/// a loop between a rule and a forwarding elsewhere, and refused: to go on without the rule would
/// let a sender escape it by forging the trace.
pub const RULE_PASSES_MAX: usize = 4;

/// What the rules do to a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// That it is refused.
    pub refusal: Option<RuleRefusal>,
    /// The envelope recipients that it has now; `None` where they are as they were.
    pub recipients: Option<Vec<Address>>,
    /// Those of them that nobody is to learn of.
    pub blind: Vec<Address>,
    /// What becomes of the header, in this order.
    pub header: Vec<HeaderChange>,
    /// What became of each rule, in their order.
    pub outcomes: Vec<RuleOutcome>,
}

/// A message that a rule refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRefusal {
    /// The rule.
    pub rule: RuleId,
    /// Its name.
    pub name: String,
    /// The `x` of the enhanced status code `5.7.x`; `None` where it is in a loop.
    pub detail: Option<u16>,
    /// What the sender is told.
    pub text: String,
}

/// A change of the header section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderChange {
    /// A field gets a value, whether it was there or not.
    Set {
        /// Its name.
        name: String,
        /// The value: any text.
        value: String,
    },
    /// Fields of this name go.
    Remove(String),
    /// The subject begins with this and a space.
    PrependSubject(String),
    /// `To` names this address too.
    AddTo(Address),
}

/// What became of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleOutcome {
    /// The rule.
    pub rule: RuleId,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub result: Result,
}

/// Whether a rule acted, and if not why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Result {
    /// It is disabled.
    Disabled,
    /// It is not in force yet, or no more.
    OutOfTime,
    /// The condition at this place does not hold.
    Unmet(usize),
    /// The exception at this place holds.
    Excepted(usize),
    /// A rule before it ended the matter.
    NotReached,
    /// It did this.
    Acted(Vec<Effect>),
    /// It would have done this, but only watches.
    WouldAct(Vec<Effect>),
}

/// One thing that a rule did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Refused the message.
    Rejected,
    /// Refused it as being in a loop.
    FoundLoop,
    /// Sent a blind copy there.
    BlindCopied(Address),
    /// Added this recipient.
    RecipientAdded(Address),
    /// Sent it there instead.
    Redirected(Address),
    /// Did not add what was a recipient already.
    AlreadyRecipient(Address),
    /// Did not send it to a recipient that is gone.
    RecipientGone(String),
    /// Wrote this field.
    HeaderSet(String),
    /// Removed these fields.
    HeaderRemoved(String),
    /// Put this before the subject.
    SubjectPrepended(String),
    /// Left the subject, which has the text already.
    SubjectLeft(String),
    /// Ended the matter.
    Stopped,
}

/// Says what the rules do to a message. They are asked in their order; each sees what those before
/// it did. Costs one pass over the rules; what is attached is looked at once, if a rule asks.
pub fn judge(rules: &[TransportRule], directory: &Directory, facts: &Facts<'_>) -> Verdict {
    let mut standing = Standing {
        directory,
        facts,
        recipients: Cow::Borrowed(facts.recipients),
        blind: Vec::new(),
        header: Vec::new(),
        refusal: None,
        is_stopped: false,
    };
    let mut outcomes = Vec::with_capacity(rules.len());
    for rule in rules {
        let result = standing.ask(rule);
        outcomes.push(RuleOutcome { rule: rule.id, name: rule.name.clone(), result });
    }
    let recipients = match standing.recipients {
        Cow::Owned(list) if list != facts.recipients => Some(list),
        Cow::Owned(_) | Cow::Borrowed(_) => None,
    };
    let Standing { blind, header, refusal, .. } = standing;
    Verdict { refusal, recipients, blind, header, outcomes }
}

/// A message on its way through the rules.
#[derive(Debug, Clone)]
pub(super) struct Standing<'a> {
    pub(super) directory: &'a Directory,
    pub(super) facts: &'a Facts<'a>,
    pub(super) recipients: Cow<'a, [Address]>,
    blind: Vec<Address>,
    header: Vec<HeaderChange>,
    refusal: Option<RuleRefusal>,
    is_stopped: bool,
}

impl<'a> Standing<'a> {
    /// The sender's addresses that a rule looks at.
    pub(super) fn senders(
        &self,
        location: SenderAddressLocation,
    ) -> impl Iterator<Item = &'a Address> {
        let (author, path) = (self.facts.author, self.facts.reverse_path);
        let looked_at = match location {
            SenderAddressLocation::Header => [author, None],
            SenderAddressLocation::Envelope => [path, None],
            SenderAddressLocation::HeaderOrEnvelope => [author, path],
        };
        looked_at.into_iter().flatten()
    }

    /// The subject as it is now.
    pub(super) fn subject(&self) -> String {
        let first = self.facts.message.first_field("Subject");
        let mut subject = first.map(|field| field.decoded()).unwrap_or_default();
        for change in &self.header {
            if let HeaderChange::PrependSubject(text) = change {
                subject = format!("{text} {subject}");
            }
        }
        subject
    }

    /// The values of the fields of this name as they are now.
    pub(super) fn values_of(&self, name: &str) -> Vec<String> {
        if name.eq_ignore_ascii_case("Subject") {
            return vec![self.subject()];
        }
        let mut values: Vec<String> =
            self.facts.message.fields_named(name).map(|field| field.decoded()).collect();
        for change in &self.header {
            match change {
                HeaderChange::Set { name: set, value } if set.eq_ignore_ascii_case(name) => {
                    values = vec![value.clone()];
                }
                HeaderChange::Remove(removed) if removed.eq_ignore_ascii_case(name) => {
                    values.clear();
                }
                _ => {}
            }
        }
        values
    }

    fn ask(&mut self, rule: &TransportRule) -> Result {
        let body = &rule.body;
        if self.is_stopped {
            return Result::NotReached;
        }
        if !rule.is_enabled {
            return Result::Disabled;
        }
        if !body.is_in_time(self.facts.now) {
            return Result::OutOfTime;
        }
        let location = body.sender_address_location;
        if let Some(unmet) = body.conditions.iter().position(|it| !it.holds(self, location)) {
            return Result::Unmet(unmet);
        }
        if let Some(met) = body.exceptions.iter().position(|it| it.holds(self, location)) {
            return Result::Excepted(met);
        }
        match body.mode {
            Mode::Enforce => Result::Acted(self.act(rule)),
            Mode::Audit => Result::WouldAct(self.clone().act(rule)),
        }
    }

    fn act(&mut self, rule: &TransportRule) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.loops_through(rule) {
            let text = "the message was here before: a rule and a forwarding elsewhere send it \
                        round in a loop";
            self.refuse(rule, None, text);
            return vec![Effect::FoundLoop];
        }
        for action in &rule.body.actions {
            match action {
                Action::Reject { detail, text } => {
                    self.refuse(rule, Some(*detail), text);
                    effects.push(Effect::Rejected);
                }
                Action::BlindCopyTo(parties) => {
                    self.add(parties, &mut effects, |this, to| {
                        this.blind.push(to.clone());
                        Effect::BlindCopied(to)
                    });
                }
                Action::AddToRecipients(parties) => {
                    self.add(parties, &mut effects, |this, to| {
                        this.header.push(HeaderChange::AddTo(to.clone()));
                        Effect::RecipientAdded(to)
                    });
                }
                Action::RedirectMessageTo(parties) => self.redirect(parties, &mut effects),
                Action::SetHeader { name, value } => {
                    let (set, value) = (name.clone(), value.clone());
                    self.header.push(HeaderChange::Set { name: set, value });
                    effects.push(Effect::HeaderSet(name.clone()));
                }
                Action::RemoveHeader(name) => {
                    self.header.push(HeaderChange::Remove(name.clone()));
                    effects.push(Effect::HeaderRemoved(name.clone()));
                }
                Action::PrependSubject(text) if self.subject().contains(text) => {
                    effects.push(Effect::SubjectLeft(text.clone()));
                }
                Action::PrependSubject(text) => {
                    self.header.push(HeaderChange::PrependSubject(text.clone()));
                    effects.push(Effect::SubjectPrepended(text.clone()));
                }
            }
        }
        if rule.body.stops_processing {
            self.is_stopped = true;
            effects.push(Effect::Stopped);
        }
        effects
    }

    /// RFC 5321 §6.3 leaves it to us how loops are found, as long as they are.
    fn loops_through(&self, rule: &TransportRule) -> bool {
        let sends_on = rule.body.actions.iter().any(|action| {
            matches!(
                action,
                Action::BlindCopyTo(_) | Action::AddToRecipients(_) | Action::RedirectMessageTo(_)
            )
        });
        sends_on && self.facts.origin == Origin::Outside && self.facts.passes > RULE_PASSES_MAX
    }

    fn refuse(&mut self, rule: &TransportRule, detail: Option<u16>, text: &str) {
        self.is_stopped = true;
        let (name, text) = (rule.name.clone(), text.to_owned());
        self.refusal = Some(RuleRefusal { rule: rule.id, name, detail, text });
    }

    fn add(
        &mut self,
        parties: &[Party],
        effects: &mut Vec<Effect>,
        note: impl Fn(&mut Standing<'a>, Address) -> Effect,
    ) {
        for party in parties {
            let Some(to) = self.reachable(party) else {
                effects.push(Effect::RecipientGone(party.shown(self.directory)));
                continue;
            };
            if self.recipients.iter().any(|known| known.key() == to.key()) {
                effects.push(Effect::AlreadyRecipient(to));
                continue;
            }
            self.recipients.to_mut().push(to.clone());
            effects.push(note(self, to));
        }
    }

    /// Blind copies that rules before have made stay. Where nobody is left to redirect to, the
    /// message goes where it was going.
    fn redirect(&mut self, parties: &[Party], effects: &mut Vec<Effect>) {
        let mut targets: Vec<Address> = Vec::with_capacity(parties.len());
        for party in parties {
            match self.reachable(party) {
                Some(to) if targets.contains(&to) => {}
                Some(to) => targets.push(to),
                None => effects.push(Effect::RecipientGone(party.shown(self.directory))),
            }
        }
        if targets.is_empty() {
            return;
        }
        effects.extend(targets.iter().cloned().map(Effect::Redirected));
        self.blind.retain(|copy| !targets.contains(copy));
        targets.extend(self.blind.iter().cloned());
        self.recipients = Cow::Owned(targets);
    }

    /// Where mail to a party goes, if anybody is there.
    fn reachable(&self, party: &Party) -> Option<Address> {
        let address = party.address(self.directory)?;
        let is_taken = routing::admit(self.directory, address, Origin::Authenticated).is_ok();
        is_taken.then(|| address.clone())
    }
}
